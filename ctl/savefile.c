// SPDX-License-Identifier: GPL-2.0
#include "savefile.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "spec.h"
#include "words.h"

#define LINE_SIZE	(2 * FIELD_TEXT_MAX)	/* of an entry: a blank and an end, no zeros */
#define WORDS_MAX	200	/* of a line that describes a table */

void savefile_open(struct savefile *s, FILE *file, const char *name)
{
	memset(s, 0, sizeof(*s));
	s->file = file;
	s->name = name;
}

void savefile_close(struct savefile *s)
{
	free(s->line);
	if (s->file != stdin)
		fclose(s->file);
}

static int wrong(struct savefile *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static int wrong(struct savefile *s, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(s->why, sizeof(s->why), format, ap);
	va_end(ap);
	return -1;
}

/* The next line that says something, in words: how many, 0 at the end of the file. */
static int next_line(struct savefile *s, struct word *words, int max)
{
	for (;;) {
		ssize_t len = getline(&s->line, &s->room, s->file);
		char *rest = s->line;
		int n = 0, rc = 0;

		if (len < 0)
			return ferror(s->file) ? wrong(s, "cannot be read") : 0;
		s->number++;
		s->bytes += (uint64_t)len;
		s->cut = s->line[len - 1] != '\n';
		if (memchr(s->line, '\0', (size_t)len))
			return wrong(s, "holds a zero byte: this is no save file");
		while (n < max && (rc = word_next(&rest, &words[n])) > 0)
			n++;
		if (rc < 0)
			return wrong(s, s->cut ? "the file is cut within this line" :
				     "a quote without its end, or a wrong escape");
		if (n)
			return n;
	}
}

static bool is(const struct word *w, const char *text)
{
	return !strcmp(w->text, text);
}

/* The line "table ...", which follows the first one. */
static int table_line(struct savefile *s, struct table_spec *spec)
{
	struct word words[WORDS_MAX];
	char *texts[WORDS_MAX];
	struct args a = { .command = "restore", .word = texts };
	int rc, n = next_line(s, words, WORDS_MAX);

	if (n < 0)
		return -1;
	if (!n || s->cut || !is(&words[0], "table"))
		return wrong(s, n && !s->cut ?
			     "\"table NAME key TYPE value TYPE\" should stand here" :
			     "the file is cut before it says what table this is");
	for (int i = 1; i < n; i++)
		texts[a.n++] = words[i].text;
	s->why[0] = '\0';
	err_enter(s->name, s->number);
	rc = spec_parse(&a, spec);
	err_leave();
	return rc ? -1 : 1;
}

int savefile_table(struct savefile *s, struct table_spec *spec)
{
	struct word words[3];
	int n = next_line(s, words, 3);
	uint64_t version;

	s->entries = 0;
	if (n <= 0)
		return n;
	if (n != 2 || !is(&words[0], "tripmap-save") ||
	    !number_parse(words[1].text, words[1].len, &version))
		return wrong(s, "this is no save file (\"tripmap-save %d\" should stand here)",
			     SAVEFILE_VERSION);
	if (version != SAVEFILE_VERSION)
		return wrong(s, "format %s is not known to this tripctl (%d is)", words[1].text,
			     SAVEFILE_VERSION);
	return table_line(s, spec);
}

static int end_line(struct savefile *s, const struct word *words, int n)
{
	uint64_t count;

	if (n != 2 || !number_parse(words[1].text, words[1].len, &count))
		return wrong(s, s->cut ? "the file is cut within this line" :
			     "\"end\" wants the number of entries");
	if (count != s->entries)
		return wrong(s, "%llu entries were announced, %llu are there",
			     (unsigned long long)count, (unsigned long long)s->entries);
	return 0;
}

int savefile_entry(struct savefile *s, const struct table_spec *spec, void *entry)
{
	int wanted = spec->value.size ? 2 : 1;
	char why[WHY_SIZE];
	struct word words[3];
	int n = next_line(s, words, 3);

	if (n < 0)
		return -1;
	if (!n)
		return wrong(s, "the file is cut: no \"end\" behind the last entry");
	/* A key "end" is written with quotes. */
	if (!words[0].quoted && is(&words[0], "end"))
		return end_line(s, words, n);
	if (s->cut)
		return wrong(s, "the file is cut within this line");
	if (n != wanted)
		return wrong(s, "%s should stand here", wanted == 2 ? "KEY VALUE" : "KEY alone");
	if (!field_from_text(&spec->key, words[0].text, words[0].len, entry, why))
		return wrong(s, "key: %s", why);
	if (wanted == 2 && !field_from_text(&spec->value, words[1].text, words[1].len,
					    (char *)entry + spec->key.size, why))
		return wrong(s, "value: %s", why);
	s->entries++;
	return 1;
}

void savefile_put_table(FILE *f, const struct table *t)
{
	char text[SPEC_TEXT];

	spec_text(t, text);
	fprintf(f, "tripmap-save %d\ntable %s\n", SAVEFILE_VERSION, text);
}

static char *put_line(char *at, const struct table *t, const void *entry)
{
	at += field_to_word(&t->key, entry, at);
	if (t->value.size) {
		*at++ = ' ';
		at += field_to_word(&t->value, (const char *)entry + t->key.size, at);
	}
	*at++ = '\n';
	return at;
}

void savefile_put_entries(FILE *f, const struct table *t, const void *entries, uint64_t n)
{
	size_t size = (size_t)t->key.size + t->value.size;
	char lines[2 * LINE_SIZE], *at = lines;

	for (const char *entry = entries; n--; entry += size) {
		at = put_line(at, t, entry);
		if (at > lines + sizeof(lines) - LINE_SIZE || !n) {
			fwrite(lines, 1, (size_t)(at - lines), f);
			at = lines;
		}
	}
}

void savefile_put_end(FILE *f, uint64_t entries)
{
	fprintf(f, "end %llu\n", (unsigned long long)entries);
}
