/* SPDX-License-Identifier: GPL-2.0 */
/* A lock is a word: taken by one atomic operation, given back by a store. */
#ifndef SHIM_LINUX_LOCKDEP_H
#define SHIM_LINUX_LOCKDEP_H

#include <linux/types.h>
#include <linux/bug.h>

struct shim_lock {
	unsigned long owner;		/* 0 or 1 */
};

static inline bool shim_trylock(struct shim_lock *l)
{
	unsigned long nobody = 0;

	return __atomic_compare_exchange_n(&l->owner, &nobody, 1, false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static inline void shim_lock(struct shim_lock *l)
{
	while (!shim_trylock(l))
		while (__atomic_load_n(&l->owner, __ATOMIC_RELAXED))
			__builtin_ia32_pause();
}

static inline void shim_unlock(struct shim_lock *l)
{
	__atomic_store_n(&l->owner, 0, __ATOMIC_RELEASE);
}

#define shim_raw_locks(more)			((void)(more))
#define shim_might_lock(what)			((void)(what))

struct lock_class_key { char unused; };
struct lockdep_map { char unused; };

#define lockdep_is_held(l)			((void)(l), 1)
#define lockdep_assert_held(l)			((void)(l))
#define lockdep_assert_not_held(l)		((void)(l))
#define lockdep_assert(c)			((void)(c))
#define lockdep_assert_irqs_disabled()		((void)0)
#define lockdep_assert_preemption_disabled()	((void)0)
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
