/* SPDX-License-Identifier: GPL-2.0 */
/* Assertions are real, by the owner that each lock keeps; order is not checked. */
#ifndef SHIM_LINUX_LOCKDEP_H
#define SHIM_LINUX_LOCKDEP_H

#include <linux/types.h>
#include <linux/bug.h>

/* owner: 0 or the thread that holds it. */
struct shim_lock {
	unsigned long owner;
};

void shim_lock(struct shim_lock *l);
bool shim_trylock(struct shim_lock *l);
void shim_unlock(struct shim_lock *l);
bool shim_lock_held(const struct shim_lock *l);
/* The calling thread holds so many raw spinlocks more. */
void shim_raw_locks(int more);
/* What takes locks that sleep on PREEMPT_RT says so here: dies under a raw spinlock. */
void shim_might_lock(const char *what);

struct lock_class_key { char unused; };
struct lockdep_map { char unused; };

#define lockdep_is_held(l)			shim_lock_held(&(l)->dep)
#define lockdep_assert_held(l)			WARN_ON(!lockdep_is_held(l))
#define lockdep_assert_not_held(l)		WARN_ON(lockdep_is_held(l))
#define lockdep_assert(c)			WARN_ON(!(c))
#define lockdep_assert_irqs_disabled()		WARN_ON(!irqs_disabled())
#define lockdep_assert_preemption_disabled()	WARN_ON(preemptible())
#define lockdep_set_class(l, k)			((void)(l), (void)(k))
#define lockdep_register_key(k)			((void)(k))
#define lockdep_unregister_key(k)		((void)(k))
#define lockdep_init_map(m, name, key, sub)	((void)(m), (void)(name), (void)(key))
#define lock_acquire(m, sub, try, read, check, nest, ip)	((void)(m), (void)(ip))
#define lock_release(m, ip)			((void)(m), (void)(ip))
#define lock_is_held(m)				((void)(m), 0)
#define lock_map_acquire(m)			((void)(m))
#define lock_map_acquire_read(m)		((void)(m))
#define lock_map_release(m)			((void)(m))
#define lock_map_acquire_tryread(m)		((void)(m))

#endif /* SHIM_LINUX_LOCKDEP_H */
