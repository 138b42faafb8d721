// SPDX-License-Identifier: GPL-2.0
/*
 * rhashtable as its users write it: constant parameters, so that the fast paths
 * are inlined, and objects of a cache of their own that are freed after a grace
 * period. It grows by its worker, for which the loops make room.
 */
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "bench.h"

struct item {
	struct rhash_head	node;
	u64			key;
	u64			value;
	struct rcu_head		rcu;
};

struct peer {
	struct rhashtable	ht;
	struct kmem_cache	*items;
};

static const struct rhashtable_params params = {
	.key_len = sizeof(u64),
	.key_offset = offsetof(struct item, key),
	.head_offset = offsetof(struct item, node),
};

static __always_inline bool peer_get(struct peer *m, u64 key, u64 *value)
{
	struct item *item;

	rcu_read_lock();
	item = rhashtable_lookup(&m->ht, &key, params);
	if (item)
		*value = READ_ONCE(item->value);	/* pairs with peer_set() */
	rcu_read_unlock();
	return item;
}

static __always_inline int peer_add(struct peer *m, u64 key, u64 value)
{
	struct item *item = kmem_cache_alloc(m->items, GFP_KERNEL);
	int err;

	if (!item)
		return -ENOMEM;
	item->key = key;
	item->value = value;
	err = rhashtable_insert_fast(&m->ht, &item->node, params);
	if (err)
		kmem_cache_free(m->items, item);
	return err;
}

static __always_inline int peer_set(struct peer *m, u64 key, u64 value)
{
	struct item *item;

	rcu_read_lock();
	item = rhashtable_lookup(&m->ht, &key, params);
	if (item)
		WRITE_ONCE(item->value, value);		/* pairs with peer_get() */
	rcu_read_unlock();
	return item ? 0 : -ENOENT;
}

static __always_inline int peer_del(struct peer *m, u64 key)
{
	struct item *item;
	int err = -ENOENT;

	rcu_read_lock();
	item = rhashtable_lookup(&m->ht, &key, params);
	if (item)
		err = rhashtable_remove_fast(&m->ht, &item->node, params);
	if (!err)
		kfree_rcu(item, rcu);
	rcu_read_unlock();
	return err;
}

#include "loops.h"

static int walk_once(struct peer *m, u64 *n, u64 *sum)
{
	struct rhashtable_iter it;
	struct item *item;

	*n = *sum = 0;
	rhashtable_walk_enter(&m->ht, &it);
	rhashtable_walk_start(&it);
	while ((item = rhashtable_walk_next(&it)) && !IS_ERR(item)) {
		*sum += READ_ONCE(item->value);	/* pairs with peer_set() */
		++*n;
	}
	rhashtable_walk_stop(&it);
	rhashtable_walk_exit(&it);
	return PTR_ERR_OR_ZERO(item);
}

/* A walk that meets a resize begins again, here when that is done. */
static u64 walk(void *_m, u64 *sum)
{
	struct peer *m = _m;
	u64 n;

	while (walk_once(m, &n, sum))
		flush_work(&m->ht.run_work);
	return n;
}

static void *make(u64 entries)
{
	struct peer *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return NULL;
	m->items = kmem_cache_create("bench_rhashtable", sizeof(struct item), 0, 0, NULL);
	if (m->items && !rhashtable_init(&m->ht, &params))
		return m;
	kmem_cache_destroy(m->items);
	kfree(m);
	return NULL;
}

static void free_item(void *item, void *items)
{
	kmem_cache_free(items, item);
}

static void destroy(void *_m)
{
	struct peer *m = _m;

	rhashtable_free_and_destroy(&m->ht, free_item, m->items);
	rcu_barrier();
	kmem_cache_destroy(m->items);
	kfree(m);
}

const struct bench_peer bench_rhashtable = {
	.name = "rhashtable",
	.make = make,
	.destroy = destroy,
	.walk = walk,
	BENCH_LOOPS,
};
