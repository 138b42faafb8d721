/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_CPUMASK_H
#define SHIM_LINUX_CPUMASK_H

#include <linux/smp.h>

/* All that there are; a hole would have to be played. */
#define cpu_possible(cpu)	((cpu) < nr_cpu_ids)
#define for_each_possible_cpu(cpu)	for ((cpu) = 0; (cpu) < nr_cpu_ids; (cpu)++)

#endif /* SHIM_LINUX_CPUMASK_H */
