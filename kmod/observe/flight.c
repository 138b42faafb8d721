// SPDX-License-Identifier: GPL-2.0
/*
 * The flight recorder.
 *
 * Recording is one copy of an event into this CPU's ring. A violation marks: how
 * far each ring was, which clocks said what. A work item freezes: it looks for
 * the events of the window, from the newest ones back, and copies them while
 * recording goes on.
 *
 * What makes it hard: an event is written somewhat later than it happened, as an
 * interrupt may come between. So a ring is only about sorted by time, and who
 * freezes first waits for what has its time and is not written yet. What is in a
 * window is decided by the time alone; where a ring is left as all that lies behind
 * is older, TM_SKEW events in a row have to be older.
 *
 *	ring of a CPU	| gone | ... older ... |  window ...  | after it ... |
 *			       ^ oldest		       mark ^	  head ^
 *
 * A window is complete after its begin: where a ring did not reach back that far,
 * begin is later than it was to be. What was overwritten between mark and
 * copy is counted as lost besides.
 *
 * Conventions: w is a window as others see it, win one that is kept, c a CPU.
 */
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "flight.h"
#include "ring.h"

#define TM_WORDS	(sizeof(struct tm_event) / sizeof(u64))

static_assert(sizeof(struct tm_event) % sizeof(u64) == 0);
static_assert(offsetof(struct tm_event, time) == 0);

/* All events but lookups and steps of walks; and those. */
#define TM_EVENTS_ON	(((1U << (TRIPMAP_EVENT_MAX + 1)) - 1) & ~TM_EVENTS_READS)
#define TM_EVENTS_READS	(1U << TRIPMAP_EVENT_LOOKUP |		\
			 1U << TRIPMAP_EVENT_ITERATE_NEXT |	\
			 1U << TRIPMAP_EVENT_ITERATE_DONE)

/*
 * How many events of one CPU may lie between where an event stands in its ring
 * and where it would by its time: those of interrupts that came between its clock
 * and its ring.
 */
#define TM_SKEW		16

/* Reports whose windows are still to be copied. The work item is soon there. */
#define TM_MARKS	16

/*
 * Bytes for windows; the events of 17 full ones. As with the reports, those of confined
 * tables push others out only up to half of it.
 */
#define TM_BUDGET	(8UL << 20)

enum {
	TM_MARK_FREE,
	TM_MARK_FILLING,	/* whoever claimed it writes */
	TM_MARK_LIVE,		/* nobody writes, the work item reads */
};

struct tm_mark {
	atomic_t		state;
	/* The claimer's until LIVE, then constant until FREE. */
	u64			id;
	u64			time;		/* of the violation */
	u32			share;
	u32			length_ms;
	u8			recorder;
	bool			confined;
	struct tm_clock		clock;
	u64			*head;		/* nr_cpu_ids numbers */
};

/* A window that is kept. All of it is constant but for what flight.lock protects. */
struct tm_window {
	u64			id;
	struct tm_flight_window	w;		/* flight.lock: state and events */
	struct tm_event		*event;		/* flight.lock; NULL: given up */
	struct list_head	node;		/* flight.lock; held while it has events */
	size_t			bytes;		/* flight.lock; of event */
	bool			confined;	/* before a report of a confined table */
};

/* What is known of a report's window: its id and an enum tripmap_window in one word. */
struct tm_fate {
	u64			word;		/* WRITE_ONCE by marks, cmpxchg by who freezes */
	struct tm_window	*win;		/* flight.lock */
};

#define TM_STATE_BITS	3
#define TM_STATE_MASK	((1ULL << TM_STATE_BITS) - 1)

static_assert(TRIPMAP_WINDOW_MAX <= TM_STATE_MASK);

static struct {
	struct tm_rings		rings;
	struct tm_mark		mark[TM_MARKS];
	struct tm_fate		*fate;		/* constant from init to exit; fates of them */
	u32			fates;		/* constant from init to exit */
	u8			mode;		/* mode_mutex, WRITE_ONCE; READ_ONCE by all */
	u32			window_ms;	/* any writer, READ_ONCE/WRITE_ONCE */
	u64			since;		/* mode_mutex, WRITE_ONCE; the mode's */
	raw_spinlock_t		lock;
	/* By confined: */
	size_t			kept[2];	/* lock; bytes of windows */
	struct list_head	held[2];	/* lock; windows with events, oldest first */
} flight = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(flight.lock),
	.held = { LIST_HEAD_INIT(flight.held[0]), LIST_HEAD_INIT(flight.held[1]) },
};

/*
 * Who warns freezes in its own context, which may be reclaim or a callback of CPU
 * hotplug: it only tries for freeze_mutex, and mode_mutex, under which others are
 * taken, is none of its business.
 */
static DEFINE_MUTEX(freeze_mutex);	/* one freezes at a time */
static DEFINE_MUTEX(mode_mutex);	/* which mode */

/* Called for each event that is listened to, with preemption off. */
static void probe(void *data, const struct tm_event *e)
{
	tm_ring_put(&flight.rings, (const u64 *)e);
}

/* --- what is known of a report's window --- */

static u64 fate_word(u64 id, enum tripmap_window state)
{
	return id << TM_STATE_BITS | state;
}

static struct tm_fate *fate_of(u64 id)
{
	return &flight.fate[id % flight.fates];
}

static void set_fate(u64 id, enum tripmap_window state)
{
	/* Pairs with the READ_ONCE in state_of(). */
	WRITE_ONCE(fate_of(id)->word, fate_word(id, state));
}

static enum tripmap_window state_of(u64 id)
{
	u64 word = READ_ONCE(fate_of(id)->word);	/* pairs with set_fate(), turn_fate() */

	return word >> TM_STATE_BITS == id ? word & TM_STATE_MASK : TRIPMAP_WINDOW_NONE;
}

/* False when meanwhile it is about another report, or is to be forgotten. */
static bool turn_fate(u64 id, enum tripmap_window from, enum tripmap_window to)
{
	u64 old = fate_word(id, from);

	return cmpxchg64(&fate_of(id)->word, old, fate_word(id, to)) == old;
}

/* --- to mark --- */

/* Half of them are not for confined tables. */
static struct tm_mark *claim_mark(bool confined)
{
	unsigned int n;

	for (n = 0; n < (confined ? TM_MARKS / 2 : TM_MARKS); n++) {
		/* Pairs with the release in free_mark(). */
		if (atomic_cmpxchg_acquire(&flight.mark[n].state, TM_MARK_FREE,
					   TM_MARK_FILLING) == TM_MARK_FREE)
			return &flight.mark[n];
	}
	return NULL;
}

static void free_mark(struct tm_mark *m)
{
	/* Pairs with the acquire in claim_mark(). */
	atomic_set_release(&m->state, TM_MARK_FREE);
}

static void fill_mark(struct tm_mark *m, u64 id, u64 time, bool confined,
		      enum tripmap_recorder mode)
{
	unsigned int c;

	for (c = 0; c < flight.rings.cpus; c++)
		m->head[c] = tm_ring_head(&flight.rings, c);
	m->id = id;
	m->time = time;
	m->share = tm_event_share();
	m->length_ms = READ_ONCE(flight.window_ms);	/* pairs with tm_flight_set_window_ms() */
	m->recorder = mode;
	m->confined = confined;
	tm_clock_take(&m->clock);
	/* Pairs with the acquire in is_live(). */
	atomic_set_release(&m->state, TM_MARK_LIVE);
}

/**
 * tm_flight_mark() - a report was filed
 * @id: its number
 * @time: of the violation, ns of CLOCK_MONOTONIC
 * @confined: as of its &struct tm_violation
 *
 * Where the recorder is on, the events before that time are to be kept.
 *
 * Context: Any.
 */
void tm_flight_mark(u64 id, u64 time, bool confined)
{
	enum tripmap_recorder mode = tm_flight_mode();
	struct tm_mark *m;

	if (mode == TRIPMAP_RECORDER_OFF)
		return;
	m = claim_mark(confined);
	set_fate(id, m ? TRIPMAP_WINDOW_PENDING : TRIPMAP_WINDOW_MISSED);
	if (m)
		fill_mark(m, id, time, confined, mode);
}

/* --- to look back through the rings --- */

/* Where one looks back through one ring. */
struct tm_back {
	u64			next;		/* number of the event; 0: the ring is done */
	u64			time;		/* of that event */
	u64			from;		/* nothing older is wanted, ... */
	u64			until;		/* ... nor anything later */
	u64			complete;	/* out: what is missing is no later */
	u64			lowest;		/* out: what is below is overwritten */
	u64			marked;		/* numbers up to this were there at the mark */
	u32			given_up;	/* out: of these, those that are no record */
	u32			older;		/* events in a row that are */
	u64			skew[TM_SKEW];	/* times of the last events seen */
};

/* Whatever is gone is no later than the latest one of so many that are still there. */
static u64 latest_seen(const struct tm_back *b)
{
	u64 latest = 0;
	unsigned int i;

	for (i = 0; i < TM_SKEW; i++)
		latest = max(latest, b->skew[i]);
	return latest;
}

static void hit_end(struct tm_back *b)
{
	u64 latest = latest_seen(b);

	b->lowest = b->next + 1;
	b->complete = latest ?: U64_MAX;
	b->next = 0;
}

static bool is_overwritten(unsigned int c, u64 n)
{
	return n + flight.rings.records <= tm_ring_head(&flight.rings, c);
}

/* Events are wanted by their time; e is room for one. False: that one is not. */
static bool look(struct tm_back *b, unsigned int c, struct tm_event *e)
{
	if (!tm_ring_get(&flight.rings, c, b->next, (u64 *)e)) {
		if (is_overwritten(c, b->next))
			hit_end(b);
		else if (b->next <= b->marked)
			b->given_up++;
		return false;
	}
	b->time = e->time;
	b->skew[b->next % TM_SKEW] = e->time;
	b->older = e->time < b->from ? b->older + 1 : 0;
	return e->time >= b->from && e->time <= b->until;
}

/* To the newest one that is wanted, of those from next on down. */
static void seek(struct tm_back *b, unsigned int c, struct tm_event *e)
{
	while (b->next && b->older < TM_SKEW) {
		if (look(b, c, e))
			return;
		if (b->next)
			b->next--;
	}
	b->next = 0;
}

static void step(struct tm_back *b, unsigned int c, struct tm_event *e)
{
	b->next--;
	seek(b, c, e);
}

/* The CPU of the newest event; nr_cpu_ids when all rings are done. */
static unsigned int newest_of(const struct tm_back *back)
{
	unsigned int c, newest = nr_cpu_ids;

	for (c = 0; c < nr_cpu_ids; c++) {
		if (back[c].next && (newest == nr_cpu_ids || back[c].time >= back[newest].time))
			newest = c;
	}
	return newest;
}

/* --- to freeze --- */

/* What is at work on one window; too large for a stack. */
struct tm_freeze {
	struct tm_window	*win;
	const struct tm_mark	*m;
	struct tm_event		*room;		/* TM_FLIGHT_EVENTS_MAX; filled from the end */
	u32			first;		/* in room; so many places are left */
	u64			complete;	/* nothing later was left out */
	struct tm_event		spare;
	struct tm_back		back[];		/* nr_cpu_ids */
};

static void begin_back(struct tm_freeze *f, unsigned int c)
{
	struct tm_back *b = &f->back[c];
	u64 length = f->win->w.length;

	*b = (struct tm_back){
		.next = tm_ring_head(&flight.rings, c),
		.from = f->m->time - min(length, f->m->time),
		.until = f->m->time,
		.marked = f->m->head[c],
	};
	seek(b, c, &f->spare);
}

/* Newest first: between events of the same time the number of the CPU decides. */
static void collect(struct tm_freeze *f)
{
	unsigned int c;

	while (f->first && (c = newest_of(f->back)) < nr_cpu_ids) {
		struct tm_back *b = &f->back[c];

		if (tm_ring_get(&flight.rings, c, b->next, (u64 *)&f->room[f->first - 1])) {
			f->first--;
			step(b, c, &f->spare);
		} else {
			hit_end(b);
		}
		cond_resched();
	}
}

static void leave_out(struct tm_freeze *f)
{
	unsigned int c;

	for (c = 0; c < nr_cpu_ids; c++) {
		struct tm_back *b = &f->back[c];

		for (; b->next; step(b, c, &f->spare)) {
			f->win->w.left_out++;
			f->complete = max(f->complete, b->time);
		}
		cond_resched();
	}
}

/* Of those there at the mark, how many were overwritten before they were looked at. */
static u64 lost_of(const struct tm_back *b)
{
	u64 oldest = b->marked - min_t(u64, b->marked, flight.rings.records) + 1;
	u64 end = min(b->lowest, b->marked + 1);

	return b->given_up + (end > oldest ? end - oldest : 0);
}

static void conclude_rings(struct tm_freeze *f)
{
	struct tm_flight_window *w = &f->win->w;
	unsigned int c;

	for (c = 0; c < nr_cpu_ids; c++) {
		w->lost += lost_of(&f->back[c]);
		f->complete = max(f->complete, f->back[c].complete);
	}
	w->begin = max(f->m->time - min(w->length, f->m->time), f->complete);
	w->begin = min(w->begin, f->m->time);
}

/* By time, then CPU; equal ones keep their order. They are almost sorted. */
static bool is_later(const struct tm_event *a, const struct tm_event *b)
{
	return a->time != b->time ? a->time > b->time : a->cpu > b->cpu;
}

static void sort_events(struct tm_event *e, u32 n, struct tm_event *spare)
{
	u32 i, to;

	for (i = 1; i < n; i++) {
		for (to = i; to && is_later(&e[to - 1], &e[i]); to--)
			;
		if (to == i)
			continue;
		*spare = e[i];
		memmove(&e[to + 1], &e[to], (i - to) * sizeof(*e));
		e[to] = *spare;
	}
}

static void look_back(struct tm_freeze *f)
{
	struct tm_flight_window *w = &f->win->w;
	unsigned int c;

	for (c = 0; c < nr_cpu_ids; c++) {
		begin_back(f, c);
		cond_resched();
	}
	collect(f);
	leave_out(f);
	conclude_rings(f);
	w->events = TM_FLIGHT_EVENTS_MAX - f->first;
	sort_events(&f->room[f->first], w->events, &f->spare);
	tm_spike_find(&f->room[f->first], w->events, f->m->time, w->spike);
}

static int keep_events(struct tm_freeze *f)
{
	struct tm_window *win = f->win;

	win->bytes = win->w.events * sizeof(*win->event);
	win->event = kvmalloc(max_t(size_t, win->bytes, 1), GFP_KERNEL | __GFP_NOWARN);
	if (!win->event)
		return -ENOMEM;
	memcpy(win->event, &f->room[f->first], win->bytes);
	return 0;
}

static void free_window(struct tm_window *win)
{
	if (win)
		kvfree(win->event);
	kfree(win);
}

static void begin_window(struct tm_window *win, const struct tm_mark *m)
{
	win->id = m->id;
	win->confined = m->confined;
	win->w.state = TRIPMAP_WINDOW_FROZEN;
	win->w.recorder = m->recorder;
	win->w.share = m->share;
	win->w.length = (u64)m->length_ms * NSEC_PER_MSEC;
	win->w.clock[0] = m->clock;
}

static struct tm_window *copy_window(struct tm_freeze *f)
{
	f->win = kzalloc(sizeof(*f->win), GFP_KERNEL | __GFP_NOWARN);
	if (!f->win)
		return NULL;
	begin_window(f->win, f->m);
	f->first = TM_FLIGHT_EVENTS_MAX;
	f->complete = READ_ONCE(flight.since);	/* pairs with __set_mode() */
	look_back(f);
	if (keep_events(f)) {
		free_window(f->win);
		return NULL;
	}
	tm_clock_take(&f->win->w.clock[1]);
	return f->win;
}

static size_t size_of(const struct tm_window *win)
{
	return sizeof(*win) + win->bytes;
}

static void __keep(struct tm_fate *fate, struct tm_window *win)
{
	lockdep_assert_held(&flight.lock);
	fate->win = win;
	flight.kept[win->confined] += size_of(win);
	list_add_tail(&win->node, &flight.held[win->confined]);
}

/* What was kept there, if anything. */
static struct tm_window *__drop(struct tm_fate *fate)
{
	struct tm_window *win = fate->win;

	lockdep_assert_held(&flight.lock);
	fate->win = NULL;
	if (!win)
		return NULL;
	flight.kept[win->confined] -= size_of(win);
	if (win->event)
		list_del(&win->node);
	return win;
}

/* Returns what is to be freed: what was there, or the window itself if nobody wants it any more. */
static struct tm_window *install(struct tm_window *win)
{
	struct tm_fate *fate = fate_of(win->id);
	struct tm_window *old = win;
	unsigned long flags;

	raw_spin_lock_irqsave(&flight.lock, flags);
	if (turn_fate(win->id, TRIPMAP_WINDOW_PENDING, TRIPMAP_WINDOW_FROZEN)) {
		old = __drop(fate);
		__keep(fate, win);
	}
	raw_spin_unlock_irqrestore(&flight.lock, flags);
	return old;
}

/* Its figures stay. */
static struct tm_event *__give_up(struct tm_window *win)
{
	struct tm_event *event = win->event;

	lockdep_assert_held(&flight.lock);
	win->w.state = TRIPMAP_WINDOW_MISSED;
	win->w.events = 0;
	win->event = NULL;
	list_del(&win->node);
	flight.kept[win->confined] -= win->bytes;
	win->bytes = 0;
	return event;
}

static struct tm_window *__window(u64 id)
{
	struct tm_window *win = fate_of(id)->win;

	lockdep_assert_held(&flight.lock);
	return win && win->id == id ? win : NULL;
}

static struct tm_window *__oldest(bool confined)
{
	return list_first_entry_or_null(&flight.held[confined], struct tm_window, node);
}

/* Which one is to give way. */
static struct tm_window *__oldest_of_all(void)
{
	struct tm_window *other = __oldest(false), *confined = __oldest(true);

	lockdep_assert_held(&flight.lock);
	if (!confined || (other && flight.kept[true] <= TM_BUDGET / 2 && other->id < confined->id))
		return other;
	return confined;
}

/* The events of that, when all take more than they may. */
static struct tm_event *take_oldest(void)
{
	struct tm_event *event = NULL;
	struct tm_window *win;
	unsigned long flags;

	raw_spin_lock_irqsave(&flight.lock, flags);
	win = flight.kept[false] + flight.kept[true] > TM_BUDGET ? __oldest_of_all() : NULL;
	if (win)
		event = __give_up(win);
	raw_spin_unlock_irqrestore(&flight.lock, flags);
	return event;
}

static void trim(void)
{
	struct tm_event *event;

	while ((event = take_oldest()))
		kvfree(event);
}

static void freeze_mark(struct tm_freeze *f, struct tm_mark *m)
{
	struct tm_window *win = NULL;

	if (f) {
		f->m = m;
		win = copy_window(f);
	}
	/* Not before: what comes now would overwrite what was to be copied. */
	tm_event_alert();
	if (win)
		free_window(install(win));
	else
		turn_fate(m->id, TRIPMAP_WINDOW_PENDING, TRIPMAP_WINDOW_MISSED);
	free_mark(m);
	trim();
}

static struct tm_freeze *make_freeze(void)
{
	struct tm_freeze *f = kvzalloc(struct_size(f, back, nr_cpu_ids),
				       GFP_KERNEL | __GFP_NOWARN);

	if (!f)
		return NULL;
	f->room = kvmalloc_array(TM_FLIGHT_EVENTS_MAX, sizeof(*f->room),
				 GFP_KERNEL | __GFP_NOWARN);
	if (f->room)
		return f;
	kvfree(f);
	return NULL;
}

static bool is_live(const struct tm_mark *m)
{
	/* Pairs with the release in fill_mark(). */
	return atomic_read_acquire(&m->state) == TM_MARK_LIVE;
}

static bool any_live(void)
{
	unsigned int n;

	for (n = 0; n < TM_MARKS; n++) {
		if (is_live(&flight.mark[n]))
			return true;
	}
	return false;
}

static void freeze_all(void)
{
	struct tm_freeze *f = make_freeze();
	unsigned int n;

	/*
	 * An event has its time before it is in its ring, and preemption off in between:
	 * wait for those of before the marks. Not for long, as others overwrite what is
	 * to be copied. Pairs with open_event().
	 */
	synchronize_rcu_expedited();
	for (n = 0; n < TM_MARKS; n++) {
		if (is_live(&flight.mark[n]))
			freeze_mark(f, &flight.mark[n]);
	}
	if (f)
		kvfree(f->room);
	kvfree(f);
}

/* Reclaim for it does no I/O: what that waits for may be about to freeze. */
static void __freeze(void)
{
	unsigned int flags = memalloc_noio_save();

	lockdep_assert_held(&freeze_mutex);
	freeze_all();
	memalloc_noio_restore(flags);
}

/**
 * tm_flight_freeze() - copy what is marked
 *
 * A window that there is no memory for is missed.
 *
 * Context: Process context, may sleep.
 */
void tm_flight_freeze(void)
{
	if (!any_live())
		return;
	mutex_lock(&freeze_mutex);
	__freeze();
	mutex_unlock(&freeze_mutex);
}

/**
 * tm_flight_try_freeze() - tm_flight_freeze() for whoever may not wait for others
 *
 * Where somebody is freezing already, the caller perhaps, nothing is done.
 *
 * Context: Process context, may sleep; whatever locks are held, in reclaim too.
 */
void tm_flight_try_freeze(void)
{
	if (!any_live() || !mutex_trylock(&freeze_mutex))
		return;
	__freeze();
	mutex_unlock(&freeze_mutex);
}

/**
 * tm_flight_pending() - is a report's window still to be copied?
 * @id: the report's number
 *
 * Context: Any.
 * Return: false also where nothing is known of it.
 */
bool tm_flight_pending(u64 id)
{
	return state_of(id) == TRIPMAP_WINDOW_PENDING;
}

/* --- to look at what is kept --- */

/*
 * In an NMI whoever holds the lock may be what was interrupted, so there it is not
 * waited for. To sparse this and flight_unlock() are balanced each in itself.
 */
static bool flight_trylock(unsigned long *flags)
{
	if (!in_nmi())
		raw_spin_lock_irqsave(&flight.lock, *flags);
	else if (!raw_spin_trylock_irqsave(&flight.lock, *flags))
		return false;
	__release(&flight.lock);
	return true;
}

static void flight_unlock(unsigned long flags)
{
	__acquire(&flight.lock);
	raw_spin_unlock_irqrestore(&flight.lock, flags);
}

/**
 * tm_flight_window() - what is known of a report's window
 * @id: the report's number
 * @w: the window's figures; all 0 but the state where it is not kept, and the state
 *	too in an NMI that came amid a change
 *
 * Context: Any.
 */
void tm_flight_window(u64 id, struct tm_flight_window *w)
{
	const struct tm_window *win;
	unsigned long flags;

	memset(w, 0, sizeof(*w));
	if (!flight.fate || !flight_trylock(&flags))
		return;
	win = __window(id);
	if (win)
		*w = win->w;
	else
		w->state = state_of(id);
	flight_unlock(flags);
}
EXPORT_SYMBOL_GPL(tm_flight_window);

/**
 * tm_flight_events() - copy events of a window
 * @id: the report's number
 * @first: from which on, 0 for the oldest one
 * @e: where to
 * @n: how many there is room for
 *
 * Context: Any but NMI; interrupts are off while it copies.
 * Return: how many were copied, 0 at the end and where there are none.
 */
u32 tm_flight_events(u64 id, u32 first, struct tm_event *e, u32 n)
{
	const struct tm_window *win;
	unsigned long flags;
	u32 copied = 0;

	if (!flight.fate)
		return 0;
	raw_spin_lock_irqsave(&flight.lock, flags);
	win = __window(id);
	if (win && win->event && first < win->w.events) {
		copied = min(n, win->w.events - first);
		memcpy(e, win->event + first, copied * sizeof(*e));
	}
	raw_spin_unlock_irqrestore(&flight.lock, flags);
	return copied;
}
EXPORT_SYMBOL_GPL(tm_flight_events);

static struct tm_window *forget(struct tm_fate *fate, u64 id)
{
	struct tm_window *win;
	unsigned long flags;
	u64 word;

	raw_spin_lock_irqsave(&flight.lock, flags);
	win = fate->win;
	win = win && (id == TM_FLIGHT_ALL || win->id == id) ? __drop(fate) : NULL;
	/* A mark that is pending is of no use any more; one that is set just now is another's. */
	word = READ_ONCE(fate->word);	/* pairs with set_fate(), turn_fate() */
	if (id == TM_FLIGHT_ALL || word >> TM_STATE_BITS == id)
		cmpxchg64(&fate->word, word, 0);
	raw_spin_unlock_irqrestore(&flight.lock, flags);
	return win;
}

/**
 * tm_flight_clear() - forget a window
 * @id: the report's number, or %TM_FLIGHT_ALL
 *
 * Context: Process context.
 */
void tm_flight_clear(u64 id)
{
	unsigned int n;

	if (!flight.fate)
		return;
	if (id != TM_FLIGHT_ALL) {
		free_window(forget(fate_of(id), id));
		return;
	}
	for (n = 0; n < flight.fates; n++)
		free_window(forget(&flight.fate[n], id));
}

/* A ring's newest event of those below the cursor that are early enough. */
static bool peek(unsigned int c, u64 *cursor, u64 time, struct tm_event *e)
{
	if (!*cursor)
		*cursor = tm_ring_head(&flight.rings, c) + 1;
	for (; *cursor > 1; --*cursor) {
		if (tm_ring_get(&flight.rings, c, *cursor - 1, (u64 *)e) && e->time <= time)
			return true;
		if (is_overwritten(c, *cursor - 1))
			break;
	}
	*cursor = 1;
	return false;
}

/**
 * tm_flight_before() - the newest event, then the one before it, and so on
 * @cursor: nr_cpu_ids numbers, all 0 at first
 * @time: not later than this
 * @e: the event; also room for others
 *
 * For a machine that stops: it takes no lock and allocates nothing.
 *
 * Context: Any.
 * Return: false when there is none any more.
 */
bool tm_flight_before(u64 *cursor, u64 time, struct tm_event *e)
{
	unsigned int c, newest = flight.rings.cpus;
	u64 latest = 0;

	for (c = 0; c < flight.rings.cpus; c++) {
		if (!peek(c, &cursor[c], time, e) || (newest < c && e->time < latest))
			continue;
		newest = c;
		latest = e->time;
	}
	return newest < flight.rings.cpus &&
	       tm_ring_get(&flight.rings, newest, --cursor[newest], (u64 *)e);
}

/* --- figures --- */

/**
 * tm_flight_memory() - what the recorder takes
 *
 * Context: Any but NMI.
 * Return: bytes, with the windows that are kept now.
 */
size_t tm_flight_memory(void)
{
	size_t bytes = tm_rings_memory(&flight.rings) + flight.fates * sizeof(*flight.fate) +
		       TM_MARKS * flight.rings.cpus * sizeof(u64);
	unsigned long flags;

	raw_spin_lock_irqsave(&flight.lock, flags);
	bytes += flight.kept[false] + flight.kept[true];
	raw_spin_unlock_irqrestore(&flight.lock, flags);
	return bytes;
}

/**
 * tm_flight_recorded() - how many events were recorded
 *
 * Context: Any.
 * Return: events since load.
 */
u64 tm_flight_recorded(void)
{
	unsigned int c;
	u64 n = 0;

	for (c = 0; c < flight.rings.cpus; c++)
		n += tm_ring_head(&flight.rings, c);
	return n;
}

/**
 * tm_flight_lost() - how many of these are overwritten
 *
 * Context: Any.
 * Return: events since load; those in windows that are kept are among them.
 */
u64 tm_flight_lost(void)
{
	unsigned int c;
	u64 n = 0;

	for (c = 0; c < flight.rings.cpus; c++) {
		u64 head = tm_ring_head(&flight.rings, c);

		n += head - min_t(u64, head, flight.rings.records);
	}
	return n;
}

/* --- on and off --- */

static u32 events_of(enum tripmap_recorder mode)
{
	if (mode == TRIPMAP_RECORDER_OFF)
		return 0;
	return mode == TRIPMAP_RECORDER_READS ? TM_EVENTS_ON | TM_EVENTS_READS : TM_EVENTS_ON;
}

static void __become(enum tripmap_recorder mode)
{
	lockdep_assert_held(&mode_mutex);
	WRITE_ONCE(flight.since, ktime_get_mono_fast_ns());	/* pairs with copy_window() */
	WRITE_ONCE(flight.mode, mode);				/* pairs with tm_flight_mode() */
}

static int __set_mode(enum tripmap_recorder mode)
{
	u32 has = events_of(flight.mode), want = events_of(mode);
	int err = 0;

	if (want & ~has)
		err = tm_event_listen(probe, want & ~has);
	if (err)
		return err;
	if (mode != flight.mode)
		__become(mode);
	if (has & ~want)
		tm_event_deafen(probe, has & ~want);
	return 0;
}

/**
 * tm_flight_set() - what is to be recorded
 * @mode: that
 *
 * Nothing that was recorded is forgotten.
 *
 * Context: Process context, may sleep.
 * Return: 0, or an error and nothing changes.
 */
int tm_flight_set(enum tripmap_recorder mode)
{
	int err;

	mutex_lock(&mode_mutex);
	err = __set_mode(mode);
	mutex_unlock(&mode_mutex);
	return err;
}

/**
 * tm_flight_mode() - what is being recorded
 *
 * Context: Any.
 * Return: that.
 */
enum tripmap_recorder tm_flight_mode(void)
{
	return READ_ONCE(flight.mode);	/* pairs with __become() */
}

/**
 * tm_flight_set_window_ms() - how much of the past is kept
 * @window_ms: milliseconds, for later violations
 *
 * Context: Any.
 */
void tm_flight_set_window_ms(u32 window_ms)
{
	WRITE_ONCE(flight.window_ms, window_ms);	/* pairs with fill_mark() */
}

static int make_marks(void)
{
	unsigned int n;

	for (n = 0; n < TM_MARKS; n++) {
		flight.mark[n].head = kcalloc(nr_cpu_ids, sizeof(u64), GFP_KERNEL);
		if (!flight.mark[n].head)
			return -ENOMEM;
	}
	return 0;
}

/**
 * tm_flight_init() - make the recorder, which is off
 * @events: to keep for each CPU, a power of two
 * @reports: records that there are, as for tm_report_init(): where a report's record
 *	gives way to that of another id, its window does
 * @window_ms: see tm_flight_set_window_ms()
 *
 * Context: Process context, may sleep.
 * Return: 0, -EINVAL, -ENOMEM.
 */
int tm_flight_init(u32 events, u32 reports, u32 window_ms)
{
	int err = tm_rings_init(&flight.rings, events, TM_WORDS);

	if (err)
		return err;
	tm_flight_set_window_ms(window_ms);
	flight.fates = reports;
	flight.fate = kvcalloc(reports, sizeof(*flight.fate), GFP_KERNEL);
	if (flight.fate && !make_marks())
		return 0;
	tm_flight_exit();
	return -ENOMEM;
}

/**
 * tm_flight_exit() - stop recording, and give all back
 *
 * Context: Process context, may sleep; no violation is filed any more.
 */
void tm_flight_exit(void)
{
	unsigned int n;

	tm_flight_set(TRIPMAP_RECORDER_OFF);
	tm_flight_clear(TM_FLIGHT_ALL);
	for (n = 0; n < TM_MARKS; n++) {
		kfree(flight.mark[n].head);
		flight.mark[n].head = NULL;
		free_mark(&flight.mark[n]);
	}
	kvfree(flight.fate);
	flight.fate = NULL;
	tm_rings_exit(&flight.rings);
}
