// SPDX-License-Identifier: GPL-2.0
/*
 * Load that keeps the contract, on a table of each contract at once, from tasks,
 * a timer and a tasklet, while the tables grow and shrink, walks run and a CPU
 * goes and comes. The detector must not say a word.
 *
 *	contract	writers				readers
 *	single-writer	all of them, under a spinlock	anybody, bare
 *	exclusive	all of them, under an rwlock	under the rwlock
 *	owner		one task			anybody, bare
 *	shared		anybody, bare			anybody, bare
 */
#include <linux/cpu.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/kconfig.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>

#include <linux/tripmap_names.h>

#include "scenario.h"

#define KEYS	1000	/* to which a table is filled, and then emptied */
#define TASKS	3
#define PERIOD_NS 700000	/* of the timer */
#define STRIDE	8	/* task n and the interrupts have the keys of their own residue */

enum place {
	TIMER = TASKS,
	TASKLET,
	PLACES,
};

struct legal {
	struct tripmap	*t[TRIPMAP_CONTRACT_MAX + 1];
	spinlock_t	spin;		/* single-writer: around each write */
	rwlock_t	rw;		/* exclusive: around each operation */
	u64		end;
	bool		stop;		/* READ_ONCE/WRITE_ONCE: the interrupts, and the CPU */
	struct hrtimer	timer;
	struct tasklet_struct tasklet;
	atomic64_t	writes[PLACES];
	atomic64_t	walks;
	atomic64_t	wrong;
	atomic_t	nomem;		/* in interrupts there may be none */
	unsigned int	plugs;		/* by the thread that does it */
};

struct worker {
	struct legal	*l;
	unsigned int	n;
	u64		step;		/* of its filling and emptying */
	struct tm_thread thread;
};

/*
 * One operation, with the lock that the contract asks for.
 */

static int write_bare(struct tripmap *t, u64 key, bool remove)
{
	if (remove)
		return tripmap_delete(t, &key, GFP_ATOMIC);
	return tripmap_store(t, &key, &key, GFP_ATOMIC);
}

static int write_legally(struct legal *l, unsigned int contract, u64 key, bool remove)
{
	unsigned long flags;
	int err;

	switch (contract) {
	case TRIPMAP_CONTRACT_SINGLE_WRITER:
		spin_lock_irqsave(&l->spin, flags);
		err = write_bare(l->t[contract], key, remove);
		spin_unlock_irqrestore(&l->spin, flags);
		return err;
	case TRIPMAP_CONTRACT_EXCLUSIVE:
		write_lock_irqsave(&l->rw, flags);
		err = write_bare(l->t[contract], key, remove);
		write_unlock_irqrestore(&l->rw, flags);
		return err;
	default:
		return write_bare(l->t[contract], key, remove);
	}
}

static int read_legally(struct legal *l, unsigned int contract, u64 key, u64 *value)
{
	unsigned long flags;
	int err;

	if (contract != TRIPMAP_CONTRACT_EXCLUSIVE)
		return tripmap_lookup(l->t[contract], &key, value);
	read_lock_irqsave(&l->rw, flags);
	err = tripmap_lookup(l->t[contract], &key, value);
	read_unlock_irqrestore(&l->rw, flags);
	return err;
}

/* What it must come to: the key is this place's own, and was there or not. */
static void write_and_check(struct legal *l, unsigned int place, unsigned int contract, u64 key,
			    bool remove)
{
	int err = write_legally(l, contract, key, remove);
	u64 value = 0;

	atomic64_inc(&l->writes[place]);
	if (err == -ENOMEM) {
		atomic_inc(&l->nomem);
		return;
	}
	if (err && err != -ENOENT)
		atomic64_inc(&l->wrong);
	err = read_legally(l, contract, key, &value);
	if (remove ? err != -ENOENT : err || value != key)
		atomic64_inc(&l->wrong);
}

/* Only the first task owns; interrupts never do. */
static bool may_write(unsigned int place, unsigned int contract)
{
	return contract != TRIPMAP_CONTRACT_OWNER || !place;
}

static void write_each(struct legal *l, unsigned int place, u64 key, bool remove)
{
	unsigned int contract;

	for (contract = 0; contract <= TRIPMAP_CONTRACT_MAX; contract++)
		if (may_write(place, contract))
			write_and_check(l, place, contract, key, remove);
}

/*
 * Tasks: fill up, empty again, and a walk now and then.
 */

/* A walk of the exclusive table would need its lock for each step. */
static void walk_legally(struct legal *l, unsigned int contract)
{
	struct tripmap_iter *it;
	u64 key, value;
	int got;

	if (contract == TRIPMAP_CONTRACT_EXCLUSIVE)
		return;
	it = tripmap_iter_open(l->t[contract], GFP_KERNEL);
	if (!TM_EXPECT(!IS_ERR(it)))
		return;
	while ((got = tripmap_iter_next(it, &key, &value)) == 1)
		if (key != value)
			atomic64_inc(&l->wrong);
	/* A new seed ends a walk, and that is no violation. */
	if (got && got != -ESTALE && got != -EAGAIN)
		atomic64_inc(&l->wrong);
	tripmap_iter_close(it);
	atomic64_inc(&l->walks);
}

static void legal_main(void *arg)
{
	struct worker *w = arg;
	u64 turn;

	if (!w->n)
		TM_EXPECT_EQ(tripmap_own(w->l->t[TRIPMAP_CONTRACT_OWNER]), 0);
	for (; ktime_get_ns() < w->l->end && !tm_test_failures(); w->step++) {
		turn = w->step % (2 * KEYS);
		write_each(w->l, w->n, turn % KEYS * STRIDE + w->n, turn >= KEYS);
		if (w->step % 1000 == 0)
			walk_legally(w->l, w->step / 1000 % (TRIPMAP_CONTRACT_MAX + 1));
		cond_resched();
	}
}

/*
 * Interrupts: one key at a time, stored and removed.
 */

static void interrupt_write(struct legal *l, unsigned int place)
{
	u64 n = atomic64_read(&l->writes[place]);

	write_each(l, place, n % 50 * STRIDE + place, n & 64);
}

static enum hrtimer_restart legal_timer(struct hrtimer *timer)
{
	struct legal *l = container_of(timer, struct legal, timer);

	interrupt_write(l, TIMER);
	tasklet_schedule(&l->tasklet);
	if (READ_ONCE(l->stop))
		return HRTIMER_NORESTART;
	hrtimer_forward_now(timer, ns_to_ktime(PERIOD_NS));
	return HRTIMER_RESTART;
}

static void legal_tasklet(struct tasklet_struct *tasklet)
{
	interrupt_write(container_of(tasklet, struct legal, tasklet), TASKLET);
}

/* The last CPU goes and comes, where that is possible. */
static void plug_main(void *arg)
{
	unsigned int cpu = cpumask_last(cpu_online_mask);
	struct legal *l = arg;

	while (cpu && !READ_ONCE(l->stop)) {
		if (remove_cpu(cpu))
			return;
		schedule_timeout_uninterruptible(HZ / 10);
		TM_EXPECT_EQ(add_cpu(cpu), 0);
		l->plugs++;
		schedule_timeout_uninterruptible(HZ / 10);
	}
}

/*
 * All of it
 */

static bool legal_begin(struct legal *l)
{
	unsigned int contract;

	spin_lock_init(&l->spin);
	rwlock_init(&l->rw);
	tasklet_setup(&l->tasklet, legal_tasklet);
	hrtimer_init(&l->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	l->timer.function = legal_timer;
	for (contract = 0; contract <= TRIPMAP_CONTRACT_MAX; contract++) {
		l->t[contract] = table_by((struct tripmap_config){
			.name = "legal", .contract = contract,
			.key_size = sizeof(u64), .value_size = sizeof(u64),
			.shards = contract == TRIPMAP_CONTRACT_SHARED ? 8 : 0,
		});
		if (!l->t[contract])
			return false;
	}
	return true;
}

static void legal_run(struct legal *l)
{
	struct tm_thread plug;
	struct worker w[TASKS];
	unsigned int n;

	l->end = scenario_end();
	for (n = 0; n < TASKS; n++) {
		w[n] = (struct worker){ .l = l, .n = n };
		tm_thread_start(&w[n].thread, legal_main, &w[n], "legal");
	}
	tm_thread_start(&plug, plug_main, l, "plug");
	hrtimer_start(&l->timer, ns_to_ktime(PERIOD_NS), HRTIMER_MODE_REL);
	/* A join of many minutes would look like a hang to the kernel. */
	while (ktime_get_ns() < l->end)
		schedule_timeout_interruptible(HZ);
	for (n = 0; n < TASKS; n++)
		tm_thread_join(&w[n].thread);
	WRITE_ONCE(l->stop, true);
	hrtimer_cancel(&l->timer);
	tasklet_kill(&l->tasklet);
	tm_thread_join(&plug);
}

static void legal_judge(struct legal *l)
{
	unsigned int contract, place;
	struct tripmap_info info;

	TM_EXPECT_EQ(atomic64_read(&l->wrong), 0);
	for (place = 0; place < PLACES; place++)
		TM_EXPECT(atomic64_read(&l->writes[place]) > 0);
	for (contract = 0; contract <= TRIPMAP_CONTRACT_MAX; contract++) {
		expect_silence(l->t[contract]);
		tripmap_info(l->t[contract], &info);
		tm_test_note("%s: growths=%llu shrinks=%llu",
			     tripmap_contract_name(contract), info.resizes[TRIPMAP_RESIZE_GROW],
			     info.resizes[TRIPMAP_RESIZE_SHRINK]);
	}
	tm_test_note("writes=%lld timer=%lld tasklet=%lld walks=%lld hotplugs=%u nomem=%d",
		     atomic64_read(&l->writes[0]), atomic64_read(&l->writes[TIMER]),
		     atomic64_read(&l->writes[TASKLET]), atomic64_read(&l->walks), l->plugs,
		     atomic_read(&l->nomem));
}

static void legal_end(struct legal *l)
{
	unsigned int contract;

	/* Only the owner may. */
	if (l->t[TRIPMAP_CONTRACT_OWNER])
		TM_EXPECT_EQ(tripmap_own(l->t[TRIPMAP_CONTRACT_OWNER]), 0);
	for (contract = 0; contract <= TRIPMAP_CONTRACT_MAX; contract++)
		table_end(l->t[contract]);
	kfree(l);
}

TM_TEST(every_contract)
{
	struct legal *l = kzalloc(sizeof(*l), GFP_KERNEL);

	if (!TM_EXPECT(l))
		return;
	if (legal_begin(l)) {
		legal_run(l);
		legal_judge(l);
	}
	legal_end(l);
}

SCENARIO(legal, "legal",
	 "load that keeps each contract, with growth, walks, a timer, a tasklet and CPU hotplug",
	 "nothing",
	 "a violation; a lost or wrong entry",
	 TM_CASE(every_contract));
