// SPDX-License-Identifier: GPL-2.0
/* audit: what was changed by hand, and by whom. */
#include <linux/tripmap_names.h>

#include "cmd.h"
#include "out.h"

struct rows {
	uint64_t	last;		/* id of the row before */
	uint64_t	missing;	/* numbers: others', or not kept any more */
};

static void put_row(void *arg, const struct audit *a)
{
	const char *deed = tripmap_deed_name(a->deed);
	struct rows *rows = arg;

	rows->missing += a->id - rows->last - 1;
	rows->last = a->id;
	out_object(NULL);
	out_num("id", a->id);
	out_when("time", a->time_real);
	if (HAS(a, TRIPMAP_A_AUDIT_UID))
		out_num("uid", a->uid);
	else
		out_unknown("uid");
	out_num("pid", a->pid);
	out_str("task", HAS(a, TRIPMAP_A_AUDIT_COMM) ? a->comm : "unknown");
	out_str("deed", deed ? deed : "unknown");
	out_str("table", a->table);
	out_str("what", a->text);
	out_end();
}

static int audit_show(struct ctl *c, struct args *a)
{
	struct rows rows = { 0 };
	int rc = args_end(a);

	if (rc)
		return rc;
	out_list(NULL);
	if (wire_audit_list(c->wire, put_row, &rows))
		return cmd_refused(c, a, NULL);
	out_end_list("nothing was changed by hand");
	if (rows.missing)
		out_text("%llu number%s missing: of other namespaces, or not kept any more\n",
			 (unsigned long long)rows.missing, rows.missing == 1 ? " is" : "s are");
	return CTL_OK;
}

static int run(struct ctl *c, struct args *a)
{
	static const struct cmd sub[] = {
		{ .name = "show", .run = audit_show },
	};

	return a->n ? cmd_choose(c, a, sub, ARRAY_SIZE(sub)) : audit_show(c, a);
}

const struct cmd cmd_audit = {
	.name = "audit",
	.run = run,
	.help =
"audit [show]\n"
"\n"
"What was changed by hand, oldest first: policies, owners, repairs, injections,\n"
"freezing, cleared reports; by which user and task, and when. The module keeps the\n"
"newest, and numbers them for all network namespaces: how many numbers are missing\n"
"here is said, not which of them were others' and which are gone.\n",
};
