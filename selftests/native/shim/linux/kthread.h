/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_KTHREAD_H
#define SHIM_LINUX_KTHREAD_H

#include <linux/sched.h>

/* ERR_PTR() on failure. */
struct task_struct * __printf(3, 4) kthread_run(int (*fn)(void *arg), void *arg,
						 const char *fmt, ...);
int kthread_stop(struct task_struct *t);
bool kthread_should_stop(void);

#endif /* SHIM_LINUX_KTHREAD_H */
