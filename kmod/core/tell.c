// SPDX-License-Identifier: GPL-2.0
/*
 * What the core does, told as events.
 *
 * Conventions: e is the event, begin when what it tells of began (ns,
 * CLOCK_MONOTONIC, 0 where nobody listened then), t a table, destroyed ones too.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "hash.h"
#include "tell.h"

/*
 * Digests of keys tell them apart where they may not be shown. Under a seed of
 * their own, as those of the tables are secret; and by owner, as who has tables of
 * his own sees which key has which digest there.
 */
static struct tm_seed digests;		/* constant after init */

static u32 digest_of(const struct tripmap *t, const void *key)
{
	u64 in[] = { tm_hash_mix(&digests, key, t->l.key_size), t->owner };

	return tm_hash_siphash(&digests, in, sizeof(in));
}

void tm_tell_init(void)
{
	tm_seed_random(&digests);
}

/*
 * What all events of a table have. tripmap_destroy() waits for whoever finds it alive here
 * before it tells of its end; and a handle used again is alive under its new number.
 */
static void set_table(struct tm_event *e, const struct tripmap *t, unsigned int shard)
{
	e->gone = tm_map_usable(t) == -ESTALE;
	e->owner = t->owner;
	e->table = t->id;
	e->shard = shard;
}

/*
 * No preemption from the reading of the clock to the last emit: whoever has waited
 * for a grace period has waited for all events of before. Pairs with the wait in
 * freeze_all().
 */
static void open_event(struct tm_event *e, enum tripmap_event event)
{
	preempt_disable();
	*e = (struct tm_event){
		.time = ktime_get_mono_fast_ns(),
		.bucket = TM_EVENT_NO_BUCKET,
		.pid = current->pid,
		.cpu = raw_smp_processor_id(),
		.event = event,
		.context = tm_guard_context(),
	};
	tm_label_get(&e->label);
}

static void close_event(void)
{
	preempt_enable();
}

/* While it is set, the fast clock may go back by a little. */
static u64 lasted(const struct tm_event *e, u64 begin)
{
	return e->time > begin ? e->time - begin : 0;
}

static void set_call(struct tm_event *e, const struct tripmap *t, const struct tm_call *call,
		     const void *key)
{
	e->caller = call->caller;
	e->op = call->op;
	if (!key)
		return;
	e->key_size = t->l.key_size;
	e->digest = digest_of(t, key);
	memcpy(e->key, key, min_t(u16, t->l.key_size, sizeof(e->key)));
}

/**
 * tm_tell_clock() - when something begins that may be a pause
 *
 * Context: Any.
 * Return: ns, or 0 while nobody listens to pauses.
 */
u64 tm_tell_clock(void)
{
	return tm_event_wanted(TRIPMAP_EVENT_PAUSE) ? ktime_get_mono_fast_ns() : 0;
}

static void pause_at(struct tm_event *e, enum tripmap_pause_kind kind, u64 begin)
{
	e->event = TRIPMAP_EVENT_PAUSE;
	e->kind = kind;
	e->duration = lasted(e, begin);
	tm_event_emit(e);
}

/**
 * tm_tell_pause() - somebody was held up until now
 * @t: by this table
 * @shard: and this shard of it
 * @op: in this operation
 * @kind: by this
 * @begin: from tm_tell_clock()
 *
 * Context: Any.
 */
void tm_tell_pause(struct tripmap *t, unsigned int shard, u8 op, enum tripmap_pause_kind kind,
		   u64 begin)
{
	struct tm_event e;

	if (!begin)
		return;
	open_event(&e, TRIPMAP_EVENT_PAUSE);
	set_table(&e, t, shard);
	e.op = op;
	pause_at(&e, kind, begin);
	close_event();
}

/**
 * tm_tell_write_begin() - a writer is inside
 * @t: table
 * @call: the call
 * @shard: where
 * @key: what it is about, or NULL
 * @told: out
 *
 * Context: Inside.
 */
void tm_tell_write_begin(struct tripmap *t, const struct tm_call *call, unsigned int shard,
			 const void *key, struct tm_told *told)
{
	struct tm_event e;

	open_event(&e, TRIPMAP_EVENT_WRITE_BEGIN);
	set_table(&e, t, shard);
	set_call(&e, t, call, key);
	if (key)
		e.bucket = tm_map_spot(&t->shard[shard], key, NULL).b;
	told->begin = e.time;
	told->bucket = e.bucket;
	tm_event_emit(&e);
	close_event();
}

/**
 * tm_tell_write_end() - a writer has left
 * @t: table, which may be gone but for its handle
 * @call: the call
 * @shard: where it was
 * @key: what it is about, or NULL
 * @told: of tm_tell_write_begin()
 * @result: of the write
 *
 * Context: Any; not inside any more.
 */
void tm_tell_write_end(struct tripmap *t, const struct tm_call *call, unsigned int shard,
		       const void *key, const struct tm_told *told, int result)
{
	struct tm_event e;

	open_event(&e, TRIPMAP_EVENT_WRITE_END);
	set_table(&e, t, shard);
	set_call(&e, t, call, key);
	e.bucket = told->bucket;
	e.duration = lasted(&e, told->begin);
	e.result = result;
	tm_event_emit(&e);
	pause_at(&e, TRIPMAP_PAUSE_KIND_WRITE, told->begin);
	/* Readers of the bucket look again if they overlap what came after growth. */
	if (!result)
		pause_at(&e, TRIPMAP_PAUSE_KIND_ODD, told->changed ?: told->begin);
	close_event();
}

/**
 * tm_tell_lookup() - a lookup is over
 * @t: table
 * @call: the call
 * @key: the key; the first one of many
 * @result: 0 or an errno; of many, how many were found
 *
 * Context: Any.
 */
void tm_tell_lookup(struct tripmap *t, const struct tm_call *call, const void *key, int result)
{
	struct tm_event e;

	if (!tm_event_gate_read())
		return;
	open_event(&e, TRIPMAP_EVENT_LOOKUP);
	set_table(&e, t, key ? tm_map_which(t, key) : 0);
	set_call(&e, t, call, key);
	e.result = result;
	tm_event_emit(&e);
	close_event();
}

/**
 * tm_tell_retry() - a lookup had to look again
 * @t: table
 * @key: the key
 * @tries: how often it looked
 * @begin: of the second look, from tm_tell_clock()
 *
 * Context: Any.
 */
void tm_tell_retry(struct tripmap *t, const void *key, unsigned int tries, u64 begin)
{
	struct tm_call call = { .op = TRIPMAP_OP_LOOKUP };
	struct tm_event e;

	if (!begin)
		return;
	open_event(&e, TRIPMAP_EVENT_RETRY);
	set_table(&e, t, tm_map_which(t, key));
	set_call(&e, t, &call, key);
	e.duration = lasted(&e, begin);
	e.value = tries;
	tm_event_emit(&e);
	pause_at(&e, TRIPMAP_PAUSE_KIND_READ_RETRY, begin);
	close_event();
}

/**
 * tm_tell_grow() - growth begins, goes on or ends
 * @sh: shard
 * @event: which of these
 * @bucket: of a step, the bucket
 * @value: as of the event
 * @begin: of a step, else 0
 *
 * Context: Inside.
 */
void tm_tell_grow(struct tm_shard *sh, enum tripmap_event event, u64 bucket, u64 value, u64 begin)
{
	struct tm_event e;

	if (!tm_event_wanted(event) && !begin)
		return;
	open_event(&e, event);
	set_table(&e, sh->t, sh - sh->t->shard);
	e.bucket = bucket;
	e.value = value;
	e.duration = begin ? lasted(&e, begin) : 0;
	tm_event_emit(&e);
	if (begin)
		pause_at(&e, TRIPMAP_PAUSE_KIND_EVACUATE, begin);
	close_event();
}

/**
 * tm_tell_lock_wait() - a writer has waited for the lock of its shard
 * @sh: shard
 * @stay: what the writer wants inside
 * @begin: from tm_tell_clock()
 *
 * Context: Any but NMI.
 */
void tm_tell_lock_wait(struct tm_shard *sh, const struct tm_stay *stay, u64 begin)
{
	struct tm_event e;

	if (!begin)
		return;
	open_event(&e, TRIPMAP_EVENT_LOCK_WAIT);
	set_table(&e, sh->t, sh - sh->t->shard);
	e.op = stay->op;
	e.caller = stay->caller;
	e.duration = lasted(&e, begin);
	tm_event_emit(&e);
	pause_at(&e, TRIPMAP_PAUSE_KIND_LOCK_WAIT, begin);
	close_event();
}

static void emit_walk(struct tm_event *e, struct tripmap *t, u64 iter, unsigned long caller)
{
	set_table(e, t, 0);
	e->op = TRIPMAP_OP_ITERATE;
	e->value = iter;
	e->caller = caller;
	tm_event_emit(e);
}

/**
 * tm_tell_iterate() - a walk begins, goes on or ends
 * @t: table
 * @event: which of these
 * @iter: number of the iterator
 * @caller: call site
 *
 * Context: Any.
 * Return: when, ns; 0 when it is not told of.
 */
u64 tm_tell_iterate(struct tripmap *t, enum tripmap_event event, u64 iter, unsigned long caller)
{
	struct tm_event e;

	if (event == TRIPMAP_EVENT_ITERATE_NEXT ? !tm_event_gate_walk() : !tm_event_wanted(event))
		return 0;
	open_event(&e, event);
	emit_walk(&e, t, iter, caller);
	close_event();
	return e.time;
}

/**
 * tm_tell_iterate_done() - an iterator has advanced
 * @t: table
 * @iter: number of the iterator
 * @caller: call site
 * @begin: from tm_tell_iterate()
 * @result: 1, 0 at the end, or an errno
 *
 * Context: Any.
 */
void tm_tell_iterate_done(struct tripmap *t, u64 iter, unsigned long caller, u64 begin,
			  int result)
{
	struct tm_event e;

	if (!begin)
		return;
	open_event(&e, TRIPMAP_EVENT_ITERATE_DONE);
	e.duration = lasted(&e, begin);
	e.result = result;
	emit_walk(&e, t, iter, caller);
	close_event();
}

/**
 * tm_tell_violation() - the contract was broken
 * @v: how
 * @report: number of its report, 0 for none
 *
 * Context: Any.
 */
void tm_tell_violation(const struct tm_violation *v, u64 report)
{
	struct tm_event e;

	if (!tm_event_wanted(TRIPMAP_EVENT_VIOLATION))
		return;
	open_event(&e, TRIPMAP_EVENT_VIOLATION);
	e.owner = v->owner;
	e.table = v->table_id;
	e.shard = v->shard;
	e.op = v->victim.op;
	e.caller = v->victim.caller;
	e.kind = v->class;
	e.result = v->result;
	e.value = report;
	tm_event_emit(&e);
	close_event();
}

/**
 * tm_tell_table() - a table was made, or is gone
 * @t: table
 * @event: which of these
 * @caller: who did it
 *
 * Context: Any.
 */
void tm_tell_table(struct tripmap *t, enum tripmap_event event, unsigned long caller)
{
	struct tm_event e;

	if (!tm_event_wanted(event))
		return;
	open_event(&e, event);
	set_table(&e, t, 0);
	e.caller = caller;
	tm_event_emit(&e);
	close_event();
}

/**
 * tm_tell_policy() - a rule was changed
 * @t: table
 * @class: of violation
 * @action: from now on
 *
 * Context: Any.
 */
void tm_tell_policy(struct tripmap *t, enum tripmap_class class, enum tripmap_action action)
{
	struct tm_event e;

	if (!tm_event_wanted(TRIPMAP_EVENT_POLICY))
		return;
	open_event(&e, TRIPMAP_EVENT_POLICY);
	set_table(&e, t, 0);
	e.kind = class;
	e.value = action;
	tm_event_emit(&e);
	close_event();
}
