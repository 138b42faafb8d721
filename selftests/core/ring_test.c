// SPDX-License-Identifier: GPL-2.0
/*
 * Rings of records: what is there, what is overwritten, and that a reader beside
 * the writer never sees parts of two records. Writers amid writers, as of
 * interrupts: native/ring_turns_test.c.
 */
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/preempt.h>
#include <linux/smp.h>
#include <linux/string.h>

#include "../../kmod/observe/ring.h"
#include "env.h"
#include "test.h"

#define WORDS	5
#define RECORDS	16
#define CPU	3	/* that is played, where it can be */

static struct tm_rings rings;

static bool begin(u32 records)
{
	return TM_EXPECT_EQ(tm_rings_init(&rings, records, WORDS), 0);
}

/* Every word tells of the record. */
static void fill(u64 record[WORDS], u64 n)
{
	unsigned int i;

	for (i = 0; i < WORDS; i++)
		record[i] = n * WORDS + i;
}

static bool is_whole(const u64 record[WORDS], u64 n)
{
	u64 expected[WORDS];

	fill(expected, n);
	return !memcmp(record, expected, sizeof(expected));
}

/* On which CPU it went. */
static unsigned int put(u64 n)
{
	u64 record[WORDS];
	unsigned int cpu;

	fill(record, n);
	preempt_disable();
	cpu = smp_processor_id();
	tm_ring_put(&rings, record);
	preempt_enable();
	return cpu;
}

static bool has(unsigned int cpu, u64 n)
{
	u64 record[WORDS] = { 0 };

	return tm_ring_get(&rings, cpu, n, record) && TM_EXPECT(is_whole(record, n));
}

/* A kernel may move the test on to another CPU, where the numbers are others. */
static void play(void)
{
	tm_env_play_cpu(CPU);
}

TM_TEST(overwrites_the_oldest)
{
	u64 n, k;

	if (!tm_env_can_play())
		TM_SKIP("records of a test that is moved lie in several rings");
	if (!begin(RECORDS))
		return;
	play();
	TM_EXPECT_EQ(tm_ring_head(&rings, CPU), 0);
	for (n = 1; n <= 5 * RECORDS; n++) {
		TM_EXPECT_EQ(put(n), CPU);
		TM_EXPECT_EQ(tm_ring_head(&rings, CPU), n);
		for (k = 0; k <= n + 1; k++)
			TM_EXPECT_EQ(has(CPU, k), k && k <= n && k + RECORDS > n);
	}
	TM_EXPECT_EQ(tm_ring_head(&rings, CPU + 1), 0);
	TM_EXPECT(!has(CPU + 1, 1));
	tm_rings_exit(&rings);
}

TM_TEST(nonsense)
{
	u64 record[WORDS];

	TM_EXPECT_EQ(tm_rings_init(&rings, 0, WORDS), -EINVAL);
	TM_EXPECT_EQ(tm_rings_init(&rings, 24, WORDS), -EINVAL);
	TM_EXPECT_EQ(tm_rings_init(&rings, RECORDS, 0), -EINVAL);
	if (!begin(1))
		return;
	put(1);
	TM_EXPECT_EQ(tm_ring_head(&rings, nr_cpu_ids), 0);
	TM_EXPECT(!tm_ring_get(&rings, nr_cpu_ids, 1, record));
	TM_EXPECT(tm_rings_memory(&rings) >= (WORDS + 1) * sizeof(u64));
	tm_rings_exit(&rings);
	TM_EXPECT_EQ(tm_rings_memory(&rings), 0);
	tm_rings_exit(&rings);
}

TM_TEST(no_memory)
{
	long before = tm_env_live_allocs();
	unsigned int failed;
	long nth;

	if (!tm_env_can_play())
		TM_SKIP("allocations cannot be failed here");
	for (nth = 0; ; nth++) {
		int err;

		tm_env_fail_alloc(nth, false);
		err = tm_rings_init(&rings, RECORDS, WORDS);
		failed = tm_env_fail_end();
		if (!failed)
			break;
		TM_EXPECT_EQ(err, -ENOMEM);
		TM_EXPECT_EQ(tm_env_live_allocs(), before);
	}
	TM_EXPECT(nth > 2);
	tm_rings_exit(&rings);
	TM_EXPECT_EQ(tm_env_live_allocs(), before);
}

#define SEEN	2000	/* records that the reader wants to see */

static struct {
	unsigned int cpu;	/* the writer's first one */
	bool known;		/* smp_load_acquire()/smp_store_release(): cpu is there */
	bool stop;		/* READ_ONCE/WRITE_ONCE */
} c;

static void writer(void *arg)
{
	u64 n = 0;

	play();
	while (!READ_ONCE(c.stop)) {
		unsigned int cpu = put(++n);

		if (n == 1) {
			c.cpu = cpu;
			smp_store_release(&c.known, true);	/* pairs with reader_beside() */
		}
		if (!(n % 1024))
			cond_resched();
	}
}

/* Which number it has is the ring's affair, where the writer was moved. */
static bool look_beside(u64 back)
{
	u64 record[WORDS], n = tm_ring_head(&rings, c.cpu);

	if (n <= back || !tm_ring_get(&rings, c.cpu, n - back, record))
		return false;
	return TM_EXPECT(is_whole(record, record[0] / WORDS));
}

TM_TEST(reader_beside)
{
	u64 wanted = tm_env_ops(SEEN), got = 0, tries = 0;
	struct tm_patience patience = { 0 };
	struct tm_thread thread;

	if (!begin(4))
		return;
	memset(&c, 0, sizeof(c));
	if (!tm_thread_start(&thread, writer, NULL, "ring-writer"))
		return;
	TM_WAIT_FOR(smp_load_acquire(&c.known));	/* pairs with writer() */
	while (got < wanted && !tm_test_failures() && tm_test_patient(&patience)) {
		got += look_beside(tries++ % 4);
		if (!(tries % 1024))
			cond_resched();
	}
	WRITE_ONCE(c.stop, true);
	tm_thread_join(&thread);
	TM_EXPECT_EQ(got, wanted);
	tm_rings_exit(&rings);
}

TM_SUITE(ring, TM_CASE(overwrites_the_oldest), TM_CASE(nonsense), TM_CASE(no_memory),
	 TM_CASE(reader_beside));
