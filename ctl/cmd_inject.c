// SPDX-License-Identifier: GPL-2.0
/* inject: let something go wrong on purpose, to see the alarm ring. */
#include <linux/tripmap_names.h>

#include "cmd.h"
#include "err.h"
#include "out.h"

/* [COUNT] */
static int take_count(struct args *a, struct injection *in)
{
	uint64_t count = 0;
	int rc;

	if (!a->n)
		return 0;
	rc = args_number(a, "COUNT", 1, UINT32_MAX, &count);
	in->count = (uint32_t)count;
	SET_HAS(in, TRIPMAP_A_INJECT_COUNT);
	return rc;
}

/* STEP USECS [COUNT] */
static int take_delay(struct args *a, struct injection *in)
{
	uint64_t usecs = 0;
	int rc = args_enum(a, "step", tripmap_step_name, TRIPMAP_STEP_MAX, &in->step);

	if (!rc)
		rc = args_number(a, "USECS", 1, TRIPMAP_DELAY_MAX, &usecs);
	in->usecs = (uint32_t)usecs;
	SET_HAS(in, TRIPMAP_A_INJECT_STEP);
	SET_HAS(in, TRIPMAP_A_INJECT_USECS);
	return rc ? rc : take_count(a, in);
}

static int run(struct ctl *c, struct args *a)
{
	struct injection in = { 0 };
	const char *name;
	int rc = args_need(a, "NAME", &name);

	if (!rc)
		rc = args_enum(a, "fault", tripmap_fault_name, TRIPMAP_FAULT_MAX, &in.fault);
	if (!rc && in.fault == TRIPMAP_FAULT_DELAY)
		rc = take_delay(a, &in);
	else if (!rc && in.fault == TRIPMAP_FAULT_FAIL_ALLOC)
		rc = take_count(a, &in);
	if (!rc)
		rc = args_end(a);
	if (rc)
		return rc;
	return wire_inject(c->wire, name, &in) ? cmd_refused(c, a, name) : CTL_OK;
}

const struct cmd cmd_inject = {
	.name = "inject",
	.run = run,
	.help =
"inject NAME forge | grow | none | delay STEP USECS [COUNT] | fail-alloc [COUNT]\n"
"\n"
"Let something go wrong in a table on purpose, to see the alarm ring. It needs the\n"
"module's parameter allow_inject, and CAP_NET_ADMIN in the initial namespace.\n"
"\n"
"forge       set the flag of a writer that does not exist\n"
"grow        begin to grow now\n"
"delay       wait so many microseconds (up to 1000000) at a step of the protocol, the\n"
"            next COUNT times (once): entered, change, evacuate, leaving (a writer),\n"
"            clashed (who was refused), read (a reader)\n"
"fail-alloc  let the next COUNT allocations fail (one)\n"
"none        end delays and failures\n",
};
