/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is compared, and with which keys.
 *
 * The entries of a table are numbered. Entry i has a key that is a mix of i, so
 * that all keys differ and none follows from its neighbour; its value is the key
 * of the entry that is step further, so that who looks up key after value walks
 * through all of the table, and every sum of values can be foretold.
 */
#ifndef BENCH_H
#define BENCH_H

#include <linux/types.h>

#define BENCH_BATCH	32	/* keys looked up at once */
#define BENCH_BREATHER	256	/* writes between two chances for workers */

struct bench_keys {
	u64	n;		/* entries */
	u64	step;		/* to the next; no common divisor with n */
	bool	dense;		/* keys 0, 2, 4 ... */
};

/*
 * A way through entries, from the first one on: one by one, or by jumps, so that no
 * table meets them in the order in which it has laid them down.
 */
struct bench_way {
	const struct bench_keys	*keys;
	u64			step;	/* 1, or that of the keys */
	u64			n;	/* steps */
};

static inline u64 bench_mix(u64 x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

static inline u64 bench_key(const struct bench_keys *k, u64 i)
{
	return k->dense ? 2 * i : bench_mix(i + 1);
}

/* A key that is in no table. */
static inline u64 bench_absent(const struct bench_keys *k, u64 i)
{
	return k->dense ? 2 * i + 1 : bench_mix(i + 1 + (1ULL << 40));
}

static inline u64 bench_step(const struct bench_keys *k, u64 i, u64 step)
{
	i += step;
	return i < k->n ? i : i - k->n;
}

/* What is found at entry i. */
static inline u64 bench_value(const struct bench_keys *k, u64 i)
{
	return bench_key(k, bench_step(k, i, k->step));
}

/**
 * struct bench_peer - a table, by loops over its operations
 * @name: for people
 * @dense: it wants keys side by side
 * @null: it is no table; nothing is to be expected of it
 * @make: an empty table for @entries, or NULL
 * @destroy: frees it, entries and all
 * @add: adds entries; 0, or an error: -EEXIST for one that is there
 * @del: deletes entries; 0, or an error: -ENOENT for one that is not
 * @set: gives @n keys new values; 0, or an error
 * @get: looks @n keys up: how many were found, and the sum of their values
 * @chain: looks a key up, then its value, and so on: the last value
 * @many: as @get, %BENCH_BATCH at once; NULL where there is no such operation
 * @walk: all entries: how many, and the sum of their values
 */
struct bench_peer {
	const char	*name;
	bool		dense;
	bool		null;
	void		*(*make)(u64 entries);
	void		(*destroy)(void *m);
	int		(*add)(void *m, const struct bench_way *way);
	int		(*del)(void *m, const struct bench_way *way);
	int		(*set)(void *m, const u64 *keys, const u64 *values, u32 n);
	u32		(*get)(void *m, const u64 *keys, u32 n, u64 *sum);
	u64		(*chain)(void *m, u64 key, u32 n);
	u32		(*many)(void *m, const u64 *keys, u32 n, u64 *sum);
	u64		(*walk)(void *m, u64 *sum);
};

extern const struct bench_peer bench_null;
extern const struct bench_peer bench_tripmap;
extern const struct bench_peer bench_tripmap_mix;
extern const struct bench_peer bench_rhashtable;
extern const struct bench_peer bench_hlist_spin;
extern const struct bench_peer bench_hlist_rcu;
extern const struct bench_peer bench_xarray;

struct tripmap *bench_table(u8 hash, u8 contract);

#endif /* BENCH_H */
