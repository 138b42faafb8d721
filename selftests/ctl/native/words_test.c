// SPDX-License-Identifier: GPL-2.0
/* Words: quotes, escapes, comments; every byte there and back. */
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "words.h"

/* The words of a line, each with a bar behind it; "!" for a wrong one. */
static const char *split(const char *line)
{
	static char all[400];
	char copy[200], *rest = copy;
	struct word w;
	int rc;

	strcpy(copy, line);
	all[0] = '\0';
	while ((rc = word_next(&rest, &w)) > 0) {
		strcat(all, w.text);
		strcat(all, "|");
	}
	return strcat(all, rc < 0 ? "!" : "");
}

static void blanks(void)
{
	CHECK_TEXT(split(""), "");
	CHECK_TEXT(split("  \t\n"), "");
	CHECK_TEXT(split("a  b\tc\n"), "a|b|c|");
	CHECK_TEXT(split("a #b c"), "a|");
	CHECK_TEXT(split("# a"), "");
	CHECK_TEXT(split("a#b"), "a#b|");
}

static void quotes(void)
{
	CHECK_TEXT(split("\"a b\" 'c d'"), "a b|c d|");
	CHECK_TEXT(split("a\"b c\"d"), "ab cd|");
	CHECK_TEXT(split("\"\" ''"), "||");
	CHECK_TEXT(split("'\\n' \"\\\\ \\\"\""), "\\n|\\ \"|");
	CHECK_TEXT(split("a\\ b \\#c"), "a b|#c|");
	CHECK_TEXT(split("\"\\x41\\t\""), "A\t|");
	CHECK_TEXT(split("\"a#b\""), "a#b|");
}

static void wrong(void)
{
	CHECK_TEXT(split("\"a"), "!");
	CHECK_TEXT(split("'a"), "!");
	CHECK_TEXT(split("b \"a\\"), "b|!");
	CHECK_TEXT(split("\"\\q\""), "!");
	CHECK_TEXT(split("\"\\x4\""), "!");
	CHECK_TEXT(split("\"\\x\""), "!");
	CHECK_TEXT(split("a\\"), "a\\|");
}

static void marks_quotes(void)
{
	char line[] = "end \"end\" e\"nd\"", *rest = line;
	struct word w;

	CHECK(word_next(&rest, &w) == 1 && !w.quoted);
	CHECK(word_next(&rest, &w) == 1 && w.quoted);
	CHECK(word_next(&rest, &w) == 1 && !w.quoted);
}

static void any_bytes_there_and_back(void)
{
	char bytes[64], text[4 * sizeof(bytes) + 3], *rest;
	struct word w;

	srand(7);
	for (int round = 0; round < 20000; round++) {
		size_t len = (size_t)rand() % sizeof(bytes);

		for (size_t i = 0; i < len; i++)
			bytes[i] = (char)(round % 2 ? rand() : "\"\\ #'x\n\0"[rand() % 8]);
		CHECK(word_quote(bytes, len, text) == strlen(text));
		rest = text;
		CHECK(word_next(&rest, &w) == 1 && w.len == len && !memcmp(w.text, bytes, len));
		CHECK(word_next(&rest, &w) == 0);
		if (tap_failed)
			return;
	}
}

/* Whatever comes in: what goes out is valid, and clean text stays as it is. */
static void cleaned(const char *in, size_t len, bool controls, const char *expected)
{
	char buf[200];

	CHECK(text_clean(in, len, controls, buf) == strlen(expected));
	CHECK_TEXT(buf, expected);
}

static void clean_text(void)
{
	cleaned("plain \xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80", 17, true,
		"plain \xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80");
	cleaned("\x1b[31m", 5, true, "\\x1b[31m");
	cleaned("a\nb", 3, false, "a\nb");
	cleaned("\xff", 1, false, "\\xff");
	cleaned("\xc3", 1, false, "\\xc3");
	cleaned("\xc0\x80", 2, false, "\\xc0\\x80");
	cleaned("\xed\xa0\x80", 3, false, "\\xed\\xa0\\x80");
	cleaned("\xe0\x80\x80", 3, false, "\\xe0\\x80\\x80");
	cleaned("\xf5\x80\x80\x80", 4, false, "\\xf5\\x80\\x80\\x80");
	cleaned("\xc2\x9b", 2, true, "\\xc2\\x9b");
}

const struct tap_test words_tests[] = {
	{ "words: blanks and comments", blanks },
	{ "words: quotes", quotes },
	{ "words: wrong ones", wrong },
	{ "words: quoted ones are marked", marks_quotes },
	{ "words: any bytes there and back", any_bytes_there_and_back },
	{ "words: clean text", clean_text },
	{ NULL, NULL },
};
