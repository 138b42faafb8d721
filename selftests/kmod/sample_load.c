// SPDX-License-Identifier: GPL-2.0
/*
 * insmod tripmap_sample.ko bug=wrong-lock
 *
 * Uses the driver of sample.c until the module is unloaded: kernel threads as its
 * peers, its timer, its work item. Two of the bugs need a process as well, which
 * uses /dev/tripmap_sample.
 *
 * A write in the driver is over within a microsecond. So that two meet within
 * seconds, whoever is inside stays there for up to a millisecond, unless somebody
 * comes. The same goes for bug=none, where all of the load runs and nobody meets.
 */
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "../../kmod/core/hook.h"
#include "sample.h"

#define STAY_NS	1000000
#define TURNS	100	/* of a peer, until it begins a new session */

static char *bug = "none";
module_param(bug, charp, 0444);
MODULE_PARM_DESC(bug, "Locking bug: none, forgotten-lock, branch-lock, wrong-lock, callback, timer, work, destroy or exit (default none)");

/* What a peer does in turn, on sessions of its own. */
enum {
	REFRESH	= 1,
	ACCOUNT	= 2,
	CYCLE	= 4,	/* close and open again */
	RESET	= 8,	/* all sessions */
};

struct load {
	const char	*bug;
	u8		peer[2];
	bool		timer, sweep, audit;
	bool		stay;		/* inside, to be met */
	bool		renew;		/* peers begin anew, with the present table */
};

static const struct load loads[SEEDS] = {
	[SEED_NONE] = {
		"none", { REFRESH | ACCOUNT | CYCLE | RESET, REFRESH | ACCOUNT | CYCLE },
		.timer = true, .sweep = true, .audit = true, .stay = true,
		.renew = true,
	},
	[SEED_FORGOTTEN_LOCK] = { "forgotten-lock", { REFRESH, ACCOUNT }, .stay = true },
	[SEED_BRANCH_LOCK] = { "branch-lock", { REFRESH, CYCLE }, .stay = true },
	[SEED_WRONG_LOCK] = { "wrong-lock", { REFRESH, ACCOUNT }, .stay = true },
	[SEED_CALLBACK] = { "callback", { REFRESH }, .audit = true },
	[SEED_TIMER] = { "timer", { REFRESH }, .timer = true, .stay = true },
	[SEED_WORK] = { "work", { }, .sweep = true, .stay = true },
	[SEED_DESTROY] = { "destroy", { RESET | REFRESH } },
	[SEED_EXIT] = { "exit", { REFRESH }, .stay = true },
};

static const struct load *load;

/*
 * The probe
 */

static atomic_t met = ATOMIC_INIT(0);	/* who came while somebody was inside */
static bool running;			/* READ_ONCE/WRITE_ONCE: the peers have begun */

static void stay_inside(void)
{
	u64 end = ktime_get_ns() + STAY_NS;
	int before = atomic_read(&met);

	while (atomic_read(&met) == before && ktime_get_ns() < end)
		cpu_relax();
}

static void probe(struct tripmap *t, enum tripmap_step step, void *arg)
{
	if (step == TRIPMAP_STEP_CLASHED)
		atomic_inc(&met);
	/* Pairs with the WRITE_ONCE() in start(). */
	else if (!READ_ONCE(running))
		return;
	else if (step == TRIPMAP_STEP_ENTERED && load->stay)
		stay_inside();
	else if (step == TRIPMAP_STEP_LEAVING && load->audit)
		session_audit(arg);
}

void sample_watch(struct session_set *set)
{
	if (tripmap_set_hook(set->table, probe, set))
		pr_warn("tripmap_sample: no memory for a probe\n");
	if (load->timer)
		sessions_expire_on(set, cpumask_first(cpu_online_mask));
	if (load->sweep)
		sessions_sweep(set);
}

void sample_unwatch(struct session_set *set)
{
	tripmap_set_hook(set->table, NULL, NULL);
}

/*
 * Peers
 */

struct peer {
	unsigned int		n;
	struct task_struct	*task;
	struct session_set	*set;
	u64			id;
	u64			turn;
};

static struct peer peers[2] = { { .n = 0 }, { .n = 1 } };

static void begin_session(struct peer *p)
{
	p->set = sessions_get();
	session_open(p->set, p->id, 0);
}

static void end_session(struct peer *p)
{
	session_close(p->set, p->id);
	sessions_put(p->set);
}

static void one_turn(struct peer *p)
{
	u8 does = load->peer[p->n];

	/* Who has the old table uses it on. */
	if (does & RESET && p->turn % TURNS == 0)
		sessions_reset();
	if (does & REFRESH)
		session_refresh(p->set, p->id);
	if (does & ACCOUNT)
		session_account(p->set, p->id, 100);
	if (does & CYCLE) {
		session_close(p->set, p->id);
		session_open(p->set, p->id, 0);
	}
	if (++p->turn % TURNS == 0 && load->renew) {
		end_session(p);
		begin_session(p);
	}
}

static int peer_main(void *arg)
{
	struct peer *p = arg;

	while (!kthread_should_stop()) {
		one_turn(p);
		cond_resched();
	}
	end_session(p);
	return 0;
}

static int start_peer(struct peer *p)
{
	unsigned int cpu = p->n ? cpumask_last(cpu_online_mask) : cpumask_first(cpu_online_mask);

	if (!load->peer[p->n])
		return 0;
	p->id = 1 + p->n;
	p->task = kthread_create(peer_main, p, "session_peer/%u", p->n);
	if (IS_ERR(p->task))
		return PTR_ERR(p->task);
	kthread_bind(p->task, cpu);
	begin_session(p);
	return 0;
}

static void stop_peer(struct peer *p)
{
	if (IS_ERR_OR_NULL(p->task))
		return;
	/* One that never ran has its session all the same. */
	if (kthread_stop(p->task) == -EINTR)
		end_session(p);
}

/*
 * The module
 */

static int parse_bug(void)
{
	unsigned int n;

	for (n = 0; n < SEEDS; n++) {
		if (!strcmp(bug, loads[n].bug)) {
			sample_bug = n;
			load = &loads[n];
			return 0;
		}
	}
	pr_err("tripmap_sample: no such bug: %s\n", bug);
	return -EINVAL;
}

static void stop(void)
{
	stop_peer(&peers[1]);
	stop_peer(&peers[0]);
	sample_driver_exit();
}

/* Their sessions are open before the first of them does anything. */
static int start(void)
{
	int err = start_peer(&peers[0]) ?: start_peer(&peers[1]);
	unsigned int n;

	if (err)
		return err;
	/* Pairs with the READ_ONCE() in probe(). */
	WRITE_ONCE(running, true);
	for (n = 0; n < ARRAY_SIZE(peers); n++)
		if (peers[n].task)
			wake_up_process(peers[n].task);
	return 0;
}

static int __init sample_init(void)
{
	int err = parse_bug() ?: sample_driver_init();

	if (err)
		return err;
	err = start();
	if (err)
		stop();
	return err;
}

static void __exit sample_exit(void)
{
	stop();
}

module_init(sample_init);
module_exit(sample_exit);

MODULE_DESCRIPTION("tripmap: a driver with a locking bug of choice");
MODULE_AUTHOR("The tripmap authors");
MODULE_LICENSE("GPL");
