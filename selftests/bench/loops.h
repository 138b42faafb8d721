/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The loops over a table's operations, for one table: whoever includes this has
 * defined struct peer and the inline functions
 *
 *	bool peer_get(struct peer *m, u64 key, u64 *value)
 *	int peer_add(struct peer *m, u64 key, u64 value)	-EEXIST
 *	int peer_set(struct peer *m, u64 key, u64 value)	-ENOENT
 *	int peer_del(struct peer *m, u64 key)			-ENOENT
 *
 * So each table's fast path is inlined into its loops, as it would be into the
 * code of a user, and all loops are the same.
 */
#ifndef BENCH_LOOPS_H
#define BENCH_LOOPS_H

#include <linux/sched.h>

#include "bench.h"

static int loop_add(void *m, const struct bench_way *way)
{
	const struct bench_keys *k = way->keys;
	u64 i = 0, n;
	int err = 0;

	for (n = 0; n < way->n && !err; n++, i = bench_step(k, i, way->step)) {
		err = peer_add(m, bench_key(k, i), bench_value(k, i));
		if (n % BENCH_BREATHER == 0)
			cond_resched();
	}
	return err;
}

static int loop_del(void *m, const struct bench_way *way)
{
	const struct bench_keys *k = way->keys;
	u64 i = 0, n;
	int err = 0;

	for (n = 0; n < way->n && !err; n++, i = bench_step(k, i, way->step)) {
		err = peer_del(m, bench_key(k, i));
		if (n % BENCH_BREATHER == 0)
			cond_resched();
	}
	return err;
}

static int loop_set(void *m, const u64 *keys, const u64 *values, u32 n)
{
	int err = 0;
	u32 i;

	for (i = 0; i < n && !err; i++) {
		err = peer_set(m, keys[i], values[i]);
		if (i % BENCH_BREATHER == 0)
			cond_resched();
	}
	return err;
}

static u32 loop_get(void *m, const u64 *keys, u32 n, u64 *sum)
{
	u32 found = 0, i;
	u64 value;

	*sum = 0;
	for (i = 0; i < n; i++) {
		if (!peer_get(m, keys[i], &value))
			continue;
		found++;
		*sum += value;
	}
	return found;
}

static u64 loop_chain(void *m, u64 key, u32 n)
{
	while (n--)
		if (!peer_get(m, key, &key))
			return ~0ULL;
	return key;
}

#define BENCH_LOOPS			\
	.add = loop_add,		\
	.del = loop_del,		\
	.set = loop_set,		\
	.get = loop_get,		\
	.chain = loop_chain

#endif /* BENCH_LOOPS_H */
