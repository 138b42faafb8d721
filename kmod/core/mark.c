// SPDX-License-Identifier: GPL-2.0
/* Remembering somebody for later reports: who owns a table, who destroyed it. */
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "map.h"

static DEFINE_RAW_SPINLOCK(marks_lock);		/* all marks; held for a copy */

/* What kind of task this is. */
u32 tm_mark_flags(void)
{
	u32 flags = 0;

	if (current->flags & PF_EXITING)
		flags |= TRIPMAP_PARTY_FLAG_EXITING;
	if (current->flags & PF_KTHREAD)
		flags |= TRIPMAP_PARTY_FLAG_KTHREAD;
	if (current->flags & PF_WQ_WORKER)
		flags |= TRIPMAP_PARTY_FLAG_WORKER;
	return flags;
}

/**
 * tm_mark_self() - what tells one owner from another
 * @call: the call; one that names its caller is believed
 *
 * A task is told by its number and when it began, so that a number used again
 * is another one. Interrupts are nobody.
 *
 * Context: Any.
 * Return: the caller's mark, 0 in an interrupt.
 */
u64 tm_mark_self(const struct tm_call *call)
{
	if (call->self)
		return call->self;
	if (!in_task())
		return 0;
	return (u64)current->pid << 40 | (current->start_time & ((1ULL << 40) - 1));
}

/**
 * tm_mark_me() - remember the caller
 * @mark: where
 * @call: the call
 *
 * Context: Any but NMI.
 */
void tm_mark_me(struct tm_mark *mark, const struct tm_call *call)
{
	struct tm_mark me = {
		.time = ktime_get_mono_fast_ns(),
		.caller = call->caller,
		.pid = current->pid,
		.tgid = current->tgid,
		.cpu = raw_smp_processor_id(),
		.flags = tm_mark_flags(),
		.context = tm_guard_context(),
		.op = call->op,
	};
	unsigned long flags;

	strscpy(me.comm, current->comm, sizeof(me.comm));
	raw_spin_lock_irqsave(&marks_lock, flags);
	*mark = me;
	raw_spin_unlock_irqrestore(&marks_lock, flags);
}

/**
 * tm_mark_get() - who it was
 * @mark: of whom
 * @copy: out; all zero where nobody is known, or in an NMI that came amid a change
 *
 * Context: Any.
 */
void tm_mark_get(const struct tm_mark *mark, struct tm_mark *copy)
{
	unsigned long flags;

	*copy = (struct tm_mark){};
	if (in_nmi())
		return;
	raw_spin_lock_irqsave(&marks_lock, flags);
	*copy = *mark;
	raw_spin_unlock_irqrestore(&marks_lock, flags);
}

/**
 * tm_mark_clear() - forget who it was
 * @mark: of whom
 *
 * Context: Any but NMI.
 */
void tm_mark_clear(struct tm_mark *mark)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&marks_lock, flags);
	*mark = (struct tm_mark){};
	raw_spin_unlock_irqrestore(&marks_lock, flags);
}
