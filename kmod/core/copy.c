// SPDX-License-Identifier: GPL-2.0
/*
 * Writes to a copy, for the sync methods that make some: what a write to one key
 * does, and how all entries get into another array.
 *
 * Memory comes as everywhere else: what is missing is noted in the spare, the
 * writer leaves, gets it, and begins again. A copy that turned out too small is
 * given up then, and a larger one is asked for.
 *
 * Conventions: sh is the shard, a its array, copy one that nobody else knows yet.
 * All of it runs inside the guard. Entries lie inline.
 */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "map.h"

static bool has_value(const struct tm_layout *l, const u8 *slot, const void *value)
{
	return !l->value_size || tm_words_equal(slot + l->value_at, value, l->value_size);
}

/**
 * tm_edit_judge() - may the write be done, as the table is?
 * @sh: shard
 * @e: the write
 * @slot: of its key's entry, NULL when there is none
 *
 * Context: Inside.
 * Return: 0, or what the write ends with.
 */
int tm_edit_judge(const struct tm_shard *sh, const struct tm_edit *e, const u8 *slot)
{
	if (slot && e->op == TRIPMAP_OP_INSERT)
		return -EEXIST;
	if (slot && e->op == TRIPMAP_OP_COMPARE_SWAP && !has_value(&sh->t->l, slot, e->expected))
		return -EAGAIN;
	if (slot)
		return 0;
	if (e->op != TRIPMAP_OP_STORE && e->op != TRIPMAP_OP_INSERT)
		return -ENOENT;
	return sh->count < sh->t->max_entries ? 0 : -ENOSPC;
}

/* 0; -ENOMEM: for want of an overflow bucket; -ENOSPC: by this hash never. */
static int add(struct tm_shard *sh, struct tm_array *copy, const void *key, const u8 *entry)
{
	struct tm_spot at = tm_spot_in(sh->t, copy, key);
	struct tm_seek s;

	tm_chain_seek(copy, &sh->t->l, at.b, 0, NULL, &s);
	/* There are buckets enough: the hash has failed. */
	if (!s.holed && s.links >= TM_CHAIN_LONG)
		sh->reseed = true;
	if (!tm_chain_can_add(copy, &s, TM_CHAIN_CAP))
		return s.links < TM_CHAIN_CAP ? -ENOMEM : -ENOSPC;
	tm_chain_add(copy, &sh->t->l, &s, at.tag, entry);
	return 0;
}

/**
 * tm_edit_add() - put the new entry, where the write leaves one
 * @sh: shard
 * @e: the write
 * @a: array without such a key
 *
 * Context: Inside.
 * Return: 0, -ENOMEM when @a has no overflow bucket left, -ENOSPC when its hash is
 * no good.
 */
int tm_edit_add(struct tm_shard *sh, const struct tm_edit *e, struct tm_array *a)
{
	const struct tm_layout *l = &sh->t->l;
	u64 entry[TM_ENTRY_MAX / 8] = {};

	if (tm_op_removes(e->op))
		return 0;
	tm_words_put((u8 *)entry, e->key, l->key_size);
	if (l->value_size)
		tm_words_put((u8 *)entry + l->value_at, e->value, l->value_size);
	return add(sh, a, e->key, (u8 *)entry);
}

static int copy_chain(struct tm_shard *sh, struct tm_array *a, u64 b, struct tm_array *copy,
		      const u8 *but)
{
	u8 key[TM_INLINE_MAX];
	int err = 0;
	u64 used;

	do {
		used = tm_tags_used(tm_array_head(a, b)->tags);
		for (; used && !err; used &= used - 1) {
			const u8 *slot = tm_array_slot(a, &sh->t->l, b, tm_tags_slot(used));

			if (slot == but)
				continue;
			tm_slot_get_key(&sh->t->l, slot, key);
			err = add(sh, copy, key, slot);
		}
		b = tm_array_head(a, b)->next;
	} while (b && !err);
	return err;
}

/**
 * tm_copy_all() - copy all entries
 * @sh: shard
 * @a: from
 * @copy: to
 * @but: slot of an entry that is left out, or NULL
 *
 * Context: Inside.
 * Return: as of tm_edit_add().
 */
int tm_copy_all(struct tm_shard *sh, struct tm_array *a, struct tm_array *copy, const u8 *but)
{
	int err = 0;
	u64 b;

	for (b = 0; !err && b < tm_array_buckets(a); b++)
		err = copy_chain(sh, a, b, copy, but);
	return err;
}

static void want_copy(struct tm_spare *spare, u8 bits, u32 over)
{
	spare->want_resize = TRIPMAP_RESIZE_SAME_SIZE;
	spare->want_bits = bits;
	spare->want_over = over;
}

/**
 * tm_copy_has() - is there an empty array for a copy?
 * @sh: shard
 * @a: what is to be copied
 * @bits: log2 of the buckets that it is to have
 * @spare: where it comes from, and where it is then; has its seed
 *
 * Context: Inside.
 * Return: false when memory is missing; spare says what is wanted.
 */
bool tm_copy_has(struct tm_shard *sh, struct tm_array *a, u8 bits, struct tm_spare *spare)
{
	if (!spare->array || spare->array->bits != bits) {
		want_copy(spare, bits, max(a->over_segs, 1U));
		return false;
	}
	tm_grow_seed(sh, spare->array, a, sh->reseed);
	return true;
}

/**
 * tm_copy_again() - a copy had no place for an entry
 * @sh: shard
 * @a: what was to be copied
 * @spare: has it; says what is wanted to try once more
 * @err: as of tm_copy_all()
 *
 * Another copy may have more overflow buckets, or another hash; not for ever.
 *
 * Context: Inside.
 * Return: -EAGAIN to try again, -ENOSPC when that would not help.
 */
int tm_copy_again(struct tm_shard *sh, const struct tm_array *a, struct tm_spare *spare,
		  int err)
{
	const struct tm_array *copy = spare->array;

	if (err == -ENOMEM && copy->main_segs + copy->over_segs < copy->segs) {
		want_copy(spare, copy->bits, copy->over_segs * 2);
		return -EAGAIN;
	}
	if (copy->epoch != a->epoch)
		return -ENOSPC;
	sh->reseed = true;
	want_copy(spare, copy->bits, copy->over_segs);
	return -EAGAIN;
}

static enum tripmap_resize kind_of(const struct tm_array *a, const struct tm_array *copy)
{
	if (copy->epoch != a->epoch)
		return TRIPMAP_RESIZE_RESEED;
	if (copy->bits == a->bits)
		return TRIPMAP_RESIZE_NONE;
	return copy->bits > a->bits ? TRIPMAP_RESIZE_GROW : TRIPMAP_RESIZE_SHRINK;
}

/**
 * tm_copy_done() - count a copy that is about to be published
 * @sh: shard
 * @a: what was copied
 * @copy: the copy
 *
 * Context: Inside.
 */
void tm_copy_done(struct tm_shard *sh, const struct tm_array *a, const struct tm_array *copy)
{
	enum tripmap_resize kind = kind_of(a, copy);

	if (kind == TRIPMAP_RESIZE_RESEED)
		sh->reseed = false;
	/* For tripmap_info(). */
	WRITE_ONCE(sh->resizes[kind], sh->resizes[kind] + 1);
}
