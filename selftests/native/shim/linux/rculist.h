/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_RCULIST_H
#define SHIM_LINUX_RCULIST_H

#include <linux/list.h>
#include <linux/rcupdate.h>

/* Readers go forwards only. */
static inline void list_add_tail_rcu(struct list_head *n, struct list_head *head)
{
	struct list_head *last = head->prev;

	n->next = head;
	n->prev = last;
	head->prev = n;
	__atomic_store_n(&last->next, n, __ATOMIC_RELEASE);
}

static inline void list_del_rcu(struct list_head *n)
{
	n->next->prev = n->prev;
	__atomic_store_n(&n->prev->next, n->next, __ATOMIC_RELEASE);
	n->prev = (void *)0x122;
}

#define list_next_rcu(p)	rcu_dereference(*(struct list_head **)&(p)->next)
#define list_for_each_entry_rcu(p, h, m)				\
	for (struct list_head *__at = list_next_rcu(h);			\
	     __at != (h) && (p = list_entry(__at, typeof(*p), m), true); \
	     __at = list_next_rcu(__at))

#endif /* SHIM_LINUX_RCULIST_H */
