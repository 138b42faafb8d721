/* SPDX-License-Identifier: GPL-2.0 */
/* The table itself, for the files of core only. */
#ifndef TRIPMAP_CORE_MAP_H
#define TRIPMAP_CORE_MAP_H

#include <linux/errno.h>
#include <linux/jump_label.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

#include "../observe/event.h"
#include "array.h"
#include "bucket.h"
#include "guard.h"
#include "hook.h"
#include "table.h"

/*
 * Not cleared, where the kernel has all on the stack cleared: for what is large and
 * filled as far as it is used. Early headers of 6.1 do not have it.
 */
#ifndef __uninitialized
#define __uninitialized
#endif

#define TM_MAGIC	0x74726970	/* a live table */
#define TM_MAGIC_DEAD	0x64656164	/* a destroyed one */

/*
 * What a lookup has to know before anything else, in one word: the magic, and
 * which code suffices for it, given the hash and the size of keys.
 */
#define TM_STATE(_magic, _fast)	((_magic) | (u64)(_fast) << 32)

enum tm_fast {
	TM_FAST_NONE,		/* other sizes, many shards, reads that are not free */
	TM_FAST_SIPHASH_4,
	TM_FAST_SIPHASH_8,
	TM_FAST_SIPHASH_16,
	TM_FAST_MIX_4,
	TM_FAST_MIX_8,
	TM_FAST_MIX_16,
};

/*
 * A part of a table, with its own buckets, growth and guard. Its memory goes a
 * grace period after the table was destroyed; so whoever is not inside holds a
 * read section from tm_map_usable() on.
 */
struct tm_shard {
	struct tripmap		*t;		/* constant */
	struct tm_array __rcu	*array;		/* replaced by the guard's holder */

	/* What writers dirty: on lines of their own. */
	struct tm_guard		guard ____cacheline_aligned_in_smp;
	raw_spinlock_t		lock;		/* contract shared: around each stay */
	atomic_t		readers;	/* sync rwlock: see sync_rwlock.c */
	bool			reseed;		/* a chain has become too long */
	bool			damaged;	/* t->repairing; as the last repair found it */
	/* By the guard's holder; READ_ONCE elsewhere. */
	u32			epoch;		/* of the present array */
	u64			count;
	u64			quota;		/* entries it may add yet, see write.c */
	u64			evacuated;
	u64			resizes[TRIPMAP_RESIZE_MAX + 1];

	u64			stale;		/* stay reported last; the watcher's: stale.c */
};

/* Somebody whom a later report is to name: the owner, the destroyer. */
struct tm_mark {
	u64			time;		/* ns, CLOCK_MONOTONIC */
	unsigned long		caller;
	u32			pid;
	u32			tgid;
	u32			cpu;
	u32			flags;		/* enum tripmap_party_flag */
	u8			context;	/* enum tripmap_context */
	u8			op;		/* enum tripmap_op */
	char			comm[16];
};

/* How often a class was violated of late. */
struct tm_window {
	atomic64_t		begin;		/* ns, CLOCK_MONOTONIC */
	atomic_t		n;
};

/* What inject.c lets go wrong. Anybody, READ_ONCE/WRITE_ONCE and atomics. */
struct tm_inject {
	u32			usecs[TRIPMAP_STEP_MAX + 1];
	atomic_t		delays[TRIPMAP_STEP_MAX + 1];	/* to come */
	atomic_t		failures;			/* to come */
	bool			on;		/* counted in tm_hooks; inject_lock of inject.c */
};

/* Counts of sync split. Under the lock of the shard; READ_ONCE elsewhere. */
struct tm_split {
	u64			missed;		/* since there is a dirty part */
	u64			misses;		/* ever */
	u64			promotions;
	u64 __percpu		*hits;		/* by the CPU: lookups without a lock */
};

/* Why a table refuses writes. */
#define TM_FROZEN_BY_HAND	BIT(0)
#define TM_FROZEN_FORGED	BIT(1)	/* a flag was, and nobody has looked since */
#define TM_FROZEN_DAMAGED	BIT(2)	/* as the last repair found it */

/* What a lookup owes to the contract and to the way writers are kept apart. */
enum tm_reads {
	TM_READS_FREE,		/* nothing */
	TM_READS_EXCLUSIVE,	/* a look at the guard, before and after */
	TM_READS_LOCKED,	/* the lock of sync_rwlock.c around it */
	TM_READS_SPLIT,		/* that of sync_split.c, for what is new */
};

struct tripmap {
	/* Fixed at creation, or changed so rarely that readers do not mind. */
	u64			state;	/* TM_STATE(); readable after destroy: see table.c */
	u32			id;
	struct tm_layout	l;
	u8			contract;	/* enum tripmap_contract */
	u8			sync;		/* enum tripmap_sync */
	u8			reads;		/* enum tm_reads */
	u8			hash;		/* enum tripmap_hash */
	u8			min_bits;	/* of each shard */
	u8			shard_bits;
	u8			max_action;	/* enum tripmap_action */
	bool			seeded;
	atomic_t		frozen;		/* TM_FROZEN_* */
	struct tm_shard		*shard;		/* 1 << shard_bits; &first if that is all */
	struct tm_seed		shard_seed;	/* tells which shard a key belongs to */
	u64			max_entries;
	atomic64_t		left;		/* of max_entries, handed out to shards */
	u64			owner;
	u64			self;		/* who may write (contract owner): see mark.c */
	char			name[TRIPMAP_NAME_MAX + 1];
	u64			rule[TRIPMAP_CLASS_MAX + 1]; /* packed: see rule.c */
	struct tm_window	window[TRIPMAP_CLASS_MAX + 1];
	struct tm_mark		owned;		/* by whom; marks.lock of mark.c */
	struct tm_mark		destroyed;	/* by whom; marks.lock of mark.c */

	struct tripmap		*next_dead;	/* see table.c */
	struct list_head	live;		/* likewise */

	struct mutex		repairing;	/* see stale.c */

	/* See hook.c and inject.c. */
	struct tm_hook		*hook;
	atomic_t		hook_users;
	struct tm_inject	inject;

	struct tm_shard		first;
	struct tm_split		split;

	/* By anybody. */
	atomic64_t		deferred ____cacheline_aligned_in_smp; /* bytes, until freed */
	atomic64_t		deferred_total;	/* bytes, ever */
	atomic64_t		piled;		/* of deferred: not by resizes */
	atomic64_t		suppressed;
	u64			put_off;	/* resizes, roughly */
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

/* For the guard's holder. */
static inline void tm_set_count(struct tm_shard *sh, u64 count)
{
	/* Pairs with the READ_ONCE()s in tripmap_count() and info_shard(). */
	WRITE_ONCE(sh->count, count);
}

/* The arrays are replaced inside the guard only. */
static inline struct tm_array *tm_map_array(struct tm_shard *sh)
{
	return rcu_dereference_protected(sh->array,
					 atomic64_read(&sh->guard.word) & TM_GUARD_HELD);
}

static inline struct tm_array *tm_map_old(struct tm_shard *sh, struct tm_array *a)
{
	return rcu_dereference_protected(a->old,
					 atomic64_read(&sh->guard.word) & TM_GUARD_HELD);
}

static inline u64 tm_map_hash(const struct tripmap *t, const struct tm_array *a, const void *key)
{
	return tm_hash(t->hash, &a->seed, key, t->l.key_size);
}

static inline unsigned int tm_map_shards(const struct tripmap *t)
{
	return 1U << t->shard_bits;
}

/*
 * The shard has a hash of its own: those of the arrays change with their seeds,
 * shard by shard.
 */
static inline unsigned int tm_map_which(const struct tripmap *t, const void *key)
{
	if (likely(!t->shard_bits))
		return 0;
	return tm_hash_mix(&t->shard_seed, key, t->l.key_size) >> (64 - t->shard_bits);
}

/*
 * Numbers a guard, for reports: never used twice, as a table's id is not.
 * TRIPMAP_SHARDS_MAX is 256.
 */
static inline u64 tm_map_guard(const struct tripmap *t, unsigned int shard)
{
	return (u64)t->id << 8 | shard;
}

/*
 * Bytes are given up, and go after a grace period. By a resize (outgrown), which does
 * so again only after as many writes as the table has buckets for, or by a write.
 */
static inline void tm_map_defer(struct tripmap *t, u64 bytes, bool outgrown)
{
	atomic64_add(bytes, &t->deferred);
	atomic64_add(bytes, &t->deferred_total);
	if (!outgrown)
		atomic64_add(bytes, &t->piled);
}

/* They are free. */
static inline void tm_map_freed(struct tripmap *t, u64 bytes, bool outgrown)
{
	atomic64_sub(bytes, &t->deferred);
	if (!outgrown)
		atomic64_sub(bytes, &t->piled);
}

/*
 * What a handle is good for. Acquire: what the table is like was written
 * before; pairs with the release in tripmap_create_class() and the store in
 * change_destroy().
 */
static inline int tm_map_usable(const struct tripmap *t)
{
	u32 magic = smp_load_acquire(&t->state);

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

static inline struct tm_spot tm_spot_of(struct tm_array *a, u64 hash)
{
	return (struct tm_spot){ a, hash & a->mask, tm_tag(hash) };
}

static inline struct tm_spot tm_spot_in(const struct tripmap *t, struct tm_array *a,
					const void *key)
{
	return tm_spot_of(a, tm_map_hash(t, a, key));
}

/* A key's hash by the seeds of that number. */
struct tm_hashed {
	u64			hash;
	u32			epoch;
};

struct tm_spot tm_map_spot(struct tm_shard *sh, const void *key, const struct tm_hashed *known);
u8 tm_map_bits_for(u64 entries);

/* A stay inside a shard; see shard.c. */
struct tm_stay {
	u8			op;		/* enum tripmap_op */
	unsigned long		caller;
	u64			ticket;		/* out */
	unsigned long		flags;		/* of the lock */
};

enum tripmap_found tm_shard_enter(struct tm_shard *sh, struct tm_stay *stay,
				  struct tm_holder *other);
enum tm_left tm_shard_leave(struct tm_shard *sh, struct tm_stay *stay);
bool tm_shard_must_not_wait(struct tm_shard *sh);
int tm_shard_seize(struct tm_shard *sh, u64 word, struct tm_stay *stay);

/* sync_rwlock.c */
bool tm_rwlock_read(struct tm_shard *sh, unsigned long *flags);
void tm_rwlock_read_end(struct tm_shard *sh, unsigned long flags);
bool tm_rwlock_close(struct tm_shard *sh, unsigned int tries);
void tm_rwlock_open(struct tm_shard *sh);

/* Memory for one write, gathered outside of the guard; see grow.c. */
#define TM_SPARE_SEGS	4

struct tm_spare {
	gfp_t			gfp;
	bool			no_grow;	/* growth had no memory: not again in this call */
	bool			told;		/* events tell of this write */
	unsigned int		segs;
	u8			seg_bits;	/* shape of seg[] */
	struct tm_seg		seg[TM_SPARE_SEGS];
	struct tm_array		*array;

	/* Set by whoever is short of something. */
	unsigned int		want_segs;
	u8			want_seg_bits;
	u8			want_bits;	/* of an array for want_resize */
	u8			want_resize;	/* enum tripmap_resize, NONE: no array */
	u8			old_bits;	/* of the array that it is to replace */
	u32			want_over;	/* whole, with so many overflow segments */
	bool			for_growth;	/* want is for growth, which can be put off */
};

/* seg[] and what goes with a want are set along with it. */
static inline void tm_spare_init(struct tm_spare *spare, gfp_t gfp)
{
	spare->gfp = gfp;
	spare->no_grow = false;
	spare->told = false;
	spare->segs = 0;
	spare->seg_bits = 0;
	spare->array = NULL;
	spare->want_segs = 0;
	spare->want_resize = TRIPMAP_RESIZE_NONE;
	spare->want_over = 0;
	spare->for_growth = false;
}

static inline bool tm_spare_short(const struct tm_spare *spare)
{
	return spare->want_segs || spare->want_resize;
}

int tm_spare_fill(struct tripmap *t, struct tm_spare *spare);
void tm_spare_release(struct tripmap *t, struct tm_spare *spare);

struct tm_array *tm_grow_first(struct tripmap *t, u8 bits, gfp_t gfp);
void tm_grow_replace(struct tm_shard *sh, struct tm_array *a);
bool tm_grow_room(struct tm_shard *sh, struct tm_array *a, u32 need, struct tm_spare *spare);
void tm_grow_begin(struct tm_shard *sh, enum tripmap_resize why, u8 bits, struct tm_spare *spare);
bool tm_grow_pending(struct tm_shard *sh, bool adding);

/* What a resize may be due for: one entry more is too many, few are left, chains sprawl. */
static inline bool tm_grow_full(const struct tm_shard *sh, const struct tm_array *a)
{
	return (sh->count + 1) * 2 > tm_array_buckets(a) * 13;
}

static inline bool tm_grow_sparse(const struct tm_shard *sh, const struct tm_array *a)
{
	return sh->count < tm_array_buckets(a);
}

static inline bool tm_grow_spread(const struct tm_array *a)
{
	return a->over_used > a->over_base + tm_array_buckets(a) / 16 + 8;
}

/* No growth work is near, as nearly always: then tm_grow_pending() need not be asked. */
static inline bool tm_grow_calm(const struct tm_shard *sh, const struct tm_array *a, bool adding)
{
	return !rcu_access_pointer(a->old) && !sh->reseed && !tm_grow_spread(a) &&
	       !(adding ? tm_grow_full(sh, a) : tm_grow_sparse(sh, a));
}

void tm_grow_work(struct tm_shard *sh, const void *key, bool adding, struct tm_spare *spare);
void tm_grow_retire(struct tm_shard *sh, struct tm_array *a);
void tm_grow_discard(struct tripmap *t, struct tm_array *a);

int tm_grow_init(void);
void tm_grow_exit(void);
void tm_grow_flush(void);

void tm_grow_seed(struct tm_shard *sh, struct tm_array *a, const struct tm_array *from,
		  bool renew);

/* copy.c: a write to one key, where writes go to copies. */
struct tm_edit {
	enum tripmap_op		op;
	const void		*key;
	const void		*value;
	const void		*expected;	/* compare and swap */
	void			*out;		/* take: where the value goes; or NULL */
};

static inline bool tm_op_removes(enum tripmap_op op)
{
	return op == TRIPMAP_OP_DELETE || op == TRIPMAP_OP_TAKE;
}

int tm_edit_judge(const struct tm_shard *sh, const struct tm_edit *e, const u8 *slot);
int tm_edit_add(struct tm_shard *sh, const struct tm_edit *e, struct tm_array *a);
int tm_copy_all(struct tm_shard *sh, struct tm_array *a, struct tm_array *copy, const u8 *but);
bool tm_copy_has(struct tm_shard *sh, struct tm_array *a, u8 bits, struct tm_spare *spare);
int tm_copy_again(struct tm_shard *sh, const struct tm_array *a, struct tm_spare *spare,
		  int err);
void tm_copy_done(struct tm_shard *sh, const struct tm_array *a, const struct tm_array *copy);

/* sync_snapshot.c */
int tm_snapshot_write(struct tm_shard *sh, const struct tm_edit *e, struct tm_spare *spare);

/* sync_split.c */
int tm_split_write(struct tm_shard *sh, const struct tm_edit *e, struct tm_spare *spare);
void tm_split_retire(struct tm_shard *sh, struct tm_array *a);
bool tm_split_find(struct tm_shard *sh, const void *key, void *value);
void tm_split_info(const struct tripmap *t, struct tripmap_info *info);
const char *tm_split_check(struct tm_shard *sh);

/* lookup.c */
bool tm_find_in(struct tripmap *t, struct tm_array *a, const void *key, void *value);

/* violation.c: what was found, and where. */
struct tm_clash {
	enum tripmap_found	found;
	struct tm_holder	other;		/* unless found is NOBODY */
	unsigned int		shard;
	const void		*key;		/* or NULL */
};

int tm_violation(struct tripmap *t, struct tm_call *call, const struct tm_clash *clash);
int tm_violation_by(struct tripmap *t, struct tm_call *call, enum tripmap_class class,
		    const struct tm_mark *other, const void *key);
int tm_violation_unusable(struct tripmap *t, struct tm_call *call, int err);
void tm_violation_half(struct tripmap *t, struct tm_call *call, unsigned int shard, u64 ticket,
		       const void *key);
void tm_violation_forged(struct tripmap *t, struct tm_call *call, unsigned int shard,
			 const void *key);
void tm_violation_stale(struct tripmap *t, struct tm_call *call, unsigned int shard,
			const struct tm_holder *holder, u64 age, bool gone);

/* write.c, table.c */
bool tm_write_leave(struct tripmap *t, struct tm_call *call, unsigned int shard,
		    struct tm_stay *stay, const void *key);
int tm_write_destroy(struct tripmap *t, struct tm_call *call);
bool tm_table_find(bool (*is)(struct tripmap *t, void *arg), void *arg);

/* mark.c */
u32 tm_mark_flags(void);
u64 tm_mark_self(const struct tm_call *call);
void tm_mark_clear(struct tm_mark *mark);
void tm_mark_me(struct tm_mark *mark, const struct tm_call *call);
void tm_mark_get(const struct tm_mark *mark, struct tm_mark *copy);

/* rule.c */
void tm_rule_init(struct tripmap *t, const struct tripmap_config *cfg);
enum tripmap_action tm_rule_action(struct tripmap *t, enum tripmap_class class, bool *escalated);
bool tm_rule_allows(const struct tripmap *t, enum tripmap_class class);

/* inject.c */
void tm_inject_step(struct tripmap *t, enum tripmap_step step);
bool tm_inject_fails(struct tripmap *t);
void tm_inject_end(struct tripmap *t);

/* origin.c */
void tm_origin_find(struct tm_origin *out);

/* label.c */
void tm_label_chain(char name[TRIPMAP_LABEL_DEPTH][TRIPMAP_LABEL_MAX]);
void tm_label_get(struct tm_event_labels *out);

/* invariant.c */
const char *tm_invariant_inside(struct tm_shard *sh);

#endif /* TRIPMAP_CORE_MAP_H */
