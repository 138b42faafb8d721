/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_MINMAX_H
#define SHIM_LINUX_MINMAX_H

#include <linux/build_bug.h>

/* Strict about types, as the kernel's are. */
#define __shim_cmp(op, x, y)						\
({									\
	typeof(x) __x = (x);						\
	typeof(y) __y = (y);						\
	(void)(&__x == &__y);						\
	__x op __y ? __x : __y;						\
})
#define min(x, y)		__shim_cmp(<, x, y)
#define max(x, y)		__shim_cmp(>, x, y)
#define min_t(t, x, y)		__shim_cmp(<, (t)(x), (t)(y))
#define max_t(t, x, y)		__shim_cmp(>, (t)(x), (t)(y))
#define clamp(v, lo, hi)	min(max(v, lo), hi)
#define clamp_t(t, v, lo, hi)	min_t(t, max_t(t, v, lo), hi)
#define swap(a, b)		do { typeof(a) __t = (a); (a) = (b); (b) = __t; } while (0)

#endif /* SHIM_LINUX_MINMAX_H */
