// SPDX-License-Identifier: GPL-2.0
#include "top.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/tripmap_names.h>

#include "histogram.h"

#define NS	1e9

/* --- the last minute --- */

/* What is older than a minute makes place. */
static void past_move(struct past *p, uint64_t second)
{
	uint64_t n = second > p->last ? second - p->last : 0;

	for (uint64_t i = 1; i <= n && i <= MINUTE; i++) {
		p->amount[(p->last + i) % MINUTE] = 0;
		p->span[(p->last + i) % MINUTE] = 0;
	}
	if (n)
		p->last = second;
}

void past_add(struct past *p, uint64_t from, uint64_t to, double rate)
{
	uint64_t second = from / 1000000000;

	past_move(p, to / 1000000000);
	if (p->last - second >= MINUTE)
		second = p->last - MINUTE + 1;
	for (; second <= p->last; second++) {
		double begin = fmax((double)from / NS, (double)second);
		double part = fmin((double)to / NS, (double)second + 1) - begin;

		if (part <= 0)
			continue;
		p->amount[second % MINUTE] += rate * part;
		p->span[second % MINUTE] += part;
	}
}

double past_rate(const struct past *p, unsigned int ago)
{
	unsigned int at = (unsigned int)((p->last + MINUTE - ago) % MINUTE);

	return ago < MINUTE && p->span[at] > 0 ? p->amount[at] / p->span[at] : -1;
}

/* Of the second under way little may be known yet, or nothing. */
double past_now(const struct past *p)
{
	double rate = past_rate(p, 0);

	return fmax(rate < 0 ? past_rate(p, 1) : rate, 0);
}

double past_most(const struct past *p)
{
	double most = 0;

	for (unsigned int i = 0; i < MINUTE; i++)
		most = fmax(most, past_rate(p, i));
	return most;
}

static struct past *history_of(struct top *t, uint32_t id)
{
	struct top_history *more;

	for (size_t i = 0; i < t->nhistory; i++)
		if (t->history[i].id == id)
			return &t->history[i].past;
	more = room_for_one(t->history, t->nhistory, sizeof(*more));
	if (!more) {
		t->failed = true;
		return NULL;
	}
	t->history = more;
	more[t->nhistory].id = id;
	return &more[t->nhistory++].past;
}

/* Of tables that are gone nothing is kept. */
static void history_trim(struct top *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->nhistory; i++)
		if (snapshot_find(t->now, t->history[i].id))
			t->history[n++] = t->history[i];
	t->nhistory = n;
}

const struct past *top_past(const struct top *t, uint32_t id)
{
	for (size_t i = 0; i < t->nhistory; i++)
		if (t->history[i].id == id)
			return &t->history[i].past;
	return NULL;
}

/* --- what came between two snapshots --- */

double top_seconds(const struct top *t)
{
	return t->before && t->now->time > t->before->time ?
	       (double)(t->now->time - t->before->time) / NS : 0;
}

/* One reading after another one of the same counting. */
static bool goes_on(const struct pause *before, const struct pause *now)
{
	return before && now && now->state && before->since == now->since &&
	       now->count >= before->count && now->time > before->time;
}

static double pause_rate(const struct pause *before, const struct pause *now)
{
	double n = (double)(now->count - before->count);

	return n * NS / (double)(now->time - before->time);
}

/* One in so many writes is timed. */
static double write_rate(const struct pause *before, const struct pause *now)
{
	return pause_rate(before, now) * (now->share ? now->share : 1);
}

static void count_writes(struct top_row *r, const struct snapshot_table *old)
{
	const struct pause *before = pauses_find(&old->pauses, TRIPMAP_PAUSE_KIND_WRITE);
	const struct pause *now = pauses_find(&r->s->pauses, TRIPMAP_PAUSE_KIND_WRITE);

	r->counted = goes_on(before, now);
	if (r->counted)
		r->writes = write_rate(before, now);
}

static double difference(uint64_t before, uint64_t now, double seconds)
{
	return ((double)now - (double)before) / seconds;
}

static void fill_rates(const struct top *t, struct top_row *r)
{
	const struct snapshot_table *old = snapshot_find(t->before, r->s->t.id);
	double seconds = top_seconds(t);

	r->known = old && seconds > 0;
	if (!r->known)
		return;
	r->change = difference(old->t.entries, r->s->t.entries, seconds);
	r->violations = difference(old->t.violations, r->s->t.violations, seconds);
	count_writes(r, old);
	r->rate = r->counted ? r->writes : fabs(r->change);
}

static void fill_row(const struct top *t, struct top_row *r, const struct snapshot_table *s)
{
	const struct table *tab = &s->t;

	*r = (struct top_row){ .s = s, .growth = -1 };
	r->load = tab->buckets ? (double)tab->entries / (double)tab->buckets : 0;
	if (tab->resize && tab->resize_total)
		r->growth = (double)tab->resize_done / (double)tab->resize_total;
	fill_rates(t, r);
}

static void fill_rows(struct top *t)
{
	struct top_row *more = realloc(t->row, (t->now->ntables + 1) * sizeof(*more));

	t->nrows = 0;
	if (!more) {
		t->failed = true;
		return;
	}
	t->row = more;
	for (size_t i = 0; i < t->now->ntables; i++)
		fill_row(t, &t->row[t->nrows++], &t->now->table[i]);
}

/* Writes into all tables where they are counted, else how fast their entries change. */
static double rate_of_all(struct top *t)
{
	const struct pause *before = pauses_find(&t->before->pauses, TRIPMAP_PAUSE_KIND_WRITE);
	const struct pause *now = pauses_find(&t->now->pauses, TRIPMAP_PAUSE_KIND_WRITE);
	double sum = 0;

	t->counted = goes_on(before, now);
	if (t->counted)
		return write_rate(before, now);
	for (size_t i = 0; i < t->nrows; i++)
		sum += fabs(t->row[i].change);
	return sum;
}

static void remember(struct top *t)
{
	if (!top_seconds(t))
		return;
	past_add(&t->past, t->before->time, t->now->time, rate_of_all(t));
	for (size_t i = 0; i < t->nrows; i++) {
		struct past *p = history_of(t, t->row[i].s->t.id);

		if (p && t->row[i].known)
			past_add(p, t->before->time, t->now->time, t->row[i].rate);
	}
}

void top_add(struct top *t, struct snapshot *s)
{
	snapshot_free(t->before);
	t->before = t->now;
	t->now = s;
	history_trim(t);
	fill_rows(t);
	remember(t);
	top_sort(t);
}

void top_free(struct top *t)
{
	snapshot_free(t->before);
	snapshot_free(t->now);
	free(t->row);
	free(t->history);
}

bool top_pauses(const struct top *t, unsigned int kind, struct pause *between)
{
	const struct pause *now = pauses_find(&t->now->pauses, kind);
	const struct pause *before = t->before ? pauses_find(&t->before->pauses, kind) : NULL;

	if (!goes_on(before, now))
		return false;
	pause_between(before, now, between);
	return true;
}

static const struct pause *cpu_pause(const struct snapshot *s, unsigned int kind, uint32_t cpu)
{
	for (size_t i = 0; s && i < s->cpu_pauses.n; i++)
		if (s->cpu_pauses.p[i].kind == kind && s->cpu_pauses.p[i].cpu == cpu)
			return &s->cpu_pauses.p[i];
	return NULL;
}

double top_cpu_rate(const struct top *t, unsigned int kind, uint32_t cpu)
{
	const struct pause *before = cpu_pause(t->before, kind, cpu);
	const struct pause *now = cpu_pause(t->now, kind, cpu);

	return goes_on(before, now) ? pause_rate(before, now) : -1;
}

uint32_t top_cpus(const struct top *t)
{
	uint32_t n = 0;

	for (size_t i = 0; i < t->now->cpu_pauses.n; i++)
		if (t->now->cpu_pauses.p[i].cpu >= n)
			n = t->now->cpu_pauses.p[i].cpu + 1;
	return n;
}

/* --- order --- */

static double key_of(const struct top_row *r, enum top_column c)
{
	switch (c) {
	case TOP_WRITES:
		return r->rate;
	case TOP_CHANGE:
		return fabs(r->change);
	case TOP_ENTRIES:
		return (double)r->s->t.entries;
	case TOP_LOAD:
		return r->load;
	case TOP_GROWTH:
		return r->growth;
	case TOP_VIOLATIONS:
		return (double)r->s->t.violations;
	case TOP_MEMORY:
		return (double)r->s->t.memory;
	default:
		return 0;
	}
}

/* The largest first, names in order; what is equal by name. */
static int compare(const void *a, const void *b, void *arg)
{
	const struct top_row *x = a, *y = b;
	const struct top *t = arg;
	double dx = key_of(x, t->sort), dy = key_of(y, t->sort);
	int order = dx > dy ? -1 : dx < dy ? 1 : strcmp(x->s->t.name, y->s->t.name);

	return t->reverse ? -order : order;
}

void top_sort(struct top *t)
{
	if (t->nrows)
		qsort_r(t->row, t->nrows, sizeof(*t->row), compare, t);
}

/* --- words --- */

const char *rate_text(double rate, char *buf)
{
	static const char unit[] = " kMGTP";
	size_t u = 0;

	while (fabs(rate) >= 999.5 && u + 2 < sizeof(unit)) {
		rate /= 1000;
		u++;
	}
	if (u)
		snprintf(buf, RATE_TEXT, fabs(rate) < 99.95 ? "%.1f%c" : "%.0f%c", rate, unit[u]);
	else
		snprintf(buf, RATE_TEXT, rate && fabs(rate) < 9.95 ? "%.1f" : "%.0f", rate);
	return buf;
}

const char *growth_text(const struct top_row *r, char *buf, size_t size)
{
	const char *name = tripmap_resize_name(r->s->t.resize);

	if (r->growth < 0)
		snprintf(buf, size, "-");
	else
		snprintf(buf, size, "%s %.0f%%", name ? name : "unknown", 100 * r->growth);
	return buf;
}

const char *spark(double rate, double most, bool utf8)
{
	static const char * const signs[2][8] = {
		{ "_", ".", "-", "~", "=", "+", "*", "#" },
		{ "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" },
	};
	int height;

	if (rate < 0)
		return " ";
	height = most > 0 ? (int)(rate / most * 7 + 0.5) : 0;
	return signs[utf8][height > 7 ? 7 : height];
}

const char *top_column_name(enum top_column c)
{
	static const char * const names[] = {
		"WRITES/S", "CHANGE/S", "ENTRIES", "LOAD", "RESIZE", "VIOL", "MEMORY", "TABLE",
	};

	_Static_assert(ARRAY_SIZE(names) == TOP_COLUMNS, "a name for each");
	return names[c];
}
