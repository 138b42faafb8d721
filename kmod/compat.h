/* SPDX-License-Identifier: GPL-2.0 */
/* Everything that differs between Linux 6.1 and 6.12 lives here. */
#ifndef TRIPMAP_COMPAT_H
#define TRIPMAP_COMPAT_H

#include <linux/stacktrace.h>
#include <linux/version.h>
#include <net/genetlink.h>

/* The parsed attributes of a dump request. 6.6: they moved into a genl_info. */
static inline struct nlattr **tm_dump_attrs(const struct netlink_callback *cb)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	return genl_info_dump((struct netlink_callback *)cb)->attrs;
#else
	return genl_dumpit_info((struct netlink_callback *)cb)->attrs;
#endif
}

/* The stack of another task. 6.6: exported; before, it cannot be had. */
#define TM_STACKS_OF_TASKS	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0))

static inline unsigned int tm_stack_of_task(struct task_struct *task, unsigned long *frame,
					    unsigned int max)
{
#if TM_STACKS_OF_TASKS
	return stack_trace_save_tsk(task, frame, max, 0);
#else
	return 0;
#endif
}

#endif /* TRIPMAP_COMPAT_H */
