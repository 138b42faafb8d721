// SPDX-License-Identifier: GPL-2.0
/* Buckets for whoever wants to look at them: copies, each as of one instant. */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "read.h"

/* In a read section. NULL: there is no such array, or no such table any more. */
static struct tm_array *array_at(struct tripmap *t, const struct tm_bucket_at *at)
{
	struct tm_array *a;

	if (tm_map_usable(t) || at->shard >= tm_map_shards(t))
		return NULL;
	a = rcu_dereference(t->shard[at->shard].array);
	return at->old ? tm_read_old(a) : tm_read_all(a);
}

static bool has_bucket(struct tm_array *a, u64 index)
{
	return a && index < tm_array_buckets(a) && tm_array_has(a, index);
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
	struct tm_head *first = tm_array_head(a, view->at.index), *head = first;
	u64 b = view->at.index, tags;

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
	a = array_at(t, &view->at);
	if (has_bucket(a, view->at.index))
		err = copy_chain(t, a, view, room);
	rcu_read_unlock();
	return err;
}

/**
 * tm_bucket_view() - copy a bucket with its chain
 * @t: table
 * @at: which bucket
 * @view: out; its slots are the caller's to kvfree()
 * @gfp: how to allocate
 *
 * Context: Task; as @gfp allows.
 * Return: 0, -ENOENT when there is no such bucket, -ENOMEM.
 */
int tm_bucket_view(struct tripmap *t, const struct tm_bucket_at *at,
		   struct tm_bucket_view *view, gfp_t gfp)
{
	size_t size = (size_t)(t->l.key_size + t->l.value_size) * TM_SLOTS;
	unsigned int room = 2;
	int err;

	memset(view, 0, sizeof(*view));
	view->at = *at;
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

/* In a read section, of a usable table. */
static struct tm_array *find_bucket(struct tripmap *t, const void *key, struct tm_bucket_at *at)
{
	struct tm_array *a, *was;

	*at = (struct tm_bucket_at){ .shard = tm_map_which(t, key) };
	a = rcu_dereference(t->shard[at->shard].array);
	was = tm_read_old(a);
	if (was) {
		at->index = tm_map_hash(t, was, key) & was->mask;
		at->old = tm_read_tags(tm_array_head(was, at->index)) != TM_TAGS_EVACUATED;
		if (at->old)
			return was;
	}
	a = tm_read_all(a);
	at->index = tm_map_hash(t, a, key) & a->mask;
	return a;
}

/**
 * tm_bucket_find() - which bucket holds a key, or would
 * @t: table
 * @key: the key
 * @at: out
 *
 * Context: Any.
 * Return: false when the table is destroyed.
 */
bool tm_bucket_find(struct tripmap *t, const void *key, struct tm_bucket_at *at)
{
	bool usable;

	rcu_read_lock();
	usable = !tm_map_usable(t);
	if (usable)
		find_bucket(t, key, at);
	rcu_read_unlock();
	return usable;
}

static void snap_slot(const struct tm_layout *l, const u8 *slot, struct tm_snap_slot *to)
{
	u8 whole[TRIPMAP_KEY_MAX];

	tm_slot_get_key(l, slot, whole);
	memcpy(to->key, whole, min_t(u32, l->key_size, sizeof(to->key)));
	tm_slot_get_prefix(l, slot, to->value, sizeof(to->value));
}

static void snap_link(const struct tm_layout *l, struct tm_array *a, u64 b, u64 tags,
		      struct tm_snap_link *to)
{
	u64 used;

	*to = (struct tm_snap_link){ .index = b, .tags = tags };
	if (tags == TM_TAGS_EVACUATED)
		return;
	for (used = tm_tags_used(tags); used; used &= used - 1)
		snap_slot(l, tm_array_slot(a, l, b, tm_tags_slot(used)),
			  &to->slot[tm_tags_slot(used)]);
}

/* False when the chain changed meanwhile. */
static bool snap_chain(struct tripmap *t, struct tm_array *a, u64 b, struct tm_snap *snap)
{
	struct tm_head *first = tm_array_head(a, b), *head;
	unsigned int links = 0;
	u64 tags;

	snap->version = tm_read_begin(first);
	snap->nlinks = 0;
	snap->left_out = 0;
	do {
		head = tm_array_head(a, b);
		tags = tm_read_tags(head);
		if (snap->nlinks < TM_REPORT_LINKS)
			snap_link(&t->l, a, b, tags, &snap->link[snap->nlinks++]);
		else
			snap->left_out++;
		snap->evacuated = snap->link[0].tags == TM_TAGS_EVACUATED;
		b = tm_read_next(head);
	} while (b && !snap->evacuated && ++links < TM_CHAIN_MAX);
	return tm_read_stands(first, snap->version);
}

/*
 * How often a chain is copied anew because it was changed meanwhile: who files
 * a report may be an interrupt, and must not wait for a writer that goes on.
 */
#define SNAP_TRIES	4

/**
 * tm_bucket_snap() - copy the bucket of a key as far as a report keeps it
 * @t: table
 * @key: the key
 * @snap: out; untouched when the table is destroyed
 *
 * Context: Any; allocates nothing.
 */
void tm_bucket_snap(struct tripmap *t, const void *key, struct tm_snap *snap)
{
	struct tm_bucket_at at;
	struct tm_array *a;
	unsigned int tries;

	rcu_read_lock();
	if (!tm_map_usable(t)) {
		a = find_bucket(t, key, &at);
		snap->old = at.old;
		snap->torn = true;
		for (tries = 0; snap->torn && tries < SNAP_TRIES; tries++)
			snap->torn = !snap_chain(t, a, at.index, snap);
	}
	rcu_read_unlock();
}

/**
 * tm_bucket_count() - how many buckets an array has
 * @t: table
 * @at: a bucket in it
 *
 * Context: Any.
 * Return: their number, overflow buckets apart; 0 where there is no such array.
 */
u64 tm_bucket_count(struct tripmap *t, const struct tm_bucket_at *at)
{
	struct tm_array *a;
	u64 n = 0;

	rcu_read_lock();
	a = array_at(t, at);
	if (a)
		n = tm_array_buckets(a);
	rcu_read_unlock();
	return n;
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
 * @at: the first one
 * @map: out, two bytes a bucket: entries in its chain, buckets in its chain
 *	(0 for an evacuated one, and for one that is not allocated yet)
 * @n: room, in buckets
 *
 * Context: Any.
 * Return: number of buckets described, 0 past the end.
 */
unsigned int tm_bucket_map(struct tripmap *t, const struct tm_bucket_at *at, u8 *map,
			   unsigned int n)
{
	struct tm_array *a;
	unsigned int i = 0;

	rcu_read_lock();
	a = array_at(t, at);
	for (; a && i < n && at->index + i < tm_array_buckets(a); i++) {
		map[2 * i] = 0;
		map[2 * i + 1] = 0;
		if (tm_array_has(a, at->index + i))
			map_chain(a, at->index + i, map + 2 * i);
	}
	rcu_read_unlock();
	return i;
}
