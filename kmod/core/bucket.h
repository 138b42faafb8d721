/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Buckets and chains: how entries appear, change and vanish under readers.
 *
 *   head   +--+--+--+--+--+--+--+--+---------+------+
 *          |t0|t1|t2|t3|t4|t5|t6|t7| version | next |     16 bytes
 *          +--+--+--+--+--+--+--+--+---------+------+
 *   slots  |key value|key value| ...                |     8 entries
 *          +---------+---------+--------------------+
 *
 * A tag byte is 0 for an empty slot and otherwise 8 bits of the entry's hash;
 * all eight are loaded, compared and stored as one word. An evacuated bucket
 * has all of them 1, for ever; no entry has tag 1.
 *
 * What makes it hard: readers take no lock, and writers never make them wait,
 * not even a reader that interrupted the writer on its own CPU. There is no
 * odd phase. Instead:
 *
 *  1. An entry appears, whole, by one store of the tag word, after its bytes.
 *  2. Bytes of a slot are written only after the version was bumped since the
 *     slot was last seen with a tag. A reader that copied such bytes sees the
 *     bump and starts over.
 *  3. Before an entry moves within its chain the version is bumped: whoever
 *     finds the new copy saw the old one first. It is published at its new
 *     place, the version is bumped again, and only then it vanishes from the
 *     old one: whoever finds it at neither sees the bump.
 *  4. Values of one word, pointers among them, are replaced in place, others by
 *     a second copy.
 *  5. An unlinked overflow bucket is reused at once. A reader on it has strayed
 *     from its chain and, by 2 and 3, sees the bump.
 *
 * The version in the first bucket is that of the whole chain.
 */
#ifndef TRIPMAP_CORE_BUCKET_H
#define TRIPMAP_CORE_BUCKET_H

#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "array.h"
#include "mem.h"
#include "table.h"

#define TM_TAG_EMPTY	0
#define TM_TAG_MIN	2
#define TM_TAGS_EVACUATED 0x0101010101010101ULL

/*
 * Buckets in a chain. At LONG the hash has failed and a new seed is asked for;
 * at CAP inserts are refused; an update that needs a second copy may add one.
 * Shrinking, which joins two chains, stops short of TM_CHAIN_MAX (table.h).
 * Readers that went further have strayed.
 */
#define TM_CHAIN_LONG	9
#define TM_CHAIN_CAP	16

#define TM_ENTRY_MAX	256	/* bytes in a slot: 128 of key, 128 of value */
#define TM_INLINE_MAX	128	/* larger keys and values are blobs */

struct tm_place {
	u64		b;
	unsigned int	slot;
};

/* What one pass over a chain finds. */
struct tm_seek {
	struct tm_place	at;	/* the entry, if found */
	struct tm_place	hole;	/* first empty slot, if holed */
	u64		first;	/* the chain's first bucket */
	u64		last;	/* its last one */
	unsigned int	links;	/* buckets in it */
	bool		found;
	bool		holed;
};

/* A chain that is being filled, and that nobody can find yet. */
struct tm_fill {
	u64		b;	/* bucket being filled */
	u64		tags;	/* of what is in it */
	unsigned int	n;	/* entries in it */
};

static __always_inline u8 tm_tag(u64 hash)
{
	u8 tag = hash >> 56;

	return tag < TM_TAG_MIN ? tag + TM_TAG_MIN : tag;
}

/* 0x80 in each byte of tags that equals tag, exactly: no borrow, no false hit. */
static __always_inline u64 tm_tags_match(u64 tags, u8 tag)
{
	const u64 low = 0x7f7f7f7f7f7f7f7fULL;
	u64 x = tags ^ (tag * 0x0101010101010101ULL);

	return ~(((x & low) + low) | x | low);
}

static __always_inline unsigned int tm_tags_slot(u64 match)
{
	return __ffs64(match) / 8;
}

static inline u8 tm_tags_get(u64 tags, unsigned int slot)
{
	return tags >> (slot * 8);
}

static inline u64 tm_tags_set(u64 tags, unsigned int slot, u8 tag)
{
	return (tags & ~(0xffULL << (slot * 8))) | (u64)tag << (slot * 8);
}

/* 0x80 in each byte of a slot in use; for tags that are not evacuated. */
static inline u64 tm_tags_used(u64 tags)
{
	return ~tm_tags_match(tags, TM_TAG_EMPTY) & 0x8080808080808080ULL;
}

/*
 * Key or value too large for the slot: never edited, freed after a grace
 * period, so that a pointer found beside a live tag is good for the section.
 */
struct tm_blob {
	struct rcu_head		rcu;
	struct tripmap		*owner;		/* whose deferred memory it counts as */
	u32			size;		/* of data */
	u8			data[];
};

struct tm_blob *tm_blob_new(struct tripmap *t, const void *data, u32 size, gfp_t gfp);
void tm_blob_free(struct tm_blob *blob);

static inline size_t tm_blob_size(const struct tm_blob *blob)
{
	return sizeof(*blob) + blob->size;
}

/* What is held for one. */
static inline u64 tm_blob_bytes(const struct tm_blob *blob)
{
	return tm_mem_size(tm_blob_size(blob));
}

/* What is held behind the slot of one entry. */
static inline u64 tm_blobs_bytes(const struct tm_layout *l)
{
	return (l->key_out ? tm_mem_size(sizeof(struct tm_blob) + l->key_size) : 0) +
	       (l->value_out ? tm_mem_size(sizeof(struct tm_blob) + l->value_size) : 0);
}

/*
 * Slots are read while a writer may be rewriting them (rule 2 sorts that out),
 * so both sides use whole words. Pairs with tm_words_put().
 */
static __always_inline void tm_words_get(void *dst, const u8 *src, u32 size)
{
	u8 *to = dst;
	u64 w;

	if (size <= 4) {
		u32 w32 = READ_ONCE(*(const u32 *)src);

		tm_few_bytes(to, &w32, size);
		return;
	}
	for (; size >= 8; size -= 8, to += 8, src += 8) {
		w = READ_ONCE(*(const u64 *)src);
		memcpy(to, &w, 8);
	}
	if (size) {
		w = READ_ONCE(*(const u64 *)src);
		tm_few_bytes(to, &w, size);
	}
}

/* Pairs with tm_words_get() and tm_words_equal(). */
static __always_inline void tm_words_put(u8 *dst, const void *src, u32 size)
{
	const u8 *from = src;
	u32 w32 = 0;
	u64 w;

	if (size <= 4) {
		tm_few_bytes(&w32, from, size);
		WRITE_ONCE(*(u32 *)dst, w32);
		return;
	}
	for (; size >= 8; size -= 8, dst += 8, from += 8) {
		memcpy(&w, from, 8);
		WRITE_ONCE(*(u64 *)dst, w);
	}
	if (size) {
		w = 0;
		tm_few_bytes(&w, from, size);
		WRITE_ONCE(*(u64 *)dst, w);
	}
}

/* Pairs with tm_words_put(). */
static __always_inline bool tm_words_equal(const u8 *src, const void *with, u32 size)
{
	const u8 *p = with;
	u32 w32 = 0;
	u64 w;

	if (size <= 4) {
		tm_few_bytes(&w32, p, size);
		return READ_ONCE(*(const u32 *)src) == w32;
	}
	for (; size >= 8; size -= 8, src += 8, p += 8) {
		memcpy(&w, p, 8);
		if (READ_ONCE(*(const u64 *)src) != w)
			return false;
	}
	if (!size)
		return true;
	w = 0;
	tm_few_bytes(&w, p, size);
	return READ_ONCE(*(const u64 *)src) == w;
}

static inline struct tm_blob *tm_slot_blob(const u8 *at)
{
	/* A dependency: pairs with the releases in fill_pointers() and put_word(). */
	return READ_ONCE(*(struct tm_blob *const *)at);
}

static __always_inline bool tm_slot_has_key(const struct tm_layout *l, const u8 *slot,
					    const void *key)
{
	if (unlikely(l->key_out))
		return !memcmp(tm_slot_blob(slot)->data, key, l->key_size);
	if (l->key_size == 8)
		return tm_words_equal(slot, key, 8);
	return tm_words_equal(slot, key, l->key_size);
}

static inline void tm_slot_get_key(const struct tm_layout *l, const u8 *slot, void *key)
{
	if (unlikely(l->key_out))
		memcpy(key, tm_slot_blob(slot)->data, l->key_size);
	else
		tm_words_get(key, slot, l->key_size);
}

static __always_inline void tm_slot_get_value(const struct tm_layout *l, const u8 *slot,
					      void *value)
{
	if (likely(l->value_size == 8))
		tm_words_get(value, slot + l->value_at, 8);
	else if (unlikely(l->value_out))
		memcpy(value, tm_slot_blob(slot + l->value_at)->data, l->value_size);
	else if (l->value_size)
		tm_words_get(value, slot + l->value_at, l->value_size);
}

/* The first bytes of it, at most size. */
static inline void tm_slot_get_prefix(const struct tm_layout *l, const u8 *slot, void *value,
				      u32 size)
{
	const u8 *at = slot + l->value_at;

	size = min_t(u32, size, l->value_size);
	if (unlikely(l->value_out))
		memcpy(value, tm_slot_blob(at)->data, size);
	else if (size)
		tm_words_get(value, at, size);
}

/* Such a value changes by one store: readers see the old one or the new one. */
static inline bool tm_value_is_word(const struct tm_layout *l)
{
	return l->value_out || l->value_size <= 8;
}

void tm_layout_init(struct tm_layout *l, u16 key_size, u16 value_size);

/* Chains, for the guard's holder. */
void tm_chain_seek(struct tm_array *a, const struct tm_layout *l, u64 b, u8 tag,
		   const void *key, struct tm_seek *s);
void tm_fill_add(struct tm_array *a, const struct tm_layout *l, struct tm_fill *f, u8 tag,
		 const u8 *entry);
void tm_fill_end(struct tm_array *a, struct tm_fill *f);
bool tm_chain_can_add(const struct tm_array *a, const struct tm_seek *s, unsigned int cap);
void tm_chain_add(struct tm_array *a, const struct tm_layout *l, struct tm_seek *s, u8 tag,
		  const u8 *entry);
void tm_chain_replace(struct tm_array *a, const struct tm_layout *l, struct tm_seek *s, u8 tag,
		      const u8 *entry);
void tm_chain_remove(struct tm_array *a, u64 first, struct tm_place at);
unsigned int tm_chain_links(struct tm_array *a, u64 b);
void tm_chain_evacuated(struct tm_array *a, u64 b);

#endif /* TRIPMAP_CORE_BUCKET_H */
