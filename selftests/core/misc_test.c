// SPDX-License-Identifier: GPL-2.0
/* Limits, freezing, handles that are none, policies, configurations. */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../../kmod/core/invariant.h"
#include "../../kmod/core/map.h"
#include "env.h"
#include "model.h"
#include "test.h"

#define UNIVERSE	1000

static bool begin(struct model *m, const struct tripmap_config *cfg)
{
	return model_init(m, cfg, UNIVERSE, tm_env_seed());
}

static int create(const struct tripmap_config *cfg)
{
	struct tripmap *t = tripmap_create(cfg, GFP_KERNEL);

	if (IS_ERR(t))
		return PTR_ERR(t);
	return tripmap_destroy(t);
}

TM_TEST(configurations)
{
	struct tripmap_config good = model_config(8, 8), cfg = good;

	TM_EXPECT_EQ(create(&cfg), 0);
	cfg.key_size = 0;
	TM_EXPECT_EQ(create(&cfg), -EINVAL);
	cfg.key_size = TRIPMAP_KEY_MAX + 1;
	TM_EXPECT_EQ(create(&cfg), -EINVAL);
	cfg = good;
	cfg.value_size = TRIPMAP_VALUE_MAX + 1;
	TM_EXPECT_EQ(create(&cfg), -EINVAL);
	cfg = good;
	cfg.bits = TRIPMAP_BITS_MAX + 1;
	TM_EXPECT_EQ(create(&cfg), -EINVAL);
	cfg = good;
	cfg.contract = TRIPMAP_CONTRACT_MAX + 1;
	TM_EXPECT_EQ(create(&cfg), -EINVAL);
	cfg = good;
	cfg.hash = TRIPMAP_HASH_MAX + 1;
	TM_EXPECT_EQ(create(&cfg), -EINVAL);
	cfg = good;
	cfg.policy[TRIPMAP_CLASS_MAX] = TRIPMAP_ACTION_MAX + 1;
	TM_EXPECT_EQ(create(&cfg), -EINVAL);
	cfg = good;
	cfg.name = "";
	TM_EXPECT_EQ(create(&cfg), -EINVAL);
	cfg.name = NULL;
	TM_EXPECT_EQ(create(&cfg), -EINVAL);
}

/* As many buckets as there are segments for, whatever the size of entries. */
TM_TEST(most_buckets)
{
	static const struct {
		u16 key, value;
		u8 bits;
	} sizes[] = {
		{ 4, 0, 28 }, { 4, 4, 28 }, { 8, 8, 27 }, { 8, 16, 26 }, { 16, 16, 26 },
		{ 128, 128, 23 }, { 256, 4096, 27 },
	};
	struct tripmap_config cfg;
	struct tm_layout l;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		cfg = model_config(sizes[i].key, sizes[i].value);
		tm_layout_init(&l, cfg.key_size, cfg.value_size);
		TM_EXPECT_EQ(l.bits_max, sizes[i].bits);
		TM_EXPECT(tm_seg_bytes(&l, tm_array_seg_bits(&l, l.bits_max)) <= 8 << 20);
		cfg.bits = l.bits_max + 1;
		TM_EXPECT_EQ(create(&cfg), -EINVAL);
		cfg.contract = TRIPMAP_CONTRACT_SHARED;
		cfg.shards = TRIPMAP_SHARDS_MAX;
		TM_EXPECT_EQ(tm_table_bits_max(&cfg), 28);
	}
}

/* A table that cannot grow beyond so many buckets, with all of UNIVERSE that it takes. */
static struct tripmap *full_table(u8 bits_max, u64 *taken)
{
	struct tripmap_config cfg = model_config(8, 8);
	struct tripmap *t = tripmap_create(&cfg, GFP_KERNEL);
	struct tripmap_info info;
	int err;
	u64 key;

	if (!TM_EXPECT(!IS_ERR(t)))
		return NULL;
	t->l.bits_max = bits_max;
	TM_EXPECT_EQ(tripmap_resize_hint(t, UNIVERSE, GFP_KERNEL), 0);
	for (key = 0; key < UNIVERSE; key++) {
		err = tripmap_insert(t, &key, &key, GFP_KERNEL);
		TM_EXPECT(!err || err == -ENOSPC);
	}
	tripmap_info(t, &info);
	TM_EXPECT_EQ(info.buckets, 1 << bits_max);
	TM_EXPECT_EQ(info.resize, TRIPMAP_RESIZE_NONE);
	TM_EXPECT_EQ(info.put_off, 0);
	TM_EXPECT_STREQ(tm_invariant_check(t) ?: "", "");
	*taken = info.entries;
	return t;
}

/* One that is as large as it can be goes on taking entries, and still shrinks. */
TM_TEST(as_large_as_can_be)
{
	struct tripmap_info info;
	u64 key, taken, n = 0;
	struct tripmap *t = full_table(4, &taken);

	if (!t)
		return;
	TM_EXPECT(taken > 16 * 10 && taken < UNIVERSE);
	for (key = 0; key < UNIVERSE; key++)
		n += !tripmap_delete(t, &key, GFP_KERNEL);
	TM_EXPECT_EQ(n, taken);
	tripmap_info(t, &info);
	TM_EXPECT_EQ(info.entries, 0);
	TM_EXPECT(info.resizes[TRIPMAP_RESIZE_SHRINK] > 0);
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
}

/* With no overflow bucket left, and none too many, chains are packed anew all the same. */
TM_TEST(full_and_repacked)
{
	struct tripmap_info info;
	u64 key = 0, taken, n;
	struct tripmap *t = full_table(2, &taken);

	if (!t)
		return;
	tripmap_info(t, &info);
	TM_EXPECT_EQ(taken, 8 * (info.buckets + info.overflow));
	/* The first one was taken, and so was the second. */
	TM_EXPECT_EQ(tripmap_delete(t, &key, GFP_KERNEL), 0);
	key++;
	for (n = 0; n < 4; n++)
		TM_EXPECT_EQ(tripmap_replace(t, &key, &key, GFP_KERNEL), 0);
	tripmap_info(t, &info);
	TM_EXPECT_EQ(info.resizes[TRIPMAP_RESIZE_SAME_SIZE], 1);
	TM_EXPECT_EQ(info.resize, TRIPMAP_RESIZE_NONE);
	TM_EXPECT_STREQ(tm_invariant_check(t) ?: "", "");
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
}

TM_TEST(max_entries)
{
	struct tripmap_config cfg = model_config(8, 8);
	struct model m;
	u32 i;

	cfg.max_entries = 100;
	if (!begin(&m, &cfg))
		return;
	for (i = 0; i < 110; i++)
		model_do(&m, TRIPMAP_OP_STORE, i, 0);
	TM_EXPECT_EQ(m.count, 100);
	TM_EXPECT_EQ(model_do(&m, TRIPMAP_OP_INSERT, 105, 0), -ENOSPC);
	TM_EXPECT_EQ(model_do(&m, TRIPMAP_OP_STORE, 5, 0), 0);	/* there already */
	TM_EXPECT_EQ(model_do(&m, TRIPMAP_OP_REPLACE, 5, 0), 0);
	TM_EXPECT_EQ(model_do(&m, TRIPMAP_OP_DELETE, 5, 0), 0);
	TM_EXPECT_EQ(model_do(&m, TRIPMAP_OP_STORE, 105, 0), 0);
	model_check(&m);
	model_exit(&m);
}

/* A frozen table refuses all that would change it, and loses nothing. */
TM_TEST(freeze)
{
	static const enum tripmap_op refused[] = {
		TRIPMAP_OP_STORE, TRIPMAP_OP_INSERT, TRIPMAP_OP_REPLACE, TRIPMAP_OP_DELETE,
		TRIPMAP_OP_TAKE, TRIPMAP_OP_RESIZE, TRIPMAP_OP_CLEAR,
	};
	struct tripmap_config cfg = model_config(8, 8);
	struct tripmap_info info;
	struct model m;
	u32 i;

	if (!begin(&m, &cfg))
		return;
	for (i = 0; i < 50; i++)
		model_do(&m, TRIPMAP_OP_STORE, i, 0);
	TM_EXPECT_EQ(tripmap_freeze(m.t), 0);
	tripmap_info(m.t, &info);
	TM_EXPECT(info.frozen);
	m.frozen = true;
	for (i = 0; i < ARRAY_SIZE(refused); i++)
		TM_EXPECT_EQ(model_do(&m, refused[i], i, 5000), -EROFS);
	TM_EXPECT_EQ(model_swap(&m, 7, m.value[7]), -EROFS);
	m.frozen = false;
	model_check_keys(&m);
	model_check_walk(&m);
	TM_EXPECT_EQ(tripmap_unfreeze(m.t), 0);
	tripmap_info(m.t, &info);
	TM_EXPECT(!info.frozen);
	TM_EXPECT_EQ(model_do(&m, TRIPMAP_OP_DELETE, 3, 0), 0);
	model_check(&m);
	TM_EXPECT_EQ(tripmap_freeze(m.t), 0);
	model_exit(&m);		/* destroying a frozen table is fine */
}

/* Each call through t gives what: 0 stands for silence where nothing is found. */
static void check_handle(struct tripmap *t, int write, int lookup)
{
	unsigned long found = ~0UL;
	struct tripmap_iter *it;
	u64 key = 1, value = 2;

	TM_EXPECT_EQ(tripmap_store(t, &key, &value, GFP_KERNEL), write);
	TM_EXPECT_EQ(tripmap_insert(t, &key, &value, GFP_KERNEL), write);
	TM_EXPECT_EQ(tripmap_replace(t, &key, &value, GFP_KERNEL), write);
	TM_EXPECT_EQ(tripmap_compare_swap(t, &key, &value, &value, GFP_KERNEL), write);
	TM_EXPECT_EQ(tripmap_delete(t, &key, GFP_KERNEL), write);
	TM_EXPECT_EQ(tripmap_take(t, &key, &value, GFP_KERNEL), write);
	TM_EXPECT_EQ(tripmap_clear(t, GFP_KERNEL), write);
	TM_EXPECT_EQ(tripmap_resize_hint(t, 100, GFP_KERNEL), write);
	TM_EXPECT_EQ(tripmap_freeze(t), write);
	TM_EXPECT_EQ(tripmap_unfreeze(t), write);
	TM_EXPECT_EQ(tripmap_destroy(t), write);
	TM_EXPECT_EQ(tripmap_lookup(t, &key, &value), lookup);
	TM_EXPECT(!tripmap_contains(t, &key));
	TM_EXPECT_EQ(tripmap_lookup_many(t, 1, &key, &value, &found),
		     lookup == -ENOENT ? 0 : lookup);
	TM_EXPECT_EQ(found & 1, 0);
	it = tripmap_iter_open(t, GFP_KERNEL);
	if (TM_EXPECT(IS_ERR(it)))
		TM_EXPECT_EQ(PTR_ERR(it), write);
	else
		tripmap_iter_close(it);
}

TM_TEST(handle_null)
{
	check_handle(NULL, -EINVAL, -ENOENT);
}

TM_TEST(handle_error)
{
	check_handle(ERR_PTR(-ENOMEM), -EINVAL, -ENOENT);
}

/* At once, and after everything deferred has been freed. */
TM_TEST(handle_destroyed)
{
	struct tripmap_config cfg = model_config(8, 8);
	struct tripmap *t = tripmap_create(&cfg, GFP_KERNEL);

	if (!TM_EXPECT(!IS_ERR(t)))
		return;
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
	check_handle(t, -ESTALE, -ESTALE);
	tm_env_settle();
	check_handle(t, -ESTALE, -ESTALE);
}

static enum tripmap_action action_of(struct tripmap *t, enum tripmap_class class)
{
	struct tripmap_rule rule;

	tripmap_get_rule(t, class, &rule);
	return rule.action;
}

TM_TEST(policies)
{
	struct tripmap_config cfg = model_config(8, 8);
	struct tripmap *t;

	cfg.max_action = TRIPMAP_ACTION_REPORT;
	memset(cfg.policy, TRIPMAP_ACTION_BUG, sizeof(cfg.policy));
	t = tripmap_create(&cfg, GFP_KERNEL);
	if (!TM_EXPECT(!IS_ERR(t)))
		return;
	/* Never more than max_action, from the beginning and later. */
	TM_EXPECT_EQ(action_of(t, 0), TRIPMAP_ACTION_REPORT);
	TM_EXPECT_EQ(tripmap_set_policy(t, 0, TRIPMAP_ACTION_WARN), -EPERM);
	TM_EXPECT_EQ(tripmap_set_policy(t, 0, TRIPMAP_ACTION_COUNT), 0);
	TM_EXPECT_EQ(action_of(t, 0), TRIPMAP_ACTION_COUNT);
	TM_EXPECT_EQ(action_of(t, 1), TRIPMAP_ACTION_REPORT);
	TM_EXPECT_EQ(tripmap_set_policy(t, TRIPMAP_CLASS_MAX + 1, 0), -EINVAL);
	TM_EXPECT_EQ(tripmap_set_policy(t, 0, TRIPMAP_ACTION_MAX + 1), -EINVAL);
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
}

/* The same seed makes the same table: its walk has the same order. */
TM_TEST(seeded_replays)
{
	struct tripmap_config cfg = model_config(8, 8);
	struct tripmap_iter *x, *y;
	struct model a, b;
	u64 key_a, key_b;
	u32 i;

	cfg.seeded = true;
	cfg.seed[5] = 77;
	begin(&a, &cfg);
	begin(&b, &cfg);
	for (i = 0; i < 300; i++) {
		model_do(&a, TRIPMAP_OP_STORE, i, 0);
		model_do(&b, TRIPMAP_OP_STORE, 299 - i, 0);
	}
	x = tripmap_iter_open(a.t, GFP_KERNEL);
	y = tripmap_iter_open(b.t, GFP_KERNEL);
	for (i = 0; i < 300; i++) {
		TM_EXPECT_EQ(tripmap_iter_next(x, &key_a, NULL), 1);
		TM_EXPECT_EQ(tripmap_iter_next(y, &key_b, NULL), 1);
		TM_EXPECT_EQ(key_a, key_b);
	}
	tripmap_iter_close(x);
	tripmap_iter_close(y);
	model_exit(&a);
	model_exit(&b);
}

/* Memory that a table says it holds is what it does hold, and all of it goes. */
TM_TEST(memory)
{
	struct tripmap_config cfg = model_config(8, 500);
	struct tripmap_info empty, full, cleared;
	long live = model_live_allocs();
	struct model m;
	u32 i;

	if (!begin(&m, &cfg))
		return;
	tripmap_info(m.t, &empty);
	for (i = 0; i < UNIVERSE; i++)
		model_do(&m, TRIPMAP_OP_STORE, i, 0);
	tripmap_info(m.t, &full);
	TM_EXPECT_EQ(full.entries, UNIVERSE);
	TM_EXPECT(full.buckets >= UNIVERSE / 8);
	TM_EXPECT(full.memory > UNIVERSE * 516);
	TM_EXPECT(full.resizes[TRIPMAP_RESIZE_GROW] > 3);
	model_do(&m, TRIPMAP_OP_CLEAR, 0, 0);
	tm_env_settle();
	tripmap_info(m.t, &cleared);
	TM_EXPECT_EQ(cleared.memory_deferred, 0);
	TM_EXPECT_EQ(cleared.memory, empty.memory);
	TM_EXPECT(cleared.epoch > full.epoch);
	model_exit(&m);
	TM_EXPECT_EQ(model_live_allocs(), live);
}

#define LARGE	(65ULL << 20)	/* more than may wait for a grace period */

/* In a read section: the table's array counts as a large one. */
static void make_large(struct tripmap *t)
{
	rcu_dereference(t->shard->array)->bytes += LARGE;
}

static u64 deferred(struct tripmap *t)
{
	struct tripmap_info info;

	tripmap_info(t, &info);
	return info.memory_deferred;
}

/* Writes that leave no memory behind, while much waits for a grace period. */
static void check_unhindered(struct model *m)
{
	m->gfp = GFP_ATOMIC;
	TM_EXPECT(deferred(m->t) > LARGE);
	model_do(m, TRIPMAP_OP_STORE, 0, 0);
	model_do(m, TRIPMAP_OP_REPLACE, 0, 0);
	model_swap(m, 0, m->value[0]);
	model_do(m, TRIPMAP_OP_INSERT, UNIVERSE - 1, 0);
	model_do(m, TRIPMAP_OP_DELETE, UNIVERSE - 1, 0);
	model_do(m, TRIPMAP_OP_TAKE, 0, 0);
	TM_EXPECT_EQ(tripmap_freeze(m->t), 0);
	TM_EXPECT_EQ(tripmap_unfreeze(m->t), 0);
	m->gfp = GFP_KERNEL;
}

static void grow_large(u16 value_size)
{
	struct tripmap_config cfg = model_config(8, value_size);
	struct model m;
	u32 i;

	if (!begin(&m, &cfg))
		return;
	for (i = 0; i < 26; i++)
		model_do(&m, TRIPMAP_OP_STORE, i, 0);
	rcu_read_lock();
	make_large(m.t);
	m.gfp = GFP_ATOMIC;
	for (; i < 100 && deferred(m.t) < LARGE; i++)
		model_do(&m, TRIPMAP_OP_STORE, i, 0);
	check_unhindered(&m);
	rcu_read_unlock();
	tm_env_settle();
	TM_EXPECT_EQ(deferred(m.t), 0);
	model_check(&m);
	model_exit(&m);
}

/* What a large table's growth gives up keeps nobody from writing, */
TM_TEST(deferred_by_resize)
{
	grow_large(8);
	grow_large(200);
}

/* nor does what clearing it gives up, where writes leave nothing behind. */
TM_TEST(deferred_by_clear)
{
	struct tripmap_config cfg = model_config(8, 8);
	struct model m;

	if (!begin(&m, &cfg))
		return;
	rcu_read_lock();
	make_large(m.t);
	m.gfp = GFP_ATOMIC;
	model_do(&m, TRIPMAP_OP_CLEAR, 0, 0);
	check_unhindered(&m);
	/* It leaves more. */
	TM_EXPECT_EQ(tripmap_clear(m.t, GFP_ATOMIC), -ENOMEM);
	rcu_read_unlock();
	tm_env_settle();
	TM_EXPECT_EQ(tripmap_clear(m.t, GFP_ATOMIC), 0);
	model_exit(&m);
}

static const enum tripmap_op changes[] = {
	TRIPMAP_OP_INSERT, TRIPMAP_OP_STORE, TRIPMAP_OP_REPLACE, TRIPMAP_OP_TAKE,
};

/* Whole, or amid growth: the table holds as much after it was emptied, and a bit more. */
static void clear_counted(u32 entries)
{
	struct tripmap_config cfg = model_config(200, 500);
	struct tripmap_info full, cleared;
	struct model m;
	u32 i;

	if (!begin(&m, &cfg))
		return;
	for (i = 0; i < entries; i++)
		model_do(&m, TRIPMAP_OP_STORE, i, 0);
	tm_env_settle();
	tripmap_info(m.t, &full);
	TM_EXPECT(full.memory > entries * 700);
	rcu_read_lock();
	m.gfp = GFP_ATOMIC;
	model_do(&m, TRIPMAP_OP_CLEAR, 0, 0);
	tripmap_info(m.t, &cleared);
	rcu_read_unlock();
	TM_EXPECT_EQ(cleared.memory_deferred, full.memory);
	TM_EXPECT_EQ(cleared.deferred_total - full.deferred_total, full.memory);
	tm_env_settle();
	TM_EXPECT_EQ(deferred(m.t), 0);
	model_exit(&m);
}

TM_TEST(clear_defers)
{
	clear_counted(300);
	/* 26 fill 4 buckets. */
	clear_counted(27);
}

/* Under sync, with values of that size: changes of which the bit in refused is set. */
static void check_refused(enum tripmap_sync sync, u16 value_size, unsigned int refused)
{
	struct tripmap_config cfg = model_config(8, value_size);
	struct model m;
	unsigned int i;

	cfg.contract = sync ? TRIPMAP_CONTRACT_SHARED : TRIPMAP_CONTRACT_SINGLE_WRITER;
	cfg.sync = sync;
	if (!begin(&m, &cfg))
		return;
	model_do(&m, TRIPMAP_OP_STORE, 1, 0);
	model_check_keys(&m);	/* sync split: from now on it is where nobody locks */
	tm_map_defer(m.t, LARGE, false);
	m.gfp = GFP_ATOMIC;
	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		m.may_fail = refused & 1U << i;
		TM_EXPECT_EQ(model_do(&m, changes[i], !!i, 0), m.may_fail ? -ENOMEM : 0);
	}
	TM_EXPECT_EQ(tripmap_freeze(m.t), 0);
	tm_map_freed(m.t, LARGE, false);
	TM_EXPECT_EQ(tripmap_unfreeze(m.t), 0);
	for (i = 0, m.may_fail = false; i < ARRAY_SIZE(changes); i++)
		if (refused & 1U << i)
			model_do(&m, changes[i], !!i, 0);
	model_exit(&m);
}

/* What would leave more behind is refused to who may not wait. */
TM_TEST(deferred_refused)
{
	check_refused(TRIPMAP_SYNC_NONE, 8, 0x0);
	check_refused(TRIPMAP_SYNC_SHARDED, 100, 0x0);
	check_refused(TRIPMAP_SYNC_RWLOCK, 0, 0x0);
	check_refused(TRIPMAP_SYNC_NONE, 200, 0xe);
	check_refused(TRIPMAP_SYNC_SNAPSHOT, 8, 0xf);
	check_refused(TRIPMAP_SYNC_SPLIT, 8, 0x3);
}

/* What so much in a table holds, by its own figure, and all of it is counted as held. */
static u64 held(u16 value_size, u32 entries)
{
	struct tripmap_config cfg = model_config(8, value_size);
	struct tripmap_info empty, full;
	struct model m;
	u64 before;
	u32 i;

	tm_env_settle();
	before = tm_mem_used();
	cfg.bits = 4;
	if (!begin(&m, &cfg))
		return 0;
	tripmap_info(m.t, &empty);
	TM_EXPECT_EQ(empty.memory, tm_table_bytes(&cfg));
	for (i = 0; i < entries; i++)
		model_do(&m, TRIPMAP_OP_STORE, i, 0);
	tripmap_info(m.t, &full);
	TM_EXPECT_EQ(tm_mem_used() - before, full.memory);
	for (i = 0; i < entries; i++)
		model_do(&m, TRIPMAP_OP_STORE, i, 0);
	tm_env_settle();
	TM_EXPECT_EQ(tm_mem_used() - before, full.memory);
	model_exit(&m);
	tm_env_settle();
	TM_EXPECT_EQ(tm_mem_used(), before);
	return full.memory - empty.memory;
}

/* Memory counts by what the allocator gives: whole pages, or a class of it. */
TM_TEST(memory_held)
{
	TM_EXPECT_EQ(held(TRIPMAP_VALUE_MAX, 10), 10 * 2 * PAGE_SIZE);
	TM_EXPECT_EQ(held(2049, 10), 10 * 4096);
	TM_EXPECT_EQ(held(129, 10), 10 * 192);
	TM_EXPECT_EQ(held(8, 10), 0);
}

/* A growth hint makes room at once and is done by the writes after it. */
TM_TEST(resize_hint)
{
	struct tripmap_config cfg = model_config(8, 8);
	struct tripmap_info info;
	struct model m;
	u32 i;

	TM_EXPECT_EQ(tm_map_bits_for(6), 0);
	TM_EXPECT_EQ(tm_map_bits_for(7), 1);
	TM_EXPECT_EQ(tm_map_bits_for(U64_MAX), TRIPMAP_BITS_MAX);
	if (!begin(&m, &cfg))
		return;
	for (i = 0; i < 100; i++)
		model_do(&m, TRIPMAP_OP_STORE, i, 0);
	model_do(&m, TRIPMAP_OP_RESIZE, 0, 100000);
	tripmap_info(m.t, &info);
	TM_EXPECT(info.buckets * 13 / 2 >= 100000);
	model_check(&m);
	for (i = 100; i < 200; i++)
		model_do(&m, TRIPMAP_OP_STORE, i, 0);
	model_check(&m);
	TM_EXPECT(!model_resizing(&m));
	TM_EXPECT_EQ(model_do(&m, TRIPMAP_OP_RESIZE, 0, 1), 0);	/* nothing to do */
	model_check(&m);
	model_exit(&m);
}

/* What a call that forgot to set something would find there. */
static noinline void dirty_the_stack(void)
{
	volatile u8 junk[2048];
	unsigned int i;

	for (i = 0; i < sizeof(junk); i++)
		junk[i] = 0xff;
}

/* No write takes more than some segments, whatever is on the stack. */
TM_TEST(growth_in_pieces)
{
	struct tripmap_config cfg = model_config(8, 8);
	struct tripmap_info info;
	u64 key, was, most = 0;
	struct tripmap *t;

	cfg.bits = 12;
	t = tripmap_create(&cfg, GFP_KERNEL);
	if (!TM_EXPECT(!IS_ERR(t)))
		return;
	tripmap_info(t, &info);
	for (key = 0; !info.resizes[TRIPMAP_RESIZE_GROW] || key < 16 << 12; key++) {
		was = info.memory;
		dirty_the_stack();
		if (!TM_EXPECT_EQ(tripmap_store(t, &key, &key, GFP_KERNEL), 0))
			break;
		tripmap_info(t, &info);
		most = max(most, info.memory > was ? info.memory - was : 0);
	}
	TM_EXPECT(most > 64 << 10);
	TM_EXPECT(most < 512 << 10);
	if (most >= 512 << 10)
		tm_test_note("%llu bytes by one write", most);
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
}

TM_SUITE(misc, TM_CASE(configurations), TM_CASE(most_buckets), TM_CASE(as_large_as_can_be),
	 TM_CASE(full_and_repacked), TM_CASE(max_entries), TM_CASE(freeze),
	 TM_CASE(handle_null), TM_CASE(handle_error), TM_CASE(handle_destroyed),
	 TM_CASE(policies), TM_CASE(seeded_replays), TM_CASE(memory), TM_CASE(memory_held),
	 TM_CASE(deferred_by_resize), TM_CASE(deferred_by_clear), TM_CASE(deferred_refused),
	 TM_CASE(clear_defers), TM_CASE(growth_in_pieces), TM_CASE(resize_hint));
