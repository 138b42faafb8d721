// SPDX-License-Identifier: GPL-2.0
/* Pauses: how many of what length, the last ones, and whether they are counted. */
#include "wire_call.h"

#include <string.h>

static const struct wire_field pause_fields[] = {
	WIRE_FIELD(TRIPMAP_A_PAUSE_TABLE, W_STR, pause, table),
	WIRE_FIELD(TRIPMAP_A_PAUSE_KIND, W_U8, pause, kind),
	WIRE_FIELD(TRIPMAP_A_PAUSE_CPU, W_U32, pause, cpu),
	WIRE_FIELD(TRIPMAP_A_PAUSE_TIME, W_U64, pause, time),
	WIRE_FIELD(TRIPMAP_A_PAUSE_SINCE, W_U64, pause, since),
	WIRE_FIELD(TRIPMAP_A_PAUSE_UNTIL, W_U64, pause, until),
	WIRE_FIELD(TRIPMAP_A_PAUSE_STATE, W_U8, pause, state),
	WIRE_FIELD(TRIPMAP_A_PAUSE_SHARE, W_U32, pause, share),
	WIRE_FIELD(TRIPMAP_A_PAUSE_COUNT, W_U64, pause, count),
	WIRE_FIELD(TRIPMAP_A_PAUSE_TOTAL, W_U64, pause, total),
	WIRE_FIELD(TRIPMAP_A_PAUSE_SHORTEST, W_U64, pause, shortest),
	WIRE_FIELD(TRIPMAP_A_PAUSE_LONGEST, W_U64, pause, longest),
	WIRE_FIELD(TRIPMAP_A_PAUSE_UNTRACKED, W_U64, pause, untracked),
};

static const struct wire_field recent_fields[] = {
	WIRE_FIELD(TRIPMAP_A_PAUSE_KIND, W_U8, pause_recent, kind),
	WIRE_FIELD(TRIPMAP_A_PAUSE_CPU, W_U32, pause_recent, cpu),
	WIRE_FIELD(TRIPMAP_A_PAUSE_TABLE_ID, W_U32, pause_recent, table_id),
	WIRE_FIELD(TRIPMAP_A_PAUSE_TABLE, W_STR, pause_recent, table),
	WIRE_FIELD(TRIPMAP_A_PAUSE_START, W_U64, pause_recent, start),
	WIRE_FIELD(TRIPMAP_A_PAUSE_DURATION, W_U64, pause_recent, duration),
};

static int ask(struct wire *w, uint8_t cmd, const struct pause_query *q, wire_reply reply,
	       void *arg)
{
	struct wire_msg m;
	int err = wire_begin(w, &m, cmd, NLM_F_DUMP, REQUEST_SIZE);

	if (err)
		return err;
	if (q->table)
		wire_put_str(&m, TRIPMAP_A_PAUSE_TABLE, q->table);
	if (q->kind >= 0)
		wire_put_u8(&m, TRIPMAP_A_PAUSE_KIND, (uint8_t)q->kind);
	if (q->has_cpu)
		wire_put_u32(&m, TRIPMAP_A_PAUSE_CPU, q->cpu);
	return wire_call(w, &m, reply, arg, 0);
}

struct pause_call {
	void	(*each)(void *arg, const struct pause *p);
	void	*arg;
};

static int pause_reply(struct wire *w, const struct wire_attrs *r, void *arg)
{
	struct pause_call *c = arg;
	struct pause p = { 0 };

	(void)w;
	p.has = wire_fill(pause_fields, ARRAY_SIZE(pause_fields), r, &p);
	wire_bytes(r->tb[TRIPMAP_A_PAUSE_HISTOGRAM], p.cell, sizeof(p.cell));
	wire_bytes(r->tb[TRIPMAP_A_PAUSE_NEAR], p.near, sizeof(p.near));
	c->each(c->arg, &p);
	return 0;
}

int wire_pause_list(struct wire *w, const struct pause_query *q,
		    void (*each)(void *arg, const struct pause *p), void *arg)
{
	struct pause_call c = { each, arg };

	return ask(w, TRIPMAP_CMD_PAUSE_GET, q, pause_reply, &c);
}

struct recent_call {
	void	(*each)(void *arg, const struct pause_recent *p);
	void	*arg;
};

static int recent_reply(struct wire *w, const struct wire_attrs *r, void *arg)
{
	struct recent_call *c = arg;
	struct pause_recent p = { 0 };

	(void)w;
	p.has = wire_fill(recent_fields, ARRAY_SIZE(recent_fields), r, &p);
	c->each(c->arg, &p);
	return 0;
}

int wire_pause_recent(struct wire *w, const struct pause_query *q,
		      void (*each)(void *arg, const struct pause_recent *p), void *arg)
{
	struct recent_call c = { each, arg };

	return ask(w, TRIPMAP_CMD_PAUSE_RECENT_GET, q, recent_reply, &c);
}

static int set(struct wire *w, int attr, uint8_t value)
{
	struct wire_msg m;
	int err = wire_begin(w, &m, TRIPMAP_CMD_PAUSE_SET, 0, REQUEST_SIZE);

	if (err)
		return err;
	wire_put_u8(&m, attr, value);
	return wire_call(w, &m, NULL, NULL, 0);
}

int wire_pause_count(struct wire *w, bool on)
{
	return set(w, TRIPMAP_A_PAUSE_STATE, on);
}

int wire_pause_reset(struct wire *w)
{
	return set(w, TRIPMAP_A_PAUSE_RESET, 1);
}
