// SPDX-License-Identifier: GPL-2.0
/*
 * Statistics on pauses: the cells, quantiles read off them, who counts where, and
 * what on, off and reset do to the figures.
 */
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../../kmod/observe/event.h"
#include "../../kmod/observe/pause.h"
#include "env.h"
#include "test.h"

#define PLACES		64	/* tables that are counted apart */
#define RECENT		TRIPMAP_PAUSE_RECENT
#define HELD		TRIPMAP_PAUSE_KIND_WRITE
#define GRACE		TRIPMAP_PAUSE_KIND_GRACE
#define TABLE		1000	/* first id */

/* The test's own thread; they are large. */
static struct tm_pause_stats s;
static struct tm_pause_period p;

static bool begin(void)
{
	tm_pause_exit();
	TM_EXPECT_EQ(tm_pause_memory(), 0);
	return TM_EXPECT_EQ(tm_pause_on(), 0);
}

static void end(void)
{
	tm_pause_exit();
	TM_EXPECT(!tm_pause_is_on());
}

static void pause(u32 table, unsigned int cpu, enum tripmap_pause_kind kind, u64 from, u64 ns)
{
	struct tm_event e = {
		.event = TRIPMAP_EVENT_PAUSE, .kind = kind, .cpu = cpu, .table = table,
		.time = from + ns, .duration = ns,
	};

	tm_env_play_cpu(cpu);
	tm_event_emit(&e);
}

/* After its end: by who waited for memory, or walks on. */
static void pause_of_gone(u32 table, enum tripmap_pause_kind kind)
{
	struct tm_event e = {
		.event = TRIPMAP_EVENT_PAUSE, .kind = kind, .table = table, .gone = true,
	};

	tm_event_emit(&e);
	TM_EXPECT_EQ(tm_pause_get(table, TM_PAUSE_ALL_CPUS, kind, &s, &p), -ENOENT);
}

/* The table is gone. */
static void destroy(u32 table)
{
	struct tm_event e = { .event = TRIPMAP_EVENT_TABLE_DEL, .table = table };

	tm_event_emit(&e);
}

static u64 count_of(u32 table, u32 cpu, enum tripmap_pause_kind kind)
{
	return tm_pause_get(table, cpu, kind, &s, &p) ? 0 : s.count;
}

static u64 count(enum tripmap_pause_kind kind)
{
	return count_of(TM_PAUSE_ALL_TABLES, TM_PAUSE_ALL_CPUS, kind);
}

/* Where a cell begins, as the protocol's description has it. */
static u64 begin_of(unsigned int cell)
{
	return cell < 8 ? cell : (u64)(8 + cell % 8) << (cell / 8 - 1);
}

/* Each begins where the one before ends, is found by its begin, and is no wider than an eighth. */
TM_TEST(cells)
{
	unsigned int c;
	u64 first, end;

	TM_EXPECT_EQ(begin_of(0), 0);
	for (c = 0; c < TRIPMAP_PAUSE_CELLS; c++) {
		first = begin_of(c);
		end = begin_of(c + 1);
		TM_EXPECT(end > first);
		TM_EXPECT(c < 16 || end - first <= first / 8);
		TM_EXPECT(c >= 8 || first == c);
		TM_EXPECT_EQ(tm_pause_cell(first), c);
		TM_EXPECT_EQ(tm_pause_cell(end - 1), c);
	}
	TM_EXPECT_EQ(tm_pause_cell(1ULL << 40), TRIPMAP_PAUSE_CELLS - 1);
	TM_EXPECT_EQ(tm_pause_cell(~0ULL), TRIPMAP_PAUSE_CELLS - 1);
}

TM_TEST(figures)
{
	if (!begin())
		return;
	TM_EXPECT_EQ(count(HELD), 0);
	TM_EXPECT_EQ(s.min, 0);
	pause(TABLE, 1, HELD, 1000, 500);
	pause(TABLE, 1, HELD, 2000, 700);
	pause(TABLE + 1, 2, HELD, 3000, 6);
	pause(TABLE + 1, 2, GRACE, 3000, 0);
	TM_EXPECT_EQ(count(HELD), 3);
	TM_EXPECT_EQ(s.total, 1206);
	TM_EXPECT_EQ(s.min, 6);
	TM_EXPECT_EQ(s.max, 700);
	TM_EXPECT_EQ(s.cell[6], 1);
	TM_EXPECT_EQ(s.cell[tm_pause_cell(500)], 1);
	TM_EXPECT_EQ(count(GRACE), 1);
	TM_EXPECT_EQ(s.min, 0);
	TM_EXPECT_EQ(s.max, 0);
	TM_EXPECT_EQ(count(TRIPMAP_PAUSE_KIND_ODD), 0);
	TM_EXPECT_EQ(count_of(TABLE, TM_PAUSE_ALL_CPUS, HELD), 2);
	TM_EXPECT_EQ(s.min, 500);
	TM_EXPECT_EQ(s.total, 1200);
	TM_EXPECT_EQ(count_of(TABLE + 1, TM_PAUSE_ALL_CPUS, GRACE), 1);
	TM_EXPECT_EQ(p.untracked, 0);
	end();
}

TM_TEST(of_a_cpu)
{
	if (!tm_env_can_play())
		TM_SKIP("a test may be moved to another CPU");
	if (!begin())
		return;
	pause(TABLE, 1, HELD, 1000, 500);
	pause(TABLE, 2, HELD, 1000, 300);
	TM_EXPECT_EQ(count_of(TM_PAUSE_ALL_TABLES, 1, HELD), 1);
	TM_EXPECT_EQ(s.min, 500);
	TM_EXPECT_EQ(count_of(TM_PAUSE_ALL_TABLES, 2, HELD), 1);
	TM_EXPECT_EQ(s.max, 300);
	TM_EXPECT_EQ(count_of(TM_PAUSE_ALL_TABLES, 3, HELD), 0);
	end();
}

TM_TEST(nonsense)
{
	struct tm_pause_recent r;

	if (!begin())
		return;
	TM_EXPECT_EQ(tm_pause_get(TABLE, TM_PAUSE_ALL_CPUS, HELD, &s, &p), -ENOENT);
	TM_EXPECT_EQ(tm_pause_get(TABLE, 0, HELD, &s, &p), -EINVAL);
	TM_EXPECT_EQ(tm_pause_get(TM_PAUSE_ALL_TABLES, nr_cpu_ids, HELD, &s, &p), -EINVAL);
	TM_EXPECT_EQ(tm_pause_get(TM_PAUSE_ALL_TABLES, TM_PAUSE_ALL_CPUS,
				  TRIPMAP_PAUSE_KIND_MAX + 1, &s, &p), -EINVAL);
	TM_EXPECT(!tm_pause_recent(0, TRIPMAP_PAUSE_KIND_MAX + 1, 0, &r));
	TM_EXPECT(!tm_pause_recent(nr_cpu_ids, HELD, 0, &r));
	TM_EXPECT(!tm_pause_recent(0, HELD, 0, &r));
	end();
	TM_EXPECT_EQ(tm_pause_get(TABLE, TM_PAUSE_ALL_CPUS, HELD, &s, &p), -ENOENT);
}

/* Where the n-th smallest of all lies: the begin of its cell, as tripctl reads it. */
static u64 quantile(u64 n)
{
	unsigned int c = 0;
	u64 sum = s.cell[0];

	while (sum <= n && c < TRIPMAP_PAUSE_CELLS - 1)
		sum += s.cell[++c];
	return begin_of(c);
}

static void expect_quantile(u64 n, u64 truth)
{
	u64 read = quantile(n);

	TM_EXPECT(read <= truth && truth - read <= truth / 8);
}

#define MANY	10000

/* Evenly spread, and over many powers of two. */
TM_TEST(quantiles)
{
	u32 i;

	if (!begin())
		return;
	for (i = 0; i < MANY; i++)
		pause(TABLE, i % 4, HELD, 0, (i * 7919ULL % MANY) * 100);
	TM_EXPECT_EQ(count(HELD), MANY);
	for (i = 1; i < MANY; i += 7)
		expect_quantile(i, i * 100);
	TM_EXPECT_EQ(s.total, MANY / 2 * (MANY - 1ULL) * 100);
	for (i = 0; i < MANY; i++)
		pause(TABLE, i % 4, GRACE, 0, 1ULL << (i % 40));
	TM_EXPECT_EQ(count(GRACE), MANY);
	for (i = 0; i < MANY; i += 7)
		expect_quantile(i, 1ULL << (i / (MANY / 40)));
	end();
}

/* The last 256, the newest first. */
TM_TEST(recent)
{
	struct tm_pause_recent r;
	u32 i;

	if (!tm_env_can_play())
		TM_SKIP("a test may be moved to another CPU");
	if (!begin())
		return;
	for (i = 0; i < RECENT + 50; i++)
		pause(TABLE + i, 1, HELD, 1000 * i, i);
	pause(TABLE, 1, GRACE, 0, 1);
	for (i = 0; i < RECENT; i++) {
		if (!TM_EXPECT(tm_pause_recent(1, HELD, i, &r)))
			break;
		TM_EXPECT_EQ(r.start, 1000 * (RECENT + 49 - i));
		TM_EXPECT_EQ(r.duration, RECENT + 49 - i);
		TM_EXPECT_EQ(r.table, TABLE + RECENT + 49 - i);
		TM_EXPECT_EQ(r.cpu, 1);
		TM_EXPECT_EQ(r.kind, HELD);
	}
	TM_EXPECT(!tm_pause_recent(1, HELD, RECENT, &r));
	TM_EXPECT(!tm_pause_recent(0, HELD, 0, &r));
	TM_EXPECT(tm_pause_recent(1, GRACE, 0, &r) && !tm_pause_recent(1, GRACE, 1, &r));
	end();
}

TM_TEST(on_and_off)
{
	u64 since, now = ktime_get_mono_fast_ns();

	tm_pause_exit();
	TM_EXPECT_EQ(count(HELD), 0);
	TM_EXPECT_EQ(p.since, 0);
	if (!begin())
		return;
	TM_EXPECT(tm_pause_is_on());
	pause(TABLE, 0, HELD, 0, 5);
	TM_EXPECT_EQ(count(HELD), 1);
	TM_EXPECT(p.since >= now && p.now >= p.since);
	TM_EXPECT_EQ(p.until, 0);
	since = p.since;
	/* Once more is no more. */
	TM_EXPECT_EQ(tm_pause_on(), 0);
	TM_EXPECT_EQ(count(HELD), 1);
	TM_EXPECT_EQ(p.since, since);

	tm_pause_off();
	TM_EXPECT(!tm_pause_is_on());
	pause(TABLE, 0, HELD, 0, 5);
	TM_EXPECT_EQ(count(HELD), 1);
	TM_EXPECT_EQ(p.since, since);
	TM_EXPECT(p.until >= p.since && p.until <= p.now);
	tm_pause_off();

	/* A period has no hole. */
	TM_EXPECT_EQ(tm_pause_on(), 0);
	TM_EXPECT_EQ(count(HELD), 0);
	TM_EXPECT(p.since > since);
	TM_EXPECT_EQ(p.until, 0);
	end();
}

TM_TEST(reset)
{
	u64 since;

	if (!begin())
		return;
	pause(TABLE, 0, HELD, 0, 5);
	count(HELD);
	since = p.since;
	TM_EXPECT_EQ(tm_pause_reset(), 0);
	TM_EXPECT(tm_pause_is_on());
	TM_EXPECT_EQ(count(HELD), 0);
	TM_EXPECT(p.since > since);
	TM_EXPECT_EQ(count_of(TABLE, TM_PAUSE_ALL_CPUS, HELD), 0);
	pause(TABLE, 0, HELD, 0, 5);
	TM_EXPECT_EQ(count(HELD), 1);
	tm_pause_off();
	TM_EXPECT_EQ(tm_pause_reset(), 0);
	TM_EXPECT_EQ(count(HELD), 0);
	TM_EXPECT_EQ(p.since, 0);
	TM_EXPECT(!tm_pause_is_on());
	end();
}

/* One more pause of a table: did it have a place? */
static bool tried(u32 table)
{
	pause(table, 0, HELD, 0, 7);
	return count_of(table, TM_PAUSE_ALL_CPUS, HELD);
}

/* More tables than are counted apart; and those that are gone. */
TM_TEST(places)
{
	u32 i;

	if (!begin())
		return;
	for (i = 0; i < PLACES + 3; i++)
		pause(TABLE + 64 * i, 0, HELD, 0, i);
	TM_EXPECT_EQ(count(HELD), PLACES + 3);
	TM_EXPECT_EQ(p.untracked, 3);
	for (i = 0; i < PLACES + 3; i++)
		TM_EXPECT_EQ(count_of(TABLE + 64 * i, TM_PAUSE_ALL_CPUS, HELD), i < PLACES);
	pause(TABLE + 64 * (PLACES - 1), 0, HELD, 0, 1);
	TM_EXPECT_EQ(count_of(TABLE + 64 * (PLACES - 1), TM_PAUSE_ALL_CPUS, HELD), 2);

	destroy(TABLE + 64 * 5);
	destroy(TABLE - 1);
	TM_EXPECT_EQ(count_of(TABLE + 64 * 5, TM_PAUSE_ALL_CPUS, HELD), 0);
	/* Its place is for others, as soon as it is emptied. */
	TM_WAIT_FOR(tried(TABLE + 64 * PLACES));
	TM_EXPECT_EQ(s.count, 1);
	TM_EXPECT_EQ(s.min, 7);
	TM_EXPECT_EQ(s.total, 7);
	TM_EXPECT_EQ(count_of(TABLE, TM_PAUSE_ALL_CPUS, HELD), 1);
	end();
}

/* A place that was given back is not claimed for the dead, though they are counted. */
TM_TEST(gone)
{
	enum tripmap_pause_kind kind;

	if (!begin())
		return;
	for (kind = 0; kind <= TRIPMAP_PAUSE_KIND_MAX; kind++) {
		pause_of_gone(TABLE, kind);
		TM_EXPECT_EQ(count(kind), 1);
	}
	TM_EXPECT_EQ(p.untracked, TRIPMAP_PAUSE_KIND_MAX + 1);
	end();
}

TM_TEST(no_memory)
{
	unsigned int failed = 1;
	long before, nth;

	if (!tm_env_can_play())
		TM_SKIP("allocations cannot be failed here");
	tm_pause_exit();
	before = tm_env_live_allocs();
	for (nth = 0; failed; nth++) {
		int err;

		tm_env_fail_alloc(nth, false);
		err = tm_pause_on();
		failed = tm_env_fail_end();
		TM_EXPECT_EQ(err, failed ? -ENOMEM : 0);
		TM_EXPECT_EQ(tm_pause_is_on(), !failed);
		if (failed)
			TM_EXPECT_EQ(tm_env_live_allocs(), before);
	}
	TM_EXPECT(nth > 10);
	pause(TABLE, 0, HELD, 0, 5);
	tm_env_fail_alloc(3, false);
	TM_EXPECT_EQ(tm_pause_reset(), -ENOMEM);
	TM_EXPECT_EQ(tm_env_fail_end(), 1);
	TM_EXPECT_EQ(count(HELD), 1);
	TM_EXPECT(tm_pause_memory() > PLACES * 8 * TRIPMAP_PAUSE_CELLS * sizeof(u64));
	end();
	TM_EXPECT_EQ(tm_env_live_allocs(), before);
}

#define THREADS	3

static struct {
	u64 total[THREADS];	/* of the thread; ns */
	u64 n;			/* pauses of each thread */
	atomic_t running;
} c;

static void counter(void *arg)
{
	unsigned long who = (unsigned long)arg;
	u64 i;

	for (i = 0; i < c.n; i++) {
		u64 ns = i * 977 % 100003;

		pause(TABLE + i % 3, 1 + who % 2, HELD, 0, ns);
		c.total[who] += ns;
	}
	atomic_dec(&c.running);
}

/* Two on one CPU, as an interrupt above a task, and one on another; and somebody reads. */
TM_TEST(at_once)
{
	struct tm_thread thread[THREADS];
	unsigned long who;
	u64 last = 0, of_tables;
	u32 i;

	if (!begin())
		return;
	memset(&c, 0, sizeof(c));
	c.n = tm_env_ops(300000);
	atomic_set(&c.running, THREADS);
	for (who = 0; who < THREADS; who++)
		tm_thread_start(&thread[who], counter, (void *)who, "counter");
	while (atomic_read(&c.running)) {
		TM_EXPECT(count(HELD) >= last);
		last = s.count;
		cond_resched();
	}
	for (who = 0; who < THREADS; who++)
		tm_thread_join(&thread[who]);
	TM_EXPECT_EQ(count(HELD), THREADS * c.n);
	TM_EXPECT_EQ(s.total, c.total[0] + c.total[1] + c.total[2]);
	TM_EXPECT_EQ(s.min, 0);
	TM_EXPECT_EQ(p.untracked, 0);
	for (i = 0, of_tables = 0; i < 3; i++)
		of_tables += count_of(TABLE + i, TM_PAUSE_ALL_CPUS, HELD);
	TM_EXPECT_EQ(of_tables, THREADS * c.n);
	end();
}

/* Figures that begin anew, and tables that come and go, under those who count. */
TM_TEST(reset_beside)
{
	struct tm_thread thread[THREADS];
	struct tm_pause_recent r;
	unsigned long who;
	u32 resets = 0;

	if (!begin())
		return;
	memset(&c, 0, sizeof(c));
	c.n = tm_env_ops(300000);
	atomic_set(&c.running, THREADS);
	for (who = 0; who < THREADS; who++)
		tm_thread_start(&thread[who], counter, (void *)who, "counter");
	while (atomic_read(&c.running)) {
		destroy(TABLE + resets % 3);
		TM_EXPECT_EQ(tm_pause_reset(), 0);
		resets++;
		if (tm_pause_recent(1, HELD, 0, &r))
			TM_EXPECT(r.table >= TABLE && r.table < TABLE + 3 && !r.start);
		TM_EXPECT(count(HELD) <= THREADS * c.n);
		cond_resched();
	}
	for (who = 0; who < THREADS; who++)
		tm_thread_join(&thread[who]);
	TM_EXPECT(resets > 0);
	end();
}

TM_SUITE(pause, TM_CASE(cells), TM_CASE(figures), TM_CASE(of_a_cpu), TM_CASE(nonsense),
	 TM_CASE(quantiles), TM_CASE(recent), TM_CASE(on_and_off), TM_CASE(reset),
	 TM_CASE(places), TM_CASE(gone), TM_CASE(no_memory), TM_CASE(at_once),
	 TM_CASE(reset_beside));
