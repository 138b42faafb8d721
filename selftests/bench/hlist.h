/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hashtable.h: what its macros expand to, with a number of buckets that is chosen
 * at run time and suits the number of entries (one a bucket at most). It never
 * grows. PEER_RCU: readers are in read sections, and objects freed after a grace
 * period; else everybody takes the lock.
 */
#include <linux/hashtable.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "bench.h"
#include "lock.h"

struct item {
	struct hlist_node	node;
	u64			key;
	u64			value;
#if PEER_RCU
	struct rcu_head		rcu;
#endif
};

struct peer {
	struct hlist_head	*head;
	unsigned int		bits;
	struct kmem_cache	*items;
	atomic_t		lock;
};

static __always_inline void peer_lock(struct peer *m, bool read)
{
	if (read && PEER_RCU)
		rcu_read_lock();
	else
		bench_spin_lock(&m->lock);
}

static __always_inline void peer_unlock(struct peer *m, bool read)
{
	if (read && PEER_RCU)
		rcu_read_unlock();
	else
		bench_spin_unlock(&m->lock);
}

static __always_inline struct item *peer_find(struct peer *m, u64 key)
{
	struct item *item;

#if PEER_RCU
	hlist_for_each_entry_rcu(item, &m->head[hash_min(key, m->bits)], node, true)
#else
	hlist_for_each_entry(item, &m->head[hash_min(key, m->bits)], node)
#endif
		if (item->key == key)
			return item;
	return NULL;
}

static __always_inline bool peer_get(struct peer *m, u64 key, u64 *value)
{
	struct item *item;

	peer_lock(m, true);
	item = peer_find(m, key);
	if (item)
		*value = READ_ONCE(item->value);	/* pairs with peer_set() */
	peer_unlock(m, true);
	return item;
}

static __always_inline int peer_add(struct peer *m, u64 key, u64 value)
{
	struct item *item = kmem_cache_alloc(m->items, GFP_KERNEL), *there;

	if (!item)
		return -ENOMEM;
	item->key = key;
	item->value = value;
	peer_lock(m, false);
	there = peer_find(m, key);
	if (!there && PEER_RCU)
		hlist_add_head_rcu(&item->node, &m->head[hash_min(key, m->bits)]);
	else if (!there)
		hlist_add_head(&item->node, &m->head[hash_min(key, m->bits)]);
	peer_unlock(m, false);
	if (there)
		kmem_cache_free(m->items, item);
	return there ? -EEXIST : 0;
}

static __always_inline int peer_set(struct peer *m, u64 key, u64 value)
{
	struct item *item;

	peer_lock(m, false);
	item = peer_find(m, key);
	if (item)
		WRITE_ONCE(item->value, value);		/* pairs with peer_get() */
	peer_unlock(m, false);
	return item ? 0 : -ENOENT;
}

static __always_inline int peer_del(struct peer *m, u64 key)
{
	struct item *item;

	peer_lock(m, false);
	item = peer_find(m, key);
	if (item && PEER_RCU)
		hlist_del_rcu(&item->node);
	else if (item)
		hlist_del(&item->node);
	peer_unlock(m, false);
	if (!item)
		return -ENOENT;
#if PEER_RCU
	kfree_rcu(item, rcu);
#else
	kmem_cache_free(m->items, item);
#endif
	return 0;
}

#include "loops.h"

static u64 walk(void *_m, u64 *sum)
{
	struct peer *m = _m;
	struct item *item;
	u64 n = 0, b;

	*sum = 0;
	peer_lock(m, true);
	for (b = 0; b < 1ULL << m->bits; b++) {
		hlist_for_each_entry_rcu(item, &m->head[b], node, true) {
			*sum += READ_ONCE(item->value);	/* pairs with peer_set() */
			n++;
		}
	}
	peer_unlock(m, true);
	return n;
}

static void *make(u64 entries)
{
	struct peer *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return NULL;
	m->bits = order_base_2(entries);
	m->head = kvcalloc(1UL << m->bits, sizeof(*m->head), GFP_KERNEL);
	m->items = kmem_cache_create(PEER_NAME, sizeof(struct item), 0, 0, NULL);
	if (m->head && m->items)
		return m;
	kvfree(m->head);
	kmem_cache_destroy(m->items);
	kfree(m);
	return NULL;
}

static void destroy(void *_m)
{
	struct peer *m = _m;
	struct hlist_node *next;
	struct item *item;
	u64 b;

	for (b = 0; b < 1ULL << m->bits; b++)
		hlist_for_each_entry_safe(item, next, &m->head[b], node)
			kmem_cache_free(m->items, item);
	rcu_barrier();
	kvfree(m->head);
	kmem_cache_destroy(m->items);
	kfree(m);
}

const struct bench_peer PEER = {
	.name = PEER_NAME,
	.make = make,
	.destroy = destroy,
	.walk = walk,
	BENCH_LOOPS,
};
