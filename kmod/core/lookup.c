// SPDX-License-Identifier: GPL-2.0
/*
 * Lookups: no lock, no store to shared memory, no allocation, no waiting; but
 * for sync rwlock, which is there to be measured against, and for misses under
 * sync split.
 *
 * A key is looked for in its old bucket unless that is marked evacuated, else
 * in its new one. A mark stays for ever, and a bucket without one, whose
 * predecessor has one, is where the key belongs; so a reader that holds on to
 * an array that was replaced meanwhile is still right, until it meets a mark in
 * the newest array it knows, and loads the pointer again.
 */
#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/prefetch.h>

#include "read.h"
#include "tell.h"

/* Where to look: the first bucket of a chain. */
struct aim {
	struct tm_head	*head;		/* NULL: not to be told at once */
	const u8	*slots;
	u8		tag;
};

/* A size that the compiler knows makes it a comparison of a word or two; 0: any. */
static __always_inline bool has_key(const struct tm_layout *l, const u8 *slot, const void *key,
				    u32 size)
{
	return size ? tm_words_equal(slot, key, size) : tm_slot_has_key(l, slot, key);
}

/* In one bucket, whose slots begin at slots. */
static __always_inline bool in_bucket(const struct tm_layout *l, const u8 *slots, u64 tags, u8 tag,
				      const void *key, u32 size, void *value)
{
	u64 match = tm_tags_match(tags, tag);

	for (; match; match &= match - 1) {
		const u8 *slot = slots + tm_tags_slot(match) * l->entry_size;

		if (!has_key(l, slot, key, size))
			continue;
		if (value)
			tm_slot_get_value(l, slot, value);
		return true;
	}
	return false;
}

static noinline enum tm_read scan(struct tripmap *t, struct tm_array *a, u64 hash,
				  const void *key, void *value)
{
	u64 b = hash & a->mask;
	struct tm_head *first = tm_array_head(a, b), *head = first;
	u32 version = tm_read_begin(first);
	u64 tags = tm_read_tags(first);
	unsigned int links = 0;
	bool hit;

	if (unlikely(tags == TM_TAGS_EVACUATED))
		return TM_READ_MOVED;
	for (;;) {
		hit = in_bucket(&t->l, tm_array_slot(a, &t->l, b, 0), tags, tm_tag(hash), key, 0,
				value);
		if (hit)
			break;
		b = tm_read_next(head);
		if (likely(!b) || ++links > TM_CHAIN_MAX)
			break;
		head = tm_array_head(a, b);
		tags = tm_read_tags(head);
	}
	tm_step(t, TRIPMAP_STEP_READ);
	if (unlikely(!tm_read_stands(first, version)))
		return TM_READ_AGAIN;
	return hit ? TM_READ_HIT : TM_READ_MISS;
}

static enum tm_read find_once(struct tripmap *t, struct tm_array *a, u64 hash, const void *key,
			      void *value)
{
	struct tm_array *old = tm_read_old(a);
	u64 by = hash;
	enum tm_read r;

	if (unlikely(old)) {
		if (old->epoch != a->epoch)
			by = tm_map_hash(t, old, key);
		r = scan(t, old, by, key, value);
		if (r != TM_READ_MOVED)
			return r;
	}
	return scan(t, a, hash, key, value);
}

static __always_inline enum tm_read look(struct tripmap *t, struct tm_shard *sh, const void *key,
					 void *value)
{
	struct tm_array *a = rcu_dereference(sh->array);

	return find_once(t, a, tm_map_hash(t, a, key), key, value);
}

/* The bucket was changed, or moved on, while it was read. */
static noinline enum tm_read look_again(struct tripmap *t, struct tm_shard *sh, const void *key,
					void *value)
{
	u64 begin = tm_tell_clock();
	unsigned int tries = 1;
	enum tm_read r;

	do {
		r = look(t, sh, key, value);
		tries++;
	} while (unlikely(r >= TM_READ_MOVED));
	tm_tell_retry(t, key, tries, begin);
	return r;
}

/* In a read section. */
static bool find(struct tripmap *t, const void *key, void *value)
{
	struct tm_shard *sh = &t->shard[tm_map_which(t, key)];
	enum tm_read r = look(t, sh, key, value);

	if (unlikely(r >= TM_READ_MOVED))
		r = look_again(t, sh, key, value);
	return r == TM_READ_HIT;
}

/*
 * What suffices for nearly all lookups: one array, and in it the first bucket of
 * the chain. It calls nothing and is short, so that the processor can be at
 * several lookups at once; the entries are asked for before the tags are known.
 */
static __always_inline struct aim take_aim(const struct tm_layout *l, struct tm_array *a, u64 hash)
{
	u64 b = hash & a->mask;
	struct tm_seg *seg = tm_array_seg(a, b);
	u64 i = b & a->seg_mask;
	struct aim aim = { .tag = tm_tag(hash) };

	if (unlikely(tm_read_old(a)))
		return aim;
	aim.head = READ_ONCE(seg->head) + i;
	aim.slots = READ_ONCE(seg->slot) + i * TM_SLOTS * l->entry_size;
	tm_array_fetch(l, aim.slots);
	return aim;
}

/* TM_READ_MOVED: find() knows; TM_READ_AGAIN: look_again() does. */
static __always_inline enum tm_read look_there(const struct tm_layout *l, const struct aim *aim,
					       const void *key, u32 size, void *value)
{
	u32 version = tm_read_begin(aim->head);
	u64 tags = tm_read_tags(aim->head);
	enum tm_read r = TM_READ_HIT;

	if (!in_bucket(l, aim->slots, tags, aim->tag, key, size, value)) {
		if (unlikely(tags == TM_TAGS_EVACUATED || tm_read_next(aim->head)))
			return TM_READ_MOVED;
		r = TM_READ_MISS;
	}
	return likely(tm_read_stands(aim->head, version)) ? r : TM_READ_AGAIN;
}

static __always_inline u64 hash_as(enum tm_fast fast, const struct tm_seed *seed, const void *key)
{
	switch (fast) {
	case TM_FAST_SIPHASH_4:
		return tm_sip13(seed, key, 4);
	case TM_FAST_SIPHASH_8:
		return tm_sip13(seed, key, 8);
	case TM_FAST_SIPHASH_16:
		return tm_sip13(seed, key, 16);
	case TM_FAST_MIX_4:
		return tm_folds(seed, key, 4);
	case TM_FAST_MIX_8:
		return tm_folds(seed, key, 8);
	default:
		return tm_folds(seed, key, 16);
	}
}

static __always_inline u32 size_as(enum tm_fast fast)
{
	switch (fast) {
	case TM_FAST_SIPHASH_4:
	case TM_FAST_MIX_4:
		return 4;
	case TM_FAST_SIPHASH_8:
	case TM_FAST_MIX_8:
		return 8;
	default:
		return 16;
	}
}

static __always_inline enum tm_read find_as(enum tm_fast fast, struct tripmap *t, const void *key,
					    void *value)
{
	struct tm_array *a = rcu_dereference(t->first.array);
	struct aim aim = take_aim(&t->l, a, hash_as(fast, &a->seed, key));

	if (unlikely(!aim.head))
		return TM_READ_MOVED;
	return look_there(&t->l, &aim, key, size_as(fast), value);
}

/* Out of line, and apart: what one needs does not spill into another. */
static noinline enum tm_read find_siphash_4(struct tripmap *t, const void *key, void *value)
{
	return find_as(TM_FAST_SIPHASH_4, t, key, value);
}

static noinline enum tm_read find_siphash_8(struct tripmap *t, const void *key, void *value)
{
	return find_as(TM_FAST_SIPHASH_8, t, key, value);
}

static noinline enum tm_read find_siphash_16(struct tripmap *t, const void *key, void *value)
{
	return find_as(TM_FAST_SIPHASH_16, t, key, value);
}

static noinline enum tm_read find_mix_4(struct tripmap *t, const void *key, void *value)
{
	return find_as(TM_FAST_MIX_4, t, key, value);
}

static noinline enum tm_read find_mix_8(struct tripmap *t, const void *key, void *value)
{
	return find_as(TM_FAST_MIX_8, t, key, value);
}

static noinline enum tm_read find_mix_16(struct tripmap *t, const void *key, void *value)
{
	return find_as(TM_FAST_MIX_16, t, key, value);
}

/* In a read section. TM_READ_MOVED: find() knows; TM_READ_AGAIN: look_again() does. */
static __always_inline enum tm_read find_fast(struct tripmap *t, const void *key, void *value)
{
	/* Acquire: as in tm_map_usable(), whose magic this is. */
	u64 state = smp_load_acquire(&t->state);

	switch (state) {
	case TM_STATE(TM_MAGIC, TM_FAST_SIPHASH_8):
		return find_siphash_8(t, key, value);
	case TM_STATE(TM_MAGIC, TM_FAST_MIX_8):
		return find_mix_8(t, key, value);
	case TM_STATE(TM_MAGIC, TM_FAST_SIPHASH_4):
		return find_siphash_4(t, key, value);
	case TM_STATE(TM_MAGIC, TM_FAST_MIX_4):
		return find_mix_4(t, key, value);
	case TM_STATE(TM_MAGIC, TM_FAST_SIPHASH_16):
		return find_siphash_16(t, key, value);
	case TM_STATE(TM_MAGIC, TM_FAST_MIX_16):
		return find_mix_16(t, key, value);
	default:
		return TM_READ_MOVED;
	}
}

/**
 * tm_find_in() - look a key up in one array, whatever others there are
 * @t: table
 * @a: the array; nothing of it ever moves on to another one
 * @key: the key
 * @value: out, or NULL
 *
 * Context: Any, in a read section.
 * Return: true when it is there.
 */
bool tm_find_in(struct tripmap *t, struct tm_array *a, const void *key, void *value)
{
	u64 hash = tm_map_hash(t, a, key);
	enum tm_read r;

	do {
		r = scan(t, a, hash, key, value);
	} while (unlikely(r == TM_READ_AGAIN));
	return r == TM_READ_HIT;
}

/* The read was let through amid a write: who writes meanwhile does not matter. */
#define ANY_WORD	(~0ULL)

/* One shard is all that a table under contract exclusive has. */
static int read_enter(struct tripmap *t, struct tm_call *call, u64 *word, const void *key)
{
	struct tm_clash clash = { .key = key };

	if (t->reads != TM_READS_EXCLUSIVE)
		return 0;
	clash.found = tm_guard_peek(&t->shard->guard, word, &clash.other);
	if (clash.found == TRIPMAP_FOUND_NOBODY)
		return 0;
	*word = ANY_WORD;
	return tm_violation(t, call, &clash);
}

static int read_leave(struct tripmap *t, struct tm_call *call, u64 word, const void *key)
{
	struct tm_clash clash = { .key = key };

	if (t->reads != TM_READS_EXCLUSIVE || word == ANY_WORD)
		return 0;
	clash.found = tm_guard_check(&t->shard->guard, word, &clash.other);
	return clash.found == TRIPMAP_FOUND_NOBODY ? 0 : tm_violation(t, call, &clash);
}

/* Where reads are not free of duties. */
static noinline int find_dutiful(struct tripmap *t, struct tm_call *call, const void *key,
				 void *value, bool *found)
{
	unsigned long flags = 0;
	u64 word = 0;
	int err = read_enter(t, call, &word, key);
	bool locked;

	if (!err && t->reads == TM_READS_SPLIT) {
		*found = tm_split_find(t->shard, key, value);
	} else if (!err) {
		locked = tm_read_lock(t->shard, &flags);
		*found = find(t, key, value);
		tm_read_unlock(t->shard, locked, flags);
		err = read_leave(t, call, word, key);
	}
	/* Of a try that was not the last one, too. */
	if (unlikely(err && value))
		memset(value, 0, t->l.value_size);
	return err;
}

/* A handle to look up through; -ENOENT for what never was a table, as in Go. */
static int readable(struct tripmap *t, struct tm_call *call)
{
	int err = tm_map_usable(t);

	if (likely(!err))
		return 0;
	return err == -ESTALE ? tm_violation_unusable(t, call, err) : -ENOENT;
}

/**
 * tm_table_lookup() - look a key up
 * @t: table; through NULL and what never was a table nothing is found
 * @call: the call
 * @key: the key
 * @value: out, or NULL; of no meaning when the result is not 0, wiped on refusal
 *
 * Context: Any, NMI included.
 * Return: 0, -ENOENT, -EBUSY for a violation (exclusive), -ESTALE after
 * destroy.
 */
int tm_table_lookup(struct tripmap *t, struct tm_call *call, const void *key, void *value)
{
	bool found = false;
	int err;

	if (IS_ERR_OR_NULL(t))
		return -ENOENT;
	rcu_read_lock();
	err = readable(t, call);
	if (!err) {
		if (likely(t->reads == TM_READS_FREE))
			found = find(t, key, value);
		else
			err = find_dutiful(t, call, key, value, &found);
		if (tm_event_on(reads))
			tm_tell_lookup(t, call, key, err ?: found ? 0 : -ENOENT);
	}
	rcu_read_unlock();
	return err ? err : found ? 0 : -ENOENT;
}

#define BATCH	16

struct batch {
	const void	*keys;		/* side by side */
	void		*values;	/* likewise, or NULL */
	unsigned int	n;		/* up to BATCH */
	unsigned int	base;		/* number of the first one */
};

/*
 * Hash all, fetch all, then search: the misses of a batch overlap. A fast that the
 * compiler knows says which code suffices.
 */
static __always_inline void find_batch_as(enum tm_fast fast, struct tripmap *t,
					  const struct batch *b, unsigned long *found)
{
	const u32 size = fast ? size_as(fast) : t->l.key_size;
	struct aim aim[BATCH] __uninitialized;
	unsigned int i;

	for (i = 0; i < b->n; i++) {
		const void *key = b->keys + (size_t)i * size;
		struct tm_array *a;

		a = rcu_dereference(t->shard[fast ? 0 : tm_map_which(t, key)].array);
		aim[i] = take_aim(&t->l, a, fast ? hash_as(fast, &a->seed, key) :
						   tm_map_hash(t, a, key));
		if (likely(aim[i].head))
			prefetch(aim[i].head);
	}
	for (i = 0; i < b->n; i++) {
		const void *key = b->keys + (size_t)i * size;
		void *value = b->values ? b->values + (size_t)i * t->l.value_size : NULL;
		enum tm_read r = TM_READ_MOVED;

		if (likely(aim[i].head) && !static_branch_unlikely(&tm_hooks))
			r = look_there(&t->l, &aim[i], key, fast ? size : 0, value);
		if (unlikely(r == TM_READ_AGAIN))
			r = look_again(t, &t->shard[tm_map_which(t, key)], key, value);
		if (r == TM_READ_HIT || (unlikely(r == TM_READ_MOVED) && find(t, key, value)))
			__set_bit(b->base + i, found);
	}
}

static void find_batch(struct tripmap *t, const struct batch *b, unsigned long *found)
{
	/* A table that is destroyed meanwhile is none for them; pairs with change_destroy(). */
	switch (READ_ONCE(t->state) >> 32) {
	case TM_FAST_SIPHASH_8:
		find_batch_as(TM_FAST_SIPHASH_8, t, b, found);
		break;
	case TM_FAST_MIX_8:
		find_batch_as(TM_FAST_MIX_8, t, b, found);
		break;
	default:
		find_batch_as(TM_FAST_NONE, t, b, found);
	}
}

/* Sync split: some take a lock. */
static void find_each(struct tripmap *t, const struct batch *b, unsigned long *found)
{
	unsigned int i;

	for (i = 0; i < b->n; i++)
		if (tm_split_find(t->shard, b->keys + (size_t)i * t->l.key_size,
				  b->values ? b->values + (size_t)i * t->l.value_size : NULL))
			__set_bit(b->base + i, found);
}

static int many(struct tripmap *t, struct tm_call *call, unsigned int n, const void *keys,
		void *values, unsigned long *found)
{
	struct batch b = { .keys = keys, .values = values };
	unsigned long flags = 0;
	u64 word = 0;
	int err = read_enter(t, call, &word, NULL);
	bool locked;

	for (; !err && b.base < n; b.base += b.n) {
		b.n = min_t(unsigned int, n - b.base, BATCH);
		locked = tm_read_lock(t->shard, &flags);
		if (unlikely(t->reads == TM_READS_SPLIT))
			find_each(t, &b, found);
		else
			find_batch(t, &b, found);
		tm_read_unlock(t->shard, locked, flags);
		b.keys += (size_t)b.n * t->l.key_size;
		if (values)
			b.values += (size_t)b.n * t->l.value_size;
	}
	err = err ? err : read_leave(t, call, word, NULL);
	if (tm_event_on(reads))
		tm_tell_lookup(t, call, n ? keys : NULL, err ?: (int)bitmap_weight(found, n));
	return err;
}

/**
 * tm_table_lookup_many() - look many keys up
 * @t: table; through NULL and what never was a table nothing is found
 * @call: the call
 * @n: number of keys
 * @keys: side by side
 * @values: out, side by side, or NULL; those of keys not found have no meaning
 * @found: out, a bitmap of @n bits
 *
 * One read section for all; each key is looked up on its own, there is no
 * common snapshot.
 *
 * Context: Any, NMI included.
 * Return: number of keys found, -EBUSY for a violation (exclusive), -ESTALE
 * after destroy.
 */
int tm_table_lookup_many(struct tripmap *t, struct tm_call *call, unsigned int n,
			 const void *keys, void *values, unsigned long *found)
{
	int err;

	bitmap_zero(found, n);
	if (IS_ERR_OR_NULL(t))
		return 0;
	rcu_read_lock();
	err = readable(t, call);
	if (!err)
		err = many(t, call, n, keys, values, found);
	rcu_read_unlock();
	if (!err)
		return bitmap_weight(found, n);
	bitmap_zero(found, n);
	if (err == -ENOENT)
		return 0;
	if (err == -EBUSY && values)
		memset(values, 0, (size_t)n * t->l.value_size);
	return err;
}

/* What nearly all lookups are. TM_READ_MOVED: lookup_by() knows. */
static __always_inline enum tm_read lookup_fast(struct tripmap *t, const void *key, void *value)
{
	enum tm_read r;

	if (IS_ERR_OR_NULL(t) || tm_event_on(reads) || static_branch_unlikely(&tm_hooks))
		return TM_READ_MOVED;
	rcu_read_lock();
	r = find_fast(t, key, value);
	if (unlikely(r == TM_READ_AGAIN))
		r = look_again(t, &t->first, key, value);
	rcu_read_unlock();
	return r;
}

static noinline int lookup_by(struct tripmap *t, const void *key, void *value,
			      unsigned long caller)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_LOOKUP, caller, 0);
	int err = tm_table_lookup(t, &call, key, value);

	if (unlikely(call.verdict.action))
		tm_report_act(&call.verdict);
	return err;
}

/**
 * tripmap_lookup() - look a key up
 * @t: table; through NULL, an error pointer and what never was a table nothing
 *	is found, silently
 * @key: key_size bytes
 * @value: out, value_size bytes, or NULL
 *
 * Context: Any, NMI included. Takes no lock and never waits, not even for a
 * writer that it interrupted; under sync rwlock it takes the lock where nothing
 * that it interrupted can hold it, under sync split also for what is not in the
 * part without a lock.
 * Return: 0, -ENOENT, -EBUSY for a violation (exclusive; @value is wiped),
 * -ESTALE after destroy (a violation).
 */
int tripmap_lookup(struct tripmap *t, const void *key, void *value)
{
	enum tm_read r = lookup_fast(t, key, value);

	if (likely(r == TM_READ_HIT))
		return 0;
	return likely(r == TM_READ_MISS) ? -ENOENT : lookup_by(t, key, value, _RET_IP_);
}
EXPORT_SYMBOL_GPL(tripmap_lookup);

/**
 * tripmap_contains() - is there such a key?
 * @t: table
 * @key: key_size bytes
 *
 * Context: As tripmap_lookup().
 * Return: true when it is there; false as well for a violation (exclusive).
 */
bool tripmap_contains(struct tripmap *t, const void *key)
{
	enum tm_read r = lookup_fast(t, key, NULL);

	if (unlikely(r > TM_READ_HIT))
		return !lookup_by(t, key, NULL, _RET_IP_);
	return r == TM_READ_HIT;
}
EXPORT_SYMBOL_GPL(tripmap_contains);

/**
 * tripmap_lookup_many() - look many keys up, their cache misses overlapping
 * @t: table
 * @n: number of keys
 * @keys: @n keys side by side
 * @values: out, @n values side by side, or NULL
 * @found: out, a bitmap of @n bits
 *
 * Context: As tripmap_lookup().
 * Return: number of keys found, or an error as of tripmap_lookup().
 */
int tripmap_lookup_many(struct tripmap *t, unsigned int n, const void *keys, void *values,
			unsigned long *found)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_LOOKUP_MANY, _RET_IP_, 0);
	int err = tm_table_lookup_many(t, &call, n, keys, values, found);

	if (unlikely(call.verdict.action))
		tm_report_act(&call.verdict);
	return err;
}
EXPORT_SYMBOL_GPL(tripmap_lookup_many);
