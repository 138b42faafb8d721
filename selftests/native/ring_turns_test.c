// SPDX-License-Identifier: GPL-2.0
/*
 * Writers of one ring amid each other's writing, and readers amid all of them:
 * more than interrupts can do, as each goes on when the other has not ended.
 */
#include <linux/preempt.h>
#include <linux/string.h>

#include "../core/env.h"
#include "../core/test.h"
#include "../../kmod/observe/ring.h"
#include "shim/shim.h"

#define WORDS	4
#define RECORDS	2	/* so few that each goes around all the time */
#define WRITERS	3
#define PUTS	12	/* of each writer */

static struct tm_rings rings;
static u64 written;		/* strands take turns: plain */
static unsigned int done;	/* writers */
static u64 seen, kept;

static void writer(void *arg)
{
	u64 record[WORDS], n;
	unsigned int i;

	shim_set_cpu(0);
	for (n = 0; n < PUTS; n++) {
		written++;
		for (i = 0; i < WORDS; i++)
			record[i] = written;
		preempt_disable();
		tm_ring_put(&rings, record);
		preempt_enable();
	}
	done++;
}

/* Whatever is had is of one record, and stays what it is as long as it is there. */
static void look(u64 n)
{
	u64 record[WORDS];
	unsigned int i;

	if (!tm_ring_get(&rings, 0, n, record))
		return;
	seen++;
	for (i = 1; i < WORDS; i++)
		TM_EXPECT_EQ(record[i], record[0]);
}

static void reader(void *arg)
{
	while (done < WRITERS && !tm_test_failures()) {
		u64 head = tm_ring_head(&rings, 0);

		look(head);
		if (head > 1)
			look(head - 1);
		cpu_relax();
	}
}

/* When all is quiet: what was numbered last is there, or was given up. */
static void look_at_rest(void)
{
	u64 head = tm_ring_head(&rings, 0), record[WORDS], n;

	TM_EXPECT_EQ(head, WRITERS * PUTS);
	for (n = head - RECORDS + 1; n <= head; n++)
		kept += tm_ring_get(&rings, 0, n, record);
}

TM_TEST(whole)
{
	static const struct shim_strand strands[] = {
		{ writer }, { reader }, { writer }, { writer }, { reader },
	};
	u64 runs = tm_env_ops(2000), n;

#ifndef SHIM_PERTURB
	TM_SKIP("only a build with SHIM_PERTURB has places to interleave at");
#endif
	seen = kept = 0;
	for (n = 0; n < runs && !tm_test_failures(); n++) {
		if (!TM_EXPECT_EQ(tm_rings_init(&rings, RECORDS, WORDS), 0))
			return;
		written = done = 0;
		shim_interleave(strands, ARRAY_SIZE(strands), 2 << (n % 5), tm_env_seed() + n);
		look_at_rest();
		tm_rings_exit(&rings);
	}
	tm_test_note("%llu read, %llu of %llu kept", seen, kept, runs * RECORDS);
	TM_EXPECT(seen > runs);
	TM_EXPECT(kept > runs);
}

TM_SUITE(ring_turns, TM_CASE(whole));
