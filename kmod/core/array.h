/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bucket arrays: segments under a small directory.
 *
 *  seg[]   0      1    ...  main-1 | main  ...
 *       +------+------+----+------+------+----+
 *       |      |      |    |      |      |    |   one directory entry a segment
 *       +--|---+------+----+------+--|---+----+
 *          v                         v
 *       heads: 16 bytes a bucket   overflow buckets have the indices behind
 *       slots: 8 entries a bucket  the main ones and are linked by index
 *
 * Heads and slots are allocated apart, so that both have sizes the page
 * allocator likes and a miss touches heads only. Segments stay where they are
 * until the whole array goes: an overflow bucket that is unlinked may be used
 * again at once, since whoever still looks at it looks at a bucket of the same
 * array and finds out by the version of the chain it came from.
 */
#ifndef TRIPMAP_CORE_ARRAY_H
#define TRIPMAP_CORE_ARRAY_H

#include <linux/cache.h>
#include <linux/prefetch.h>
#include <linux/rcupdate.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <linux/tripmap.h>

#include "hash.h"

#define TM_SLOTS	TRIPMAP_BUCKET_SLOTS

struct tripmap;

/* How an entry lies in its slot; fixed for a table. */
struct tm_layout {
	u16		key_size;	/* bytes, as the user sees it */
	u16		value_size;
	u16		value_at;	/* offset in the slot */
	u16		entry_size;	/* stride of slots */
	bool		key_out;	/* the slot holds a pointer to a blob */
	bool		value_out;
	u8		bits_max;	/* log2 of the most buckets in an array of them */
};

/* A bucket's head. next, tags: published by release; version: see bucket.h. */
struct tm_head {
	u64		tags;
	u32		version;	/* of the chain; only the first bucket's counts */
	u32		next;		/* index of the overflow bucket, 0 for none */
};

struct tm_seg {
	struct tm_head	*head;		/* NULL until allocated; published by release, last */
	u8		*slot;
};

struct tm_array {
	/* Fixed once published, and loaded by readers. */
	u64			mask;		/* buckets - 1 */
	u8			bits;
	u8			seg_bits;
	u8			resize;		/* enum tripmap_resize: what made it */
	u32			seg_mask;	/* buckets in a segment - 1 */
	u32			main_segs;
	u32			segs;		/* room in seg[] */
	u32			epoch;		/* numbers the seeds of the table */
	struct tm_seed		seed;
	struct tm_array __rcu	*old;		/* until evacuated; cleared by the guard's holder */

	/* The guard's holder only, but for a guess at the cursor. */
	u64			cursor ____cacheline_aligned_in_smp; /* next of old to evacuate */
	u64			moved;		/* buckets of old evacuated */
	u64			bytes;		/* memory of this array */
	u32			over_segs;	/* overflow segments allocated */
	u32			over_used;	/* overflow buckets linked into chains */
	u32			over_base;	/* over_used when the array was filled */
	u32			over_fresh;	/* overflow buckets ever handed out */
	u32			free;		/* unlinked ones, by next; 0 for none */

	/* Retired. */
	struct rcu_work		work;
	struct tripmap		*owner;		/* whose deferred memory it counts as */
	u64			retired;	/* ns, CLOCK_MONOTONIC; 0: not told of */
	u64			blobs;		/* bytes behind the entries that go with it */
	unsigned int		shard;		/* it was of */
	bool			outgrown;	/* by a resize */

	/* Sync split: the dirty part; set, and replaced, by the guard's holder. */
	struct tm_array __rcu	*dirty;

	struct tm_seg		seg[];
};

u8 tm_array_seg_bits(const struct tm_layout *l, u8 bits);
u8 tm_array_bits_max(const struct tm_layout *l);
struct tm_array *tm_array_new(struct tripmap *t, const struct tm_layout *l, u8 bits, gfp_t gfp);
void tm_array_free(struct tm_array *a, const struct tm_layout *l);

int tm_seg_new(struct tm_seg *seg, const struct tm_layout *l, u8 seg_bits, gfp_t gfp);
void tm_seg_free(struct tm_seg *seg, const struct tm_layout *l, u8 seg_bits);
u64 tm_seg_bytes(const struct tm_layout *l, u8 seg_bits);
u64 tm_array_bytes(const struct tm_layout *l, u8 bits);

void tm_array_add_main(struct tm_array *a, const struct tm_layout *l, u64 b,
		       struct tm_seg *seg);
bool tm_array_add_over(struct tm_array *a, const struct tm_layout *l, struct tm_seg *seg);
u32 tm_array_over_room(const struct tm_array *a);
u32 tm_array_over_take(struct tm_array *a);
void tm_array_over_put(struct tm_array *a, u32 b);

static inline u64 tm_array_buckets(const struct tm_array *a)
{
	return a->mask + 1;
}

/*
 * The segment of bucket b. For readers the address dependency through the
 * pointer orders its contents (pairs with the release in publish()).
 */
static inline struct tm_seg *tm_array_seg(struct tm_array *a, u64 b)
{
	return &a->seg[b >> a->seg_bits];
}

static inline struct tm_head *tm_array_head(struct tm_array *a, u64 b)
{
	return &READ_ONCE(tm_array_seg(a, b)->head)[b & a->seg_mask];
}

static inline u8 *tm_array_slot(struct tm_array *a, const struct tm_layout *l, u64 b,
				unsigned int s)
{
	return READ_ONCE(tm_array_seg(a, b)->slot) +
	       ((b & a->seg_mask) * TM_SLOTS + s) * l->entry_size;
}

/*
 * Ask for a bucket's entries before its tags say which: those of up to 16 bytes
 * fill two lines. Where they are larger the right line is known soon enough.
 */
static __always_inline void tm_array_fetch(const struct tm_layout *l, const u8 *slots)
{
	if (l->entry_size > 2 * L1_CACHE_BYTES / TM_SLOTS)
		return;
	prefetch(slots);
	if (l->entry_size > L1_CACHE_BYTES / TM_SLOTS)
		prefetch(slots + L1_CACHE_BYTES);
}

/* A growing array's segments come as evacuation reaches them. */
static inline bool tm_array_has(struct tm_array *a, u64 b)
{
	return READ_ONCE(tm_array_seg(a, b)->head);
}

#endif /* TRIPMAP_CORE_ARRAY_H */
