// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "cmd.h"
#include "collect.h"
#include "out.h"
#include "types.h"

/* Does the key's text begin with prefix? */
static bool begins_with(const struct table *t, const void *key, const char *prefix)
{
	char text[FIELD_TEXT_MAX];
	size_t len = field_to_text(&t->key, key, t->key.size, text);

	return len >= strlen(prefix) && !memcmp(text, prefix, strlen(prefix));
}

static void show(const struct collection *all, uint64_t limit, const char *prefix)
{
	const struct table *t = &all->table;
	uint64_t shown = 0;

	out_list(NULL);
	for (uint64_t i = 0; i < all->n && (!limit || shown < limit); i++) {
		const uint8_t *entry = collect_entry(all, i);

		if (prefix && !begins_with(t, entry, prefix))
			continue;
		shown++;
		out_object(NULL);
		out_value("key", &t->key, entry, t->key.size);
		if (t->value.size)
			out_value("value", &t->value, entry + t->key.size, t->value.size);
		out_end();
	}
	out_end_list("no entries");
}

static int run(struct ctl *c, struct args *a)
{
	struct collection all = { 0 };
	uint64_t limit = 0, timeout = 0;
	const char *prefix = NULL;
	const struct arg_option options[] = {
		{ .word = "limit", .number = &limit, .min = 1, .max = UINT64_MAX },
		{ .word = "timeout", .number = &timeout, .min = 1, .max = UINT32_MAX },
		{ .word = "prefix", .text = &prefix },
	};
	int rc = cmd_find_table(c, a, &all.table);

	if (!rc)
		rc = args_options(a, options, ARRAY_SIZE(options));
	if (rc)
		return rc;
	rc = collect(c, a, &all, prefix ? 0 : limit, timeout);
	if (!rc)
		show(&all, limit, prefix);
	collect_free(&all);
	return rc;
}

const struct cmd cmd_dump = {
	.name = "dump",
	.run = run,
	.help =
"dump NAME [limit N] [timeout MS] [prefix P]\n"
"\n"
"Print all entries. What is in the table throughout is printed exactly once,\n"
"also while the table grows or shrinks. Should the table be cleared meanwhile, the\n"
"dump begins again (a few times at most) and says so.\n"
"\n"
"limit     at most N entries\n"
"timeout   give up after MS milliseconds\n"
"prefix    only keys whose text begins with P\n",
};
