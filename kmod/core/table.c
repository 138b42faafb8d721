// SPDX-License-Identifier: GPL-2.0
/*
 * Tables: creation, destruction, and what a table says of itself.
 *
 * A table is dead before it is buried: from then on every use of the handle
 * finds the mark of a destroyed table, in memory that stays a table's. Its
 * shards and arrays go a grace period later.
 *
 * Conventions: t is the table, sh a shard of it.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/instruction_pointer.h>
#include <linux/lockdep.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "mem.h"
#include "read.h"
#include "tell.h"

/*
 * Destroyed tables that are kept before one is used again: so many later ones
 * have to be destroyed before a handle kept too long looks like another table's.
 */
#define KEEP_DEAD	64

/*
 * Destroyed tables. Their memory stays tables' memory until unload, so that a
 * handle kept too long tells that it is one; the one destroyed first is used
 * again first.
 */
static struct {
	spinlock_t	lock;		/* all of this, and changes of live */
	struct tripmap	*first;
	struct tripmap	**last;		/* where the next one is linked */
	unsigned int	n;
} dead = {
	.lock = __SPIN_LOCK_UNLOCKED(dead.lock),
	.last = &dead.first,
};

static LIST_HEAD(live);			/* dead.lock; readers under RCU */
static struct kmem_cache *table_cache;
static atomic_t table_ids = ATOMIC_INIT(0);
static atomic_t tables = ATOMIC_INIT(0);

static void bury_table(struct tripmap *t)
{
	spin_lock(&dead.lock);
	t->next_dead = NULL;
	*dead.last = t;
	dead.last = &t->next_dead;
	dead.n++;
	spin_unlock(&dead.lock);
}

/* The one that has been dead for longest, if more than so many are. */
static struct tripmap *dig_table(unsigned int keep)
{
	struct tripmap *t = NULL;

	spin_lock(&dead.lock);
	if (dead.n > keep) {
		t = dead.first;
		dead.first = t->next_dead;
		if (!dead.first)
			dead.last = &dead.first;
		dead.n--;
	}
	spin_unlock(&dead.lock);
	return t;
}

static void enlist(struct tripmap *t)
{
	spin_lock(&dead.lock);
	list_add_tail_rcu(&t->live, &live);
	spin_unlock(&dead.lock);
}

static void delist(struct tripmap *t)
{
	spin_lock(&dead.lock);
	list_del_rcu(&t->live);
	spin_unlock(&dead.lock);
}

/**
 * tm_table_find() - the first live table of which something holds
 * @is: tells; called in a read section
 * @arg: for @is
 *
 * Context: Any but NMI.
 * Return: false when it holds of none.
 */
bool tm_table_find(bool (*is)(struct tripmap *t, void *arg), void *arg)
{
	struct tripmap *t;
	bool found = false;

	rcu_read_lock();
	list_for_each_entry_rcu(t, &live, live) {
		found = is(t, arg);
		if (found)
			break;
	}
	rcu_read_unlock();
	return found;
}

/*
 * With what is behind its entries, but not of damage: two entries may have one value.
 * Where there are none nothing sleeps, as when a table cannot be made.
 */
static void free_array(struct tripmap *t, const struct tm_shard *sh, struct tm_array *a)
{
	if (!a)
		return;
	if (sh->count && !sh->damaged)
		tm_grow_discard(t, a);
	else
		tm_array_free(a, &t->l);
}

/* All that a shard holds, when nobody looks any more. */
static void free_arrays(struct tripmap *t, struct tm_shard *sh)
{
	struct tm_array *a = rcu_dereference_protected(sh->array, tm_map_usable(t));

	if (!a)
		return;
	free_array(t, sh, rcu_dereference_protected(a->old, tm_map_usable(t)));
	free_array(t, sh, rcu_dereference_protected(a->dirty, tm_map_usable(t)));
	free_array(t, sh, a);
	RCU_INIT_POINTER(sh->array, NULL);
}

static size_t shards_size(const struct tripmap *t)
{
	return tm_map_shards(t) * sizeof(struct tm_shard);
}

static void free_shards(struct tripmap *t)
{
	unsigned int i;

	for (i = 0; i < tm_map_shards(t); i++)
		free_arrays(t, &t->shard[i]);
	if (t->shard != &t->first)
		tm_mem_free(t->shard, shards_size(t));
	free_percpu(t->split.hits);
	t->split.hits = NULL;
}

/**
 * tm_table_end() - end the use of a table, the first of three steps to destroy it
 * @t: table
 * @call: the call
 *
 * Who writes at this moment is a violation, and the table stays.
 *
 * Context: Task, may sleep.
 * Return: 0, -EBUSY for a violation, -ESTALE, -EINVAL.
 */
int tm_table_end(struct tripmap *t, struct tm_call *call)
{
	int err = tm_write_destroy(t, call);

	if (err)
		return err;
	delist(t);
	tm_inject_end(t);
	tripmap_set_hook(t, NULL, NULL);
	return 0;
}

/**
 * tm_table_wait() - wait for who still reads ended tables; the second step
 *
 * Once for all that were ended before: it takes two grace periods.
 *
 * Context: Task, may sleep.
 */
void tm_table_wait(void)
{
	synchronize_rcu();
	tm_grow_flush();
}

/**
 * tm_table_free() - free what an ended table held; the third step
 * @t: table
 * @caller: call site, for the recorder
 *
 * Context: Task, may sleep.
 */
void tm_table_free(struct tripmap *t, unsigned long caller)
{
	free_shards(t);
	tm_tell_table(t, TRIPMAP_EVENT_TABLE_DEL, caller);
	bury_table(t);
	atomic_dec(&tables);
}

/**
 * tm_table_destroy() - destroy a table
 * @t: table
 * @call: the call
 *
 * Who reads at this moment is waited for.
 *
 * Context: Task, may sleep.
 * Return: As of tm_table_end().
 */
int tm_table_destroy(struct tripmap *t, struct tm_call *call)
{
	int err = tm_table_end(t, call);

	if (err)
		return err;
	tm_table_wait();
	tm_table_free(t, call->caller);
	return 0;
}

/*
 * Creation
 */

/* The promises of other contracts are about the table as a whole. */
static bool valid_shards(const struct tripmap_config *cfg)
{
	if (cfg->shards <= 1)
		return true;
	return cfg->contract == TRIPMAP_CONTRACT_SHARED && is_power_of_2(cfg->shards) &&
	       cfg->shards <= TRIPMAP_SHARDS_MAX;
}

static_assert(TRIPMAP_COPY_SIZE == TM_INLINE_MAX);

/* What is about the whole table is not cut in parts. */
static bool valid_sync(const struct tripmap_config *cfg)
{
	switch (cfg->sync) {
	case TRIPMAP_SYNC_NONE:
		return true;
	case TRIPMAP_SYNC_SHARDED:
		return cfg->contract == TRIPMAP_CONTRACT_SHARED;
	case TRIPMAP_SYNC_RWLOCK:
		return cfg->contract == TRIPMAP_CONTRACT_SHARED && cfg->shards <= 1;
	case TRIPMAP_SYNC_SNAPSHOT:
	case TRIPMAP_SYNC_SPLIT:
		return cfg->contract == TRIPMAP_CONTRACT_SHARED && cfg->shards <= 1 &&
		       cfg->max_entries <= TRIPMAP_COPY_MAX &&
		       cfg->bits <= TRIPMAP_COPY_BITS &&
		       cfg->key_size <= TM_INLINE_MAX && cfg->value_size <= TM_INLINE_MAX;
	default:
		return false;
	}
}

static enum tripmap_sync sync_for(const struct tripmap_config *cfg)
{
	if (cfg->sync == TRIPMAP_SYNC_NONE && cfg->contract == TRIPMAP_CONTRACT_SHARED)
		return TRIPMAP_SYNC_SHARDED;
	return cfg->sync;
}

static enum tm_reads reads_for(const struct tripmap_config *cfg)
{
	if (cfg->contract == TRIPMAP_CONTRACT_EXCLUSIVE)
		return TM_READS_EXCLUSIVE;
	if (cfg->sync == TRIPMAP_SYNC_SPLIT)
		return TM_READS_SPLIT;
	return cfg->sync == TRIPMAP_SYNC_RWLOCK ? TM_READS_LOCKED : TM_READS_FREE;
}

static u8 shard_bits_for(const struct tripmap_config *cfg)
{
	return cfg->shards > 1 ? ilog2(cfg->shards) : 0;
}

/**
 * tm_table_bits_max() - how many buckets such a table can have
 * @cfg: what it is to be; its sizes and shards are in range
 *
 * Context: Any.
 * Return: log2 of their number, in all shards.
 */
u8 tm_table_bits_max(const struct tripmap_config *cfg)
{
	struct tm_layout l;

	tm_layout_init(&l, cfg->key_size, cfg->value_size);
	return min_t(u8, l.bits_max + shard_bits_for(cfg), TRIPMAP_BITS_MAX);
}

static bool valid(const struct tripmap_config *cfg)
{
	unsigned int i;

	for (i = 0; i <= TRIPMAP_CLASS_MAX; i++)
		if (cfg->policy[i] > TRIPMAP_ACTION_MAX)
			return false;
	return cfg->key_size >= 1 && cfg->key_size <= TRIPMAP_KEY_MAX &&
	       cfg->value_size <= TRIPMAP_VALUE_MAX &&
	       cfg->contract <= TRIPMAP_CONTRACT_MAX && cfg->hash <= TRIPMAP_HASH_MAX &&
	       cfg->max_action <= TRIPMAP_ACTION_MAX && valid_shards(cfg) && valid_sync(cfg) &&
	       cfg->bits <= tm_table_bits_max(cfg) && cfg->name && *cfg->name;
}

/* The code that suffices for most lookups, given what the table is like. */
static enum tm_fast fast_for(const struct tripmap *t)
{
	bool mix = t->hash == TRIPMAP_HASH_MIX;

	if (t->reads != TM_READS_FREE || t->shard_bits)
		return TM_FAST_NONE;
	switch (t->l.key_size) {
	case 4:
		return mix ? TM_FAST_MIX_4 : TM_FAST_SIPHASH_4;
	case 8:
		return mix ? TM_FAST_MIX_8 : TM_FAST_SIPHASH_8;
	case 16:
		return mix ? TM_FAST_MIX_16 : TM_FAST_SIPHASH_16;
	default:
		return TM_FAST_NONE;
	}
}

/* Of each shard's array. */
static u8 bits_for(const struct tripmap_config *cfg)
{
	return cfg->bits - min(cfg->bits, shard_bits_for(cfg));
}

/**
 * tm_table_bytes() - what a new table holds
 * @cfg: what it is to be; its sizes and numbers are in range
 *
 * Context: Any.
 * Return: bytes, as tripmap_info() counts them.
 */
u64 tm_table_bytes(const struct tripmap_config *cfg)
{
	u8 shard_bits = shard_bits_for(cfg);
	struct tm_layout l;

	tm_layout_init(&l, cfg->key_size, cfg->value_size);
	return (tm_array_bytes(&l, bits_for(cfg)) << shard_bits) +
	       (shard_bits ? tm_mem_size(sizeof(struct tm_shard) << shard_bits) : 0);
}

/* The memory of tables is used again, and never for anything else; see the top. */
static struct tripmap *first_table(gfp_t gfp)
{
	struct tripmap *t = kmem_cache_zalloc(table_cache, gfp);

	if (t)
		mutex_init(&t->repairing);
	return t;
}

/* The first guard is left as it is: its generation goes on. */
static void table_fields(struct tripmap *t, const struct tripmap_config *cfg)
{
	unsigned int i;

	t->id = atomic_inc_return(&table_ids);
	tm_layout_init(&t->l, cfg->key_size, cfg->value_size);
	t->contract = cfg->contract;
	t->sync = sync_for(cfg);
	t->reads = reads_for(cfg);
	t->hash = cfg->hash;
	t->min_bits = bits_for(cfg);
	t->max_action = cfg->max_action;
	t->seeded = cfg->seeded;
	atomic_set(&t->frozen, 0);
	t->max_entries = cfg->max_entries;
	if (cfg->sync >= TRIPMAP_SYNC_SNAPSHOT && !cfg->max_entries)
		t->max_entries = TRIPMAP_COPY_MAX;
	/* More than that no table has. */
	atomic64_set(&t->left, min_t(u64, cfg->max_entries, S64_MAX));
	t->owner = cfg->owner;
	strscpy(t->name, cfg->name, sizeof(t->name));
	tm_rule_init(t, cfg);
	for (i = 0; i <= TRIPMAP_CLASS_MAX; i++)
		atomic64_set(&t->violations[i], 0);
	tm_mark_clear(&t->destroyed);
	t->hook = NULL;
	atomic_set(&t->hook_users, 0);
	t->put_off = 0;
	atomic64_set(&t->deferred, 0);
	atomic64_set(&t->deferred_total, 0);
	atomic64_set(&t->piled, 0);
	atomic64_set(&t->suppressed, 0);
}

static void shard_fields(struct tripmap *t, struct tm_shard *sh)
{
	sh->t = t;
	raw_spin_lock_init(&sh->lock);
	atomic_set(&sh->readers, 0);
	sh->reseed = false;
	sh->damaged = false;
	sh->epoch = 1;
	sh->count = 0;
	sh->quota = 0;
	sh->evacuated = 0;
	memset(sh->resizes, 0, sizeof(sh->resizes));
	sh->stale = 0;
	/* Nobody knows the table yet. */
	RCU_INIT_POINTER(sh->array, NULL);
}

static int first_array(struct tripmap *t, struct tm_shard *sh, const struct tm_seed *seed,
		       gfp_t gfp)
{
	struct tm_array *a = tm_grow_first(t, t->min_bits, gfp);

	if (!a)
		return -ENOMEM;
	a->epoch = sh->epoch;
	a->seed = *seed;
	/* Nobody knows the table yet. */
	RCU_INIT_POINTER(sh->array, a);
	return 0;
}

static void next_seed(struct tripmap *t, struct tm_seed *seed)
{
	if (t->seeded)
		tm_seed_next(seed);
	else
		tm_seed_random(seed);
}

/* The given seed is the first shard's. */
static int make_shards(struct tripmap *t, const struct tripmap_config *cfg, gfp_t gfp)
{
	struct tm_shard *many;
	struct tm_seed seed;
	unsigned int i;
	int err = 0;

	t->shard = &t->first;
	t->shard_bits = 0;
	t->split = (struct tm_split){};
	if (cfg->sync == TRIPMAP_SYNC_SPLIT) {
		t->split.hits = alloc_percpu_gfp(u64, gfp | __GFP_ACCOUNT);
		if (!t->split.hits)
			return -ENOMEM;
	}
	if (cfg->shards > 1) {
		many = tm_mem_alloc(cfg->shards * sizeof(*many), gfp);
		if (!many)
			return -ENOMEM;
		t->shard = many;
		t->shard_bits = shard_bits_for(cfg);
	}
	memcpy(&seed, cfg->seed, sizeof(seed));
	if (!cfg->seeded)
		tm_seed_random(&seed);
	for (i = 0; i < tm_map_shards(t); i++)
		shard_fields(t, &t->shard[i]);
	for (i = 0; !err && i < tm_map_shards(t); i++) {
		err = first_array(t, &t->shard[i], &seed, gfp);
		next_seed(t, &seed);
	}
	t->shard_seed = seed;
	memzero_explicit(&seed, sizeof(seed));
	return err;
}

static void follow(struct tripmap *t, struct tripmap_lock_class *class)
{
	unsigned int i;

	for (i = 0; i < tm_map_shards(t); i++) {
		tm_guard_follow(&t->shard[i].guard, class ? &class->guard : NULL);
		if (class)
			lockdep_set_class(&t->shard[i].lock, &class->lock);
	}
}

/**
 * tripmap_create_class() - make a table
 * @cfg: what it is to be; copied
 * @gfp: how to allocate, all buckets of the first array included
 * @class: for lockdep; static. tripmap_create() brings one for each place that
 *	it stands at. NULL: lockdep has nothing to say of the table's use
 *
 * Context: Task; as @gfp allows.
 * Return: the table, ERR_PTR(-EINVAL) for sizes, names or numbers out of range,
 * ERR_PTR(-ENOMEM).
 */
struct tripmap *tripmap_create_class(const struct tripmap_config *cfg, gfp_t gfp,
				     struct tripmap_lock_class *class)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_OWN, _RET_IP_, gfp);
	struct tripmap *t;
	int err;

	if (!valid(cfg))
		return ERR_PTR(-EINVAL);
	t = dig_table(KEEP_DEAD) ?: first_table(gfp);
	if (!t)
		return ERR_PTR(-ENOMEM);
	table_fields(t, cfg);
	err = make_shards(t, cfg, gfp);
	if (err) {
		free_shards(t);
		bury_table(t);
		return ERR_PTR(err);
	}
	follow(t, class);
	t->self = tm_mark_self(&call);
	tm_mark_me(&t->owned, &call);
	atomic_inc(&tables);
	enlist(t);
	/* From here on the handle is good. Pairs with the acquire in tm_map_usable(). */
	smp_store_release(&t->state, TM_STATE(TM_MAGIC, fast_for(t)));
	tm_tell_table(t, TRIPMAP_EVENT_TABLE_NEW, call.caller);
	return t;
}
EXPORT_SYMBOL_GPL(tripmap_create_class);

/**
 * tm_table_own() - become the owner of a table
 * @t: table
 * @call: the call; whoever makes it is the owner from now on
 *
 * Writes under way by the owner of before go on.
 *
 * Context: Task.
 * Return: 0, -EINVAL, -ESTALE.
 */
int tm_table_own(struct tripmap *t, struct tm_call *call)
{
	int err = IS_ERR_OR_NULL(t) ? -EINVAL : tm_map_usable(t);

	if (err)
		return tm_violation_unusable(t, call, err);
	tm_mark_me(&t->owned, call);
	/* Pairs with the READ_ONCE() in check_owner(); orders nothing. */
	WRITE_ONCE(t->self, tm_mark_self(call));
	return 0;
}

int tm_table_init(void)
{
	int err = tm_grow_init();

	if (err)
		return err;
	tm_tell_init();
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
	while ((t = dig_table(0)))
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
	u64 count = 0;
	unsigned int i;

	rcu_read_lock();
	/* Pairs with the WRITE_ONCE() in set_count(). */
	for (i = 0; !tm_map_usable(t) && i < tm_map_shards(t); i++)
		count += READ_ONCE(t->shard[i].count);
	rcu_read_unlock();
	return count;
}
EXPORT_SYMBOL_GPL(tripmap_count);

/* A resize is under way: how far is it? */
static void info_resize(struct tm_array *a, struct tm_array *old, struct tripmap_info *info)
{
	info->overflow += READ_ONCE(old->over_used);
	info->resize = a->resize;
	info->resize_done += READ_ONCE(a->moved);
	info->resize_total += tm_array_buckets(old);
	info->memory_old += READ_ONCE(old->bytes);
}

/* Numbers by the guard's holder, each a moment old. In a read section. */
static void info_shard(struct tm_shard *sh, struct tripmap_info *info)
{
	struct tm_array *array = rcu_dereference(sh->array), *a = tm_read_all(array);
	struct tm_array *old = tm_read_old(a);
	unsigned int i;

	info->entries += READ_ONCE(sh->count);
	info->evacuated += READ_ONCE(sh->evacuated);
	info->epoch = max(info->epoch, READ_ONCE(sh->epoch));
	info->buckets += tm_array_buckets(a);
	info->overflow += READ_ONCE(a->over_used);
	info->memory += READ_ONCE(a->bytes) + (a == array ? 0 : READ_ONCE(array->bytes));
	for (i = 0; i <= TRIPMAP_RESIZE_MAX; i++)
		info->resizes[i] += READ_ONCE(sh->resizes[i]);
	if (old)
		info_resize(a, old, info);
}

static void info_shards(struct tripmap *t, struct tripmap_info *info)
{
	unsigned int i;

	rcu_read_lock();
	for (i = 0; !tm_map_usable(t) && i < tm_map_shards(t); i++)
		info_shard(&t->shard[i], info);
	if (t->sync == TRIPMAP_SYNC_SPLIT && !tm_map_usable(t))
		tm_split_info(t, info);
	if (t->shard != &t->first)
		info->memory += tm_mem_size(shards_size(t));
	rcu_read_unlock();
}

/**
 * tripmap_info() - what a table is at this moment
 * @t: table
 * @info: out
 *
 * The figures are each right at some moment of the call, not all at the same.
 * Of a table of many shards they are sums; the resize named is one of theirs.
 *
 * Context: Any.
 */
void tripmap_info(struct tripmap *t, struct tripmap_info *info)
{
	struct tm_mark owned;
	unsigned int i;

	memset(info, 0, sizeof(*info));
	tm_mark_get(&t->owned, &owned);
	info->id = t->id;
	info->owner_pid = owned.pid;
	info->shards = tm_map_shards(t);
	info->frozen = atomic_read(&t->frozen);
	info->put_off = READ_ONCE(t->put_off);
	info->suppressed = atomic64_read(&t->suppressed);
	for (i = 0; i <= TRIPMAP_CLASS_MAX; i++)
		info->violations[i] = atomic64_read(&t->violations[i]);
	info_shards(t, info);
	info->memory_deferred = atomic64_read(&t->deferred);
	info->deferred_total = atomic64_read(&t->deferred_total);
	info->memory += info->memory_old + info->memory_deferred +
			info->entries * tm_blobs_bytes(&t->l);
}
EXPORT_SYMBOL_GPL(tripmap_info);
