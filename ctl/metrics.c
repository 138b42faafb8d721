// SPDX-License-Identifier: GPL-2.0
/*
 * A family is all samples of one name, so the tables are gone through once for
 * each. Durations are seconds, sizes bytes.
 */
#include "metrics.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <linux/tripmap_names.h>

#include "histogram.h"
#include "when.h"
#include "words.h"

enum type { GAUGE, COUNTER, SUMMARY, HISTOGRAM };

struct family {
	const char	*name;		/* without what the type adds */
	enum type	type;
	const char	*unit;		/* the name's last part, or NULL */
	const char	*help;
};

/* What is printed to, and how. */
struct printer {
	FILE		*f;
	bool		openmetrics;
};

/* --- the format --- */

static void put_escaped(FILE *f, const char *text)
{
	char *clean = malloc(4 * strlen(text) + 1);

	if (!clean)
		return;
	text_clean(text, strlen(text), false, clean);
	for (const char *c = clean; *c; c++) {
		if (*c == '\n')
			fputs("\\n", f);
		else if (*c == '"' || *c == '\\')
			fprintf(f, "\\%c", *c);
		else
			fputc(*c, f);
	}
	free(clean);
}

static void put_head(const struct printer *p, const struct family *fam)
{
	static const char * const types[] = { "gauge", "counter", "summary", "histogram" };
	const char *suffix = !p->openmetrics && fam->type == COUNTER ? "_total" : "";

	fprintf(p->f, "# HELP %s%s %s\n", fam->name, suffix, fam->help);
	fprintf(p->f, "# TYPE %s%s %s\n", fam->name, suffix, types[fam->type]);
	if (p->openmetrics && fam->unit)
		fprintf(p->f, "# UNIT %s %s\n", fam->name, fam->unit);
}

/* Up to three labels; NULL ends them, and a value of NULL leaves one out. */
struct labels {
	const char	*name[3];
	const char	*value[3];
};

#define NONE		((struct labels){ .name = { NULL } })
#define ONE(n, v)	((struct labels){ .name = { n }, .value = { v } })
#define TWO(n, v, m, w)	((struct labels){ .name = { n, m }, .value = { v, w } })

/* A sample's name and labels, with one more that a type adds, or not. */
static void put_name(const struct printer *p, const char *name, const char *suffix,
		     const struct labels *l, const char *more, const char *more_value)
{
	const char *between = "{";

	fprintf(p->f, "%s%s", name, suffix);
	for (size_t i = 0; i < ARRAY_SIZE(l->name) && l->name[i]; i++) {
		if (!l->value[i])
			continue;
		fprintf(p->f, "%s%s=\"", between, l->name[i]);
		put_escaped(p->f, l->value[i]);
		fputc('"', p->f);
		between = ",";
	}
	if (more) {
		fprintf(p->f, "%s%s=\"%s\"", between, more, more_value);
		between = ",";
	}
	fputs(*between == ',' ? "} " : " ", p->f);
}

static void put_number(const struct printer *p, const struct family *fam, struct labels l,
		       uint64_t number)
{
	put_name(p, fam->name, fam->type == COUNTER ? "_total" : "", &l, NULL, NULL);
	fprintf(p->f, "%" PRIu64 "\n", number);
}

#define SECONDS_TEXT	40

/* Exact: a nanosecond is not lost in a number of many seconds. */
static const char *seconds(uint64_t ns, char *buf)
{
	char *end = buf + snprintf(buf, SECONDS_TEXT, "%" PRIu64 ".%09" PRIu64,
				   ns / 1000000000, ns % 1000000000);

	while (end[-1] == '0' && end[-2] != '.')
		*--end = '\0';
	return buf;
}

static void put_seconds(const struct printer *p, const struct family *fam, const char *suffix,
			struct labels l, const char *more, const char *more_value, uint64_t ns)
{
	char text[SECONDS_TEXT];

	put_name(p, fam->name, suffix, &l, more, more_value);
	fprintf(p->f, "%s\n", seconds(ns, text));
}

/* --- counters of the kernel's, by name --- */

struct source {
	const char	*counter;
	struct family	family;
};

/* Of the module. */
static const struct source module_sources[] = {
	{ "tables", { "tripmap_tables", GAUGE, NULL, "Tables." } },
	{ "entries", { "tripmap_entries", GAUGE, NULL, "Entries in all tables." } },
	{ "memory", { "tripmap_memory_bytes", GAUGE, "bytes",
		      "Memory of tables that counts for the limits." } },
	{ "memory-all", { "tripmap_memory_all_bytes", GAUGE, "bytes",
			  "Memory of all tables, whatever namespace they are of." } },
	{ "reports-filed", { "tripmap_reports_filed", COUNTER, NULL, "Reports of violations." } },
	{ "reports-suppressed", { "tripmap_reports_suppressed", COUNTER, NULL,
				  "Violations counted on a report of the same call sites." } },
	{ "reports-dropped", { "tripmap_reports_dropped", COUNTER, NULL,
			       "Reports that there was no place for." } },
	{ "halves", { "tripmap_halves", COUNTER, NULL,
		      "Other parties that told of themselves." } },
	{ "halves-late", { "tripmap_halves_late", COUNTER, NULL,
			   "Those that came after 100 ms." } },
	{ "halves-lost", { "tripmap_halves_lost", COUNTER, NULL,
			   "Those whose report was gone." } },
	{ "events-recorded", { "tripmap_events_recorded", COUNTER, NULL,
			       "Events that the flight recorder took." } },
	{ "events-lost", { "tripmap_events_lost", COUNTER, NULL,
			   "Those that were overwritten before anyone asked." } },
	{ "memory-recorder", { "tripmap_recorder_memory_bytes", GAUGE, "bytes",
			       "Memory of the flight recorder." } },
	{ "memory-pause", { "tripmap_pause_memory_bytes", GAUGE, "bytes",
			    "Memory of the statistics on pauses." } },
	{ "reports-memory", { "tripmap_reports_memory_bytes", GAUGE, "bytes",
			      "Memory of reports." } },
};

/* Of each table. */
static const struct source table_sources[] = {
	{ "entries", { "tripmap_table_entries", GAUGE, NULL, "Entries in the table." } },
	{ "buckets", { "tripmap_table_buckets", GAUGE, NULL,
		       "Buckets of the present array, overflow buckets apart." } },
	{ "overflow", { "tripmap_table_overflow_buckets", GAUGE, NULL,
			"Overflow buckets in use." } },
	{ "resize-done", { "tripmap_table_resize_done_buckets", GAUGE, NULL,
			   "Buckets of the old array that were evacuated so far." } },
	{ "resize-total", { "tripmap_table_resize_buckets", GAUGE, NULL,
			    "Buckets of the old array, 0 while there is none." } },
	{ "evacuated", { "tripmap_table_evacuated_buckets", COUNTER, NULL,
			 "Buckets that were moved to a new array." } },
	{ "put-off", { "tripmap_table_resizes_put_off", COUNTER, NULL,
		       "Resizes that were put off for want of memory." } },
	{ "memory", { "tripmap_table_memory_bytes", GAUGE, "bytes",
		      "Memory of the table, the old array and deferred memory included." } },
	{ "memory-old", { "tripmap_table_memory_old_bytes", GAUGE, "bytes",
			  "Memory of the array that is being evacuated." } },
	{ "memory-deferred", { "tripmap_table_memory_deferred_bytes", GAUGE, "bytes",
			       "Memory that was given up and waits for a grace period." } },
	{ "deferred-bytes", { "tripmap_table_deferred_bytes", COUNTER, "bytes",
			      "Memory that was ever given up so." } },
	{ "split-hits", { "tripmap_table_split_hits", COUNTER, NULL,
			  "Lookups that took no lock (sync split)." } },
	{ "split-misses", { "tripmap_table_split_misses", COUNTER, NULL,
			    "Lookups that had to look into the dirty part (sync split)." } },
	{ "split-promotions", { "tripmap_table_split_promotions", COUNTER, NULL,
				"How often the dirty part took the other's place (sync split)." } },
	{ "suppressed", { "tripmap_table_reports_suppressed", COUNTER, NULL,
			  "Violations that were counted without a report of their own." } },
};

/* Counters of one beginning, whose rest is a label. */
static const struct {
	const char	*prefix;
	const char	*label;
	struct family	family;
} table_groups[] = {
	{ "violations-", "class", { "tripmap_table_violations", COUNTER, NULL,
				    "Violations of the table's contract." } },
	{ "resizes-", "kind", { "tripmap_table_resizes", COUNTER, NULL, "Resizes begun." } },
};

static void put_module(const struct printer *p, const struct snapshot *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(module_sources); i++) {
		const struct counter *c = counters_find(&s->counters, module_sources[i].counter);

		if (!c)
			continue;
		put_head(p, &module_sources[i].family);
		put_number(p, &module_sources[i].family, NONE, c->value);
	}
}

static void put_table_source(const struct printer *p, const struct snapshot *s,
			     const struct source *source)
{
	bool head = false;

	for (size_t i = 0; i < s->ntables; i++) {
		const struct snapshot_table *t = &s->table[i];
		const struct counter *c = counters_find(&t->counters, source->counter);

		if (!c)
			continue;
		if (!head)
			put_head(p, &source->family);
		head = true;
		put_number(p, &source->family, ONE("table", t->t.name), c->value);
	}
}

static void put_group(const struct printer *p, const struct snapshot *s, const char *prefix,
		      const char *label, const struct family *fam)
{
	size_t len = strlen(prefix);
	bool head = false;

	for (size_t i = 0; i < s->ntables; i++) {
		const struct counters *all = &s->table[i].counters;

		for (size_t k = 0; k < all->n; k++) {
			if (strncmp(all->c[k].name, prefix, len))
				continue;
			if (!head)
				put_head(p, fam);
			head = true;
			put_number(p, fam, TWO("table", s->table[i].t.name, label,
					       all->c[k].name + len), all->c[k].value);
		}
	}
}

static void put_frozen(const struct printer *p, const struct snapshot *s)
{
	static const struct family fam = { "tripmap_table_frozen", GAUGE, NULL,
					   "1 while the table refuses writes." };

	if (s->ntables)
		put_head(p, &fam);
	for (size_t i = 0; i < s->ntables; i++)
		put_number(p, &fam, ONE("table", s->table[i].t.name), s->table[i].t.frozen);
}

/* --- pauses --- */

static const char *kind_name(const struct pause *p)
{
	return tripmap_pause_kind_name(p->kind);
}

/* Shortest and longest too: quantiles 0 and 1. */
static const struct {
	const char	*text;
	unsigned int	thousandths;
} summary[] = {
	{ "0.0", 0 }, { "0.25", 250 }, { "0.5", 500 }, { "0.75", 750 }, { "0.99", 990 },
	{ "0.999", 999 }, { "1.0", 1000 },
};

/* When counting began; of a newer reading of the same counters it is the same. */
static void put_created(const struct printer *p, const struct family *fam, struct labels l,
			const struct pause *pause)
{
	if (p->openmetrics)
		put_seconds(p, fam, "_created", l, NULL, NULL, real_of(pause->since));
}

static void put_count_and_sum(const struct printer *p, const struct family *fam,
			      struct labels l, uint64_t count, const struct pause *pause)
{
	put_name(p, fam->name, "_count", &l, NULL, NULL);
	fprintf(p->f, "%" PRIu64 "\n", count);
	put_seconds(p, fam, "_sum", l, NULL, NULL, pause->total);
	put_created(p, fam, l, pause);
}

static void put_summary(const struct printer *p, const struct family *fam, const char *table,
			const struct pause *pause)
{
	struct labels l = TWO("table", table, "kind", kind_name(pause));

	if (!kind_name(pause))
		return;
	for (size_t i = 0; pause->count && i < ARRAY_SIZE(summary); i++)
		put_seconds(p, fam, "", l, "quantile", summary[i].text,
			    pause_quantile(pause, summary[i].thousandths));
	put_count_and_sum(p, fam, l, pause->count, pause);
}

/*
 * Each bound four times the one before, and the same ones at all times, so that
 * those of many machines can be added. Cells begin there, so no cell is split;
 * a pause of exactly a bound counts above it.
 */
#define BOUND_FIRST	6		/* 64 ns */
#define BOUND_LAST	34		/* 17 s */
#define BOUND_STEP	2

static void put_histogram(const struct printer *p, const struct family *fam,
			  const struct pause *pause)
{
	struct labels l = ONE("kind", kind_name(pause));
	unsigned int cell = 0;
	uint64_t sum = 0;
	char bound[SECONDS_TEXT];

	if (!kind_name(pause))
		return;
	for (unsigned int bits = BOUND_FIRST; bits <= BOUND_LAST; bits += BOUND_STEP) {
		for (; cell_begin(cell) < 1ULL << bits; cell++)
			sum += pause->cell[cell];
		/* The one way of writing a number that makes equal labels equal. */
		snprintf(bound, sizeof(bound), "%.12g", (double)(1ULL << bits) / 1e9);
		put_name(p, fam->name, "_bucket", &l, "le", bound);
		fprintf(p->f, "%" PRIu64 "\n", sum);
	}
	put_name(p, fam->name, "_bucket", &l, "le", "+Inf");
	fprintf(p->f, "%" PRIu64 "\n", cells_sum(pause));
	put_count_and_sum(p, fam, l, cells_sum(pause), pause);
}

/* Is there anything that was counted? */
static bool counted(const struct pauses *all)
{
	return all->n && all->p[0].since;
}

static void put_summaries(const struct printer *p, const struct snapshot *s)
{
	static const struct family all = { "tripmap_pause_seconds", SUMMARY, "seconds",
		"How long somebody was held up, of all tables, since pauses are counted." };
	static const struct family each = { "tripmap_table_pause_seconds", SUMMARY, "seconds",
		"How long somebody was held up, of each table, since pauses are counted." };
	bool head = false;

	if (counted(&s->pauses))
		put_head(p, &all);
	for (size_t i = 0; counted(&s->pauses) && i < s->pauses.n; i++)
		put_summary(p, &all, NULL, &s->pauses.p[i]);
	for (size_t t = 0; t < s->ntables; t++) {
		const struct pauses *of = &s->table[t].pauses;

		if (!counted(of))
			continue;
		if (!head)
			put_head(p, &each);
		head = true;
		for (size_t i = 0; i < of->n; i++)
			put_summary(p, &each, s->table[t].t.name, &of->p[i]);
	}
}

static void put_histograms(const struct printer *p, const struct snapshot *s)
{
	static const struct family fam = { "tripmap_pause_duration_seconds", HISTOGRAM, "seconds",
		"The same of all tables in bounds, fit to be added up over machines." };

	if (!counted(&s->pauses))
		return;
	put_head(p, &fam);
	for (size_t i = 0; i < s->pauses.n; i++)
		put_histogram(p, &fam, &s->pauses.p[i]);
}

static void put_pauses(const struct printer *p, const struct snapshot *s)
{
	static const struct family on = { "tripmap_pause_statistics_enabled", GAUGE, NULL,
		"1 while pauses are counted." };
	static const struct family share = { "tripmap_pause_share", GAUGE, NULL,
		"One in so many writes is timed." };
	const struct pause *any = s->pauses.p;

	if (!s->pauses.n)
		return;
	put_head(p, &on);
	put_number(p, &on, NONE, any->state);
	put_head(p, &share);
	put_number(p, &share, NONE, any->share);
	put_summaries(p, s);
	put_histograms(p, s);
}

/* A gauge, as the older format knows no type for it. */
static void put_info(const struct printer *p, const struct snapshot *s)
{
	static const struct family fam = { "tripmap_module_info", GAUGE, NULL, "The module." };
	char version[16];

	snprintf(version, sizeof(version), "%" PRIu32, s->features.family_version);
	put_head(p, &fam);
	put_number(p, &fam, TWO("version", s->features.module_version, "family_version", version),
		   1);
}

void metrics_print(FILE *f, const struct snapshot *s, bool openmetrics)
{
	const struct printer p = { f, openmetrics };

	put_info(&p, s);
	put_module(&p, s);
	for (size_t i = 0; i < ARRAY_SIZE(table_sources); i++)
		put_table_source(&p, s, &table_sources[i]);
	for (size_t i = 0; i < ARRAY_SIZE(table_groups); i++)
		put_group(&p, s, table_groups[i].prefix, table_groups[i].label,
			  &table_groups[i].family);
	put_frozen(&p, s);
	put_pauses(&p, s);
	if (openmetrics)
		fputs("# EOF\n", f);
}
