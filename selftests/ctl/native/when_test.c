// SPDX-License-Identifier: GPL-2.0
/* Times: what people write and what they are shown. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tap.h"
#include "when.h"

static void durations(void)
{
	static const struct {
		const char	*text;
		uint64_t	ms;
		const char	*back;
	} cases[] = {
		{ "500", 500, "500ms" }, { "500ms", 500, "500ms" }, { "10s", 10000, "10s" },
		{ "10000ms", 10000, "10s" }, { "2m", 120000, "2m" }, { "1h", 3600000, "1h" },
		{ "90s", 90000, "90s" }, { "0", 0, "0ms" }, { "1500ms", 1500, "1500ms" },
	};
	uint64_t ms;
	char back[32];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CHECK(duration_parse(cases[i].text, &ms) && ms == cases[i].ms);
		duration_text(ms, back, sizeof(back));
		CHECK_TEXT(back, cases[i].back);
	}
}

static void wrong_durations(void)
{
	static const char * const cases[] = {
		"", "s", "ms", "1d", "1 s", "-1s", "1.5s", "10S", "99999999999999999999h",
		"18446744073709551615h",
	};
	uint64_t ms;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		CHECK(!duration_parse(cases[i], &ms));
}

#define SECOND	1000000000ULL

static void points(void)
{
	uint64_t now = 1700000000 * SECOND, t;

	setenv("TZ", "UTC0", 1);
	tzset();
	CHECK(time_parse("90s", now, &t) && t == now - 90 * SECOND);
	CHECK(time_parse("250ms", now, &t) && t == now - SECOND / 4);
	CHECK(time_parse("999999h", now, &t) && t == 0);
	CHECK(time_parse("@1600000000", now, &t) && t == 1600000000 * SECOND);
	CHECK(time_parse("2023-11-14 22:13:19", now, &t) && t == now - SECOND);
	CHECK(time_parse("2023-11-14T22:13:19", now, &t) && t == now - SECOND);
	CHECK(time_parse("22:13:10", now, &t) && t == now - 10 * SECOND);
	CHECK(time_parse("22:13", now, &t) && t == now - 20 * SECOND);
	CHECK(!time_parse("yesterday", now, &t));
	CHECK(!time_parse("2023-11-14 22:13:19x", now, &t));
	CHECK(!time_parse("", now, &t));
}

static void spans(void)
{
	char buf[SPAN_TEXT];

	CHECK_TEXT(span_text(0, buf), "0 ns");
	CHECK_TEXT(span_text(999, buf), "999 ns");
	CHECK_TEXT(span_text(1100, buf), "1.1 us");
	CHECK_TEXT(span_text(12001600, buf), "12.0 ms");
	CHECK_TEXT(span_text(5200000000, buf), "5.2 s");
	CHECK_TEXT(span_text(90000000000, buf), "1.5 min");
	CHECK_TEXT(span_text(7200000000000, buf), "2.0 h");
}

const struct tap_test when_tests[] = {
	{ "when: durations", durations },
	{ "when: wrong durations", wrong_durations },
	{ "when: points of time", points },
	{ "when: spans", spans },
	{ NULL, NULL },
};
