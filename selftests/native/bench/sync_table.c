// SPDX-License-Identifier: GPL-2.0
/* The core for sync.c: the default hash, every violation answered by WARN. */
#include <linux/err.h>

#include "../../../kmod/core/table.h"
#include "../../../kmod/core/tripmap.h"
#include "../../../kmod/observe/flight.h"
#include "../../../kmod/observe/report.h"
#include "shim/thread.h"
#include "sync.h"

void sync_init(void)
{
	bench_helpers(1);
	shim_helpers_begin();
	bench_helpers(0);
	/* As the module does on load, by its default parameters. */
	if (tm_flight_init(1024, 64, 10) || tm_report_init(64, 3000) || tm_table_init())
		bench_fail("init");
}

void *sync_new(enum sync_method method, int shards)
{
	static const enum tripmap_sync sync[SYNC_METHODS] = {
		[SYNC_SINGLE_WRITER]	= TRIPMAP_SYNC_NONE,
		[SYNC_SHARDED]		= TRIPMAP_SYNC_SHARDED,
		[SYNC_RWLOCK]		= TRIPMAP_SYNC_RWLOCK,
		[SYNC_SNAPSHOT]		= TRIPMAP_SYNC_SNAPSHOT,
		[SYNC_SPLIT]		= TRIPMAP_SYNC_SPLIT,
	};
	struct tripmap_config cfg = TRIPMAP_CONFIG(.name = "bench", .key_size = 8,
						   .value_size = 8, .sync = sync[method],
						   .shards = shards);
	struct tripmap *t;

	if (method != SYNC_SINGLE_WRITER)
		cfg.contract = TRIPMAP_CONTRACT_SHARED;
	t = tripmap_create(&cfg, GFP_KERNEL);
	if (IS_ERR_OR_NULL(t))
		bench_fail("no table");
	return t;
}

void sync_free(void *t)
{
	if (tripmap_destroy(t))
		bench_fail("destroy");
}

void sync_info(void *t, struct sync_info *info)
{
	struct tripmap_info i;

	tripmap_info(t, &i);
	*info = (struct sync_info){ i.entries, i.hits, i.misses, i.promotions, i.deferred_total };
}

int sync_get(void *t, word k, word *v)
{
	return !tripmap_lookup(t, &k, v);
}

int sync_insert(void *t, word k, word v)
{
	return !tripmap_insert(t, &k, &v, GFP_KERNEL);
}

int sync_replace(void *t, word k, word v)
{
	return !tripmap_replace(t, &k, &v, GFP_KERNEL);
}

int sync_delete(void *t, word k)
{
	return !tripmap_delete(t, &k, GFP_KERNEL);
}
