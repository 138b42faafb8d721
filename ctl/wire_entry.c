// SPDX-License-Identifier: GPL-2.0
#include "wire_call.h"

#include <errno.h>
#include <string.h>

/* Room for the attributes around a bulk. */
#define BULK_EXTRA	1024

static void put_label(struct wire_msg *m, const struct label *l)
{
	if (l->name)
		wire_put_str(m, TRIPMAP_A_ENTRY_LABEL, l->name);
	if (l->parent)
		wire_put_str(m, TRIPMAP_A_ENTRY_PARENT, l->parent);
}

int wire_entry_put(struct wire *w, const struct entry_put *put)
{
	struct wire_msg m;
	int err = wire_begin(w, &m, TRIPMAP_CMD_ENTRY_SET, 0, REQUEST_SIZE);

	if (err)
		return err;
	wire_put_str(&m, TRIPMAP_A_ENTRY_TABLE, put->table);
	wire_put_u8(&m, TRIPMAP_A_ENTRY_MODE, put->mode);
	wire_put(&m, TRIPMAP_A_ENTRY_KEY, put->key, put->key_size);
	wire_put(&m, TRIPMAP_A_ENTRY_VALUE, put->value, put->value_size);
	if (put->expected)
		wire_put(&m, TRIPMAP_A_ENTRY_EXPECTED, put->expected, put->value_size);
	put_label(&m, &put->label);
	return wire_call(w, &m, NULL, NULL, 0);
}

struct value_call {
	void	*value;
	size_t	size;
};

static int value_reply(struct wire *w, const struct wire_attrs *r, void *arg)
{
	struct value_call *c = arg;

	if (wire_bytes(r->tb[TRIPMAP_A_ENTRY_VALUE], c->value, c->size) == c->size)
		return 0;
	return wire_fail(w, EBADMSG, "the kernel's value is shorter than the table's");
}

/* A request about one key. */
static int key_call(struct wire *w, uint8_t cmd, const struct table *t, const void *key,
		    const struct label *label, wire_reply reply, void *arg)
{
	struct wire_msg m;
	int err = wire_begin(w, &m, cmd, 0, REQUEST_SIZE);

	if (err)
		return err;
	wire_put_str(&m, TRIPMAP_A_ENTRY_TABLE, t->name);
	wire_put(&m, TRIPMAP_A_ENTRY_KEY, key, t->key.size);
	put_label(&m, label);
	return wire_call(w, &m, reply, arg, 0);
}

int wire_entry_get(struct wire *w, const struct table *t, const void *key,
		   const struct label *label, void *value)
{
	struct value_call c = { value, t->value.size };

	return key_call(w, TRIPMAP_CMD_ENTRY_GET, t, key, label, value_reply, &c);
}

int wire_entry_take(struct wire *w, const struct table *t, const void *key,
		    const struct label *label, void *value)
{
	struct value_call c = { value, t->value.size };

	return key_call(w, TRIPMAP_CMD_ENTRY_TAKE, t, key, label, value_reply, &c);
}

int wire_entry_del(struct wire *w, const struct table *t, const void *key,
		   const struct label *label)
{
	return key_call(w, TRIPMAP_CMD_ENTRY_DEL, t, key, label, NULL, NULL);
}

static int done_reply(struct wire *w, const struct wire_attrs *r, void *arg)
{
	(void)w;
	wire_bytes(r->tb[TRIPMAP_A_ENTRY_DONE], arg, sizeof(uint32_t));
	return 0;
}

int wire_bulk_put(struct wire *w, const char *table, uint8_t mode, const void *packed,
		  size_t size, uint32_t *done)
{
	struct wire_msg m;
	int err;

	*done = 0;
	err = wire_begin(w, &m, TRIPMAP_CMD_ENTRY_SET, 0, size + BULK_EXTRA);
	if (err)
		return err;
	wire_put_str(&m, TRIPMAP_A_ENTRY_TABLE, table);
	wire_put_u8(&m, TRIPMAP_A_ENTRY_MODE, mode);
	wire_put(&m, TRIPMAP_A_ENTRY_BULK, packed, size);
	return wire_call(w, &m, done_reply, done, 0);
}

struct bulk_call {
	void	*values;
	size_t	values_size;
	uint8_t	*found;
	size_t	n;
};

static int bulk_reply(struct wire *w, const struct wire_attrs *r, void *arg)
{
	struct bulk_call *c = arg;

	if (wire_bytes(r->tb[TRIPMAP_A_ENTRY_FOUND], c->found, c->n) == c->n &&
	    wire_bytes(r->tb[TRIPMAP_A_ENTRY_BULK], c->values, c->values_size) == c->values_size)
		return 0;
	return wire_fail(w, EBADMSG, "the kernel answered for fewer keys than were asked for");
}

int wire_bulk_get(struct wire *w, const struct table *t, const void *keys, uint32_t n,
		  void *values, uint8_t *found)
{
	struct bulk_call c = { values, (size_t)n * t->value.size, found, n };
	size_t size = (size_t)n * t->key.size;
	struct wire_msg m;
	int err = wire_begin(w, &m, TRIPMAP_CMD_ENTRY_GET, 0, size + BULK_EXTRA);

	if (err)
		return err;
	wire_put_str(&m, TRIPMAP_A_ENTRY_TABLE, t->name);
	wire_put(&m, TRIPMAP_A_ENTRY_BULK, keys, size);
	return wire_call(w, &m, bulk_reply, &c, 0);
}

struct dump_call {
	size_t	entry_size;
	struct place *place;
	bool	(*each)(void *arg, const void *packed, uint32_t n);
	void	*arg;
};

/* Each message names the place behind it, but for the one that reached the end. */
static void place_read(const struct wire_attrs *r, struct place *p)
{
	memset(p, 0, sizeof(*p));
	p->known = r->tb[TRIPMAP_A_ENTRY_CURSOR];
	wire_bytes(r->tb[TRIPMAP_A_ENTRY_CURSOR], &p->cursor, sizeof(p->cursor));
	wire_bytes(r->tb[TRIPMAP_A_ENTRY_EPOCH], &p->epoch, sizeof(p->epoch));
	wire_bytes(r->tb[TRIPMAP_A_ENTRY_SHARD], &p->shard, sizeof(p->shard));
}

static void place_put(struct wire_msg *m, const struct place *p)
{
	wire_put_u64(m, TRIPMAP_A_ENTRY_CURSOR, p->cursor);
	wire_put_u32(m, TRIPMAP_A_ENTRY_EPOCH, p->epoch);
	/* What has one shard need not know of shards. */
	if (p->shard)
		wire_put_u16(m, TRIPMAP_A_ENTRY_SHARD, p->shard);
}

static int dump_reply(struct wire *w, const struct wire_attrs *r, void *arg)
{
	struct nlattr *bulk = r->tb[TRIPMAP_A_ENTRY_BULK];
	struct dump_call *c = arg;
	size_t size = bulk ? (size_t)nla_len(bulk) : 0;

	if (size % c->entry_size)
		return wire_fail(w, EBADMSG, "the kernel's entries are not of the table's size");
	place_read(r, c->place);
	if (!size || c->each(c->arg, nla_data(bulk), (uint32_t)(size / c->entry_size)))
		return 0;
	return wire_fail(w, ECANCELED, "ended by the caller");
}

int wire_entry_dump(struct wire *w, const struct table *t, const struct dump_wish *wish,
		    struct place *place,
		    bool (*each)(void *arg, const void *packed, uint32_t n), void *arg)
{
	struct dump_call c = { (size_t)t->key.size + t->value.size, place, each, arg };
	struct wire_msg m;
	int err = wire_begin(w, &m, TRIPMAP_CMD_ENTRY_DUMP, NLM_F_DUMP, REQUEST_SIZE);

	if (err)
		return err;
	wire_put_str(&m, TRIPMAP_A_ENTRY_TABLE, t->name);
	if (wish->limit)
		wire_put_u64(&m, TRIPMAP_A_ENTRY_LIMIT, wish->limit);
	if (wish->snapshot)
		wire_put_u8(&m, TRIPMAP_A_ENTRY_SNAPSHOT, 1);
	if (place->known)
		place_put(&m, place);
	place->known = false;
	err = wire_call(w, &m, dump_reply, &c, wish->timeout_ms);
	return err == -ECANCELED ? 0 : err;
}
