// SPDX-License-Identifier: GPL-2.0
/*
 * One writer is inside, held there by a hook, and something else comes: each
 * kind of comer meets its own verdict, and never another.
 */
#include <linux/err.h>

#include "scenario.h"

#define HOLDER_KEY	1ULL
#define COMER_KEY	1000000ULL

static struct tm_report report;

/* Violations of this class only, and n of them. */
static void expect_only(struct tripmap *t, enum tripmap_class class, u64 n)
{
	TM_EXPECT_EQ(table_violations(t, class), n);
	TM_EXPECT_EQ(table_all_violations(t), n);
}

static bool last_report(struct tripmap *t)
{
	u64 last = 0;
	bool found = false;

	while (tm_report_next(TM_ANY_OWNER, last, &report)) {
		last = report.id;
		if (report.v.table_id == t->id)
			found = true;
	}
	return TM_EXPECT(found && report.v.table_id == t->id);
}

static int store(struct tripmap *t, u64 key)
{
	return tripmap_store(t, &key, &key, GFP_KERNEL);
}

static int fetch(struct tripmap *t, u64 key)
{
	u64 value;
	int err = tripmap_lookup(t, &key, &value);

	TM_EXPECT(err || value == key);
	return err;
}

/* Every write by somebody else is refused, and changes nothing. */
static void write_all_ways(struct tripmap *t, int err)
{
	u64 old = HOLDER_KEY + 1, new = COMER_KEY, value = 7;

	TM_EXPECT_EQ(store(t, new), err);
	TM_EXPECT_EQ(tripmap_store(t, &old, &value, GFP_KERNEL), err);
	TM_EXPECT_EQ(tripmap_insert(t, &new, &new, GFP_KERNEL), err);
	TM_EXPECT_EQ(tripmap_replace(t, &old, &value, GFP_KERNEL), err);
	TM_EXPECT_EQ(tripmap_compare_swap(t, &old, &old, &value, GFP_KERNEL), err);
	TM_EXPECT_EQ(tripmap_delete(t, &old, GFP_KERNEL), err);
	TM_EXPECT_EQ(tripmap_take(t, &old, &value, GFP_KERNEL), err);
	TM_EXPECT_EQ(tripmap_clear(t, GFP_KERNEL), err);
	TM_EXPECT_EQ(tripmap_resize_hint(t, 100000, GFP_KERNEL), err);
	TM_EXPECT_EQ(tripmap_freeze(t), err);
	TM_EXPECT_EQ(tripmap_destroy(t), err);
	TM_EXPECT_EQ(fetch(t, old), 0);
	TM_EXPECT_EQ(fetch(t, new), -ENOENT);
}
#define WAYS	11

static void park_at(enum tripmap_step step)
{
	struct tripmap *t = table_new("parked", sizeof(u64), TRIPMAP_CONTRACT_SINGLE_WRITER);
	struct parked p = { .t = t, .step = step, .op = parked_store, .key = HOLDER_KEY };

	if (!t || !TM_EXPECT_EQ(store(t, HOLDER_KEY + 1), 0))
		return;
	if (parked_start(&p)) {
		write_all_ways(t, -EBUSY);
		TM_EXPECT_EQ(fetch(t, HOLDER_KEY), step == TRIPMAP_STEP_LEAVING ? 0 : -ENOENT);
	}
	parked_go(&p);
	TM_EXPECT_EQ(p.result, 0);
	TM_EXPECT_EQ(fetch(t, HOLDER_KEY), 0);
	expect_only(t, TRIPMAP_CLASS_WRITE_DURING_WRITE, WAYS);
	TM_EXPECT_EQ(tripmap_count(t), 2);
	table_end(t);
}

TM_TEST(write_during_write)
{
	park_at(TRIPMAP_STEP_ENTERED);
	park_at(TRIPMAP_STEP_CHANGE);
	park_at(TRIPMAP_STEP_LEAVING);
}

/* Stores keys until the hook has stepped in. */
static int store_until_parked(struct parked *p)
{
	u64 key;
	int err = 0;

	for (key = HOLDER_KEY; !err && key < COMER_KEY && !p->there; key++)
		err = store(p->t, key);
	p->key = key;
	return err;
}

TM_TEST(write_during_resize)
{
	struct tripmap *t = table_new("growing", sizeof(u64), TRIPMAP_CONTRACT_SINGLE_WRITER);
	struct parked p = {
		.t = t, .step = TRIPMAP_STEP_EVACUATE, .op = store_until_parked,
	};
	u64 key;

	if (!t)
		return;
	if (parked_start(&p)) {
		TM_EXPECT_EQ(store(t, COMER_KEY), -EBUSY);
		TM_EXPECT_EQ(fetch(t, COMER_KEY), -ENOENT);
	}
	parked_go(&p);
	TM_EXPECT_EQ(p.result, 0);
	expect_only(t, TRIPMAP_CLASS_WRITE_DURING_RESIZE, 1);
	for (key = HOLDER_KEY; key < p.key; key++)
		TM_EXPECT_EQ(fetch(t, key), 0);
	if (last_report(t)) {
		TM_EXPECT_EQ(report.v.resize, TRIPMAP_RESIZE_GROW);
		TM_EXPECT(report.v.resize_total > 0);
		TM_EXPECT(report.v.resize_done < report.v.resize_total);
		TM_EXPECT_EQ(report.half, TRIPMAP_HALF_COMPLETE);
	}
	table_end(t);
}

/* The report's two sides: both stacks, key, bucket, times in their order. */
TM_TEST(report_is_whole)
{
	struct tripmap *t = table_new("whole", sizeof(u64), TRIPMAP_CONTRACT_SINGLE_WRITER);
	struct parked p = {
		.t = t, .step = TRIPMAP_STEP_LEAVING, .op = parked_store, .key = HOLDER_KEY,
	};
	const struct tm_violation *v = &report.v;
	u64 comer = COMER_KEY, holder = HOLDER_KEY;

	if (!t)
		return;
	if (parked_start(&p))
		TM_EXPECT_EQ(store(t, COMER_KEY), -EBUSY);
	parked_go(&p);
	if (last_report(t)) {
		TM_EXPECT_EQ(report.half, TRIPMAP_HALF_COMPLETE);
		TM_EXPECT(report.victim_stack.n > 2 && report.holder_stack.n > 2);
		TM_EXPECT(!memcmp(v->victim.key, &comer, sizeof(comer)));
		TM_EXPECT(!memcmp(v->holder.key, &holder, sizeof(holder)));
		TM_EXPECT(v->victim.bucket != TM_NO_BUCKET && v->holder.bucket != TM_NO_BUCKET);
		TM_EXPECT_EQ(v->victim.pid, current->pid);
		TM_EXPECT_STREQ(v->victim.comm, current->comm);
		TM_EXPECT_STREQ(v->holder.comm, "parked");
		TM_EXPECT_EQ(v->victim.op, TRIPMAP_OP_STORE);
		TM_EXPECT_EQ(v->holder.op, TRIPMAP_OP_STORE);
		TM_EXPECT_EQ(v->result, -EBUSY);
		TM_EXPECT(v->victim.cpu != v->holder.cpu || !scenario_parallel());
		TM_EXPECT_STREQ(v->table, "whole");
	}
	table_end(t);
}

/* Never: a verdict where writers come one after the other, from two threads. */
TM_TEST(one_after_the_other)
{
	struct tripmap *t = table_new("turns", sizeof(u64), TRIPMAP_CONTRACT_SINGLE_WRITER);
	struct parked p = {
		.t = t, .step = TRIPMAP_STEP_CHANGE, .op = parked_store, .key = HOLDER_KEY,
	};

	if (!t || !TM_EXPECT_EQ(store(t, COMER_KEY), 0))
		return;
	if (parked_start(&p))
		TM_EXPECT_EQ(fetch(t, COMER_KEY), 0);
	parked_go(&p);
	TM_EXPECT_EQ(store(t, HOLDER_KEY), 0);
	TM_EXPECT_EQ(table_all_violations(t), 0);
	table_end(t);
}

/* A callback of a write writes itself. */
struct again {
	enum tripmap_step	step;
	bool			within;
	unsigned int		times;
};

static void again_hook(struct tripmap *t, enum tripmap_step step, void *arg)
{
	struct again *again = arg;

	if (step != again->step || again->within)
		return;
	again->within = true;
	write_all_ways(t, -EDEADLK);
	again->within = false;
	again->times++;
}

static void write_again_at(enum tripmap_step step)
{
	struct tripmap *t = table_new("again", sizeof(u64), TRIPMAP_CONTRACT_SINGLE_WRITER);
	struct again again = { .step = step };

	if (!t || !TM_EXPECT_EQ(store(t, HOLDER_KEY + 1), 0))
		return;
	TM_EXPECT_EQ(tripmap_set_hook(t, again_hook, &again), 0);
	TM_EXPECT_EQ(store(t, HOLDER_KEY), 0);
	tripmap_set_hook(t, NULL, NULL);
	TM_EXPECT_EQ(again.times, 1);
	expect_only(t, TRIPMAP_CLASS_REENTRANT_WRITE, WAYS);
	TM_EXPECT_EQ(fetch(t, HOLDER_KEY), 0);
	TM_EXPECT_EQ(tripmap_count(t), 2);
	if (last_report(t)) {
		TM_EXPECT_EQ(report.v.victim.pid, report.v.holder.pid);
		TM_EXPECT_EQ(report.half, TRIPMAP_HALF_COMPLETE);
	}
	table_end(t);
}

TM_TEST(reentrant_write)
{
	write_again_at(TRIPMAP_STEP_ENTERED);
	write_again_at(TRIPMAP_STEP_CHANGE);
	write_again_at(TRIPMAP_STEP_LEAVING);
}

/* Never: writing another table from within a write. */
struct elsewhere {
	struct tripmap	*t;
	int		result;
};

static void elsewhere_hook(struct tripmap *t, enum tripmap_step step, void *arg)
{
	struct elsewhere *e = arg;

	if (step == TRIPMAP_STEP_CHANGE)
		e->result = store(e->t, COMER_KEY);
}

TM_TEST(write_elsewhere)
{
	struct tripmap *t = table_new("here", sizeof(u64), TRIPMAP_CONTRACT_SINGLE_WRITER);
	struct elsewhere e = {
		.t = table_new("there", sizeof(u64), TRIPMAP_CONTRACT_SINGLE_WRITER),
		.result = -1,
	};

	if (!t || !e.t)
		return;
	TM_EXPECT_EQ(tripmap_set_hook(t, elsewhere_hook, &e), 0);
	TM_EXPECT_EQ(store(t, HOLDER_KEY), 0);
	tripmap_set_hook(t, NULL, NULL);
	TM_EXPECT_EQ(e.result, 0);
	TM_EXPECT_EQ(table_all_violations(t) + table_all_violations(e.t), 0);
	table_end(e.t);
	table_end(t);
}

/* Somebody writes over the guard's word while a writer is inside. */
static void forge_hook(struct tripmap *t, enum tripmap_step step, void *arg)
{
	u64 *forged = arg;

	if (step != TRIPMAP_STEP_CHANGE)
		return;
	*forged = (atomic64_read(&t->guard.word) + 5) | TM_GUARD_HELD;
	atomic64_set(&t->guard.word, *forged);
}

TM_TEST(forged_flag)
{
	struct tripmap *t = table_new("forged", sizeof(u64), TRIPMAP_CONTRACT_SINGLE_WRITER);
	u64 forged = 0;

	if (!t)
		return;
	TM_EXPECT_EQ(tripmap_set_hook(t, forge_hook, &forged), 0);
	TM_EXPECT_EQ(store(t, HOLDER_KEY), 0);
	tripmap_set_hook(t, NULL, NULL);
	expect_only(t, TRIPMAP_CLASS_FORGED_FLAG, 1);
	/* Who left wrote nothing over it. */
	TM_EXPECT_EQ(atomic64_read(&t->guard.word), forged);
	if (last_report(t)) {
		TM_EXPECT_EQ(report.v.class, TRIPMAP_CLASS_FORGED_FLAG);
		TM_EXPECT_EQ(report.half, TRIPMAP_HALF_NONE);
	}
	/* Frozen also when the word is idle again; reading goes on. */
	atomic64_set(&t->guard.word, forged & ~TM_GUARD_FLAGS);
	TM_EXPECT_EQ(store(t, COMER_KEY), -EROFS);
	TM_EXPECT_EQ(fetch(t, HOLDER_KEY), 0);
	TM_EXPECT_EQ(tripmap_unfreeze(t), 0);
	TM_EXPECT_EQ(store(t, COMER_KEY), 0);
	expect_only(t, TRIPMAP_CLASS_FORGED_FLAG, 1);
	table_end(t);
}

TM_SUITE(inside, TM_CASE(write_during_write), TM_CASE(write_during_resize),
	 TM_CASE(report_is_whole), TM_CASE(one_after_the_other), TM_CASE(reentrant_write),
	 TM_CASE(write_elsewhere), TM_CASE(forged_flag));
