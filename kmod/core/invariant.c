// SPDX-License-Identifier: GPL-2.0
/*
 * Invariants of a table at rest:
 *
 *  - each entry is in the chain of its hash, under its own tag
 *  - a key is there once
 *  - chains end, within TM_CHAIN_MAX, and share no bucket
 *  - no overflow bucket in a chain is empty
 *  - overflow buckets are in chains or on the free list, all of them
 *  - the count is the number of entries
 *  - buckets before the cursor are evacuated, and as many as were moved
 */
#include <linux/export.h>
#include <linux/instruction_pointer.h>
#include <linux/sched.h>

#include "invariant.h"
#include "read.h"

struct tally {
	u64	entries;
	u64	over;
	u64	evacuated;
};

static const char *check_entry(struct tm_shard *sh, struct tm_array *a, u64 first, u64 b,
			       unsigned int slot)
{
	struct tm_head *head = tm_array_head(a, b);
	u8 key[TRIPMAP_KEY_MAX];
	struct tm_seek s;
	u64 hash;

	tm_slot_get_key(&sh->t->l, tm_array_slot(a, &sh->t->l, b, slot), key);
	hash = tm_map_hash(sh->t, a, key);
	if ((hash & a->mask) != first)
		return "an entry is in the chain of another hash";
	if (tm_tags_get(head->tags, slot) != tm_tag(hash))
		return "an entry has another's tag";
	tm_chain_seek(a, &sh->t->l, first, tm_tag(hash), key, &s);
	if (!s.found || s.at.b != b || s.at.slot != slot)
		return "a key is in its chain twice";
	return NULL;
}

static const char *check_bucket(struct tm_shard *sh, struct tm_array *a, u64 first, u64 b,
				struct tally *tally)
{
	u64 used = tm_tags_used(tm_array_head(a, b)->tags);
	const char *wrong;

	if (b != first && !used)
		return "an empty overflow bucket is in a chain";
	for (; used; used &= used - 1) {
		wrong = check_entry(sh, a, first, b, tm_tags_slot(used));
		if (wrong)
			return wrong;
		tally->entries++;
	}
	return NULL;
}

/* An overflow bucket that was handed out. */
static bool is_over(const struct tm_array *a, u64 b)
{
	return b >= tm_array_buckets(a) && b - tm_array_buckets(a) < a->over_fresh;
}

/* Before anything is looked for in it: that ends where the chain does. */
static const char *check_links(struct tm_array *a, u64 first)
{
	unsigned int links = 1;
	u64 b;

	for (b = tm_array_head(a, first)->next; b; b = tm_array_head(a, b)->next) {
		if (!is_over(a, b))
			return "a chain leads to what is no overflow bucket";
		if (++links > TM_CHAIN_MAX)
			return "a chain is too long, or a ring";
	}
	return NULL;
}

static const char *check_chain(struct tm_shard *sh, struct tm_array *a, u64 first,
			       struct tally *tally)
{
	const char *wrong = check_links(a, first);
	u64 b = first;

	if (wrong)
		return wrong;
	do {
		wrong = check_bucket(sh, a, first, b, tally);
		if (wrong)
			return wrong;
		tally->over += b != first;
		b = tm_array_head(a, b)->next;
	} while (b);
	return NULL;
}

static const char *check_free(struct tm_array *a, u64 over)
{
	u64 free = 0;
	u32 b;

	for (b = a->free; b; b = tm_array_head(a, b)->next) {
		if (!is_over(a, b))
			return "the free list leads to what is no overflow bucket";
		if (++free > a->over_fresh)
			return "the free list is a ring";
		if (tm_array_head(a, b)->tags)
			return "a bucket on the free list has entries";
	}
	if (over != a->over_used)
		return "overflow buckets in chains are not as many as counted";
	if (free + over != a->over_fresh)
		return "an overflow bucket is lost";
	return NULL;
}

static const char *check_array(struct tm_shard *sh, struct tm_array *a, struct tally *tally)
{
	u64 over = 0, b;
	const char *wrong;

	for (b = 0; b < tm_array_buckets(a); b++) {
		struct tally chain = {};

		/* Elsewhere interrupts are off. */
		if (sh->t->contract != TRIPMAP_CONTRACT_SHARED)
			cond_resched();
		if (!tm_array_has(a, b))
			continue;
		if (tm_is_evacuated(a, b)) {
			tally->evacuated++;
			continue;
		}
		wrong = check_chain(sh, a, b, &chain);
		if (wrong)
			return wrong;
		tally->entries += chain.entries;
		over += chain.over;
	}
	/* An evacuated chain keeps its overflow buckets until the array goes. */
	return tally->evacuated ? NULL : check_free(a, over);
}

static const char *check_old(struct tm_shard *sh, struct tm_array *a, struct tm_array *old,
			     struct tally *tally)
{
	const char *wrong = check_array(sh, old, tally);
	u64 b;

	if (wrong)
		return wrong;
	for (b = 0; b < a->cursor; b++)
		if (!tm_is_evacuated(old, b))
			return "a bucket before the cursor is not evacuated";
	if (tally->evacuated != a->moved)
		return "evacuated buckets are not as many as counted";
	return NULL;
}

/* Inside the guard. */
const char *tm_invariant_inside(struct tm_shard *sh)
{
	struct tm_array *a = tm_map_array(sh), *all = tm_read_all(a);
	struct tm_array *old = tm_map_old(sh, a);
	struct tally tally = {};
	const char *wrong = old ? check_old(sh, a, old, &tally) : NULL;

	if (!wrong && all != a)
		wrong = check_array(sh, a, &(struct tally){});
	if (wrong)
		return wrong;
	tally.evacuated = 0;
	wrong = check_array(sh, all, &tally);
	if (wrong)
		return wrong;
	if (tally.evacuated)
		return "the newest array has an evacuated bucket";
	if (tally.entries != sh->count)
		return "entries are not as many as counted";
	return all != a ? tm_split_check(sh) : NULL;
}

static const char *check_shard(struct tripmap *t, unsigned int shard)
{
	struct tm_stay stay = { .op = TRIPMAP_OP_NONE, .caller = _RET_IP_ };
	const char *wrong = "somebody is inside";
	struct tm_shard *sh = &t->shard[shard];
	struct tm_holder other;
	bool in;

	rcu_read_lock();
	in = !tm_map_usable(t) && tm_shard_enter(sh, &stay, &other) == TRIPMAP_FOUND_NOBODY;
	/* As in write.c: out again, if the table was destroyed meanwhile. */
	if (in && tm_map_usable(t)) {
		tm_shard_leave(sh, &stay);
		in = false;
	}
	rcu_read_unlock();
	if (!in)
		return wrong;
	wrong = tm_invariant_inside(sh);
	rcu_read_lock();
	if (tm_shard_leave(sh, &stay) == TM_LEFT_FORGED)
		wrong = "the guard word was changed";
	rcu_read_unlock();
	return wrong;
}

const char *tm_invariant_check(struct tripmap *t)
{
	const char *wrong = NULL;
	unsigned int i;

	for (i = 0; i < tm_map_shards(t) && !wrong; i++)
		wrong = check_shard(t, i);
	return wrong;
}
EXPORT_SYMBOL_GPL(tm_invariant_check);
