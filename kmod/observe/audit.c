// SPDX-License-Identifier: GPL-2.0
/*
 * The audit ring: deeds in the order of their ids, the oldest overwritten.
 *
 * One user must not be able to wash another's deeds away, and may have thousands of
 * uids. So what counts is the account: in a full ring who has more than half of it
 * gives up a deed of its own, and only others push out the oldest of all.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/stdarg.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "audit.h"

#define TM_AUDIT_SHARE	(TM_AUDIT_DEEDS / 2)

static DEFINE_RAW_SPINLOCK(audit_lock);
static struct tm_deed deeds[TM_AUDIT_DEEDS];	/* audit_lock; id 0: free */
static u64 last_id;				/* audit_lock */

static struct tm_deed *older(struct tm_deed *a, struct tm_deed *b)
{
	return a && a->id < b->id ? a : b;
}

/* Free places have id 0 and are older than any deed. */
static struct tm_deed *__place_for(u64 account)
{
	struct tm_deed *oldest = NULL, *own = NULL, *d;
	unsigned int owned = 0;

	for (d = deeds; d < deeds + TM_AUDIT_DEEDS; d++) {
		oldest = older(oldest, d);
		if (d->id && d->account == account) {
			own = older(own, d);
			owned++;
		}
	}
	return oldest->id && owned > TM_AUDIT_SHARE ? own : oldest;
}

/**
 * tm_audit_note() - keep a deed of the calling task
 * @owner: of the table, or whose reports it is about
 * @deed: enum tripmap_deed
 * @table: the table's name, or NULL
 * @uid: who did it, in the initial user namespace
 * @account: tells those apart of whom none is to wash away the others' deeds
 * @fmt: what was done, in words
 *
 * Context: Any but NMI.
 */
void tm_audit_note(u64 owner, u8 deed, const char *table, u32 uid, u64 account,
		   const char *fmt, ...)
{
	struct tm_deed d = {
		.time = ktime_get_mono_fast_ns(),
		.time_real = ktime_get_real_fast_ns(),
		.owner = owner,
		.account = account,
		.uid = uid,
		.pid = current->pid,
		.tgid = current->tgid,
		.deed = deed,
	};
	unsigned long flags;
	va_list args;

	strscpy(d.comm, current->comm, sizeof(d.comm));
	strscpy(d.table, table ?: "", sizeof(d.table));
	va_start(args, fmt);
	vsnprintf(d.text, sizeof(d.text), fmt, args);
	va_end(args);
	raw_spin_lock_irqsave(&audit_lock, flags);
	d.id = ++last_id;
	*__place_for(account) = d;
	raw_spin_unlock_irqrestore(&audit_lock, flags);
}

/**
 * tm_audit_next() - copy the next deed
 * @owner: whose
 * @after: the id of the last one seen, 0 to begin
 * @out: the copy
 *
 * Context: Any but NMI.
 * Return: false when there is no other one.
 */
bool tm_audit_next(u64 owner, u64 after, struct tm_deed *out)
{
	struct tm_deed *next = NULL, *d;
	unsigned long flags;

	raw_spin_lock_irqsave(&audit_lock, flags);
	for (d = deeds; d < deeds + TM_AUDIT_DEEDS; d++) {
		if (d->id > after && d->owner == owner)
			next = older(next, d);
	}
	if (next)
		*out = *next;
	raw_spin_unlock_irqrestore(&audit_lock, flags);
	return next;
}
