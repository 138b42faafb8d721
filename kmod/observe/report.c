// SPDX-License-Identifier: GPL-2.0
/*
 * Reports of violations: one ring of records and one of halves, both made at
 * load, and the joining of the two.
 *
 *	loser   --tm_report_file()-->  record  <--+
 *					  ^	   | same guard, same word (a stay)
 *	holder  --tm_report_half()-->   half   ---+
 *
 * What makes it hard: either side comes first, in any context, the holder's
 * half may serve many losers, and nothing may be allocated. So whoever files
 * takes a place under the lock, has it to itself while it walks its own stack
 * without the lock, and then shows it. The join is made under the lock by the
 * second of the two: a loser looks for the half when it takes its place, a half
 * looks for its losers when it is shown. The loser's stack and its copy of the
 * bucket are what the join leaves alone; so a half need not wait for them.
 *
 * A record lives at place (id % max) until a later id wants that place. A place
 * whose stack is still being walked is passed over, and its id with it.
 *
 * Conventions: rec is a record, key what makes two violations the same bug.
 * Functions that begin with __ want pool.lock.
 */
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/log2.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "event.h"
#include "flight.h"
#include "report.h"

/*
 * Halves that are kept for losers who file later. A holder's half is wanted by
 * losers that have met it and are a stack walk away from filing: a CPU or an
 * interrupted task each. 64 of them is more than that many at once. As many again are
 * for confined tables: whose users make as many as they like.
 */
#define TM_HALVES	64

/*
 * How often an NMI tries for the lock before it gives up. The lock is held for
 * a copy of a record mostly, 12 KiB and some microseconds; so long do as many
 * tries take. If it is held by what the NMI interrupted, no number helps.
 */
#define TM_NMI_TRIES	1000

/*
 * How many records back a loser looks that does not know the other party's call
 * site. Each is a cache miss under the lock.
 */
#define TM_BLIND_LOOK	64

/*
 * How many losers a half serves before it lets others have the lock: a copy of
 * some 900 bytes each. One that stays long may have met thousands.
 */
#define TM_SERVE_BATCH	16

enum tm_place {
	TM_PLACE_FREE,
	TM_PLACE_FILLING,	/* somebody walks a stack into it, or serves losers from it */
	TM_PLACE_LIVE,
};

/* What makes two violations the same bug. */
struct tm_key {
	unsigned long		site[2];	/* both call sites, sorted */
	u32			table_id;
	u8			class;
};

struct tm_record {
	/* pool.lock, but the step from FILLING to LIVE: that is the filer's alone. */
	enum tm_place		place;
	struct hlist_node	by_key;		/* pool.lock; hashed while the newest of its key */
	struct hlist_node	by_stay;	/* pool.lock; hashed while a half may come */
	struct tm_key		key;		/* pool.lock; of r.v */
	bool			warned;		/* pool.lock; the pair has had its WARN */
	bool			confined;	/* pool.lock; counted in pool.confined */
	/* pool.lock; but victim_stack and snap: the filer's until LIVE */
	struct tm_report	r;
};

struct tm_half {
	enum tm_place		place;		/* as in struct tm_record */
	bool			joined;		/* pool.lock; has served a record */
	u64			guard;		/* pool.lock */
	u64			word;		/* pool.lock */
	struct tm_party		party;		/* pool.lock */
	struct tm_stack		stack;		/* the filer until LIVE, then constant */
};

static struct {
	raw_spinlock_t		lock;
	struct tm_record	*record;	/* constant from init to exit */
	struct tm_half		*half[2];	/* constant from init to exit; by confined */
	struct hlist_head	*by_key;	/* pool.lock; 1 << bits heads */
	struct hlist_head	*by_stay;	/* pool.lock; 1 << bits heads */
	u32			max;		/* constant from init to exit; records */
	u32			bits;		/* constant from init to exit */
	u64			last;		/* pool.lock; the newest id */
	u32			confined;	/* pool.lock; records of confined tables */
	bool			kept;		/* pool.lock; some record ever was: __kept_from() */
	u32			next_half[2];	/* pool.lock; where to look for a place */
	u32			once_ms;	/* any writer, READ_ONCE/WRITE_ONCE */
	void			(*ready)(void);	/* any writer, RCU ends its calls */
	/* struct tm_report_counts; atomic, as what cannot have the lock is counted too. */
	atomic64_t		filed;
	atomic64_t		suppressed;
	atomic64_t		dropped;
	atomic64_t		halves;
	atomic64_t		halves_late;
	atomic64_t		halves_lost;
} pool;

/*
 * Take the lock. In an NMI whoever holds it may be what was interrupted, so
 * there it is tried for a while only. Sparse knows no lock that is taken or
 * not: to it, this and pool_unlock() are balanced each in itself.
 */
static bool pool_trylock(unsigned long *flags)
{
	unsigned int tries;

	if (!in_nmi()) {
		raw_spin_lock_irqsave(&pool.lock, *flags);
		__release(&pool.lock);
		return true;
	}
	for (tries = 0; tries < TM_NMI_TRIES; tries++) {
		if (raw_spin_trylock_irqsave(&pool.lock, *flags)) {
			__release(&pool.lock);
			return true;
		}
		cpu_relax();
	}
	return false;
}

static void pool_unlock(unsigned long flags)
{
	__acquire(&pool.lock);
	raw_spin_unlock_irqrestore(&pool.lock, flags);
}

static void news(void)
{
	void (*ready)(void);

	rcu_read_lock();
	/* Pairs with the WRITE_ONCE in tm_report_on_ready(). */
	ready = READ_ONCE(pool.ready);
	if (ready)
		ready();
	rcu_read_unlock();
}

/* Not get_task_comm(): that takes a lock, and this may be an interrupt. */
static void sign(struct tm_party *party)
{
	strscpy(party->comm, current->comm, sizeof(party->comm));
	party->tgid = current->tgid;
}

static struct tm_key key_of(const struct tm_violation *v)
{
	unsigned long a = v->victim.caller, b = v->holder.caller;

	return (struct tm_key){
		.site = { min(a, b), max(a, b) },
		.table_id = v->table_id,
		.class = v->class,
	};
}

static bool same_key(const struct tm_key *a, const struct tm_key *b)
{
	return a->site[0] == b->site[0] && a->site[1] == b->site[1] &&
	       a->table_id == b->table_id && a->class == b->class;
}

static struct hlist_head *key_head(const struct tm_key *key)
{
	u64 sites = hash_64(key->site[0], 32) + key->site[1];

	return &pool.by_key[hash_64(sites ^ (u64)key->table_id << 8 ^ key->class, pool.bits)];
}

static struct hlist_head *stay_head(u64 guard, u64 word)
{
	return &pool.by_stay[hash_64(hash_64(guard, 32) ^ word, pool.bits)];
}

static void __release_record(struct tm_record *rec)
{
	lockdep_assert_held(&pool.lock);
	hlist_del_init(&rec->by_key);
	hlist_del_init(&rec->by_stay);
	pool.confined -= rec->confined;
	rec->confined = false;
	rec->place = TM_PLACE_FREE;
}

static enum tm_place place_of(const enum tm_place *place)
{
	/* Pairs with the release in filled(): the filer's stack is there. */
	return smp_load_acquire(place);
}

/* The filer is done with the place and gives it back. */
static void filled(enum tm_place *place, enum tm_place now)
{
	/* Pairs with the acquire in place_of(). */
	smp_store_release(place, now);
}

/*
 * Whoever may have made a violation up to wash other reports away: confined tables
 * get more than half of the places only where nothing else is.
 */
static bool __kept_from(const struct tm_record *rec, bool confined)
{
	return confined && !rec->confined && rec->place == TM_PLACE_LIVE &&
	       pool.confined >= pool.max / 2;
}

/* The next place that nobody is filling, under a new id; none in a pool too small. */
static struct tm_record *__claim_record(bool confined)
{
	u32 tries;

	for (tries = 0; tries < pool.max; tries++) {
		u64 id = ++pool.last;
		struct tm_record *rec = &pool.record[id % pool.max];

		if (place_of(&rec->place) == TM_PLACE_FILLING)
			continue;
		if (__kept_from(rec, confined)) {
			pool.kept = true;
			continue;
		}
		__release_record(rec);
		rec->place = TM_PLACE_FILLING;
		rec->confined = confined;
		pool.confined += confined;
		rec->r.id = id;
		return rec;
	}
	return NULL;
}

/* The record with this id, being filled or live. */
static struct tm_record *__record(u64 id)
{
	struct tm_record *rec = &pool.record[id % pool.max];

	lockdep_assert_held(&pool.lock);
	if (rec->r.id != id || place_of(&rec->place) == TM_PLACE_FREE)
		return NULL;
	return rec;
}

static bool matches(const struct tm_record *rec, u64 owner)
{
	return owner == TM_ANY_OWNER || owner == rec->r.v.owner;
}

static bool matches_either(const struct tm_record *rec, u64 owner, u64 other)
{
	return matches(rec, owner) || matches(rec, other);
}

static u64 __oldest(void)
{
	return pool.last < pool.max ? 1 : pool.last - pool.max + 1;
}

/* Of the records that were kept, and so have ids below the oldest, the first after. */
static struct tm_record *__kept_after(u64 owner, u64 other, u64 after)
{
	struct tm_record *rec, *first = NULL;
	u32 place = pool.max;

	do {
		rec = &pool.record[--place];
		if (rec->r.id <= after || rec->r.id >= __oldest() ||
		    !matches_either(rec, owner, other))
			continue;
		if (place_of(&rec->place) != TM_PLACE_FREE && (!first || rec->r.id < first->r.id))
			first = rec;
	} while (place);
	return first;
}

/* The next one of either, being filled or live. */
static struct tm_record *__record_after(u64 owner, u64 other, u64 after)
{
	struct tm_record *rec = NULL;
	u64 id;

	if (pool.kept && after + 1 < __oldest())
		rec = __kept_after(owner, other, after);
	for (id = max(after + 1, __oldest()); !rec && id <= pool.last; id++) {
		rec = __record(id);
		if (rec && !matches_either(rec, owner, other))
			rec = NULL;
	}
	return rec;
}

static struct tm_record *__find_record(const struct tm_key *key)
{
	struct tm_record *rec;

	hlist_for_each_entry(rec, key_head(key), by_key) {
		if (same_key(&rec->key, key))
			return rec;
	}
	return NULL;
}

/* Only the newest record of a key can stand for others. */
static void __enlist(struct tm_record *rec)
{
	struct tm_record *other = __find_record(&rec->key);

	if (other && other->r.id > rec->r.id)
		return;
	if (other)
		hlist_del_init(&other->by_key);
	hlist_add_head(&rec->by_key, key_head(&rec->key));
}

/* The other party's call site may have become known. */
static void __rekey(struct tm_record *rec)
{
	struct tm_key key = key_of(&rec->r.v);

	if (same_key(&rec->key, &key))
		return;
	hlist_del_init(&rec->by_key);
	rec->key = key;
	__enlist(rec);
}

/* What the holder says of itself goes before what the loser could see of it. */
static void __join(struct tm_record *rec, struct tm_half *half, u64 now)
{
	struct tm_party seen = rec->r.v.holder;
	struct tm_party *holder = &rec->r.v.holder;

	lockdep_assert_held(&pool.lock);
	*holder = half->party;
	if (!holder->caller)
		holder->caller = seen.caller;
	if (!holder->since)
		holder->since = seen.since;
	if (!holder->label[0][0])
		memcpy(holder->label, seen.label, sizeof(holder->label));
	rec->r.holder_stack = half->stack;
	rec->r.half = TRIPMAP_HALF_COMPLETE;
	hlist_del_init(&rec->by_stay);
	__rekey(rec);
	half->joined = true;
	if ((s64)(now - rec->r.time) > (s64)TM_REPORT_HALF_NS)
		atomic64_inc(&pool.halves_late);
}

static struct tm_half *__find_half(bool confined, u64 guard, u64 word)
{
	u32 i;

	for (i = 0; i < TM_HALVES; i++) {
		struct tm_half *half = &pool.half[confined][i];

		if (place_of(&half->place) == TM_PLACE_LIVE &&
		    half->guard == guard && half->word == word)
			return half;
	}
	return NULL;
}

/* Where nobody else is inside nothing is to come; all other records take what comes. */
static void __await_half(struct tm_record *rec, u64 now)
{
	const struct tm_violation *v = &rec->r.v;
	struct tm_half *half;

	if (v->alone || v->absent) {
		rec->r.half = TRIPMAP_HALF_NONE;
		return;
	}
	rec->r.half = v->left ? TRIPMAP_HALF_LEFT : TRIPMAP_HALF_PENDING;
	hlist_add_head(&rec->by_stay, stay_head(v->guard, v->word));
	half = __find_half(v->confined, v->guard, v->word);
	if (half)
		__join(rec, half, now);
}

static u64 __look_from(void)
{
	return max(__oldest(), pool.last - min_t(u64, pool.last, TM_BLIND_LOOK) + 1);
}

/*
 * A loser that came before the holder had written down its call site cannot
 * tell the pair: any late record of its own call site will do.
 */
static struct tm_record *__newest_of_site(const struct tm_key *key)
{
	unsigned long site = key->site[1];
	u64 id;

	for (id = pool.last; id >= __look_from(); id--) {
		struct tm_record *rec = __record(id);

		if (rec && rec->key.table_id == key->table_id && rec->key.class == key->class &&
		    (rec->key.site[0] == site || rec->key.site[1] == site))
			return rec;
	}
	return NULL;
}

/* The newest record that this violation may be one more of. */
static struct tm_record *__newest_like(const struct tm_violation *v, const struct tm_key *key)
{
	bool blind = !v->holder.caller && !v->alone && !v->absent;

	lockdep_assert_held(&pool.lock);
	return blind ? __newest_of_site(key) : __find_record(key);
}

/* Does this record stand for a violation that asks for no more than wish? */
static bool __stands_for(const struct tm_record *rec, enum tripmap_action wish, u64 now)
{
	/* Pairs with the WRITE_ONCE in tm_report_set_once_ms(). */
	s64 once = (s64)READ_ONCE(pool.once_ms) * NSEC_PER_MSEC;

	if (!once || wish == TRIPMAP_ACTION_BUG || wish > rec->r.action)
		return false;
	/* The clocks of two CPUs may differ a little. */
	return (s64)(now - rec->r.time) < once;
}

/* A pair is warned of once; what was escalated to a warning is one each time. */
static enum tripmap_action __lower(const struct tm_violation *v, enum tripmap_action wish,
				   const struct tm_record *like)
{
	if (wish == TRIPMAP_ACTION_WARN && like && like->warned && !v->escalated)
		return TRIPMAP_ACTION_REPORT;
	return wish;
}

static struct tm_record *__new_record(const struct tm_violation *v, const struct tm_key *key,
				      enum tripmap_action action, bool warned, u64 now)
{
	struct tm_record *rec = __claim_record(v->confined);

	if (!rec)
		return NULL;
	rec->key = *key;
	rec->warned = warned || action == TRIPMAP_ACTION_WARN;
	rec->r.time = now;
	rec->r.time_real = ktime_get_real_fast_ns();
	rec->r.repeats = 0;
	rec->r.action = action;
	rec->r.v = *v;
	rec->r.holder_stack.n = 0;
	__enlist(rec);
	__await_half(rec, now);
	atomic64_inc(&pool.filed);
	return rec;
}

/* Give the violation a record of its own, or an older one's number in the verdict. */
static struct tm_record *__file(const struct tm_violation *v, enum tripmap_action wish,
				struct tm_verdict *verdict)
{
	u64 now = ktime_get_mono_fast_ns();
	struct tm_key key = key_of(v);
	struct tm_record *like = __newest_like(v, &key), *rec;
	enum tripmap_action action = __lower(v, wish, like);

	if (like && __stands_for(like, action, now)) {
		like->r.repeats++;
		atomic64_inc(&pool.suppressed);
		verdict->report = like->r.id;
		return NULL;
	}
	rec = __new_record(v, &key, action, like && like->warned, now);
	if (!rec) {
		atomic64_inc(&pool.dropped);
		return NULL;
	}
	verdict->report = rec->r.id;
	verdict->action = action;
	return rec;
}

/*
 * What the filer adds while it has the record to itself; the bucket first, as it
 * changes, and the mark next, as the rings go on. Who finds the record live finds
 * the mark.
 */
static noinline void fill_record(struct tm_record *rec, tm_snap_fn snap, void *arg)
{
	struct tm_stack *stack = &rec->r.victim_stack;

	memset(&rec->r.snap, 0, offsetof(struct tm_snap, link));
	if (snap)
		snap(&rec->r.snap, arg);
	tm_flight_mark(rec->r.id, rec->r.time, rec->r.v.confined);
	stack->n = stack_trace_save(stack->frame, TM_REPORT_FRAMES, 2);
	filled(&rec->place, TM_PLACE_LIVE);
}

/**
 * tm_report_file() - file the loser's half of a violation
 * @v: what the loser knows; comm and tgid of its victim are filled here
 * @wish: what the table's policy answers this class with
 * @snap: copies the bucket into the record, if one is made; or NULL
 * @arg: for @snap
 *
 * The first violation of a pair of call sites is filed; within once_ms of it
 * the later ones only count on that record, unless they ask for more than it
 * did, or for BUG. A pair is warned of once while there are reports of it, the
 * later ones are reported; unless an escalation asks for WARN. What finds no
 * record (an NMI that cannot have the lock, a pool whose places are all being
 * filled) is counted as dropped, and only BUG is left to do of it.
 *
 * Context: Any.
 * Return: the record's number and what is left to do, for tm_report_act().
 */
struct tm_verdict tm_report_file(struct tm_violation *v, enum tripmap_action wish,
				 tm_snap_fn snap, void *arg)
{
	struct tm_verdict verdict = { .class = v->class };
	struct tm_record *rec;
	unsigned long flags;

	if (wish < TRIPMAP_ACTION_REPORT)
		return verdict;
	if (wish == TRIPMAP_ACTION_BUG)
		verdict.action = wish;
	sign(&v->victim);
	if (!pool_trylock(&flags)) {
		atomic64_inc(&pool.dropped);
		return verdict;
	}
	rec = __file(v, wish, &verdict);
	pool_unlock(flags);
	if (!rec)
		return verdict;
	fill_record(rec, snap, arg);
	news();
	return verdict;
}

static struct tm_half *__claim_half(bool confined)
{
	u32 tries;

	lockdep_assert_held(&pool.lock);
	for (tries = 0; tries < TM_HALVES; tries++) {
		u32 next = pool.next_half[confined]++ % TM_HALVES;
		struct tm_half *half = &pool.half[confined][next];
		enum tm_place place = place_of(&half->place);

		if (place == TM_PLACE_FILLING)
			continue;
		if (place == TM_PLACE_LIVE && !half->joined)
			atomic64_inc(&pool.halves_lost);
		half->place = TM_PLACE_FILLING;
		return half;
	}
	return NULL;
}

static struct tm_half *claim_half(bool confined, u64 guard, u64 word,
				  const struct tm_party *holder)
{
	struct tm_half *half = NULL;
	unsigned long flags;

	if (pool_trylock(&flags)) {
		half = __claim_half(confined);
		if (half) {
			half->joined = false;
			half->guard = guard;
			half->word = word;
			half->party = *holder;
			sign(&half->party);
		}
		pool_unlock(flags);
	}
	return half;
}

/*
 * Serve some of the losers of this stay that have filed. When these were all,
 * true: from now on losers find the half themselves.
 */
static bool __serve(struct tm_half *half)
{
	u64 now = ktime_get_mono_fast_ns();
	unsigned int n = TM_SERVE_BATCH;
	struct tm_record *rec;
	struct hlist_node *tmp;

	hlist_for_each_entry_safe(rec, tmp, stay_head(half->guard, half->word), by_stay) {
		if (rec->r.v.guard != half->guard || rec->r.v.word != half->word)
			continue;
		if (!n--)
			return false;
		__join(rec, half, now);
	}
	filled(&half->place, TM_PLACE_LIVE);
	return true;
}

/* Serve all of them, and those that file meanwhile; it stays for those to come. */
static bool serve(struct tm_half *half)
{
	bool served = false, done;
	unsigned long flags;

	atomic64_inc(&pool.halves);
	while (pool_trylock(&flags)) {
		done = __serve(half);
		served = half->joined;
		pool_unlock(flags);
		if (done)
			return served;
	}
	/* An NMI in the way of who has the lock: at least later losers find it. */
	filled(&half->place, TM_PLACE_LIVE);
	return served;
}

/**
 * tm_report_half() - file the holder's half
 * @confined: as in the violation
 * @guard: the guard that was held
 * @word: its word, without the bits that change while it is held
 * @holder: what the holder knows of itself; comm and tgid are filled here
 *
 * Called by the holder itself on its way out, so that the stack is its own.
 *
 * Context: Any.
 */
void tm_report_half(bool confined, u64 guard, u64 word, const struct tm_party *holder)
{
	struct tm_half *half = claim_half(confined, guard, word, holder);

	if (!half) {
		atomic64_inc(&pool.halves_lost);
		return;
	}
	half->stack.n = stack_trace_save(half->stack.frame, TM_REPORT_FRAMES, 1);
	if (serve(half))
		news();
}

/**
 * tm_report_add_stack() - the stack of a holder that does not file it itself
 * @id: the report's number
 * @stack: what could be had of it
 *
 * Context: Any but NMI.
 */
void tm_report_add_stack(u64 id, const struct tm_stack *stack)
{
	struct tm_record *rec;
	unsigned long flags;

	raw_spin_lock_irqsave(&pool.lock, flags);
	rec = __record(id);
	if (rec)
		rec->r.holder_stack = *stack;
	raw_spin_unlock_irqrestore(&pool.lock, flags);
}

static bool __overdue(const struct tm_record *rec)
{
	return rec->r.half == TRIPMAP_HALF_PENDING &&
	       (s64)(ktime_get_mono_fast_ns() - rec->r.time) > (s64)TM_REPORT_HALF_NS;
}

/* Of the bucket, which is most of a record, only what there is. */
static void __copy_out(const struct tm_record *rec, struct tm_report *out)
{
	memcpy(out, &rec->r, offsetof(struct tm_report, snap.link) +
	       min_t(size_t, rec->r.snap.nlinks, TM_REPORT_LINKS) * sizeof(struct tm_snap_link));
	if (__overdue(rec))
		out->half = TRIPMAP_HALF_TIMEOUT;
}

/**
 * tm_report_get() - copy a report
 * @owner: whose, or %TM_ANY_OWNER
 * @id: its number
 * @out: the copy
 *
 * Context: Any.
 * Return: false when that owner has no such report (any more), or its loser is
 * still walking its stack; or in an NMI that cannot have the lock.
 */
bool tm_report_get(u64 owner, u64 id, struct tm_report *out)
{
	struct tm_record *rec;
	unsigned long flags;
	bool found;

	if (!pool_trylock(&flags))
		return false;
	rec = __record(id);
	found = rec && matches(rec, owner) && place_of(&rec->place) == TM_PLACE_LIVE;
	if (found)
		__copy_out(rec, out);
	pool_unlock(flags);
	return found;
}

static struct tm_record *__next_record(u64 owner, u64 other, u64 after)
{
	struct tm_record *rec = __record_after(owner, other, after);

	return rec && place_of(&rec->place) == TM_PLACE_LIVE ? rec : NULL;
}

/**
 * tm_report_next_of() - copy the next report of two owners
 * @owner: whose
 * @other: or whose
 * @after: the number of the last one seen, 0 to begin
 * @out: the copy
 *
 * Context: Any but NMI.
 * Return: false when there is no other one, or the next one's loser is still
 * walking its stack.
 */
bool tm_report_next_of(u64 owner, u64 other, u64 after, struct tm_report *out)
{
	struct tm_record *rec;
	unsigned long flags;

	raw_spin_lock_irqsave(&pool.lock, flags);
	rec = __next_record(owner, other, after);
	if (rec)
		__copy_out(rec, out);
	raw_spin_unlock_irqrestore(&pool.lock, flags);
	return rec;
}

/**
 * tm_report_next() - copy the next report
 * @owner: whose, or %TM_ANY_OWNER
 * @after: the number of the last one seen, 0 to begin
 * @out: the copy
 *
 * Context: Any but NMI.
 * Return: as of tm_report_next_of().
 */
bool tm_report_next(u64 owner, u64 after, struct tm_report *out)
{
	return tm_report_next_of(owner, owner, after, out);
}
EXPORT_SYMBOL_GPL(tm_report_next);

/* The id of the report that was at that place of the pool, 0 where it is not to go. */
static u64 clear_place(u32 place, u64 owner)
{
	struct tm_record *rec = &pool.record[place];
	unsigned long flags;
	u64 id = 0;

	raw_spin_lock_irqsave(&pool.lock, flags);
	if (place_of(&rec->place) == TM_PLACE_LIVE && matches(rec, owner)) {
		id = rec->r.id;
		__release_record(rec);
	}
	raw_spin_unlock_irqrestore(&pool.lock, flags);
	return id;
}

/**
 * tm_report_clear() - forget the reports of an owner
 * @owner: whose, or %TM_ANY_OWNER
 *
 * And the windows before them. What is being filed at this moment stays.
 *
 * Context: Process context.
 */
void tm_report_clear(u64 owner)
{
	u32 place;
	u64 id;

	for (place = 0; place < pool.max; place++) {
		id = clear_place(place, owner);
		if (id)
			tm_flight_clear(id);
	}
}

/* The newest report that is complete as far as its loser goes. */
static const struct tm_record *newest_live(void)
{
	const struct tm_record *rec, *newest = NULL;

	for (rec = pool.record; rec < pool.record + pool.max; rec++) {
		if (place_of(&rec->place) == TM_PLACE_LIVE && (!newest || rec->r.id > newest->r.id))
			newest = rec;
	}
	return newest;
}

/**
 * tm_report_last() - copy the newest report of a machine that stops
 * @out: the copy
 *
 * Who has the lock may have been stopped with it, so it is done without: nobody
 * else must be running any more. A record that was being joined may lack a part.
 *
 * Context: Any; all other CPUs are stopped.
 * Return: false when there is none.
 */
bool tm_report_last(struct tm_report *out)
{
	const struct tm_record *rec = newest_live();

	if (rec)
		__copy_out(rec, out);
	return rec;
}

/* The holder is who asks, or what it has interrupted: it cannot leave before. */
static bool __is_own(const struct tm_record *rec)
{
	return rec->r.v.found == TRIPMAP_FOUND_SELF || rec->r.v.found == TRIPMAP_FOUND_BELOW;
}

/**
 * tm_report_pending() - may the victim wait for the holder's half?
 * @id: the report's number
 *
 * Context: Any but NMI.
 * Return: false when it is there, or cannot come while the victim waits, or will
 * not be waited for any more; also when there is no such report.
 */
bool tm_report_pending(u64 id)
{
	struct tm_record *rec;
	unsigned long flags;
	bool pending;

	raw_spin_lock_irqsave(&pool.lock, flags);
	rec = __record(id);
	pending = rec && rec->r.half == TRIPMAP_HALF_PENDING && !__is_own(rec) &&
		  !__overdue(rec);
	raw_spin_unlock_irqrestore(&pool.lock, flags);
	return pending;
}

/**
 * tm_report_counts() - how many there were since load
 * @out: the counts
 *
 * Context: Any.
 */
void tm_report_counts(struct tm_report_counts *out)
{
	*out = (struct tm_report_counts){
		.filed = atomic64_read(&pool.filed),
		.suppressed = atomic64_read(&pool.suppressed),
		.dropped = atomic64_read(&pool.dropped),
		.halves = atomic64_read(&pool.halves),
		.halves_late = atomic64_read(&pool.halves_late),
		.halves_lost = atomic64_read(&pool.halves_lost),
	};
}
EXPORT_SYMBOL_GPL(tm_report_counts);

/**
 * tm_report_set_once_ms() - how long a report stands for later ones
 * @once_ms: milliseconds from the first report of a pair of call sites on; 0:
 *	each violation gets a report of its own
 *
 * Context: Any.
 */
void tm_report_set_once_ms(u32 once_ms)
{
	/* Pairs with the READ_ONCE in __stands_for(). */
	WRITE_ONCE(pool.once_ms, once_ms);
}

/**
 * tm_report_on_ready() - whom to tell that there is news
 * @ready: called for each new record and each half that came, or NULL
 *
 * Context: Process context, may sleep. No call of what was told before is
 * under way on return.
 */
void tm_report_on_ready(void (*ready)(void))
{
	/* Pairs with the READ_ONCE in news(). */
	WRITE_ONCE(pool.ready, ready);
	synchronize_rcu();
}

/**
 * tm_report_memory() - what the pool takes
 *
 * Context: Any.
 * Return: bytes, constant from load to unload.
 */
size_t tm_report_memory(void)
{
	return pool.max * sizeof(*pool.record) + 2 * TM_HALVES * sizeof(*pool.half[0]) +
	       2 * (sizeof(struct hlist_head) << pool.bits);
}

/**
 * tm_report_init() - make the pool
 * @max_reports: records to keep, at least 1
 * @once_ms: see tm_report_set_once_ms()
 *
 * Context: Process context, before the first table is made.
 * Return: 0, -EINVAL, -ENOMEM.
 */
int tm_report_init(u32 max_reports, u32 once_ms)
{
	if (!max_reports)
		return -EINVAL;
	memset(&pool, 0, sizeof(pool));
	raw_spin_lock_init(&pool.lock);
	pool.max = max_reports;
	pool.bits = ilog2(max_reports) + 1;
	pool.once_ms = once_ms;
	pool.record = kvcalloc(max_reports, sizeof(*pool.record), GFP_KERNEL);
	pool.half[false] = kvcalloc(TM_HALVES, sizeof(*pool.half[0]), GFP_KERNEL);
	pool.half[true] = kvcalloc(TM_HALVES, sizeof(*pool.half[0]), GFP_KERNEL);
	pool.by_key = kvcalloc(1UL << pool.bits, sizeof(*pool.by_key), GFP_KERNEL);
	pool.by_stay = kvcalloc(1UL << pool.bits, sizeof(*pool.by_stay), GFP_KERNEL);
	if (pool.record && pool.half[false] && pool.half[true] && pool.by_key && pool.by_stay)
		return 0;
	tm_report_exit();
	return -ENOMEM;
}

/**
 * tm_report_exit() - give the pool back
 *
 * Context: Process context, when the last table is gone.
 */
void tm_report_exit(void)
{
	kvfree(pool.by_stay);
	kvfree(pool.by_key);
	kvfree(pool.half[false]);
	kvfree(pool.half[true]);
	kvfree(pool.record);
}
