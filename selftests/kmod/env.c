// SPDX-License-Identifier: GPL-2.0
/* The environment of tests that run in the kernel; see ../core/env.h. */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/random.h>
#include <linux/rcupdate.h>

#include "../../kmod/core/map.h"
#include "../../kmod/core/mem.h"
#include "../core/env.h"

static ulong seed;
module_param(seed, ulong, 0444);
MODULE_PARM_DESC(seed, "Seed of the run, 0 for a random one (default 0)");

static uint percent = 100;
module_param(percent, uint, 0444);
MODULE_PARM_DESC(percent, "Of the operations that long tests do (default 100)");

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

void tm_env_fail_alloc(long nth, bool onwards)
{
}

unsigned int tm_env_fail_end(void)
{
	return 0;
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
