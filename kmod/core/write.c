// SPDX-License-Identifier: GPL-2.0
/*
 * Writes.
 *
 *	gather memory   ->  enter the guard  ->  its share of growth  ->  the change
 *	     ^                    |                      |                    |
 *	     +------ leave -------|------ short of memory +--------------------+
 *	                          v                                           v
 *	                 somebody is inside:                    leave; file the own half
 *	                 refused, filed                         if somebody clashed
 *
 * so that nothing is allocated, freed, or waited for inside. What the rules
 * say is done last of all, when the call holds nothing.
 *
 * Conventions: t is the table, sh the shard, w the write, call what its caller
 * said.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/preempt.h>
#include <linux/prefetch.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "mem.h"
#include "read.h"
#include "tell.h"

/*
 * Bytes waiting for a grace period above which writers that may sleep wait for
 * one; and how many left behind by writes, resizes apart, above which writes that
 * would leave more are refused to others.
 */
#define DEFERRED_WAIT	(8ULL << 20)
#define DEFERRED_REFUSE	(64ULL << 20)

struct tm_write {
	struct tripmap		*t;
	struct tm_call		*call;
	const void		*key;
	const void		*value;
	const void		*expected;
	void			*out;		/* take: where the value goes */
	u64			arg;		/* resize, freeze: what is asked for */

	struct tm_shard		*sh;		/* while inside, or in a read section */
	unsigned int		shard;		/* number of sh */
	struct tm_hashed	hashed;		/* the key, on entering */
	struct tm_stay		stay;
	struct tm_told		told;
	struct tm_spare		spare;
	struct tm_array		*array;		/* clear: the empty one */
	/* Blobs made for this write, and those that it unlinked. */
	struct tm_blob		*new_key;
	struct tm_blob		*new_value;
	struct tm_blob		*dead[2];
};

/*
 * Changes: inside the guard
 */

static u64 hash_in(const struct tm_shard *sh, const struct tm_array *a, const void *key,
		   const struct tm_hashed *known)
{
	if (known && likely(known->epoch == a->epoch))
		return known->hash;
	return tm_map_hash(sh->t, a, key);
}

/**
 * tm_map_spot() - where a key belongs at this moment
 * @sh: its shard
 * @key: the key
 * @known: a hash of it, or NULL
 *
 * Context: Inside.
 * Return: array, bucket and tag.
 */
struct tm_spot tm_map_spot(struct tm_shard *sh, const void *key, const struct tm_hashed *known)
{
	struct tm_array *a = tm_map_array(sh);
	struct tm_array *old = tm_map_old(sh, a);
	u64 hash;

	if (unlikely(old)) {
		hash = hash_in(sh, old, key, known);
		if (!tm_is_evacuated(old, hash & old->mask))
			return tm_spot_of(old, hash);
	}
	return tm_spot_of(a, hash_in(sh, a, key, known));
}

/*
 * The limit of a table of many shards. They take their part of it in pieces of
 * QUOTA, and give back what is more than two of them; near the limit they take
 * one by one and keep nothing. So a table never has too many entries, and is
 * refused the last two QUOTA a shard at worst, where those that are to be had
 * are held by other shards.
 */
#define QUOTA	64

/* Is there so little left that shards must not hoard it? */
static bool near_limit(const struct tripmap *t, s64 left)
{
	return left <= 2LL * QUOTA << t->shard_bits;
}

static bool take_quota(struct tm_shard *sh)
{
	struct tripmap *t = sh->t;
	s64 left = atomic64_read(&t->left), take;

	do {
		if (left <= 0)
			return false;
		take = near_limit(t, left) ? 1 : QUOTA;
	} while (!atomic64_try_cmpxchg(&t->left, &left, left - take));
	sh->quota += take;
	return true;
}

static void give_quota(struct tm_shard *sh, u64 n)
{
	struct tripmap *t = sh->t;
	u64 keep = near_limit(t, atomic64_read(&t->left)) ? 0 : QUOTA;

	sh->quota += n;
	if (keep && sh->quota <= 2 * QUOTA)
		return;
	atomic64_add(sh->quota - keep, &t->left);
	sh->quota = keep;
}

static bool may_add(struct tm_shard *sh)
{
	u64 max = sh->t->max_entries;

	if (!max)
		return true;
	if (!sh->t->shard_bits)
		return sh->count < max;
	return sh->quota || take_quota(sh);
}

static bool has_quota(const struct tm_shard *sh)
{
	return sh->t->max_entries && sh->t->shard_bits;
}

static void added(struct tm_shard *sh)
{
	tm_set_count(sh, sh->count + 1);
	if (has_quota(sh))
		sh->quota--;
}

static void removed(struct tm_shard *sh, u64 n)
{
	tm_set_count(sh, sh->count - n);
	if (has_quota(sh))
		give_quota(sh, n);
}

/* Nothing that lay on the stack gets into gaps. */
static void clean(const struct tm_layout *l, u64 *entry)
{
	entry[0] = 0;
	entry[(l->entry_size - 1) / 8] = 0;
}

static void make_key(struct tm_write *w, u8 *slot)
{
	if (w->t->l.key_size == 8)
		tm_words_put(slot, w->key, 8);
	else if (w->t->l.key_out)
		tm_words_put(slot, &w->new_key, sizeof(w->new_key));
	else
		tm_words_put(slot, w->key, w->t->l.key_size);
}

static void make_value(struct tm_write *w, u8 *slot)
{
	const struct tm_layout *l = &w->t->l;

	if (l->value_size == 8)
		tm_words_put(slot + l->value_at, w->value, 8);
	else if (l->value_out)
		tm_words_put(slot + l->value_at, &w->new_value, sizeof(w->new_value));
	else if (l->value_size)
		tm_words_put(slot + l->value_at, w->value, l->value_size);
}

/* A place for one more entry. False: short of memory, or (errno) never. */
static int have_place(struct tm_write *w, struct tm_array *a, struct tm_seek *s,
		      unsigned int cap)
{
	struct tm_shard *sh = w->sh;

	if (s->holed)
		return 0;
	/* Full of entries that growth would spread, or has the hash failed? */
	if (s->links >= TM_CHAIN_LONG && sh->count * 2 <= tm_array_buckets(a) * 13)
		sh->reseed = true;
	if (s->links < cap && tm_grow_room(sh, a, 1, &w->spare))
		return 0;
	/* Growth would have made room, had there been memory for it. */
	return w->spare.no_grow ? -ENOMEM : -ENOSPC;
}

static int put_new(struct tm_write *w, struct tm_spot *at, struct tm_seek *s)
{
	u64 entry[TM_ENTRY_MAX / 8] __uninitialized;
	struct tripmap *t = w->t;
	int err;

	if (w->call->op == TRIPMAP_OP_REPLACE || w->call->op == TRIPMAP_OP_COMPARE_SWAP)
		return -ENOENT;
	if (!may_add(w->sh))
		return -ENOSPC;
	err = have_place(w, at->a, s, TM_CHAIN_CAP);
	if (err)
		return err;
	clean(&t->l, entry);
	make_key(w, (u8 *)entry);
	make_value(w, (u8 *)entry);
	tm_step(t, TRIPMAP_STEP_CHANGE);
	tm_chain_add(at->a, &t->l, s, at->tag, (u8 *)entry);
	added(w->sh);
	w->new_key = NULL;
	w->new_value = NULL;
	return 0;
}

static bool as_expected(struct tm_write *w, const u8 *slot)
{
	const struct tm_layout *l = &w->t->l;

	if (l->value_out)
		return !memcmp(tm_slot_blob(slot + l->value_at)->data, w->expected, l->value_size);
	return !l->value_size || tm_words_equal(slot + l->value_at, w->expected, l->value_size);
}

/* One store: readers find the old value or the new one. */
static void put_word(struct tm_write *w, u8 *slot)
{
	u8 *value = slot + w->t->l.value_at;

	if (!w->t->l.value_out) {
		make_value(w, slot);
		return;
	}
	w->dead[0] = tm_slot_blob(value);
	/* Pairs with the dependency through tm_slot_blob(). */
	smp_store_release((struct tm_blob **)value, w->new_value);
	w->new_value = NULL;
}

static int put_over(struct tm_write *w, struct tm_spot *at, struct tm_seek *s)
{
	u64 entry[TM_ENTRY_MAX / 8] __uninitialized;
	struct tripmap *t = w->t;
	u8 *slot = tm_array_slot(at->a, &t->l, s->at.b, s->at.slot);
	int err;

	if (w->call->op == TRIPMAP_OP_INSERT)
		return -EEXIST;
	if (w->call->op == TRIPMAP_OP_COMPARE_SWAP && !as_expected(w, slot))
		return -EAGAIN;
	if (tm_value_is_word(&t->l)) {
		tm_step(t, TRIPMAP_STEP_CHANGE);
		put_word(w, slot);
		return 0;
	}
	err = have_place(w, at->a, s, TM_CHAIN_CAP + 1);
	if (err)
		return err;
	tm_words_put((u8 *)entry, slot, t->l.entry_size);
	make_value(w, (u8 *)entry);
	tm_step(t, TRIPMAP_STEP_CHANGE);
	tm_chain_replace(at->a, &t->l, s, at->tag, (u8 *)entry);
	return 0;
}

static int change_put(struct tm_write *w)
{
	struct tm_spot at = tm_map_spot(w->sh, w->key, &w->hashed);
	struct tm_seek s __uninitialized;

	tm_chain_seek(at.a, &w->t->l, at.b, at.tag, w->key, &s);
	return s.found ? put_over(w, &at, &s) : put_new(w, &at, &s);
}

static int change_remove(struct tm_write *w)
{
	struct tripmap *t = w->t;
	struct tm_spot at = tm_map_spot(w->sh, w->key, &w->hashed);
	struct tm_seek s __uninitialized;
	u8 *slot;

	tm_chain_seek(at.a, &t->l, at.b, at.tag, w->key, &s);
	if (!s.found)
		return -ENOENT;
	slot = tm_array_slot(at.a, &t->l, s.at.b, s.at.slot);
	if (w->out)
		tm_slot_get_value(&t->l, slot, w->out);
	if (t->l.key_out)
		w->dead[0] = tm_slot_blob(slot);
	if (t->l.value_out)
		w->dead[1] = tm_slot_blob(slot + t->l.value_at);
	tm_step(t, TRIPMAP_STEP_CHANGE);
	tm_chain_remove(at.a, at.b, s.at);
	removed(w->sh, 1);
	return 0;
}

static int change_clear(struct tm_write *w)
{
	tm_step(w->t, TRIPMAP_STEP_CHANGE);
	tm_grow_replace(w->sh, w->array);
	w->array = NULL;
	w->sh->reseed = false;
	removed(w->sh, w->sh->count);
	return 0;
}

/**
 * tm_map_bits_for() - what size so many entries ask for
 * @entries: their number
 *
 * Context: Any.
 * Return: log2 of the buckets.
 */
u8 tm_map_bits_for(u64 entries)
{
	u8 bits = 0;

	while (bits < TRIPMAP_BITS_MAX && entries > (13ULL << bits) / 2)
		bits++;
	return bits;
}

/* A hint: also a push for a growth that waits for writes. */
static int change_resize(struct tm_write *w)
{
	struct tm_shard *sh = w->sh;
	u8 bits = min(tm_map_bits_for(w->arg >> w->t->shard_bits), w->t->l.bits_max);

	if (tm_map_old(sh, tm_map_array(sh)) || bits <= tm_map_array(sh)->bits)
		return 0;
	tm_grow_begin(sh, TRIPMAP_RESIZE_GROW, bits, &w->spare);
	return 0;
}

static int change_freeze(struct tm_write *w)
{
	atomic_t *frozen = &w->t->frozen;

	if (!w->arg && atomic_read(frozen) & TM_FROZEN_DAMAGED)
		return -EUCLEAN;
	if (w->arg)
		atomic_or(TM_FROZEN_BY_HAND, frozen);
	else
		atomic_andnot(TM_FROZEN_BY_HAND | TM_FROZEN_FORGED, frozen);
	return 0;
}

static int change_destroy(struct tm_write *w)
{
	tm_mark_me(&w->t->destroyed, w->call);
	/* Pairs with the acquire in tm_map_usable(). */
	WRITE_ONCE(w->t->state, TM_STATE(TM_MAGIC_DEAD, TM_FAST_NONE));
	return 0;
}

static int change(struct tm_write *w)
{
	switch (w->call->op) {
	case TRIPMAP_OP_DELETE:
	case TRIPMAP_OP_TAKE:
		return change_remove(w);
	case TRIPMAP_OP_CLEAR:
		return change_clear(w);
	case TRIPMAP_OP_RESIZE:
		return change_resize(w);
	case TRIPMAP_OP_FREEZE:
		return change_freeze(w);
	case TRIPMAP_OP_DESTROY:
		return change_destroy(w);
	default:
		return change_put(w);
	}
}

/*
 * Writes
 */

static void grow_share(struct tm_write *w)
{
	struct tm_guard *guard = &w->sh->guard;
	bool adding = !tm_op_removes(w->call->op);

	if (likely(tm_grow_calm(w->sh, tm_map_array(w->sh), adding)) ||
	    !tm_grow_pending(w->sh, adding))
		return;
	tm_guard_grow(guard, &w->stay.ticket, true);
	tm_grow_work(w->sh, w->key, adding, &w->spare);
	tm_guard_grow(guard, &w->stay.ticket, false);
	if (tm_event_on(writes) && w->told.begin)
		w->told.changed = ktime_get_mono_fast_ns();
}

/* What a frozen table refuses. */
static bool changes_entries(enum tripmap_op op)
{
	return op != TRIPMAP_OP_FREEZE && op != TRIPMAP_OP_DESTROY;
}

static bool grows(enum tripmap_op op)
{
	return changes_entries(op) && op != TRIPMAP_OP_CLEAR;
}

/* To a copy; each is as large as it has to be, so a hint is not needed. */
static noinline int inside_copying(struct tm_write *w)
{
	const struct tm_edit e = {
		.op = w->call->op, .key = w->key, .value = w->value,
		.expected = w->expected, .out = w->out,
	};

	if (!w->key)
		return 0;
	return w->t->sync == TRIPMAP_SYNC_SPLIT ? tm_split_write(w->sh, &e, &w->spare) :
						  tm_snapshot_write(w->sh, &e, &w->spare);
}

static int inside(struct tm_write *w)
{
	struct tripmap *t = w->t;

	if (atomic_read(&t->frozen) && changes_entries(w->call->op))
		return -EROFS;
	if (grows(w->call->op) && !w->spare.no_grow) {
		if (unlikely(t->sync >= TRIPMAP_SYNC_SNAPSHOT))
			return inside_copying(w);
		grow_share(w);
		if (tm_spare_short(&w->spare))
			return -EAGAIN;
	}
	return change(w);
}

/**
 * tm_write_leave() - go out of a shard, and tell what is to be told
 * @t: table
 * @call: the call; its verdict is set
 * @shard: the shard
 * @stay: of tm_shard_enter()
 * @key: what the call is about, or NULL
 *
 * Context: Inside, and in a read section: the shard may go as soon as nobody is inside.
 * Return: false when the word was not that of the stay any more.
 */
bool tm_write_leave(struct tripmap *t, struct tm_call *call, unsigned int shard,
		    struct tm_stay *stay, const void *key)
{
	switch (tm_shard_leave(&t->shard[shard], stay)) {
	case TM_LEFT_CLEAN:
		break;
	case TM_LEFT_CLASHED:
		tm_violation_half(t, call, shard, stay->ticket, key);
		break;
	case TM_LEFT_FORGED:
		tm_violation_forged(t, call, shard, key);
		return false;
	}
	return true;
}

static void __leave(struct tm_write *w)
{
	tm_write_leave(w->t, w->call, w->shard, &w->stay, w->key);
}

static void leave(struct tm_write *w)
{
	rcu_read_lock();
	__leave(w);
	rcu_read_unlock();
}

/* Hash the key, and ask for its bucket: what can be done before others are kept out. */
static void look_ahead(struct tm_write *w)
{
	struct tm_array *a = rcu_dereference(w->sh->array), *old = tm_read_old(a), *at = a;
	u64 hash = tm_map_hash(w->t, a, w->key);

	w->hashed = (struct tm_hashed){ hash, a->epoch };
	/* A guess, where the cursor moves on meanwhile or the seed is another one. */
	if (unlikely(old) && (hash & old->mask) >= READ_ONCE(a->cursor))
		at = old;
	if (unlikely(!tm_array_has(at, hash & at->mask)))
		return;
	prefetch(tm_array_head(at, hash & at->mask));
	tm_array_fetch(&w->t->l, tm_array_slot(at, &w->t->l, hash & at->mask, 0));
}

/*
 * Whoever destroys a table marks it and then passes through each shard. So who
 * is inside and finds no mark is waited for; who finds one must be out again in
 * the same read section, for the shard goes with the grace period.
 */
static int __enter(struct tm_write *w, struct tm_clash *clash)
{
	int err = tm_map_usable(w->t);

	if (unlikely(err))
		return err;
	/* Another table by now, where the first one was destroyed meanwhile. */
	if (unlikely(w->shard >= tm_map_shards(w->t)))
		return -ESTALE;
	w->sh = &w->t->shard[w->shard];
	if (w->key)
		look_ahead(w);
	clash->found = tm_shard_enter(w->sh, &w->stay, &clash->other);
	if (unlikely(clash->found != TRIPMAP_FOUND_NOBODY))
		return 0;
	err = tm_map_usable(w->t);
	if (unlikely(err))
		__leave(w);
	return err;
}

static int enter(struct tm_write *w, struct tm_clash *clash)
{
	int err;

	rcu_read_lock();
	err = __enter(w, clash);
	rcu_read_unlock();
	return err;
}

static __always_inline void tell_begin(struct tm_write *w)
{
	w->told.begin = 0;
	if (!tm_event_on(writes))
		return;
	w->spare.told = tm_event_gate_write();
	if (!w->spare.told)
		return;
	w->told.changed = 0;
	tm_tell_write_begin(w->t, w->call, w->shard, w->key, &w->told);
}

/* Dropped where nobody listened when it began. */
static __always_inline void tell_end(struct tm_write *w, int err)
{
	if (tm_event_on(writes) && w->told.begin)
		tm_tell_write_end(w->t, w->call, w->shard, w->key, &w->told, err);
}

/* Enter, change, leave, once. */
static int try_write(struct tm_write *w)
{
	struct tripmap *t = w->t;
	struct tm_clash clash __uninitialized;
	int err = enter(w, &clash);

	if (unlikely(err))
		return tm_violation_unusable(t, w->call, err);
	if (unlikely(clash.found != TRIPMAP_FOUND_NOBODY)) {
		clash.shard = w->shard;
		clash.key = w->key;
		return tm_violation(t, w->call, &clash);
	}
	tell_begin(w);
	tm_step(t, TRIPMAP_STEP_ENTERED);
	err = inside(w);
	tm_step(t, TRIPMAP_STEP_LEAVING);
	leave(w);
	tell_end(w, err);
	return err;
}

/* Get what the write turned out to need; it waits for that, outside. */
static noinline int fetch(struct tm_write *w)
{
	u64 begin = tm_tell_clock();
	int err = tm_spare_fill(w->t, &w->spare);

	tm_tell_pause(w->t, w->shard, w->call->op, TRIPMAP_PAUSE_KIND_GROW, begin);
	return err;
}

static void note_put_off(struct tm_write *w)
{
	/* A count of rare events by whoever had no memory: a lost one does no harm. */
	if (w->spare.no_grow)
		WRITE_ONCE(w->t->put_off, READ_ONCE(w->t->put_off) + 1);
}

/* A write to one shard from beginning to end, but for what the rules say. */
static int write_shard(struct tm_write *w)
{
	int err;

	for (;;) {
		err = try_write(w);
		if (likely(!tm_spare_short(&w->spare)))
			break;
		err = fetch(w);
		if (err)
			break;
	}
	note_put_off(w);
	if (unlikely(w->spare.segs || w->spare.array))
		tm_spare_release(w->t, &w->spare);
	return err;
}

static void blob_dead(struct rcu_head *rcu)
{
	struct tm_blob *blob = container_of(rcu, struct tm_blob, rcu);

	tm_map_freed(blob->owner, tm_blob_bytes(blob), false);
	tm_blob_free(blob);
}

static void bury(struct tm_blob *blob)
{
	if (!blob)
		return;
	tm_map_defer(blob->owner, tm_blob_bytes(blob), false);
	call_rcu(&blob->rcu, blob_dead);
}

static bool has_blobs(const struct tm_layout *l)
{
	return unlikely(l->key_out || l->value_out);
}

static noinline int make_blobs(struct tm_write *w)
{
	struct tripmap *t = w->t;

	if (tm_inject_fails(t))
		return -ENOMEM;
	if (t->l.key_out) {
		w->new_key = tm_blob_new(t, w->key, t->l.key_size, w->call->gfp);
		if (!w->new_key)
			return -ENOMEM;
	}
	if (t->l.value_out) {
		w->new_value = tm_blob_new(t, w->value, t->l.value_size, w->call->gfp);
		if (!w->new_value)
			return -ENOMEM;
	}
	return 0;
}

static noinline void wait_for_grace(struct tm_write *w)
{
	u64 begin = tm_tell_clock();

	synchronize_rcu();
	tm_tell_pause(w->t, w->shard, w->call->op, TRIPMAP_PAUSE_KIND_GRACE, begin);
}

static noinline void after_blobs(struct tm_write *w)
{
	tm_blob_free(w->new_key);
	tm_blob_free(w->new_value);
	bury(w->dead[0]);
	bury(w->dead[1]);
}

static void after(struct tm_write *w)
{
	if (has_blobs(&w->t->l))
		after_blobs(w);
	if (unlikely(w->array))
		tm_array_free(w->array, &w->t->l);
	if (unlikely(atomic64_read(&w->t->deferred) > DEFERRED_WAIT) &&
	    gfpflags_allow_blocking(w->call->gfp))
		wait_for_grace(w);
}

/* In NMI nothing is written; who is inside is a violation all the same. */
static int refuse_nmi(struct tripmap *t, struct tm_call *call, const void *key)
{
	struct tm_clash clash = { .shard = key ? tm_map_which(t, key) : 0, .key = key };
	u64 word;

	clash.found = tm_guard_peek(&t->shard[clash.shard].guard, &word, &clash.other);
	if (clash.found != TRIPMAP_FOUND_NOBODY)
		tm_violation(t, call, &clash);
	return -EOPNOTSUPP;
}

/*
 * Whose table it is, where that matters. Who administers tables over a socket
 * may freeze and destroy those of others.
 */
static int check_owner(struct tripmap *t, struct tm_call *call, const void *key)
{
	u64 self = tm_mark_self(call);

	if (call->self && !changes_entries(call->op))
		return 0;
	/* Pairs with the WRITE_ONCE() in tm_table_own(); orders nothing. */
	if (self && READ_ONCE(t->self) == self)
		return 0;
	return tm_violation_by(t, call, TRIPMAP_CLASS_FOREIGN_WRITER, &t->owned, key);
}

/* The task may be about to die; an interrupt above it is no matter of its. */
static bool exiting(void)
{
	return unlikely(current->flags & PF_EXITING) && in_task();
}

/* May such a write leave memory behind, apart from its share of a resize? */
static bool leaves_memory(const struct tripmap *t, enum tripmap_op op)
{
	const struct tm_layout *l = &t->l;

	if (t->sync == TRIPMAP_SYNC_SNAPSHOT && changes_entries(op))
		return true;
	switch (op) {
	case TRIPMAP_OP_CLEAR:
		return true;
	case TRIPMAP_OP_DELETE:
	case TRIPMAP_OP_TAKE:
		return l->key_out || l->value_out;
	case TRIPMAP_OP_STORE:
		return l->value_out || t->sync == TRIPMAP_SYNC_SPLIT;
	case TRIPMAP_OP_REPLACE:
	case TRIPMAP_OP_COMPARE_SWAP:
		return l->value_out;
	default:
		return op == TRIPMAP_OP_INSERT && t->sync == TRIPMAP_SYNC_SPLIT;
	}
}

/* A handle that may be written through, by this caller, in this context. */
static int writable(struct tripmap *t, struct tm_call *call, const void *key)
{
	int err = IS_ERR_OR_NULL(t) ? -EINVAL : tm_map_usable(t);

	if (unlikely(err))
		return tm_violation_unusable(t, call, err);
	if (unlikely(in_nmi()))
		return refuse_nmi(t, call, key);
	if (unlikely(t->contract == TRIPMAP_CONTRACT_OWNER))
		err = check_owner(t, call, key);
	if (!err && exiting())
		err = tm_violation_by(t, call, TRIPMAP_CLASS_EXITING_WRITER, NULL, key);
	if (unlikely(atomic64_read(&t->piled) > DEFERRED_REFUSE) &&
	    !gfpflags_allow_blocking(call->gfp) && leaves_memory(t, call->op))
		err = err ?: -ENOMEM;
	return err;
}

/* Field by field: to clear all of it would cost as much as half of a write. */
static __always_inline void prepare(struct tm_write *w, struct tripmap *t, struct tm_call *call,
				    const void *key)
{
	w->t = t;
	w->call = call;
	w->key = key;
	w->value = NULL;
	w->expected = NULL;
	w->out = NULL;
	w->arg = 0;
	w->shard = key ? tm_map_which(t, key) : 0;
	w->stay.op = call->op;
	w->stay.caller = call->caller;
	w->told.begin = 0;
	tm_spare_init(&w->spare, call->gfp);
	w->array = NULL;
	w->new_key = NULL;
	w->new_value = NULL;
	w->dead[0] = NULL;
	w->dead[1] = NULL;
}

/**
 * tm_table_put() - store, insert, replace, or compare and swap, by call->op
 * @t: table
 * @call: the call
 * @key: the key
 * @value: its value
 * @expected: compare and swap: the value to be replaced
 *
 * Context: Any but NMI; as call->gfp allows.
 * Return: 0 or an error as of tripmap_store() and its kin.
 */
int tm_table_put(struct tripmap *t, struct tm_call *call, const void *key,
		 const void *value, const void *expected)
{
	int err = writable(t, call, key);
	struct tm_write w __uninitialized;

	if (err)
		return err;
	prepare(&w, t, call, key);
	w.value = value;
	w.expected = expected;
	if (has_blobs(&t->l))
		err = make_blobs(&w);
	if (!err)
		err = write_shard(&w);
	after(&w);
	return err;
}

static int remove_key(struct tripmap *t, struct tm_call *call, const void *key, void *out)
{
	int err = writable(t, call, key);
	struct tm_write w __uninitialized;

	if (err)
		return err;
	prepare(&w, t, call, key);
	w.out = out;
	err = write_shard(&w);
	after(&w);
	return err;
}

/* To all shards, one after the other, until one fails. */
static int write_all(struct tripmap *t, struct tm_call *call, u64 arg)
{
	int err = writable(t, call, NULL);
	unsigned int i;

	for (i = 0; !err && i < tm_map_shards(t); i++) {
		struct tm_write w __uninitialized;

		prepare(&w, t, call, NULL);
		w.arg = arg;
		w.shard = i;
		err = write_shard(&w);
		after(&w);
	}
	return err;
}

int tm_table_delete(struct tripmap *t, struct tm_call *call, const void *key)
{
	return remove_key(t, call, key, NULL);
}

int tm_table_take(struct tripmap *t, struct tm_call *call, const void *key, void *value)
{
	return remove_key(t, call, key, value);
}

int tm_table_resize(struct tripmap *t, struct tm_call *call, u64 entries)
{
	return write_all(t, call, entries);
}

int tm_table_freeze(struct tripmap *t, struct tm_call *call, bool frozen)
{
	return write_all(t, call, frozen);
}

static int clear_shard(struct tripmap *t, struct tm_call *call, unsigned int shard)
{
	struct tm_write w __uninitialized;
	int err;

	prepare(&w, t, call, NULL);
	w.shard = shard;
	w.array = tm_grow_first(t, t->min_bits, call->gfp);
	if (!w.array)
		return -ENOMEM;
	err = write_shard(&w);
	after(&w);
	return err;
}

int tm_table_clear(struct tripmap *t, struct tm_call *call)
{
	int err = writable(t, call, NULL);
	unsigned int i;

	for (i = 0; !err && i < tm_map_shards(t); i++)
		err = clear_shard(t, call, i);
	return err;
}

/* Is the caller, or what it interrupted, inside somewhere? Then it must not wait. */
static int inside_already(struct tripmap *t, struct tm_call *call)
{
	struct tm_clash clash = {};

	rcu_read_lock();
	for (; !tm_map_usable(t) && clash.shard < tm_map_shards(t); clash.shard++) {
		clash.found = tm_guard_mine(&t->shard[clash.shard].guard, &clash.other);
		if (clash.found != TRIPMAP_FOUND_NOBODY)
			break;
	}
	rcu_read_unlock();
	return clash.found == TRIPMAP_FOUND_NOBODY ? 0 : tm_violation(t, call, &clash);
}

/* Nobody who found the table usable is inside any more. */
static void pass_through(struct tripmap *t, struct tm_call *call, unsigned int shard)
{
	struct tm_stay stay = { .op = call->op, .caller = call->caller };
	struct tm_holder other;

	rcu_read_lock();
	if (tm_shard_enter(&t->shard[shard], &stay, &other) == TRIPMAP_FOUND_NOBODY)
		tm_write_leave(t, call, shard, &stay, NULL);
	rcu_read_unlock();
}

/**
 * tm_write_destroy() - make a table unusable
 * @t: table
 * @call: the call
 *
 * From here on all writes find it destroyed, and nobody is inside; reads may
 * be under way.
 *
 * Context: Task.
 * Return: 0, or an error as of tm_table_destroy().
 */
int tm_write_destroy(struct tripmap *t, struct tm_call *call)
{
	int err = writable(t, call, NULL) ?: inside_already(t, call);
	struct tm_write w __uninitialized;

	if (err)
		return err;
	prepare(&w, t, call, NULL);
	err = write_shard(&w);
	for (w.shard = 1; !err && w.shard < tm_map_shards(t); w.shard++)
		pass_through(t, call, w.shard);
	return err;
}
