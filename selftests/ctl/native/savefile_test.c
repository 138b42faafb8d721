// SPDX-License-Identifier: GPL-2.0
/* Save files: what is written is read, whatever else is told with its line. */
#include <stdlib.h>
#include <string.h>

#include "savefile.h"
#include "spec.h"
#include "tap.h"

/* Read all of a text; returns how many entries, and what was wrong in s->why. */
static int read_all(const char *text, struct savefile *s)
{
	struct table_spec spec;
	uint8_t entry[512];
	int n, entries = 0;

	savefile_open(s, fmemopen((void *)text, strlen(text), "r"), "f");
	while ((n = savefile_table(s, &spec)) > 0) {
		while ((n = savefile_entry(s, &spec, entry)) > 0)
			entries++;
		if (n < 0)
			break;
	}
	savefile_close(s);
	return n < 0 ? -1 - entries : entries;
}

/* The text is refused on this line, behind so many entries. */
static void wrong(const char *text, unsigned long line, int entries, const char *part)
{
	struct savefile s;

	CHECK(read_all(text, &s) == -1 - entries);
	CHECK(s.number == line);
	CHECK_HAS(s.why, part);
}

#define HEAD "tripmap-save 1\ntable t key u8 value str:4\n"

static void good(void)
{
	struct savefile s;

	CHECK(read_all(HEAD "end 0\n", &s) == 0);
	CHECK(read_all(HEAD "1 \"a\"\n2 b\nend 2\n", &s) == 2);
	CHECK(read_all(HEAD "# c\n\n1 a # c\nend 1", &s) == 1);
	CHECK(read_all(HEAD "1 a\nend 1\n" HEAD "2 b\n3 c\nend 2\n", &s) == 3);
	CHECK(read_all("tripmap-save 1\ntable t key str:3 value bytes:0\n"
		       "\"end\"\nend 1\n", &s) == 1);
}

static void bad(void)
{
	wrong("hello\n", 1, 0, "no save file");
	wrong("tripmap-save x\n", 1, 0, "no save file");
	wrong("tripmap-save 2\n", 1, 0, "format 2 is not known");
	wrong("tripmap-save 1\n", 1, 0, "cut before it says");
	wrong("tripmap-save 1\n1 2\n", 2, 0, "should stand here");
	wrong(HEAD, 2, 0, "no \"end\"");
	wrong(HEAD "1 a\n", 3, 1, "no \"end\"");
	wrong(HEAD "1 a", 3, 0, "cut within this line");
	wrong(HEAD "1 \"a", 3, 0, "cut within this line");
	wrong(HEAD "1 \"a\n", 3, 0, "quote without its end");
	wrong(HEAD "1\n", 3, 0, "KEY VALUE");
	wrong(HEAD "1 a b\n", 3, 0, "KEY VALUE");
	wrong(HEAD "256 a\n", 3, 0, "key: 256 does not fit");
	wrong(HEAD "1 abcde\n", 3, 0, "value: ");
	wrong(HEAD "1 a\nend 2\n", 4, 1, "2 entries were announced, 1 are there");
	wrong(HEAD "1 a\nend 1x\n", 4, 1, "wants the number");
	wrong(HEAD "1 a\nend 1\n2 b\n", 5, 1, "no save file");
}

/* Every cut of a good file is noticed, but one that takes the last line's end only. */
static void every_cut(void)
{
	static const char whole[] = HEAD "1 a\n2 \"b c\"\n3 \"\\x41\"\nend 3\n";
	char cut[sizeof(whole)];
	struct savefile s;

	for (size_t len = 1; len < strlen(whole) - 1; len++) {
		memcpy(cut, whole, len);
		cut[len] = '\0';
		if (read_all(cut, &s) >= 0) {
			printf("# taken: %zu bytes\n", len);
			tap_failed = true;
		}
	}
}

static struct table table_of(const char *key, const char *value)
{
	struct table t = { .name = "odd \"name\"", .bits = 3, .max_entries = 77 };
	uint64_t action = 1ULL << TRIPMAP_A_POLICY_ACTION;
	char why[WHY_SIZE];

	CHECK(field_parse(key, TRIPMAP_KEY_MAX, &t.key, why));
	CHECK(field_parse(value, TRIPMAP_VALUE_MAX, &t.value, why));
	for (unsigned int c = 0; c < NCLASSES; c++)
		t.rule[c] = (struct rule){ .has = action, .action = TRIPMAP_ACTION_REPORT };
	t.rule[TRIPMAP_CLASS_REENTRANT_WRITE].action = TRIPMAP_ACTION_BUG;
	t.contract = TRIPMAP_CONTRACT_EXCLUSIVE;
	t.hash = TRIPMAP_HASH_MIX;
	return t;
}

/* What a new table's rule for a class is after all that was said. */
static struct rule rule_of(const struct table_spec *spec, unsigned int class)
{
	struct rule rule = { .answer = class == TRIPMAP_CLASS_EXITING_WRITER };

	for (unsigned int i = 0; i < spec->nrules; i++) {
		const struct rule *r = &spec->rule[i].rule;

		if (!spec->rule[i].all && spec->rule[i].class != class)
			continue;
		rule.action = r->action;
		if (HAS(r, TRIPMAP_A_POLICY_ANSWER))
			rule.answer = r->answer;
		if (HAS(r, TRIPMAP_A_POLICY_ESCALATE_COUNT)) {
			rule.escalate_to = r->escalate_to;
			rule.escalate_count = r->escalate_count;
			rule.escalate_ms = r->escalate_ms;
		}
	}
	return rule;
}

static void same_rules(const struct table *t, const struct table_spec *spec)
{
	for (unsigned int c = 0; c < NCLASSES; c++) {
		const struct rule *want = &t->rule[c];
		struct rule got = rule_of(spec, c);

		CHECK(got.action == want->action);
		CHECK(!HAS(want, TRIPMAP_A_POLICY_ANSWER) || got.answer == want->answer);
		CHECK(got.escalate_count == want->escalate_count);
		CHECK(!got.escalate_count || (got.escalate_ms == want->escalate_ms &&
					      got.escalate_to == want->escalate_to));
	}
}

static void same_spec(const struct table *t, const struct table_spec *spec)
{
	CHECK_TEXT(spec->name, t->name);
	CHECK(!memcmp(&spec->key, &t->key, sizeof(t->key)));
	CHECK(!memcmp(&spec->value, &t->value, sizeof(t->value)));
	CHECK(spec->contract == t->contract && spec->hash == t->hash && spec->bits == t->bits);
	CHECK(spec->max_entries == t->max_entries && !spec->seeded);
	same_rules(t, spec);
}

/* Entries of random bytes, written and read. */
static void there_and_back(const char *key, const char *value)
{
	struct table t = table_of(key, value);
	size_t size = (size_t)t.key.size + t.value.size;
	uint8_t *entries = malloc(100 * size), got[ENTRY_SIZE_MAX];
	struct table_spec spec;
	struct savefile s;
	FILE *f = tmpfile();

	for (size_t i = 0; i < 100 * size; i++)
		entries[i] = (uint8_t)rand();
	savefile_put_table(f, &t);
	savefile_put_entries(f, &t, entries, 100);
	savefile_put_end(f, 100);
	rewind(f);
	savefile_open(&s, f, "f");
	CHECK(savefile_table(&s, &spec) == 1);
	same_spec(&t, &spec);
	for (size_t i = 0; i < 100; i++) {
		CHECK(savefile_entry(&s, &spec, got) == 1);
		CHECK(!memcmp(got, entries + i * size, size));
	}
	CHECK(savefile_entry(&s, &spec, got) == 0);
	CHECK(savefile_table(&s, &spec) == 0);
	savefile_close(&s);
	free(entries);
}

static void all_types(void)
{
	there_and_back("u8", "u16");
	there_and_back("u32", "u64");
	there_and_back("str:5", "str:20");
	there_and_back("bytes:7", "bytes:0");
	there_and_back("ipv4", "ipv6");
	there_and_back("mac", "str:1");
	there_and_back("str:256", "str:4096");
}

/* Written as text and read again, a table has the rules that it had. */
static void spec_back(const struct table *t)
{
	char text[SPEC_TEXT], line[SPEC_TEXT + 100], entry[512];
	struct table_spec spec;
	struct savefile s;

	spec_text(t, text);
	snprintf(line, sizeof(line), "tripmap-save 1\ntable %s\nend 0\n", text);
	savefile_open(&s, fmemopen(line, strlen(line), "r"), "f");
	CHECK(savefile_table(&s, &spec) == 1);
	CHECK(savefile_entry(&s, &spec, entry) == 0);
	same_rules(t, &spec);
	CHECK(t->contract != TRIPMAP_CONTRACT_SHARED || spec.shards == t->shards);
	savefile_close(&s);
}

static struct rule random_rule(unsigned int class)
{
	static const bool may_allow[NCLASSES] = {
		[TRIPMAP_CLASS_READ_DURING_WRITE] = true,
		[TRIPMAP_CLASS_ITERATE_DURING_WRITE] = true,
		[TRIPMAP_CLASS_FOREIGN_WRITER] = true,
		[TRIPMAP_CLASS_EXITING_WRITER] = true,
	};
	struct rule r = { .has = ~0ULL, .action = (uint8_t)(rand() % 5) };

	if (may_allow[class])
		r.answer = (uint8_t)(rand() % 2);
	if (rand() % 2) {
		r.escalate_to = (uint8_t)(rand() % 5);
		r.escalate_count = 1 + (uint32_t)rand() % 9;
		r.escalate_ms = 1 + (uint32_t)rand() % 99999;
	}
	return r;
}

static void any_rules(void)
{
	struct table t = table_of("u8", "u8");

	t.contract = TRIPMAP_CONTRACT_SHARED;
	t.sync = TRIPMAP_SYNC_SHARDED;
	t.shards = 4;
	for (int round = 0; round < 2000; round++) {
		struct rule usual = random_rule(0);

		for (unsigned int c = 0; c < NCLASSES; c++) {
			t.rule[c] = rand() % 3 ? usual : random_rule(c);
			if (c == TRIPMAP_CLASS_EXITING_WRITER && rand() % 2)
				t.rule[c].answer = TRIPMAP_ANSWER_ALLOW;
		}
		spec_back(&t);
	}
}

/* Noise never crashes the reader, and is not taken for a table. */
static void noise(void)
{
	static const char letters[] = "tripmap-save 1\ntable t key u8 value str:4\n\"\\x end 12 #'";
	char text[160];
	struct savefile s;

	for (int round = 0; round < 20000; round++) {
		size_t len = 1 + (size_t)rand() % (sizeof(text) - 1);

		strcpy(text, HEAD);
		for (size_t i = round % 2 ? strlen(HEAD) : 0; i < len; i++)
			text[i] = letters[(size_t)rand() % (sizeof(letters) - 1)];
		text[len > strlen(HEAD) ? len : strlen(HEAD)] = '\0';
		if (read_all(text, &s) < 0 && !s.why[0])
			CHECK(round % 2 == 0);	/* a table line that has been told of */
	}
}

static void quiet_noise(void)
{
	free(tap_capture(stderr, noise));
}

const struct tap_test savefile_tests[] = {
	{ "savefile: good ones", good },
	{ "savefile: bad ones, and where", bad },
	{ "savefile: every cut is noticed", every_cut },
	{ "savefile: there and back", all_types },
	{ "savefile: any rules", any_rules },
	{ "savefile: noise", quiet_noise },
	{ NULL, NULL },
};
