// SPDX-License-Identifier: GPL-2.0
/*
 * From what the guard found to what a report needs: the class, the error, and
 * both parties as plain values.
 */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "read.h"
#include "tell.h"

static bool is_read(enum tripmap_op op)
{
	return op == TRIPMAP_OP_LOOKUP || op == TRIPMAP_OP_LOOKUP_MANY;
}

/* Who holds the word and doing what; what the victim was about to do. */
static enum tripmap_class classify(const struct tripmap *t, enum tripmap_op op,
				   enum tripmap_found found, const struct tm_holder *other)
{
	if (is_read(op))
		return TRIPMAP_CLASS_READ_DURING_WRITE;
	if (op == TRIPMAP_OP_ITERATE)
		return TRIPMAP_CLASS_ITERATE_DURING_WRITE;
	if (found == TRIPMAP_FOUND_SELF)
		return TRIPMAP_CLASS_REENTRANT_WRITE;
	if (found == TRIPMAP_FOUND_BELOW)
		return TRIPMAP_CLASS_INTERRUPT_DURING_WRITE;
	/* Under the shard's lock nobody else can be inside. */
	if (t->contract == TRIPMAP_CONTRACT_SHARED)
		return TRIPMAP_CLASS_FORGED_FLAG;
	return other->growing ? TRIPMAP_CLASS_WRITE_DURING_RESIZE :
				TRIPMAP_CLASS_WRITE_DURING_WRITE;
}

/* What a refused operation ends with. */
static int result_of(enum tripmap_class class)
{
	switch (class) {
	case TRIPMAP_CLASS_REENTRANT_WRITE:
	case TRIPMAP_CLASS_INTERRUPT_DURING_WRITE:
		return -EDEADLK;
	case TRIPMAP_CLASS_REENTRANT_ITERATION:
	case TRIPMAP_CLASS_UNINITIALISED:
		return -EINVAL;
	case TRIPMAP_CLASS_FOREIGN_WRITER:
	case TRIPMAP_CLASS_EXITING_WRITER:
		return -EPERM;
	case TRIPMAP_CLASS_DESTROYED:
		return -ESTALE;
	default:
		return -EBUSY;
	}
}

/* What a worker runs at this moment. */
static unsigned long work_of_me(void)
{
	struct work_struct *work = in_task() ? current_work() : NULL;

	return work ? (unsigned long)work->func : 0;
}

/* The caller itself. */
static void set_me(struct tripmap *t, struct tm_call *call, const void *key, struct tm_party *p)
{
	struct tm_bucket_at at;

	*p = (struct tm_party){
		.pid = current->pid,
		.tgid = current->tgid,
		.cpu = raw_smp_processor_id(),
		.context = tm_guard_context(),
		.op = call->op,
		.caller = call->caller,
		.since = ktime_get_mono_fast_ns(),
		.bucket = TM_NO_BUCKET,
		.flags = tm_mark_flags(),
		.work = work_of_me(),
	};
	strscpy(p->comm, current->comm, sizeof(p->comm));
	tm_origin_find(&p->origin);
	tm_label_chain(p->label);
	if (!key)
		return;
	p->key_size = t->l.key_size;
	memcpy(p->key, key, min_t(u32, t->l.key_size, TM_REPORT_KEY_MAX));
	if (tm_bucket_find(t, key, &at))
		p->bucket = at.index;
}

static void set_holder(struct tm_party *p, const struct tm_holder *other)
{
	*p = (struct tm_party){
		.pid = other->pid,
		.cpu = other->cpu,
		.context = other->context,
		.op = other->op,
		.caller = other->caller,
		/* Too early for its note: it came in at this very moment. */
		.since = other->since ?: ktime_get_mono_fast_ns(),
		.bucket = TM_NO_BUCKET,
	};
}

static void set_mark(struct tm_party *p, const struct tm_mark *mark)
{
	*p = (struct tm_party){
		.pid = mark->pid,
		.tgid = mark->tgid,
		.cpu = mark->cpu,
		.context = mark->context,
		.op = mark->op,
		.caller = mark->caller,
		.since = mark->time,
		.bucket = TM_NO_BUCKET,
		.flags = mark->flags,
	};
	strscpy(p->comm, mark->comm, sizeof(p->comm));
}

/* The shard as it is at this instant; nothing of a destroyed table. */
static void set_shard(struct tripmap *t, unsigned int shard, struct tm_violation *v)
{
	struct tm_array *a, *old;
	struct tm_shard *sh;

	v->shard = shard;
	rcu_read_lock();
	if (!tm_map_usable(t)) {
		v->shards = tm_map_shards(t);
		sh = &t->shard[shard];
		a = rcu_dereference(sh->array);
		old = tm_read_old(a);
		v->entries = READ_ONCE(sh->count);
		v->epoch = READ_ONCE(sh->epoch);
		v->buckets = tm_array_buckets(a);
		v->overflow = READ_ONCE(a->over_used);
		if (old) {
			v->overflow += READ_ONCE(old->over_used);
			v->resize = a->resize;
			v->resize_done = READ_ONCE(a->moved);
			v->resize_total = tm_array_buckets(old);
		}
	}
	rcu_read_unlock();
}

/* Of a user's namespaces; others are not to lose reports by it. */
static bool is_confined(const struct tripmap *t)
{
	return t->max_action < TRIPMAP_ACTION_WARN;
}

static void set_table(struct tripmap *t, unsigned int shard, struct tm_violation *v)
{
	v->contract = t->contract;
	v->table_id = t->id;
	v->owner = t->owner;
	v->confined = is_confined(t);
	v->guard = tm_map_guard(t, shard);
	v->key_size = t->l.key_size;
	v->value_size = t->l.value_size;
	v->frozen = atomic_read(&t->frozen);
	strscpy(v->table, t->name, sizeof(v->table));
	set_shard(t, shard, v);
}

/* The bucket of the violation, for its report. */
struct snap_of {
	struct tripmap	*t;
	const void	*key;
};

static void snap_bucket(struct tm_snap *to, void *arg)
{
	struct snap_of *of = arg;

	if (of->key)
		tm_bucket_snap(of->t, of->key, to);
}

/* Count it, and keep a report as the rule says. */
static void file_violation(struct tripmap *t, struct tm_call *call, struct tm_violation *v,
			   const void *key)
{
	struct snap_of of = { .t = t, .key = key };
	enum tripmap_action wish = tm_rule_action(t, v->class, &v->escalated);

	if (wish == TRIPMAP_ACTION_IGNORE)
		return;
	atomic64_inc(&t->violations[v->class]);
	if (wish >= TRIPMAP_ACTION_REPORT) {
		call->verdict = tm_report_file(v, wish, snap_bucket, &of);
		if (call->verdict.action == TRIPMAP_ACTION_IGNORE)
			atomic64_inc(&t->suppressed);
	}
	tm_tell_violation(v, call->verdict.report);
}

/* Refused, or let through where the rule says so. */
static void answer(struct tripmap *t, struct tm_violation *v)
{
	bool allow = tm_rule_allows(t, v->class);

	v->answer = allow ? TRIPMAP_ANSWER_ALLOW : TRIPMAP_ANSWER_REFUSE;
	v->result = allow ? 0 : result_of(v->class);
}

/**
 * tm_violation() - file the loser's half
 * @t: table
 * @call: the call; its verdict is set
 * @clash: what the guard said
 *
 * Context: Any.
 * Return: the error that the call is refused with, 0 when it is let through.
 */
int tm_violation(struct tripmap *t, struct tm_call *call, const struct tm_clash *clash)
{
	const struct tm_holder *other = &clash->other;
	struct tm_violation v = {
		.left = other->left,
		.word = other->word,
		.growing = other->growing,
		.found = clash->found,
	};

	tm_step(t, TRIPMAP_STEP_CLASHED);
	v.class = classify(t, call->op, clash->found, other);
	/* A word that was forged or left behind has no holder that could tell. */
	v.absent = v.class == TRIPMAP_CLASS_FORGED_FLAG;
	answer(t, &v);
	set_me(t, call, clash->key, &v.victim);
	set_holder(&v.holder, other);
	set_table(t, clash->shard, &v);
	file_violation(t, call, &v, clash->key);
	return v.result;
}

/**
 * tm_violation_by() - file a violation that has nothing to do with the guard
 * @t: table, destroyed ones too
 * @call: the call; its verdict is set
 * @class: of the violation
 * @mark: the other party, or NULL; one with no time is nobody
 * @key: what the call is about, or NULL
 *
 * Context: Any.
 * Return: the error that the call is refused with, 0 when it is let through.
 */
int tm_violation_by(struct tripmap *t, struct tm_call *call, enum tripmap_class class,
		    const struct tm_mark *mark, const void *key)
{
	struct tm_violation v = { .class = class };
	struct tm_mark other = {};

	if (mark)
		tm_mark_get(mark, &other);
	v.alone = !other.time;
	v.absent = !v.alone;
	answer(t, &v);
	set_me(t, call, key, &v.victim);
	set_mark(&v.holder, &other);
	set_table(t, key && !tm_map_usable(t) ? tm_map_which(t, key) : 0, &v);
	file_violation(t, call, &v, key);
	return v.result;
}

/* What is no table has no rules and no counts of its own. */
static struct {
	enum tripmap_action	action;		/* READ_ONCE/WRITE_ONCE, no order */
	u64			owner;		/* set before there are users */
} unusable = { .action = TRIPMAP_ACTION_WARN };

/**
 * tm_violation_unusable_rule() - what writes through no table are answered by
 * @action: the action
 * @owner: whose reports they are
 *
 * Context: Any.
 */
void tm_violation_unusable_rule(enum tripmap_action action, u64 owner)
{
	unusable.owner = owner;
	/* Pairs with the READ_ONCE() in uninitialised(). */
	WRITE_ONCE(unusable.action, action);
}

static int uninitialised(struct tripmap *t, struct tm_call *call)
{
	/* Pairs with the WRITE_ONCE() in tm_violation_unusable_rule(). */
	enum tripmap_action action = READ_ONCE(unusable.action);
	struct tm_violation v = {
		.class = TRIPMAP_CLASS_UNINITIALISED,
		.alone = true,
		.result = -EINVAL,
		.owner = unusable.owner,
		.holder.bucket = TM_NO_BUCKET,
	};

	if (action < TRIPMAP_ACTION_REPORT)
		return v.result;
	strscpy(v.table, IS_ERR(t) ? "(error pointer)" : t ? "(no table)" : "(null)",
		sizeof(v.table));
	set_me(NULL, call, NULL, &v.victim);
	call->verdict = tm_report_file(&v, action, NULL, NULL);
	tm_tell_violation(&v, call->verdict.report);
	return v.result;
}

/**
 * tm_violation_unusable() - file the use of what is no table (any more)
 * @t: the handle
 * @call: the call; its verdict is set
 * @err: -ESTALE for a destroyed table, -EINVAL for what never was one
 *
 * Context: Any.
 * Return: @err.
 */
int tm_violation_unusable(struct tripmap *t, struct tm_call *call, int err)
{
	if (err != -ESTALE || IS_ERR_OR_NULL(t))
		return uninitialised(t, call);
	return tm_violation_by(t, call, TRIPMAP_CLASS_DESTROYED, &t->destroyed, NULL);
}

/**
 * tm_violation_half() - file the holder's half, on leaving
 * @t: table
 * @call: the call that was inside
 * @shard: where
 * @ticket: with which it was inside
 * @key: what the call is about, or NULL
 *
 * Context: That of the call, outside of the guard.
 */
void tm_violation_half(struct tripmap *t, struct tm_call *call, unsigned int shard, u64 ticket,
		       const void *key)
{
	struct tm_party me;

	set_me(t, call, key, &me);
	/* Not now: the loser has seen since when. */
	me.since = 0;
	tm_report_half(is_confined(t), tm_map_guard(t, shard), tm_guard_key(ticket), &me);
}

/**
 * tm_violation_forged() - on leaving, the word was not ours
 * @t: table; refuses writes from now on
 * @call: the call that was inside
 * @shard: where
 * @key: what the call is about, or NULL
 *
 * Context: That of the call, in the read section in which it left.
 */
void tm_violation_forged(struct tripmap *t, struct tm_call *call, unsigned int shard,
			 const void *key)
{
	struct tm_violation v = {
		.class = TRIPMAP_CLASS_FORGED_FLAG,
		.alone = true,
		.found = TRIPMAP_FOUND_OTHER,
		.answer = TRIPMAP_ANSWER_ALLOW,
		.word = atomic64_read(&t->shard[shard].guard.word),
		.holder.bucket = TM_NO_BUCKET,
	};

	atomic_or(TM_FROZEN_FORGED, &t->frozen);
	set_me(t, call, key, &v.victim);
	set_table(t, shard, &v);
	file_violation(t, call, &v, key);
}

/**
 * tm_violation_stale() - file a writer that does not leave
 * @t: table
 * @call: whoever watches; its verdict is set
 * @shard: where
 * @holder: who is inside
 * @age: for how long, ns
 * @gone: its task has ended
 *
 * Context: Task.
 */
void tm_violation_stale(struct tripmap *t, struct tm_call *call, unsigned int shard,
			const struct tm_holder *holder, u64 age, bool gone)
{
	struct tm_violation v = {
		.class = TRIPMAP_CLASS_STALE_WRITER,
		.found = TRIPMAP_FOUND_OTHER,
		.answer = TRIPMAP_ANSWER_ALLOW,
		.absent = true,
		.word = holder->word,
		.growing = holder->growing,
		.age = age,
	};

	set_me(t, call, NULL, &v.victim);
	set_holder(&v.holder, holder);
	if (gone)
		v.holder.flags |= TRIPMAP_PARTY_FLAG_GONE;
	set_table(t, shard, &v);
	file_violation(t, call, &v, NULL);
}
