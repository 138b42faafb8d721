// SPDX-License-Identifier: GPL-2.0
/* Metrics: what is told and how; other people's parsers are asked by metrics.sh. */
#include <stdlib.h>
#include <string.h>

#include "metrics.h"
#include "sample.h"
#include "tap.h"

static struct snapshot *shown;
static bool openmetrics;

static void print(void)
{
	metrics_print(stdout, shown, openmetrics);
}

static char *told(bool open)
{
	openmetrics = open;
	return tap_capture(stdout, print);
}

static void families(void)
{
	static const char * const parts[] = {
		"# HELP tripmap_table_violations Violations of the table's contract.\n"
		"# TYPE tripmap_table_violations counter\n"
		"tripmap_table_violations_total{table=\"idle\",class=\"write-during-write\"} 0\n",
		"# UNIT tripmap_table_memory_bytes bytes\n"
		"tripmap_table_memory_bytes{table=\"idle\"} 65536\n",
		"tripmap_table_resizes_total{table=\"sessions\",kind=\"grow\"} 4\n",
		"# TYPE tripmap_module_info gauge\n"
		"tripmap_module_info{version=\"0.1\",family_version=\"1\"} 1\n",
		"\ntripmap_reports_filed_total 5\n",
		"\ntripmap_pause_share 16\n",
		"# TYPE tripmap_pause_seconds summary\n",
		"\ntripmap_pause_seconds{kind=\"write\",quantile=\"1.0\"} 0.001\n",
		"\ntripmap_pause_seconds_count{kind=\"write\"} 500\n"
		"tripmap_pause_seconds_sum{kind=\"write\"} 0.005099\n"
		"tripmap_pause_seconds_created{kind=\"write\"} ",
		"\ntripmap_table_pause_seconds_count{table=\"sessions\",kind=\"write\"} 500\n",
		"\ntripmap_pause_duration_seconds_bucket{kind=\"write\",le=\"6.4e-08\"} 0\n"
		"tripmap_pause_duration_seconds_bucket{kind=\"write\",le=\"2.56e-07\"} 495\n",
		"\ntripmap_pause_duration_seconds_bucket{kind=\"write\",le=\"+Inf\"} 500\n",
	};
	char *text;

	shown = sample_snapshot(5);
	text = told(true);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		CHECK_HAS(text, parts[i]);
	CHECK(!strcmp(text + strlen(text) - 7, "\n# EOF\n"));
	free(text);
	snapshot_free(shown);
}

/* A pause of exactly a bound counts above it. */
static void at_a_bound(void)
{
	char *text;

	shown = sample_snapshot(0);
	sample_count(&shown->pauses.p[0], 255);
	sample_count(&shown->pauses.p[0], 256);
	text = told(true);
	CHECK_HAS(text, "{kind=\"write\",le=\"2.56e-07\"} 1\n");
	CHECK_HAS(text, "{kind=\"write\",le=\"1.024e-06\"} 2\n");
	free(text);
	snapshot_free(shown);
}

/* In the older format a counter's family has the counter's name. */
static void older_format(void)
{
	char *text;

	shown = sample_snapshot(5);
	text = told(false);
	CHECK_HAS(text, "# TYPE tripmap_table_violations_total counter\n");
	CHECK(!strstr(text, "# UNIT") && !strstr(text, "# EOF") && !strstr(text, "_created"));
	free(text);
	snapshot_free(shown);
}

static void hostile_names(void)
{
	char *text;

	shown = sample_snapshot(1);
	strcpy(shown->table[0].t.name, "a\"b\\c\nd\xff");
	text = told(true);
	CHECK_HAS(text, "tripmap_table_entries{table=\"a\\\"b\\\\c\\nd\\\\xff\"} 10\n");
	free(text);
	snapshot_free(shown);
}

static void never_counted(void)
{
	char *text;

	shown = sample_snapshot(1);
	shown->pauses.p[0].since = shown->pauses.p[0].state = 0;
	shown->table[2].pauses.n = 0;
	text = told(true);
	CHECK_HAS(text, "tripmap_pause_statistics_enabled 0\n");
	CHECK(!strstr(text, "pause_seconds"));
	free(text);
	shown->pauses.n = 0;
	text = told(true);
	CHECK(!strstr(text, "pause"));
	free(text);
	snapshot_free(shown);
}

static void no_pause_no_quantile(void)
{
	char *text;

	shown = sample_snapshot(0);
	text = told(true);
	CHECK(!strstr(text, "quantile"));
	CHECK_HAS(text, "tripmap_pause_seconds_count{kind=\"write\"} 0\n");
	free(text);
	snapshot_free(shown);
}

const struct tap_test metrics_tests[] = {
	{ "metrics: families", families },
	{ "metrics: a pause at a bound", at_a_bound },
	{ "metrics: the older format", older_format },
	{ "metrics: hostile names", hostile_names },
	{ "metrics: never counted", never_counted },
	{ "metrics: no pause, no quantile", no_pause_no_quantile },
	{ NULL, NULL },
};
