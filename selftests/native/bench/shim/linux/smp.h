/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SMP_H
#define SHIM_LINUX_SMP_H

#include <linux/preempt.h>
#include <linux/types.h>

#define NR_CPUS		8
#define nr_cpu_ids	((unsigned int)NR_CPUS)

extern __thread volatile unsigned int shim_cpu;

#define raw_smp_processor_id()	(shim_cpu)
#define smp_processor_id()	(shim_cpu)
#define get_cpu()	({ preempt_disable(); smp_processor_id(); })
#define put_cpu()	preempt_enable()

#endif /* SHIM_LINUX_SMP_H */
