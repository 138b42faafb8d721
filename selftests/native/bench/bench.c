// SPDX-License-Identifier: GPL-2.0
/*
 * The services of bench.h, for all peers alike: the same keys, the same heap
 * (touched before, never given back, so that no page fault is part of a result).
 */
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

#define ROUND_NS	200000000UL	/* of what runs for a time */
#define ABSENT		(1UL << 40)	/* indices from here on are not in the table */
/* Bytes an entry that the largest peer holds while it grows, and queries. */
#define HEAP_ENTRY	200UL
#define HEAP_MORE	(96UL << 20)

struct bench bench;

static atomic_int waiting;
static atomic_bool up;
static word began;

/* To the first or the second CPU of those that we may use. */
static void pin(int which)
{
	static cpu_set_t all;
	cpu_set_t set;
	int cpu;

	if (!CPU_COUNT(&all))
		sched_getaffinity(0, sizeof(all), &all);
	which %= CPU_COUNT(&all);
	for (cpu = 0; !CPU_ISSET(cpu, &all) || which--;)
		cpu++;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

/* Who is woken does not take the CPU from who runs: see lfht.c. */
void bench_helpers(int on)
{
	struct sched_param param = { 0 };

	pin(on);
	sched_setscheduler(0, on ? SCHED_BATCH : SCHED_OTHER, &param);
}

static word gcd(word a, word b)
{
	while (b) {
		word r = a % b;

		a = b;
		b = r;
	}
	return a;
}

static word coprime_step(word n)
{
	word step = n * 0.6180339887498949;

	while (gcd(step, n) != 1)
		step++;
	return step;
}

static void touch_heap(size_t bytes)
{
	char *p;

	mallopt(M_MMAP_MAX, 0);
	mallopt(M_TRIM_THRESHOLD, -1);
	mallopt(M_TOP_PAD, 64 << 20);
	p = malloc(bytes);
	if (!p)
		bench_fail("no memory");
	memset(p, 1, bytes);
	free(p);
}

static word *queries(word base, word salt)
{
	word *q = malloc(bench.ops * sizeof(*q)), i;

	if (!q)
		bench_fail("no memory");
	for (i = 0; i < bench.ops; i++)
		q[i] = bench_key(base + (word)((__uint128_t)bench_key(i ^ salt) *
					       bench.n >> 64));
	return q;
}

/**
 * bench_init() - read the arguments, make keys
 *
 * PROGRAM ENTRIES OPERATIONS [CASE,CASE...]
 */
int bench_init(int argc, char **argv)
{
	static char cases[512];

	if (argc < 3)
		bench_fail("usage: ENTRIES OPERATIONS [CASE,...]");
	bench.n = strtoul(argv[1], NULL, 0);
	bench.ops = strtoul(argv[2], NULL, 0) / 32 * 32;
	if (bench.n < 2 || !bench.ops)
		bench_fail("too few entries or operations");
	if (argc > 3) {
		snprintf(cases, sizeof(cases), ",%s,", argv[3]);
		bench.cases = cases;
	}
	pin(0);
	bench.step = coprime_step(bench.n);
	touch_heap(bench.n * HEAP_ENTRY + HEAP_MORE);
	bench.hit = queries(0, 0x1234567);
	bench.miss = queries(ABSENT, 0x7654321);
	return 0;
}

int bench_wants(const char *what)
{
	char comma[64];

	snprintf(comma, sizeof(comma), ",%s,", what);
	return !bench.cases || strstr(bench.cases, comma);
}

void bench_fail(const char *what)
{
	fprintf(stderr, "bench: %s\n", what);
	exit(1);
}

static word look_at(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000UL + ts.tv_nsec;
}

word bench_now(void)
{
	return look_at(CLOCK_MONOTONIC);
}

word bench_cpu(void)
{
	return look_at(CLOCK_THREAD_CPUTIME_ID);
}

double bench_cycle_ns(void)
{
	static double ns;

	if (!ns) {
		word t = bench_now(), c = bench_cycles(), until = t + 20000000, now;

		do {
			now = bench_now();
		} while (now < until);
		ns = (double)(now - t) / (bench_cycles() - c);
	}
	return ns;
}

word bench_heap(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

void bench_result(const char *peer, const char *what, double ns, word check,
		  const char *more, ...)
{
	va_list ap;

	printf("{\"peer\": \"%s\", \"case\": \"%s\", \"n\": %lu, \"ns\": %.3f, \"check\": \"%lx\"",
	       peer, what, bench.n, ns, check);
	if (more) {
		printf(", ");
		va_start(ap, more);
		vprintf(more, ap);
		va_end(ap);
	}
	printf("}\n");
	fflush(stdout);
}

unsigned int *bench_durations(word n)
{
	unsigned int *d = malloc(n * sizeof(*d));

	if (!d)
		bench_fail("no memory");
	memset(d, 0, n * sizeof(*d));
	return d;
}

static int by_size(const void *a, const void *b)
{
	unsigned int x = *(const unsigned int *)a, y = *(const unsigned int *)b;

	return x < y ? -1 : x > y;
}

void bench_tail(const char *peer, const char *what, unsigned int *cycles, word n, word check)
{
	double ns = bench_cycle_ns();
	double p50, p99, p999, p9999, max;

	qsort(cycles, n, sizeof(*cycles), by_size);
	p50 = cycles[n / 2] * ns;
	p99 = cycles[n - 1 - n / 100] * ns;
	p999 = cycles[n - 1 - n / 1000] * ns;
	p9999 = cycles[n - 1 - n / 10000] * ns;
	max = cycles[n - 1] * ns;
	bench_result(peer, what, p50, check,
		     "\"p50\": %.0f, \"p99\": %.0f, \"p999\": %.0f, \"p9999\": %.0f, \"max\": %.0f",
		     p50, p99, p999, p9999, max);
}

/* Both are there, then both go. */
void bench_begin_together(void)
{
	atomic_fetch_sub(&waiting, 1);
	while (atomic_load(&waiting))
		;
	began = bench_now();
}

int bench_time_is_up(void)
{
	if (atomic_load_explicit(&up, memory_order_relaxed))
		return 1;
	if (bench_now() - began < ROUND_NS)
		return 0;
	atomic_store(&up, true);
	return 1;
}

static void *run_side(void *arg)
{
	struct bench_side *side = arg;

	pin(side->id);
	return side->fn(side);
}

void bench_pair(struct bench_side *side)
{
	pthread_t thread[2];
	int i;

	atomic_store(&waiting, 2);
	atomic_store(&up, false);
	for (i = 0; i < 2; i++) {
		side[i].id = i;
		if (pthread_create(&thread[i], NULL, run_side, &side[i]))
			bench_fail("no thread");
	}
	for (i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
}
