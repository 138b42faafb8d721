/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the bench share: the clock, and how results are told. */
#ifndef BENCH_RUN_H
#define BENCH_RUN_H

#include <linux/printk.h>
#include <linux/types.h>

/* The CPU's own counter: get_cycles() has none in User-Mode Linux. */
static inline u64 bench_clock(void)
{
	u32 low, high;

	asm volatile("lfence; rdtsc" : "=a" (low), "=d" (high) : : "memory");
	return (u64)high << 32 | low;
}

static inline void bench_tell(u64 entries, const char *op, const char *who, unsigned int round,
			      u64 ops, s64 cycles)
{
	pr_info("tripmap_kbench: %llu %s %s %u %llu %lld\n", entries, op, who, round, ops, cycles);
}

int bench_locks(unsigned int rounds);
int bench_paced(unsigned int rounds);

#endif /* BENCH_RUN_H */
