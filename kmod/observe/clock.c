// SPDX-License-Identifier: GPL-2.0
/*
 * All clocks at one instant. They cannot be read at once: what lies between two
 * readings of the monotonic one is as far as the others can be off. An NMI that
 * comes amid the keeping of a reading does not have its own kept.
 */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/preempt.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>
#include <linux/trace_clock.h>

#include "clock.h"

/* Enough for the reports of a bad quarter of an hour, or as long without any. */
#define TM_CLOCKS	16

static struct {
	raw_spinlock_t		lock;
	struct tm_clock		kept[TM_CLOCKS];	/* lock */
	unsigned int		taken;			/* lock; the newest is kept[taken - 1] */
} clocks = { .lock = __RAW_SPIN_LOCK_UNLOCKED(clocks.lock) };

/* The readings of the others lie between two of the monotonic clock. */
static void read_clocks(struct tm_clock *c)
{
	unsigned long flags;
	u64 begin;

	local_irq_save(flags);
	begin = ktime_get_mono_fast_ns();
	c->real = ktime_get_real_fast_ns();
	c->boot = ktime_get_boot_fast_ns();
	c->trace = trace_clock_local();
	c->mono = ktime_get_mono_fast_ns();
	local_irq_restore(flags);
	c->error = c->mono - begin;
	c->mono = begin + c->error / 2;
	c->step = 0;
}

/* Sparse knows no lock that is taken or not: to it, this and unlock() are balanced. */
static bool lock(unsigned long *flags)
{
	if (!in_nmi())
		raw_spin_lock_irqsave(&clocks.lock, *flags);
	else if (!raw_spin_trylock_irqsave(&clocks.lock, *flags))
		return false;
	__release(&clocks.lock);
	return true;
}

static void unlock(unsigned long flags)
{
	__acquire(&clocks.lock);
	raw_spin_unlock_irqrestore(&clocks.lock, flags);
}

static struct tm_clock *kept(unsigned int n)
{
	return &clocks.kept[n % TM_CLOCKS];
}

static u64 wall(const struct tm_clock *c)
{
	return c->real - c->mono;
}

static void keep(struct tm_clock *c)
{
	if (clocks.taken)
		c->step = wall(c) - wall(kept(clocks.taken - 1));
	*kept(clocks.taken++) = *c;
}

/**
 * tm_clock_take() - read all clocks
 * @c: the readings, and how far the wall clock was moved since those before
 *
 * Context: Any.
 */
void tm_clock_take(struct tm_clock *c)
{
	unsigned long flags;

	read_clocks(c);
	if (!lock(&flags))
		return;
	keep(c);
	unlock(flags);
}

/* Two CPUs may have kept theirs in another order than they took them in. */
static const struct tm_clock *find(u64 mono)
{
	unsigned int n, oldest = clocks.taken - min_t(unsigned int, clocks.taken, TM_CLOCKS);

	for (n = clocks.taken; n > oldest + 1; n--) {
		if (kept(n - 1)->mono <= mono)
			break;
	}
	return kept(max(n, 1U) - 1);
}

/**
 * tm_clock_at() - the clocks at some time
 * @mono: the time, ns of CLOCK_MONOTONIC
 * @c: the latest readings at or before it; the oldest kept where there are none;
 *	all 0 where none were taken
 *
 * Context: Any but NMI.
 */
void tm_clock_at(u64 mono, struct tm_clock *c)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&clocks.lock, flags);
	*c = *find(mono);
	raw_spin_unlock_irqrestore(&clocks.lock, flags);
}
