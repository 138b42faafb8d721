/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_JIFFIES_H
#define SHIM_LINUX_JIFFIES_H

#include <linux/timekeeping.h>

#define HZ			250
#define TICK_NSEC		(1000000000L / HZ)
#define jiffies			((unsigned long)(shim_clock_mono() / TICK_NSEC))
#define msecs_to_jiffies(m)	((unsigned long)(m) * HZ / 1000)
#define time_after(a, b)	((long)((b) - (a)) < 0)
#define time_before(a, b)	time_after(b, a)

#endif /* SHIM_LINUX_JIFFIES_H */
