/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tripmap: bucketed hash tables that catch concurrent misuse.
 *
 * The in-kernel interface. Link against tripmap.ko (KBUILD_EXTRA_SYMBOLS) and
 * include this file; Documentation/locking.rst lists the functions by the
 * contexts they may be called from.
 */
#ifndef TRIPMAP_CORE_TRIPMAP_H
#define TRIPMAP_CORE_TRIPMAP_H

#include <linux/types.h>
#include <linux/gfp.h>
#include <linux/lockdep.h>
#include <linux/tripmap.h>

struct tripmap;

typedef void (*tripmap_hook_t)(struct tripmap *t, enum tripmap_step step, void *arg);

/**
 * struct tripmap_config - what a table is to be
 * @name: for reports and the log; copied, at most %TRIPMAP_NAME_MAX bytes
 * @owner: opaque number that reports on this table carry (the network
 *	namespace's cookie for tables made over netlink)
 * @key_size: bytes in a key, 1 to %TRIPMAP_KEY_MAX
 * @value_size: bytes in a value, 0 to %TRIPMAP_VALUE_MAX
 * @bits: log2 of the buckets to begin with and never to shrink below, at most
 *	%TRIPMAP_BITS_MAX, and less for large entries: 27 for keys and values of 8 bytes,
 *	23 for 128 of each, in one shard. It does not grow beyond that
 * @contract: what concurrency the users promise. An owner is at first the task
 *	that creates the table
 * @sync: how a table under contract shared keeps its writers apart; NONE is
 *	SHARDED there. SNAPSHOT and SPLIT are for keys and values of at most
 *	%TRIPMAP_COPY_SIZE bytes, in at most 1 << %TRIPMAP_COPY_BITS buckets
 * @shards: parts, each with its own guard, buckets and growth, a power of two up
 *	to %TRIPMAP_SHARDS_MAX; 0 is 1, and more than 1 are for sync sharded
 * @hash: hash function
 * @max_entries: most entries, 0 for no limit but memory; at most (and for 0)
 *	%TRIPMAP_COPY_MAX for sync snapshot and split
 * @max_action: no violation is answered by more than this
 * @seeded: take @seed instead of a random seed
 * @seed: fixed seed, for tests and replay
 * @policy: what each class of violation is answered by
 */
struct tripmap_config {
	const char		*name;
	u64			owner;
	u16			key_size;
	u16			value_size;
	u8			bits;
	enum tripmap_contract	contract;
	enum tripmap_sync	sync;
	u16			shards;
	enum tripmap_hash	hash;
	enum tripmap_action	max_action;
	u64			max_entries;
	bool			seeded;
	u8			seed[TRIPMAP_SEED_SIZE];
	u8			policy[TRIPMAP_CLASS_MAX + 1];
};

/*
 * A config that answers violations by WARN, but only counts writes by exiting
 * tasks, as a release at exit is normal for many; the rest as given.
 */
#define TRIPMAP_CONFIG(...)							\
	((struct tripmap_config){						\
		.max_action = TRIPMAP_ACTION_BUG,				\
		.policy = {							\
			[0 ... TRIPMAP_CLASS_EXITING_WRITER - 1] = TRIPMAP_ACTION_WARN, \
			[TRIPMAP_CLASS_EXITING_WRITER] = TRIPMAP_ACTION_COUNT,	\
			[TRIPMAP_CLASS_EXITING_WRITER + 1 ... TRIPMAP_CLASS_MAX] = \
				TRIPMAP_ACTION_WARN,				\
		},								\
		__VA_ARGS__							\
	})

/**
 * struct tripmap_rule - what a class of violation is answered by
 * @action: what is done about it
 * @answer: what becomes of the operation; ALLOW is for READ_DURING_WRITE,
 *	ITERATE_DURING_WRITE, FOREIGN_WRITER and EXITING_WRITER only
 * @escalate_to: the action instead of @action, while ...
 * @escalate_count: ... so many violations of the class, this one included, ...
 * @escalate_ms: ... came within so many milliseconds; 0 of either: never
 */
struct tripmap_rule {
	u8			action;		/* enum tripmap_action */
	u8			answer;		/* enum tripmap_answer */
	u8			escalate_to;	/* enum tripmap_action */
	u32			escalate_count;
	u32			escalate_ms;
};

/**
 * struct tripmap_info - what a table is at this moment
 * @id: number of the table, never used twice while the module is loaded
 * @entries: entries
 * @buckets: buckets of the present array, overflow buckets apart
 * @overflow: overflow buckets in use
 * @resize: why a second array exists
 * @resize_done: buckets of the old array evacuated so far
 * @resize_total: buckets of the old array
 * @memory: bytes of entries and buckets, old array and deferred memory included
 * @memory_old: bytes of the array being evacuated
 * @memory_deferred: bytes given up, waiting for a grace period
 * @deferred_total: bytes given up so, ever
 * @violations: violations seen, by class
 * @suppressed: violations that were counted without a report of their own
 * @resizes: resizes begun, by kind
 * @evacuated: buckets evacuated
 * @put_off: resizes put off for want of memory
 * @hits: sync split: lookups that took no lock
 * @misses: sync split: lookups that had to look into the dirty part
 * @promotions: sync split: how often that became the part that is read without locks
 * @epoch: numbers the seeds
 * @frozen: writes are refused
 * @shards: parts of the table; the figures are sums over all of them
 * @owner_pid: thread id of the owner in the initial pid namespace, 0 for none
 */
struct tripmap_info {
	u32			id;
	u32			owner_pid;
	u16			shards;
	u64			entries;
	u64			buckets;
	u64			overflow;
	enum tripmap_resize	resize;
	u64			resize_done;
	u64			resize_total;
	u64			memory;
	u64			memory_old;
	u64			memory_deferred;
	u64			deferred_total;
	u64			violations[TRIPMAP_CLASS_MAX + 1];
	u64			suppressed;
	u64			resizes[TRIPMAP_RESIZE_MAX + 1];
	u64			evacuated;
	u64			put_off;
	u64			hits;
	u64			misses;
	u64			promotions;
	u32			epoch;
	bool			frozen;
};

/* For lockdep: tables of one class are used by the same rules. */
struct tripmap_lock_class {
	struct lock_class_key	guard;
	struct lock_class_key	lock;
};

struct tripmap *tripmap_create_class(const struct tripmap_config *cfg, gfp_t gfp,
				     struct tripmap_lock_class *class);

/* Tables that are made at one place are of one class, as locks are. */
#define tripmap_create(cfg, gfp)						\
({										\
	static struct tripmap_lock_class __class;				\
										\
	tripmap_create_class(cfg, gfp, &__class);				\
})

int tripmap_destroy(struct tripmap *t);

int tripmap_lookup(struct tripmap *t, const void *key, void *value);
bool tripmap_contains(struct tripmap *t, const void *key);
int tripmap_lookup_many(struct tripmap *t, unsigned int n, const void *keys,
			void *values, unsigned long *found);

int tripmap_store(struct tripmap *t, const void *key, const void *value, gfp_t gfp);
int tripmap_insert(struct tripmap *t, const void *key, const void *value, gfp_t gfp);
int tripmap_replace(struct tripmap *t, const void *key, const void *value, gfp_t gfp);
int tripmap_compare_swap(struct tripmap *t, const void *key, const void *expected,
			 const void *value, gfp_t gfp);
int tripmap_delete(struct tripmap *t, const void *key, gfp_t gfp);
int tripmap_take(struct tripmap *t, const void *key, void *value, gfp_t gfp);
int tripmap_clear(struct tripmap *t, gfp_t gfp);
int tripmap_resize_hint(struct tripmap *t, u64 entries, gfp_t gfp);
int tripmap_freeze(struct tripmap *t);
int tripmap_unfreeze(struct tripmap *t);

u64 tripmap_count(struct tripmap *t);
void tripmap_info(struct tripmap *t, struct tripmap_info *info);
int tripmap_set_policy(struct tripmap *t, enum tripmap_class class,
		       enum tripmap_action action);
int tripmap_set_rule(struct tripmap *t, enum tripmap_class class,
		     const struct tripmap_rule *rule);
bool tripmap_rule_valid(enum tripmap_class class, const struct tripmap_rule *rule);
void tripmap_get_rule(struct tripmap *t, enum tripmap_class class, struct tripmap_rule *rule);
int tripmap_own(struct tripmap *t);
int tripmap_repair(struct tripmap *t);

/*
 * Who queued a work item, for reports on what the work item does: fill one in
 * beside the work where it is queued, and name it around what the work does.
 */
#define TRIPMAP_ORIGIN_FRAMES	16

struct tripmap_origin {
	u64			time;		/* ns, CLOCK_MONOTONIC */
	u32			pid;
	u32			tgid;
	u32			cpu;
	u32			frames;
	char			comm[16];
	unsigned long		caller;
	unsigned long		frame[TRIPMAP_ORIGIN_FRAMES];
	/* While the work runs. */
	const void		*task;
	struct hlist_node	node;
};

void tripmap_origin_note(struct tripmap_origin *o);
void tripmap_origin_begin(struct tripmap_origin *o);
void tripmap_origin_end(struct tripmap_origin *o);

/*
 * What the caller's operations are called, for reports and events: of all that
 * it does in this context, between begin and end. Labels nest; the outer one is
 * the parent of the inner one, unless another one is named (which may have
 * ended: the work item of a request names the request's).
 */
struct tripmap_label {
	/* Own name first, then the parent's, and so on; cut and not always ended by 0. */
	char			name[TRIPMAP_LABEL_DEPTH][TRIPMAP_LABEL_MAX];
	/* While it stands. */
	const void		*task;
	u8			context;
	struct hlist_node	node;
};

void tripmap_label_begin(struct tripmap_label *l, const char *name,
			 const struct tripmap_label *parent);
void tripmap_label_end(struct tripmap_label *l);

/*
 * Walks. An iterator copies entries out and needs no read section of the
 * caller's. What is in the table throughout a walk is seen exactly once,
 * across growth, shrinking and evacuation.
 */
struct tripmap_iter;

struct tripmap_iter *tripmap_iter_open(struct tripmap *t, gfp_t gfp);
struct tripmap_iter *tripmap_iter_open_snapshot(struct tripmap *t, gfp_t gfp);
int tripmap_iter_next(struct tripmap_iter *it, void *key, void *value);
void tripmap_iter_close(struct tripmap_iter *it);

#endif /* TRIPMAP_CORE_TRIPMAP_H */
