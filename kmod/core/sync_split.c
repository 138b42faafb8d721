// SPDX-License-Identifier: GPL-2.0
/*
 * Sync split: a part that is read without locks, and one under a lock for what is
 * new.
 *
 *	readers  -->  array  [ gets no new keys ] --.
 *	                |      a miss, and it has   |  the shard's lock
 *	                v      a dirty part         v
 *	              dirty  [ all entries, the new ones among them ]
 *
 * A new key goes into the dirty part, which is made by copying the array. After
 * as many misses as it has entries it becomes the array, by one store, and there
 * is no dirty part until the next new key. This is what the sync.Map of Go did for
 * long, and it is good at what that is good at: keys that come once and are read
 * for ever. Each new key after a promotion costs a copy of all entries, so such a
 * table has few (TRIPMAP_COPY_MAX), all of them inline.
 *
 * What makes it hard: a key that is in the array is in both parts. Values change
 * in both, and a key goes from the dirty part first, then from the array: with that
 * it is gone for all. An array has its dirty part for ever, once it has one, also
 * when that has taken its place; so whoever did not find a key in an array that has
 * none has looked at all there was. A new key is in the dirty part alone.
 *
 * A change is in the dirty part a moment before it is in the array. So a walk, which
 * reads that one, may be ahead of a lookup that follows it.
 *
 * Who promotes is a reader, inside the lock and outside of the guard: it changes
 * nothing that anybody could see. Chains of both parts are read beside a writer as
 * everywhere: so who must not wait for the lock looks into the dirty part all the
 * same, uncounted, and walks read the dirty part where there is one, all of it.
 *
 * Conventions: as in copy.c; d is the dirty part.
 */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>

#include "read.h"

/*
 * Writers
 */

/* A key's entry in one of the two. */
struct part {
	struct tm_array		*a;	/* NULL: there is no such part */
	struct tm_spot		at;
	struct tm_seek		s;
};

static bool in(const struct part *p)
{
	return p->a && p->s.found;
}

static void seek(struct tm_shard *sh, struct tm_array *a, const void *key, struct part *p)
{
	*p = (struct part){ .a = a };
	if (!a)
		return;
	p->at = tm_spot_in(sh->t, a, key);
	tm_chain_seek(a, &sh->t->l, p->at.b, p->at.tag, key, &p->s);
}

static u8 *slot_of(struct tm_shard *sh, const struct part *p)
{
	return tm_array_slot(p->a, &sh->t->l, p->s.at.b, p->s.at.slot);
}

static struct tm_array *dirty_of(struct tm_shard *sh, struct tm_array *a)
{
	return rcu_dereference_protected(a->dirty, lockdep_is_held(&sh->lock));
}

/* A value of more than a word needs a second copy for a while. */
static bool has_place(struct tm_shard *sh, const struct part *p, struct tm_spare *spare)
{
	if (!in(p) || tm_value_is_word(&sh->t->l) || p->s.holed)
		return true;
	return p->s.links <= TM_CHAIN_CAP && tm_grow_room(sh, p->a, 1, spare);
}

static void replace(struct tm_shard *sh, const struct tm_edit *e, struct part *p)
{
	const struct tm_layout *l = &sh->t->l;
	u64 entry[TM_ENTRY_MAX / 8] = {};

	if (!in(p) || !l->value_size)
		return;
	if (tm_value_is_word(l)) {
		tm_words_put(slot_of(sh, p) + l->value_at, e->value, l->value_size);
		return;
	}
	tm_words_put((u8 *)entry, e->key, l->key_size);
	tm_words_put((u8 *)entry + l->value_at, e->value, l->value_size);
	tm_chain_replace(p->a, l, &p->s, p->at.tag, (u8 *)entry);
}

static int change_old(struct tm_shard *sh, const struct tm_edit *e, struct part *a,
		      struct part *d, struct tm_spare *spare)
{
	if (!has_place(sh, d, spare) || !has_place(sh, a, spare))
		return -ENOSPC;
	tm_step(sh->t, TRIPMAP_STEP_CHANGE);
	replace(sh, e, d);
	replace(sh, e, a);
	return 0;
}

static int remove_old(struct tm_shard *sh, const struct tm_edit *e, struct part *a,
		      struct part *d)
{
	if (e->out)
		tm_slot_get_value(&sh->t->l, slot_of(sh, d->a ? d : a), e->out);
	tm_step(sh->t, TRIPMAP_STEP_CHANGE);
	if (in(d))
		tm_chain_remove(d->a, d->at.b, d->s.at);
	if (in(a))
		tm_chain_remove(a->a, a->at.b, a->s.at);
	tm_set_count(sh, sh->count - 1);
	return 0;
}

/* A dirty part with the new key, instead of the one that is too small, or of none. */
static int add_by_copy(struct tm_shard *sh, const struct tm_edit *e, struct tm_array *a,
		       struct tm_array *d, u8 bits, struct tm_spare *spare)
{
	struct tm_array *from = d ? d : a;
	int err;

	if (!tm_copy_has(sh, from, bits, spare))
		return -EAGAIN;
	err = tm_copy_all(sh, from, spare->array, NULL) ?: tm_edit_add(sh, e, spare->array);
	if (err)
		return tm_copy_again(sh, from, spare, err);
	tm_step(sh->t, TRIPMAP_STEP_CHANGE);
	tm_copy_done(sh, from, spare->array);
	tm_set_count(sh, sh->count + 1);
	/* Pairs with the acquire in tm_read_dirty(). */
	smp_store_release((struct tm_array __force **)&a->dirty, spare->array);
	spare->array = NULL;
	if (d)
		tm_grow_retire(sh, d);
	else
		sh->t->split.missed = 0;
	return 0;
}

static bool takes_another(struct tm_shard *sh, const struct part *d, u8 bits,
			  struct tm_spare *spare)
{
	if (!d->a || d->a->bits < bits || sh->reseed)
		return false;
	return d->s.holed || (d->s.links < TM_CHAIN_CAP && tm_grow_room(sh, d->a, 1, spare));
}

static int add_new(struct tm_shard *sh, const struct tm_edit *e, struct tm_array *a,
		   struct part *d, struct tm_spare *spare)
{
	u8 bits = max(sh->t->min_bits, tm_map_bits_for(sh->count + 1));
	int err;

	if (!takes_another(sh, d, bits, spare))
		return tm_spare_short(spare) ? -EAGAIN : add_by_copy(sh, e, a, d->a, bits, spare);
	tm_step(sh->t, TRIPMAP_STEP_CHANGE);
	err = tm_edit_add(sh, e, d->a);
	if (!err)
		tm_set_count(sh, sh->count + 1);
	return err;
}

/**
 * tm_split_write() - a write to one key
 * @sh: shard
 * @e: the write
 * @spare: where memory comes from; says what is missing
 *
 * Context: Inside.
 * Return: 0, or what the write ends with; anything when memory is missing.
 */
int tm_split_write(struct tm_shard *sh, const struct tm_edit *e, struct tm_spare *spare)
{
	struct part a, d;
	bool found;
	int err;

	seek(sh, tm_map_array(sh), e->key, &a);
	seek(sh, dirty_of(sh, a.a), e->key, &d);
	found = d.a ? d.s.found : a.s.found;
	err = tm_edit_judge(sh, e, found ? slot_of(sh, d.a ? &d : &a) : NULL);
	if (err)
		return err;
	if (!found)
		return add_new(sh, e, a.a, &d, spare);
	return tm_op_removes(e->op) ? remove_old(sh, e, &a, &d) :
				      change_old(sh, e, &a, &d, spare);
}

/**
 * tm_split_retire() - free the dirty part of an array after a grace period
 * @sh: shard
 * @a: no longer to be found
 *
 * Context: Inside.
 */
void tm_split_retire(struct tm_shard *sh, struct tm_array *a)
{
	struct tm_array *d;

	d = rcu_dereference_protected(a->dirty, atomic64_read(&sh->guard.word) & TM_GUARD_HELD);
	if (d)
		tm_grow_retire(sh, d);
}

/*
 * Readers
 */

static void promote(struct tm_shard *sh, struct tm_array *a, struct tm_array *d)
{
	struct tm_split *split = &sh->t->split;

	/* Pairs with the rcu_dereference() of readers. */
	rcu_assign_pointer(sh->array, d);
	split->missed = 0;
	/* Pairs with the READ_ONCE() in tm_split_info(). */
	WRITE_ONCE(split->promotions, split->promotions + 1);
	tm_grow_retire(sh, a);
}

static bool find_locked(struct tm_shard *sh, const void *key, void *value)
{
	struct tm_array *a = rcu_dereference(sh->array), *d = dirty_of(sh, a);
	struct tm_split *split = &sh->t->split;
	bool found;

	/* Promoted meanwhile, or emptied. */
	if (!d)
		return tm_find_in(sh->t, a, key, value);
	found = tm_find_in(sh->t, d, key, value);
	/* Pairs with the READ_ONCE() in tm_split_info(). */
	WRITE_ONCE(split->misses, split->misses + 1);
	if (++split->missed >= sh->count)
		promote(sh, a, d);
	return found;
}

static noinline bool find_dirty(struct tm_shard *sh, struct tm_array *d, const void *key,
				void *value)
{
	unsigned long flags;
	bool found;

	if (tm_shard_must_not_wait(sh))
		return tm_find_in(sh->t, d, key, value);
	raw_spin_lock_irqsave(&sh->lock, flags);
	found = find_locked(sh, key, value);
	raw_spin_unlock_irqrestore(&sh->lock, flags);
	return found;
}

/**
 * tm_split_find() - look a key up
 * @sh: the shard
 * @key: the key
 * @value: out, or NULL
 *
 * Context: Any, in a read section.
 * Return: true when it is there.
 */
bool tm_split_find(struct tm_shard *sh, const void *key, void *value)
{
	struct tm_array *a = rcu_dereference(sh->array), *d = NULL;
	bool found = tm_find_in(sh->t, a, key, value);

	if (!found)
		d = tm_read_dirty(a);
	if (d)
		return find_dirty(sh, d, key, value);
	this_cpu_inc(*sh->t->split.hits);
	return found;
}

/**
 * tm_split_info() - what it has come to
 * @t: table with sync split, not destroyed
 * @info: out: hits, misses, promotions, each a moment old
 *
 * Context: Any, in a read section.
 */
void tm_split_info(const struct tripmap *t, struct tripmap_info *info)
{
	int cpu;

	/* Each is counted up by its CPU alone. */
	for_each_possible_cpu(cpu)
		info->hits += READ_ONCE(*per_cpu_ptr(t->split.hits, cpu));
	/* Pair with the WRITE_ONCE()s in find_locked() and promote(). */
	info->misses = READ_ONCE(t->split.misses);
	info->promotions = READ_ONCE(t->split.promotions);
}

/*
 * What has to hold
 */

static bool same_in(struct tm_shard *sh, const u8 *slot, struct tm_array *d)
{
	u8 key[TM_INLINE_MAX], value[TM_INLINE_MAX];
	const struct tm_layout *l = &sh->t->l;
	struct part p;

	tm_slot_get_key(l, slot, key);
	tm_slot_get_value(l, slot, value);
	seek(sh, d, key, &p);
	if (!p.s.found || !l->value_size)
		return p.s.found;
	return tm_words_equal(slot_of(sh, &p) + l->value_at, value, l->value_size);
}

static bool chain_in(struct tm_shard *sh, struct tm_array *a, u64 b, struct tm_array *d)
{
	u64 used;

	do {
		used = tm_tags_used(tm_array_head(a, b)->tags);
		for (; used; used &= used - 1)
			if (!same_in(sh, tm_array_slot(a, &sh->t->l, b, tm_tags_slot(used)), d))
				return false;
		b = tm_array_head(a, b)->next;
	} while (b);
	return true;
}

/**
 * tm_split_check() - are all entries of the array in the dirty part as well?
 * @sh: shard
 *
 * Context: Inside.
 * Return: NULL, or what is wrong.
 */
const char *tm_split_check(struct tm_shard *sh)
{
	struct tm_array *a = tm_map_array(sh), *d = dirty_of(sh, a);
	u64 b;

	for (b = 0; d && b < tm_array_buckets(a); b++)
		if (!chain_in(sh, a, b, d))
			return "an entry is not in the dirty part, or has another value there";
	return NULL;
}
