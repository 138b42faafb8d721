// SPDX-License-Identifier: GPL-2.0
/*
 * The guard is held for ever: by a writer that is stopped, by one that died
 * inside, by nobody at all.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kallsyms.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "../../kmod/compat.h"
#include "../../kmod/core/guard.h"
#include "../../kmod/core/hook.h"
#include "../../kmod/core/map.h"
#include "scenario.h"

#define WDW	TRIPMAP_CLASS_WRITE_DURING_WRITE
#define STALE	TRIPMAP_CLASS_STALE_WRITER
#define FORGED	TRIPMAP_CLASS_FORGED_FLAG

/*
 * stale: stale_ms says how long this takes.
 */

static const struct tm_report *find_stale(struct tripmap *t)
{
	schedule_timeout_uninterruptible(1);
	return find_report(table_id(t), STALE);
}

/* It is counted first, and filed then. */
static const struct tm_report *wait_for_stale(struct tripmap *t)
{
	const struct tm_report *r = NULL;

	TM_WAIT_FOR((r = find_stale(t)));
	return r;
}

static bool holder_was_in(const struct tm_report *r, const char *function)
{
	char name[KSYM_SYMBOL_LEN];
	u32 i;

	for (i = 0; i < r->holder_stack.n; i++) {
		snprintf(name, sizeof(name), "%ps", (void *)r->holder_stack.frame[i]);
		if (strstarts(name, function))
			return true;
	}
	return false;
}

/* The watch adds it to what it has filed, where the kernel lets it look. */
static void expect_stack_of_holder(struct tripmap *t, const char *function)
{
	const struct tm_report *r = NULL;

	if (!TM_STACKS_OF_TASKS)
		return;
	if (TM_WAIT_FOR((r = find_stale(t)) && r->holder_stack.n))
		TM_EXPECT(holder_was_in(r, function));
}

TM_TEST(stopped)
{
	struct tripmap *t = table_under(TRIPMAP_CONTRACT_SINGLE_WRITER);
	struct parked p = {
		.t = t, .step = TRIPMAP_STEP_LEAVING, .write = first_store, .n = 1,
		.asleep = true,
	};
	const struct tm_report *r;

	if (!t)
		return;
	if (park(&p)) {
		r = wait_for_stale(t);
		if (r) {
			TM_EXPECT_EQ(r->v.holder.pid, p.pid);
			TM_EXPECT(!(r->v.holder.flags & TRIPMAP_PARTY_FLAG_GONE));
			TM_EXPECT(r->v.age > 0);
			tm_test_note("stale after %llu ms", r->v.age / NSEC_PER_MSEC);
		}
		expect_stack_of_holder(t, "first_store");
		unpark(&p);
		TM_EXPECT_EQ(p.err, 0);
		/* Once for the stay, and it left of itself. */
		expect_only(t, STALE, 1);
		TM_EXPECT_EQ(second_store(t, 2), 0);
	}
	table_end(t);
}

struct victim {
	struct tripmap		*t;
	struct task_struct	*task;	/* READ_ONCE/WRITE_ONCE: who is to die */
	struct completion	dead;
};

/* It does not return: so the hook is not in use any more. */
static void die_hook(struct tripmap *t, enum tripmap_step step, void *arg)
{
	struct victim *v = arg;

	if (step != TRIPMAP_STEP_ENTERED || current != READ_ONCE(v->task))
		return;
	atomic_dec(&t->hook_users);
	kthread_complete_and_exit(&v->dead, 0);
}

static int die_main(void *arg)
{
	struct victim *v = arg;

	WRITE_ONCE(v->task, current);
	first_store(v->t, 1);
	TM_EXPECT(!"it came back");
	return 0;
}

static bool die_inside(struct tripmap *t)
{
	struct victim v = { .t = t };
	struct task_struct *task;

	init_completion(&v.dead);
	if (!TM_EXPECT_EQ(tripmap_set_hook(t, die_hook, &v), 0))
		return false;
	task = kthread_run(die_main, &v, "session_dying");
	if (TM_EXPECT(!IS_ERR(task)))
		wait_for_completion(&v.dead);
	tripmap_set_hook(t, NULL, NULL);
	return !IS_ERR(task);
}

/* Nobody gets in until the guard is repaired; nothing of the dead one's is there. */
static void repair_after(struct tripmap *t)
{
	const struct tm_report *r;

	TM_EXPECT_EQ(second_store(t, 2), -EBUSY);
	r = wait_for_stale(t);
	if (r)
		TM_EXPECT(r->v.holder.flags & TRIPMAP_PARTY_FLAG_GONE);
	TM_EXPECT_EQ(tripmap_repair(t), 1);
	TM_EXPECT_EQ(second_store(t, 2), 0);
	TM_EXPECT_EQ(second_lookup(t, 1), -ENOENT);
	TM_EXPECT_EQ(tripmap_count(t), 1);
	TM_EXPECT_EQ(table_violations(t, STALE), 1);
	TM_EXPECT_EQ(table_violations(t, WDW), 1);
	TM_EXPECT_EQ(table_all_violations(t), 2);
}

TM_TEST(dead)
{
	struct tripmap *t = table_under(TRIPMAP_CONTRACT_SINGLE_WRITER);

	if (!t)
		return;
	if (die_inside(t))
		repair_after(t);
	table_end(t);
}

/* A process that has ended, and that nobody has asked after; 0: there is none. */
static u32 find_unreaped(void)
{
	struct task_struct *p;
	u32 pid = 0;

	rcu_read_lock();
	for_each_process(p) {
		if (READ_ONCE(p->exit_state) == EXIT_ZOMBIE) {
			pid = p->pid;
			break;
		}
	}
	rcu_read_unlock();
	return pid;
}

/* It has its number still, and does not come back. */
TM_TEST(unreaped)
{
	u64 pid = find_unreaped(), word;
	struct tripmap *t;

	if (!pid) {
		tm_test_skip("a process that has ended and is not reaped");
		return;
	}
	t = table_under(TRIPMAP_CONTRACT_SINGLE_WRITER);
	if (!t)
		return;
	tm_guard_forge(&t->shard->guard);
	word = atomic64_read(&t->shard->guard.word) & ~(TM_GUARD_PID_MASK << TM_GUARD_PID_SHIFT);
	atomic64_set(&t->shard->guard.word, word | pid << TM_GUARD_PID_SHIFT);
	repair_after(t);
	table_end(t);
}

/* A table that nobody is inside of has nothing to repair. */
TM_TEST(sound)
{
	struct tripmap *t = table_under(TRIPMAP_CONTRACT_SINGLE_WRITER);

	if (!t)
		return;
	table_fill(t, 0, 100);
	TM_EXPECT_EQ(tripmap_repair(t), 0);
	TM_EXPECT_EQ(second_walk(t, 100), 0);
	expect_silence(t);
	table_end(t);
}

SCENARIO(stale, "stale",
	 "a writer is stopped inside; one dies inside, and one more that nobody reaps (takes stale_ms)",
	 "stale-writer once, with its age, and whether it is gone; repair lets others in again",
	 "a table blocked for ever without a word",
	 TM_CASE(stopped), TM_CASE(dead), TM_CASE(unreaped), TM_CASE(sound));

/*
 * forged
 */

static struct tripmap *forged_table(enum tripmap_contract contract)
{
	struct tripmap *t = table_under(contract);

	if (!t)
		return NULL;
	table_fill(t, 0, 3);
	tm_guard_forge(&t->shard->guard);
	return t;
}

TM_TEST(next_operation)
{
	struct tripmap *t = forged_table(TRIPMAP_CONTRACT_EXCLUSIVE);

	if (!t)
		return;
	TM_EXPECT_EQ(first_store(t, 5), -EBUSY);
	TM_EXPECT_EQ(second_delete(t, 1), -EBUSY);
	TM_EXPECT_EQ(tripmap_clear(t, GFP_KERNEL), -EBUSY);
	TM_EXPECT_EQ(tripmap_destroy(t), -EBUSY);
	TM_EXPECT_EQ(table_violations(t, WDW), 4);
	TM_EXPECT_EQ(second_lookup(t, 1), -EBUSY);
	TM_EXPECT_EQ(table_violations(t, TRIPMAP_CLASS_READ_DURING_WRITE), 1);
	TM_EXPECT_EQ(second_walk(t, 3), -EBUSY);
	TM_EXPECT_EQ(table_violations(t, TRIPMAP_CLASS_ITERATE_DURING_WRITE), 1);
	/* There is no such task: repair may take it at once, and all is as before. */
	TM_EXPECT_EQ(tripmap_repair(t), 1);
	TM_EXPECT_EQ(second_walk(t, 3), 0);
	TM_EXPECT_EQ(first_store(t, 5), 0);
	table_end(t);
}

/* Under somebody who is inside: it finds another word than its own on leaving. */
TM_TEST(on_leaving)
{
	struct tripmap *t = table_under(TRIPMAP_CONTRACT_SINGLE_WRITER);
	struct parked p = {
		.t = t, .step = TRIPMAP_STEP_LEAVING, .write = first_store, .n = 1,
	};

	if (!t)
		return;
	if (park(&p)) {
		tm_guard_forge(&t->shard->guard);
		unpark(&p);
		TM_EXPECT_EQ(table_violations(t, FORGED), 1);
		report_of(table_id(t), FORGED);
		/* Frozen for writes, until it is repaired. */
		TM_EXPECT_EQ(second_lookup(t, 1), 0);
		TM_EXPECT(second_store(t, 2) < 0);
		TM_EXPECT_EQ(tripmap_repair(t), 1);
		TM_EXPECT_EQ(second_store(t, 2), 0);
		TM_EXPECT_EQ(tripmap_count(t), 2);
	}
	table_end(t);
}

TM_TEST(genuine)
{
	struct tripmap *t = table_under(TRIPMAP_CONTRACT_SINGLE_WRITER);

	if (!t)
		return;
	table_fill(t, 0, 100);
	expect_silence(t);
	table_end(t);
}

SCENARIO(forged, "forged",
	 "the flag of a writer that does not exist is set, on an idle table and under a writer",
	 "each kind of operation trips; forged-flag on leaving, and writes refused until repair",
	 "a wrong entry; a word where the flag is genuine",
	 TM_CASE(next_operation), TM_CASE(on_leaving), TM_CASE(genuine));
