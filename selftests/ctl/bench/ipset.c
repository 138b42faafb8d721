// SPDX-License-Identifier: GPL-2.0
/* A hash:ip set, over nfnetlink: keys alone, a set has no values. */
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/socket.h>

#include "netlink.h"
#include "peer.h"

#define SET	"bench"

static struct socket s;

static void open_set(uint32_t entries)
{
	socket_open(&s, NETLINK_NETFILTER);
	command("ipset create " SET " hash:ip maxelem %u", entries);
}

static void close_set(void)
{
	command("ipset destroy " SET);
	socket_close(&s);
}

static void put_address(const struct entry *e)
{
	size_t data = nest_begin(&s, IPSET_ATTR_DATA), ip = nest_begin(&s, IPSET_ATTR_IP);

	put(&s, IPSET_ATTR_IPADDR_IPV4 | NLA_F_NET_BYTEORDER, &e->key, sizeof(e->key));
	nest_end(&s, ip);
	nest_end(&s, data);
}

static void one(uint8_t cmd, const struct entry *e)
{
	struct nfgenmsg h = { .nfgen_family = AF_INET, .version = NFNETLINK_V0 };
	uint8_t protocol = IPSET_PROTOCOL;

	request(&s, NFNL_SUBSYS_IPSET << 8 | cmd, NLM_F_ACK, &h, sizeof(h));
	put(&s, IPSET_ATTR_PROTOCOL, &protocol, sizeof(protocol));
	put(&s, IPSET_ATTR_SETNAME, SET, sizeof(SET));
	put_address(e);
	ask(&s);
}

static void add(const struct entry *e)
{
	one(IPSET_CMD_ADD, e);
}

static void test(const struct entry *e)
{
	one(IPSET_CMD_TEST, e);
}

static void del(const struct entry *e)
{
	one(IPSET_CMD_DEL, e);
}

const struct peer peer_ipset = {
	.name = "ipset", .open = open_set, .close = close_set, .put = add, .get = test, .del = del,
};
