// SPDX-License-Identifier: GPL-2.0
/*
 * Sync snapshot: a write makes a copy of the whole table that differs by what is
 * written, and puts it in the place of all by one store.
 *
 *	readers  -->  array  [ never changes again ]  --- grace period --> freed
 *	                ^ rcu_assign_pointer()
 *	writer   -->  copy   [ entries of array, but one; and the new one ]
 *
 * What is published never changes, so a reader never retries, whatever is written
 * meanwhile, and a walk may have all entries of one version at once. A write costs
 * as much as the table is large: so such a table has few entries
 * (TRIPMAP_COPY_MAX), and all of them lie inline, since two arrays would share
 * what lies behind a pointer. It has no growth: each copy is as large as it has to
 * be.
 *
 * Conventions: as in copy.c.
 */
#include <linux/err.h>
#include <linux/minmax.h>

#include "map.h"

static void publish(struct tm_shard *sh, struct tm_array *a, struct tm_spare *spare, u64 count)
{
	tm_copy_done(sh, a, spare->array);
	/* Pairs with the rcu_dereference() of readers. */
	rcu_assign_pointer(sh->array, spare->array);
	spare->array = NULL;
	tm_set_count(sh, count);
	tm_grow_retire(sh, a);
}

/**
 * tm_snapshot_write() - a write to one key
 * @sh: shard
 * @e: the write
 * @spare: where the copy's memory comes from; says what is missing
 *
 * Context: Inside.
 * Return: 0, or what the write ends with; anything when memory is missing.
 */
int tm_snapshot_write(struct tm_shard *sh, const struct tm_edit *e, struct tm_spare *spare)
{
	struct tripmap *t = sh->t;
	struct tm_spot at = tm_spot_in(t, tm_map_array(sh), e->key);
	u8 *slot = NULL;
	struct tm_seek s;
	u64 count;
	int err;

	tm_chain_seek(at.a, &t->l, at.b, at.tag, e->key, &s);
	if (s.found)
		slot = tm_array_slot(at.a, &t->l, s.at.b, s.at.slot);
	err = tm_edit_judge(sh, e, slot);
	if (err)
		return err;
	count = sh->count + !slot;
	if (!tm_copy_has(sh, at.a, max(t->min_bits, tm_map_bits_for(count)), spare))
		return -EAGAIN;
	err = tm_copy_all(sh, at.a, spare->array, slot) ?: tm_edit_add(sh, e, spare->array);
	if (err)
		return tm_copy_again(sh, at.a, spare, err);
	if (e->out)
		tm_slot_get_value(&t->l, slot, e->out);
	tm_step(t, TRIPMAP_STEP_CHANGE);
	publish(sh, at.a, spare, tm_op_removes(e->op) ? count - 1 : count);
	return 0;
}
