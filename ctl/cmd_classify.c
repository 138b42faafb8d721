// SPDX-License-Identifier: GPL-2.0
/* classify: what a pasted kernel log tells, without the machine it came from. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/tripmap_names.h>

#include "classify.h"
#include "cmd.h"
#include "err.h"
#include "out.h"

static void put_functions(const struct finding *f)
{
	if (!f->function[0][0])
		out_unknown("functions");
	else
		out_text_fact("functions", "%s%s%s", f->function[0],
			      f->function[1][0] ? " / " : "", f->function[1]);
	for (unsigned int i = 0; i < FUNCTIONS_MAX; i++)
		if (f->function[i][0])
			out_json_str(i ? "other_function" : "function", f->function[i]);
}

static void put_evidence(const struct finding *f)
{
	out_text("evidence\n");
	if (out_is_json())
		out_list("evidence");
	for (unsigned int i = 0; i < f->nevidence; i++) {
		const struct klog_line *l = f->evidence[i];

		out_para(2, "line %lu: %s", l->number, l->text);
		if (!out_is_json())
			continue;
		out_object(NULL);
		out_num("line", l->number);
		out_str("text", l->text);
		out_end();
	}
	if (out_is_json())
		out_end();
	out_text("\n");
}

static void put_finding(void *arg, const struct finding *f)
{
	(void)arg;
	if (out_is_json())
		out_object(NULL);
	out_str("class", tripmap_class_name(f->class));
	out_str("confidence", f->confidence);
	out_str("source", f->report ? "report" : "call trace");
	put_functions(f);
	if (f->table[0])
		out_str("table", f->table);
	out_sentence("why", "%s", f->why);
	put_evidence(f);
	if (out_is_json())
		out_end();
}

static int run_on(const struct args *a, FILE *f, const char *name)
{
	struct klog log;
	unsigned int n = 0;

	if (!klog_read(&log, f)) {
		klog_free(&log);
		return err_failed(NULL, "%s: %s: %s", a->command, name,
				  log.no_memory ? "out of memory" : "cannot be read");
	}
	if (out_is_json())
		out_list(NULL);
	else
		out_object(NULL);
	n = classify(&log, put_finding, NULL);
	klog_free(&log);
	if (!n)
		return err_failed(NULL, "%s: %s: no tripmap call in it", a->command, name);
	out_end();
	return CTL_OK;
}

static int run(struct ctl *c, struct args *a)
{
	const char *name = args_next(a);
	bool from_stdin = !name || !strcmp(name, "-");
	int rc = args_end(a);
	FILE *f;

	(void)c;
	if (rc)
		return rc;
	f = from_stdin ? stdin : fopen(name, "r");
	if (!f)
		return err_failed(NULL, "%s: %s: %s", a->command, name, strerror(errno));
	rc = run_on(a, f, from_stdin ? "(stdin)" : name);
	if (!from_stdin)
		fclose(f);
	return rc;
}

const struct cmd cmd_classify = {
	.name = "classify",
	.run = run,
	.help =
"classify [FILE]\n"
"\n"
"Read a pasted kernel log (standard input, or FILE), with or without time stamps\n"
"and prefixes, and say which violation it tells of, which functions are at fault,\n"
"and which lines say so: certain where there is a report of tripmap's in it; from a\n"
"bare call trace or an oops, how likely. Needs no module, and runs on any machine.\n"
"Fails where there is no call into a table in the log.\n",
};
