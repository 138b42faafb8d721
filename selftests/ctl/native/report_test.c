// SPDX-License-Identifier: GPL-2.0
/* Reports in words: every class, all there is or next to nothing; text, JSON, a page. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <linux/tripmap_names.h>

#include "explain.h"
#include "out.h"
#include "report_show.h"
#include "sample.h"
#include "tap.h"

static struct explanation e;

static const char *what_of(struct report *r)
{
	explain(r, &e);
	free(r);
	return e.what;
}

#define V	"session_b (pid 120, cpu 0)"
#define H	"session_a (pid 119, cpu 1)"
#define REFUSED	" The delete was refused (EBUSY) and changed nothing."

static const char * const sentences[NCLASSES] = {
	[TRIPMAP_CLASS_WRITE_DURING_WRITE] =
		V " began a delete on table sessions while " H " was inside a store." REFUSED,
	[TRIPMAP_CLASS_WRITE_DURING_RESIZE] =
		V " began a delete on table sessions while " H " was inside a store"
		" and was resizing the table (grow, 5 of 16 buckets moved)." REFUSED,
	[TRIPMAP_CLASS_READ_DURING_WRITE] =
		V " began a delete on table sessions while " H " was inside a store." REFUSED,
	[TRIPMAP_CLASS_ITERATE_DURING_WRITE] =
		V " began a delete on table sessions while " H " was inside a store." REFUSED,
	[TRIPMAP_CLASS_REENTRANT_WRITE] =
		V " began a delete on table sessions from within its own operation, a store."
		REFUSED,
	[TRIPMAP_CLASS_INTERRUPT_DURING_WRITE] =
		"Softirq on cpu 0 (above session_b, pid 120) began a delete on table sessions"
		" and had interrupted " H " there, inside a store." REFUSED,
	[TRIPMAP_CLASS_REENTRANT_ITERATION] =
		V " took a step with an iterator of table sessions that was in a step already,"
		" or belongs to another table." REFUSED,
	[TRIPMAP_CLASS_FOREIGN_WRITER] =
		V " began a delete on table sessions, which is owned by " H "." REFUSED,
	[TRIPMAP_CLASS_UNINITIALISED] =
		V " began a delete through a handle that is no table: NULL, zeroed, an error"
		" pointer, or never made." REFUSED,
	[TRIPMAP_CLASS_DESTROYED] =
		V " began a delete on table sessions, which " H " had destroyed 12.0 ms before."
		REFUSED,
	[TRIPMAP_CLASS_EXITING_WRITER] =
		"Worker session_b (pid 120, cpu 0) running session_reap [sessions] began a delete on table sessions while it was exiting; the work was queued by queuer (pid 77, cpu 1) in session_close+0x30/0x50 [sessions]. The delete was let through.",
	[TRIPMAP_CLASS_STALE_WRITER] =
		H " has been inside a store on table sessions for 5.2 s, and is gone: its task has ended; the module's watch found that.",
	[TRIPMAP_CLASS_FORGED_FLAG] =
		V " left a delete on table sessions and found a guard word there that was not its own. What it did is done; the table takes no more writes.",
};

static void all_sentences(void)
{
	for (uint8_t class = 0; class < NCLASSES; class++)
		CHECK_TEXT(what_of(sample_full(class)), sentences[class]);
}

/* The write that begins under a read is told from the read that meets a write. */
static void the_other_direction(void)
{
	struct report *r = sample_full(TRIPMAP_CLASS_READ_DURING_WRITE);

	r->victim.op = TRIPMAP_OP_LOOKUP;
	r->victim.since = r->time - 9000;
	r->holder.since = r->time - 3000;
	CHECK_HAS(what_of(r), V " was in a lookup on table sessions when " H " began a store.");
}

static void parties_that_are_not_there(void)
{
	static const struct {
		uint8_t		class;
		const char	*says;
	} cases[] = {
		{ TRIPMAP_CLASS_FOREIGN_WRITER, "which it does not own." },
		{ TRIPMAP_CLASS_DESTROYED, "which had been destroyed." },
		{ TRIPMAP_CLASS_STALE_WRITER, "Somebody has been inside table sessions for 5.2 s" },
		{ TRIPMAP_CLASS_WRITE_DURING_WRITE, "while somebody was inside." },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct report *r = sample_full(cases[i].class);

		memset(&r->holder, 0, sizeof(r->holder));
		CHECK_HAS(what_of(r), cases[i].says);
		CHECK(!e.holder_head);
	}
}

/* Nobody's word is no evidence; a task without a name is said to be gone once. */
static void what_has_no_part(void)
{
	struct report *r = sample_full(TRIPMAP_CLASS_DESTROYED);

	r->word = 0;
	what_of(r);
	CHECK_TEXT(e.step[0].evidence,
		   "No guard word has a part in it. The table was destroyed at session_store+0x1f/0x30 [sessions].");
	r = sample_full(TRIPMAP_CLASS_STALE_WRITER);
	r->holder.comm[0] = '\0';
	CHECK_HAS(what_of(r),
		  "A task that is gone (pid 119, cpu 1) has been inside a store on table sessions for 5.2 s; the module's watch found that.");
}

static void the_guard_word(void)
{
	struct report *r = sample_full(TRIPMAP_CLASS_WRITE_DURING_RESIZE);

	r->word |= 2ULL << 59;
	what_of(r);
	CHECK_HAS(e.step[0].evidence,
		  "held, asked for its half, resizing, hardirq context, pid 119, generation 4711.");
	CHECK_HAS(e.step[2].answer, "Yes: two arrays of buckets (grow, 5 of 16 buckets moved).");
	CHECK_HAS(e.step[2].answer, "The holder was at it itself.");
	what_of(sample_full(TRIPMAP_CLASS_WRITE_DURING_WRITE));
	CHECK_HAS(e.step[0].evidence, "held, asked for its half, task context");
	CHECK_HAS(e.step[2].evidence, "30000 entries in 8192 buckets, 3.66 a bucket");
	CHECK_HAS(e.step[2].evidence, "resize bit of the guard word is clear");
}

static void in_the_order_of_time(void)
{
	what_of(sample_full(TRIPMAP_CLASS_EXITING_WRITER));
	CHECK(e.nmoments == 3 && e.moment[0].ns == -50000000 && e.moment[2].clash);
	CHECK_HAS(e.moment[0].text, "queued by queuer");
	what_of(sample_full(TRIPMAP_CLASS_WRITE_DURING_WRITE));
	CHECK(e.nmoments == 4 && e.moment[0].lane == LANE_HOLDER && e.moment[0].coarse);
	CHECK(e.moment[1].ns == -1100 && e.moment[2].clash && !e.moment[3].timed);
}

/* --- in text --- */

static struct report *shown;
static const struct table *shown_table;
static struct report_view shown_view;

static void show(void)
{
	report_show(shown, shown_table, &shown_view);
}

static char *text_of(struct report *r, const struct table *t, bool json)
{
	char *text;

	shown = r;
	shown_table = t;
	out_init(json, false);
	text = tap_capture(stdout, show);
	out_init(false, false);
	return text;
}

static void narrow(const char *text, int width)
{
	int column = 0;

	for (const char *s = text; *s; s++) {
		column = *s == '\n' ? 0 : column + ((*s & 0xc0) != 0x80);
		if (column > width) {
			printf("# wider than %d: %.60s\n", width, s - column + 1);
			tap_failed = true;
			return;
		}
	}
}

static void eighty_columns(void)
{
	setenv("COLUMNS", "80", 1);
	for (uint8_t class = 0; class < NCLASSES; class++) {
		struct report *r = sample_full(class);
		char *text = text_of(r, sample_table(), false);

		narrow(strstr(text, "\n\n"), 80);
		free(text);
		free(r);
	}
	unsetenv("COLUMNS");
}

static void drawn(void)
{
	struct report *r = sample_full(TRIPMAP_CLASS_WRITE_DURING_WRITE);
	char *text;

	r->victim.key_len = r->holder.key_len = 16;
	text = text_of(r, sample_table(), false);
	CHECK_HAS(text, "REFUSED ");
	CHECK_HAS(text, "| INSIDE\n");
	CHECK_HAS(text, "1. Who holds the flag, and doing what?");
	CHECK_HAS(text, "+- bucket 4665 --");
	CHECK_HAS(text, "+- overflow 70001 --");
	CHECK_HAS(text, "| 0  5f  alice ");
	CHECK_HAS(text, "| 1  00  - ");
	CHECK_HAS(text, "| 4  01  evacuated ");
	CHECK_HAS(text, "<- the victim's key");
	CHECK_HAS(text, "<- the other party's key");
	CHECK_HAS(text, "shard             2\n");
	CHECK_HAS(text, "The contract of sessions is single-writer:");
	CHECK_HAS(text, "What to look at:");
	free(text);
	free(r);
}

/* What the kernel did not send is not known: no zero stands for it. */
static void next_to_nothing(void)
{
	struct report *r = sample_bare(TRIPMAP_CLASS_WRITE_DURING_WRITE);
	char *text = text_of(r, NULL, false), *json = text_of(r, NULL, true);

	CHECK_HAS(text, "entries           unknown\n");
	CHECK_HAS(text, "shards            unknown\n");
	CHECK_HAS(text, "frozen            unknown\n");
	CHECK_HAS(text, "The guard's word is not shown");
	CHECK_HAS(text, "The bucket was not kept.");
	CHECK_HAS(text, "16 bytes, shown to root only");
	CHECK(!strstr(json, "\"entries\""));
	CHECK(!strstr(json, "\"shards\""));
	CHECK(!strstr(json, "\"found\""));
	free(text);
	free(json);
	free(r);
}

static struct json_object *at(struct json_object *o, const char *key)
{
	struct json_object *inner = json_object_object_get(o, key);

	if (!inner) {
		printf("# no \"%s\"\n", key);
		tap_failed = true;
	}
	return inner;
}

static void same_facts(uint8_t class)
{
	struct report *r = sample_full(class);
	char *text = text_of(r, sample_table(), true);
	struct json_object *o = json_tokener_parse(text);

	CHECK_TEXT(json_object_get_string(at(o, "what")), sentences[class]);
	CHECK(json_object_array_length(at(o, "classification")) == STEPS);
	CHECK(json_object_array_length(at(o, "chain")) == 2);
	CHECK(json_object_array_length(at(o, "time_line")) >= 2);
	CHECK(json_object_get_int(at(at(o, "table_then"), "entries")) == 30000);
	CHECK(json_object_get_int(at(at(o, "victim"), "pid")) == 120);
	CHECK(!json_object_object_get(o, "holder") == !sample_has_holder(class));
	json_object_put(o);
	free(text);
	free(r);
}

static void in_json(void)
{
	for (uint8_t class = 0; class < NCLASSES; class++)
		same_facts(class);
}

/* --- as a page --- */

static void page(void)
{
	report_html(stdout, shown, shown_table);
}

static char *page_of(struct report *r)
{
	shown = r;
	shown_table = sample_table();
	return tap_capture(stdout, page);
}

/* Tags that are open, in order, and nothing closed that was not open. */
static void balanced(const char *html)
{
	static const char * const empty[] = { "meta", "!DOCTYPE", "rect", "line" };
	char open[32][16];
	unsigned int n = 0;

	for (const char *s = strchr(html, '<'); s; s = strchr(s + 1, '<')) {
		char name[16] = "";
		bool alone = false;

		if (sscanf(s + 1, "%15[^ >]", name) != 1)
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(empty); i++)
			alone |= !strcmp(name, empty[i]);
		if (alone)
			continue;
		if (name[0] != '/') {
			CHECK(n < ARRAY_SIZE(open));
			strcpy(open[n++], name);
			continue;
		}
		CHECK(n && !strcmp(open[n - 1], name + 1));
		n -= !!n;
	}
	CHECK(!n);
}

static void pages(void)
{
	for (uint8_t class = 0; class < NCLASSES; class++) {
		struct report *r = sample_full(class);
		char *html = page_of(r);

		CHECK_HAS(html, tripmap_class_name(class));
		CHECK_HAS(html, "<meta name=\"viewport\"");
		CHECK_HAS(html, "default-src 'none'");
		CHECK_HAS(html, "<svg ");
		CHECK(!strstr(html, "http:") && !strstr(html, "https:") && !strstr(html, "url("));
		CHECK(!strstr(html, "<script"));
		balanced(html);
		free(html);
		free(r);
	}
}

static void hostile_page(void)
{
	struct report *r = sample_full(TRIPMAP_CLASS_WRITE_DURING_WRITE);
	char *html;

	strcpy(r->victim.comm, HOSTILE_COMM);
	strcpy((char *)r->victim.key, "<b>\"'&\xff");
	strcpy(r->title, "tripmap: " HOSTILE);
	strcpy(r->holder.frame[0], "<i onclick='x'>");
	html = page_of(r);
	CHECK(!strstr(html, "<script") && !strstr(html, "<img") && !strstr(html, "<b>\""));
	CHECK(!strstr(html, "<i ") && !strchr(html, '\033'));
	CHECK_HAS(html, "&lt;script&gt;alert(1)&lt;/script&gt;");
	CHECK_HAS(html, "&lt;img src=x&gt;\\x1b[31m&quot;&#39;&amp;");
	balanced(html);
	free(html);
	free(r);
}

/* A terminal is not to act upon what a task calls itself. */
static void hostile_text(void)
{
	struct report *r = sample_full(TRIPMAP_CLASS_WRITE_DURING_WRITE);
	char *text;

	strcpy(r->victim.comm, HOSTILE_COMM);
	strcpy((char *)r->bucket.link[0].slot[0].key, "a\033[2Jb\n");
	text = text_of(r, sample_table(), false);
	CHECK(!strchr(text, '\033'));
	CHECK_HAS(text, "a\\x1b[2Jb\\x0a");
	free(text);
	free(r);
}

const struct tap_test report_tests[] = {
	{ "report: a sentence for each class", all_sentences },
	{ "report: a write that begins under a read", the_other_direction },
	{ "report: parties that are not there", parties_that_are_not_there },
	{ "report: what has no part in it", what_has_no_part },
	{ "report: the guard's word", the_guard_word },
	{ "report: in the order of time", in_the_order_of_time },
	{ "report: 80 columns", eighty_columns },
	{ "report: drawn", drawn },
	{ "report: next to nothing", next_to_nothing },
	{ "report: JSON", in_json },
	{ "report: pages", pages },
	{ "report: a hostile page", hostile_page },
	{ "report: a hostile text", hostile_text },
	{ NULL, NULL },
};
