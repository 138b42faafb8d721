// SPDX-License-Identifier: GPL-2.0
#include "spec.h"

#include <stdio.h>
#include <string.h>
#include <linux/tripmap_names.h>

#include "err.h"
#include "types.h"
#include "when.h"
#include "words.h"

void spec_init(struct table_spec *spec)
{
	memset(spec, 0, sizeof(*spec));
	spec->frozen = -1;
	spec->sync = -1;
}

int spec_name(struct args *a, struct table_spec *spec)
{
	const char *word;
	int rc = args_need(a, "NAME", &word);

	if (rc)
		return rc;
	snprintf(spec->name, sizeof(spec->name), "%s", word);
	return 0;
}

static int take_field(struct args *a, const char *what, size_t min, size_t max, struct field *f)
{
	char why[WHY_SIZE];
	const char *word;
	int rc;

	if (!args_take(a, what))
		return err_usage("%s: \"%s TYPE\" is missing", a->command, what);
	rc = args_need(a, "TYPE", &word);
	if (rc)
		return rc;
	if (!field_parse(word, max, f, why))
		return err_usage("%s: %s: %s", a->command, what, why);
	if (f->size < min)
		return err_usage("%s: %s: at least %zu byte", a->command, what, min);
	return 0;
}

static int take_action(struct args *a, uint8_t *action)
{
	return args_enum(a, "action", tripmap_action_name, TRIPMAP_ACTION_MAX, action);
}

/* "escalate" has been read: ACTION COUNT MS, or off. */
static int take_escalation(struct args *a, struct rule *r)
{
	uint64_t count = 0, ms = 0;
	int rc = 0;

	if (!args_take(a, "off")) {
		rc = take_action(a, &r->escalate_to);
		if (!rc)
			rc = args_number(a, "COUNT", 1, UINT32_MAX, &count);
		if (!rc)
			rc = args_duration(a, "MS", UINT32_MAX, &ms);
		SET_HAS(r, TRIPMAP_A_POLICY_ESCALATE_TO);
		SET_HAS(r, TRIPMAP_A_POLICY_ESCALATE_MS);
	}
	SET_HAS(r, TRIPMAP_A_POLICY_ESCALATE_COUNT);
	r->escalate_count = (uint32_t)count;
	r->escalate_ms = (uint32_t)ms;
	return rc;
}

static void take_answer(struct args *a, struct rule *r)
{
	for (uint8_t i = 0; i <= TRIPMAP_ANSWER_MAX; i++) {
		if (args_take(a, tripmap_answer_name(i))) {
			r->answer = i;
			SET_HAS(r, TRIPMAP_A_POLICY_ANSWER);
			return;
		}
	}
}

static int take_rule(struct args *a, struct rule_spec *spec)
{
	struct rule *r = &spec->rule;
	int rc = 0;

	spec->all = args_take(a, "all");
	if (!spec->all)
		rc = args_enum(a, "class", tripmap_class_name, TRIPMAP_CLASS_MAX, &spec->class);
	if (!rc)
		rc = take_action(a, &r->action);
	if (rc)
		return rc;
	SET_HAS(r, TRIPMAP_A_POLICY_ACTION);
	take_answer(a, r);
	return args_take(a, "escalate") ? take_escalation(a, r) : 0;
}

int spec_rule(struct args *a, struct table_spec *spec)
{
	if (spec->nrules == RULES_MAX)
		return err_usage("%s: \"on\" stands there more than %d times", a->command,
				 RULES_MAX);
	return take_rule(a, &spec->rule[spec->nrules++]);
}

static int take_seed(struct args *a, struct table_spec *spec)
{
	struct field f = { TRIPMAP_TYPE_BYTES, sizeof(spec->seed) };
	char why[WHY_SIZE];
	const char *word;
	int rc = args_need(a, "seed", &word);

	if (rc)
		return rc;
	if (!field_from_text(&f, word, strlen(word), spec->seed, why))
		return err_usage("%s: seed: %s", a->command, why);
	spec->seeded = true;
	return 0;
}

static int take_sync(struct args *a, struct table_spec *spec)
{
	uint8_t sync = 0;
	int rc = args_enum(a, "sync", tripmap_sync_name, TRIPMAP_SYNC_MAX, &sync);

	spec->sync = sync;
	return rc;
}

/* What fits into the attribute is the kernel's to judge. */
static int take_number(struct args *a, struct table_spec *spec)
{
	uint64_t number = 0;
	int rc;

	if (args_take(a, "shards")) {
		rc = args_number(a, "shards", 1, UINT16_MAX, &number);
		spec->shards = (uint16_t)number;
		return rc;
	}
	if (!args_take(a, "bits"))
		return args_end(a);
	rc = args_number(a, "bits", 0, UINT8_MAX, &number);
	spec->bits = (uint8_t)number;
	return rc;
}

static int take_word(struct args *a, struct table_spec *spec)
{
	if (args_take(a, "on"))
		return spec_rule(a, spec);
	if (args_take(a, "contract"))
		return args_enum(a, "contract", tripmap_contract_name, TRIPMAP_CONTRACT_MAX,
				 &spec->contract);
	if (args_take(a, "hash"))
		return args_enum(a, "hash", tripmap_hash_name, TRIPMAP_HASH_MAX, &spec->hash);
	if (args_take(a, "max"))
		return args_number(a, "max", 1, UINT64_MAX, &spec->max_entries);
	if (args_take(a, "seed"))
		return take_seed(a, spec);
	if (args_take(a, "sync"))
		return take_sync(a, spec);
	return take_number(a, spec);
}

int spec_parse(struct args *a, struct table_spec *spec)
{
	int rc;

	spec_init(spec);
	rc = spec_name(a, spec);
	if (!rc)
		rc = take_field(a, "key", 1, TRIPMAP_KEY_MAX, &spec->key);
	if (!rc)
		rc = take_field(a, "value", 0, TRIPMAP_VALUE_MAX, &spec->value);
	while (!rc && a->n)
		rc = take_word(a, spec);
	return rc;
}

void spec_rule_text(const struct rule *r, bool answer, char *text)
{
	const char *action = tripmap_action_name(r->action), *to;
	size_t n = (size_t)snprintf(text, RULE_TEXT, "%s", action ? action : "?");
	char ms[32];

	if (answer && HAS(r, TRIPMAP_A_POLICY_ANSWER) && tripmap_answer_name(r->answer))
		n += (size_t)snprintf(text + n, RULE_TEXT - n, " %s",
				      tripmap_answer_name(r->answer));
	if (!r->escalate_count)
		return;
	to = tripmap_action_name(r->escalate_to);
	duration_text(r->escalate_ms, ms, sizeof(ms));
	snprintf(text + n, RULE_TEXT - n, " escalate %s %u %s", to ? to : "?", r->escalate_count,
		 ms);
}

/* What a table is made with, unless it is told otherwise. */
static bool usual_answer(unsigned int class, const struct rule *r)
{
	return !HAS(r, TRIPMAP_A_POLICY_ANSWER) ||
	       r->answer == (class == TRIPMAP_CLASS_EXITING_WRITER ? TRIPMAP_ANSWER_ALLOW :
			     TRIPMAP_ANSWER_REFUSE);
}

/* Action and escalation of most classes are said first, for all; then what differs. */
static void policy_text(const struct rule *rules, char *text, size_t size)
{
	char rule[NCLASSES][RULE_TEXT], whole[RULE_TEXT];
	unsigned int count[NCLASSES] = { 0 }, most = 0;
	size_t n;

	for (unsigned int c = 0; c < NCLASSES; c++) {
		spec_rule_text(&rules[c], false, rule[c]);
		for (unsigned int other = 0; other <= c; other++)
			count[c] += !strcmp(rule[c], rule[other]);
		if (HAS(&rules[c], TRIPMAP_A_POLICY_ACTION) && count[c] > count[most])
			most = c;
	}
	n = (size_t)snprintf(text, size, " on all %s", rule[most]);
	for (unsigned int c = 0; c < NCLASSES; c++) {
		const struct rule *r = &rules[c];

		if (!HAS(r, TRIPMAP_A_POLICY_ACTION) ||
		    (!strcmp(rule[c], rule[most]) && usual_answer(c, r)))
			continue;
		spec_rule_text(r, !usual_answer(c, r), whole);
		n += (size_t)snprintf(text + n, size - n, " on %s %s%s", tripmap_class_name(c),
				      whole, rules[most].escalate_count && !r->escalate_count ?
				      " escalate off" : "");
	}
}

void spec_text(const struct table *t, char *text)
{
	const char *contract = tripmap_contract_name(t->contract);
	const char *hash = tripmap_hash_name(t->hash);
	char key[32], value[32], name[4 * NAME_SIZE + 3];
	size_t n;

	field_name(&t->key, key, sizeof(key));
	field_name(&t->value, value, sizeof(value));
	word_quote(t->name, strlen(t->name), name);
	n = (size_t)snprintf(text, SPEC_TEXT, "%s key %s value %s contract %s hash %s bits %u",
			     name, key, value, contract ? contract : "?", hash ? hash : "?",
			     t->bits);
	if (t->max_entries)
		n += (size_t)snprintf(text + n, SPEC_TEXT - n, " max %llu",
				      (unsigned long long)t->max_entries);
	if (t->contract == TRIPMAP_CONTRACT_SHARED && tripmap_sync_name(t->sync) && t->shards)
		n += (size_t)snprintf(text + n, SPEC_TEXT - n, " sync %s shards %u",
				      tripmap_sync_name(t->sync), t->shards);
	policy_text(t->rule, text + n, SPEC_TEXT - n);
}
