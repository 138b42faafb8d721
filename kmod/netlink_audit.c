// SPDX-License-Identifier: GPL-2.0
/*
 * The audit ring over netlink: what was done through a request is noted here,
 * and shown to those who may do such things themselves.
 */
#include <linux/bits.h>
#include <linux/cred.h>
#include <linux/kernel.h>
#include <linux/pid_namespace.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/tripmap_names.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>

#include "netlink_ops.h"
#include "netlink_util.h"
#include "observe/audit.h"
#include "registry.h"

/* These go past what protects a table: the log is to know as well. */
static bool is_logged(enum tripmap_deed deed)
{
	return deed == TRIPMAP_DEED_REPAIR || deed == TRIPMAP_DEED_INJECT;
}

/* For those of a user's namespaces: who does them all the time silences no others. */
static struct ratelimit_state log_limit[2] = {
	RATELIMIT_STATE_INIT(log_limit[0], DEFAULT_RATELIMIT_INTERVAL, DEFAULT_RATELIMIT_BURST),
	RATELIMIT_STATE_INIT(log_limit[1], DEFAULT_RATELIMIT_INTERVAL, DEFAULT_RATELIMIT_BURST),
};

static bool may_log(const struct net *net)
{
	return __ratelimit(&log_limit[net->user_ns != &init_user_ns]);
}

/*
 * Users of the initial namespace are told apart by their uids. A user in others may have
 * any of thousands, and is one as for the limits: but not the same as the user outside,
 * as who is root in a container is not who made it.
 */
static u64 account_in(const struct net *net, u32 uid)
{
	if (net->user_ns == &init_user_ns)
		return uid;
	return BIT_ULL(32) | from_kuid(&init_user_ns, tm_limits_owner(net->user_ns));
}

/**
 * tm_nl_audit() - note what a request has done
 * @rq: the request
 * @deed: its kind
 * @table: the table's name, or NULL
 * @fmt: what was done, in words
 *
 * Context: Task; may sleep.
 */
void tm_nl_audit(const struct tm_request *rq, enum tripmap_deed deed, const char *table,
		 const char *fmt, ...)
{
	u32 uid = from_kuid(&init_user_ns, current_uid());
	struct net *net = genl_info_net(rq->info);
	char text[TM_AUDIT_TEXT];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	tm_audit_note(net->net_cookie, deed, table, uid, account_in(net, uid), "%s", text);
	if (is_logged(deed) && may_log(net))
		pr_info("tripmap: %s of table %s by %*pE (pid %d, uid %u): %s\n",
			tripmap_deed_name(deed), table, (int)strlen(current->comm),
			current->comm, current->tgid, uid, text);
}

/* Who reads, and the deed that is shown. */
struct tm_auditor {
	u64			owner;
	struct user_namespace	*users;
	struct pid_namespace	*pids;		/* of the reading task */
	u64			last;		/* id of the last deed shown */
	struct tm_deed		d;
};

static int fill_deed(struct sk_buff *skb, const void *what)
{
	const struct tm_auditor *a = what;
	const struct tm_deed *d = &a->d;
	u32 uid = from_kuid_munged(a->users, make_kuid(&init_user_ns, d->uid));

	if (nla_put_u64_64bit(skb, TRIPMAP_A_AUDIT_ID, d->id, TRIPMAP_A_AUDIT_PAD) ||
	    nla_put_u64_64bit(skb, TRIPMAP_A_AUDIT_TIME, d->time, TRIPMAP_A_AUDIT_PAD) ||
	    nla_put_u64_64bit(skb, TRIPMAP_A_AUDIT_TIME_REAL, d->time_real,
			      TRIPMAP_A_AUDIT_PAD) ||
	    nla_put_u8(skb, TRIPMAP_A_AUDIT_DEED, d->deed) ||
	    nla_put_u32(skb, TRIPMAP_A_AUDIT_UID, uid) ||
	    nla_put_u32(skb, TRIPMAP_A_AUDIT_PID, tm_nl_pid(a->pids, d->tgid)) ||
	    nla_put_string(skb, TRIPMAP_A_AUDIT_COMM, d->comm) ||
	    (d->table[0] && nla_put_string(skb, TRIPMAP_A_AUDIT_TABLE, d->table)) ||
	    nla_put_string(skb, TRIPMAP_A_AUDIT_TEXT, d->text))
		return -EMSGSIZE;
	return 0;
}

/* args[0]: the struct tm_auditor. */
int tm_nl_audit_start(struct netlink_callback *cb)
{
	struct net *net = tm_nl_dump_net(cb);
	struct tm_auditor *a;
	int err;

	err = tm_nl_dump_plain(cb, "a dump of the audit ring takes no attribute");
	if (err)
		return err;
	a = kzalloc(sizeof(*a), GFP_KERNEL);
	if (!a)
		return tm_nl_dump_fail(cb, -ENOMEM, NULL, "no memory for a dump");
	a->owner = net->net_cookie;
	a->users = sk_user_ns(NETLINK_CB(cb->skb).sk);
	cb->args[0] = (long)a;
	return 0;
}

int tm_nl_audit_done(struct netlink_callback *cb)
{
	kfree((void *)cb->args[0]);
	return 0;
}

int tm_nl_audit_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct tm_auditor *a = (struct tm_auditor *)cb->args[0];

	a->pids = task_active_pid_ns(current);
	while (tm_audit_next(a->owner, a->last, &a->d)) {
		if (tm_nl_dump_put(skb, cb, TRIPMAP_CMD_AUDIT_GET, fill_deed, a))
			break;
		a->last = a->d.id;
	}
	return skb->len;
}
