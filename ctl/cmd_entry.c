// SPDX-License-Identifier: GPL-2.0
/* set, get, del and take: one entry. */
#include "cmd.h"
#include "out.h"

/* All that may stand at the end. */
static int take_label(struct args *a, struct label *l)
{
	const struct arg_option options[] = {
		{ .word = "label", .text = &l->name },
		{ .word = "parent", .text = &l->parent },
	};

	return args_options(a, options, ARRAY_SIZE(options));
}

/* How the entry may be there before, as told behind it. */
static int take_mode(struct args *a, const struct table *t, struct entry_put *put,
		     void *expected)
{
	int rc;

	put->mode = TRIPMAP_MODE_STORE;
	if (args_take(a, "new")) {
		put->mode = TRIPMAP_MODE_INSERT;
	} else if (args_take(a, "replace")) {
		put->mode = TRIPMAP_MODE_REPLACE;
	} else if (args_take(a, "expect")) {
		rc = cmd_need_field(a, "expected value", &t->value, expected);
		if (rc)
			return rc;
		put->mode = TRIPMAP_MODE_COMPARE_SWAP;
		put->expected = expected;
	}
	return take_label(a, &put->label);
}

static int run_set(struct ctl *c, struct args *a)
{
	uint8_t key[TRIPMAP_KEY_MAX], value[TRIPMAP_VALUE_MAX], expected[TRIPMAP_VALUE_MAX];
	struct entry_put put = { .key = key, .value = value };
	struct table t;
	int rc = cmd_find_table(c, a, &t);

	if (!rc)
		rc = cmd_need_field(a, "KEY", &t.key, key);
	if (!rc)
		rc = cmd_need_field(a, "VALUE", &t.value, value);
	if (!rc)
		rc = take_mode(a, &t, &put, expected);
	if (rc)
		return rc;
	put.table = t.name;
	put.key_size = t.key.size;
	put.value_size = t.value.size;
	return wire_entry_put(c->wire, &put) ? cmd_refused(c, a, t.name) : CTL_OK;
}

/* NAME KEY, and what the operation is called. */
static int need_key(struct ctl *c, struct args *a, struct table *t, void *key, struct label *l)
{
	int rc = cmd_find_table(c, a, t);

	if (!rc)
		rc = cmd_need_field(a, "KEY", &t->key, key);
	return rc ? rc : take_label(a, l);
}

static int fetch(struct ctl *c, struct args *a,
		 int (*call)(struct wire *w, const struct table *t, const void *key,
			     const struct label *label, void *value))
{
	uint8_t key[TRIPMAP_KEY_MAX], value[TRIPMAP_VALUE_MAX];
	struct label label = { 0 };
	struct table t;
	int rc = need_key(c, a, &t, key, &label);

	if (rc)
		return rc;
	if (call(c->wire, &t, key, &label, value))
		return cmd_refused(c, a, t.name);
	out_object(NULL);
	if (out_is_json())
		out_value("key", &t.key, key, t.key.size);
	out_bare("value", &t.value, value, t.value.size);
	out_end();
	return CTL_OK;
}

static int run_get(struct ctl *c, struct args *a)
{
	return fetch(c, a, wire_entry_get);
}

static int run_take(struct ctl *c, struct args *a)
{
	return fetch(c, a, wire_entry_take);
}

static int run_del(struct ctl *c, struct args *a)
{
	uint8_t key[TRIPMAP_KEY_MAX];
	struct label label = { 0 };
	struct table t;
	int rc = need_key(c, a, &t, key, &label);

	if (rc)
		return rc;
	return wire_entry_del(c->wire, &t, key, &label) ? cmd_refused(c, a, t.name) : CTL_OK;
}

#define LABEL_HELP \
"label: what the operation is called in reports, 16 bytes at most; parent: the one\n" \
"that it is part of.\n"

const struct cmd cmd_set = {
	.name = "set",
	.run = run_set,
	.help =
"set NAME KEY VALUE [new | replace | expect OLD] [label L] [parent P]\n"
"\n"
"Store one entry. new: only if KEY is not there yet; replace: only if it is;\n"
"expect: only if its present value is OLD.\n"
LABEL_HELP,
};

const struct cmd cmd_get = {
	.name = "get",
	.run = run_get,
	.help =
"get NAME KEY [label L] [parent P]\n"
"\n"
"Print the value of KEY.\n"
LABEL_HELP,
};

const struct cmd cmd_del = {
	.name = "del",
	.run = run_del,
	.help =
"del NAME KEY [label L] [parent P]\n"
"\n"
"Remove one entry.\n"
LABEL_HELP,
};

const struct cmd cmd_take = {
	.name = "take",
	.run = run_take,
	.help =
"take NAME KEY [label L] [parent P]\n"
"\n"
"Print the value of KEY and remove it, in one step.\n"
LABEL_HELP,
};
