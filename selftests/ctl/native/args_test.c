// SPDX-License-Identifier: GPL-2.0
/* Arguments: options, enums, table specifications; what is said of wrong ones. */
#include <stdlib.h>
#include <string.h>
#include <linux/tripmap_names.h>

#include "args.h"
#include "out.h"
#include "spec.h"
#include "tap.h"
#include "words.h"

static char line[700], *word[200];
static struct args args;
static int rc;

/* args from a line. */
static void set_args(const char *text)
{
	char *rest = line;
	struct word w;

	strcpy(line, text);
	args = (struct args){ .command = "cmd", .word = word };
	while (word_next(&rest, &w) > 0)
		word[args.n++] = w.text;
}

static struct table_spec spec;

static void parse_spec(void)
{
	rc = spec_parse(&args, &spec);
}

static void good_spec(void)
{
	set_args("t key u32 value str:8 bits 5 contract exclusive hash mix max 9 on all count on forged-flag bug");
	parse_spec();
	CHECK(rc == 0);
	CHECK_TEXT(spec.name, "t");
	CHECK(spec.key.type == TRIPMAP_TYPE_U32 && spec.value.size == 8 && spec.bits == 5);
	CHECK(spec.contract == TRIPMAP_CONTRACT_EXCLUSIVE && spec.hash == TRIPMAP_HASH_MIX);
	CHECK(spec.max_entries == 9 && !spec.seeded);
	CHECK(spec.nrules == 2 && spec.rule[0].all && !spec.rule[1].all);
	CHECK(spec.rule[0].rule.action == TRIPMAP_ACTION_COUNT);
	CHECK(spec.rule[1].class == TRIPMAP_CLASS_FORGED_FLAG);
	CHECK(spec.rule[1].rule.action == TRIPMAP_ACTION_BUG);
	CHECK(spec.rule[1].rule.has == 1ULL << TRIPMAP_A_POLICY_ACTION);
	set_args("t key u32 value u8");
	parse_spec();
	CHECK(rc == 0 && !spec.nrules && !spec.max_entries && spec.sync < 0 && !spec.shards);
}

static void shared_spec(void)
{
	set_args("t key u32 value u8 contract shared sync sharded shards 16");
	parse_spec();
	CHECK(rc == 0 && spec.contract == TRIPMAP_CONTRACT_SHARED);
	CHECK(spec.sync == TRIPMAP_SYNC_SHARDED && spec.shards == 16);
	set_args("t key u32 value u8 contract shared sync rwlock");
	parse_spec();
	CHECK(rc == 0 && spec.sync == TRIPMAP_SYNC_RWLOCK && !spec.shards);
	set_args("t key u32 value u8 contract shared sync snapshot");
	parse_spec();
	CHECK(rc == 0 && spec.sync == TRIPMAP_SYNC_SNAPSHOT);
	set_args("t key u32 value u8 contract shared sync split");
	parse_spec();
	CHECK(rc == 0 && spec.sync == TRIPMAP_SYNC_SPLIT);
}

/* All that a rule can say, in one line; what is not said is not there. */
static void rules(void)
{
	const struct rule *r;

	set_args("t key u8 value u8 on foreign-writer report allow escalate warn 5 10s "
		 "on all count escalate off on destroyed bug refuse on uninitialised ignore");
	parse_spec();
	CHECK(rc == 0 && spec.nrules == 4);
	r = &spec.rule[0].rule;
	CHECK(spec.rule[0].class == TRIPMAP_CLASS_FOREIGN_WRITER);
	CHECK(r->action == TRIPMAP_ACTION_REPORT && r->answer == TRIPMAP_ANSWER_ALLOW);
	CHECK(r->escalate_to == TRIPMAP_ACTION_WARN && r->escalate_count == 5);
	CHECK(r->escalate_ms == 10000 && HAS(r, TRIPMAP_A_POLICY_ESCALATE_MS));
	r = &spec.rule[1].rule;
	CHECK(spec.rule[1].all && HAS(r, TRIPMAP_A_POLICY_ESCALATE_COUNT) && !r->escalate_count);
	CHECK(!HAS(r, TRIPMAP_A_POLICY_ESCALATE_MS) && !HAS(r, TRIPMAP_A_POLICY_ANSWER));
	r = &spec.rule[2].rule;
	CHECK(HAS(r, TRIPMAP_A_POLICY_ANSWER) && r->answer == TRIPMAP_ANSWER_REFUSE);
	CHECK(spec.rule[3].rule.has == 1ULL << TRIPMAP_A_POLICY_ACTION);
}

static void wrong_specs(void)
{
	static const char * const cases[][2] = {
		{ "", "NAME is missing" },
		{ "t", "\"key TYPE\" is missing" },
		{ "t key", "TYPE is missing" },
		{ "t key u32", "\"value TYPE\" is missing" },
		{ "t value u8 key u8", "\"key TYPE\" is missing" },
		{ "t key bytes:0 value u8", "at least 1 byte" },
		{ "t key u8 value u8 bits", "bits is missing" },
		{ "t key u8 value u8 bits x", "not \"x\"" },
		{ "t key u8 value u8 on", "class is missing" },
		{ "t key u8 value u8 on all", "action is missing" },
		{ "t key u8 value u8 seed 00", "is not 32 bytes" },
		{ "t key u8 value u8 extra", "what is \"extra\"" },
		{ "t key u8 value u8 sync", "sync is missing" },
		{ "t key u8 value u8 sync many",
		  "no such sync \"many\" (there are none sharded rwlock snapshot split)" },
		{ "t key u8 value u8 shards 0", "from 1 to 65535" },
		{ "t key u8 value u8 on all count permit", "what is \"permit\"" },
		{ "t key u8 value u8 on all count escalate", "action is missing" },
		{ "t key u8 value u8 on all count escalate warn", "COUNT is missing" },
		{ "t key u8 value u8 on all count escalate warn 0 1s", "COUNT must be a number" },
		{ "t key u8 value u8 on all count escalate warn 3", "MS is missing" },
		{ "t key u8 value u8 on all count escalate warn 3 0", "a time such as 500ms" },
		{ "t key u8 value u8 on all count escalate warn 3 5x", "a time such as 500ms" },
		{ "t key u8 value u8 on all count escalate warn 3 99999h", "a time such as 500ms" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *said;

		set_args(cases[i][0]);
		said = tap_capture(stderr, parse_spec);
		CHECK(rc == CTL_USAGE);
		CHECK_HAS(said, cases[i][1]);
		CHECK(!strncmp(said, "tripctl: cmd: ", 14));
		free(said);
	}
}

static void too_many_rules(void)
{
	char text[40 + 16 * (RULES_MAX + 1)] = "t key u8 value u8";
	char *said;

	for (unsigned int i = 0; i <= RULES_MAX; i++)
		strcat(text, " on all count");
	set_args(text);
	said = tap_capture(stderr, parse_spec);
	CHECK(rc == CTL_USAGE);
	CHECK_HAS(said, "more than 32 times");
	free(said);
}

/* A name too long is not cut to one that might be there. */
static void long_name(void)
{
	set_args("0123456789012345678901234567890123456789 key u8 value u8");
	parse_spec();
	CHECK(rc == 0 && strlen(spec.name) > TRIPMAP_NAME_MAX);
}

static uint64_t number;
static const char *text;
static bool flag;

static void parse_options(void)
{
	const struct arg_option options[] = {
		{ .word = "number", .number = &number, .min = 2, .max = 5 },
		{ .word = "text", .text = &text },
		{ .word = "flag", .flag = &flag },
	};

	number = 0;
	text = NULL;
	flag = false;
	rc = args_options(&args, options, ARRAY_SIZE(options));
}

static void good_options(void)
{
	set_args("flag text flag number 0x5");
	parse_options();
	CHECK(rc == 0 && flag && number == 5);
	CHECK_TEXT(text, "flag");
	set_args("");
	parse_options();
	CHECK(rc == 0 && !flag);
}

static void wrong_options(void)
{
	static const char * const cases[][2] = {
		{ "number 1", "from 2 to 5" }, { "number 6", "from 2 to 5" },
		{ "number", "number is missing" }, { "text", "text is missing" },
		{ "flag flag", "stands there twice" }, { "else", "what is \"else\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *said;

		set_args(cases[i][0]);
		said = tap_capture(stderr, parse_options);
		CHECK(rc == CTL_USAGE);
		CHECK_HAS(said, cases[i][1]);
		free(said);
	}
}

/* All names of an enum are known by args_enum(), to their own values. */
static void enums(void)
{
	for (unsigned int i = 0; i <= TRIPMAP_CLASS_MAX; i++) {
		uint8_t value = 99;

		set_args(tripmap_class_name(i));
		CHECK(!args_enum(&args, "class", tripmap_class_name, TRIPMAP_CLASS_MAX, &value));
		CHECK(value == i);
	}
}

const struct tap_test args_tests[] = {
	{ "args: table specifications", good_spec },
	{ "args: a shared table", shared_spec },
	{ "args: rules", rules },
	{ "args: too many rules", too_many_rules },
	{ "args: wrong table specifications", wrong_specs },
	{ "args: a name too long stays so", long_name },
	{ "args: options", good_options },
	{ "args: wrong options", wrong_options },
	{ "args: enums", enums },
	{ NULL, NULL },
};
