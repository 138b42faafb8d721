/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SMP_H
#define SHIM_LINUX_SMP_H

#include <linux/types.h>

#define NR_CPUS		8
#define nr_cpu_ids	((unsigned int)NR_CPUS)

unsigned int raw_smp_processor_id(void);
unsigned int smp_processor_id(void);
#define get_cpu()	({ preempt_disable(); smp_processor_id(); })
#define put_cpu()	preempt_enable()

#endif /* SHIM_LINUX_SMP_H */
