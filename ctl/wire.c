// SPDX-License-Identifier: GPL-2.0
/* The socket: requests out, replies in, and what the kernel says of errors. */
#include "wire_call.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/tripmap_names.h>

#include "when.h"

#define SOCKET_BUFFER	(4 << 20)	/* asked for; the kernel gives what it allows */
#define MAX_ERRNO	4095
#define MESSAGE_BUFFER	(128 << 10)	/* above the largest reply, a full bulk */

_Static_assert(ATTRS_MAX > TRIPMAP_A_TABLE_MAX && ATTRS_MAX > TRIPMAP_A_REPORT_MAX,
	       "attributes of a reply");
_Static_assert(ATTRS_MAX < 64, "they are bits");

struct wire {
	struct nl_sock	*sock;		/* NULL until the first request; it may own tables */
	int		family;		/* valid with sock */
	struct problem	problem;	/* of the last call that failed */

	/* The call under way. */
	const struct nlmsghdr *request;
	wire_reply	reply;
	void		*arg;
	bool		done;
	bool		replied;	/* a reply came */
	bool		interrupted;	/* NLM_F_DUMP_INTR was seen */
	uint64_t	deadline;	/* ms; 0: none */
	int		error;		/* negative errno */
};

typedef const char *(*attr_name)(unsigned int attr);

struct wire *wire_create(void)
{
	return calloc(1, sizeof(struct wire));
}

void wire_destroy(struct wire *w)
{
	if (!w)
		return;
	nl_socket_free(w->sock);
	free(w);
}

const struct problem *wire_problem(const struct wire *w)
{
	return &w->problem;
}

int wire_fail(struct wire *w, int code, const char *format, ...)
{
	va_list ap;

	memset(&w->problem, 0, sizeof(w->problem));
	w->problem.code = code;
	va_start(ap, format);
	vsnprintf(w->problem.text, sizeof(w->problem.text), format, ap);
	va_end(ap);
	return -code;
}

int wire_out_of_memory(struct wire *w)
{
	return wire_fail(w, ENOMEM, "out of memory");
}

int wire_fail_nl(struct wire *w, int nl_error, const char *doing)
{
	int code = nl_error == -NLE_NOMEM ? ENOMEM : nl_error == -NLE_PERM ? EPERM : EIO;

	return wire_fail(w, code, "%s: %s", doing, nl_geterror(nl_error));
}

/* What an errno means here when the kernel sent no text with it. */
static const char *meaning(int code)
{
	switch (code) {
	case EPERM:
	case EACCES:
		return "permission denied: this needs CAP_NET_ADMIN in the network namespace";
	case EBUSY:
		return "refused: another operation is in the table (tripctl report list says more)";
	case ENOENT:
		return "not found";
	case EEXIST:
		return "there already";
	case EUCLEAN:
		return "a check of all buckets found damage: the table is frozen (tripctl repair)";
	case EOPNOTSUPP:
		return "this tripmap module does not know the request (tripctl features)";
	}
	return strerror(code);
}

/* The names of a command's attributes. */
static attr_name names_of(uint8_t cmd)
{
	if (cmd <= TRIPMAP_CMD_TABLE_NTF)
		return tripmap_a_table_name;
	if (cmd <= TRIPMAP_CMD_ENTRY_DUMP)
		return tripmap_a_entry_name;
	if (cmd <= TRIPMAP_CMD_BUCKET_MAP)
		return tripmap_a_bucket_name;
	switch (cmd) {
	case TRIPMAP_CMD_STATS_GET:
		return tripmap_a_stats_name;
	case TRIPMAP_CMD_FEATURES_GET:
		return tripmap_a_features_name;
	case TRIPMAP_CMD_INJECT:
		return tripmap_a_inject_name;
	case TRIPMAP_CMD_AUDIT_GET:
		return tripmap_a_audit_name;
	case TRIPMAP_CMD_PAUSE_GET:
	case TRIPMAP_CMD_PAUSE_RECENT_GET:
	case TRIPMAP_CMD_PAUSE_SET:
		return tripmap_a_pause_name;
	}
	return tripmap_a_report_name;
}

static uint8_t cmd_of(const struct nlmsghdr *request)
{
	return ((const struct genlmsghdr *)nlmsg_data(request))->cmd;
}

/* Positive; what no errno can be is none. */
static int code_of(int error)
{
	return error < 0 && error >= -MAX_ERRNO ? -error : EBADMSG;
}

static uint32_t number_of(const struct nlattr *a)
{
	uint32_t number = 0;

	wire_bytes(a, &number, sizeof(number));
	return number;
}

static void name_attr(struct problem *p, attr_name names, uint32_t type)
{
	const char *name = names(type);

	if (name)
		snprintf(p->attr, sizeof(p->attr), "%s", name);
	else
		snprintf(p->attr, sizeof(p->attr), "number %u", type);
}

/* The name of the attribute at an offset of the request; within policy, of its part. */
static void name_at(struct problem *p, const struct nlmsghdr *request, uint32_t offset)
{
	attr_name names = names_of(cmd_of(request));
	const char *at = (const char *)request + offset;
	struct nlattr *a, *part;
	int left, part_left;

	nlmsg_for_each_attr(a, (struct nlmsghdr *)request, GENL_HDRLEN, left) {
		if (at < (const char *)a || at >= (const char *)a + nla_total_size(nla_len(a)))
			continue;
		name_attr(p, names, (uint32_t)nla_type(a));
		if (at == (const char *)a || names != tripmap_a_table_name ||
		    nla_type(a) != TRIPMAP_A_TABLE_POLICY)
			return;
		nla_for_each_nested(part, a, part_left)
			if (at == (const char *)part)
				name_attr(p, tripmap_a_policy_name, (uint32_t)nla_type(part));
	}
}

/* What the kernel's policy allows for the attribute. */
static void name_limit(struct problem *p, struct nlattr *policy)
{
	static const struct {
		int		attr;
		const char	*text;
	} limits[] = {
		{ NL_POLICY_TYPE_ATTR_MIN_VALUE_U, "at least %llu" },
		{ NL_POLICY_TYPE_ATTR_MAX_VALUE_U, "at most %llu" },
		{ NL_POLICY_TYPE_ATTR_MIN_LENGTH, "at least %llu bytes" },
		{ NL_POLICY_TYPE_ATTR_MAX_LENGTH, "at most %llu bytes" },
	};
	struct nlattr *tb[NL_POLICY_TYPE_ATTR_MAX + 1];
	size_t n = 0;

	if (nla_parse_nested(tb, NL_POLICY_TYPE_ATTR_MAX, policy, NULL))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		struct nlattr *a = tb[limits[i].attr];
		unsigned long long v = 0;

		if (!a)
			continue;
		wire_bytes(a, &v, sizeof(v));
		if (!v && limits[i].attr == NL_POLICY_TYPE_ATTR_MIN_VALUE_U)
			continue;
		n += (size_t)snprintf(p->limit + n, sizeof(p->limit) - n, "%s", n ? ", " : "");
		n += (size_t)snprintf(p->limit + n, sizeof(p->limit) - n, limits[i].text, v);
	}
}

/* Fill in the problem from the kernel's answer, TLVs behind it or not. */
static void problem_take(struct wire *w, int code, struct nlattr *tlv, int len)
{
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1] = { NULL };
	struct problem *p = &w->problem;

	w->error = -code;
	wire_fail(w, code, "%s", meaning(code));
	if (!tlv || nla_parse(tb, NLMSGERR_ATTR_MAX, tlv, len, NULL))
		return;
	if (tb[NLMSGERR_ATTR_OFFS])
		name_at(p, w->request, number_of(tb[NLMSGERR_ATTR_OFFS]));
	if (tb[NLMSGERR_ATTR_MISS_TYPE]) {
		name_attr(p, names_of(cmd_of(w->request)),
			  number_of(tb[NLMSGERR_ATTR_MISS_TYPE]));
		snprintf(p->text, sizeof(p->text), "an attribute is missing");
	}
	if (tb[NLMSGERR_ATTR_POLICY])
		name_limit(p, tb[NLMSGERR_ATTR_POLICY]);
	if (tb[NLMSGERR_ATTR_MSG])
		snprintf(p->text, sizeof(p->text), "%.*s", nla_len(tb[NLMSGERR_ATTR_MSG]),
			 (char *)nla_data(tb[NLMSGERR_ATTR_MSG]));
}

/* libnl has parsed nothing of what stands behind an error: the TLVs are ours. */
static int on_error(struct sockaddr_nl *from, struct nlmsgerr *e, void *arg)
{
	const struct nlmsghdr *h = &((struct nlmsghdr *)(void *)e)[-1];
	size_t skip = sizeof(*e);
	struct wire *w = arg;

	(void)from;
	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		skip += e->msg.nlmsg_len - sizeof(e->msg);
	if ((h->nlmsg_flags & NLM_F_ACK_TLVS) && h->nlmsg_len >= NLMSG_HDRLEN + skip)
		problem_take(w, code_of(e->error),
			     (struct nlattr *)(void *)((char *)e + NLMSG_ALIGN(skip)),
			     (int)(h->nlmsg_len - NLMSG_HDRLEN - skip));
	else
		problem_take(w, code_of(e->error), NULL, 0);
	w->done = true;
	return NL_STOP;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	(void)msg;
	((struct wire *)arg)->done = true;
	return NL_STOP;
}

/* The end of a dump may carry an error, which libnl does not look at. */
static int on_dump_end(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	struct wire *w = arg;
	int code = 0;

	w->done = true;
	if (h->nlmsg_len >= NLMSG_HDRLEN + sizeof(code))
		memcpy(&code, nlmsg_data(h), sizeof(code));
	if (code < 0 && (h->nlmsg_flags & NLM_F_ACK_TLVS))
		problem_take(w, code_of(code), (struct nlattr *)(void *)((char *)nlmsg_data(h) +
			     NLMSG_ALIGN(sizeof(code))), nlmsg_datalen(h) - (int)sizeof(code));
	else if (code < 0)
		problem_take(w, code_of(code), NULL, 0);
	return NL_STOP;
}

static int on_interrupted(struct nl_msg *msg, void *arg)
{
	(void)msg;
	((struct wire *)arg)->interrupted = true;
	return NL_OK;
}

static uint64_t now_ms(void)
{
	return mono_ns() / 1000000;
}

static bool is_dump(const struct nlmsghdr *request)
{
	return (request->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
}

/*
 * Behind a reply that cannot be used a dump may go on for long, and its socket is given
 * up. Any other request is done with the next message, which is waited for.
 */
static int on_reply(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *h = nlmsg_data(nlmsg_hdr(msg));
	struct wire_attrs r = { .first = genlmsg_attrdata(h, 0), .len = genlmsg_attrlen(h, 0) };
	struct wire *w = arg;

	w->replied = true;
	if (w->error)
		return NL_OK;
	if (!genlmsg_valid_hdr(nlmsg_hdr(msg), 0) ||
	    nla_parse(r.tb, ATTRS_MAX, r.first, r.len, NULL))
		w->error = wire_fail(w, EBADMSG, "the kernel's reply cannot be read");
	else if (w->deadline && now_ms() > w->deadline)
		w->error = wire_fail(w, ETIMEDOUT, "timed out");
	else if (w->reply)
		w->error = w->reply(w, &r, w->arg);
	if (!w->error || !is_dump(w->request))
		return NL_OK;
	w->done = true;
	return NL_STOP;
}

static void socket_tune(struct nl_sock *s)
{
	int size = SOCKET_BUFFER, one = 1, fd = nl_socket_get_fd(s);

	nl_socket_set_msg_buf_size(s, MESSAGE_BUFFER);
	nl_socket_disable_msg_peek(s);
	/* Each is better than nothing, none is needed: the answers show what was had. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
}

int wire_socket(struct wire *w, struct nl_sock **sock)
{
	struct nl_sock *s = nl_socket_alloc();
	int err;

	if (!s)
		return wire_out_of_memory(w);
	err = genl_connect(s);
	if (err) {
		nl_socket_free(s);
		return wire_fail_nl(w, err, "cannot open a netlink socket");
	}
	socket_tune(s);
	*sock = s;
	return 0;
}

static int family_find(struct wire *w, struct nl_sock *s)
{
	int family = genl_ctrl_resolve(s, TRIPMAP_FAMILY_NAME);

	if (family == -NLE_OBJ_NOTFOUND)
		return wire_fail(w, ENOENT,
				 "tripmap is not loaded (insmod tripmap.ko or modprobe tripmap)");
	if (family < 0)
		return wire_fail_nl(w, family, "cannot look up the tripmap family");
	w->family = family;
	return 0;
}

static void answers_are_for(struct wire *w, struct nl_sock *s)
{
	nl_socket_modify_err_cb(s, NL_CB_CUSTOM, on_error, w);
	nl_socket_modify_cb(s, NL_CB_ACK, NL_CB_CUSTOM, on_ack, w);
	nl_socket_modify_cb(s, NL_CB_FINISH, NL_CB_CUSTOM, on_dump_end, w);
	nl_socket_modify_cb(s, NL_CB_DUMP_INTR, NL_CB_CUSTOM, on_interrupted, w);
	nl_socket_modify_cb(s, NL_CB_VALID, NL_CB_CUSTOM, on_reply, w);
}

static int wire_open(struct wire *w)
{
	struct nl_sock *s = NULL;
	int err;

	if (w->sock)
		return 0;
	err = wire_socket(w, &s);
	if (err)
		return err;
	err = family_find(w, s);
	if (err) {
		nl_socket_free(s);
		return err;
	}
	answers_are_for(w, s);
	w->sock = s;
	return 0;
}

int wire_begin(struct wire *w, struct wire_msg *m, uint8_t cmd, int flags, size_t size)
{
	int err = wire_open(w);

	memset(m, 0, sizeof(*m));
	if (err)
		return err;
	m->cmd = cmd;
	m->msg = nlmsg_alloc_size(size);
	if (!m->msg || !genlmsg_put(m->msg, NL_AUTO_PORT, NL_AUTO_SEQ, w->family, 0, flags, cmd,
				    TRIPMAP_FAMILY_VERSION)) {
		nlmsg_free(m->msg);
		return wire_out_of_memory(w);
	}
	return 0;
}

void wire_put(struct wire_msg *m, int attr, const void *data, size_t len)
{
	m->failed |= nla_put(m->msg, attr, (int)len, data);
}

void wire_put_str(struct wire_msg *m, int attr, const char *text)
{
	wire_put(m, attr, text, strlen(text) + 1);
}

void wire_put_u8(struct wire_msg *m, int attr, uint8_t v)
{
	wire_put(m, attr, &v, sizeof(v));
}

void wire_put_u16(struct wire_msg *m, int attr, uint16_t v)
{
	wire_put(m, attr, &v, sizeof(v));
}

void wire_put_u32(struct wire_msg *m, int attr, uint32_t v)
{
	wire_put(m, attr, &v, sizeof(v));
}

void wire_put_u64(struct wire_msg *m, int attr, uint64_t v)
{
	wire_put(m, attr, &v, sizeof(v));
}

/* Of a dump there may be none; any other request that waits for a reply has one. */
static bool reply_missing(const struct wire *w)
{
	return w->reply && !w->replied && !is_dump(w->request);
}

static int receive(struct wire *w, struct nl_sock *s)
{
	while (!w->done) {
		int err = nl_recvmsgs_default(s);

		if (err < 0 && !w->done)
			return wire_fail_nl(w, err, "no answer from the kernel");
	}
	if (!w->error && w->interrupted)
		return wire_fail(w, EINTR, "the table was cleared or changed during the dump");
	if (!w->error && reply_missing(w))
		return wire_fail(w, EBADMSG, "the kernel sent no reply");
	return w->error;
}

static int transact(struct wire *w, struct nl_sock *s, const struct wire_msg *m)
{
	int err = m->failed ? -NLE_MSGSIZE : nl_send_auto(s, m->msg);

	return err < 0 ? wire_fail_nl(w, err, "cannot send the request") : receive(w, s);
}

/* On a socket that can be given up before the end: not the one that may own tables. */
static int transact_dump(struct wire *w, const struct wire_msg *m)
{
	struct nl_sock *s = NULL;
	int err = wire_socket(w, &s);

	if (err)
		return err;
	answers_are_for(w, s);
	err = transact(w, s, m);
	nl_socket_free(s);
	return err;
}

int wire_call(struct wire *w, struct wire_msg *m, wire_reply reply, void *arg,
	      uint64_t timeout_ms)
{
	int err;

	w->reply = reply;
	w->arg = arg;
	w->done = w->replied = w->interrupted = false;
	w->error = 0;
	w->deadline = timeout_ms ? now_ms() + timeout_ms : 0;
	w->request = nlmsg_hdr(m->msg);
	err = is_dump(w->request) ? transact_dump(w, m) : transact(w, w->sock, m);
	nlmsg_free(m->msg);
	w->request = NULL;
	return err;
}

int wire_simple(struct wire *w, uint8_t cmd, int flags, int attr, const char *text,
		wire_reply reply, void *arg)
{
	struct wire_msg m;
	int err = wire_begin(w, &m, cmd, flags, REQUEST_SIZE);

	if (err)
		return err;
	if (text)
		wire_put_str(&m, attr, text);
	return wire_call(w, &m, reply, arg, 0);
}

void wire_text(const struct nlattr *a, char *to, size_t size)
{
	if (a)
		snprintf(to, size, "%.*s", nla_len(a), (const char *)nla_data(a));
}

static uint64_t has_of(const struct wire_attrs *r)
{
	uint64_t has = 0;

	for (int i = 0; i <= ATTRS_MAX; i++)
		has |= (uint64_t)!!r->tb[i] << i;
	return has;
}

uint64_t wire_fill(const struct wire_field *fields, size_t n, const struct wire_attrs *r, void *to)
{
	uint64_t has = has_of(r);

	for (const struct wire_field *f = fields; f < fields + n; f++) {
		char *member = (char *)to + f->offset;
		struct nlattr *a = r->tb[f->attr];

		if (f->kind == W_STR)
			wire_text(a, member, f->size);
		else if (a && nla_len(a) >= f->size)
			memcpy(member, nla_data(a), f->size);
		else
			has &= ~(1ULL << f->attr);
	}
	return has;
}

size_t wire_bytes(const struct nlattr *a, void *to, size_t size)
{
	size_t len = a ? (size_t)nla_len(a) : 0;

	if (len > size)
		len = size;
	if (len)
		memcpy(to, nla_data(a), len);
	return len;
}

void wire_each(const struct wire_attrs *r, int attr,
	       void (*each)(void *arg, const struct nlattr *a), void *arg)
{
	struct nlattr *a;
	int left;

	nla_for_each_attr(a, r->first, r->len, left)
		if (nla_type(a) == attr)
			each(arg, a);
}

bool wire_nest(const struct nlattr *a, struct wire_attrs *nest)
{
	nest->first = nla_data(a);
	nest->len = nla_len(a);
	return !nla_parse(nest->tb, ATTRS_MAX, nest->first, nest->len, NULL);
}
