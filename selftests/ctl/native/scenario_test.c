// SPDX-License-Identifier: GPL-2.0
/* Scenarios as a module's strings tell of them. */
#include <string.h>

#include "scenario.h"
#include "tap.h"

static struct scenario s;

static void good(void)
{
	CHECK(scenario_parse("ww2: two writers | write-during-write | a corrupted bucket", &s));
	CHECK_TEXT(s.name, "ww2");
	CHECK_TEXT(s.runs, "two writers");
	CHECK_TEXT(s.expect, "write-during-write");
	CHECK_TEXT(s.never, "a corrupted bucket");
	CHECK(scenario_parse("a:b", &s) && !s.expect[0] && !s.never[0]);
	CHECK_TEXT(s.runs, "b");
	CHECK(scenario_parse("a: b: c|d|", &s));
	CHECK_TEXT(s.runs, "b: c");
	CHECK_TEXT(s.expect, "d");
}

static void wrong(void)
{
	static const char * const cases[] = {
		"", "ww2", "ww2:", "ww2: | x", ": x", "two words: x",
		"0123456789012345678901234567890123456789012345678901234567890123: x",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK(!scenario_parse(cases[i], &s));
}

static void long_ones(void)
{
	char text[2000] = "a: ";

	memset(text + 3, 'x', sizeof(text) - 4);
	CHECK(scenario_parse(text, &s) && strlen(s.runs) == SCENARIO_TEXT - 1);
}

const struct tap_test scenario_tests[] = {
	{ "scenario: good ones", good },
	{ "scenario: wrong ones", wrong },
	{ "scenario: long ones", long_ones },
	{ NULL, NULL },
};
