// SPDX-License-Identifier: GPL-2.0
/*
 * Writers that do not leave: finding them, and taking the guard from them.
 *
 * A table is whole between any two stores of a writer (bucket.h), but for what
 * it was about to do next: an entry on its way to another bucket may be at both
 * places. So whoever takes a guard from a writer that died looks at all buckets
 * before others may write again.
 */
#include <linux/err.h>
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

/* Idle tasks share number 0 and do not go. */
static bool is_gone(const struct tm_holder *holder)
{
	/* Pairs with the WRITE_ONCE() in tm_stale_set(). */
	bool (*gone)(u32 pid) = READ_ONCE(rule.gone);

	return gone && holder->pid && gone(holder->pid);
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

static void describe(const struct tripmap *t, unsigned int shard, const struct tm_inside *in,
		     struct tm_stale *found)
{
	*found = (struct tm_stale){
		.pid = in->holder.pid,
		.gone = in->gone,
		.guard = tm_map_guard(t, shard),
		.word = tm_guard_key(in->holder.word),
		.party = {
			.pid = in->holder.pid,
			.cpu = in->holder.cpu,
			.context = in->holder.context,
			.op = in->holder.op,
			.caller = in->holder.caller,
			.since = in->holder.since,
			.bucket = TM_NO_BUCKET,
		},
	};
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
	describe(t, shard, &in, found);
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

/* 1 for a guard that was taken from somebody. In a read section. */
static int repair_shard(struct tripmap *t, unsigned int shard, const struct tm_call *call)
{
	struct tm_stay stay = { .op = call->op, .caller = call->caller };
	struct tm_shard *sh = &t->shard[shard];
	struct tm_inside in;
	const char *wrong;
	int err;

	if (!is_stale(&sh->guard, &in))
		return 0;
	err = tm_shard_seize(sh, in.holder.word, &stay);
	if (err)
		return err == -EAGAIN ? 0 : err;
	wrong = tm_invariant_inside(sh);
	sh->damaged = wrong;
	if (wrong)
		/* Pairs with the READ_ONCE()s of frozen: nobody writes to the damage. */
		WRITE_ONCE(t->frozen, true);
	tm_shard_leave(sh, &stay);
	return wrong ? -EUCLEAN : 1;
}

static int repair_shards(struct tripmap *t, const struct tm_call *call, u32 *repaired)
{
	int err = 0, one;
	unsigned int i;

	rcu_read_lock();
	for (i = 0; !tm_map_usable(t) && i < tm_map_shards(t); i++) {
		one = repair_shard(t, i, call);
		*repaired += one > 0;
		err = one < 0 ? one : err;
	}
	rcu_read_unlock();
	return err;
}

/* A table that a forged flag has frozen: what is in it must be right. */
static int thaw(struct tripmap *t)
{
	if (!READ_ONCE(t->forged))
		return 0;
	if (tm_invariant_check(t))
		return -EUCLEAN;
	WRITE_ONCE(t->forged, false);
	/* Pairs with the READ_ONCE()s of frozen. */
	WRITE_ONCE(t->frozen, false);
	return 0;
}

/**
 * tm_table_repair() - take the guard from writers that are stale
 * @t: table
 * @call: the call
 * @repaired: out, how many guards
 *
 * All buckets are checked before others may write, with interrupts off in
 * tables that lock. A table where that finds damage is left frozen, and until a later
 * repair finds none its large keys and values are not freed with it: a writer that
 * stopped halfway may have left two to one. A table that a forged flag has frozen is
 * thawed.
 *
 * Context: Task.
 * Return: 0, -EUCLEAN for damage, -EBUSY where a writer died with a lock,
 * -EINVAL, -ESTALE.
 */
int tm_table_repair(struct tripmap *t, struct tm_call *call, u32 *repaired)
{
	int err = IS_ERR_OR_NULL(t) ? -EINVAL : tm_map_usable(t);

	*repaired = 0;
	if (err)
		return tm_violation_unusable(t, call, err);
	return repair_shards(t, call, repaired) ?: thaw(t);
}
