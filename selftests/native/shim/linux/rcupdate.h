/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_RCUPDATE_H
#define SHIM_LINUX_RCUPDATE_H

#include <linux/types.h>
#include <linux/atomic.h>
#include <linux/preempt.h>
#include <linux/errno.h>

/* See rcu.c for what is promised. */
void rcu_read_lock(void);
void rcu_read_unlock(void);
int rcu_read_lock_held(void);
void synchronize_rcu(void);
#define synchronize_rcu_expedited()	synchronize_rcu()
void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head));
void rcu_barrier(void);
void shim_kfree_rcu(struct rcu_head *head, void *obj);
void shim_rcu_assert(bool ok, const char *what, const char *file, int line);

#define RCU_LOCKDEP_WARN(c, s)	shim_rcu_assert(!(c), s, __FILE__, __LINE__)

/* Address dependencies are acquires here: see compiler.h. */
#define rcu_dereference_check(p, c)					\
({									\
	shim_rcu_assert((c) || rcu_read_lock_held(),			\
			"rcu_dereference(" #p ") outside a reader",	\
			__FILE__, __LINE__);				\
	shim_perturb();							\
	__atomic_load_n(&(p), __ATOMIC_ACQUIRE);			\
})
#define rcu_dereference(p)	rcu_dereference_check(p, 0)
#define rcu_dereference_protected(p, c)					\
({									\
	shim_rcu_assert(c, "rcu_dereference_protected(" #p ", " #c ")",	\
			__FILE__, __LINE__);				\
	__atomic_load_n(&(p), __ATOMIC_RELAXED);			\
})
#define rcu_dereference_raw(p)	__atomic_load_n(&(p), __ATOMIC_ACQUIRE)
#define rcu_access_pointer(p)	__atomic_load_n(&(p), __ATOMIC_RELAXED)
#define rcu_assign_pointer(p, v)	smp_store_release(&(p), v)
#define RCU_INIT_POINTER(p, v)	__atomic_store_n(&(p), v, __ATOMIC_RELAXED)
#define RCU_INITIALIZER(v)	(v)
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
