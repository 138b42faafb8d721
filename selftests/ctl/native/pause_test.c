// SPDX-License-Identifier: GPL-2.0
/* Pauses: quantiles from the histogram against exact ones, and how they are told. */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "histogram.h"
#include "out.h"
#include "pause_text.h"
#include "sample.h"
#include "tap.h"
#include "when.h"

/* --- the cells, as the specification has them --- */

static void cells(void)
{
	for (unsigned int n = 0; n < 8; n++)
		CHECK(cell_begin(n) == n);
	for (unsigned int n = 8; n < TRIPMAP_PAUSE_CELLS; n++) {
		CHECK(cell_begin(n) == (8ULL + n % 8) << (n / 8 - 1));
		CHECK(cell_end(n) - cell_begin(n) <= (cell_begin(n) + 7) / 8);
	}
	for (unsigned int n = 1; n < TRIPMAP_PAUSE_CELLS; n++)
		CHECK(cell_begin(n) == cell_end(n - 1));
}

/* --- quantiles --- */

#define N	20000

static uint64_t sorted[N];
static uint64_t lcg;

/* 0 to 1. */
static double random_part(void)
{
	lcg = lcg * 6364136223846793005ULL + 1442695040888963407ULL;
	return (double)(lcg >> 11) / (double)(1ULL << 53);
}

static uint64_t uniform(size_t i)
{
	(void)i;
	return 100 + (uint64_t)(random_part() * 1e6);
}

/* Each power of two as likely as any other, from 1 ns to 17 min. */
static uint64_t log_uniform(size_t i)
{
	uint64_t base = 1ULL << (unsigned int)(random_part() * 40);

	(void)i;
	return base + (uint64_t)(random_part() * (double)base);
}

static uint64_t bimodal(size_t i)
{
	return i % 100 ? 200 + (uint64_t)(random_part() * 40) : 50000000;
}

static uint64_t constant(size_t i)
{
	(void)i;
	return 77777;
}

static uint64_t two_in_all(size_t i)
{
	return i < N / 2 ? 9 : 1000000007;
}

static uint64_t ascending(size_t i)
{
	return i;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static uint64_t exact(size_t n, unsigned int thousandths)
{
	size_t rank = (n * thousandths + 999) / 1000;

	return sorted[rank ? rank - 1 : 0];
}

static void check_quantile(const char *name, const struct pause *p, size_t n, unsigned int q)
{
	uint64_t is = pause_quantile(p, q), be = exact(n, q), off = is > be ? is - be : be - is;

	if (off <= be / 8)
		return;
	printf("# %s: quantile %u of %zu is %" PRIu64 ", not %" PRIu64 "\n", name, q, n, is, be);
	tap_failed = true;
}

static void check_distribution(const char *name, uint64_t (*draw)(size_t), size_t n)
{
	struct pause p = { 0 };

	lcg = 12345;
	for (size_t i = 0; i < n; i++) {
		sorted[i] = draw(i);
		sample_count(&p, sorted[i]);
	}
	qsort(sorted, n, sizeof(sorted[0]), compare);
	for (size_t i = 0; i < NQUANTILES; i++)
		check_quantile(name, &p, n, quantiles[i].thousandths);
	CHECK(pause_quantile(&p, 0) == sorted[0] && pause_quantile(&p, 1000) == sorted[n - 1]);
	CHECK(cells_sum(&p) == n && p.count == n);
}

static void distributions(void)
{
	static const struct {
		const char	*name;
		uint64_t	(*draw)(size_t i);
	} d[] = {
		{ "uniform", uniform }, { "log-uniform", log_uniform }, { "bimodal", bimodal },
		{ "constant", constant }, { "two", two_in_all }, { "ascending", ascending },
	};
	static const size_t sizes[] = { 1, 2, 3, 7, 100, 999, 1000, 1001, N };

	for (size_t i = 0; i < ARRAY_SIZE(d); i++)
		for (size_t s = 0; s < ARRAY_SIZE(sizes); s++)
			check_distribution(d[i].name, d[i].draw, sizes[s]);
}

/* Where all are of one length, so is every quantile: no cell says more than its ends. */
static void all_alike(void)
{
	struct pause p = { 0 };

	for (int i = 0; i < 10; i++)
		sample_count(&p, 77777);
	for (size_t i = 0; i < NQUANTILES; i++)
		CHECK(pause_quantile(&p, quantiles[i].thousandths) == 77777);
}

static void none_at_all(void)
{
	struct pause p = { 0 };

	for (size_t i = 0; i < NQUANTILES; i++)
		CHECK(pause_quantile(&p, quantiles[i].thousandths) == 0);
	CHECK(pause_mean(&p) == 0);
}

/* The last cell has no end: what is in it is told by the longest. */
static void open_end(void)
{
	uint64_t begin = cell_begin(TRIPMAP_PAUSE_CELLS - 1);
	struct pause p = { 0 };

	sample_count(&p, begin + 1);
	sample_count(&p, 64 * begin);
	CHECK(pause_quantile(&p, 1000) == 64 * begin);
	CHECK(pause_quantile(&p, 500) > begin && pause_quantile(&p, 500) <= 64 * begin);
}

/* More pauses than numbers times 1000 would hold. */
static void very_many(void)
{
	struct pause p = { .shortest = 1, .longest = 1000 };

	p.cell[8] = 1ULL << 60;
	p.cell[80] = 1;
	CHECK(pause_quantile(&p, 999) == 8);
}

static void between_readings(void)
{
	struct pause before = { .since = 5, .time = 100 }, after, d;

	sample_count(&before, 10);
	sample_count(&before, 1000000);
	after = before;
	after.time = 200;
	for (int i = 0; i < 3; i++)
		sample_count(&after, 100);
	pause_between(&before, &after, &d);
	CHECK(d.count == 3 && d.total == 300 && d.since == 100 && cells_sum(&d) == 3);
	CHECK(d.shortest >= 88 && d.shortest <= 100 && d.longest >= 100 && d.longest <= 112);
	CHECK(pause_quantile(&d, 500) >= 88 && pause_quantile(&d, 500) <= 112);

	/* Begun anew: what there is came after that. */
	after.since = 150;
	pause_between(&before, &after, &d);
	CHECK(d.count == 5 && d.since == 150);
}

/* --- how they are told --- */

static struct pause_query query;
static struct pause *shown;
static size_t nshown;
static bool bars;

static void show(void)
{
	pause_figures(&query, shown, nshown, bars);
	out_end_all();
}

static char *told(bool json)
{
	char *text;

	out_init(json, false);
	text = tap_capture(stdout, show);
	out_init(false, false);
	return text;
}

static void with_sample(void)
{
	memset(&query, 0, sizeof(query));
	query.kind = -1;
	shown = sample_pauses(&nshown);
	bars = false;
}

static void check_told(bool json, const char *part)
{
	char *text = told(json);

	CHECK_HAS(text, part);
	free(text);
}

static void check_not_told(bool json, const char *part)
{
	char *text = told(json);

	CHECK(!strstr(text, part));
	free(text);
}

static void as_text(void)
{
	with_sample();
	check_told(false, "pauses of all tables, all cpus; ");
	check_told(false, "(12.0 s), counting goes on\n");
	check_told(false, "1 in 16 writes timed\n");
	check_told(false, "kind        count   total     mean     min     p25     p50     p75     p99   p99.9     max\n");
	check_told(false, "write         100  1.0 ms  10.2 us  200 ns  200 ns  200 ns  200 ns  200 ns  1.0 ms  1.0 ms\n");
	check_told(false, "lock-wait       0    0 ns        -       -       -       -       -       -       -       -\n");
	shown[0].share = 1;
	check_told(false, "every write timed\n");
	shown[0].state = 0;
	shown[0].until = shown[0].since + 2000000000;
	check_told(false, "(2.0 s), not counted since\n");
	query.has_cpu = true;
	query.cpu = 3;
	check_told(false, "all tables, cpu 3; ");
	query.cpu = PAUSE_EACH_CPU;
	check_told(false, "all tables, each cpu; ");
	free(shown);
}

static void as_json(void)
{
	struct json_object *list, *row, *v;
	char *text;

	with_sample();
	text = told(true);
	list = json_tokener_parse(text);
	CHECK(json_object_array_length(list) == nshown);
	for (size_t i = 0; i < nshown; i++) {
		static const char * const every[] = { "kind", "time", "since", "until", "share",
			"time_mono", "since_mono", "until_mono", "count", "total", "counting" };

		row = json_object_array_get_idx(list, i);
		for (size_t k = 0; k < ARRAY_SIZE(every); k++)
			CHECK(json_object_object_get_ex(row, every[k], &v));
		for (size_t k = 0; k < NQUANTILES; k++)
			CHECK(json_object_object_get_ex(row, quantiles[k].name, &v) ==
			      !!shown[i].count);
	}
	row = json_object_array_get_idx(list, 0);
	CHECK(json_object_object_get_ex(row, "max", &v) && json_object_get_uint64(v) == 1000000);
	CHECK(json_object_object_get_ex(row, "share", &v) && json_object_get_int(v) == 16);
	CHECK(json_object_object_get_ex(row, "until_mono", &v) &&
	      json_object_get_uint64(v) == shown[0].time);
	json_object_put(list);
	free(text);
	free(shown);
}

static void never_counted(void)
{
	with_sample();
	for (size_t i = 0; i < nshown; i++)
		shown[i] = (struct pause){ .kind = shown[i].kind, .time = 7 };
	check_told(false, "no pauses were counted: tripctl pause on begins\n");
	check_not_told(false, "write");
	check_told(true, "\"counting\":false");
	check_not_told(true, "since");
	nshown = 0;
	check_told(false, "no pauses were counted");
	free(shown);
}

static void without_a_place(void)
{
	with_sample();
	query.table = "late";
	for (size_t i = 0; i < nshown; i++) {
		shown[i].count = 0;
		memset(shown[i].cell, 0, sizeof(shown[i].cell));
		shown[i].untracked = 42;
	}
	check_told(false, "late may have no place of its own: 42 pauses");
	check_told(true, "\"untracked\":42");
	query.table = NULL;
	check_told(false, "42 of them are of tables that have no place of their own, or are gone\n");
	free(shown);
}

static void as_bars(void)
{
	with_sample();
	bars = true;
	setenv("COLUMNS", "80", 1);
	setenv("LC_ALL", "C", 1);
	check_told(false, "write: 100, 1.0 ms in all, 10.2 us on average\n");
	check_told(false, "99  99.0 %  ####################################\n");
	check_told(false, "1   1.0 %  #\n");
	check_told(false, "lock-wait: none\n");
	check_told(false, "by the distance of the last one: 1 near, 2 farther, 3 far\n");
	check_told(true, "\"histogram\":[{\"from\":192,\"below\":208,\"count\":99},"
		   "{\"from\":983040,\"below\":1048576,\"count\":1}]");
	check_told(true, "\"violations\":{\"near\":1,\"farther\":2,\"far\":3}");
	setenv("LC_ALL", "C.UTF-8", 1);
	check_told(false, "99.0 %  ████");
	unsetenv("LC_ALL");
	unsetenv("COLUMNS");
	free(shown);
}

static struct pause_recent one[] = {
	{ .kind = TRIPMAP_PAUSE_KIND_WRITE, .cpu = 0, .table_id = 7, .table = "a", .start = 1000,
	  .duration = 5000 },
	{ .kind = TRIPMAP_PAUSE_KIND_EVACUATE, .cpu = 1, .table_id = 9, .start = 3000,
	  .duration = 250 },
	{ .kind = TRIPMAP_PAUSE_KIND_ODD, .cpu = 1, .table_id = 7, .table = "a", .start = 2000,
	  .duration = 40 },
};
static uint64_t limit;

static void show_recent(void)
{
	pause_recents(one, ARRAY_SIZE(one), limit);
	out_end_all();
}

static void show_no_recent(void)
{
	pause_recents(NULL, 0, 0);
	out_end_all();
}

static void recent_first(void)
{
	char *text, *evacuate, *odd, *write;

	limit = 0;
	text = tap_capture(stdout, show_recent);
	evacuate = strstr(text, "evacuate");
	odd = strstr(text, "odd");
	write = strstr(text, "write");
	CHECK(evacuate && odd && write && evacuate < odd && odd < write);
	CHECK_HAS(text, "250 ns");
	CHECK_HAS(text, "#9");
	free(text);
	limit = 1;
	text = tap_capture(stdout, show_recent);
	CHECK(strstr(text, "evacuate") && !strstr(text, "write"));
	free(text);
	text = tap_capture(stdout, show_no_recent);
	CHECK_HAS(text, "no pauses are kept");
	free(text);
}

/* Equal times stay equal, however often they are asked for. */
static void wall_time(void)
{
	uint64_t first = real_of(1000);

	for (int i = 0; i < 1000; i++)
		CHECK(real_of(1000) == first);
	CHECK(real_of(2000) == first + 1000);
}

const struct tap_test pause_tests[] = {
	{ "pause: cells", cells },
	{ "pause: quantiles of distributions", distributions },
	{ "pause: quantiles of what is all alike", all_alike },
	{ "pause: no pause at all", none_at_all },
	{ "pause: the open cell", open_end },
	{ "pause: very many", very_many },
	{ "pause: between two readings", between_readings },
	{ "pause: as text", as_text },
	{ "pause: as JSON", as_json },
	{ "pause: never counted", never_counted },
	{ "pause: a table without a place", without_a_place },
	{ "pause: bars", as_bars },
	{ "pause: most recent first", recent_first },
	{ "pause: wall time", wall_time },
	{ NULL, NULL },
};
