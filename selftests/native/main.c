// SPDX-License-Identifier: GPL-2.0
/*
 * The tests as a program: tests [[-]suite[.test],...]
 *
 * Environment: TM_SEED (any number; else from the clock), TM_PERCENT (of the
 * operations that long tests do, 100).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/preempt.h>
#include <linux/tripmap.h>

#include "../core/env.h"
#include "../core/test.h"
#include "shim/shim.h"

#define SUITE(name) extern const struct tm_suite tm_suite_##name;
#include "../core/suites.h"
SUITE(shim)
SUITE(interleave)
SUITE(ring_turns)
#undef SUITE

#define SUITE(name) &tm_suite_##name,
static const struct tm_suite * const suites[] = {
	SUITE(shim)
#include "../core/suites.h"
	SUITE(interleave)
	SUITE(ring_turns)
};
#undef SUITE

static u64 seed, percent = 100;

u64 tm_env_seed(void)
{
	return seed;
}

u64 tm_env_ops(u64 n)
{
	return n * percent / 100 ? n * percent / 100 : 1;
}

bool tm_env_can_play(void)
{
	return true;
}

bool tm_env_can_fail(void)
{
	return true;
}

void tm_env_play_context(unsigned int context)
{
	static const unsigned int bits[] = {
		[TRIPMAP_CONTEXT_TASK] = 0,
		[TRIPMAP_CONTEXT_SOFTIRQ] = SHIM_IN_SOFTIRQ,
		[TRIPMAP_CONTEXT_HARDIRQ] = SHIM_IN_HARDIRQ,
		[TRIPMAP_CONTEXT_NMI] = SHIM_IN_NMI,
	};

	shim_set_context(bits[context]);
}

void tm_env_play_cpu(unsigned int cpu)
{
	shim_set_cpu(cpu);
}

void tm_env_play_pid(u32 pid)
{
	current->pid = pid;
}

void tm_env_play_flags(unsigned int flags)
{
	current->flags = flags;
}

void tm_env_play_work(struct work_struct *work)
{
	current->work = work;
}

void tm_env_play_clock(u64 ns)
{
	shim_clock_set(ns);
}

void tm_env_play_wall(s64 ns)
{
	shim_clock_step(ns);
}

void tm_env_hook_looks(void (*fn)(bool stack))
{
	shim_hook_looks(fn);
}

void tm_env_fail_alloc(long nth, bool onwards)
{
	shim_fail_alloc(nth, onwards);
}

unsigned int tm_env_fail_end(void)
{
	return shim_fail_alloc(-1, false);
}

long tm_env_live_allocs(void)
{
	shim_settle();
	return shim_live_allocs();
}

void tm_env_settle(void)
{
	shim_settle();
}

static u64 number(const char *name, u64 otherwise)
{
	const char *s = getenv(name);

	return s ? strtoull(s, NULL, 0) : otherwise;
}

int main(int argc, char **argv)
{
	int bad;

	setvbuf(stdout, NULL, _IOLBF, 0);
	seed = number("TM_SEED", (u64)time(NULL) << 20 ^ getpid());
	percent = number("TM_PERCENT", 100);
	shim_seed(seed);
	if (tm_env_init()) {
		printf("Bail out! init\n");
		return 1;
	}
	bad = tm_test_main(suites, ARRAY_SIZE(suites), argc > 1 ? argv[1] : NULL);
	tm_env_exit();
	if (shim_live_allocs() && (shim_settle(), shim_live_allocs())) {
		printf("# %ld allocations leaked\n", shim_live_allocs());
		bad = 1;
	}
	if (!bad)
		printf("# passed\n");
	return bad != 0;
}
