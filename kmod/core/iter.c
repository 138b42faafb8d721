// SPDX-License-Identifier: GPL-2.0
/*
 * Walks in the order of the reversed hash.
 *
 * A bucket's index is the low bits of its entries' hash. Read backwards those
 * bits come first: all entries of a bucket stand in one run of reversed hashes,
 * and doubling the buckets cuts each run in two without changing the order.
 *
 *	buckets, 2 bits:   00          10          01          11
 *	reversed hash:     |-----------|-----------|-----------|----------->
 *	buckets, 3 bits:   000   100   010   110   001   101   011   111
 *
 * So the cursor, the least reversed hash not yet seen, means the same whatever
 * the table does meanwhile. One step reads one bucket: the old one unless it is
 * evacuated, else what the new one holds of the run. An entry that is added or
 * changed at that moment may be seen or not, whatever else is.
 *
 * Another seed is another order: a walk of one ends when it meets the next.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/instruction_pointer.h>
#include <linux/minmax.h>
#include <linux/prefetch.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/swab.h>
#include <linux/timekeeping.h>

#include "read.h"
#include "tell.h"

/* An entry of the run, found in a chain. */
struct tm_walk_ref {
	u64		rev;
	const u8	*slot;
};

#define REFS	(TM_CHAIN_MAX * TM_SLOTS)

/* Buckets of one read section, and how many before its turn one is asked for. */
#define SECTION_BUCKETS	16
#define FETCH_AHEAD	4

/* The bucket to be read, and the run of hashes that it answers for. */
struct run {
	struct tm_array	*a;
	struct tm_head	*first;
	u64		b;
	u64		tags;		/* of first; read once, since it may be marked meanwhile */
	u32		version;
	u8		bits;		/* length of the common prefix */
};

/* Where the packed entries go. */
struct sink {
	u8		*at;
	size_t		left;
	unsigned int	max;
	unsigned int	n;
};

static __always_inline u64 swap_bits(u64 v, unsigned int by, u64 low)
{
	return (v >> by & low) | (v & low) << by;
}

/* Without a table: it is done for each entry. */
static __always_inline u64 reverse(u64 v)
{
	v = swap_bits(swab64(v), 4, 0x0f0f0f0f0f0f0f0fULL);
	v = swap_bits(v, 2, 0x3333333333333333ULL);
	return swap_bits(v, 1, 0x5555555555555555ULL);
}

int tm_walk_init(struct tm_walk *w, gfp_t gfp)
{
	*w = (struct tm_walk){};
	w->refs = kmalloc_array(REFS, sizeof(*w->refs), gfp);
	return w->refs ? 0 : -ENOMEM;
}

void tm_walk_exit(struct tm_walk *w)
{
	kfree(w->refs);
	w->refs = NULL;
}

/* False when the bucket is evacuated. */
static bool begin(struct run *r, struct tm_array *a, u64 hash, u8 bits)
{
	*r = (struct run){ .a = a, .b = hash & a->mask, .bits = max(bits, a->bits) };
	r->first = tm_array_head(a, r->b);
	r->version = tm_read_begin(r->first);
	r->tags = tm_read_tags(r->first);
	return r->tags != TM_TAGS_EVACUATED;
}

/*
 * Choose the bucket for the run at the cursor. -EAGAIN: the array is no longer
 * the newest, or has two seeds at once.
 */
static int choose(struct run *r, struct tm_array *a, u64 hash)
{
	struct tm_array *old = tm_read_old(a);

	if (old && old->epoch != a->epoch)
		return -EAGAIN;
	if (old && begin(r, old, hash, 0))
		return 0;
	return begin(r, a, hash, old ? old->bits : 0) ? 0 : -EAGAIN;
}

static __always_inline void add_ref(struct tm_walk_ref *refs, unsigned int n, u64 rev,
				    const u8 *slot)
{
	for (; n && refs[n - 1].rev > rev; n--)
		refs[n] = refs[n - 1];
	refs[n] = (struct tm_walk_ref){ rev, slot };
}

static bool in_run(const struct run *r, u64 rev, u64 cursor)
{
	return rev >= cursor && (!r->bits || (rev ^ cursor) >> (64 - r->bits) == 0);
}

/* The run's entries from the cursor on, in order. */
static unsigned int collect(struct tripmap *t, const struct run *r, u64 cursor,
			    struct tm_walk_ref *refs)
{
	struct tm_head *head = r->first;
	u8 key[TRIPMAP_KEY_MAX] __uninitialized;
	unsigned int n = 0, links = 0;
	u64 b = r->b, tags = r->tags, used, rev;

	for (;;) {
		for (used = tm_tags_used(tags); used; used &= used - 1) {
			const u8 *slot = tm_array_slot(r->a, &t->l, b, tm_tags_slot(used));

			tm_slot_get_key(&t->l, slot, key);
			rev = reverse(tm_map_hash(t, r->a, key));
			if (in_run(r, rev, cursor))
				add_ref(refs, n++, rev, slot);
		}
		b = tm_read_next(head);
		if (!b || ++links == TM_CHAIN_MAX)
			return n;
		head = tm_array_head(r->a, b);
		tags = tm_read_tags(head);
	}
}

/* An entry that is moving within its chain can be found at both its places. */
static bool twice(struct tripmap *t, const struct tm_walk_ref *refs, unsigned int i,
		  const struct sink *s, size_t size)
{
	return i && s->n && refs[i].rev == refs[i - 1].rev &&
	       tm_slot_has_key(&t->l, refs[i].slot, s->at - size);
}

/*
 * Pack what fits. Returns how many refs were dealt with; never stops between
 * two entries of the same hash, which the cursor could not tell apart.
 */
static unsigned int pack(struct tripmap *t, const struct tm_walk_ref *refs, unsigned int n,
			 struct sink *s)
{
	size_t size = t->l.key_size + t->l.value_size;
	struct sink whole = *s;
	unsigned int i, whole_i = 0;

	for (i = 0; i < n; i++) {
		if (!i || refs[i].rev != refs[i - 1].rev) {
			whole = *s;
			whole_i = i;
		}
		if (twice(t, refs, i, s, size))
			continue;
		if (s->left < size || s->n == s->max) {
			*s = whole;
			return whole_i;
		}
		tm_slot_get_key(&t->l, refs[i].slot, s->at);
		tm_slot_get_value(&t->l, refs[i].slot, s->at + t->l.key_size);
		s->at += size;
		s->left -= size;
		s->n++;
	}
	return n;
}

/* The cursor at the n-th run from here. */
static u64 runs_ahead(const struct tm_walk *w, const struct run *r, unsigned int n)
{
	u64 run = r->bits ? 1ULL << (64 - r->bits) : 0;

	return (w->cursor & ~(run - 1)) + n * run;
}

/* Neighbours in this order are far apart in memory: ask for one in time. */
static void fetch_ahead(struct tripmap *t, const struct tm_walk *w, const struct run *r)
{
	u64 b = reverse(runs_ahead(w, r, FETCH_AHEAD)) & r->a->mask;

	if (!tm_array_has(r->a, b))
		return;
	prefetch(tm_array_head(r->a, b));
	tm_array_fetch(&t->l, tm_array_slot(r->a, &t->l, b, 0));
}

/* To the next run, behind the last one to the next shard. */
static void advance(struct tripmap *t, struct tm_walk *w, const struct run *r)
{
	w->cursor = runs_ahead(w, r, 1);
	if (w->cursor)
		return;
	w->done = w->shard + 1 == tm_map_shards(t);
	if (w->done)
		return;
	w->shard++;
	w->epoch = 0;
}

/*
 * One bucket of an array. 0: go on; 1: the sink is full; -EAGAIN: once more;
 * -ESTALE.
 */
static int step_in(struct tripmap *t, struct tm_array *a, struct tm_walk *w, struct sink *s)
{
	struct sink was = *s;
	unsigned int n, done;
	struct run r;
	int err;

	if (w->epoch && w->epoch != a->epoch)
		return -ESTALE;
	err = choose(&r, a, reverse(w->cursor));
	if (err)
		return err;
	fetch_ahead(t, w, &r);
	n = collect(t, &r, w->cursor, w->refs);
	done = pack(t, w->refs, n, s);
	tm_step(t, TRIPMAP_STEP_READ);
	if (!tm_read_stands(r.first, r.version)) {
		*s = was;
		return -EAGAIN;
	}
	w->epoch = a->epoch;
	if (done < n) {
		w->cursor = w->refs[done].rev;
		return 1;
	}
	advance(t, w, &r);
	return 0;
}

static int step_locked(struct tripmap *t, struct tm_walk *w, struct sink *s)
{
	struct tm_shard *sh = &t->shard[w->shard];
	unsigned long flags = 0;
	bool locked = tm_read_lock(sh, &flags);
	int err = step_in(t, tm_read_all(rcu_dereference(sh->array)), w, s);

	tm_read_unlock(sh, locked, flags);
	return err;
}

/* Two seeds at once: writers must finish that first. */
static bool reseeding(const struct tm_shard *sh)
{
	struct tm_array *a = rcu_dereference(sh->array);
	struct tm_array *old = tm_read_old(a);

	return old && old->epoch != a->epoch;
}

/* Some buckets. 0: go on; 1: the sink is full; or an error. */
static int steps(struct tripmap *t, struct tm_walk *w, struct sink *s)
{
	unsigned int left = t->reads == TM_READS_FREE ? SECTION_BUCKETS : 1;
	int err = 0;

	while (!w->done && err <= 0) {
		err = step_locked(t, w, s);
		if (err == -EAGAIN && reseeding(&t->shard[w->shard]))
			return w->epoch ? -ESTALE : -EAGAIN;
		if (err == -ESTALE)
			return err;
		/* Short read sections, and a stretch of one bucket that writers may not enter. */
		if (!err && !--left)
			break;
	}
	return err > 0;
}

/* What the guard of an exclusive table says; 0 where the step may go on. */
static int overlap(struct tripmap *t, struct tm_call *call, struct tm_clash *clash)
{
	return clash->found == TRIPMAP_FOUND_NOBODY ? 0 : tm_violation(t, call, clash);
}

static int guarded(struct tripmap *t, struct tm_call *call, struct tm_walk *w, struct sink *s)
{
	struct tm_clash clash = {};
	u64 word;
	int err;

	if (t->contract != TRIPMAP_CONTRACT_EXCLUSIVE)
		return steps(t, w, s);
	clash.found = tm_guard_peek(&t->shard->guard, &word, &clash.other);
	if (clash.found != TRIPMAP_FOUND_NOBODY)
		return overlap(t, call, &clash) ?: steps(t, w, s);
	err = steps(t, w, s);
	clash.found = tm_guard_check(&t->shard->guard, word, &clash.other);
	return overlap(t, call, &clash) ?: err;
}

/* Sync snapshot: an array that readers are given never changes. */
static int all_of_one(struct tripmap *t, struct tm_walk *w, struct sink *s)
{
	struct tm_array *a = rcu_dereference(t->shard->array);
	int err = 0;

	while (!w->done && !err)
		err = step_in(t, a, w, s);
	return err > 0 ? -ENOSPC : err;
}

/*
 * How often somebody has gone into the table so far; false while somebody is
 * inside. Each guard only ever counts up: so does the sum of them.
 */
static bool version_of(struct tripmap *t, u64 *version)
{
	unsigned int i;
	u64 word;

	*version = 0;
	for (i = 0; i < tm_map_shards(t); i++) {
		/* Acquire: the walk comes after. Pairs with the release in move(). */
		word = atomic64_read_acquire(&t->shard[i].guard.word);
		if (word & TM_GUARD_HELD)
			return false;
		*version += word & TM_GUARD_GEN_MASK;
	}
	return true;
}

/* The same version still? Then nothing that was seen is of a later one. */
static bool version_stands(struct tripmap *t, u64 version)
{
	u64 now;

	/* The walk comes before. Pairs with the smp_wmb() in write_note(). */
	smp_rmb();
	return version_of(t, &now) && now == version;
}

static int whole(struct tripmap *t, struct tm_call *call, struct tm_walk *w, struct sink *s)
{
	int err;

	if (t->sync == TRIPMAP_SYNC_SNAPSHOT)
		return all_of_one(t, w, s);
	if (!w->begun && !version_of(t, &w->version))
		return -EAGAIN;
	w->begun = true;
	err = guarded(t, call, w, s);
	/* A clear is a write, too. */
	if (err < 0 && err != -ESTALE)
		return err;
	return version_stands(t, w->version) ? err : -EAGAIN;
}

static int section(struct tripmap *t, struct tm_call *call, struct tm_walk *w, struct sink *s)
{
	int err;

	rcu_read_lock();
	err = tm_map_usable(t);
	if (unlikely(err))
		err = tm_violation_unusable(t, call, err);
	else if (w->shard >= tm_map_shards(t))
		err = -ESTALE;
	else
		err = w->whole ? whole(t, call, w, s) : guarded(t, call, w, s);
	rcu_read_unlock();
	return err;
}

/* How often a walk of one version looks whether nobody writes, before it begins. */
#define WHOLE_TRIES	1000

int tm_walk_fill(struct tripmap *t, struct tm_call *call, struct tm_walk *w,
		 void *buf, size_t size, unsigned int max)
{
	struct sink s = { .at = buf, .left = size, .max = max };
	u64 begin = tm_event_on(writes) ? tm_tell_clock() : 0;
	u16 shard = w->shard;
	unsigned int tries = WHOLE_TRIES;
	u8 *from = buf;
	int err = 0;

	while (!err && !w->done && s.n < max) {
		err = section(t, call, w, &s);
		if (err == -EAGAIN && w->whole && !w->begun && --tries)
			err = 0;
		cond_resched();
	}
	if (tm_event_on(writes))
		tm_tell_pause(t, shard, call->op, TRIPMAP_PAUSE_KIND_DUMP, begin);
	if (err < 0) {
		memset(buf, 0, s.at - from);
		return err;
	}
	return s.n || w->done ? s.n : -ENOSPC;
}

/**
 * tm_walk_whole_size() - room for all entries, where a walk has them at once
 * @t: table
 *
 * Context: Any.
 * Return: bytes for tm_walk_fill(), 0 where a walk of one version goes in steps.
 */
size_t tm_walk_whole_size(const struct tripmap *t)
{
	if (t->sync != TRIPMAP_SYNC_SNAPSHOT)
		return 0;
	return t->max_entries * (t->l.key_size + t->l.value_size);
}

/*
 * The iterator of in-kernel users: a walk with a buffer.
 */

struct tripmap_iter {
	struct tripmap	*t;		/* constant, as number */
	u64		number;		/* never used twice; for events */
	atomic_t	busy;		/* being advanced */
	/* Who advances it; by whoever set busy, READ_ONCE elsewhere. */
	u32		pid;
	unsigned long	caller;
	u64		since;		/* ns, CLOCK_MONOTONIC; begin of the refill */

	/* By whoever set busy. */
	struct tm_walk	walk;
	u32		id;		/* of t, constant: its handle may become another's */
	u16		key_size;	/* likewise */
	u32		entry;		/* bytes of one */
	u32		size;		/* bytes of buf */
	unsigned int	n;		/* in buf */
	unsigned int	next;
	u8		buf[];
};

#define ITER_BUF	4096

static atomic64_t iterators = ATOMIC64_INIT(0);	/* made so far */

static int acted(struct tm_call *call, int err)
{
	if (unlikely(call->verdict.action))
		tm_report_act(&call->verdict);
	return err;
}

/* A handle to walk through. */
static int walkable(struct tripmap *t, struct tm_call *call)
{
	int err = IS_ERR_OR_NULL(t) ? -EINVAL : tm_map_usable(t);

	if (err == -ESTALE)
		return acted(call, tm_violation_unusable(t, call, err));
	return err;
}

static struct tripmap_iter *iter_open(struct tripmap *t, struct tm_call *call, bool whole)
{
	int err = walkable(t, call);
	struct tripmap_iter *it;
	u32 entry, size;

	if (err)
		return ERR_PTR(err);
	entry = t->l.key_size + t->l.value_size;
	size = max_t(u32, whole ? tm_walk_whole_size(t) : 0, max_t(u32, ITER_BUF, entry));
	it = kvmalloc(sizeof(*it) + size, call->gfp);
	if (!it)
		return ERR_PTR(-ENOMEM);
	if (tm_walk_init(&it->walk, call->gfp)) {
		kvfree(it);
		return ERR_PTR(-ENOMEM);
	}
	it->t = t;
	it->number = atomic64_inc_return(&iterators);
	atomic_set(&it->busy, 0);
	it->pid = current->pid;
	it->caller = call->caller;
	it->since = ktime_get_mono_fast_ns();
	it->walk.whole = whole;
	it->id = tm_table_id(t);
	it->key_size = t->l.key_size;
	it->entry = entry;
	it->size = size;
	it->n = 0;
	it->next = 0;
	tm_tell_iterate(t, TRIPMAP_EVENT_ITERATE_OPEN, it->number, call->caller);
	return it;
}

/**
 * tripmap_iter_open() - begin a walk
 * @t: table
 * @gfp: how to allocate the iterator
 *
 * Context: Task; as @gfp allows.
 * Return: the iterator, or ERR_PTR(-EINVAL, -ENOMEM), ERR_PTR(-ESTALE) after
 * destroy (a violation).
 */
struct tripmap_iter *tripmap_iter_open(struct tripmap *t, gfp_t gfp)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_ITERATE, _RET_IP_, gfp);

	return iter_open(t, &call, false);
}
EXPORT_SYMBOL_GPL(tripmap_iter_open);

/**
 * tripmap_iter_open_snapshot() - begin a walk of all entries of one version
 * @t: table
 * @gfp: how to allocate the iterator
 *
 * Under sync snapshot the first tripmap_iter_next() copies all entries at once,
 * whatever is written meanwhile. Elsewhere the walk ends with -EAGAIN as soon as
 * somebody has written; the caller may begin another one.
 *
 * Context: Task; as @gfp allows.
 * Return: as tripmap_iter_open().
 */
struct tripmap_iter *tripmap_iter_open_snapshot(struct tripmap *t, gfp_t gfp)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_ITERATE, _RET_IP_, gfp);

	return iter_open(t, &call, true);
}
EXPORT_SYMBOL_GPL(tripmap_iter_open_snapshot);

static int refill(struct tripmap_iter *it, struct tm_call *call)
{
	int n;

	/* It was destroyed, and another one is in its place. */
	if (unlikely(tm_table_id(it->t) != it->id))
		return -ESTALE;
	/* Pairs with the READ_ONCE()s in twice_at_once(). */
	WRITE_ONCE(it->since, ktime_get_mono_fast_ns());
	n = tm_walk_fill(it->t, call, &it->walk, it->buf, it->size,
			 it->size / it->entry);
	it->next = 0;
	it->n = max(n, 0);
	return n;
}

/* A call of memcpy() costs more than to copy a word. */
static __always_inline void copy(void *to, const void *from, u32 size)
{
	if (likely(size == 8))
		memcpy(to, from, 8);
	else
		memcpy(to, from, size);
}

static int next(struct tripmap_iter *it, struct tm_call *call, void *key, void *value)
{
	const u8 *at;
	int n;

	if (it->next == it->n) {
		n = refill(it, call);
		if (n <= 0)
			return n;
	}
	at = it->buf + (size_t)it->next++ * it->entry;
	copy(key, at, it->key_size);
	if (value)
		copy(value, at + it->key_size, it->entry - it->key_size);
	return 1;
}

/* Somebody advances it already: the caller itself, or another one. */
static int twice_at_once(struct tripmap_iter *it, struct tm_call *call)
{
	/* Pairs with the WRITE_ONCE()s in tripmap_iter_next() and refill(). */
	struct tm_mark other = {
		.time = READ_ONCE(it->since),
		.caller = READ_ONCE(it->caller),
		.pid = READ_ONCE(it->pid),
		.cpu = TM_GUARD_NO_CPU,
		.op = TRIPMAP_OP_ITERATE,
	};

	if (other.pid == (u32)current->pid) {
		other.cpu = raw_smp_processor_id();
		other.tgid = current->tgid;
		strscpy(other.comm, current->comm, sizeof(other.comm));
	}
	return tm_violation_by(it->t, call, TRIPMAP_CLASS_REENTRANT_ITERATION, &other, NULL);
}

/* As the public one, on behalf of the call. */
static int advance_iter(struct tripmap_iter *it, struct tm_call *call, void *key, void *value)
{
	int n;

	/* Pairs with the release below: what the last caller did is seen. */
	if (unlikely(atomic_cmpxchg_acquire(&it->busy, 0, 1)))
		return twice_at_once(it, call);
	/* Pairs with the READ_ONCE()s in twice_at_once(). */
	WRITE_ONCE(it->pid, current->pid);
	WRITE_ONCE(it->caller, call->caller);
	n = next(it, call, key, value);
	/* Pairs with the acquire above. */
	atomic_set_release(&it->busy, 0);
	return n;
}

/**
 * tripmap_iter_next() - the next entry
 * @it: iterator
 * @key: out, key_size bytes
 * @value: out, value_size bytes, or NULL
 *
 * Entries are copied out of the table a few at a time; one deleted since may
 * still be shown.
 *
 * Context: Task. One caller at a time: a second one is a violation.
 * Return: 1 for an entry, 0 at the end, -ESTALE when the table was cleared,
 * re-seeded or destroyed, -EAGAIN when it is being re-seeded or (a walk of one
 * version) was written to, -EBUSY for a violation (exclusive), -EINVAL when the
 * iterator is being advanced already.
 */
int tripmap_iter_next(struct tripmap_iter *it, void *key, void *value)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_ITERATE, _RET_IP_, 0);
	u64 begin = 0;
	int n;

	if (tm_event_on(walks))
		begin = tm_tell_iterate(it->t, TRIPMAP_EVENT_ITERATE_NEXT, it->number, _RET_IP_);
	n = advance_iter(it, &call, key, value);
	if (tm_event_on(walks))
		tm_tell_iterate_done(it->t, it->number, _RET_IP_, begin, n);
	return acted(&call, n);
}
EXPORT_SYMBOL_GPL(tripmap_iter_next);

/**
 * tripmap_iter_close() - end a walk
 * @it: iterator
 *
 * Context: As kvfree().
 */
void tripmap_iter_close(struct tripmap_iter *it)
{
	tm_tell_iterate(it->t, TRIPMAP_EVENT_ITERATE_CLOSE, it->number, _RET_IP_);
	tm_walk_exit(&it->walk);
	kvfree(it);
}
EXPORT_SYMBOL_GPL(tripmap_iter_close);
