// SPDX-License-Identifier: GPL-2.0
/*
 * Two keyed hashes. SipHash-1-3 for keys that others may choose; a seeded
 * multiply-fold, about 8 ns cheaper for an 8-byte key, for trusted ones.
 */
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/string.h>

#include "hash.h"

/* Up to 8 bytes from anywhere, missing ones zero. */
static inline u64 load(const u8 *p, u32 n)
{
	u64 v = 0;

	if (n >= 8)
		memcpy(&v, p, 8);
	else
		memcpy(&v, p, n);
	return v;
}

/**
 * tm_hash_siphash() - SipHash-1-3, 64 bits
 * @seed: the first two words are the key
 * @key: bytes
 * @size: number of bytes
 *
 * Context: Any.
 * Return: the hash.
 */
u64 tm_hash_siphash(const struct tm_seed *seed, const void *key, u32 size)
{
	u64 v0 = SIPHASH_CONST_0 ^ seed->s[0];
	u64 v1 = SIPHASH_CONST_1 ^ seed->s[1];
	u64 v2 = SIPHASH_CONST_2 ^ seed->s[0];
	u64 v3 = SIPHASH_CONST_3 ^ seed->s[1];
	const u8 *p = key;
	u32 left = size;
	u64 m;

	for (; left >= 8; left -= 8, p += 8) {
		m = load(p, 8);
		v3 ^= m;
		SIPHASH_PERMUTATION(v0, v1, v2, v3);
		v0 ^= m;
	}
	m = load(p, left) | (u64)size << 56;
	v3 ^= m;
	SIPHASH_PERMUTATION(v0, v1, v2, v3);
	v0 ^= m;
	v2 ^= 0xff;
	SIPHASH_PERMUTATION(v0, v1, v2, v3);
	SIPHASH_PERMUTATION(v0, v1, v2, v3);
	SIPHASH_PERMUTATION(v0, v1, v2, v3);
	return v0 ^ v1 ^ v2 ^ v3;
}

static inline u64 fold(u64 a, u64 b)
{
	unsigned __int128 m = (unsigned __int128)a * b;

	return (u64)m ^ (u64)(m >> 64);
}

/**
 * tm_hash_mix() - two or more 64x64 to 128 bit multiply-folds
 * @seed: four secret words
 * @key: bytes
 * @size: number of bytes
 *
 * Context: Any.
 * Return: the hash.
 */
u64 tm_hash_mix(const struct tm_seed *seed, const void *key, u32 size)
{
	const u8 *p = key;
	u64 h = seed->s[0] ^ size;
	u32 left = size;

	for (; left > 8; left -= 8, p += 8)
		h = fold(h ^ load(p, 8), seed->s[1]);
	h = fold(h ^ load(p, left), seed->s[2]);
	return fold(h ^ seed->s[0], seed->s[3]);
}

/* A multiplier needs many bits on both sides; odd ones lose none. */
static void fit(struct tm_seed *seed)
{
	unsigned int i;

	for (i = 1; i < ARRAY_SIZE(seed->s); i++)
		seed->s[i] |= 1ULL << 63 | 1;
}

/**
 * tm_seed_random() - a new secret seed
 * @seed: out
 *
 * Context: Any.
 */
void tm_seed_random(struct tm_seed *seed)
{
	get_random_bytes(seed, sizeof(*seed));
	fit(seed);
}

/**
 * tm_seed_next() - the seed after this one, for tables that must replay
 * @seed: in and out
 *
 * Context: Any.
 */
void tm_seed_next(struct tm_seed *seed)
{
	struct tm_seed from = *seed;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(seed->s); i++)
		seed->s[i] = tm_hash_siphash(&from, &i, sizeof(i));
	fit(seed);
}
