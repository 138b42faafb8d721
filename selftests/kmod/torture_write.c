// SPDX-License-Identifier: GPL-2.0
/* Writes, each entered in the model. */
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/tripmap_names.h>

#include "torture.h"

#define BURST	8	/* writes of one bed, and reads */

/* A key of this place's own. */
static u32 some_own_key(const struct bed *b, struct place *p)
{
	u32 owners = torture_owners();

	return draw(p, (b->keys - p->n + owners - 1) / owners) * owners + p->n;
}

static enum tripmap_op some_op(const struct bed *b, struct place *p)
{
	static const u8 put[] = {
		TRIPMAP_OP_STORE, TRIPMAP_OP_STORE, TRIPMAP_OP_INSERT,
		TRIPMAP_OP_REPLACE, TRIPMAP_OP_COMPARE_SWAP,
	};

	if (!!draw(p, 5) == bed_filling(b))
		return put[draw(p, ARRAY_SIZE(put))];
	return draw(p, 2) ? TRIPMAP_OP_DELETE : TRIPMAP_OP_TAKE;
}

static bool removes(enum tripmap_op op)
{
	return op == TRIPMAP_OP_DELETE || op == TRIPMAP_OP_TAKE;
}

/* What an outcome says of the key, and what it left. */
static enum effect effect_of(enum tripmap_op op, int err)
{
	if (err == -ENOENT)
		return EFFECT_ABSENT;
	if (err)
		return EFFECT_NONE;
	return removes(op) ? EFFECT_ABSENT : EFFECT_THERE;
}

static enum seen seen_by(enum tripmap_op op, int err)
{
	if (err == -EEXIST)
		return SEEN_THERE;
	if (err == -ENOENT)
		return SEEN_ABSENT;
	if (err || op == TRIPMAP_OP_STORE)
		return SEEN_NOTHING;
	return op == TRIPMAP_OP_INSERT ? SEEN_ABSENT : SEEN_THERE;
}

/* Errors of an operation's own; those that all share are for bed_account(). */
static bool may_answer(enum tripmap_op op, int err)
{
	switch (err) {
	case -EEXIST:
		return op == TRIPMAP_OP_INSERT;
	case -ENOENT:
		return op != TRIPMAP_OP_STORE && op != TRIPMAP_OP_INSERT;
	default:
		/* Nobody else writes the key: compare and swap finds what it expects. */
		return err != -EAGAIN;
	}
}

static void check_taken(const struct bed *b, u32 k, const struct turn *turn, const u8 *value)
{
	if (!TM_EXPECT(value_good(k, value, b->kind->value_size)) ||
	    !TM_EXPECT_EQ(value_number(value), turn_standing(turn)))
		tm_test_note("%s: key %u was taken", b->kind->name, k);
}

static void write_own(struct bed *b, struct place *p)
{
	u32 k = some_own_key(b, p);
	struct act act = {
		.op = some_op(b, p), .key = p->keys, .value = p->values, .old = p->old,
	};
	struct turn turn;
	int err;

	turn_begin(b, k, &turn);
	key_make(b, k, p->keys);
	value_make(k, turn.number, p->values, b->kind->value_size);
	value_make(k, turn_standing(&turn), p->old, b->kind->value_size);
	err = bed_write(b, p, &act);
	if (!TM_EXPECT(may_answer(act.op, err)))
		tm_test_note("%s: key %u: %s: %d", b->kind->name, k, tripmap_op_name(act.op), err);
	if (!err && act.op == TRIPMAP_OP_TAKE)
		check_taken(b, k, &turn, p->values);
	turn_end(b, k, &turn, effect_of(act.op, err), seen_by(act.op, err));
	/* Refused is as if it had not been. */
	if (err && bed_may_read(b, p))
		read_key(b, p, k);
}

/*
 * Keys that all write.
 */

static void count_up(struct bed *b, struct place *p, u32 i)
{
	struct act act = {
		.op = TRIPMAP_OP_COMPARE_SWAP, .key = p->keys, .value = p->values, .old = p->old,
	};
	u32 k = b->keys + i;
	u16 size = b->kind->value_size;

	key_make(b, k, p->keys);
	if (!bed_may_read(b, p) || bed_lookup(b, p, p->keys, p->old))
		return;
	value_make(k, value_number(p->old) + 1, p->values, size);
	/* Both full barriers: tries, the swap, done, and look_end_contested() the other way. */
	atomic_inc_return(&b->contested[i].tries);
	if (!bed_write(b, p, &act))
		atomic_inc_return(&b->contested[i].done);
}

static void use_token(struct bed *b, struct place *p, u32 i)
{
	struct act act = { .key = p->keys, .value = p->values };
	u32 k = b->keys + i;

	act.op = draw(p, 2) ? TRIPMAP_OP_INSERT : TRIPMAP_OP_TAKE;
	key_make(b, k, p->keys);
	value_make(k, draw(p, U32_MAX), p->values, b->kind->value_size);
	if (bed_write(b, p, &act))
		return;
	if (act.op == TRIPMAP_OP_INSERT)
		atomic_inc(&b->contested[i].in);
	else
		atomic_inc(&b->contested[i].out);
	TM_EXPECT(value_good(k, p->values, b->kind->value_size));
}

static void write_contested(struct bed *b, struct place *p)
{
	u32 i = draw(p, CONTESTED);

	if (b->kind->clears)
		return;
	if (i < COUNTERS)
		count_up(b, p, i);
	else
		use_token(b, p, i);
}

void write_some(struct place *p, unsigned int times)
{
	struct bed *b = some_bed(p);

	for (; bed_may_write(b, p) && times; times--) {
		write_own(b, p);
		if (!draw(p, 8))
			write_contested(b, p);
	}
}

void writer_main(void *arg)
{
	struct place *p = arg;

#ifdef CONFIG_FAULT_INJECTION
	current->make_it_fail = torture.failing;
#endif
	while (!torture_over()) {
		write_some(p, BURST);
		read_some(p, 1);
		churn_use(p);
		cond_resched();
	}
}

/*
 * The steward: clears, freezes, and asks for room.
 */

static void steward_clear(struct bed *b, struct place *p)
{
	struct act act = { .op = TRIPMAP_OP_CLEAR };
	u32 n = b->clears.begun + 1;
	int err;

	WRITE_ONCE(b->clears.begun, n);
	/* Before anything is cleared; pairs with turn_end() and look_end(). */
	smp_mb();
	err = bed_write(b, p, &act);
	/* Pairs with look_begin(); of a failed one some shards may be cleared. */
	if (!err)
		smp_store_release(&b->clears.done, n);
	/* Pairs with turn_begin(). */
	smp_store_release(&b->clears.ended, n);
}

static void steward_freeze(struct bed *b, struct place *p)
{
	struct act act = { .op = TRIPMAP_OP_FREEZE, .arg = true };

	bed_write(b, p, &act);
	/* Long enough for others to find it so. */
	schedule_timeout_interruptible(1);
	/* Others may be inside where they should not. */
	act.arg = false;
	TM_WAIT_FOR(!bed_write(b, p, &act));
}

static void steward_hint(struct bed *b, struct place *p)
{
	struct act act = { .op = TRIPMAP_OP_RESIZE, .arg = draw(p, 4 * b->keys) };

	bed_write(b, p, &act);
}

void steward_main(void *arg)
{
	struct place *p = arg;
	struct bed *b;

	while (!torture_over()) {
		b = some_bed(p);
		if (b->kind->clears)
			steward_clear(b, p);
		if (!draw(p, 2))
			steward_freeze(b, p);
		else
			steward_hint(b, p);
		schedule_timeout_interruptible(msecs_to_jiffies(torture.steward_ms));
	}
}
