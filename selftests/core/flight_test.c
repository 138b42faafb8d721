// SPDX-License-Identifier: GPL-2.0
/*
 * The flight recorder, held against a model that keeps every event: what is in a
 * window, since when it is complete, what was lost, and what becomes of windows
 * that there is no room for.
 */
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>

#include "../../kmod/observe/flight.h"
#include "env.h"
#include "test.h"

#define CPUS		4	/* that are played, where they can be */
#define EVENTS		1024
#define REPORTS		1000	/* as the windows see it */
#define WINDOW_MS	10
#define MS		((u64)NSEC_PER_MSEC)
#define MARKS		16	/* that the recorder has */
#define BUDGET		(8UL << 20)

static struct {
	struct tm_event *e;	/* what was recorded, in that order; value numbers them from 0 */
	u32 n, room;
	u64 base;		/* a time that is still to come */
	u64 rng;
} m;

static struct tm_flight_window w;	/* the last one looked at */
static struct tm_event *got;		/* its events; TM_FLIGHT_EVENTS_MAX */

static u32 draw(u32 n)
{
	m.rng ^= m.rng << 13;
	m.rng ^= m.rng >> 7;
	m.rng ^= m.rng << 17;
	return (m.rng >> 32) % n;
}

static bool begin(u32 events, u32 room)
{
	tm_flight_exit();
	memset(&m, 0, sizeof(m));
	m.rng = tm_env_seed() | 1;
	m.room = room;
	m.e = kvcalloc(room, sizeof(*m.e), GFP_KERNEL);
	got = kvcalloc(TM_FLIGHT_EVENTS_MAX, sizeof(*got), GFP_KERNEL);
	m.base = ktime_get_mono_fast_ns() + 1000 * MS;
	return TM_EXPECT(m.e && got) &&
	       TM_EXPECT_EQ(tm_flight_init(events, REPORTS, WINDOW_MS), 0) &&
	       TM_EXPECT_EQ(tm_flight_set(TRIPMAP_RECORDER_ON), 0);
}

static void end(void)
{
	tm_flight_exit();
	TM_EXPECT_EQ(tm_flight_init(EVENTS, REPORTS, WINDOW_MS), 0);
	kvfree(m.e);
	kvfree(got);
}

static void emit(const struct tm_event *e)
{
	tm_env_play_cpu(e->cpu);
	tm_event_emit(e);
}

static void record(enum tripmap_event event, unsigned int cpu, u64 time)
{
	struct tm_event e = {
		.time = m.base + time, .event = event, .cpu = cpu, .value = m.n,
		.caller = ~time, .label.own = "recorded",
	};

	if (TM_EXPECT(m.n < m.room))
		m.e[m.n++] = e;
	emit(&e);
}

static void store(unsigned int cpu, u64 time)
{
	record(TRIPMAP_EVENT_WRITE_BEGIN, cpu, time);
}

static void look(u64 id)
{
	tm_flight_window(id, &w);
	TM_EXPECT_EQ(tm_flight_events(id, 0, got, TM_FLIGHT_EVENTS_MAX), w.events);
	TM_EXPECT_EQ(tm_flight_events(id, w.events, got, 1), 0);
}

/* A violation at a time, looked at when the window is frozen. */
static void freeze(u64 id, u64 time)
{
	tm_flight_mark(id, m.base + time, false);
	tm_flight_freeze();
	look(id);
}

static bool is_sorted(void)
{
	u32 i;

	for (i = 1; i < w.events; i++) {
		if (got[i].time < got[i - 1].time ||
		    (got[i].time == got[i - 1].time && got[i].cpu < got[i - 1].cpu))
			return false;
	}
	return true;
}

/*
 * What is in the window was recorded in its time, just as it is and once; what
 * was recorded since it is complete is there, or lost. Returns how many of all
 * that lie in its time are not there.
 */
static u32 check(u64 time)
{
	u64 from = m.base + time - w.length, missing = 0;
	u32 i, in = 0, at = 0;
	bool *seen;

	TM_EXPECT_EQ(w.state, TRIPMAP_WINDOW_FROZEN);
	TM_EXPECT(is_sorted());
	seen = kvcalloc(m.room, sizeof(*seen), GFP_KERNEL);
	if (!TM_EXPECT(seen))
		return 0;
	for (i = 0; i < w.events; i++) {
		at = got[i].value;
		if (!TM_EXPECT(at < m.n) || !TM_EXPECT(!seen[at]))
			break;
		seen[at] = true;
		TM_EXPECT(!memcmp(&got[i], &m.e[at], sizeof(got[i])));
		TM_EXPECT(got[i].time >= from && got[i].time <= m.base + time);
	}
	for (i = 0; i < m.n; i++) {
		if (m.e[i].time < from || m.e[i].time > m.base + time || seen[i])
			continue;
		missing++;
		in += m.e[i].time > w.begin;
	}
	TM_EXPECT(in <= w.lost);
	kvfree(seen);
	return missing;
}

TM_TEST(window)
{
	u32 i;

	if (!begin(EVENTS, 64))
		return;
	/* In another order than they happened, on several CPUs, some out of the window. */
	store(1, 20 * MS);
	store(0, 10 * MS - 1);
	store(0, 10 * MS);
	store(2, 15 * MS);
	store(1, 15 * MS);
	store(1, 14 * MS);
	store(3, 20 * MS + 1);
	store(0, 19 * MS);
	freeze(7, 20 * MS);
	TM_EXPECT_EQ(check(20 * MS), 0);
	TM_EXPECT_EQ(w.events, 6);
	TM_EXPECT_EQ(w.lost, 0);
	TM_EXPECT_EQ(w.left_out, 0);
	TM_EXPECT_EQ(w.begin, m.base + 10 * MS);
	TM_EXPECT_EQ(w.length, WINDOW_MS * MS);
	TM_EXPECT_EQ(w.recorder, TRIPMAP_RECORDER_ON);
	TM_EXPECT_EQ(w.share, tm_event_share());
	for (i = 0; i < 6; i++)
		TM_EXPECT_EQ(got[i].value, ((const u32[]){ 2, 5, 4, 3, 7, 0 })[i]);
	/* A piece of it, and what is unknown. */
	TM_EXPECT_EQ(tm_flight_events(7, 4, got, 64), 2);
	TM_EXPECT_EQ(got[1].value, 0);
	look(8);
	TM_EXPECT_EQ(w.state, TRIPMAP_WINDOW_NONE);
	end();
}

/* Who warns in an NMI may have interrupted whoever has the recorder's lock. */
TM_TEST(nmi)
{
	if (!tm_env_can_play())
		TM_SKIP("an NMI cannot be played here");
	if (!begin(EVENTS, 64))
		return;
	store(0, MS);
	freeze(1, 2 * MS);
	tm_env_play_context(TRIPMAP_CONTEXT_NMI);
	tm_flight_window(1, &w);
	TM_EXPECT_EQ(w.state, TRIPMAP_WINDOW_FROZEN);
	TM_EXPECT_EQ(w.events, 1);
	tm_flight_mark(2, m.base + 2 * MS, false);
	tm_flight_window(2, &w);
	TM_EXPECT_EQ(w.state, TRIPMAP_WINDOW_PENDING);
	tm_env_play_context(TRIPMAP_CONTEXT_TASK);
	end();
}

/* Complete no longer than the recorder was on. */
TM_TEST(since_on)
{
	u64 on;

	if (!begin(EVENTS, 64))
		return;
	TM_EXPECT_EQ(tm_flight_set(TRIPMAP_RECORDER_OFF), 0);
	store(0, 0);
	freeze(1, MS);
	TM_EXPECT_EQ(w.state, TRIPMAP_WINDOW_NONE);
	TM_EXPECT_EQ(tm_flight_recorded(), 0);
	on = ktime_get_mono_fast_ns();
	TM_EXPECT_EQ(tm_flight_set(TRIPMAP_RECORDER_ON), 0);
	m.base = on - MS;
	freeze(2, 2 * MS);
	TM_EXPECT_EQ(w.state, TRIPMAP_WINDOW_FROZEN);
	TM_EXPECT(w.begin >= on);
	end();
}

TM_TEST(reads)
{
	if (!begin(EVENTS, 64))
		return;
	record(TRIPMAP_EVENT_LOOKUP, 0, MS);
	TM_EXPECT_EQ(tm_flight_recorded(), 0);
	TM_EXPECT_EQ(tm_flight_set(TRIPMAP_RECORDER_READS), 0);
	TM_EXPECT_EQ(tm_flight_mode(), TRIPMAP_RECORDER_READS);
	record(TRIPMAP_EVENT_LOOKUP, 0, 2 * MS);
	store(0, 2 * MS);
	freeze(1, 3 * MS);
	TM_EXPECT_EQ(w.recorder, TRIPMAP_RECORDER_READS);
	TM_EXPECT_EQ(w.events, 2);
	TM_EXPECT_EQ(tm_flight_set(TRIPMAP_RECORDER_ON), 0);
	record(TRIPMAP_EVENT_LOOKUP, 0, 2 * MS);
	store(0, 2 * MS);
	freeze(2, 3 * MS);
	TM_EXPECT_EQ(w.events, 3);
	end();
}

/* A ring too short for the window; and one that goes on between mark and copy. */
TM_TEST(overwritten)
{
	u32 i;

	if (!tm_env_can_play())
		TM_SKIP("events of a test that is moved lie in several rings");
	if (!begin(64, 512))
		return;
	for (i = 0; i < 100; i++)
		store(0, i * MS / 20);
	freeze(1, 5 * MS);
	TM_EXPECT_EQ(w.events, 64);
	TM_EXPECT_EQ(w.lost, 0);
	TM_EXPECT_EQ(check(5 * MS), 36);
	/* As the oldest few may stand a little out of place, some of them do not count. */
	TM_EXPECT(w.begin > m.base + 36 * MS / 20 && w.begin <= m.base + 52 * MS / 20);

	tm_flight_mark(2, m.base + 5 * MS, false);
	for (i = 0; i < 10; i++)
		store(0, 6 * MS);
	tm_flight_freeze();
	look(2);
	TM_EXPECT_EQ(w.events, 54);
	TM_EXPECT_EQ(w.lost, 10);
	TM_EXPECT_EQ(check(5 * MS), 46);

	tm_flight_mark(3, m.base + 6 * MS, false);
	for (i = 0; i < 200; i++)
		store(0, 7 * MS);
	tm_flight_freeze();
	look(3);
	TM_EXPECT_EQ(w.events, 0);
	TM_EXPECT_EQ(w.lost, 64);
	TM_EXPECT_EQ(w.begin, m.base + 6 * MS);
	TM_EXPECT_EQ(tm_flight_recorded(), 310);
	TM_EXPECT_EQ(tm_flight_lost(), 310 - 64);
	end();
}

/* What is overwritten is no loss where the window does not reach back so far. */
TM_TEST(overwritten_before)
{
	u32 i;

	if (!tm_env_can_play())
		TM_SKIP("events of a test that is moved lie in several rings");
	if (!begin(128, 512))
		return;
	for (i = 0; i < 100; i++)
		store(0, i);
	for (i = 0; i < 20; i++)
		store(0, 50 * MS + i);
	tm_flight_mark(1, m.base + 51 * MS, false);
	for (i = 0; i < 60; i++)
		store(0, 52 * MS);
	tm_flight_freeze();
	look(1);
	TM_EXPECT_EQ(check(51 * MS), 0);
	TM_EXPECT_EQ(w.events, 20);
	TM_EXPECT_EQ(w.lost, 0);
	TM_EXPECT_EQ(w.begin, m.base + 41 * MS);
	end();
}

TM_TEST(too_many)
{
	u32 i, n = TM_FLIGHT_EVENTS_MAX + 500;

	if (!begin(8192, n))
		return;
	for (i = 0; i < n; i++)
		store(i % CPUS, i);
	freeze(1, n);
	TM_EXPECT_EQ(w.events, TM_FLIGHT_EVENTS_MAX);
	TM_EXPECT_EQ(w.left_out, 500);
	TM_EXPECT_EQ(w.begin, m.base + 499);
	TM_EXPECT_EQ(check(n), 500);
	TM_EXPECT_EQ(got[0].value, 500);
	end();
}

/* Events come late by a few places, on CPUs of very different pace. */
static void record_at_random(u32 n, u64 step)
{
	u64 time[CPUS] = { 0 };
	u32 i;

	for (i = 0; i < n; i++) {
		u32 cpu = draw(8) ? draw(2) : draw(CPUS);
		u64 late = draw(4) ? 0 : draw(4 * step);

		time[cpu] = max(time[cpu], i * step);
		store(cpu, time[cpu] - min(late, time[cpu]));
	}
}

TM_TEST(random)
{
	u64 runs = tm_env_ops(40), n;

	for (n = 0; n < runs && !tm_test_failures(); n++) {
		u32 events, after;
		u64 step, time, ms;

		if (!begin(64 << (n % 5), 4096))
			return;
		m.rng += n << 32;
		events = 1 + draw(2000);
		step = 1 + draw(2 * WINDOW_MS * MS / events);
		ms = 1 + draw(2 * WINDOW_MS);
		tm_flight_set_window_ms(ms);
		record_at_random(events, step);
		time = events * step - draw(events * step);
		tm_flight_mark(1, m.base + time, false);
		after = draw(2) ? draw(200) : 0;
		while (after--)
			store(draw(CPUS), events * step + draw(MS));
		tm_flight_freeze();
		look(1);
		TM_EXPECT_EQ(w.length, ms * MS);
		if (!check(time))
			TM_EXPECT_EQ(w.left_out, 0);
		end();
	}
}

static struct {
	const void *task;	/* that copies; constant while others run */
	atomic_t copying, changed;
	bool noio, pending;	/* the copying thread's */
} amid;

/* As reclaim for what is being copied may, it violates; then others have their turn. */
static void come_amid(bool stack)
{
	if (current != amid.task)
		return;
	tm_env_hook_looks(NULL);
	amid.noio = current->flags & PF_MEMALLOC_NOIO;
	tm_flight_mark(2, m.base + 2 * MS, false);
	tm_flight_try_freeze();
	amid.pending = tm_flight_pending(2);
	atomic_set(&amid.copying, 1);
	while (!atomic_read(&amid.changed))
		cpu_relax();
}

static void change_mode(void *arg)
{
	TM_WAIT_FOR(atomic_read(&amid.copying));
	TM_EXPECT_EQ(tm_flight_set(TRIPMAP_RECORDER_READS), 0);
	atomic_set(&amid.changed, 1);
}

/* Whoever comes amid a copy, in its very task too, goes without; the mode has no part in it. */
TM_TEST(amid_copy)
{
	struct tm_thread thread;

	if (!tm_env_can_play())
		TM_SKIP("nobody can come amid here");
	if (!begin(EVENTS, 64))
		return;
	memset(&amid, 0, sizeof(amid));
	amid.task = current;
	store(0, MS);
	tm_flight_mark(1, m.base + 2 * MS, false);
	TM_EXPECT(tm_flight_pending(1));
	tm_thread_start(&thread, change_mode, NULL, "changes");
	tm_env_hook_looks(come_amid);
	tm_flight_freeze();
	tm_thread_join(&thread);
	TM_EXPECT(amid.noio && amid.pending);
	TM_EXPECT(!(current->flags & PF_MEMALLOC_NOIO));
	TM_EXPECT_EQ(tm_flight_mode(), TRIPMAP_RECORDER_READS);
	tm_flight_mark(3, m.base + 2 * MS, false);
	tm_flight_try_freeze();
	look(1);
	TM_EXPECT_EQ(w.events, 1);
	look(3);
	TM_EXPECT_EQ(w.events, 1);
	TM_EXPECT(!tm_flight_pending(1) && !tm_flight_pending(2) && !tm_flight_pending(3));
	end();
}

/* More violations at a time than can be marked. */
TM_TEST(marks)
{
	u64 id;

	if (!begin(EVENTS, 64))
		return;
	store(0, MS);
	for (id = 1; id <= MARKS + 2; id++) {
		tm_flight_mark(id, m.base + 2 * MS, false);
		look(id);
		TM_EXPECT_EQ(w.state, id <= MARKS ? TRIPMAP_WINDOW_PENDING :
						    TRIPMAP_WINDOW_MISSED);
	}
	tm_flight_freeze();
	for (id = 1; id <= MARKS + 2; id++) {
		look(id);
		TM_EXPECT_EQ(w.state, id <= MARKS ? TRIPMAP_WINDOW_FROZEN :
						    TRIPMAP_WINDOW_MISSED);
		TM_EXPECT_EQ(w.events, id <= MARKS);
	}
	freeze(id, 2 * MS);
	TM_EXPECT_EQ(w.state, TRIPMAP_WINDOW_FROZEN);
	end();
}

/* Windows of older reports give way, their figures stay. */
TM_TEST(budget)
{
	size_t before, full = TM_FLIGHT_EVENTS_MAX * sizeof(struct tm_event);
	u32 i, n = TM_FLIGHT_EVENTS_MAX, kept = 0, missed = 0;
	u64 id, ids = BUDGET / full + 8;

	if (!begin(8192, n))
		return;
	before = tm_flight_memory();
	for (i = 0; i < n; i++)
		store(i % CPUS, i);
	for (id = 1; id <= ids; id++) {
		freeze(id, n);
		TM_EXPECT_EQ(w.events, n);
		TM_EXPECT(tm_flight_memory() <= before + BUDGET);
	}
	for (id = 1; id <= ids; id++) {
		look(id);
		kept += w.state == TRIPMAP_WINDOW_FROZEN && w.events == n;
		missed += w.state == TRIPMAP_WINDOW_MISSED && !w.events;
		TM_EXPECT_EQ(w.length, WINDOW_MS * MS);
		TM_EXPECT(!kept || w.state == TRIPMAP_WINDOW_FROZEN);
	}
	TM_EXPECT_EQ(kept + missed, ids);
	TM_EXPECT(kept >= BUDGET / full - 1 && kept <= BUDGET / full);
	tm_flight_clear(ids);
	look(ids);
	TM_EXPECT_EQ(w.state, TRIPMAP_WINDOW_NONE);
	look(ids - 1);
	TM_EXPECT_EQ(w.state, TRIPMAP_WINDOW_FROZEN);
	tm_flight_clear(TM_FLIGHT_ALL);
	TM_EXPECT_EQ(tm_flight_memory(), before);
	end();
}

/* Reports of confined tables, however many, take no more than half of room and marks. */
TM_TEST(confined)
{
	size_t full = TM_FLIGHT_EVENTS_MAX * sizeof(struct tm_event);
	u64 id, half = BUDGET / full / 2, ids = 4 * half;
	u32 i, n = TM_FLIGHT_EVENTS_MAX, kept = 0;

	if (!begin(8192, n))
		return;
	for (i = 0; i < n; i++)
		store(i % CPUS, i);
	for (id = 1; id <= ids; id++) {
		tm_flight_mark(id, m.base + n, id > half);
		tm_flight_freeze();
	}
	for (id = 1; id <= ids; id++) {
		look(id);
		TM_EXPECT(id > half || w.events == n);
		kept += !!w.events;
	}
	TM_EXPECT(kept >= BUDGET / full - 1);
	/* The others may have all of it. */
	for (; id <= ids + 2 * half + 2; id++)
		freeze(id, n);
	look(ids);
	TM_EXPECT_EQ(w.events, 0);
	for (i = 0; i < MARKS; i++, id++) {
		tm_flight_mark(id, m.base + n, true);
		TM_EXPECT_EQ(tm_flight_pending(id), i < MARKS / 2);
	}
	tm_flight_mark(id, m.base + n, false);
	TM_EXPECT(tm_flight_pending(id));
	tm_flight_freeze();
	end();
}

/* Who is forgotten while it is marked is not kept. */
TM_TEST(forgotten)
{
	size_t before;

	if (!begin(EVENTS, 64))
		return;
	before = tm_flight_memory();
	store(0, MS);
	tm_flight_mark(1, m.base + MS, false);
	tm_flight_mark(2, m.base + MS, false);
	tm_flight_clear(1);
	tm_flight_freeze();
	look(1);
	TM_EXPECT_EQ(w.state, TRIPMAP_WINDOW_NONE);
	look(2);
	TM_EXPECT_EQ(w.events, 1);
	/* Numbers go on, places are taken by those that take the record's. */
	freeze(2 + 4096, MS);
	look(2);
	TM_EXPECT_EQ(w.events, 1);
	tm_flight_clear(2 + 4096);
	freeze(2 + 4 * REPORTS, MS);
	TM_EXPECT_EQ(w.events, 1);
	look(2);
	TM_EXPECT_EQ(w.state, TRIPMAP_WINDOW_NONE);
	tm_flight_clear(2);
	look(2 + 4 * REPORTS);
	TM_EXPECT_EQ(w.events, 1);
	tm_flight_clear(2 + 4 * REPORTS);
	TM_EXPECT_EQ(tm_flight_memory(), before);
	end();
}

TM_TEST(no_memory)
{
	unsigned int failed = 1;
	long before, nth;

	if (!tm_env_can_play())
		TM_SKIP("allocations cannot be failed here");
	if (!begin(EVENTS, 64))
		return;
	store(0, MS);
	before = tm_env_live_allocs();
	for (nth = 0; failed; nth++) {
		tm_flight_mark(nth + 1, m.base + MS, false);
		tm_env_fail_alloc(nth, false);
		tm_flight_freeze();
		failed = tm_env_fail_end();
		look(nth + 1);
		TM_EXPECT_EQ(w.state, failed ? TRIPMAP_WINDOW_MISSED : TRIPMAP_WINDOW_FROZEN);
		if (failed)
			TM_EXPECT_EQ(tm_env_live_allocs(), before);
	}
	TM_EXPECT(nth > 3);
	end();
	tm_flight_exit();
	before = tm_env_live_allocs();
	for (nth = 0; ; nth++) {
		int err;

		tm_env_fail_alloc(nth, false);
		err = tm_flight_init(EVENTS, REPORTS, WINDOW_MS);
		if (!tm_env_fail_end())
			break;
		TM_EXPECT_EQ(err, -ENOMEM);
		TM_EXPECT_EQ(tm_env_live_allocs(), before);
	}
	TM_EXPECT(nth > 3);
}

TM_TEST(backwards)
{
	struct tm_event e;
	u64 *cursor;
	u32 i;

	if (!begin(64, 512))
		return;
	cursor = kcalloc(nr_cpu_ids, sizeof(*cursor), GFP_KERNEL);
	if (TM_EXPECT(cursor))
		TM_EXPECT(!tm_flight_before(cursor, ~0ULL, &e));
	for (i = 0; cursor && i < 60; i++)
		store(i % CPUS, i / 2);
	memset(cursor, 0, nr_cpu_ids * sizeof(*cursor));
	for (i = 60; cursor && i-- > 20; )
		TM_EXPECT(tm_flight_before(cursor, m.base + 29, &e) && e.value == i);
	memset(cursor, 0, nr_cpu_ids * sizeof(*cursor));
	TM_EXPECT(tm_flight_before(cursor, m.base + 9, &e) && e.time == m.base + 9);
	for (i = 1; tm_flight_before(cursor, m.base + 9, &e); i++)
		;
	TM_EXPECT_EQ(i, 20);
	kfree(cursor);
	end();
}

/* The wall clock and its like, at the violation and when its window was copied. */
TM_TEST(clocks)
{
	u64 before;

	if (!begin(EVENTS, 64))
		return;
	before = ktime_get_mono_fast_ns();
	freeze(1, MS);
	TM_EXPECT(w.clock[0].mono >= before);
	TM_EXPECT(w.clock[1].mono >= w.clock[0].mono);
	TM_EXPECT(w.clock[1].mono <= ktime_get_mono_fast_ns());
	TM_EXPECT(w.clock[0].real > w.clock[0].mono);
	end();
}

#define THREADS	3

static struct {
	atomic_t stop;
	u64 sum[THREADS];	/* of the thread; events recorded */
} c;

/* Numbers of its own, one after the other, at the time that it is. */
static void recorder(void *arg)
{
	unsigned long who = (unsigned long)arg;
	struct tm_event e = { .event = TRIPMAP_EVENT_WRITE_END, .pid = who, .cpu = who };

	tm_env_play_cpu(who);
	while (!atomic_read(&c.stop)) {
		e.value++;
		e.time = ktime_get_mono_fast_ns();
		e.caller = e.time ^ e.value;
		tm_event_emit(&e);
		cond_resched();
	}
	c.sum[who] = e.value;
}

/* A thread's events: its numbers rise with time, and since the begin none is missing. */
static u64 check_thread(u64 who)
{
	u64 last = 0, last_time = 0, missing = 0;
	u32 i;

	for (i = 0; i < w.events; i++) {
		const struct tm_event *e = &got[i];

		if (e->pid != who)
			continue;
		TM_EXPECT_EQ(e->caller, e->time ^ e->value);
		TM_EXPECT(e->value > last);
		if (last && last_time > w.begin)
			missing += e->value - last - 1;
		last = e->value;
		last_time = e->time;
	}
	return missing;
}

TM_TEST(while_recording)
{
	struct tm_thread thread[THREADS];
	u64 id, who, runs = tm_env_ops(60), events = 0, lost = 0, complete = 0;

	/* Room for what is recorded while a grace period is waited for, emulated too. */
	if (!begin(128 * EVENTS, 1))
		return;
	memset(&c, 0, sizeof(c));
	for (who = 0; who < THREADS; who++)
		tm_thread_start(&thread[who], recorder, (void *)(unsigned long)who, "recorder");
	for (id = 1; id <= runs && !tm_test_failures(); id++) {
		u64 missing = 0, recorded = tm_flight_recorded();

		TM_WAIT_FOR(tm_flight_recorded() > recorded + 2 * EVENTS);
		tm_flight_mark(id, ktime_get_mono_fast_ns(), false);
		tm_flight_freeze();
		look(id);
		TM_EXPECT_EQ(w.state, TRIPMAP_WINDOW_FROZEN);
		TM_EXPECT(is_sorted());
		for (who = 0; who < THREADS; who++)
			missing += check_thread(who);
		TM_EXPECT(missing <= w.lost);
		events += w.events;
		lost += w.lost;
		complete += !w.lost;
	}
	atomic_set(&c.stop, 1);
	for (who = 0; who < THREADS; who++)
		tm_thread_join(&thread[who]);
	tm_test_note("%llu windows, %llu events, %llu lost; %llu lost none", id - 1, events, lost,
		     complete);
	TM_EXPECT(complete > 0);
	TM_EXPECT(events > runs);
	TM_EXPECT_EQ(tm_flight_recorded(), c.sum[0] + c.sum[1] + c.sum[2]);
	end();
}

TM_SUITE(flight, TM_CASE(window), TM_CASE(nmi), TM_CASE(since_on), TM_CASE(reads),
	 TM_CASE(overwritten), TM_CASE(overwritten_before), TM_CASE(too_many), TM_CASE(random),
	 TM_CASE(amid_copy), TM_CASE(marks), TM_CASE(budget), TM_CASE(confined),
	 TM_CASE(forgotten), TM_CASE(no_memory), TM_CASE(backwards), TM_CASE(clocks),
	 TM_CASE(while_recording));
