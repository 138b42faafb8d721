// SPDX-License-Identifier: GPL-2.0
/*
 * One writer makes a table grow, shrink, and be rebuilt at its size and under a
 * new seed; beside it another thread reads, or walks. Some keys are there
 * throughout, with values that change all the time: those are never missing,
 * never torn, and in each walk exactly once.
 */
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "scenario.h"

#define STEADY	64		/* keys 0 .. STEADY - 1 are there throughout */
#define CHURN	3000		/* others come and go */
#define FIRST	1000ULL		/* number of the first of the others */
#define BITS	6
#define BUCKETS	(1U << BITS)
#define CROWDED	45		/* buckets, of nine each: same-size growth is due */

struct churn {
	struct tripmap	*t;
	u16		value_size;
	bool		reseeds;	/* do that, too */
	u64		end;
	u16		seq;
	u8		*value;		/* the writer's */
	u8		*seen;		/* the other thread's */
	struct tm_thread thread;
	bool		stop;		/* READ_ONCE/WRITE_ONCE */
	bool		begun;		/* release/acquire */

	/* The other thread's findings. */
	u64		rounds;
	u64		missing;
	u64		torn;
	u64		twice;
	u64		ended;		/* walks that were told to begin anew */
};

/*
 * The writer
 */

static void put(struct churn *c, u64 key)
{
	value_make(key, ++c->seq, c->value, c->value_size);
	TM_EXPECT_EQ(tripmap_store(c->t, &key, c->value, GFP_KERNEL), 0);
}

static void drop(struct churn *c, u64 key)
{
	TM_EXPECT_EQ(tripmap_delete(c->t, &key, GFP_KERNEL), 0);
}

/* Between two changes of others, a new value for one that is there throughout. */
static bool touch(struct churn *c)
{
	put(c, c->seq % STEADY);
	cond_resched();
	return !tm_test_failures() && ktime_get_ns() < c->end;
}

static void grow_and_shrink(struct churn *c)
{
	u64 key, top;

	for (key = FIRST; key < FIRST + CHURN && touch(c); key++)
		put(c, key);
	top = key;
	for (key = FIRST; key < top; key++) {
		drop(c, key);
		put(c, key % STEADY);
	}
}

/* More than a bucket's worth in each of some buckets; then they go again. */
static void crowd(struct churn *c, unsigned int buckets, unsigned int each)
{
	u64 key, top;
	u8 in[BUCKETS] = { 0 };

	for (key = FIRST; in[buckets - 1] < each && touch(c); key++) {
		u64 b = table_bucket(key, BITS);

		if (b >= buckets || in[b] >= each)
			continue;
		/* The last bucket is filled last. */
		if (b == buckets - 1 && buckets > 1 && in[b - 1] < each)
			continue;
		put(c, key);
		in[b]++;
	}
	top = key;
	for (key = FIRST; key < top; key++)
		if (tripmap_contains(c->t, &key))
			drop(c, key);
}

static void churn(struct churn *c)
{
	do {
		crowd(c, CROWDED, 9);
		grow_and_shrink(c);
	} while (touch(c));
}

/* All in one bucket: the table takes another seed. */
static void churn_seeds(struct churn *c)
{
	do {
		crowd(c, 1, 200);
		grow_and_shrink(c);
	} while (touch(c));
}

/*
 * The others
 */

static void judge_value(struct churn *c, u64 key)
{
	c->torn += !value_good(key, c->seen, c->value_size);
}

static void began(struct churn *c)
{
	scenario_pin(1);
	/* Pairs with the acquire in run(). */
	smp_store_release(&c->begun, true);
}

static void reader(void *arg)
{
	struct churn *c = arg;
	u64 key;

	began(c);
	while (!READ_ONCE(c->stop)) {
		for (key = 0; key < STEADY; key++) {
			if (tripmap_lookup(c->t, &key, c->seen))
				c->missing++;
			else
				judge_value(c, key);
		}
		c->rounds++;
		cond_resched();
	}
}

#define BATCH	16

static void batch_reader(void *arg)
{
	struct churn *c = arg;
	unsigned long found[1];
	u64 keys[BATCH], first = 0;
	unsigned int i;

	began(c);
	while (!READ_ONCE(c->stop)) {
		for (i = 0; i < BATCH; i++)
			keys[i] = (first + i) % STEADY;
		if (tripmap_lookup_many(c->t, BATCH, keys, c->seen, found) != BATCH)
			c->missing++;
		for (i = 0; i < BATCH; i++)
			c->torn += !value_good(keys[i], c->seen + i * c->value_size,
					       c->value_size);
		first += BATCH;
		c->rounds++;
		cond_resched();
	}
}

static void judge_walk(struct churn *c, const u8 *times)
{
	u64 key;

	for (key = 0; key < STEADY; key++) {
		c->missing += !times[key];
		c->twice += times[key] > 1;
	}
	c->rounds++;
}

static void walk(struct churn *c)
{
	struct tripmap_iter *it = tripmap_iter_open(c->t, GFP_KERNEL);
	u8 times[STEADY] = { 0 };
	u64 key;
	int r;

	if (!TM_EXPECT(!IS_ERR(it)))
		return;
	while ((r = tripmap_iter_next(it, &key, c->seen)) == 1) {
		judge_value(c, key);
		if (key < STEADY)
			times[key]++;
	}
	tripmap_iter_close(it);
	if (!r)
		judge_walk(c, times);
	else
		c->ended++;
	TM_EXPECT(!r || (c->reseeds && (r == -ESTALE || r == -EAGAIN)));
}

static void walker(void *arg)
{
	struct churn *c = arg;

	began(c);
	while (!READ_ONCE(c->stop) && !tm_test_failures()) {
		walk(c);
		cond_resched();
	}
}

/*
 * Runs
 */

static bool churn_new(struct churn *c)
{
	u64 key;

	c->t = table_seeded("churned", c->value_size, BITS);
	c->value = kmalloc(c->value_size, GFP_KERNEL);
	c->seen = kmalloc_array(BATCH, c->value_size, GFP_KERNEL);
	if (!c->t || !TM_EXPECT(c->value && c->seen))
		return false;
	for (key = 0; key < STEADY; key++)
		put(c, key);
	return true;
}

static void judge(struct churn *c)
{
	TM_EXPECT_EQ(c->missing, 0);
	TM_EXPECT_EQ(c->torn, 0);
	TM_EXPECT_EQ(c->twice, 0);
	TM_EXPECT(c->rounds > 0);
	TM_EXPECT_EQ(table_all_violations(c->t), 0);
	tm_test_note("value_size=%u rounds=%llu ended=%llu grown=%llu shrunk=%llu same_size=%llu reseeded=%llu",
		     c->value_size, c->rounds, c->ended,
		     table_resizes(c->t, TRIPMAP_RESIZE_GROW),
		     table_resizes(c->t, TRIPMAP_RESIZE_SHRINK),
		     table_resizes(c->t, TRIPMAP_RESIZE_SAME_SIZE),
		     table_resizes(c->t, TRIPMAP_RESIZE_RESEED));
	TM_EXPECT(table_resizes(c->t, TRIPMAP_RESIZE_GROW) > 0);
	TM_EXPECT(table_resizes(c->t, TRIPMAP_RESIZE_SHRINK) > 0);
	if (c->reseeds)
		TM_EXPECT(table_resizes(c->t, TRIPMAP_RESIZE_RESEED) > 0);
	else
		TM_EXPECT(table_resizes(c->t, TRIPMAP_RESIZE_SAME_SIZE) > 0);
}

static void run(u16 value_size, bool reseeds, void (*other)(void *))
{
	struct churn c = { .value_size = value_size, .reseeds = reseeds };

	if (churn_new(&c) && tm_thread_start(&c.thread, other, &c, "churn")) {
		/* Pairs with the release in began(). */
		TM_WAIT_FOR(smp_load_acquire(&c.begun));
		scenario_pin(0);
		c.end = scenario_end();
		if (reseeds)
			churn_seeds(&c);
		else
			churn(&c);
		WRITE_ONCE(c.stop, true);
		tm_thread_join(&c.thread);
		judge(&c);
	}
	table_end(c.t);
	kfree(c.value);
	kfree(c.seen);
}

static const u16 sizes[] = { 4, 8, 16, 100, 300, 4096 };

static void run_sizes(bool reseeds, void (*other)(void *))
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes) && !tm_test_failures(); i++)
		run(sizes[i], reseeds, other);
}

TM_TEST(read)
{
	run_sizes(false, reader);
}

TM_TEST(read_many)
{
	run_sizes(false, batch_reader);
}

TM_TEST(read_under_new_seeds)
{
	run_sizes(true, reader);
}

TM_TEST(walked)
{
	run_sizes(false, walker);
}

TM_TEST(walked_under_new_seeds)
{
	run(8, true, walker);
}

TM_SUITE(steady, TM_CASE(read), TM_CASE(read_many), TM_CASE(read_under_new_seeds),
	 TM_CASE(walked), TM_CASE(walked_under_new_seeds));
