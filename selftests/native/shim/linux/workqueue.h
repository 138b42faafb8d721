/* SPDX-License-Identifier: GPL-2.0 */
/* One worker thread for all queues; see work.c. */
#ifndef SHIM_LINUX_WORKQUEUE_H
#define SHIM_LINUX_WORKQUEUE_H

#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

struct work_struct;
struct workqueue_struct;
typedef void (*work_func_t)(struct work_struct *work);

struct work_struct {
	unsigned long pending;		/* under the shim's work lock */
	struct work_struct *next;	/* the same */
	work_func_t func;
};

struct rcu_work {
	struct work_struct work;
	struct rcu_head rcu;
	struct workqueue_struct *wq;
};

extern struct workqueue_struct *system_wq, *system_unbound_wq;

#define DECLARE_WORK(n, f)	struct work_struct n = { .func = (f) }
#define INIT_WORK(w, f)		(*(w) = (struct work_struct){ .func = (f) })
#define INIT_RCU_WORK(r, f)	INIT_WORK(&(r)->work, f)
#define to_rcu_work(w)		container_of(w, struct rcu_work, work)

bool queue_work(struct workqueue_struct *wq, struct work_struct *work);
bool queue_rcu_work(struct workqueue_struct *wq, struct rcu_work *rwork);
bool flush_work(struct work_struct *work);
bool flush_rcu_work(struct rcu_work *rwork);
bool cancel_work_sync(struct work_struct *work);
void flush_workqueue(struct workqueue_struct *wq);
struct workqueue_struct *alloc_workqueue(const char *fmt, unsigned int flags, int max, ...);
void destroy_workqueue(struct workqueue_struct *wq);

static inline struct work_struct *current_work(void)
{
	return current->work;
}

#define WQ_UNBOUND		2
#define WQ_MEM_RECLAIM		8
#define schedule_work(w)	queue_work(system_wq, w)

#endif /* SHIM_LINUX_WORKQUEUE_H */
