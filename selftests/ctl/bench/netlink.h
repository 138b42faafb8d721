/* SPDX-License-Identifier: GPL-2.0 */
/* As much netlink as the bench needs: one socket, one request at a time. */
#ifndef TRIPMAP_BENCH_NETLINK_H
#define TRIPMAP_BENCH_NETLINK_H

#include <stddef.h>
#include <stdint.h>
#include <linux/netlink.h>

#define MESSAGE_MAX	(72 << 10)	/* above all that is sent or received here */

struct socket {
	int		fd;
	uint32_t	seq;
	size_t		len;		/* of the request in out */
	uint8_t		*out;
	uint8_t		*in;		/* the last answer, of got bytes */
	size_t		got;
};

void socket_open(struct socket *s, int protocol);
void socket_close(struct socket *s);

/* Begin a request; extra is the header behind netlink's own. */
void request(struct socket *s, uint16_t type, uint16_t flags, const void *extra, size_t len);
void put(struct socket *s, uint16_t type, const void *data, size_t len);
/* Room for an attribute's bytes, in the request. */
void *put_room(struct socket *s, uint16_t type, size_t len);
size_t nest_begin(struct socket *s, uint16_t type);
void nest_end(struct socket *s, size_t at);

void send_request(struct socket *s);
/* One datagram; its first message. */
struct nlmsghdr *receive(struct socket *s);
/* Sends, takes one answer; an error is the end of the program. */
struct nlmsghdr *ask(struct socket *s);

/* The attribute in what stands behind a message's other headers of len bytes, or NULL. */
const struct nlattr *find(const struct nlmsghdr *h, size_t len, uint16_t type);
const struct nlattr *find_in(const void *attrs, size_t size, uint16_t type);
static inline const void *data_of(const struct nlattr *a)
{
	return (const uint8_t *)a + NLA_HDRLEN;
}

static inline size_t size_of(const struct nlattr *a)
{
	return a->nla_len - NLA_HDRLEN;
}

#endif /* TRIPMAP_BENCH_NETLINK_H */
