// SPDX-License-Identifier: GPL-2.0
/* RCU by liburcu, flavour memb; the names of the kernel are functions here. */
#define _LGPL_SOURCE
#include <stdlib.h>
#include <urcu/urcu-memb.h>

#include "rcu.h"

/* The two heads are the same two words; freed is a queue of those with an object. */
struct freed {
	struct rcu_head rcu;
	void *obj;
};

void shim_rcu_register(void)
{
	urcu_memb_register_thread();
}

void shim_rcu_unregister(void)
{
	urcu_memb_unregister_thread();
}

void shim_rcu_helper_begin(void)
{
	urcu_memb_get_default_call_rcu_data();
}

void shim_rcu_read_lock(void) __asm__("rcu_read_lock");
void shim_rcu_read_lock(void)
{
	urcu_memb_read_lock();
}

void shim_rcu_read_unlock(void) __asm__("rcu_read_unlock");
void shim_rcu_read_unlock(void)
{
	urcu_memb_read_unlock();
}

void shim_synchronize_rcu(void) __asm__("synchronize_rcu");
void shim_synchronize_rcu(void)
{
	urcu_memb_synchronize_rcu();
}

void shim_call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head)) __asm__("call_rcu");
void shim_call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	_Static_assert(sizeof(*head) == 2 * sizeof(void *), "the kernel's rcu_head");
	urcu_memb_call_rcu(head, func);
}

void shim_rcu_barrier(void) __asm__("rcu_barrier");
void shim_rcu_barrier(void)
{
	urcu_memb_barrier();
}

static void free_it(struct rcu_head *head)
{
	struct freed *f = (struct freed *)head;

	free(f->obj);
	free(f);
}

void shim_kfree_rcu(struct rcu_head *head, void *obj)
{
	struct freed *f = malloc(sizeof(*f));

	(void)head;
	if (!f)
		abort();
	f->obj = obj;
	urcu_memb_call_rcu(&f->rcu, free_it);
}
