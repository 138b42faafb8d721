// SPDX-License-Identifier: GPL-2.0
/*
 * Memory runs out at each allocation in turn: allocation 0, 1, 2, ... of an
 * operation fails, alone or with all after it, until the operation gets by
 * without meeting the failure. Each time the operation did what it was asked,
 * or -ENOMEM came back and nothing has changed; nothing is leaked either way.
 */
#include <linux/err.h>

#include "../../kmod/core/invariant.h"
#include "env.h"
#include "model.h"
#include "test.h"

#define UNIVERSE	2048
#define MOST		1024	/* allocations of one operation, for sure fewer */

/* Brings a table to where the next write has memory to ask for. */
typedef void (*prepare_t)(struct model *m);

static void nothing(struct model *m)
{
	model_do(m, TRIPMAP_OP_STORE, 0, 0);
}

static void fill(struct model *m, u32 from, u32 to)
{
	while (from < to)
		model_do(m, TRIPMAP_OP_STORE, from++, 0);
}

/* The next insert begins to grow: above 6.5 entries a bucket. */
static void before_growth(struct model *m)
{
	fill(m, 0, 26);
}

/* The next write needs a segment, or evacuates. */
static void amid_growth(struct model *m)
{
	u32 i = 0;

	while (i < UNIVERSE / 2 && !(i > 200 && model_resizing(m)))
		model_do(m, TRIPMAP_OP_STORE, i++, 0);
	TM_EXPECT(model_resizing(m));
}

/* The next delete begins to shrink, or is amid it. */
static void before_shrink(struct model *m)
{
	u64 before = model_resizes(m, TRIPMAP_RESIZE_SHRINK);
	u32 i;

	fill(m, 0, 420);
	for (i = 419; i > 8 && model_resizes(m, TRIPMAP_RESIZE_SHRINK) == before; i--)
		model_do(m, TRIPMAP_OP_DELETE, i, 0);
}

/* All entries in one bucket: overflow buckets are wanted, then another seed. */
static void before_reseed(struct model *m)
{
	u32 i, n = 0;

	model_do(m, TRIPMAP_OP_STORE, 0, 0);
	for (i = 1; i < UNIVERSE && n < 70; i++) {
		if (model_bucket(m, i, 2))
			continue;
		model_do(m, TRIPMAP_OP_STORE, i, 0);
		n++;
	}
}

struct state {
	const char *name;
	prepare_t prepare;
};

static const struct state states[] = {
	{ "small", nothing },
	{ "before growth", before_growth },
	{ "amid growth", amid_growth },
	{ "before shrinking", before_shrink },
	{ "crowded", before_reseed },
};

static const enum tripmap_op ops[] = {
	TRIPMAP_OP_STORE, TRIPMAP_OP_INSERT, TRIPMAP_OP_REPLACE, TRIPMAP_OP_DELETE,
	TRIPMAP_OP_TAKE, TRIPMAP_OP_CLEAR, TRIPMAP_OP_RESIZE, TRIPMAP_OP_COMPARE_SWAP,
};

/* What op is done to: key 0 is there, the last one never. */
static int act(struct model *m, enum tripmap_op op)
{
	switch (op) {
	case TRIPMAP_OP_INSERT:
		return model_do(m, op, UNIVERSE - 1, 0);
	case TRIPMAP_OP_RESIZE:
		return model_do(m, op, 0, 2000);
	case TRIPMAP_OP_COMPARE_SWAP:
		return model_swap(m, 0, m->value[0]);
	default:
		return model_do(m, op, 0, 0);
	}
}

/* One table, one operation, failure nth. False when it met none any more. */
static bool fail_once(const struct tripmap_config *cfg, const struct state *s,
		      enum tripmap_op op, long nth, bool onwards)
{
	long live = model_live_allocs();
	unsigned int failed = 0;
	struct model m;
	int err;

	if (model_init(&m, cfg, UNIVERSE, tm_env_seed())) {
		s->prepare(&m);
		m.may_fail = true;
		tm_env_fail_alloc(nth, onwards);
		err = act(&m, op);
		failed = tm_env_fail_end();
		TM_EXPECT(err != -ENOMEM || failed);
		m.may_fail = false;
		model_check(&m);
		if (err == -ENOMEM)
			TM_EXPECT_EQ(act(&m, op), 0);
		model_check(&m);
	}
	model_exit(&m);
	TM_EXPECT_EQ(model_live_allocs(), live);
	return failed;
}

static void fail_each(const struct tripmap_config *cfg, const struct state *s, enum tripmap_op op,
		      bool onwards)
{
	long nth = 0;

	while (nth < MOST && fail_once(cfg, s, op, nth, onwards) && !tm_test_failures())
		nth++;
	TM_EXPECT(nth < MOST);
	if (tm_test_failures())
		tm_test_note("op %u, %s, allocation %ld%s, key %u, value %u", op, s->name, nth,
			     onwards ? " onwards" : "", cfg->key_size, cfg->value_size);
}

static void fail_in(const struct tripmap_config *cfg, const struct state *s)
{
	unsigned int k;

	for (k = 0; k < ARRAY_SIZE(ops) && !tm_test_failures(); k++) {
		fail_each(cfg, s, ops[k], false);
		if (tm_env_can_play())
			fail_each(cfg, s, ops[k], true);
	}
}

static void fail_all(u16 key_size, u16 value_size)
{
	struct tripmap_config cfg = model_config(key_size, value_size);
	unsigned int i;

	if (!tm_env_can_fail())
		TM_SKIP("allocations cannot be failed here");
	cfg.bits = 2;
	cfg.seeded = true;
	for (i = 0; i < ARRAY_SIZE(states); i++)
		fail_in(&cfg, &states[i]);
}

/* Writes allocate copies: of few entries, of many, of a crowded bucket. */
static void many(struct model *m)
{
	fill(m, 0, 150);
}

/* Sync split: with a dirty part, and a key in it alone; with none. */
static void dirty(struct model *m)
{
	fill(m, 0, 150);
	model_check_keys(m);
	fill(m, 150, 151);
}

static void promoted(struct model *m)
{
	fill(m, 0, 150);
	model_check_keys(m);
	model_check_keys(m);
}

static void fail_copies(enum tripmap_sync sync)
{
	static const struct state at[] = {
		{ "small", nothing }, { "many", many }, { "crowded", before_reseed },
		{ "dirty", dirty }, { "promoted", promoted },
	};
	struct tripmap_config cfg = model_config(8, 100);
	unsigned int i;

	if (!tm_env_can_fail())
		TM_SKIP("allocations cannot be failed here");
	cfg.contract = TRIPMAP_CONTRACT_SHARED;
	cfg.sync = sync;
	cfg.bits = 2;
	cfg.seeded = true;
	for (i = 0; i < ARRAY_SIZE(at); i++)
		fail_in(&cfg, &at[i]);
}

TM_TEST(snapshot)
{
	fail_copies(TRIPMAP_SYNC_SNAPSHOT);
}

TM_TEST(split)
{
	fail_copies(TRIPMAP_SYNC_SPLIT);
}

TM_TEST(small_entries)
{
	fail_all(8, 8);
}

/* Few buckets in a segment: growth asks for segments again and again. */
TM_TEST(large_entries)
{
	fail_all(128, 128);
}

TM_TEST(blobs)
{
	fail_all(200, 1000);
}

/*
 * An allocation has failed: so has the operation. The kernel itself may have had
 * other memory, and then there is what was asked for.
 */
static bool gets_by(const void *made)
{
	if (!IS_ERR(made) && !tm_env_can_play())
		return true;
	TM_EXPECT_EQ(PTR_ERR(made), -ENOMEM);
	return false;
}

static void fail_create(const struct tripmap_config *cfg)
{
	struct tripmap *t;
	long nth, live;

	live = model_live_allocs();
	for (nth = 0; nth < MOST; nth++) {
		tm_env_fail_alloc(nth, false);
		t = tripmap_create(cfg, GFP_KERNEL);
		if (!tm_env_fail_end())
			break;
		if (gets_by(t))
			tripmap_destroy(t);
		TM_EXPECT_EQ(model_live_allocs(), live);
	}
	TM_EXPECT(nth > 2);
	TM_EXPECT(!IS_ERR(t));
	if (!IS_ERR(t))
		tripmap_destroy(t);
	TM_EXPECT_EQ(model_live_allocs(), live);
}

TM_TEST(create)
{
	struct tripmap_config cfg = model_config(8, 8);

	if (!tm_env_can_fail())
		TM_SKIP("allocations cannot be failed here");
	cfg.bits = 10;
	fail_create(&cfg);
	cfg.contract = TRIPMAP_CONTRACT_SHARED;
	cfg.shards = 8;
	fail_create(&cfg);
	cfg.shards = 1;
	for (cfg.sync = TRIPMAP_SYNC_RWLOCK; cfg.sync <= TRIPMAP_SYNC_MAX; cfg.sync++)
		fail_create(&cfg);
}

static void fail_iterator(const struct tripmap_config *cfg,
			  struct tripmap_iter *(*open)(struct tripmap *t, gfp_t gfp))
{
	struct tripmap_iter *it;
	struct model m;
	long nth, live;

	if (!tm_env_can_fail())
		TM_SKIP("allocations cannot be failed here");
	if (!model_init(&m, cfg, UNIVERSE, tm_env_seed()))
		return;
	live = model_live_allocs();
	for (nth = 0; nth < MOST; nth++) {
		tm_env_fail_alloc(nth, false);
		it = open(m.t, GFP_KERNEL);
		if (!tm_env_fail_end())
			break;
		if (gets_by(it))
			tripmap_iter_close(it);
		TM_EXPECT_EQ(model_live_allocs(), live);
	}
	TM_EXPECT(nth > 0 && !IS_ERR(it));
	if (!IS_ERR(it))
		tripmap_iter_close(it);
	model_exit(&m);
}

TM_TEST(iterator)
{
	struct tripmap_config cfg = model_config(8, 8);

	fail_iterator(&cfg, tripmap_iter_open);
	fail_iterator(&cfg, tripmap_iter_open_snapshot);
	cfg.contract = TRIPMAP_CONTRACT_SHARED;
	cfg.sync = TRIPMAP_SYNC_SNAPSHOT;
	fail_iterator(&cfg, tripmap_iter_open_snapshot);
}

/*
 * A table whose growth never gets memory goes on taking entries in its old
 * chains until those are full, and grows when there is memory again.
 */
TM_TEST(growth_put_off)
{
	struct tripmap_config cfg = model_config(8, 8);
	struct tripmap_info info;
	struct model m;
	const u32 full = 13 * 32 / 2;
	bool refused = false;
	u32 i;

	if (!tm_env_can_play())
		TM_SKIP("allocations cannot be failed here");
	cfg.bits = 5;
	if (!model_init(&m, &cfg, UNIVERSE, tm_env_seed()))
		return;
	fill(&m, 0, full);
	m.may_fail = true;
	tm_env_fail_alloc(0, true);
	/* The first one may meet a full chain; nearly all of the next 32 do not. */
	for (i = full; i < UNIVERSE && (!refused || i < full + 32); i++)
		refused |= model_do(&m, TRIPMAP_OP_STORE, i, 0) == -ENOMEM;
	TM_EXPECT(refused);
	TM_EXPECT(tm_env_fail_end() > 0);
	tripmap_info(m.t, &info);
	TM_EXPECT(info.put_off > 0);
	TM_EXPECT_EQ(info.buckets, 1 << 5);
	TM_EXPECT(m.count > full);
	m.may_fail = false;
	model_check(&m);
	fill(&m, 0, UNIVERSE);
	TM_EXPECT(model_resizes(&m, TRIPMAP_RESIZE_GROW) > 2);
	model_check(&m);
	model_exit(&m);
}

/* Random operations while each allocation fails with a chance of one in four. */
TM_TEST(lottery)
{
	static const enum tripmap_op some[] = {
		TRIPMAP_OP_STORE, TRIPMAP_OP_STORE, TRIPMAP_OP_INSERT, TRIPMAP_OP_REPLACE,
		TRIPMAP_OP_DELETE, TRIPMAP_OP_TAKE, TRIPMAP_OP_LOOKUP,
	};
	struct tripmap_config cfg = model_config(16, 200);
	unsigned int failed = 0;
	struct model m;
	u64 n;

	if (!tm_env_can_play())
		TM_SKIP("allocations cannot be failed here");
	if (!model_init(&m, &cfg, UNIVERSE, tm_env_seed()))
		return;
	m.may_fail = true;
	for (n = 0; n < tm_env_ops(50000) && !tm_test_failures(); n++) {
		tm_env_fail_alloc(model_random(&m, 4), model_random(&m, 2));
		model_do(&m, some[model_random(&m, ARRAY_SIZE(some))],
			 model_random(&m, UNIVERSE), 0);
		failed += tm_env_fail_end();
		if (n % 5000 == 0)
			model_check(&m);
	}
	TM_EXPECT(failed > n / 50);
	m.may_fail = false;
	model_check(&m);
	model_exit(&m);
}

TM_SUITE(fault, TM_CASE(small_entries), TM_CASE(large_entries), TM_CASE(blobs),
	 TM_CASE(snapshot), TM_CASE(split), TM_CASE(create), TM_CASE(iterator),
	 TM_CASE(growth_put_off), TM_CASE(lottery));
