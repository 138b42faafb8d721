// SPDX-License-Identifier: GPL-2.0
/*
 * Tells the world of reports: the log, WARN, BUG, and whoever listens.
 *
 *	report.c --ready()--> irq_work --> waiters, and the work item:
 *			      log (action REPORT), then the listener
 *	tm_report_act() --> log, WARN or BUG, in the violator's own context
 *
 * The work item goes through the records in their order and waits, without
 * keeping a CPU, for each one's other half, though never longer than
 * TM_REPORT_HALF_NS. Who warns waits likewise where it may sleep: under
 * panic_on_warn nothing comes after the WARN.
 *
 * Neither keys nor values nor raw addresses go to the log: anyone may read it.
 */
#include <linux/bitops.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/kallsyms.h>
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

#include "report.h"
#include "report_emit.h"

/*
 * Who warns needs room for a copy of its report, and may be in an interrupt, so
 * the room is there from load on. One per thing that can warn at a time; where
 * more do, the others' log has no more than the class and the number.
 */
#define TM_EMIT_ROOMS	8

/* The work item logs at most this many reports in this time; the rest is counted. */
#define TM_EMIT_BURST		10
#define TM_EMIT_INTERVAL	(5 * HZ)

/* Frames of each stack in the log; a report over netlink has all of them. */
#define TM_EMIT_FRAMES	24

#define log_line(fmt, ...)	pr_warn("tripmap: " fmt, ##__VA_ARGS__)

struct tm_room {
	struct tm_report	r;
	char			title[TM_REPORT_TITLE];
	char			symbol[KSYM_SYMBOL_LEN];
	char			fate[128];	/* what became of a party */
};

static void work_fn(struct work_struct *work);
static void wake_fn(struct irq_work *work);

static struct {
	struct tm_room		*room;		/* TM_EMIT_ROOMS, and one for the work item */
	unsigned long		taken;		/* atomic; bit n: room n is in use */
	u64			last;		/* work item only; the last report told */
	unsigned int		left_out;	/* work item only; reports not logged */
	void			(*listener)(const struct tm_report *r);	/* emit_lock */
} emit;

static DEFINE_MUTEX(emit_lock);		/* the listener, and calls to it */
static DECLARE_WAIT_QUEUE_HEAD(emit_wait);	/* for the other half; woken by wake_fn() */
static DECLARE_DELAYED_WORK(emit_work, work_fn);
static DEFINE_IRQ_WORK(emit_wake, wake_fn);
static DEFINE_RATELIMIT_STATE(emit_limit, TM_EMIT_INTERVAL, TM_EMIT_BURST);

static const char *op_name(u8 op)
{
	return op == TRIPMAP_OP_NONE ? "an operation" : tripmap_op_name(op);
}

/* With offset and module, for whoever debugs; an address without a name is not shown. */
static const char *symbol(struct tm_room *room, unsigned long address)
{
	if (!address)
		return "unknown";
	snprintf(room->symbol, sizeof(room->symbol), "%pS", (void *)address);
	return strstarts(room->symbol, "0x") ? "unknown" : room->symbol;
}

static void add_bucket(struct tm_room *room, int len, const struct tm_party *p)
{
	if (p->bucket != TM_NO_BUCKET)
		scnprintf(room->fate + len, sizeof(room->fate) - len, ", bucket %llu", p->bucket);
}

static const char *victim_fate(struct tm_room *room)
{
	const struct tm_violation *v = &room->r.v;
	int len;

	len = scnprintf(room->fate, sizeof(room->fate), "%s (%d)%s",
			v->result ? "was refused" : "was let through", v->result,
			v->alone ? ", no other party is known" : "");
	add_bucket(room, len, &v->victim);
	return room->fate;
}

static const char *holder_fate(struct tm_room *room)
{
	const struct tm_violation *v = &room->r.v;
	s64 ns = room->r.time - v->holder.since;
	int len;

	if (v->holder.since && ns >= 0)
		len = scnprintf(room->fate, sizeof(room->fate), "had been inside for up to %lld us%s",
				ns / (s64)NSEC_PER_USEC, v->left ? " when it left" : "");
	else
		len = scnprintf(room->fate, sizeof(room->fate), "%s",
				v->left ? "had just left" : "was inside");
	add_bucket(room, len, &v->holder);
	return room->fate;
}

/* A task's name is its own choice: what a terminal would act upon is escaped. */
static void log_party(struct tm_room *room, const char *who, const struct tm_party *p,
		      const char *fate)
{
	const char *comm = p->comm[0] ? p->comm : "unknown";

	log_line("%s: %s by %*pE (pid %u, cpu %u, %s) at %s %s\n", who, op_name(p->op),
		 (int)strnlen(comm, sizeof(p->comm)), comm, p->pid, p->cpu,
		 tripmap_context_name(p->context), symbol(room, p->caller), fate);
}

static void log_resize(const struct tm_violation *v)
{
	if (v->resize != TRIPMAP_RESIZE_NONE)
		log_line("the table was in resize (%s), %llu of %llu buckets evacuated\n",
			 tripmap_resize_name(v->resize), v->resize_done, v->resize_total);
}

static void log_stack(struct tm_room *room, const char *whose, const struct tm_stack *stack)
{
	u32 i, n = min_t(u32, stack->n, TM_EMIT_FRAMES);

	log_line("stack of the %s:\n", whose);
	for (i = 0; i < n; i++)
		log_line("  %s\n", symbol(room, stack->frame[i]));
	if (n < stack->n)
		log_line("  and %u more\n", stack->n - n);
}

static void log_holder_stack(struct tm_room *room)
{
	switch (room->r.half) {
	case TRIPMAP_HALF_COMPLETE:
		log_stack(room, "other party", &room->r.holder_stack);
		break;
	case TRIPMAP_HALF_LEFT:
		log_line("stack of the other party: not known, it had left\n");
		break;
	case TRIPMAP_HALF_NONE:
		break;
	default:
		log_line("stack of the other party: pending\n");
	}
}

static void log_room(struct tm_room *room)
{
	const struct tm_violation *v = &room->r.v;

	pr_warn("%s\n", room->title);	/* begins with tripmap: by itself */
	log_party(room, "victim", &v->victim, victim_fate(room));
	if (!v->alone)
		log_party(room, "other party", &v->holder, holder_fate(room));
	log_resize(v);
	log_stack(room, "victim", &room->r.victim_stack);
	log_holder_stack(room);
	log_line("the whole of it: tripctl report show %llu\n", room->r.id);
}

/* What was not logged is said as soon as the limit allows another line. */
static void log_left_out(void)
{
	if (!emit.left_out || !__ratelimit(&emit_limit))
		return;
	log_line("%u reports were not logged, there were too many at a time\n", emit.left_out);
	emit.left_out = 0;
}

/* WARN and BUG are logged by whoever acts. */
static void log_limited(struct tm_room *room)
{
	if (room->r.action != TRIPMAP_ACTION_REPORT)
		return;
	if (!__ratelimit(&emit_limit)) {
		emit.left_out++;
		return;
	}
	tm_report_title(&room->r, room->title, sizeof(room->title));
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

static void work_fn(struct work_struct *work)
{
	struct tm_room *room = &emit.room[TM_EMIT_ROOMS];

	log_left_out();
	while (tm_report_next(TM_ANY_OWNER, emit.last, &room->r)) {
		if (room->r.half == TRIPMAP_HALF_PENDING) {
			again_in(nsecs_to_jiffies(TM_REPORT_HALF_NS) + 1);
			return;
		}
		emit.last = room->r.id;
		log_limited(room);
		tell(&room->r);
		cond_resched();
	}
	if (emit.left_out)
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

/* The other party is this very task, or what it interrupted: it cannot go on meanwhile. */
static bool is_own(u8 class)
{
	return class == TRIPMAP_CLASS_REENTRANT_WRITE ||
	       class == TRIPMAP_CLASS_INTERRUPT_DURING_WRITE;
}

static void wait_half(const struct tm_verdict *verdict)
{
	if (is_own(verdict->class) || !may_wait())
		return;
	wait_event_timeout(emit_wait, !tm_report_pending(verdict->report),
			   nsecs_to_jiffies(TM_REPORT_HALF_NS) + 1);
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

/* Log the report of a verdict; false when it is gone or there is no room for it. */
static bool log_full(const struct tm_verdict *verdict, char *title)
{
	struct tm_room *room = take_room();
	bool found;

	if (!room)
		return false;
	found = tm_report_get(TM_ANY_OWNER, verdict->report, &room->r);
	if (found) {
		tm_report_title(&room->r, room->title, sizeof(room->title));
		log_room(room);
		strscpy(title, room->title, TM_REPORT_TITLE);
	}
	give_room(room);
	return found;
}

/* All that is to be in the log before the machine may stop. */
static void log_verdict(const struct tm_verdict *verdict, char *title)
{
	wait_half(verdict);
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
	emit.room = kcalloc(TM_EMIT_ROOMS + 1, sizeof(*emit.room), GFP_KERNEL);
	if (!emit.room)
		return -ENOMEM;
	ratelimit_set_flags(&emit_limit, RATELIMIT_MSG_ON_RELEASE);
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
	kfree(emit.room);
}
