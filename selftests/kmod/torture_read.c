// SPDX-License-Identifier: GPL-2.0
/* Reads, each held against the model. */
#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/sched.h>

#include "torture.h"

#define BURST	16	/* reads of one bed */

static bool refused(const struct bed *b, int err)
{
	return err == -EBUSY && b->kind->illegal;
}

/* A value that was found: of this key, whole. */
static void check_value(const struct bed *b, u32 k, const u8 *value)
{
	if (!TM_EXPECT(value_good(k, value, b->kind->value_size)))
		tm_test_note("%s: key %u: a torn or alien value, number %u", b->kind->name, k,
			     value_number(value));
}

static void check_found(struct bed *b, u32 k, const struct look *look, bool found,
			const u8 *value)
{
	if (found)
		check_value(b, k, value);
	look_end(b, k, look, found, found ? value_number(value) : 0);
}

void read_key(struct bed *b, struct place *p, u32 k)
{
	struct look look;
	int err;

	look_begin(b, k, &look);
	key_make(b, k, p->keys);
	err = bed_lookup(b, p, p->keys, p->values);
	if (refused(b, err))
		return;
	TM_EXPECT(!err || err == -ENOENT);
	check_found(b, k, &look, !err, p->values);
}

static u32 some_key(const struct bed *b, struct place *p)
{
	return draw(p, b->keys + (b->kind->clears ? 0 : CONTESTED));
}

static void read_many(struct bed *b, struct place *p)
{
	struct look looks[MANY];
	unsigned long found;
	u32 k[MANY], i;
	int n;

	for (i = 0; i < MANY; i++) {
		k[i] = some_key(b, p);
		look_begin(b, k[i], &looks[i]);
		key_make(b, k[i], p->keys + i * b->kind->key_size);
	}
	n = bed_lookup_many(b, p, &found);
	if (refused(b, n))
		return;
	TM_EXPECT_EQ(n, hweight_long(found));
	for (i = 0; i < MANY; i++)
		check_found(b, k[i], &looks[i], found & BIT(i),
			    p->values + i * b->kind->value_size);
}

void read_some(struct place *p, unsigned int times)
{
	struct bed *b = some_bed(p);

	for (; bed_may_read(b, p) && times; times--) {
		if (draw(p, 8) || in_interrupt_of(p))
			read_key(b, p, some_key(b, p));
		else
			read_many(b, p);
	}
}

void reader_main(void *arg)
{
	struct place *p = arg;

	while (!torture_over()) {
		read_some(p, BURST);
		churn_use(p);
		cond_resched();
	}
}

/*
 * Walks. What nobody wrote while a walk lasted it has seen once if it is there,
 * and not if it is not.
 */

static int step(struct bed *b, struct place *p, struct tripmap_iter *it)
{
	int got = tripmap_iter_next(it, p->keys, p->values);
	u32 k;

	if (got != 1)
		return got;
	k = key_number(b, p->keys);
	if (!TM_EXPECT(k < b->keys + CONTESTED))
		return -EINVAL;
	check_value(b, k, p->values);
	p->looks[k].number = value_number(p->values);
	if (!TM_EXPECT(!p->looks[k].seen++))
		tm_test_note("%s: key %u was walked over twice", b->kind->name, k);
	return 1;
}

/* A new seed ends a walk, a write one of a single version. */
static bool may_end(const struct bed *b, int got)
{
	return got == -ESTALE || got == -EAGAIN || got == -ENOMEM || refused(b, got);
}

static void walk_all(struct bed *b, struct place *p, struct tripmap_iter *it)
{
	u32 all = b->keys + (b->kind->clears ? 0 : CONTESTED), k;
	int got;

	for (k = 0; k < all; k++)
		look_begin(b, k, &p->looks[k]);
	do {
		got = step(b, p, it);
	} while (got == 1);
	if (got) {
		TM_EXPECT(may_end(b, got));
		bed_account(b, p, TRIPMAP_OP_ITERATE, got);
		return;
	}
	for (k = 0; k < all; k++)
		look_end(b, k, &p->looks[k], p->looks[k].seen, p->looks[k].number);
	count(&p->clean_walks);
	bed_account(b, p, TRIPMAP_OP_ITERATE, 0);
}

void walk(struct bed *b, struct place *p, bool whole)
{
	bool locked = bed_read_begin(b, p);
	struct tripmap_iter *it = whole ? tripmap_iter_open_snapshot(b->t, GFP_KERNEL) :
					  tripmap_iter_open(b->t, GFP_KERNEL);

	if (!IS_ERR(it)) {
		walk_all(b, p, it);
		tripmap_iter_close(it);
	} else {
		TM_EXPECT_EQ(PTR_ERR(it), -ENOMEM);
	}
	bed_read_end(b, locked);
}

void walker_main(void *arg)
{
	struct place *p = arg;
	struct bed *b;

	while (!torture_over()) {
		b = some_bed(p);
		walk(b, p, !draw(p, 4));
		cond_resched();
	}
}
