/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What tests may command in the shim, and what its parts share. Everything
 * that is not said to be global belongs to the calling thread.
 */
#ifndef SHIM_SHIM_H
#define SHIM_SHIM_H

#include <linux/types.h>
#include <linux/sched.h>

/* Contexts and CPUs are played: the bits of linux/preempt.h, 0 for a task. */
void shim_set_context(unsigned int context);
void shim_set_cpu(unsigned int cpu);

/* Global clock: stands still at mono ns, or runs with the machine again at 0. */
void shim_clock_set(u64 mono);
void shim_clock_advance(u64 ns);
/* Global: the wall clock is ns from where it should be. */
void shim_clock_step(s64 ns);
/*
 * Global: fn is called at each look at the clock, and at each stack before it is
 * walked, by who does it; NULL ends it.
 */
void shim_hook_looks(void (*fn)(bool stack));

/*
 * The allocation numbered nth from now, counted from 0, fails, and with
 * onwards each one after it. Negative: none. Returns how many have failed
 * since the call before.
 */
unsigned int shim_fail_alloc(long nth, bool onwards);

/* Global: pieces of memory allocated and not yet freed. */
long shim_live_allocs(void);

/* Global: what get_random_bytes() and shim_perturb() are drawn from. */
void shim_seed(u64 seed);

/* Waits until no RCU callback and no work item is left. */
void shim_settle(void);

/*
 * Strands run in turns, on this thread: control may change hands at each
 * marked access, and does so once in rate of them, by a stream of random
 * numbers of seed alone. Only where the build has -DSHIM_PERTURB; a strand that
 * waits lets the others go on (cpu_relax()). False where it cannot be had.
 */
struct shim_strand {
	void (*fn)(void *arg);
	void *arg;
};

bool shim_interleave(const struct shim_strand *strands, unsigned int n, unsigned int rate,
		     u64 seed);

/* Between the parts. */
#define SHIM_THREADS	128

struct shim_thread {
	struct task_struct task;
	unsigned int slot;		/* 1 to SHIM_THREADS - 1 */
	unsigned int context;
	unsigned int cpu;
	unsigned int preempt;		/* nesting */
	unsigned int irqs_off;
	unsigned int raw_locks;		/* raw spinlocks that it holds */
	unsigned int readers;		/* nesting of read sections */
	bool reclaiming;		/* runs RCU callbacks */
	bool should_stop;		/* atomic; set by others */
	long fail_in;			/* allocations to go, negative: never */
	bool fail_onwards;
	unsigned int failed;
	u64 random;			/* state, 0: not yet drawn */
};

struct shim_thread *shim_self(void);
struct shim_thread *shim_thread_new(void);
void shim_thread_free(struct shim_thread *t);
/* The caller goes on as t. */
void shim_become(struct shim_thread *t);
/* Instead of waiting busily. */
void shim_relax(void);
/* Calls the hook of shim_hook_looks(). */
void shim_look(bool stack);
/* A thread of the shim's own, which is never joined. */
void shim_daemon(void *(*fn)(void *arg), const char *name);
void shim_rcu_thread_exit(struct shim_thread *t);
void shim_rcu_defer(void (*fn)(void *arg), void *arg);
void shim_work_settle(void);
void shim_backtrace(void);
/* Name of the function at addr and how far into it; NULL where unknown. */
const char *shim_symbol(unsigned long addr, unsigned long *offset);

#endif /* SHIM_SHIM_H */
