// SPDX-License-Identifier: GPL-2.0
/*
 * The classes that have nothing to do with two writers at once, the rules that
 * answer them, and what an operator does about a writer that does not leave.
 */
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "../../kmod/core/hook.h"
#include "../../kmod/core/invariant.h"
#include "../../kmod/core/map.h"
#include "../../kmod/observe/report.h"
#include "env.h"
#include "model.h"
#include "test.h"

static struct {
	struct tripmap *t;
	u64 owner;
	u64 after;
	struct tm_report report;
	struct tm_thread thread;
	atomic_t state;
	int result;
} s;

enum { ARMED, PARKED, GO };

static bool begin(enum tripmap_contract contract)
{
	static u64 owner = 1000000;
	struct tripmap_config cfg = model_config(8, 8);
	u64 key;

	memset(&s, 0, sizeof(s));
	s.owner = ++owner;
	cfg.name = "sessions";
	cfg.contract = contract;
	cfg.owner = s.owner;
	s.t = tripmap_create(&cfg, GFP_KERNEL);
	if (!TM_EXPECT(!IS_ERR(s.t)))
		return false;
	for (key = 0; key < 50; key++)
		TM_EXPECT_EQ(tripmap_store(s.t, &key, &key, GFP_KERNEL), 0);
	return true;
}

static void end(void)
{
	TM_EXPECT_STREQ(tm_invariant_check(s.t) ?: "", "");
	TM_EXPECT_EQ(tripmap_destroy(s.t), 0);
	tm_report_clear(s.owner);
}

static u64 seen(enum tripmap_class class)
{
	struct tripmap_info info;

	tripmap_info(s.t, &info);
	return info.violations[class];
}

/* The only new report, of class and with result. */
static bool reported(enum tripmap_class class, int result)
{
	if (!TM_EXPECT(tm_report_next(s.owner, s.after, &s.report)))
		return false;
	s.after = s.report.id;
	TM_EXPECT_EQ(s.report.v.class, class);
	TM_EXPECT_EQ(s.report.v.result, result);
	TM_EXPECT_EQ(s.report.half, TRIPMAP_HALF_NONE);
	return TM_EXPECT_STREQ(s.report.v.table, "sessions");
}

static bool set_rule(enum tripmap_class class, struct tripmap_rule rule)
{
	return TM_EXPECT_EQ(tripmap_set_rule(s.t, class, &rule), 0);
}

static void stranger(void *arg)
{
	u64 key = 1;

	s.result = tripmap_store(s.t, &key, &key, GFP_KERNEL);
}

static int by_another(void)
{
	s.result = 1;
	if (tm_thread_start(&s.thread, stranger, NULL, "stranger"))
		tm_thread_join(&s.thread);
	return s.result;
}

TM_TEST(foreign_writer)
{
	u64 key = 2, value = 0;

	if (!begin(TRIPMAP_CONTRACT_OWNER))
		return;
	TM_EXPECT_EQ(by_another(), -EPERM);
	TM_EXPECT_EQ(seen(TRIPMAP_CLASS_FOREIGN_WRITER), 1);
	if (reported(TRIPMAP_CLASS_FOREIGN_WRITER, -EPERM)) {
		TM_EXPECT_STREQ(s.report.v.victim.comm, "stranger");
		TM_EXPECT_EQ(s.report.v.holder.pid, current->pid);
		TM_EXPECT(s.report.v.absent && !s.report.v.alone);
		TM_EXPECT(s.report.v.holder.caller);
	}
	/* All read, and the owner writes. */
	TM_EXPECT_EQ(tripmap_lookup(s.t, &key, &value), 0);
	TM_EXPECT_EQ(tripmap_store(s.t, &key, &key, GFP_KERNEL), 0);
	set_rule(TRIPMAP_CLASS_FOREIGN_WRITER, (struct tripmap_rule){
		.action = TRIPMAP_ACTION_COUNT, .answer = TRIPMAP_ANSWER_ALLOW });
	TM_EXPECT_EQ(by_another(), 0);
	TM_EXPECT_EQ(seen(TRIPMAP_CLASS_FOREIGN_WRITER), 2);
	end();
}

static void take_over(void *arg)
{
	u64 key = 1;

	TM_EXPECT_EQ(tripmap_own(s.t), 0);
	TM_EXPECT_EQ(tripmap_store(s.t, &key, &key, GFP_KERNEL), 0);
}

TM_TEST(taken_over)
{
	u64 key = 2;

	if (!begin(TRIPMAP_CONTRACT_OWNER))
		return;
	if (tm_thread_start(&s.thread, take_over, NULL, "heir"))
		tm_thread_join(&s.thread);
	TM_EXPECT_EQ(seen(TRIPMAP_CLASS_FOREIGN_WRITER), 0);
	TM_EXPECT_EQ(tripmap_store(s.t, &key, &key, GFP_KERNEL), -EPERM);
	if (reported(TRIPMAP_CLASS_FOREIGN_WRITER, -EPERM))
		TM_EXPECT_STREQ(s.report.v.holder.comm, "heir");
	TM_EXPECT_EQ(tripmap_own(s.t), 0);
	end();
}

/* Also when other tables have been made since. */
TM_TEST(destroyed)
{
	struct tripmap_config cfg = model_config(8, 8);
	struct tripmap *other;
	u64 key = 2, value;

	if (!begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
		return;
	TM_EXPECT_EQ(tripmap_destroy(s.t), 0);
	other = tripmap_create(&cfg, GFP_KERNEL);
	TM_EXPECT(other != s.t);
	TM_EXPECT_EQ(tripmap_destroy(other), 0);
	TM_EXPECT_EQ(by_another(), -ESTALE);
	if (reported(TRIPMAP_CLASS_DESTROYED, -ESTALE)) {
		TM_EXPECT_STREQ(s.report.v.victim.comm, "stranger");
		TM_EXPECT_EQ(s.report.v.holder.pid, current->pid);
		TM_EXPECT_EQ(s.report.v.holder.op, TRIPMAP_OP_DESTROY);
		TM_EXPECT_EQ(s.report.snap.nlinks, 0);
	}
	TM_EXPECT_EQ(tripmap_lookup(s.t, &key, &value), -ESTALE);
	TM_EXPECT(reported(TRIPMAP_CLASS_DESTROYED, -ESTALE));
	TM_EXPECT_EQ(PTR_ERR(tripmap_iter_open(s.t, GFP_KERNEL)), -ESTALE);
	TM_EXPECT(reported(TRIPMAP_CLASS_DESTROYED, -ESTALE));
	tm_report_clear(s.owner);
}

/* A walk that was under way. */
TM_TEST(destroyed_under_a_walk)
{
	struct tripmap_iter *it;
	u64 key, value;

	if (!begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
		return;
	it = tripmap_iter_open(s.t, GFP_KERNEL);
	TM_EXPECT_EQ(tripmap_destroy(s.t), 0);
	TM_EXPECT_EQ(tripmap_iter_next(it, &key, &value), -ESTALE);
	TM_EXPECT(reported(TRIPMAP_CLASS_DESTROYED, -ESTALE));
	tripmap_iter_close(it);
	tm_report_clear(s.owner);
}

/* The next report about what is no table; they are nobody's. */
static u64 no_table(u64 after, const char *name)
{
	if (!TM_EXPECT(tm_report_next(0, after, &s.report)))
		return after;
	TM_EXPECT_EQ(s.report.v.class, TRIPMAP_CLASS_UNINITIALISED);
	TM_EXPECT_EQ(s.report.v.result, -EINVAL);
	TM_EXPECT(s.report.v.alone);
	TM_EXPECT_STREQ(s.report.v.table, name);
	return s.report.id;
}

TM_TEST(uninitialised)
{
	static struct tripmap zeroed;
	u64 key = 1, value = 1, after = 0;

	memset(&s, 0, sizeof(s));
	tm_report_clear(0);
	TM_EXPECT_EQ(tripmap_store(NULL, &key, &value, GFP_KERNEL), -EINVAL);
	after = no_table(after, "(null)");
	TM_EXPECT_EQ(tripmap_delete(&zeroed, &key, GFP_KERNEL), -EINVAL);
	after = no_table(after, "(no table)");
	TM_EXPECT_EQ(tripmap_insert(ERR_PTR(-ENOMEM), &key, &value, GFP_KERNEL), -EINVAL);
	after = no_table(after, "(error pointer)");
	/* Lookups find nothing, silently. */
	TM_EXPECT_EQ(tripmap_lookup(NULL, &key, &value), -ENOENT);
	TM_EXPECT_EQ(tripmap_lookup(&zeroed, &key, &value), -ENOENT);
	TM_EXPECT_EQ(tripmap_lookup(ERR_PTR(-ENOMEM), &key, &value), -ENOENT);
	TM_EXPECT(!tm_report_next(0, after, &s.report));
	tm_report_clear(0);
}

TM_TEST(exiting_writer)
{
	u64 key = 5, value = 6;

	if (!tm_env_can_play())
		TM_SKIP("a task cannot be made to exit here");
	if (!begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
		return;
	tm_env_play_flags(PF_EXITING);
	TM_EXPECT_EQ(tripmap_store(s.t, &key, &value, GFP_KERNEL), 0);
	set_rule(TRIPMAP_CLASS_EXITING_WRITER, (struct tripmap_rule){
		.action = TRIPMAP_ACTION_REPORT, .answer = TRIPMAP_ANSWER_REFUSE });
	TM_EXPECT_EQ(tripmap_delete(s.t, &key, GFP_KERNEL), -EPERM);
	tm_env_play_flags(0);
	TM_EXPECT_EQ(seen(TRIPMAP_CLASS_EXITING_WRITER), 2);
	if (reported(TRIPMAP_CLASS_EXITING_WRITER, 0))
		TM_EXPECT(s.report.v.victim.flags & TRIPMAP_PARTY_FLAG_EXITING);
	TM_EXPECT(reported(TRIPMAP_CLASS_EXITING_WRITER, -EPERM));
	TM_EXPECT_EQ(tripmap_lookup(s.t, &key, &value), 0);
	TM_EXPECT_EQ(value, 6);
	end();
}

static void queues_nothing(struct work_struct *work)
{
}

/* An interrupt above a worker does nothing that anybody queued. */
static void expect_no_work_of_interrupt(unsigned int context)
{
	u64 key = 6;

	tm_env_play_context(context);
	TM_EXPECT_EQ(tripmap_store(s.t, &key, &key, GFP_ATOMIC), -EPERM);
	tm_env_play_context(TRIPMAP_CONTEXT_TASK);
	if (reported(TRIPMAP_CLASS_FOREIGN_WRITER, -EPERM)) {
		TM_EXPECT_EQ(s.report.v.victim.context, context);
		TM_EXPECT_EQ(s.report.v.victim.work, 0);
		TM_EXPECT_EQ(s.report.v.victim.origin.pid, 0);
	}
	tm_report_clear(s.owner);	/* the next one does not only count on it */
}

/* Who queued the work, and which work: in the party of a worker. */
TM_TEST(origin_of_work)
{
	struct work_struct work = { .func = queues_nothing };
	struct tripmap_origin o;
	u64 key = 5;

	if (!tm_env_can_play())
		TM_SKIP("a task cannot be made a worker here");
	if (!begin(TRIPMAP_CONTRACT_OWNER))
		return;
	tripmap_origin_note(&o);
	TM_EXPECT_EQ(o.pid, current->pid);
	TM_EXPECT(o.frames > 0);
	tripmap_own(s.t);
	WRITE_ONCE(s.t->self, 1);	/* somebody else's */
	tm_env_play_flags(PF_WQ_WORKER);
	tm_env_play_work(&work);
	tripmap_origin_begin(&o);
	TM_EXPECT_EQ(tripmap_store(s.t, &key, &key, GFP_KERNEL), -EPERM);
	if (reported(TRIPMAP_CLASS_FOREIGN_WRITER, -EPERM)) {
		const struct tm_party *p = &s.report.v.victim;

		TM_EXPECT(p->flags & TRIPMAP_PARTY_FLAG_WORKER);
		TM_EXPECT(p->work == (unsigned long)queues_nothing);
		TM_EXPECT_EQ(p->origin.pid, current->pid);
		TM_EXPECT_EQ(p->origin.n, o.frames);
	}
	expect_no_work_of_interrupt(TRIPMAP_CONTEXT_SOFTIRQ);
	expect_no_work_of_interrupt(TRIPMAP_CONTEXT_HARDIRQ);
	tripmap_origin_end(&o);
	TM_EXPECT_EQ(tripmap_delete(s.t, &key, GFP_KERNEL), -EPERM);
	if (reported(TRIPMAP_CLASS_FOREIGN_WRITER, -EPERM))
		TM_EXPECT_EQ(s.report.v.victim.origin.pid, 0);
	tm_env_play_work(NULL);
	tm_env_play_flags(0);
	tripmap_own(s.t);
	end();
}

static struct tripmap_iter *walk;
static int walked;

static void advance_again(struct tripmap *t, enum tripmap_step step, void *arg)
{
	u64 key, value;

	if (step == TRIPMAP_STEP_READ && !walked++)
		s.result = tripmap_iter_next(walk, &key, &value);
}

TM_TEST(reentrant_iteration)
{
	u64 key, value, n = 0;

	if (!begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
		return;
	walked = 0;
	walk = tripmap_iter_open(s.t, GFP_KERNEL);
	TM_EXPECT_EQ(tripmap_set_hook(s.t, advance_again, NULL), 0);
	while (tripmap_iter_next(walk, &key, &value) == 1)
		n++;
	tripmap_set_hook(s.t, NULL, NULL);
	tripmap_iter_close(walk);
	/* The walk itself has lost nothing. */
	TM_EXPECT_EQ(n, 50);
	TM_EXPECT_EQ(s.result, -EINVAL);
	TM_EXPECT_EQ(seen(TRIPMAP_CLASS_REENTRANT_ITERATION), 1);
	if (reported(TRIPMAP_CLASS_REENTRANT_ITERATION, -EINVAL))
		TM_EXPECT_EQ(s.report.v.holder.pid, current->pid);
	end();
}

/* Two walks at once, by one task, are legal. */
TM_TEST(two_walks)
{
	struct tripmap_iter *a, *b;
	u64 key, value, n = 0;

	if (!begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
		return;
	a = tripmap_iter_open(s.t, GFP_KERNEL);
	b = tripmap_iter_open(s.t, GFP_KERNEL);
	while (tripmap_iter_next(a, &key, &value) == 1)
		n += tripmap_iter_next(b, &key, &value);
	TM_EXPECT_EQ(n, 50);
	tripmap_iter_close(a);
	tripmap_iter_close(b);
	TM_EXPECT_EQ(seen(TRIPMAP_CLASS_REENTRANT_ITERATION), 0);
	end();
}

/*
 * A writer that does not leave
 */

static void park(struct tripmap *t, enum tripmap_step step, void *arg)
{
	if (step == TRIPMAP_STEP_CHANGE && atomic_cmpxchg(&s.state, ARMED, PARKED) == ARMED)
		TM_SPIN_FOR(atomic_read_acquire(&s.state) == GO);
}

static bool nobody_gone(u32 pid)
{
	return false;
}

static bool all_gone(u32 pid)
{
	return true;
}

static void stale_after(u64 ns, bool (*gone)(u32 pid))
{
	tm_stale_set(&(struct tm_stale_rule){ .ns = ns, .gone = gone });
}

static bool find_stale(struct tm_stale *found)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_WATCH, 0, 0);

	return tm_stale_next(&call, found);
}

/* The holder inserts a new key and is parked amid it. */
static void slow_insert(void *arg)
{
	u64 key = 77;

	s.result = tripmap_insert(s.t, &key, &key, GFP_KERNEL);
}

static bool park_writer(void)
{
	TM_EXPECT_EQ(tripmap_set_hook(s.t, park, NULL), 0);
	return tm_thread_start(&s.thread, slow_insert, NULL, "sleeper") &&
	       TM_WAIT_FOR(atomic_read_acquire(&s.state) == PARKED);
}

static void unpark_writer(void)
{
	atomic_set_release(&s.state, GO);
	tm_thread_join(&s.thread);
	tripmap_set_hook(s.t, NULL, NULL);
}

TM_TEST(stale_writer)
{
	struct tm_stale found;

	if (!begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
		return;
	if (park_writer()) {
		stale_after(U64_MAX, nobody_gone);
		TM_EXPECT(!find_stale(&found));
		/* The entry is stamped by the tick. */
		stale_after(1, nobody_gone);
		TM_WAIT_FOR(find_stale(&found));
		TM_EXPECT(!found.gone);
		TM_EXPECT(!find_stale(&found));
		if (reported(TRIPMAP_CLASS_STALE_WRITER, 0)) {
			TM_EXPECT(s.report.v.age > 1);
			TM_EXPECT_EQ(s.report.v.holder.pid, found.pid);
			TM_EXPECT_EQ(s.report.v.holder.op, TRIPMAP_OP_INSERT);
		}
	}
	stale_after(U64_MAX, NULL);
	unpark_writer();
	TM_EXPECT_EQ(s.result, 0);
	TM_EXPECT_EQ(seen(TRIPMAP_CLASS_STALE_WRITER), 1);
	end();
}

/* Who was inside for long, but still exists, keeps the guard: it goes on. */
TM_TEST(slow_is_not_gone)
{
	u64 key = 3;

	if (!begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
		return;
	if (park_writer()) {
		stale_after(1, nobody_gone);
		TM_WAIT_FOR(tripmap_repair(s.t) == -EBUSY);
		stale_after(U64_MAX, NULL);
		TM_EXPECT_EQ(tripmap_store(s.t, &key, &key, GFP_KERNEL), -EBUSY);
	}
	unpark_writer();
	TM_EXPECT_EQ(s.result, 0);
	TM_EXPECT_EQ(seen(TRIPMAP_CLASS_FORGED_FLAG), 0);
	TM_EXPECT_EQ(tripmap_store(s.t, &key, &key, GFP_KERNEL), 0);
	end();
}

/*
 * Repaired, the table is everybody's. Should the old holder come back all the same,
 * it finds out when it leaves.
 */
TM_TEST(repair)
{
	u64 key = 3, late = 77, value;

	if (!begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
		return;
	if (park_writer()) {
		TM_EXPECT_EQ(tripmap_store(s.t, &key, &key, GFP_KERNEL), -EBUSY);
		TM_EXPECT_EQ(tripmap_repair(s.t), 0);
		stale_after(U64_MAX, all_gone);
		TM_EXPECT_EQ(tripmap_repair(s.t), 1);
		TM_EXPECT_EQ(tripmap_store(s.t, &key, &late, GFP_KERNEL), 0);
		TM_EXPECT_EQ(tripmap_lookup(s.t, &key, &value), 0);
		TM_EXPECT_EQ(value, late);
	}
	unpark_writer();
	TM_EXPECT_EQ(seen(TRIPMAP_CLASS_FORGED_FLAG), 1);
	TM_EXPECT_EQ(tripmap_store(s.t, &key, &key, GFP_KERNEL), -EROFS);
	/* Thawed after a look at all buckets, if that finds nothing. */
	s.t->shard->count++;
	TM_EXPECT_EQ(tripmap_repair(s.t), -EUCLEAN);
	TM_EXPECT_EQ(tripmap_store(s.t, &key, &key, GFP_KERNEL), -EROFS);
	s.t->shard->count--;
	TM_EXPECT_EQ(tripmap_repair(s.t), 0);
	TM_EXPECT_EQ(tripmap_store(s.t, &key, &key, GFP_KERNEL), 0);
	stale_after(U64_MAX, NULL);
	end();
}

static int repair_forged(void)
{
	int err;

	tm_guard_forge(&s.t->shard->guard);
	stale_after(U64_MAX, all_gone);
	err = tripmap_repair(s.t);
	stale_after(U64_MAX, NULL);
	return err;
}

/* An interrupt comes to its end, even if the task that it came upon had come to its own. */
TM_TEST(interrupts_do_not_go)
{
	struct tm_guard *g;
	u64 key = 3, forged;

	if (!begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
		return;
	g = &s.t->shard->guard;
	tm_guard_forge(g);
	forged = atomic64_read(&g->word);
	atomic64_set(&g->word, forged | (u64)TRIPMAP_CONTEXT_SOFTIRQ << TM_GUARD_CTX_SHIFT);
	stale_after(U64_MAX, all_gone);
	TM_EXPECT_EQ(tripmap_repair(s.t), 0);
	TM_EXPECT_EQ(tripmap_store(s.t, &key, &key, GFP_KERNEL), -EBUSY);
	atomic64_set(&g->word, forged);
	TM_EXPECT_EQ(tripmap_repair(s.t), 1);
	stale_after(U64_MAX, NULL);
	TM_EXPECT_EQ(tripmap_store(s.t, &key, &key, GFP_KERNEL), 0);
	end();
}

/* What is damaged stays shut. */
TM_TEST(repair_finds_damage)
{
	u64 key = 3;

	if (!begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
		return;
	s.t->shard->count++;
	tm_guard_forge(&s.t->shard->guard);
	stale_after(U64_MAX, all_gone);
	TM_EXPECT_EQ(tripmap_repair(s.t), -EUCLEAN);
	TM_EXPECT_EQ(tripmap_store(s.t, &key, &key, GFP_KERNEL), -EROFS);
	TM_EXPECT_EQ(tripmap_repair(s.t), -EUCLEAN);
	TM_EXPECT_EQ(tripmap_unfreeze(s.t), -EUCLEAN);
	TM_EXPECT_EQ(tripmap_clear(s.t, GFP_KERNEL), -EROFS);
	s.t->shard->count--;
	TM_EXPECT_EQ(tripmap_unfreeze(s.t), -EUCLEAN);
	TM_EXPECT_EQ(tripmap_repair(s.t), 0);
	TM_EXPECT_EQ(tripmap_store(s.t, &key, &key, GFP_KERNEL), 0);
	stale_after(U64_MAX, NULL);
	end();
}

static void fill_more(u64 n)
{
	struct tripmap_info info;
	u64 key;

	for (key = 50; key < n; key++)
		TM_EXPECT_EQ(tripmap_store(s.t, &key, &key, GFP_KERNEL), 0);
	do {
		tripmap_store(s.t, &n, &n, GFP_KERNEL);
		tripmap_info(s.t, &info);
	} while (info.resize != TRIPMAP_RESIZE_NONE);
}

/* What is looked for in a chain must not be before the chain is known to end. */
TM_TEST(repair_of_a_ring)
{
	struct tm_head *over;
	struct tm_array *a;
	u32 at, was;
	u64 b = 0;

	if (!begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
		return;
	fill_more(5000);
	a = rcu_dereference_protected(s.t->shard->array, true);
	while (b < tm_array_buckets(a) && !tm_array_head(a, b)->next)
		b++;
	if (TM_EXPECT(b < tm_array_buckets(a))) {
		at = tm_array_head(a, b)->next;
		over = tm_array_head(a, at);
		was = over->next;
		WRITE_ONCE(over->next, at);
		TM_EXPECT_EQ(repair_forged(), -EUCLEAN);
		WRITE_ONCE(over->next, tm_array_buckets(a) - 1);
		TM_EXPECT_EQ(tripmap_repair(s.t), -EUCLEAN);
		WRITE_ONCE(over->next, U32_MAX);
		TM_EXPECT_EQ(tripmap_repair(s.t), -EUCLEAN);
		WRITE_ONCE(over->next, was);
		TM_EXPECT_EQ(tripmap_repair(s.t), 0);
	}
	end();
}

static void until_refused(void *arg)
{
	u64 key = 3;

	do
		s.result = tripmap_store(s.t, &key, &key, GFP_KERNEL);
	while (s.result != -EBUSY && atomic_read(&s.state) != GO);
	atomic_set(&s.state, PARKED);
}

/* Whoever meets a repair waits for its half of the report, as for a writer's. */
TM_TEST(repair_tells_its_half)
{
	if (!begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
		return;
	fill_more(5000);
	if (tm_thread_start(&s.thread, until_refused, NULL, "stranger")) {
		TM_WAIT_FOR(({
			atomic_or(TM_FROZEN_FORGED, &s.t->frozen);
			tripmap_repair(s.t);
			atomic_read(&s.state) == PARKED;
		}));
		atomic_set(&s.state, GO);
		tm_thread_join(&s.thread);
		TM_EXPECT_EQ(s.result, -EBUSY);
		if (TM_EXPECT(tm_report_next(s.owner, 0, &s.report))) {
			TM_EXPECT_EQ(s.report.v.holder.op, TRIPMAP_OP_REPAIR);
			TM_EXPECT(s.report.half == TRIPMAP_HALF_COMPLETE ||
				  s.report.half == TRIPMAP_HALF_LEFT);
		}
	}
	end();
}

/* Frozen by hand before, it is so after a repair. */
TM_TEST(repair_thaws_its_own)
{
	u64 key = 3;

	if (!begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
		return;
	TM_EXPECT_EQ(tripmap_freeze(s.t), 0);
	s.t->shard->count++;
	TM_EXPECT_EQ(repair_forged(), -EUCLEAN);
	s.t->shard->count--;
	TM_EXPECT_EQ(tripmap_repair(s.t), 0);
	TM_EXPECT_EQ(tripmap_store(s.t, &key, &key, GFP_KERNEL), -EROFS);
	TM_EXPECT_EQ(tripmap_unfreeze(s.t), 0);
	TM_EXPECT_EQ(tripmap_store(s.t, &key, &key, GFP_KERNEL), 0);
	end();
}

/* The only bucket's first value. */
static struct tm_blob *first_value(void)
{
	struct tm_array *a = rcu_dereference_protected(s.t->shard->array, true);

	return tm_slot_blob(tm_array_slot(a, &s.t->l, 0, 0) + s.t->l.value_at);
}

/* Of a damaged table two entries may have one value: it is not freed at all. */
TM_TEST(damage_is_not_freed)
{
	struct tripmap_config cfg = model_config(8, 200);
	long live = model_live_allocs();
	struct tm_blob *left;
	u8 value[200] = { 1 };
	u64 key = 3;

	memset(&s, 0, sizeof(s));
	cfg.bits = 0;
	s.t = tripmap_create(&cfg, GFP_KERNEL);
	if (!TM_EXPECT(!IS_ERR(s.t)))
		return;
	TM_EXPECT_EQ(tripmap_store(s.t, &key, value, GFP_KERNEL), 0);
	left = first_value();
	s.t->shard->count++;
	TM_EXPECT_EQ(repair_forged(), -EUCLEAN);
	TM_EXPECT_EQ(tripmap_destroy(s.t), 0);
	TM_EXPECT_EQ(left->size, sizeof(value));
	tm_blob_free(left);
	/* What was found whole again is freed. */
	s.t = tripmap_create(&cfg, GFP_KERNEL);
	if (!TM_EXPECT(!IS_ERR(s.t)))
		return;
	s.t->shard->count++;
	TM_EXPECT_EQ(repair_forged(), -EUCLEAN);
	s.t->shard->count--;
	TM_EXPECT_EQ(tripmap_repair(s.t), 0);
	TM_EXPECT_EQ(tripmap_store(s.t, &key, value, GFP_KERNEL), 0);
	TM_EXPECT_EQ(tripmap_destroy(s.t), 0);
	TM_EXPECT_EQ(model_live_allocs(), live);
}

/* Every kind of next operation trips over a forged flag. */
TM_TEST(forged)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_NONE, 0, GFP_KERNEL);
	u64 key = 3, value = 0;

	if (!begin(TRIPMAP_CONTRACT_EXCLUSIVE))
		return;
	TM_EXPECT_EQ(tm_table_inject(s.t, &call, TRIPMAP_FAULT_FORGE, 0, 0, 1), 0);
	TM_EXPECT_EQ(tripmap_store(s.t, &key, &key, GFP_KERNEL), -EBUSY);
	TM_EXPECT_EQ(tripmap_delete(s.t, &key, GFP_KERNEL), -EBUSY);
	TM_EXPECT_EQ(tripmap_clear(s.t, GFP_KERNEL), -EBUSY);
	TM_EXPECT_EQ(tripmap_freeze(s.t), -EBUSY);
	TM_EXPECT_EQ(tripmap_resize_hint(s.t, 100000, GFP_KERNEL), -EBUSY);
	TM_EXPECT_EQ(tripmap_destroy(s.t), -EBUSY);
	value = 5;
	TM_EXPECT_EQ(tripmap_lookup(s.t, &key, &value), -EBUSY);
	TM_EXPECT_EQ(value, 0);
	TM_EXPECT_EQ(seen(TRIPMAP_CLASS_WRITE_DURING_WRITE), 6);
	TM_EXPECT_EQ(seen(TRIPMAP_CLASS_READ_DURING_WRITE), 1);
	stale_after(U64_MAX, all_gone);
	TM_EXPECT_EQ(tripmap_repair(s.t), 1);
	stale_after(U64_MAX, NULL);
	TM_EXPECT_EQ(tripmap_lookup(s.t, &key, &value), 0);
	end();
}

/*
 * Rules
 */

static const struct tripmap_rule sharper = {
	.action = TRIPMAP_ACTION_COUNT, .escalate_to = TRIPMAP_ACTION_REPORT,
	.escalate_count = 3, .escalate_ms = 1000,
};

/* Two are counted, the third one and those after it are reported, for a while. */
TM_TEST(escalation)
{
	unsigned int i;

	if (!tm_env_can_play())
		TM_SKIP("the clock cannot be set here");
	if (!begin(TRIPMAP_CONTRACT_OWNER) || !set_rule(TRIPMAP_CLASS_FOREIGN_WRITER, sharper))
		return;
	tm_env_play_clock(5000000000ULL);
	for (i = 0; i < 2; i++)
		TM_EXPECT_EQ(by_another(), -EPERM);
	TM_EXPECT(!tm_report_next(s.owner, 0, &s.report));
	TM_EXPECT_EQ(by_another(), -EPERM);
	if (reported(TRIPMAP_CLASS_FOREIGN_WRITER, -EPERM))
		TM_EXPECT(s.report.v.escalated);
	tm_env_play_clock(7000000000ULL);
	TM_EXPECT_EQ(by_another(), -EPERM);
	TM_EXPECT(!tm_report_next(s.owner, s.after, &s.report));
	TM_EXPECT_EQ(seen(TRIPMAP_CLASS_FOREIGN_WRITER), 4);
	tm_env_play_clock(0);
	end();
}

/* A reader that is let through reads what there is. */
TM_TEST(allowed)
{
	u64 key = 3, value = 0;

	if (!begin(TRIPMAP_CONTRACT_EXCLUSIVE))
		return;
	set_rule(TRIPMAP_CLASS_READ_DURING_WRITE, (struct tripmap_rule){
		.action = TRIPMAP_ACTION_REPORT, .answer = TRIPMAP_ANSWER_ALLOW });
	if (park_writer()) {
		TM_EXPECT_EQ(tripmap_lookup(s.t, &key, &value), 0);
		TM_EXPECT_EQ(value, 3);
		TM_EXPECT_EQ(seen(TRIPMAP_CLASS_READ_DURING_WRITE), 1);
	}
	unpark_writer();
	TM_EXPECT(tm_report_next(s.owner, 0, &s.report));
	TM_EXPECT_EQ(s.report.v.result, 0);
	TM_EXPECT_EQ(s.report.v.answer, TRIPMAP_ANSWER_ALLOW);
	end();
}

TM_TEST(rules)
{
	struct tripmap_rule rule = { .action = TRIPMAP_ACTION_REPORT };
	struct tripmap_rule back;

	if (!begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
		return;
	rule.answer = TRIPMAP_ANSWER_ALLOW;
	TM_EXPECT_EQ(tripmap_set_rule(s.t, TRIPMAP_CLASS_WRITE_DURING_WRITE, &rule), -EINVAL);
	TM_EXPECT_EQ(tripmap_set_rule(s.t, TRIPMAP_CLASS_DESTROYED, &rule), -EINVAL);
	TM_EXPECT_EQ(tripmap_set_rule(s.t, TRIPMAP_CLASS_MAX + 1, &rule), -EINVAL);
	rule = sharper;
	rule.escalate_count = 1U << 20;
	TM_EXPECT_EQ(tripmap_set_rule(s.t, TRIPMAP_CLASS_FOREIGN_WRITER, &rule), -EINVAL);
	rule = sharper;
	rule.escalate_ms = 0xfedcba98;
	rule.answer = TRIPMAP_ANSWER_ALLOW;
	TM_EXPECT_EQ(tripmap_set_rule(s.t, TRIPMAP_CLASS_FOREIGN_WRITER, &rule), 0);
	tripmap_get_rule(s.t, TRIPMAP_CLASS_FOREIGN_WRITER, &back);
	TM_EXPECT_EQ(back.action, rule.action);
	TM_EXPECT_EQ(back.answer, rule.answer);
	TM_EXPECT_EQ(back.escalate_to, rule.escalate_to);
	TM_EXPECT_EQ(back.escalate_count, rule.escalate_count);
	TM_EXPECT_EQ(back.escalate_ms, rule.escalate_ms);
	end();
}

/* The bucket as it was: the entries of it, and nothing else. */
TM_TEST(snapshot)
{
	const struct tm_snap *snap = &s.report.snap;
	unsigned int slot, hits = 0;
	u64 key = 1, tags;

	if (!begin(TRIPMAP_CONTRACT_OWNER))
		return;
	TM_EXPECT_EQ(by_another(), -EPERM);
	if (reported(TRIPMAP_CLASS_FOREIGN_WRITER, -EPERM) && TM_EXPECT(snap->nlinks >= 1)) {
		TM_EXPECT(!snap->torn);
		for (slot = 0, tags = snap->link[0].tags; slot < TM_SLOTS; slot++, tags >>= 8)
			hits += (u8)tags >= TM_TAG_MIN &&
				!memcmp(snap->link[0].slot[slot].key, &key, 8) &&
				!memcmp(snap->link[0].slot[slot].value, &key, 8);
		TM_EXPECT(hits == 1 || snap->nlinks > 1);
	}
	end();
}

/* A table that is destroyed with its hook takes it along. */
TM_TEST(hook_goes_along)
{
	struct tripmap_config cfg = model_config(8, 8);
	long live = model_live_allocs();
	struct tripmap *t = tripmap_create(&cfg, GFP_KERNEL);

	if (!TM_EXPECT(!IS_ERR(t)))
		return;
	TM_EXPECT_EQ(tripmap_set_hook(t, park, NULL), 0);
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
	TM_EXPECT_EQ(model_live_allocs(), live);
}

/* What injection does: once, and then no more. */
TM_TEST(injected_failure)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_NONE, 0, GFP_KERNEL);
	struct tripmap_info info;

	if (!begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
		return;
	TM_EXPECT_EQ(tm_table_inject(s.t, &call, TRIPMAP_FAULT_FAIL_ALLOC, 0, 0, 1), 0);
	TM_EXPECT_EQ(tripmap_clear(s.t, GFP_KERNEL), -ENOMEM);
	TM_EXPECT_EQ(tripmap_count(s.t), 50);
	TM_EXPECT_EQ(tripmap_clear(s.t, GFP_KERNEL), 0);
	tripmap_info(s.t, &info);
	TM_EXPECT_EQ(tm_table_inject(s.t, &call, TRIPMAP_FAULT_GROW, 0, 0, 1), 0);
	TM_EXPECT(seen(TRIPMAP_CLASS_MAX) == 0);
	tripmap_info(s.t, &info);
	TM_EXPECT_EQ(info.resize, TRIPMAP_RESIZE_GROW);
	TM_EXPECT_EQ(tm_table_inject(s.t, &call, TRIPMAP_FAULT_NONE, 0, 0, 1), 0);
	end();
}

TM_SUITE(classes, TM_CASE(foreign_writer), TM_CASE(taken_over), TM_CASE(destroyed),
	 TM_CASE(destroyed_under_a_walk), TM_CASE(uninitialised), TM_CASE(exiting_writer),
	 TM_CASE(origin_of_work), TM_CASE(reentrant_iteration), TM_CASE(two_walks),
	 TM_CASE(stale_writer), TM_CASE(slow_is_not_gone), TM_CASE(repair),
	 TM_CASE(interrupts_do_not_go), TM_CASE(repair_finds_damage), TM_CASE(repair_thaws_its_own),
	 TM_CASE(repair_of_a_ring), TM_CASE(repair_tells_its_half),
	 TM_CASE(damage_is_not_freed), TM_CASE(forged),
	 TM_CASE(escalation), TM_CASE(allowed), TM_CASE(rules), TM_CASE(snapshot),
	 TM_CASE(hook_goes_along), TM_CASE(injected_failure));
