// SPDX-License-Identifier: GPL-2.0
/*
 * Interleaving on purpose. Real threads meet within a few instructions of each
 * other too seldom; here strands take turns on one thread, and any marked
 * access (READ_ONCE, WRITE_ONCE, acquire, release, barrier, RMW) can be where
 * one stops and another goes on. The same seed gives the same run.
 *
 * It is sequentially consistent: what a CPU reorders is not found here.
 */
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include <linux/bug.h>
#include <linux/random.h>

#include "shim.h"

#ifdef SHIM_PERTURB

#define STACK		(256 << 10)

/* AddressSanitizer wants to know of stacks. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#else
#define __sanitizer_start_switch_fiber(fake, stack, size)	((void)(fake), (void)(stack))
#define __sanitizer_finish_switch_fiber(fake, stack, size)	((void)(fake), (void)(stack))
#endif

struct strand {
	void *fake;			/* the sanitizer's, while another runs */
	ucontext_t context;
	const struct shim_strand *what;
	struct shim_thread *self;
	char *stack;
	bool done;
};

/* One interleaving at a time in a thread; NULL outside. */
static __thread struct turns {
	struct strand *strand;
	unsigned int n, left, running, rate;
	u64 rng;
	ucontext_t outside;
	const void *outside_stack;	/* found out by the first strand */
	size_t outside_size;
} *turns;

static u32 draw(u32 n)
{
	turns->rng ^= turns->rng << 13;
	turns->rng ^= turns->rng >> 7;
	turns->rng ^= turns->rng << 17;
	return (turns->rng >> 32) % n;
}

static void go_on(unsigned int from, unsigned int to)
{
	if (from == to)
		return;
	turns->running = to;
	shim_become(turns->strand[to].self);
	__sanitizer_start_switch_fiber(&turns->strand[from].fake, turns->strand[to].stack, STACK);
	swapcontext(&turns->strand[from].context, &turns->strand[to].context);
	__sanitizer_finish_switch_fiber(turns->strand[from].fake, NULL, NULL);
}

/* To any that is not done, another one if there is one and it must be. */
static void switch_over(bool other)
{
	unsigned int to;

	do {
		to = draw(turns->n);
	} while (turns->strand[to].done || (other && turns->left > 1 && to == turns->running));
	go_on(turns->running, to);
}

void shim_perturb(void)
{
	static __thread unsigned int calls;

	if (turns && !draw(turns->rate))
		switch_over(false);
	else if (!turns && !(++calls & 63) && !(get_random_u32() & 7))
		sched_yield();
}

void shim_relax(void)
{
	if (turns)
		switch_over(true);
	else
		sched_yield();
}

static void strand_main(void)
{
	struct strand *s = &turns->strand[turns->running];
	const void *stack;
	size_t size;

	__sanitizer_finish_switch_fiber(NULL, &stack, &size);
	if (!turns->outside_size) {
		turns->outside_stack = stack;
		turns->outside_size = size;
	}
	s->what->fn(s->what->arg);
	s->done = true;
	if (--turns->left)
		switch_over(true);
	__sanitizer_start_switch_fiber(NULL, turns->outside_stack, turns->outside_size);
	setcontext(&turns->outside);
}

static void strand_init(struct strand *s, const struct shim_strand *what)
{
	s->what = what;
	s->self = shim_thread_new();
	s->stack = malloc(STACK);
	BUG_ON(!s->stack || getcontext(&s->context));
	s->context.uc_stack.ss_sp = s->stack;
	s->context.uc_stack.ss_size = STACK;
	makecontext(&s->context, strand_main, 0);
}

bool shim_interleave(const struct shim_strand *strands, unsigned int n, unsigned int rate,
		     u64 seed)
{
	struct turns here = { .n = n, .left = n, .rate = rate, .rng = seed | 1 };
	struct shim_thread *self = shim_self();
	void *fake = NULL;
	unsigned int i;

	here.strand = calloc(n, sizeof(*here.strand));
	BUG_ON(!here.strand || turns);
	for (i = 0; i < n; i++)
		strand_init(&here.strand[i], &strands[i]);
	turns = &here;
	shim_become(here.strand[0].self);
	__sanitizer_start_switch_fiber(&fake, here.strand[0].stack, STACK);
	swapcontext(&here.outside, &here.strand[0].context);
	__sanitizer_finish_switch_fiber(fake, NULL, NULL);
	turns = NULL;
	shim_become(self);
	for (i = 0; i < n; i++) {
		shim_thread_free(here.strand[i].self);
		free(here.strand[i].stack);
	}
	free(here.strand);
	return true;
}

#else

void shim_relax(void)
{
	sched_yield();
}

bool shim_interleave(const struct shim_strand *strands, unsigned int n, unsigned int rate,
		     u64 seed)
{
	(void)strands;
	(void)n;
	(void)rate;
	(void)seed;
	return false;
}

#endif
