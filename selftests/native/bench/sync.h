/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables of 8/8 bytes for sync.c, which is compiled against libc, as sync_table.c
 * is against the core; so no header of either here.
 */
#ifndef BENCH_SYNC_H
#define BENCH_SYNC_H

#include "bench.h"

enum sync_method {
	SYNC_SINGLE_WRITER,	/* the caller keeps writers apart */
	SYNC_SHARDED,
	SYNC_RWLOCK,
	SYNC_SNAPSHOT,
	SYNC_SPLIT,
	SYNC_METHODS
};

/* What tripmap_info() says, of that what is shown. */
struct sync_info {
	word entries, hits, misses, promotions, deferred;
};

void sync_init(void);
void *sync_new(enum sync_method method, int shards);
void sync_free(void *t);
void sync_info(void *t, struct sync_info *info);
/* Not 0: done, or found. */
int sync_get(void *t, word k, word *v);
int sync_insert(void *t, word k, word v);
int sync_replace(void *t, word k, word v);
int sync_delete(void *t, word k);

#endif /* BENCH_SYNC_H */
