// SPDX-License-Identifier: GPL-2.0
/* stats: counters, for people or for Prometheus. */
#include <string.h>

#include "cmd.h"
#include "err.h"
#include "gather.h"
#include "metrics.h"
#include "out.h"

static void put_counter(void *arg, const char *counter, uint64_t value)
{
	(void)arg;
	out_num(counter, value);
}

static int show_counters(struct ctl *c, const struct args *a, const char *name)
{
	out_object(NULL);
	if (wire_stats(c->wire, name, put_counter, NULL))
		return cmd_refused(c, a, name);
	out_end();
	return CTL_OK;
}

/* Nothing is printed before all is known: half a page would be taken for a whole one. */
static int show_metrics(struct ctl *c, const struct args *a, const char *name, bool openmetrics)
{
	const struct gather what = { .table = name, .counters = true, .kinds = true };
	struct snapshot *s;

	if (out_is_json())
		return err_usage("%s: metrics are a text of their own, not JSON", a->command);
	if (gather(c->wire, &what, &s))
		return cmd_refused(c, a, name);
	metrics_print(stdout, s, openmetrics);
	snapshot_free(s);
	return CTL_OK;
}

/* A word that is none of a format's is a table. */
static int run(struct ctl *c, struct args *a)
{
	bool openmetrics = false, prometheus = false;
	const char *name = NULL;
	int rc;

	for (int i = 0; i < 2 && a->n && !openmetrics && !prometheus; i++) {
		openmetrics = args_take(a, "openmetrics");
		prometheus = !openmetrics && args_take(a, "prometheus");
		if (!openmetrics && !prometheus && !name)
			name = args_next(a);
	}
	rc = args_end(a);
	if (rc)
		return rc;
	if (openmetrics || prometheus)
		return show_metrics(c, a, name, openmetrics);
	return show_counters(c, a, name);
}

const struct cmd cmd_stats = {
	.name = "stats",
	.run = run,
	.help =
"stats [NAME] [openmetrics | prometheus]\n"
"\n"
"Print the counters of a table, or those of the module.\n"
"  openmetrics  all of the module, of all tables (or of NAME) and of pauses, as\n"
"               OpenMetrics text\n"
"  prometheus   the same in Prometheus' own older format, which is what\n"
"               node_exporter's textfile collector reads\n",
};
