// SPDX-License-Identifier: GPL-2.0
/*
 * Events: from values to tracepoints, and who is to be told of how much.
 */
#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/random.h>
#include <linux/rcupdate.h>

#include "event.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

DEFINE_STATIC_KEY_FALSE(tm_event_writes);
DEFINE_STATIC_KEY_FALSE(tm_event_reads);
DEFINE_STATIC_KEY_FALSE(tm_event_walks);

/*
 * What the tracepoints' own static branches cannot tell: that one of a group has
 * a listener. Called for the first and after the last listener of each.
 */
#define TM_EVENT_GROUP(_group)				\
	int tm_event_##_group##_on(void)		\
	{						\
		static_branch_inc(&tm_event_##_group);	\
		return 0;				\
	}						\
							\
	void tm_event_##_group##_off(void)		\
	{						\
		static_branch_dec(&tm_event_##_group);	\
	}

TM_EVENT_GROUP(writes)
TM_EVENT_GROUP(reads)
TM_EVENT_GROUP(walks)

struct tm_event_point {
	struct tracepoint	*tp;
	void			(*fire)(const struct tm_event *e);
};

#define TM_EVENT_POINT(_name)					\
	{							\
		.tp = &__tracepoint_tripmap_##_name,		\
		.fire = trace_tripmap_##_name,			\
	}

static const struct tm_event_point points[] = {
	[TRIPMAP_EVENT_WRITE_BEGIN]	= TM_EVENT_POINT(write_begin),
	[TRIPMAP_EVENT_WRITE_END]	= TM_EVENT_POINT(write_end),
	[TRIPMAP_EVENT_LOOKUP]		= TM_EVENT_POINT(lookup),
	[TRIPMAP_EVENT_GROW_BEGIN]	= TM_EVENT_POINT(grow_begin),
	[TRIPMAP_EVENT_GROW_STEP]	= TM_EVENT_POINT(grow_step),
	[TRIPMAP_EVENT_GROW_END]	= TM_EVENT_POINT(grow_end),
	[TRIPMAP_EVENT_RETRY]		= TM_EVENT_POINT(retry),
	[TRIPMAP_EVENT_LOCK_WAIT]	= TM_EVENT_POINT(lock_wait),
	[TRIPMAP_EVENT_ITERATE_OPEN]	= TM_EVENT_POINT(iterate_open),
	[TRIPMAP_EVENT_ITERATE_NEXT]	= TM_EVENT_POINT(iterate_next),
	[TRIPMAP_EVENT_ITERATE_DONE]	= TM_EVENT_POINT(iterate_done),
	[TRIPMAP_EVENT_ITERATE_CLOSE]	= TM_EVENT_POINT(iterate_close),
	[TRIPMAP_EVENT_PAUSE]		= TM_EVENT_POINT(pause),
	[TRIPMAP_EVENT_VIOLATION]	= TM_EVENT_POINT(violation),
	[TRIPMAP_EVENT_TABLE_NEW]	= TM_EVENT_POINT(table_new),
	[TRIPMAP_EVENT_TABLE_DEL]	= TM_EVENT_POINT(table_del),
	[TRIPMAP_EVENT_POLICY]		= TM_EVENT_POINT(policy),
};

static_assert(ARRAY_SIZE(points) == TRIPMAP_EVENT_MAX + 1);

/**
 * tm_event_wanted() - does anybody listen to an event?
 * @event: &enum tripmap_event
 *
 * For those who would have to look at the clock first.
 *
 * Context: Any.
 * Return: true when somebody does.
 */
bool tm_event_wanted(unsigned int event)
{
	return static_key_enabled(&points[event].tp->key);
}

/**
 * tm_event_emit() - tell
 * @e: the event, filled
 *
 * Context: Any.
 */
void tm_event_emit(const struct tm_event *e)
{
	points[e->event].fire(e);
}

/*
 * Our own listeners. They come last in the order of calls (the least priority
 * there is), so that whoever comes first tells whether there are others.
 */
#define TM_EVENT_PRIORITY	INT_MIN

static const char ours[] = "tripmap";	/* its address marks our own listeners */

/**
 * tm_event_deafen() - stop listening
 * @probe: as of tm_event_listen()
 * @events: likewise
 *
 * Context: Task, may sleep. No call of @probe is under way on return.
 */
void tm_event_deafen(tm_event_probe_t probe, u32 events)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(points); i++)
		if (events & BIT(i))
			tracepoint_probe_unregister(points[i].tp, probe, (void *)ours);
	tracepoint_synchronize_unregister();
}

/**
 * tm_event_listen() - begin to listen
 * @probe: called for each event, in any context, with preemption off
 * @events: bit n, &enum tripmap_event n
 *
 * Context: Task, may sleep.
 * Return: 0, or -ENOMEM and nothing is listened to.
 */
int tm_event_listen(tm_event_probe_t probe, u32 events)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(points); i++) {
		if (!(events & BIT(i)))
			continue;
		err = tracepoint_probe_register_prio(points[i].tp, probe, (void *)ours,
						     TM_EVENT_PRIORITY);
		if (err)
			break;
	}
	if (err)
		tm_event_deafen(probe, events & (BIT(i) - 1));
	return err;
}

/*
 * The gate
 */

static struct {
	u32		share;		/* READ_ONCE/WRITE_ONCE, no order; as those below */
	u32		hold;		/* jiffies */
	unsigned long	until;		/* jiffies; observe all until then ... */
	bool		alert;		/* ... while this is set */
} gate = { .share = 1 };

/* Of a CPU, by whoever runs there; what an interrupt does amid it does no harm. */
static DEFINE_PER_CPU(s32, left);	/* writes before the next one that is observed */
static DEFINE_PER_CPU(u32, chance);	/* state of next_stretch() */

void tm_event_set_share(u32 share, u32 hold_ms)
{
	unsigned int cpu;

	/* Pairs with the READ_ONCE()s in tm_event_share(), tm_event_alert(). */
	WRITE_ONCE(gate.share, share);
	WRITE_ONCE(gate.hold, msecs_to_jiffies(hold_ms));
	/* What was drawn from the old share is over; a CPU amid it may go on with it. */
	for_each_possible_cpu(cpu)
		WRITE_ONCE(per_cpu(left, cpu), 0);
}

u32 tm_event_share(void)
{
	/* Pairs with the WRITE_ONCE() in tm_event_set_share(). */
	return READ_ONCE(gate.share);
}

/**
 * tm_event_alert() - observe everything for a while
 *
 * Context: Any.
 */
void tm_event_alert(void)
{
	/* Pairs with the WRITE_ONCE() in tm_event_set_share(). */
	WRITE_ONCE(gate.until, jiffies + READ_ONCE(gate.hold));
	/* Pairs with the READ_ONCE() in alerted(). */
	WRITE_ONCE(gate.alert, true);
}

static bool alerted(void)
{
	/* Pairs with the WRITE_ONCE()s in tm_event_alert(); orders nothing. */
	if (likely(!READ_ONCE(gate.alert)))
		return false;
	if (time_before(jiffies, READ_ONCE(gate.until)))
		return true;
	WRITE_ONCE(gate.alert, false);
	return false;
}

/*
 * From 1 to 2 * share - 1, each as likely, so share on average: who writes in
 * turns of some length is not always caught at the same step.
 */
static s32 next_stretch(u32 share)
{
	u32 state = this_cpu_read(chance) * 1664525 + 1013904223;

	this_cpu_write(chance, state);
	return 1 + (s32)((u64)state * (2 * share - 1) >> 32);
}

static bool lucky(void)
{
	u32 share = tm_event_share();

	if (share <= 1)
		return true;
	/* Pairs with the WRITE_ONCE() in tm_event_set_share(). */
	if (likely(this_cpu_dec_return(left) > 0))
		return false;
	this_cpu_write(left, next_stretch(share));
	return true;
}

/* Does somebody else listen, before our own listeners? */
static bool overheard(unsigned int event)
{
	struct tracepoint_func *f;
	bool others;

	rcu_read_lock();
	f = rcu_dereference(points[event].tp->funcs);
	/* Pairs with the store that publishes the list; it does not change. */
	others = f && READ_ONCE(f->data) != ours;
	rcu_read_unlock();
	return others;
}

/*
 * The same for all that a write tells, kept while the lists of listeners are
 * where they were: every write asks. A list that took the place of one that was
 * freed is noticed with the next tick.
 */
#define FUNCS(_name)	rcu_access_pointer(__tracepoint_tripmap_##_name.funcs)

static struct {
	/* By anybody, READ_ONCE/WRITE_ONCE; a mixture of two is noticed by the next one. */
	const void	*begin;
	const void	*end;
	const void	*step;
	const void	*pause;
	unsigned long	at;		/* jiffies */
	bool		others;
} heard;

static noinline bool hear(void)
{
	bool others;

	/* Pairs with the READ_ONCE()s in others_listen(). */
	WRITE_ONCE(heard.begin, FUNCS(write_begin));
	WRITE_ONCE(heard.end, FUNCS(write_end));
	WRITE_ONCE(heard.step, FUNCS(grow_step));
	WRITE_ONCE(heard.pause, FUNCS(pause));
	others = overheard(TRIPMAP_EVENT_WRITE_BEGIN) || overheard(TRIPMAP_EVENT_WRITE_END) ||
		 overheard(TRIPMAP_EVENT_GROW_STEP) || overheard(TRIPMAP_EVENT_PAUSE);
	WRITE_ONCE(heard.others, others);
	WRITE_ONCE(heard.at, jiffies);
	return others;
}

static __always_inline bool others_listen(void)
{
	unsigned long now = jiffies;

	/* Pairs with the WRITE_ONCE()s in hear(). */
	if (likely(READ_ONCE(heard.at) == now &&
		   READ_ONCE(heard.begin) == FUNCS(write_begin) &&
		   READ_ONCE(heard.end) == FUNCS(write_end) &&
		   READ_ONCE(heard.step) == FUNCS(grow_step) &&
		   READ_ONCE(heard.pause) == FUNCS(pause)))
		return READ_ONCE(heard.others);
	return hear();
}

/**
 * tm_event_gate_write() - is this write to be observed?
 *
 * Context: Any.
 * Return: true when it is.
 */
bool tm_event_gate_write(void)
{
	return lucky() || alerted() || others_listen();
}

/**
 * tm_event_gate_read() - is this lookup to be observed?
 *
 * Context: Any.
 * Return: true when it is.
 */
bool tm_event_gate_read(void)
{
	return lucky() || alerted() || overheard(TRIPMAP_EVENT_LOOKUP);
}

/**
 * tm_event_gate_walk() - is this step of a walk to be observed?
 *
 * Context: Any.
 * Return: true when it is.
 */
bool tm_event_gate_walk(void)
{
	return lucky() || alerted() || overheard(TRIPMAP_EVENT_ITERATE_NEXT) ||
	       overheard(TRIPMAP_EVENT_ITERATE_DONE);
}
