// SPDX-License-Identifier: GPL-2.0
/*
 * JSON: a stack of json-c containers; rows of a list at the top are written
 * and freed as they end, so that a dump of any length takes little memory.
 *
 * Text: facts of an object are held until the object ends or something nests
 * in it, to align them; of a table the first rows are held to find the widths.
 */
#include "out.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "types.h"
#include "when.h"
#include "words.h"

#define DEPTH_MAX	8
#define COLUMNS_MAX	64
#define ROWS_HELD	200	/* rows of a table that decide its widths */
#define LABEL_WIDTH	14	/* of a pair */
#define LIVE_WIDTH	10	/* of a column whose later rows are not known yet */

struct cell {
	char		*key;
	char		*text;
	bool		number;
};

struct level {
	bool		list;
	bool		any;		/* list: a row was begun */
	bool		live;		/* list: rows are shown as they come */
	unsigned int	indent;
	/* object: facts held; list: none */
	struct cell	fact[COLUMNS_MAX];
	unsigned int	nfacts;
	/* list: rows held, widths and headings once they are decided */
	struct cell	*row[ROWS_HELD];
	unsigned int	nrow[ROWS_HELD];
	unsigned int	nrows;
	bool		decided;
	int		width[COLUMNS_MAX];
	struct json_object *json;	/* NULL: written, not kept */
	const char	*key;		/* json: its name in the level around it */
};

static struct {
	bool		json;
	bool		pretty;
	bool		colour;		/* of standard output */
	struct level	level[DEPTH_MAX];
	unsigned int	depth;
	struct json_object *pair[2];	/* json: the two objects being filled */
	const char	*pair_key[2];
} out;

static const char bold[] = "\033[1m", plain[] = "\033[0m";

bool out_colour_wanted(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && !getenv("NO_COLOR") && term && strcmp(term, "dumb");
}

void out_init(bool json, bool pretty)
{
	out.json = json;
	out.pretty = pretty;
	out.colour = !json && out_colour_wanted(STDOUT_FILENO);
}

bool out_is_json(void)
{
	return out.json;
}

bool out_utf8(void)
{
	static const char * const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *v = getenv(names[i]);

		if (v && *v)
			return strcasestr(v, "utf-8") || strcasestr(v, "utf8");
	}
	return false;
}

int out_width(void)
{
	const char *env = getenv("COLUMNS");
	struct winsize ws;
	int width = 100;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) && ws.ws_col)
		width = ws.ws_col;
	else if (env && atoi(env) > 0)
		width = atoi(env);
	return width < 40 ? 40 : width > 200 ? 200 : width;
}

static void *checked(void *p)
{
	if (!p) {
		fputs("tripctl: out of memory\n", stderr);
		exit(CTL_FAILED);
	}
	return p;
}

/* A copy that can be shown anywhere, and in *clean_len its length. */
static char *cleaned(const char *text, size_t len, bool controls, size_t *clean_len)
{
	char *copy = checked(malloc(4 * len + 1));

	*clean_len = text_clean(text, len, controls, copy);
	return copy;
}

/* The same for text only. */
static char *shown(const char *text, size_t len)
{
	size_t unused;

	return cleaned(text, len, true, &unused);
}

/* Columns that a text takes: its characters, as no wide ones are used. */
static int columns(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static void put_padded(const char *text, int width, bool right)
{
	int fill = width - columns(text);

	printf("%*s%s%*s", right && fill > 0 ? fill : 0, "", text, !right && fill > 0 ? fill : 0,
	       "");
}

/* A name as a heading; to the right in a negative width. */
static void put_label(const char *key, int width)
{
	char label[64];
	size_t i;

	for (i = 0; key[i] && i < sizeof(label) - 1; i++)
		label[i] = key[i] == '_' ? ' ' : key[i];
	label[i] = '\0';
	fputs(out.colour ? bold : "", stdout);
	put_padded(label, abs(width), width < 0);
	fputs(out.colour ? plain : "", stdout);
}

static struct level *top(void)
{
	return out.depth ? &out.level[out.depth - 1] : NULL;
}

static void cells_free(struct cell *c, unsigned int n)
{
	while (n--) {
		free(c[n].key);
		free(c[n].text);
	}
}

/* How much of a text goes into a cell: all, up to a blank, or as much as fits. */
static int cell_part(const char *text, int cell)
{
	int n = (int)strnlen(text, (size_t)cell + 1), blank;

	if (n <= cell)
		return n;
	for (blank = cell; blank > 0 && text[blank] != ' '; blank--)
		;
	return blank ? blank : cell;
}

static const char *cell_rest(const char *text, int part)
{
	text += part;
	return text + (*text == ' ');
}

/* Text: name and fact, going on below itself where it is long. */
static void single_line(const char *key, const char *text, int label)
{
	int cell = out_width() - label;

	do {
		int n = cell_part(text, cell);

		put_label(key, label);
		printf("%.*s\n", n, text);
		text = cell_rest(text, n);
		key = "";
	} while (*text);
}

/* Text: name, left and right, both going on below themselves where they are long. */
static void pair_line(const char *key, const char *left, const char *right, int label)
{
	int cell = (out_width() - label - 3) / 2;

	if (!out.pair_key[1])
		return single_line(key, left, label);
	do {
		int l = cell_part(left, cell), r = cell_part(right, cell);

		put_label(key, label);
		printf("%.*s%*s%s%.*s\n", l, left, r ? cell - l : 0, "",
		       r ? " | " : "", r, right);
		left = cell_rest(left, l);
		right = cell_rest(right, r);
		key = "";
	} while (*left || *right);
}

/* The same of texts that may hold anything. */
static void pair_shown(const char *key, const char *left, const char *right, int label)
{
	char *l = shown(left, strlen(left)), *r = shown(right, strlen(right));

	pair_line(key, l, r, label);
	free(l);
	free(r);
}

/* Text: the facts of an object that are held. */
static void facts_flush(struct level *l)
{
	int width = 0;

	for (unsigned int i = 0; i < l->nfacts; i++)
		if ((int)strlen(l->fact[i].key) > width)
			width = (int)strlen(l->fact[i].key);
	for (unsigned int i = 0; i < l->nfacts; i++) {
		printf("%*s", (int)l->indent, "");
		put_label(l->fact[i].key, width + 2);
		puts(l->fact[i].text);
	}
	cells_free(l->fact, l->nfacts);
	l->nfacts = 0;
}

/* Text: one row; the last column is not padded. */
static void row_print(const struct level *l, const struct cell *c, unsigned int n, bool head)
{
	printf("%*s", (int)l->indent, "");
	for (unsigned int i = 0; i < n; i++) {
		bool last = i + 1 == n;

		int width = last && !c[i].number ? 0 : l->width[i];

		if (head)
			put_label(c[i].key, c[i].number ? -width : width);
		else
			put_padded(c[i].text, width, c[i].number);
		fputs(last ? "\n" : "  ", stdout);
	}
}

/* Text: the rows of a table that are held. */
static void rows_flush(struct level *l)
{
	if (!l->decided && l->nrows) {
		for (unsigned int c = 0; c < l->nrow[0]; c++)
			l->width[c] = (int)strlen(l->row[0][c].key);
		for (unsigned int r = 0; r < l->nrows; r++)
			for (unsigned int c = 0; c < l->nrow[r]; c++)
				if (columns(l->row[r][c].text) > l->width[c])
					l->width[c] = columns(l->row[r][c].text);
		for (unsigned int c = 0; l->live && c < l->nrow[0]; c++)
			if (l->width[c] < LIVE_WIDTH)
				l->width[c] = LIVE_WIDTH;
		row_print(l, l->row[0], l->nrow[0], true);
		l->decided = true;
	}
	for (unsigned int r = 0; r < l->nrows; r++) {
		row_print(l, l->row[r], l->nrow[r], false);
		cells_free(l->row[r], l->nrow[r]);
		free(l->row[r]);
	}
	l->nrows = 0;
}

/* Text: the object that ends is a row of its list. */
static void row_keep(struct level *list, struct level *row)
{
	size_t size = row->nfacts * sizeof(row->fact[0]);

	list->row[list->nrows] = checked(malloc(size ? size : 1));
	memcpy(list->row[list->nrows], row->fact, size);
	list->nrow[list->nrows++] = row->nfacts;
	row->nfacts = 0;
	if (list->decided || list->nrows == ROWS_HELD)
		rows_flush(list);
}

static void json_write(struct json_object *o)
{
	int flags = JSON_C_TO_STRING_NOSLASHESCAPE |
		    (out.pretty ? JSON_C_TO_STRING_PRETTY : JSON_C_TO_STRING_PLAIN);

	fputs(json_object_to_json_string_ext(o, flags), stdout);
}

static void json_attach(struct level *to, const char *key, struct json_object *o)
{
	if (to->list)
		json_object_array_add(to->json, o);
	else
		json_object_object_add(to->json, key, o);
}

static void level_open(const char *key, bool list)
{
	struct level *outer = top(), *l;

	if (out.depth == DEPTH_MAX)
		abort();
	l = &out.level[out.depth++];
	memset(l, 0, sizeof(*l));
	l->list = list;
	l->key = key;
	if (out.json) {
		if (outer || !list)	/* rows of a list at the top are written as they end */
			l->json = list ? json_object_new_array() : json_object_new_object();
		return;
	}
	if (!outer)
		return;
	l->indent = outer->indent;
	if (outer->list) {
		outer->any = true;
		return;
	}
	facts_flush(outer);
	if (key) {
		put_label(key, 0);
		puts("");
	}
	l->indent += 2;
}

void out_object(const char *key)
{
	level_open(key, false);
}

void out_list(const char *key)
{
	level_open(key, true);
}

static void json_end(struct level *l, struct level *outer)
{
	if (!l->json) {
		puts(!l->any ? "[]" : out.pretty ? "\n]" : "]");
	} else if (!outer) {
		json_write(l->json);
		puts("");
		json_object_put(l->json);
	} else if (outer->json) {
		json_attach(outer, l->key, l->json);
	} else {
		fputs(outer->any ? "," : "[", stdout);
		fputs(out.pretty ? "\n" : "", stdout);
		outer->any = true;
		json_write(l->json);
		json_object_put(l->json);
	}
}

void out_end_list(const char *none)
{
	struct level *l = top(), *outer;

	out.depth--;
	outer = top();
	if (out.json) {
		json_end(l, outer);
	} else if (l->list) {
		rows_flush(l);
		if (!l->any && none)
			printf("%*s%s\n", (int)l->indent, "", none);
	} else if (outer && outer->list) {
		row_keep(outer, l);
	} else {
		facts_flush(l);
	}
}

void out_end(void)
{
	out_end_list(NULL);
}

void out_end_all(void)
{
	while (out.depth)
		out_end();
	fflush(stdout);
}

void out_break_off(void)
{
	while (out.json && out.depth && (top()->json || !top()->any))
		json_object_put(out.level[--out.depth].json);
	out_end_all();
}

void out_live(void)
{
	if (!out.json && top()) {
		top()->live = true;
		rows_flush(top());
	}
	fflush(stdout);
}

/* A fact of the innermost container; takes over text and o. */
static void fact(const char *key, char *text, bool number, struct json_object *o)
{
	struct level *l = top();

	if (out.json) {
		json_attach(l, key, o);
		free(text);
		return;
	}
	if (l->nfacts == COLUMNS_MAX)
		facts_flush(l);
	l->fact[l->nfacts++] = (struct cell){
		.key = checked(strdup(key)), .text = text, .number = number,
	};
}

static char *vtext(const char *format, va_list ap)
{
	char *text, *clean;

	if (vasprintf(&text, format, ap) < 0)
		text = checked(NULL);
	clean = shown(text, strlen(text));
	free(text);
	return clean;
}

static char *number_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *number_text(const char *format, ...)
{
	va_list ap;
	char *text;

	va_start(ap, format);
	text = vtext(format, ap);
	va_end(ap);
	return text;
}

/* Zero bytes are kept. */
static struct json_object *json_text(const char *text, size_t len)
{
	size_t clean_len;
	char *clean = cleaned(text, len, false, &clean_len);
	struct json_object *o = json_object_new_string_len(clean, (int)clean_len);

	free(clean);
	return o;
}

void out_str(const char *key, const char *text)
{
	fact(key, shown(text, strlen(text)), false,
	     out.json ? json_text(text, strlen(text)) : NULL);
}

void out_fmt(const char *key, const char *format, ...)
{
	va_list ap;
	char *text;

	va_start(ap, format);
	text = vtext(format, ap);
	va_end(ap);
	fact(key, text, false, out.json ? json_object_new_string(text) : NULL);
}

void out_num(const char *key, uint64_t number)
{
	fact(key, number_text("%llu", (unsigned long long)number), true,
	     out.json ? json_object_new_uint64(number) : NULL);
}

/* JSON: to the third place behind the point, which no rate is better than. */
void out_real(const char *key, double number, const char *text)
{
	char digits[64];

	snprintf(digits, sizeof(digits), "%.3f", number);
	fact(key, checked(strdup(text)), true,
	     out.json ? json_object_new_double_s(number, digits) : NULL);
}

void out_unknown(const char *key)
{
	if (!out.json)
		fact(key, checked(strdup("unknown")), false, NULL);
}

void out_none(const char *key)
{
	if (!out.json)
		fact(key, checked(strdup("-")), true, NULL);
}

void out_bool(const char *key, bool yes)
{
	fact(key, number_text("%s", yes ? "yes" : "no"), false,
	     out.json ? json_object_new_boolean(yes) : NULL);
}

void out_size(const char *key, uint64_t bytes)
{
	static const char * const unit[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	double n = (double)bytes;
	size_t u = 0;

	while (n >= 1024 && u + 1 < ARRAY_SIZE(unit)) {
		n /= 1024;
		u++;
	}
	fact(key, number_text(u ? "%.1f %s" : "%.0f %s", n, unit[u]), true,
	     out.json ? json_object_new_uint64(bytes) : NULL);
}

void out_span(const char *key, uint64_t ns)
{
	char text[SPAN_TEXT];

	fact(key, checked(strdup(span_text(ns, text))), true,
	     out.json ? json_object_new_uint64(ns) : NULL);
}

void out_when(const char *key, uint64_t real_ns)
{
	char text[TIME_TEXT];

	fact(key, checked(strdup(time_text(real_ns, text))), false,
	     out.json ? json_object_new_uint64(real_ns) : NULL);
}

static struct json_object *json_value(const struct field *f, const void *data, size_t len,
				      const char *text, size_t text_len)
{
	uint64_t number;

	if (len == f->size && field_to_number(f, data, &number))
		return json_object_new_uint64(number);
	return json_text(text, text_len);
}

void out_value(const char *key, const struct field *f, const void *data, size_t len)
{
	char text[FIELD_TEXT_MAX];
	size_t n = field_to_text(f, data, len, text);
	uint64_t number;

	fact(key, shown(text, n), len == f->size && field_to_number(f, data, &number),
	     out.json ? json_value(f, data, len, text, n) : NULL);
}

void out_bare(const char *key, const struct field *f, const void *data, size_t len)
{
	char text[FIELD_TEXT_MAX], *clean;
	size_t n = field_to_text(f, data, len, text);

	if (out.json) {
		json_attach(top(), key, json_value(f, data, len, text, n));
		return;
	}
	clean = shown(text, n);
	puts(clean);
	free(clean);
}

/* Text, broken at blanks to the width; its first line may stand behind other text. */
static void put_wrapped(const char *text, int indent, int width, bool hanging)
{
	int column = 0;

	if (!hanging)
		printf("%*s", indent, "");
	while (*text) {
		int n = (int)strcspn(text, " ");

		if (column && column + 1 + n > width - indent) {
			printf("\n%*s", indent, "");
			column = 0;
		}
		column += printf("%s%.*s", column ? " " : "", n, text);
		text += n;
		text += strspn(text, " ");
	}
	puts("");
}

void out_sentence(const char *key, const char *format, ...)
{
	struct level *l = top();
	va_list ap;
	char *text;

	va_start(ap, format);
	text = vtext(format, ap);
	va_end(ap);
	if (out.json) {
		json_attach(l, key, json_object_new_string(text));
	} else {
		facts_flush(l);
		put_wrapped(text, (int)l->indent, out_width(), false);
	}
	free(text);
}

void out_text_fact(const char *key, const char *format, ...)
{
	va_list ap;

	if (out.json)
		return;
	va_start(ap, format);
	fact(key, vtext(format, ap), false, NULL);
	va_end(ap);
}

static void paragraph(int indent, bool hanging, const char *format, va_list ap)
{
	char *text;

	if (out.json)
		return;
	if (top())
		facts_flush(top());
	text = vtext(format, ap);
	put_wrapped(text, indent, out_width(), hanging);
	free(text);
}

void out_para(int indent, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	paragraph(indent, false, format, ap);
	va_end(ap);
}

void out_hanging(int indent, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	paragraph(indent, true, format, ap);
	va_end(ap);
}

void out_text(const char *format, ...)
{
	va_list ap;

	if (out.json)
		return;
	if (top())
		facts_flush(top());
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
}

void out_json_str(const char *key, const char *text)
{
	if (out.json)
		json_attach(top(), key, json_text(text, strlen(text)));
}

void out_json_num(const char *key, uint64_t number)
{
	if (out.json)
		json_attach(top(), key, json_object_new_uint64(number));
}

void out_json_int(const char *key, int64_t number)
{
	if (out.json)
		json_attach(top(), key, json_object_new_int64(number));
}

/*
 * Pairs. Text: one line a fact, name, left and right; a side that is too long
 * goes on below itself.
 */
void out_pair(const char *left_key, const char *right_key, const char *left_head,
	      const char *right_head)
{
	out.pair_key[0] = left_key;
	out.pair_key[1] = right_key;
	if (out.json) {
		out.pair[0] = json_object_new_object();
		out.pair[1] = json_object_new_object();
		return;
	}
	facts_flush(top());
	pair_line("", left_head, right_head ? right_head : "", LABEL_WIDTH);
}

static void pair_add(unsigned int side, const char *key, struct json_object *o)
{
	json_object_object_add(out.pair[side], key, o);
}

void out_pair_str(const char *key, const char *left, const char *right)
{
	if (!out.json) {
		pair_shown(key, left ? left : "-", right ? right : "-", LABEL_WIDTH);
		return;
	}
	if (left)
		pair_add(0, key, json_text(left, strlen(left)));
	if (right)
		pair_add(1, key, json_text(right, strlen(right)));
}

void out_pair_num(const char *key, const uint64_t *left, const uint64_t *right)
{
	char text[2][24] = { "-", "-" };

	if (left)
		sprintf(text[0], "%llu", (unsigned long long)*left);
	if (right)
		sprintf(text[1], "%llu", (unsigned long long)*right);
	if (!out.json)
		pair_line(key, text[0], text[1], LABEL_WIDTH);
	if (out.json && left)
		pair_add(0, key, json_object_new_uint64(*left));
	if (out.json && right)
		pair_add(1, key, json_object_new_uint64(*right));
}

static struct json_object *json_words(const char *(*item)(const void *, unsigned int),
				      const void *side)
{
	struct json_object *o = json_object_new_array();

	for (unsigned int i = 0; item(side, i); i++)
		json_object_array_add(o, json_text(item(side, i), strlen(item(side, i))));
	return o;
}

void out_pair_list(const char *key, const char *(*item)(const void *side, unsigned int i),
		   const void *left, const void *right)
{
	if (out.json) {
		pair_add(0, key, json_words(item, left));
		pair_add(1, key, json_words(item, right));
		return;
	}
	pair_line(key, "", "", LABEL_WIDTH);
	for (unsigned int i = 0; item(left, i) || item(right, i); i++) {
		const char *l = item(left, i), *r = item(right, i);

		pair_shown("", l ? l : "", r ? r : "", 2);
	}
}

void out_pair_end(void)
{
	for (unsigned int side = 0; out.json && side < 2; side++) {
		if (out.pair_key[side])
			json_attach(top(), out.pair_key[side], out.pair[side]);
		else
			json_object_put(out.pair[side]);
	}
}

bool out_flush(void)
{
	return !fflush(stdout) && !ferror(stdout);
}
