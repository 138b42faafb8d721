/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Atomic against interrupts of the same CPU only, in the kernel. Here whole
 * threads play a CPU, so it is atomic against all, but orders nothing.
 */
#ifndef SHIM_ASM_LOCAL64_H
#define SHIM_ASM_LOCAL64_H

#include <linux/atomic.h>

typedef struct {
	atomic64_t a;
} local64_t;

#define local64_read(l)			atomic64_read(&(l)->a)
#define local64_set(l, i)		atomic64_set(&(l)->a, i)
#define local64_inc(l)			atomic64_inc(&(l)->a)
#define local64_add(i, l)		atomic64_add(i, &(l)->a)
#define local64_inc_return(l)		atomic64_inc_return_relaxed(&(l)->a)
#define local64_cmpxchg(l, o, n)	atomic64_cmpxchg_relaxed(&(l)->a, o, n)

#endif /* SHIM_ASM_LOCAL64_H */
