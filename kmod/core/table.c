// SPDX-License-Identifier: GPL-2.0
/*
 * Tables: creation, destruction, and writes.
 *
 * A write goes
 *
 *	gather memory   ->  enter the guard  ->  its share of growth  ->  the change
 *	     ^                    |                      |                    |
 *	     +------ leave -------|------ short of memory +--------------------+
 *	                          v                                           v
 *	                 somebody is inside:                    leave; file the own half
 *	                 refused, filed                         if somebody clashed
 *
 * so that nothing is allocated, freed, or waited for inside. What the policy
 * says is done last of all, when the call holds nothing.
 *
 * Conventions: t is the table, w the write, call what its caller said.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "mem.h"
#include "read.h"

/*
 * Bytes waiting for a grace period above which writers that may sleep wait for
 * one, and above which others are refused.
 */
#define DEFERRED_WAIT	(8ULL << 20)
#define DEFERRED_REFUSE	(64ULL << 20)

/*
 * Destroyed tables. Their memory stays tables' memory until unload, so that a
 * handle kept too long tells that it is one; the one destroyed first is used
 * again first.
 */
static struct {
	spinlock_t	lock;		/* the list */
	struct tripmap	*first;		/* lock */
	struct tripmap	**last;		/* lock; where the next one is linked */
} dead = {
	.lock = __SPIN_LOCK_UNLOCKED(dead.lock),
	.last = &dead.first,
};

static struct kmem_cache *table_cache;
static atomic_t table_ids = ATOMIC_INIT(0);
static atomic_t tables = ATOMIC_INIT(0);

struct tm_write {
	struct tripmap		*t;
	struct tm_call		*call;
	const void		*key;
	const void		*value;
	const void		*expected;
	void			*out;		/* take: where the value goes */
	u64			arg;		/* resize, freeze: what is asked for */

	u64			ticket;
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

/**
 * tm_map_spot() - where a key belongs at this moment
 * @t: table
 * @key: the key
 *
 * Context: Inside.
 * Return: array, bucket and tag.
 */
struct tm_spot tm_map_spot(struct tripmap *t, const void *key)
{
	struct tm_array *a = tm_map_array(t);
	struct tm_array *old = tm_map_old(t, a);
	u64 hash;

	if (old) {
		hash = tm_map_hash(t, old, key);
		if (!tm_is_evacuated(old, hash & old->mask))
			return (struct tm_spot){ old, hash & old->mask, tm_tag(hash) };
	}
	hash = tm_map_hash(t, a, key);
	return (struct tm_spot){ a, hash & a->mask, tm_tag(hash) };
}

static void set_count(struct tripmap *t, u64 count)
{
	/* Pairs with the READ_ONCE() in tripmap_count(). */
	WRITE_ONCE(t->count, count);
}

/* Nothing that lay on the stack gets into gaps. */
static void clean(const struct tm_layout *l, u64 *entry)
{
	entry[0] = 0;
	entry[(l->entry_size - 1) / 8] = 0;
}

static void make_key(struct tm_write *w, u8 *slot)
{
	if (w->t->l.key_out)
		tm_words_put(slot, &w->new_key, sizeof(w->new_key));
	else
		tm_words_put(slot, w->key, w->t->l.key_size);
}

static void make_value(struct tm_write *w, u8 *slot)
{
	const struct tm_layout *l = &w->t->l;

	if (l->value_out)
		tm_words_put(slot + l->value_at, &w->new_value, sizeof(w->new_value));
	else if (l->value_size)
		tm_words_put(slot + l->value_at, w->value, l->value_size);
}

/* A place for one more entry. False: short of memory, or (errno) never. */
static int have_place(struct tm_write *w, struct tm_array *a, struct tm_seek *s,
		      unsigned int cap)
{
	struct tripmap *t = w->t;

	if (s->holed)
		return 0;
	/* Full of entries that growth would spread, or has the hash failed? */
	if (s->links >= TM_CHAIN_LONG && t->count * 2 <= tm_array_buckets(a) * 13)
		t->reseed = true;
	if (s->links < cap && tm_grow_room(t, a, 1, &w->spare))
		return 0;
	/* Growth would have made room, had there been memory for it. */
	return w->spare.no_grow ? -ENOMEM : -ENOSPC;
}

static int put_new(struct tm_write *w, struct tm_spot *at, struct tm_seek *s)
{
	u64 entry[TM_ENTRY_MAX / 8];
	struct tripmap *t = w->t;
	int err;

	if (w->call->op == TRIPMAP_OP_REPLACE || w->call->op == TRIPMAP_OP_COMPARE_SWAP)
		return -ENOENT;
	if (t->max_entries && t->count >= t->max_entries)
		return -ENOSPC;
	err = have_place(w, at->a, s, TM_CHAIN_CAP);
	if (err)
		return err;
	clean(&t->l, entry);
	make_key(w, (u8 *)entry);
	make_value(w, (u8 *)entry);
	tm_step(t, TRIPMAP_STEP_CHANGE);
	tm_chain_add(at->a, &t->l, s, at->tag, (u8 *)entry);
	set_count(t, t->count + 1);
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
	u64 entry[TM_ENTRY_MAX / 8];
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
	struct tm_spot at = tm_map_spot(w->t, w->key);
	struct tm_seek s;

	tm_chain_seek(at.a, &w->t->l, at.b, at.tag, w->key, &s);
	return s.found ? put_over(w, &at, &s) : put_new(w, &at, &s);
}

static int change_remove(struct tm_write *w)
{
	struct tripmap *t = w->t;
	struct tm_spot at = tm_map_spot(t, w->key);
	struct tm_seek s;
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
	set_count(t, t->count - 1);
	return 0;
}

static int change_clear(struct tm_write *w)
{
	tm_step(w->t, TRIPMAP_STEP_CHANGE);
	tm_grow_replace(w->t, w->array);
	w->array = NULL;
	w->t->reseed = false;
	set_count(w->t, 0);
	return 0;
}

static u8 bits_for(u64 entries)
{
	u8 bits = 0;

	while (bits < TRIPMAP_BITS_MAX && entries * 2 > (13ULL << bits))
		bits++;
	return bits;
}

/* A hint: also a push for a growth that waits for writes. */
static int change_resize(struct tm_write *w)
{
	struct tripmap *t = w->t;
	u8 bits = bits_for(w->arg);

	if (tm_map_old(t, tm_map_array(t)) || bits <= tm_map_array(t)->bits)
		return 0;
	tm_grow_begin(t, TRIPMAP_RESIZE_GROW, bits, &w->spare);
	return 0;
}

static int change_freeze(struct tm_write *w)
{
	/* Pairs with the READ_ONCE() in tripmap_info(). */
	WRITE_ONCE(w->t->frozen, w->arg);
	return 0;
}

static int change_destroy(struct tm_write *w)
{
	/* Pairs with the acquire in tm_map_usable(). */
	WRITE_ONCE(w->t->magic, TM_MAGIC_DEAD);
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

static bool removes(enum tripmap_op op)
{
	return op == TRIPMAP_OP_DELETE || op == TRIPMAP_OP_TAKE;
}

static void grow_share(struct tm_write *w)
{
	struct tripmap *t = w->t;
	bool adding = !removes(w->call->op);

	if (!tm_grow_pending(t, adding))
		return;
	tm_guard_grow(&t->guard, &w->ticket, true);
	tm_grow_work(t, w->key, adding, &w->spare);
	tm_guard_grow(&t->guard, &w->ticket, false);
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

static int inside(struct tm_write *w)
{
	struct tripmap *t = w->t;

	/* Destroyed while this writer was on its way in? */
	if (READ_ONCE(t->magic) != TM_MAGIC)
		return -ESTALE;
	/* Pairs with the store in tm_violation_forged(). */
	if (READ_ONCE(t->frozen) && changes_entries(w->call->op))
		return -EROFS;
	if (grows(w->call->op) && !w->spare.no_grow) {
		grow_share(w);
		if (tm_spare_short(&w->spare))
			return -EAGAIN;
	}
	return change(w);
}

static void leave(struct tm_write *w)
{
	struct tripmap *t = w->t;

	switch (tm_guard_leave(&t->guard, w->ticket)) {
	case TM_LEFT_CLEAN:
		break;
	case TM_LEFT_CLASHED:
		tm_violation_half(t, w->call, w->ticket, w->key);
		break;
	case TM_LEFT_FORGED:
		tm_violation_forged(t, w->call, w->ticket, w->key);
		break;
	}
}

/* Enter, change, leave, once. */
static int try_write(struct tm_write *w)
{
	struct tripmap *t = w->t;
	struct tm_holder other;
	enum tm_found found;
	int err;

	found = tm_guard_enter(&t->guard, w->call->op, w->call->caller, &w->ticket, &other);
	if (unlikely(found != TM_FOUND_IDLE))
		return tm_violation(t, w->call, found, &other, w->key);
	tm_step(t, TRIPMAP_STEP_ENTERED);
	err = inside(w);
	tm_step(t, TRIPMAP_STEP_LEAVING);
	leave(w);
	return err;
}

static void note_put_off(struct tripmap *t, const struct tm_spare *spare)
{
	/* A count of rare events by whoever had no memory: a lost one does no harm. */
	if (spare->no_grow)
		WRITE_ONCE(t->put_off, READ_ONCE(t->put_off) + 1);
}

/* A write from beginning to end, but for what the policy says. */
static int write_table(struct tm_write *w)
{
	int err;

	w->spare.gfp = w->call->gfp;
	for (;;) {
		err = try_write(w);
		if (likely(!tm_spare_short(&w->spare)))
			break;
		err = tm_spare_fill(w->t, &w->spare);
		if (err)
			break;
	}
	note_put_off(w->t, &w->spare);
	tm_spare_release(w->t, &w->spare);
	return err;
}

static void blob_dead(struct rcu_head *rcu)
{
	struct tm_blob *blob = container_of(rcu, struct tm_blob, rcu);

	atomic64_sub(tm_blob_bytes(blob), &blob->owner->deferred);
	tm_blob_free(blob);
}

static void bury(struct tm_blob *blob)
{
	if (!blob)
		return;
	atomic64_add(tm_blob_bytes(blob), &blob->owner->deferred);
	call_rcu(&blob->rcu, blob_dead);
}

static int make_blobs(struct tm_write *w)
{
	struct tripmap *t = w->t;

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

static void after(struct tm_write *w)
{
	tm_blob_free(w->new_key);
	tm_blob_free(w->new_value);
	bury(w->dead[0]);
	bury(w->dead[1]);
	if (w->array)
		tm_array_free(w->array, &w->t->l);
	if (unlikely(atomic64_read(&w->t->deferred) > DEFERRED_WAIT) &&
	    gfpflags_allow_blocking(w->call->gfp))
		synchronize_rcu();
}

/* A handle that may be written through, in this context. */
static int writable(struct tripmap *t, struct tm_call *call, const void *key)
{
	struct tm_holder other;
	enum tm_found found;
	u64 word;
	int err;

	if (IS_ERR_OR_NULL(t))
		return -EINVAL;
	err = tm_map_usable(t);
	if (unlikely(err))
		return err;
	if (unlikely(in_nmi())) {
		found = tm_guard_peek(&t->guard, &word, &other);
		if (found != TM_FOUND_IDLE)
			tm_violation(t, call, found, &other, key);
		return -EOPNOTSUPP;
	}
	if (unlikely(atomic64_read(&t->deferred) > DEFERRED_REFUSE) &&
	    !gfpflags_allow_blocking(call->gfp))
		return -ENOMEM;
	return 0;
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
	struct tm_write w = {
		.t = t, .call = call, .key = key, .value = value, .expected = expected,
	};
	int err = writable(t, call, key);

	if (err)
		return err;
	err = make_blobs(&w);
	if (!err)
		err = write_table(&w);
	after(&w);
	return err;
}

/* A write without a value of its own. */
static int simple_write(struct tripmap *t, struct tm_call *call, const void *key, void *out,
			u64 arg)
{
	struct tm_write w = { .t = t, .call = call, .key = key, .out = out, .arg = arg };
	int err = writable(t, call, key);

	if (err)
		return err;
	err = write_table(&w);
	after(&w);
	return err;
}

int tm_table_delete(struct tripmap *t, struct tm_call *call, const void *key)
{
	return simple_write(t, call, key, NULL, 0);
}

int tm_table_take(struct tripmap *t, struct tm_call *call, const void *key, void *value)
{
	return simple_write(t, call, key, value, 0);
}

int tm_table_resize(struct tripmap *t, struct tm_call *call, u64 entries)
{
	return simple_write(t, call, NULL, NULL, entries);
}

int tm_table_freeze(struct tripmap *t, struct tm_call *call, bool frozen)
{
	return simple_write(t, call, NULL, NULL, frozen);
}

int tm_table_clear(struct tripmap *t, struct tm_call *call)
{
	struct tm_write w = { .t = t, .call = call };
	int err = writable(t, call, NULL);

	if (err)
		return err;
	w.array = tm_grow_first(t, t->min_bits, call->gfp);
	if (!w.array)
		return -ENOMEM;
	err = write_table(&w);
	after(&w);
	return err;
}

static void bury_table(struct tripmap *t)
{
	spin_lock(&dead.lock);
	t->next_dead = NULL;
	*dead.last = t;
	dead.last = &t->next_dead;
	spin_unlock(&dead.lock);
}

static struct tripmap *dig_table(void)
{
	struct tripmap *t;

	spin_lock(&dead.lock);
	t = dead.first;
	if (t) {
		dead.first = t->next_dead;
		if (!dead.first)
			dead.last = &dead.first;
	}
	spin_unlock(&dead.lock);
	return t;
}

/* All that a dead table holds, when nobody looks any more. */
static void free_arrays(struct tripmap *t)
{
	struct tm_array *a = rcu_dereference_protected(t->array, t->magic == TM_MAGIC_DEAD);
	struct tm_array *old = rcu_dereference_protected(a->old, t->magic == TM_MAGIC_DEAD);

	if (old)
		tm_grow_discard(t, old);
	tm_grow_discard(t, a);
}

/**
 * tm_table_destroy() - destroy a table
 * @t: table
 * @call: the call
 *
 * Who reads at this moment is waited for; who writes is a violation, and the
 * table stays.
 *
 * Context: Task, may sleep.
 * Return: 0, -EBUSY for a violation, -ESTALE, -EINVAL.
 */
int tm_table_destroy(struct tripmap *t, struct tm_call *call)
{
	int err = simple_write(t, call, NULL, NULL, 0);

	if (err)
		return err;
	synchronize_rcu();
	tm_grow_flush();
	free_arrays(t);
	bury_table(t);
	atomic_dec(&tables);
	return 0;
}

/*
 * Creation
 */

static bool valid(const struct tripmap_config *cfg)
{
	unsigned int i;

	for (i = 0; i <= TRIPMAP_CLASS_MAX; i++)
		if (cfg->policy[i] > TRIPMAP_ACTION_MAX)
			return false;
	return cfg->key_size >= 1 && cfg->key_size <= TRIPMAP_KEY_MAX &&
	       cfg->value_size <= TRIPMAP_VALUE_MAX && cfg->bits <= TRIPMAP_BITS_MAX &&
	       cfg->contract <= TRIPMAP_CONTRACT_MAX && cfg->hash <= TRIPMAP_HASH_MAX &&
	       cfg->max_action <= TRIPMAP_ACTION_MAX && cfg->name && *cfg->name;
}

/* The guard is left as it is: its generation goes on. */
static void table_fields(struct tripmap *t, const struct tripmap_config *cfg)
{
	unsigned int i;

	t->id = atomic_inc_return(&table_ids);
	tm_layout_init(&t->l, cfg->key_size, cfg->value_size);
	t->contract = cfg->contract;
	t->hash = cfg->hash;
	t->min_bits = cfg->bits;
	t->max_action = cfg->max_action;
	t->seeded = cfg->seeded;
	t->frozen = false;
	t->max_entries = cfg->max_entries;
	t->owner = cfg->owner;
	strscpy(t->name, cfg->name, sizeof(t->name));
	for (i = 0; i <= TRIPMAP_CLASS_MAX; i++) {
		t->policy[i] = min_t(u8, cfg->policy[i], cfg->max_action);
		atomic64_set(&t->violations[i], 0);
	}
	t->hook = NULL;
	atomic_set(&t->hook_users, 0);
	t->count = 0;
	t->evacuated = 0;
	t->put_off = 0;
	memset(t->resizes, 0, sizeof(t->resizes));
	t->epoch = 1;
	t->reseed = false;
	atomic64_set(&t->deferred, 0);
	atomic64_set(&t->suppressed, 0);
}

static int first_array(struct tripmap *t, const struct tripmap_config *cfg, gfp_t gfp)
{
	struct tm_array *a = tm_grow_first(t, cfg->bits, gfp);

	if (!a)
		return -ENOMEM;
	a->epoch = t->epoch;
	if (cfg->seeded)
		memcpy(&a->seed, cfg->seed, sizeof(a->seed));
	else
		tm_seed_random(&a->seed);
	/* Nobody knows the table yet. */
	RCU_INIT_POINTER(t->array, a);
	return 0;
}

/**
 * tripmap_create() - make a table
 * @cfg: what it is to be; copied
 * @gfp: how to allocate, all buckets of the first array included
 *
 * Context: Task; as @gfp allows.
 * Return: the table, ERR_PTR(-EINVAL) for sizes, names or numbers out of range,
 * ERR_PTR(-ENOMEM).
 */
struct tripmap *tripmap_create(const struct tripmap_config *cfg, gfp_t gfp)
{
	struct tripmap *t;
	int err;

	if (!valid(cfg))
		return ERR_PTR(-EINVAL);
	t = dig_table() ?: kmem_cache_zalloc(table_cache, gfp);
	if (!t)
		return ERR_PTR(-ENOMEM);
	table_fields(t, cfg);
	err = first_array(t, cfg, gfp);
	if (err) {
		bury_table(t);
		return ERR_PTR(err);
	}
	atomic_inc(&tables);
	/* From here on the handle is good. Pairs with the acquire in tm_map_usable(). */
	smp_store_release(&t->magic, TM_MAGIC);
	return t;
}
EXPORT_SYMBOL_GPL(tripmap_create);

int tm_table_init(void)
{
	int err = tm_grow_init();

	if (err)
		return err;
	table_cache = kmem_cache_create("tripmap_table", sizeof(struct tripmap),
					__alignof__(struct tripmap), 0, NULL);
	if (table_cache)
		return 0;
	tm_grow_exit();
	return -ENOMEM;
}

void tm_table_exit(void)
{
	struct tripmap *t;

	tm_grow_exit();
	while ((t = dig_table()))
		kmem_cache_free(table_cache, t);
	kmem_cache_destroy(table_cache);
}

u32 tm_table_live(void)
{
	return atomic_read(&tables);
}

u32 tm_table_id(const struct tripmap *t)
{
	return t->id;
}

u16 tm_table_key_size(const struct tripmap *t)
{
	return t->l.key_size;
}

u16 tm_table_value_size(const struct tripmap *t)
{
	return t->l.value_size;
}

/*
 * What a table says of itself
 */

/**
 * tripmap_count() - entries in a table
 * @t: table
 *
 * Context: Any.
 * Return: their number; a moment old where somebody writes.
 */
u64 tripmap_count(struct tripmap *t)
{
	/* Pairs with the WRITE_ONCE() in set_count(). */
	return READ_ONCE(t->count);
}
EXPORT_SYMBOL_GPL(tripmap_count);

/* Of one entry. */
static u64 blobs_bytes(const struct tm_layout *l)
{
	return (l->key_out ? sizeof(struct tm_blob) + l->key_size : 0) +
	       (l->value_out ? sizeof(struct tm_blob) + l->value_size : 0);
}

/* The arrays' side of it. Numbers by the guard's holder, each a moment old. */
static void info_arrays(struct tripmap *t, struct tripmap_info *info)
{
	struct tm_array *a, *old;

	rcu_read_lock();
	a = rcu_dereference(t->array);
	old = tm_read_old(a);
	info->buckets = tm_array_buckets(a);
	info->overflow = READ_ONCE(a->over_used);
	info->memory = READ_ONCE(a->bytes) + info->entries * blobs_bytes(&t->l);
	if (old) {
		info->overflow += READ_ONCE(old->over_used);
		info->resize = a->resize;
		info->resize_done = READ_ONCE(a->moved);
		info->resize_total = tm_array_buckets(old);
		info->memory_old = READ_ONCE(old->bytes);
	}
	rcu_read_unlock();
}

/**
 * tripmap_info() - what a table is at this moment
 * @t: table
 * @info: out
 *
 * The figures are each right at some moment of the call, not all at the same.
 *
 * Context: Any.
 */
void tripmap_info(struct tripmap *t, struct tripmap_info *info)
{
	unsigned int i;

	memset(info, 0, sizeof(*info));
	info->id = t->id;
	info->entries = READ_ONCE(t->count);
	info->epoch = READ_ONCE(t->epoch);
	info->frozen = READ_ONCE(t->frozen);
	info->evacuated = READ_ONCE(t->evacuated);
	info->put_off = READ_ONCE(t->put_off);
	info->suppressed = atomic64_read(&t->suppressed);
	for (i = 0; i <= TRIPMAP_RESIZE_MAX; i++)
		info->resizes[i] = READ_ONCE(t->resizes[i]);
	for (i = 0; i <= TRIPMAP_CLASS_MAX; i++)
		info->violations[i] = atomic64_read(&t->violations[i]);
	info_arrays(t, info);
	info->memory_deferred = atomic64_read(&t->deferred);
	info->memory += info->memory_old + info->memory_deferred;
}
EXPORT_SYMBOL_GPL(tripmap_info);

/**
 * tripmap_set_policy() - what a class of violation is answered by
 * @t: table
 * @class: the class
 * @action: the answer
 *
 * Context: Any.
 * Return: 0, -EINVAL for numbers out of range, -EPERM above the table's
 * max_action.
 */
int tripmap_set_policy(struct tripmap *t, enum tripmap_class class, enum tripmap_action action)
{
	if ((unsigned int)class > TRIPMAP_CLASS_MAX || (unsigned int)action > TRIPMAP_ACTION_MAX)
		return -EINVAL;
	if (action > t->max_action)
		return -EPERM;
	/* Pairs with the READ_ONCE() in file_violation(); orders nothing. */
	WRITE_ONCE(t->policy[class], action);
	return 0;
}
EXPORT_SYMBOL_GPL(tripmap_set_policy);

/**
 * tripmap_get_policy() - what a class of violation is answered by
 * @t: table
 * @class: the class
 *
 * Context: Any.
 * Return: the answer.
 */
enum tripmap_action tripmap_get_policy(struct tripmap *t, enum tripmap_class class)
{
	return READ_ONCE(t->policy[class]);
}
EXPORT_SYMBOL_GPL(tripmap_get_policy);
