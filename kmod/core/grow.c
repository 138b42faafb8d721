// SPDX-License-Identifier: GPL-2.0
/*
 * Growing, shrinking, same-size growth, re-seeding: a second array, filled
 * bucket by bucket by the writers.
 *
 *   old   |E|E|E|E| 4 | 5 | 6 | ...      E: evacuated
 *                   ^ cursor
 *   new   | 0 | 1 | 2 | 3 |   |   | ...  segments come as the cursor needs them
 *
 * A key belongs to its old bucket until that is marked evacuated, and to its
 * new one after. Each write moves STEP buckets in order, so that segments are
 * allocated in order too; re-seeding, which scatters a bucket over the whole
 * new array, has all segments from the start and also moves the very bucket
 * that the write needs.
 *
 * What makes it hard: memory may be short, and must not be allocated inside
 * the guard. Whoever lacks something notes it in the spare, the writer leaves,
 * fills the spare, and enters again. What is only for growth can be put off:
 * then the write goes into the old chain, and evacuation waits.
 *
 * Conventions: sh is the shard, a its present array, old the one being evacuated, l the
 * layout. All but tm_spare_*() and tm_grow_first() run inside the guard.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/sched.h>

#include "map.h"
#include "mem.h"
#include "tell.h"

/*
 * Buckets moved by a write. With 2, growth from n to 2n buckets is over after
 * n / 2 writes, long before the 6.5 n inserts that lead to the next one.
 */
#define STEP	2

static struct workqueue_struct *retire_wq;

/*
 * Spare
 */

static void drop_segs(struct tripmap *t, struct tm_spare *spare)
{
	while (spare->segs)
		tm_seg_free(&spare->seg[--spare->segs], &t->l, spare->seg_bits);
}

static void drop_array(struct tripmap *t, struct tm_spare *spare)
{
	if (spare->array)
		tm_array_free(spare->array, &t->l);
	spare->array = NULL;
}

static int fill_segs(struct tripmap *t, struct tm_spare *spare)
{
	unsigned int want = min_t(unsigned int, spare->want_segs, TM_SPARE_SEGS);

	if (spare->seg_bits != spare->want_seg_bits)
		drop_segs(t, spare);
	spare->seg_bits = spare->want_seg_bits;
	for (; spare->segs < want; spare->segs++)
		if (tm_seg_new(&spare->seg[spare->segs], &t->l, spare->seg_bits, spare->gfp))
			return -ENOMEM;
	return 0;
}

static int add_all_main(const struct tm_layout *l, struct tm_array *a, gfp_t gfp)
{
	struct tm_seg seg;
	u64 b;

	for (b = 0; b < tm_array_buckets(a); b += 1ULL << a->seg_bits) {
		if (tm_seg_new(&seg, l, a->seg_bits, gfp))
			return -ENOMEM;
		tm_array_add_main(a, l, b, &seg);
	}
	return 0;
}

/* Scattering kinds of resize have all segments from the start. */
static bool scatters(const struct tm_array *a, u8 old_bits)
{
	return a->resize == TRIPMAP_RESIZE_RESEED || a->bits > old_bits + 1;
}

static int add_over(const struct tm_layout *l, struct tm_array *a, u32 n, gfp_t gfp)
{
	struct tm_seg seg;

	for (n = min(n, a->segs - a->main_segs); n; n--) {
		if (tm_seg_new(&seg, l, a->seg_bits, gfp))
			return -ENOMEM;
		tm_array_add_over(a, l, &seg);
	}
	return 0;
}

/*
 * With a new secret seed, should one be wanted: inside, where contract shared holds a raw
 * spinlock, none can be drawn, for the lock of random numbers sleeps on PREEMPT_RT.
 * Where memory could be had, so can they.
 */
static struct tm_array *new_array(struct tripmap *t, u8 bits, gfp_t gfp)
{
	struct tm_array *a = tm_array_new(t, &t->l, bits, gfp);

	if (a && !t->seeded)
		tm_seed_random(&a->seed);
	return a;
}

static int fill_array(struct tripmap *t, struct tm_spare *spare)
{
	drop_array(t, spare);
	spare->array = new_array(t, spare->want_bits, spare->gfp);
	if (!spare->array)
		return -ENOMEM;
	spare->array->resize = spare->want_resize;
	if (!spare->want_over && !scatters(spare->array, spare->old_bits))
		return 0;
	return add_all_main(&t->l, spare->array, spare->gfp) ?:
	       add_over(&t->l, spare->array, spare->want_over, spare->gfp);
}

/**
 * tm_spare_fill() - get what was wanted
 * @t: table
 * @spare: says what; wants nothing afterwards
 *
 * Context: Outside of the guard; as spare->gfp allows.
 * Return: 0, or -ENOMEM when it could not be had and is not for growth alone.
 */
int tm_spare_fill(struct tripmap *t, struct tm_spare *spare)
{
	bool for_growth = spare->for_growth;
	int err = tm_inject_fails(t) ? -ENOMEM : 0;

	if (!err && spare->want_segs)
		err = fill_segs(t, spare);
	if (!err && spare->want_resize)
		err = fill_array(t, spare);
	spare->want_segs = 0;
	spare->want_resize = TRIPMAP_RESIZE_NONE;
	spare->for_growth = false;
	if (err && for_growth) {
		spare->no_grow = true;
		err = 0;
	}
	return err;
}

void tm_spare_release(struct tripmap *t, struct tm_spare *spare)
{
	drop_segs(t, spare);
	drop_array(t, spare);
}

static bool take_seg(struct tm_spare *spare, const struct tm_array *a, struct tm_seg *seg)
{
	if (!spare->segs || spare->seg_bits != a->seg_bits)
		return false;
	*seg = spare->seg[--spare->segs];
	return true;
}

static bool want_segs(struct tm_spare *spare, const struct tm_array *a, unsigned int n)
{
	spare->want_segs = n;
	spare->want_seg_bits = a->seg_bits;
	return false;
}

/**
 * tm_grow_room() - see that overflow buckets can be had
 * @sh: shard
 * @a: one of its arrays
 * @need: how many
 * @spare: where segments come from
 *
 * Context: Inside.
 * Return: false when there are fewer; spare says what is wanted, or wants
 * nothing when the array can have no more.
 */
bool tm_grow_room(struct tm_shard *sh, struct tm_array *a, u32 need, struct tm_spare *spare)
{
	struct tm_seg seg;

	while (tm_array_over_room(a) < need) {
		u32 lack = need - tm_array_over_room(a);

		if (a->main_segs + a->over_segs == a->segs)
			return false;
		if (!take_seg(spare, a, &seg))
			return want_segs(spare, a, DIV_ROUND_UP(lack, 1U << a->seg_bits));
		tm_array_add_over(a, &sh->t->l, &seg);
	}
	return true;
}

/* The main buckets that a chain of old goes to. */
static bool have_main(struct tm_shard *sh, struct tm_array *a, u64 b, struct tm_spare *spare)
{
	struct tm_seg seg;

	if (tm_array_has(a, b))
		return true;
	if (!take_seg(spare, a, &seg))
		return want_segs(spare, a, 2);
	tm_array_add_main(a, &sh->t->l, b, &seg);
	return true;
}

/* Scattering kinds of resize have them all. */
static bool have_targets(struct tm_shard *sh, struct tm_array *a, struct tm_array *old, u64 b,
			 struct tm_spare *spare)
{
	return have_main(sh, a, b & a->mask, spare) &&
	       (a->bits <= old->bits || have_main(sh, a, b + tm_array_buckets(old), spare));
}

/* Nobody writes but us: the key can be used where it is. */
static const void *key_of(const struct tm_shard *sh, const u8 *entry)
{
	return sh->t->l.key_out ? (const void *)tm_slot_blob(entry)->data : entry;
}

static u64 hash_entry(const struct tm_shard *sh, const struct tm_array *a, const u8 *entry)
{
	return tm_map_hash(sh->t, a, key_of(sh, entry));
}

/*
 * To wherever it belongs; others may be there, and make a chain that is as long as
 * readers follow. False when there is no place for it.
 */
static bool move_entry(struct tm_shard *sh, struct tm_array *a, const u8 *entry,
		       struct tm_spare *spare)
{
	u64 hash = hash_entry(sh, a, entry);
	struct tm_seek s __uninitialized;

	tm_chain_seek(a, &sh->t->l, hash & a->mask, 0, NULL, &s);
	if (!s.holed && (s.links >= TM_CHAIN_MAX || !tm_grow_room(sh, a, 1, spare)))
		return false;
	tm_chain_add(a, &sh->t->l, &s, tm_tag(hash), entry);
	return true;
}

/* As if it had never been there: its old bucket is where it is looked for yet. */
static bool take_back(struct tm_shard *sh, struct tm_array *a, const u8 *entry,
		      struct tm_spare *spare)
{
	struct tm_spot at = tm_spot_in(sh->t, a, key_of(sh, entry));
	struct tm_seek s __uninitialized;

	tm_chain_seek(a, &sh->t->l, at.b, at.tag, key_of(sh, entry), &s);
	if (s.found)
		tm_chain_remove(a, at.b, s.at);
	return true;
}

/* Does fn to the entries of a chain of old, until it is false of one. */
static __always_inline bool each_entry(struct tm_shard *sh, struct tm_array *a,
				       struct tm_array *old, u64 b, struct tm_spare *spare,
				       bool (*fn)(struct tm_shard *sh, struct tm_array *a,
						  const u8 *entry, struct tm_spare *spare))
{
	u64 used;

	do {
		used = tm_tags_used(tm_array_head(old, b)->tags);
		for (; used; used &= used - 1)
			if (!fn(sh, a, tm_array_slot(old, &sh->t->l, b, tm_tags_slot(used)), spare))
				return false;
		b = tm_array_head(old, b)->next;
	} while (b);
	return true;
}

/* All of it or nothing: how many overflow buckets that takes is seen only on the way. */
static bool move_chain(struct tm_shard *sh, struct tm_array *a, struct tm_array *old, u64 b,
		       struct tm_spare *spare)
{
	if (each_entry(sh, a, old, b, spare, move_entry))
		return true;
	each_entry(sh, a, old, b, spare, take_back);
	return false;
}

/*
 * Twice the buckets: to two chains, which are empty and which nobody looks at yet. Both
 * together take no more overflow buckets than the one had.
 */
static bool split_chain(struct tm_shard *sh, struct tm_array *a, struct tm_array *old, u64 b,
			struct tm_spare *spare)
{
	struct tm_fill to[2] = { { .b = b }, { .b = b + tm_array_buckets(old) } };
	const struct tm_layout *l = &sh->t->l;
	u64 tags, used;

	if (!tm_grow_room(sh, a, tm_chain_links(old, b) - 1, spare))
		return false;
	do {
		const u8 *slots = tm_array_slot(old, l, b, 0);

		tags = tm_array_head(old, b)->tags;
		for (used = tm_tags_used(tags); used; used &= used - 1) {
			unsigned int slot = tm_tags_slot(used);
			const u8 *entry = slots + slot * l->entry_size;
			bool high = hash_entry(sh, a, entry) & tm_array_buckets(old);

			tm_fill_add(a, l, &to[high], tm_tags_get(tags, slot), entry);
		}
		b = tm_array_head(old, b)->next;
	} while (b);
	tm_fill_end(a, &to[0]);
	tm_fill_end(a, &to[1]);
	return true;
}

static bool splits(const struct tm_array *a, const struct tm_array *old)
{
	return a->resize == TRIPMAP_RESIZE_GROW && a->bits == old->bits + 1;
}

/* Copy first, mark last. False when a place for the copies is missing. */
static bool evacuate(struct tm_shard *sh, struct tm_array *a, struct tm_array *old, u64 first,
		     struct tm_spare *spare)
{
	u64 begin = tm_event_on(writes) && spare->told ? tm_tell_clock() : 0;

	if (!have_targets(sh, a, old, first, spare))
		return false;
	if (splits(a, old) ? !split_chain(sh, a, old, first, spare) :
			     !move_chain(sh, a, old, first, spare))
		return false;
	tm_step(sh->t, TRIPMAP_STEP_EVACUATE);
	tm_chain_evacuated(old, first);
	/* For tripmap_info(). */
	WRITE_ONCE(a->moved, a->moved + 1);
	WRITE_ONCE(sh->evacuated, sh->evacuated + 1);
	if (tm_event_on(writes) && begin)
		tm_tell_grow(sh, TRIPMAP_EVENT_GROW_STEP, first, a->moved, begin);
	return true;
}

static noinline void finish(struct tm_shard *sh, struct tm_array *a, struct tm_array *old)
{
	a->over_base = a->over_used;
	/* Pairs with the acquire in tm_read_old(). */
	smp_store_release(&a->old, NULL);
	tm_tell_grow(sh, TRIPMAP_EVENT_GROW_END, TM_EVENT_NO_BUCKET, tm_array_buckets(old), 0);
	old->outgrown = true;
	tm_grow_retire(sh, old);
}

/* Move up to STEP buckets, in order. */
static void evacuate_next(struct tm_shard *sh, struct tm_array *a, struct tm_array *old,
			  struct tm_spare *spare)
{
	unsigned int n = 0;

	while (n < STEP && a->cursor < tm_array_buckets(old)) {
		if (!tm_is_evacuated(old, a->cursor)) {
			if (!evacuate(sh, a, old, a->cursor, spare))
				return;
			n++;
		}
		/* Pairs with the READ_ONCE() in look_ahead(). */
		WRITE_ONCE(a->cursor, a->cursor + 1);
	}
}

/*
 * More overflow buckets than the entries need? A good hash gives 100 buckets
 * 21 overflow buckets at a load of 6.5, and 2 at a load of 4 (Poisson); what
 * deletes leave behind at 4 is 10 and more. What was there right after the last
 * resize is what these keys need under this hash: doing it again would not help.
 */
static bool sprawls(const struct tm_shard *sh, const struct tm_array *a)
{
	u64 buckets = tm_array_buckets(a);

	return tm_grow_spread(a) &&
	       (a->over_used > buckets / 2 + 8 || sh->count < buckets * 4);
}

/*
 * What to do about the size, if anything. Shrinking leaves a load of under 2,
 * growing one of 3.25: between them lies enough to keep them apart.
 */
static enum tripmap_resize judge(const struct tm_shard *sh, const struct tm_array *a, bool adding,
				 u8 *bits)
{
	*bits = a->bits;
	if (sh->reseed)
		return TRIPMAP_RESIZE_RESEED;
	if (adding && tm_grow_full(sh, a)) {
		/* What cannot grow any more fills its chains. */
		if (a->bits >= sh->t->l.bits_max)
			return TRIPMAP_RESIZE_NONE;
		*bits = a->bits + 1;
		return TRIPMAP_RESIZE_GROW;
	}
	if (sprawls(sh, a))
		return TRIPMAP_RESIZE_SAME_SIZE;
	if (!adding && tm_grow_sparse(sh, a) && a->bits > sh->t->min_bits) {
		*bits = a->bits - 1;
		return TRIPMAP_RESIZE_SHRINK;
	}
	return TRIPMAP_RESIZE_NONE;
}

/**
 * tm_grow_pending() - is there growth work for the next write?
 * @sh: shard
 * @adding: the write may add an entry; else it may remove one
 *
 * Context: Inside.
 * Return: true when tm_grow_work() would do something.
 */
bool tm_grow_pending(struct tm_shard *sh, bool adding)
{
	struct tm_array *a = tm_map_array(sh);
	u8 bits;

	return tm_map_old(sh, a) || judge(sh, a, adding, &bits) != TRIPMAP_RESIZE_NONE;
}

/**
 * tm_grow_seed() - settle which seed an array has
 * @sh: shard
 * @a: the array, with what was drawn for it
 * @from: whose seed it takes over
 * @renew: a new one instead
 *
 * Context: Inside.
 */
void tm_grow_seed(struct tm_shard *sh, struct tm_array *a, const struct tm_array *from,
		  bool renew)
{
	a->epoch = sh->epoch;
	if (!renew || sh->t->seeded)
		a->seed = from->seed;
	if (!renew)
		return;
	/* Read by tripmap_info(). */
	WRITE_ONCE(sh->epoch, sh->epoch + 1);
	a->epoch = sh->epoch;
	if (sh->t->seeded)
		tm_seed_next(&a->seed);
}

/**
 * tm_grow_begin() - publish a second array
 * @sh: shard without one
 * @why: kind of resize
 * @bits: log2 of the buckets wanted
 * @spare: where the array comes from; says so when it is not there
 *
 * Context: Inside.
 */
void tm_grow_begin(struct tm_shard *sh, enum tripmap_resize why, u8 bits, struct tm_spare *spare)
{
	struct tm_array *old = tm_map_array(sh);
	struct tm_array *a = spare->array;

	/* Prepared against an array that is gone, segments may be missing. */
	if (!a || a->bits != bits || a->resize != why ||
	    (scatters(a, old->bits) && !tm_array_has(a, a->mask))) {
		spare->want_bits = bits;
		spare->want_resize = why;
		spare->want_over = 0;
		spare->old_bits = old->bits;
		return;
	}
	spare->array = NULL;
	tm_grow_seed(sh, a, old, why == TRIPMAP_RESIZE_RESEED);
	sh->reseed = false;
	RCU_INIT_POINTER(a->old, old);
	/* Pairs with the rcu_dereference() of readers. */
	rcu_assign_pointer(sh->array, a);
	/* For tripmap_info(). */
	WRITE_ONCE(sh->resizes[why], sh->resizes[why] + 1);
	tm_tell_grow(sh, TRIPMAP_EVENT_GROW_BEGIN, TM_EVENT_NO_BUCKET, tm_array_buckets(a), 0);
}

static void begin_if_due(struct tm_shard *sh, bool adding, struct tm_spare *spare)
{
	enum tripmap_resize why;
	u8 bits;

	why = judge(sh, tm_map_array(sh), adding, &bits);
	if (why != TRIPMAP_RESIZE_NONE)
		tm_grow_begin(sh, why, bits, spare);
}

/**
 * tm_grow_work() - a write's share of growth
 * @sh: shard
 * @key: what the write is about, NULL for a write that removes nothing and
 *	adds nothing
 * @adding: it may add an entry
 * @spare: memory; wants more when something is missing
 *
 * Context: Inside.
 */
void tm_grow_work(struct tm_shard *sh, const void *key, bool adding, struct tm_spare *spare)
{
	struct tm_array *a, *old;
	u64 b;

	if (!tm_map_old(sh, tm_map_array(sh)))
		begin_if_due(sh, adding, spare);
	a = tm_map_array(sh);
	old = tm_map_old(sh, a);
	if (!old)
		goto out;
	if (key && scatters(a, old->bits)) {
		b = tm_map_hash(sh->t, old, key) & old->mask;
		if (!tm_is_evacuated(old, b))
			evacuate(sh, a, old, b, spare);
	}
	evacuate_next(sh, a, old, spare);
	if (a->moved == tm_array_buckets(old))
		finish(sh, a, old);
out:
	spare->for_growth = tm_spare_short(spare);
}

/*
 * Retired arrays
 */

static void free_slot_blobs(const struct tm_layout *l, const u8 *slot)
{
	if (l->key_out)
		tm_blob_free(tm_slot_blob(slot));
	if (l->value_out)
		tm_blob_free(tm_slot_blob(slot + l->value_at));
}

static void free_chain_blobs(struct tm_array *a, const struct tm_layout *l, u64 b)
{
	u64 used;

	do {
		used = tm_tags_used(tm_array_head(a, b)->tags);
		for (; used; used &= used - 1)
			free_slot_blobs(l, tm_array_slot(a, l, b, tm_tags_slot(used)));
		b = tm_array_head(a, b)->next;
	} while (b);
}

/* What has moved on belongs to the new array. */
static void free_blobs(struct tm_array *a, const struct tm_layout *l)
{
	u64 b;

	if (!l->key_out && !l->value_out)
		return;
	for (b = 0; b < tm_array_buckets(a); b++) {
		if (tm_array_has(a, b) && !tm_is_evacuated(a, b))
			free_chain_blobs(a, l, b);
		cond_resched();
	}
}

/**
 * tm_grow_discard() - free an array and the entries in it, at once
 * @t: its table
 * @a: nobody's any more
 *
 * Context: Task.
 */
void tm_grow_discard(struct tripmap *t, struct tm_array *a)
{
	free_blobs(a, &t->l);
	tm_array_free(a, &t->l);
}

static void retire_work(struct work_struct *work)
{
	struct tm_array *a = container_of(to_rcu_work(work), struct tm_array, work);
	struct tripmap *t = a->owner;
	u64 bytes = a->bytes + a->blobs, retired = a->retired;
	unsigned int shard = a->shard;
	bool outgrown = a->outgrown;

	tm_grow_discard(t, a);
	tm_tell_pause(t, shard, TRIPMAP_OP_NONE, TRIPMAP_PAUSE_KIND_GRACE, retired);
	tm_map_freed(t, bytes, outgrown);
}

/**
 * tm_grow_retire() - free an array after a grace period
 * @sh: its shard
 * @a: no longer to be found
 *
 * A work item frees it: giving back thousands of segments is too much for a
 * softirq.
 *
 * Context: Inside.
 */
void tm_grow_retire(struct tm_shard *sh, struct tm_array *a)
{
	a->retired = tm_tell_clock();
	a->shard = sh - sh->t->shard;
	tm_map_defer(sh->t, a->bytes + a->blobs, a->outgrown);
	INIT_RCU_WORK(&a->work, retire_work);
	queue_rcu_work(retire_wq, &a->work);
}

/**
 * tm_grow_first() - an array complete with segments
 * @t: table
 * @bits: log2 of its buckets
 * @gfp: how to allocate
 *
 * Context: Outside of the guard; as @gfp allows.
 * Return: the array, with a seed drawn unless the table's are fixed, or NULL.
 */
struct tm_array *tm_grow_first(struct tripmap *t, u8 bits, gfp_t gfp)
{
	struct tm_array *a = tm_inject_fails(t) ? NULL : new_array(t, bits, gfp);

	if (!a)
		return NULL;
	if (!add_all_main(&t->l, a, gfp))
		return a;
	tm_array_free(a, &t->l);
	return NULL;
}

/**
 * tm_grow_replace() - put an empty array in the place of all
 * @sh: shard
 * @a: from tm_grow_first()
 *
 * Context: Inside.
 */
void tm_grow_replace(struct tm_shard *sh, struct tm_array *a)
{
	struct tm_array *was = tm_map_array(sh);
	struct tm_array *old = tm_map_old(sh, was);

	/* Some of them behind entries of old, but what matters is when all are free. */
	was->blobs = sh->count * tm_blobs_bytes(&sh->t->l);
	tm_grow_seed(sh, a, was, true);
	/* Pairs with the rcu_dereference() of readers. */
	rcu_assign_pointer(sh->array, a);
	if (old)
		tm_grow_retire(sh, old);
	tm_split_retire(sh, was);
	tm_grow_retire(sh, was);
}

/* Wait until all that was retired is free. */
void tm_grow_flush(void)
{
	rcu_barrier();
	flush_workqueue(retire_wq);
}

int tm_grow_init(void)
{
	retire_wq = alloc_workqueue("tripmap", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	return retire_wq ? 0 : -ENOMEM;
}

void tm_grow_exit(void)
{
	rcu_barrier();
	destroy_workqueue(retire_wq);
}
