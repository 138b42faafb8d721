// SPDX-License-Identifier: GPL-2.0
#include "wire_call.h"

#include <errno.h>
#include <string.h>

#include "types.h"

static const struct wire_field table_fields[] = {
	WIRE_FIELD(TRIPMAP_A_TABLE_NAME, W_STR, table, name),
	WIRE_FIELD(TRIPMAP_A_TABLE_ID, W_U32, table, id),
	WIRE_FIELD(TRIPMAP_A_TABLE_KEY_TYPE, W_U8, table, key.type),
	WIRE_FIELD(TRIPMAP_A_TABLE_KEY_SIZE, W_U16, table, key.size),
	WIRE_FIELD(TRIPMAP_A_TABLE_VALUE_TYPE, W_U8, table, value.type),
	WIRE_FIELD(TRIPMAP_A_TABLE_VALUE_SIZE, W_U16, table, value.size),
	WIRE_FIELD(TRIPMAP_A_TABLE_CONTRACT, W_U8, table, contract),
	WIRE_FIELD(TRIPMAP_A_TABLE_HASH, W_U8, table, hash),
	WIRE_FIELD(TRIPMAP_A_TABLE_BITS, W_U8, table, bits),
	WIRE_FIELD(TRIPMAP_A_TABLE_MAX_ENTRIES, W_U64, table, max_entries),
	WIRE_FIELD(TRIPMAP_A_TABLE_FROZEN, W_U8, table, frozen),
	WIRE_FIELD(TRIPMAP_A_TABLE_ENTRIES, W_U64, table, entries),
	WIRE_FIELD(TRIPMAP_A_TABLE_BUCKETS, W_U64, table, buckets),
	WIRE_FIELD(TRIPMAP_A_TABLE_OVERFLOW, W_U64, table, overflow),
	WIRE_FIELD(TRIPMAP_A_TABLE_RESIZE, W_U8, table, resize),
	WIRE_FIELD(TRIPMAP_A_TABLE_RESIZE_DONE, W_U64, table, resize_done),
	WIRE_FIELD(TRIPMAP_A_TABLE_RESIZE_TOTAL, W_U64, table, resize_total),
	WIRE_FIELD(TRIPMAP_A_TABLE_MEMORY, W_U64, table, memory),
	WIRE_FIELD(TRIPMAP_A_TABLE_MEMORY_OLD, W_U64, table, memory_old),
	WIRE_FIELD(TRIPMAP_A_TABLE_MEMORY_DEFERRED, W_U64, table, memory_deferred),
	WIRE_FIELD(TRIPMAP_A_TABLE_VIOLATIONS, W_U64, table, violations),
	WIRE_FIELD(TRIPMAP_A_TABLE_SYNC, W_U8, table, sync),
	WIRE_FIELD(TRIPMAP_A_TABLE_SHARDS, W_U16, table, shards),
	WIRE_FIELD(TRIPMAP_A_TABLE_OWNER_PID, W_U32, table, owner_pid),
};

static const struct wire_field rule_fields[] = {
	WIRE_FIELD(TRIPMAP_A_POLICY_ACTION, W_U8, rule, action),
	WIRE_FIELD(TRIPMAP_A_POLICY_ANSWER, W_U8, rule, answer),
	WIRE_FIELD(TRIPMAP_A_POLICY_ESCALATE_TO, W_U8, rule, escalate_to),
	WIRE_FIELD(TRIPMAP_A_POLICY_ESCALATE_COUNT, W_U32, rule, escalate_count),
	WIRE_FIELD(TRIPMAP_A_POLICY_ESCALATE_MS, W_U32, rule, escalate_ms),
};

static void policy_read(void *arg, const struct nlattr *a)
{
	struct table *t = arg;
	struct wire_attrs nest;
	struct rule *rule;
	uint8_t class;

	if (!wire_nest(a, &nest) ||
	    wire_bytes(nest.tb[TRIPMAP_A_POLICY_CLASS], &class, 1) != 1 || class >= NCLASSES)
		return;
	rule = &t->rule[class];
	rule->has = wire_fill(rule_fields, ARRAY_SIZE(rule_fields), &nest, rule);
}

static void rule_put(struct wire_msg *m, const struct rule_spec *spec)
{
	const struct rule *r = &spec->rule;
	struct nlattr *nest = nla_nest_start(m->msg, TRIPMAP_A_TABLE_POLICY | NLA_F_NESTED);

	if (!nest) {
		m->failed = 1;
		return;
	}
	if (!spec->all)
		wire_put_u8(m, TRIPMAP_A_POLICY_CLASS, spec->class);
	wire_put_u8(m, TRIPMAP_A_POLICY_ACTION, r->action);
	if (HAS(r, TRIPMAP_A_POLICY_ANSWER))
		wire_put_u8(m, TRIPMAP_A_POLICY_ANSWER, r->answer);
	if (HAS(r, TRIPMAP_A_POLICY_ESCALATE_TO))
		wire_put_u8(m, TRIPMAP_A_POLICY_ESCALATE_TO, r->escalate_to);
	if (HAS(r, TRIPMAP_A_POLICY_ESCALATE_COUNT))
		wire_put_u32(m, TRIPMAP_A_POLICY_ESCALATE_COUNT, r->escalate_count);
	if (HAS(r, TRIPMAP_A_POLICY_ESCALATE_MS))
		wire_put_u32(m, TRIPMAP_A_POLICY_ESCALATE_MS, r->escalate_ms);
	nla_nest_end(m->msg, nest);
}

static void rules_put(struct wire_msg *m, const struct table_spec *spec)
{
	for (unsigned int i = 0; i < spec->nrules; i++)
		rule_put(m, &spec->rule[i]);
}

int wire_table_new(struct wire *w, const struct table_spec *spec)
{
	struct wire_msg m;
	int err = wire_begin(w, &m, TRIPMAP_CMD_TABLE_NEW, 0, REQUEST_SIZE);

	if (err)
		return err;
	wire_put_str(&m, TRIPMAP_A_TABLE_NAME, spec->name);
	wire_put_u8(&m, TRIPMAP_A_TABLE_KEY_TYPE, spec->key.type);
	wire_put_u16(&m, TRIPMAP_A_TABLE_KEY_SIZE, spec->key.size);
	wire_put_u8(&m, TRIPMAP_A_TABLE_VALUE_TYPE, spec->value.type);
	wire_put_u16(&m, TRIPMAP_A_TABLE_VALUE_SIZE, spec->value.size);
	wire_put_u8(&m, TRIPMAP_A_TABLE_CONTRACT, spec->contract);
	wire_put_u8(&m, TRIPMAP_A_TABLE_HASH, spec->hash);
	wire_put_u8(&m, TRIPMAP_A_TABLE_BITS, spec->bits);
	if (spec->max_entries)
		wire_put_u64(&m, TRIPMAP_A_TABLE_MAX_ENTRIES, spec->max_entries);
	if (spec->seeded)
		wire_put(&m, TRIPMAP_A_TABLE_SEED, spec->seed, sizeof(spec->seed));
	if (spec->sync >= 0)
		wire_put_u8(&m, TRIPMAP_A_TABLE_SYNC, (uint8_t)spec->sync);
	if (spec->shards)
		wire_put_u16(&m, TRIPMAP_A_TABLE_SHARDS, spec->shards);
	rules_put(&m, spec);
	return wire_call(w, &m, NULL, NULL, 0);
}

int wire_table_set(struct wire *w, const struct table_spec *spec)
{
	struct wire_msg m;
	int err = wire_begin(w, &m, TRIPMAP_CMD_TABLE_SET, 0, REQUEST_SIZE);

	if (err)
		return err;
	wire_put_str(&m, TRIPMAP_A_TABLE_NAME, spec->name);
	rules_put(&m, spec);
	if (spec->frozen >= 0)
		wire_put_u8(&m, TRIPMAP_A_TABLE_FROZEN, (uint8_t)spec->frozen);
	if (spec->own)
		wire_put_u8(&m, TRIPMAP_A_TABLE_OWN, 1);
	return wire_call(w, &m, NULL, NULL, 0);
}

int wire_table_del(struct wire *w, const char *name)
{
	return wire_simple(w, TRIPMAP_CMD_TABLE_DEL, 0, TRIPMAP_A_TABLE_NAME, name, NULL, NULL);
}

static int repair_reply(struct wire *w, const struct wire_attrs *r, void *arg)
{
	(void)w;
	wire_bytes(r->tb[TRIPMAP_A_TABLE_REPAIRED], arg, sizeof(uint32_t));
	return 0;
}

int wire_table_repair(struct wire *w, const char *name, uint32_t *repaired)
{
	*repaired = 0;
	return wire_simple(w, TRIPMAP_CMD_TABLE_REPAIR, 0, TRIPMAP_A_TABLE_NAME, name,
			   repair_reply, repaired);
}

int wire_table_flush(struct wire *w, const char *name)
{
	return wire_simple(w, TRIPMAP_CMD_TABLE_FLUSH, 0, TRIPMAP_A_TABLE_NAME, name, NULL, NULL);
}

/* All that is done with entries relies on their sizes. */
static int table_read(struct wire *w, const struct wire_attrs *r, struct table *t)
{
	memset(t, 0, sizeof(*t));
	t->has = wire_fill(table_fields, ARRAY_SIZE(table_fields), r, t);
	wire_each(r, TRIPMAP_A_TABLE_POLICY, policy_read, t);
	if (field_possible(&t->key, 1, TRIPMAP_KEY_MAX) &&
	    field_possible(&t->value, 0, TRIPMAP_VALUE_MAX))
		return 0;
	return wire_fail(w, EBADMSG, "the kernel's table has keys or values that cannot be");
}

static int table_reply(struct wire *w, const struct wire_attrs *r, void *arg)
{
	return table_read(w, r, arg);
}

int wire_table_get(struct wire *w, const char *name, struct table *t)
{
	return wire_simple(w, TRIPMAP_CMD_TABLE_GET, 0, TRIPMAP_A_TABLE_NAME, name, table_reply,
			   t);
}

struct list_call {
	void	(*each)(void *arg, const struct table *t);
	void	*arg;
};

static int list_reply(struct wire *w, const struct wire_attrs *r, void *arg)
{
	struct list_call *c = arg;
	struct table t;
	int err = table_read(w, r, &t);

	if (!err)
		c->each(c->arg, &t);
	return err;
}

int wire_table_list(struct wire *w, void (*each)(void *arg, const struct table *t), void *arg)
{
	struct list_call c = { each, arg };

	return wire_simple(w, TRIPMAP_CMD_TABLE_GET, NLM_F_DUMP, 0, NULL, list_reply, &c);
}
