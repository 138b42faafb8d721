/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Per-CPU rings of records of a fixed size, made once, overwriting the oldest.
 * Writers are of one CPU at a time, with preemption off; an interrupt or NMI may
 * write amid another write. Readers come from any CPU and at any time.
 */
#ifndef TRIPMAP_OBSERVE_RING_H
#define TRIPMAP_OBSERVE_RING_H

#include <linux/types.h>

struct tm_ring;		/* of one CPU */

struct tm_rings {
	unsigned int		cpus;		/* nr_cpu_ids */
	u32			records;	/* of each, a power of two */
	u32			words;		/* of 8 bytes in a record */
	struct tm_ring		**ring;		/* cpus of them */
};

int tm_rings_init(struct tm_rings *rings, u32 records, u32 words);
void tm_rings_exit(struct tm_rings *rings);
size_t tm_rings_memory(const struct tm_rings *rings);

/* On this CPU, preemption off. Any context. */
void tm_ring_put(struct tm_rings *rings, const u64 *record);

/* Records written so far on that CPU; the newest one's number, from 1. */
u64 tm_ring_head(const struct tm_rings *rings, unsigned int cpu);

/* False when record n is overwritten, or not yet complete. */
bool tm_ring_get(const struct tm_rings *rings, unsigned int cpu, u64 n, u64 *record);

#endif /* TRIPMAP_OBSERVE_RING_H */
