/* SPDX-License-Identifier: GPL-2.0 */
/* Contexts are played: see shim.h. */
#ifndef SHIM_LINUX_PREEMPT_H
#define SHIM_LINUX_PREEMPT_H

#include <linux/types.h>

/* What the thread plays: NMI, hardirq and softirq nest over the task. */
unsigned int shim_context(void);
void shim_might_sleep(const char *what);
void preempt_disable(void);
void preempt_enable(void);
bool preemptible(void);
bool in_atomic(void);

#define SHIM_IN_SOFTIRQ		1
#define SHIM_IN_HARDIRQ		2
#define SHIM_IN_NMI		4
#define in_nmi()		(!!(shim_context() & SHIM_IN_NMI))
#define in_hardirq()		(!!(shim_context() & SHIM_IN_HARDIRQ))
#define in_serving_softirq()	(!!(shim_context() & SHIM_IN_SOFTIRQ))
#define in_softirq()		in_serving_softirq()
#define in_interrupt()		(!!shim_context())
#define in_task()		(!shim_context())

#endif /* SHIM_LINUX_PREEMPT_H */
