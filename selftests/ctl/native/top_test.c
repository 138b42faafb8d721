// SPDX-License-Identifier: GPL-2.0
/* Rates between snapshots, the last minute, order, and lines without a screen. */
#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "out.h"
#include "sample.h"
#include "tap.h"
#include "top.h"
#include "top_text.h"

#define NEAR(a, b)	(fabs((a) - (b)) < 0.01)
#define SECOND		1000000000ULL

static const struct top_row *row(const struct top *t, const char *name)
{
	for (size_t i = 0; i < t->nrows; i++)
		if (!strcmp(t->row[i].s->t.name, name))
			return &t->row[i];
	abort();
}

static void after(struct top *t, unsigned int n)
{
	memset(t, 0, sizeof(*t));
	for (unsigned int i = 0; i <= n; i++)
		top_add(t, sample_snapshot(i));
}

static void rates(void)
{
	const struct top_row *r;
	struct pause p;
	struct top t;

	after(&t, 0);
	CHECK(!row(&t, "sessions")->known && !top_pauses(&t, TRIPMAP_PAUSE_KIND_WRITE, &p));
	top_free(&t);
	after(&t, 2);
	r = row(&t, "sessions");
	CHECK(r->known && r->counted && NEAR(r->writes, 1600) && NEAR(r->rate, 1600));
	CHECK(NEAR(r->change, 50) && NEAR(r->violations, 1) && NEAR(r->load, 1100.0 / 256));
	r = row(&t, "routes");
	CHECK(r->known && !r->counted && NEAR(r->change, -5) && NEAR(r->rate, 5));
	CHECK(NEAR(r->growth, 0.37));
	CHECK(row(&t, "idle")->growth < 0);
	CHECK(top_pauses(&t, TRIPMAP_PAUSE_KIND_WRITE, &p) && p.count == 100);
	CHECK(!top_pauses(&t, TRIPMAP_PAUSE_KIND_GRACE, &p));
	CHECK(top_cpus(&t) == 2 && NEAR(top_cpu_rate(&t, TRIPMAP_PAUSE_KIND_WRITE, 0), 0) &&
	      NEAR(top_cpu_rate(&t, TRIPMAP_PAUSE_KIND_WRITE, 1), 100));
	CHECK(top_cpu_rate(&t, TRIPMAP_PAUSE_KIND_WRITE, 2) < 0);
	top_free(&t);
}

/* Statistics that begin anew say nothing of what came between. */
static void begun_anew(void)
{
	struct snapshot *s = sample_snapshot(3);
	struct top t;

	after(&t, 2);
	s->table[2].pauses.p[0].since++;
	top_add(&t, s);
	CHECK(!row(&t, "sessions")->counted && NEAR(row(&t, "sessions")->rate, 50));
	top_free(&t);
}

/* A table of the same name under another number is another table. */
static void made_again(void)
{
	struct snapshot *s = sample_snapshot(3);
	struct top t;

	after(&t, 2);
	s->table[2].t.id = 99;
	top_add(&t, s);
	CHECK(!row(&t, "sessions")->known && !top_past(&t, SAMPLE_SESSIONS));
	top_free(&t);
}

static void order(void)
{
	static const struct {
		enum top_column	column;
		bool		reverse;
		const char	*first, *last;
	} cases[] = {
		{ TOP_WRITES, false, "sessions", "idle" },
		{ TOP_WRITES, true, "idle", "sessions" },
		{ TOP_ENTRIES, false, "routes", "idle" }, { TOP_LOAD, false, "routes", "idle" },
		{ TOP_GROWTH, false, "routes", "sessions" },
		{ TOP_VIOLATIONS, false, "sessions", "idle" },
		{ TOP_MEMORY, false, "sessions", "idle" }, { TOP_NAME, false, "idle", "sessions" },
		{ TOP_NAME, true, "sessions", "idle" }, { TOP_CHANGE, false, "sessions", "idle" },
	};
	struct top t;

	after(&t, 2);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		t.sort = cases[i].column;
		t.reverse = cases[i].reverse;
		top_sort(&t);
		CHECK_TEXT(t.row[0].s->t.name, cases[i].first);
		CHECK_TEXT(t.row[2].s->t.name, cases[i].last);
	}
	top_free(&t);
}

static void last_minute(void)
{
	struct past p = { 0 };

	past_add(&p, 100 * SECOND, 101 * SECOND, 10);
	past_add(&p, 101 * SECOND, 101 * SECOND + SECOND / 2, 20);
	past_add(&p, 101 * SECOND + SECOND / 2, 102 * SECOND, 40);
	CHECK(past_rate(&p, 0) < 0);	/* of second 102 nothing is known yet */
	CHECK(NEAR(past_rate(&p, 1), 30) && NEAR(past_rate(&p, 2), 10) && past_rate(&p, 3) < 0);
	CHECK(NEAR(past_most(&p), 30));
	/* Over several seconds it was the same in each. */
	past_add(&p, 102 * SECOND, 105 * SECOND, 7);
	CHECK(NEAR(past_rate(&p, 1), 7) && NEAR(past_rate(&p, 3), 7) && NEAR(past_rate(&p, 4), 30));
	/* A minute later only what is newer is left. */
	past_add(&p, 150 * SECOND, 161 * SECOND, 1);
	CHECK(NEAR(past_rate(&p, 11), 1) && past_rate(&p, 12) < 0 && NEAR(past_rate(&p, 57), 7));
	CHECK(past_rate(&p, MINUTE) < 0);
	past_add(&p, 161 * SECOND, 1000 * SECOND, 5);
	for (unsigned int i = 1; i < MINUTE; i++)
		CHECK(NEAR(past_rate(&p, i), 5) && p.span[i] < 1.01);
}

static void minute_of_a_table(void)
{
	struct top t;

	after(&t, 70);
	CHECK(NEAR(past_rate(top_past(&t, SAMPLE_SESSIONS), 1), 1600));
	CHECK(NEAR(past_most(&t.past), 1600));
	CHECK(t.counted && NEAR(past_now(&t.past), 1600));
	CHECK(NEAR(past_rate(&t.past, 59), 1600) && !top_past(&t, 4));
	top_free(&t);
}

static void words(void)
{
	static const struct {
		double		rate;
		const char	*text;
	} cases[] = {
		{ 0, "0" }, { 0.25, "0.2" }, { 9.94, "9.9" }, { 12.4, "12" }, { 999, "999" },
		{ 999.6, "1.0k" }, { 1500, "1.5k" }, { 99960, "100k" }, { 3200000, "3.2M" },
		{ -5, "-5.0" }, { -123456, "-123k" }, { 1e18, "1000P" },
	};
	char buf[RATE_TEXT];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		CHECK_TEXT(rate_text(cases[i].rate, buf), cases[i].text);
	CHECK_TEXT(spark(-1, 10, true), " ");
	CHECK_TEXT(spark(0, 0, true), "▁");
	CHECK_TEXT(spark(10, 10, true), "█");
	CHECK_TEXT(spark(10, 10, false), "#");
	CHECK_TEXT(spark(0, 10, false), "_");
}

static struct top shown;

static void show(void)
{
	top_text_begin();
	top_text(&shown);
	out_end_all();
}

static char *told(bool json)
{
	char *text;

	after(&shown, 2);
	out_init(json, false);
	text = tap_capture(stdout, show);
	out_init(false, false);
	top_free(&shown);
	return text;
}

static void lines(void)
{
	char *text = told(false);

	CHECK_HAS(text, "  table         writes/s    change/s     entries        load  resize");
	CHECK_HAS(text, "  sessions          1.6k          50        1100        4.30  -");
	CHECK_HAS(text, "  routes               -        -5.0       99990        6.10  grow 37%");
	free(text);
}

static void json_lines(void)
{
	char *text = told(true);
	struct json_object *o = json_tokener_parse(text), *tables, *pauses, *v;

	CHECK(strchr(text, '\n') == text + strlen(text) - 1);
	CHECK(json_object_object_get_ex(o, "tables", &tables) &&
	      json_object_array_length(tables) == 3);
	v = json_object_array_get_idx(tables, 0);
	CHECK(json_object_object_get_ex(v, "writes_per_second", &v) &&
	      NEAR(json_object_get_double(v), 1600));
	v = json_object_array_get_idx(tables, 1);
	CHECK(!json_object_object_get_ex(v, "writes_per_second", NULL));
	CHECK(json_object_object_get_ex(o, "pauses", &pauses) &&
	      json_object_array_length(pauses) == 1);
	CHECK_HAS(text, "\"cpus\":[{\"cpu\":0,\"pauses_per_second\":0.000},{\"cpu\":1,\"pauses_per_second\":100.000}]");
	json_object_put(o);
	free(text);
}

const struct tap_test top_tests[] = {
	{ "top: rates", rates },
	{ "top: statistics begun anew", begun_anew },
	{ "top: a table made again", made_again },
	{ "top: order", order },
	{ "top: the last minute", last_minute },
	{ "top: the last minute of a table", minute_of_a_table },
	{ "top: numbers in few columns", words },
	{ "top: lines", lines },
	{ "top: lines of JSON", json_lines },
	{ NULL, NULL },
};
