// SPDX-License-Identifier: GPL-2.0
/*
 * liburcu's lock-free table as its examples use it: nodes of the user's own,
 * flavour memb, resized by itself, a good and cheap hash.
 */
#define _LGPL_SOURCE
#include <stdbool.h>
#include <stdlib.h>
#include <urcu/urcu-memb.h>
#include <urcu/rculfhash.h>

#include "bench.h"

#define PEER_THREADS	1

static const char peer_name[] = "lfht";

struct node {
	struct cds_lfht_node node;
	struct rcu_head rcu;
	word key, value;
};

static struct node *node_of(struct cds_lfht_node *node)
{
	return caa_container_of(node, struct node, node);
}

static int same_key(struct cds_lfht_node *node, const void *key)
{
	return node_of(node)->key == *(const word *)key;
}

static struct cds_lfht_node *find(void *t, word *k)
{
	struct cds_lfht_iter it;

	cds_lfht_lookup(t, bench_key(*k), same_key, k, &it);
	return cds_lfht_iter_get_node(&it);
}

static void *make(void)
{
	void *t = cds_lfht_new_flavor(1, 1, 0, CDS_LFHT_AUTO_RESIZE | CDS_LFHT_ACCOUNTING,
				      &urcu_memb_flavor, NULL);

	if (!t)
		bench_fail("no table");
	return t;
}

/*
 * The library's resize thread ends with the last table: so one more table stays.
 * A resize that is over before the thread that asked for it has noted so is the
 * last one of its table (0.13); so it must not take the CPU from that thread.
 */
static void *peer_new(void)
{
	static void *stays;

	if (!stays) {
		bench_helpers(1);
		stays = make();
		urcu_memb_get_default_call_rcu_data();
		bench_helpers(0);
	}
	return make();
}

static void *peer_new_shared(void)
{
	return peer_new();
}

static void free_node(struct rcu_head *rcu)
{
	free(caa_container_of(rcu, struct node, rcu));
}

/* Left as it is: to empty one and destroy it was seen to take seconds. */
static void peer_free(void *t)
{
	(void)t;
}

static inline bool peer_insert(void *t, word k, word v)
{
	struct node *n = malloc(sizeof(*n));
	struct cds_lfht_node *old;

	if (!n)
		bench_fail("no memory");
	cds_lfht_node_init(&n->node);
	n->key = k;
	n->value = v;
	urcu_memb_read_lock();
	old = cds_lfht_add_unique(t, bench_key(k), same_key, &k, &n->node);
	urcu_memb_read_unlock();
	return old == &n->node;
}

static inline bool peer_get(void *t, word k, word *v)
{
	struct cds_lfht_node *node;

	urcu_memb_read_lock();
	node = find(t, &k);
	if (node)
		*v = CMM_LOAD_SHARED(node_of(node)->value);
	urcu_memb_read_unlock();
	return node;
}

static inline bool peer_update(void *t, word k, word v)
{
	struct cds_lfht_node *node;

	urcu_memb_read_lock();
	node = find(t, &k);
	if (node)
		CMM_STORE_SHARED(node_of(node)->value, v);
	urcu_memb_read_unlock();
	return node;
}

static inline bool peer_delete(void *t, word k)
{
	struct cds_lfht_node *node;
	bool gone;

	urcu_memb_read_lock();
	node = find(t, &k);
	gone = node && !cds_lfht_del(t, node);
	urcu_memb_read_unlock();
	if (gone)
		urcu_memb_call_rcu(&node_of(node)->rcu, free_node);
	return gone;
}

static word peer_iterate(void *t, word *sum)
{
	struct cds_lfht_iter it;
	struct cds_lfht_node *node;
	word n = 0;

	urcu_memb_read_lock();
	cds_lfht_for_each(t, &it, node) {
		*sum += CMM_LOAD_SHARED(node_of(node)->value);
		n++;
	}
	urcu_memb_read_unlock();
	return n;
}

/* Its lookups are to find it at rest, with a bucket an entry as it wants to be. */
static void peer_more(void *t)
{
	cds_lfht_resize(t, 1UL << (64 - __builtin_clzl(bench.n - 1)));
}

static void peer_thread_begin(void)
{
	urcu_memb_register_thread();
}

static void peer_thread_end(void)
{
	urcu_memb_unregister_thread();
}

#include "one_by_one.h"
#include "loop.h"
