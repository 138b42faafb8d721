// SPDX-License-Identifier: GPL-2.0
/*
 * Sync rwlock: readers keep writers out, and a writer keeps readers out.
 *
 * It is there to be measured against: most tables of today stand behind such a
 * lock. Nothing in the table needs it, for chains are read beside a writer under
 * every other contract; so who cannot come in at once and must not wait (an NMI,
 * and whoever is inside as a writer) reads as it would there.
 *
 *	sh->readers:	READER for each reader inside or about to turn back, and
 *			WRITER while a writer is inside or waits for them to leave
 *
 * An rwlock_t it is not, since that sleeps on PREEMPT_RT, and tables are used
 * where nobody may sleep. As there, a reader pays one atomic operation to come in
 * and one to leave. Writers hold the shard's spinlock around it, and readers that
 * met one wait for that: so all stand in one queue, and none is passed over.
 * Interrupts are off on both sides: no reader interrupts another one that a
 * writer waits for.
 */
#include <linux/atomic.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "map.h"

#define WRITER	1
#define READER	2

/* Met a writer: behind it in the queue, or not at all. */
static noinline bool read_after_writer(struct tm_shard *sh)
{
	atomic_sub(READER, &sh->readers);
	if (tm_shard_must_not_wait(sh))
		return false;
	raw_spin_lock(&sh->lock);
	/* Nobody but the spinlock's holder becomes a writer. */
	atomic_add(READER, &sh->readers);
	raw_spin_unlock(&sh->lock);
	return true;
}

/**
 * tm_rwlock_read() - keep writers out
 * @sh: the shard
 * @flags: out, for tm_rwlock_read_end()
 *
 * Context: Any, in a read section as for tm_shard_enter(). Interrupts are off
 * from here on.
 * Return: false when that would be to wait for oneself; interrupts are as before,
 * and chains are to be read beside the writer.
 */
bool tm_rwlock_read(struct tm_shard *sh, unsigned long *flags)
{
	local_irq_save(*flags);
	/* Pairs with the release in tm_rwlock_open(). */
	if (likely(!(atomic_add_return_acquire(READER, &sh->readers) & WRITER)))
		return true;
	if (read_after_writer(sh))
		return true;
	local_irq_restore(*flags);
	return false;
}

/**
 * tm_rwlock_read_end() - let writers in again
 * @sh: the shard
 * @flags: from tm_rwlock_read(), which said true
 *
 * Context: That of tm_rwlock_read().
 */
void tm_rwlock_read_end(struct tm_shard *sh, unsigned long flags)
{
	/* Pairs with the acquire in tm_rwlock_close(). */
	atomic_sub_return_release(READER, &sh->readers);
	local_irq_restore(flags);
}

/**
 * tm_rwlock_close() - keep readers out, and wait for those inside
 * @sh: the shard; its spinlock is held
 * @tries: looks at them, each some nanoseconds
 *
 * Context: Any but NMI, interrupts off.
 * Return: false when one is still inside; then it is open again.
 */
bool tm_rwlock_close(struct tm_shard *sh, unsigned int tries)
{
	lockdep_assert_held(&sh->lock);
	atomic_or(WRITER, &sh->readers);
	for (; tries; tries--) {
		/* Pairs with the release in tm_rwlock_read_end(). */
		if (atomic_read_acquire(&sh->readers) == WRITER)
			return true;
		cpu_relax();
	}
	tm_rwlock_open(sh);
	return false;
}

/**
 * tm_rwlock_open() - let readers in again
 * @sh: the shard; its spinlock is held
 *
 * Context: That of tm_rwlock_close().
 */
void tm_rwlock_open(struct tm_shard *sh)
{
	/* Pairs with the acquire in tm_rwlock_read(). */
	atomic_fetch_andnot_release(WRITER, &sh->readers);
}
