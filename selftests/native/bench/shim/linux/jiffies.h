/* SPDX-License-Identifier: GPL-2.0 */
/* A word that a thread keeps up to date, so that a look is one load: see fast.c. */
#ifndef SHIM_LINUX_JIFFIES_H
#define SHIM_LINUX_JIFFIES_H

#include <linux/timekeeping.h>

#define HZ			250
#define TICK_NSEC		(1000000000L / HZ)
extern unsigned long volatile jiffies;
#define msecs_to_jiffies(m)	((unsigned long)(m) * HZ / 1000)
#define time_after(a, b)	((long)((b) - (a)) < 0)
#define time_before(a, b)	time_after(b, a)

#endif /* SHIM_LINUX_JIFFIES_H */
