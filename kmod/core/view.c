// SPDX-License-Identifier: GPL-2.0
/* Buckets for whoever wants to look at them: copies, each as of one instant. */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "read.h"

/* In a read section. NULL: there is no such array, or not yet such a bucket. */
static struct tm_array *array_with(struct tripmap *t, u64 index, bool old)
{
	struct tm_array *a = rcu_dereference(t->array);

	if (old)
		a = tm_read_old(a);
	return a && index < tm_array_buckets(a) && tm_array_has(a, index) ? a : NULL;
}

static void copy_slot(struct tripmap *t, const u8 *slot, u8 *to)
{
	tm_slot_get_key(&t->l, slot, to);
	tm_slot_get_value(&t->l, slot, to + t->l.key_size);
}

static void copy_link(struct tripmap *t, struct tm_array *a, u64 b, u64 tags,
		      struct tm_bucket_view *view)
{
	size_t size = t->l.key_size + t->l.value_size;
	u8 *to = view->slots + (size_t)view->nlinks * TM_SLOTS * size;
	u64 used;

	view->link[view->nlinks++] = (struct tm_link_view){ b, tags };
	memset(to, 0, TM_SLOTS * size);
	if (tags == TM_TAGS_EVACUATED)
		return;
	for (used = tm_tags_used(tags); used; used &= used - 1)
		copy_slot(t, tm_array_slot(a, &t->l, b, tm_tags_slot(used)),
			  to + tm_tags_slot(used) * size);
}

/* 0; -EAGAIN when it changed meanwhile; -ENOSPC when room is for fewer links. */
static int copy_chain(struct tripmap *t, struct tm_array *a, struct tm_bucket_view *view,
		      unsigned int room)
{
	struct tm_head *first = tm_array_head(a, view->index), *head = first;
	u64 b = view->index, tags;

	view->nlinks = 0;
	view->version = tm_read_begin(first);
	do {
		head = tm_array_head(a, b);
		tags = tm_read_tags(head);
		if (view->nlinks == room)
			return -ENOSPC;
		copy_link(t, a, b, tags, view);
		view->evacuated = view->link[0].tags == TM_TAGS_EVACUATED;
		b = tm_read_next(head);
	} while (b && !view->evacuated && view->nlinks < TM_CHAIN_MAX);
	return tm_read_stands(first, view->version) ? 0 : -EAGAIN;
}

static int try_view(struct tripmap *t, struct tm_bucket_view *view, unsigned int room)
{
	struct tm_array *a;
	int err = -ENOENT;

	rcu_read_lock();
	a = array_with(t, view->index, view->old);
	if (a)
		err = copy_chain(t, a, view, room);
	rcu_read_unlock();
	return err;
}

/**
 * tm_bucket_view() - copy a bucket with its chain
 * @t: table
 * @index: of the bucket in its array
 * @old: of the array being evacuated
 * @view: out; its slots are the caller's to kvfree()
 * @gfp: how to allocate
 *
 * Context: Task; as @gfp allows.
 * Return: 0, -ENOENT when there is no such bucket, -ENOMEM.
 */
int tm_bucket_view(struct tripmap *t, u64 index, bool old, struct tm_bucket_view *view,
		   gfp_t gfp)
{
	size_t size = (size_t)(t->l.key_size + t->l.value_size) * TM_SLOTS;
	unsigned int room = 2;
	int err;

	memset(view, 0, sizeof(*view));
	view->index = index;
	view->old = old;
	do {
		kvfree(view->slots);
		view->slots = kvmalloc(room * size, gfp);
		if (!view->slots)
			return -ENOMEM;
		do {
			err = try_view(t, view, room);
		} while (err == -EAGAIN);
		room = min_t(unsigned int, room * 4, TM_CHAIN_MAX);
	} while (err == -ENOSPC);
	view->nslots = view->nlinks * TM_SLOTS;
	if (!err)
		return 0;
	kvfree(view->slots);
	view->slots = NULL;
	return err;
}

/**
 * tm_bucket_find() - which bucket holds a key, or would
 * @t: table
 * @key: the key
 * @index: out
 * @old: out: it is one of the array being evacuated
 *
 * Context: Any.
 */
void tm_bucket_find(struct tripmap *t, const void *key, u64 *index, bool *old)
{
	struct tm_array *a, *was;

	rcu_read_lock();
	a = rcu_dereference(t->array);
	was = tm_read_old(a);
	*old = false;
	*index = tm_map_hash(t, a, key) & a->mask;
	if (was) {
		u64 b = tm_map_hash(t, was, key) & was->mask;

		*old = tm_read_tags(tm_array_head(was, b)) != TM_TAGS_EVACUATED;
		if (*old)
			*index = b;
	}
	rcu_read_unlock();
}

static void map_chain(struct tm_array *a, u64 b, u8 *map)
{
	unsigned int entries = 0, links = 0;
	struct tm_head *head;
	u64 tags;

	do {
		head = tm_array_head(a, b);
		tags = tm_read_tags(head);
		if (tags != TM_TAGS_EVACUATED)
			entries += hweight64(tm_tags_used(tags));
		links++;
		b = tm_read_next(head);
	} while (b && tags != TM_TAGS_EVACUATED && links < TM_CHAIN_MAX);
	map[0] = min(entries, 255U);
	map[1] = tags == TM_TAGS_EVACUATED ? 0 : links;
}

/**
 * tm_bucket_map() - occupancy and chain length of many buckets
 * @t: table
 * @old: of the array being evacuated
 * @first: index of the first one
 * @map: out, two bytes a bucket: entries in its chain, buckets in its chain
 *	(0 for an evacuated one, and for one that is not allocated yet)
 * @n: room, in buckets
 *
 * Context: Any.
 * Return: number of buckets described, 0 past the end.
 */
unsigned int tm_bucket_map(struct tripmap *t, bool old, u64 first, u8 *map, unsigned int n)
{
	struct tm_array *a;
	unsigned int i = 0;

	rcu_read_lock();
	a = rcu_dereference(t->array);
	if (old)
		a = tm_read_old(a);
	for (; a && i < n && first + i < tm_array_buckets(a); i++) {
		map[2 * i] = 0;
		map[2 * i + 1] = 0;
		if (tm_array_has(a, first + i))
			map_chain(a, first + i, map + 2 * i);
	}
	rcu_read_unlock();
	return i;
}
