// SPDX-License-Identifier: GPL-2.0
/* The print layer: one set of calls, its text and its JSON. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "out.h"
#include "tap.h"

static void list(void)
{
	out_list(NULL);
	for (unsigned int i = 9; i <= 10; i++) {
		out_object(NULL);
		out_str("id", i == 9 ? "nine" : "t");
		out_num("a_number", i);
		out_fmt("text", "t%u", i * i);
		out_end();
	}
	out_end_list("none");
}

static void empty_list(void)
{
	out_list(NULL);
	out_end_list("none");
}

static void object(void)
{
	const struct field f = { TRIPMAP_TYPE_STR, 4 };

	out_object(NULL);
	out_str("name", "x\x1b\xff");
	out_bool("frozen", true);
	out_size("size", 1536);
	out_value("key", &f, "a\0\0\0", 4);
	out_json_int("code", -16);
	out_text_fact("human", "only");
	out_object("inner");
	out_num("n", 1);
	out_end();
	out_list("rows");
	out_object(NULL);
	out_num("r", 2);
	out_end();
	out_end();
	out_end();
}

static const char *item(const void *side, unsigned int i)
{
	const char * const *words = side;

	return words[i];
}

static void pair(void)
{
	static const char * const left[] = { "f1", "f2", NULL };
	static const char * const right[] = { "g1", NULL, NULL };
	uint64_t one = 1;

	out_object(NULL);
	out_pair("victim", "holder", "V", "H");
	out_pair_str("task", "a", "b");
	out_pair_str("long", "a_word_that_fills_most_of_a_column [and_more]",
		     "one_that_has_no_blank_and_is_longer_than_a_column_is");
	out_pair_num("pid", &one, NULL);
	out_pair_list("stack", item, left, right);
	out_pair_end();
	out_end();
}

/* An error in the middle of a list at the top, and of an object. */
static void broken_off(void)
{
	out_list(NULL);
	out_object(NULL);
	out_num("n", 1);
	out_end();
	out_object(NULL);
	out_num("n", 2);
	out_break_off();
	out_object(NULL);
	out_num("n", 3);
	out_break_off();
}

static void error(void)
{
	struct problem p = {
		.code = EBUSY, .text = "in use\n", .attr = "name", .limit = "at most 3",
	};

	err_enter("file", 7);
	err_failed(&p, "cmd %s", "t");
	err_leave();
}

static void prints(FILE *stream, bool json, void (*fn)(void), const char *expected)
{
	char *text;

	out_init(json, false);
	text = tap_capture(stream, fn);
	CHECK_TEXT(text, expected);
	free(text);
	out_init(false, false);
}

static void lists(void)
{
	prints(stdout, false, list, "id    a number  text\nnine         9  t81\nt           10  t100\n");
	prints(stdout, true, list,
	       "[{\"id\":\"nine\",\"a_number\":9,\"text\":\"t81\"},"
	       "{\"id\":\"t\",\"a_number\":10,\"text\":\"t100\"}]\n");
	prints(stdout, false, empty_list, "none\n");
	prints(stdout, true, empty_list, "[]\n");
}

static void objects(void)
{
	prints(stdout, false, object,
	       "name    x\\x1b\\xff\nfrozen  yes\nsize    1.5 KiB\nkey     a\nhuman   only\n"
	       "inner\n  n  1\nrows\n  r\n  2\n");
	prints(stdout, true, object,
	       "{\"name\":\"x\\u001b\\\\xff\",\"frozen\":true,\"size\":1536,\"key\":\"a\",\"code\":-16,"
	       "\"inner\":{\"n\":1},\"rows\":[{\"r\":2}]}\n");
}

static void pairs(void)
{
	prints(stdout, true, pair,
	       "{\"victim\":{\"task\":\"a\","
	       "\"long\":\"a_word_that_fills_most_of_a_column [and_more]\",\"pid\":1,\"stack\":[\"f1\",\"f2\"]},"
	       "\"holder\":{\"task\":\"b\","
	       "\"long\":\"one_that_has_no_blank_and_is_longer_than_a_column_is\",\"stack\":[\"g1\"]}}\n");
	out_init(false, false);

	char *text = tap_capture(stdout, pair);

	CHECK_HAS(text, "task          a ");
	CHECK_HAS(text, "long          a_word_that_fills_most_of_a_column        | one_that_has");
	CHECK_HAS(text, "\n              [and_more]                                | a_column_is\n");
	CHECK_HAS(text, " | b\n");
	CHECK_HAS(text, " | -\n");
	CHECK_HAS(text, "  f1 ");
	CHECK_HAS(text, "  f2\n");
	free(text);
}

/* What stands there is valid, and rows that were not whole are not there. */
static void errors_in_the_middle(void)
{
	prints(stdout, true, broken_off, "[{\"n\":1}]\n");
}

static void errors(void)
{
	prints(stderr, false, error,
	       "tripctl: file:7: cmd t: in use\\x0a (attribute name: at most 3) [EBUSY]\n");
	prints(stderr, true, error,
	       "{\"error\":{\"what\":\"cmd t\",\"message\":\"in use\\n\",\"attribute\":\"name\","
	       "\"limit\":\"at most 3\",\"errno\":16,\"code\":\"EBUSY\",\"file\":\"file\","
	       "\"line\":7,\"exit\":1}}\n");
}

const struct tap_test out_tests[] = {
	{ "out: lists", lists },
	{ "out: objects", objects },
	{ "out: pairs", pairs },
	{ "out: errors in the middle", errors_in_the_middle },
	{ "out: errors", errors },
	{ NULL, NULL },
};
