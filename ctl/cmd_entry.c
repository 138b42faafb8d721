// SPDX-License-Identifier: GPL-2.0
/* set, get, del and take: one entry. */
#include "cmd.h"
#include "out.h"

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
	return args_end(a);
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

/* NAME KEY and nothing more. */
static int need_key(struct ctl *c, struct args *a, struct table *t, void *key)
{
	int rc = cmd_find_table(c, a, t);

	if (!rc)
		rc = cmd_need_field(a, "KEY", &t->key, key);
	return rc ? rc : args_end(a);
}

static int fetch(struct ctl *c, struct args *a,
		 int (*call)(struct wire *w, const struct table *t, const void *key, void *value))
{
	uint8_t key[TRIPMAP_KEY_MAX], value[TRIPMAP_VALUE_MAX];
	struct table t;
	int rc = need_key(c, a, &t, key);

	if (rc)
		return rc;
	if (call(c->wire, &t, key, value))
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
	struct table t;
	int rc = need_key(c, a, &t, key);

	if (rc)
		return rc;
	return wire_entry_del(c->wire, &t, key) ? cmd_refused(c, a, t.name) : CTL_OK;
}

const struct cmd cmd_set = {
	.name = "set",
	.run = run_set,
	.help =
"set NAME KEY VALUE [new | replace | expect OLD]\n"
"\n"
"Store one entry. new: only if KEY is not there yet; replace: only if it is;\n"
"expect: only if its present value is OLD.\n",
};

const struct cmd cmd_get = {
	.name = "get",
	.run = run_get,
	.help =
"get NAME KEY\n"
"\n"
"Print the value of KEY.\n",
};

const struct cmd cmd_del = {
	.name = "del",
	.run = run_del,
	.help =
"del NAME KEY\n"
"\n"
"Remove one entry.\n",
};

const struct cmd cmd_take = {
	.name = "take",
	.run = run_take,
	.help =
"take NAME KEY\n"
"\n"
"Print the value of KEY and remove it, in one step.\n",
};
