// SPDX-License-Identifier: GPL-2.0
/* Logs as people paste them: what each of them tells, and what noise tells. */
#include <stdlib.h>
#include <string.h>
#include <linux/tripmap_names.h>

#include "classify.h"
#include "tap.h"

/* The findings of a log, as the file of expectations has them. */
struct told {
	char		text[2000];
	const char	*log;
};

static void tell(void *arg, const struct finding *f)
{
	struct told *t = arg;
	size_t n = strlen(t->text);
	char confidence[32];

	snprintf(confidence, sizeof(confidence), "%s", f->confidence);
	if (strchr(confidence, ' '))
		*strchr(confidence, ' ') = '-';
	snprintf(t->text + n, sizeof(t->text) - n, "%s %s %s %s%s%s %s\n", t->log,
		 tripmap_class_name(f->class), confidence,
		 f->function[0][0] ? f->function[0] : "-", f->function[1][0] ? "/" : "",
		 f->function[1], f->table[0] ? f->table : "-");
	CHECK(f->nevidence > 0 && f->why);
}

static void check_log(const char *name, const char *expected)
{
	struct told told = { .log = name };
	char path[600];
	struct klog log;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.log", CORPUS, name);
	f = fopen(path, "r");
	CHECK(f);
	if (!f)
		return;
	CHECK(klog_read(&log, f));
	fclose(f);
	if (!classify(&log, tell, &told))
		snprintf(told.text, sizeof(told.text), "%s none\n", name);
	CHECK_TEXT(told.text, expected);
	klog_free(&log);
}

/* Neighbouring lines of the file are about one log, in its order. */
static void corpus(void)
{
	char line[300], name[100] = "", next[100], expected[2000] = "";
	FILE *f = fopen(CORPUS "/expected", "r");
	unsigned int logs = 0;

	CHECK(f);
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%99s", next) != 1 || next[0] == '#')
			continue;
		if (strcmp(next, name)) {
			if (name[0])
				check_log(name, expected);
			logs++;
			expected[0] = '\0';
			strcpy(name, next);
		}
		strcat(expected, line);
	}
	check_log(name, expected);
	CHECK(logs > 30);
	if (f)
		fclose(f);
}

static struct finding got;

static void keep(void *arg, const struct finding *f)
{
	(void)arg;
	got = *f;
}

/* One title of each class is known, whatever the class. */
static void every_class(void)
{
	for (uint8_t class = 0; class < NCLASSES; class++) {
		char text[300];
		struct klog log;
		FILE *f;

		snprintf(text, sizeof(text), "[    1.0] tripmap: %s in one / two, table t-%u\n",
			 tripmap_class_name(class), class);
		f = fmemopen(text, strlen(text), "r");
		CHECK(klog_read(&log, f));
		CHECK(classify(&log, keep, NULL) == 1 && got.class == class && got.report);
		CHECK_TEXT(got.function[0], "one");
		CHECK_TEXT(got.function[1], "two");
		klog_free(&log);
		fclose(f);
	}
}

static void frames(void)
{
	struct klog_frame frame;

	CHECK(klog_frame(" session_store.isra.0+0x1f/0x30 [sessions]", &frame));
	CHECK_TEXT(frame.symbol, "session_store");
	CHECK_TEXT(frame.module, "sessions");
	CHECK(!frame.unsure);
	CHECK(klog_frame(" ? kthread+0xda/0x100", &frame) && frame.unsure && !frame.module[0]);
	CHECK(klog_frame("RIP: 0010:tripmap_store+0x24/0x90 [tripmap]", &frame));
	CHECK_TEXT(frame.symbol, "tripmap_store");
	CHECK(!klog_frame("RIP: 0033:0x7f12", &frame));
	CHECK(!klog_frame("x +0x1f/0x30", &frame));
	CHECK(!klog_frame("x+0x1f", &frame));
	CHECK(!klog_frame("+0x1f/0x30", &frame));
	CHECK(!klog_frame("", &frame));
}

static void ignore(void *arg, const struct finding *f)
{
	(void)arg;
	CHECK(f->class < NCLASSES && f->nevidence <= EVIDENCE_MAX);
}

/* Pieces of real logs, thrown together: no crash, nothing out of bounds. */
static void noise(void)
{
	static const char * const pieces[] = {
		"tripmap: ", "write-during-write", " in ", "a", " / ", ", table ", "t", "\n", "\n",
		"Call Trace:\n", " tripmap_store+0x1/0x2 [tripmap]\n", "<IRQ>", "?", "[", "]",
		"kernel: ", "<4>", "[   1.0] ", "x+0x1/0x2", "---[ end trace", "</TASK>\n", "\r\n",
		"do_exit+0x1/0x2\n", "use-after-free", "> ", "kern  :warn  : ", "\xff", "no table",
		", report ", "tripmap: the whole of it", "WARNING: ",
	};
	char text[2000];

	srand(11);
	for (int round = 0; round < 5000; round++) {
		struct klog log;
		size_t n = 1;
		FILE *f;

		strcpy(text, " ");
		while (n < sizeof(text) - 60 && rand() % 60)
			n += (size_t)sprintf(text + n, "%s",
					     pieces[(size_t)rand() % ARRAY_SIZE(pieces)]);
		f = fmemopen(text, n, "r");
		CHECK(klog_read(&log, f));
		classify(&log, ignore, NULL);
		klog_free(&log);
		fclose(f);
	}
}

const struct tap_test classify_tests[] = {
	{ "classify: a corpus of logs", corpus },
	{ "classify: every class", every_class },
	{ "classify: frames", frames },
	{ "classify: noise", noise },
	{ NULL, NULL },
};
