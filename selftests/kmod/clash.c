// SPDX-License-Identifier: GPL-2.0
/*
 * One writer is inside, stopped there, when another one comes: from a task, from
 * within itself, while it grows, from a notifier chain, from a work item.
 */
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "../../kmod/core/hook.h"
#include "scenario.h"

#define WDW	TRIPMAP_CLASS_WRITE_DURING_WRITE

/*
 * rare: most rounds have two writers one after the other, 3 in 1000 have them
 * at once.
 */

#define RARE_ROUNDS	1000
#define RARE_EVERY	333

static int overlap_once(struct tripmap *t, u64 n)
{
	struct parked p = {
		.t = t, .step = TRIPMAP_STEP_ENTERED, .write = first_store, .n = 2 * n,
	};
	int err;

	if (!park(&p))
		return 0;
	err = second_store(t, 2 * n + 1);
	unpark(&p);
	TM_EXPECT_EQ(p.err, 0);
	return err;
}

static int one_after_the_other(struct tripmap *t, u64 n)
{
	TM_EXPECT_EQ(first_store(t, 2 * n), 0);
	return second_store(t, 2 * n + 1);
}

/* Refused in just the rounds with an overlap; refused is absent. */
static u64 rare_rounds(struct tripmap *t)
{
	u64 n, overlaps = 0;
	bool overlap;

	for (n = 1; n <= RARE_ROUNDS && !tm_test_failures(); n++) {
		overlap = n % RARE_EVERY == 0;
		overlaps += overlap;
		TM_EXPECT_EQ((overlap ? overlap_once : one_after_the_other)(t, n),
			     overlap ? -EBUSY : 0);
		TM_EXPECT_EQ(table_all_violations(t), overlaps);
		TM_EXPECT_EQ(second_lookup(t, 2 * n + 1), overlap ? -ENOENT : 0);
		cond_resched();
	}
	return overlaps;
}

TM_TEST(three_in_a_thousand)
{
	struct tripmap *t = table_under(TRIPMAP_CONTRACT_SINGLE_WRITER);
	u64 overlaps;

	if (!t)
		return;
	overlaps = rare_rounds(t);
	TM_EXPECT_EQ(overlaps, RARE_ROUNDS / RARE_EVERY);
	expect_only(t, WDW, overlaps);
	expect_report(table_id(t), WDW, "first_store", "second_store");
	table_end(t);
}

TM_TEST(never_at_once)
{
	struct tripmap *t = table_under(TRIPMAP_CONTRACT_SINGLE_WRITER);
	u64 n;

	if (!t)
		return;
	for (n = 1; n <= RARE_ROUNDS; n++)
		TM_EXPECT_EQ(one_after_the_other(t, n), 0);
	expect_silence(t);
	table_end(t);
}

SCENARIO(rare, "rare",
	 "a thousand rounds of two writers, three of them at once",
	 "write-during-write in each of the three",
	 "a violation in any other round",
	 TM_CASE(three_in_a_thousand), TM_CASE(never_at_once));

/*
 * resize-race
 */

/* Fills a table until it is about to grow, so that the next store does. */
static u64 fill_to_the_brim(struct tripmap *t)
{
	struct tripmap_info info;
	u64 n = 0;

	do {
		table_fill(t, n++, 1);
		tripmap_info(t, &info);
	} while (n < 10000 && info.resize != TRIPMAP_RESIZE_GROW);
	return n;
}

static void meet_resize(struct tripmap *t)
{
	u64 n = fill_to_the_brim(t);
	struct parked p = {
		.t = t, .step = TRIPMAP_STEP_EVACUATE, .write = first_store, .n = n,
	};
	const struct tm_report *r;

	if (!park(&p))
		return;
	TM_EXPECT_EQ(second_store(t, n + 1), -EBUSY);
	unpark(&p);
	TM_EXPECT_EQ(p.err, 0);
	TM_EXPECT_EQ(tripmap_count(t), n + 1);
	expect_only(t, TRIPMAP_CLASS_WRITE_DURING_RESIZE, 1);
	r = expect_report(table_id(t), TRIPMAP_CLASS_WRITE_DURING_RESIZE,
			  "first_store", "second_store");
	if (!r)
		return;
	TM_EXPECT_EQ(r->v.resize, TRIPMAP_RESIZE_GROW);
	TM_EXPECT(r->v.resize_total && r->v.resize_done < r->v.resize_total);
	tm_test_note("met at %llu of %llu buckets", r->v.resize_done, r->v.resize_total);
}

/* Growth begins with 64 buckets, so that it is not over within one store. */
static struct tripmap *growing_table(void)
{
	return table_by((struct tripmap_config){
		.name = "sessions", .key_size = sizeof(u64), .value_size = sizeof(u64), .bits = 6,
	}, NULL);
}

TM_TEST(during_growth)
{
	struct tripmap *t = growing_table();

	if (!t)
		return;
	meet_resize(t);
	table_end(t);
}

/* The same writers take turns while the table grows: they may. */
TM_TEST(taking_turns)
{
	struct tripmap *t = growing_table();
	u64 n, end;

	if (!t)
		return;
	n = fill_to_the_brim(t);
	for (end = n + 1000; n < end; n += 2) {
		TM_EXPECT_EQ(first_store(t, n), 0);
		TM_EXPECT_EQ(second_store(t, n + 1), 0);
	}
	TM_EXPECT_EQ(tripmap_count(t), end);
	expect_silence(t);
	table_end(t);
}

SCENARIO(resize_race, "resize-race",
	 "a writer arrives while another one moves buckets of a growing table",
	 "write-during-resize, and how far the growth was",
	 "write-during-write for the same event",
	 TM_CASE(during_growth), TM_CASE(taking_turns));

/*
 * reentrant: a probe in the middle of a store stores as well.
 */

struct probe {
	enum tripmap_step	step;
	bool			within;
	unsigned int		calls, refused;
};

static noinline void probe_store(struct tripmap *t, struct probe *probe)
{
	u64 n = 1000 + probe->calls;
	int err = tripmap_store(t, &n, &n, GFP_ATOMIC);

	probe->calls++;
	probe->refused += err == -EDEADLK;
}

static void probe_hook(struct tripmap *t, enum tripmap_step step, void *arg)
{
	struct probe *probe = arg;

	if (step != probe->step || probe->within)
		return;
	probe->within = true;
	probe_store(t, probe);
	probe->within = false;
}

static void reenter_at(enum tripmap_step step)
{
	struct tripmap *t = table_under(TRIPMAP_CONTRACT_SINGLE_WRITER);
	struct probe probe = { .step = step };

	if (!t || !TM_EXPECT_EQ(tripmap_set_hook(t, probe_hook, &probe), 0))
		return;
	TM_EXPECT_EQ(first_store(t, 1), 0);
	tripmap_set_hook(t, NULL, NULL);
	TM_EXPECT(probe.calls > 0);
	TM_EXPECT_EQ(probe.refused, probe.calls);
	TM_EXPECT_EQ(tripmap_count(t), 1);
	expect_only(t, TRIPMAP_CLASS_REENTRANT_WRITE, probe.calls);
	expect_report(table_id(t), TRIPMAP_CLASS_REENTRANT_WRITE, "first_store", "probe_store");
	table_end(t);
}

TM_TEST(in_a_store)
{
	reenter_at(TRIPMAP_STEP_ENTERED);
	reenter_at(TRIPMAP_STEP_CHANGE);
	reenter_at(TRIPMAP_STEP_LEAVING);
}

/* A probe of one table may store into another one. */
static void other_hook(struct tripmap *t, enum tripmap_step step, void *arg)
{
	if (step == TRIPMAP_STEP_ENTERED)
		TM_EXPECT_EQ(second_store(arg, tripmap_count(arg)), 0);
}

TM_TEST(into_another_table)
{
	struct tripmap *t = table_under(TRIPMAP_CONTRACT_SINGLE_WRITER);
	struct tripmap *other = table_under(TRIPMAP_CONTRACT_SINGLE_WRITER);

	if (!t || !other || !TM_EXPECT_EQ(tripmap_set_hook(t, other_hook, other), 0))
		return;
	table_fill(t, 0, 5);
	tripmap_set_hook(t, NULL, NULL);
	TM_EXPECT(tripmap_count(other) >= 5);
	expect_silence(t);
	expect_silence(other);
	table_end(other);
	table_end(t);
}

SCENARIO(reentrant, "reentrant",
	 "a probe in the middle of a store stores into the same table",
	 "reentrant-write, the inner store refused with -EDEADLK",
	 "a hang; a word when it stores into another table",
	 TM_CASE(in_a_store), TM_CASE(into_another_table));

/*
 * notifiers: two callbacks of a notifier chain and a work item, one table.
 */

static struct tripmap *noted;	/* the table that all of them write */

static noinline int address_event(struct notifier_block *nb, unsigned long key, void *data)
{
	u64 n = key;
	int err = tripmap_store(noted, &n, &n, GFP_KERNEL);

	return notifier_from_errno(err);
}

static noinline int device_event(struct notifier_block *nb, unsigned long key, void *data)
{
	u64 n = key;
	int err = tripmap_store(noted, &n, &n, GFP_KERNEL);

	return notifier_from_errno(err);
}

static noinline void flush_work_fn(struct work_struct *work)
{
	u64 n = 1;
	int err = tripmap_delete(noted, &n, GFP_KERNEL);

	TM_EXPECT(err == -EBUSY || !err);
}

static BLOCKING_NOTIFIER_HEAD(address_chain);
static BLOCKING_NOTIFIER_HEAD(device_chain);
static struct notifier_block address_nb = { .notifier_call = address_event };
static struct notifier_block device_nb = { .notifier_call = device_event };
static DECLARE_WORK(flush_item, flush_work_fn);

static int call_address_chain(struct tripmap *t, u64 n)
{
	return notifier_to_errno(blocking_notifier_call_chain(&address_chain, n, NULL));
}

static int call_device_chain(u64 n)
{
	return notifier_to_errno(blocking_notifier_call_chain(&device_chain, n, NULL));
}

static void run_flush(void)
{
	schedule_work(&flush_item);
	flush_work(&flush_item);
}

static bool chains_begin(void)
{
	noted = table_under(TRIPMAP_CONTRACT_SINGLE_WRITER);
	blocking_notifier_chain_register(&address_chain, &address_nb);
	blocking_notifier_chain_register(&device_chain, &device_nb);
	return noted;
}

static void chains_end(void)
{
	blocking_notifier_chain_unregister(&address_chain, &address_nb);
	blocking_notifier_chain_unregister(&device_chain, &device_nb);
	table_end(noted);
}

static void meet_chains(struct parked *p)
{
	TM_EXPECT_EQ(call_device_chain(2), -EBUSY);
	expect_report(table_id(noted), WDW, "address_event", "device_event");
	run_flush();
	expect_report(table_id(noted), WDW, "address_event", "flush_work_fn");
}

TM_TEST(callbacks_and_work)
{
	struct parked p = {
		.step = TRIPMAP_STEP_LEAVING, .write = call_address_chain, .n = 1,
	};

	if (!chains_begin())
		return;
	p.t = noted;
	if (park(&p)) {
		meet_chains(&p);
		unpark(&p);
		TM_EXPECT_EQ(p.err, 0);
		expect_only(noted, WDW, 2);
	}
	chains_end();
}

TM_TEST(callbacks_in_turn)
{
	if (!chains_begin())
		return;
	TM_EXPECT_EQ(call_address_chain(noted, 1), 0);
	TM_EXPECT_EQ(call_device_chain(2), 0);
	run_flush();
	TM_EXPECT_EQ(tripmap_count(noted), 1);
	expect_silence(noted);
	chains_end();
}

SCENARIO(notifiers, "notifiers",
	 "two callbacks of notifier chains and a work item write one table, unlocked",
	 "write-during-write, each naming both functions",
	 "a word when they come one after the other",
	 TM_CASE(callbacks_and_work), TM_CASE(callbacks_in_turn));

/*
 * unlocked-branch: the lock is taken on one branch only.
 */

static DEFINE_MUTEX(branch_mutex);

static noinline int update_quick(struct tripmap *t, u64 n)
{
	int err = tripmap_store(t, &n, &n, GFP_KERNEL);

	barrier();
	return err;
}

/* The bug: even ones were thought to need no lock. */
static int update_branch(struct tripmap *t, u64 n)
{
	bool lock = n & 1;
	int err;

	if (lock)
		mutex_lock(&branch_mutex);
	err = update_quick(t, n);
	if (lock)
		mutex_unlock(&branch_mutex);
	return err;
}

static int update_locked(struct tripmap *t, u64 n)
{
	int err;

	mutex_lock(&branch_mutex);
	err = first_store(t, n);
	mutex_unlock(&branch_mutex);
	return err;
}

TM_TEST(on_one_branch)
{
	struct tripmap *t = table_under(TRIPMAP_CONTRACT_SINGLE_WRITER);
	struct parked p = {
		.t = t, .step = TRIPMAP_STEP_CHANGE, .write = update_locked, .n = 1,
	};

	if (!t)
		return;
	if (park(&p)) {
		TM_EXPECT_EQ(update_branch(t, 2), -EBUSY);
		unpark(&p);
		expect_only(t, WDW, 1);
		expect_report(table_id(t), WDW, "first_store", "update_quick");
	}
	table_end(t);
}

struct branches {
	struct tripmap	*t;
	unsigned int	cpu;
	u64		end;
	u64		stored;
	int		(*update)(struct tripmap *t, u64 n);
};

static void locked_branch_main(void *arg)
{
	struct branches *b = arg;

	scenario_pin(b->cpu);
	for (; ktime_get_ns() < b->end; b->stored++) {
		TM_EXPECT_EQ(b->update(b->t, 2 * (b->stored % 1000) + 1), 0);
		cond_resched();
	}
}

/* Odd ones only: all of them take the lock. */
TM_TEST(on_the_other_branch)
{
	struct branches a = {
		.t = table_under(TRIPMAP_CONTRACT_SINGLE_WRITER), .update = update_locked,
		.cpu = 1,
	};
	struct branches b = { .t = a.t, .update = update_branch };
	struct tm_thread thread;

	if (!a.t)
		return;
	a.end = scenario_end();
	b.end = a.end;
	tm_thread_start(&thread, locked_branch_main, &a, "session_a");
	locked_branch_main(&b);
	tm_thread_join(&thread);
	TM_EXPECT(a.stored && b.stored);
	expect_silence(a.t);
	table_end(a.t);
}

SCENARIO(unlocked_branch, "unlocked-branch",
	 "a lock is taken on one branch only before a write",
	 "write-during-write by the branch without it",
	 "a word where the branch with it is taken",
	 TM_CASE(on_one_branch), TM_CASE(on_the_other_branch));
