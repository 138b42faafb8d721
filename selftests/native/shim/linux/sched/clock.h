/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SCHED_CLOCK_H
#define SHIM_LINUX_SCHED_CLOCK_H

#include <linux/timekeeping.h>

#define local_clock()	shim_clock_mono()
#define sched_clock()	shim_clock_mono()

#endif /* SHIM_LINUX_SCHED_CLOCK_H */
