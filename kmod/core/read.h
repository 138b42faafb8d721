/* SPDX-License-Identifier: GPL-2.0 */
/* How a chain is read beside a writer. */
#ifndef TRIPMAP_CORE_READ_H
#define TRIPMAP_CORE_READ_H

#include "map.h"

enum tm_read {
	TM_READ_MISS,
	TM_READ_HIT,
	TM_READ_MOVED,	/* evacuated: look in the next array */
	TM_READ_AGAIN,	/* changed meanwhile */
};

/*
 * The array being evacuated, or NULL. Acquire, not a dependency: who sees NULL
 * goes to the new array, and must find there all that was moved. Pairs with
 * the release in finish().
 */
static __always_inline struct tm_array *tm_read_old(struct tm_array *a)
{
	return (struct tm_array __force *)smp_load_acquire(&a->old);
}

/*
 * Sync split: the dirty part, or NULL, which it is under every other sync. Pairs with
 * the release in add_by_copy().
 */
static __always_inline struct tm_array *tm_read_dirty(struct tm_array *a)
{
	return (struct tm_array __force *)smp_load_acquire(&a->dirty);
}

/* The array that has all entries, those of an old one apart. */
static __always_inline struct tm_array *tm_read_all(struct tm_array *a)
{
	struct tm_array *d = tm_read_dirty(a);

	return d ? d : a;
}

/* Keep writers out, where readers do that. Says whether tm_read_unlock() has to. */
static __always_inline bool tm_read_lock(struct tm_shard *sh, unsigned long *flags)
{
	return sh->t->reads == TM_READS_LOCKED && tm_rwlock_read(sh, flags);
}

static __always_inline void tm_read_unlock(struct tm_shard *sh, bool locked, unsigned long flags)
{
	if (locked)
		tm_rwlock_read_end(sh, flags);
}

/* Begin to read the chain of head. Pairs with the release in bump(). */
static __always_inline u32 tm_read_begin(const struct tm_head *head)
{
	return smp_load_acquire(&head->version);
}

/* Is what was read since of one piece? Pairs with the smp_wmb() in bump(). */
static __always_inline bool tm_read_stands(const struct tm_head *head, u32 version)
{
	smp_rmb();
	return READ_ONCE(head->version) == version;
}

/* Pairs with set_tags(): who sees a tag sees the entry's bytes. */
static __always_inline u64 tm_read_tags(const struct tm_head *head)
{
	return smp_load_acquire(&head->tags);
}

/* Pairs with the releases of next in bucket.c. */
static __always_inline u64 tm_read_next(const struct tm_head *head)
{
	return smp_load_acquire(&head->next);
}

#endif /* TRIPMAP_CORE_READ_H */
