/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The path that a spinlock of an SMP kernel takes when nobody else wants it, written
 * out (as asm-generic/qspinlock.h has it), because the kernel's own is empty on one
 * CPU. There is no other CPU to wait for.
 */
#ifndef BENCH_LOCK_H
#define BENCH_LOCK_H

#include <linux/atomic.h>
#include <linux/bug.h>

/* Not inlined, as _raw_spin_lock() is not. */
static noinline void bench_spin_lock(atomic_t *lock)
{
	WARN_ON_ONCE(atomic_cmpxchg_acquire(lock, 0, 1));
}

/* Pairs with the cmpxchg in bench_spin_lock(). */
static noinline void bench_spin_unlock(atomic_t *lock)
{
	smp_store_release((u8 *)lock, 0);
}

#endif /* BENCH_LOCK_H */
