/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every peer's program shares: keys, clock, threads, results. No header of
 * libc here, since one of the peers is built without.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#ifdef __cplusplus
extern "C" {
#endif

typedef unsigned long word;

/* What is asked for; constant once main() has read it. */
struct bench {
	word n;			/* entries */
	word ops;		/* operations of a loop */
	word step;		/* coprime to n: see bench_next() */
	const word *hit;	/* ops keys of the table, in random order */
	const word *miss;	/* ops keys that are not */
	const char *cases;	/* ",a,b," or NULL for all */
};

extern struct bench bench;

/* One to one, so no two keys are the same. */
static inline word bench_key(word i)
{
	i += 0x9e3779b97f4a7c15UL;
	i = (i ^ i >> 30) * 0xbf58476d1ce4e5b9UL;
	i = (i ^ i >> 27) * 0x94d049bb133111ebUL;
	return i ^ i >> 31;
}

/* Goes through 0 .. n - 1, far from where it was. */
static inline word bench_next(word i)
{
	i += bench.step;
	return i >= bench.n ? i - bench.n : i;
}

static inline word bench_cycles(void)
{
	unsigned int lo, hi;

	__asm__ __volatile__("rdtscp" : "=a" (lo), "=d" (hi) : : "rcx", "memory");
	return (word)hi << 32 | lo;
}

int bench_init(int argc, char **argv);
int bench_wants(const char *what);
void bench_fail(const char *what);
word bench_now(void);				/* ns */
word bench_cpu(void);				/* ns, of the calling thread */
/*
 * The bench's thread stays on one CPU; threads that a peer makes between (1) and
 * (0), for work of its own, stay on another one.
 */
void bench_helpers(int on);
double bench_cycle_ns(void);
word bench_heap(void);				/* bytes that malloc() has given out */

/* One line of JSON: the case, ns an operation, what it was checked by, more. */
void bench_result(const char *peer, const char *what, double ns, word check,
		  const char *more, ...) __attribute__((format(printf, 5, 6)));
/* Quantiles of n durations in cycles, which are sorted. */
void bench_tail(const char *peer, const char *what, unsigned int *cycles, word n, word check);
unsigned int *bench_durations(word n);

/* Two threads that begin at once, each its own half of the work. */
struct bench_side {
	void *(*fn)(struct bench_side *side);
	void *table;
	word ops, sum, ns;	/* out */
	int id;			/* 0 or 1 */
};
void bench_pair(struct bench_side *side);
void bench_begin_together(void);
/* Until time is up; looked at by both. */
int bench_time_is_up(void);

#ifdef __cplusplus
}
#endif

#endif /* BENCH_BENCH_H */
