// SPDX-License-Identifier: GPL-2.0
/*
 * Who queued the work that somebody does: told by the code that queues it and
 * by the work item, looked up when the work item is party to a violation.
 */
#include <linux/export.h>
#include <linux/hash.h>
#include <linux/instruction_pointer.h>
#include <linux/list.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "map.h"

#define BITS	6

static struct {
	raw_spinlock_t		lock;
	struct hlist_head	running[1 << BITS];	/* lock; by task */
} origins = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(origins.lock),
};

static struct hlist_head *head_of(const void *task)
{
	return &origins.running[hash_64((unsigned long)task, BITS)];
}

/**
 * tripmap_origin_note() - remember who queues this work
 * @o: beside the work; not one whose work is running
 *
 * Context: Any.
 */
void tripmap_origin_note(struct tripmap_origin *o)
{
	*o = (struct tripmap_origin){
		.time = ktime_get_mono_fast_ns(),
		.pid = current->pid,
		.tgid = current->tgid,
		.cpu = raw_smp_processor_id(),
		.caller = _RET_IP_,
	};
	strscpy(o->comm, current->comm, sizeof(o->comm));
	o->frames = stack_trace_save(o->frame, TRIPMAP_ORIGIN_FRAMES, 1);
}
EXPORT_SYMBOL_GPL(tripmap_origin_note);

/**
 * tripmap_origin_begin() - the work begins, in this task
 * @o: noted when it was queued; stays until tripmap_origin_end()
 *
 * Context: Task.
 */
void tripmap_origin_begin(struct tripmap_origin *o)
{
	unsigned long flags;

	o->task = current;
	raw_spin_lock_irqsave(&origins.lock, flags);
	hlist_add_head(&o->node, head_of(current));
	raw_spin_unlock_irqrestore(&origins.lock, flags);
}
EXPORT_SYMBOL_GPL(tripmap_origin_begin);

/**
 * tripmap_origin_end() - the work ends
 * @o: from tripmap_origin_begin()
 *
 * Context: Task.
 */
void tripmap_origin_end(struct tripmap_origin *o)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&origins.lock, flags);
	hlist_del_init(&o->node);
	raw_spin_unlock_irqrestore(&origins.lock, flags);
}
EXPORT_SYMBOL_GPL(tripmap_origin_end);

static void copy_out(const struct tripmap_origin *o, struct tm_origin *out)
{
	out->pid = o->pid;
	out->tgid = o->tgid;
	out->cpu = o->cpu;
	out->caller = o->caller;
	out->time = o->time;
	out->n = min_t(u32, o->frames, TM_REPORT_ORIGIN);
	memcpy(out->frame, o->frame, out->n * sizeof(out->frame[0]));
	strscpy(out->comm, o->comm, sizeof(out->comm));
}

/**
 * tm_origin_find() - who queued what the caller does
 * @out: zero where that is not known
 *
 * Nobody queued what an interrupt does, whatever work it came upon.
 *
 * Context: Any.
 */
void tm_origin_find(struct tm_origin *out)
{
	struct tripmap_origin *o;
	unsigned long flags;

	*out = (struct tm_origin){};
	if (!in_task())
		return;
	raw_spin_lock_irqsave(&origins.lock, flags);
	hlist_for_each_entry(o, head_of(current), node) {
		if (o->task == current) {
			copy_out(o, out);
			break;
		}
	}
	raw_spin_unlock_irqrestore(&origins.lock, flags);
}
