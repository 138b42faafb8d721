// SPDX-License-Identifier: GPL-2.0
/*
 * Hashes of keys of any size, and seeds for them.
 */
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/string.h>

#include "hash.h"

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
	/* Known sizes have neither loops nor odd bytes. */
	switch (size) {
	case 4:
		return tm_sip13(seed, key, 4);
	case 8:
		return tm_sip13(seed, key, 8);
	case 16:
		return tm_sip13(seed, key, 16);
	default:
		return tm_sip13(seed, key, size);
	}
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
	switch (size) {
	case 4:
		return tm_folds(seed, key, 4);
	case 8:
		return tm_folds(seed, key, 8);
	case 16:
		return tm_folds(seed, key, 16);
	default:
		return tm_folds(seed, key, size);
	}
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
 * Context: Any but NMI; on PREEMPT_RT preemptible.
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
