// SPDX-License-Identifier: GPL-2.0
/*
 * Walks in small steps with writes between them, one thread: what is there
 * throughout is seen exactly once, nothing twice, across resizes of all kinds.
 */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../../kmod/core/hook.h"
#include "../../kmod/core/table.h"
#include "churn.h"
#include "env.h"
#include "test.h"

#define MOST	5	/* entries a step */

/* One walk under way; it steps whenever the churn pauses. */
struct stroll {
	struct tm_walk walk;
	u8 *buf, *scratch;
	u8 *seen;		/* of each key, how often */
	unsigned int walks, stale;
};

static void stroll_begin(struct stroll *st)
{
	tm_walk_exit(&st->walk);
	TM_EXPECT_EQ(tm_walk_init(&st->walk, GFP_KERNEL), 0);
	memset(st->seen, 0, CHURN_UNIVERSE);
}

static void stroll_end(struct stroll *st)
{
	u32 i;

	for (i = 0; i < CHURN_STABLE; i++)
		TM_EXPECT_EQ(st->seen[i], 1);
	st->walks++;
	stroll_begin(st);
}

static void saw(struct churn *c, struct stroll *st, const u8 *entry)
{
	u32 i = model_key_number(&c->m, entry, st->scratch), n;

	if (!TM_EXPECT(i < CHURN_UNIVERSE))
		return;
	n = model_value_number(&c->m, entry + c->m.cfg.key_size, st->scratch);
	TM_EXPECT(n && n % CHURN_UNIVERSE == i);
	TM_EXPECT(!st->seen[i]);
	st->seen[i]++;
}

static void stroll_step(struct churn *c)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_ITERATE, 0, GFP_KERNEL);
	u32 size = c->m.cfg.key_size + c->m.cfg.value_size;
	struct stroll *st = c->arg;
	int n, i;

	if (model_random(&c->m, 4))
		return;
	n = tm_walk_fill(c->m.t, &call, &st->walk, st->buf, size * MOST,
			 1 + model_random(&c->m, MOST));
	if (n == -EAGAIN)	/* between two seeds no walk can begin */
		return;
	if (n == -ESTALE) {
		st->stale++;
		stroll_begin(st);
		return;
	}
	TM_EXPECT(n >= 0 && n <= MOST);
	for (i = 0; i < n; i++)
		saw(c, st, st->buf + i * size);
	if (!n && TM_EXPECT(st->walk.done))
		stroll_end(st);
}

static void stroll(u16 key_size, u16 value_size)
{
	struct stroll st = { .walks = 0 };
	struct churn c;

	if (!churn_init(&c, key_size, value_size))
		return;
	st.buf = kvmalloc((key_size + value_size) * MOST, GFP_KERNEL);
	st.scratch = kvmalloc(key_size + value_size, GFP_KERNEL);
	st.seen = kvmalloc(CHURN_UNIVERSE, GFP_KERNEL);
	stroll_begin(&st);
	c.arg = &st;
	c.pause = stroll_step;
	churn_grow(&c, 3000);
	churn_shrink(&c);
	churn_grow(&c, 1000);
	churn_same_size(&c);
	churn_grow(&c, 500);
	churn_reseed(&c);
	churn_expect(&c, true);
	TM_EXPECT(st.walks > 5);
	tm_test_note("%u walks, %u ended by another seed", st.walks, st.stale);
	c.pause = NULL;
	model_check(&c.m);
	tm_walk_exit(&st.walk);
	kvfree(st.buf);
	kvfree(st.scratch);
	kvfree(st.seen);
	churn_exit(&c);
}

TM_TEST(beside_resizes)
{
	stroll(8, 8);
}

TM_TEST(beside_resizes_long_values)
{
	stroll(16, 100);
}

TM_TEST(beside_resizes_blobs)
{
	stroll(150, 200);
}

/* A clear ends a walk honestly. */
TM_TEST(clear_ends)
{
	struct tripmap_config cfg = model_config(8, 8);
	struct tripmap_iter *it;
	struct model m;
	u64 key, value;
	int err;
	u32 i;

	if (!model_init(&m, &cfg, 2000, tm_env_seed()))
		return;
	for (i = 0; i < 2000; i++)
		model_do(&m, TRIPMAP_OP_STORE, i, 0);
	it = tripmap_iter_open(m.t, GFP_KERNEL);
	TM_EXPECT_EQ(tripmap_iter_next(it, &key, &value), 1);
	model_do(&m, TRIPMAP_OP_CLEAR, 0, 0);
	for (i = 0; i < 2000; i++) {
		err = tripmap_iter_next(it, &key, &value);
		if (err != 1)
			break;
	}
	TM_EXPECT_EQ(err, -ESTALE);
	TM_EXPECT(i < 4096 / 16);	/* what was in its buffer */
	tripmap_iter_close(it);
	model_exit(&m);
}

/* So does another seed. */
TM_TEST(reseed_ends)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_ITERATE, 0, GFP_KERNEL);
	struct tm_walk w;
	struct churn c;
	u64 buf[2];

	if (!churn_init(&c, 8, 8))
		return;
	TM_EXPECT_EQ(tm_walk_init(&w, GFP_KERNEL), 0);
	TM_EXPECT_EQ(tm_walk_fill(c.m.t, &call, &w, buf, sizeof(buf), 1), 1);
	churn_reseed(&c);
	TM_EXPECT_EQ(tm_walk_fill(c.m.t, &call, &w, buf, sizeof(buf), 1), -ESTALE);
	tm_walk_exit(&w);
	churn_exit(&c);
}

/* So does the end of the table; the iterator itself is still to be closed. */
TM_TEST(destroy_ends)
{
	struct tripmap_config cfg = model_config(8, 8);
	struct tripmap *t = tripmap_create(&cfg, GFP_KERNEL);
	struct tripmap_iter *it;
	u64 key = 1, value = 1;

	if (!TM_EXPECT(!IS_ERR(t)))
		return;
	tripmap_store(t, &key, &value, GFP_KERNEL);
	it = tripmap_iter_open(t, GFP_KERNEL);
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
	TM_EXPECT_EQ(tripmap_iter_next(it, &key, &value), -ESTALE);
	tripmap_iter_close(it);
}

/* Who keeps an iterator over the end of its table gets nothing of the next one there. */
TM_TEST(handle_used_again)
{
	struct tripmap_config small = model_config(8, 8), large = model_config(64, 128);
	struct tripmap *t = tripmap_create(&small, GFP_KERNEL), *again = NULL;
	u64 key[2] = { 1, 77 }, value[2] = { 1, 77 };
	struct tripmap_iter *it;
	unsigned int i;

	if (!TM_EXPECT(!IS_ERR(t)))
		return;
	tripmap_store(t, key, value, GFP_KERNEL);
	tripmap_store(t, key + 1, value, GFP_KERNEL);
	it = tripmap_iter_open(t, GFP_KERNEL);
	TM_EXPECT_EQ(tripmap_iter_next(it, key, value), 1);
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
	for (i = 0; i < 1000 && again != t; i++) {
		if (again)
			tripmap_destroy(again);
		again = tripmap_create(&large, GFP_KERNEL);
		if (!TM_EXPECT(!IS_ERR(again)))
			return;
	}
	TM_EXPECT_EQ(again, t);
	TM_EXPECT_EQ(tripmap_iter_next(it, key, value), 1);
	TM_EXPECT_EQ(key[1], 77);
	TM_EXPECT_EQ(value[1], 77);
	TM_EXPECT_EQ(tripmap_iter_next(it, key, value), -ESTALE);
	tripmap_iter_close(it);
	tripmap_destroy(again);
}

TM_TEST(empty)
{
	struct tripmap_config cfg = model_config(8, 8);
	struct tripmap *t = tripmap_create(&cfg, GFP_KERNEL);
	struct tripmap_iter *it;
	u64 key, value;

	if (!TM_EXPECT(!IS_ERR(t)))
		return;
	it = tripmap_iter_open(t, GFP_KERNEL);
	TM_EXPECT_EQ(tripmap_iter_next(it, &key, &value), 0);
	TM_EXPECT_EQ(tripmap_iter_next(it, &key, &value), 0);
	tripmap_iter_close(it);
	tripmap_destroy(t);
}

/* A buffer for not even one entry; one that just fits; no value asked for. */
TM_TEST(buffers)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_ITERATE, 0, GFP_KERNEL);
	struct tripmap_config cfg = model_config(8, 100);
	struct tripmap_iter *it;
	struct tm_walk w;
	struct model m;
	u8 buf[108];
	u32 n = 0;
	u64 key;

	if (!model_init(&m, &cfg, 20, tm_env_seed()))
		return;
	for (n = 0; n < 20; n++)
		model_do(&m, TRIPMAP_OP_STORE, n, 0);
	TM_EXPECT_EQ(tm_walk_init(&w, GFP_KERNEL), 0);
	TM_EXPECT_EQ(tm_walk_fill(m.t, &call, &w, buf, 107, 10), -ENOSPC);
	for (n = 0; tm_walk_fill(m.t, &call, &w, buf, 108, 10) == 1; n++)
		;
	TM_EXPECT_EQ(n, 20);
	TM_EXPECT(w.done);
	tm_walk_exit(&w);
	it = tripmap_iter_open(m.t, GFP_KERNEL);
	for (n = 0; tripmap_iter_next(it, &key, NULL) == 1; n++)
		;
	TM_EXPECT_EQ(n, 20);
	tripmap_iter_close(it);
	model_exit(&m);
}

/* The cursor is all there is between two steps: another walk goes on from it. */
TM_TEST(cursor_moves_on)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_ITERATE, 0, GFP_KERNEL);
	struct tripmap_config cfg = model_config(8, 8);
	struct tm_walk w = { 0 };
	struct model m;
	u32 i, n = 0;
	u8 seen[500] = { 0 };
	u64 buf[2], cursor = 0;
	u32 epoch = 0, k;

	if (!model_init(&m, &cfg, 500, tm_env_seed()))
		return;
	for (i = 0; i < 500; i++)
		model_do(&m, TRIPMAP_OP_STORE, i, 0);
	for (n = 0; n <= 500; n++) {
		TM_EXPECT_EQ(tm_walk_init(&w, GFP_KERNEL), 0);
		w.cursor = cursor;
		w.epoch = epoch;
		i = tm_walk_fill(m.t, &call, &w, buf, sizeof(buf), 1);
		cursor = w.cursor;
		epoch = w.epoch;
		tm_walk_exit(&w);
		if (!i || w.done)
			break;
		k = model_key_number(&m, (u8 *)buf, m.k);
		if (TM_EXPECT(k < 500))
			TM_EXPECT(!seen[k]++);
	}
	TM_EXPECT(n >= 499);
	model_exit(&m);
}

/*
 * Walks of one version. Somebody writes while such a walk reads its first bucket,
 * and again between two of its steps.
 */

#define ONE_VERSION	3000	/* entries: several buffers full */
#define ONE_COPY	600	/* entries, where each write copies all of them */

struct intruder {
	bool at_read;		/* writes as soon as something is read */
	u64 next;		/* key */
};

static void intrude(struct tripmap *t, enum tripmap_step step, void *arg)
{
	struct intruder *in = arg;
	u64 key;

	if (step != TRIPMAP_STEP_READ || !in->at_read)
		return;
	in->at_read = false;
	key = in->next++;
	TM_EXPECT_EQ(tripmap_insert(t, &key, &key, GFP_ATOMIC), 0);
	key = 1;
	TM_EXPECT_EQ(tripmap_delete(t, &key, GFP_ATOMIC), 0);
}

static struct tripmap *of_one_version(enum tripmap_contract contract, enum tripmap_sync sync,
				      u16 shards, u64 entries)
{
	struct tripmap_config cfg = model_config(8, 8);
	struct tripmap *t;
	u64 key;

	cfg.contract = contract;
	cfg.sync = sync;
	cfg.shards = shards;
	t = tripmap_create(&cfg, GFP_KERNEL);
	if (!TM_EXPECT(!IS_ERR(t)))
		return NULL;
	for (key = 0; key < entries; key++)
		TM_EXPECT_EQ(tripmap_insert(t, &key, &key, GFP_KERNEL), 0);
	return t;
}

/* Returns what the walk ends with, and how many of the entries were those of before. */
static int walk_one_version(struct tripmap *t, u64 write_after, u64 *n)
{
	struct tripmap_iter *it = tripmap_iter_open_snapshot(t, GFP_KERNEL);
	u64 key, value;
	int err;

	*n = 0;
	if (!TM_EXPECT(!IS_ERR(it)))
		return PTR_ERR(it);
	while ((err = tripmap_iter_next(it, &key, &value)) == 1) {
		TM_EXPECT(key == value && key < ONE_VERSION);
		if (++*n != write_after)
			continue;
		TM_EXPECT_EQ(tripmap_delete(t, &key, GFP_KERNEL), 0);
		TM_EXPECT_EQ(tripmap_insert(t, &key, &value, GFP_KERNEL), 0);
	}
	tripmap_iter_close(it);
	return err;
}

static void in_steps(enum tripmap_contract contract, enum tripmap_sync sync, u16 shards)
{
	struct tripmap *t = of_one_version(contract, sync, shards, ONE_VERSION);
	struct intruder in = { .at_read = true, .next = ONE_VERSION };
	u64 n;

	if (!t)
		return;
	TM_EXPECT_EQ(walk_one_version(t, 0, &n), 0);
	TM_EXPECT_EQ(n, ONE_VERSION);
	TM_EXPECT_EQ(walk_one_version(t, 1, &n), -EAGAIN);
	TM_EXPECT(n > 1 && n < ONE_VERSION);
	/* All had been seen by then: they are of one version. */
	TM_EXPECT_EQ(walk_one_version(t, ONE_VERSION, &n), 0);
	if (contract == TRIPMAP_CONTRACT_SINGLE_WRITER) {
		TM_EXPECT_EQ(tripmap_set_hook(t, intrude, &in), 0);
		TM_EXPECT_EQ(walk_one_version(t, 0, &n), -EAGAIN);
		TM_EXPECT_EQ(n, 0);
		tripmap_set_hook(t, NULL, NULL);
	}
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
}

TM_TEST(one_version_in_steps)
{
	in_steps(TRIPMAP_CONTRACT_SINGLE_WRITER, TRIPMAP_SYNC_NONE, 1);
	in_steps(TRIPMAP_CONTRACT_EXCLUSIVE, TRIPMAP_SYNC_NONE, 1);
	in_steps(TRIPMAP_CONTRACT_SHARED, TRIPMAP_SYNC_SHARDED, 8);
	in_steps(TRIPMAP_CONTRACT_SHARED, TRIPMAP_SYNC_RWLOCK, 1);
	in_steps(TRIPMAP_CONTRACT_SHARED, TRIPMAP_SYNC_SPLIT, 1);
}

TM_TEST(one_version_at_once)
{
	struct tripmap *t = of_one_version(TRIPMAP_CONTRACT_SHARED, TRIPMAP_SYNC_SNAPSHOT, 1,
					   ONE_COPY);
	struct intruder in = { .at_read = true, .next = ONE_VERSION };
	u64 key = ONE_VERSION, n;

	if (!t)
		return;
	TM_EXPECT_EQ(walk_one_version(t, 1, &n), 0);
	TM_EXPECT_EQ(n, ONE_COPY);
	TM_EXPECT_EQ(tripmap_set_hook(t, intrude, &in), 0);
	TM_EXPECT_EQ(walk_one_version(t, 0, &n), 0);
	TM_EXPECT_EQ(n, ONE_COPY);
	tripmap_set_hook(t, NULL, NULL);
	TM_EXPECT(!in.at_read && tripmap_contains(t, &key));
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
}

/* Nobody is ever out of the table: the walk does not wait for ever. */
static void walk_inside(struct tripmap *t, enum tripmap_step step, void *arg)
{
	u64 n;

	if (step != TRIPMAP_STEP_CHANGE)
		return;
	TM_EXPECT_EQ(walk_one_version(t, 0, &n), -EAGAIN);
	++*(unsigned int *)arg;
}

TM_TEST(one_version_amid_write)
{
	struct tripmap *t = of_one_version(TRIPMAP_CONTRACT_SINGLE_WRITER, TRIPMAP_SYNC_NONE, 1,
					   ONE_VERSION);
	unsigned int times = 0;
	u64 key = ONE_VERSION;

	if (!t)
		return;
	TM_EXPECT_EQ(tripmap_set_hook(t, walk_inside, &times), 0);
	TM_EXPECT_EQ(tripmap_insert(t, &key, &key, GFP_KERNEL), 0);
	tripmap_set_hook(t, NULL, NULL);
	TM_EXPECT_EQ(times, 1);
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
}

TM_SUITE(walk, TM_CASE(beside_resizes), TM_CASE(beside_resizes_long_values),
	 TM_CASE(beside_resizes_blobs), TM_CASE(clear_ends), TM_CASE(reseed_ends),
	 TM_CASE(destroy_ends), TM_CASE(handle_used_again), TM_CASE(empty),
	 TM_CASE(buffers), TM_CASE(cursor_moves_on),
	 TM_CASE(one_version_in_steps), TM_CASE(one_version_at_once),
	 TM_CASE(one_version_amid_write));
