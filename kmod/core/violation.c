// SPDX-License-Identifier: GPL-2.0
/*
 * From what the guard found to what a report needs: the class, the error, and
 * both parties as plain values.
 */
#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "map.h"

static bool is_read(enum tripmap_op op)
{
	return op == TRIPMAP_OP_LOOKUP || op == TRIPMAP_OP_LOOKUP_MANY;
}

/* Who holds the word and doing what; what the victim was about to do. */
static enum tripmap_class classify(enum tripmap_op op, enum tm_found found,
				   const struct tm_holder *other)
{
	if (is_read(op))
		return TRIPMAP_CLASS_READ_DURING_WRITE;
	if (op == TRIPMAP_OP_ITERATE)
		return TRIPMAP_CLASS_ITERATE_DURING_WRITE;
	if (found == TM_FOUND_SELF)
		return TRIPMAP_CLASS_REENTRANT_WRITE;
	if (found == TM_FOUND_BELOW)
		return TRIPMAP_CLASS_INTERRUPT_DURING_WRITE;
	return other->growing ? TRIPMAP_CLASS_WRITE_DURING_RESIZE :
				TRIPMAP_CLASS_WRITE_DURING_WRITE;
}

static int result_of(enum tripmap_class class)
{
	if (class == TRIPMAP_CLASS_REENTRANT_WRITE ||
	    class == TRIPMAP_CLASS_INTERRUPT_DURING_WRITE)
		return -EDEADLK;
	return class == TRIPMAP_CLASS_FORGED_FLAG ? 0 : -EBUSY;
}

static void set_key(struct tripmap *t, struct tm_party *p, const void *key)
{
	bool old;

	p->bucket = TM_NO_BUCKET;
	if (!key)
		return;
	p->key_size = t->l.key_size;
	memcpy(p->key, key, min_t(u32, t->l.key_size, TM_REPORT_KEY_MAX));
	tm_bucket_find(t, key, &p->bucket, &old);
}

/* The caller itself. */
static void set_me(struct tripmap *t, struct tm_call *call, const void *key, struct tm_party *p)
{
	*p = (struct tm_party){
		.pid = current->pid,
		.tgid = current->tgid,
		.cpu = raw_smp_processor_id(),
		.context = tm_guard_context(),
		.op = call->op,
		.caller = call->caller,
		.since = ktime_get_mono_fast_ns(),
	};
	strscpy(p->comm, current->comm, sizeof(p->comm));
	set_key(t, p, key);
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

static void set_resize(struct tripmap *t, struct tm_violation *v)
{
	struct tripmap_info info;

	tripmap_info(t, &info);
	v->resize = info.resize;
	v->resize_done = info.resize_done;
	v->resize_total = info.resize_total;
}

static void file_violation(struct tripmap *t, struct tm_call *call, struct tm_violation *v)
{
	enum tripmap_action wish = READ_ONCE(t->policy[v->class]);

	v->contract = t->contract;
	v->table_id = t->id;
	v->owner = t->owner;
	v->guard = t->id;
	strscpy(v->table, t->name, sizeof(v->table));
	set_resize(t, v);
	atomic64_inc(&t->violations[v->class]);
	if (wish < TRIPMAP_ACTION_REPORT)
		return;
	call->verdict = tm_report_file(v, wish, NULL, NULL);
	if (call->verdict.action == TRIPMAP_ACTION_IGNORE)
		atomic64_inc(&t->suppressed);
}

/**
 * tm_violation() - file the loser's half
 * @t: table
 * @call: the call that is refused; its verdict is set
 * @found: as of the guard
 * @other: who was found
 * @key: what the call is about, or NULL
 *
 * Context: Any.
 * Return: the error that the call is refused with.
 */
int tm_violation(struct tripmap *t, struct tm_call *call, enum tm_found found,
		 const struct tm_holder *other, const void *key)
{
	struct tm_violation v = { .left = other->left, .word = other->word };

	tm_step(t, TRIPMAP_STEP_CLASHED);
	v.class = classify(call->op, found, other);
	v.result = result_of(v.class);
	set_me(t, call, key, &v.victim);
	set_holder(&v.holder, other);
	file_violation(t, call, &v);
	return v.result;
}

/**
 * tm_violation_half() - file the holder's half, on leaving
 * @t: table
 * @call: the call that was inside
 * @ticket: with which it was inside
 * @key: what the call is about, or NULL
 *
 * Context: That of the call, outside of the guard.
 */
void tm_violation_half(struct tripmap *t, struct tm_call *call, u64 ticket, const void *key)
{
	struct tm_party me;

	set_me(t, call, key, &me);
	/* Not now: the loser has seen since when. */
	me.since = 0;
	tm_report_half(t->id, tm_guard_key(ticket), &me);
}

/**
 * tm_violation_forged() - on leaving, the word was not ours
 * @t: table; refuses writes from now on
 * @call: the call that was inside
 * @ticket: with which it was inside
 * @key: what the call is about, or NULL
 *
 * Context: That of the call.
 */
void tm_violation_forged(struct tripmap *t, struct tm_call *call, u64 ticket, const void *key)
{
	struct tm_violation v = {
		.class = TRIPMAP_CLASS_FORGED_FLAG,
		.alone = true,
		.word = atomic64_read(&t->guard.word),
	};

	/* Pairs with the READ_ONCE()s of frozen: whoever comes next is refused. */
	WRITE_ONCE(t->frozen, true);
	v.holder.bucket = TM_NO_BUCKET;
	set_me(t, call, key, &v.victim);
	file_violation(t, call, &v);
}
