/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reports of violations: a preallocated ring of records that join both
 * parties' halves. Knows no table and no guard, only plain values.
 */
#ifndef TRIPMAP_OBSERVE_REPORT_H
#define TRIPMAP_OBSERVE_REPORT_H

#include <linux/types.h>
#include <linux/tripmap.h>

#define TM_REPORT_FRAMES	64
#define TM_REPORT_KEY_MAX	64
#define TM_REPORT_LINKS		9	/* of a chain: the bucket and 8 overflow buckets */
#define TM_REPORT_ORIGIN	16	/* frames of who queued the work */
#define TM_REPORT_COMM		16
#define TM_REPORT_TITLE		256	/* bytes that hold any title */
#define TM_REPORT_SYMBOL	64	/* bytes for a function's name; longer ones are cut */
#define TM_NO_BUCKET		(~0ULL)
#define TM_ANY_OWNER		(~0ULL)	/* for those who look at everybody's reports */

/* A half that comes later than this is still taken, but nobody waits for it. */
#define TM_REPORT_HALF_NS	(100 * 1000 * 1000ULL)

struct tm_stack {
	u32			n;
	unsigned long		frame[TM_REPORT_FRAMES];
};

/* Who queued what a party does. */
struct tm_origin {
	u32			pid;		/* 0: not known */
	u32			tgid;
	u32			cpu;
	char			comm[TM_REPORT_COMM];
	unsigned long		caller;
	u64			time;		/* ns, CLOCK_MONOTONIC */
	u32			n;
	unsigned long		frame[TM_REPORT_ORIGIN];
};

/* One side of a violation. */
struct tm_party {
	u32			pid;		/* thread id, initial pid namespace */
	u32			tgid;		/* 0 where unknown */
	u32			cpu;
	u8			context;	/* enum tripmap_context */
	u8			op;		/* enum tripmap_op */
	u16			key_size;	/* 0 where the operation has no key */
	u8			key[TM_REPORT_KEY_MAX];
	char			comm[TM_REPORT_COMM];	/* empty where unknown */
	unsigned long		caller;		/* call site of the API, 0 where unknown */
	u64			since;		/* ns, CLOCK_MONOTONIC, begin of the operation */
	u64			bucket;		/* TM_NO_BUCKET where unknown */
	u32			flags;		/* enum tripmap_party_flag */
	unsigned long		work;		/* function of the work item, 0 for none */
	struct tm_origin	origin;
	/* What it calls its operation, what that is part of, ...; ended by an empty one. */
	char			label[TRIPMAP_LABEL_DEPTH][TRIPMAP_LABEL_MAX];
};

/* One slot of a bucket, as much of it as is kept. */
struct tm_snap_slot {
	u8			key[TM_REPORT_KEY_MAX];
	u8			value[TRIPMAP_BUCKET_VALUE_MAX];
};

struct tm_snap_link {
	u64			index;
	u64			tags;		/* byte n: tag of slot n, little endian */
	struct tm_snap_slot	slot[TRIPMAP_BUCKET_SLOTS];
};

/* The bucket that the victim was on its way to, as it was at that instant. */
struct tm_snap {
	bool			old;		/* of the array being evacuated */
	bool			evacuated;
	bool			torn;		/* changed while it was copied, again and again */
	u32			version;
	u32			left_out;	/* buckets of the chain that were not kept */
	u32			nlinks;		/* 0: no bucket */
	struct tm_snap_link	link[TM_REPORT_LINKS];
};

/*
 * What the loser knows at the moment of the clash. Two violations belong to
 * the same holder's half when guard and word are equal; word is given without
 * the bits that change while it is held, and a guard's number is never used
 * for another guard.
 */
struct tm_violation {
	u8			class;		/* enum tripmap_class */
	u8			contract;	/* enum tripmap_contract */
	u8			resize;		/* enum tripmap_resize */
	bool			left;		/* holder gone before it could be asked */
	bool			alone;		/* there is no other party */
	bool			absent;		/* there is one, not inside: no half to come */
	bool			growing;	/* the holder was growing or evacuating */
	bool			frozen;
	u8			found;		/* enum tripmap_found */
	u8			answer;		/* enum tripmap_answer */
	bool			escalated;	/* the action was raised */
	bool			confined;	/* its table may not warn, whatever is done to it */
	s32			result;		/* negative errno for the victim, 0: let through */
	u32			table_id;
	char			table[TRIPMAP_NAME_MAX + 1];	/* or what else the handle is */
	u64			owner;
	u64			guard;
	u64			word;
	u64			age;		/* ns that a stale holder was inside, else 0 */
	u64			resize_done;
	u64			resize_total;
	u64			entries;	/* of the shard, as what follows */
	u64			buckets;
	u64			overflow;
	u32			epoch;
	u16			shard;
	u16			shards;
	u16			key_size;
	u16			value_size;
	struct tm_party		victim;
	struct tm_party		holder;
};

/* A record as readers see it: always a copy. */
struct tm_report {
	u64			id;		/* from 1, never used twice */
	u64			time;		/* ns, CLOCK_MONOTONIC */
	u64			time_real;	/* ns, CLOCK_REALTIME */
	u64			repeats;	/* suppressed since, same class, pair and table */
	u8			action;		/* enum tripmap_action, as taken */
	u8			half;		/* enum tripmap_half */
	struct tm_violation	v;
	struct tm_stack		victim_stack;
	struct tm_stack		holder_stack;
	struct tm_snap		snap;
};

/* What tm_report_file() decided; handed to tm_report_act() at the outer edge. */
struct tm_verdict {
	u64			report;		/* id of the record, 0 for none */
	u8			class;
	u8			action;		/* what is left to do; IGNORE: nothing */
};

struct tm_report_counts {
	u64			filed;
	u64			suppressed;	/* counted on an older record */
	u64			dropped;	/* no record could be had (NMI, pool busy) */
	u64			halves;		/* holders' halves filed */
	u64			halves_late;	/* joined after TM_REPORT_HALF_NS */
	/* Joined no record: the losers were suppressed, or there was no place. */
	u64			halves_lost;
};

int tm_report_init(u32 max_reports, u32 once_ms);
void tm_report_exit(void);

/* How long the first report of a pair of call sites stands for the later ones; 0: not at all. */
void tm_report_set_once_ms(u32 once_ms);

/* Copies a bucket into a record: any context, no allocation. */
typedef void (*tm_snap_fn)(struct tm_snap *to, void *arg);

/*
 * File the loser's half: capture its stack, decide on suppression, join with
 * the holder's half if that is there already. Any context, no allocation.
 * v->victim.comm and tgid are filled from current here. snap, where given, is
 * called once and only if the violation has a record of its own: without a lock
 * of the reports, by the caller's own task, to->nlinks is 0.
 */
struct tm_verdict tm_report_file(struct tm_violation *v, enum tripmap_action wish,
				 tm_snap_fn snap, void *arg);

/*
 * File the holder's half, with the holder's own stack. Any context. comm and
 * tgid are filled from current here.
 */
void tm_report_half(bool confined, u64 guard, u64 word, const struct tm_party *holder);

/* The stack of a holder that does not file it itself; where the report is still there. */
void tm_report_add_stack(u64 id, const struct tm_stack *stack);

/*
 * Do what the verdict says, at the outer edge of the API call: no lock held,
 * no read section, guard not held. May not return (BUG).
 */
void tm_report_act(const struct tm_verdict *verdict);

/*
 * Copies out; next: the oldest with an id above after. It stops short of one
 * that is being filed, so that who goes on from the last id misses none.
 */
bool tm_report_get(u64 owner, u64 id, struct tm_report *out);
bool tm_report_next(u64 owner, u64 after, struct tm_report *out);
bool tm_report_next_of(u64 owner, u64 other, u64 after, struct tm_report *out);
void tm_report_clear(u64 owner);
/* The newest one, without a lock: for a machine whose other CPUs are stopped. */
bool tm_report_last(struct tm_report *out);
/* May the victim wait for the holder's half of this report? */
bool tm_report_pending(u64 id);
void tm_report_counts(struct tm_report_counts *out);
size_t tm_report_memory(void);

/*
 * The stable title of a report: class, and the functions at fault sorted by
 * name, then the table. Returns the length as snprintf does.
 */
int tm_report_title(const struct tm_report *r, char *buf, size_t size);

/*
 * Upward news. ready is called for each new record and for each half that
 * completed one, in any context, and must only mark that there is work
 * (report_emit queues a work item); NULL ends it and waits for calls under way.
 */
void tm_report_on_ready(void (*ready)(void));

#endif /* TRIPMAP_OBSERVE_REPORT_H */
