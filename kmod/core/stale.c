// SPDX-License-Identifier: GPL-2.0
/*
 * Writers that do not leave: finding them, and taking the guard from them.
 *
 * A table is whole between any two stores of a writer (bucket.h), but for what
 * it was about to do next: an entry on its way to another bucket may be at both
 * places. So whoever takes a guard from a writer that died looks at all buckets
 * before others may write again. From one that lives it is not taken, however long
 * it has been inside: it goes on where it stopped, and looks at the flag only when it
 * leaves.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "invariant.h"
#include "map.h"

static struct tm_stale_rule rule = { .ns = U64_MAX };	/* READ_ONCE/WRITE_ONCE, no order */

/**
 * tm_stale_set() - when a writer inside counts as stale
 * @to: for how long it is inside, and how to tell that it is gone; NULL: never
 *
 * Context: Any.
 */
void tm_stale_set(const struct tm_stale_rule *to)
{
	/* Pair with the READ_ONCE()s in is_stale(). */
	WRITE_ONCE(rule.ns, to->ns);
	WRITE_ONCE(rule.gone, to->gone);
}

struct tm_inside {
	struct tm_holder	holder;
	u64			age;	/* ns */
	bool			gone;
};

/*
 * Idle tasks share number 0 and do not go. Nor do interrupts: the task that one came
 * upon may be at its end, and has perhaps no number any more.
 */
static bool is_gone(const struct tm_holder *holder)
{
	/* Pairs with the WRITE_ONCE() in tm_stale_set(). */
	bool (*gone)(u32 pid) = READ_ONCE(rule.gone);

	return gone && holder->pid && holder->context == TRIPMAP_CONTEXT_TASK &&
	       gone(holder->pid);
}

static bool is_stale(struct tm_guard *g, struct tm_inside *in)
{
	u64 now = ktime_get_mono_fast_ns();
	struct tm_holder again;

	if (!tm_guard_look(g, &in->holder))
		return false;
	/* Without a note it came in just now, or was forged in one go. */
	in->age = in->holder.since && now > in->holder.since ? now - in->holder.since : 0;
	in->gone = is_gone(&in->holder);
	/* Pairs with the WRITE_ONCE() in tm_stale_set(). */
	if (!in->gone && in->age <= READ_ONCE(rule.ns))
		return false;
	/* It may have left and ended since it was looked at. */
	return tm_guard_look(g, &again) && again.word == in->holder.word;
}

/* Each stay is reported once. */
static bool report_shard(struct tripmap *t, unsigned int shard, struct tm_call *call,
			 struct tm_stale *found)
{
	struct tm_shard *sh = &t->shard[shard];
	struct tm_inside in;

	if (!is_stale(&sh->guard, &in) || sh->stale == tm_guard_key(in.holder.word))
		return false;
	sh->stale = tm_guard_key(in.holder.word);
	*found = (struct tm_stale){ .pid = in.holder.pid, .gone = in.gone };
	tm_violation_stale(t, call, shard, &in.holder, in.age, in.gone);
	return true;
}

struct tm_search {
	struct tm_call	*call;
	struct tm_stale	*found;
};

static bool report_table(struct tripmap *t, void *arg)
{
	struct tm_search *s = arg;
	unsigned int i;

	for (i = 0; !tm_map_usable(t) && i < tm_map_shards(t); i++)
		if (report_shard(t, i, s->call, s->found))
			return true;
	return false;
}

/**
 * tm_stale_next() - file one stale writer that was not filed yet
 * @call: whoever watches; its verdict is set
 * @found: out
 *
 * Context: Task, one caller at a time.
 * Return: false when there is no other one.
 */
bool tm_stale_next(struct tm_call *call, struct tm_stale *found)
{
	struct tm_search s = { .call = call, .found = found };

	return tm_table_find(report_table, &s);
}

/*
 * Into a shard that there is something to repair in, over somebody who is gone if
 * need be. In a read section. 1 when inside, 0 when there is nothing to look at.
 */
static int go_in(struct tm_shard *sh, struct tm_stay *stay, bool look, u32 *repaired)
{
	struct tm_holder other;
	struct tm_inside in;
	int err;

	lockdep_assert_held(&sh->t->repairing);
	look |= sh->damaged;
	if (!is_stale(&sh->guard, &in)) {
		if (!look)
			return 0;
		return tm_shard_enter(sh, stay, &other) == TRIPMAP_FOUND_NOBODY ? 1 : -EBUSY;
	}
	/* Whatever the flag says by then, it would go on from where it is. */
	if (!in.gone)
		return -EBUSY;
	err = tm_shard_seize(sh, in.holder.word, stay);
	if (err == -EAGAIN)
		return look ? -EBUSY : 0;
	if (err)
		return err;
	++*repaired;
	return 1;
}

static int leave(struct tripmap *t, struct tm_call *call, unsigned int shard,
		 struct tm_stay *stay, int result)
{
	rcu_read_lock();
	if (!tm_write_leave(t, call, shard, stay, NULL))
		result = result ?: -EBUSY;
	rcu_read_unlock();
	return result;
}

/* Inside. Nobody writes to damage, not even when this is over. */
static int look_at(struct tm_shard *sh)
{
	lockdep_assert_held(&sh->t->repairing);
	sh->damaged = tm_invariant_inside(sh);
	if (!sh->damaged)
		return 0;
	atomic_or(TM_FROZEN_DAMAGED, &sh->t->frozen);
	return -EUCLEAN;
}

static int repair_shard(struct tripmap *t, unsigned int shard, struct tm_call *call,
			bool look, u32 *repaired)
{
	struct tm_stay stay = { .op = call->op, .caller = call->caller };
	struct tm_shard *sh;
	int in;

	rcu_read_lock();
	sh = &t->shard[shard];
	in = tm_map_usable(t) ?: go_in(sh, &stay, look, repaired);
	rcu_read_unlock();
	if (in <= 0)
		return in;
	/* As in write.c: out again, if the table was destroyed meanwhile. */
	return leave(t, call, shard, &stay, tm_map_usable(t) ?: look_at(sh));
}

/* All of them; of several errors damage is the one to tell of. */
static int repair_shards(struct tripmap *t, struct tm_call *call, bool look, u32 *repaired)
{
	int err = 0, one;
	unsigned int i;

	for (i = 0; i < tm_map_shards(t); i++) {
		one = repair_shard(t, i, call, look, repaired);
		if (one && err != -EUCLEAN)
			err = one;
	}
	return err;
}

/**
 * tm_table_repair() - take the guard from writers that are gone
 * @t: table
 * @call: the call
 * @repaired: out, how many guards
 *
 * All buckets of their shards are checked before others may write, with interrupts off
 * in tables that lock. A table where that finds damage stays frozen until a later
 * repair finds none: a writer that stopped halfway may have left an entry at two
 * places. A table that a forged flag has frozen is checked as a whole, and thawed.
 *
 * Context: Task; may sleep.
 * Return: 0, -EUCLEAN for damage, -EBUSY where a stale writer still exists, or somebody
 * is inside of what is to be looked at, -EOWNERDEAD where one died with a lock, -EINVAL,
 * -ESTALE.
 */
int tm_table_repair(struct tripmap *t, struct tm_call *call, u32 *repaired)
{
	int err = IS_ERR_OR_NULL(t) ? -EINVAL : tm_map_usable(t);
	int frozen;

	*repaired = 0;
	if (err)
		return tm_violation_unusable(t, call, err);
	mutex_lock(&t->repairing);
	frozen = atomic_read(&t->frozen) & (TM_FROZEN_FORGED | TM_FROZEN_DAMAGED);
	err = repair_shards(t, call, frozen & TM_FROZEN_FORGED, repaired);
	if (!err)
		atomic_andnot(frozen, &t->frozen);
	mutex_unlock(&t->repairing);
	return err;
}
