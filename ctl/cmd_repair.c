// SPDX-License-Identifier: GPL-2.0
#include "cmd.h"
#include "out.h"

static int run(struct ctl *c, struct args *a)
{
	uint32_t repaired;
	const char *name;
	int rc = args_need(a, "NAME", &name);

	if (!rc)
		rc = args_end(a);
	if (rc)
		return rc;
	if (wire_table_repair(c->wire, name, &repaired))
		return cmd_refused(c, a, name);
	out_object(NULL);
	out_json_num("repaired", repaired);
	out_text_fact("repaired", "%u guard%s taken from a stale writer", repaired,
		      repaired == 1 ? "" : "s");
	out_end();
	return CTL_OK;
}

const struct cmd cmd_repair = {
	.name = "repair",
	.run = run,
	.help =
"repair NAME\n"
"\n"
"Take the guard of a table from a writer that is stale (inside for longer than the\n"
"module's parameter stale_ms) or gone, and thaw a table that a forged flag has\n"
"frozen, after a check of all buckets; where that finds damage the table stays as\n"
"it is. Find out first why the writer does not leave: tripctl report list class\n"
"stale-writer. What was done is kept: tripctl audit.\n",
};
