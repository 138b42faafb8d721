/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included before all else, by the compiler's command line: atomics and bit locks
 * as a machine with several CPUs has them. User-Mode Linux is built for one, so
 * that its atomics lack the lock prefix, its bit locks are empty and its spinlocks
 * too (for those see lock.h): writes would look cheaper than they are.
 */
#ifndef BENCH_AS_SMP_H
#define BENCH_AS_SMP_H

#include <asm/alternative.h>

#undef LOCK_PREFIX
#define LOCK_PREFIX "\n\tlock; "

/*
 * What bit_spinlock.h needs comes first, so that it alone is read this way. Nobody
 * ever waits for one.
 */
#include <linux/kernel.h>
#include <linux/preempt.h>
#include <linux/atomic.h>
#include <linux/bug.h>

#define CONFIG_SMP 1
#define cpu_relax() barrier()
#include <linux/bit_spinlock.h>
#undef cpu_relax
#undef CONFIG_SMP

#endif /* BENCH_AS_SMP_H */
