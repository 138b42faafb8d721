// SPDX-License-Identifier: GPL-2.0
/* What an operator does to see the alarm ring, and what was changed by hand. */
#include "wire_call.h"

#include <string.h>

static const struct wire_field audit_fields[] = {
	WIRE_FIELD(TRIPMAP_A_AUDIT_ID, W_U64, audit, id),
	WIRE_FIELD(TRIPMAP_A_AUDIT_TIME, W_U64, audit, time),
	WIRE_FIELD(TRIPMAP_A_AUDIT_TIME_REAL, W_U64, audit, time_real),
	WIRE_FIELD(TRIPMAP_A_AUDIT_DEED, W_U8, audit, deed),
	WIRE_FIELD(TRIPMAP_A_AUDIT_UID, W_U32, audit, uid),
	WIRE_FIELD(TRIPMAP_A_AUDIT_PID, W_U32, audit, pid),
	WIRE_FIELD(TRIPMAP_A_AUDIT_COMM, W_STR, audit, comm),
	WIRE_FIELD(TRIPMAP_A_AUDIT_TABLE, W_STR, audit, table),
	WIRE_FIELD(TRIPMAP_A_AUDIT_TEXT, W_STR, audit, text),
};

int wire_inject(struct wire *w, const char *name, const struct injection *in)
{
	struct wire_msg m;
	int err = wire_begin(w, &m, TRIPMAP_CMD_INJECT, 0, REQUEST_SIZE);

	if (err)
		return err;
	wire_put_str(&m, TRIPMAP_A_INJECT_TABLE, name);
	wire_put_u8(&m, TRIPMAP_A_INJECT_FAULT, in->fault);
	if (HAS(in, TRIPMAP_A_INJECT_STEP))
		wire_put_u8(&m, TRIPMAP_A_INJECT_STEP, in->step);
	if (HAS(in, TRIPMAP_A_INJECT_USECS))
		wire_put_u32(&m, TRIPMAP_A_INJECT_USECS, in->usecs);
	if (HAS(in, TRIPMAP_A_INJECT_COUNT))
		wire_put_u32(&m, TRIPMAP_A_INJECT_COUNT, in->count);
	return wire_call(w, &m, NULL, NULL, 0);
}

struct audit_call {
	void	(*each)(void *arg, const struct audit *a);
	void	*arg;
};

static int audit_reply(struct wire *w, const struct wire_attrs *r, void *arg)
{
	struct audit_call *c = arg;
	struct audit a = { 0 };

	(void)w;
	a.has = wire_fill(audit_fields, ARRAY_SIZE(audit_fields), r, &a);
	c->each(c->arg, &a);
	return 0;
}

int wire_audit_list(struct wire *w, void (*each)(void *arg, const struct audit *a), void *arg)
{
	struct audit_call c = { each, arg };

	return wire_simple(w, TRIPMAP_CMD_AUDIT_GET, NLM_F_DUMP, 0, NULL, audit_reply, &c);
}
