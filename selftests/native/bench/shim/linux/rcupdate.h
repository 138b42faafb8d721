/* SPDX-License-Identifier: GPL-2.0 */
/* liburcu's, by calls as the kernel's preemptible RCU is: see fast.c. */
#ifndef SHIM_LINUX_RCUPDATE_H
#define SHIM_LINUX_RCUPDATE_H

#include <linux/types.h>
#include <linux/atomic.h>
#include <linux/preempt.h>
#include <linux/errno.h>

void rcu_read_lock(void);
void rcu_read_unlock(void);
void synchronize_rcu(void);
#define synchronize_rcu_expedited()	synchronize_rcu()
void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head));
void rcu_barrier(void);
void shim_kfree_rcu(struct rcu_head *head, void *obj);

#define rcu_read_lock_held()	1
#define RCU_LOCKDEP_WARN(c, s)	((void)0)

#define rcu_dereference_check(p, c)	READ_ONCE(p)
#define rcu_dereference(p)		READ_ONCE(p)
#define rcu_dereference_protected(p, c)	(p)
#define rcu_dereference_raw(p)		READ_ONCE(p)
#define rcu_access_pointer(p)		READ_ONCE(p)
#define rcu_assign_pointer(p, v)	smp_store_release(&(p), v)
#define RCU_INIT_POINTER(p, v)		WRITE_ONCE(p, v)
#define RCU_INITIALIZER(v)		(v)
#define rcu_replace_pointer(p, v, c)					\
({									\
	typeof(p) __old = rcu_dereference_protected(p, c);		\
	rcu_assign_pointer(p, v);					\
	__old;								\
})
#define rcu_pointer_handoff(p)	(p)

#define kfree_rcu(p, field)	shim_kfree_rcu(&(p)->field, p)
#define kvfree_rcu(p, field)	kfree_rcu(p, field)

#endif /* SHIM_LINUX_RCUPDATE_H */
