// SPDX-License-Identifier: GPL-2.0
#include "pause_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/tripmap_names.h>

#include "histogram.h"
#include "out.h"
#include "when.h"

#define BAR_MIN		10	/* columns */

/* What was asked for, and what came. */
struct show {
	const struct pause_query *q;
	const struct pause *pause;
	size_t		n;
};

static const char *kind_name(uint8_t kind)
{
	const char *name = tripmap_pause_kind_name(kind);

	return name ? name : "unknown";
}

static uint64_t until(const struct pause *p)
{
	return p->until ? p->until : p->time;
}

static void tell_scope(const struct pause_query *q)
{
	out_text("pauses of %s%s, ", q->table ? "table " : "all tables", q->table ? q->table : "");
	if (q->has_cpu && q->cpu != PAUSE_EACH_CPU)
		out_text("cpu %" PRIu32, q->cpu);
	else
		out_text(q->has_cpu ? "each cpu" : "all cpus");
}

static void tell_period(const struct pause *p)
{
	char from[TIME_TEXT], to[TIME_TEXT], span[SPAN_TEXT];

	out_text("; %s to %s (%s), %s\n", time_text(real_of(p->since), from),
		 time_text(real_of(until(p)), to), span_text(until(p) - p->since, span),
		 p->state ? "counting goes on" : "not counted since");
}

static void tell_share(const struct pause *p)
{
	if (!HAS(p, TRIPMAP_A_PAUSE_SHARE))
		return;
	if (p->share > 1)
		out_text("1 in %" PRIu32 " writes timed\n", p->share);
	else
		out_text("every write timed\n");
}

/* A table without a place of its own has no figures, which is not the same as none. */
static bool placeless(const struct show *s)
{
	uint64_t count = 0;

	for (size_t i = 0; i < s->n; i++)
		count += s->pause[i].count;
	return s->q->table && s->n && s->pause[0].untracked && !count;
}

static void tell_untracked(const struct show *s)
{
	const struct pause *p = &s->pause[0];

	if (placeless(s))
		out_text("%s may have no place of its own: %" PRIu64 " pauses of such tables count among those of all tables only\n",
			 s->q->table, p->untracked);
	else if (!s->q->table && p->untracked)
		out_text("%" PRIu64 " of them are of tables that have no place of their own, or are gone\n",
			 p->untracked);
}

/* Returns false where there are no figures to show. */
static bool tell_head(const struct show *s)
{
	const struct pause *p = s->pause;

	if (!s->n || !p->since) {
		out_text("no pauses were counted: tripctl pause on begins\n");
		return false;
	}
	tell_scope(s->q);
	tell_period(p);
	tell_share(p);
	tell_untracked(s);
	return true;
}

/* The same in each object, so that a figure taken out of it still says what it is of. */
static void put_period(const struct show *s, const struct pause *p)
{
	if (!out_is_json())
		return;
	if (s->q->table)
		out_str("table", s->q->table);
	out_when("time", real_of(p->time));
	out_num("time_mono", p->time);
	if (p->since) {
		out_when("since", real_of(p->since));
		out_num("since_mono", p->since);
		out_when("until", real_of(until(p)));
		out_num("until_mono", until(p));
	}
	out_bool("counting", p->state);
	if (HAS(p, TRIPMAP_A_PAUSE_SHARE))
		out_num("share", p->share);
	if (HAS(p, TRIPMAP_A_PAUSE_UNTRACKED))
		out_num("untracked", p->untracked);
}

/* --- a line for each kind --- */

static void put_quantiles(const struct pause *p)
{
	for (size_t i = 0; i < NQUANTILES; i++) {
		if (p->count)
			out_span(quantiles[i].name, pause_quantile(p, quantiles[i].thousandths));
		else
			out_none(quantiles[i].name);
	}
}

static void put_kind(const struct pause *p)
{
	out_str("kind", kind_name(p->kind));
	if (HAS(p, TRIPMAP_A_PAUSE_CPU))
		out_num("cpu", p->cpu);
	out_num("count", p->count);
	out_span("total", p->total);
	if (p->count)
		out_span("mean", pause_mean(p));
	else
		out_none("mean");
	put_quantiles(p);
}

/* Of each CPU there would be more lines without a pause than with one. */
static bool worth_a_line(const struct pause *p)
{
	return out_is_json() || p->count || !HAS(p, TRIPMAP_A_PAUSE_CPU);
}

static void show_table(const struct show *s)
{
	out_list(NULL);
	for (size_t i = 0; i < s->n; i++) {
		if (!worth_a_line(&s->pause[i]))
			continue;
		out_object(NULL);
		put_kind(&s->pause[i]);
		put_period(s, &s->pause[i]);
		out_end();
	}
	out_end_list("none");
}

/* --- bars --- */

struct bar {
	uint64_t	from;		/* ns */
	uint64_t	to;		/* the last one that it is of */
	uint64_t	count;
};

/* A bar for each power of two, as the cells of one are too many for a screen. */
static size_t bars_of(const struct pause *p, struct bar *bar)
{
	size_t n = 0;

	for (unsigned int i = 0; i < TRIPMAP_PAUSE_CELLS; i++) {
		if (i % 8 == 0)
			bar[n++] = (struct bar){ .from = cell_begin(i) };
		bar[n - 1].count += p->cell[i];
		bar[n - 1].to = cell_end(i) - 1;
	}
	return n;
}

static void put_bar(const struct bar *b, uint64_t most, uint64_t sum)
{
	char from[SPAN_TEXT], to[SPAN_TEXT];
	int room = out_width() - 44, len;

	room = room < BAR_MIN ? BAR_MIN : room;
	len = (int)((double)b->count / (double)most * room + 0.5);
	len = b->count && !len ? 1 : len;
	out_text("  %8s - %-8s %10" PRIu64 " %5.1f %%%s", span_text(b->from, from),
		 span_text(b->to, to), b->count, 100.0 * (double)b->count / (double)sum,
		 len ? "  " : "");
	while (len--)
		out_text(out_utf8() ? "█" : "#");
	out_text("\n");
}

/* From the first bar with something in it to the last one. */
static void show_bars(const struct pause *p)
{
	struct bar bar[TRIPMAP_PAUSE_CELLS / 8];
	size_t n = bars_of(p, bar), first = 0;
	uint64_t most = 0;

	while (n && !bar[n - 1].count)
		n--;
	while (first < n && !bar[first].count)
		first++;
	for (size_t i = first; i < n; i++)
		most = bar[i].count > most ? bar[i].count : most;
	for (size_t i = first; i < n; i++)
		put_bar(&bar[i], most, cells_sum(p));
}

static void put_cells(const struct pause *p)
{
	out_list("histogram");
	for (unsigned int i = 0; i < TRIPMAP_PAUSE_CELLS; i++) {
		if (!p->cell[i])
			continue;
		out_object(NULL);
		out_num("from", cell_begin(i));
		if (i < TRIPMAP_PAUSE_CELLS - 1)
			out_num("below", cell_end(i));
		out_num("count", p->cell[i]);
		out_end();
	}
	out_end();
}

static const char * const near_names[] = { "near", "farther", "far" };

_Static_assert(ARRAY_SIZE(near_names) == TRIPMAP_NEAR_BINS, "a name for each");

static void put_near(const struct pause *p)
{
	if (!HAS(p, TRIPMAP_A_PAUSE_NEAR))
		return;
	out_object("violations");
	for (size_t i = 0; i < TRIPMAP_NEAR_BINS; i++)
		out_num(near_names[i], p->near[i]);
	out_end();
}

/* How far before a violation the last pause of the kind was. */
static void tell_near(const struct pause *p)
{
	if (!p->near[0] && !p->near[1] && !p->near[2])
		return;
	out_text("  violations so far by the distance of the last one:");
	for (size_t i = 0; i < TRIPMAP_NEAR_BINS; i++)
		out_text("%s %" PRIu64 " %s", i ? "," : "", p->near[i], near_names[i]);
	out_text("\n");
}

static void hist_head(const struct pause *p)
{
	char total[SPAN_TEXT], mean[SPAN_TEXT];

	out_text("%s%s", p->count ? "\n" : "", kind_name(p->kind));
	if (HAS(p, TRIPMAP_A_PAUSE_CPU))
		out_text(", cpu %" PRIu32, p->cpu);
	if (p->count)
		out_text(": %" PRIu64 ", %s in all, %s on average\n", p->count,
			 span_text(p->total, total), span_text(pause_mean(p), mean));
	else
		out_text(": none\n");
}

static void tell_hist(const struct show *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!worth_a_line(&s->pause[i]))
			continue;
		hist_head(&s->pause[i]);
		show_bars(&s->pause[i]);
		tell_near(&s->pause[i]);
	}
}

static void put_hist(const struct show *s)
{
	out_list(NULL);
	for (size_t i = 0; i < s->n; i++) {
		out_object(NULL);
		put_kind(&s->pause[i]);
		put_period(s, &s->pause[i]);
		put_cells(&s->pause[i]);
		put_near(&s->pause[i]);
		out_end();
	}
	out_end();
}

/* --- one by one --- */

static int later_first(const void *a, const void *b)
{
	uint64_t x = ((const struct pause_recent *)a)->start;
	uint64_t y = ((const struct pause_recent *)b)->start;

	return x < y ? 1 : x > y ? -1 : 0;
}

static void put_recent(const struct pause_recent *p)
{
	char text[24];

	out_object(NULL);
	out_when("time", real_of(p->start));
	out_json_num("time_mono", p->start);
	out_str("kind", kind_name(p->kind));
	out_num("cpu", p->cpu);
	out_span("duration", p->duration);
	snprintf(text, sizeof(text), "#%" PRIu32, p->table_id);
	out_str("table", *p->table ? p->table : out_is_json() ? "" : text);
	out_json_num("table_id", p->table_id);
	out_end();
}

void pause_recents(struct pause_recent *p, size_t n, uint64_t limit)
{
	size_t rows = limit && limit < n ? (size_t)limit : n;

	if (n)
		qsort(p, n, sizeof(*p), later_first);
	out_list(NULL);
	for (size_t i = 0; i < rows; i++)
		put_recent(&p[i]);
	out_end_list("no pauses are kept (tripctl pause show says whether they are counted)");
}

void pause_figures(const struct pause_query *q, const struct pause *p, size_t n, bool hist)
{
	const struct show s = { q, p, n };

	if (!out_is_json() && !tell_head(&s))
		return;
	if (!hist)
		show_table(&s);
	else if (out_is_json())
		put_hist(&s);
	else
		tell_hist(&s);
}
