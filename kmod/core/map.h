/* SPDX-License-Identifier: GPL-2.0 */
/* The table itself, for the files of core only. */
#ifndef TRIPMAP_CORE_MAP_H
#define TRIPMAP_CORE_MAP_H

#include <linux/errno.h>
#include <linux/jump_label.h>
#include <linux/rcupdate.h>

#include "array.h"
#include "bucket.h"
#include "guard.h"
#include "hook.h"
#include "table.h"

#define TM_MAGIC	0x74726970	/* a live table */
#define TM_MAGIC_DEAD	0x64656164	/* a destroyed one */

struct tripmap {
	/* Fixed at creation, or changed so rarely that readers do not mind. */
	u32			magic;		/* readable after destroy: see table.c */
	u32			id;
	struct tm_layout	l;
	u8			contract;	/* enum tripmap_contract */
	u8			hash;		/* enum tripmap_hash */
	u8			min_bits;
	u8			max_action;	/* enum tripmap_action */
	bool			seeded;
	bool			frozen;		/* by the guard's holder; READ_ONCE elsewhere */
	struct tm_array __rcu	*array;		/* replaced by the guard's holder */
	u64			max_entries;
	u64			owner;
	char			name[TRIPMAP_NAME_MAX + 1];
	struct tm_seed		seed;		/* of seeded tables, the first one */
	u8			policy[TRIPMAP_CLASS_MAX + 1]; /* READ_ONCE/WRITE_ONCE, no order */

	struct tripmap		*next_dead;	/* see table.c */

	/* See hook.c. */
	struct tm_hook		*hook;
	atomic_t		hook_users;

	/* What writers dirty: on lines of their own. */
	struct tm_guard		guard ____cacheline_aligned_in_smp;
	/* By the guard's holder; READ_ONCE elsewhere. */
	u64			count;
	u64			evacuated;
	u64			put_off;
	u64			resizes[TRIPMAP_RESIZE_MAX + 1];
	u32			epoch;		/* of the present array */
	bool			reseed;		/* a chain has become too long */

	/* By anybody. */
	atomic64_t		deferred ____cacheline_aligned_in_smp; /* bytes, until freed */
	atomic64_t		suppressed;
	atomic64_t		violations[TRIPMAP_CLASS_MAX + 1];
};

DECLARE_STATIC_KEY_FALSE(tm_hooks);
void tm_hook_run(struct tripmap *t, enum tripmap_step step);

/* Nothing but a NOP while no table has a hook. */
static __always_inline void tm_step(struct tripmap *t, enum tripmap_step step)
{
	if (static_branch_unlikely(&tm_hooks))
		tm_hook_run(t, step);
}

/* The arrays are replaced inside the guard only. */
static inline struct tm_array *tm_map_array(struct tripmap *t)
{
	return rcu_dereference_protected(t->array, atomic64_read(&t->guard.word) & TM_GUARD_HELD);
}

static inline struct tm_array *tm_map_old(struct tripmap *t, struct tm_array *a)
{
	return rcu_dereference_protected(a->old, atomic64_read(&t->guard.word) & TM_GUARD_HELD);
}

static inline u64 tm_map_hash(const struct tripmap *t, const struct tm_array *a, const void *key)
{
	return tm_hash(t->hash, &a->seed, key, t->l.key_size);
}

/*
 * What a handle is good for. Acquire: what the table is like was written
 * before; pairs with the release in tripmap_create() and the store in
 * change_destroy().
 */
static inline int tm_map_usable(const struct tripmap *t)
{
	u32 magic = smp_load_acquire(&t->magic);

	if (likely(magic == TM_MAGIC))
		return 0;
	return magic == TM_MAGIC_DEAD ? -ESTALE : -EINVAL;
}

/* For the guard's holder. */
static inline bool tm_is_evacuated(struct tm_array *a, u64 b)
{
	return tm_array_head(a, b)->tags == TM_TAGS_EVACUATED;
}

/* Where a key belongs at this moment. */
struct tm_spot {
	struct tm_array		*a;
	u64			b;
	u8			tag;
};

struct tm_spot tm_map_spot(struct tripmap *t, const void *key);

/* Memory for one write, gathered outside of the guard; see grow.c. */
#define TM_SPARE_SEGS	4

struct tm_spare {
	gfp_t			gfp;
	bool			no_grow;	/* growth had no memory: not again in this call */
	unsigned int		segs;
	u8			seg_bits;	/* shape of seg[] */
	struct tm_seg		seg[TM_SPARE_SEGS];
	struct tm_array		*array;

	/* Set by whoever is short of something. */
	unsigned int		want_segs;
	u8			want_seg_bits;
	u8			want_bits;	/* of an array for want_resize */
	u8			want_resize;	/* enum tripmap_resize, NONE: no array */
	bool			for_growth;	/* want is for growth, which can be put off */
};

bool tm_spare_short(const struct tm_spare *spare);
int tm_spare_fill(struct tripmap *t, struct tm_spare *spare);
void tm_spare_release(struct tripmap *t, struct tm_spare *spare);

struct tm_array *tm_grow_first(struct tripmap *t, u8 bits, gfp_t gfp);
void tm_grow_replace(struct tripmap *t, struct tm_array *a);
bool tm_grow_room(struct tripmap *t, struct tm_array *a, u32 need, struct tm_spare *spare);
void tm_grow_begin(struct tripmap *t, enum tripmap_resize why, u8 bits, struct tm_spare *spare);
bool tm_grow_pending(struct tripmap *t, bool adding);
void tm_grow_work(struct tripmap *t, const void *key, bool adding, struct tm_spare *spare);
void tm_grow_retire(struct tripmap *t, struct tm_array *a);
void tm_grow_discard(struct tripmap *t, struct tm_array *a);

int tm_grow_init(void);
void tm_grow_exit(void);
void tm_grow_flush(void);

/* violation.c */
int tm_violation(struct tripmap *t, struct tm_call *call, enum tm_found found,
		 const struct tm_holder *other, const void *key);
void tm_violation_half(struct tripmap *t, struct tm_call *call, u64 ticket, const void *key);
void tm_violation_forged(struct tripmap *t, struct tm_call *call, u64 ticket, const void *key);

#endif /* TRIPMAP_CORE_MAP_H */
