// SPDX-License-Identifier: GPL-2.0
/*
 * The screen of tripctl top, from top to bottom: all in one line, the last
 * minute, tables (as many as there is room for), pauses, keys. It is drawn anew
 * as a whole; ncurses sends what differs.
 */
#include "screen.h"

#include <curses.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/tripmap_names.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "histogram.h"
#include "stop.h"
#include "types.h"
#include "when.h"

#define WIDTH_MIN	60
#define HEIGHT_MIN	14
#define KEY_ESC		27
#define KIND_WIDTH	10
#define CPU_WIDTH	8
#define RED		1	/* colour pair of tables that have violations just now */

enum view { TABLES, DETAILS, HELP };

struct screen {
	struct top	top;
	const struct screen_source *source;
	enum view	view;
	uint32_t	id;		/* of the table that is picked; 0: the first one */
	size_t		first;		/* row at the top */
	bool		frozen;
	bool		quit;
	bool		utf8;
	uint64_t	next_ms;	/* when the next snapshot is due */
	uint64_t	taken;
	struct counters	counters;	/* DETAILS: of the table; so the pauses */
	struct pauses	pauses;
	int		y;		/* line that is drawn next */
};

static uint64_t now_ms(void)
{
	return mono_ns() / 1000000;
}

/* --- lines --- */

static bool room(const struct screen *s)
{
	return s->y < LINES - 1;	/* the last one is the keys' */
}

/* A line, cut to the width. */
static void line(struct screen *s, attr_t attr, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static void line(struct screen *s, attr_t attr, const char *format, ...)
{
	char text[512];
	va_list ap;

	if (!room(s))
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	attrset((int)attr);
	mvaddnstr(s->y, 0, text, COLS);
	if (attr & A_REVERSE)
		for (int x = getcurx(stdscr); x < COLS && getcury(stdscr) == s->y; x++)
			addch(' ');
	attrset(A_NORMAL);
	s->y++;
}

static void put_title(struct screen *s)
{
	const struct snapshot *now = s->top.now;
	uint64_t entries = 0, violations = 0;
	char when[TIME_TEXT], interval[32];
	double more = 0;

	for (size_t i = 0; i < s->top.nrows; i++) {
		entries += s->top.row[i].s->t.entries;
		violations += s->top.row[i].s->t.violations;
		more += s->top.row[i].violations;
	}
	time_text(real_of(now->time), when);
	duration_text(s->source->interval_ms, interval, sizeof(interval));
	line(s, A_BOLD, "tripmap %.8s %s%s  %zu tables  %" PRIu64 " entries  %" PRIu64
	     " violations (+%.1f/s)", when + 11, s->frozen ? "" : "every ",
	     s->frozen ? "FROZEN" : interval, now->ntables, entries, violations, more);
}

/* The last minute, the newest second to the right. */
static void put_past(struct screen *s, const struct past *p, bool counted)
{
	char label[64], now[RATE_TEXT], most[RATE_TEXT];
	double top = past_most(p);
	int width;

	snprintf(label, sizeof(label), "%s/s %s (most %s) ", counted ? "writes" : "change",
		 rate_text(past_now(p), now), rate_text(top, most));
	line(s, A_NORMAL, "%s", label);
	width = COLS - (int)strlen(label);
	for (int ago = (width < MINUTE ? width : MINUTE) - 1; ago >= 0; ago--)
		addstr(spark(past_rate(p, (unsigned int)ago), top, s->utf8));
}

/* --- tables --- */

static bool memory_fits(void)
{
	return COLS >= 90;
}

static int name_width(void)
{
	int width = COLS - 59 - (memory_fits() ? 11 : 0);

	return width > NAME_SIZE ? NAME_SIZE : width;
}

static void put_heading(const struct screen *s, enum top_column c, int width)
{
	bool sorted = c == s->top.sort;

	attrset(A_BOLD | (sorted ? A_UNDERLINE : 0));
	printw("%*s", width, top_column_name(c));
	attrset(A_BOLD);
	addch(sorted ? s->top.reverse ? '^' : 'v' : ' ');
	attrset(A_NORMAL);
}

static void put_headings(struct screen *s)
{
	static const struct {
		enum top_column	column;
		int		width;
	} columns[] = {
		{ TOP_WRITES, 9 }, { TOP_CHANGE, 9 }, { TOP_ENTRIES, 10 }, { TOP_LOAD, 5 },
		{ TOP_GROWTH, 13 }, { TOP_VIOLATIONS, 7 },
	};

	move(s->y++, 0);
	put_heading(s, TOP_NAME, -name_width());
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		put_heading(s, columns[i].column, columns[i].width - 1);
	if (memory_fits())
		put_heading(s, TOP_MEMORY, 10);
}

/* "-" for what is not counted; "~" for what is known of a share only. */
static const char *writes_text(const struct top_row *r, char *buf)
{
	const struct pause *p = pauses_find(&r->s->pauses, TRIPMAP_PAUSE_KIND_WRITE);
	char rate[RATE_TEXT];

	if (!r->counted)
		snprintf(buf, RATE_TEXT + 1, "-");
	else
		snprintf(buf, RATE_TEXT + 1, "%s%s", p->share > 1 ? "~" : "",
			 rate_text(r->writes, rate));
	return buf;
}

static void put_row(struct screen *s, const struct top_row *r, bool picked)
{
	char writes[RATE_TEXT + 1], change[RATE_TEXT], growth[32], memory[RATE_TEXT] = "";
	const struct table *t = &r->s->t;
	int width = name_width();

	if (r->known)
		rate_text(r->change, change);
	if (memory_fits())
		rate_text((double)t->memory, memory);
	line(s, (picked ? A_REVERSE : t->frozen ? A_DIM : A_NORMAL) |
	     (r->violations > 0 ? COLOR_PAIR(RED) | A_BOLD : 0),
	     "%-*.*s %8s%9s%10" PRIu64 "%6.*f%14s%7" PRIu64 "%*s", width, width, t->name,
	     writes_text(r, writes), r->known ? change : "-", t->entries,
	     r->load < 100 ? 2 : 0, r->load,
	     growth_text(r, growth, sizeof(growth)), t->violations, memory_fits() ? 11 : 0,
	     memory);
}

static size_t picked_row(const struct screen *s)
{
	for (size_t i = 0; i < s->top.nrows; i++)
		if (s->top.row[i].s->t.id == s->id)
			return i;
	return 0;
}

static void put_tables(struct screen *s, int lines)
{
	size_t picked = picked_row(s);

	put_headings(s);
	lines--;
	if (picked < s->first)
		s->first = picked;
	if (picked >= s->first + (size_t)lines)
		s->first = picked - (size_t)lines + 1;
	if (!s->top.nrows)
		line(s, A_NORMAL, "there are no tables");
	for (size_t i = s->first; i < s->top.nrows && lines > 0; i++, lines--)
		put_row(s, &s->top.row[i], i == picked);
}

/* --- pauses --- */

static uint32_t cpus_shown(const struct screen *s)
{
	uint32_t n = top_cpus(&s->top), fit = (uint32_t)(COLS - 44) / CPU_WIDTH;

	return n < fit ? n : fit;
}

static void put_cpus(struct screen *s, unsigned int kind)
{
	for (uint32_t cpu = 0; cpu < cpus_shown(s); cpu++) {
		double rate = top_cpu_rate(&s->top, kind, cpu);
		char text[RATE_TEXT];

		printw("%*s", CPU_WIDTH, rate < 0 ? "-" : rate_text(rate, text));
	}
}

static void put_quantiles(struct screen *s, const char *name, const char *count,
			  const struct pause *p)
{
	char text[3][SPAN_TEXT];

	line(s, A_NORMAL, "%-*s%7s%9s%9s%9s", KIND_WIDTH, name, count,
	     span_text(pause_quantile(p, 500), text[0]),
	     span_text(pause_quantile(p, 990), text[1]),
	     span_text(pause_quantile(p, 1000), text[2]));
}

static void put_kind(struct screen *s, unsigned int kind)
{
	const char *name = tripmap_pause_kind_name(kind);
	char rate[RATE_TEXT];
	struct pause p;

	if (top_pauses(&s->top, kind, &p) && p.count)
		put_quantiles(s, name, rate_text((double)p.count / top_seconds(&s->top), rate), &p);
	else
		line(s, A_NORMAL, "%-*s%7s%9s%9s%9s", KIND_WIDTH, name, "0", "-", "-", "-");
	put_cpus(s, kind);
}

static void pauses_heading(struct screen *s)
{
	uint32_t n = top_cpus(&s->top);

	line(s, A_BOLD, "%-*s%7s%9s%9s%9s", KIND_WIDTH, "PAUSES", "/S", "HALF", "99%", "MOST");
	attrset(A_BOLD);
	for (uint32_t cpu = 0; cpu < cpus_shown(s); cpu++)
		printw("%*s%" PRIu32, CPU_WIDTH - (cpu < 10 ? 1 : cpu < 100 ? 2 : 3), "CPU", cpu);
	if (cpus_shown(s) < n && COLS - getcurx(stdscr) > 5)
		printw(" +%" PRIu32, n - cpus_shown(s));
	attrset(A_NORMAL);
}

static bool pauses_counted(const struct screen *s)
{
	return s->top.now->pauses.n && s->top.now->pauses.p[0].state;
}

static int pauses_height(const struct screen *s)
{
	return pauses_counted(s) ? NKINDS + 1 : 1;
}

static void put_pauses(struct screen *s)
{
	if (!pauses_counted(s)) {
		line(s, A_BOLD, "pauses are not counted (tripctl pause on)");
		return;
	}
	pauses_heading(s);
	for (unsigned int kind = 0; kind < NKINDS && room(s); kind++)
		put_kind(s, kind);
}

/* --- one table --- */

/* Those of violations that never were tell nothing. */
static bool tells(const struct counter *c)
{
	return strncmp(c->name, "violations-", 11) || c->value;
}

/* In two columns, down the first one and then down the other. */
static void put_counters(struct screen *s)
{
	int width = COLS / 2, n = 0, told = 0, height;

	for (size_t i = 0; i < s->counters.n; i++)
		told += tells(&s->counters.c[i]);
	height = (told + 1) / 2;
	for (size_t i = 0; i < s->counters.n; i++) {
		const struct counter *c = &s->counters.c[i];

		if (!tells(c))
			continue;
		if (s->y + n % height < LINES - 1)
			mvprintw(s->y + n % height, n / height * width, "%-26.26s%12" PRIu64,
				 c->name, c->value);
		n++;
	}
	s->y += height + 1;
}

/* Since they are counted; kinds that there were none of are left out. */
static void put_table_pauses(struct screen *s)
{
	char count[RATE_TEXT];

	if (!s->pauses.n || !s->pauses.p[0].since)
		return;
	line(s, A_BOLD, "%-*s%7s%9s%9s%9s  (all that were counted)", KIND_WIDTH, "PAUSES",
	     "COUNT", "HALF", "99%", "MOST");
	for (size_t i = 0; i < s->pauses.n; i++) {
		const struct pause *p = &s->pauses.p[i];
		const char *name = tripmap_pause_kind_name(p->kind);

		if (p->count)
			put_quantiles(s, name ? name : "unknown",
				      rate_text((double)p->count, count), p);
	}
}

static void put_details(struct screen *s)
{
	const struct top_row *r = &s->top.row[picked_row(s)];
	char key[32], value[32], growth[32], writes[RATE_TEXT + 1], change[RATE_TEXT];
	const struct past *p = top_past(&s->top, s->id);
	const struct table *t = &r->s->t;

	if (!s->top.nrows || t->id != s->id) {
		line(s, A_BOLD, "the table is gone");
		return;
	}
	field_name(&t->key, key, sizeof(key));
	field_name(&t->value, value, sizeof(value));
	line(s, A_BOLD, "%s", t->name);
	line(s, A_NORMAL, "%s  key %s  value %s  %u shard%s%s", tripmap_contract_name(t->contract),
	     key, value, t->shards, t->shards == 1 ? "" : "s", t->frozen ? "  frozen" : "");
	if (p)
		put_past(s, p, r->counted);
	line(s, A_NORMAL, "writes/s %s  change/s %s  load %.2f  resize %s", writes_text(r, writes),
	     rate_text(r->change, change), r->load, growth_text(r, growth, sizeof(growth)));
	s->y++;
	put_counters(s);
	put_table_pauses(s);
}

/* --- help and keys --- */

static const char * const help[] = {
	"s S     sort by the next column, by the one before",
	"r       turn the order round",
	"up down pick a table (also k j)",
	"enter   all about the table; left or escape back",
	"p       freeze the screen, and go on",
	"h       this page",
	"q       quit",
	"",
	"The second line is of all tables; of other namespaces' too, while pauses are counted.",
	"WRITES/S  writes a second, while pauses are counted; ~ where a share of them is",
	"CHANGE/S  entries a second, more or fewer",
	"LOAD      entries a bucket; the table grows above 6.5",
	"PAUSES    how many of a kind ended since the screen before, how long the middle",
	"          one, 99% and the longest of them took, and on which CPU they were",
};

static void put_help(struct screen *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(help); i++)
		line(s, A_NORMAL, "%s", help[i]);
}

static void put_keys(const struct screen *s)
{
	static const char * const keys[] = {
		[TABLES] = "q quit  s sort  r reverse  up/down pick  enter details  p freeze  h help",
		[DETAILS] = "q quit  esc back  up/down next table  p freeze  h help",
		[HELP] = "any key: back",
	};

	attrset(A_REVERSE);
	mvprintw(LINES - 1, 0, "%-*.*s", COLS - 1, COLS - 1, keys[s->view]);
	attrset(A_NORMAL);
}

static void draw(struct screen *s)
{
	erase();
	s->y = 0;
	if (COLS < WIDTH_MIN || LINES < HEIGHT_MIN) {
		mvprintw(0, 0, "%d columns and %d lines are needed", WIDTH_MIN, HEIGHT_MIN);
		refresh();
		return;
	}
	put_title(s);
	if (s->view == HELP) {
		put_help(s);
	} else if (s->view == DETAILS) {
		put_details(s);
	} else {
		put_past(s, &s->top.past, s->top.counted);
		put_tables(s, LINES - 4 - pauses_height(s));
		s->y = LINES - 1 - pauses_height(s);
		put_pauses(s);
	}
	put_keys(s);
	refresh();
}

/* --- keys --- */

static void pick(struct screen *s, int step)
{
	size_t row = picked_row(s);

	if (!s->top.nrows)
		return;
	if (step < 0 && row)
		row--;
	else if (step > 0 && row + 1 < s->top.nrows)
		row++;
	s->id = s->top.row[row].s->t.id;
}

static void free_details(struct screen *s)
{
	free(s->counters.c);
	free(s->pauses.p);
	s->counters = (struct counters){ 0 };
	s->pauses = (struct pauses){ 0 };
}

/* The details are those of the table that is picked. */
static void refill(struct screen *s)
{
	const struct snapshot_table *t = snapshot_find(s->top.now, s->id);

	free_details(s);
	if (t && s->view == DETAILS)
		s->source->details(s->source->arg, &t->t, &s->counters, &s->pauses);
}

static void sort_by(struct screen *s, int step)
{
	s->top.sort = (s->top.sort + TOP_COLUMNS + (unsigned int)step) % TOP_COLUMNS;
	top_sort(&s->top);
}

/* A key of the screen of tables or of one table. */
static void take_key(struct screen *s, int key)
{
	switch (key) {
	case 's':
	case '>':
		return sort_by(s, 1);
	case 'S':
	case '<':
		return sort_by(s, -1);
	case 'r':
		s->top.reverse = !s->top.reverse;
		return top_sort(&s->top);
	case KEY_UP:
	case 'k':
		return pick(s, -1);
	case KEY_DOWN:
	case 'j':
		return pick(s, 1);
	case '\n':
	case KEY_ENTER:
		pick(s, 0);
		s->view = DETAILS;
		return;
	case KEY_ESC:
	case KEY_LEFT:
	case KEY_BACKSPACE:
		s->view = TABLES;
		return;
	case 'p':
	case ' ':
		s->frozen = !s->frozen;
		return;
	case 'h':
	case '?':
		s->view = HELP;
	}
}

/* Where the terminal is gone nobody presses a key, and waiting for one takes no time. */
static bool hung_up(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&p, 1, 0) > 0 && p.revents & (POLLHUP | POLLERR | POLLNVAL);
}

static void on_key(struct screen *s, int key)
{
	if (key == ERR)
		s->quit = hung_up();
	if (key == ERR || key == KEY_RESIZE)
		return;
	if (key == 'q')
		s->quit = true;
	else if (s->view == HELP)
		s->view = TABLES;
	else
		take_key(s, key);
	refill(s);
}

/* --- the loop --- */

static int take(struct screen *s)
{
	struct snapshot *snapshot;
	int err = s->source->take(s->source->arg, &snapshot);

	if (err)
		return err;
	top_add(&s->top, snapshot);
	s->next_ms = now_ms() + s->source->interval_ms;
	s->taken++;
	refill(s);
	return s->top.failed ? -ENOMEM : 0;
}

static int wait_ms(const struct screen *s)
{
	uint64_t now = now_ms();

	if (s->frozen)
		return -1;
	return now < s->next_ms ? (int)(s->next_ms - now) : 0;
}

static bool over(const struct screen *s)
{
	return s->quit || stopped ||
	       (s->source->count && s->taken >= s->source->count && now_ms() >= s->next_ms);
}

static int loop(struct screen *s)
{
	int err = take(s);

	while (!err && !over(s)) {
		draw(s);
		timeout(wait_ms(s));
		on_key(s, getch());
		if (!s->frozen && !over(s) && now_ms() >= s->next_ms)
			err = take(s);
	}
	return err;
}

static bool begin(void)
{
	setlocale(LC_CTYPE, "");
	if (!newterm(NULL, stdout, stdin))
		return false;
	stop_on_signals();
	cbreak();
	noecho();
	curs_set(0);
	set_escdelay(50);
	keypad(stdscr, TRUE);
	if (!getenv("NO_COLOR") && has_colors() && start_color() == OK) {
		use_default_colors();
		init_pair(RED, COLOR_RED, -1);
	}
	return true;
}

int screen_run(const struct screen_source *source)
{
	struct screen s = { .source = source };
	int err;

	if (!begin())
		return -ENOTTY;
	s.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	err = loop(&s);
	endwin();
	free_details(&s);
	top_free(&s.top);
	return err;
}
