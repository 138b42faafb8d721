// SPDX-License-Identifier: GPL-2.0
/*
 * dump_helper TABLE: begins to dump a table, takes one message of it, and says "open";
 * then it reads no more, until its standard input ends.
 */
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <linux/tripmap.h>

static void must(int rc, const char *what)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "%s: %s\n", what, nl_geterror(rc));
	exit(1);
}

static void begin(struct nl_sock *s, const char *table)
{
	struct nl_msg *msg = nlmsg_alloc();
	int family = genl_ctrl_resolve(s, TRIPMAP_FAMILY_NAME);

	must(family, "family");
	genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, NLM_F_DUMP,
		    TRIPMAP_CMD_ENTRY_DUMP, TRIPMAP_FAMILY_VERSION);
	must(nla_put_string(msg, TRIPMAP_A_ENTRY_TABLE, table), "table");
	must(nl_send_auto(s, msg), "request");
	nlmsg_free(msg);
}

int main(int argc, char **argv)
{
	struct nl_sock *s = nl_socket_alloc();
	char answer[128 << 10], byte;

	if (argc != 2 || !s)
		return 2;
	must(genl_connect(s), "socket");
	begin(s, argv[1]);
	if (read(nl_socket_get_fd(s), answer, sizeof(answer)) <= 0) {
		perror("no answer");
		return 1;
	}
	puts("open");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	nl_socket_free(s);
	return 0;
}
