// SPDX-License-Identifier: GPL-2.0
/*
 * Rules: what each class of violation is answered by. A rule is one word, so
 * that whoever reads it while it is changed sees the old one or the new one.
 *
 *  63      32 31             12 11       8 7      4 3      0
 * +----------+-----------------+----------+--------+--------+
 * |    ms    |      count      |    to    | answer | action |
 * +----------+-----------------+----------+--------+--------+
 */
#include <linux/atomic.h>
#include <linux/export.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/timekeeping.h>

#include "tell.h"

static_assert(TRIPMAP_ESCALATE_MAX == (1U << 20) - 1);

static u64 to_word(const struct tripmap_rule *r)
{
	return (u64)r->escalate_ms << 32 | (u64)r->escalate_count << 12 |
	       (u64)r->escalate_to << 8 | (u64)r->answer << 4 | r->action;
}

static struct tripmap_rule from_word(u64 w)
{
	return (struct tripmap_rule){
		.action = w & 15,
		.answer = w >> 4 & 15,
		.escalate_to = w >> 8 & 15,
		.escalate_count = w >> 12 & TRIPMAP_ESCALATE_MAX,
		.escalate_ms = w >> 32,
	};
}

/* Where an operation that goes on corrupts nothing. */
static bool may_allow(enum tripmap_class class)
{
	return class == TRIPMAP_CLASS_READ_DURING_WRITE ||
	       class == TRIPMAP_CLASS_ITERATE_DURING_WRITE ||
	       class == TRIPMAP_CLASS_FOREIGN_WRITER ||
	       class == TRIPMAP_CLASS_EXITING_WRITER;
}

/**
 * tripmap_rule_valid() - can a class be answered like this?
 * @class: the class
 * @r: the answer
 *
 * Context: Any.
 * Return: false for numbers out of range, and for ALLOW where it cannot be.
 */
bool tripmap_rule_valid(enum tripmap_class class, const struct tripmap_rule *r)
{
	return (unsigned int)class <= TRIPMAP_CLASS_MAX && r->action <= TRIPMAP_ACTION_MAX &&
	       r->escalate_to <= TRIPMAP_ACTION_MAX && r->escalate_count <= TRIPMAP_ESCALATE_MAX &&
	       (r->answer == TRIPMAP_ANSWER_REFUSE ||
		(r->answer == TRIPMAP_ANSWER_ALLOW && may_allow(class)));
}

/**
 * tm_rule_init() - the rules of a new table
 * @t: table
 * @cfg: has its actions
 *
 * Context: Before anybody knows the table.
 */
void tm_rule_init(struct tripmap *t, const struct tripmap_config *cfg)
{
	unsigned int i;

	for (i = 0; i <= TRIPMAP_CLASS_MAX; i++) {
		struct tripmap_rule r = { .action = min_t(u8, cfg->policy[i], cfg->max_action) };

		if (i == TRIPMAP_CLASS_EXITING_WRITER)
			r.answer = TRIPMAP_ANSWER_ALLOW;
		t->rule[i] = to_word(&r);
		atomic64_set(&t->window[i].begin, 0);
		atomic_set(&t->window[i].n, 0);
	}
}

/*
 * One more violation: how many is that in this window? Two CPUs at the edge of
 * a window may both begin it; one of the two is counted then.
 */
static unsigned int count_in_window(struct tm_window *w, u32 ms)
{
	u64 now = ktime_get_mono_fast_ns();
	u64 begin = atomic64_read(&w->begin);

	if (begin && (s64)(now - begin) < (s64)ms * NSEC_PER_MSEC)
		return atomic_inc_return(&w->n);
	atomic64_set(&w->begin, now);
	atomic_set(&w->n, 1);
	return 1;
}

/**
 * tm_rule_action() - what is to be done about one more violation
 * @t: table
 * @class: of the violation
 * @escalated: out: it is more than the rule's own action
 *
 * A window of escalate_ms begins with the first violation and the next one with
 * the first after it.
 *
 * Context: Any.
 * Return: the action.
 */
enum tripmap_action tm_rule_action(struct tripmap *t, enum tripmap_class class, bool *escalated)
{
	/* Pairs with the WRITE_ONCE() in tripmap_set_rule(); orders nothing. */
	struct tripmap_rule r = from_word(READ_ONCE(t->rule[class]));

	*escalated = false;
	if (!r.escalate_count || !r.escalate_ms)
		return r.action;
	*escalated = count_in_window(&t->window[class], r.escalate_ms) >= r.escalate_count;
	return *escalated ? r.escalate_to : r.action;
}

/**
 * tm_rule_allows() - does an operation that violates go on?
 * @t: table
 * @class: of the violation
 *
 * Context: Any.
 * Return: true when it does.
 */
bool tm_rule_allows(const struct tripmap *t, enum tripmap_class class)
{
	/* Pairs with the WRITE_ONCE() in tripmap_set_rule(); orders nothing. */
	return from_word(READ_ONCE(t->rule[class])).answer == TRIPMAP_ANSWER_ALLOW;
}

/**
 * tripmap_set_rule() - what a class of violation is answered by
 * @t: table
 * @class: the class
 * @rule: the answer
 *
 * Context: Any.
 * Return: 0, -EINVAL for numbers out of range or ALLOW where it cannot be,
 * -EPERM for an action above the table's max_action.
 */
int tripmap_set_rule(struct tripmap *t, enum tripmap_class class,
		     const struct tripmap_rule *rule)
{
	if (!tripmap_rule_valid(class, rule))
		return -EINVAL;
	if (max(rule->action, rule->escalate_to) > t->max_action)
		return -EPERM;
	/* Pairs with the READ_ONCE()s here; orders nothing. */
	WRITE_ONCE(t->rule[class], to_word(rule));
	tm_tell_policy(t, class, rule->action);
	return 0;
}
EXPORT_SYMBOL_GPL(tripmap_set_rule);

/**
 * tripmap_get_rule() - what a class of violation is answered by
 * @t: table
 * @class: the class
 * @rule: out
 *
 * Context: Any.
 */
void tripmap_get_rule(struct tripmap *t, enum tripmap_class class, struct tripmap_rule *rule)
{
	/* Pairs with the WRITE_ONCE() in tripmap_set_rule(); orders nothing. */
	*rule = from_word(READ_ONCE(t->rule[class]));
}
EXPORT_SYMBOL_GPL(tripmap_get_rule);

/**
 * tripmap_set_policy() - what is done about a class of violation
 * @t: table
 * @class: the class
 * @action: the action; the rest of the rule stays
 *
 * Context: Any.
 * Return: As tripmap_set_rule().
 */
int tripmap_set_policy(struct tripmap *t, enum tripmap_class class, enum tripmap_action action)
{
	struct tripmap_rule rule;

	if ((unsigned int)class > TRIPMAP_CLASS_MAX || (unsigned int)action > TRIPMAP_ACTION_MAX)
		return -EINVAL;
	tripmap_get_rule(t, class, &rule);
	rule.action = action;
	return tripmap_set_rule(t, class, &rule);
}
EXPORT_SYMBOL_GPL(tripmap_set_policy);
