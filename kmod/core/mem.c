// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of tables. All of it is counted against one limit for the module, by what
 * the kernel gives for it, and charged to the memory cgroup of the task that allocates.
 */
#include <linux/atomic.h>
#include <linux/gfp.h>
#include <linux/kconfig.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/slab.h>

#include "mem.h"

static atomic64_t used = ATOMIC64_INIT(0);	/* bytes; any context */
static u64 limit = U64_MAX;			/* bytes; tm_mem_set_limit() */

/* On PREEMPT_RT the allocator's locks sleep. */
static bool may_allocate(void)
{
	return !in_nmi() && (!IS_ENABLED(CONFIG_PREEMPT_RT) || preemptible());
}

/**
 * tm_mem_size() - what is held for so many bytes
 * @size: bytes asked for
 *
 * Context: Any.
 * Return: bytes, those that the allocator rounds up by included.
 */
size_t tm_mem_size(size_t size)
{
	return size <= PAGE_SIZE ? kmalloc_size_roundup(size) : PAGE_ALIGN(size);
}

static bool charge(size_t size)
{
	/* Pairs with tm_mem_set_limit(); the limit is no barrier for anything. */
	if ((u64)atomic64_add_return(size, &used) <= READ_ONCE(limit))
		return true;
	atomic64_sub(size, &used);
	return false;
}

/*
 * Above a page alloc_pages_exact(): kmalloc would round 36 KiB up to 64.
 */
static void *get(size_t size, gfp_t gfp)
{
	gfp |= __GFP_ZERO | __GFP_ACCOUNT | __GFP_NOWARN;
	return size <= PAGE_SIZE ? kmalloc(size, gfp) : alloc_pages_exact(size, gfp);
}

/**
 * tm_mem_alloc() - zeroed memory
 * @size: bytes
 * @gfp: how
 *
 * Context: Any that @gfp allows; never succeeds in NMI, nor on PREEMPT_RT with
 * preemption off.
 * Return: the memory, or NULL.
 */
void *tm_mem_alloc(size_t size, gfp_t gfp)
{
	void *p;

	if (!may_allocate() || !charge(tm_mem_size(size)))
		return NULL;
	p = get(size, gfp);
	if (!p)
		atomic64_sub(tm_mem_size(size), &used);
	return p;
}

/**
 * tm_mem_free() - give memory back
 * @p: from tm_mem_alloc(), or NULL
 * @size: bytes, as asked for
 *
 * Context: Any but NMI; on PREEMPT_RT preemptible.
 */
void tm_mem_free(void *p, size_t size)
{
	if (!p)
		return;
	if (size <= PAGE_SIZE)
		kfree(p);
	else
		free_pages_exact(p, size);
	atomic64_sub(tm_mem_size(size), &used);
}

/**
 * tm_mem_set_limit() - what all tables together may hold
 * @bytes: the limit; what is above it already stays
 *
 * Context: Any.
 */
void tm_mem_set_limit(u64 bytes)
{
	/* Pairs with the READ_ONCE() in charge(). */
	WRITE_ONCE(limit, bytes);
}

/**
 * tm_mem_used() - what all tables together hold
 *
 * Context: Any.
 * Return: bytes, what waits for a grace period included.
 */
u64 tm_mem_used(void)
{
	return atomic64_read(&used);
}
