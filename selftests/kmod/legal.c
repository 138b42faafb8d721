// SPDX-License-Identifier: GPL-2.0
/*
 * Load that keeps the contract, on a table of each contract and each way to keep
 * writers apart at once, from tasks, a timer and a tasklet, while the tables grow and
 * shrink, walks run and a CPU goes and comes. The detector must not say a word.
 *
 *	contract	writers				readers
 *	single-writer	all of them, under a spinlock	anybody, bare
 *	exclusive	all of them, under an rwlock	under the rwlock
 *	owner		one task			anybody, bare
 *	shared		anybody, bare			anybody, bare
 */
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/kconfig.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>

#include "plug.h"
#include "scenario.h"

#define TASKS	3
#define PERIOD_NS 700000	/* of the timer */
#define STRIDE	8	/* task n and the interrupts have the keys of their own residue */

enum place {
	TIMER = TASKS,
	TASKLET,
	PLACES,
};

/* The tables. Each task fills keys entries into one, and empties it again. */
static const struct kind {
	const char		*name;
	enum tripmap_contract	contract;
	enum tripmap_sync	sync;
	u16			shards;
	unsigned int		keys;
} kinds[] = {
	{ "single-writer", TRIPMAP_CONTRACT_SINGLE_WRITER, .keys = 1000 },
	{ "exclusive", TRIPMAP_CONTRACT_EXCLUSIVE, .keys = 1000 },
	{ "owner", TRIPMAP_CONTRACT_OWNER, .keys = 1000 },
	{ "sharded", TRIPMAP_CONTRACT_SHARED, TRIPMAP_SYNC_SHARDED, 8, 1000 },
	{ "rwlock", TRIPMAP_CONTRACT_SHARED, TRIPMAP_SYNC_RWLOCK, 0, 1000 },
	/* Each write, or each promotion, copies all of it. */
	{ "snapshot", TRIPMAP_CONTRACT_SHARED, TRIPMAP_SYNC_SNAPSHOT, 0, 100 },
	{ "split", TRIPMAP_CONTRACT_SHARED, TRIPMAP_SYNC_SPLIT, 0, 100 },
};

static struct tripmap_lock_class classes[ARRAY_SIZE(kinds)];

#define for_each_kind(k) for ((k) = kinds; (k) < kinds + ARRAY_SIZE(kinds); (k)++)

struct legal {
	struct tripmap	*t[ARRAY_SIZE(kinds)];
	spinlock_t	spin;		/* single-writer: around each write */
	rwlock_t	rw;		/* exclusive: around each operation */
	u64		end;
	bool		stop;		/* READ_ONCE/WRITE_ONCE: the interrupts, and the CPU */
	struct hrtimer	timer;
	struct tasklet_struct tasklet;
	u64		step[PLACES];	/* of filling and emptying; by the one at that place */
	atomic64_t	writes[PLACES];
	atomic64_t	walks;
	atomic64_t	wrong;
	atomic_t	nomem;		/* in interrupts there may be none */
	unsigned int	plugs;		/* by the thread that does it */
};

struct worker {
	struct legal	*l;
	unsigned int	n;
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

static struct tripmap *table_of(struct legal *l, const struct kind *k)
{
	return l->t[k - kinds];
}

static int write_legally(struct legal *l, const struct kind *k, u64 key, bool remove)
{
	struct tripmap *t = table_of(l, k);
	unsigned long flags;
	int err;

	switch (k->contract) {
	case TRIPMAP_CONTRACT_SINGLE_WRITER:
		spin_lock_irqsave(&l->spin, flags);
		err = write_bare(t, key, remove);
		spin_unlock_irqrestore(&l->spin, flags);
		return err;
	case TRIPMAP_CONTRACT_EXCLUSIVE:
		write_lock_irqsave(&l->rw, flags);
		err = write_bare(t, key, remove);
		write_unlock_irqrestore(&l->rw, flags);
		return err;
	default:
		return write_bare(t, key, remove);
	}
}

static int read_legally(struct legal *l, const struct kind *k, u64 key, u64 *value)
{
	struct tripmap *t = table_of(l, k);
	unsigned long flags;
	int err;

	if (k->contract != TRIPMAP_CONTRACT_EXCLUSIVE)
		return tripmap_lookup(t, &key, value);
	read_lock_irqsave(&l->rw, flags);
	err = tripmap_lookup(t, &key, value);
	read_unlock_irqrestore(&l->rw, flags);
	return err;
}

/* What it must come to: the key is this place's own, and was there or not. */
static void write_and_check(struct legal *l, unsigned int place, const struct kind *k, u64 key,
			    bool remove)
{
	int err = write_legally(l, k, key, remove);
	u64 value = 0;

	atomic64_inc(&l->writes[place]);
	if (err == -ENOMEM) {
		atomic_inc(&l->nomem);
		return;
	}
	if (err && err != -ENOENT)
		atomic64_inc(&l->wrong);
	err = read_legally(l, k, key, &value);
	if (remove ? err != -ENOENT : err || value != key)
		atomic64_inc(&l->wrong);
}

/* Only the first task owns; interrupts never do. */
static bool may_write(unsigned int place, const struct kind *k)
{
	return k->contract != TRIPMAP_CONTRACT_OWNER || !place;
}

/* The next key in each table, stored while it is filled and removed after. */
static void write_each(struct legal *l, unsigned int place)
{
	u64 step = l->step[place]++;
	const struct kind *k;

	for_each_kind(k)
		if (may_write(place, k))
			write_and_check(l, place, k, step % k->keys * STRIDE + place,
					step / k->keys & 1);
}

/*
 * Tasks: fill up, empty again, and a walk now and then.
 */

/* A walk of the exclusive table would need its lock for each step. */
static void walk_legally(struct legal *l, const struct kind *k)
{
	struct tripmap_iter *it;
	u64 key, value;
	int got;

	if (k->contract == TRIPMAP_CONTRACT_EXCLUSIVE)
		return;
	it = tripmap_iter_open(table_of(l, k), GFP_KERNEL);
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
	const struct kind *k;

	if (!w->n)
		for_each_kind(k)
			if (k->contract == TRIPMAP_CONTRACT_OWNER)
				TM_EXPECT_EQ(tripmap_own(table_of(w->l, k)), 0);
	while (ktime_get_ns() < w->l->end && !tm_test_failures()) {
		write_each(w->l, w->n);
		if (w->l->step[w->n] % 1000 == 0)
			walk_legally(w->l, &kinds[w->l->step[w->n] / 1000 % ARRAY_SIZE(kinds)]);
		cond_resched();
	}
}

/*
 * Interrupts: one key at a time.
 */

static enum hrtimer_restart legal_timer(struct hrtimer *timer)
{
	struct legal *l = container_of(timer, struct legal, timer);

	write_each(l, TIMER);
	tasklet_schedule(&l->tasklet);
	if (READ_ONCE(l->stop))
		return HRTIMER_NORESTART;
	hrtimer_forward_now(timer, ns_to_ktime(PERIOD_NS));
	return HRTIMER_RESTART;
}

static void legal_tasklet(struct tasklet_struct *tasklet)
{
	write_each(container_of(tasklet, struct legal, tasklet), TASKLET);
}

/* The last CPU goes and comes, where that is possible. */
static void plug_main(void *arg)
{
	struct legal *l = arg;

	while (!READ_ONCE(l->stop) && plug_once(HZ / 10)) {
		l->plugs++;
		schedule_timeout_uninterruptible(HZ / 10);
	}
}

/*
 * All of it
 */

static bool legal_begin(struct legal *l)
{
	const struct kind *k;

	spin_lock_init(&l->spin);
	rwlock_init(&l->rw);
	tasklet_setup(&l->tasklet, legal_tasklet);
	hrtimer_init(&l->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	l->timer.function = legal_timer;
	for_each_kind(k) {
		l->t[k - kinds] = table_by((struct tripmap_config){
			.name = "legal", .contract = k->contract, .sync = k->sync,
			.key_size = sizeof(u64), .value_size = sizeof(u64), .shards = k->shards,
		}, &classes[k - kinds]);
		if (!table_of(l, k))
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
	struct tripmap_info info;
	const struct kind *k;
	unsigned int place;

	TM_EXPECT_EQ(atomic64_read(&l->wrong), 0);
	for (place = 0; place < PLACES; place++)
		TM_EXPECT(atomic64_read(&l->writes[place]) > 0);
	for_each_kind(k) {
		expect_silence(table_of(l, k));
		tripmap_info(table_of(l, k), &info);
		tm_test_note("%s: growths=%llu shrinks=%llu promotions=%llu", k->name,
			     info.resizes[TRIPMAP_RESIZE_GROW],
			     info.resizes[TRIPMAP_RESIZE_SHRINK], info.promotions);
	}
	tm_test_note("writes=%lld timer=%lld tasklet=%lld walks=%lld hotplugs=%u nomem=%d",
		     atomic64_read(&l->writes[0]), atomic64_read(&l->writes[TIMER]),
		     atomic64_read(&l->writes[TASKLET]), atomic64_read(&l->walks), l->plugs,
		     atomic_read(&l->nomem));
}

static void legal_end(struct legal *l)
{
	const struct kind *k;

	for_each_kind(k) {
		/* Only the owner may. */
		if (table_of(l, k) && k->contract == TRIPMAP_CONTRACT_OWNER)
			TM_EXPECT_EQ(tripmap_own(table_of(l, k)), 0);
		table_end(table_of(l, k));
	}
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
	 "load that keeps each contract, by each sync method, with growth, walks, a timer, a tasklet and CPU hotplug",
	 "nothing",
	 "a violation; a lost or wrong entry",
	 TM_CASE(every_contract));
