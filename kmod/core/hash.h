/* SPDX-License-Identifier: GPL-2.0 */
/* Keyed hashes: key bytes to 64 bits. */
#ifndef TRIPMAP_CORE_HASH_H
#define TRIPMAP_CORE_HASH_H

#include <linux/types.h>
#include <linux/tripmap.h>

/* Never shown to anybody: who knows it can choose keys that collide. */
struct tm_seed {
	u64	s[TRIPMAP_SEED_SIZE / 8];
};

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
