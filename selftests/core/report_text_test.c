// SPDX-License-Identifier: GPL-2.0
/* What reports say in the log: two lines a class, one report whole, and no secrets. */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "../../kmod/observe/event.h"
#include "../../kmod/observe/flight.h"
#include "../../kmod/observe/report.h"
#include "../../kmod/observe/report_text.h"
#include "test.h"

#define LINES	160
#define NOW	(1000 * (u64)NSEC_PER_SEC)

static struct tm_report r;	/* the test's own thread, as all that follows */
static struct tm_report_text text;
static char line[LINES][TM_REPORT_LINE];
static unsigned int lines;

static void keep_line(const char *l)
{
	if (TM_EXPECT(lines < LINES))
		strscpy(line[lines++], l, TM_REPORT_LINE);
}

static void tell(void)
{
	lines = 0;
	tm_report_tell(&text, &r, keep_line);
}

/* Two functions to be named; never called. */
static noinline void text_store(void)
{
	barrier();
}

static noinline void text_expire(void)
{
	barrier();
}

#define STORE	((unsigned long)text_store)
#define EXPIRE	((unsigned long)text_expire)

/* As it is shown, with offset, size and module as the place has them. */
static const char *site(unsigned long address)
{
	static char buf[2][TM_REPORT_SITE];
	static unsigned int n;

	return tm_report_symbol(address, buf[n++ % 2], TM_REPORT_SITE);
}

/* A write during a write; tests change it to what they need. */
static void begin(u8 class)
{
	memset(&r, 0, sizeof(r));
	r.id = 42;
	r.time = NOW;
	r.action = TRIPMAP_ACTION_REPORT;
	r.half = TRIPMAP_HALF_COMPLETE;
	r.v = (struct tm_violation){
		.class = class,
		.found = TRIPMAP_FOUND_OTHER,
		.result = -EBUSY,
		.table = "sessions",
		.victim = { .pid = 11, .cpu = 1, .op = TRIPMAP_OP_STORE, .caller = STORE,
			    .comm = "storer", .bucket = 17 },
		.holder = { .pid = 22, .op = TRIPMAP_OP_DELETE, .caller = EXPIRE,
			    .comm = "expirer", .since = NOW - 12 * NSEC_PER_USEC,
			    .bucket = TM_NO_BUCKET },
	};
}

static void alone(void)
{
	r.v.alone = true;
	r.v.found = TRIPMAP_FOUND_NOBODY;
	r.half = TRIPMAP_HALF_NONE;
	r.v.holder = (struct tm_party){ .bucket = TM_NO_BUCKET };
}

static void absent(void)
{
	r.v.absent = true;
	r.v.found = TRIPMAP_FOUND_NOBODY;
	r.half = TRIPMAP_HALF_NONE;
}

/* The second line is before S between T after, with the sites of both. */
static void expect_sentence(const char *before, unsigned long s, const char *between,
			    unsigned long t, const char *after)
{
	static char expected[TM_REPORT_LINE];

	tell();
	snprintf(expected, sizeof(expected), "tripmap: %s%s%s%s%s", before, s ? site(s) : "",
		 between, t ? site(t) : "", after);
	TM_EXPECT_STREQ(line[1], expected);
}

static bool has_line(const char *part)
{
	unsigned int i;

	for (i = 0; i < lines; i++) {
		if (strstr(line[i], part))
			return true;
	}
	return false;
}

TM_TEST(writers)
{
	begin(TRIPMAP_CLASS_WRITE_DURING_WRITE);
	expect_sentence("", EXPIRE, " was inside a delete for up to 12 us when ", STORE,
			" began a store: refused (-16)");
	TM_EXPECT_STREQ(line[0],
			"tripmap: write-during-write in text_expire / text_store, table sessions");
	r.v.left = true;
	expect_sentence("", EXPIRE, " was inside a delete for up to 12 us, and leaving, when ",
			STORE, " began a store: refused (-16)");
	/* A clock that is behind says nothing; nor does none. */
	r.v.left = false;
	r.v.holder.since = NOW + 1;
	expect_sentence("", EXPIRE, " was inside a delete when ", STORE,
			" began a store: refused (-16)");
	r.v.holder.since = 0;
	r.v.holder.op = TRIPMAP_OP_NONE;
	r.v.victim.op = TRIPMAP_OP_INSERT;
	expect_sentence("", EXPIRE, " was inside an operation when ", STORE,
			" began an insert: refused (-16)");
	r.v.holder.since = NOW - 250 * NSEC_PER_MSEC;
	expect_sentence("", EXPIRE, " was inside an operation for up to 250 ms when ", STORE,
			" began an insert: refused (-16)");
}

TM_TEST(resizing)
{
	begin(TRIPMAP_CLASS_WRITE_DURING_RESIZE);
	r.v.growing = true;
	r.v.resize = TRIPMAP_RESIZE_GROW;
	r.v.resize_done = 3;
	r.v.resize_total = 64;
	expect_sentence("", EXPIRE,
			" was inside a delete, at work on the resize, for up to 12 us when ", STORE,
			" began a store: refused (-16)");
	TM_EXPECT(has_line("step 3: resize (grow), 3 of 64 buckets evacuated, "
			   "the other party was at it"));
}

/* The read came second, or first. */
TM_TEST(readers)
{
	begin(TRIPMAP_CLASS_READ_DURING_WRITE);
	r.v.victim.op = TRIPMAP_OP_LOOKUP;
	expect_sentence("", EXPIRE, " was inside a delete for up to 12 us when ", STORE,
			" began a lookup: refused (-16)");
	r.v.victim.since = r.v.holder.since - 1;
	r.v.result = 0;
	expect_sentence("", EXPIRE, " began a delete while ", STORE,
			" was inside a lookup: let through");
	begin(TRIPMAP_CLASS_ITERATE_DURING_WRITE);
	r.v.victim.op = TRIPMAP_OP_ITERATE;
	expect_sentence("", EXPIRE, " was inside a delete for up to 12 us when ", STORE,
			" began a step of a walk: refused (-16)");
}

TM_TEST(own)
{
	begin(TRIPMAP_CLASS_REENTRANT_WRITE);
	r.v.result = -EDEADLK;
	r.v.found = TRIPMAP_FOUND_SELF;
	expect_sentence("", EXPIRE, " was inside a delete for up to 12 us when ", STORE,
			", called from within it, began a store: refused (-35)");
	TM_EXPECT(has_line("step 1: the guard was held by the victim itself, in a delete"));
	begin(TRIPMAP_CLASS_INTERRUPT_DURING_WRITE);
	r.v.result = -EDEADLK;
	r.v.found = TRIPMAP_FOUND_BELOW;
	r.v.victim.context = TRIPMAP_CONTEXT_HARDIRQ;
	expect_sentence("", EXPIRE, " was inside a delete for up to 12 us when ", STORE,
			" interrupted it (hardirq) and began a store: refused (-35)");
	TM_EXPECT(has_line("step 1: the guard was held by what the victim interrupted, "
			   "in a delete"));
}

TM_TEST(walks)
{
	begin(TRIPMAP_CLASS_REENTRANT_ITERATION);
	r.v.result = -EINVAL;
	r.v.victim.op = TRIPMAP_OP_ITERATE;
	r.v.holder.op = TRIPMAP_OP_ITERATE;
	expect_sentence("", EXPIRE, " was inside a step of a walk for up to 12 us when ", STORE,
			" advanced the same walk: refused (-22)");
	alone();
	expect_sentence("", STORE,
			" advanced a walk that is being advanced, or that is of another table", 0,
			": refused (-22)");
	TM_EXPECT_STREQ(line[0], "tripmap: reentrant-iteration in text_store, table sessions");
}

TM_TEST(foreign)
{
	begin(TRIPMAP_CLASS_FOREIGN_WRITER);
	r.v.result = -EPERM;
	absent();
	expect_sentence("", STORE, " began a store on a table that belongs to expirer (pid 22) since ",
			EXPIRE, ": refused (-1)");
	TM_EXPECT_STREQ(line[0], "tripmap: foreign-writer in text_expire / text_store, table sessions");
	TM_EXPECT(has_line(" owns the table"));
	TM_EXPECT(has_line("stack of the other party: not known"));
	r.v.result = 0;
	alone();
	expect_sentence("", STORE, " began a store on a table that nobody owns", 0, ": let through");
}

TM_TEST(no_table)
{
	begin(TRIPMAP_CLASS_UNINITIALISED);
	r.v.result = -EINVAL;
	strscpy(r.v.table, "(null)", sizeof(r.v.table));
	alone();
	expect_sentence("", STORE, " began a store through (null), which never was a table", 0,
			": refused (-22)");
	TM_EXPECT_STREQ(line[0], "tripmap: uninitialised in text_store, no table");
	TM_EXPECT(has_line(" was refused (-22), no other party is known"));
	TM_EXPECT(!has_line("other party:") && !has_line("stack of the other party"));
}

TM_TEST(destroyed)
{
	begin(TRIPMAP_CLASS_DESTROYED);
	r.v.result = -ESTALE;
	absent();
	expect_sentence("", STORE, " began a store on a table that expirer (pid 22) destroyed at ",
			EXPIRE, " 12 us before: refused (-116)");
	TM_EXPECT_STREQ(line[0], "tripmap: destroyed in text_expire / text_store, table sessions");
	alone();
	expect_sentence("", STORE, " began a store on a table that was destroyed", 0,
			": refused (-116)");
}

TM_TEST(exiting)
{
	begin(TRIPMAP_CLASS_EXITING_WRITER);
	alone();
	r.v.result = 0;
	r.v.victim.flags = TRIPMAP_PARTY_FLAG_EXITING;
	expect_sentence("", STORE, " began a store in a task that is exiting", 0, ": performed");
	TM_EXPECT(has_line("victim: store by storer (pid 11, cpu 1, task, exiting) at "));
	TM_EXPECT(has_line(" was performed (0), no other party is known, bucket 17"));
	r.v.victim.origin.pid = 33;
	r.v.victim.origin.caller = EXPIRE;
	expect_sentence("", STORE, " began a store in a task that is exiting, queued by ", EXPIRE,
			": performed");
}

TM_TEST(stale)
{
	begin(TRIPMAP_CLASS_STALE_WRITER);
	absent();
	r.v.result = 0;
	r.v.age = 1500 * NSEC_PER_MSEC;
	r.v.victim = (struct tm_party){ .op = TRIPMAP_OP_WATCH, .bucket = TM_NO_BUCKET };
	expect_sentence("", EXPIRE, " has been inside a delete for 1500 ms", 0, ": reported");
	TM_EXPECT_STREQ(line[0], "tripmap: stale-writer in text_expire, table sessions");
	TM_EXPECT(has_line("victim: none, a watch found it"));
	TM_EXPECT(!has_line("stack of the victim"));
	TM_EXPECT(has_line(" has been inside for 1500 ms"));
	r.v.holder.flags = TRIPMAP_PARTY_FLAG_GONE;
	expect_sentence("", EXPIRE, " has been inside a delete for 1500 ms, and its task is gone",
			0, ": reported");
	begin(TRIPMAP_CLASS_STALE_WRITER);
	r.v.age = 1500 * NSEC_PER_MSEC;
	expect_sentence("", EXPIRE, " has been inside a delete for 1500 ms, when ", STORE,
			" began a store: refused (-16)");
}

TM_TEST(forged)
{
	begin(TRIPMAP_CLASS_FORGED_FLAG);
	alone();
	r.v.result = 0;
	r.v.frozen = true;
	expect_sentence("", STORE, " left a store and found a guard word that was not its own", 0,
			": performed, the table is frozen for writes");
	/* Nobody has left yet, and there is somebody in the word. */
	begin(TRIPMAP_CLASS_FORGED_FLAG);
	absent();
	expect_sentence("", STORE,
			" began a store and found a guard word that nobody inside can have put there",
			0, ": refused (-16)");
	TM_EXPECT(has_line(" is what the word says"));
}

/* Who works for whom. */
TM_TEST(work)
{
	begin(TRIPMAP_CLASS_WRITE_DURING_WRITE);
	r.v.holder.flags = TRIPMAP_PARTY_FLAG_KTHREAD | TRIPMAP_PARTY_FLAG_WORKER;
	r.v.holder.work = EXPIRE;
	tell();
	TM_EXPECT(has_line("other party: delete by expirer "
			   "(pid 22, cpu 0, task, kthread, worker) at "));
	TM_EXPECT(has_line("tripmap: work of the other party: text_expire"));
	TM_EXPECT(!has_line("queued by") && !has_line("work of the victim"));
	r.v.holder.origin.pid = 33;
	r.v.holder.origin.cpu = 3;
	r.v.holder.origin.caller = STORE;
	r.v.holder.origin.n = 2;
	r.v.holder.origin.frame[1] = STORE;
	strscpy(r.v.holder.origin.comm, "queuer", sizeof(r.v.holder.origin.comm));
	tell();
	TM_EXPECT(has_line("work of the other party: text_expire, "
			   "queued by queuer (pid 33, cpu 3) at "));
	TM_EXPECT(has_line("origin of the other party:"));
}

static void expect_bucket(const char *expected)
{
	tell();
	TM_EXPECT(has_line(expected));
}

TM_TEST(buckets)
{
	begin(TRIPMAP_CLASS_WRITE_DURING_WRITE);
	tell();
	TM_EXPECT(!has_line("tripmap: bucket ") && !has_line("shard"));
	r.snap.nlinks = 1;
	r.snap.version = 9;
	r.snap.link[0].index = 17;
	r.snap.link[0].tags = 0x0000000000ff0002ULL;
	expect_bucket("bucket 17: #.#....., change count 9");
	r.snap.nlinks = 2;
	r.snap.link[1].tags = 0x0101010101010101ULL;
	r.snap.left_out = 4;
	r.snap.old = true;
	r.snap.evacuated = true;
	r.snap.torn = true;
	expect_bucket("bucket 17: #.#..... >>>>>>>> and 4 more, change count 9, of the old array, evacuated, torn");
	r.v.shards = 8;
	r.v.shard = 2;
	r.v.entries = 100;
	r.v.buckets = 32;
	r.v.overflow = 1;
	r.v.key_size = 8;
	r.v.value_size = 16;
	r.v.epoch = 5;
	r.v.frozen = true;
	expect_bucket("shard 2 of 8: 100 entries, 32 buckets, 1 overflow buckets, key size 8, value size 16, epoch 5, frozen");
}

TM_TEST(stacks)
{
	unsigned int i;

	begin(TRIPMAP_CLASS_WRITE_DURING_WRITE);
	r.victim_stack.n = TM_REPORT_FRAMES;
	r.holder_stack.n = 1;
	r.holder_stack.frame[0] = EXPIRE;
	for (i = 0; i < TM_REPORT_FRAMES; i++)
		r.victim_stack.frame[i] = STORE;
	tell();
	TM_EXPECT(has_line("stack of the victim:"));
	TM_EXPECT(has_line("tripmap:   and 40 more"));
	TM_EXPECT(!has_line("stack of the other party: "));
	r.victim_stack.n = 1;
	tell();
	TM_EXPECT(!has_line("more"));
	r.holder_stack.n = 0;
	r.half = TRIPMAP_HALF_LEFT;
	tell();
	TM_EXPECT(has_line("stack of the other party: not known, it had left"));
	r.half = TRIPMAP_HALF_TIMEOUT;
	tell();
	TM_EXPECT(has_line("stack of the other party: pending"));
}

static void expect_line(unsigned int n, const char *expected)
{
	if (TM_EXPECT(n < lines))
		TM_EXPECT_STREQ(line[n], expected);
}

/* The order of it all, as the grammar in the documentation has it. */
TM_TEST(whole)
{
	static char expected[TM_REPORT_LINE];

	begin(TRIPMAP_CLASS_WRITE_DURING_WRITE);
	r.v.escalated = true;
	r.action = TRIPMAP_ACTION_WARN;
	r.victim_stack.n = 1;
	r.victim_stack.frame[0] = STORE;
	r.holder_stack.n = 1;
	r.holder_stack.frame[0] = EXPIRE;
	tell();
	snprintf(expected, sizeof(expected),
		 "tripmap: victim: store by storer (pid 11, cpu 1, task) at %s was refused (-16), bucket 17",
		 site(STORE));
	expect_line(2, expected);
	snprintf(expected, sizeof(expected),
		 "tripmap: other party: delete by expirer (pid 22, cpu 0, task) at %s had been inside for up to 12 us",
		 site(EXPIRE));
	expect_line(3, expected);
	expect_line(4, "tripmap: step 1: the guard was held by another party, in a delete");
	expect_line(5, "tripmap: step 2: the victim was in a store");
	expect_line(6, "tripmap: step 3: no resize was under way");
	expect_line(7, "tripmap: hence write-during-write under contract single-writer: refused, action warn, escalated");
	expect_line(8, "tripmap: stack of the victim:");
	snprintf(expected, sizeof(expected), "tripmap:   %s", site(STORE));
	expect_line(9, expected);
	expect_line(10, "tripmap: stack of the other party:");
	snprintf(expected, sizeof(expected), "tripmap:   %s", site(EXPIRE));
	expect_line(11, expected);
	expect_line(12, "tripmap: the whole of it: tripctl report show 42");
	TM_EXPECT_EQ(lines, 13);
}

/* A name that would act upon a terminal, one that is missing, one without an end. */
/* Where a line begins so, from the third on; 0 where there is none. */
static unsigned int find_line(const char *begins)
{
	unsigned int n;

	for (n = 2; n < lines; n++) {
		if (!strncmp(line[n], begins, strlen(begins)))
			return n;
	}
	return 0;
}

TM_TEST(labels)
{
	begin(TRIPMAP_CLASS_WRITE_DURING_WRITE);
	strscpy(r.v.victim.label[0], "flush", TRIPMAP_LABEL_MAX);
	memcpy(r.v.victim.label[1], "sixteen letters\n", TRIPMAP_LABEL_MAX);
	strscpy(r.v.victim.label[2], "sync", TRIPMAP_LABEL_MAX);
	tell();
	expect_line(3, "tripmap: label of the victim: flush < sixteen letters\\n < sync");
	TM_EXPECT(!find_line("tripmap: label of the other"));
	strscpy(r.v.holder.label[0], "expiry", TRIPMAP_LABEL_MAX);
	tell();
	expect_line(5, "tripmap: label of the other party: expiry");
}

#define US		((u64)NSEC_PER_USEC)
#define WINDOW		(5 * 4096)	/* of a number that no other report has */

static const struct tm_spike_rule rule = {
	.count = 3, .consecutive_ns = 100 * US, .tight_ns = 500 * US,
	.near_ns = 500 * US, .far_ns = 1800 * US, .min_ns = 20 * US,
};

static void pause_before(enum tripmap_pause_kind kind, u64 before, u64 ns)
{
	struct tm_event e = {
		.event = TRIPMAP_EVENT_PAUSE, .kind = kind, .time = NOW - before, .duration = ns,
	};

	tm_event_emit(&e);
}

/* A report whose window has been kept. */
static void begin_window(void)
{
	begin(TRIPMAP_CLASS_WRITE_DURING_WRITE);
	r.id = WINDOW;
	tm_flight_exit();
	TM_EXPECT_EQ(tm_flight_init(1024, 64, 10), 0);
	tm_spike_set(&rule);
	tm_event_set_share(1, 0);
	TM_EXPECT_EQ(tm_flight_set(TRIPMAP_RECORDER_ON), 0);
}

static void end_window(void)
{
	tm_flight_clear(WINDOW);
	TM_EXPECT_EQ(tm_flight_set(TRIPMAP_RECORDER_OFF), 0);
}

static void tell_frozen(void)
{
	tm_flight_mark(WINDOW, NOW, false);
	tm_flight_freeze();
	tell();
}

TM_TEST(before)
{
	unsigned int at;

	begin_window();
	pause_before(TRIPMAP_PAUSE_KIND_GROW, 8000 * US, 1250 * US);
	tell_frozen();
	at = find_line("tripmap: 1 grow");
	expect_line(at, "tripmap: 1 grow pause of 1.3 ms, 8.0 ms before");
	expect_line(at + 1, "tripmap: events: 1 kept of the last 10.0 ms");

	pause_before(TRIPMAP_PAUSE_KIND_EVACUATE, 4240 * US, 10 * US);
	pause_before(TRIPMAP_PAUSE_KIND_EVACUATE, 1000 * US, 10 * US);
	pause_before(TRIPMAP_PAUSE_KIND_EVACUATE, 240 * US, 10 * US);
	pause_before(TRIPMAP_PAUSE_KIND_WRITE, 230 * US, 10 * US);
	tm_flight_clear(WINDOW);
	tell_frozen();
	at = find_line("tripmap: 1 grow");
	expect_line(at + 1, "tripmap: 3 evacuate pauses within 4.0 ms, the last 0.2 ms before; high frequency");
	expect_line(at + 2, "tripmap: 4 pauses within 9.0 ms, the last 0.2 ms before; high frequency");
	expect_line(at + 3, "tripmap: events: 5 kept of the last 10.0 ms");
	expect_line(at + 4, "tripmap: stack of the victim:");
	end_window();
}

TM_TEST(before_tight)
{
	unsigned int at;

	begin_window();
	tm_event_set_share(16, 0);
	pause_before(TRIPMAP_PAUSE_KIND_EVACUATE, 400 * US, 10 * US);
	pause_before(TRIPMAP_PAUSE_KIND_EVACUATE, 300 * US, 10 * US);
	tell_frozen();
	at = find_line("tripmap: 2 evacuate");
	expect_line(at, "tripmap: 2 evacuate pauses within 0.1 ms, the last 0.3 ms before; tightly coupled, consecutive");
	expect_line(at + 1, "tripmap: events: 2 kept of the last 10.0 ms; of writes at least one in 16 was observed");
	tm_event_set_share(1, 0);
	end_window();
}

TM_TEST(before_unknown)
{
	begin_window();
	tell();
	TM_EXPECT(!find_line("tripmap: events"));
	tm_flight_mark(WINDOW, NOW, false);
	tell();
	TM_EXPECT(find_line("tripmap: events: still to be copied"));
	tm_flight_freeze();
	end_window();
}

/* What a machine that stops has to say. */
TM_TEST(last_words)
{
	static char expected[TM_REPORT_LINE];
	struct tm_event e = {
		.event = TRIPMAP_EVENT_PAUSE, .kind = TRIPMAP_PAUSE_KIND_EVACUATE, .table = 3,
		.time = NOW + 12345, .duration = 678, .cpu = 1, .pid = 77, .bucket = 9,
	};

	lines = 0;
	tm_report_tell_event(&text, &e, keep_line);
	expect_line(0, "tripmap: event 1000.000012 cpu 1 pause evacuate table 3 pid 77 bucket 9 678 ns");
	e = (struct tm_event){
		.event = TRIPMAP_EVENT_VIOLATION, .kind = TRIPMAP_CLASS_WRITE_DURING_WRITE,
		.op = TRIPMAP_OP_STORE, .result = -16, .bucket = TM_EVENT_NO_BUCKET,
		.caller = STORE, .label.own = "flush", .digest = 0xdead, .key = "secret",
	};
	tm_report_tell_event(&text, &e, keep_line);
	snprintf(expected, sizeof(expected),
		 "tripmap: event 0.000000 cpu 0 violation write-during-write table 0 pid 0 store (-16) label flush at %s",
		 site(STORE));
	expect_line(1, expected);

	begin(TRIPMAP_CLASS_WRITE_DURING_WRITE);
	r.time_real = 1700000000ULL * NSEC_PER_SEC + 5 * NSEC_PER_MSEC;
	lines = 0;
	tm_report_digest(&text, &r, keep_line);
	TM_EXPECT_EQ(lines, 5);
	TM_EXPECT(!strncmp(line[2], "tripmap: victim: ", 17));
	TM_EXPECT(!strncmp(line[3], "tripmap: other party: ", 22));
	expect_line(4, "tripmap: time: 1000.000000 monotonic, 1700000000.005000 since 1970");
}

TM_TEST(names)
{
	begin(TRIPMAP_CLASS_WRITE_DURING_WRITE);
	strscpy(r.v.victim.comm, "a\033[2J\nb", sizeof(r.v.victim.comm));
	r.v.holder.comm[0] = '\0';
	tell();
	TM_EXPECT(has_line("store by a\\e[2J\\nb (pid 11"));
	TM_EXPECT(has_line("delete by unknown (pid 22"));
	memset(r.v.holder.comm, 'x', sizeof(r.v.holder.comm));
	tell();
	TM_EXPECT(has_line("delete by xxxxxxxxxxxxxxxx (pid 22"));
}

/* Keys, values, tags, the word and addresses, as hex digits and as they are. */
static const char * const secrets[] = {
	"a5a5", "A5A5", "a5 a5", "165", "11936128518282651045", "\xa5", "0xff", "deadbeef",
};

TM_TEST(no_secrets)
{
	unsigned int i, n;

	begin(TRIPMAP_CLASS_WRITE_DURING_WRITE);
	r.v.key_size = 8;
	r.v.value_size = 8;
	r.v.shards = 1;
	r.v.word = 0xa5a5a5a5a5a5a5a5ULL;
	r.v.victim.caller = 0xdeadbeefUL;
	r.v.holder.caller = 0xdeadbeefUL;
	r.v.victim.work = 0xdeadbeefUL;
	r.v.victim.key_size = 8;
	r.victim_stack.n = 1;
	r.victim_stack.frame[0] = 0xdeadbeefUL;
	memset(r.v.victim.key, 0xa5, sizeof(r.v.victim.key));
	r.snap.nlinks = TM_REPORT_LINKS;
	memset(r.snap.link, 0xa5, sizeof(r.snap.link));
	r.snap.link[0].index = 0;
	tell();
	TM_EXPECT(has_line("bucket 0: ######## ######## "));
	TM_EXPECT(has_line("tripmap:   unknown"));
	for (n = 0; n < lines; n++) {
		for (i = 0; i < ARRAY_SIZE(secrets); i++) {
			if (!TM_EXPECT(!strstr(line[n], secrets[i])))
				tm_test_note("%s in: %s", secrets[i], line[n]);
		}
	}
}

TM_SUITE(report_text,
	 TM_CASE(writers),
	 TM_CASE(resizing),
	 TM_CASE(readers),
	 TM_CASE(own),
	 TM_CASE(walks),
	 TM_CASE(foreign),
	 TM_CASE(no_table),
	 TM_CASE(destroyed),
	 TM_CASE(exiting),
	 TM_CASE(stale),
	 TM_CASE(forged),
	 TM_CASE(work),
	 TM_CASE(buckets),
	 TM_CASE(stacks),
	 TM_CASE(whole),
	 TM_CASE(labels),
	 TM_CASE(before),
	 TM_CASE(before_tight),
	 TM_CASE(before_unknown),
	 TM_CASE(last_words),
	 TM_CASE(names),
	 TM_CASE(no_secrets));
