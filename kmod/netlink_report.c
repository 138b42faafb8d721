// SPDX-License-Identifier: GPL-2.0
/*
 * Reports over netlink. A reader sees those on tables of its own network
 * namespace; in the initial one also those on tables that kernel code made
 * without naming a namespace (owner 0).
 */
#include <linux/capability.h>
#include <linux/kernel.h>
#include <linux/netlink.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include "netlink_ops.h"
#include "netlink_util.h"
#include "observe/report.h"

#define TM_NL_KERNEL_OWNER	0
#define TM_NL_SYMBOL		128	/* bytes of symbol+offset/size; longer ones are cut */

/* A reader, and the report it is shown. */
struct tm_reader {
	struct net		*net;
	struct pid_namespace	*pids;		/* of the reading task */
	bool			privileged;	/* may see keys */
	u64			last;		/* id of the last report shown in a dump */
	struct tm_report	r;
	struct tm_report	other;		/* see next_report() */
	char			title[TM_REPORT_TITLE];
};

static struct tm_reader *new_reader(struct net *net, struct sk_buff *request)
{
	struct tm_reader *reader = kzalloc(sizeof(*reader), GFP_KERNEL);

	if (!reader)
		return NULL;
	reader->net = net;
	reader->privileged = netlink_ns_capable(request, net->user_ns, CAP_NET_ADMIN);
	return reader;
}

static bool sees_kernel_tables(const struct tm_reader *reader)
{
	return net_eq(reader->net, &init_net);
}

static bool get_report(struct tm_reader *reader, u64 id)
{
	return tm_report_get(reader->net->net_cookie, id, &reader->r) ||
	       (sees_kernel_tables(reader) &&
		tm_report_get(TM_NL_KERNEL_OWNER, id, &reader->r));
}

/* Two owners' reports in the one order of ids. */
static bool next_report(struct tm_reader *reader)
{
	bool mine = tm_report_next(reader->net->net_cookie, reader->last, &reader->r);
	bool kernels = sees_kernel_tables(reader) &&
		       tm_report_next(TM_NL_KERNEL_OWNER, reader->last, &reader->other);

	if (kernels && (!mine || reader->other.id < reader->r.id))
		reader->r = reader->other;
	return mine || kernels;
}

/* --- parties --- */

static int put_u64(struct sk_buff *skb, int type, u64 value)
{
	return nla_put_u64_64bit(skb, type, value, TRIPMAP_A_PARTY_PAD);
}

/* 0 for a task that is not there, or not to be seen from there. */
static u32 pid_for(const struct tm_reader *reader, u32 pid)
{
	u32 nr;

	if (reader->pids == &init_pid_ns)
		return pid;
	rcu_read_lock();
	nr = pid_nr_ns(find_pid_ns(pid, &init_pid_ns), reader->pids);
	rcu_read_unlock();
	return nr;
}

/* A raw address is not shown to anybody. */
static int put_symbol(struct sk_buff *skb, int type, unsigned long address)
{
	char symbol[TM_NL_SYMBOL];

	snprintf(symbol, sizeof(symbol), "%pS", (void *)address);
	return nla_put_string(skb, type, strstarts(symbol, "0x") ? "unknown" : symbol);
}

static int put_stack(struct sk_buff *skb, const struct tm_stack *stack)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < stack->n && !err; i++)
		err = put_symbol(skb, TRIPMAP_A_PARTY_FRAME, stack->frame[i]);
	return err;
}

static int put_task(struct sk_buff *skb, const struct tm_reader *reader, const struct tm_party *p)
{
	if (nla_put_u32(skb, TRIPMAP_A_PARTY_PID, pid_for(reader, p->pid)) ||
	    nla_put_u32(skb, TRIPMAP_A_PARTY_TGID, pid_for(reader, p->tgid)) ||
	    (p->comm[0] && nla_put_string(skb, TRIPMAP_A_PARTY_COMM, p->comm)) ||
	    nla_put_u32(skb, TRIPMAP_A_PARTY_CPU, p->cpu) ||
	    nla_put_u8(skb, TRIPMAP_A_PARTY_CONTEXT, p->context))
		return -EMSGSIZE;
	return 0;
}

static int put_work(struct sk_buff *skb, const struct tm_reader *reader, const struct tm_party *p)
{
	int shown = min_t(int, p->key_size, TM_REPORT_KEY_MAX);

	if (nla_put_u8(skb, TRIPMAP_A_PARTY_OP, p->op) ||
	    (p->caller && put_symbol(skb, TRIPMAP_A_PARTY_CALLER, p->caller)) ||
	    put_u64(skb, TRIPMAP_A_PARTY_SINCE, p->since) ||
	    (p->key_size && nla_put_u16(skb, TRIPMAP_A_PARTY_KEY_SIZE, p->key_size)) ||
	    (shown && reader->privileged && nla_put(skb, TRIPMAP_A_PARTY_KEY, shown, p->key)) ||
	    (p->bucket != TM_NO_BUCKET && put_u64(skb, TRIPMAP_A_PARTY_BUCKET, p->bucket)))
		return -EMSGSIZE;
	return 0;
}

static int put_party(struct sk_buff *skb, int type, const struct tm_reader *reader,
		     const struct tm_party *p, const struct tm_stack *stack)
{
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest || put_task(skb, reader, p) || put_work(skb, reader, p) ||
	    put_stack(skb, stack))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* --- reports --- */

static int put_head(struct sk_buff *skb, const struct tm_report *r, const char *title)
{
	if (nla_put_u64_64bit(skb, TRIPMAP_A_REPORT_ID, r->id, TRIPMAP_A_REPORT_PAD) ||
	    nla_put_u8(skb, TRIPMAP_A_REPORT_CLASS, r->v.class) ||
	    nla_put_u8(skb, TRIPMAP_A_REPORT_ACTION, r->action) ||
	    nla_put_string(skb, TRIPMAP_A_REPORT_TABLE, r->v.table) ||
	    nla_put_string(skb, TRIPMAP_A_REPORT_TITLE, title) ||
	    nla_put_u64_64bit(skb, TRIPMAP_A_REPORT_TIME, r->time, TRIPMAP_A_REPORT_PAD))
		return -EMSGSIZE;
	return 0;
}

static int put_resize(struct sk_buff *skb, const struct tm_violation *v)
{
	if (nla_put_u8(skb, TRIPMAP_A_REPORT_RESIZE, v->resize))
		return -EMSGSIZE;
	if (v->resize == TRIPMAP_RESIZE_NONE)
		return 0;
	if (nla_put_u64_64bit(skb, TRIPMAP_A_REPORT_RESIZE_DONE, v->resize_done,
			      TRIPMAP_A_REPORT_PAD) ||
	    nla_put_u64_64bit(skb, TRIPMAP_A_REPORT_RESIZE_TOTAL, v->resize_total,
			      TRIPMAP_A_REPORT_PAD))
		return -EMSGSIZE;
	return 0;
}

static int put_body(struct sk_buff *skb, const struct tm_reader *reader)
{
	const struct tm_report *r = &reader->r;

	if (nla_put_u8(skb, TRIPMAP_A_REPORT_CONTRACT, r->v.contract) ||
	    nla_put_u64_64bit(skb, TRIPMAP_A_REPORT_TIME_REAL, r->time_real,
			      TRIPMAP_A_REPORT_PAD) ||
	    nla_put_s32(skb, TRIPMAP_A_REPORT_RESULT, r->v.result) ||
	    nla_put_u64_64bit(skb, TRIPMAP_A_REPORT_REPEATS, r->repeats, TRIPMAP_A_REPORT_PAD) ||
	    (r->v.victim.bucket != TM_NO_BUCKET &&
	     nla_put_u64_64bit(skb, TRIPMAP_A_REPORT_BUCKET, r->v.victim.bucket,
			       TRIPMAP_A_REPORT_PAD)) ||
	    nla_put_u8(skb, TRIPMAP_A_REPORT_HALF, r->half))
		return -EMSGSIZE;
	/* The word holds a pid of the initial namespace. */
	if (reader->privileged && reader->pids == &init_pid_ns &&
	    nla_put_u64_64bit(skb, TRIPMAP_A_REPORT_WORD, r->v.word, TRIPMAP_A_REPORT_PAD))
		return -EMSGSIZE;
	return 0;
}

static int fill_report(struct sk_buff *skb, const void *what)
{
	const struct tm_reader *reader = what;
	const struct tm_report *r = &reader->r;

	if (put_head(skb, r, reader->title) || put_body(skb, reader) ||
	    put_resize(skb, &r->v) ||
	    put_party(skb, TRIPMAP_A_REPORT_VICTIM, reader, &r->v.victim, &r->victim_stack))
		return -EMSGSIZE;
	if (r->half == TRIPMAP_HALF_NONE)
		return 0;
	return put_party(skb, TRIPMAP_A_REPORT_HOLDER, reader, &r->v.holder, &r->holder_stack);
}

/* Before each report is put: who reads may change in a dump. */
static void prepare(struct tm_reader *reader)
{
	reader->pids = task_active_pid_ns(current);
	tm_report_title(&reader->r, reader->title, sizeof(reader->title));
}

int tm_nl_report_get(struct tm_request *rq)
{
	const struct nlattr *id = tm_nl_need(rq, TRIPMAP_A_REPORT_ID, "id");
	struct tm_reader *reader;
	int err;

	if (!id)
		return -EINVAL;
	reader = new_reader(genl_info_net(rq->info), rq->skb);
	if (!reader)
		return tm_nl_fail(rq, -ENOMEM, NULL, "no memory for a report");
	if (get_report(reader, nla_get_u64(id))) {
		prepare(reader);
		err = tm_nl_reply(rq, fill_report, reader);
	} else {
		err = tm_nl_fail(rq, -ENOENT, id, "no report %llu in this network namespace",
				 nla_get_u64(id));
	}
	kfree(reader);
	return err;
}

/* args[0]: the struct tm_reader. */
int tm_nl_report_dump_start(struct netlink_callback *cb)
{
	struct tm_reader *reader;
	int err;

	err = tm_nl_dump_plain(cb, "a dump of all reports takes no id");
	if (err)
		return err;
	reader = new_reader(tm_nl_dump_net(cb), cb->skb);
	if (!reader)
		return tm_nl_dump_fail(cb, -ENOMEM, NULL, "no memory for a dump");
	cb->args[0] = (long)reader;
	return 0;
}

int tm_nl_report_dump_done(struct netlink_callback *cb)
{
	kfree((void *)cb->args[0]);
	return 0;
}

int tm_nl_report_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct tm_reader *reader = (struct tm_reader *)cb->args[0];

	while (next_report(reader)) {
		prepare(reader);
		if (tm_nl_dump_put(skb, cb, TRIPMAP_CMD_REPORT_GET, fill_report, reader))
			break;
		reader->last = reader->r.id;
	}
	return skb->len;
}

int tm_nl_report_clear(struct tm_request *rq)
{
	struct net *net = genl_info_net(rq->info);

	tm_report_clear(net->net_cookie);
	if (net_eq(net, &init_net))
		tm_report_clear(TM_NL_KERNEL_OWNER);
	return 0;
}

/* --- notifications --- */

static int fill_ntf(struct sk_buff *skb, u64 seq, const void *what)
{
	const struct tm_report *r = what;
	char title[TM_REPORT_TITLE];

	tm_report_title(r, title, sizeof(title));
	if (nla_put_u64_64bit(skb, TRIPMAP_A_REPORT_SEQ, seq, TRIPMAP_A_REPORT_PAD))
		return -EMSGSIZE;
	return put_head(skb, r, title);
}

/* With a reference, or NULL when the namespace is gone. */
static struct net *net_of_owner(u64 owner)
{
	struct net *net;

	if (owner == TM_NL_KERNEL_OWNER)
		return get_net(&init_net);
	rcu_read_lock();
	for_each_net_rcu(net) {
		if (net->net_cookie == owner && maybe_get_net(net))
			goto found;
	}
	net = NULL;
found:
	rcu_read_unlock();
	return net;
}

/**
 * tm_nl_report_ntf() - tell the listeners of a report
 * @r: the report
 *
 * Context: Task; may sleep.
 */
void tm_nl_report_ntf(const struct tm_report *r)
{
	struct net *net = net_of_owner(r->v.owner);

	if (!net)
		return;
	tm_nl_notify(net, TM_NL_VIOLATIONS, TRIPMAP_CMD_REPORT_NTF, fill_ntf, r);
	put_net(net);
}
