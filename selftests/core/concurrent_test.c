// SPDX-License-Identifier: GPL-2.0
/*
 * One writer, readers and walkers beside it. A key that is there throughout is
 * never missing, a value is never torn, never another key's and never older
 * than one seen before; a walk sees each stable key exactly once.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/slab.h>

#include "../../kmod/core/table.h"
#include "churn.h"
#include "env.h"
#include "test.h"

#define READERS		2
#define MANY		16
#define LOOKUPS_MIN	20000	/* that each reader has to come to */
#define WALKS_MIN	5

static struct {
	struct churn c;
	atomic_t stop;
	atomic64_t lookups[READERS];
	atomic64_t walks, stale, views;
} r;

struct reader {
	unsigned int number;
	u64 rng;
	u8 *key, *value, *scratch;	/* room for MANY */
	u32 last[CHURN_STABLE];		/* highest value number seen of each */
};

static u32 draw(struct reader *me, u32 n)
{
	me->rng = me->rng * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)(me->rng >> 33) % n;
}

static void check_value(struct reader *me, u32 i, const u8 *value)
{
	u32 n = model_value_number(&r.c.m, value, me->scratch);

	TM_EXPECT(n && n % CHURN_UNIVERSE == i);
	if (i >= CHURN_STABLE)
		return;
	/* Numbers wrap. */
	if (!TM_EXPECT(!me->last[i] || (s32)(n - me->last[i]) >= 0))
		tm_test_note("key %u: value of round %u after that of round %u", i,
			     n / CHURN_UNIVERSE, me->last[i] / CHURN_UNIVERSE);
	me->last[i] = n;
}

static void read_one(struct reader *me)
{
	u32 i = draw(me, 2) ? draw(me, CHURN_STABLE) : draw(me, CHURN_UNIVERSE);
	int err;

	model_key(&r.c.m, i, me->key);
	err = tripmap_lookup(r.c.m.t, me->key, me->value);
	if (!err)
		check_value(me, i, me->value);
	else
		TM_EXPECT(err == -ENOENT && i >= CHURN_STABLE);
}

static void read_many(struct reader *me)
{
	unsigned long found;
	u32 i[MANY], k;

	for (k = 0; k < MANY; k++) {
		i[k] = draw(me, 2 * CHURN_STABLE);
		model_key(&r.c.m, i[k], me->key + k * r.c.m.cfg.key_size);
	}
	TM_EXPECT(tripmap_lookup_many(r.c.m.t, MANY, me->key, me->value, &found) >= 0);
	for (k = 0; k < MANY; k++) {
		if (found & 1UL << k)
			check_value(me, i[k], me->value + k * r.c.m.cfg.value_size);
		else
			TM_EXPECT(i[k] >= CHURN_STABLE);
	}
}

static bool reader_init(struct reader *me, void *arg)
{
	memset(me, 0, sizeof(*me));
	me->number = (unsigned long)arg;
	me->rng = tm_env_seed() + me->number;
	me->key = kvmalloc(MANY * r.c.m.cfg.key_size, GFP_KERNEL);
	me->value = kvmalloc(MANY * r.c.m.cfg.value_size, GFP_KERNEL);
	me->scratch = kvmalloc(r.c.m.cfg.key_size + r.c.m.cfg.value_size, GFP_KERNEL);
	return TM_EXPECT(me->key && me->value && me->scratch);
}

static void reader_exit(struct reader *me)
{
	kvfree(me->key);
	kvfree(me->value);
	kvfree(me->scratch);
}

static void reader(void *arg)
{
	struct reader me;

	if (reader_init(&me, arg)) {
		while (!atomic_read(&r.stop) && !tm_test_failures()) {
			if (draw(&me, 8))
				read_one(&me);
			else
				read_many(&me);
			if (!(atomic64_inc_return(&r.lookups[me.number]) % 64))
				cond_resched();
		}
	}
	reader_exit(&me);
}

static int walk(struct reader *me, struct tripmap_iter *it, u8 *seen)
{
	u32 i, n;
	int err;

	while ((err = tripmap_iter_next(it, me->key, me->value)) == 1) {
		i = model_key_number(&r.c.m, me->key, me->scratch);
		if (!TM_EXPECT(i < CHURN_UNIVERSE))
			return -EINVAL;
		n = model_value_number(&r.c.m, me->value, me->scratch);
		TM_EXPECT(n && n % CHURN_UNIVERSE == i);
		TM_EXPECT(!seen[i]++);
	}
	for (i = 0; !err && i < CHURN_STABLE; i++)
		TM_EXPECT_EQ(seen[i], 1);
	return err;
}

static void walk_once(struct reader *me, u8 *seen)
{
	struct tripmap_iter *it = tripmap_iter_open(r.c.m.t, GFP_KERNEL);
	int err;

	if (!TM_EXPECT(!IS_ERR(it)))
		return;
	memset(seen, 0, CHURN_UNIVERSE);
	err = walk(me, it, seen);
	tripmap_iter_close(it);
	if (!err)
		atomic64_inc(&r.walks);
	else if (TM_EXPECT(err == -ESTALE || err == -EAGAIN))
		atomic64_inc(&r.stale);
}

/* A bucket as a whole, wherever it is: only that it can be looked at. */
static void view_once(struct reader *me)
{
	struct tm_bucket_view view;
	u8 map[2 * 8];
	int err = tm_bucket_view(r.c.m.t, draw(me, CHURN_BUCKETS), draw(me, 2), &view, GFP_KERNEL);

	if (!err) {
		TM_EXPECT(view.nlinks >= 1 && view.nlinks <= TM_CHAIN_MAX);
		kvfree(view.slots);
		atomic64_inc(&r.views);
	}
	tm_bucket_map(r.c.m.t, draw(me, 2), draw(me, CHURN_BUCKETS), map, 8);
}

static void walker(void *arg)
{
	u8 *seen = kvmalloc(CHURN_UNIVERSE, GFP_KERNEL);
	struct reader me;

	if (reader_init(&me, arg) && TM_EXPECT(seen)) {
		while (!atomic_read(&r.stop) && !tm_test_failures()) {
			walk_once(&me, seen);
			view_once(&me);
			cond_resched();
		}
	}
	reader_exit(&me);
	kvfree(seen);
}

static bool all_had_their_share(void)
{
	unsigned int i;

	for (i = 0; i < READERS; i++)
		if (atomic64_read(&r.lookups[i]) < LOOKUPS_MIN)
			return false;
	return atomic64_read(&r.walks) >= WALKS_MIN;
}

static void write_all(struct churn *c)
{
	churn_grow(c, 4000);
	churn_shrink(c);
	churn_same_size(c);
	churn_grow(c, 300);
	churn_reseed(c);
}

/* Readers must come along, or one sees a key so late that its numbers have wrapped. */
static void pace(struct churn *c)
{
	if (!(c->round % 64))
		cond_resched();
}

/* At least once through everything, and until all others had their share. */
static void writer(struct churn *c)
{
	struct tm_patience patience = { 0 };
	u64 rounds = tm_env_ops(4);

	do {
		write_all(c);
		rounds -= !!rounds;
	} while (!tm_test_failures() &&
		 (rounds || (!all_had_their_share() && tm_test_patient(&patience))));
	TM_EXPECT(tm_test_failures() || all_had_their_share());
}

static void concurrent(u16 key_size, u16 value_size)
{
	struct tm_thread readers[READERS], walks;
	unsigned long i;

	memset(&r, 0, sizeof(r));
	if (!churn_init(&r.c, key_size, value_size))
		return;
	r.c.pause = pace;
	for (i = 0; i < READERS; i++)
		tm_thread_start(&readers[i], reader, (void *)i, "reader");
	tm_thread_start(&walks, walker, (void *)READERS, "walker");
	writer(&r.c);
	atomic_set(&r.stop, 1);
	for (i = 0; i < READERS; i++)
		tm_thread_join(&readers[i]);
	tm_thread_join(&walks);
	churn_expect(&r.c, true);
	model_check(&r.c.m);
	tm_test_note("%llu lookups, %llu walks, %llu ended, %llu views",
		     (u64)atomic64_read(&r.lookups[0]) + (u64)atomic64_read(&r.lookups[1]),
		     (u64)atomic64_read(&r.walks), (u64)atomic64_read(&r.stale),
		     (u64)atomic64_read(&r.views));
	churn_exit(&r.c);
}

/* Values of one word: replaced by one store. */
TM_TEST(words)
{
	concurrent(8, 8);
}

/* Values of several words: replaced by a second copy. */
TM_TEST(several_words)
{
	concurrent(8, 40);
}

TM_TEST(odd_sizes)
{
	concurrent(13, 27);
}

/* Keys and values behind pointers. */
TM_TEST(blobs)
{
	concurrent(140, 300);
}

/* Clears: nothing is stable then, but nothing is torn either. */
static void clear_reader(void *arg)
{
	u8 key[8], value[40], scratch[40];
	u64 rng = tm_env_seed();
	u32 i, n;
	int err;

	while (!atomic_read(&r.stop) && !tm_test_failures()) {
		rng = rng * 6364136223846793005ULL + 1442695040888963407ULL;
		i = (rng >> 33) % 1000;
		model_key(&r.c.m, i, key);
		err = tripmap_lookup(r.c.m.t, key, value);
		n = err ? 0 : model_value_number(&r.c.m, value, scratch);
		TM_EXPECT(err == -ENOENT || (!err && n % CHURN_UNIVERSE == i));
		if (!(atomic64_inc_return(&r.lookups[0]) % 64))
			cond_resched();
	}
}

TM_TEST(clears)
{
	u64 rounds = tm_env_ops(200);
	struct tm_thread t;
	u32 i, k;

	memset(&r, 0, sizeof(r));
	if (!churn_init(&r.c, 8, 40))
		return;
	tm_thread_start(&t, clear_reader, NULL, "reader");
	for (k = 0; (k < rounds || atomic64_read(&r.lookups[0]) < LOOKUPS_MIN) &&
	     !tm_test_failures(); k++) {
		for (i = 0; i < 1000; i += 1 + model_random(&r.c.m, 20))
			churn_put(&r.c, TRIPMAP_OP_STORE, i);
		model_do(&r.c.m, TRIPMAP_OP_CLEAR, 0, 0);
	}
	atomic_set(&r.stop, 1);
	tm_thread_join(&t);
	model_check(&r.c.m);
	churn_exit(&r.c);
}

/* Tables that come and go beside readers of their handles. */
static struct tripmap *shared;

static void handle_reader(void *arg)
{
	u64 key = 1, value = 0;
	int err;

	while (!atomic_read(&r.stop) && !tm_test_failures()) {
		err = tripmap_lookup(READ_ONCE(shared), &key, &value);
		TM_EXPECT(err == -ENOENT || err == -ESTALE || (!err && value == 7));
		if (!(atomic64_inc_return(&r.lookups[0]) % 64))
			cond_resched();
	}
}

TM_TEST(destroy_beside_readers)
{
	struct tripmap_config cfg = model_config(8, 8);
	u64 key = 1, value = 7, rounds = tm_env_ops(500), k;
	struct tripmap *t;
	struct tm_thread reader;

	memset(&r, 0, sizeof(r));
	WRITE_ONCE(shared, NULL);
	tm_thread_start(&reader, handle_reader, NULL, "reader");
	for (k = 0; (k < rounds || atomic64_read(&r.lookups[0]) < LOOKUPS_MIN) &&
	     !tm_test_failures(); k++) {
		t = tripmap_create(&cfg, GFP_KERNEL);
		if (!TM_EXPECT(!IS_ERR(t)))
			break;
		TM_EXPECT_EQ(tripmap_store(t, &key, &value, GFP_KERNEL), 0);
		smp_store_release(&shared, t);
		TM_EXPECT_EQ(tripmap_destroy(t), 0);
	}
	atomic_set(&r.stop, 1);
	tm_thread_join(&reader);
}

TM_SUITE(concurrent, TM_CASE(words), TM_CASE(several_words), TM_CASE(odd_sizes), TM_CASE(blobs),
	 TM_CASE(clears), TM_CASE(destroy_beside_readers));
