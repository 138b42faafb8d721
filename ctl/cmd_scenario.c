// SPDX-License-Identifier: GPL-2.0
/*
 * scenario list and run: violations made to order by a module, which runs one
 * while it is being loaded and then says in its parameter "failed" how it went.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libkmod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/tripmap_names.h>

#include "cmd.h"
#include "err.h"
#include "out.h"
#include "scenario.h"

#define MODULE_NAME	"tripmap_scenario"	/* unless told otherwise */
#define MODULE_ENV	"TRIPMAP_SCENARIO"
#define RECORD_MAX	8192			/* of /dev/kmsg */

/*
 * What of libkmod is used. It is loaded when it is needed: with the libraries that it
 * needs itself every tripctl would take many times as long to start.
 */
#define LIBKMOD		"libkmod.so.2"

static struct {
	__typeof__(kmod_new)			*new;
	__typeof__(kmod_unref)			*unref;
	__typeof__(kmod_list_next)		*list_next;
	__typeof__(kmod_module_new_from_name)	*module_new_from_name;
	__typeof__(kmod_module_new_from_path)	*module_new_from_path;
	__typeof__(kmod_module_unref)		*module_unref;
	__typeof__(kmod_module_get_name)	*module_get_name;
	__typeof__(kmod_module_get_path)	*module_get_path;
	__typeof__(kmod_module_get_info)	*module_get_info;
	__typeof__(kmod_module_info_free_list)	*module_info_free_list;
	__typeof__(kmod_module_info_get_key)	*module_info_get_key;
	__typeof__(kmod_module_info_get_value)	*module_info_get_value;
	__typeof__(kmod_module_insert_module)	*module_insert_module;
	__typeof__(kmod_module_probe_insert_module)	*module_probe_insert_module;
	__typeof__(kmod_module_remove_module)	*module_remove_module;
} kmod;

static const struct {
	const char	*name;
	void		*call;		/* in kmod */
} kmod_calls[] = {
	{ "kmod_new", &kmod.new },
	{ "kmod_unref", &kmod.unref },
	{ "kmod_list_next", &kmod.list_next },
	{ "kmod_module_new_from_name", &kmod.module_new_from_name },
	{ "kmod_module_new_from_path", &kmod.module_new_from_path },
	{ "kmod_module_unref", &kmod.module_unref },
	{ "kmod_module_get_name", &kmod.module_get_name },
	{ "kmod_module_get_path", &kmod.module_get_path },
	{ "kmod_module_get_info", &kmod.module_get_info },
	{ "kmod_module_info_free_list", &kmod.module_info_free_list },
	{ "kmod_module_info_get_key", &kmod.module_info_get_key },
	{ "kmod_module_info_get_value", &kmod.module_info_get_value },
	{ "kmod_module_insert_module", &kmod.module_insert_module },
	{ "kmod_module_probe_insert_module", &kmod.module_probe_insert_module },
	{ "kmod_module_remove_module", &kmod.module_remove_module },
};

struct rig {
	struct kmod_ctx		*kmod;
	struct kmod_module	*module;
	bool			by_name;	/* found by modprobe's rules, with what it needs */
	int			kmsg;		/* -1: not to be had */
};

static int rig_failed(const struct args *a, const char *file, int err)
{
	return err_failed(NULL, "%s: module %s: %s", a->command, file, strerror(-err));
}

/* Is it there? It stays. */
static bool load_kmod(void)
{
	void *lib = dlopen(LIBKMOD, RTLD_NOW), *call;
	size_t i;

	for (i = 0; lib && i < sizeof(kmod_calls) / sizeof(*kmod_calls); i++) {
		call = dlsym(lib, kmod_calls[i].name);
		if (!call)
			return false;
		memcpy(kmod_calls[i].call, &call, sizeof(call));
	}
	return lib;
}

static void rig_close(struct rig *rig)
{
	if (rig->module)
		kmod.module_unref(rig->module);
	if (rig->kmod)
		kmod.unref(rig->kmod);
	if (rig->kmsg >= 0)
		close(rig->kmsg);
}

/* file: the module's, or its name, or NULL for what the environment or modprobe know. */
static int rig_open(struct rig *rig, const struct args *a, const char *file)
{
	const char *env = getenv(MODULE_ENV);
	int err = -ENOMEM;

	*rig = (struct rig){ .kmsg = -1 };
	if (!load_kmod())
		return err_failed(NULL, "%s: %s", a->command, dlerror() ?: LIBKMOD);
	if (!file)
		file = env && *env ? env : MODULE_NAME;
	rig->by_name = !strchr(file, '/') && !strstr(file, ".ko");
	rig->kmod = kmod.new(NULL, NULL);
	if (rig->kmod)
		err = rig->by_name ? kmod.module_new_from_name(rig->kmod, file, &rig->module) :
		      kmod.module_new_from_path(rig->kmod, file, &rig->module);
	if (!err && !kmod.module_get_path(rig->module))
		err = -ENOENT;
	return err ? rig_failed(a, file, err) : 0;
}

/* Calls each for all scenarios that the module tells of; 0 or the exit code. */
static int each_scenario(const struct rig *rig, const struct args *a,
			 void (*each)(void *arg, const struct scenario *s), void *arg)
{
	struct kmod_list *info = NULL, *l;
	struct scenario s;
	int err = kmod.module_get_info(rig->module, &info);

	if (err < 0)
		return rig_failed(a, kmod.module_get_path(rig->module), err);
	for (l = info; l; l = kmod.list_next(info, l))
		if (!strcmp(kmod.module_info_get_key(l), "scenario") &&
		    scenario_parse(kmod.module_info_get_value(l), &s))
			each(arg, &s);
	kmod.module_info_free_list(info);
	return 0;
}

static void put_facts(const struct scenario *s)
{
	out_json_str("name", s->name);
	out_str("runs", s->runs);
	out_str("must_be_seen", s->expect);
	out_str("must_never_be_seen", s->never);
}

static void put_scenario(void *arg, const struct scenario *s)
{
	(void)arg;
	out_object(out_is_json() ? NULL : s->name);
	put_facts(s);
	out_end();
}

/* What is to be run, and how. */
struct order {
	const char	*file;		/* of the module, NULL: not given */
	uint64_t	seconds;	/* 0: as long as the module likes */
	bool		keep;		/* leave the module where it is */
};

/* [module FILE] and, to run one, [seconds N] [keep]. */
static int take_options(struct args *a, struct order *o, bool run)
{
	const struct arg_option options[] = {
		{ .word = "module", .text = &o->file },
		{ .word = "seconds", .number = &o->seconds, .min = 1, .max = 86400 },
		{ .word = "keep", .flag = &o->keep },
	};

	return args_options(a, options, run ? ARRAY_SIZE(options) : 1);
}

static int scenario_list(struct ctl *c, struct args *a)
{
	struct order order = { 0 };
	struct rig rig;
	int rc = take_options(a, &order, false);

	(void)c;
	if (rc)
		return rc;
	rc = rig_open(&rig, a, order.file);
	if (!rc) {
		if (out_is_json())
			out_list(NULL);
		else
			out_object(NULL);
		rc = each_scenario(&rig, a, put_scenario, NULL);
		out_end_all();
	}
	rig_close(&rig);
	return rc;
}

struct wanted {
	const char	*name;
	struct scenario	scenario;
	char		known[1500];
	size_t		len;
	bool		found;
};

static void look_for(void *arg, const struct scenario *s)
{
	struct wanted *w = arg;

	if (w->len < sizeof(w->known))
		w->len += (size_t)snprintf(w->known + w->len, sizeof(w->known) - w->len, " %s",
					   s->name);
	if (strcmp(s->name, w->name))
		return;
	w->scenario = *s;
	w->found = true;
}

static int find_scenario(const struct rig *rig, const struct args *a, const char *name,
			 struct scenario *s)
{
	struct wanted w = { .name = name };
	int rc = each_scenario(rig, a, look_for, &w);

	if (rc)
		return rc;
	if (!w.found)
		return err_usage("%s: no scenario \"%s\" (there are%s)", a->command, name,
				 w.len ? w.known : " none in this module");
	*s = w.scenario;
	return 0;
}

/* --- the log of that time --- */

static void log_begin(struct rig *rig)
{
	rig->kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (rig->kmsg >= 0 && lseek(rig->kmsg, 0, SEEK_END) < 0) {
		close(rig->kmsg);
		rig->kmsg = -1;
	}
}

/* "priority,number,time,flags;text" and lines of its own behind that. */
static void put_record(char *record)
{
	char *text = strchr(record, ';');

	if (!text)
		return;
	text++;
	text[strcspn(text, "\n")] = '\0';
	/* Reports are shown in short, below. */
	if (!strncmp(text, "tripmap: ", strlen("tripmap: ")))
		return;
	out_text("  %s\n", text);
	if (!out_is_json())
		return;
	out_object(NULL);
	out_str("text", text);
	out_end();
}

static void put_log(const struct rig *rig)
{
	char record[RECORD_MAX + 1];

	if (out_is_json())
		out_list("log");
	for (;;) {
		ssize_t n = rig->kmsg < 0 ? -1 : read(rig->kmsg, record, RECORD_MAX);

		/* EPIPE: some were overwritten, and it goes on with those that are left. */
		if (n < 0 && errno == EPIPE && rig->kmsg >= 0) {
			err_note("the log was overwritten in part");
			continue;
		}
		if (n <= 0)
			break;
		record[n] = '\0';
		put_record(record);
	}
	if (out_is_json())
		out_end();
}

/* --- the reports of that time --- */

static void last_id(void *arg, const struct report *r)
{
	uint64_t *last = arg;

	*last = r->id;
}

static void put_report(void *arg, const struct report *r)
{
	const char *class = tripmap_class_name(r->class);

	(void)arg;
	out_object(NULL);
	out_num("id", r->id);
	out_str("class", class ? class : "unknown");
	out_num("repeats", r->repeats);
	out_str("title", r->title);
	out_end();
}

static void put_reports(struct ctl *c, uint64_t after)
{
	out_list("reports");
	if (wire_report_list(c->wire, after, put_report, NULL))
		err_note("reports: %s", wire_problem(c->wire)->text);
	out_end_list("none");
}

/* --- running --- */

/* What the module says of itself; -1: nothing was run, or it does not say. */
static int read_failed(const struct rig *rig)
{
	char path[200], text[16] = "";
	int failed = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/module/%s/parameters/failed",
		 kmod.module_get_name(rig->module));
	f = fopen(path, "r");
	if (!f)
		return -1;
	if (fgets(text, sizeof(text), f))
		failed = atoi(text);
	fclose(f);
	return failed;
}

static int insert(const struct rig *rig, const char *name, uint64_t seconds)
{
	char options[200];
	int n = snprintf(options, sizeof(options), "scenario=%s", name);

	if (seconds)
		snprintf(options + n, sizeof(options) - (size_t)n, " seconds=%llu",
			 (unsigned long long)seconds);
	if (rig->by_name)
		return kmod.module_probe_insert_module(rig->module, KMOD_PROBE_FAIL_ON_LOADED,
						       options, NULL, NULL, NULL);
	return kmod.module_insert_module(rig->module, 0, options);
}

/*
 * While the module is there: without it nobody knows the names of its functions,
 * which reports are about.
 */
static void put_run(struct ctl *c, const struct rig *rig, const struct scenario *s, uint64_t last,
		    int failed)
{
	out_object(NULL);
	put_facts(s);
	put_log(rig);
	put_reports(c, last);
	out_json_int("failed", failed);
	out_json_str("verdict", failed ? "failed" : "passed");
	out_text("%s: %s\n", s->name, failed ? "failed" : "passed");
	out_end();
}

static int verdict(const struct args *a, const char *name, int failed)
{
	if (!failed)
		return CTL_OK;
	if (failed < 0)
		return err_failed(NULL, "%s %s: nothing was run", a->command, name);
	return err_failed(NULL, "%s %s: %d failed", a->command, name, failed);
}

/* Loading the module runs it. */
static int run_scenario(struct ctl *c, const struct args *a, struct rig *rig,
			const struct scenario *s, const struct order *o)
{
	uint64_t last = 0;
	int failed, err;

	/* Without tripmap there are no reports yet: the module brings it along, or says so. */
	if (wire_report_list(c->wire, 0, last_id, &last))
		last = 0;
	log_begin(rig);
	err = insert(rig, s->name, o->seconds);
	if (err)
		return rig_failed(a, kmod.module_get_path(rig->module),
				  err > 0 ? -EEXIST : err);
	failed = read_failed(rig);
	put_run(c, rig, s, last, failed);
	err = o->keep ? 0 : kmod.module_remove_module(rig->module, 0);
	if (err)
		return rig_failed(a, kmod.module_get_path(rig->module), err);
	return verdict(a, s->name, failed);
}

static int scenario_run(struct ctl *c, struct args *a)
{
	struct order order = { 0 };
	struct scenario s;
	struct rig rig;
	const char *name;
	int rc = args_need(a, "NAME", &name);

	if (!rc)
		rc = take_options(a, &order, true);
	if (rc)
		return rc;
	rc = rig_open(&rig, a, order.file);
	if (!rc)
		rc = find_scenario(&rig, a, name, &s);
	if (!rc)
		rc = run_scenario(c, a, &rig, &s, &order);
	rig_close(&rig);
	return rc;
}

static int run(struct ctl *c, struct args *a)
{
	static const struct cmd sub[] = {
		{ .name = "list", .run = scenario_list },
		{ .name = "run", .run = scenario_run },
	};

	return a->n ? cmd_choose(c, a, sub, ARRAY_SIZE(sub)) : scenario_list(c, a);
}

const struct cmd cmd_scenario = {
	.name = "scenario",
	.run = run,
	.help =
"scenario [list] [module FILE]\n"
"tripctl scenario run NAME [seconds N] [keep] [module FILE]\n"
"\n"
"Violations made to order, by kernel threads, interrupts and the like in a test\n"
"module: list them with what runs, what must be seen and what must never be seen,\n"
"or run one. It prints the module's log and the reports that were filed meanwhile;\n"
"the exit status is 0 where all was as it must be. Not for machines that matter.\n"
"\n"
"FILE     the module, by path or by name (else $TRIPMAP_SCENARIO, else\n"
"         tripmap_scenario as modprobe finds it)\n"
"seconds  how long those run that run for a time\n"
"keep     leave the module loaded: without it \"report show\" has no names for its\n"
"         functions (rmmod removes it)\n",
};
