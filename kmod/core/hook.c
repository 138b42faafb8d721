// SPDX-License-Identifier: GPL-2.0
/* Where tests step into an operation. */
#include <linux/atomic.h>
#include <linux/export.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "map.h"

struct tm_hook {
	tripmap_hook_t	fn;
	void		*arg;
};

DEFINE_STATIC_KEY_FALSE(tm_hooks);

/* Pairs with tripmap_set_hook(): either we see NULL, or it sees us. */
void tm_hook_run(struct tripmap *t, enum tripmap_step step)
{
	struct tm_hook *hook;

	tm_inject_step(t, step);
	atomic_inc(&t->hook_users);
	smp_mb__after_atomic();
	hook = READ_ONCE(t->hook);
	if (hook)
		hook->fn(t, step, hook->arg);
	/* Release: the hook is freed after its last use. */
	atomic_dec_return_release(&t->hook_users);
}

/**
 * tripmap_set_hook() - step into a table's operations, for tests
 * @t: the table
 * @fn: called at each &enum tripmap_step by whoever is there, in its context;
 *	NULL ends it, waits for calls under way and must not come from a hook
 * @arg: handed to @fn
 *
 * Context: Task, may sleep. One caller at a time.
 * Return: 0, -ENOMEM, or -EBUSY when there is a hook already.
 */
int tripmap_set_hook(struct tripmap *t, tripmap_hook_t fn, void *arg)
{
	struct tm_hook *hook = t->hook;

	if (fn) {
		if (hook)
			return -EBUSY;
		hook = kmalloc(sizeof(*hook), GFP_KERNEL);
		if (!hook)
			return -ENOMEM;
		hook->fn = fn;
		hook->arg = arg;
		/* Pairs with the READ_ONCE() in tm_hook_run(). */
		smp_store_release(&t->hook, hook);
		static_branch_inc(&tm_hooks);
		return 0;
	}
	if (!hook)
		return 0;
	static_branch_dec(&tm_hooks);
	WRITE_ONCE(t->hook, NULL);
	/* Pairs with the barrier in tm_hook_run(). */
	smp_mb();
	while (atomic_read_acquire(&t->hook_users))
		cond_resched();
	kfree(hook);
	return 0;
}
EXPORT_SYMBOL_GPL(tripmap_set_hook);
