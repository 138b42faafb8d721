// SPDX-License-Identifier: GPL-2.0
/*
 * Rings of records.
 *
 *	ring of a CPU:  head	records that were numbered so far
 *			place	| state | words ... |	of record n: n & (records - 1)
 *
 * What makes it hard: a writer may be interrupted anywhere by one that goes
 * around the whole ring and comes to the very place that the first one is still
 * filling, and readers look on from other CPUs. So a place has a state: even,
 * 2n, where record n is complete; odd, 2n + 1, while its writer is at it. Who
 * comes to a place that is being filled, or loses it while taking it, gives its
 * record up: then only one at a time ever writes words, and a reader that finds
 * the same even state before and after has a whole record. What was given up has
 * a number but is never to be had.
 */
#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/topology.h>
#include <asm/local64.h>

#include "ring.h"

struct tm_ring {
	local64_t		head;	/* this CPU; the newest record's number */
	u64			*place;	/* constant; states and words as in place_of() */
} ____cacheline_aligned;

#define TM_BUSY		1ULL	/* in a state: being filled */

/* The state of a record's place; its words follow. */
static u64 *place_of(const struct tm_rings *rings, const struct tm_ring *ring, u64 n)
{
	return ring->place + (n & (rings->records - 1)) * (rings->words + 1);
}

/* For one writer alone, until it sets an even state. */
static bool take(u64 *state, u64 n)
{
	u64 old = READ_ONCE(*state);	/* pairs with put_in() of a record before */

	return !(old & TM_BUSY) && cmpxchg64_local(state, old, n << 1 | TM_BUSY) == old;
}

static void put_in(u64 *state, u64 n, const u64 *record, u32 words)
{
	u32 i;

	/* The state is odd before the first word is there: pairs with the one in tm_ring_get(). */
	smp_wmb();
	for (i = 0; i < words; i++)
		WRITE_ONCE(state[1 + i], record[i]);	/* pairs with tm_ring_get() */
	/* Pairs with the acquire in tm_ring_get(): all words are there. */
	smp_store_release(state, n << 1);
}

/**
 * tm_ring_put() - write a record
 * @rings: the rings
 * @record: as many words as a record has
 *
 * The oldest one makes room. Where it comes amid a record of the same place, that
 * an outer context is writing, it is given up.
 *
 * Context: Any, with preemption off.
 */
void tm_ring_put(struct tm_rings *rings, const u64 *record)
{
	struct tm_ring *ring = rings->ring[smp_processor_id()];
	u64 n = local64_inc_return(&ring->head);
	u64 *state = place_of(rings, ring, n);

	if (take(state, n))
		put_in(state, n, record, rings->words);
}

/**
 * tm_ring_head() - how many records were written
 * @rings: the rings
 * @cpu: on which CPU
 *
 * Context: Any.
 * Return: the number of the newest one, which may not be complete yet; 0: none.
 */
u64 tm_ring_head(const struct tm_rings *rings, unsigned int cpu)
{
	const struct tm_ring *ring = cpu < rings->cpus ? rings->ring[cpu] : NULL;

	return ring ? local64_read(&ring->head) : 0;
}

/**
 * tm_ring_get() - copy a record
 * @rings: the rings
 * @cpu: of which CPU
 * @n: its number
 * @record: takes as many words as a record has; rubbish where false is returned
 *
 * Context: Any.
 * Return: false when it is overwritten, not yet complete, or was given up.
 */
bool tm_ring_get(const struct tm_rings *rings, unsigned int cpu, u64 n, u64 *record)
{
	const struct tm_ring *ring = cpu < rings->cpus ? rings->ring[cpu] : NULL;
	u64 *state;
	u32 i;

	if (!ring || !n)
		return false;
	state = place_of(rings, ring, n);
	/* Pairs with the release in put_in(). */
	if (smp_load_acquire(state) != n << 1)
		return false;
	for (i = 0; i < rings->words; i++)
		record[i] = READ_ONCE(state[1 + i]);	/* pairs with put_in() */
	/* A word of the next one shows its odd state as well: pairs with the one in put_in(). */
	smp_rmb();
	return READ_ONCE(*state) == n << 1;
}

static size_t bytes_of(const struct tm_rings *rings)
{
	return array3_size(rings->records, rings->words + 1, sizeof(u64));
}

static struct tm_ring *make_ring(const struct tm_rings *rings, int node)
{
	struct tm_ring *ring = kzalloc_node(sizeof(*ring), GFP_KERNEL, node);

	if (!ring)
		return NULL;
	ring->place = kvzalloc_node(bytes_of(rings), GFP_KERNEL, node);
	if (ring->place)
		return ring;
	kfree(ring);
	return NULL;
}

static void free_ring(struct tm_ring *ring)
{
	if (!ring)
		return;
	kvfree(ring->place);
	kfree(ring);
}

/**
 * tm_rings_init() - make rings
 * @rings: where
 * @records: of each, a power of two
 * @words: of 8 bytes in a record
 *
 * A ring for each CPU that may ever come.
 *
 * Context: Process context, may sleep.
 * Return: 0, -EINVAL, -ENOMEM.
 */
int tm_rings_init(struct tm_rings *rings, u32 records, u32 words)
{
	unsigned int cpu;

	if (!is_power_of_2(records) || !words)
		return -EINVAL;
	*rings = (struct tm_rings){ .cpus = nr_cpu_ids, .records = records, .words = words };
	rings->ring = kvcalloc(nr_cpu_ids, sizeof(*rings->ring), GFP_KERNEL);
	if (!rings->ring)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		rings->ring[cpu] = make_ring(rings, cpu_to_node(cpu));
		if (!rings->ring[cpu]) {
			tm_rings_exit(rings);
			return -ENOMEM;
		}
	}
	return 0;
}

/**
 * tm_rings_exit() - give rings back
 * @rings: none is used any more; those that never were made are no harm
 *
 * Context: Process context, may sleep.
 */
void tm_rings_exit(struct tm_rings *rings)
{
	unsigned int cpu;

	for (cpu = 0; rings->ring && cpu < rings->cpus; cpu++)
		free_ring(rings->ring[cpu]);
	kvfree(rings->ring);
	*rings = (struct tm_rings){ 0 };
}

/**
 * tm_rings_memory() - what rings take
 * @rings: the rings
 *
 * Context: Any.
 * Return: bytes, constant from init to exit.
 */
size_t tm_rings_memory(const struct tm_rings *rings)
{
	size_t bytes = rings->cpus * sizeof(*rings->ring);
	unsigned int cpu;

	for (cpu = 0; cpu < rings->cpus; cpu++) {
		if (rings->ring[cpu])
			bytes += sizeof(struct tm_ring) + bytes_of(rings);
	}
	return bytes;
}
