// SPDX-License-Identifier: GPL-2.0
#include "top_text.h"

#include <stdio.h>
#include <linux/tripmap_names.h>

#include "histogram.h"
#include "out.h"
#include "when.h"

/* A second; JSON has a longer name for it. */
static void put_rate(const char *what, bool known, double rate)
{
	char key[48], text[RATE_TEXT];

	snprintf(key, sizeof(key), out_is_json() ? "%s_per_second" : "%s/s", what);
	if (known)
		out_real(key, rate, rate_text(rate, text));
	else
		out_none(key);
}

static void put_row(const struct top *t, const struct top_row *r)
{
	const struct table *tab = &r->s->t;
	char when[TIME_TEXT], growth[32], load[16];

	out_object(NULL);
	out_text_fact("time", "%.8s", time_text(real_of(t->now->time), when) + 11);
	out_str("table", tab->name);
	out_json_num("id", tab->id);
	put_rate("writes", r->counted, r->writes);
	put_rate("change", r->known, r->change);
	out_num("entries", tab->entries);
	snprintf(load, sizeof(load), "%.2f", r->load);
	out_real("load", r->load, load);
	out_str("resize", growth_text(r, growth, sizeof(growth)));
	if (out_is_json() && r->growth >= 0)
		out_real("resized", r->growth, "");
	out_num("violations", tab->violations);
	put_rate("violations", r->known, r->violations);
	out_size("memory", tab->memory);
	out_end();
}

/* JSON: the CPUs on which pauses of a kind ended, by number. */
static void put_cpus(const struct top *t, unsigned int kind)
{
	out_list("cpus");
	for (uint32_t cpu = 0; cpu < top_cpus(t); cpu++) {
		double rate = top_cpu_rate(t, kind, cpu);

		out_object(NULL);
		out_num("cpu", cpu);
		put_rate("pauses", rate >= 0, rate);
		out_end();
	}
	out_end();
}

static void put_kind(const struct top *t, unsigned int kind)
{
	struct pause p;

	if (!top_pauses(t, kind, &p))
		return;
	out_object(NULL);
	out_str("kind", tripmap_pause_kind_name(kind));
	out_num("count", p.count);
	out_num("share", p.share);
	out_num("total", p.total);
	for (size_t i = 0; p.count && i < NQUANTILES; i++)
		out_num(quantiles[i].name, pause_quantile(&p, quantiles[i].thousandths));
	put_cpus(t, kind);
	out_end();
}

static void put_object(const struct top *t)
{
	out_object(NULL);
	out_when("time", real_of(t->now->time));
	out_num("time_mono", t->now->time);
	out_num("since_mono", t->before->time);
	out_list("tables");
	for (size_t i = 0; i < t->nrows; i++)
		put_row(t, &t->row[i]);
	out_end();
	out_list("pauses");
	for (unsigned int kind = 0; kind < NKINDS; kind++)
		put_kind(t, kind);
	out_end();
	out_end();
	out_flush();
}

/* Text is one list that comes slowly, JSON an object after the other. */
void top_text_begin(void)
{
	if (!out_is_json())
		out_list(NULL);
}

void top_text(const struct top *t)
{
	if (out_is_json()) {
		put_object(t);
		return;
	}
	for (size_t i = 0; i < t->nrows; i++)
		put_row(t, &t->row[i]);
	if (!t->nrows)
		out_text("there are no tables\n");
	out_live();
}
