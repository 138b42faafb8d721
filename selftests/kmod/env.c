// SPDX-License-Identifier: GPL-2.0
/* The environment of tests that run in the kernel; see ../core/env.h. */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "../../kmod/core/map.h"
#include "../../kmod/core/mem.h"
#include "../core/env.h"

static ulong seed;
module_param(seed, ulong, 0444);
MODULE_PARM_DESC(seed, "Seed of the run, 0 for a random one (default 0)");

static uint percent = 100;
module_param(percent, uint, 0444);
MODULE_PARM_DESC(percent, "Of the operations that long tests do (default 100)");

static bool faults;
module_param(faults, bool, 0444);
MODULE_PARM_DESC(faults, "Fail allocations; the kernel's fault injection is set up (default N)");

u64 tm_env_seed(void)
{
	if (!seed)
		seed = get_random_u64();
	return seed;
}

u64 tm_env_ops(u64 n)
{
	return max_t(u64, div_u64(n * percent, 100), 1);
}

/* The kernel is what it is: no context, CPU, task or clock can be played. */
bool tm_env_can_play(void)
{
	return false;
}

void tm_env_play_context(unsigned int context)
{
}

void tm_env_play_cpu(unsigned int cpu)
{
}

void tm_env_play_pid(u32 pid)
{
}

void tm_env_play_flags(unsigned int flags)
{
}

void tm_env_play_work(struct work_struct *work)
{
}

void tm_env_play_clock(u64 ns)
{
}

void tm_env_play_wall(s64 ns)
{
}

void tm_env_hook_looks(void (*fn)(bool stack))
{
}

#ifdef CONFIG_FAULT_INJECTION
static void set_fail_nth(unsigned int n)
{
	current->fail_nth = n;
}

static unsigned int fail_nth(void)
{
	return current->fail_nth;
}
#else
static void set_fail_nth(unsigned int n)
{
}

static unsigned int fail_nth(void)
{
	return 0;
}
#endif

bool tm_env_can_fail(void)
{
	return faults && IS_ENABLED(CONFIG_FAULT_INJECTION);
}

/* The kernel counts down to 1, fails that one, and is at 0. */
void tm_env_fail_alloc(long nth, bool onwards)
{
	if (tm_env_can_fail())
		set_fail_nth(nth + 1);
}

unsigned int tm_env_fail_end(void)
{
	bool failed = tm_env_can_fail() && !fail_nth();

	set_fail_nth(0);
	return failed;
}

/* Bytes rather than pieces: what matters is that as much is left as there was. */
long tm_env_live_allocs(void)
{
	tm_env_settle();
	return tm_mem_used();
}

void tm_env_settle(void)
{
	tm_grow_flush();
}
