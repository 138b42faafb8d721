// SPDX-License-Identifier: GPL-2.0
/*
 * What memory alone costs, in as much of it as a table takes: a pair of
 * adjacent lines is read for each key, no key is compared. And what the loops
 * and the clock cost, over nothing.
 */
#include <stdlib.h>

#include "bench.h"

#define ENTRY_BYTES	40	/* of a table, as the memory floor assumes it */
#define PAIR		16	/* words in two lines */
#define MANY		32

static word *pairs, count;

/* A cycle through all pairs in random order: Sattolo's shuffle. */
static void make_pairs(void)
{
	word i, j, x;

	count = bench.n * ENTRY_BYTES / (PAIR * sizeof(word));
	pairs = aligned_alloc(128, count * PAIR * sizeof(word));
	if (!pairs)
		bench_fail("no memory");
	for (i = 0; i < count; i++) {
		pairs[i * PAIR] = i;
		pairs[i * PAIR + PAIR / 2] = 0;
	}
	for (i = count - 1; i > 0; i--) {
		j = (__uint128_t)bench_key(i) * i >> 64;
		x = pairs[i * PAIR];
		pairs[i * PAIR] = pairs[j * PAIR];
		pairs[j * PAIR] = x;
	}
}

static inline word pair_of(word key)
{
	return (word)((__uint128_t)key * count >> 64) * PAIR;
}

static word walk(word ops)
{
	word i, at = 0;

	for (i = 0; i < ops; i++)
		at = pairs[at * PAIR] + pairs[at * PAIR + PAIR / 2];
	return at;
}

/* Each key's pair, whatever the others are. */
static word look(word ops)
{
	word i, sum = 0;

	for (i = 0; i < ops; i++) {
		word at = pair_of(bench.hit[i]);

		sum += pairs[at] + pairs[at + PAIR / 2];
	}
	return sum;
}

/* All fetched, then all read. */
static word look_many(word ops)
{
	word i, j, sum = 0;

	for (i = 0; i < ops; i += MANY) {
		for (j = 0; j < MANY; j++) {
			__builtin_prefetch(&pairs[pair_of(bench.hit[i + j])]);
			__builtin_prefetch(&pairs[pair_of(bench.hit[i + j]) + PAIR / 2]);
		}
		for (j = 0; j < MANY; j++) {
			word at = pair_of(bench.hit[i + j]);

			sum += pairs[at] + pairs[at + PAIR / 2];
		}
	}
	return sum;
}

static word nothing(word ops)
{
	word i, sum = 0;

	for (i = 0; i < ops; i++) {
		word k = bench.hit[i];

		__asm__ __volatile__("" : "+r" (k));
		sum += k;
	}
	return sum;
}

static void run(const char *what, word (*fn)(word ops))
{
	word t0, ns, check;

	if (!bench_wants(what))
		return;
	fn(bench.ops / 4 / MANY * MANY);
	t0 = bench_cpu();
	check = fn(bench.ops);
	ns = bench_cpu() - t0;
	/* Volatile, so that the loops stay; the sums of these are nobody's else. */
	__asm__ __volatile__("" : : "r" (check));
	bench_result("floor", what, (double)ns / bench.ops, 0, NULL);
}

static void run_tail(void)
{
	unsigned int *cycles;
	word i, begin;

	if (!bench_wants("tail"))
		return;
	cycles = bench_durations(bench.n);
	for (i = 0; i < bench.n; i++) {
		begin = bench_cycles();
		cycles[i] = bench_cycles() - begin;
	}
	bench_tail("floor", "tail", cycles, bench.n, 0);
}

int main(int argc, char **argv)
{
	bench_init(argc, argv);
	make_pairs();
	run("null", nothing);
	run("hit", look);
	run("dependent", walk);
	run("many", look_many);
	run_tail();
	return 0;
}
