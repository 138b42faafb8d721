/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The torture: everything at once, on tables of each contract and sync, for a
 * time, and a model that says what must come of it.
 *
 *	torture.c		parameters, the run, the verdict
 *	torture_bed.c		beds: the tables, and who may do what to them
 *	torture_model.c		what each key of a bed must be
 *	torture_write.c		writes, each entered in the model
 *	torture_read.c		reads, each held against the model
 *	torture_beside.c	what goes on beside: tables that come and go, hooks,
 *				policies, reports
 */
#ifndef TM_SELFTESTS_KMOD_TORTURE_H
#define TM_SELFTESTS_KMOD_TORTURE_H

#include <linux/atomic.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "../../kmod/core/tripmap.h"
#include "../core/test.h"
#include "value.h"

/* Module parameters, constant while it runs. */
struct torture_params {
	unsigned int	seconds;
	unsigned int	seed;
	unsigned int	nreaders;
	unsigned int	nwalkers;
	unsigned int	nwriters;
	unsigned int	nillegal;
	unsigned int	nchurn;		/* tables that come and go */
	unsigned int	keys;		/* of each bed */
	unsigned int	phase_ms;	/* of filling, and of emptying */
	unsigned int	steward_ms;
	unsigned int	irq_us;
	unsigned int	onoff_interval;
	unsigned int	stat_interval;
	bool		softirq;
	bool		hardirq;
	bool		hooks;
	bool		policies;
	bool		failing;
};

extern struct torture_params torture;

/*
 * A place is one from which the tables are used: a thread, or an interrupt of
 * one kind. It does one thing at a time, so all of this is its own; its counts
 * are looked at meanwhile (READ_ONCE), and judged when it has ended.
 */

#define MANY		16		/* keys of a lookup of many */
#define KEY_BYTES	256
#define VALUE_BYTES	2048

enum role {
	ROLE_WRITER,
	ROLE_ILLEGAL,		/* takes no lock where others take one */
	ROLE_TIMER,		/* the first one that is an interrupt */
	ROLE_IRQ_WORK,
	ROLE_TASKLET,		/* the last one that has keys of its own */
	ROLE_READER,
	ROLE_WALKER,
	ROLE_STEWARD,
	ROLES,
};

struct look;

struct place {
	enum role	role;
	unsigned int	n;		/* of those that have keys: which ones */
	u64		rng;
	u64		did[TRIPMAP_OP_MAX + 1];	/* with success */
	u64		missed;		/* no such key, there already, another value */
	u64		refused;
	u64		frozen;
	u64		nomem;
	u64		clean_walks;	/* to the end */
	u64		stale;		/* on destroyed tables */
	struct look	*looks;		/* one a key, for walks */
	struct tm_thread thread;
	u8		keys[MANY * KEY_BYTES];
	u8		values[MANY * VALUE_BYTES];
	u8		old[VALUE_BYTES];
};

/* One more of what a place counts, for whoever sums up meanwhile. */
static inline void count(u64 *n)
{
	WRITE_ONCE(*n, *n + 1);		/* pairs with the READ_ONCE()s of the sums */
}

static inline bool in_interrupt_of(const struct place *p)
{
	return p->role >= ROLE_TIMER && p->role <= ROLE_TASKLET;
}

u32 draw(struct place *p, u32 n);
/* How many places have keys of their own. */
unsigned int torture_owners(void);
/* Has the time come to stop? */
bool torture_over(void);

/*
 * The model.
 *
 * Each key but the contested ones has one place that writes it, and numbers its
 * attempts; the number is in the value. The word of a key says how it stands:
 *
 *   63       33     32      31        1    0
 *  +-----------+---------+------------+------+
 *  | standing  |  there  |   begun    | busy |
 *  +-----------+---------+------------+------+
 *
 * standing: the attempt that last had an effect; there: it left the key there;
 * begun: the last attempt; busy: it is under way. A word is never the same again.
 *
 * A clear may come at any time. They are numbered by bed, one at a time.
 */

struct cell {
	u64	word;		/* by its place, release/acquire */
	u32	clear;		/* clears begun when it was stored; settled with word */
	bool	unsure;		/* a clear was under way then; likewise */
};

/* Begun is counted before, ended and done after a clear; done: it succeeded. */
struct clears {
	u32	begun, ended, done;	/* by the steward; READ_ONCE/WRITE_ONCE by all */
};

/* Keys that everybody writes, after the others. */
#define COUNTERS	4	/* always there, counted up by compare and swap */
#define TOKENS		4	/* inserted and taken */
#define CONTESTED	(COUNTERS + TOKENS)

struct contested {
	atomic_t	tries, done;	/* counters: swaps */
	atomic_t	in, out;	/* tokens */
};

enum lock {
	LOCK_NONE,		/* contract shared */
	LOCK_RAW,		/* a raw spinlock, interrupts off: from any context */
	LOCK_SEM,		/* a rwsem: tasks, with GFP_KERNEL */
};

struct bed_kind {
	const char		*name;
	enum tripmap_contract	contract;
	enum tripmap_sync	sync;
	enum tripmap_hash	hash;
	enum lock		lock;
	u16			shards;
	u16			key_size, value_size;
	u32			keys;		/* at most; 0: as many as there are to be */
	bool			illegal;	/* some write without the lock */
	bool			lenient;	/* violations may be ignored, too */
	bool			clears;		/* no contested keys then */
};

enum refusal {
	REFUSED_BUSY,
	REFUSED_DEADLOCK,
	REFUSED_FOREIGN,
	REFUSALS,
};

struct bed {
	const struct bed_kind	*kind;
	struct tripmap		*t;
	unsigned int		n;
	u32			keys;
	struct cell		*cell;		/* one a key, but for the contested ones */
	struct contested	contested[CONTESTED];
	struct clears		clears;
	raw_spinlock_t		raw;		/* LOCK_RAW: around each write */
	struct rw_semaphore	sem;		/* LOCK_SEM: likewise, and reads if exclusive */
	struct task_struct	*owner;		/* contract owner: under sem */
	atomic64_t		refused[REFUSALS];
	atomic64_t		writes[ROLES];
	atomic64_t		reads;
	/* While there is a hook. */
	bool			hooked;		/* by the operator */
	bool			heeded;		/* release/acquire: by the operator */
	unsigned long		inside;		/* xchg, cmpxchg: who is */
	u32			stay;		/* release/acquire: number of a long stay, or 0 */
	u32			stays;		/* by who is inside */
	atomic_t		known;		/* illegal ones that came during a long stay */
};

#define BEDS_MAX	16

extern struct bed *beds[BEDS_MAX];
extern unsigned int nbeds;

/* torture_bed.c */
bool beds_named(const char *names);
bool beds_make(const char *names);
void beds_check_contents(struct place *p);
void beds_check_books(void);
/* What has not happened yet: a word for it, or NULL. */
const char *beds_missing(struct place * const *places, unsigned int n);
void beds_end(void);
struct bed *some_bed(struct place *p);
bool bed_may_write(const struct bed *b, const struct place *p);
bool bed_may_read(const struct bed *b, const struct place *p);
bool bed_filling(const struct bed *b);

/* A write, by this place, with the lock that the contract asks for. */
struct act {
	enum tripmap_op	op;
	const void	*key;
	void		*value;		/* out for take */
	const void	*old;		/* compare and swap */
	u64		arg;		/* entries hinted at; to be frozen */
};

int bed_write(struct bed *b, struct place *p, const struct act *act);

/* A read, likewise. */
int bed_lookup(struct bed *b, struct place *p, const void *key, void *value);
int bed_lookup_many(struct bed *b, struct place *p, unsigned long *found);
/* What came of it, in the books of both. */
void bed_account(struct bed *b, struct place *p, enum tripmap_op op, int err);
bool bed_read_begin(struct bed *b, struct place *p);
void bed_read_end(struct bed *b, bool locked);

/* torture_model.c */
void key_make(const struct bed *b, u32 k, u8 *key);
/* The number of a key, or bed's keys and contested ones together where it is none. */
u32 key_number(const struct bed *b, const u8 *key);

struct turn {
	u64		word;
	u32		number;		/* of the attempt */
	u32		done, ended;	/* clears, when it began */
};

enum effect {
	EFFECT_NONE,
	EFFECT_THERE,
	EFFECT_ABSENT,
};

enum seen {
	SEEN_NOTHING,		/* it need not know */
	SEEN_THERE,
	SEEN_ABSENT,
};

void turn_begin(struct bed *b, u32 k, struct turn *turn);
void turn_end(struct bed *b, u32 k, const struct turn *turn, enum effect effect, enum seen seen);
/* The number of the value that the key has, if it is there. */
u32 turn_standing(const struct turn *turn);

struct look {
	u64		word;
	u32		clear, done, floor;
	bool		unsure;
	/* For walks: what was seen so far. */
	u32		seen;
	u32		number;
};

void look_begin(struct bed *b, u32 k, struct look *look);
/* found: its value had this number. */
void look_end(struct bed *b, u32 k, const struct look *look, bool found, u32 number);

/* torture_write.c */
void write_some(struct place *p, unsigned int times);
void writer_main(void *arg);
void steward_main(void *arg);

/* torture_read.c */
void read_key(struct bed *b, struct place *p, u32 k);
void read_some(struct place *p, unsigned int times);
void walk(struct bed *b, struct place *p, bool whole);
void reader_main(void *arg);
void walker_main(void *arg);

/* torture_beside.c */
#define CHURN_MAX	8

bool churn_begin(struct place *p);
void churn_main(void *arg);
void churn_use(struct place *p);
void churn_end(void);
void operator_main(void *arg);
void plug_main(void *arg);
void beside_note(void);
const char *beside_missing(void);

#endif /* TM_SELFTESTS_KMOD_TORTURE_H */
