// SPDX-License-Identifier: GPL-2.0
/*
 * What the policies do not tell: which attributes an operation cannot do without,
 * names of tables that are there, sizes that fit them, and what must not be asked of
 * a machine that is to live.
 */
#include <string.h>
#include <linux/tripmap_names.h>

#include "fuzz.h"

const struct shape shapes[SHAPES] = {
	{ "plain", 4, 4, TRIPMAP_CONTRACT_SINGLE_WRITER, TRIPMAP_SYNC_NONE, 1 },
	{ "wide", 16, 200, TRIPMAP_CONTRACT_SINGLE_WRITER, TRIPMAP_SYNC_NONE, 1 },
	{ "long-keys", 200, 8, TRIPMAP_CONTRACT_SINGLE_WRITER, TRIPMAP_SYNC_NONE, 1 },
	{ "pages", 8, 4096, TRIPMAP_CONTRACT_SINGLE_WRITER, TRIPMAP_SYNC_NONE, 1 },
	{ "keys-only", 2, 0, TRIPMAP_CONTRACT_SINGLE_WRITER, TRIPMAP_SYNC_NONE, 1 },
	{ "alone", 8, 64, TRIPMAP_CONTRACT_EXCLUSIVE, TRIPMAP_SYNC_NONE, 1 },
	{ "owned", 4, 4, TRIPMAP_CONTRACT_OWNER, TRIPMAP_SYNC_NONE, 1 },
	{ "sharded", 8, 8, TRIPMAP_CONTRACT_SHARED, TRIPMAP_SYNC_SHARDED, 4 },
	{ "one-shard", 4, 130, TRIPMAP_CONTRACT_SHARED, TRIPMAP_SYNC_SHARDED, 1 },
	{ "rwlock", 4, 8, TRIPMAP_CONTRACT_SHARED, TRIPMAP_SYNC_RWLOCK, 1 },
	{ "snapshot", 4, 4, TRIPMAP_CONTRACT_SHARED, TRIPMAP_SYNC_SNAPSHOT, 1 },
	{ "split", 4, 16, TRIPMAP_CONTRACT_SHARED, TRIPMAP_SYNC_SPLIT, 1 },
};

static const struct command commands[] = {
	[TRIPMAP_CMD_TABLE_NEW] = { "table-new", 3, tripmap_a_table_name },
	[TRIPMAP_CMD_TABLE_SET] = { "table-set", 6, tripmap_a_table_name },
	[TRIPMAP_CMD_TABLE_DEL] = { "table-del", 1, tripmap_a_table_name },
	[TRIPMAP_CMD_TABLE_FLUSH] = { "table-flush", 1, tripmap_a_table_name },
	[TRIPMAP_CMD_TABLE_GET] = { "table-get", 3, tripmap_a_table_name },
	[TRIPMAP_CMD_TABLE_REPAIR] = { "table-repair", 3, tripmap_a_table_name },
	[TRIPMAP_CMD_ENTRY_SET] = { "entry-set", 24, tripmap_a_entry_name },
	[TRIPMAP_CMD_ENTRY_GET] = { "entry-get", 10, tripmap_a_entry_name },
	[TRIPMAP_CMD_ENTRY_DEL] = { "entry-del", 8, tripmap_a_entry_name },
	[TRIPMAP_CMD_ENTRY_TAKE] = { "entry-take", 5, tripmap_a_entry_name },
	[TRIPMAP_CMD_ENTRY_DUMP] = { "entry-dump", 5, tripmap_a_entry_name },
	[TRIPMAP_CMD_BUCKET_GET] = { "bucket-get", 5, tripmap_a_bucket_name },
	[TRIPMAP_CMD_BUCKET_MAP] = { "bucket-map", 3, tripmap_a_bucket_name },
	[TRIPMAP_CMD_STATS_GET] = { "stats-get", 3, tripmap_a_stats_name },
	[TRIPMAP_CMD_REPORT_GET] = { "report-get", 3, tripmap_a_report_name },
	[TRIPMAP_CMD_REPORT_CLEAR] = { "report-clear", 1, NULL },
	[TRIPMAP_CMD_FEATURES_GET] = { "features-get", 1, NULL },
	[TRIPMAP_CMD_INJECT] = { "inject", 3, tripmap_a_inject_name },
	[TRIPMAP_CMD_AUDIT_GET] = { "audit-get", 1, NULL },
	[TRIPMAP_CMD_EVENT_GET] = { "event-get", 3, tripmap_a_event_name },
	[TRIPMAP_CMD_PAUSE_GET] = { "pause-get", 2, tripmap_a_pause_name },
	[TRIPMAP_CMD_PAUSE_RECENT_GET] = { "pause-recent-get", 2, tripmap_a_pause_name },
	[TRIPMAP_CMD_PAUSE_SET] = { "pause-set", 1, tripmap_a_pause_name },
};

const struct command *command_of(uint8_t cmd)
{
	if (cmd >= sizeof(commands) / sizeof(*commands) || !commands[cmd].name)
		return NULL;
	return &commands[cmd];
}

const char *attr_name_of(uint8_t cmd, uint16_t type)
{
	const struct command *c = command_of(cmd);

	return c && c->attr_name ? c->attr_name(type) : NULL;
}

void choose(struct rng *r, uint8_t cmd, struct choice *c)
{
	*c = (struct choice){
		.cmd = cmd,
		.shape = &shapes[below(r, SHAPES)],
		.many = one_in(r, 4),
		.named = one_in(r, 8),
		.mode = below(r, TRIPMAP_MODE_MAX + 1),
		.fault = below(r, TRIPMAP_FAULT_MAX + 1),
	};
	if (one_in(r, 2))
		c->mode = TRIPMAP_MODE_STORE;
}

/* --- which attributes --- */

enum when { OFTEN, ALWAYS, RARELY, ONE, MANY, NAMED, SWAP, DELAY };

/* All commands that share a set of attributes. */
enum set {
	SET_TABLE, SET_ENTRY, SET_BUCKET, SET_STATS, SET_REPORT, SET_INJECT, SET_EVENT, SET_PAUSE,
	SET_NONE
};

static enum set set_of(uint8_t cmd)
{
	static const struct {
		const char	*(*name)(unsigned int type);
		enum set	set;
	} sets[] = {
		{ tripmap_a_table_name, SET_TABLE }, { tripmap_a_entry_name, SET_ENTRY },
		{ tripmap_a_bucket_name, SET_BUCKET }, { tripmap_a_stats_name, SET_STATS },
		{ tripmap_a_report_name, SET_REPORT }, { tripmap_a_inject_name, SET_INJECT },
		{ tripmap_a_event_name, SET_EVENT }, { tripmap_a_pause_name, SET_PAUSE },
	};
	const struct command *c = command_of(cmd);

	for (size_t i = 0; c && c->attr_name && i < sizeof(sets) / sizeof(*sets); i++)
		if (sets[i].name == c->attr_name)
			return sets[i].set;
	return SET_NONE;
}

static int put(uint8_t *to, const void *from, size_t len)
{
	memcpy(to, from, len);
	return len;
}

static int put_number(uint8_t *to, uint64_t v, size_t len)
{
	return put(to, &v, len);
}

static int fill_table(struct rng *r, const struct choice *c, uint8_t *to)
{
	(void)r;
	return put(to, c->shape->name, strlen(c->shape->name) + 1);
}

/* Few, so that they are met again. */
static void one_key(struct rng *r, const struct shape *s, uint8_t *to)
{
	uint16_t n = one_in(r, 4) ? below(r, 3000) : below(r, 64);

	memset(to, 0, s->key_size);
	memcpy(to, &n, s->key_size < sizeof(n) ? s->key_size : sizeof(n));
}

static int fill_key(struct rng *r, const struct choice *c, uint8_t *to)
{
	one_key(r, c->shape, to);
	return c->shape->key_size;
}

/* Fewer still, for compare-swap. */
static int fill_value(struct rng *r, const struct choice *c, uint8_t *to)
{
	memset(to, below(r, 3), c->shape->value_size);
	return c->shape->value_size;
}

static int fill_bulk(struct rng *r, const struct choice *c, uint8_t *to)
{
	bool values = c->cmd == TRIPMAP_CMD_ENTRY_SET;
	size_t size = c->shape->key_size + (values ? c->shape->value_size : 0);
	size_t n = 1 + below(r, one_in(r, 4) ? 600 : 20), i;

	if (n * size > KNOWN_MAX)
		n = KNOWN_MAX / size;
	for (i = 0; i < n; i++, to += size) {
		one_key(r, c->shape, to);
		if (values)
			fill_value(r, c, to + c->shape->key_size);
	}
	return n * size;
}

static int fill_key_size(struct rng *r, const struct choice *c, uint8_t *to)
{
	(void)r;
	return put_number(to, c->shape->key_size, sizeof(uint16_t));
}

static int fill_value_size(struct rng *r, const struct choice *c, uint8_t *to)
{
	(void)r;
	return put_number(to, c->shape->value_size, sizeof(uint16_t));
}

static int fill_contract(struct rng *r, const struct choice *c, uint8_t *to)
{
	(void)r;
	return put_number(to, c->shape->contract, 1);
}

static int fill_sync(struct rng *r, const struct choice *c, uint8_t *to)
{
	(void)r;
	return put_number(to, c->shape->sync, 1);
}

static int fill_shards(struct rng *r, const struct choice *c, uint8_t *to)
{
	(void)r;
	return put_number(to, c->shape->shards, sizeof(uint16_t));
}

static int fill_type(struct rng *r, const struct choice *c, uint8_t *to)
{
	(void)c;
	return put_number(to, below(r, TRIPMAP_TYPE_STR + 1), 1);
}

static int fill_bits(struct rng *r, const struct choice *c, uint8_t *to)
{
	(void)c;
	return put_number(to, one_in(r, 64) ? below(r, TRIPMAP_BITS_MAX + 1) : below(r, 8), 1);
}

static int fill_max_entries(struct rng *r, const struct choice *c, uint8_t *to)
{
	(void)c;
	return put_number(to, below(r, 5000), sizeof(uint64_t));
}

/* Thawed more often than frozen. */
static int fill_frozen(struct rng *r, const struct choice *c, uint8_t *to)
{
	(void)c;
	return put_number(to, one_in(r, 4), 1);
}

static int fill_mode(struct rng *r, const struct choice *c, uint8_t *to)
{
	(void)r;
	return put_number(to, c->mode, 1);
}

static int fill_fault(struct rng *r, const struct choice *c, uint8_t *to)
{
	(void)r;
	return put_number(to, c->fault, 1);
}

static int fill_small_u64(struct rng *r, const struct choice *c, uint8_t *to)
{
	(void)c;
	return put_number(to, below(r, one_in(r, 4) ? 5000 : 64), sizeof(uint64_t));
}

static int fill_small_u32(struct rng *r, const struct choice *c, uint8_t *to)
{
	(void)c;
	return put_number(to, below(r, 6), sizeof(uint32_t));
}

static int fill_shard(struct rng *r, const struct choice *c, uint8_t *to)
{
	(void)c;
	return put_number(to, below(r, 5), sizeof(uint16_t));
}

/* One of them, or all one by one. */
static int fill_cpu(struct rng *r, const struct choice *c, uint8_t *to)
{
	(void)c;
	return put_number(to, one_in(r, 3) ? UINT32_MAX : below(r, 3), sizeof(uint32_t));
}

/* What is not here is OFTEN wanted, and as its rule says. */
static const struct hint {
	enum set	set;
	uint16_t	attr;
	enum when	when;
	int		(*fill)(struct rng *r, const struct choice *c, uint8_t *to);
} hints[] = {
	{ SET_TABLE, TRIPMAP_A_TABLE_NAME, ALWAYS, fill_table },
	{ SET_TABLE, TRIPMAP_A_TABLE_KEY_TYPE, RARELY, fill_type },
	{ SET_TABLE, TRIPMAP_A_TABLE_KEY_SIZE, ALWAYS, fill_key_size },
	{ SET_TABLE, TRIPMAP_A_TABLE_VALUE_TYPE, RARELY, fill_type },
	{ SET_TABLE, TRIPMAP_A_TABLE_VALUE_SIZE, ALWAYS, fill_value_size },
	{ SET_TABLE, TRIPMAP_A_TABLE_CONTRACT, ALWAYS, fill_contract },
	{ SET_TABLE, TRIPMAP_A_TABLE_SYNC, ALWAYS, fill_sync },
	{ SET_TABLE, TRIPMAP_A_TABLE_SHARDS, ALWAYS, fill_shards },
	{ SET_TABLE, TRIPMAP_A_TABLE_BITS, OFTEN, fill_bits },
	{ SET_TABLE, TRIPMAP_A_TABLE_MAX_ENTRIES, RARELY, fill_max_entries },
	{ SET_TABLE, TRIPMAP_A_TABLE_HASH, RARELY, NULL },
	{ SET_TABLE, TRIPMAP_A_TABLE_SEED, RARELY, NULL },
	{ SET_TABLE, TRIPMAP_A_TABLE_FROZEN, RARELY, fill_frozen },
	{ SET_ENTRY, TRIPMAP_A_ENTRY_TABLE, ALWAYS, fill_table },
	{ SET_ENTRY, TRIPMAP_A_ENTRY_MODE, ALWAYS, fill_mode },
	{ SET_ENTRY, TRIPMAP_A_ENTRY_KEY, ONE, fill_key },
	{ SET_ENTRY, TRIPMAP_A_ENTRY_VALUE, ONE, fill_value },
	{ SET_ENTRY, TRIPMAP_A_ENTRY_EXPECTED, SWAP, fill_value },
	{ SET_ENTRY, TRIPMAP_A_ENTRY_BULK, MANY, fill_bulk },
	{ SET_ENTRY, TRIPMAP_A_ENTRY_LABEL, NAMED, NULL },
	{ SET_ENTRY, TRIPMAP_A_ENTRY_PARENT, NAMED, NULL },
	{ SET_ENTRY, TRIPMAP_A_ENTRY_CURSOR, RARELY, NULL },
	{ SET_ENTRY, TRIPMAP_A_ENTRY_EPOCH, RARELY, fill_small_u32 },
	{ SET_ENTRY, TRIPMAP_A_ENTRY_LIMIT, OFTEN, fill_small_u64 },
	{ SET_ENTRY, TRIPMAP_A_ENTRY_SHARD, RARELY, fill_shard },
	{ SET_BUCKET, TRIPMAP_A_BUCKET_TABLE, ALWAYS, fill_table },
	{ SET_BUCKET, TRIPMAP_A_BUCKET_INDEX, ONE, fill_small_u64 },
	{ SET_BUCKET, TRIPMAP_A_BUCKET_KEY, MANY, fill_key },
	{ SET_BUCKET, TRIPMAP_A_BUCKET_OLD, RARELY, NULL },
	{ SET_BUCKET, TRIPMAP_A_BUCKET_SHARD, RARELY, fill_shard },
	{ SET_STATS, TRIPMAP_A_STATS_TABLE, OFTEN, fill_table },
	{ SET_REPORT, TRIPMAP_A_REPORT_ID, OFTEN, fill_small_u64 },
	{ SET_REPORT, TRIPMAP_A_REPORT_AFTER, RARELY, fill_small_u64 },
	{ SET_INJECT, TRIPMAP_A_INJECT_TABLE, ALWAYS, fill_table },
	{ SET_INJECT, TRIPMAP_A_INJECT_FAULT, ALWAYS, fill_fault },
	{ SET_INJECT, TRIPMAP_A_INJECT_STEP, DELAY, NULL },
	{ SET_INJECT, TRIPMAP_A_INJECT_USECS, DELAY, NULL },
	{ SET_INJECT, TRIPMAP_A_INJECT_COUNT, DELAY, fill_small_u32 },
	{ SET_EVENT, TRIPMAP_A_EVENT_REPORT, ALWAYS, fill_small_u64 },
	{ SET_PAUSE, TRIPMAP_A_PAUSE_TABLE, RARELY, fill_table },
	{ SET_PAUSE, TRIPMAP_A_PAUSE_CPU, RARELY, fill_cpu },
};

static const struct hint *hint_of(const struct choice *c, uint16_t attr)
{
	enum set set = set_of(c->cmd);

	for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++)
		if (hints[i].set == set && hints[i].attr == attr)
			return &hints[i];
	return NULL;
}

bool is_needed(const struct choice *c, uint16_t attr)
{
	const struct hint *h = hint_of(c, attr);

	return h && h->when == ALWAYS;
}

bool is_wanted(struct rng *r, const struct choice *c, uint16_t attr)
{
	const struct hint *h = hint_of(c, attr);

	switch (h ? h->when : OFTEN) {
	case ALWAYS:
		return true;
	case RARELY:
		return one_in(r, 10);
	case ONE:
		return !c->many;
	case MANY:
		return c->many;
	case NAMED:
		return c->named;
	case SWAP:
		return c->mode == TRIPMAP_MODE_COMPARE_SWAP;
	case DELAY:
		return c->fault == TRIPMAP_FAULT_DELAY;
	default:
		return one_in(r, 2);
	}
}

int fill_known(struct rng *r, const struct choice *c, uint16_t attr, uint8_t *to)
{
	const struct hint *h = hint_of(c, attr);

	return h && h->fill ? h->fill(r, c, to) : -1;
}

/* --- what must not be asked for --- */

/* No WARN() and no BUG(): a finding has to be the kernel's own. */
static void tame_policy(const struct nlattr *nest)
{
	struct walk w = { attr_data(nest), attr_len(nest) };
	struct nlattr *a;
	uint8_t *action;

	while ((a = attr_next(&w))) {
		action = attr_data(a);
		if ((attr_type(a) == TRIPMAP_A_POLICY_ACTION ||
		     attr_type(a) == TRIPMAP_A_POLICY_ESCALATE_TO) && attr_len(a) &&
		    *action > TRIPMAP_ACTION_REPORT && *action <= TRIPMAP_ACTION_MAX)
			*action = TRIPMAP_ACTION_REPORT;
	}
}

/* Delays of moments, and few of them. */
static void tame_inject(struct nlattr *a)
{
	uint32_t v, most = attr_type(a) == TRIPMAP_A_INJECT_USECS ? 200 : 20;

	if ((attr_type(a) != TRIPMAP_A_INJECT_USECS && attr_type(a) != TRIPMAP_A_INJECT_COUNT) ||
	    attr_len(a) < sizeof(v))
		return;
	memcpy(&v, attr_data(a), sizeof(v));
	/* What is out of range is refused, and shall be. */
	if (v > most && v <= TRIPMAP_DELAY_MAX)
		v %= most;
	else if (v > most && attr_type(a) == TRIPMAP_A_INJECT_COUNT)
		v |= 1U << 31;
	memcpy(attr_data(a), &v, sizeof(v));
}

void tame(const struct family *f, uint8_t *data, size_t len)
{
	struct walk w = { data, len }, attrs;
	const struct genlmsghdr *g;
	struct nlmsghdr *h;
	struct nlattr *a;

	while ((h = message_next(&w))) {
		g = message_genl(f, h);
		if (!g)
			continue;
		attrs = message_attrs(h);
		while ((a = attr_next(&attrs))) {
			if (g->cmd == TRIPMAP_CMD_INJECT)
				tame_inject(a);
			else if (set_of(g->cmd) == SET_TABLE &&
				 attr_type(a) == TRIPMAP_A_TABLE_POLICY)
				tame_policy(a);
		}
	}
}
