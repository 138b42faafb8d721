// SPDX-License-Identifier: GPL-2.0
/*
 * Random operations on a table and on its model, in phases that make it grow,
 * shrink, and be rebuilt at its size and under a new seed.
 */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../../kmod/core/invariant.h"
#include "env.h"
#include "model.h"
#include "test.h"

#define MANY		40
#define CHECK_EVERY	20000	/* operations between two full checks */
#define BITS		6
#define BUCKETS		(1U << BITS)

/* Of 100 operations; what is left are lookups. */
struct mix {
	u8 store, insert, replace, swap, delete, take;
};

static const struct mix growing = { 15, 25, 10, 10, 8, 7 };
static const struct mix shrinking = { 1, 1, 4, 4, 45, 40 };
static const struct mix churning = { 10, 15, 10, 10, 15, 15 };

static int swap_some(struct model *m, u32 i)
{
	/* Half of them with the wrong expectation. */
	return model_swap(m, i, model_random(m, 2) ? m->value[i] : m->last_value / 2);
}

static void lookup_many(struct model *m)
{
	unsigned long found[DIV_ROUND_UP(MANY, BITS_PER_LONG)];
	u32 n = 1 + model_random(m, MANY), idx[MANY], i, hits = 0;
	u8 *keys = kvmalloc(n * m->cfg.key_size, GFP_KERNEL);
	u8 *values = kvzalloc(n * m->cfg.value_size + 1, GFP_KERNEL);

	if (!TM_EXPECT(keys && values))
		goto out;
	for (i = 0; i < n; i++) {
		idx[i] = model_random(m, m->universe);
		model_key(m, idx[i], keys + i * m->cfg.key_size);
		hits += !!m->value[idx[i]];
	}
	TM_EXPECT_EQ(tripmap_lookup_many(m->t, n, keys, values, found), hits);
	for (i = 0; i < n; i++) {
		TM_EXPECT_EQ(test_bit(i, found), !!m->value[idx[i]]);
		model_value(m, m->value[idx[i]], m->expected);
		TM_EXPECT(!m->value[idx[i]] || !memcmp(values + i * m->cfg.value_size, m->expected,
						       m->cfg.value_size));
	}
out:
	kvfree(keys);
	kvfree(values);
}

static void seldom(struct model *m)
{
	switch (model_random(m, 40)) {
	case 0:
		model_do(m, TRIPMAP_OP_RESIZE, 0, 1 + model_random(m, m->universe));
		break;
	case 1:
		model_key(m, model_random(m, m->universe), m->k);
		tripmap_contains(m->t, m->k);
		break;
	default:
		lookup_many(m);
	}
}

static void one(struct model *m, const struct mix *mix)
{
	u32 i = model_random(m, m->universe), r = model_random(m, 100);

	if (!model_random(m, 200))
		seldom(m);
	if (r < mix->store)
		model_do(m, TRIPMAP_OP_STORE, i, 0);
	else if ((r -= mix->store) < mix->insert)
		model_do(m, TRIPMAP_OP_INSERT, i, 0);
	else if ((r -= mix->insert) < mix->replace)
		model_do(m, TRIPMAP_OP_REPLACE, i, 0);
	else if ((r -= mix->replace) < mix->swap)
		swap_some(m, i);
	else if ((r -= mix->swap) < mix->delete)
		model_do(m, TRIPMAP_OP_DELETE, i, 0);
	else if ((r -= mix->delete) < mix->take)
		model_do(m, TRIPMAP_OP_TAKE, i, 0);
	else
		model_do(m, TRIPMAP_OP_LOOKUP, i, 0);
}

static void phase(struct model *m, const struct mix *mix, u64 ops)
{
	u64 n;

	for (n = 0; n < ops && !tm_test_failures(); n++) {
		one(m, mix);
		if (n % CHECK_EVERY == CHECK_EVERY - 1)
			model_check(m);
	}
	model_check(m);
}

/*
 * Keys that fall into the first few of the BUCKETS, up to each in one bucket:
 * only for seeded tables. They were cleared just before.
 */
static void crowd(struct model *m, unsigned int buckets, unsigned int each)
{
	u8 in[BUCKETS] = { 0 };
	u64 b;
	u32 i;

	for (i = 0; i < m->universe; i++) {
		b = model_bucket(m, i, BITS);
		if (b >= buckets || in[b] == each)
			continue;
		in[b]++;
		model_do(m, TRIPMAP_OP_INSERT, i, 0);
		if (model_resizes(m, TRIPMAP_RESIZE_RESEED) || tm_test_failures())
			return;
	}
}

/* Nine in each of 45 buckets: 45 overflow buckets where growth is not due. */
static void same_size_phase(struct model *m)
{
	u64 before = model_resizes(m, TRIPMAP_RESIZE_SAME_SIZE);

	model_do(m, TRIPMAP_OP_CLEAR, 0, 0);
	crowd(m, 45, 9);
	model_check(m);
	TM_EXPECT(model_resizes(m, TRIPMAP_RESIZE_SAME_SIZE) > before);
	phase(m, &shrinking, 2000);
}

/* All in one bucket: as long a chain as the hash would never make. */
static void reseed_phase(struct model *m)
{
	u64 before = model_resizes(m, TRIPMAP_RESIZE_RESEED);

	model_do(m, TRIPMAP_OP_CLEAR, 0, 0);
	crowd(m, 1, 200);
	model_check(m);
	TM_EXPECT(model_resizes(m, TRIPMAP_RESIZE_RESEED) > before);
	phase(m, &churning, 2000);
}

static void run(const struct tripmap_config *cfg, u32 universe, u64 ops)
{
	struct model m;
	u64 part = tm_env_ops(ops) / 8 + 1, seed = tm_env_seed() ^ ops ^ cfg->key_size << 16 ^
							cfg->value_size;

	if (!model_init(&m, cfg, universe, seed))
		goto out;
	phase(&m, &growing, part);
	phase(&m, &shrinking, part * 2);
	phase(&m, &growing, part);
	phase(&m, &churning, part);
	model_do(&m, TRIPMAP_OP_CLEAR, 0, 0);
	phase(&m, &growing, part);
	phase(&m, &shrinking, part);
	phase(&m, &churning, part);
	if (part > universe / 2)
		TM_EXPECT(model_resizes(&m, TRIPMAP_RESIZE_GROW) > 1);
	if (part > 2 * universe)
		TM_EXPECT(model_resizes(&m, TRIPMAP_RESIZE_SHRINK) > 0);
	if (cfg->seeded && !tm_test_failures()) {
		same_size_phase(&m);
		reseed_phase(&m);
	}
out:
	if (tm_test_failures())
		tm_test_note("key %u, value %u, contract %u, hash %u, %llu operations",
			     cfg->key_size, cfg->value_size, cfg->contract, cfg->hash, ops);
	model_exit(&m);
}

static void seed_table(struct tripmap_config *cfg)
{
	u64 seed = tm_env_seed();
	unsigned int i;

	cfg->seeded = true;
	for (i = 0; i < sizeof(cfg->seed); i++)
		cfg->seed[i] = (seed * (2 * i + 1)) >> 56;
}

/*
 * Nine full buckets in one chain, of a table of so few that not all entries could be
 * scattered if each entry took a bucket: it is re-seeded all the same, by its writes.
 */
static void collide(u8 bits, u8 at)
{
	struct tripmap_config cfg = model_config(8, 8);
	struct tripmap_info info;
	unsigned int writes = 0;
	struct model m;
	u32 i;

	cfg.bits = bits;
	seed_table(&cfg);
	if (!model_init(&m, &cfg, 16384, tm_env_seed()))
		goto out;
	for (i = 0; i < m.universe && !model_resizes(&m, TRIPMAP_RESIZE_RESEED); i++)
		if (!model_bucket(&m, i, BITS))
			model_do(&m, TRIPMAP_OP_INSERT, i, 0);
	/* The one that finds them full asks for it. */
	TM_EXPECT(m.count > 8 * 9 && m.count <= 8 * 9 + 2);
	tripmap_info(m.t, &info);
	TM_EXPECT_EQ(info.buckets, 1 << at);
	for (i = 0; !m.value[i]; i++)
		;
	for (; model_resizing(&m) && writes < 1U << at; writes++)
		model_do(&m, TRIPMAP_OP_REPLACE, i, 0);
	if (TM_EXPECT(!model_resizing(&m)))
		model_check(&m);
	TM_EXPECT_EQ(model_resizes(&m, TRIPMAP_RESIZE_RESEED), 1);
out:
	model_exit(&m);
}

TM_TEST(collided)
{
	collide(0, 4);
	collide(5, 5);
	collide(6, 6);
}

/* The large one: a million operations, resizes of every kind among them. */
TM_TEST(million)
{
	struct tripmap_config cfg = model_config(8, 8);

	cfg.bits = BITS;
	seed_table(&cfg);
	run(&cfg, 16384, 1000000);
}

/* The same under each way of keeping writers apart. */
static void million_under(enum tripmap_sync sync)
{
	struct tripmap_config cfg = model_config(8, 8);

	cfg.contract = TRIPMAP_CONTRACT_SHARED;
	cfg.sync = sync;
	cfg.bits = BITS;
	seed_table(&cfg);
	run(&cfg, 16384, 1000000);
}

TM_TEST(million_rwlock)
{
	million_under(TRIPMAP_SYNC_RWLOCK);
}

/*
 * Each write copies the table: fewer operations, and fewer entries; so few that
 * the limit is met again and again.
 */
static void copying(enum tripmap_sync sync)
{
	struct tripmap_config cfg = model_config(8, 8);

	cfg.contract = TRIPMAP_CONTRACT_SHARED;
	cfg.sync = sync;
	cfg.max_entries = 700;
	run(&cfg, 1000, 60000);
	cfg = model_config(TRIPMAP_COPY_SIZE, TRIPMAP_COPY_SIZE);
	cfg.contract = TRIPMAP_CONTRACT_SHARED;
	cfg.sync = sync;
	run(&cfg, 300, 20000);
	cfg.key_size = 3;
	cfg.value_size = 0;
	cfg.hash = TRIPMAP_HASH_MIX;
	run(&cfg, 300, 20000);
}

TM_TEST(snapshot)
{
	copying(TRIPMAP_SYNC_SNAPSHOT);
}

TM_TEST(split)
{
	copying(TRIPMAP_SYNC_SPLIT);
}

/* Sizes of keys and values: in a word, odd, inline, behind a pointer. */
static const struct {
	u16 key, value;
} sizes[] = {
	{ 1, 0 }, { 1, 1 }, { 4, 0 }, { 4, 4 }, { 4, 8 }, { 8, 1 }, { 8, 16 }, { 8, 100 },
	{ 16, 4 }, { 16, 128 }, { 20, 8 }, { 20, 129 }, { 128, 128 }, { 129, 16 }, { 129, 129 },
	{ 256, 0 }, { 256, 4096 }, { 3, 5 }, { 13, 7 },
};

static void all_sizes(enum tripmap_contract contract, enum tripmap_hash hash)
{
	struct tripmap_config cfg;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes) && !tm_test_failures(); i++) {
		cfg = model_config(sizes[i].key, sizes[i].value);
		cfg.contract = contract;
		cfg.hash = hash;
		run(&cfg, sizes[i].key == 1 ? 256 : 1000, 20000);
	}
}

TM_TEST(sizes_single_writer_siphash)
{
	all_sizes(TRIPMAP_CONTRACT_SINGLE_WRITER, TRIPMAP_HASH_SIPHASH);
}

TM_TEST(sizes_single_writer_mix)
{
	all_sizes(TRIPMAP_CONTRACT_SINGLE_WRITER, TRIPMAP_HASH_MIX);
}

TM_TEST(sizes_exclusive_siphash)
{
	all_sizes(TRIPMAP_CONTRACT_EXCLUSIVE, TRIPMAP_HASH_SIPHASH);
}

TM_TEST(sizes_exclusive_mix)
{
	all_sizes(TRIPMAP_CONTRACT_EXCLUSIVE, TRIPMAP_HASH_MIX);
}

/* Seeded tables of both hashes are rebuilt at their size and under new seeds. */
TM_TEST(rebuilt_mix)
{
	struct tripmap_config cfg = model_config(16, 24);

	cfg.bits = BITS;
	cfg.hash = TRIPMAP_HASH_MIX;
	seed_table(&cfg);
	run(&cfg, 16384, 20000);
}

/* Keys and values behind pointers, through all kinds of resize. */
TM_TEST(rebuilt_blobs)
{
	struct tripmap_config cfg = model_config(200, 300);

	cfg.bits = BITS;
	seed_table(&cfg);
	run(&cfg, 8192, 20000);
}

TM_SUITE(model, TM_CASE(collided), TM_CASE(million), TM_CASE(million_rwlock), TM_CASE(snapshot),
	 TM_CASE(split), TM_CASE(sizes_single_writer_siphash),
	 TM_CASE(sizes_single_writer_mix), TM_CASE(sizes_exclusive_siphash),
	 TM_CASE(sizes_exclusive_mix), TM_CASE(rebuilt_mix), TM_CASE(rebuilt_blobs));
