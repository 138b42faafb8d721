// SPDX-License-Identifier: GPL-2.0
/* Of a report, what went before the violation: as text, and as JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <linux/tripmap_names.h>

#include "explain.h"
#include "history.h"
#include "out.h"
#include "report_show.h"
#include "text.h"
#include "timeline.h"
#include "when.h"

#define PARA_TEXT	900

static void heading(const char *text)
{
	out_text("\n%s\n", text);
}

/* --- points of time --- */

#define STAMP_TEXT	40

static void wall_text(uint64_t ns, char *text)
{
	time_t seconds = (time_t)(ns / 1000000000);
	char clock[16] = "";
	struct tm tm;

	if (localtime_r(&seconds, &tm))
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	snprintf(text, STAMP_TEXT, "%s.%09u", clock, (unsigned int)(ns % 1000000000));
}

static void relative_text(int64_t ns, bool coarse, char *text)
{
	const char *about = coarse ? "~" : "";
	char span[SPAN_TEXT];

	if (!ns)
		snprintf(text, STAMP_TEXT, "0");
	else if (llabs(ns) >= 1000000 && llabs(ns) < 1000000000)
		snprintf(text, STAMP_TEXT, "%s%+.3f ms", about, (double)ns / 1000000);
	else
		snprintf(text, STAMP_TEXT, "%s%s%s", about, ns < 0 ? "-" : "+",
			 span_text((uint64_t)llabs(ns), span));
}

/* A time from the violation on, by the clock that was asked for. */
static void stamp(const struct report *r, enum report_clock clock, int64_t ns, bool coarse,
		  char *text)
{
	uint64_t time = explain_clock(r, clock, r->time + (uint64_t)ns);

	if (clock == CLOCK_VIOLATION)
		relative_text(ns, coarse, text);
	else if (clock == CLOCK_WALL)
		wall_text(time, text);
	else
		snprintf(text, STAMP_TEXT, "%llu.%09llu", (unsigned long long)(time / 1000000000),
			 (unsigned long long)(time % 1000000000));
}

/* --- window, clocks --- */

static void json_window(const struct report *r)
{
	const struct window *w = &r->window;

	out_object("window");
	out_str("state", explain_name(tripmap_window_name(w->state)));
	out_str("recorder", explain_name(tripmap_recorder_name(w->recorder)));
	out_num("share", w->share);
	out_num("events", w->events);
	out_num("left_out", w->left_out);
	out_num("lost", w->lost);
	if (w->begin)
		out_num("complete_since", w->begin);
	out_num("length", w->length);
	out_end();
}

static void put_window(const struct report *r)
{
	char says[PARA_TEXT];

	explain_window(r, says, sizeof(says));
	heading("BEFORE THE VIOLATION");
	out_para(2, "%s", says);
	out_json_str("window_says", says);
	if (out_is_json() && r->window.has)
		json_window(r);
}

static void json_clock(const struct reading *c)
{
	out_object(NULL);
	out_num("monotonic", c->mono);
	out_num("real", c->real);
	out_num("boot", c->boot);
	out_num("trace", c->trace);
	out_num("error", c->error);
	out_json_int("step", c->step);
	out_end();
}

static void put_clocks(const struct report *r)
{
	char says[PARA_TEXT];

	explain_clocks(r, says, sizeof(says));
	out_para(2, "%s", says);
	out_json_str("clocks_say", says);
	if (!out_is_json())
		return;
	out_list("clocks");
	for (unsigned int i = 0; i < r->nclocks; i++)
		json_clock(&r->clock[i]);
	out_end();
}

/* --- spikes --- */

static void json_spike(const struct spike *s, const char *says)
{
	out_object(NULL);
	out_str("kind", explain_spike_kind(s));
	out_num("count", s->count);
	out_num("last", s->last);
	out_num("gap_max", s->gap_max);
	out_num("gap_min", s->gap_min);
	out_num("longest", s->longest);
	out_num("span", s->span);
	out_str("spike", explain_name(tripmap_spike_name(s->spike)));
	out_bool("consecutive", s->consecutive);
	if (HAS(s, TRIPMAP_A_SPIKE_BIN))
		out_str("distance", explain_bin(s->bin));
	if (HAS(s, TRIPMAP_A_SPIKE_NEAR)) {
		out_object("near");
		for (unsigned int i = 0; i < TRIPMAP_NEAR_BINS; i++)
			out_num(explain_bin(i), s->near[i]);
		out_end();
	}
	out_str("says", says);
	out_end();
}

static void put_near(const struct spike *s)
{
	if (!HAS(s, TRIPMAP_A_SPIKE_NEAR))
		return;
	out_object(NULL);
	out_str("last_pause", explain_spike_kind(s));
	for (unsigned int i = 0; i < TRIPMAP_NEAR_BINS; i++)
		out_num(explain_bin(i), s->near[i]);
	out_str("here", s->count ? explain_bin(s->bin) : "-");
	out_end();
}

/* How far from the violation the last pause of each kind was, here and so far. */
static void put_distances(const struct report *r)
{
	char says[PARA_TEXT];
	bool any = false;

	for (unsigned int i = 0; i < r->nspikes; i++)
		any |= HAS(&r->spike[i], TRIPMAP_A_SPIKE_NEAR);
	if (!any)
		return;
	out_text("\n");
	out_list("violations_so_far_by_the_distance_from_the_last_pause");
	for (unsigned int i = 0; i < r->nspikes; i++)
		put_near(&r->spike[i]);
	out_end();
	if (explain_bins(r, says, sizeof(says)))
		out_para(2, "%s", says);
}

static void put_spikes(const struct report *r)
{
	char says[PARA_TEXT];

	if (out_is_json())
		out_list("spikes");
	for (unsigned int i = 0; i < r->nspikes; i++) {
		explain_spike(&r->spike[i], says, sizeof(says));
		out_para(2, "%s", says);
		if (out_is_json())
			json_spike(&r->spike[i], says);
	}
	if (out_is_json())
		out_end();
	else
		put_distances(r);
	if (r->near_ns && r->far_ns) {
		out_json_num("near_ns", r->near_ns);
		out_json_num("far_ns", r->far_ns);
	}
}

/* --- causes --- */

static void put_cause(const struct party *p, const char *key, const char *name)
{
	char chain[PARA_TEXT];

	if (!explain_chain(p, chain, sizeof(chain)))
		return;
	out_para(2, "%s: %s", name, chain);
	out_json_str(key, chain);
}

static void put_causes(const struct report *r)
{
	char chain[PARA_TEXT];

	if (!explain_chain(&r->victim, chain, sizeof(chain)) &&
	    !explain_chain(&r->holder, chain, sizeof(chain)))
		return;
	heading("CAUSES, the outermost first");
	if (out_is_json())
		out_object("causes");
	put_cause(&r->victim, "victim", "Victim");
	put_cause(&r->holder, "holder", "Other party");
	if (out_is_json())
		out_end();
}

/* --- the time line --- */

#define COLUMNS_MOST	16	/* CPUs that have a column of their own */

/* The drawing so far: until when somebody is inside on which CPU. */
struct columns {
	const struct history *h;
	int64_t		inside[COLUMNS_MOST];
	unsigned int	n, width;
};

static struct columns columns_of(const struct history *h)
{
	struct columns c = { .h = h, .n = h->ncpus > COLUMNS_MOST ? 0 : (unsigned int)h->ncpus };
	char digits[16];

	for (unsigned int i = 0; i < c.n; i++)
		c.inside[i] = INT64_MIN;
	if (c.n)
		c.width = (unsigned int)snprintf(digits, sizeof(digits), " %u", h->cpu[c.n - 1]);
	return c;
}

static char mark_of(const struct columns *c, unsigned int i, const struct line *l)
{
	const struct span *s = l->span;

	if (!span_on_cpu(s) || s->cpu != c->h->cpu[i])
		return l->ns < c->inside[i] ? '|' : '.';
	return s->clash ? 'X' : 'o';
}

static void columns_text(struct columns *c, const struct line *l, char *text, size_t size)
{
	int64_t until = l->span->open ? INT64_MAX : l->end;
	struct text t = text_in(text, size);

	for (unsigned int i = 0; i < c->n; i++)
		text_add(&t, "%*c", (int)c->width, mark_of(c, i, l));
	for (unsigned int i = 0; i < c->n; i++)
		if (span_on_cpu(l->span) && l->span->cpu == c->h->cpu[i] &&
		    until > c->inside[i])
			c->inside[i] = until;
}

static void columns_head(const struct columns *c, char *text, size_t size)
{
	struct text t = text_in(text, size);

	for (unsigned int i = 0; i < c->n; i++)
		text_add(&t, "%*u", (int)c->width, c->h->cpu[i]);
}

struct drawing {
	const struct report *r;
	enum report_clock clock;
	struct columns	columns;
	int		indent;		/* of the words */
	int		stamp;		/* columns of a time */
};

#define COLUMNS_TEXT	(COLUMNS_MOST * 12)

static void draw_line(struct drawing *d, const struct line *l)
{
	char time[STAMP_TEXT], columns[COLUMNS_TEXT], cpu[24] = "";
	const struct span *s = l->span;

	stamp(d->r, d->clock, l->ns, s->coarse, time);
	columns_text(&d->columns, l, columns, sizeof(columns));
	if (!d->columns.n && span_on_cpu(s))
		snprintf(cpu, sizeof(cpu), "cpu %u: ", s->cpu);
	out_text("  %*s %s  ", d->stamp, time, columns);
	out_hanging(d->indent, "%s%s", cpu, l->text);
}

/* How many stand here that are not shown; how many lines that skips. */
static size_t skip_lines(struct drawing *d, const struct timeline *t, size_t from)
{
	uint64_t events = 0;
	size_t i = from;

	for (; i < t->n && !t->line[i].shown; i++)
		events += t->line[i].events;
	if (i > from)
		out_text("  %*s %*s  ... %llu event%s left out\n", d->stamp, "",
			 (int)(d->columns.n * d->columns.width), "",
			 (unsigned long long)events, events == 1 ? "" : "s");
	return i - from;
}

static void draw_lines(struct drawing *d, const struct timeline *t)
{
	char head[COLUMNS_TEXT];

	columns_head(&d->columns, head, sizeof(head));
	if (d->columns.n)
		out_text("  %*s %s\n", d->stamp, "cpu", head);
	for (size_t i = skip_lines(d, t, 0); i < t->n; i += skip_lines(d, t, i)) {
		draw_line(d, &t->line[i]);
		if (++i == t->n)
			break;
	}
}

/* The columns that the longest time takes: far ones, and what a clock may be off by. */
static int stamp_columns(const struct drawing *d, const struct timeline *t)
{
	size_t most = d->clock == CLOCK_VIOLATION ? 10 : 18;
	char time[STAMP_TEXT];

	for (size_t i = 0; i < t->n; i++) {
		stamp(d->r, d->clock, t->line[i].ns, t->line[i].span->coarse, time);
		if (strlen(time) > most)
			most = strlen(time);
	}
	return (int)most;
}

static void draw_timeline(const struct report *r, const struct history *h,
			  const struct report_view *v)
{
	struct drawing d = { .r = r, .clock = v->clock, .columns = columns_of(h) };
	struct timeline t;

	if (!timeline_of(r, h, &t)) {
		out_para(2, "There is not enough memory to draw it.");
		return;
	}
	d.stamp = stamp_columns(&d, &t);
	d.indent = 5 + d.stamp + (int)(d.columns.n * d.columns.width);
	draw_lines(&d, &t);
	timeline_drop(&t);
}

/* --- event by event --- */

static const struct field *key_type(const struct record *e, const struct table *t)
{
	static struct field bytes = { TRIPMAP_TYPE_BYTES, TRIPMAP_EVENT_KEY_MAX };

	return t && !strcmp(t->name, e->table) && t->key.size == e->key_len ? &t->key : &bytes;
}

static const char *kind_of(const struct record *e)
{
	if (HAS(e, TRIPMAP_A_EVENT_KIND))
		return explain_name(tripmap_pause_kind_name(e->kind));
	if (HAS(e, TRIPMAP_A_EVENT_CLASS))
		return explain_name(tripmap_class_name(e->class));
	return NULL;
}

static void json_optional(const struct record *e, const struct table *t)
{
	if (HAS(e, TRIPMAP_A_EVENT_TABLE))
		out_str("table", e->table);
	if (HAS(e, TRIPMAP_A_EVENT_BUCKET))
		out_num("bucket", e->bucket);
	if (HAS(e, TRIPMAP_A_EVENT_DIGEST))
		out_fmt("key_digest", "%08x", e->digest);
	if (e->key_len)
		out_value("key", key_type(e, t), e->key, e->key_len);
	if (HAS(e, TRIPMAP_A_EVENT_CALLER))
		out_str("called_from", e->caller);
	if (HAS(e, TRIPMAP_A_EVENT_LABEL))
		out_str("label", e->label);
	if (HAS(e, TRIPMAP_A_EVENT_PARENT))
		out_str("parent", e->parent);
	if (HAS(e, TRIPMAP_A_EVENT_DURATION))
		out_num("duration", e->duration);
	if (kind_of(e))
		out_str("kind", kind_of(e));
	if (HAS(e, TRIPMAP_A_EVENT_RESULT))
		out_json_int("result", e->result);
	if (HAS(e, TRIPMAP_A_EVENT_VALUE))
		out_num("value", e->value);
}

static void json_record(const struct report *r, const struct record *e, const struct table *t)
{
	out_object(NULL);
	out_json_int("ns", history_ns(r, e->time));
	out_num("monotonic", e->time);
	out_num("real", explain_clock(r, CLOCK_WALL, e->time));
	out_str("event", explain_name(tripmap_event_name(e->event)));
	out_num("cpu", e->cpu);
	out_num("pid", e->pid);
	out_str("context", explain_name(tripmap_context_name(e->context)));
	out_str("operation", explain_name(tripmap_op_name(e->op)));
	out_num("table_id", e->table_id);
	out_num("shard", e->shard);
	json_optional(e, t);
	out_end();
}

static void more_text(const struct record *e, char *text, size_t size)
{
	struct text t = text_in(text, size);

	if (kind_of(e))
		text_add(&t, "%s ", kind_of(e));
	if (e->value)
		text_add(&t, "value %llu ", (unsigned long long)e->value);
	if (e->result)
		text_add(&t, "result %d ", e->result);
	if (e->label[0])
		text_add(&t, "[%s%s%s] ", e->label, e->parent[0] ? ", part of " : "", e->parent);
	if (e->caller[0])
		text_add(&t, "%s ", e->caller);
	if (t.n && t.n < size)
		text[t.n - 1] = '\0';
}

/* Every row has the same columns. */
static void text_record(const struct report *r, const struct record *e, enum report_clock clock)
{
	char time[STAMP_TEXT], span[SPAN_TEXT] = "-", bucket[16] = "-", more[400];

	stamp(r, clock, history_ns(r, e->time), false, time);
	if (e->duration)
		span_text(e->duration, span);
	if (HAS(e, TRIPMAP_A_EVENT_BUCKET))
		snprintf(bucket, sizeof(bucket), "%u", e->bucket);
	more_text(e, more, sizeof(more));
	out_object(NULL);
	out_str("time", time);
	out_num("cpu", e->cpu);
	out_num("pid", e->pid);
	out_str("event", explain_name(tripmap_event_name(e->event)));
	out_str("operation", explain_name(tripmap_op_name(e->op)));
	out_str("table", e->table[0] ? e->table : "-");
	out_str("bucket", bucket);
	out_str("took", span);
	out_str("more", more);
	out_end();
}

static void put_records(const struct report *r, const struct table *t, enum report_clock clock)
{
	out_list(out_is_json() ? "events" : NULL);
	for (size_t i = 0; i < r->nrecords; i++) {
		if (out_is_json())
			json_record(r, &r->record[i], t);
		else
			text_record(r, &r->record[i], clock);
	}
	out_end();
}

/* --- all of it --- */

static const char * const clock_heads[] = {
	[CLOCK_VIOLATION] = "from the violation; ~ may be off by a clock tick",
	[CLOCK_MONO] = "seconds of CLOCK_MONOTONIC",
	[CLOCK_WALL] = "wall clock",
	[CLOCK_BOOT] = "seconds of CLOCK_BOOTTIME",
	[CLOCK_TRACE] = "seconds of the local clock of tracing",
};

static void put_timeline(const struct report *r, const struct report_view *v)
{
	struct history h;

	out_text("\nTIME LINE (%s)\n", clock_heads[v->clock]);
	if (!history_of(r, &h)) {
		out_para(2, "There is not enough memory to draw it.");
		return;
	}
	draw_timeline(r, &h, v);
	history_drop(&h);
}

bool report_past(const struct report *r, const struct table *t, const struct report_view *v)
{
	put_causes(r);
	put_window(r);
	put_clocks(r);
	put_spikes(r);
	if (out_is_json()) {
		if (r->window.has)
			put_records(r, t, v->clock);
		return true;
	}
	if (!r->nrecords)
		return false;
	put_timeline(r, v);
	if (v->events) {
		out_text("\nEVENT BY EVENT (%s)\n", clock_heads[v->clock]);
		put_records(r, t, v->clock);
	}
	return true;
}
