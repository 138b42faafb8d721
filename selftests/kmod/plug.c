// SPDX-License-Identifier: GPL-2.0
/* CPU hotplug. */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/sched.h>

#include "../core/test.h"
#include "plug.h"

bool plug_once(unsigned int ticks)
{
	unsigned int cpu = cpumask_last(cpu_online_mask);

	if (!cpu || remove_cpu(cpu))
		return false;
	schedule_timeout_uninterruptible(ticks);
	TM_EXPECT_EQ(add_cpu(cpu), 0);
	return true;
}
