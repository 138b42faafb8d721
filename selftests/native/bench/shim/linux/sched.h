/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SCHED_H
#define SHIM_LINUX_SCHED_H

#include <linux/types.h>
#include <linux/instruction_pointer.h>
#include <linux/kernel.h>

#define TASK_COMM_LEN	16
#define PF_EXITING	0x00000004
#define PF_WQ_WORKER	0x00000020
#define PF_MEMALLOC_NOIO	0x00080000
#define PF_KTHREAD	0x00200000

typedef int pid_t;
struct work_struct;

/* One a thread. */
struct task_struct {
	pid_t pid;
	pid_t tgid;
	unsigned int flags;
	u64 start_time;
	struct work_struct *work;	/* of a worker: what it runs */
	char comm[TASK_COMM_LEN];
};

extern __thread struct task_struct shim_task;
#define current		(&shim_task)

static inline pid_t task_pid_nr(const struct task_struct *t)
{
	return t->pid;
}

static inline pid_t task_tgid_nr(const struct task_struct *t)
{
	return t->tgid;
}

static inline bool is_idle_task(const struct task_struct *t)
{
	return !t->pid;
}

char *get_task_comm(char *buf, struct task_struct *t);
#define cond_resched()	barrier()
#define cpu_relax()	__builtin_ia32_pause()
long schedule_timeout_interruptible(long timeout);

#endif /* SHIM_LINUX_SCHED_H */
