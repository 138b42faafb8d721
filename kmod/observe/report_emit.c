// SPDX-License-Identifier: GPL-2.0
/*
 * Tells the world of reports: the log, WARN, BUG, and whoever listens.
 *
 *	report.c --ready()--> irq_work --> waiters, and the work item:
 *			      log (action REPORT), then the listener
 *	tm_report_act() --> log, WARN or BUG, in the violator's own context
 *
 * The work item goes through the records in their order, copies the events before
 * each of them at once, and waits, without keeping a CPU, for each one's other
 * half, though never longer than TM_REPORT_HALF_NS. Who warns does likewise where
 * it may sleep: under panic_on_warn nothing comes after the WARN. But it may hold
 * what others wait for, so it waits for neither half nor events any longer.
 *
 * report_text.c has the words.
 */
#include <linux/bitops.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/task_work.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/tripmap_names.h>

#include "flight.h"
#include "report.h"
#include "report_emit.h"
#include "report_text.h"

/*
 * Who warns needs room for a copy of its report, and may be in an interrupt, so
 * the room is there from load on. One per thing that can warn at a time; where
 * more do, the others' log has no more than the class and the number.
 */
#define TM_EMIT_ROOMS	8

/* The work item logs at most this many reports in this time; the rest is counted. */
#define TM_EMIT_BURST		10
#define TM_EMIT_INTERVAL	(5 * HZ)

/* And tells of this many in one go, then lets others work. */
#define TM_EMIT_BATCH		32

#define log_line(fmt, ...)	pr_warn("tripmap: " fmt, ##__VA_ARGS__)

struct tm_room {
	struct tm_report	r;
	struct tm_report_text	text;
};

static void work_fn(struct work_struct *work);
static void wake_fn(struct irq_work *work);

static struct {
	struct tm_room		*room;		/* TM_EMIT_ROOMS, and one for the work item */
	unsigned long		taken;		/* atomic; bit n: room n is in use */
	u64			last;		/* work item only; the last report told */
	unsigned int		left_out[2];	/* work item only; not logged; by confined */
	void			(*listener)(const struct tm_report *r);	/* emit_lock */
} emit;

static DEFINE_MUTEX(emit_lock);		/* the listener, and calls to it */
/* For the other half, and events that somebody else copies; woken by wake_fn() and copied(). */
static DECLARE_WAIT_QUEUE_HEAD(emit_wait);
static DECLARE_DELAYED_WORK(emit_work, work_fn);
static DEFINE_IRQ_WORK(emit_wake, wake_fn);
/* By confined: who writes to such tables on purpose silences no others. */
static struct ratelimit_state emit_limit[2] = {
	RATELIMIT_STATE_INIT(emit_limit[0], TM_EMIT_INTERVAL, TM_EMIT_BURST),
	RATELIMIT_STATE_INIT(emit_limit[1], TM_EMIT_INTERVAL, TM_EMIT_BURST),
};

static void log_text(const char *line)
{
	pr_warn("%s\n", line);
}

static void log_room(struct tm_room *room)
{
	tm_report_tell(&room->text, &room->r, log_text);
}

/* What was not logged is said as soon as the limit allows another line. */
static void log_left_out(bool confined)
{
	unsigned int *n = &emit.left_out[confined];

	if (!*n || !__ratelimit(&emit_limit[confined]))
		return;
	log_line("%u reports were not logged, there were too many at a time\n", *n);
	*n = 0;
}

/* WARN and BUG are logged by whoever acts. */
static void log_limited(struct tm_room *room)
{
	bool confined = room->r.v.confined;

	if (room->r.action != TRIPMAP_ACTION_REPORT)
		return;
	if (!__ratelimit(&emit_limit[confined])) {
		emit.left_out[confined]++;
		return;
	}
	log_room(room);
}

static void tell(const struct tm_report *r)
{
	mutex_lock(&emit_lock);
	if (emit.listener)
		emit.listener(r);
	mutex_unlock(&emit_lock);
}

/* Later, if nothing brings it forward. */
static void again_in(unsigned long delay)
{
	queue_delayed_work(system_unbound_wq, &emit_work, delay);
}

/* Who warns may wait for it. */
static void copied(void)
{
	wake_up_all(&emit_wait);
}

/* False when there is no other one, or its half is still to come; windows are copied first. */
static bool tell_next(struct tm_room *room)
{
	if (!tm_report_next(TM_ANY_OWNER, emit.last, &room->r))
		return false;
	tm_flight_freeze();
	copied();
	if (room->r.half == TRIPMAP_HALF_PENDING) {
		again_in(nsecs_to_jiffies(TM_REPORT_HALF_NS) + 1);
		return false;
	}
	emit.last = room->r.id;
	log_limited(room);
	tell(&room->r);
	return true;
}

/* However many reports come, one run is bounded. */
static void work_fn(struct work_struct *work)
{
	unsigned int n = TM_EMIT_BATCH;

	log_left_out(false);
	log_left_out(true);
	while (n && tell_next(&emit.room[TM_EMIT_ROOMS])) {
		cond_resched();
		n--;
	}
	if (!n)
		again_in(0);
	else if (emit.left_out[false] || emit.left_out[true])
		again_in(TM_EMIT_INTERVAL);
}

static void wake_fn(struct irq_work *work)
{
	wake_up_all(&emit_wait);
	mod_delayed_work(system_unbound_wq, &emit_work, 0);
}

/* From any context, NMI too: an irq_work may be queued there, a work item not. */
static void ready(void)
{
	irq_work_queue(&emit_wake);
}

/*
 * May this context sleep? The caller's own read section or a condition it is
 * about to wait for forbid it as well as a lock does. Where preemption is not
 * counted nobody can tell, and preemptible() is never true.
 */
static bool may_wait(void)
{
	return preemptible() && !rcu_preempt_depth() && get_current_state() == TASK_RUNNING;
}

static bool is_whole(u64 report)
{
	return !tm_report_pending(report) && !tm_flight_pending(report);
}

/* The caller of the table may be in reclaim, or hold what that or the work item waits for. */
static void make_whole(u64 report)
{
	tm_flight_try_freeze();
	copied();
	wait_event_timeout(emit_wait, is_whole(report), nsecs_to_jiffies(TM_REPORT_HALF_NS) + 1);
}

static struct tm_room *take_room(void)
{
	unsigned int n;

	for (n = 0; n < TM_EMIT_ROOMS; n++) {
		if (!test_and_set_bit_lock(n, &emit.taken))
			return &emit.room[n];
	}
	return NULL;
}

static void give_room(struct tm_room *room)
{
	clear_bit_unlock(room - emit.room, &emit.taken);
}

/* Log the report of a verdict; false when there is none (any more) or no room for it. */
static bool log_full(const struct tm_verdict *verdict, char *title)
{
	struct tm_room *room = verdict->report ? take_room() : NULL;
	bool found;

	if (!room)
		return false;
	found = tm_report_get(TM_ANY_OWNER, verdict->report, &room->r);
	if (found) {
		tm_report_title(&room->r, title, TM_REPORT_TITLE);
		log_room(room);
	}
	give_room(room);
	return found;
}

/* All that is to be in the log before the machine may stop. */
static void log_verdict(const struct tm_verdict *verdict, char *title)
{
	if (may_wait())
		make_whole(verdict->report);
	if (!log_full(verdict, title))
		snprintf(title, TM_REPORT_TITLE, "tripmap: %s, report %llu",
			 tripmap_class_name(verdict->class), verdict->report);
}

static void act_warn(const struct tm_verdict *verdict)
{
	char title[TM_REPORT_TITLE];

	log_verdict(verdict, title);
	WARN(1, "%s\n", title);
}

static void act_bug(const struct tm_verdict *verdict)
{
	char title[TM_REPORT_TITLE];

	log_verdict(verdict, title);
	log_line("the policy for this class is bug\n");
	BUG();
}

/**
 * tm_report_act() - do what is left to do about a violation
 * @verdict: from tm_report_file()
 *
 * Under REPORT nothing is: the work item logs. WARN and BUG log the report
 * first, with both stacks where there is time for it: in a context that may
 * sleep the other half is waited for, up to TM_REPORT_HALF_NS.
 *
 * Context: Any. No lock of this module, no read section, guard not held. Does
 * not return under BUG.
 */
void tm_report_act(const struct tm_verdict *verdict)
{
	if (verdict->action == TRIPMAP_ACTION_WARN)
		act_warn(verdict);
	else if (verdict->action == TRIPMAP_ACTION_BUG)
		act_bug(verdict);
}

/* A BUG that waits for its task to be on the way out of the kernel. */
struct tm_bug {
	struct callback_head	head;
	struct tm_verdict	verdict;	/* constant */
};

static void no_bug(const struct tm_verdict *verdict)
{
	log_line("the policy is bug, but this task does not return to user space: warning\n");
	act_warn(verdict);
}

/* The module stays pinned: after a BUG nothing returns here to let it go. */
static void bug_fn(struct callback_head *head)
{
	struct tm_bug *bug = container_of(head, struct tm_bug, head);
	struct tm_verdict verdict = bug->verdict;

	kfree(bug);
	/* A BUG in a task that is exiting already could not end it. */
	if (current->flags & PF_EXITING)
		no_bug(&verdict);
	else
		act_bug(&verdict);
}

static bool returns_to_user(void)
{
	return !(current->flags & (PF_KTHREAD | PF_IO_WORKER | PF_EXITING));
}

static bool bug_on_return(const struct tm_verdict *verdict)
{
	struct tm_bug *bug;

	if (!returns_to_user() || !try_module_get(THIS_MODULE))
		return false;
	bug = kmalloc(sizeof(*bug), GFP_KERNEL);
	if (bug) {
		init_task_work(&bug->head, bug_fn);
		bug->verdict = *verdict;
		if (!task_work_add(current, &bug->head, TWA_RESUME))
			return true;
		kfree(bug);
	}
	module_put(THIS_MODULE);
	return false;
}

/**
 * tm_report_act_user() - tm_report_act() for a request from user space
 * @verdict: from tm_report_file()
 *
 * A BUG under a netlink request would die with the family's locks held, so it
 * waits for the way back to user space. A task that has no such way (a kernel
 * thread, io_uring's worker, one that is exiting) gets WARN, and the log says so.
 *
 * Context: Process context, may sleep.
 */
void tm_report_act_user(const struct tm_verdict *verdict)
{
	if (verdict->action != TRIPMAP_ACTION_BUG)
		tm_report_act(verdict);
	else if (!bug_on_return(verdict))
		no_bug(verdict);
}

/**
 * tm_report_emit_listen() - whom to hand each report to
 * @fn: called from a work item, once for each report, in their order, when its
 *	other half is there or will not be waited for; NULL: nobody
 *
 * Context: Process context, may sleep. No call of the one before is under way
 * on return.
 */
void tm_report_emit_listen(void (*fn)(const struct tm_report *r))
{
	mutex_lock(&emit_lock);
	emit.listener = fn;
	mutex_unlock(&emit_lock);
}

/**
 * tm_report_emit_init() - begin to tell
 *
 * Context: Process context, after tm_report_init().
 * Return: 0, -ENOMEM.
 */
int tm_report_emit_init(void)
{
	emit.room = kvcalloc(TM_EMIT_ROOMS + 1, sizeof(*emit.room), GFP_KERNEL);
	if (!emit.room)
		return -ENOMEM;
	ratelimit_set_flags(&emit_limit[false], RATELIMIT_MSG_ON_RELEASE);
	ratelimit_set_flags(&emit_limit[true], RATELIMIT_MSG_ON_RELEASE);
	tm_report_on_ready(ready);
	return 0;
}

/**
 * tm_report_emit_exit() - stop telling
 *
 * What was not told yet is not any more.
 *
 * Context: Process context, before tm_report_exit().
 */
void tm_report_emit_exit(void)
{
	tm_report_on_ready(NULL);
	irq_work_sync(&emit_wake);
	cancel_delayed_work_sync(&emit_work);
	kvfree(emit.room);
}
