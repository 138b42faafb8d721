// SPDX-License-Identifier: GPL-2.0
/* tripmap over its generic netlink family. */
#include <linux/genetlink.h>
#include <linux/tripmap.h>
#include <stdbool.h>
#include <string.h>

#include "netlink.h"
#include "peer.h"

#define TABLE	"bench"

static struct socket s;
static uint16_t family;

static void begin(uint16_t type, uint8_t cmd, uint16_t flags)
{
	struct genlmsghdr h = { .cmd = cmd, .version = TRIPMAP_FAMILY_VERSION };

	request(&s, type, flags, &h, GENL_HDRLEN);
}

static void begin_entry(uint8_t cmd, uint16_t flags)
{
	begin(family, cmd, flags);
	put(&s, TRIPMAP_A_ENTRY_TABLE, TABLE, sizeof(TABLE));
}

static void find_family(void)
{
	const struct nlattr *id;

	begin(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	put(&s, CTRL_ATTR_FAMILY_NAME, TRIPMAP_FAMILY_NAME, sizeof(TRIPMAP_FAMILY_NAME));
	id = find(ask(&s), GENL_HDRLEN, CTRL_ATTR_FAMILY_ID);
	memcpy(&family, data_of(id), sizeof(family));
}

static void open_with(const char *options)
{
	socket_open(&s, NETLINK_GENERIC);
	find_family();
	command("tripctl table add " TABLE " key ipv4 value u32 %s", options);
}

static void open_default(uint32_t entries)
{
	(void)entries;
	open_with("");
}

/* As many buckets from the start as the entries take in the end. */
static void open_sized(uint32_t entries)
{
	char options[32] = "bits 0";
	unsigned int bits = 0;

	while (13ULL << bits < entries * 2ULL)
		bits++;
	options[5] = '0' + bits / 10;
	options[6] = '0' + bits % 10;
	open_with(options);
}

static void close_table(void)
{
	command("tripctl table del " TABLE);
	socket_close(&s);
}

static void check_done(const struct nlmsghdr *h, uint32_t n)
{
	const struct nlattr *done = find(h, GENL_HDRLEN, TRIPMAP_A_ENTRY_DONE);

	if (!done || *(const uint32_t *)data_of(done) != n)
		die("tripmap did not do all");
}

static void put_many(const struct entry *e, uint32_t n)
{
	begin_entry(TRIPMAP_CMD_ENTRY_SET, 0);
	put(&s, TRIPMAP_A_ENTRY_BULK, e, n * sizeof(*e));
	check_done(ask(&s), n);
}

/* The messages of one datagram; false behind the last one of the dump. */
static bool take(struct entry *e, uint32_t room, uint32_t *n)
{
	size_t left = s.got;

	for (struct nlmsghdr *h = (void *)s.in; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
		const struct nlattr *bulk;
		size_t size;

		if (h->nlmsg_type == NLMSG_DONE)
			return false;
		bulk = find(h, GENL_HDRLEN, TRIPMAP_A_ENTRY_BULK);
		if (!bulk)
			die("a dump's message without entries");
		size = size_of(bulk);
		if (*n + size / sizeof(*e) > room)
			die("more entries than were stored");
		memcpy(e + *n, data_of(bulk), size);
		*n += size / sizeof(*e);
	}
	return true;
}

static uint32_t get_all(struct entry *e, uint32_t room)
{
	uint32_t n = 0;

	begin_entry(TRIPMAP_CMD_ENTRY_DUMP, NLM_F_DUMP);
	send_request(&s);
	do
		receive(&s);
	while (take(e, room, &n));
	return n;
}

static void put_one(const struct entry *e)
{
	begin_entry(TRIPMAP_CMD_ENTRY_SET, 0);
	put(&s, TRIPMAP_A_ENTRY_KEY, &e->key, sizeof(e->key));
	put(&s, TRIPMAP_A_ENTRY_VALUE, &e->value, sizeof(e->value));
	check_done(ask(&s), 1);
}

static void get_one(const struct entry *e)
{
	const struct nlattr *value;

	begin_entry(TRIPMAP_CMD_ENTRY_GET, 0);
	put(&s, TRIPMAP_A_ENTRY_KEY, &e->key, sizeof(e->key));
	value = find(ask(&s), GENL_HDRLEN, TRIPMAP_A_ENTRY_VALUE);
	if (!value || memcmp(data_of(value), &e->value, sizeof(e->value)))
		die("tripmap has another value");
}

static void del_one(const struct entry *e)
{
	begin_entry(TRIPMAP_CMD_ENTRY_DEL, 0);
	put(&s, TRIPMAP_A_ENTRY_KEY, &e->key, sizeof(e->key));
	check_done(ask(&s), 1);
}

const struct peer peer_tripmap = {
	.name = "tripmap", .open = open_default, .close = close_table, .put_many = put_many,
	.get_all = get_all, .put = put_one, .get = get_one, .del = del_one,
};

const struct peer peer_tripmap_sized = {
	.name = "tripmap-sized", .open = open_sized, .close = close_table, .put_many = put_many,
	.get_all = get_all,
};
