// SPDX-License-Identifier: GPL-2.0
/*
 * Going into a shard and out of it: the guard, and for tables that keep their
 * writers apart themselves a spinlock around it, which may keep readers out too.
 *
 * Who writes again from within its own write, or from an interrupt above it,
 * must get a verdict and not a deadlock: so the guard is asked before the lock
 * is taken. Under the lock nobody else can be inside; a flag that is set there
 * all the same was left behind or forged.
 */
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "map.h"
#include "tell.h"

static bool locks(const struct tm_shard *sh)
{
	return sh->t->contract == TRIPMAP_CONTRACT_SHARED;
}

/* Contract shared: what readers have to do with it; see sync_rwlock.c. */
static bool close_to_readers(struct tm_shard *sh, unsigned int tries)
{
	return sh->t->sync != TRIPMAP_SYNC_RWLOCK || tm_rwlock_close(sh, tries);
}

static void open_to_readers(struct tm_shard *sh)
{
	if (sh->t->sync == TRIPMAP_SYNC_RWLOCK)
		tm_rwlock_open(sh);
}

/* Sparse knows no lock that is taken or not: to it, each of these is balanced. */
static bool try_spinlock(struct tm_shard *sh, unsigned int tries, unsigned long *flags)
{
	for (; tries; tries--) {
		if (raw_spin_trylock_irqsave(&sh->lock, *flags)) {
			__release(&sh->lock);
			return true;
		}
		cpu_relax();
	}
	return false;
}

static bool try_lock(struct tm_shard *sh, unsigned int tries, unsigned long *flags)
{
	if (!try_spinlock(sh, tries, flags))
		return false;
	if (close_to_readers(sh, tries + 1))
		return true;
	__acquire(&sh->lock);
	raw_spin_unlock_irqrestore(&sh->lock, *flags);
	return false;
}

static void lock(struct tm_shard *sh, unsigned long *flags)
{
	raw_spin_lock_irqsave(&sh->lock, *flags);
	while (!close_to_readers(sh, UINT_MAX))
		;
	__release(&sh->lock);
}

/* As lock(). Returns since when it waited, for whoever listens; 0: it did not. */
static noinline u64 lock_told(struct tm_shard *sh, struct tm_stay *stay)
{
	u64 begin;

	if (try_lock(sh, 1, &stay->flags))
		return 0;
	begin = tm_tell_clock();
	lock(sh, &stay->flags);
	return begin;
}

static void unlock(struct tm_shard *sh, unsigned long flags)
{
	__acquire(&sh->lock);
	open_to_readers(sh);
	raw_spin_unlock_irqrestore(&sh->lock, flags);
}

/**
 * tm_shard_must_not_wait() - would a reader wait for itself, or what it interrupted?
 * @sh: the shard
 *
 * Context: Any.
 * Return: true when the lock must not be waited for.
 */
bool tm_shard_must_not_wait(struct tm_shard *sh)
{
	return in_nmi() || tm_guard_is_mine(&sh->guard);
}

/* Apart, so that who needs no lock does not pay for the room that this needs. */
static noinline enum tripmap_found enter_locked(struct tm_shard *sh, struct tm_stay *stay,
						struct tm_holder *other)
{
	enum tripmap_found found = tm_guard_mine(&sh->guard, other);
	u64 waited = 0;

	if (unlikely(found != TRIPMAP_FOUND_NOBODY))
		return found;
	if (tm_event_on(writes))
		waited = lock_told(sh, stay);
	else
		lock(sh, &stay->flags);
	found = tm_guard_enter(&sh->guard, stay->op, stay->caller, &stay->ticket, other);
	if (unlikely(found != TRIPMAP_FOUND_NOBODY))
		unlock(sh, stay->flags);
	else if (tm_event_on(writes))
		/* Inside: a listener that writes here meets the guard and not the lock. */
		tm_tell_lock_wait(sh, stay, waited);
	return found;
}

/**
 * tm_shard_enter() - go in, if nobody is inside
 * @sh: the shard
 * @stay: op and caller say what for; the rest is for tm_shard_leave()
 * @other: out, who is inside
 *
 * Context: Any but NMI, in a read section that began before the table was found
 * usable. Interrupts are off from here on under contract shared, and readers are
 * out under sync rwlock.
 * Return: TRIPMAP_FOUND_NOBODY when inside, else a violation.
 */
enum tripmap_found tm_shard_enter(struct tm_shard *sh, struct tm_stay *stay,
				  struct tm_holder *other)
{
	if (unlikely(locks(sh)))
		return enter_locked(sh, stay, other);
	return tm_guard_enter(&sh->guard, stay->op, stay->caller, &stay->ticket, other);
}

/**
 * tm_shard_leave() - go out
 * @sh: the shard
 * @stay: from tm_shard_enter()
 *
 * Context: Inside, and in a read section: the shard may go as soon as nobody is
 * inside.
 * Return: what was found in the guard.
 */
enum tm_left tm_shard_leave(struct tm_shard *sh, struct tm_stay *stay)
{
	enum tm_left left = tm_guard_leave(&sh->guard, stay->ticket);

	if (unlikely(locks(sh)))
		unlock(sh, stay->flags);
	return left;
}

/*
 * How often the lock of a shard is tried for before a repair gives up. It is
 * held for a write, some microseconds; a try takes some nanoseconds. Where it
 * is never given back, its holder died with it.
 */
#define SEIZE_TRIES	1000000

/**
 * tm_shard_seize() - go in over somebody who will not leave any more
 * @sh: the shard
 * @word: its stay
 * @stay: as of tm_shard_enter()
 *
 * Context: Task, in a read section as for tm_shard_enter().
 * Return: 0, -EAGAIN when it is not inside any more, -EOWNERDEAD when it died
 * with the lock.
 */
int tm_shard_seize(struct tm_shard *sh, u64 word, struct tm_stay *stay)
{
	bool locked = locks(sh);

	if (locked && !try_lock(sh, SEIZE_TRIES, &stay->flags))
		return -EOWNERDEAD;
	if (tm_guard_seize(&sh->guard, word, stay->op, stay->caller, &stay->ticket))
		return 0;
	if (locked)
		unlock(sh, stay->flags);
	return -EAGAIN;
}
