/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_DELAY_H
#define SHIM_LINUX_DELAY_H

#include <linux/timekeeping.h>
#include <linux/sched.h>

static inline void udelay(unsigned long usecs)
{
	u64 end = ktime_get_ns() + usecs * 1000;

	while ((s64)(ktime_get_ns() - end) < 0)
		cpu_relax();
}

static inline void mdelay(unsigned long msecs)
{
	udelay(msecs * 1000);
}

#endif /* SHIM_LINUX_DELAY_H */
