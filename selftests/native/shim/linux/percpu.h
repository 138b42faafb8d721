/* SPDX-License-Identifier: GPL-2.0 */
/* One variable a CPU, of the CPUs that are played. Atomic, as threads share them. */
#ifndef SHIM_LINUX_PERCPU_H
#define SHIM_LINUX_PERCPU_H

#include <linux/slab.h>
#include <linux/smp.h>

#define DEFINE_PER_CPU(type, name)	__typeof__(type) name[NR_CPUS]

#define per_cpu(v, cpu)		((v)[cpu])
#define shim_this_cpu(v)	(&(v)[raw_smp_processor_id()])
#define this_cpu_read(v)	__atomic_load_n(shim_this_cpu(v), __ATOMIC_RELAXED)
#define this_cpu_write(v, n)	__atomic_store_n(shim_this_cpu(v), n, __ATOMIC_RELAXED)
#define this_cpu_dec_return(v)	__atomic_sub_fetch(shim_this_cpu(v), 1, __ATOMIC_RELAXED)
#define this_cpu_inc(v) \
	((void)__atomic_fetch_add(&(&(v))[raw_smp_processor_id()], 1, __ATOMIC_RELAXED))

#define per_cpu_ptr(p, cpu)	(&(p)[cpu])
#define alloc_percpu_gfp(type, gfp)	((type *)kcalloc(NR_CPUS, sizeof(type), gfp))
#define free_percpu(p)		kfree(p)

#endif /* SHIM_LINUX_PERCPU_H */
