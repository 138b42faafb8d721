// SPDX-License-Identifier: GPL-2.0
/* No table at all: what the loops cost, and the machine's noise. */
#include <linux/compiler.h>

#include "bench.h"

struct peer {
	u64	nothing;
};

static struct peer none;

static __always_inline bool peer_get(struct peer *m, u64 key, u64 *value)
{
	OPTIMIZER_HIDE_VAR(key);
	*value = key;
	return true;
}

static __always_inline int peer_add(struct peer *m, u64 key, u64 value)
{
	OPTIMIZER_HIDE_VAR(key);
	OPTIMIZER_HIDE_VAR(value);
	return 0;
}

static __always_inline int peer_set(struct peer *m, u64 key, u64 value)
{
	return peer_add(m, key, value);
}

static __always_inline int peer_del(struct peer *m, u64 key)
{
	return peer_add(m, key, key);
}

#include "loops.h"

static void *make(u64 entries)
{
	return &none;
}

static void destroy(void *m)
{
}

const struct bench_peer bench_null = {
	.name = "null",
	.null = true,
	.make = make,
	.destroy = destroy,
	BENCH_LOOPS,
};
