/* SPDX-License-Identifier: GPL-2.0 */
/* The clock is the machine's until a test sets it: see shim.h. */
#ifndef SHIM_LINUX_TIMEKEEPING_H
#define SHIM_LINUX_TIMEKEEPING_H

#include <linux/types.h>

u64 shim_clock_mono(void);
u64 shim_clock_real(void);

#define ktime_get_ns()			shim_clock_mono()
#define ktime_get_mono_fast_ns()	shim_clock_mono()
#define ktime_get_coarse_ns()		shim_clock_mono()
#define ktime_get_boottime_ns()		shim_clock_mono()
#define ktime_get_boot_fast_ns()	shim_clock_mono()
#define ktime_get_real_ns()		shim_clock_real()
#define ktime_get_real_fast_ns()	shim_clock_real()

#endif /* SHIM_LINUX_TIMEKEEPING_H */
