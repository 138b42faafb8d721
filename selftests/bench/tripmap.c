// SPDX-License-Identifier: GPL-2.0
/* tripmap, by what tripmap.ko exports: single-writer, violations warn. */
#include <linux/err.h>
#include <linux/bitmap.h>

#include "../../kmod/core/tripmap.h"
#include "bench.h"

static __always_inline bool peer_get(struct tripmap *t, u64 key, u64 *value)
{
	return !tripmap_lookup(t, &key, value);
}

static __always_inline int peer_add(struct tripmap *t, u64 key, u64 value)
{
	return tripmap_insert(t, &key, &value, GFP_KERNEL);
}

static __always_inline int peer_set(struct tripmap *t, u64 key, u64 value)
{
	return tripmap_replace(t, &key, &value, GFP_KERNEL);
}

static __always_inline int peer_del(struct tripmap *t, u64 key)
{
	return tripmap_delete(t, &key, GFP_KERNEL);
}

#include "loops.h"

static u64 sum_of(const u64 *values, const unsigned long *found)
{
	unsigned int i;
	u64 sum = 0;

	for_each_set_bit(i, found, BENCH_BATCH)
		sum += values[i];
	return sum;
}

static u32 many(void *m, const u64 *keys, u32 n, u64 *sum)
{
	DECLARE_BITMAP(found, BENCH_BATCH);
	u64 values[BENCH_BATCH];
	u32 total = 0, i;
	int got;

	*sum = 0;
	for (i = 0; i + BENCH_BATCH <= n; i += BENCH_BATCH) {
		got = tripmap_lookup_many(m, BENCH_BATCH, keys + i, values, found);
		if (got < 0)
			return 0;
		total += got;
		*sum += sum_of(values, found);
	}
	return total;
}

static u64 walk(void *m, u64 *sum)
{
	struct tripmap_iter *it = tripmap_iter_open(m, GFP_KERNEL);
	u64 key, value, n = 0;

	*sum = 0;
	if (IS_ERR(it))
		return 0;
	for (; tripmap_iter_next(it, &key, &value) > 0; n++)
		*sum += value;
	tripmap_iter_close(it);
	return n;
}

/**
 * bench_table() - an empty table of 8-byte keys and values
 * @hash: &enum tripmap_hash
 * @contract: &enum tripmap_contract
 *
 * Context: Task.
 * Return: the table, or an error pointer.
 */
struct tripmap *bench_table(u8 hash, u8 contract)
{
	struct tripmap_config cfg = TRIPMAP_CONFIG(.name = "bench", .hash = hash,
						   .contract = contract,
						   .key_size = sizeof(u64),
						   .value_size = sizeof(u64));

	return tripmap_create(&cfg, GFP_KERNEL);
}

static void *make(u64 entries)
{
	struct tripmap *t = bench_table(TRIPMAP_HASH_SIPHASH, TRIPMAP_CONTRACT_SINGLE_WRITER);

	return IS_ERR(t) ? NULL : t;
}

static void *make_mix(u64 entries)
{
	struct tripmap *t = bench_table(TRIPMAP_HASH_MIX, TRIPMAP_CONTRACT_SINGLE_WRITER);

	return IS_ERR(t) ? NULL : t;
}

static void destroy(void *m)
{
	tripmap_destroy(m);
}

const struct bench_peer bench_tripmap = {
	.name = "tripmap",
	.make = make,
	.destroy = destroy,
	.many = many,
	.walk = walk,
	BENCH_LOOPS,
};

const struct bench_peer bench_tripmap_mix = {
	.name = "tripmap-mix",
	.make = make_mix,
	.destroy = destroy,
	.many = many,
	.walk = walk,
	BENCH_LOOPS,
};
