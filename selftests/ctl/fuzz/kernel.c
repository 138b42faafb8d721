// SPDX-License-Identifier: GPL-2.0
/* libnl's sockets lead here (see the Makefile), behind all that tripctl does itself. */
#include "kernel.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "walls.h"

#define FAMILY		30
#define ANSWER_MAX	512

static struct {
	const uint8_t	*at;		/* answers that are still to come */
	size_t		left;
	bool		obliging;
	const struct nl_sock *listening;	/* news may come on it from now on */
	struct nlmsghdr	request;
	uint8_t		cmd;
	uint8_t		answer[ANSWER_MAX];	/* of the obliging one, not yet fetched */
	size_t		answer_len;
} kernel;

void kernel_answers(const uint8_t *data, size_t n)
{
	kernel.at = data;
	kernel.left = n;
	kernel.obliging = false;
	kernel.listening = NULL;
}

void kernel_obliges(void)
{
	kernel_answers(NULL, 0);
	kernel.obliging = true;
}

bool kernel_has_news(void)
{
	return kernel.left > 0;
}

/* --- the one that answers what it likes --- */

static void head_put(uint8_t *to, size_t len, int type, int flags)
{
	struct nlmsghdr h = {
		.nlmsg_len = (uint32_t)len,
		.nlmsg_type = (uint16_t)type,
		.nlmsg_flags = (uint16_t)flags,
		.nlmsg_seq = kernel.request.nlmsg_seq,
		.nlmsg_pid = kernel.request.nlmsg_pid,
	};

	memcpy(to, &h, sizeof(h));
}

/* The next one of those that were given, in memory of its own and no more of it. */
static int next_given(unsigned char **buf)
{
	static const int types[] = { FAMILY, NLMSG_ERROR, NLMSG_DONE };
	const uint8_t *a = kernel.at;
	size_t len, head;

	if (kernel.left < 4)
		return -NLE_AGAIN;
	len = a[2] | (size_t)a[3] << 8;
	if (len > kernel.left - 4)
		len = kernel.left - 4;
	head = (a[0] & 3) == 3 ? 0 : NLMSG_HDRLEN;
	kernel.at += 4 + len;
	kernel.left -= 4 + len;
	/* Nothing at all is no message. */
	if (!head && !len)
		return -NLE_AGAIN;
	*buf = malloc(head + len);
	if (head)
		head_put(*buf, head + len, types[a[0] & 3], a[1] | (a[0] >> 2) << 8);
	memcpy(*buf + head, a + 4, len);
	return (int)(head + len);
}

/* --- the one that obliges --- */

static void attr_put(int type, const void *data, size_t len)
{
	struct nlattr a = { .nla_len = (uint16_t)(NLA_HDRLEN + len), .nla_type = (uint16_t)type };

	memcpy(kernel.answer + kernel.answer_len, &a, sizeof(a));
	memcpy(kernel.answer + kernel.answer_len + NLA_HDRLEN, data, len);
	kernel.answer_len += (size_t)NLA_ALIGN(a.nla_len);
}

/* The type that a letter stands for, and the size where it has none of its own. */
static void type_put(char letter, int type_attr, int size_attr)
{
	static const uint16_t sizes[] = { 8, 20, 1, 2, 4, 8, 4, 16, 6 };
	uint8_t type = (uint8_t)letter % (TRIPMAP_TYPE_MAX + 1);

	attr_put(type_attr, &type, sizeof(type));
	attr_put(size_attr, &sizes[type], sizeof(sizes[type]));
}

static void table_answer(const char *name, size_t len)
{
	struct genlmsghdr g = { .cmd = TRIPMAP_CMD_TABLE_GET, .version = 1 };
	uint64_t max = 1000;

	memcpy(kernel.answer + NLMSG_HDRLEN, &g, sizeof(g));
	kernel.answer_len = NLMSG_HDRLEN + GENL_HDRLEN;
	attr_put(TRIPMAP_A_TABLE_NAME, name, len < NAME_SIZE ? len : NAME_SIZE);
	type_put(name[0], TRIPMAP_A_TABLE_KEY_TYPE, TRIPMAP_A_TABLE_KEY_SIZE);
	type_put(name[1], TRIPMAP_A_TABLE_VALUE_TYPE, TRIPMAP_A_TABLE_VALUE_SIZE);
	attr_put(TRIPMAP_A_TABLE_MAX_ENTRIES, &max, sizeof(max));
	head_put(kernel.answer, kernel.answer_len, FAMILY, 0);
}

static void end_answer(int error)
{
	uint8_t *at = kernel.answer + kernel.answer_len;
	bool dump = kernel.request.nlmsg_flags & NLM_F_DUMP;
	size_t len = NLMSG_HDRLEN + (dump ? sizeof(error) : sizeof(struct nlmsgerr));

	memset(at, 0, len);
	head_put(at, len, dump ? NLMSG_DONE : NLMSG_ERROR, NLM_F_CAPPED);
	memcpy(at + NLMSG_HDRLEN, &error, sizeof(error));
	kernel.answer_len += len;
}

static void oblige(struct nl_msg *msg)
{
	struct nlattr *name = nlmsg_find_attr(nlmsg_hdr(msg), GENL_HDRLEN, TRIPMAP_A_TABLE_NAME);
	struct nlattr *bulk = nlmsg_find_attr(nlmsg_hdr(msg), GENL_HDRLEN, TRIPMAP_A_ENTRY_BULK);
	bool describe = kernel.cmd == TRIPMAP_CMD_TABLE_GET && name && nla_len(name) > 1;

	kernel.answer_len = 0;
	if (describe)
		table_answer(nla_data(name), (size_t)nla_len(name));
	/* The many keys of "load" are looked up before it begins, and again afterwards. */
	end_answer(kernel.cmd == TRIPMAP_CMD_ENTRY_GET && bulk ? -ENOMEM : 0);
}

static int next_obliging(unsigned char **buf)
{
	size_t len = kernel.answer_len;

	if (!len)
		return -NLE_AGAIN;
	*buf = malloc(len);
	memcpy(*buf, kernel.answer, len);
	kernel.answer_len = 0;
	return (int)len;
}

/* --- what libnl calls --- */

static int take_request(struct nl_sock *s, struct nl_msg *msg)
{
	(void)s;
	kernel.request = *nlmsg_hdr(msg);
	kernel.cmd = genlmsg_hdr(nlmsg_hdr(msg))->cmd;
	if (kernel.obliging)
		oblige(msg);
	return (int)kernel.request.nlmsg_len;
}

static int give_answer(struct nl_sock *s, struct sockaddr_nl *from, unsigned char **buf,
		       struct ucred **creds)
{
	(void)s;
	(void)creds;
	memset(from, 0, sizeof(*from));
	return kernel.obliging ? next_obliging(buf) : next_given(buf);
}

int __wrap_genl_connect(struct nl_sock *s)
{
	struct nl_cb *cb = nl_socket_get_cb(s);

	nl_cb_overwrite_send(cb, take_request);
	nl_cb_overwrite_recv(cb, give_answer);
	nl_cb_put(cb);
	return 0;
}

int __wrap_genl_ctrl_resolve(struct nl_sock *s, const char *name)
{
	(void)s;
	(void)name;
	return FAMILY;
}

/* Between a request and its answer news would be taken for the answer. */
int __wrap_genl_ctrl_resolve_grp(struct nl_sock *s, const char *family, const char *group)
{
	(void)family;
	(void)group;
	return s == kernel.listening ? -NLE_SEQ_MISMATCH : 1;
}

int __wrap_nl_socket_add_membership(struct nl_sock *s, int group)
{
	(void)group;
	kernel.listening = s;
	return 0;
}
