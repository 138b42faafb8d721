/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_BOTTOM_HALF_H
#define SHIM_LINUX_BOTTOM_HALF_H

#include <linux/preempt.h>

#define local_bh_disable()	preempt_disable()
#define local_bh_enable()	preempt_enable()

#endif /* SHIM_LINUX_BOTTOM_HALF_H */
