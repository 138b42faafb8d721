// SPDX-License-Identifier: GPL-2.0
/*
 * Typed keys and values, and words as arguments. The first line is a type, the rest a
 * value of it; the same rest is bytes of a value, words of a table, options and a time.
 */
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "kernel.h"
#include "spec.h"
#include "types.h"
#include "when.h"
#include "words.h"

#define WORDS_MAX	64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool good)
{
	if (!good)
		abort();
}

static char *copy(const uint8_t *data, size_t n)
{
	char *text = malloc(n + 1);

	memcpy(text, data, n);
	text[n] = '\0';
	return text;
}

/* Bytes of a table's size, as text and as a word: they come back. */
static void back(const struct field *f, const uint8_t *bytes)
{
	uint8_t again[TRIPMAP_VALUE_MAX];
	char text[FIELD_TEXT_MAX], why[WHY_SIZE], *at = text;
	size_t len = field_to_text(f, bytes, f->size, text);
	struct word w = { 0 };

	must(len < sizeof(text) && text[len] == '\0');
	must(field_from_text(f, text, len, again, why));
	must(!memcmp(again, bytes, f->size));
	must(field_to_word(f, bytes, text) < sizeof(text));
	/* Of no bytes there is no word, unless it has quotes. */
	if (word_next(&at, &w) == 1)
		must(field_from_text(f, w.text, w.len, again, why) &&
		     !memcmp(again, bytes, f->size));
	else
		must(!f->size);
}

static void field(const char *type, const char *value, size_t n)
{
	uint8_t bytes[TRIPMAP_VALUE_MAX] = { 0 };
	char text[FIELD_TEXT_MAX], why[WHY_SIZE], name[32];
	struct field f, same;

	if (!field_parse(type, TRIPMAP_VALUE_MAX, &f, why))
		return;
	field_name(&f, name, sizeof(name));
	must(field_parse(name, TRIPMAP_VALUE_MAX, &same, why));
	must(f.type == same.type && f.size == same.size);
	if (field_from_text(&f, value, n, bytes, why))
		back(&f, bytes);
	memcpy(bytes, value, n < sizeof(bytes) ? n : sizeof(bytes));
	back(&f, bytes);
	/* Cut, as a bucket shows it. */
	must(field_to_text(&f, bytes, n % (f.size + 1U), text) < sizeof(text));
}

static int split(char *line, char **text)
{
	struct word w;
	int n = 0;

	while (n < WORDS_MAX && word_next(&line, &w) > 0)
		text[n++] = w.text;
	return n;
}

static void options(char **text, int n)
{
	struct args a = { .command = "fuzz", .word = text, .n = n };
	uint64_t number = 0, ms = 0;
	const char *word = NULL;
	bool flag = false;
	const struct arg_option known[] = {
		{ .word = "count", .number = &number, .min = 3, .max = 77 },
		{ .word = "name", .text = &word },
		{ .word = "plain", .flag = &flag },
	};

	if (!args_options(&a, known, ARRAY_SIZE(known)))
		must(!a.n && (!number || (number >= 3 && number <= 77)));
	a = (struct args){ .command = "fuzz", .word = text, .n = n };
	if (!args_duration(&a, "time", 1000, &ms))
		must(ms && ms <= 1000 && a.n == n - 1);
}

static void arguments(const uint8_t *data, size_t n)
{
	char *line = copy(data, n), *text[WORDS_MAX];
	int words = split(line, text);
	struct args a = { .command = "fuzz", .word = text, .n = words };
	struct table_spec spec;
	uint64_t real;

	if (!spec_parse(&a, &spec))
		must(!a.n && spec.key.size && spec.key.size <= TRIPMAP_KEY_MAX &&
		     spec.value.size <= TRIPMAP_VALUE_MAX && spec.nrules <= RULES_MAX);
	options(text, words);
	if (words)
		time_parse(text[0], 1700000000000000000, &real);
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const uint8_t *end = n ? memchr(data, '\n', n) : NULL;
	size_t first = end ? (size_t)(end - data) : 0, rest = end ? n - first - 1 : 0;
	char *type, *value;

	if (!end)
		return 0;
	type = copy(data, first);
	value = copy(end + 1, rest);
	field(type, value, rest);
	arguments(end + 1, rest);
	free(type);
	free(value);
	return 0;
}
