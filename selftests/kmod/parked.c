// SPDX-License-Identifier: GPL-2.0
/* A task that stays in a write, and call sites to meet it from. */
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/irqflags.h>
#include <linux/sched.h>

#include "../../kmod/core/hook.h"
#include "scenario.h"

/*
 * The call sites. What follows the call keeps the compiler from jumping into
 * it: the return address is to lie in these functions.
 */

noinline int first_store(struct tripmap *t, u64 n)
{
	int err = tripmap_store(t, &n, &n, GFP_KERNEL);

	barrier();
	return err;
}

noinline int second_store(struct tripmap *t, u64 n)
{
	int err = tripmap_store(t, &n, &n, GFP_KERNEL);

	barrier();
	return err;
}

noinline int second_delete(struct tripmap *t, u64 n)
{
	int err = tripmap_delete(t, &n, GFP_KERNEL);

	barrier();
	return err;
}

noinline int second_lookup(struct tripmap *t, u64 n)
{
	u64 value = 0;
	int err = tripmap_lookup(t, &n, &value);

	if (!err)
		TM_EXPECT_EQ(value, n);
	return err;
}

noinline int second_walk(struct tripmap *t, u64 n)
{
	struct tripmap_iter *it = tripmap_iter_open(t, GFP_KERNEL);
	u64 key, value, found = 0;
	int got;

	if (IS_ERR(it))
		return PTR_ERR(it);
	while ((got = tripmap_iter_next(it, &key, &value)) == 1)
		found++;
	tripmap_iter_close(it);
	if (!got)
		TM_EXPECT_EQ(found, n);
	return got;
}

static void stay(struct parked *p)
{
	/* Pairs with the acquire in park(). */
	smp_store_release(&p->inside, true);
	/* Pairs with the release in unpark(). A shared table has interrupts off here. */
	if (irqs_disabled())
		TM_SPIN_FOR(smp_load_acquire(&p->go));
	else if (p->asleep)
		TM_WAIT_FOR(({ schedule_timeout_uninterruptible(1); smp_load_acquire(&p->go); }));
	else
		TM_WAIT_FOR(smp_load_acquire(&p->go));
}

static void stay_hook(struct tripmap *t, enum tripmap_step step, void *arg)
{
	struct parked *p = arg;

	if (step == p->step && in_task() && current == READ_ONCE(p->task) && !p->inside)
		stay(p);
}

static void parked_main(void *arg)
{
	struct parked *p = arg;

	scenario_pin(1);
	p->pid = current->pid;
	WRITE_ONCE(p->task, current);
	p->err = p->write(p->t, p->n);
	WRITE_ONCE(p->task, NULL);
}

bool park(struct parked *p)
{
	if (!TM_EXPECT_EQ(tripmap_set_hook(p->t, stay_hook, p), 0))
		return false;
	/* Pairs with the release in stay(). */
	if (tm_thread_start(&p->thread, parked_main, p, "session_a") &&
	    TM_WAIT_FOR(smp_load_acquire(&p->inside)))
		return true;
	unpark(p);
	return false;
}

void unpark(struct parked *p)
{
	/* Pairs with the acquire in stay(). */
	smp_store_release(&p->go, true);
	tm_thread_join(&p->thread);
	tripmap_set_hook(p->t, NULL, NULL);
}
