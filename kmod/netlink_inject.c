// SPDX-License-Identifier: GPL-2.0
/* What an administrator does to a table that has gone wrong, or shall go wrong. */
#include <linux/instruction_pointer.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/netlink.h>
#include <linux/tripmap_names.h>

#include "core/table.h"
#include "netlink_ops.h"
#include "netlink_util.h"
#include "params.h"

/* --- table-repair --- */

static int fill_repaired(struct sk_buff *skb, const void *what)
{
	return nla_put_u32(skb, TRIPMAP_A_TABLE_REPAIRED, *(const u32 *)what);
}

static int repair_failed(struct tm_request *rq, int err, const struct tm_call *call)
{
	const struct nlattr *name = rq->info->attrs[TRIPMAP_A_TABLE_NAME];
	char text[TM_NL_TEXT];

	switch (err) {
	case -EUCLEAN:
		return tm_nl_fail(rq, err, name,
				  "the check of all buckets found damage: the table stays frozen");
	case -EBUSY:
		return tm_nl_fail(rq, err, name,
				  "a writer that still exists is inside: try again when it has left");
	case -EOWNERDEAD:
		return tm_nl_fail(rq, err, name, "a writer is gone with the lock of a shard");
	default:
		return tm_nl_fail(rq, err, name, "%s",
				  tm_nl_refusal(text, sizeof(text), err, call));
	}
}

int tm_nl_table_repair(struct tm_request *rq)
{
	struct tm_call call = tm_nl_call(rq, TRIPMAP_OP_REPAIR, _THIS_IP_);
	struct tm_named *n = tm_nl_hold(rq, TRIPMAP_A_TABLE_NAME, "name");
	size_t room = nla_total_size(sizeof(u32));
	u32 repaired;
	int err;

	if (IS_ERR(n))
		return PTR_ERR(n);
	err = tm_nl_reply_keep(rq, room);
	if (err)
		goto out;
	err = tm_table_repair(n->map, &call, &repaired);
	tm_nl_called(rq, &call);
	tm_nl_audit(rq, TRIPMAP_DEED_REPAIR, n->name, "%u guards taken, %s", repaired,
		    err == -EUCLEAN ? "damage found" : err ? "not done" : "nothing is damaged");
	err = err ? repair_failed(rq, err, &call) :
		    tm_nl_reply_room(rq, room, fill_repaired, &repaired);
out:
	tm_registry_put(n);
	return err;
}

/* --- inject --- */

struct tm_fault {
	enum tripmap_fault	fault;
	enum tripmap_step	step;
	u32			usecs;
	u32			count;
};

/* What each fault must be told, and must not. */
static int check_fault(struct tm_request *rq, const struct tm_fault *f)
{
	struct nlattr **attrs = rq->info->attrs;
	bool delay = f->fault == TRIPMAP_FAULT_DELAY;

	if (delay != !!attrs[TRIPMAP_A_INJECT_STEP] || delay != !!attrs[TRIPMAP_A_INJECT_USECS])
		return tm_nl_fail(rq, -EINVAL, attrs[TRIPMAP_A_INJECT_FAULT],
				  "step and usecs go with a delay, and a delay with both");
	if (attrs[TRIPMAP_A_INJECT_COUNT] && !delay && f->fault != TRIPMAP_FAULT_FAIL_ALLOC)
		return tm_nl_fail(rq, -EINVAL, attrs[TRIPMAP_A_INJECT_COUNT],
				  "count goes with a delay or fail-alloc");
	if (f->count > INT_MAX)
		return tm_nl_fail(rq, -ERANGE, attrs[TRIPMAP_A_INJECT_COUNT],
				  "a count of %u, at most %d", f->count, INT_MAX);
	return 0;
}

static int parse_fault(struct tm_request *rq, struct tm_fault *f)
{
	struct nlattr **attrs = rq->info->attrs;

	if (!tm_param_allow_inject())
		return tm_nl_fail(rq, -EPERM, NULL,
				  "the module parameter allow_inject is off");
	if (!tm_nl_need(rq, TRIPMAP_A_INJECT_FAULT, "fault"))
		return -EINVAL;
	*f = (struct tm_fault){
		.fault = nla_get_u8(attrs[TRIPMAP_A_INJECT_FAULT]),
		.step = attrs[TRIPMAP_A_INJECT_STEP] ?
			nla_get_u8(attrs[TRIPMAP_A_INJECT_STEP]) : 0,
		.usecs = attrs[TRIPMAP_A_INJECT_USECS] ?
			 nla_get_u32(attrs[TRIPMAP_A_INJECT_USECS]) : 0,
		.count = attrs[TRIPMAP_A_INJECT_COUNT] ?
			 nla_get_u32(attrs[TRIPMAP_A_INJECT_COUNT]) : 1,
	};
	return check_fault(rq, f);
}

static void audit_fault(struct tm_request *rq, const struct tm_named *n, const struct tm_fault *f)
{
	if (f->fault == TRIPMAP_FAULT_DELAY)
		tm_nl_audit(rq, TRIPMAP_DEED_INJECT, n->name, "%s of %u us at step %s, %u times",
			    tripmap_fault_name(f->fault), f->usecs, tripmap_step_name(f->step),
			    f->count);
	else
		tm_nl_audit(rq, TRIPMAP_DEED_INJECT, n->name, "%s, %u times",
			    tripmap_fault_name(f->fault), f->count);
}

int tm_nl_inject(struct tm_request *rq)
{
	struct tm_call call = tm_nl_call(rq, TRIPMAP_OP_NONE, _THIS_IP_);
	struct tm_named *n;
	struct tm_fault f;
	char text[TM_NL_TEXT];
	int err = parse_fault(rq, &f);

	if (err)
		return err;
	n = tm_nl_hold(rq, TRIPMAP_A_INJECT_TABLE, "table");
	if (IS_ERR(n))
		return PTR_ERR(n);
	audit_fault(rq, n, &f);
	err = tm_table_inject(n->map, &call, f.fault, f.step, f.usecs, f.count);
	tm_nl_called(rq, &call);
	if (err)
		err = tm_nl_fail(rq, err, NULL, "%s",
				 tm_nl_refusal(text, sizeof(text), err, &call));
	tm_registry_put(n);
	return err;
}
