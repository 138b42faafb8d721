// SPDX-License-Identifier: GPL-2.0
/*
 * How the pauses before a violation stood. The events are gone through from the
 * newest to the oldest, once for each kind and once for all of them.
 *
 * Pauses lie within pauses: a writer is inside all the while that it evacuates.
 * Among all kinds the outer one stands for those within it on its CPU; it ended
 * last, so it is met first.
 */
#include <linux/atomic.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/minmax.h>

#include "event.h"
#include "spike.h"

#define TM_OUTER	32	/* CPUs of different number modulo this are told apart */

#define TM_WORK_KINDS	(1U << TRIPMAP_PAUSE_KIND_WRITE | 1U << TRIPMAP_PAUSE_KIND_ODD | \
			 1U << TRIPMAP_PAUSE_KIND_DUMP)

/* Each field: any writer, READ_ONCE/WRITE_ONCE in rule_now() and tm_spike_set(). */
static struct tm_spike_rule rule;

static atomic64_t near[TM_SPIKE_ALL + 1][TRIPMAP_NEAR_BINS];

/* A CPU's outermost pause of those met so far. */
struct outer {
	u64			start;
	u16			cpu;
	bool			known;
};

/* What is being gone through. */
struct spike_walk {
	struct tm_spike_rule	rule;
	u64			time;		/* of the violation */
	unsigned int		kind;		/* or TM_SPIKE_ALL */
	u64			next_start;	/* of the pause met before, a later one */
	u64			end;		/* of the last one of all */
	u64			begin;		/* of the first one so far */
	struct outer		outer[TM_OUTER];
};

/**
 * tm_spike_set() - what counts as what
 * @to: from now on; a window that is being looked at may have some of each
 *
 * Context: Any.
 */
void tm_spike_set(const struct tm_spike_rule *to)
{
	/* All pair with rule_now(). */
	WRITE_ONCE(rule.count, to->count);
	WRITE_ONCE(rule.consecutive_ns, to->consecutive_ns);
	WRITE_ONCE(rule.tight_ns, to->tight_ns);
	WRITE_ONCE(rule.near_ns, to->near_ns);
	WRITE_ONCE(rule.far_ns, to->far_ns);
	WRITE_ONCE(rule.min_ns, to->min_ns);
}

static struct tm_spike_rule rule_now(void)
{
	/* All pair with tm_spike_set(). */
	return (struct tm_spike_rule){
		.count = READ_ONCE(rule.count),
		.consecutive_ns = READ_ONCE(rule.consecutive_ns),
		.tight_ns = READ_ONCE(rule.tight_ns),
		.near_ns = READ_ONCE(rule.near_ns),
		.far_ns = READ_ONCE(rule.far_ns),
		.min_ns = READ_ONCE(rule.min_ns),
	};
}

static u64 start_of(const struct tm_event *e)
{
	return e->time - min(e->duration, e->time);
}

/* The work itself is a pause only where it takes long. */
static bool counts(const struct spike_walk *w, const struct tm_event *e)
{
	if (e->event != TRIPMAP_EVENT_PAUSE || e->kind > TRIPMAP_PAUSE_KIND_MAX ||
	    e->time > w->time)
		return false;
	return e->duration >= w->rule.min_ns || !(TM_WORK_KINDS & 1U << e->kind);
}

static bool is_within(struct spike_walk *w, const struct tm_event *e)
{
	struct outer *o = &w->outer[e->cpu % TM_OUTER];

	if (o->known && o->cpu == e->cpu && start_of(e) >= o->start)
		return true;
	*o = (struct outer){ .start = start_of(e), .cpu = e->cpu, .known = true };
	return false;
}

static void add_gap(struct spike_walk *w, const struct tm_event *e, struct tm_spike *s)
{
	u64 gap = w->next_start > e->time ? w->next_start - e->time : 0;

	s->gap_max = max(s->gap_max, gap);
	s->gap_min = s->count == 1 ? gap : min(s->gap_min, gap);
}

static void add_pause(struct spike_walk *w, const struct tm_event *e, struct tm_spike *s)
{
	if (s->count) {
		add_gap(w, e, s);
	} else {
		w->end = e->time;
		w->begin = start_of(e);
		s->last = w->time - e->time;
	}
	s->count++;
	s->longest = max(s->longest, e->duration);
	w->next_start = start_of(e);
	w->begin = min(w->begin, w->next_start);
}

static u8 bin_of(const struct tm_spike_rule *r, u64 ns)
{
	if (ns <= r->near_ns)
		return 0;
	return ns <= r->far_ns ? 1 : 2;
}

static u8 class_of(const struct tm_spike_rule *r, const struct tm_spike *s)
{
	if (s->count >= 2 && s->count >= r->count)
		return TRIPMAP_SPIKE_HIGH;
	return s->count >= 2 && s->gap_max <= r->tight_ns ? TRIPMAP_SPIKE_TIGHT :
							     TRIPMAP_SPIKE_NONE;
}

static void conclude(const struct spike_walk *w, struct tm_spike *s)
{
	if (!s->count)
		return;
	s->span = w->end - w->begin;
	s->spike = class_of(&w->rule, s);
	s->consecutive = s->count >= 2 && s->gap_min <= w->rule.consecutive_ns;
	s->bin = bin_of(&w->rule, s->last);
	atomic64_inc(&near[w->kind][s->bin]);
}

static void walk(struct spike_walk *w, const struct tm_event *e, u32 n, struct tm_spike *s)
{
	*s = (struct tm_spike){ 0 };
	while (n--) {
		if (!counts(w, &e[n]))
			continue;
		if (w->kind == TM_SPIKE_ALL ? !is_within(w, &e[n]) : w->kind == e[n].kind)
			add_pause(w, &e[n], s);
	}
	conclude(w, s);
}

/**
 * tm_spike_find() - the features of pauses
 * @e: events sorted by time; all but pauses are passed over
 * @n: how many
 * @time: of the violation; what ended later is passed over
 * @spike: of each kind, and of all kinds with inner pauses left out
 *
 * Context: Any.
 */
void tm_spike_find(const struct tm_event *e, u32 n, u64 time,
		   struct tm_spike spike[TM_SPIKE_ALL + 1])
{
	struct spike_walk w = { .rule = rule_now(), .time = time };

	for (w.kind = 0; w.kind <= TM_SPIKE_ALL; w.kind++)
		walk(&w, e, n, &spike[w.kind]);
}

/**
 * tm_spike_near() - violations by the distance of the last pause
 * @kind: of pause, or %TM_SPIKE_ALL
 * @bins: near, far, farther
 *
 * Context: Any.
 */
void tm_spike_near(unsigned int kind, u64 bins[TRIPMAP_NEAR_BINS])
{
	unsigned int bin;

	for (bin = 0; bin < TRIPMAP_NEAR_BINS; bin++)
		bins[bin] = kind <= TM_SPIKE_ALL ? atomic64_read(&near[kind][bin]) : 0;
}
EXPORT_SYMBOL_GPL(tm_spike_near);
