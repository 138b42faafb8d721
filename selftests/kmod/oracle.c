// SPDX-License-Identifier: GPL-2.0
/*
 * What the detector says, held against time stamps that know nothing of it.
 *
 * Each call of free-running writers is logged:
 *
 *	before	    asked		entered	       leaving	    after
 *	--+-----------+---------------------+--------------+-----------+--> ktime
 *	  |           |                     |<--- inner -->|           |
 *	  |<----------------------- outer ---------------------------->|
 *
 * asked is the first step of the call that its hook saw: it was let in, or has
 * been refused, at some time between before and asked. So
 *
 * - two calls whose outer intervals do not overlap were not at once: each
 *   violation needs an overlap of its own;
 * - a call whose stretch from before to asked lies in another one's inner
 *   interval did come while that one was inside: each of these must be one.
 *
 *	certain overlaps <= violations <= possible overlaps
 *
 * Where the parties are parked, the two bounds are the same.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>

#include "../../kmod/core/hook.h"
#include "scenario.h"

#define WRITERS		3
#define CALLS		40000	/* that a writer's log has room for */
#define KEYS		500	/* of each writer */

struct call {
	u64		before, asked, entered, leaving, after;
	bool		refused;
};

struct oracle;

struct scribe {
	struct oracle	*o;
	unsigned int	n;
	struct tm_thread thread;
	struct task_struct *task;	/* READ_ONCE/WRITE_ONCE */
	struct call	*log;		/* by its own task; read when it is over */
	u32		calls;
	u64		refused;
	u64		failed;
};

struct oracle {
	struct tripmap	*t;
	u64		end;
	u64		pause;		/* ns inside of each write, to have more overlaps */
	u32		turn;		/* parked: release/acquire, the holder's stays */
	u32		taken;		/* parked: release/acquire, the other's calls */
	struct scribe	scribe[WRITERS];
};

static struct call *current_call(struct oracle *o)
{
	unsigned int n;

	for (n = 0; n < WRITERS; n++)
		if (current == READ_ONCE(o->scribe[n].task))
			return &o->scribe[n].log[o->scribe[n].calls];
	return NULL;
}

static void linger(u64 ns)
{
	u64 end = ktime_get_ns() + ns;

	while (ktime_get_ns() < end)
		cpu_relax();
}

static void stamp_hook(struct tripmap *t, enum tripmap_step step, void *arg)
{
	struct oracle *o = arg;
	struct call *call = in_task() ? current_call(o) : NULL;
	u64 now = ktime_get_ns();

	if (!call || (step != TRIPMAP_STEP_ENTERED && step != TRIPMAP_STEP_LEAVING &&
		      step != TRIPMAP_STEP_CLASHED))
		return;
	if (!call->asked)
		call->asked = now;
	if (step == TRIPMAP_STEP_ENTERED) {
		call->entered = now;
		linger(o->pause);
	} else if (step == TRIPMAP_STEP_LEAVING) {
		call->leaving = ktime_get_ns();
	}
}

static void logged_write(struct scribe *s)
{
	struct call *call = &s->log[s->calls];
	u64 key = (u64)(s->calls % KEYS) * WRITERS + s->n;
	int err;

	call->before = ktime_get_ns();
	err = tripmap_store(s->o->t, &key, &key, GFP_KERNEL);
	call->after = ktime_get_ns();
	call->refused = err == -EBUSY;
	s->refused += call->refused;
	s->failed += err && err != -EBUSY;
	s->calls++;
}

static void scribe_main(void *arg)
{
	struct scribe *s = arg;

	scenario_pin(s->n);
	WRITE_ONCE(s->task, current);
	while (s->calls < CALLS - 1 && ktime_get_ns() < s->o->end) {
		logged_write(s);
		cond_resched();
	}
	WRITE_ONCE(s->task, NULL);
}

/*
 * Overlaps. Calls of one writer follow each other, so that two logs are merged
 * by going forward in the one whose call ends first.
 */

static bool came_within(const struct call *in, const struct call *came)
{
	return in->entered && in->leaving && came->asked &&
	       came->before > in->entered && came->asked < in->leaving;
}

struct overlaps {
	u64	certain, possible;
};

static void count_pair(const struct call *a, const struct call *b, struct overlaps *sum)
{
	sum->possible += a->before <= b->after && b->before <= a->after;
	sum->certain += came_within(a, b) || came_within(b, a);
}

static void count_two(const struct scribe *a, const struct scribe *b, struct overlaps *sum)
{
	u32 i = 0, k = 0;

	while (i < a->calls && k < b->calls) {
		count_pair(&a->log[i], &b->log[k], sum);
		if (a->log[i].after < b->log[k].after)
			i++;
		else
			k++;
	}
}

static struct overlaps count_all(const struct oracle *o)
{
	struct overlaps sum = { };
	unsigned int a, b;

	for (a = 0; a < WRITERS; a++)
		for (b = a + 1; b < WRITERS; b++)
			count_two(&o->scribe[a], &o->scribe[b], &sum);
	return sum;
}

static u64 refusals(const struct oracle *o)
{
	u64 sum = 0;
	unsigned int n;

	for (n = 0; n < WRITERS; n++)
		sum += o->scribe[n].refused;
	return sum;
}

static bool oracle_begin(struct oracle *o, tripmap_hook_t hook)
{
	unsigned int n;

	o->t = table_under(TRIPMAP_CONTRACT_SINGLE_WRITER);
	for (n = 0; n < WRITERS; n++) {
		o->scribe[n].o = o;
		o->scribe[n].n = n;
		o->scribe[n].log = kvcalloc(CALLS, sizeof(struct call), GFP_KERNEL);
		if (!TM_EXPECT(o->scribe[n].log))
			return false;
	}
	if (!o->t)
		return false;
	/* All keys are there, so that no call comes in twice for want of memory. */
	table_fill(o->t, 0, KEYS * WRITERS);
	return TM_EXPECT_EQ(tripmap_set_hook(o->t, hook, o), 0);
}

static void oracle_end(struct oracle *o)
{
	unsigned int n;

	if (o->t)
		tripmap_set_hook(o->t, NULL, NULL);
	table_end(o->t);
	for (n = 0; n < WRITERS; n++)
		kvfree(o->scribe[n].log);
}

static void oracle_run(struct oracle *o, unsigned int writers)
{
	unsigned int n;

	o->end = scenario_end();
	for (n = 0; n < writers; n++)
		tm_thread_start(&o->scribe[n].thread, scribe_main, &o->scribe[n], "scribe");
	for (n = 0; n < writers; n++)
		tm_thread_join(&o->scribe[n].thread);
}

static struct overlaps oracle_judge(struct oracle *o)
{
	struct overlaps sum = count_all(o);
	u64 seen = table_all_violations(o->t);

	TM_EXPECT_EQ(seen, refusals(o));
	TM_EXPECT(sum.certain <= seen);
	TM_EXPECT(seen <= sum.possible);
	tm_test_note("overlaps: certain=%llu violations=%llu possible=%llu", sum.certain, seen,
		     sum.possible);
	return sum;
}

static void free_running(u64 pause)
{
	struct oracle o = { .pause = pause };
	struct overlaps sum;

	if (oracle_begin(&o, stamp_hook)) {
		oracle_run(&o, WRITERS);
		sum = oracle_judge(&o);
		if (pause)
			TM_EXPECT(sum.certain > 0);
		TM_EXPECT(sum.possible > 0);
	}
	oracle_end(&o);
}

TM_TEST(as_they_come)
{
	if (!scenario_parallel())
		TM_SKIP("needs two CPUs");
	free_running(0);
}

TM_TEST(lingering)
{
	if (!scenario_parallel())
		TM_SKIP("needs two CPUs");
	free_running(20000);
}

/* One writer overlaps with nobody. */
TM_TEST(one_alone)
{
	struct oracle o = { };
	struct overlaps sum;

	if (oracle_begin(&o, stamp_hook)) {
		oracle_run(&o, 1);
		sum = oracle_judge(&o);
		TM_EXPECT_EQ(sum.possible, 0);
		TM_EXPECT(o.scribe[0].calls > 0);
	}
	oracle_end(&o);
}

/*
 * Parked: the holder stays until the other one's call is over, every time.
 */

#define TURNS	200

static void hold_hook(struct tripmap *t, enum tripmap_step step, void *arg)
{
	struct oracle *o = arg;
	u32 turn;

	stamp_hook(t, step, arg);
	if (step != TRIPMAP_STEP_ENTERED || current != READ_ONCE(o->scribe[0].task))
		return;
	turn = o->turn + 1;
	/* Pairs with the acquire in caller_main(). */
	smp_store_release(&o->turn, turn);
	/* Pairs with the release in caller_main(). */
	TM_WAIT_FOR(smp_load_acquire(&o->taken) == turn);
}

static void holder_main(void *arg)
{
	struct scribe *s = arg;

	scenario_pin(0);
	WRITE_ONCE(s->task, current);
	while (s->calls < TURNS && !tm_test_failures())
		logged_write(s);
	WRITE_ONCE(s->task, NULL);
}

/* One call for each turn. */
static void caller_main(void *arg)
{
	struct scribe *s = arg;
	u32 turn;

	scenario_pin(1);
	WRITE_ONCE(s->task, current);
	for (turn = 1; turn <= TURNS && !tm_test_failures(); turn++) {
		/* Pairs with the release in hold_hook(). */
		TM_WAIT_FOR(smp_load_acquire(&s->o->turn) == turn);
		logged_write(s);
		/* Pairs with the acquire in hold_hook(). */
		smp_store_release(&s->o->taken, turn);
	}
	WRITE_ONCE(s->task, NULL);
}

TM_TEST(parked)
{
	struct oracle o = { };
	struct overlaps sum;

	if (oracle_begin(&o, hold_hook)) {
		tm_thread_start(&o.scribe[0].thread, holder_main, &o.scribe[0], "holder");
		tm_thread_start(&o.scribe[1].thread, caller_main, &o.scribe[1], "caller");
		tm_thread_join(&o.scribe[1].thread);
		tm_thread_join(&o.scribe[0].thread);
		sum = oracle_judge(&o);
		TM_EXPECT_EQ(sum.certain, TURNS);
		TM_EXPECT_EQ(sum.possible, TURNS);
		TM_EXPECT_EQ(o.scribe[1].refused, TURNS);
	}
	oracle_end(&o);
}

SCENARIO(oracle, "oracle",
	 "writers without a lock, each call with time stamps outside and inside",
	 "certain overlaps <= violations <= possible overlaps; all equal where they are parked",
	 "a violation without an overlap, a certain overlap without a violation",
	 TM_CASE(as_they_come), TM_CASE(lingering), TM_CASE(one_alone), TM_CASE(parked));
