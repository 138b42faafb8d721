// SPDX-License-Identifier: GPL-2.0
/*
 * Statistics on pauses.
 *
 * All figures of a period are in one set, published by one pointer: to begin
 * anew is to publish a new set. The probe finds it, counts for its CPU without
 * a lock (an interrupt may come amid, as local64_t allows), and for the table
 * with atomics that all CPUs share.
 *
 * Tables are counted apart in places of the set, claimed by the first pause of a
 * table while it lives and given back when that is destroyed. Two CPUs may claim one
 * each for the same table, where one was given back meanwhile; so a table's figures
 * are the sum over all places with its id.
 */
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/topology.h>
#include <linux/workqueue.h>
#include <asm/local64.h>

#include "event.h"
#include "pause.h"
#include "ring.h"

#define TM_KINDS	(TRIPMAP_PAUSE_KIND_MAX + 1)
#define TM_EVENTS	(1U << TRIPMAP_EVENT_PAUSE | 1U << TRIPMAP_EVENT_TABLE_DEL)

#define TM_PLACES	64	/* tables counted apart, 19 KiB each; bits of a u64 */
#define TM_NO_TABLE	0	/* the place is free */
#define TM_LEAVING	(~0U)	/* its table is gone, the figures are still to be emptied */

/* Cells: 8 to each power of two. */
#define TM_CELL_BITS	3
#define TM_CELLS_EACH	(1U << TM_CELL_BITS)

static_assert(TRIPMAP_PAUSE_CELLS % TM_CELLS_EACH == 0);

/* Of one CPU and kind: that CPU and what interrupts it. How many is the sum of the cells. */
struct tm_local {
	local64_t		total;
	local64_t		least;		/* ~min, so that 0 is none */
	local64_t		max;
	local64_t		cell[TRIPMAP_PAUSE_CELLS];
};

/* Of one table and kind: all CPUs. */
struct tm_shared {
	atomic64_t		total;
	atomic64_t		least;		/* as above */
	atomic64_t		max;
	atomic64_t		cell[TRIPMAP_PAUSE_CELLS];
};

struct tm_table_stats {
	struct tm_shared	kind[TM_KINDS];
};

struct tm_cpu_stats {
	struct tm_local		kind[TM_KINDS];
};

/* One of the last pauses, as it lies in a ring. */
struct tm_last {
	u64			start;
	u64			duration;
	u64			table;
};

struct tm_set {
	u64			since;		/* constant once published */
	u64			until;		/* pause_lock; 0: counting */
	struct tm_rings		last[TM_KINDS];
	struct tm_cpu_stats	**cpu;		/* nr_cpu_ids of them; constant */
	u32			table[TM_PLACES];	/* whose place; cmpxchg, see place_for() */
	struct tm_table_stats	*of;		/* TM_PLACES of them; constant */
	atomic64_t		untracked;
};

static void empty_fn(struct work_struct *work);

static DECLARE_WORK(empty_work, empty_fn);
static DEFINE_MUTEX(pause_lock);	/* which set there is, and whether it counts */
static struct tm_set __rcu *pause_set;	/* pause_lock; NULL: there never was one */
static bool pause_counting;		/* pause_lock, WRITE_ONCE; READ_ONCE by tm_pause_is_on() */

/**
 * tm_pause_cell() - the cell that a duration is counted in
 * @ns: the duration
 *
 * Context: Any.
 * Return: 0 to %TRIPMAP_PAUSE_CELLS - 1.
 */
unsigned int tm_pause_cell(u64 ns)
{
	unsigned int power, cell;

	if (ns < TM_CELLS_EACH)
		return ns;
	power = fls64(ns) - 1;
	cell = (power - TM_CELL_BITS + 1) * TM_CELLS_EACH +
	       (ns >> (power - TM_CELL_BITS) & (TM_CELLS_EACH - 1));
	return min(cell, TRIPMAP_PAUSE_CELLS - 1U);
}

/* --- counting: any context, preemption off, in a read section --- */

static void local_raise(local64_t *v, u64 to)
{
	u64 old = local64_read(v), found;

	while (old < to) {
		found = local64_cmpxchg(v, old, to);
		if (found == old)
			return;
		old = found;
	}
}

static void shared_raise(atomic64_t *v, u64 to)
{
	s64 old = atomic64_read(v);

	while ((u64)old < to && !atomic64_try_cmpxchg(v, &old, to))
		;
}

static void count_local(struct tm_local *s, u64 ns, unsigned int cell)
{
	local64_inc(&s->cell[cell]);
	local64_add(ns, &s->total);
	local_raise(&s->least, ~ns);
	local_raise(&s->max, ns);
}

static void count_shared(struct tm_shared *s, u64 ns, unsigned int cell)
{
	atomic64_inc(&s->cell[cell]);
	atomic64_add(ns, &s->total);
	shared_raise(&s->least, ~ns);
	shared_raise(&s->max, ns);
}

static int find_place(const struct tm_set *set, u32 table)
{
	unsigned int i, n;

	for (i = 0; i < TM_PLACES; i++) {
		n = (table + i) % TM_PLACES;
		/* Pairs with the cmpxchg in claim_place(): the figures are 0. */
		if (smp_load_acquire(&set->table[n]) == table)
			return n;
	}
	return -ENOENT;
}

static int claim_place(struct tm_set *set, u32 table)
{
	unsigned int i, n;
	u32 found;

	for (i = 0; i < TM_PLACES; i++) {
		n = (table + i) % TM_PLACES;
		/* Pairs with the release in __empty_places(), and the acquire in find_place(). */
		found = cmpxchg(&set->table[n], TM_NO_TABLE, table);
		if (found == TM_NO_TABLE || found == table)
			return n;
	}
	return -ENOENT;
}

/*
 * Who waited may have left its table long ago, and that may be gone and its place
 * given back: nobody would give back another one.
 */
static int place_for(struct tm_set *set, const struct tm_event *e)
{
	int place = find_place(set, e->table);

	if (place < 0 && !e->gone && e->table != TM_NO_TABLE)
		place = claim_place(set, e->table);
	return place;
}

static void count_in(struct tm_set *set, const struct tm_event *e)
{
	struct tm_last last = {
		.start = e->time - e->duration, .duration = e->duration, .table = e->table,
	};
	unsigned int cell = tm_pause_cell(e->duration);
	int place = place_for(set, e);

	count_local(&set->cpu[smp_processor_id()]->kind[e->kind], e->duration, cell);
	tm_ring_put(&set->last[e->kind], (const u64 *)&last);
	if (place >= 0)
		count_shared(&set->of[place].kind[e->kind], e->duration, cell);
	else
		atomic64_inc(&set->untracked);
}

/*
 * A table is gone. Its places are nobody's from now on, though some probe may
 * still count there: they are emptied later.
 */
static void close_places(struct tm_set *set, u32 table)
{
	bool any = false;
	unsigned int n;

	for (n = 0; n < TM_PLACES && table != TM_NO_TABLE; n++)
		any |= cmpxchg(&set->table[n], table, TM_LEAVING) == table;
	if (any)
		queue_work(system_unbound_wq, &empty_work);
}

static void probe(void *data, const struct tm_event *e)
{
	struct tm_set *set;

	rcu_read_lock();
	set = rcu_dereference(pause_set);
	if (set && e->event == TRIPMAP_EVENT_TABLE_DEL)
		close_places(set, e->table);
	else if (set && e->kind < TM_KINDS)
		count_in(set, e);
	rcu_read_unlock();
}

/* --- sets --- */

static struct tm_set *__set(void)
{
	return rcu_dereference_protected(pause_set, lockdep_is_held(&pause_lock));
}

/* Those that were closed before the grace period; such a one nobody else touches. */
static void __empty_places(struct tm_set *set)
{
	u64 closed = 0;
	unsigned int n;

	for (n = 0; n < TM_PLACES; n++) {
		if (READ_ONCE(set->table[n]) == TM_LEAVING)	/* pairs with close_places() */
			closed |= BIT_ULL(n);
	}
	synchronize_rcu();
	for (n = 0; n < TM_PLACES; n++) {
		if (!(closed & BIT_ULL(n)))
			continue;
		memset(&set->of[n], 0, sizeof(set->of[n]));
		/* Pairs with the cmpxchg in claim_place(). */
		smp_store_release(&set->table[n], TM_NO_TABLE);
	}
}

static void empty_fn(struct work_struct *work)
{
	mutex_lock(&pause_lock);
	if (__set())
		__empty_places(__set());
	mutex_unlock(&pause_lock);
}

static void free_set(struct tm_set *set)
{
	unsigned int i;

	if (!set)
		return;
	for (i = 0; set->cpu && i < nr_cpu_ids; i++)
		kvfree(set->cpu[i]);
	for (i = 0; i < TM_KINDS; i++)
		tm_rings_exit(&set->last[i]);
	kvfree(set->of);
	kfree(set->cpu);
	kvfree(set);
}

static int make_cpus(struct tm_set *set)
{
	unsigned int cpu;

	set->cpu = kcalloc(nr_cpu_ids, sizeof(*set->cpu), GFP_KERNEL);
	if (!set->cpu)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		set->cpu[cpu] = kvzalloc_node(sizeof(**set->cpu), GFP_KERNEL, cpu_to_node(cpu));
		if (!set->cpu[cpu])
			return -ENOMEM;
	}
	return 0;
}

static int make_last(struct tm_set *set)
{
	unsigned int kind;
	int err = 0;

	for (kind = 0; kind < TM_KINDS && !err; kind++)
		err = tm_rings_init(&set->last[kind], TRIPMAP_PAUSE_RECENT,
				    sizeof(struct tm_last) / sizeof(u64));
	return err;
}

static struct tm_set *make_set(void)
{
	struct tm_set *set = kvzalloc(sizeof(*set), GFP_KERNEL);

	if (!set)
		return NULL;
	set->of = kvcalloc(TM_PLACES, sizeof(*set->of), GFP_KERNEL);
	if (set->of && !make_cpus(set) && !make_last(set)) {
		set->since = ktime_get_mono_fast_ns();
		return set;
	}
	free_set(set);
	return NULL;
}

static struct tm_set *__exchange_set(struct tm_set *set)
{
	return rcu_replace_pointer(pause_set, set, lockdep_is_held(&pause_lock));
}

/* Some probe may still count in it. */
static void retire_set(struct tm_set *set)
{
	if (!set)
		return;
	synchronize_rcu();
	free_set(set);
}

static void __replace_set(struct tm_set *set)
{
	retire_set(__exchange_set(set));
}

static int __renew(void)
{
	struct tm_set *set = make_set();

	if (!set)
		return -ENOMEM;
	__replace_set(set);
	return 0;
}

static void __stop(void)
{
	if (!pause_counting)
		return;
	tm_event_deafen(probe, TM_EVENTS);
	WRITE_ONCE(pause_counting, false);	/* pairs with tm_pause_is_on() */
	__set()->until = ktime_get_mono_fast_ns();
}

static int __start(void)
{
	struct tm_set *set, *old;
	int err;

	if (pause_counting)
		return 0;
	set = make_set();
	if (!set)
		return -ENOMEM;
	old = __exchange_set(set);
	err = tm_event_listen(probe, TM_EVENTS);
	if (err)
		old = __exchange_set(old);	/* the figures of the last time stay */
	else
		WRITE_ONCE(pause_counting, true);	/* pairs with tm_pause_is_on() */
	retire_set(old);
	return err;
}

/**
 * tm_pause_on() - begin to count
 *
 * Anew, where none were being counted; else nothing changes.
 *
 * Context: Process context, may sleep.
 * Return: 0, or an error, and nothing is counted.
 */
int tm_pause_on(void)
{
	int err;

	mutex_lock(&pause_lock);
	err = __start();
	mutex_unlock(&pause_lock);
	return err;
}

/**
 * tm_pause_off() - stop counting
 *
 * The figures stay.
 *
 * Context: Process context, may sleep.
 */
void tm_pause_off(void)
{
	mutex_lock(&pause_lock);
	__stop();
	mutex_unlock(&pause_lock);
}

/**
 * tm_pause_reset() - forget the figures
 *
 * Counting goes on where it was on. What is being counted at this moment counts
 * either in the old figures or in the new ones.
 *
 * Context: Process context, may sleep.
 * Return: 0, or -ENOMEM and nothing is forgotten.
 */
int tm_pause_reset(void)
{
	int err = 0;

	mutex_lock(&pause_lock);
	if (pause_counting)
		err = __renew();
	else
		__replace_set(NULL);
	mutex_unlock(&pause_lock);
	return err;
}

/**
 * tm_pause_is_on() - are pauses being counted?
 *
 * Context: Any.
 * Return: true where they are.
 */
bool tm_pause_is_on(void)
{
	return READ_ONCE(pause_counting);	/* pairs with __start() and __stop() */
}

/* --- reading --- */

/* One more source of figures: the smallest of least is ~min, see struct tm_local. */
static void merge(struct tm_pause_stats *to, u64 total, u64 least, u64 max)
{
	to->total += total;
	to->min = max(to->min, least);
	to->max = max(to->max, max);
}

static void add_local(struct tm_pause_stats *to, const struct tm_local *s)
{
	unsigned int n;

	for (n = 0; n < TRIPMAP_PAUSE_CELLS; n++)
		to->cell[n] += local64_read(&s->cell[n]);
	merge(to, local64_read(&s->total), local64_read(&s->least), local64_read(&s->max));
}

static void add_shared(struct tm_pause_stats *to, const struct tm_shared *s)
{
	unsigned int n;

	for (n = 0; n < TRIPMAP_PAUSE_CELLS; n++)
		to->cell[n] += atomic64_read(&s->cell[n]);
	merge(to, atomic64_read(&s->total), atomic64_read(&s->least), atomic64_read(&s->max));
}

static void conclude(struct tm_pause_stats *s)
{
	unsigned int n;

	for (n = 0; n < TRIPMAP_PAUSE_CELLS; n++)
		s->count += s->cell[n];
	s->min = s->min ? ~s->min : 0;
}

static void __get_cpus(const struct tm_set *set, u32 cpu, unsigned int kind,
		       struct tm_pause_stats *stats)
{
	unsigned int n;

	for (n = 0; n < nr_cpu_ids; n++) {
		if (set->cpu[n] && (cpu == TM_PAUSE_ALL_CPUS || cpu == n))
			add_local(stats, &set->cpu[n]->kind[kind]);
	}
}

static int __get_table(const struct tm_set *set, u32 table, unsigned int kind,
		       struct tm_pause_stats *stats)
{
	int err = -ENOENT;
	unsigned int n;

	for (n = 0; n < TM_PLACES; n++) {
		/* Pairs with claim_place(); places are given back under pause_lock only. */
		if (READ_ONCE(set->table[n]) != table)
			continue;
		add_shared(stats, &set->of[n].kind[kind]);
		err = 0;
	}
	return err;
}

static int __get(u32 table, u32 cpu, unsigned int kind, struct tm_pause_stats *stats,
		 struct tm_pause_period *period)
{
	const struct tm_set *set = __set();
	int err = 0;

	period->now = ktime_get_mono_fast_ns();
	if (!set)
		return table == TM_PAUSE_ALL_TABLES ? 0 : -ENOENT;
	period->since = set->since;
	period->until = set->until;
	period->untracked = atomic64_read(&set->untracked);
	if (table == TM_PAUSE_ALL_TABLES)
		__get_cpus(set, cpu, kind, stats);
	else
		err = __get_table(set, table, kind, stats);
	conclude(stats);
	return err;
}

/**
 * tm_pause_get() - the figures of a kind of pause
 * @table: id, or %TM_PAUSE_ALL_TABLES
 * @cpu: number, or %TM_PAUSE_ALL_CPUS; of all tables only
 * @kind: of pause
 * @stats: the figures, all 0 where there are none
 * @period: what they are of
 *
 * While pauses are being counted, count is the sum of the cells, but total, min
 * and max may be a pause ahead or behind.
 *
 * Context: Process context, may sleep.
 * Return: 0; -EINVAL for a CPU of one table, a CPU or a kind that cannot be;
 * -ENOENT for a table that has no place of its own.
 */
int tm_pause_get(u32 table, u32 cpu, enum tripmap_pause_kind kind,
		 struct tm_pause_stats *stats, struct tm_pause_period *period)
{
	int err;

	memset(stats, 0, sizeof(*stats));
	memset(period, 0, sizeof(*period));
	if (kind >= TM_KINDS || (cpu != TM_PAUSE_ALL_CPUS &&
				 (table != TM_PAUSE_ALL_TABLES || cpu >= nr_cpu_ids)))
		return -EINVAL;
	mutex_lock(&pause_lock);
	err = __get(table, cpu, kind, stats, period);
	mutex_unlock(&pause_lock);
	return err;
}

/**
 * tm_pause_recent() - one of the last pauses
 * @cpu: on which CPU
 * @kind: of pause
 * @n: 0 for the last one, and so on
 * @out: the pause
 *
 * Context: Any.
 * Return: false when there is no such one, or it is just being overwritten.
 */
bool tm_pause_recent(u32 cpu, enum tripmap_pause_kind kind, u32 n, struct tm_pause_recent *out)
{
	const struct tm_set *set;
	struct tm_last last;
	bool found = false;
	u64 head;

	if (kind >= TM_KINDS)
		return false;
	rcu_read_lock();
	set = rcu_dereference(pause_set);
	head = set ? tm_ring_head(&set->last[kind], cpu) : 0;
	if (n < head)
		found = tm_ring_get(&set->last[kind], cpu, head - n, (u64 *)&last);
	rcu_read_unlock();
	if (found)
		*out = (struct tm_pause_recent){
			.start = last.start, .duration = last.duration, .table = last.table,
			.cpu = cpu, .kind = kind,
		};
	return found;
}

static size_t memory_of(const struct tm_set *set)
{
	size_t bytes = sizeof(*set) + TM_PLACES * sizeof(*set->of) +
		       nr_cpu_ids * sizeof(*set->cpu);
	unsigned int i;

	for_each_possible_cpu(i)
		bytes += sizeof(**set->cpu);
	for (i = 0; i < TM_KINDS; i++)
		bytes += tm_rings_memory(&set->last[i]);
	return bytes;
}

/**
 * tm_pause_memory() - what the figures take
 *
 * Context: Process context, may sleep.
 * Return: bytes; 0 where pauses never were counted.
 */
size_t tm_pause_memory(void)
{
	size_t bytes;

	mutex_lock(&pause_lock);
	bytes = __set() ? memory_of(__set()) : 0;
	mutex_unlock(&pause_lock);
	return bytes;
}

/**
 * tm_pause_exit() - count no more, and give all back
 *
 * Context: Process context, may sleep.
 */
void tm_pause_exit(void)
{
	mutex_lock(&pause_lock);
	__stop();
	__replace_set(NULL);
	mutex_unlock(&pause_lock);
	cancel_work_sync(&empty_work);
}
