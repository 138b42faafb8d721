// SPDX-License-Identifier: GPL-2.0
/* Hashes: SipHash-1-3 against other implementations, both for their spread. */
#include <linux/bitops.h>

#include "../../kmod/core/hash.h"
#include "test.h"

/* The bytes 0, 1, 2, ... 255, 0. */
static void count_bytes(u8 *p, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		p[i] = i;
}

/*
 * Low halves of SipHash-1-3 of the first n bytes, n = 0, 1, ..., under the key
 * 00 01 .. 0f: the kernel's lib/test_siphash.c has them for hsiphash.
 */
static const u32 low_halves[] = {
	0x050fc4dc, 0x7d57ca93, 0x4dc7d44d, 0xe7ddf7fb, 0x88d38328, 0x49533b67,
	0xc59f22a7, 0x9bb11140, 0x8d299a8e, 0x6c063de4, 0x92ff097f, 0xf94dc352,
	0x57b4d9a2, 0x1229ffa7, 0xc0f95d34, 0x2a519956, 0x7d908b66, 0x63dbd80c,
};

TM_TEST(siphash_low_halves)
{
	struct tm_seed seed = { { 0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL } };
	u8 key[ARRAY_SIZE(low_halves)];
	unsigned int n;

	count_bytes(key, sizeof(key));
	for (n = 0; n < ARRAY_SIZE(low_halves); n++)
		TM_EXPECT_EQ((u32)tm_hash_siphash(&seed, key, n), low_halves[n]);
}

/* All 64 bits under the key 0: hash(bytes) of CPython 3.11, PYTHONHASHSEED=0. */
static const struct {
	u32 n;
	u64 hash;
} whole[] = {
	{ 1, 0x68a914128e01e473ULL },	{ 2, 0x010bac45c41e3669ULL },
	{ 7, 0x2f098ab0c751325aULL },	{ 8, 0xead411e67ebe2eeaULL },
	{ 9, 0x75927f9d95124362ULL },	{ 15, 0xf30eb725bb91c9eaULL },
	{ 16, 0x8972188433a5c5b7ULL },	{ 17, 0x4883c49a2c009c1dULL },
	{ 63, 0x385d3e39e5f37359ULL },	{ 64, 0x75e05fd5bbc870c6ULL },
	{ 128, 0x6488077d8be5b7b5ULL },	{ 129, 0x3313c06f7511e9eaULL },
	{ 255, 0x5dc1f93ea135eb43ULL },	{ 256, 0x31ae646afba70308ULL },
};

TM_TEST(siphash_whole)
{
	struct tm_seed seed = { { 0 } };
	u8 key[256];
	unsigned int i;

	count_bytes(key, sizeof(key));
	for (i = 0; i < ARRAY_SIZE(whole); i++)
		TM_EXPECT_EQ(tm_hash_siphash(&seed, key, whole[i].n), whole[i].hash);
}

/* Each bit of the key changes about half of the hash, in both of its ends. */
static void check_avalanche(enum tripmap_hash hash, u32 size)
{
	struct tm_seed seed;
	unsigned int flips = 0, bit, round;
	u8 key[32];
	u64 h, g;

	for (round = 0; round < 64; round++) {
		tm_seed_random(&seed);
		count_bytes(key, sizeof(key));
		h = tm_hash(hash, &seed, key, size);
		for (bit = 0; bit < 8 * size; bit++) {
			key[bit / 8] ^= BIT(bit % 8);
			g = tm_hash(hash, &seed, key, size);
			key[bit / 8] ^= BIT(bit % 8);
			TM_EXPECT(g != h);
			flips += hweight64(g ^ h);
		}
	}
	/* Mean 32 with a deviation of 4 over 64 * 8 * size samples. */
	TM_EXPECT(flips > 31 * 64 * 8 * size && flips < 33 * 64 * 8 * size);
}

TM_TEST(siphash_avalanche)
{
	check_avalanche(TRIPMAP_HASH_SIPHASH, 4);
	check_avalanche(TRIPMAP_HASH_SIPHASH, 20);
}

TM_TEST(mix_avalanche)
{
	check_avalanche(TRIPMAP_HASH_MIX, 4);
	check_avalanche(TRIPMAP_HASH_MIX, 8);
	check_avalanche(TRIPMAP_HASH_MIX, 20);
}

/* Same bytes, other length: other hash; same seed: same hash. */
TM_TEST(mix_length)
{
	static const u8 zero[64];
	struct tm_seed seed;
	unsigned int n;

	tm_seed_random(&seed);
	for (n = 1; n < sizeof(zero); n++) {
		TM_EXPECT(tm_hash_mix(&seed, zero, n) != tm_hash_mix(&seed, zero, n - 1));
		TM_EXPECT_EQ(tm_hash_mix(&seed, zero, n), tm_hash_mix(&seed, zero, n));
	}
}

TM_TEST(seeds_differ)
{
	struct tm_seed a, b, c;

	tm_seed_random(&a);
	tm_seed_random(&b);
	TM_EXPECT(memcmp(&a, &b, sizeof(a)));
	c = a;
	tm_seed_next(&a);
	TM_EXPECT(memcmp(&a, &c, sizeof(a)));
	tm_seed_next(&c);
	TM_EXPECT(!memcmp(&a, &c, sizeof(a)));
}

TM_SUITE(hash, TM_CASE(siphash_low_halves), TM_CASE(siphash_whole), TM_CASE(siphash_avalanche),
	 TM_CASE(mix_avalanche), TM_CASE(mix_length), TM_CASE(seeds_differ));
