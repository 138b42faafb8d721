/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_TRACE_CLOCK_H
#define SHIM_LINUX_TRACE_CLOCK_H

#include <linux/timekeeping.h>

#define trace_clock_local()	shim_clock_mono()

#endif /* SHIM_LINUX_TRACE_CLOCK_H */
