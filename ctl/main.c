// SPDX-License-Identifier: GPL-2.0
/* tripctl: options, the choice of the command, batches. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "err.h"
#include "out.h"
#include "words.h"

#define WORDS_MAX	256	/* of a line of a batch */

struct options {
	bool		json;
	bool		pretty;
	bool		force;
	bool		progress;
	const char	*batch;
	const char	*netns;
};

static const struct cmd * const commands[] = {
	&cmd_table, &cmd_set, &cmd_get, &cmd_del, &cmd_take, &cmd_dump, &cmd_save, &cmd_restore,
	&cmd_bucket, &cmd_stats, &cmd_report, &cmd_monitor, &cmd_load, &cmd_features,
	&cmd_repair, &cmd_inject, &cmd_audit, &cmd_classify, &cmd_scenario, &cmd_pause,
	&cmd_top,
};

static const char usage[] =
"usage: tripctl [OPTIONS] COMMAND ...\n"
"       tripctl [OPTIONS] -b FILE\n"
"\n"
"  table     make, show, change and remove tables\n"
"  set       store an entry              get       look an entry up\n"
"  del       remove an entry             take      look up and remove\n"
"  dump      print all entries\n"
"  save      write a table to a file     restore   read it back\n"
"  bucket    draw buckets                stats     print counters\n"
"  report    what was caught             monitor   print it as it happens\n"
"  classify  say what a pasted kernel log tells (needs no module)\n"
"  load      write and read at full speed, from several processes\n"
"  scenario  violations made to order    inject    let something go wrong\n"
"  repair    take a guard from a writer that is gone\n"
"  pause     who was held up, how long and why\n"
"  top       what the tables do, live\n"
"  audit     what was changed by hand\n"
"  features  what the loaded module can do\n"
"\n"
"  tripctl COMMAND help says more.\n"
"\n"
"  -j, --json         JSON instead of text; errors too\n"
"  -p, --pretty       JSON with line breaks\n"
"  -b, --batch FILE   commands from FILE, one a line (-: standard input)\n"
"      --force        go on behind a line of the batch that fails\n"
"  -N, --netns NAME   in another network namespace\n"
"      --progress     show how far long work is, also when stderr is no terminal\n"
"  -V, --version      print the version\n"
"  -h, --help         print this\n"
"\n"
"Exit status: 0 done, 1 refused or failed, 2 wrong usage.\n";

static const struct cmd *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

/* What was printed is not done before it is written. */
static int written(int rc)
{
	if (!rc && !out_flush())
		return err_failed(NULL, "standard output: %s", strerror(errno));
	return rc;
}

/* "tripctl COMMAND help" and "tripctl help [COMMAND]". */
static int help(const struct cmd *cmd)
{
	if (cmd)
		printf("usage: tripctl %s", cmd->help);
	else
		fputs(usage, stdout);
	return written(CTL_OK);
}

static int run_words(struct ctl *c, char **word, int n)
{
	const struct cmd *cmd = find(word[0]);
	struct args a = { .command = word[0], .word = word + 1, .n = n - 1 };
	int rc;

	if (!strcmp(word[0], "help")) {
		cmd = a.n ? find(a.word[0]) : NULL;
		if (a.n && !cmd)
			return err_usage("there is no command \"%s\" (see tripctl help)",
					 a.word[0]);
		return help(cmd);
	}
	if (!cmd)
		return err_usage("there is no command \"%s\" (see tripctl help)", word[0]);
	for (int i = 0; i < a.n && i < 2; i++)
		if (!strcmp(a.word[i], "-h") || !strcmp(a.word[i], "--help"))
			return help(cmd);
	if (a.n && !strcmp(a.word[0], "help"))
		return help(cmd);
	rc = cmd->run(c, &a);
	out_end_all();
	return written(rc);
}

/* A line in words; -1 has been told. */
static int split(char *line, char **text)
{
	struct word w;
	int n = 0, rc;

	while ((rc = word_next(&line, &w)) > 0) {
		if (n == WORDS_MAX || strlen(w.text) != w.len) {
			err_usage(n == WORDS_MAX ? "too many words" :
				  "a zero byte cannot be part of a word");
			return -1;
		}
		text[n++] = w.text;
	}
	if (rc < 0)
		err_usage("a quote without its end, or a wrong escape");
	return rc < 0 ? -1 : n;
}

/* To C a line ends at a zero byte, so that what is behind it would be passed over. */
static int run_line(struct ctl *c, char *line, size_t len)
{
	char *text[WORDS_MAX];
	int n;

	if (strlen(line) != len)
		return err_usage("a zero byte cannot be part of a line");
	n = split(line, text);
	if (n < 0)
		return CTL_USAGE;
	return n ? run_words(c, text, n) : CTL_OK;
}

/* With force the first failure is still what the lines end with. */
static int run_lines(struct ctl *c, FILE *f, const char *name, bool force)
{
	unsigned long number = 0;
	char *line = NULL;
	size_t room = 0;
	ssize_t len = 0;
	int rc = CTL_OK, line_rc;

	while ((force || !rc) && (len = getline(&line, &room, f)) >= 0) {
		err_enter(name, ++number);
		line_rc = run_line(c, line, (size_t)len);
		err_leave();
		rc = rc ? rc : line_rc;
	}
	if (len < 0 && !feof(f)) {
		line_rc = err_failed(NULL, "batch: %s: %s", name, strerror(errno));
		rc = rc ? rc : line_rc;
	}
	free(line);
	return rc;
}

static int run_batch(struct ctl *c, const char *name, bool force)
{
	FILE *f = strcmp(name, "-") ? fopen(name, "r") : stdin;
	int rc;

	if (!f)
		return err_failed(NULL, "batch: %s: %s", name, strerror(errno));
	rc = run_lines(c, f, f == stdin ? "(stdin)" : name, force);
	if (f != stdin)
		fclose(f);
	return rc;
}

static int enter_netns(const char *name)
{
	char path[300];
	int fd, err = 0;

	snprintf(path, sizeof(path), strchr(name, '/') ? "%s" : "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err = errno;
	if (fd >= 0)
		close(fd);
	return err ? err_failed(NULL, "network namespace %s: %s", name, strerror(err)) : CTL_OK;
}

static int wrong_options(void)
{
	fputs(usage, stderr);
	return CTL_USAGE;
}

/* Returns -1 to go on, or the exit code. */
static int take_options(int argc, char **argv, struct options *o)
{
	enum { FORCE = 256, PROGRESS };
	static const struct option known[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "pretty", no_argument, NULL, 'p' },
		{ "batch", required_argument, NULL, 'b' },
		{ "force", no_argument, NULL, FORCE },
		{ "netns", required_argument, NULL, 'N' },
		{ "progress", no_argument, NULL, PROGRESS },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "+jpb:N:Vh", known, NULL)) >= 0) {
		switch (opt) {
		case 'j':
			o->json = true;
			break;
		case 'p':
			o->pretty = true;
			break;
		case 'b':
			o->batch = optarg;
			break;
		case FORCE:
			o->force = true;
			break;
		case 'N':
			o->netns = optarg;
			break;
		case PROGRESS:
			o->progress = true;
			break;
		case 'V':
			printf("tripctl %s, family version %d\n", TRIPCTL_VERSION,
			       TRIPMAP_FAMILY_VERSION);
			return written(CTL_OK);
		case 'h':
			return help(NULL);
		default:
			return wrong_options();
		}
	}
	return -1;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct ctl c = { 0 };
	int rc = take_options(argc, argv, &o);

	if (rc >= 0)
		return rc;
	out_init(o.json || o.pretty, o.pretty);
	if (!o.batch && optind == argc)
		return wrong_options();
	if (o.batch && optind < argc)
		return err_usage("a batch and a command (\"%s\") exclude each other",
				 argv[optind]);
	if (o.netns && enter_netns(o.netns))
		return CTL_FAILED;
	c.wire = wire_create();
	c.progress = o.progress || (!o.json && isatty(STDERR_FILENO));
	if (!c.wire)
		return err_failed(NULL, "out of memory");
	if (o.batch)
		rc = run_batch(&c, o.batch, o.force);
	else
		rc = run_words(&c, argv + optind, argc - optind);
	wire_destroy(c.wire);
	return rc;
}
