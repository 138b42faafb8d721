// SPDX-License-Identifier: GPL-2.0
/*
 * fault_helper list: names of requests.
 * fault_helper NAME: while the kernel works on that request, its 1st allocation fails,
 *	then its 2nd, its 3rd, until there is none left to fail. Each time it was done
 *	as if nothing had happened, or it was refused and nothing has changed.
 *
 * This is tripctl itself: commands run in this process, and libnl's calls that enter
 * the kernel lead here (see the Makefile). Exit code 1: not so; why is printed.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <malloc.h>
#include <netlink/netlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "words.h"

#define WORDS_MAX	32
#define LINE_SIZE	400
#define MOST		5000		/* allocations of one request, for sure fewer */
#define POOL		(64 << 20)	/* bytes that this process may use without asking */

int tripctl_main(int argc, char **argv);
int __real_nl_send_auto(struct nl_sock *s, struct nl_msg *msg);
int __wrap_nl_send_auto(struct nl_sock *s, struct nl_msg *msg);
int __real_nl_recvmsgs_default(struct nl_sock *s);
int __wrap_nl_recvmsgs_default(struct nl_sock *s);

/* Commands of tripctl, one a line. */
struct request {
	const char	*name;
	const char	*prepare;
	const char	*then;		/* by way of another socket; may fail */
	const char	*act;		/* @ in it stands for the last report */
	const char	*input;		/* of act */
	const char	*kept;		/* shows what it leaves as it is where it is refused */
	bool		parts;		/* what it does is done in parts, not all or nothing */
};

/* With a seed that is known dumps have the same order each time. */
#define SEED	"seed 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f "
#define TABLE	"table add t key u32 value str:200 bits 2 " SEED "on all report\n"
#define SMALL	"table add t key u32 value u32 bits 2 " SEED "on all report\n"
#define SOME	TABLE "set t 1 one\nset t 2 two\n"
#define REPORT	SOME "report clear\n" \
	"table add f key u8 value u8 contract owner on foreign-writer report\n"
/* The socket that made a table owns it, another one does not: that is reported. */
#define FOREIGN	"set f 1 1\n"
#define COUNTED	SOME "pause on\nset t 4 four\npause off\n"
#define FILE_OF_THREE "tripmap-save 1\ntable t key u32 value str:200 bits 2\n" \
	"5 five\n6 six\n7 seven\nend 3\n"

static const struct request requests[] = {
	{ "table-new", "", .act = "table add t key u32 value u32 contract shared shards 8" },
	{ "table-new-copies", "",
	  .act = "table add t key u8 value u8 contract shared sync snapshot" },
	{ "table-set", SOME,
	  .act = "table set t on write-during-write count escalate report 3 10s" },
	{ "table-freeze", SOME, .act = "table freeze t" },
	{ "table-flush", SOME, .act = "table flush t" },
	{ "table-del", SOME, .act = "table del t" },
	{ "table-get", SOME, .act = "table show t" },
	{ "table-dump", SOME, .act = "table show" },
	{ "table-repair", SOME, .act = "repair t" },
	{ "entry-set", SOME, .act = "set t 3 three" },
	{ "entry-set-label", SOME, .act = "set t 3 three label one parent two" },
	{ "entry-set-over", SOME, .act = "set t 1 three" },
	{ "entry-swap", SOME, .act = "set t 1 three expect one" },
	{ "entry-set-bulk", SOME, .act = "restore -", .input = FILE_OF_THREE, .parts = true },
	{ "entry-get", SOME, .act = "get t 1" },
	{ "entry-take", SOME, .act = "take t 1" },
	{ "entry-del", SOME, .act = "del t 1" },
	{ "entry-dump", SOME, .act = "dump t" },
	{ "entry-dump-snapshot", SOME, .act = "dump t snapshot" },
	{ "bucket-get", SOME, .act = "bucket show t 0" },
	{ "bucket-map", SOME, .act = "bucket show t map" },
	{ "stats-get", SOME, .act = "stats t" },
	{ "stats-get-all", SOME, .act = "stats" },
	{ "features-get", "", .act = "features" },
	{ "report-get", REPORT, FOREIGN, .act = "report show @ events" },
	{ "report-dump", REPORT, FOREIGN, .act = "report list" },
	{ "report-clear", REPORT, FOREIGN, .act = "report clear" },
	{ "audit-get", SOME, .act = "audit" },
	{ "inject", SMALL, .act = "inject t grow" },
	{ "pause-set", COUNTED, .act = "pause on", .kept = "pause show t\n" },
	{ "pause-reset", COUNTED, .act = "pause reset", .kept = "pause show t\n" },
	{ "pause-get", SOME "pause on\nset t 4 four\n", .act = "pause show t" },
	{ "pause-recent", SOME "pause on\nset t 4 four\n", .act = "pause recent" },
};

/* What is looked at before and after. */
static const char looks[] = "table show\nreport list\ndump t\n";

/* --- allocations that fail --- */

static struct {
	int		fd;		/* of fail-nth, this task's */
	bool		on;		/* within the act */
	unsigned int	next;		/* of the allocations to come this one fails; 0: it has */
} fault = { .fd = -1 };

static void fault_write(unsigned int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	if (pwrite(fault.fd, text, (size_t)len, 0) != len) {
		perror("fail-nth");
		exit(1);
	}
}

static void fault_enter(void)
{
	if (fault.on && fault.next)
		fault_write(fault.next);
}

static void fault_leave(void)
{
	char text[16] = "";

	if (!fault.on || !fault.next)
		return;
	if (pread(fault.fd, text, sizeof(text) - 1, 0) <= 0) {
		perror("fail-nth");
		exit(1);
	}
	fault.next = (unsigned int)strtoul(text, NULL, 10);
	fault_write(0);
}

int __wrap_nl_send_auto(struct nl_sock *s, struct nl_msg *msg)
{
	int rc;

	fault_enter();
	rc = __real_nl_send_auto(s, msg);
	fault_leave();
	return rc;
}

int __wrap_nl_recvmsgs_default(struct nl_sock *s)
{
	int rc;

	fault_enter();
	rc = __real_nl_recvmsgs_default(s);
	fault_leave();
	return rc;
}

/* This process asks the kernel for no memory while it is in a request. */
static void keep_memory(void)
{
	void *pool;

	mallopt(M_MMAP_THRESHOLD, POOL);
	mallopt(M_TRIM_THRESHOLD, POOL);
	mallopt(M_TOP_PAD, POOL);
	pool = malloc(POOL / 2);
	if (!pool || mlockall(MCL_CURRENT | MCL_FUTURE))
		perror("memory");
	free(pool);
	fault.fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (fault.fd < 0) {
		perror("/proc/thread-self/fail-nth");
		exit(1);
	}
}

/* --- commands --- */

/* What a command printed. */
struct said {
	char	*out, *err;
	size_t	out_len, err_len;
};

static void said_drop(struct said *s)
{
	free(s->out);
	free(s->err);
}

/* The streams are this process' own for the while. */
static int run_words(int argc, char **argv, const char *input, struct said *s)
{
	FILE *in = stdin, *out = stdout, *err = stderr;
	int rc;

	stdin = input ? fmemopen((void *)input, strlen(input), "r") : in;
	stdout = open_memstream(&s->out, &s->out_len);
	stderr = open_memstream(&s->err, &s->err_len);
	optind = 0;
	rc = tripctl_main(argc, argv);
	fclose(stdout);
	fclose(stderr);
	if (input)
		fclose(stdin);
	stdin = in;
	stdout = out;
	stderr = err;
	return rc;
}

static int run_line(const char *line, const char *input, struct said *s)
{
	char *argv[WORDS_MAX + 2] = { (char *)"tripctl" }, text[LINE_SIZE], *at = text;
	struct word w;
	int argc = 1;

	snprintf(text, sizeof(text), "%s", line);
	while (argc <= WORDS_MAX && word_next(&at, &w) > 0)
		argv[argc++] = w.text;
	return run_words(argc, argv, input, s);
}

/* All lines, in one run; what they print is added to a text, unless it is NULL. */
static void run_lines(const char *lines, bool may_fail, FILE *to)
{
	struct said s = { 0 };
	int rc;

	if (!*lines)
		return;
	rc = run_line(may_fail ? "-j --force -b -" : "-j -b -", lines, &s);
	if (rc && !may_fail) {
		printf("exit code %d: %s", rc, s.err);
		exit(1);
	}
	if (to)
		fprintf(to, "%s%s", s.out, s.err);
	said_drop(&s);
}

/* Numbers that never come twice, and times, are not compared. */
static void drop_numbers(char *text)
{
	static const char * const names[] = {
		"\"id\":", "\"time\":", "\"time_mono\":", "\"since\":", "\"until\":",
		"\"monotonic\":", "\"memory\":",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		for (char *at = text; (at = strstr(at, names[i])); ) {
			at += strlen(names[i]);
			memmove(at, at + strspn(at, "0123456789"),
				strlen(at + strspn(at, "0123456789")) + 1);
		}
	}
}

static char *look(const char *lines)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	run_lines(lines, true, f);
	fclose(f);
	drop_numbers(text);
	return text;
}

/* --- requests --- */

struct outcome {
	char	*before, *after;
	char	*kept_before, *kept_after;
	int	rc;
	struct said said;
	bool	failed;		/* an allocation has */
};

static void outcome_drop(struct outcome *o)
{
	free(o->before);
	free(o->after);
	free(o->kept_before);
	free(o->kept_after);
	said_drop(&o->said);
}

/* The line of a request, with the id of the last report. */
static void line_of(const struct request *r, char *line)
{
	const char *at = strchr(r->act, '@'), *id;
	struct said s = { 0 };

	snprintf(line, LINE_SIZE, "-j %s", r->act);
	if (!at)
		return;
	run_line("-j report list", NULL, &s);
	id = strstr(s.out, "\"id\":");
	if (id)
		snprintf(line, LINE_SIZE, "-j %.*s%lu%s", (int)(at - r->act), r->act,
			 strtoul(id + strlen("\"id\":"), NULL, 10), at + 1);
	said_drop(&s);
}

/* The request with its nth allocation failing; 0: with none. */
static void act(const struct request *r, unsigned int nth, struct outcome *o)
{
	char line[LINE_SIZE];

	memset(o, 0, sizeof(*o));
	run_lines("table del t\ntable del f\n", true, NULL);
	run_lines(r->prepare, false, NULL);
	run_lines(r->then ? r->then : "", true, NULL);
	o->before = look(looks);
	o->kept_before = look(r->kept ? r->kept : "");
	line_of(r, line);
	fault.next = nth;
	fault.on = nth > 0;
	o->rc = run_line(line, r->input, &o->said);
	fault.on = false;
	o->failed = nth && !fault.next;
	o->kept_after = look(r->kept ? r->kept : "");
	o->after = look(looks);
}

/* An answer that could not be delivered tells nothing of what was done. */
static bool answer_lost(const struct outcome *o)
{
	return strstr(o->said.err, "no answer from the kernel");
}

static bool as_it_should(const struct request *r, const struct outcome *o, const char *good)
{
	if (!o->rc)
		return !strcmp(o->after, good);
	if (!strstr(o->said.err, "\"ENOMEM\"") && !strstr(o->said.err, "\"ENOBUFS\""))
		return false;
	if (answer_lost(o) && !strcmp(o->after, good))
		return true;
	return r->parts || (!strcmp(o->after, o->before) &&
			    !strcmp(o->kept_after, o->kept_before));
}

static int complain(const struct request *r, unsigned int nth, const struct outcome *o,
		    const char *good)
{
	printf("%s, allocation %u: exit code %d: %s\n", r->name, nth, o->rc, o->said.err);
	printf("before:\n%s%s\nafter:\n%s%s\ngood:\n%s\n", o->before, o->kept_before, o->after,
	       o->kept_after, good);
	return 1;
}

static int fail_each(const struct request *r)
{
	unsigned int nth, refused = 0, told = 0;
	struct outcome o;
	bool more = true;
	char *good;

	act(r, 0, &o);
	good = strdup(o.after);
	if (o.rc)
		return complain(r, 0, &o, good);
	outcome_drop(&o);
	for (nth = 1; more && nth < MOST; nth++) {
		act(r, nth, &o);
		if (!as_it_should(r, &o, good))
			return complain(r, nth, &o, good);
		more = o.failed;
		refused += o.rc != 0;
		told += o.rc && !strstr(o.said.err, strerror(ENOMEM));
		outcome_drop(&o);
	}
	free(good);
	printf("%s: %u allocations failed, %u times it was refused, %u times with a text\n",
	       r->name, nth - 2, refused, told);
	/* At least the message itself needs memory. */
	return nth < MOST && refused ? 0 : 1;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (!strcmp(argv[1], "list"))
			puts(requests[i].name);
		if (strcmp(argv[1], requests[i].name))
			continue;
		keep_memory();
		return fail_each(&requests[i]);
	}
	return argc == 2 && !strcmp(argv[1], "list") ? 0 : 2;
}
