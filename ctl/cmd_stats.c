// SPDX-License-Identifier: GPL-2.0
#include "cmd.h"
#include "out.h"

static void put_counter(void *arg, const char *counter, uint64_t value)
{
	(void)arg;
	out_num(counter, value);
}

static int run(struct ctl *c, struct args *a)
{
	const char *name = args_next(a);
	int rc = args_end(a);

	if (rc)
		return rc;
	out_object(NULL);
	if (wire_stats(c->wire, name, put_counter, NULL))
		return cmd_refused(c, a, name);
	out_end();
	return CTL_OK;
}

const struct cmd cmd_stats = {
	.name = "stats",
	.run = run,
	.help =
"stats [NAME]\n"
"\n"
"Print the counters of a table, or those of the module.\n",
};
