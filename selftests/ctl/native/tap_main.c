// SPDX-License-Identifier: GPL-2.0
#include "tap.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "metrics.h"
#include "report_show.h"
#include "sample.h"
#include "screen.h"

bool tap_failed;

static const struct tap_test * const suites[] = {
	types_tests, words_tests, savefile_tests, args_tests, out_tests,
	when_tests, report_tests, past_tests, classify_tests, scenario_tests,
	pause_tests, top_tests, metrics_tests, outfile_tests,
};

#define SUITES (sizeof(suites) / sizeof(suites[0]))

/* The stream's descriptor points to a file for the while. */
char *tap_capture(FILE *stream, void (*fn)(void))
{
	FILE *file = tmpfile();
	int fd = fileno(stream), saved = dup(fd);
	char *text;
	long size;

	fflush(stream);
	dup2(fileno(file), fd);
	fn();
	fflush(stream);
	dup2(saved, fd);
	close(saved);
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	rewind(file);
	text = calloc(1, (size_t)size + 1);
	if (fread(text, 1, (size_t)size, file) != (size_t)size)
		abort();
	fclose(file);
	return text;
}

static const struct {
	const char	*name;
	bool		(*print)(FILE *f, const struct report *r, const struct table *t);
} forms[] = {
	{ "page", report_html }, { "trace", report_perfetto }, { "graph", report_dot },
};

/* A form of a made-up report, with hostile names, for others to look at. */
static int print_form(const char *name, uint8_t class)
{
	struct report *r;
	size_t i = 0;
	bool good;

	while (i < ARRAY_SIZE(forms) && strcmp(name, forms[i].name))
		i++;
	if (class > TRIPMAP_CLASS_MAX || i == ARRAY_SIZE(forms))
		return EXIT_FAILURE;
	r = sample_full(class);
	strcpy(r->victim.comm, HOSTILE_SCRIPT);
	strcpy((char *)r->victim.key, "<svg/onload=a()>");
	snprintf(r->victim.frame[0], FRAME_SIZE, "%0120d", 0);
	snprintf(r->victim.label[0], LABEL_SIZE, "%s", HOSTILE_LABEL);
	snprintf(r->record[0].label, LABEL_SIZE, "%s", HOSTILE_LABEL);
	good = forms[i].print(stdout, r, sample_table());
	free(r);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* --- the screen of top over made-up tables, for a terminal to show --- */

struct seconds {
	unsigned int	next;
	unsigned int	more_tables;
};

static int take(void *arg, struct snapshot **s)
{
	struct seconds *n = arg;

	*s = sample_snapshot(n->next++);
	sample_more_tables(*s, n->more_tables);
	return 0;
}

static void take_details(void *arg, const struct table *t, struct counters *c,
			 struct pauses *p)
{
	struct seconds *n = arg;
	struct snapshot *s = sample_snapshot(n->next);

	*c = sample_counters(t);
	if (t->id == SAMPLE_SESSIONS)
		pauses_add(p, &s->pauses.p[0]);
	snapshot_free(s);
}

/* A made-up second each 100 ms. */
static int show_screen(const char *more_tables)
{
	struct seconds n = { .more_tables = (unsigned int)atoi(more_tables) };
	const struct screen_source source = {
		.take = take, .details = take_details, .arg = &n, .interval_ms = 100,
	};

	return screen_run(&source) ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* --- metrics of made-up tables, for other people's parsers --- */

static int print_metrics(bool openmetrics)
{
	struct snapshot *s = sample_snapshot(5);

	metrics_print(stdout, s, openmetrics);
	snapshot_free(s);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	unsigned int n = 0, total = 0, failed = 0;

	if (argc == 3 && !strcmp(argv[1], "screen"))
		return show_screen(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "metrics"))
		return print_metrics(!strcmp(argv[2], "openmetrics"));
	if (argc == 3)
		return print_form(argv[1], (uint8_t)atoi(argv[2]));

	for (size_t s = 0; s < SUITES; s++)
		for (const struct tap_test *t = suites[s]; t->name; t++)
			total++;
	printf("TAP version 13\n1..%u\n", total);
	for (size_t s = 0; s < SUITES; s++) {
		for (const struct tap_test *t = suites[s]; t->name; t++) {
			tap_failed = false;
			t->run();
			failed += tap_failed;
			printf("%sok %u %s\n", tap_failed ? "not " : "", ++n, t->name);
		}
	}
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
