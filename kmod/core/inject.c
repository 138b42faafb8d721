// SPDX-License-Identifier: GPL-2.0
/*
 * Letting something go wrong on purpose: delays at the steps of the protocol,
 * failing allocations, a forged flag, growth. Paid for by nobody while no table
 * has any (the static key of the hooks).
 */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>

#include "map.h"

static DEFINE_MUTEX(inject_lock);	/* inject.on of all tables */

static bool take(atomic_t *left)
{
	return atomic_dec_if_positive(left) >= 0;
}

/* Without giving up the CPU: this may be an interrupt. */
static void wait_us(u32 us)
{
	for (; us >= USEC_PER_MSEC; us -= USEC_PER_MSEC)
		mdelay(1);
	udelay(us);
}

/**
 * tm_inject_step() - wait at a step of an operation, if that is asked for
 * @t: table
 * @step: the step
 *
 * Context: Any.
 */
void tm_inject_step(struct tripmap *t, enum tripmap_step step)
{
	if (take(&t->inject.delays[step]))
		/* Pairs with the WRITE_ONCE() in delay(). */
		wait_us(READ_ONCE(t->inject.usecs[step]));
}

/**
 * tm_inject_fails() - shall an allocation for this table fail?
 * @t: table
 *
 * Context: Any.
 * Return: true when it shall.
 */
bool tm_inject_fails(struct tripmap *t)
{
	return static_branch_unlikely(&tm_hooks) && take(&t->inject.failures);
}

static void set_on(struct tripmap *t, bool on)
{
	mutex_lock(&inject_lock);
	if (on && !t->inject.on)
		static_branch_inc(&tm_hooks);
	else if (!on && t->inject.on)
		static_branch_dec(&tm_hooks);
	t->inject.on = on;
	mutex_unlock(&inject_lock);
}

/**
 * tm_inject_end() - nothing goes wrong on purpose any more
 * @t: table
 *
 * Context: Task, may sleep.
 */
void tm_inject_end(struct tripmap *t)
{
	unsigned int i;

	for (i = 0; i <= TRIPMAP_STEP_MAX; i++)
		atomic_set(&t->inject.delays[i], 0);
	atomic_set(&t->inject.failures, 0);
	set_on(t, false);
}

static void delay(struct tripmap *t, enum tripmap_step step, u32 usecs, u32 count)
{
	/* Pairs with the READ_ONCE() in tm_inject_step(). */
	WRITE_ONCE(t->inject.usecs[step], usecs);
	atomic_set_release(&t->inject.delays[step], count);
	set_on(t, true);
}

static int forge(struct tripmap *t)
{
	int err;

	rcu_read_lock();
	err = tm_map_usable(t);
	if (!err)
		tm_guard_forge(&t->shard->guard);
	rcu_read_unlock();
	return err;
}

/* Twice as many as there are now. */
static int grow(struct tripmap *t, struct tm_call *call)
{
	struct tripmap_info info;

	call->op = TRIPMAP_OP_RESIZE;
	tripmap_info(t, &info);
	/* With that many entries, and one more in each shard, it has to have more buckets. */
	return tm_table_resize(t, call, info.buckets * 13 / 2 + tm_map_shards(t));
}

/**
 * tm_table_inject() - let something go wrong on purpose
 * @t: table
 * @call: the call
 * @fault: what
 * @step: where to wait (DELAY)
 * @usecs: for how long (DELAY), at most %TRIPMAP_DELAY_MAX
 * @count: how often (DELAY, FAIL_ALLOC), at most INT_MAX
 *
 * Context: Task, may sleep.
 * Return: 0, -EINVAL, -ESTALE, for GROW as of tripmap_resize_hint().
 */
int tm_table_inject(struct tripmap *t, struct tm_call *call, enum tripmap_fault fault,
		    enum tripmap_step step, u32 usecs, u32 count)
{
	switch (fault) {
	case TRIPMAP_FAULT_NONE:
		tm_inject_end(t);
		return 0;
	case TRIPMAP_FAULT_FORGE:
		return forge(t);
	case TRIPMAP_FAULT_DELAY:
		delay(t, step, usecs, count);
		return 0;
	case TRIPMAP_FAULT_GROW:
		return grow(t, call);
	case TRIPMAP_FAULT_FAIL_ALLOC:
		atomic_set(&t->inject.failures, count);
		set_on(t, true);
		return 0;
	default:
		return -EINVAL;
	}
}
