// SPDX-License-Identifier: GPL-2.0
/*
 * Bucket arrays: allocation of directories and segments, and the store of
 * free overflow buckets.
 *
 * Conventions: a is an array, l the table's layout, b a bucket index.
 */
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/minmax.h>
#include <linux/slab.h>

#include "array.h"
#include "mem.h"

/* Zeroed within a few microseconds, and exact for the page allocator. */
#define SEG_BYTES	(64u << 10)
/* The directory is one piece; above this segments get larger instead, while they can. */
#define DIR_BYTES	(128u << 10)
#define OVER_MIN	32
/* Heads of so many fill a cache line. */
#define SEG_BITS_MIN	2

/*
 * Overflow buckets an array can have. At 6.5 entries a bucket and a good hash
 * 21 of 100 buckets have one; same-size growth begins at 50 of 100. By a hash that
 * fails, chains of n entries in all take fewer than n / 8. When re-seeding is over
 * n are 7 a bucket at most, if there was memory: so all of them have a place.
 */
static u64 over_max(u8 bits)
{
	u64 n = 1ULL << bits;

	return n - n / 8 + OVER_MIN;
}

static u64 segs_for(u8 bits, u8 seg_bits)
{
	return (1ULL << (bits - seg_bits)) + DIV_ROUND_UP(over_max(bits), 1ULL << seg_bits);
}

/**
 * tm_array_seg_bits() - log2 of the buckets in a segment
 * @l: layout
 * @bits: of the array
 *
 * Context: Any.
 * Return: the number.
 */
u8 tm_array_seg_bits(const struct tm_layout *l, u8 bits)
{
	u8 seg_bits = ilog2(SEG_BYTES / (TM_SLOTS * l->entry_size));

	/* A small array's overflow buckets come in pieces, too: a quarter of it each. */
	seg_bits = min_t(u8, seg_bits, max_t(int, bits - 2, SEG_BITS_MIN));
	seg_bits = min(seg_bits, bits);
	while (seg_bits < bits && segs_for(bits, seg_bits) * sizeof(struct tm_seg) > DIR_BYTES)
		seg_bits++;
	return seg_bits;
}

/* Sizes of a power of two, and whole pages, are aligned to cache lines. */
static size_t array_bytes(u32 segs)
{
	size_t bytes = sizeof(struct tm_array) + segs * sizeof(struct tm_seg);

	return bytes < PAGE_SIZE ? roundup_pow_of_two(bytes) : bytes;
}

/**
 * tm_array_new() - an array without segments
 * @t: the table it is for
 * @l: layout
 * @bits: log2 of its buckets
 * @gfp: how to allocate
 *
 * Context: As @gfp allows.
 * Return: the array, or NULL.
 */
struct tm_array *tm_array_new(struct tripmap *t, const struct tm_layout *l, u8 bits, gfp_t gfp)
{
	u8 seg_bits = tm_array_seg_bits(l, bits);
	u32 segs = segs_for(bits, seg_bits);
	struct tm_array *a = tm_mem_alloc(array_bytes(segs), gfp);

	if (!a)
		return NULL;
	a->mask = (1ULL << bits) - 1;
	a->bits = bits;
	a->seg_bits = seg_bits;
	a->seg_mask = (1U << seg_bits) - 1;
	a->main_segs = 1U << (bits - seg_bits);
	a->segs = segs;
	a->bytes = tm_mem_size(array_bytes(segs));
	a->owner = t;
	return a;
}

/**
 * tm_array_free() - free an array with its segments
 * @a: nobody's any more
 * @l: layout
 *
 * Context: Task.
 */
void tm_array_free(struct tm_array *a, const struct tm_layout *l)
{
	u32 i;

	for (i = 0; i < a->segs; i++)
		tm_seg_free(&a->seg[i], l, a->seg_bits);
	tm_mem_free(a, array_bytes(a->segs));
}

static size_t head_bytes(u8 seg_bits)
{
	return sizeof(struct tm_head) << seg_bits;
}

static size_t slot_bytes(const struct tm_layout *l, u8 seg_bits)
{
	return (size_t)TM_SLOTS * l->entry_size << seg_bits;
}

/**
 * tm_array_bits_max() - how large an array of such entries can be
 * @l: layout
 *
 * Up to where the slots of a segment are the largest piece that there is: of 4 MiB, with
 * a directory of DIR_BYTES.
 *
 * Context: Any.
 * Return: log2 of the buckets.
 */
u8 tm_array_bits_max(const struct tm_layout *l)
{
	u8 bits = TRIPMAP_BITS_MAX;

	while (slot_bytes(l, tm_array_seg_bits(l, bits)) > KMALLOC_MAX_SIZE)
		bits--;
	return bits;
}

/**
 * tm_seg_bytes() - memory of one segment
 * @l: layout
 * @seg_bits: log2 of its buckets
 *
 * Context: Any.
 * Return: bytes.
 */
u64 tm_seg_bytes(const struct tm_layout *l, u8 seg_bits)
{
	return tm_mem_size(head_bytes(seg_bits)) + tm_mem_size(slot_bytes(l, seg_bits));
}

/**
 * tm_seg_new() - allocate a segment
 * @seg: out
 * @l: layout
 * @seg_bits: log2 of its buckets
 * @gfp: how to allocate
 *
 * Context: As @gfp allows.
 * Return: 0, or -ENOMEM.
 */
int tm_seg_new(struct tm_seg *seg, const struct tm_layout *l, u8 seg_bits, gfp_t gfp)
{
	seg->head = tm_mem_alloc(head_bytes(seg_bits), gfp);
	seg->slot = tm_mem_alloc(slot_bytes(l, seg_bits), gfp);
	if (seg->head && seg->slot)
		return 0;
	tm_seg_free(seg, l, seg_bits);
	return -ENOMEM;
}

/**
 * tm_seg_free() - free a segment, whole or half there
 * @seg: cleared
 * @l: layout
 * @seg_bits: log2 of its buckets
 *
 * Context: Task.
 */
void tm_seg_free(struct tm_seg *seg, const struct tm_layout *l, u8 seg_bits)
{
	tm_mem_free(seg->head, head_bytes(seg_bits));
	tm_mem_free(seg->slot, slot_bytes(l, seg_bits));
	seg->head = NULL;
	seg->slot = NULL;
}

/**
 * tm_array_bytes() - memory of a whole array without overflow buckets
 * @l: layout
 * @bits: log2 of its buckets
 *
 * Context: Any.
 * Return: bytes.
 */
u64 tm_array_bytes(const struct tm_layout *l, u8 bits)
{
	u8 seg_bits = tm_array_seg_bits(l, bits);

	return tm_mem_size(array_bytes(segs_for(bits, seg_bits))) +
	       (tm_seg_bytes(l, seg_bits) << (bits - seg_bits));
}

/* Takes the memory over from *from. */
static void publish(struct tm_array *a, const struct tm_layout *l, u32 at, struct tm_seg *from)
{
	/* Pairs with the READ_ONCE() in tm_array_slot(); head tells that both are there. */
	WRITE_ONCE(a->seg[at].slot, from->slot);
	/* Pairs with the dependency in tm_array_head(). */
	smp_store_release(&a->seg[at].head, from->head);
	/* Pairs with the READ_ONCE() in tripmap_info(), as over_used does. */
	WRITE_ONCE(a->bytes, a->bytes + tm_seg_bytes(l, a->seg_bits));
	from->head = NULL;
	from->slot = NULL;
}

/**
 * tm_array_add_main() - the segment of a main bucket
 * @a: array that lacks it
 * @l: layout
 * @b: the bucket
 * @seg: taken over
 *
 * Context: Inside the guard, or before the array is published.
 */
void tm_array_add_main(struct tm_array *a, const struct tm_layout *l, u64 b,
		       struct tm_seg *seg)
{
	publish(a, l, b >> a->seg_bits, seg);
}

/**
 * tm_array_add_over() - another segment of overflow buckets
 * @a: array
 * @l: layout
 * @seg: taken over on success
 *
 * Context: Inside the guard, or before the array is published.
 * Return: false when the array has as many as it can.
 */
bool tm_array_add_over(struct tm_array *a, const struct tm_layout *l, struct tm_seg *seg)
{
	if (a->main_segs + a->over_segs == a->segs)
		return false;
	publish(a, l, a->main_segs + a->over_segs, seg);
	a->over_segs++;
	return true;
}

/**
 * tm_array_over_room() - overflow buckets that can be had at once
 * @a: array
 *
 * Context: Inside the guard.
 * Return: their number.
 */
u32 tm_array_over_room(const struct tm_array *a)
{
	return (a->over_segs << a->seg_bits) - a->over_used;
}

/**
 * tm_array_over_take() - take a free overflow bucket
 * @a: array with room
 *
 * All of its tags are 0; a reader that strayed may be looking at it.
 *
 * Context: Inside the guard.
 * Return: its index.
 */
u32 tm_array_over_take(struct tm_array *a)
{
	u32 b = a->free;

	if (b)
		a->free = tm_array_head(a, b)->next;
	else
		b = tm_array_buckets(a) + a->over_fresh++;
	WRITE_ONCE(a->over_used, a->over_used + 1);
	return b;
}

/**
 * tm_array_over_put() - give an overflow bucket back
 * @a: array
 * @b: unlinked, empty, and the version of its chain bumped since
 *
 * Context: Inside the guard.
 */
void tm_array_over_put(struct tm_array *a, u32 b)
{
	/* Read by strayed readers, who will retry. */
	WRITE_ONCE(tm_array_head(a, b)->next, a->free);
	a->free = b;
	WRITE_ONCE(a->over_used, a->over_used - 1);
}
