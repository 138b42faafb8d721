/* SPDX-License-Identifier: GPL-2.0 */
/* As x86 has them in the kernel: loads and stores are in order by themselves. */
#ifndef SHIM_ASM_BARRIER_H
#define SHIM_ASM_BARRIER_H

#include <linux/compiler.h>

#define smp_mb()		__asm__ __volatile__("lock; addl $0,-4(%%rsp)" : : : "memory", "cc")
#define smp_rmb()		barrier()
#define smp_wmb()		barrier()
#define smp_mb__before_atomic()	barrier()
#define smp_mb__after_atomic()	barrier()
#define smp_mb__after_spinlock() barrier()

#define smp_load_acquire(p)						\
({									\
	typeof(*(p)) __loaded = READ_ONCE(*(p));			\
	barrier();							\
	__loaded;							\
})
#define smp_store_release(p, v)						\
do {									\
	barrier();							\
	WRITE_ONCE(*(p), v);						\
} while (0)
#define smp_store_mb(x, v)	do { WRITE_ONCE(x, v); smp_mb(); } while (0)

#endif /* SHIM_ASM_BARRIER_H */
