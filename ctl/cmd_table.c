// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include <linux/tripmap_names.h>

#include "cmd.h"
#include "err.h"
#include "out.h"
#include "spec.h"
#include "types.h"

static int table_add(struct ctl *c, struct args *a)
{
	struct table_spec spec;
	int rc = spec_parse(a, &spec);

	if (rc)
		return rc;
	return wire_table_new(c->wire, &spec) ? cmd_refused(c, a, spec.name) : CTL_OK;
}

static int table_set(struct ctl *c, struct args *a)
{
	struct table_spec spec;
	int rc;

	spec_init(&spec);
	rc = spec_name(a, &spec);
	if (!rc && !a->n)
		return err_usage("%s: nothing to set (on CLASS ACTION)", a->command);
	while (!rc && a->n)
		rc = args_take(a, "on") ? spec_policy(a, &spec) : args_end(a);
	if (rc)
		return rc;
	return wire_table_set(c->wire, &spec) ? cmd_refused(c, a, spec.name) : CTL_OK;
}

/* The commands of no more than a name. */
static int by_name(struct ctl *c, struct args *a, int (*call)(struct wire *w, const char *name))
{
	const char *name;
	int rc = args_need(a, "NAME", &name);

	if (!rc)
		rc = args_end(a);
	if (rc)
		return rc;
	return call(c->wire, name) ? cmd_refused(c, a, name) : CTL_OK;
}

static int table_del(struct ctl *c, struct args *a)
{
	return by_name(c, a, wire_table_del);
}

static int table_flush(struct ctl *c, struct args *a)
{
	return by_name(c, a, wire_table_flush);
}

static int set_frozen(struct ctl *c, struct args *a, int frozen)
{
	struct table_spec spec;
	int rc;

	spec_init(&spec);
	spec.frozen = frozen;
	rc = spec_name(a, &spec);
	if (!rc)
		rc = args_end(a);
	if (rc)
		return rc;
	return wire_table_set(c->wire, &spec) ? cmd_refused(c, a, spec.name) : CTL_OK;
}

static int table_freeze(struct ctl *c, struct args *a)
{
	return set_frozen(c, a, 1);
}

static int table_unfreeze(struct ctl *c, struct args *a)
{
	return set_frozen(c, a, 0);
}

static const char *or_number(const char *name)
{
	return name ? name : "unknown";
}

static void put_field(const char *key, const struct field *f)
{
	char name[32];

	field_name(f, name, sizeof(name));
	out_str(key, name);
}

/* What a line of the list and the whole description have in common. */
static void put_common(const struct table *t)
{
	out_str("name", t->name);
	put_field("key", &t->key);
	put_field("value", &t->value);
	out_str("contract", or_number(tripmap_contract_name(t->contract)));
	out_num("entries", t->entries);
	out_num("buckets", t->buckets);
	out_size("memory", t->memory);
	out_num("violations", t->violations);
	out_bool("frozen", t->frozen);
}

static void put_resize(const struct table *t)
{
	const char *kind = or_number(tripmap_resize_name(t->resize));

	out_json_str("resize", kind);
	out_json_num("resize_done", t->resize_done);
	out_json_num("resize_total", t->resize_total);
	if (t->resize)
		out_text_fact("resize", "%s, %llu of %llu buckets moved", kind,
			      (unsigned long long)t->resize_done,
			      (unsigned long long)t->resize_total);
	else
		out_text_fact("resize", "none");
}

static void put_policy(const struct table *t)
{
	out_object("policy");
	for (unsigned int class = 0; class < NCLASSES; class++)
		out_str(tripmap_class_name(class),
			or_number(tripmap_action_name(t->policy[class])));
	out_end();
}

static void put_whole(const struct table *t)
{
	out_object(NULL);
	put_common(t);
	out_num("id", t->id);
	out_str("hash", or_number(tripmap_hash_name(t->hash)));
	out_num("bits", t->bits);
	out_num("max_entries", t->max_entries);
	out_num("overflow_buckets", t->overflow);
	put_resize(t);
	out_size("memory_old", t->memory_old);
	out_size("memory_deferred", t->memory_deferred);
	put_policy(t);
	out_end();
}

static void put_row(void *arg, const struct table *t)
{
	(void)arg;
	out_object(NULL);
	put_common(t);
	out_end();
}

static int show_all(struct ctl *c, struct args *a)
{
	out_list(NULL);
	if (wire_table_list(c->wire, put_row, NULL))
		return cmd_refused(c, a, NULL);
	out_end_list("no tables (tripctl table add makes one)");
	return CTL_OK;
}

static int table_show(struct ctl *c, struct args *a)
{
	struct table t;
	int rc;

	if (!a->n)
		return show_all(c, a);
	rc = cmd_find_table(c, a, &t);
	if (!rc)
		rc = args_end(a);
	if (rc)
		return rc;
	put_whole(&t);
	return CTL_OK;
}

static int run(struct ctl *c, struct args *a)
{
	static const struct cmd sub[] = {
		{ .name = "add", .run = table_add },
		{ .name = "show", .run = table_show },
		{ .name = "list", .run = table_show },
		{ .name = "set", .run = table_set },
		{ .name = "del", .run = table_del },
		{ .name = "flush", .run = table_flush },
		{ .name = "freeze", .run = table_freeze },
		{ .name = "unfreeze", .run = table_unfreeze },
	};

	return a->n ? cmd_choose(c, a, sub, ARRAY_SIZE(sub)) : show_all(c, a);
}

const struct cmd cmd_table = {
	.name = "table",
	.run = run,
	.help =
"table add NAME key TYPE value TYPE [contract CONTRACT] [hash HASH] [bits B]\n"
"                    [max N] [seed HEX] [on CLASS ACTION]...\n"
"tripctl table show [NAME]\n"
"tripctl table set NAME on CLASS ACTION [on CLASS ACTION]...\n"
"tripctl table del | flush | freeze | unfreeze NAME\n"
"\n"
"TYPE      u8 u16 u32 u64 str:N bytes:N ipv4 ipv6 mac (bytes:0: no value, a set)\n"
"CONTRACT  single-writer: one writer at a time, readers at any time (the default)\n"
"          exclusive: readers together, or one writer alone\n"
"HASH      siphash (the default), mix: faster, for keys that nobody else chooses\n"
"B         2^B buckets to begin with; the table never shrinks below\n"
"N         most entries that the table takes\n"
"HEX       a fixed hash seed of 32 bytes, for tests\n"
"CLASS     write-during-write write-during-resize read-during-write\n"
"          iterate-during-write reentrant-write interrupt-during-write\n"
"          forged-flag, or all\n"
"ACTION    what follows on such a violation: ignore count report warn bug\n"
"          (the operation is refused in any case)\n",
};
