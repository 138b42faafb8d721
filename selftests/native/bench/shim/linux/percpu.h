/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As dear as in the kernel: each CPU's variable in a cache line of its own, and
 * counted up by one instruction that is not locked. No two threads of the bench
 * that run at once play the same CPU.
 */
#ifndef BENCH_SHIM_LINUX_PERCPU_H
#define BENCH_SHIM_LINUX_PERCPU_H

#include_next <linux/percpu.h>

#define SHIM_PERCPU_STRIDE	64

#undef per_cpu_ptr
#define per_cpu_ptr(p, cpu)	((__typeof__(p))((char *)(p) + (cpu) * SHIM_PERCPU_STRIDE))
#undef this_cpu_inc
#define this_cpu_inc(v)		((void)++*per_cpu_ptr(&(v), raw_smp_processor_id()))
#undef alloc_percpu_gfp
#define alloc_percpu_gfp(type, gfp)	((type *)kcalloc(NR_CPUS, SHIM_PERCPU_STRIDE, gfp))

#endif /* BENCH_SHIM_LINUX_PERCPU_H */
