// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz [OPTION]...: sends messages to the netlink family tripmap, valid ones, nearly
 * valid ones and hostile ones, and judges what comes back.
 *
 *   --seed N        what the messages are made from (1)
 *   --count N       how many (20000)
 *   --for SECONDS   as many as can be sent meanwhile, at most
 *   --workers N     processes at a time (3)
 *   --only COMMAND  requests of this command only, such as entry-set
 *   --replay N/N..  do not send; print this message as findings name it
 *
 * Exits with 1 when there was a finding, with 2 when it could not run.
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

struct sums *sums;

void die(const char *format, ...)
{
	int error = errno;
	va_list ap;

	va_start(ap, format);
	fputs("fuzz: ", stderr);
	errno = error;
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(2);
}

static uint64_t number(const char *text)
{
	char *end;
	uint64_t n = strtoull(text, &end, 0);

	if (!*text || *end)
		die("not a number: %s", text);
	return n;
}

static int command(const char *name)
{
	for (int cmd = 0; cmd < COMMANDS_MAX; cmd++)
		if (command_of(cmd) && !strcmp(command_of(cmd)->name, name))
			return cmd;
	die("there is no command %s", name);
}

/* Every command of the family has to be known here, by its name and its weight. */
static void check_commands(const struct family *f)
{
	for (int cmd = 0; cmd < COMMANDS_MAX; cmd++)
		if (!family_op(f, cmd) != !command_of(cmd))
			die("command %d: the %s does not know it", cmd,
			    command_of(cmd) ? "family" : "fuzzer");
}

/* The first number makes a message, the others change it. */
static void replay(const struct maker *mk, char *path)
{
	static struct message m;
	char *n = strtok(path, "/");

	if (!n)
		die("no message is named");
	make_message(mk, number(n), &m);
	while ((n = strtok(NULL, "/")))
		change_message(mk, number(n), &m);
	show(mk->family, &m);
}

/* --- sums --- */

static unsigned long long sum(uint64_t n)
{
	return n;
}

static void print_messages(const struct run *run)
{
	printf("messages  %llu of seed %llu, %llu episodes, %u at a time\n", sum(sums->sent),
	       sum(run->maker.seed), sum(sums->episodes), run->workers);
	printf("kinds     %llu valid, %llu nearly valid, %llu hostile, %llu changed\n",
	       sum(sums->kind[KIND_VALID]), sum(sums->kind[KIND_NEARLY]),
	       sum(sums->kind[KIND_HOSTILE]), sum(sums->kind[KIND_CHANGED]));
	if (sums->kcov)
		printf("places    %u of the module reached\n", reached_count(run->reached));
	else
		printf("places    unknown: blind, this kernel has no KCOV\n");
	printf("besides   %llu messages with data, %llu notifications\n", sum(sums->data),
	       sum(sums->heard));
	printf("          %llu dumps not taken, %llu overruns, %llu not sent\n",
	       sum(sums->closed), sum(sums->overruns), sum(sums->unsent));
}

static void print_sums(const struct run *run)
{
	int i;

	print_messages(run);
	for (i = 0; i < COMMANDS_MAX; i++)
		if (command_of(i))
			printf("command   %-16s %llu\n", command_of(i)->name,
			       sum(sums->command[i]));
	for (i = 0; i < 256; i++)
		if (sums->answers[i])
			printf("answer    %-16s %llu, %llu with a text\n",
			       i ? strerrorname_np(i) : "success", sum(sums->answers[i]),
			       sum(sums->texts[i]));
	printf("findings  %llu\n", sum(sums->findings));
}

static void run_all(const struct run *run)
{
	unsigned int i;
	int status;

	for (i = 0; i < run->workers; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork: %m");
		if (!pid) {
			work(run, i);
			exit(0);
		}
	}
	while (wait(&status) > 0)
		if (status)
			die("a worker ended with status %#x", status);
}

static void usage(void)
{
	die("fuzz [--seed N] [--count N] [--for SECONDS] [--workers N] [--only COMMAND] [--replay N/N...]");
}

/* What the command line says, into run; the message to be printed, or NULL. */
static char *parse(int argc, char **argv, struct run *run)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "count", required_argument, NULL, 'c' },
		{ "for", required_argument, NULL, 'f' },
		{ "workers", required_argument, NULL, 'w' },
		{ "only", required_argument, NULL, 'o' },
		{ "replay", required_argument, NULL, 'r' },
		{}
	};
	char *path = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 's')
			run->maker.seed = number(optarg);
		else if (option == 'c')
			run->count = number(optarg);
		else if (option == 'f')
			run->seconds = number(optarg);
		else if (option == 'w')
			run->workers = number(optarg);
		else if (option == 'o')
			run->maker.only = command(optarg);
		else if (option == 'r')
			path = optarg;
		else
			usage();
	}
	if (optind < argc || !run->workers)
		usage();
	return path;
}

int main(int argc, char **argv)
{
	static struct family family;
	struct run run = { .maker = { .family = &family, .seed = 1, .only = -1 },
			   .count = 20000, .workers = 3 };
	char *path = parse(argc, argv, &run);

	family_ask(&family);
	check_commands(&family);
	if (path) {
		replay(&run.maker, path);
		return 0;
	}
	sums = mmap(NULL, sizeof(*sums), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sums == MAP_FAILED)
		die("no memory: %m");
	run.reached = reached_new();
	run_all(&run);
	print_sums(&run);
	return sums->findings || !sums->sent || (!run.seconds && sums->sent != run.count);
}
