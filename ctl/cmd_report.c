// SPDX-License-Identifier: GPL-2.0
/* report list, show, export and clear: what was caught, and what it means. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <linux/tripmap_names.h>

#include "cmd.h"
#include "err.h"
#include "explain.h"
#include "history.h"
#include "out.h"
#include "outfile.h"
#include "report_show.h"
#include "types.h"
#include "when.h"

/* Which reports are wanted; all that is not set matches any. */
struct filter {
	const char	*table;
	int		class;		/* -1: any */
	int		action;		/* -1: any */
	uint64_t	since;		/* ns, CLOCK_REALTIME */
	uint64_t	pid;		/* of either party */
	uint64_t	limit;		/* the newest of those that match */
};

/* What of a report stands in its row. */
struct row {
	uint64_t	id;
	uint64_t	time_real;
	uint64_t	repeats;
	uint8_t		class;
	uint8_t		action;
	uint8_t		half;
	char		title[TITLE_SIZE];
};

struct rows {
	struct filter	filter;
	struct row	*row;
	size_t		n, room;
	bool		no_memory;
};

static bool has_pid(const struct party *p, uint64_t pid)
{
	return p->has && (p->pid == pid || p->tgid == pid);
}

static bool matches(const struct filter *f, const struct report *r)
{
	return (!f->table || !strcmp(f->table, r->table)) &&
	       (f->class < 0 || f->class == r->class) &&
	       (f->action < 0 || f->action == r->action) &&
	       r->time_real >= f->since &&
	       (!f->pid || has_pid(&r->victim, f->pid) || has_pid(&r->holder, f->pid));
}

static void take_row(void *arg, const struct report *r)
{
	struct rows *rows = arg;

	if (!matches(&rows->filter, r) || rows->no_memory)
		return;
	if (rows->n == rows->room) {
		size_t room = rows->room ? 2 * rows->room : 64;
		struct row *new = realloc(rows->row, room * sizeof(*new));

		rows->no_memory = !new;
		if (!new)
			return;
		rows->row = new;
		rows->room = room;
	}
	rows->row[rows->n] = (struct row){
		.id = r->id, .time_real = r->time_real, .repeats = r->repeats,
		.class = r->class, .action = r->action, .half = r->half,
	};
	snprintf(rows->row[rows->n++].title, TITLE_SIZE, "%s", r->title);
}

static void put_row(const struct row *r)
{
	out_object(NULL);
	out_num("id", r->id);
	out_when("time", r->time_real);
	out_json_str("class", explain_name(tripmap_class_name(r->class)));
	out_str("action", explain_name(tripmap_action_name(r->action)));
	out_num("repeats", r->repeats);
	out_str("other_party", explain_name(tripmap_half_name(r->half)));
	out_str("title", r->title);
	out_end();
}

static uint64_t real_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* A number of an enum by its name, if there is a name. */
static int take_enum(const struct args *a, const char *what, const char *word,
		     const char *(*name)(unsigned int), unsigned int max, int *value)
{
	char *first = (char *)word;
	struct args one = { .command = a->command, .word = &first, .n = 1 };
	uint8_t number = 0;
	int rc;

	if (!word)
		return 0;
	rc = args_enum(&one, what, name, max, &number);
	*value = number;
	return rc;
}

static int take_filter(struct args *a, struct filter *f)
{
	const char *class = NULL, *action = NULL, *since = NULL;
	const struct arg_option options[] = {
		{ .word = "table", .text = &f->table },
		{ .word = "class", .text = &class },
		{ .word = "action", .text = &action },
		{ .word = "since", .text = &since },
		{ .word = "pid", .number = &f->pid, .min = 1, .max = UINT32_MAX },
		{ .word = "limit", .number = &f->limit, .min = 1, .max = UINT64_MAX },
	};
	int rc = args_options(a, options, ARRAY_SIZE(options));

	f->class = f->action = -1;
	if (!rc)
		rc = take_enum(a, "class", class, tripmap_class_name, TRIPMAP_CLASS_MAX,
			       &f->class);
	if (!rc)
		rc = take_enum(a, "action", action, tripmap_action_name, TRIPMAP_ACTION_MAX,
			       &f->action);
	if (!rc && since && !time_parse(since, real_ns(), &f->since))
		rc = err_usage("%s: since wants a time (\"2026-01-31 12:00:00\", 12:00) or how long ago (90s, 10m), not \"%s\"",
			       a->command, since);
	return rc;
}

static int report_list(struct ctl *c, struct args *a)
{
	struct rows rows = { .row = NULL };
	int rc = take_filter(a, &rows.filter);
	size_t first;

	if (rc)
		return rc;
	if (wire_report_list(c->wire, 0, take_row, &rows)) {
		rc = cmd_refused(c, a, NULL);
	} else if (rows.no_memory) {
		rc = err_failed(NULL, "report list: out of memory");
	} else {
		first = rows.filter.limit && rows.filter.limit < rows.n ?
			rows.n - rows.filter.limit : 0;
		out_list(NULL);
		for (size_t i = first; i < rows.n; i++)
			put_row(&rows.row[i]);
		out_end_list("no reports");
	}
	free(rows.row);
	return rc;
}

/* Microseconds, as nanoseconds; 0 where it cannot be read. */
static uint64_t parameter_ns(const char *name)
{
	unsigned long long us = 0;
	char path[96];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/module/tripmap/parameters/%s", name);
	f = fopen(path, "r");
	if (!f)
		return 0;
	if (fscanf(f, "%llu", &us) != 1)
		us = 0;
	fclose(f);
	return us * 1000;
}

/* The report is there; its events may give way to those of a later one at any time. */
static int get_events(struct ctl *c, struct report *r)
{
	int err = wire_report_events(c->wire, r);

	/* Were they gone before the first one? Then the report says so by now. */
	if (!err && !r->nrecords && r->window.events)
		err = wire_report_get(c->wire, r->id, r);
	if (err != -EINTR && err != -ENOENT)
		return err;
	free(r->record);
	r->record = NULL;
	r->nrecords = 0;
	r->window.state = TRIPMAP_WINDOW_MISSED;
	return 0;
}

static int get_report(struct ctl *c, uint64_t id, struct report *r)
{
	int err = wire_report_get(c->wire, id, r);

	if (!err && r->window.state == TRIPMAP_WINDOW_FROZEN)
		err = get_events(c, r);
	r->near_ns = parameter_ns("spike_near_us");
	r->far_ns = parameter_ns("spike_far_us");
	if (!err && r->window.state == TRIPMAP_WINDOW_FROZEN)
		history_refine(r);
	return err;
}

/* ID, and what then is to be done with the report and, if it is there, its table. */
static int with_report(struct ctl *c, struct args *a, uint64_t id,
		       int (*fn)(const struct report *r, const struct table *t, void *arg),
		       void *arg)
{
	struct report *r = calloc(1, sizeof(*r));
	struct table t;
	int rc;

	if (!r)
		return err_failed(NULL, "%s: out of memory", a->command);
	if (get_report(c, id, r))
		rc = cmd_refused(c, a, NULL);
	else
		rc = fn(r, r->table[0] && !wire_table_get(c->wire, r->table, &t) ? &t : NULL, arg);
	free(r->record);
	free(r);
	return rc;
}

static int show(const struct report *r, const struct table *t, void *arg)
{
	const struct report_view *v = arg;

	if (!explain_clock_known(r, v->clock))
		return err_failed(NULL, "report show: the clock \"%s\" was not read for this report",
				  explain_clock_name(v->clock));
	report_show(r, t, v);
	return CTL_OK;
}

static int report_show_cmd(struct ctl *c, struct args *a)
{
	struct report_view v = { .events = false };
	const char *clock = NULL;
	const struct arg_option options[] = {
		{ .word = "events", .flag = &v.events },
		{ .word = "clock", .text = &clock },
	};
	int which = CLOCK_VIOLATION;
	uint64_t id;
	int rc = args_number(a, "ID", 1, UINT64_MAX, &id);

	if (!rc)
		rc = args_options(a, options, ARRAY_SIZE(options));
	if (!rc)
		rc = take_enum(a, "clock", clock, explain_clock_name, REPORT_CLOCKS - 1, &which);
	v.clock = (enum report_clock)which;
	return rc ? rc : with_report(c, a, id, show, &v);
}

typedef bool (*export_fn)(FILE *f, const struct report *r, const struct table *t);

struct export {
	export_fn	fn;
	const char	*file;
};

static const struct {
	const char	*name;
	export_fn	fn;
} formats[] = {
	{ "html", report_html },
	{ "perfetto", report_perfetto },
	{ "dot", report_dot },
};

static int write_file(const struct report *r, const struct table *t, void *arg)
{
	const struct export *e = arg;
	struct outfile o;
	bool good = outfile_open(&o, e->file);

	if (good && !e->fn(o.file, r, t)) {
		outfile_drop(&o);
		return err_failed(NULL, "report export: out of memory");
	}
	good = good && outfile_close(&o);
	return good ? CTL_OK : err_failed(NULL, "report export: %s: %s", o.name, strerror(errno));
}

static int take_format(struct args *a, export_fn *fn)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (args_take(a, formats[i].name)) {
			*fn = formats[i].fn;
			return 0;
		}
	}
	return err_usage("%s: what as? (html, perfetto, dot)", a->command);
}

static int report_export(struct ctl *c, struct args *a)
{
	struct export e = { .fn = NULL };
	uint64_t id;
	int rc = args_number(a, "ID", 1, UINT64_MAX, &id);

	if (!rc)
		rc = take_format(a, &e.fn);
	if (!rc)
		rc = args_need(a, "FILE", &e.file);
	if (!rc)
		rc = args_end(a);
	return rc ? rc : with_report(c, a, id, write_file, &e);
}

static int report_clear(struct ctl *c, struct args *a)
{
	int rc = args_end(a);

	if (rc)
		return rc;
	return wire_report_clear(c->wire) ? cmd_refused(c, a, NULL) : CTL_OK;
}

static int run(struct ctl *c, struct args *a)
{
	static const struct cmd sub[] = {
		{ .name = "list", .run = report_list },
		{ .name = "show", .run = report_show_cmd },
		{ .name = "export", .run = report_export },
		{ .name = "clear", .run = report_clear },
	};

	return a->n ? cmd_choose(c, a, sub, ARRAY_SIZE(sub)) : report_list(c, a);
}

const struct cmd cmd_report = {
	.name = "report",
	.run = run,
	.help =
"report [list] [table NAME] [class CLASS] [action ACTION] [since WHEN] [pid N]\n"
"                      [limit N]\n"
"tripctl report show ID [events] [clock violation|mono|wall|boot|trace]\n"
"tripctl report export ID html|perfetto|dot FILE\n"
"tripctl report clear\n"
"\n"
"list: one line for each violation that was reported, all of them or those that\n"
"match; the newest N with a limit. WHEN is a time (\"2026-01-31 12:00:00\", 12:00) or\n"
"how long ago (90s, 10m, 2h); pid is that of either party.\n"
"show: what happened, both parties side by side, how it was classified and by what\n"
"evidence, the table and the victim's bucket at that instant, the last milliseconds\n"
"before it, what the contract says and what to look at. events: each event that was\n"
"kept, one by one. clock: by which clock, instead of from the violation on.\n"
"export: html, the same as one page that needs nothing else; perfetto, what happened\n"
"on which CPU as a trace for ui.perfetto.dev; dot, what came of what as a graph for\n"
"graphviz. FILE -: standard output. What FILE held before is replaced only when all\n"
"of the report is on the disk.\n"
"clear: forget the reports of this network namespace.\n",
};
