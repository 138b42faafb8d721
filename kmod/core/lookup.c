// SPDX-License-Identifier: GPL-2.0
/*
 * Lookups: no lock, no store to shared memory, no allocation, no waiting; but
 * for sync rwlock, which is there to be measured against.
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

/* In one bucket of the chain. */
static __always_inline bool in_bucket(struct tm_array *a, const struct tm_layout *l, u64 b,
				      u64 tags, u8 tag, const void *key, void *value)
{
	u64 match = tm_tags_match(tags, tag);

	for (; match; match &= match - 1) {
		const u8 *slot = tm_array_slot(a, l, b, tm_tags_slot(match));

		if (!tm_slot_has_key(l, slot, key))
			continue;
		if (value)
			tm_slot_get_value(l, slot, value);
		return true;
	}
	return false;
}

static __always_inline enum tm_read scan(struct tripmap *t, struct tm_array *a, u64 hash,
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
		hit = in_bucket(a, &t->l, b, tags, tm_tag(hash), key, value);
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

static enum tm_read scan_old(struct tripmap *t, struct tm_array *old, u64 hash, bool same_seed,
			     const void *key, void *value)
{
	if (!same_seed)
		hash = tm_map_hash(t, old, key);
	return scan(t, old, hash, key, value);
}

static __always_inline enum tm_read find_once(struct tripmap *t, struct tm_array *a, u64 hash,
					      const void *key, void *value)
{
	struct tm_array *old = tm_read_old(a);
	enum tm_read r;

	if (unlikely(old)) {
		r = scan_old(t, old, hash, old->epoch == a->epoch, key, value);
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
	unsigned long flags;
	u64 word = 0;
	int err = read_enter(t, call, &word, key);
	bool locked;

	if (err)
		return err;
	locked = tm_read_lock(t->shard, &flags);
	*found = find(t, key, value);
	tm_read_unlock(t->shard, locked, flags);
	return read_leave(t, call, word, key);
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
 * @value: out, or NULL; untouched or wiped when the result is not 0
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
	if (unlikely(err && found && value))
		memset(value, 0, t->l.value_size);
	return err ? err : found ? 0 : -ENOENT;
}

#define BATCH	16

static const void *nth_key(const struct tripmap *t, const void *keys, unsigned int i)
{
	return keys + (size_t)i * t->l.key_size;
}

/* Hash all, fetch all, then search: the misses of a batch overlap. */
static void find_batch(struct tripmap *t, unsigned int n, const void *keys, void *values,
		       unsigned long *found, unsigned int base)
{
	struct tm_array *a[BATCH];
	u64 hash[BATCH];
	unsigned int i;

	for (i = 0; i < n; i++) {
		const void *key = nth_key(t, keys, i);

		a[i] = rcu_dereference(t->shard[tm_map_which(t, key)].array);
		hash[i] = tm_map_hash(t, a[i], key);
		if (!tm_array_has(a[i], hash[i] & a[i]->mask))
			continue;
		prefetch(tm_array_head(a[i], hash[i] & a[i]->mask));
		prefetch(tm_array_slot(a[i], &t->l, hash[i] & a[i]->mask, 0));
	}
	for (i = 0; i < n; i++) {
		const void *key = nth_key(t, keys, i);
		void *value = values ? values + (size_t)i * t->l.value_size : NULL;
		enum tm_read r = find_once(t, a[i], hash[i], key, value);

		if (r == TM_READ_HIT || (r >= TM_READ_MOVED && find(t, key, value)))
			__set_bit(base + i, found);
	}
}

static int many(struct tripmap *t, struct tm_call *call, unsigned int n, const void *keys,
		void *values, unsigned long *found)
{
	unsigned int i, batch;
	unsigned long flags;
	u64 word = 0;
	int err = read_enter(t, call, &word, NULL);
	bool locked;

	for (i = 0; !err && i < n; i += batch) {
		batch = min_t(unsigned int, n - i, BATCH);
		locked = tm_read_lock(t->shard, &flags);
		find_batch(t, batch, nth_key(t, keys, i),
			   values ? values + (size_t)i * t->l.value_size : NULL, found, i);
		tm_read_unlock(t->shard, locked, flags);
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
 * @values: out, side by side, or NULL; places of keys not found stay as they are
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

/**
 * tripmap_lookup() - look a key up
 * @t: table; through NULL, an error pointer and what never was a table nothing
 *	is found, silently
 * @key: key_size bytes
 * @value: out, value_size bytes, or NULL
 *
 * Context: Any, NMI included. Takes no lock and never waits, not even for a
 * writer that it interrupted; under sync rwlock it takes the lock where nothing
 * that it interrupted can hold it.
 * Return: 0, -ENOENT, -EBUSY for a violation (exclusive; @value is wiped),
 * -ESTALE after destroy (a violation).
 */
int tripmap_lookup(struct tripmap *t, const void *key, void *value)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_LOOKUP, _RET_IP_, 0);
	int err = tm_table_lookup(t, &call, key, value);

	if (unlikely(call.verdict.action))
		tm_report_act(&call.verdict);
	return err;
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
	struct tm_call call = TM_CALL(TRIPMAP_OP_LOOKUP, _RET_IP_, 0);
	int err = tm_table_lookup(t, &call, key, NULL);

	if (unlikely(call.verdict.action))
		tm_report_act(&call.verdict);
	return !err;
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
