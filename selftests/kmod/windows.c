// SPDX-License-Identifier: GPL-2.0
/*
 * Pauses put at chosen times before a violation, and what its window makes of them.
 *
 * A slow write is a pause; a store from within a store is the violation, at a time
 * of choice. The host may take a CPU away at any time: the clock is read before and
 * after each of these, and a try that did not come out as it was meant is repeated.
 */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>

#include "../../kmod/core/hook.h"
#include "../../kmod/observe/flight.h"
#include "scenario.h"

#define US		1000ULL
#define SLOW_US		60	/* a write that is a pause; spike_min_us is less */
#define QUIET_MS	20	/* more than window_ms: nothing of before is in the window */
#define TRIES		300
#define REENTRANT	TRIPMAP_CLASS_REENTRANT_WRITE
#define KIND		TRIPMAP_PAUSE_KIND_WRITE

enum { PLAIN, SLOW, CLASH };

/* By the one task of the scenario. */
struct stage {
	struct tripmap		*t;
	int			mode;
	bool			within;
	u64			id;		/* of the last violation's report */
	u64			time;		/* its */
	struct tm_flight_window	w;		/* its */
};

static struct stage stage;	/* too large for a stack */

static void wait_until(u64 ns)
{
	while (ktime_get_mono_fast_ns() < ns)
		cpu_relax();
}

static void stage_hook(struct tripmap *t, enum tripmap_step step, void *arg)
{
	struct stage *s = arg;

	if (step != TRIPMAP_STEP_CHANGE || s->within)
		return;
	if (s->mode == SLOW)
		wait_until(ktime_get_mono_fast_ns() + SLOW_US * US);
	if (s->mode != CLASH)
		return;
	s->within = true;
	TM_EXPECT_EQ(second_store(t, 2), -EDEADLK);
	s->within = false;
}

static int act(struct stage *s, int mode)
{
	s->mode = mode;
	return first_store(s->t, 1);
}

static bool is_frozen(struct stage *s)
{
	tm_flight_window(s->id, &s->w);
	return s->w.state == TRIPMAP_WINDOW_FROZEN;
}

/* A violation, and its window. */
static bool clash(struct stage *s)
{
	const struct tm_report *r;

	TM_EXPECT_EQ(act(s, CLASH), 0);
	r = expect_report(table_id(s->t), REENTRANT, "second_store", "first_store");
	if (!r)
		return false;
	s->id = r->id;
	s->time = r->time;
	return TM_WAIT_FOR(is_frozen(s));
}

/* Of all writes it is told for a while after a window was copied, so begin with one. */
static bool stage_begin(struct stage *s)
{
	*s = (struct stage){ .t = table_under(TRIPMAP_CONTRACT_SINGLE_WRITER) };
	if (!s->t || !TM_EXPECT_EQ(tripmap_set_hook(s->t, stage_hook, s), 0))
		return false;
	act(s, PLAIN);
	return clash(s) && TM_EXPECT_EQ(table_violations(s->t, REENTRANT), 1);
}

static void stage_end(struct stage *s)
{
	u64 n = s->t ? table_violations(s->t, REENTRANT) : 0;

	if (!s->t)
		return;
	tripmap_set_hook(s->t, NULL, NULL);
	expect_only(s->t, REENTRANT, n);
	table_end(s->t);
}

/*
 * spikes
 */

struct span {
	u64	least, wanted, most;	/* us */
};

struct arrangement {
	unsigned int	pauses;		/* up to 4 */
	struct span	gap;		/* between two neighbours */
	struct span	distance;	/* from the last one to the violation */
};

static bool within(const struct span *s, u64 least, u64 most)
{
	return least >= s->least * US && most <= s->most * US;
}

/* Between this begin and this end lies a pause of SLOW_US at least. */
struct placed {
	u64	begin, end;
};

static struct placed place_pause(struct stage *s)
{
	struct placed p = { .begin = ktime_get_mono_fast_ns() };

	act(s, SLOW);
	p.end = ktime_get_mono_fast_ns();
	return p;
}

/* Pauses, then the violation; false when they do not lie as they should. */
static bool arranged(struct stage *s, const struct arrangement *a)
{
	struct placed p, before = { };
	bool good = true;
	unsigned int i;

	schedule_timeout_uninterruptible(msecs_to_jiffies(QUIET_MS) + 1);
	for (i = 0; i < a->pauses; i++, before = p) {
		if (i)
			wait_until(before.end + a->gap.wanted * US);
		p = place_pause(s);
		if (i)
			good = good && within(&a->gap, p.begin - before.end,
					      p.end - before.begin - 2 * SLOW_US * US);
	}
	wait_until(before.end + a->distance.wanted * US);
	return clash(s) && good && within(&a->distance, s->time - before.end,
					  s->time - before.begin - SLOW_US * US);
}

/*
 * False is a failed expectation, and so is a violation that was never arranged; but
 * where each access is watched, no two pauses may be as near as that.
 */
static bool arrange(struct stage *s, const struct arrangement *a)
{
	unsigned int tries;

	for (tries = 1; tries <= TRIES && !tm_test_failures(); tries++) {
		if (arranged(s, a)) {
			tm_test_note("arranged at try %u", tries);
			return true;
		}
	}
	if (!IS_ENABLED(CONFIG_KCSAN) && !IS_ENABLED(CONFIG_KASAN))
		return TM_EXPECT(!"the pauses could be placed");
	if (!tm_test_failures())
		tm_test_skip("a machine quick enough to place the pauses that near");
	return false;
}

static void expect_spike(const struct arrangement *a, enum tripmap_spike spike, bool consecutive)
{
	struct stage *s = &stage;
	const struct tm_spike *w = &s->w.spike[KIND];

	if (stage_begin(s) && arrange(s, a)) {
		TM_EXPECT_EQ(w->count, a->pauses);
		TM_EXPECT_EQ(w->spike, spike);
		TM_EXPECT_EQ(w->consecutive, consecutive);
		TM_EXPECT(within(&a->gap, w->gap_min, w->gap_max));
		TM_EXPECT(within(&a->distance, w->last, w->last));
		TM_EXPECT(w->longest >= SLOW_US * US);
	}
	stage_end(s);
}

#define SOON	{ 0, 100, 3000 }

TM_TEST(high_frequency)
{
	expect_spike(&(struct arrangement){ 3, { 520, 800, 2500 }, SOON },
		     TRIPMAP_SPIKE_HIGH, false);
}

TM_TEST(consecutive)
{
	expect_spike(&(struct arrangement){ 2, { 0, 0, 100 }, SOON }, TRIPMAP_SPIKE_TIGHT, true);
}

TM_TEST(tightly_coupled)
{
	expect_spike(&(struct arrangement){ 2, { 101, 250, 500 }, SOON },
		     TRIPMAP_SPIKE_TIGHT, false);
}

TM_TEST(far_apart)
{
	expect_spike(&(struct arrangement){ 2, { 501, 1500, 5000 }, SOON },
		     TRIPMAP_SPIKE_NONE, false);
}

SCENARIO(spikes, "spikes",
	 "slow writes at chosen times within the 10 ms before a violation",
	 "three: high frequency; two within 100 us: consecutive; a gap of 500 us at most: tight",
	 "one taken for another; a pause that was before the window",
	 TM_CASE(high_frequency), TM_CASE(consecutive), TM_CASE(tightly_coupled),
	 TM_CASE(far_apart));

/*
 * near-pause
 */

static const struct span distances[TRIPMAP_NEAR_BINS] = {
	{ 0, 150, 500 }, { 501, 1000, 1800 }, { 1801, 4000, 9000 },
};

/* One pause of the kind is told of, in this bin; the violation counts there alone. */
static void expect_bin(struct stage *s, unsigned int bin)
{
	const struct arrangement a = { 1, { }, distances[bin] };

	if (!arrange(s, &a))
		return;
	TM_EXPECT_EQ(s->w.spike[KIND].count, 1);
	TM_EXPECT_EQ(s->w.spike[KIND].bin, bin);
	TM_EXPECT(within(&a.distance, s->w.spike[KIND].last, s->w.spike[KIND].last));
}

TM_TEST(three_bins)
{
	struct stage *s = &stage;
	u64 before[TRIPMAP_NEAR_BINS], after[TRIPMAP_NEAR_BINS], sum = 0;
	unsigned int bin;

	if (stage_begin(s)) {
		tm_spike_near(KIND, before);
		for (bin = 0; bin < TRIPMAP_NEAR_BINS; bin++)
			expect_bin(s, bin);
		tm_spike_near(KIND, after);
		for (bin = 0; bin < TRIPMAP_NEAR_BINS; bin++) {
			TM_EXPECT(after[bin] > before[bin]);
			sum += after[bin] - before[bin];
		}
		/* Each once at most; the first one had perhaps no pause before it. */
		TM_EXPECT(sum <= table_violations(s->t, REENTRANT));
	}
	stage_end(s);
}

SCENARIO(near_pause, "near-pause",
	 "violations at chosen distances from the last slow write",
	 "the three bins of the distances, filled as chosen",
	 "a violation counted in two bins",
	 TM_CASE(three_bins));

/*
 * clocks
 */

#define STEP_NS	(2 * NSEC_PER_SEC)

static void step_wall(s64 ns)
{
	struct timespec64 now;

	ktime_get_real_ts64(&now);
	now = ns_to_timespec64(timespec64_to_ns(&now) + ns);
	TM_EXPECT_EQ(do_settimeofday64(&now), 0);
}

static s64 wall(const struct tm_clock *c)
{
	return c->real - c->mono;
}

static bool around(s64 a, s64 b)
{
	return abs(a - b) < STEP_NS / 4;
}

static void expect_sorted(const struct tm_event *e, u32 n)
{
	u32 i;

	for (i = 1; i < n; i++)
		TM_EXPECT(e[i - 1].time <= e[i].time);
}

/* The window's events; NULL is a failed expectation. */
static struct tm_event *events_of(struct stage *s)
{
	struct tm_event *e = kvcalloc(TM_FLIGHT_EVENTS_MAX, sizeof(*e), GFP_KERNEL);

	if (!TM_EXPECT(e))
		return NULL;
	TM_EXPECT_EQ(tm_flight_events(s->id, 0, e, s->w.events), s->w.events);
	expect_sorted(e, s->w.events);
	return e;
}

/* Not so where the host took longer than the window is. */
static bool holds_all_since(const struct stage *s, u64 begin)
{
	return s->w.begin < begin && !s->w.lost && !s->w.left_out;
}

static unsigned int count_events(const struct tm_event *e, u32 n, unsigned int event, u32 table)
{
	unsigned int found = 0;

	for (; n; n--, e++)
		found += e->event == event && e->table == table;
	return found;
}

/* Writes, the wall clock steps amid them, and the violation: all are in order. */
static void step_amid(struct stage *s, s64 step)
{
	struct tm_clock before = s->w.clock[1];
	struct tm_event *e;
	u64 begin;

	schedule_timeout_uninterruptible(msecs_to_jiffies(QUIET_MS) + 1);
	begin = place_pause(s).begin;
	step_wall(step);
	place_pause(s);
	if (!clash(s))
		return;
	TM_EXPECT(around(wall(&s->w.clock[0]) - wall(&before), step));
	TM_EXPECT(around(s->w.clock[0].step, step));
	TM_EXPECT(around(s->w.clock[1].step, 0));
	TM_EXPECT(s->w.clock[0].error < NSEC_PER_SEC / 10);
	e = events_of(s);
	if (e && holds_all_since(s, begin))
		TM_EXPECT_EQ(count_events(e, s->w.events, TRIPMAP_EVENT_WRITE_BEGIN,
					  table_id(s->t)), 3);
	kvfree(e);
}

TM_TEST(wall_clock_steps)
{
	struct stage *s = &stage;

	if (stage_begin(s) && clash(s)) {
		step_amid(s, STEP_NS);
		step_amid(s, -STEP_NS);
	}
	stage_end(s);
}

SCENARIO(clocks, "clocks",
	 "the wall clock steps by two seconds, forth and back, while it is recorded",
	 "the wall-clock mapping taken anew, the step and the residual error told of",
	 "another window; another order of events",
	 TM_CASE(wall_clock_steps));

/*
 * labels
 */

static bool has_name(const char *label, const char *name)
{
	return !strncmp(label, name, TRIPMAP_LABEL_MAX);
}

static unsigned int count_labelled(const struct tm_event *e, u32 n, const char *own,
				   const char *parent)
{
	unsigned int found = 0;

	for (; n; n--, e++)
		found += has_name(e->label.own, own) && has_name(e->label.parent, parent);
	return found;
}

static void expect_chain(struct stage *s)
{
	const struct tm_report *r = report_of(table_id(s->t), REENTRANT);
	struct tm_event *e = events_of(s);

	if (r) {
		TM_EXPECT(has_name(r->v.victim.label[0], "touch"));
		TM_EXPECT(has_name(r->v.victim.label[1], "refresh"));
		TM_EXPECT(has_name(r->v.victim.label[2], "request"));
	}
	if (e) {
		TM_EXPECT(count_labelled(e, s->w.events, "touch", "refresh") > 0);
		TM_EXPECT(count_labelled(e, s->w.events, "refresh", "request") > 0);
		TM_EXPECT(count_labelled(e, s->w.events, "", "") > 0);
	}
	kvfree(e);
}

/* The inner ones end before the outer ones. False where the window lacks some. */
static bool labelled(struct stage *s)
{
	struct tripmap_label request, refresh, touch;
	u64 begin = place_pause(s).begin;
	bool good;

	tripmap_label_begin(&request, "request", NULL);
	tripmap_label_begin(&refresh, "refresh", NULL);
	place_pause(s);
	tripmap_label_begin(&touch, "touch", NULL);
	place_pause(s);
	good = clash(s) && holds_all_since(s, begin);
	tripmap_label_end(&touch);
	tripmap_label_end(&refresh);
	tripmap_label_end(&request);
	return good;
}

TM_TEST(two_deep)
{
	struct stage *s = &stage;
	unsigned int tries;
	bool good = false;

	if (stage_begin(s)) {
		for (tries = 0; !good && tries < TRIES && !tm_test_failures(); tries++)
			good = labelled(s);
		if (TM_EXPECT(good))
			expect_chain(s);
	}
	stage_end(s);
}

SCENARIO(labels, "labels",
	 "a violation within an operation that is part of one that is part of a third",
	 "the three names, the inner one first, in the report; two of them with each event",
	 "a name where nothing was named",
	 TM_CASE(two_deep));

/*
 * freeze: each load writes keys that count up, so that a missing one is a gap.
 */

#define LOADS	4

struct load {
	struct tripmap	*t;
	unsigned int	cpu;
	bool		stop;		/* READ_ONCE/WRITE_ONCE */
	u64		done;		/* READ_ONCE/WRITE_ONCE; keys so far */
	struct tm_thread thread;
};

static void load_main(void *arg)
{
	struct load *l = arg;
	u64 key;

	scenario_pin(l->cpu);
	/* Pairs with the WRITE_ONCE() in freeze_loads(). */
	for (key = 0; !READ_ONCE(l->stop); key++) {
		TM_EXPECT_EQ(tripmap_store(l->t, &key, &key, GFP_KERNEL), 0);
		/* Pairs with the READ_ONCE() in all_busy(). */
		WRITE_ONCE(l->done, key);
		cond_resched();
	}
}

static bool all_busy(struct load *loads, unsigned int n, u64 keys)
{
	bool busy = true;

	for (; n; n--, loads++)
		/* Pairs with the WRITE_ONCE() in load_main(). */
		busy = busy && READ_ONCE(loads->done) >= keys;
	return busy;
}

/* Its keys in the window, complete since begin: no gap, no repetition. */
static unsigned int count_unbroken(struct stage *s, const struct tm_event *e, u32 table)
{
	unsigned int n = 0;
	u64 key, last = 0;
	u32 i;

	for (i = 0; i < s->w.events; i++) {
		/* One that turns out to be short of memory goes in again. */
		if (e[i].table != table || e[i].event != TRIPMAP_EVENT_WRITE_END ||
		    e[i].time < s->w.begin || e[i].result)
			continue;
		memcpy(&key, e[i].key, sizeof(key));
		/* With a share of more than 1 there may be gaps. */
		if (n++ && s->w.share == 1)
			TM_EXPECT_EQ(key, last + 1);
		last = key;
	}
	return n;
}

static u64 expect_unbroken(struct stage *s, struct load *loads, unsigned int n)
{
	struct tm_event *e = events_of(s);
	unsigned int i, found = 0;

	for (i = 0; e && i < n; i++)
		found += count_unbroken(s, e, table_id(loads[i].t));
	tm_test_note("%u events, %u writes of the load, %u left out, %llu lost", s->w.events,
		     found, s->w.left_out, s->w.lost);
	kvfree(e);
	return found + s->w.lost + s->w.left_out;
}

static void freeze_loads(struct stage *s, struct load *loads, unsigned int n)
{
	unsigned int round, i;
	u64 seen = 0;

	for (i = 0; i < n; i++)
		tm_thread_start(&loads[i].thread, load_main, &loads[i], "load");
	for (round = 1; round <= 5 && !tm_test_failures(); round++)
		if (TM_WAIT_FOR(all_busy(loads, n, 200 * round)) && clash(s))
			seen += expect_unbroken(s, loads, n);
	/* Not in each window: the host may have had no time for the load. */
	TM_EXPECT(seen > 0);
	for (i = 0; i < n; i++) {
		/* Pairs with the READ_ONCE() in load_main(). */
		WRITE_ONCE(loads[i].stop, true);
		tm_thread_join(&loads[i].thread);
	}
}

TM_TEST(under_load)
{
	static struct load loads[LOADS];
	unsigned int i, n = min_t(unsigned int, num_online_cpus(), LOADS);
	struct stage *s = &stage;

	for (i = 0; i < n; i++)
		loads[i] = (struct load){ .t = table_new("load", sizeof(u64)), .cpu = i };
	if (stage_begin(s) && !tm_test_failures())
		freeze_loads(s, loads, n);
	stage_end(s);
	for (i = 0; i < n; i++) {
		if (loads[i].t)
			expect_silence(loads[i].t);
		table_end(loads[i].t);
	}
}

SCENARIO(freeze, "freeze",
	 "each CPU stores keys that count up into a table of its own; a violation on another",
	 "all of them in its window, in one order; what was lost or left out counted",
	 "a gap since the time that the window says it is complete from",
	 TM_CASE(under_load));
