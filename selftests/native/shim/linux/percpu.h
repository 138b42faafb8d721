/* SPDX-License-Identifier: GPL-2.0 */
/* One variable a CPU, of the CPUs that are played. Atomic, as threads share them. */
#ifndef SHIM_LINUX_PERCPU_H
#define SHIM_LINUX_PERCPU_H

#include <linux/smp.h>

#define DEFINE_PER_CPU(type, name)	__typeof__(type) name[NR_CPUS]

#define per_cpu(v, cpu)		((v)[cpu])
#define shim_this_cpu(v)	(&(v)[raw_smp_processor_id()])
#define this_cpu_read(v)	__atomic_load_n(shim_this_cpu(v), __ATOMIC_RELAXED)
#define this_cpu_write(v, n)	__atomic_store_n(shim_this_cpu(v), n, __ATOMIC_RELAXED)
#define this_cpu_dec_return(v)	__atomic_sub_fetch(shim_this_cpu(v), 1, __ATOMIC_RELAXED)

#endif /* SHIM_LINUX_PERCPU_H */
