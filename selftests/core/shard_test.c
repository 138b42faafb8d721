// SPDX-License-Identifier: GPL-2.0
/*
 * Tables under contract shared: many writers at once, in one shard and in many,
 * and not one violation; what is misuse all the same.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../../kmod/core/hook.h"
#include "../../kmod/core/invariant.h"
#include "../../kmod/core/map.h"
#include "env.h"
#include "model.h"
#include "test.h"

#define UNIVERSE	6000
#define WRITERS		3
#define KEYS		1500	/* of each writer */

static struct tripmap_config shared_config(u16 shards)
{
	struct tripmap_config cfg = model_config(8, 8);

	cfg.contract = TRIPMAP_CONTRACT_SHARED;
	cfg.shards = shards;
	return cfg;
}

static struct tripmap_config sync_config(enum tripmap_sync sync)
{
	struct tripmap_config cfg = shared_config(1);

	cfg.sync = sync;
	return cfg;
}

static u64 violations(struct tripmap *t)
{
	struct tripmap_info info;
	unsigned int i;
	u64 n = 0;

	tripmap_info(t, &info);
	for (i = 0; i <= TRIPMAP_CLASS_MAX; i++)
		n += info.violations[i];
	return n;
}

/* One writer, beside the model: what is true of a table is true of its shards. */
static void model_of(struct tripmap_config cfg)
{
	static const enum tripmap_op adds[] = {
		TRIPMAP_OP_STORE, TRIPMAP_OP_INSERT, TRIPMAP_OP_STORE, TRIPMAP_OP_LOOKUP,
	};
	static const enum tripmap_op drops[] = {
		TRIPMAP_OP_DELETE, TRIPMAP_OP_TAKE, TRIPMAP_OP_DELETE, TRIPMAP_OP_REPLACE,
	};
	u64 n = max_t(u64, tm_env_ops(40000), 2000), k;	/* with fewer none grows */
	struct model m;

	if (!model_init(&m, &cfg, UNIVERSE, tm_env_seed()))
		return;
	for (k = 0; k < n && !tm_test_failures(); k++)
		model_do(&m, adds[model_random(&m, 4)], model_random(&m, UNIVERSE), 0);
	TM_EXPECT(model_resizes(&m, TRIPMAP_RESIZE_GROW) > 0);
	model_check(&m);
	for (k = 0; k < n && !tm_test_failures(); k++)
		model_do(&m, drops[model_random(&m, 4)], model_random(&m, UNIVERSE), 0);
	model_check(&m);
	model_do(&m, TRIPMAP_OP_CLEAR, 0, 0);
	model_check(&m);
	TM_EXPECT_EQ(violations(m.t), 0);
	model_exit(&m);
}

TM_TEST(one_shard)
{
	model_of(shared_config(1));
}

TM_TEST(eight_shards)
{
	model_of(shared_config(8));
}

TM_TEST(most_shards)
{
	model_of(shared_config(TRIPMAP_SHARDS_MAX));
}

TM_TEST(model_rwlock)
{
	model_of(sync_config(TRIPMAP_SYNC_RWLOCK));
}

/* Which shards there may be. */
TM_TEST(shards_refused)
{
	struct tripmap_config cfg = shared_config(3);

	TM_EXPECT_EQ(PTR_ERR(tripmap_create(&cfg, GFP_KERNEL)), -EINVAL);
	cfg = shared_config(2 * TRIPMAP_SHARDS_MAX);
	TM_EXPECT_EQ(PTR_ERR(tripmap_create(&cfg, GFP_KERNEL)), -EINVAL);
	cfg = shared_config(2);
	cfg.contract = TRIPMAP_CONTRACT_SINGLE_WRITER;
	TM_EXPECT_EQ(PTR_ERR(tripmap_create(&cfg, GFP_KERNEL)), -EINVAL);
}

/* How writers are kept apart, where the contract does not do it, and whole. */
TM_TEST(sync_refused)
{
	struct tripmap_config cfg;
	unsigned int sync;

	for (sync = TRIPMAP_SYNC_SHARDED; sync <= TRIPMAP_SYNC_MAX + 1; sync++) {
		cfg = sync_config(sync);
		cfg.contract = TRIPMAP_CONTRACT_SINGLE_WRITER;
		TM_EXPECT_EQ(PTR_ERR(tripmap_create(&cfg, GFP_KERNEL)), -EINVAL);
		cfg = shared_config(2);
		cfg.sync = sync;
		if (sync != TRIPMAP_SYNC_SHARDED)
			TM_EXPECT_EQ(PTR_ERR(tripmap_create(&cfg, GFP_KERNEL)), -EINVAL);
	}
}

/*
 * Writers with keys of their own, whose last value each of them knows, while
 * somebody reads and walks.
 */
struct writer {
	struct tm_thread thread;
	unsigned int n;
	u32 last[KEYS];		/* value of each key, 0: not there */
	u64 rng;
};

static struct {
	struct tripmap *t;
	struct writer w[WRITERS];
	struct tm_thread reader;
	u64 rounds;
	atomic_t writing;
	atomic64_t walks;
} r;

static u64 key_of(const struct writer *w, u32 i)
{
	return (u64)i * WRITERS + w->n;
}

static void write_one(struct writer *w, u32 i, u32 value)
{
	u64 key = key_of(w, i), put = (u64)value << 32 | (u32)key, got = 0;

	if (value % 3) {
		TM_EXPECT_EQ(tripmap_store(r.t, &key, &put, GFP_KERNEL), 0);
		w->last[i] = value;
	} else {
		TM_EXPECT_EQ(tripmap_take(r.t, &key, &got, GFP_KERNEL),
			     w->last[i] ? 0 : -ENOENT);
		TM_EXPECT(!w->last[i] || got == ((u64)w->last[i] << 32 | (u32)key));
		w->last[i] = 0;
	}
}

static void writer_main(void *arg)
{
	struct writer *w = arg;
	u32 value = 1;
	u64 k;

	for (k = 0; k < r.rounds && !tm_test_failures(); k++) {
		w->rng = w->rng * 6364136223846793005ULL + 1442695040888963407ULL;
		write_one(w, (u32)(w->rng >> 33) % KEYS, value++);
		if (!(k % 64))
			cond_resched();
	}
	atomic_dec(&r.writing);
}

/* Values say whose they are. */
static void reader_main(void *arg)
{
	struct tripmap_iter *it;
	u64 key, value;
	int err;

	while (atomic_read(&r.writing) && !tm_test_failures()) {
		it = tripmap_iter_open(r.t, GFP_KERNEL);
		if (!TM_EXPECT(!IS_ERR(it)))
			return;
		while ((err = tripmap_iter_next(it, &key, &value)) == 1) {
			TM_EXPECT_EQ((u32)value, (u32)key);
			err = tripmap_lookup(r.t, &key, &value);
			TM_EXPECT(err == -ENOENT || (!err && (u32)value == (u32)key));
		}
		TM_EXPECT(!err || err == -EAGAIN || err == -ESTALE);
		tripmap_iter_close(it);
		atomic64_inc(&r.walks);
		cond_resched();
	}
}

static u64 check_writer(const struct writer *w)
{
	u64 there = 0, key, value;
	u32 i;
	int err;

	for (i = 0; i < KEYS; i++) {
		key = key_of(w, i);
		err = tripmap_lookup(r.t, &key, &value);
		TM_EXPECT_EQ(err, w->last[i] ? 0 : -ENOENT);
		TM_EXPECT(err || value == ((u64)w->last[i] << 32 | (u32)key));
		there += !err;
	}
	return there;
}

static void many_writers(struct tripmap_config cfg)
{
	u64 there = 0;
	unsigned int i;

	memset(&r, 0, sizeof(r));
	r.t = tripmap_create(&cfg, GFP_KERNEL);
	if (!TM_EXPECT(!IS_ERR(r.t)))
		return;
	/* A write that copies thousands of entries takes its time. */
	r.rounds = tm_env_ops(cfg.sync >= TRIPMAP_SYNC_SNAPSHOT ? 2000 : 30000);
	atomic_set(&r.writing, WRITERS);
	for (i = 0; i < WRITERS; i++) {
		r.w[i].n = i;
		r.w[i].rng = tm_env_seed() + i;
		tm_thread_start(&r.w[i].thread, writer_main, &r.w[i], "writer");
	}
	tm_thread_start(&r.reader, reader_main, NULL, "reader");
	for (i = 0; i < WRITERS; i++)
		tm_thread_join(&r.w[i].thread);
	tm_thread_join(&r.reader);
	for (i = 0; i < WRITERS; i++)
		there += check_writer(&r.w[i]);
	TM_EXPECT_EQ(tripmap_count(r.t), there);
	TM_EXPECT_STREQ(tm_invariant_check(r.t) ?: "", "");
	TM_EXPECT_EQ(violations(r.t), 0);
	TM_EXPECT_EQ(tripmap_destroy(r.t), 0);
}

TM_TEST(writers_one_shard)
{
	many_writers(shared_config(1));
}

TM_TEST(writers_many_shards)
{
	many_writers(shared_config(16));
}

TM_TEST(writers_rwlock)
{
	many_writers(sync_config(TRIPMAP_SYNC_RWLOCK));
}

TM_TEST(writers_snapshot)
{
	many_writers(sync_config(TRIPMAP_SYNC_SNAPSHOT));
}

TM_TEST(writers_split)
{
	many_writers(sync_config(TRIPMAP_SYNC_SPLIT));
}

/* Shards of about equal size; one of them with another seed than at first. */
static void fill_shards(struct tripmap *t, u64 keys)
{
	unsigned int i, round;
	u64 key;

	for (key = 1; key <= keys; key++)
		TM_EXPECT_EQ(tripmap_store(t, &key, &key, GFP_KERNEL), 0);
	for (i = 0; i < tm_map_shards(t); i++)
		TM_EXPECT(t->shard[i].count > keys / tm_map_shards(t) / 2);
	t->shard[3].reseed = true;
	for (round = 0; round < 2; round++)
		for (key = 1; key <= keys; key++)
			TM_EXPECT_EQ(tripmap_store(t, &key, &key, GFP_KERNEL), 0);
	TM_EXPECT_EQ(t->shard[3].epoch, t->shard[0].epoch + 1);
}

/* All entries of a table of many shards, once each, over a cursor alone. */
TM_TEST(walk_by_cursor)
{
	struct tripmap_config cfg = shared_config(8);
	struct tm_call call = TM_CALL(TRIPMAP_OP_ITERATE, 0, GFP_KERNEL);
	struct tm_walk w, again;
	u64 key, entry[2], sum = 0, n = 0, want = 0;
	struct tripmap *t = tripmap_create(&cfg, GFP_KERNEL);

	if (!TM_EXPECT(!IS_ERR(t)) || !TM_EXPECT_EQ(tm_walk_init(&w, GFP_KERNEL), 0))
		return;
	fill_shards(t, 1000);
	for (key = 1; key <= 1000; key++)
		want += key;
	while (!w.done && !tm_test_failures()) {
		/* As a dump does between two messages: nothing but the place is kept. */
		again = (struct tm_walk){
			.cursor = w.cursor, .epoch = w.epoch, .shard = w.shard, .refs = w.refs,
		};
		w = again;
		if (tm_walk_fill(t, &call, &w, entry, sizeof(entry), 1) != 1)
			break;
		sum += entry[0];
		n++;
	}
	TM_EXPECT(w.done);
	TM_EXPECT_EQ(n, 1000);
	TM_EXPECT_EQ(sum, want);
	tm_walk_exit(&w);
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
}

/* A limit that is larger than any table is as good as none. */
TM_TEST(no_limit)
{
	static const u64 limits[] = { S64_MAX, S64_MAX + 1ULL, U64_MAX };
	struct tripmap_config cfg = shared_config(4);
	struct tripmap *t;
	unsigned int i;
	u64 key;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		cfg.max_entries = limits[i];
		t = tripmap_create(&cfg, GFP_KERNEL);
		if (!TM_EXPECT(!IS_ERR(t)))
			return;
		for (key = 0; key < 400; key++)
			TM_EXPECT_EQ(tripmap_insert(t, &key, &key, GFP_KERNEL), 0);
		TM_EXPECT_EQ(tripmap_clear(t, GFP_KERNEL), 0);
		TM_EXPECT_EQ(tripmap_insert(t, &key, &key, GFP_KERNEL), 0);
		TM_EXPECT_EQ(tripmap_destroy(t), 0);
	}
}

/* Never more entries than the limit; the last few may be refused early. */
TM_TEST(limit)
{
	struct tripmap_config cfg = shared_config(4);
	struct tripmap *t;
	u64 key, round;
	int err = 0;

	cfg.max_entries = 2000;
	t = tripmap_create(&cfg, GFP_KERNEL);
	if (!TM_EXPECT(!IS_ERR(t)))
		return;
	for (round = 0; round < 3; round++) {
		for (key = 0; key < 4000; key++) {
			err = tripmap_insert(t, &key, &key, GFP_KERNEL);
			TM_EXPECT(!err || err == -ENOSPC);
			TM_EXPECT(tripmap_count(t) <= 2000);
		}
		TM_EXPECT_EQ(err, -ENOSPC);
		TM_EXPECT(tripmap_count(t) > 2000 - 4 * 128);
		if (round == 1)
			TM_EXPECT_EQ(tripmap_clear(t, GFP_KERNEL), 0);
		for (key = 0; key < 4000; key++)
			tripmap_delete(t, &key, GFP_KERNEL);
		TM_EXPECT_EQ(tripmap_count(t), 0);
	}
	TM_EXPECT_EQ(violations(t), 0);
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
}

static u64 insert_all(struct tripmap *t, u64 from, u64 end)
{
	u64 key, n = 0;

	for (key = from; key < end; key++)
		n += !tripmap_insert(t, &key, &key, GFP_KERNEL);
	return n;
}

/* Room for few entries a shard is wherever it is needed: also what was given back. */
TM_TEST(small_limit)
{
	struct tripmap_config cfg = shared_config(16);
	struct tripmap *t;
	u64 key, round;

	cfg.max_entries = 100;
	t = tripmap_create(&cfg, GFP_KERNEL);
	if (!TM_EXPECT(!IS_ERR(t)))
		return;
	for (round = 0; round < 8; round++) {
		/* Of other shards each time. */
		TM_EXPECT_EQ(insert_all(t, round * 1000, round * 1000 + 110), 100);
		if (round % 2)
			TM_EXPECT_EQ(tripmap_clear(t, GFP_KERNEL), 0);
		for (key = round * 1000; key < round * 1000 + 110; key++)
			tripmap_delete(t, &key, GFP_KERNEL);
		TM_EXPECT_EQ(tripmap_count(t), 0);
	}
	TM_EXPECT_EQ(violations(t), 0);
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
}

/* What a new table takes is known before it is made. */
TM_TEST(bytes_of_new)
{
	static const u16 sizes[][2] = { { 1, 0 }, { 8, 8 }, { 16, 300 }, { 256, 64 } };
	struct tripmap_config cfg;
	struct tripmap_info info;
	struct tripmap *t;
	unsigned int i;

	for (i = 0; i < 4 * 3 * 8; i++) {
		cfg = shared_config(1 << 2 * (i / 4 % 3));
		cfg.key_size = sizes[i % 4][0];
		cfg.value_size = sizes[i % 4][1];
		cfg.bits = i / 12 * 2;
		t = tripmap_create(&cfg, GFP_KERNEL);
		if (!TM_EXPECT(!IS_ERR(t)))
			return;
		tripmap_info(t, &info);
		TM_EXPECT_EQ(info.memory, tm_table_bytes(&cfg));
		TM_EXPECT_EQ(tripmap_destroy(t), 0);
	}
}

/*
 * A write, and destroying, from within a write, and from an interrupt above it: a
 * verdict and not a deadlock. A lookup from there finds what was.
 */
static void look_within(struct tripmap *t)
{
	u64 key = 7, value = 0;

	TM_EXPECT_EQ(tripmap_lookup(t, &key, &value), 0);
	TM_EXPECT_EQ(value, 6);
}

static void reenter(struct tripmap *t, enum tripmap_step step, void *arg)
{
	u64 key = 7;
	int *times = arg;

	if (step != TRIPMAP_STEP_CHANGE || *times)
		return;
	++*times;
	TM_EXPECT_EQ(tripmap_store(t, &key, &key, GFP_ATOMIC), -EDEADLK);
	TM_EXPECT_EQ(tripmap_delete(t, &key, GFP_ATOMIC), -EDEADLK);
	TM_EXPECT_EQ(tripmap_destroy(t), -EDEADLK);
	look_within(t);
	if (!tm_env_can_play())
		return;
	tm_env_play_context(TRIPMAP_CONTEXT_HARDIRQ);
	TM_EXPECT_EQ(tripmap_store(t, &key, &key, GFP_ATOMIC), -EDEADLK);
	look_within(t);
	tm_env_play_context(TRIPMAP_CONTEXT_NMI);
	look_within(t);
	tm_env_play_context(TRIPMAP_CONTEXT_TASK);
}

static void reentrant_under(struct tripmap_config cfg)
{
	struct tripmap *t = tripmap_create(&cfg, GFP_KERNEL);
	struct tripmap_info info;
	u64 key = 7, value = 6;
	int times = 0;

	if (!TM_EXPECT(!IS_ERR(t)))
		return;
	TM_EXPECT_EQ(tripmap_store(t, &key, &value, GFP_KERNEL), 0);
	value = 8;
	TM_EXPECT_EQ(tripmap_set_hook(t, reenter, &times), 0);
	TM_EXPECT_EQ(tripmap_store(t, &key, &value, GFP_KERNEL), 0);
	tripmap_set_hook(t, NULL, NULL);
	TM_EXPECT_EQ(times, 1);
	TM_EXPECT_EQ(tripmap_lookup(t, &key, &value), 0);
	TM_EXPECT_EQ(value, 8);
	tripmap_info(t, &info);
	TM_EXPECT_EQ(info.violations[TRIPMAP_CLASS_REENTRANT_WRITE], 3);
	TM_EXPECT_EQ(info.violations[TRIPMAP_CLASS_INTERRUPT_DURING_WRITE], tm_env_can_play());
	TM_EXPECT_EQ(violations(t), 3 + tm_env_can_play());
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
}

TM_TEST(reentrant)
{
	reentrant_under(shared_config(1));
}

TM_TEST(reentrant_rwlock)
{
	reentrant_under(sync_config(TRIPMAP_SYNC_RWLOCK));
}

TM_TEST(reentrant_snapshot)
{
	reentrant_under(sync_config(TRIPMAP_SYNC_SNAPSHOT));
}

TM_TEST(reentrant_split)
{
	reentrant_under(sync_config(TRIPMAP_SYNC_SPLIT));
}

/*
 * Sync snapshot: what a reader looks at is not changed any more, so it does not
 * retry, whatever is written meanwhile; the next one finds that.
 */
static void write_under_read(struct tripmap *t, enum tripmap_step step, void *arg)
{
	unsigned int *reads = arg;
	u64 key = 7, value;

	if (step != TRIPMAP_STEP_READ || (*reads)++)
		return;
	for (value = 10; value < 20; value++) {
		TM_EXPECT_EQ(tripmap_store(t, &key, &value, GFP_ATOMIC), 0);
		TM_EXPECT_EQ(tripmap_delete(t, &key, GFP_ATOMIC), 0);
	}
	TM_EXPECT_EQ(tripmap_store(t, &key, &value, GFP_ATOMIC), 0);
}

TM_TEST(snapshot_never_retries)
{
	struct tripmap_config cfg = sync_config(TRIPMAP_SYNC_SNAPSHOT);
	struct tripmap *t = tripmap_create(&cfg, GFP_KERNEL);
	u64 key = 7, value = 8;
	unsigned int reads = 0;

	if (!TM_EXPECT(!IS_ERR(t)))
		return;
	TM_EXPECT_EQ(tripmap_store(t, &key, &value, GFP_KERNEL), 0);
	TM_EXPECT_EQ(tripmap_set_hook(t, write_under_read, &reads), 0);
	TM_EXPECT_EQ(tripmap_lookup(t, &key, &value), 0);
	TM_EXPECT_EQ(value, 8);
	TM_EXPECT_EQ(reads, 1);
	tripmap_set_hook(t, NULL, NULL);
	TM_EXPECT_EQ(tripmap_lookup(t, &key, &value), 0);
	TM_EXPECT_EQ(value, 20);
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
}

static struct tm_seed seed_of(struct tripmap *t)
{
	struct tm_seed seed;

	rcu_read_lock();
	seed = rcu_dereference(t->shard->array)->seed;
	rcu_read_unlock();
	return seed;
}

/* Secret seeds are new ones where they should be, and drawn before the lock is taken. */
static void seeds_under(enum tripmap_sync sync)
{
	struct tripmap_config cfg = sync_config(sync);
	struct tripmap *t = tripmap_create(&cfg, GFP_KERNEL);
	struct tm_seed seed[3];
	u64 key = 1;

	if (!TM_EXPECT(!IS_ERR(t)))
		return;
	TM_EXPECT_EQ(tripmap_store(t, &key, &key, GFP_KERNEL), 0);
	seed[0] = seed_of(t);
	TM_EXPECT_EQ(tripmap_clear(t, GFP_KERNEL), 0);
	seed[1] = seed_of(t);
	TM_EXPECT(memcmp(&seed[0], &seed[1], sizeof(*seed)));
	t->shard->reseed = true;
	TM_EXPECT_EQ(tripmap_store(t, &key, &key, GFP_KERNEL), 0);
	/* Sync split: a part that is not yet what the others read. */
	TM_EXPECT(!tripmap_lookup(t, &key, &key));
	seed[2] = seed_of(t);
	TM_EXPECT(memcmp(&seed[1], &seed[2], sizeof(*seed)));
	TM_EXPECT(seed[2].s[0] && seed[2].s[1] && seed[2].s[2] && seed[2].s[3]);
	TM_EXPECT_STREQ(tm_invariant_check(t) ?: "", "");
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
}

TM_TEST(seeds)
{
	enum tripmap_sync sync;

	for (sync = TRIPMAP_SYNC_SHARDED; sync <= TRIPMAP_SYNC_MAX; sync++)
		seeds_under(sync);
}

#define MANY_COPIES	"thousands of entries, copied by each write: less than 5 percent are asked for"

/* The limit that each write's copy sets, met and said; and what is too large. */
TM_TEST(snapshot_limits)
{
	struct tripmap_config cfg = sync_config(TRIPMAP_SYNC_SNAPSHOT);
	struct tripmap *t;
	u64 key;

	if (tm_env_is_short())
		TM_SKIP(MANY_COPIES);
	t = tripmap_create(&cfg, GFP_KERNEL);
	if (!TM_EXPECT(!IS_ERR(t)))
		return;
	for (key = 0; key < TRIPMAP_COPY_MAX; key++)
		TM_EXPECT_EQ(tripmap_insert(t, &key, &key, GFP_KERNEL), 0);
	TM_EXPECT_EQ(tripmap_insert(t, &key, &key, GFP_KERNEL), -ENOSPC);
	key = 3;
	TM_EXPECT_EQ(tripmap_store(t, &key, &key, GFP_KERNEL), 0);
	TM_EXPECT_EQ(tripmap_delete(t, &key, GFP_KERNEL), 0);
	key = TRIPMAP_COPY_MAX;
	TM_EXPECT_EQ(tripmap_insert(t, &key, &key, GFP_KERNEL), 0);
	TM_EXPECT_EQ(tripmap_count(t), TRIPMAP_COPY_MAX);
	TM_EXPECT_STREQ(tm_invariant_check(t) ?: "", "");
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
	cfg.max_entries = TRIPMAP_COPY_MAX + 1;
	TM_EXPECT_EQ(PTR_ERR(tripmap_create(&cfg, GFP_KERNEL)), -EINVAL);
	cfg.max_entries = 0;
	cfg.bits = TRIPMAP_COPY_BITS + 1;
	TM_EXPECT_EQ(PTR_ERR(tripmap_create(&cfg, GFP_KERNEL)), -EINVAL);
	cfg.bits = 0;
	cfg.value_size = TRIPMAP_COPY_SIZE + 1;
	TM_EXPECT_EQ(PTR_ERR(tripmap_create(&cfg, GFP_KERNEL)), -EINVAL);
}

/* Of large entries a copy needs more segments for overflow buckets than the last one. */
TM_TEST(snapshot_overflow)
{
	struct tripmap_config cfg = sync_config(TRIPMAP_SYNC_SNAPSHOT);
	u64 key[16] = {}, n = 0;
	struct tripmap *t;

	if (tm_env_is_short())
		TM_SKIP(MANY_COPIES);
	cfg.key_size = sizeof(key);
	cfg.value_size = sizeof(key);
	t = tripmap_create(&cfg, GFP_KERNEL);
	if (!TM_EXPECT(!IS_ERR(t)))
		return;
	for (key[0] = 0; key[0] < 1664; key[0]++)
		n += !tripmap_insert(t, key, key, GFP_KERNEL);
	TM_EXPECT_EQ(n, 1664);
	TM_EXPECT_EQ(tripmap_count(t), 1664);
	rcu_read_lock();
	TM_EXPECT(rcu_dereference(t->shard->array)->over_segs > 1);
	rcu_read_unlock();
	TM_EXPECT_STREQ(tm_invariant_check(t) ?: "", "");
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
}

/* What each write gives up is counted, and so is what is freed by now. */
TM_TEST(snapshot_defers)
{
	struct tripmap_config cfg = sync_config(TRIPMAP_SYNC_SNAPSHOT);
	struct tripmap *t = tripmap_create(&cfg, GFP_KERNEL);
	struct tripmap_info info;
	u64 key, before, array;

	if (!TM_EXPECT(!IS_ERR(t)))
		return;
	for (key = 0; key < 300; key++)
		TM_EXPECT_EQ(tripmap_insert(t, &key, &key, GFP_KERNEL), 0);
	tripmap_info(t, &info);
	before = info.deferred_total;
	array = info.memory - info.memory_deferred;
	TM_EXPECT(before > 0 && array > 300 * 16);
	for (key = 0; key < 10; key++)
		TM_EXPECT_EQ(tripmap_replace(t, &key, &key, GFP_KERNEL), 0);
	/* What is refused costs nothing. */
	TM_EXPECT_EQ(tripmap_insert(t, &key, &key, GFP_KERNEL), -EEXIST);
	tripmap_info(t, &info);
	TM_EXPECT_EQ(info.deferred_total - before, 10 * array);
	tm_env_settle();
	tripmap_info(t, &info);
	TM_EXPECT_EQ(info.memory_deferred, 0);
	TM_EXPECT_EQ(info.deferred_total - before, 10 * array);
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
}

/* A copy is made under another seed where the last one was no good. */
TM_TEST(snapshot_reseeded)
{
	struct tripmap_config cfg = sync_config(TRIPMAP_SYNC_SNAPSHOT);
	struct tripmap *t = tripmap_create(&cfg, GFP_KERNEL);
	struct tripmap_info info;
	u64 key, value;

	if (!TM_EXPECT(!IS_ERR(t)))
		return;
	for (key = 0; key < 300; key++)
		TM_EXPECT_EQ(tripmap_insert(t, &key, &key, GFP_KERNEL), 0);
	t->shard->reseed = true;
	TM_EXPECT_EQ(tripmap_insert(t, &key, &key, GFP_KERNEL), 0);
	tripmap_info(t, &info);
	TM_EXPECT_EQ(info.epoch, 2);
	TM_EXPECT_EQ(info.resizes[TRIPMAP_RESIZE_RESEED], 1);
	for (key = 0; key <= 300; key++)
		TM_EXPECT(!tripmap_lookup(t, &key, &value) && value == key);
	TM_EXPECT_STREQ(tm_invariant_check(t) ?: "", "");
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
}

/*
 * Sync split
 */

static void expect_split(struct tripmap *t, u64 hits, u64 misses, u64 promotions)
{
	struct tripmap_info info;

	tripmap_info(t, &info);
	TM_EXPECT_EQ(info.hits, hits);
	TM_EXPECT_EQ(info.misses, misses);
	TM_EXPECT_EQ(info.promotions, promotions);
}

static struct tripmap *split_table(u64 from, u64 to, u16 value_size)
{
	struct tripmap_config cfg = sync_config(TRIPMAP_SYNC_SPLIT);
	u64 value[4] = {};
	struct tripmap *t;

	cfg.value_size = value_size;
	t = tripmap_create(&cfg, GFP_KERNEL);
	if (!TM_EXPECT(!IS_ERR(t)))
		return NULL;
	for (; from < to; from++) {
		value[0] = from;
		TM_EXPECT_EQ(tripmap_insert(t, &from, value, GFP_KERNEL), 0);
	}
	return t;
}

static void look_up(struct tripmap *t, u64 from, u64 to, int expected)
{
	u64 value[4];

	for (; from < to; from++) {
		TM_EXPECT_EQ(tripmap_lookup(t, &from, value), expected);
		TM_EXPECT(expected || value[0] == from);
	}
}

static void end_split(struct tripmap *t)
{
	TM_EXPECT_STREQ(tm_invariant_check(t) ?: "", "");
	TM_EXPECT_EQ(violations(t), 0);
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
}

/* Promoted after as many misses as there are entries; each lookup is counted once. */
TM_TEST(split_promotes)
{
	struct tripmap *t = split_table(0, 10, 8);
	unsigned long found = 0;
	u64 key[3] = { 3, 10, 77 };

	if (!t)
		return;
	look_up(t, 0, 9, 0);
	expect_split(t, 0, 9, 0);
	look_up(t, 77, 78, -ENOENT);
	expect_split(t, 0, 10, 1);
	look_up(t, 0, 10, 0);
	look_up(t, 77, 78, -ENOENT);
	expect_split(t, 11, 10, 1);
	TM_EXPECT_EQ(tripmap_insert(t, &key[1], &key[1], GFP_KERNEL), 0);
	look_up(t, 0, 10, 0);
	expect_split(t, 21, 10, 1);
	TM_EXPECT_EQ(tripmap_lookup_many(t, 3, key, NULL, &found), 2);
	TM_EXPECT_EQ(found, 3);
	expect_split(t, 22, 12, 1);
	look_up(t, 77, 86, -ENOENT);
	expect_split(t, 22, 21, 2);
	look_up(t, 0, 11, 0);
	expect_split(t, 33, 21, 2);
	end_split(t);
}

/* Keys of both parts are gone at once, and do not come back with a promotion. */
TM_TEST(split_deletes)
{
	struct tripmap *t = split_table(0, 10, 8);
	u64 key = 10, value;

	if (!t)
		return;
	look_up(t, 0, 10, 0);
	TM_EXPECT_EQ(tripmap_insert(t, &key, &key, GFP_KERNEL), 0);
	TM_EXPECT_EQ(tripmap_delete(t, &key, GFP_KERNEL), 0);
	key = 4;
	TM_EXPECT_EQ(tripmap_take(t, &key, &value, GFP_KERNEL), 0);
	TM_EXPECT_EQ(value, 4);
	look_up(t, 4, 5, -ENOENT);
	TM_EXPECT_EQ(tripmap_delete(t, &key, GFP_KERNEL), -ENOENT);
	TM_EXPECT_STREQ(tm_invariant_check(t) ?: "", "");
	look_up(t, 10, 20, -ENOENT);
	expect_split(t, 2, 10 + 9, 2);
	look_up(t, 4, 5, -ENOENT);
	key = 4;
	TM_EXPECT_EQ(tripmap_insert(t, &key, &key, GFP_KERNEL), 0);
	look_up(t, 0, 10, 0);
	key = 9;
	TM_EXPECT_EQ(tripmap_delete(t, &key, GFP_KERNEL), 0);
	TM_EXPECT_EQ(tripmap_clear(t, GFP_KERNEL), 0);
	look_up(t, 0, 11, -ENOENT);
	TM_EXPECT_EQ(tripmap_count(t), 0);
	end_split(t);
}

/* Values of keys of both parts, of one word and of several. */
static void change_split(u16 value_size)
{
	struct tripmap *t = split_table(0, 10, value_size);
	u64 key = 10, value[4] = { 10 };

	if (!t)
		return;
	look_up(t, 0, 10, 0);
	TM_EXPECT_EQ(tripmap_insert(t, &key, value, GFP_KERNEL), 0);
	for (key = 0; key < 11; key++) {
		value[0] = key + 100;
		TM_EXPECT_EQ(tripmap_replace(t, &key, value, GFP_KERNEL), 0);
		TM_EXPECT_EQ(tripmap_lookup(t, &key, value), 0);
		TM_EXPECT_EQ(value[0], key + 100);
	}
	TM_EXPECT_STREQ(tm_invariant_check(t) ?: "", "");
	look_up(t, 50, 61, -ENOENT);
	for (key = 0; key < 11; key++) {
		TM_EXPECT_EQ(tripmap_lookup(t, &key, value), 0);
		TM_EXPECT_EQ(value[0], key + 100);
	}
	end_split(t);
}

TM_TEST(split_changes)
{
	change_split(8);
	change_split(32);
}

/* An iterator sees new keys, what is promoted meanwhile, and each entry once. */
TM_TEST(split_walks)
{
	struct tripmap *t = split_table(0, 1000, 8);
	struct tripmap_iter *it;
	u64 key, value, n = 0, new = 5000;
	u8 seen[1000] = {};

	if (!t)
		return;
	it = tripmap_iter_open(t, GFP_KERNEL);
	while (TM_EXPECT(!IS_ERR(it)) && tripmap_iter_next(it, &key, &value) == 1) {
		TM_EXPECT_EQ(value, key);
		if (key < 1000)
			TM_EXPECT(!seen[key]++);
		n += key < 1000;
		if (n % 100)
			continue;
		TM_EXPECT_EQ(tripmap_insert(t, &new, &new, GFP_KERNEL), 0);
		look_up(t, 9000, 9000 + (n % 200 ? 0 : 1100), -ENOENT);
		new++;
	}
	TM_EXPECT_EQ(n, 1000);
	tripmap_iter_close(it);
	end_split(t);
}

/* An NMI looks into the dirty part beside whoever writes: no lock, no count. */
TM_TEST(split_in_nmi)
{
	struct tripmap *t;

	if (!tm_env_can_play())
		TM_SKIP("contexts cannot be played here");
	t = split_table(0, 10, 8);
	if (!t)
		return;
	tm_env_play_context(TRIPMAP_CONTEXT_NMI);
	look_up(t, 0, 10, 0);
	look_up(t, 10, 20, -ENOENT);
	tm_env_play_context(TRIPMAP_CONTEXT_TASK);
	expect_split(t, 0, 0, 0);
	end_split(t);
}

/* The limits, and a dirty part that becomes too small, and one with another seed. */
TM_TEST(split_limits)
{
	struct tripmap *t = split_table(0, TRIPMAP_COPY_MAX, 32);
	struct tripmap_config cfg = sync_config(TRIPMAP_SYNC_SPLIT);
	u64 key = TRIPMAP_COPY_MAX, value[4] = {};
	struct tripmap_info info;

	if (!t)
		return;
	TM_EXPECT_EQ(tripmap_insert(t, &key, value, GFP_KERNEL), -ENOSPC);
	key = 5;
	TM_EXPECT_EQ(tripmap_delete(t, &key, GFP_KERNEL), 0);
	t->shard->reseed = true;
	value[0] = key;
	TM_EXPECT_EQ(tripmap_insert(t, &key, value, GFP_KERNEL), 0);
	look_up(t, 0, TRIPMAP_COPY_MAX, 0);
	look_up(t, 0, TRIPMAP_COPY_MAX, 0);
	tripmap_info(t, &info);
	TM_EXPECT_EQ(info.epoch, 2);
	TM_EXPECT(info.resizes[TRIPMAP_RESIZE_GROW] > 1);
	TM_EXPECT_EQ(info.resizes[TRIPMAP_RESIZE_RESEED], 1);
	TM_EXPECT_EQ(info.promotions, 1);
	end_split(t);
	cfg.max_entries = TRIPMAP_COPY_MAX + 1;
	TM_EXPECT_EQ(PTR_ERR(tripmap_create(&cfg, GFP_KERNEL)), -EINVAL);
	cfg.max_entries = 0;
	cfg.key_size = TRIPMAP_COPY_SIZE + 1;
	TM_EXPECT_EQ(PTR_ERR(tripmap_create(&cfg, GFP_KERNEL)), -EINVAL);
}

/* An NMI above a writer that has the lock and is not in the guard yet. */
TM_TEST(nmi_amid_locking)
{
	struct tripmap_config cfg = sync_config(TRIPMAP_SYNC_RWLOCK);
	struct tripmap *t;
	unsigned long flags;
	u64 key = 1;

	if (!tm_env_can_play())
		TM_SKIP("contexts cannot be played here");
	t = tripmap_create(&cfg, GFP_KERNEL);
	if (!TM_EXPECT(!IS_ERR(t)))
		return;
	raw_spin_lock_irqsave(&t->shard->lock, flags);
	TM_EXPECT(tm_rwlock_close(t->shard, 1));
	tm_env_play_context(TRIPMAP_CONTEXT_NMI);
	TM_EXPECT_EQ(tripmap_lookup(t, &key, NULL), -ENOENT);
	tm_env_play_context(TRIPMAP_CONTEXT_TASK);
	tm_rwlock_open(t->shard);
	raw_spin_unlock_irqrestore(&t->shard->lock, flags);
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
}

/*
 * Sync rwlock: while one is inside, the other one does not get by. Who is inside
 * looks for it for a while, no more: there may be one CPU only.
 */
#define LOOKS	2000

static struct {
	struct tripmap *t;
	enum tripmap_step step;		/* where the first one stays */
	u32 inside, by;			/* READ_ONCE/WRITE_ONCE, no order */
} turn;

static void stay_inside(struct tripmap *t, enum tripmap_step step, void *arg)
{
	unsigned int looks;

	if (step != turn.step || READ_ONCE(turn.inside))
		return;
	WRITE_ONCE(turn.inside, 1);
	for (looks = 0; looks < LOOKS && !READ_ONCE(turn.by); looks++)
		cpu_relax();
	TM_EXPECT(!READ_ONCE(turn.by));
}

static void get_by(void *arg)
{
	u64 key = 1, value = 3;

	TM_WAIT_FOR(READ_ONCE(turn.inside));
	if (turn.step == TRIPMAP_STEP_READ)
		TM_EXPECT_EQ(tripmap_store(turn.t, &key, &value, GFP_KERNEL), 0);
	else
		TM_EXPECT_EQ(tripmap_lookup(turn.t, &key, &value), 0);
	WRITE_ONCE(turn.by, 1);
}

static void take_turns(enum tripmap_step step)
{
	struct tripmap_config cfg = sync_config(TRIPMAP_SYNC_RWLOCK);
	struct tm_thread other;
	u64 key = 1, value = 2;

	memset(&turn, 0, sizeof(turn));
	turn.step = step;
	turn.t = tripmap_create(&cfg, GFP_KERNEL);
	if (!TM_EXPECT(!IS_ERR(turn.t)))
		return;
	TM_EXPECT_EQ(tripmap_store(turn.t, &key, &value, GFP_KERNEL), 0);
	TM_EXPECT_EQ(tripmap_set_hook(turn.t, stay_inside, NULL), 0);
	tm_thread_start(&other, get_by, NULL, "other");
	if (step == TRIPMAP_STEP_READ)
		TM_EXPECT_EQ(tripmap_lookup(turn.t, &key, &value), 0);
	else
		TM_EXPECT_EQ(tripmap_store(turn.t, &key, &value, GFP_KERNEL), 0);
	TM_EXPECT_EQ(value, 2);
	tm_thread_join(&other);
	TM_EXPECT_EQ(READ_ONCE(turn.by), 1);
	TM_EXPECT_EQ(violations(turn.t), 0);
	TM_EXPECT_EQ(tripmap_destroy(turn.t), 0);
}

TM_TEST(reader_keeps_writer_out)
{
	take_turns(TRIPMAP_STEP_READ);
}

TM_TEST(writer_keeps_reader_out)
{
	take_turns(TRIPMAP_STEP_CHANGE);
}

/* Destroyed amid writers: each of them is done or finds it destroyed. */
static void until_destroyed(void *arg)
{
	u64 key = (unsigned long)arg;
	int err;

	do {
		err = tripmap_store(r.t, &key, &key, GFP_KERNEL);
		/* As many as any table takes. */
		key = (key + WRITERS) % TRIPMAP_COPY_MAX;
		cond_resched();
	} while (!err && !tm_test_failures());
	TM_EXPECT_EQ(err, -ESTALE);
	atomic_dec(&r.writing);
}

static void destroy_beside(struct tripmap_config cfg)
{
	u64 rounds = tm_env_ops(40), k;
	unsigned long i;

	for (k = 0; k < rounds && !tm_test_failures(); k++) {
		memset(&r, 0, sizeof(r));
		r.t = tripmap_create(&cfg, GFP_KERNEL);
		if (!TM_EXPECT(!IS_ERR(r.t)))
			return;
		for (i = 0; i < WRITERS; i++)
			tm_thread_start(&r.w[i].thread, until_destroyed, (void *)i, "writer");
		TM_WAIT_FOR(tripmap_count(r.t) > 100);
		TM_EXPECT_EQ(tripmap_destroy(r.t), 0);
		for (i = 0; i < WRITERS; i++)
			tm_thread_join(&r.w[i].thread);
	}
}

TM_TEST(destroy_beside_writers)
{
	destroy_beside(shared_config(4));
}

TM_TEST(destroy_beside_rwlock)
{
	destroy_beside(sync_config(TRIPMAP_SYNC_RWLOCK));
}

TM_TEST(destroy_beside_snapshot)
{
	destroy_beside(sync_config(TRIPMAP_SYNC_SNAPSHOT));
}

TM_TEST(destroy_beside_split)
{
	destroy_beside(sync_config(TRIPMAP_SYNC_SPLIT));
}

/* A flag under the lock: nobody can be inside, it was forged; repaired, all is well. */
static bool all_gone(u32 pid)
{
	return true;
}

static void forged_under(struct tripmap_config cfg)
{
	struct tm_stale_rule gone = { .ns = U64_MAX, .gone = all_gone };
	struct tm_stale_rule never = { .ns = U64_MAX };
	struct tripmap *t = tripmap_create(&cfg, GFP_KERNEL);
	struct tripmap_info info;
	u64 key = 1;

	if (!TM_EXPECT(!IS_ERR(t)))
		return;
	tm_guard_forge(&t->shard->guard);
	TM_EXPECT_EQ(tripmap_store(t, &key, &key, GFP_KERNEL), -EBUSY);
	TM_EXPECT_EQ(tripmap_lookup(t, &key, &key), -ENOENT);
	tripmap_info(t, &info);
	TM_EXPECT_EQ(info.violations[TRIPMAP_CLASS_FORGED_FLAG], 1);
	TM_EXPECT_EQ(tripmap_repair(t), 0);
	tm_stale_set(&gone);
	TM_EXPECT_EQ(tripmap_repair(t), 1);
	TM_EXPECT_EQ(tripmap_repair(t), 0);
	tm_stale_set(&never);
	TM_EXPECT_EQ(tripmap_store(t, &key, &key, GFP_KERNEL), 0);
	TM_EXPECT_EQ(violations(t), 1);
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
}

TM_TEST(forged)
{
	forged_under(shared_config(1));
}

/* Each shard has to grow. */
TM_TEST(injected_growth)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_NONE, _RET_IP_, GFP_KERNEL);
	struct tripmap_config cfg = shared_config(4);
	struct tripmap *t;
	unsigned int i;

	cfg.bits = 5;
	t = tripmap_create(&cfg, GFP_KERNEL);
	if (!TM_EXPECT(!IS_ERR(t)))
		return;
	TM_EXPECT_EQ(tm_table_inject(t, &call, TRIPMAP_FAULT_GROW, 0, 0, 1), 0);
	for (i = 0; i < 4; i++)
		TM_EXPECT(rcu_access_pointer(t->shard[i].array)->bits == 4);
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
}

/* One shard is damaged, and of another one the guard cannot be had. */
TM_TEST(damage_is_told_first)
{
	struct tm_stale_rule gone = { .ns = U64_MAX, .gone = all_gone };
	struct tm_stale_rule never = { .ns = U64_MAX };
	struct tripmap_config cfg = shared_config(2);
	struct tripmap *t = tripmap_create(&cfg, GFP_KERNEL);
	u64 word;

	if (!TM_EXPECT(!IS_ERR(t)))
		return;
	t->shard[0].count++;
	tm_guard_forge(&t->shard[1].guard);
	word = atomic64_read(&t->shard[1].guard.word);
	/* Interrupts do not go. */
	atomic64_set(&t->shard[1].guard.word,
		     word | (u64)TRIPMAP_CONTEXT_HARDIRQ << TM_GUARD_CTX_SHIFT);
	atomic_or(TM_FROZEN_FORGED, &t->frozen);
	tm_stale_set(&gone);
	TM_EXPECT_EQ(tripmap_repair(t), -EUCLEAN);
	t->shard[0].count--;
	TM_EXPECT_EQ(tripmap_repair(t), -EBUSY);
	atomic64_set(&t->shard[1].guard.word, word);
	TM_EXPECT_EQ(tripmap_repair(t), 1);
	tm_stale_set(&never);
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
}

TM_TEST(forged_rwlock)
{
	forged_under(sync_config(TRIPMAP_SYNC_RWLOCK));
}

TM_TEST(forged_snapshot)
{
	forged_under(sync_config(TRIPMAP_SYNC_SNAPSHOT));
}

TM_TEST(forged_split)
{
	forged_under(sync_config(TRIPMAP_SYNC_SPLIT));
}

TM_SUITE(shards, TM_CASE(one_shard), TM_CASE(eight_shards), TM_CASE(most_shards),
	 TM_CASE(shards_refused), TM_CASE(writers_one_shard), TM_CASE(writers_many_shards),
	 TM_CASE(walk_by_cursor), TM_CASE(limit), TM_CASE(small_limit), TM_CASE(no_limit),
	 TM_CASE(bytes_of_new), TM_CASE(reentrant),
	 TM_CASE(destroy_beside_writers), TM_CASE(forged), TM_CASE(injected_growth),
	 TM_CASE(damage_is_told_first),
	 TM_CASE(sync_refused),
	 TM_CASE(model_rwlock), TM_CASE(writers_rwlock), TM_CASE(reentrant_rwlock),
	 TM_CASE(nmi_amid_locking), TM_CASE(reader_keeps_writer_out),
	 TM_CASE(writer_keeps_reader_out),
	 TM_CASE(destroy_beside_rwlock), TM_CASE(forged_rwlock),
	 TM_CASE(writers_snapshot), TM_CASE(reentrant_snapshot), TM_CASE(snapshot_never_retries),
	 TM_CASE(seeds), TM_CASE(snapshot_limits), TM_CASE(snapshot_overflow),
	 TM_CASE(snapshot_reseeded), TM_CASE(snapshot_defers),
	 TM_CASE(destroy_beside_snapshot), TM_CASE(forged_snapshot), TM_CASE(writers_split),
	 TM_CASE(reentrant_split), TM_CASE(split_promotes), TM_CASE(split_deletes),
	 TM_CASE(split_changes), TM_CASE(split_walks), TM_CASE(split_in_nmi),
	 TM_CASE(split_limits), TM_CASE(destroy_beside_split), TM_CASE(forged_split));
