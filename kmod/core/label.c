// SPDX-License-Identifier: GPL-2.0
/*
 * What callers call their operations. A label stands for a context, a task's or
 * that of an interrupt above it, and is found by it.
 */
#include <linux/atomic.h>
#include <linux/export.h>
#include <linux/hash.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "map.h"

#define BITS	6

static struct {
	raw_spinlock_t		lock;
	struct hlist_head	standing[1 << BITS];	/* lock; by task, innermost first */
	atomic_t		n;			/* of them; changed under lock */
} labels = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(labels.lock),
};

static struct hlist_head *head_of(const void *task)
{
	return &labels.standing[hash_64((unsigned long)task, BITS)];
}

/* The innermost label of this context. */
static struct tripmap_label *__mine(void)
{
	u8 context = tm_guard_context();
	struct tripmap_label *l;

	lockdep_assert_held(&labels.lock);
	hlist_for_each_entry(l, head_of(current), node) {
		if (l->task == current && l->context == context)
			return l;
	}
	return NULL;
}

static void set_parent(struct tripmap_label *l, const struct tripmap_label *parent)
{
	unsigned int i;

	for (i = 1; parent && i < TRIPMAP_LABEL_DEPTH; i++)
		memcpy(l->name[i], parent->name[i - 1], TRIPMAP_LABEL_MAX);
}

/**
 * tripmap_label_begin() - name what the caller does from here on
 * @l: the label; stays until tripmap_label_end()
 * @name: at most %TRIPMAP_LABEL_MAX bytes, the rest is cut off
 * @parent: what it is part of, or NULL: the label that stands in this context
 *
 * Context: Any but NMI. Ends in the same context, inner ones first.
 */
void tripmap_label_begin(struct tripmap_label *l, const char *name,
			 const struct tripmap_label *parent)
{
	unsigned long flags;

	memset(l->name, 0, sizeof(l->name));
	memcpy(l->name[0], name, strnlen(name, TRIPMAP_LABEL_MAX));
	l->task = current;
	l->context = tm_guard_context();
	raw_spin_lock_irqsave(&labels.lock, flags);
	set_parent(l, parent ?: __mine());
	hlist_add_head(&l->node, head_of(current));
	atomic_inc(&labels.n);
	raw_spin_unlock_irqrestore(&labels.lock, flags);
}
EXPORT_SYMBOL_GPL(tripmap_label_begin);

/**
 * tripmap_label_end() - the end of what was named
 * @l: from tripmap_label_begin(); its names stay, for those who name it as parent
 *
 * Context: As tripmap_label_begin().
 */
void tripmap_label_end(struct tripmap_label *l)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&labels.lock, flags);
	hlist_del_init(&l->node);
	atomic_dec(&labels.n);
	raw_spin_unlock_irqrestore(&labels.lock, flags);
}
EXPORT_SYMBOL_GPL(tripmap_label_end);

/**
 * tm_label_chain() - what the caller does, and what that is part of
 * @name: out, as of struct tripmap_label; empty where nothing is said
 *
 * Context: Any; in NMI nothing is known.
 */
void tm_label_chain(char name[TRIPMAP_LABEL_DEPTH][TRIPMAP_LABEL_MAX])
{
	struct tripmap_label *l;
	unsigned long flags;

	memset(name, 0, TRIPMAP_LABEL_DEPTH * TRIPMAP_LABEL_MAX);
	/* One's own labels are seen without any order. */
	if (likely(!atomic_read(&labels.n)) || in_nmi())
		return;
	raw_spin_lock_irqsave(&labels.lock, flags);
	l = __mine();
	if (l)
		memcpy(name, l->name, sizeof(l->name));
	raw_spin_unlock_irqrestore(&labels.lock, flags);
}

/**
 * tm_label_get() - the two innermost names
 * @out: them
 *
 * Context: Any; in NMI nothing is known.
 */
void tm_label_get(struct tm_event_labels *out)
{
	char name[TRIPMAP_LABEL_DEPTH][TRIPMAP_LABEL_MAX];

	tm_label_chain(name);
	memcpy(out->own, name[0], sizeof(out->own));
	memcpy(out->parent, name[1], sizeof(out->parent));
}
