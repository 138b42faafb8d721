// SPDX-License-Identifier: GPL-2.0
/*
 * Requests, replies and dumps.
 *
 * Errors carry numbers in their text, which Linux 6.1 has no way to hand over:
 * there a text must outlive the handler. So errors are acknowledged here, while
 * the text lives, and -EINTR tells netlink that this has been done (a started
 * dump uses the same).
 */
#include <linux/capability.h>
#include <linux/kernel.h>
#include <linux/netlink.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/skbuff.h>
#include <linux/stdarg.h>
#include <linux/tripmap_names.h>
#include <net/net_namespace.h>

#include "compat.h"
#include "netlink_util.h"
#include "observe/spike.h"

/**
 * tm_nl_answer_error() - acknowledge a request or a dump that fails
 * @request: the request
 * @nlh: its header
 * @err: negative errno
 * @extack: why
 *
 * Context: Task; may sleep.
 * Return: what tells netlink that this has been done.
 */
int tm_nl_answer_error(struct sk_buff *request, const struct nlmsghdr *nlh, int err,
		       const struct netlink_ext_ack *extack)
{
	netlink_ack(request, (struct nlmsghdr *)nlh, err, extack);
	return -EINTR;
}

/**
 * tm_nl_fail() - name the error that a request ends with
 * @rq: the request
 * @err: negative errno
 * @attr: the attribute to blame, or NULL
 * @fmt: text for humans
 *
 * Context: Task.
 * Return: @err.
 */
int tm_nl_fail(struct tm_request *rq, int err, const struct nlattr *attr, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(rq->text, sizeof(rq->text), fmt, args);
	va_end(args);
	rq->info->extack->_msg = rq->text;
	NL_SET_BAD_ATTR(rq->info->extack, attr);
	return err;
}

/**
 * tm_nl_need() - an attribute that must be there
 * @rq: the request
 * @type: the attribute
 * @name: its name in the specification
 *
 * Context: Task.
 * Return: the attribute; NULL when it is missing, and the request fails with
 * -EINVAL.
 */
struct nlattr *tm_nl_need(struct tm_request *rq, int type, const char *name)
{
	if (GENL_REQ_ATTR_CHECK(rq->info, type))
		tm_nl_fail(rq, -EINVAL, NULL, "attribute %s is missing", name);
	return rq->info->attrs[type];
}

/**
 * tm_nl_hold() - the table that a request names
 * @rq: the request
 * @type: the attribute that names it
 * @name: that attribute's name in the specification
 *
 * Context: Task.
 * Return: the table, for tm_registry_put(); an ERR_PTR with which the request
 * fails.
 */
struct tm_named *tm_nl_hold(struct tm_request *rq, int type, const char *name)
{
	struct nlattr *attr = tm_nl_need(rq, type, name);
	struct tm_named *n;

	if (!attr)
		return ERR_PTR(-EINVAL);
	n = tm_registry_get(genl_info_net(rq->info), nla_data(attr));
	if (n)
		return n;
	return ERR_PTR(tm_nl_fail(rq, -ENOENT, attr,
				  "no table %s in this network namespace",
				  (const char *)nla_data(attr)));
}

/**
 * tm_nl_check_size() - is a key or a value as large as the table's are?
 * @rq: the request
 * @attr: the key or value
 * @what: "key" or "value"
 * @n: the table
 * @size: bytes in one of the table's
 *
 * Context: Task.
 * Return: 0 or -EINVAL.
 */
int tm_nl_check_size(struct tm_request *rq, const struct nlattr *attr, const char *what,
		     const struct tm_named *n, u16 size)
{
	if (nla_len(attr) == size)
		return 0;
	return tm_nl_fail(rq, -EINVAL, attr, "%s of %u bytes, table %s has %ss of %u", what,
			  nla_len(attr), n->name, what, size);
}

/* A call for a request. */
struct tm_call tm_nl_call(const struct tm_request *rq, enum tripmap_op op, unsigned long caller)
{
	struct tm_call call = TM_CALL(op, caller, GFP_KERNEL_ACCOUNT);

	call.self = TM_SELF_SOCKET(rq->info->snd_portid);
	return call;
}

/**
 * tm_nl_called() - keep the verdict of a call for the end of the request
 * @rq: the request
 * @call: the call, done
 *
 * Context: Task.
 */
void tm_nl_called(struct tm_request *rq, const struct tm_call *call)
{
	if (call->verdict.action > rq->verdict.action)
		rq->verdict = call->verdict;
}

/* What an error of a table operation means. */
static const char *meaning(int err)
{
	switch (err) {
	case -ENOENT:
		return "no such key";
	case -EEXIST:
		return "the key is there already";
	case -EAGAIN:
		return "the present value is not the expected one";
	case -ENOSPC:
		return "the table is full";
	case -EROFS:
		return "the table is frozen";
	case -EUCLEAN:
		return "the table is damaged";
	case -ENOMEM:
		return "no memory, or max_memory reached; nothing was changed";
	case -EBUSY:
		return "another operation is in the table";
	case -EDEADLK:
		return "the table is being written by an operation that this one is part of";
	case -ESTALE:
		return "the table is being destroyed";
	default:
		return "refused by the table";
	}
}

/**
 * tm_nl_refusal() - text for an operation that a table refused
 * @buf: where
 * @size: its size
 * @err: what the operation returned
 * @call: the operation's call
 *
 * Context: Any.
 * Return: @buf.
 */
const char *tm_nl_refusal(char *buf, size_t size, int err, const struct tm_call *call)
{
	if (call->verdict.report)
		snprintf(buf, size, "%s: %s, see report %llu",
			 tripmap_class_name(call->verdict.class), meaning(err),
			 call->verdict.report);
	else
		strscpy(buf, meaning(err), size);
	return buf;
}

/**
 * tm_nl_over_limit() - text for -EDQUOT
 * @buf: where
 * @size: its size
 * @limit: the limit that stands in the way
 *
 * Context: Any.
 * Return: @buf.
 */
const char *tm_nl_over_limit(char *buf, size_t size, const struct tm_limit *limit)
{
	const char *whose = limit->shared ? "this user's share of" : "the whole of";

	if (limit->need)
		snprintf(buf, size, "limit %s: %s %llu has no room for %llu more", limit->what,
			 whose, limit->max, limit->need);
	else
		snprintf(buf, size, "limit %s: %s %llu is used up", limit->what, whose, limit->max);
	return buf;
}

/**
 * tm_nl_pid() - a process id as its reader knows it
 * @pids: the reader's namespace
 * @pid: in the initial one
 *
 * Context: Any.
 * Return: 0 for a task that is gone, or not to be seen from there.
 */
u32 tm_nl_pid(struct pid_namespace *pids, u32 pid)
{
	u32 nr;

	if (pids == &init_pid_ns)
		return pid;
	rcu_read_lock();
	nr = pid_nr_ns(find_pid_ns(pid, &init_pid_ns), pids);
	rcu_read_unlock();
	return nr;
}

/**
 * tm_nl_sees_all() - may a reader see what happens in other network namespaces?
 * @net: the reader's
 * @request: what it asked by
 *
 * Context: Task.
 * Return: true for the administrator of the machine, in the initial namespace.
 */
bool tm_nl_sees_all(const struct net *net, const struct sk_buff *request)
{
	return net_eq(net, &init_net) && netlink_capable(request, CAP_NET_ADMIN);
}

/**
 * tm_nl_table_name() - the name of a table of a namespace
 * @net: the namespace
 * @id: the table's number
 * @name: where
 *
 * Context: Any but NMI.
 * Return: false where there is no such table (any more), and @name is empty.
 */
bool tm_nl_table_name(struct net *net, u32 id, char name[TRIPMAP_NAME_MAX + 1])
{
	struct tm_named *n = tm_registry_get_id(net, id);

	name[0] = 0;
	if (!n)
		return false;
	strscpy(name, n->name, TRIPMAP_NAME_MAX + 1);
	tm_registry_put(n);
	return true;
}

/**
 * tm_nl_put_near() - how far violations were from the last pause of a kind
 * @skb: the message
 * @type: the attribute
 * @pad: the one that aligns it
 * @kind: enum tripmap_pause_kind, or %TM_SPIKE_ALL
 *
 * Context: Any.
 * Return: 0 or -EMSGSIZE.
 */
int tm_nl_put_near(struct sk_buff *skb, int type, int pad, unsigned int kind)
{
	u64 bins[TRIPMAP_NEAR_BINS];

	tm_spike_near(kind, bins);
	return nla_put_64bit(skb, type, sizeof(bins), bins, pad);
}

/**
 * tm_nl_put_label() - put what an operation is called
 * @skb: the message
 * @type: the attribute
 * @label: its name, not always ended by 0; nothing is put where it has none
 *
 * Context: Any.
 * Return: 0 or -EMSGSIZE.
 */
int tm_nl_put_label(struct sk_buff *skb, int type, const char label[TRIPMAP_LABEL_MAX])
{
	char text[TRIPMAP_LABEL_MAX + 1];

	memcpy(text, label, TRIPMAP_LABEL_MAX);
	text[TRIPMAP_LABEL_MAX] = 0;
	return text[0] ? nla_put_string(skb, type, text) : 0;
}

/**
 * tm_nl_put_message() - put a whole message of the family
 * @skb: where
 * @portid: to whom
 * @seq: of the request, 0 for none
 * @flags: NLM_F_*
 * @cmd: enum of commands
 * @fill: puts the attributes
 * @what: for @fill
 *
 * Context: Any.
 * Return: 0 or -EMSGSIZE, and nothing was put.
 */
int tm_nl_put_message(struct sk_buff *skb, u32 portid, u32 seq, int flags, u8 cmd,
		      tm_nl_fill fill, const void *what)
{
	void *hdr = genlmsg_put(skb, portid, seq, &tm_nl_family, flags, cmd);
	int err;

	if (!hdr)
		return -EMSGSIZE;
	err = fill(skb, what);
	if (err)
		genlmsg_cancel(skb, hdr);
	else
		genlmsg_end(skb, hdr);
	return err;
}

/**
 * tm_nl_reply_keep() - have memory for the reply before something is changed
 * @rq: the request
 * @room: bytes that the attributes of the reply need at most
 *
 * So that what was done is not told to have failed. The next reply takes it; what
 * is not taken goes with the request.
 *
 * Context: Task; may sleep.
 * Return: 0 or -ENOMEM, with which the request fails.
 */
int tm_nl_reply_keep(struct tm_request *rq, size_t room)
{
	rq->reply = genlmsg_new(room, GFP_KERNEL);
	if (rq->reply)
		return 0;
	return tm_nl_fail(rq, -ENOMEM, NULL, "no memory for a reply of %zu bytes", room);
}

/**
 * tm_nl_reply_room() - answer a request, in a message of known size
 * @rq: the request
 * @room: bytes that the attributes need at most; what was kept has that
 * @fill: puts the attributes
 * @what: for @fill
 *
 * Context: Task; may sleep.
 * Return: 0 or an error with which the request fails: that of @fill, which names
 * it itself unless it is -EMSGSIZE, where @room was too small.
 */
int tm_nl_reply_room(struct tm_request *rq, size_t room, tm_nl_fill fill, const void *what)
{
	int err = rq->reply ? 0 : tm_nl_reply_keep(rq, room);
	const struct genl_info *info = rq->info;
	struct sk_buff *skb = rq->reply;

	if (err)
		return err;
	rq->reply = NULL;
	err = tm_nl_put_message(skb, info->snd_portid, info->snd_seq, 0, info->genlhdr->cmd,
				fill, what);
	if (!err)
		return genlmsg_reply(skb, rq->info);
	nlmsg_free(skb);
	if (err == -EMSGSIZE)
		tm_nl_fail(rq, err, NULL, "the reply does not fit into a message");
	return err;
}

/**
 * tm_nl_reply() - answer a request
 * @rq: the request
 * @fill: puts the attributes, once more in a larger buffer while they do not fit
 * @what: for @fill
 *
 * Context: Task; may sleep.
 * Return: 0 or an error with which the request fails.
 */
int tm_nl_reply(struct tm_request *rq, tm_nl_fill fill, const void *what)
{
	/* Most fit into a page; the last holds a bulk of TRIPMAP_BULK_MAX with its frame. */
	static const size_t sizes[] = {
		GENLMSG_DEFAULT_SIZE, SKB_WITH_OVERHEAD(32768), SKB_WITH_OVERHEAD(131072),
	};
	unsigned int i;
	int err = -EMSGSIZE;

	for (i = 0; i < ARRAY_SIZE(sizes) && err == -EMSGSIZE; i++)
		err = tm_nl_reply_room(rq, sizes[i], fill, what);
	return err;
}

/**
 * tm_nl_trim() - shorten the last attribute put
 * @skb: the message
 * @nla: the attribute, from nla_reserve()
 * @len: bytes of it that were filled
 *
 * Context: Any.
 */
void tm_nl_trim(struct sk_buff *skb, struct nlattr *nla, size_t len)
{
	nla->nla_len = nla_attr_size(len);
	memset((u8 *)nla + nla->nla_len, 0, nla_padlen(len));
	skb_trim(skb, (u8 *)nla + nla_total_size(len) - skb->data);
}

/**
 * tm_nl_dump_fail() - refuse a dump before it began
 * @cb: the dump, in its start
 * @err: negative errno
 * @attr: the attribute to blame, or NULL
 * @text: for humans
 *
 * Context: Task; may sleep.
 * Return: what start has to return.
 */
int tm_nl_dump_fail(struct netlink_callback *cb, int err, const struct nlattr *attr,
		    const char *text)
{
	struct netlink_ext_ack extack = { ._msg = text, .bad_attr = attr };

	return tm_nl_answer_error(cb->skb, cb->nlh, err, &extack);
}

/**
 * tm_nl_dump_miss() - refuse a dump that lacks an attribute
 * @cb: the dump, in its start
 * @type: the attribute
 * @text: for humans
 *
 * Context: Task; may sleep.
 * Return: what start has to return.
 */
int tm_nl_dump_miss(struct netlink_callback *cb, int type, const char *text)
{
	struct netlink_ext_ack extack = { ._msg = text, .miss_type = type };

	return tm_nl_answer_error(cb->skb, cb->nlh, -EINVAL, &extack);
}

/**
 * tm_nl_dump_begin() - prepare a dump that may turn out not to be whole
 * @cb: the dump, in its start
 *
 * Context: Any.
 */
void tm_nl_dump_begin(struct netlink_callback *cb)
{
	cb->min_dump_alloc = TM_NL_DUMP_SIZE;
	/* A number that changes says so: see tm_nl_dump_interrupt(). */
	cb->seq = 1;
	cb->prev_seq = 1;
}

/**
 * tm_nl_dump_plain() - begin a dump of everything, for operations that are both
 * @cb: the dump, in its start
 * @text: for humans, where the request names one thing
 *
 * Context: Task; may sleep.
 * Return: what start has to return.
 */
int tm_nl_dump_plain(struct netlink_callback *cb, const char *text)
{
	int len = nlmsg_attrlen(cb->nlh, GENL_HDRLEN);

	if (len > 0)
		return tm_nl_dump_fail(cb, -EINVAL, nlmsg_attrdata(cb->nlh, GENL_HDRLEN), text);
	cb->min_dump_alloc = TM_NL_DUMP_SIZE;
	return 0;
}

/**
 * tm_nl_dump_hold() - the table that a dump names
 * @cb: the dump, in its start
 * @type: the attribute with the name
 * @err: what start has to return where there is no such table
 *
 * Context: Task; may sleep.
 * Return: the table, for tm_registry_put(), or NULL.
 */
struct tm_named *tm_nl_dump_hold(struct netlink_callback *cb, int type, int *err)
{
	const struct nlattr *name = tm_dump_attrs(cb)[type];
	struct tm_named *n;

	if (!name) {
		*err = tm_nl_dump_miss(cb, type, "attribute table is missing");
		return NULL;
	}
	n = tm_registry_get(tm_nl_dump_net(cb), nla_data(name));
	if (!n)
		*err = tm_nl_dump_fail(cb, -ENOENT, name,
				       "no such table in this network namespace");
	tm_nl_dump_begin(cb);
	return n;
}

/**
 * tm_nl_dump_put() - put one more message of a dump
 * @skb: where
 * @cb: the dump
 * @cmd: the command
 * @fill: puts the attributes
 * @what: for @fill
 *
 * Context: Any.
 * Return: 0 or -EMSGSIZE, and nothing was put.
 */
int tm_nl_dump_put(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		   tm_nl_fill fill, const void *what)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)skb_tail_pointer(skb);
	int err = tm_nl_put_message(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				    NLM_F_MULTI, cmd, fill, what);

	if (!err)
		nl_dump_check_consistent(cb, nlh);
	return err;
}

/**
 * tm_nl_dump_interrupt() - say that a dump is not whole
 * @cb: the dump
 *
 * NLM_F_DUMP_INTR goes into the next message, be it the last.
 *
 * Context: Any.
 */
void tm_nl_dump_interrupt(struct netlink_callback *cb)
{
	cb->seq++;
}
