// SPDX-License-Identifier: GPL-2.0
/*
 * All clocks at one instant. They cannot be read at once: what lies between two
 * readings of the monotonic one is as far as the others can be off. An NMI that
 * comes while a reading is compared with the one before has its own left out of that.
 */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/preempt.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>
#include <linux/trace_clock.h>

#include "clock.h"

static struct {
	raw_spinlock_t		lock;
	bool			taken;		/* lock; there was one before */
	u64			wall;		/* lock; of the last reading: real - mono */
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

static void keep(struct tm_clock *c)
{
	u64 wall = c->real - c->mono;

	lockdep_assert_held(&clocks.lock);
	if (clocks.taken)
		c->step = wall - clocks.wall;
	clocks.taken = true;
	clocks.wall = wall;
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
