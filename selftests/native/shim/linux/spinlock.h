/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Owner, recursion and unlock by another are checked; holding one is atomic. Who
 * holds a raw one must not ask for what sleeps on PREEMPT_RT: see shim_might_lock().
 */
#ifndef SHIM_LINUX_SPINLOCK_H
#define SHIM_LINUX_SPINLOCK_H

#include <linux/types.h>
#include <linux/preempt.h>
#include <linux/irqflags.h>
#include <linux/bottom_half.h>
#include <linux/lockdep.h>

typedef struct {
	struct shim_lock dep;
} spinlock_t;

typedef spinlock_t raw_spinlock_t;

#define __SPIN_LOCK_UNLOCKED(x)		{ .dep = { .owner = 0 } }
#define __RAW_SPIN_LOCK_UNLOCKED(x)	__SPIN_LOCK_UNLOCKED(x)
#define DEFINE_SPINLOCK(x)		spinlock_t x = __SPIN_LOCK_UNLOCKED(x)
#define DEFINE_RAW_SPINLOCK(x)		raw_spinlock_t x = __SPIN_LOCK_UNLOCKED(x)

static inline void spin_lock_init(spinlock_t *l)
{
	l->dep.owner = 0;
}

static inline void spin_lock(spinlock_t *l)
{
	shim_might_lock("spin_lock");
	preempt_disable();
	shim_lock(&l->dep);
}

static inline void spin_unlock(spinlock_t *l)
{
	shim_unlock(&l->dep);
	preempt_enable();
}

static inline void raw_spin_lock(raw_spinlock_t *l)
{
	preempt_disable();
	shim_lock(&l->dep);
	shim_raw_locks(1);
}

static inline bool raw_spin_trylock(raw_spinlock_t *l)
{
	preempt_disable();
	if (shim_trylock(&l->dep)) {
		shim_raw_locks(1);
		return true;
	}
	preempt_enable();
	return false;
}

static inline void raw_spin_unlock(raw_spinlock_t *l)
{
	shim_raw_locks(-1);
	spin_unlock(l);
}

#define spin_lock_bh(l)			spin_lock(l)
#define spin_unlock_bh(l)		spin_unlock(l)
#define spin_lock_irqsave(l, f)		do { local_irq_save(f); spin_lock(l); } while (0)
#define spin_unlock_irqrestore(l, f)	do { spin_unlock(l); local_irq_restore(f); } while (0)
#define spin_is_locked(l)		(__atomic_load_n(&(l)->dep.owner, __ATOMIC_RELAXED) != 0)

#define raw_spin_lock_init		spin_lock_init
#define raw_spin_lock_irqsave(l, f)	do { local_irq_save(f); raw_spin_lock(l); } while (0)
#define raw_spin_unlock_irqrestore(l, f)	\
	do { raw_spin_unlock(l); local_irq_restore(f); } while (0)
#define raw_spin_trylock_irqsave(l, f)					\
({									\
	bool __got;							\
									\
	local_irq_save(f);						\
	__got = raw_spin_trylock(l);					\
	if (!__got)							\
		local_irq_restore(f);					\
	__got;								\
})

#endif /* SHIM_LINUX_SPINLOCK_H */
