// SPDX-License-Identifier: GPL-2.0
/*
 * tripmap: contract single-writer (shared and 64 shards for two writers), every
 * violation answered by WARN, the hash the default one or, with TRIPMAP_MIX, the
 * one for keys that nobody chooses.
 */
#include <linux/bitmap.h>
#include <linux/err.h>

#include "../../../kmod/core/table.h"
#include "../../../kmod/core/tripmap.h"
#include "../../../kmod/observe/flight.h"
#include "../../../kmod/observe/report.h"
#include "shim/thread.h"
#include "bench.h"

#define PEER_THREADS	1
#define SHARDS		64
#define MANY_KEYS	32

#ifdef TRIPMAP_MIX
#define HASH		TRIPMAP_HASH_MIX
static const char peer_name[] = "tripmap-mix";
#else
#define HASH		TRIPMAP_HASH_SIPHASH
static const char peer_name[] = "tripmap";
#endif

static void init(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	bench_helpers(1);
	shim_helpers_begin();
	bench_helpers(0);
	/* As the module does on load, by its default parameters. */
	if (tm_flight_init(1024, 64, 10) || tm_report_init(64, 3000) || tm_table_init())
		bench_fail("init");
}

static void *make(enum tripmap_contract contract, u16 shards)
{
	struct tripmap_config cfg = TRIPMAP_CONFIG(.name = "bench", .key_size = 8,
						   .value_size = 8, .contract = contract,
						   .shards = shards, .hash = HASH);
	struct tripmap *t = tripmap_create(&cfg, GFP_KERNEL);

	if (IS_ERR_OR_NULL(t))
		bench_fail("no table");
	return t;
}

static void *peer_new(void)
{
	init();
	return make(TRIPMAP_CONTRACT_SINGLE_WRITER, 0);
}

static void *peer_new_shared(void)
{
	return make(TRIPMAP_CONTRACT_SHARED, SHARDS);
}

static void peer_free(void *t)
{
	if (tripmap_destroy(t))
		bench_fail("destroy");
}

static inline bool peer_insert(void *t, word k, word v)
{
	return !tripmap_insert(t, &k, &v, GFP_KERNEL);
}

static inline bool peer_get(void *t, word k, word *v)
{
	return !tripmap_lookup(t, &k, v);
}

static inline bool peer_update(void *t, word k, word v)
{
	return !tripmap_replace(t, &k, &v, GFP_KERNEL);
}

static inline bool peer_delete(void *t, word k)
{
	return !tripmap_delete(t, &k, GFP_KERNEL);
}

static word peer_iterate(void *t, word *sum)
{
	struct tripmap_iter *it = tripmap_iter_open(t, GFP_KERNEL);
	word n = 0, k, v;

	if (IS_ERR_OR_NULL(it))
		bench_fail("iterator");
	for (; tripmap_iter_next(it, &k, &v) == 1; n++)
		*sum += v;
	tripmap_iter_close(it);
	return n;
}

static inline word peer_many(void *t, const word *keys, word *sum)
{
	word values[MANY_KEYS], i;
	unsigned long found[1];
	int n = tripmap_lookup_many(t, MANY_KEYS, keys, values, found);

	for (i = 0; i < MANY_KEYS; i++)
		if (found[0] >> i & 1)
			*sum += values[i];
	return n < 0 ? 0 : n;
}

static void peer_thread_begin(void)
{
	shim_thread_begin();
}

static void peer_thread_end(void)
{
	shim_thread_end();
}

/* The most that one insert did, from empty to full. */
static void run_work(void)
{
	word i, alloc = 0, moved = 0, most_alloc = 0, most_moved = 0, resizes = 0, k, v;
	struct tripmap_info info;
	void *t = peer_new();

	for (i = 0; i < bench.n; i++) {
		word before = shim_allocated();

		k = bench_key(i);
		v = i;
		if (!peer_insert(t, k, v))
			bench_fail("work: not new");
		alloc = shim_allocated() - before;
		tripmap_info(t, &info);
		if (alloc > most_alloc)
			most_alloc = alloc;
		if (info.evacuated - moved > most_moved)
			most_moved = info.evacuated - moved;
		moved = info.evacuated;
	}
	resizes = info.resizes[TRIPMAP_RESIZE_GROW];
	peer_free(t);
	bench_result(peer_name, "work", 0, bench.n,
		     "\"moved\": %lu, \"allocated\": %lu, \"evacuated\": %lu, \"growths\": %lu",
		     most_moved, most_alloc, moved, resizes);
}

static void peer_more(void *t)
{
	struct tripmap_info info;

	tripmap_info(t, &info);
	bench_result(peer_name, "memory", 0, info.entries,
		     "\"own\": %.2f, \"old\": %.2f, \"deferred\": %.2f",
		     (double)info.memory / bench.n, (double)info.memory_old / bench.n,
		     (double)info.memory_deferred / bench.n);
	if (bench_wants("work"))
		run_work();
}

#include "loop.h"
