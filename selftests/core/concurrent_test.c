// SPDX-License-Identifier: GPL-2.0
/* One writer, readers and walkers beside it, as threads: see beside.h. */
#include <linux/atomic.h>
#include <linux/err.h>

#include "beside.h"
#include "env.h"
#include "test.h"

#define WALKS_MIN	5

/* Of each reader. The kernel's checkers watch every word of a large value. */
#if defined(CONFIG_KCSAN)
#define LOOKUPS_MIN	1000
#elif defined(CONFIG_KASAN)
#define LOOKUPS_MIN	2000
#else
#define LOOKUPS_MIN	20000
#endif

static void concurrent(u16 key_size, u16 value_size)
{
	struct tm_thread readers[BESIDE_READERS], walker;
	unsigned long i;

	if (!beside_begin(key_size, value_size, LOOKUPS_MIN, WALKS_MIN))
		return;
	for (i = 0; i < BESIDE_READERS; i++)
		tm_thread_start(&readers[i], beside_reader, (void *)i, "reader");
	tm_thread_start(&walker, beside_walker, (void *)i, "walker");
	beside_writer(NULL);
	for (i = 0; i < BESIDE_READERS; i++)
		tm_thread_join(&readers[i]);
	tm_thread_join(&walker);
	beside_end();
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

/* Half a word, two words, nearly all that fits into a slot. */
TM_TEST(half_words)
{
	concurrent(4, 4);
}

TM_TEST(pairs)
{
	concurrent(8, 16);
}

TM_TEST(wide)
{
	concurrent(8, 100);
}

/* Keys and values behind pointers. */
TM_TEST(blobs)
{
	concurrent(140, 300);
}

TM_TEST(pages)
{
	concurrent(8, TRIPMAP_VALUE_MAX);
}

static struct {
	struct churn c;
	atomic_t stop;
	atomic64_t lookups;
} r;

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
		if (!(atomic64_inc_return(&r.lookups) % 64))
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
	for (k = 0; (k < rounds || atomic64_read(&r.lookups) < LOOKUPS_MIN) &&
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
		if (!(atomic64_inc_return(&r.lookups) % 64))
			cond_resched();
	}
}

TM_TEST(destroy_beside_readers)
{
	struct tripmap_config cfg = model_config(8, 8);
	u64 key = 1, value = 7, rounds = tm_env_ops(200), k;
	struct tripmap *t;
	struct tm_thread reader;

	memset(&r, 0, sizeof(r));
	WRITE_ONCE(shared, NULL);
	tm_thread_start(&reader, handle_reader, NULL, "reader");
	for (k = 0; (k < rounds || atomic64_read(&r.lookups) < LOOKUPS_MIN) &&
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

TM_SUITE(concurrent, TM_CASE(words), TM_CASE(several_words), TM_CASE(odd_sizes),
	 TM_CASE(half_words), TM_CASE(pairs), TM_CASE(wide), TM_CASE(blobs), TM_CASE(pages),
	 TM_CASE(clears), TM_CASE(destroy_beside_readers));
