// SPDX-License-Identifier: GPL-2.0
/* A message for people. */
#include <stdio.h>
#include <string.h>

#include "fuzz.h"

#define DEPTH	4	/* nests that are opened */

static void show_bytes(const uint8_t *data, size_t len, size_t most)
{
	size_t i;

	for (i = 0; i < len && i < most; i++)
		printf("%02x", data[i]);
	printf("%s\n", len > most ? "..." : "");
}

static void show_attrs(uint8_t cmd, struct walk w, unsigned int depth)
{
	const char *name;
	struct nlattr *a;

	while ((a = attr_next(&w))) {
		/* Names are those of the outermost attributes. */
		name = depth == 1 ? attr_name_of(cmd, attr_type(a)) : NULL;
		printf("%*s%u %s%s%s, %zu bytes: ", 2 * depth, "", attr_type(a), name ? name : "?",
		       a->nla_type & NLA_F_NESTED ? " nested" : "",
		       a->nla_type & NLA_F_NET_BYTEORDER ? " net-byteorder" : "", attr_len(a));
		show_bytes(attr_data(a), attr_len(a), 64);
		if (a->nla_type & NLA_F_NESTED && depth < DEPTH)
			show_attrs(cmd, (struct walk){ attr_data(a), attr_len(a) }, depth + 1);
	}
	if (w.left) {
		printf("%*sno attribute, %zu bytes: ", 2 * depth, "", w.left);
		show_bytes(w.at, w.left, 64);
	}
}

static void show_request(const struct family *f, const struct nlmsghdr *h)
{
	const struct genlmsghdr *g = message_genl(f, h);
	const struct command *c = g ? command_of(g->cmd) : NULL;

	printf("request: length %u, type %u%s, flags %#x%s, sequence %u", h->nlmsg_len,
	       h->nlmsg_type, h->nlmsg_type == f->id ? " (the family)" : "", h->nlmsg_flags,
	       is_dump(h) ? " (dump)" : "", h->nlmsg_seq);
	if (!g) {
		printf("\n");
		return;
	}
	printf(", command %u (%s), version %u, reserved %#x\n", g->cmd, c ? c->name : "?",
	       g->version, g->reserved);
	show_attrs(g->cmd, message_attrs(h), 1);
}

void show(const struct family *f, const struct message *m)
{
	static const char *const kinds[] = { "valid", "nearly valid", "hostile", "changed" };
	struct walk w = { (uint8_t *)m->data, m->len };
	struct nlmsghdr *h;

	printf("message %llu, %s, %zu bytes\n", (unsigned long long)m->number, kinds[m->kind],
	       m->len);
	while ((h = message_next(&w)))
		show_request(f, h);
	if (w.left) {
		printf("no request, %zu bytes: ", w.left);
		show_bytes(w.at, w.left, 64);
	}
	printf("hex: ");
	show_bytes(m->data, m->len, m->len);
}
