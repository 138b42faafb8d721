/* SPDX-License-Identifier: GPL-2.0 */
/* One count a thread, which costs what the kernel's count a CPU does. */
#ifndef SHIM_LINUX_PREEMPT_H
#define SHIM_LINUX_PREEMPT_H

#include <linux/types.h>

#define SHIM_SOFTIRQ		0x0000ff00u
#define SHIM_HARDIRQ		0x000f0000u
#define SHIM_NMI		0x00f00000u

extern __thread volatile unsigned int shim_preempt_count;

static inline void preempt_disable(void)
{
	shim_preempt_count++;
	barrier();
}

static inline void preempt_enable(void)
{
	barrier();
	shim_preempt_count--;
}

#define shim_might_sleep(what)	((void)(what))
#define preemptible()		(!shim_preempt_count)
#define in_atomic()		(!!shim_preempt_count)
#define in_nmi()		(!!(shim_preempt_count & SHIM_NMI))
#define in_hardirq()		(!!(shim_preempt_count & SHIM_HARDIRQ))
#define in_serving_softirq()	(!!(shim_preempt_count & SHIM_SOFTIRQ))
#define in_softirq()		in_serving_softirq()
#define in_interrupt()		(!!(shim_preempt_count & (SHIM_SOFTIRQ | SHIM_HARDIRQ | SHIM_NMI)))
#define in_task()		(!in_interrupt())

#endif /* SHIM_LINUX_PREEMPT_H */
