// SPDX-License-Identifier: GPL-2.0
/*
 * Two writers, one single-writer table.
 *
 * Each has keys of its own and keeps a log of what the table accepted, so that
 * afterwards every key can be judged: refused means that nothing changed,
 * accepted that nothing was lost. A third thread reads the reports as they are
 * filed; the writers wait for it when it falls behind, so that it sees each.
 */
#include <linux/compiler.h>
#include <linux/delay.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>

#include "../../kmod/core/hook.h"
#include "../../kmod/observe/report.h"
#include "scenario.h"

#define SESSIONS	(1U << 15)	/* keys of each writer */
#define BEHIND		16		/* reports that the reader may be behind */
#define LATE_NS		(10 * 1000000000ULL)

enum how {
	BARE,		/* no lock, nobody waits for anybody */
	PARKED,		/* no lock, each stays inside until the other was refused */
	MUTEX,
	SPIN,
};

struct race;

struct writer {
	struct race	*race;
	unsigned int	n;		/* 0 or 1, and the low bit of its keys */
	struct tm_thread thread;
	struct task_struct *task;
	u32		pid;
	u32		*log;		/* by session: 0 absent, else the value accepted last */
	u64		accepted;
	u64		refused;
	u64		failed;		/* for another reason */
	u64		wrong;		/* the table is not as the log says */
	/* For the other writer: READ_ONCE/WRITE_ONCE, each an order of its own by ticks. */
	u32		stays;		/* begun or ended */
	u32		clashes;	/* met somebody inside */
	bool		done;
	/* PARKED, of the other's: */
	u32		met_stay;	/* stays at my last clash */
	u32		met_clash;	/* clashes when I went in */
	u32		left_stay;	/* stays when I was about to leave */
};

struct race {
	struct tripmap	*t;
	enum how	how;
	u64		end;
	struct mutex	mutex;		/* MUTEX: around each write */
	spinlock_t	spin;		/* SPIN: likewise */
	struct writer	writer[2];

	/* The reader of reports. */
	struct tm_thread reader;
	bool		stop;		/* READ_ONCE/WRITE_ONCE: the writers are through */
	struct tm_report report;
	char		title[TM_REPORT_TITLE];
	u64		last;		/* id read last */
	u64		seen;		/* READ_ONCE/WRITE_ONCE */
	u64		nameless;	/* without a party or a call site */
	u64		both;		/* with both stacks */
	u64		left;		/* the other had left before it could be asked */
	struct tm_report_counts before;
};

/*
 * The call sites. What follows the call keeps the compiler from jumping into
 * it: the return address is to lie in these functions.
 */

static noinline int session_store(struct tripmap *t, u64 session, u64 value, gfp_t gfp)
{
	int err = tripmap_store(t, &session, &value, gfp);

	barrier();
	return err;
}

static noinline int session_expire(struct tripmap *t, u64 session, gfp_t gfp)
{
	int err = tripmap_delete(t, &session, gfp);

	barrier();
	return err;
}

/*
 * Writers
 */

static u64 key_of(const struct writer *w, u32 session)
{
	return (u64)session << 1 | w->n;
}

static bool as_logged(struct writer *w, u32 session)
{
	u64 key = key_of(w, session), value = 0;
	int err = tripmap_lookup(w->race->t, &key, &value);

	return w->log[session] ? !err && value == w->log[session] : err == -ENOENT;
}

/* What is there expires, what is not is stored; the first writer never expires. */
static int write_session(struct writer *w, u32 session, u32 value, gfp_t gfp)
{
	struct tripmap *t = w->race->t;
	bool expire = w->n && w->log[session];
	int err;

	if (expire)
		err = session_expire(t, key_of(w, session), gfp);
	else
		err = session_store(t, key_of(w, session), value, gfp);
	if (!err)
		w->log[session] = expire ? 0 : value;
	return err;
}

static int write_locked(struct writer *w, u32 session, u32 value)
{
	struct race *race = w->race;
	int err;

	switch (race->how) {
	case MUTEX:
		mutex_lock(&race->mutex);
		err = write_session(w, session, value, GFP_KERNEL);
		mutex_unlock(&race->mutex);
		return err;
	case SPIN:
		spin_lock(&race->spin);
		err = write_session(w, session, value, GFP_ATOMIC);
		spin_unlock(&race->spin);
		return err;
	default:
		return write_session(w, session, value, GFP_KERNEL);
	}
}

static void tick(u32 *counter)
{
	WRITE_ONCE(*counter, *counter + 1);
}

/* Until the other one's counter moves on, or it is through. */
static void await_tick(struct writer *other, u32 *counter, u32 from)
{
	TM_WAIT_FOR(READ_ONCE(*counter) != from || READ_ONCE(other->done));
}

static bool behind(struct race *race)
{
	struct tm_report_counts now;

	tm_report_counts(&now);
	return now.filed - race->before.filed > READ_ONCE(race->seen) + BEHIND;
}

static void was_refused(struct writer *w, u32 session)
{
	struct writer *other = &w->race->writer[!w->n];

	w->refused++;
	w->wrong += !as_logged(w, session);
	if (w->race->how == PARKED)
		await_tick(other, &other->stays, w->met_stay);
	TM_WAIT_FOR(!behind(w->race));
}

static void was_accepted(struct writer *w)
{
	struct writer *other = &w->race->writer[!w->n];

	w->accepted++;
	if (w->race->how == PARKED)
		await_tick(other, &other->stays, w->left_stay);
}

static void write_one(struct writer *w, u32 session, u32 value)
{
	int err = write_locked(w, session, value);

	tick(&w->stays);
	if (err == -EBUSY)
		was_refused(w, session);
	else if (err)
		w->failed++;
	else
		was_accepted(w);
}

static void writer_main(void *arg)
{
	struct writer *w = arg;
	u32 value = 1, session = 0;

	scenario_pin(w->n);
	w->pid = current->pid;
	w->task = current;
	while (ktime_get_ns() < w->race->end && !tm_test_failures()) {
		write_one(w, session, value++);
		session = (session + 1) % SESSIONS;
		cond_resched();
	}
	WRITE_ONCE(w->done, true);
}

/*
 * PARKED: who is inside stays until the other one was refused, and 20 us more,
 * and then it is the other one's turn. Of who is refused every second one files
 * its half only when the holder has filed its own.
 *
 * Nobody waits for ever: a holder looks at the clashes before it counts its
 * stay, a loser at the stays before it counts its clash, so that not both can
 * have missed the other.
 */

static void meet(struct writer *me, struct writer *other, enum tripmap_step step)
{
	switch (step) {
	case TRIPMAP_STEP_ENTERED:
		me->met_clash = READ_ONCE(other->clashes);
		smp_mb();	/* pairs with the one below */
		tick(&me->stays);
		break;
	case TRIPMAP_STEP_LEAVING:
		await_tick(other, &other->clashes, me->met_clash);
		udelay(20);
		me->left_stay = READ_ONCE(other->stays);
		break;
	case TRIPMAP_STEP_CLASHED:
		me->met_stay = READ_ONCE(other->stays);
		smp_mb();	/* pairs with the one above */
		tick(&me->clashes);
		if (!(me->clashes & 1))
			await_tick(other, &other->stays, me->met_stay);
		break;
	default:
		break;
	}
}

static void park_hook(struct tripmap *t, enum tripmap_step step, void *arg)
{
	struct race *race = arg;

	if (!in_task())
		return;
	if (current == READ_ONCE(race->writer[0].task))
		meet(&race->writer[0], &race->writer[1], step);
	else if (current == READ_ONCE(race->writer[1].task))
		meet(&race->writer[1], &race->writer[0], step);
}

/*
 * The reader of reports
 */

static bool is_writer(const struct race *race, const struct tm_party *p)
{
	return p->pid == race->writer[0].pid || p->pid == race->writer[1].pid;
}

static bool names_both(struct race *race)
{
	const struct tm_violation *v = &race->report.v;

	tm_report_title(&race->report, race->title, sizeof(race->title));
	return is_writer(race, &v->victim) && is_writer(race, &v->holder) &&
	       v->victim.pid != v->holder.pid && v->victim.caller && v->holder.caller &&
	       !strstr(race->title, "unknown") && v->victim.op && v->holder.op;
}

static void judge_report(struct race *race)
{
	const struct tm_report *r = &race->report;

	if (!names_both(race) && !race->nameless++)
		tm_test_note("report %llu: %s, pids %u %u, callers %pS %pS, half %u", r->id,
			     race->title, r->v.victim.pid, r->v.holder.pid,
			     (void *)r->v.victim.caller, (void *)r->v.holder.caller, r->half);
	if (r->half == TRIPMAP_HALF_COMPLETE && r->victim_stack.n && r->holder_stack.n)
		race->both++;
	else if (r->half == TRIPMAP_HALF_LEFT)
		race->left++;
}

/* On a busy machine a half may be late, and counts none the less. */
static bool may_still_come(const struct tm_report *r)
{
	return r->half == TRIPMAP_HALF_PENDING ||
	       (r->half == TRIPMAP_HALF_TIMEOUT && ktime_get_ns() - r->time < LATE_NS);
}

/* False when there is none, or its other half is still to come. */
static bool read_report(struct race *race)
{
	if (!tm_report_next(TM_ANY_OWNER, race->last, &race->report) ||
	    may_still_come(&race->report))
		return false;
	race->last = race->report.id;
	judge_report(race);
	WRITE_ONCE(race->seen, race->seen + 1);
	return true;
}

static void reader_main(void *arg)
{
	struct race *race = arg;

	while (!READ_ONCE(race->stop) || behind(race)) {
		if (!read_report(race))
			schedule_timeout_uninterruptible(1);
	}
	while (read_report(race))
		;
}

/*
 * The race
 */

static bool writer_init(struct race *race, unsigned int n)
{
	struct writer *w = &race->writer[n];

	w->race = race;
	w->n = n;
	w->log = kvcalloc(SESSIONS, sizeof(*w->log), GFP_KERNEL);
	return TM_EXPECT(w->log);
}

/* Reports of before: their ids are passed by. */
static void skip_reports(struct race *race)
{
	while (tm_report_next(TM_ANY_OWNER, race->last, &race->report))
		race->last = race->report.id;
	tm_report_counts(&race->before);
}

static struct race *race_new(enum how how)
{
	struct race *race = kvzalloc(sizeof(*race), GFP_KERNEL);

	if (!TM_EXPECT(race))
		return NULL;
	race->how = how;
	mutex_init(&race->mutex);
	spin_lock_init(&race->spin);
	race->t = table_new("sessions", sizeof(u64));
	if (writer_init(race, 0) && writer_init(race, 1) && race->t)
		skip_reports(race);
	return race;
}

static void race_free(struct race *race)
{
	table_end(race->t);
	kvfree(race->writer[0].log);
	kvfree(race->writer[1].log);
	kvfree(race);
}

static void race_run(struct race *race)
{
	if (race->how == PARKED)
		TM_EXPECT_EQ(tripmap_set_hook(race->t, park_hook, race), 0);
	race->end = scenario_end();
	tm_thread_start(&race->reader, reader_main, race, "tripmap_reports");
	tm_thread_start(&race->writer[0].thread, writer_main, &race->writer[0], "session_a");
	tm_thread_start(&race->writer[1].thread, writer_main, &race->writer[1], "session_b");
	tm_thread_join(&race->writer[0].thread);
	tm_thread_join(&race->writer[1].thread);
	tripmap_set_hook(race->t, NULL, NULL);
	WRITE_ONCE(race->stop, true);
	tm_thread_join(&race->reader);
}

/* Every key of both, and that there are no others. */
static void judge_table(struct race *race)
{
	u64 present = 0;
	u32 i;

	for (i = 0; i < SESSIONS; i++) {
		race->writer[0].wrong += !as_logged(&race->writer[0], i);
		race->writer[1].wrong += !as_logged(&race->writer[1], i);
		present += !!race->writer[0].log[i] + !!race->writer[1].log[i];
	}
	TM_EXPECT_EQ(tripmap_count(race->t), present);
	TM_EXPECT_EQ(race->writer[0].wrong + race->writer[1].wrong, 0);
	TM_EXPECT_EQ(race->writer[0].failed + race->writer[1].failed, 0);
	TM_EXPECT(race->writer[0].accepted && race->writer[1].accepted);
}

static u64 refused(const struct race *race)
{
	return race->writer[0].refused + race->writer[1].refused;
}

/* Each refusal is a violation, and each violation is filed or counted. */
static void judge_books(struct race *race)
{
	struct tm_report_counts now;
	u64 filed, suppressed, dropped;

	tm_report_counts(&now);
	filed = now.filed - race->before.filed;
	suppressed = now.suppressed - race->before.suppressed;
	dropped = now.dropped - race->before.dropped;
	TM_EXPECT_EQ(table_all_violations(race->t), refused(race));
	if (scenario_action >= TRIPMAP_ACTION_REPORT) {
		TM_EXPECT_EQ(filed + suppressed + dropped, refused(race));
		TM_EXPECT_EQ(race->seen, filed);
	}
	TM_EXPECT_EQ(dropped, 0);
	TM_EXPECT_EQ(race->nameless, 0);
	tm_test_note("accepted=%llu refused=%llu reports=%llu suppressed=%llu",
		     race->writer[0].accepted + race->writer[1].accepted, refused(race),
		     race->seen, suppressed);
}

static u64 percent(u64 part, u64 whole)
{
	return whole ? div64_u64(part * 100, whole) : 0;
}

static struct race *run_race(enum how how)
{
	struct race *race = race_new(how);

	if (race && !tm_test_failures()) {
		race_run(race);
		judge_table(race);
		judge_books(race);
		tm_test_note("both_stacks=%llu left=%llu both_percent=%llu", race->both,
			     race->left, percent(race->both, race->seen));
	}
	return race;
}

/* Expect: some are refused, and all of that holds. */
static void race_unlocked(enum how how)
{
	struct race *r = run_race(how);

	if (!r)
		return;
	TM_EXPECT(refused(r) > 0);
	if (how == PARKED)
		TM_EXPECT(percent(r->both, r->seen) >= 99);
	race_free(r);
}

/* Never: a report where the writers share a lock. */
static void race_locked(enum how how)
{
	struct race *r = run_race(how);

	if (!r)
		return;
	TM_EXPECT_EQ(refused(r), 0);
	TM_EXPECT_EQ(r->seen, 0);
	race_free(r);
}

TM_TEST(sessions)
{
	if (!scenario_parallel())
		TM_SKIP("needs two CPUs");
	race_unlocked(BARE);
}

TM_TEST(parked)
{
	if (!scenario_parallel())
		TM_SKIP("needs two CPUs");
	race_unlocked(PARKED);
}

TM_TEST(mutex)
{
	race_locked(MUTEX);
}

TM_TEST(spinlock)
{
	race_locked(SPIN);
}

SCENARIO(ww2, "ww2",
	 "two writers, one single-writer table, no lock",
	 "write-during-write: both call sites, both stacks; refused is absent, accepted is there",
	 "a corrupted bucket",
	 TM_CASE(sessions));
TM_SUITE(writers, TM_CASE(parked), TM_CASE(mutex), TM_CASE(spinlock));
