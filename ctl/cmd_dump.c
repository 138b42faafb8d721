// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "collect.h"
#include "err.h"
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

/* SHARD:EPOCH:CURSOR, or begin. */
static int take_place(const struct args *a, const char *text, struct place *p)
{
	unsigned long long shard, epoch, cursor;
	int end = 0;

	if (!strcmp(text, "begin"))
		return 0;
	if (sscanf(text, "%llu:%llu:%llu%n", &shard, &epoch, &cursor, &end) != 3 || text[end] ||
	    shard >= TRIPMAP_SHARDS_MAX || epoch > UINT32_MAX)
		return err_usage("%s: from wants SHARD:EPOCH:CURSOR as an earlier dump told it, or begin, not \"%s\"",
				 a->command, text);
	*p = (struct place){ true, (uint16_t)shard, (uint32_t)epoch, cursor };
	return 0;
}

static void tell_next(const struct place *p)
{
	if (p->known)
		err_note("go on from %u:%u:%llu", p->shard, p->epoch,
			 (unsigned long long)p->cursor);
	else
		err_note("that was the end");
}

static int run(struct ctl *c, struct args *a)
{
	struct dump_wish wish = { .snapshot = false };
	struct collection all = { 0 };
	uint64_t limit = 0;
	const char *prefix = NULL, *from = NULL;
	const struct arg_option options[] = {
		{ .word = "limit", .number = &limit, .min = 1, .max = UINT64_MAX },
		{ .word = "timeout", .number = &wish.timeout_ms, .min = 1, .max = UINT32_MAX },
		{ .word = "prefix", .text = &prefix },
		{ .word = "from", .text = &from },
		{ .word = "snapshot", .flag = &wish.snapshot },
	};
	int rc = cmd_find_table(c, a, &all.table);

	if (!rc)
		rc = args_options(a, options, ARRAY_SIZE(options));
	if (!rc && from && wish.snapshot)
		rc = err_usage("%s: a snapshot is of the whole table: from does not go with it",
			       a->command);
	if (!rc && from && prefix)
		rc = err_usage("%s: a place is one among all keys, whatever their prefix: from does not go with it",
			       a->command);
	if (!rc && from)
		rc = take_place(a, from, &all.from);
	if (rc)
		return rc;
	wish.limit = prefix ? 0 : limit;
	rc = collect(c, a, &all, &wish);
	if (!rc)
		show(&all, limit, prefix);
	if (!rc && from)
		tell_next(&all.next);
	collect_free(&all);
	return rc;
}

const struct cmd cmd_dump = {
	.name = "dump",
	.run = run,
	.help =
"dump NAME [snapshot] [limit N] [timeout MS] [prefix P] [from PLACE]\n"
"\n"
"Print all entries. What is in the table throughout is printed exactly once,\n"
"also while the table grows or shrinks. Should the table be cleared meanwhile, the\n"
"dump begins again (a few times at most) and says so.\n"
"\n"
"snapshot  all entries of one version: nothing was written between the first and\n"
"          the last. Tables with sync snapshot have that at once; others are tried\n"
"          a few times, for as long as nobody writes\n"
"limit     at most N entries\n"
"timeout   give up after MS milliseconds\n"
"prefix    only keys whose text begins with P; not with from\n"
"from      begin, or the place where an earlier dump with a limit ended; tell the\n"
"          next place when done\n",
};
