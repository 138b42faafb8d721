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
	out_text_fact("repaired", "%u guard%s taken from writers that are gone", repaired,
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
"Take the guard of a table from a writer whose task is gone, and thaw a table that\n"
"a forged flag has frozen, after a check of all buckets. Where that finds damage\n"
"the table is frozen until a repair finds none: save it, and make it anew.\n"
"From a writer that still exists the guard is not taken, as it would go on where it\n"
"stopped: see why it does not leave, by tripctl report list class stale-writer.\n"
"What was done is kept: tripctl audit.\n",
};
