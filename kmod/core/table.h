/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Operations on a table for the layers of this module. They differ from the
 * public ones in tripmap.h in that the caller names its call site and acts on
 * the verdict itself, when it holds nothing any more.
 */
#ifndef TRIPMAP_CORE_TABLE_H
#define TRIPMAP_CORE_TABLE_H

#include "tripmap.h"
#include "../observe/report.h"

/* One call: who calls for what, and what came of it. */
struct tm_call {
	unsigned long		caller;		/* call site, for reports */
	enum tripmap_op		op;
	gfp_t			gfp;
	u64			self;		/* who calls, for contract owner; 0: the task */
	struct tm_verdict	verdict;	/* out; action IGNORE: nothing to do */
};

#define TM_CALL(_op, _caller, _gfp) \
	((struct tm_call){ .caller = (_caller), .op = (_op), .gfp = (_gfp) })

/* STORE, INSERT, REPLACE and COMPARE_SWAP (which wants expected), by call->op. */
int tm_table_put(struct tripmap *t, struct tm_call *call, const void *key,
		 const void *value, const void *expected);
int tm_table_delete(struct tripmap *t, struct tm_call *call, const void *key);
int tm_table_take(struct tripmap *t, struct tm_call *call, const void *key, void *value);
int tm_table_clear(struct tripmap *t, struct tm_call *call);
int tm_table_freeze(struct tripmap *t, struct tm_call *call, bool frozen);
int tm_table_resize(struct tripmap *t, struct tm_call *call, u64 entries);
int tm_table_destroy(struct tripmap *t, struct tm_call *call);
int tm_table_end(struct tripmap *t, struct tm_call *call);
void tm_table_wait(void);
void tm_table_free(struct tripmap *t, unsigned long caller);
int tm_table_own(struct tripmap *t, struct tm_call *call);

/* A caller over a netlink socket, as call->self. */
#define TM_SELF_SOCKET(_portid)	(1ULL << 63 | (_portid))

/*
 * Writers that do not leave: inside for longer than ns, or gone says that the task has
 * ended.
 */
struct tm_stale_rule {
	u64			ns;
	bool			(*gone)(u32 pid);
};

/* A stale writer that was found: for whoever can get at its stack. */
struct tm_stale {
	u32			pid;
	bool			gone;
};

void tm_stale_set(const struct tm_stale_rule *rule);
bool tm_stale_next(struct tm_call *call, struct tm_stale *found);
int tm_table_repair(struct tripmap *t, struct tm_call *call, u32 *repaired);

int tm_table_inject(struct tripmap *t, struct tm_call *call, enum tripmap_fault fault,
		    enum tripmap_step step, u32 usecs, u32 count);

/* What violations on what is no table are answered by, and whose reports they are. */
void tm_violation_unusable_rule(enum tripmap_action action, u64 owner);

int tm_table_lookup(struct tripmap *t, struct tm_call *call, const void *key, void *value);
int tm_table_lookup_many(struct tripmap *t, struct tm_call *call, unsigned int n,
			 const void *keys, void *values, unsigned long *found);

/* Live tables, all namespaces and in-kernel users. */
u32 tm_table_live(void);
u8 tm_table_bits_max(const struct tripmap_config *cfg);
u64 tm_table_bytes(const struct tripmap_config *cfg);

int tm_table_init(void);
void tm_table_exit(void);

/* Sizes, for those who were handed a table. */
u32 tm_table_id(const struct tripmap *t);
u16 tm_table_key_size(const struct tripmap *t);
u16 tm_table_value_size(const struct tripmap *t);

/*
 * A walk in steps. The cursor is all there is between two steps, so that a
 * dump can keep it across messages.
 */
struct tm_walk {
	u64			cursor;		/* reversed hash of the next entry; see done */
	u32			epoch;		/* seeds it holds for; 0: any, taken at first */
	u16			shard;		/* of both */
	bool			done;
	bool			whole;		/* set before it begins: all of one version */
	bool			begun;		/* whole: version is known */
	u64			version;	/* how often somebody had gone in by then */
	struct tm_walk_ref	*refs;		/* by tm_walk_init() */
};

int tm_walk_init(struct tm_walk *w, gfp_t gfp);
void tm_walk_exit(struct tm_walk *w);

/*
 * Pack the next entries, key and value side by side, into buf of size bytes,
 * at most max of them. Returns how many (0: the table has no more, w->done is
 * set), -ESTALE when the seed changed (a clear), -ENOSPC when not even one
 * entry fits, -EBUSY for a violation (exclusive). A walk of one version ends
 * with -EAGAIN when somebody has written meanwhile; where tm_walk_whole_size()
 * says so, it wants one buffer for all, and never does.
 */
int tm_walk_fill(struct tripmap *t, struct tm_call *call, struct tm_walk *w,
		 void *buf, size_t size, unsigned int max);
size_t tm_walk_whole_size(const struct tripmap *t);

/* A bucket with its chain, as it was at one instant. */
#define TM_CHAIN_MAX	40	/* most buckets in a chain; see bucket.h */

/* Which bucket. */
struct tm_bucket_at {
	u64			index;
	u16			shard;
	bool			old;		/* of the array being evacuated */
};

struct tm_link_view {
	u64			index;
	u64			tags;		/* byte n: tag of slot n, little endian */
};

struct tm_bucket_view {
	struct tm_bucket_at	at;
	bool			evacuated;
	u32			version;
	unsigned int		nlinks;
	struct tm_link_view	link[TM_CHAIN_MAX];
	/*
	 * Entries packed as {key, value}, one for each of the 8 slots of each
	 * link, room for nlinks * 8 of them; those of empty slots are zero.
	 */
	unsigned int		nslots;
	void			*slots;		/* kvfree() */
};

int tm_bucket_view(struct tripmap *t, const struct tm_bucket_at *at,
		   struct tm_bucket_view *view, gfp_t gfp);
/* Which bucket holds key, or would; false when the table is destroyed. */
bool tm_bucket_find(struct tripmap *t, const void *key, struct tm_bucket_at *at);
/* Copy the bucket of key as far as a report keeps it: any context, no allocation. */
void tm_bucket_snap(struct tripmap *t, const void *key, struct tm_snap *snap);
/* Buckets of the array that at is in; 0 where there is none. */
u64 tm_bucket_count(struct tripmap *t, const struct tm_bucket_at *at);
/*
 * Two bytes a bucket from at on, entries and buckets of its chain; returns the
 * number of buckets described, 0 past the end.
 */
unsigned int tm_bucket_map(struct tripmap *t, const struct tm_bucket_at *at, u8 *map,
			   unsigned int n);

#endif /* TRIPMAP_CORE_TABLE_H */
