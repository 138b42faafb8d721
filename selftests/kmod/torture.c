// SPDX-License-Identifier: GPL-2.0
/*
 * insmod tripmap_torture.ko seconds=60
 *
 * The torture runs while the module is being loaded and prints KTAP to the log,
 * the last of it a line that says how it ended. Loading succeeds when it ran,
 * whatever came of it: the parameter "failed" says that. A signal to insmod ends
 * it early.
 */
#define pr_fmt(fmt) "tripmap-torture: " fmt

#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/kconfig.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/timekeeping.h>
#include <linux/tripmap_names.h>

#include "../core/env.h"
#include "torture.h"

struct torture_params torture = {
	.seconds = 20,
	.nreaders = 2,
	.nwalkers = 1,
	.nwriters = 3,
	.nillegal = 2,
	.nchurn = 3,
	.keys = 1024,
	.phase_ms = 1500,
	.steward_ms = 50,
	.irq_us = 2000,
	.onoff_interval = 1000,
	.stat_interval = 15,
	.softirq = true,
	.hardirq = true,
	.hooks = true,
	.policies = true,
};

#define PARAM(name, type, text)						\
	module_param_named(name, torture.name, type, 0444);		\
	MODULE_PARM_DESC(name, text)

PARAM(seconds, uint, "How long it runs (default 20)");
PARAM(seed, uint, "Of the dice, 0 for a random one (default 0)");
PARAM(nreaders, uint, "Threads that look up (default 2)");
PARAM(nwalkers, uint, "Threads that walk (default 1)");
PARAM(nwriters, uint, "Threads that write as the contracts ask (default 3)");
PARAM(nillegal, uint, "Threads that take no lock where others take one (default 2)");
PARAM(nchurn, uint, "Tables that are destroyed under their users, and made anew (default 3)");
PARAM(keys, uint, "Keys of each table (default 1024)");
PARAM(phase_ms, uint, "Milliseconds that tables are filled, and emptied, in turns (default 1500)");
PARAM(steward_ms, uint, "Milliseconds between clears, freezes and resize hints (default 50)");
PARAM(irq_us, uint, "Microseconds between interrupts (default 2000)");
PARAM(onoff_interval, uint, "Milliseconds between CPU hotplugs, 0 for none (default 1000)");
PARAM(stat_interval, uint, "Seconds between lines of statistics, 0 for none (default 15)");
PARAM(softirq, bool, "Use the tables from a tasklet (default Y)");
PARAM(hardirq, bool, "Use the tables from hard interrupts (default Y)");
PARAM(hooks, bool, "Step into writes, and stay there, now and then (default Y)");
PARAM(policies, bool, "Change what violations are answered by (default Y)");
PARAM(failing, bool, "Writers ask for fault injection, and must meet failures (default N)");

static char *tables = "";
module_param(tables, charp, 0444);
MODULE_PARM_DESC(tables, "Names of the tables that are used, with commas between (default all)");

static int failed = -1;
module_param(failed, int, 0444);
MODULE_PARM_DESC(failed, "Out: number of failed tests, -1 when none ran");

static bool running;	/* by the test, for whoever does something beside it */
module_param(running, bool, 0444);
MODULE_PARM_DESC(running, "Out: all of it has begun, and has not ended");

static const struct limit {
	const char		*name;
	const unsigned int	*value;
	unsigned int		least, most;
} limits[] = {
	{ "seconds", &torture.seconds, 1, 7 * 86400 },
	{ "nreaders", &torture.nreaders, 1, 32 },
	{ "nwalkers", &torture.nwalkers, 1, 32 },
	{ "nwriters", &torture.nwriters, 1, 32 },
	{ "nillegal", &torture.nillegal, 0, 32 },
	{ "nchurn", &torture.nchurn, 0, CHURN_MAX },
	{ "keys", &torture.keys, 128, 1 << 20 },
	{ "phase_ms", &torture.phase_ms, 1, 3600000 },
	{ "steward_ms", &torture.steward_ms, 1, 3600000 },
	{ "irq_us", &torture.irq_us, 100, 1000000 },
	{ "onoff_interval", &torture.onoff_interval, 0, 3600000 },
	{ "stat_interval", &torture.stat_interval, 0, 86400 },
};

static int check_params(void)
{
	unsigned int i, bad = 0;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		if (*limits[i].value >= limits[i].least && *limits[i].value <= limits[i].most)
			continue;
		pr_err("%s=%u is not from %u to %u\n", limits[i].name, *limits[i].value,
		       limits[i].least, limits[i].most);
		bad++;
	}
	if (!beds_named(tables)) {
		pr_err("tables=%s: there is none of that name\n", tables);
		bad++;
	}
	if (torture.failing && !IS_ENABLED(CONFIG_FAULT_INJECTION)) {
		pr_err("failing: this kernel injects no faults\n");
		bad++;
	}
	return bad ? -EINVAL : 0;
}

u64 tm_env_seed(void)
{
	if (!torture.seed)
		torture.seed = get_random_u32() | 1;
	return torture.seed;
}

/*
 * Places
 */

#define PLACES_MAX	192

static struct place *places[PLACES_MAX];
static unsigned int nplaces, nowners;
static struct place *at[ROLES];	/* the last one of each role */
static bool stop;		/* READ_ONCE/WRITE_ONCE: all are to end */

u32 draw(struct place *p, u32 n)
{
	p->rng = p->rng * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)(p->rng >> 33) % n;
}

unsigned int torture_owners(void)
{
	return nowners;
}

bool torture_over(void)
{
	/* Pairs with the WRITE_ONCE() in end_all(). */
	return READ_ONCE(stop) || tm_test_failures();
}

static bool add_place(enum role role)
{
	struct place *p = kvzalloc(sizeof(*p), GFP_KERNEL);

	if (!TM_EXPECT(p))
		return false;
	p->role = role;
	p->rng = tm_env_seed() * 0x9e3779b97f4a7c15ULL + nplaces;
	if (role <= ROLE_TASKLET)
		p->n = nowners++;
	places[nplaces++] = p;
	at[role] = p;
	if (role != ROLE_WALKER)
		return true;
	p->looks = kvcalloc(torture.keys + CONTESTED, sizeof(*p->looks), GFP_KERNEL);
	return TM_EXPECT(p->looks);
}

static bool add_places(void)
{
	const unsigned int n[ROLES] = {
		[ROLE_WRITER] = torture.nwriters,
		[ROLE_ILLEGAL] = torture.nillegal,
		[ROLE_TIMER] = torture.hardirq,
		[ROLE_IRQ_WORK] = torture.hardirq,
		[ROLE_TASKLET] = torture.softirq,
		[ROLE_READER] = torture.nreaders,
		[ROLE_WALKER] = torture.nwalkers,
		[ROLE_STEWARD] = 1,
	};
	unsigned int role, i;

	for (role = 0; role < ROLES; role++)
		for (i = 0; i < n[role]; i++)
			if (!add_place(role))
				return false;
	return true;
}

static void free_places(void)
{
	while (nplaces--) {
		kvfree(places[nplaces]->looks);
		kvfree(places[nplaces]);
	}
}

/*
 * Interrupts: a timer, which raises the others, on whatever CPU it is.
 */

#define REST	8	/* times as long as it took, at least, between interrupts */

static atomic64_t spent;	/* ns in interrupts, since the timer was set */

static void interrupt_use(struct place *p)
{
	u64 begin = ktime_get_ns();

	write_some(p, 1);
	read_some(p, 1);
	churn_use(p);
	atomic64_add(ktime_get_ns() - begin, &spent);
}

static void in_tasklet(struct tasklet_struct *tasklet)
{
	interrupt_use(at[ROLE_TASKLET]);
}

static atomic_t working;	/* cmpxchg: the irq_work is queued, or runs */

static void in_irq_work(struct irq_work *work)
{
	interrupt_use(at[ROLE_IRQ_WORK]);
	/* Pairs with the cmpxchg in raise_others(): it is not in two places at once. */
	atomic_set_release(&working, 0);
}

static DECLARE_TASKLET(tasklet, in_tasklet);
static struct irq_work irq_work = IRQ_WORK_INIT_HARD(in_irq_work);
static struct hrtimer timer;

static void raise_others(void)
{
	if (at[ROLE_TASKLET])
		tasklet_schedule(&tasklet);
	if (at[ROLE_IRQ_WORK] && !atomic_cmpxchg(&working, 0, 1))
		irq_work_queue(&irq_work);
}

/* However slow the machine is, there is time for others. */
static ktime_t next_time(void)
{
	return ktime_add_ns(ktime_get(), 1000ULL * torture.irq_us +
			    REST * atomic64_xchg(&spent, 0));
}

static enum hrtimer_restart in_timer(struct hrtimer *t)
{
	if (at[ROLE_TIMER])
		interrupt_use(at[ROLE_TIMER]);
	raise_others();
	if (torture_over())
		return HRTIMER_NORESTART;
	hrtimer_set_expires(t, next_time());
	return HRTIMER_RESTART;
}

static void start_interrupts(void)
{
	hrtimer_init(&timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	timer.function = in_timer;
	hrtimer_start(&timer, ns_to_ktime(1000ULL * torture.irq_us), HRTIMER_MODE_REL_HARD);
}

static void stop_interrupts(void)
{
	hrtimer_cancel(&timer);
	irq_work_sync(&irq_work);
	tasklet_kill(&tasklet);
}

/*
 * Threads
 */

static const struct {
	void		(*main)(void *arg);
	const char	*name;
} threads[ROLES] = {
	[ROLE_WRITER] = { writer_main, "torture_writer" },
	[ROLE_ILLEGAL] = { writer_main, "torture_illegal" },
	[ROLE_READER] = { reader_main, "torture_reader" },
	[ROLE_WALKER] = { walker_main, "torture_walker" },
	[ROLE_STEWARD] = { steward_main, "torture_steward" },
};

/* Of those beside, which have no role. */
static struct place churner, operator;
static struct tm_thread plug;

static void start_all(void)
{
	unsigned int i;

	for (i = 0; i < nplaces; i++)
		if (threads[places[i]->role].main)
			tm_thread_start(&places[i]->thread, threads[places[i]->role].main,
					places[i], threads[places[i]->role].name);
	tm_thread_start(&operator.thread, operator_main, &operator, "torture_operator");
	if (torture.nchurn)
		tm_thread_start(&churner.thread, churn_main, &churner, "torture_churn");
	if (torture.onoff_interval)
		tm_thread_start(&plug, plug_main, NULL, "torture_plug");
	start_interrupts();
}

static void end_all(void)
{
	unsigned int i;

	/* Pairs with torture_over(). */
	WRITE_ONCE(stop, true);
	stop_interrupts();
	for (i = 0; i < nplaces; i++)
		tm_thread_join(&places[i]->thread);
	tm_thread_join(&operator.thread);
	tm_thread_join(&churner.thread);
	tm_thread_join(&plug);
}

/*
 * What came of it
 */

static u64 sum_did(enum tripmap_op op)
{
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < nplaces; i++)
		sum += READ_ONCE(places[i]->did[op]);
	return sum;
}

#define SUM(field)							\
({									\
	u64 __sum = 0;							\
	unsigned int __i;						\
									\
	for (__i = 0; __i < nplaces; __i++)				\
		__sum += READ_ONCE(places[__i]->field);			\
	__sum;								\
})

static void note_sums(void)
{
	tm_test_note("store=%llu insert=%llu replace=%llu swap=%llu delete=%llu take=%llu lookup=%llu many=%llu walk=%llu",
		     sum_did(TRIPMAP_OP_STORE), sum_did(TRIPMAP_OP_INSERT),
		     sum_did(TRIPMAP_OP_REPLACE), sum_did(TRIPMAP_OP_COMPARE_SWAP),
		     sum_did(TRIPMAP_OP_DELETE), sum_did(TRIPMAP_OP_TAKE),
		     sum_did(TRIPMAP_OP_LOOKUP), sum_did(TRIPMAP_OP_LOOKUP_MANY),
		     SUM(clean_walks));
	tm_test_note("clear=%llu freeze=%llu hint=%llu own=%llu missed=%llu refused=%llu frozen=%llu nomem=%llu stale=%llu",
		     sum_did(TRIPMAP_OP_CLEAR), sum_did(TRIPMAP_OP_FREEZE),
		     sum_did(TRIPMAP_OP_RESIZE), sum_did(TRIPMAP_OP_OWN), SUM(missed),
		     SUM(refused), SUM(frozen), SUM(nomem), SUM(stale));
	beside_note();
}

static bool ready;	/* all is there: set and read by the tests, one after the other */

static bool setup(void)
{
	churner.rng = tm_env_seed();
	operator.rng = tm_env_seed() + 1;
	return beds_make(tables) && add_places() && churn_begin(&churner);
}

/* What has not happened yet. A torture that did nothing shows nothing. */
static const char *missing(void)
{
	static const u8 ops[] = {
		TRIPMAP_OP_STORE, TRIPMAP_OP_INSERT, TRIPMAP_OP_REPLACE, TRIPMAP_OP_COMPARE_SWAP,
		TRIPMAP_OP_DELETE, TRIPMAP_OP_TAKE, TRIPMAP_OP_LOOKUP, TRIPMAP_OP_LOOKUP_MANY,
		TRIPMAP_OP_FREEZE, TRIPMAP_OP_RESIZE,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ops); i++)
		if (!sum_did(ops[i]))
			return tripmap_op_name(ops[i]);
	if (!SUM(clean_walks))
		return "a walk to the end";
	if (!SUM(frozen))
		return "a write to a frozen table";
	if (torture.failing && !SUM(nomem))
		return "no memory";
	return beside_missing() ?: beds_missing(places, nplaces);
}

/* On a slow machine it takes longer until all has happened once. */
#define PATIENCE	5

static void wait_for_end(void)
{
	u64 begin = ktime_get_ns(), end = torture.seconds * (u64)NSEC_PER_SEC, now = 0;
	u64 every = torture.stat_interval * (u64)NSEC_PER_SEC, next = every;

	while ((now < end || (now < PATIENCE * end && missing())) && !tm_test_failures() &&
	       !signal_pending(current)) {
		schedule_timeout_interruptible(HZ / 10);
		now = ktime_get_ns() - begin;
		if (every && now > next) {
			note_sums();
			next += every;
		}
	}
}

/* All else is what this one left. */
TM_TEST(run)
{
	ready = setup();
	if (!ready)
		return;
	start_all();
	running = true;
	wait_for_end();
	running = false;
	end_all();
	note_sums();
}

TM_TEST(contents)
{
	if (!ready)
		TM_SKIP("it did not begin");
	beds_check_contents(at[ROLE_WALKER]);
}

TM_TEST(books)
{
	if (!ready)
		TM_SKIP("it did not begin");
	beds_check_books();
}

TM_TEST(everything_happened)
{
	const char *what;

	if (!ready)
		TM_SKIP("it did not begin");
	what = missing();
	if (!TM_EXPECT(!what))
		tm_test_note("never: %s", what);
}

TM_TEST(end)
{
	churn_end();
	beds_end();
}

TM_SUITE(torture, TM_CASE(run), TM_CASE(contents), TM_CASE(books), TM_CASE(everything_happened),
	 TM_CASE(end));

/* Not __init: it is in the stacks of reports, and is to have a name there. */
static int torture_init(void)
{
	const struct tm_suite * const suites[] = { &tm_suite_torture };
	int err = check_params();

	if (err)
		return err;
	failed = tm_test_main(suites, ARRAY_SIZE(suites), NULL);
	tm_test_note("tripmap-torture: --- End of test: %s: seed=%u seconds=%u lookups=%llu writes=%llu refused=%llu",
		     failed ? "FAILURE" : "SUCCESS", torture.seed, torture.seconds,
		     sum_did(TRIPMAP_OP_LOOKUP), sum_did(TRIPMAP_OP_STORE), SUM(refused));
	free_places();
	return 0;
}

static void __exit torture_exit(void)
{
}

module_init(torture_init);
module_exit(torture_exit);

MODULE_DESCRIPTION("tripmap: the torture");
MODULE_AUTHOR("The tripmap authors");
MODULE_LICENSE("GPL");
