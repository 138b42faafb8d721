/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_COMPILER_H
#define SHIM_LINUX_COMPILER_H

#include <linux/types.h>

#define __rcu
#define __force
#define __user
#define __percpu
#define __iomem
#define __bitwise
#define __must_hold(x)
#define __acquires(x)
#define __releases(x)
#define __acquire(x)		((void)0)
#define __release(x)		((void)0)

#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define barrier()		__asm__ __volatile__("" : : : "memory")
#undef __always_inline
#define __always_inline		inline __attribute__((__always_inline__))
#define noinline		__attribute__((__noinline__))
#define notrace
#define __maybe_unused		__attribute__((__unused__))
#define __always_unused		__attribute__((__unused__))
#define __must_check		__attribute__((__warn_unused_result__))
#define __noreturn		__attribute__((__noreturn__))
#define __packed		__attribute__((__packed__))
#define __aligned(x)		__attribute__((__aligned__(x)))
#define __printf(a, b)		__attribute__((__format__(printf, a, b)))
#define __read_mostly
#define __ro_after_init
#define __cold			__attribute__((__cold__))
#define __pure			__attribute__((__pure__))
#undef __attribute_const__
#define __attribute_const__	__attribute__((__const__))
#define fallthrough		__attribute__((__fallthrough__))
#define __same_type(a, b)	__builtin_types_compatible_p(typeof(a), typeof(b))
#define __compiletime_error(m)
#define OPTIMIZER_HIDE_VAR(v)	__asm__("" : "=r" (v) : "0" (v))

#define typeof			__typeof__
#define asm			__asm__

/*
 * Relaxed atomics: the sanitizer then knows these accesses for marked ones and
 * reports every plain access that races with anything. A pointer is an
 * acquire: the kernel relies on the address dependency, of which the sanitizer
 * knows nothing.
 */
#define __shim_is_pointer(x)	(__builtin_classify_type(x) == 5)
#define __shim_dependency(x)	(__shim_is_pointer(x) ? __ATOMIC_ACQUIRE : __ATOMIC_RELAXED)
#define READ_ONCE(x)		(shim_perturb(), __atomic_load_n(&(x), __shim_dependency(x)))
#define WRITE_ONCE(x, val)						\
do {									\
	shim_perturb();							\
	__atomic_store_n(&(x), (val), __ATOMIC_RELAXED);		\
} while (0)
#define data_race(expr)		(expr)

#ifdef SHIM_PERTURB
/* Now and then gives the CPU away, so that threads meet in odd places: interleave.c. */
void shim_perturb(void);
#else
static inline void shim_perturb(void) {}
#endif

#endif /* SHIM_LINUX_COMPILER_H */
