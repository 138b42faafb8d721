// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include <linux/tripmap_names.h>

#include "cmd.h"
#include "err.h"
#include "out.h"
#include "spec.h"
#include "types.h"
#include "when.h"

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
		return err_usage("%s: nothing to set (on CLASS ACTION, own)", a->command);
	while (!rc && a->n) {
		if (args_take(a, "own"))
			spec.own = true;
		else
			rc = args_take(a, "on") ? spec_rule(a, &spec) : args_end(a);
	}
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

/* Who owns the table, where its contract is about that. */
static void put_owner(const struct table *t)
{
	if (!HAS(t, TRIPMAP_A_TABLE_OWNER_PID)) {
		if (t->contract == TRIPMAP_CONTRACT_OWNER)
			out_unknown("owner_pid");
		return;
	}
	out_json_num("owner_pid", t->owner_pid);
	if (t->owner_pid)
		out_text_fact("owner pid", "%u", t->owner_pid);
	else
		out_text_fact("owner pid", "none that is seen from here");
}

static void put_shards(const struct table *t)
{
	if (HAS(t, TRIPMAP_A_TABLE_SYNC))
		out_str("sync", or_number(tripmap_sync_name(t->sync)));
	else
		out_unknown("sync");
	if (HAS(t, TRIPMAP_A_TABLE_SHARDS))
		out_num("shards", t->shards);
	else
		out_unknown("shards");
}

static void put_rule(const struct rule *r)
{
	out_str("action", or_number(tripmap_action_name(r->action)));
	if (HAS(r, TRIPMAP_A_POLICY_ANSWER))
		out_str("answer", or_number(tripmap_answer_name(r->answer)));
	else
		out_unknown("answer");
	if (r->escalate_count) {
		out_json_str("escalate_to", or_number(tripmap_action_name(r->escalate_to)));
		out_json_num("escalate_count", r->escalate_count);
		out_json_num("escalate_ms", r->escalate_ms);
	}
}

static void put_escalation(const struct rule *r)
{
	char ms[32];

	duration_text(r->escalate_ms, ms, sizeof(ms));
	if (r->escalate_count)
		out_text_fact("escalation", "%s from the %u. within %s on",
			      or_number(tripmap_action_name(r->escalate_to)), r->escalate_count,
			      ms);
	else
		out_text_fact("escalation", HAS(r, TRIPMAP_A_POLICY_ESCALATE_COUNT) ? "none" : "-");
}

/* The actions by class, for who wants no more, and the whole rules. */
static void put_rules(const struct table *t)
{
	if (out_is_json()) {
		out_object("policy");
		for (unsigned int class = 0; class < NCLASSES; class++)
			if (HAS(&t->rule[class], TRIPMAP_A_POLICY_ACTION))
				out_str(tripmap_class_name(class),
					or_number(tripmap_action_name(t->rule[class].action)));
		out_end();
	}
	out_list("rules");
	for (unsigned int class = 0; class < NCLASSES; class++) {
		if (!HAS(&t->rule[class], TRIPMAP_A_POLICY_ACTION))
			continue;
		out_object(NULL);
		out_str("class", tripmap_class_name(class));
		put_rule(&t->rule[class]);
		put_escalation(&t->rule[class]);
		out_end();
	}
	out_end();
}

static void put_whole(const struct table *t)
{
	out_object(NULL);
	put_common(t);
	out_num("id", t->id);
	put_shards(t);
	put_owner(t);
	out_str("hash", or_number(tripmap_hash_name(t->hash)));
	out_num("bits", t->bits);
	out_num("max_entries", t->max_entries);
	out_num("overflow_buckets", t->overflow);
	put_resize(t);
	out_size("memory_old", t->memory_old);
	out_size("memory_deferred", t->memory_deferred);
	put_rules(t);
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
"table add NAME key TYPE value TYPE [contract CONTRACT] [sync SYNC] [shards S]\n"
"                    [hash HASH] [bits B] [max N] [seed HEX] [RULE]...\n"
"tripctl table show [NAME]\n"
"tripctl table set NAME [own] [RULE]...\n"
"tripctl table del | flush | freeze | unfreeze NAME\n"
"\n"
"TYPE      u8 u16 u32 u64 str:N bytes:N ipv4 ipv6 mac (bytes:0: no value, a set)\n"
"CONTRACT  single-writer: one writer at a time, readers at any time (the default)\n"
"          exclusive: readers together, or one writer alone\n"
"          owner: as single-writer, and only the owner writes: who made the table,\n"
"          or took it over by \"own\". Over netlink that is a socket, so a batch\n"
"          (tripctl -b) that is to write takes it over first\n"
"          shared: any number of writers, the table itself keeps them apart\n"
"SYNC      sharded: a spinlock for each shard (shared tables, the default there)\n"
"          rwlock: one reader-writer lock, which readers take too (to compare with)\n"
"          snapshot: each write copies the table, for 4096 entries at most that are\n"
"          read often and seldom written\n"
"          split: new keys are read under a lock, until they have been missed often\n"
"          enough to be read without; with the same limits\n"
"S         parts of a table with sync sharded, a power of two up to 256\n"
"HASH      siphash (the default), mix: faster, for keys that nobody else chooses\n"
"B         2^B buckets to begin with; the table never shrinks below\n"
"N         most entries that the table takes\n"
"HEX       a fixed hash seed of 32 bytes, for tests\n"
"RULE      on CLASS ACTION [refuse | allow] [escalate ACTION COUNT MS | escalate off]\n"
"          a later rule overrules earlier ones; what it leaves out stays as it is\n"
"CLASS     write-during-write write-during-resize read-during-write\n"
"          iterate-during-write reentrant-write interrupt-during-write\n"
"          reentrant-iteration foreign-writer uninitialised destroyed\n"
"          exiting-writer stale-writer forged-flag, or all\n"
"ACTION    what follows on such a violation: ignore count report warn bug\n"
"allow     let the operation go on: read-during-write, iterate-during-write,\n"
"          foreign-writer and exiting-writer only\n"
"escalate  take the other action from the COUNT-th violation of the class within\n"
"          MS on (500ms, 10s)\n",
};
