// SPDX-License-Identifier: GPL-2.0
#include "spec.h"

#include <stdio.h>
#include <string.h>
#include <linux/tripmap_names.h>

#include "err.h"
#include "types.h"
#include "words.h"

void spec_init(struct table_spec *spec)
{
	memset(spec, 0, sizeof(*spec));
	memset(spec->policy, POLICY_UNSET, sizeof(spec->policy));
	spec->frozen = -1;
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

int spec_policy(struct args *a, struct table_spec *spec)
{
	bool all = args_take(a, "all");
	uint8_t class = 0, action;
	int rc;

	rc = all ? 0 : args_enum(a, "class", tripmap_class_name, TRIPMAP_CLASS_MAX, &class);
	if (!rc)
		rc = args_enum(a, "action", tripmap_action_name, TRIPMAP_ACTION_MAX, &action);
	if (rc)
		return rc;
	if (all)
		memset(spec->policy, action, sizeof(spec->policy));
	else
		spec->policy[class] = action;
	return 0;
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

static int take_word(struct args *a, struct table_spec *spec)
{
	uint64_t number = 0;
	int rc;

	if (args_take(a, "on"))
		return spec_policy(a, spec);
	if (args_take(a, "contract"))
		return args_enum(a, "contract", tripmap_contract_name, TRIPMAP_CONTRACT_MAX,
				 &spec->contract);
	if (args_take(a, "hash"))
		return args_enum(a, "hash", tripmap_hash_name, TRIPMAP_HASH_MAX, &spec->hash);
	if (args_take(a, "max"))
		return args_number(a, "max", 1, UINT64_MAX, &spec->max_entries);
	if (args_take(a, "seed"))
		return take_seed(a, spec);
	if (!args_take(a, "bits"))
		return args_end(a);
	/* What fits into the attribute is the kernel's to judge. */
	rc = args_number(a, "bits", 0, UINT8_MAX, &number);
	spec->bits = (uint8_t)number;
	return rc;
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

/* The action of most classes is said first, for all; then those that differ. */
static size_t policy_text(const uint8_t *policy, char *text, size_t size)
{
	unsigned int count[256] = { 0 }, most = policy[0];
	size_t n;

	for (unsigned int c = 0; c < NCLASSES; c++)
		if (++count[policy[c]] > count[most])
			most = policy[c];
	if (most > TRIPMAP_ACTION_MAX)
		return 0;
	n = (size_t)snprintf(text, size, " on all %s", tripmap_action_name(most));
	for (unsigned int c = 0; c < NCLASSES; c++)
		if (policy[c] != most && policy[c] <= TRIPMAP_ACTION_MAX)
			n += (size_t)snprintf(text + n, size - n, " on %s %s",
					      tripmap_class_name(c),
					      tripmap_action_name(policy[c]));
	return n;
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
	policy_text(t->policy, text + n, SPEC_TEXT - n);
}
