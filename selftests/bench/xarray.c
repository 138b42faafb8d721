// SPDX-License-Identifier: GPL-2.0
/*
 * XArray with the values in its slots (63 bits) and with keys side by side, which
 * is what it is for: with keys like the others' it has a path of nodes of its own
 * for nearly each entry, some kilobytes. Its lock costs nothing here.
 */
#include <linux/slab.h>
#include <linux/xarray.h>

#include "bench.h"

static __always_inline bool peer_get(struct xarray *m, u64 key, u64 *value)
{
	void *entry = xa_load(m, key);

	if (entry)
		*value = xa_to_value(entry);
	return entry;
}

static __always_inline int peer_add(struct xarray *m, u64 key, u64 value)
{
	int err = xa_insert(m, key, xa_mk_value(value), GFP_KERNEL);

	return err == -EBUSY ? -EEXIST : err;
}

static __always_inline int peer_set(struct xarray *m, u64 key, u64 value)
{
	void *entry = xa_store(m, key, xa_mk_value(value), GFP_KERNEL);

	return entry ? xa_err(entry) : -ENOENT;
}

static __always_inline int peer_del(struct xarray *m, u64 key)
{
	return xa_erase(m, key) ? 0 : -ENOENT;
}

#include "loops.h"

static u64 walk(void *m, u64 *sum)
{
	unsigned long index;
	u64 n = 0;
	void *entry;

	*sum = 0;
	xa_for_each((struct xarray *)m, index, entry) {
		*sum += xa_to_value(entry);
		n++;
	}
	return n;
}

static void *make(u64 entries)
{
	struct xarray *m = kmalloc(sizeof(*m), GFP_KERNEL);

	if (m)
		xa_init(m);
	return m;
}

static void destroy(void *m)
{
	xa_destroy(m);
	kfree(m);
}

const struct bench_peer bench_xarray = {
	.name = "xarray",
	.dense = true,
	.make = make,
	.destroy = destroy,
	.walk = walk,
	BENCH_LOOPS,
};
