// SPDX-License-Identifier: GPL-2.0
/*
 * The scenario "cost": 10 000 operations a second, half of them stores and half
 * lookups, each timed by itself; between two of them the CPU waits, as it would do
 * other work. What observation costs is the difference between two runs of this
 * with other module parameters of tripmap.
 */
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/sched.h>

#include "../../kmod/core/tripmap.h"
#include "bench.h"
#include "run.h"

#define PER_SECOND	10000
#define ENTRIES		1000

/* Cycles between two operations. */
static u64 interval(void)
{
	u64 ns = ktime_get_ns(), begin = bench_clock();

	while (ktime_get_ns() - ns < NSEC_PER_SEC / 100)
		;
	return (bench_clock() - begin) / (PER_SECOND / 100);
}

static int operate(struct tripmap *t, u64 i)
{
	u64 key = i / 2 % ENTRIES, value = i;

	return i & 1 ? tripmap_lookup(t, &key, &value) :
		       tripmap_store(t, &key, &value, GFP_KERNEL);
}

/* One second. Told are the cycles inside of operations, and all of them. */
static int second(struct tripmap *t, unsigned int round)
{
	u64 gap = interval(), first = bench_clock(), busy = 0, begin, i;
	int err = 0;

	for (i = 0; i < PER_SECOND && !err; i++) {
		while (bench_clock() - first < i * gap)
			cpu_relax();
		begin = bench_clock();
		err = operate(t, i);
		busy += bench_clock() - begin;
		if (i % 100 == 0)
			cond_resched();
	}
	bench_tell(ENTRIES, "busy", "tripmap", round, PER_SECOND, busy);
	bench_tell(ENTRIES, "all", "tripmap", round, PER_SECOND, bench_clock() - first);
	return err;
}

/**
 * bench_paced() - 10 000 operations a second
 * @rounds: seconds; one more warms up
 *
 * Context: Task.
 * Return: 0, or an error.
 */
int bench_paced(unsigned int rounds)
{
	struct tripmap *t = bench_table(TRIPMAP_HASH_SIPHASH, TRIPMAP_CONTRACT_SINGLE_WRITER);
	unsigned int round;
	int err = PTR_ERR_OR_ZERO(t);

	for (round = 0; round <= rounds && !err; round++)
		err = second(t, round);
	if (!IS_ERR(t))
		tripmap_destroy(t);
	return err;
}
