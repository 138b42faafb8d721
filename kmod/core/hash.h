/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keyed hashes: key bytes to 64 bits. SipHash-1-3 for keys that others may choose;
 * a seeded multiply-fold, some nanoseconds cheaper, for trusted ones. Where the size
 * is a constant they come down to a few instructions, without a branch.
 */
#ifndef TRIPMAP_CORE_HASH_H
#define TRIPMAP_CORE_HASH_H

#include <linux/siphash.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/tripmap.h>

/* Never shown to anybody: who knows it can choose keys that collide. */
struct tm_seed {
	u64	s[TRIPMAP_SEED_SIZE / 8];
};

/* Fewer than 8 of them, without a call: memcpy() of a few is dear. */
static __always_inline void tm_few_bytes(void *to, const void *from, u32 n)
{
	u8 *t = to;
	const u8 *f = from;

	if (n & 4) {
		memcpy(t, f, 4);
		t += 4;
		f += 4;
	}
	if (n & 2) {
		memcpy(t, f, 2);
		t += 2;
		f += 2;
	}
	if (n & 1)
		*t = *f;
}

/* Up to 8 bytes from anywhere, missing ones zero. */
static __always_inline u64 tm_load(const u8 *p, u32 n)
{
	u64 v = 0;

	if (n >= 8)
		memcpy(&v, p, 8);
	else
		tm_few_bytes(&v, p, n);
	return v;
}

static __always_inline u64 tm_sip13(const struct tm_seed *seed, const void *key, u32 size)
{
	u64 v0 = SIPHASH_CONST_0 ^ seed->s[0];
	u64 v1 = SIPHASH_CONST_1 ^ seed->s[1];
	u64 v2 = SIPHASH_CONST_2 ^ seed->s[0];
	u64 v3 = SIPHASH_CONST_3 ^ seed->s[1];
	const u8 *p = key;
	u32 left = size;
	u64 m;

	for (; left >= 8; left -= 8, p += 8) {
		m = tm_load(p, 8);
		v3 ^= m;
		SIPHASH_PERMUTATION(v0, v1, v2, v3);
		v0 ^= m;
	}
	m = tm_load(p, left) | (u64)size << 56;
	v3 ^= m;
	SIPHASH_PERMUTATION(v0, v1, v2, v3);
	v0 ^= m;
	v2 ^= 0xff;
	SIPHASH_PERMUTATION(v0, v1, v2, v3);
	SIPHASH_PERMUTATION(v0, v1, v2, v3);
	SIPHASH_PERMUTATION(v0, v1, v2, v3);
	return v0 ^ v1 ^ v2 ^ v3;
}

static __always_inline u64 tm_fold(u64 a, u64 b)
{
	unsigned __int128 m = (unsigned __int128)a * b;

	return (u64)m ^ (u64)(m >> 64);
}

static __always_inline u64 tm_folds(const struct tm_seed *seed, const void *key, u32 size)
{
	const u8 *p = key;
	u64 h = seed->s[0] ^ size;
	u32 left = size;

	for (; left > 8; left -= 8, p += 8)
		h = tm_fold(h ^ tm_load(p, 8), seed->s[1]);
	h = tm_fold(h ^ tm_load(p, left), seed->s[2]);
	return tm_fold(h ^ seed->s[0], seed->s[3]);
}

u64 tm_hash_siphash(const struct tm_seed *seed, const void *key, u32 size);
u64 tm_hash_mix(const struct tm_seed *seed, const void *key, u32 size);
void tm_seed_random(struct tm_seed *seed);
void tm_seed_next(struct tm_seed *seed);

static inline u64 tm_hash(enum tripmap_hash hash, const struct tm_seed *seed,
			  const void *key, u32 size)
{
	return hash == TRIPMAP_HASH_MIX ? tm_hash_mix(seed, key, size) :
					  tm_hash_siphash(seed, key, size);
}

#endif /* TRIPMAP_CORE_HASH_H */
