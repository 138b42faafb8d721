// SPDX-License-Identifier: GPL-2.0
/* Buckets, counters and features: what there is to look at. */
#include "wire_call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct wire_field bucket_fields[] = {
	WIRE_FIELD(TRIPMAP_A_BUCKET_INDEX, W_U64, bucket, index),
	WIRE_FIELD(TRIPMAP_A_BUCKET_OLD, W_U8, bucket, old),
	WIRE_FIELD(TRIPMAP_A_BUCKET_EVACUATED, W_U8, bucket, evacuated),
	WIRE_FIELD(TRIPMAP_A_BUCKET_VERSION, W_U32, bucket, version),
	WIRE_FIELD(TRIPMAP_A_BUCKET_SHARD, W_U16, bucket, shard),
};

static const struct wire_field features_fields[] = {
	WIRE_FIELD(TRIPMAP_A_FEATURES_FAMILY_VERSION, W_U32, features, family_version),
	WIRE_FIELD(TRIPMAP_A_FEATURES_MODULE_VERSION, W_STR, features, module_version),
	WIRE_FIELD(TRIPMAP_A_FEATURES_KERNEL, W_STR, features, kernel),
	WIRE_FIELD(TRIPMAP_A_FEATURES_CONTRACTS, W_U32, features, contracts),
	WIRE_FIELD(TRIPMAP_A_FEATURES_CLASSES, W_U32, features, classes),
	WIRE_FIELD(TRIPMAP_A_FEATURES_ACTIONS, W_U32, features, actions),
	WIRE_FIELD(TRIPMAP_A_FEATURES_HASHES, W_U32, features, hashes),
	WIRE_FIELD(TRIPMAP_A_FEATURES_MAX_TABLES, W_U32, features, max_tables),
	WIRE_FIELD(TRIPMAP_A_FEATURES_MAX_ENTRIES, W_U64, features, max_entries),
	WIRE_FIELD(TRIPMAP_A_FEATURES_MAX_MEMORY, W_U64, features, max_memory),
	WIRE_FIELD(TRIPMAP_A_FEATURES_MAX_REPORTS, W_U32, features, max_reports),
	WIRE_FIELD(TRIPMAP_A_FEATURES_SYNCS, W_U32, features, syncs),
	WIRE_FIELD(TRIPMAP_A_FEATURES_FAULTS, W_U32, features, faults),
	WIRE_FIELD(TRIPMAP_A_FEATURES_STALE_MS, W_U32, features, stale_ms),
	WIRE_FIELD(TRIPMAP_A_FEATURES_RECORDER, W_U8, features, recorder),
	WIRE_FIELD(TRIPMAP_A_FEATURES_RECORDER_EVENTS, W_U32, features, recorder_events),
	WIRE_FIELD(TRIPMAP_A_FEATURES_RECORDER_SHARE, W_U32, features, recorder_share),
	WIRE_FIELD(TRIPMAP_A_FEATURES_WINDOW_MS, W_U32, features, window_ms),
	WIRE_FIELD(TRIPMAP_A_FEATURES_PAUSE_KINDS, W_U32, features, pause_kinds),
	WIRE_FIELD(TRIPMAP_A_FEATURES_PAUSE_STATS, W_U8, features, pause_stats),
};

static void slot_read(void *arg, const struct nlattr *a)
{
	struct link *l = arg;
	struct wire_attrs nest;
	struct slot *s;
	uint8_t index;

	if (!wire_nest(a, &nest) || wire_bytes(nest.tb[TRIPMAP_A_SLOT_INDEX], &index, 1) != 1 ||
	    index >= TRIPMAP_BUCKET_SLOTS)
		return;
	s = &l->slot[index];
	s->used = true;
	s->key_len = (uint16_t)wire_bytes(nest.tb[TRIPMAP_A_SLOT_KEY], s->key, sizeof(s->key));
	s->value_len = (uint16_t)wire_bytes(nest.tb[TRIPMAP_A_SLOT_VALUE], s->value,
					    sizeof(s->value));
}

static void link_read(void *arg, const struct nlattr *a)
{
	uint8_t tags[TRIPMAP_BUCKET_SLOTS] = { 0 };
	struct bucket *b = arg;
	struct wire_attrs nest;
	struct link *l;

	if (b->nlinks == LINKS_MAX || !wire_nest(a, &nest))
		return;
	l = &b->link[b->nlinks++];
	wire_bytes(nest.tb[TRIPMAP_A_LINK_INDEX], &l->index, sizeof(l->index));
	wire_bytes(nest.tb[TRIPMAP_A_LINK_TOPHASH], tags, sizeof(tags));
	for (unsigned int i = 0; i < TRIPMAP_BUCKET_SLOTS; i++)
		l->slot[i].tag = tags[i];
	wire_each(&nest, TRIPMAP_A_LINK_SLOT, slot_read, l);
}

void wire_chain(const struct wire_attrs *r, int attr, struct bucket *b)
{
	wire_each(r, attr, link_read, b);
}

static int bucket_reply(struct wire *w, const struct wire_attrs *r, void *arg)
{
	struct bucket *b = arg;

	(void)w;
	memset(b, 0, sizeof(*b));
	b->has = wire_fill(bucket_fields, ARRAY_SIZE(bucket_fields), r, b);
	wire_chain(r, TRIPMAP_A_BUCKET_CHAIN, b);
	return 0;
}

int wire_bucket_get(struct wire *w, const struct table *t, const struct bucket_query *q,
		    struct bucket *b)
{
	struct wire_msg m;
	int err = wire_begin(w, &m, TRIPMAP_CMD_BUCKET_GET, 0, REQUEST_SIZE);

	if (err)
		return err;
	wire_put_str(&m, TRIPMAP_A_BUCKET_TABLE, t->name);
	if (q->key)
		wire_put(&m, TRIPMAP_A_BUCKET_KEY, q->key, t->key.size);
	else
		wire_put_u64(&m, TRIPMAP_A_BUCKET_INDEX, q->index);
	if (!q->key && q->old)
		wire_put_u8(&m, TRIPMAP_A_BUCKET_OLD, 1);
	if (!q->key && q->shard >= 0)
		wire_put_u16(&m, TRIPMAP_A_BUCKET_SHARD, (uint16_t)q->shard);
	return wire_call(w, &m, bucket_reply, b, 0);
}

struct map_call {
	int	shard;
	void	(*each)(void *arg, const struct bucket_map *m);
	void	*arg;
};

static int map_reply(struct wire *w, const struct wire_attrs *r, void *arg)
{
	struct nlattr *map = r->tb[TRIPMAP_A_BUCKET_MAP];
	struct map_call *c = arg;
	struct bucket_map m = { .shard = c->shard < 0 ? 0 : (uint16_t)c->shard };
	uint8_t old = 0;

	(void)w;
	if (!map)
		return 0;
	wire_bytes(r->tb[TRIPMAP_A_BUCKET_OLD], &old, 1);
	m.old = old;
	wire_bytes(r->tb[TRIPMAP_A_BUCKET_FIRST], &m.first, sizeof(m.first));
	wire_bytes(r->tb[TRIPMAP_A_BUCKET_SHARD], &m.shard, sizeof(m.shard));
	m.cell = nla_data(map);
	m.count = (uint64_t)nla_len(map) / 2;
	c->each(c->arg, &m);
	return 0;
}

int wire_bucket_map(struct wire *w, const char *name, int shard,
		    void (*each)(void *arg, const struct bucket_map *m), void *arg)
{
	struct map_call c = { shard, each, arg };
	struct wire_msg m;
	int err = wire_begin(w, &m, TRIPMAP_CMD_BUCKET_MAP, NLM_F_DUMP, REQUEST_SIZE);

	if (err)
		return err;
	wire_put_str(&m, TRIPMAP_A_BUCKET_TABLE, name);
	if (shard >= 0)
		wire_put_u16(&m, TRIPMAP_A_BUCKET_SHARD, (uint16_t)shard);
	return wire_call(w, &m, map_reply, &c, 0);
}

struct stats_call {
	void	(*each)(void *arg, const char *counter, uint64_t value);
	void	*arg;
};

static void counter_read(void *arg, const struct nlattr *a)
{
	struct stats_call *c = arg;
	struct wire_attrs nest;
	char name[64] = "";
	uint64_t value = 0;

	if (!wire_nest(a, &nest) || !nest.tb[TRIPMAP_A_COUNTER_NAME])
		return;
	nla_strlcpy(name, nest.tb[TRIPMAP_A_COUNTER_NAME], sizeof(name));
	wire_bytes(nest.tb[TRIPMAP_A_COUNTER_VALUE], &value, sizeof(value));
	c->each(c->arg, name, value);
}

static int stats_reply(struct wire *w, const struct wire_attrs *r, void *arg)
{
	(void)w;
	wire_each(r, TRIPMAP_A_STATS_COUNTER, counter_read, arg);
	return 0;
}

int wire_stats(struct wire *w, const char *name,
	       void (*each)(void *arg, const char *counter, uint64_t value), void *arg)
{
	struct stats_call c = { each, arg };

	return wire_simple(w, TRIPMAP_CMD_STATS_GET, 0, TRIPMAP_A_STATS_TABLE, name, stats_reply,
			   &c);
}

static int features_reply(struct wire *w, const struct wire_attrs *r, void *arg)
{
	struct features *f = arg;

	(void)w;
	memset(f, 0, sizeof(*f));
	f->has = wire_fill(features_fields, ARRAY_SIZE(features_fields), r, f);
	return 0;
}

int wire_features(struct wire *w, struct features *f)
{
	return wire_simple(w, TRIPMAP_CMD_FEATURES_GET, 0, 0, NULL, features_reply, f);
}
