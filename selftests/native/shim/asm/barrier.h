/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What ThreadSanitizer proves here, and what it does not.
 *
 * It does not model fences, neither gcc's nor clang's, and this shim does not
 * help it: a barrier gives the CPU its order and TSan no edge at all. Hence
 * plain data handed over by barrier + WRITE_ONCE is reported as a race; what
 * is read beside a barrier has to be READ_ONCE, and plain data has to be
 * published by release (or an RMW, or a lock) and found by acquire. That is
 * stricter than the kernel. An edge drawn for every fence would instead hide
 * a missing release behind any barrier nearby.
 *
 * Not proven: that a barrier is there at all. Marked accesses never race, and
 * x86 keeps loads and stores in order by itself.
 */
#ifndef SHIM_ASM_BARRIER_H
#define SHIM_ASM_BARRIER_H

#include <linux/compiler.h>

#define __shim_fence(order)	__asm__ __volatile__(order : : : "memory")
#define smp_mb()		do { shim_perturb(); __shim_fence("mfence"); } while (0)
#define smp_rmb()		do { shim_perturb(); __shim_fence("lfence"); } while (0)
#define smp_wmb()		do { shim_perturb(); __shim_fence("sfence"); } while (0)
#define smp_mb__before_atomic()	barrier()
#define smp_mb__after_atomic()	barrier()
#define smp_mb__after_spinlock() smp_mb()

#define smp_load_acquire(p)						\
({									\
	shim_perturb();							\
	__atomic_load_n(p, __ATOMIC_ACQUIRE);				\
})
#define smp_store_release(p, v)						\
do {									\
	shim_perturb();							\
	__atomic_store_n(p, v, __ATOMIC_RELEASE);			\
} while (0)
#define smp_store_mb(x, v)	do { WRITE_ONCE(x, v); smp_mb(); } while (0)

#endif /* SHIM_ASM_BARRIER_H */
