// SPDX-License-Identifier: GPL-2.0
/*
 * Looks for writers that do not leave, now and then, and gets their stacks; and
 * reads the clocks, so that a step of the wall clock can be told when.
 */
#include <linux/instruction_pointer.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched/task.h>
#include <linux/stacktrace.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "core/table.h"
#include "observe/clock.h"
#include "observe/report.h"
#include "params.h"
#include "watch.h"

#define CLOCK_INTERVAL	(60 * HZ)

static void watch_fn(struct work_struct *work);
static void clock_fn(struct work_struct *work);

static DECLARE_DELAYED_WORK(watch_work, watch_fn);
static DECLARE_DELAYED_WORK(clock_work, clock_fn);

static bool watching;			/* lock of parameters */
static unsigned long interval;		/* same, WRITE_ONCE; READ_ONCE by watch_fn() */

/* Also who has ended, but is still there for its parent to ask after. */
static bool is_gone(u32 pid)
{
	struct task_struct *task;
	bool gone;

	rcu_read_lock();
	task = pid_task(find_pid_ns(pid, &init_pid_ns), PIDTYPE_PID);
	gone = !task || READ_ONCE(task->exit_state);	/* pairs with exit_notify() */
	rcu_read_unlock();
	return gone;
}

/* Of a task that sleeps or runs elsewhere: what its frames are just now. */
static void stack_of(u32 pid, struct tm_stack *stack)
{
	struct task_struct *task;

	rcu_read_lock();
	task = pid_task(find_pid_ns(pid, &init_pid_ns), PIDTYPE_PID);
	if (task)
		get_task_struct(task);
	rcu_read_unlock();
	if (!task)
		return;
	stack->n = tm_stack_of_task(task, stack->frame, TM_REPORT_FRAMES);
	put_task_struct(task);
}

/* One at a time; it is too large for a stack. */
static struct tm_stack stale_stack;

static void watch_fn(struct work_struct *work)
{
	struct tm_stale found;

	for (;;) {
		struct tm_call call = TM_CALL(TRIPMAP_OP_WATCH, 0, 0);

		if (!tm_stale_next(&call, &found))
			break;
		stale_stack.n = 0;
		if (!found.gone)
			stack_of(found.pid, &stale_stack);
		if (call.verdict.report && stale_stack.n)
			tm_report_add_stack(call.verdict.report, &stale_stack);
		tm_report_act(&call.verdict);
	}
	/* Pairs with tm_watch_settle(): if that has queued it already, this does nothing. */
	queue_delayed_work(system_unbound_wq, &watch_work, READ_ONCE(interval));
}

static void clock_fn(struct work_struct *work)
{
	struct tm_clock c;

	tm_clock_take(&c);
	queue_delayed_work(system_unbound_wq, &clock_work, CLOCK_INTERVAL);
}

/**
 * tm_watch_settle() - set the time after which a writer is stale
 * @ms: the time, in force at once
 *
 * Before tm_watch_init() and after tm_watch_exit() nobody looks all the same.
 *
 * Context: Task, under the lock of parameters; may sleep.
 */
void tm_watch_settle(u32 ms)
{
	tm_stale_set(&(struct tm_stale_rule){ .ns = (u64)ms * NSEC_PER_MSEC, .gone = is_gone });
	/* A quarter of it. Pairs with watch_fn(). */
	WRITE_ONCE(interval, max(msecs_to_jiffies(ms) / 4, 1UL));
	if (watching)
		mod_delayed_work(system_unbound_wq, &watch_work, interval);
}

/**
 * tm_watch_init() - begin to look
 *
 * Context: Task, after the tables can be made.
 */
void tm_watch_init(void)
{
	kernel_param_lock(THIS_MODULE);
	watching = true;
	tm_watch_settle(tm_param_stale_ms());
	kernel_param_unlock(THIS_MODULE);
	queue_delayed_work(system_unbound_wq, &clock_work, 0);
}

/**
 * tm_watch_exit() - look no more
 *
 * Context: Task.
 */
void tm_watch_exit(void)
{
	/* Parameters can be written until the module is gone. */
	kernel_param_lock(THIS_MODULE);
	watching = false;
	kernel_param_unlock(THIS_MODULE);
	cancel_delayed_work_sync(&clock_work);
	cancel_delayed_work_sync(&watch_work);
}
