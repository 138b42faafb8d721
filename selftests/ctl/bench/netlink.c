// SPDX-License-Identifier: GPL-2.0
#include "netlink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer.h"

#define BUFFER	(1 << 20)	/* of the socket, both ways */

void socket_open(struct socket *s, int protocol)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int size = BUFFER;

	*s = (struct socket){ .fd = socket(AF_NETLINK, SOCK_RAW, protocol) };
	s->out = calloc(2, MESSAGE_MAX);
	s->in = s->out + MESSAGE_MAX;
	if (s->fd < 0 || !s->out || connect(s->fd, (void *)&kernel, sizeof(kernel)) ||
	    setsockopt(s->fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) ||
	    setsockopt(s->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		die("netlink socket: %s", strerror(errno));
}

void socket_close(struct socket *s)
{
	close(s->fd);
	free(s->out);
}

void request(struct socket *s, uint16_t type, uint16_t flags, const void *extra, size_t len)
{
	struct nlmsghdr *h = (void *)s->out;

	*h = (struct nlmsghdr){
		.nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | flags, .nlmsg_seq = ++s->seq,
	};
	memcpy(s->out + NLMSG_HDRLEN, extra, len);
	s->len = NLMSG_HDRLEN + len;
}

void *put_room(struct socket *s, uint16_t type, size_t len)
{
	struct nlattr *a = (void *)(s->out + s->len);

	if (s->len + NLA_HDRLEN + NLA_ALIGN(len) > MESSAGE_MAX)
		die("a request is too large");
	*a = (struct nlattr){ .nla_len = NLA_HDRLEN + len, .nla_type = type };
	s->len += NLA_HDRLEN + NLA_ALIGN(len);
	return a + 1;
}

void put(struct socket *s, uint16_t type, const void *data, size_t len)
{
	memcpy(put_room(s, type, len), data, len);
}

size_t nest_begin(struct socket *s, uint16_t type)
{
	size_t at = s->len;

	put_room(s, type | NLA_F_NESTED, 0);
	return at;
}

void nest_end(struct socket *s, size_t at)
{
	struct nlattr *a = (void *)(s->out + at);

	a->nla_len = s->len - at;
}

void send_request(struct socket *s)
{
	((struct nlmsghdr *)(void *)s->out)->nlmsg_len = s->len;
	if (send(s->fd, s->out, s->len, 0) != (ssize_t)s->len)
		die("send: %s", strerror(errno));
}

struct nlmsghdr *receive(struct socket *s)
{
	ssize_t got = recv(s->fd, s->in, MESSAGE_MAX, MSG_TRUNC);

	if (got < (ssize_t)sizeof(struct nlmsghdr) || got > MESSAGE_MAX)
		die("recv: %s", got < 0 ? strerror(errno) : "a message of odd size");
	s->got = got;
	return (void *)s->in;
}

struct nlmsghdr *ask(struct socket *s)
{
	struct nlmsghdr *h;
	int error = 0;

	send_request(s);
	h = receive(s);
	if (h->nlmsg_type == NLMSG_ERROR)
		memcpy(&error, s->in + NLMSG_HDRLEN, sizeof(error));
	if (error)
		die("the kernel refuses: error %d", error);
	return h;
}

const struct nlattr *find_in(const void *attrs, size_t size, uint16_t type)
{
	const uint8_t *at = attrs, *end = at + size;

	while (at + NLA_HDRLEN <= end) {
		const struct nlattr *a = (const void *)at;

		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a;
		if (a->nla_len < NLA_HDRLEN)
			break;
		at += NLA_ALIGN(a->nla_len);
	}
	return NULL;
}

const struct nlattr *find(const struct nlmsghdr *h, size_t len, uint16_t type)
{
	return find_in((const uint8_t *)h + NLMSG_HDRLEN + len, h->nlmsg_len - NLMSG_HDRLEN - len,
		       type);
}
