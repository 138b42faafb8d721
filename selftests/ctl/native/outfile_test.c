// SPDX-License-Identifier: GPL-2.0
/* Files that are there as a whole or not at all. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "outfile.h"
#include "tap.h"

#define OLD	"what was there\n"
#define NEW	"what is to be there\n"

static char folder[200];

/* Each test has an empty folder, and stands in it. */
static void begin(void)
{
	strcpy(folder, P_tmpdir "/outfile-XXXXXX");
	if (!mkdtemp(folder) || chdir(folder))
		abort();
}

static int names(void)
{
	DIR *d = opendir(".");
	int n = 0;

	for (struct dirent *e = readdir(d); e; e = readdir(d))
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static void end(void)
{
	DIR *d = opendir(".");

	for (struct dirent *e = readdir(d); e; e = readdir(d))
		if (e->d_name[0] != '.')
			unlink(e->d_name);
	closedir(d);
	if (chdir("/") || rmdir(folder))
		abort();
}

static void put(const char *name, const char *text, mode_t mode)
{
	FILE *f = fopen(name, "w");

	fputs(text, f);
	fclose(f);
	chmod(name, mode);
}

static const char *text_of(const char *name)
{
	static char text[200];
	FILE *f = fopen(name, "r");

	if (!f)
		return "(nothing)";
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return text;
}

static mode_t mode_of(const char *name)
{
	struct stat st;

	return lstat(name, &st) ? 0 : st.st_mode;
}

static void new_file(void)
{
	mode_t mask = umask(027);
	struct outfile o;

	begin();
	CHECK(outfile_open(&o, "f"));
	fputs(NEW, o.file);
	CHECK(!mode_of("f"));
	CHECK(outfile_close(&o));
	CHECK_TEXT(text_of("f"), NEW);
	CHECK(mode_of("f") == (S_IFREG | 0640) && names() == 1);
	end();
	umask(mask);
}

static void replaced(void)
{
	struct outfile o;

	begin();
	put("f", OLD, 0604);
	if (!geteuid())
		CHECK(!chown("f", 1000, 1001));
	CHECK(outfile_open(&o, "f"));
	fputs(NEW, o.file);
	fflush(o.file);
	CHECK_TEXT(text_of("f"), OLD);
	CHECK(outfile_close(&o));
	CHECK_TEXT(text_of("f"), NEW);
	CHECK(mode_of("f") == (S_IFREG | 0604) && names() == 1);
	if (!geteuid()) {
		struct stat st;

		CHECK(!stat("f", &st) && st.st_uid == 1000 && st.st_gid == 1001);
	}
	end();
}

static void dropped(void)
{
	struct outfile o;

	begin();
	put("f", OLD, 0644);
	CHECK(outfile_open(&o, "f"));
	fputs(NEW, o.file);
	outfile_drop(&o);
	CHECK_TEXT(text_of("f"), OLD);
	CHECK(names() == 1);
	end();
}

/* As on a disk that is full: some of it can be written. */
static void no_room(void)
{
	struct rlimit was, some;
	struct outfile o;

	begin();
	put("f", OLD, 0644);
	getrlimit(RLIMIT_FSIZE, &was);
	some = (struct rlimit){ 10000, was.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	CHECK(!setrlimit(RLIMIT_FSIZE, &some));
	CHECK(outfile_open(&o, "f"));
	for (int i = 0; i < 2000; i++)
		fputs(NEW, o.file);
	errno = 0;
	CHECK(!outfile_close(&o));
	CHECK(errno == EFBIG);
	setrlimit(RLIMIT_FSIZE, &was);
	CHECK_TEXT(text_of("f"), OLD);
	CHECK(names() == 1);
	end();
}

/* A link stays one; one that leads nowhere leads to the new file. */
static void links(void)
{
	struct outfile o;

	begin();
	put("f", OLD, 0644);
	CHECK(!symlink("f", "link") && !symlink("g", "nowhere"));
	CHECK(outfile_open(&o, "link"));
	fputs(NEW, o.file);
	CHECK(outfile_close(&o));
	CHECK_TEXT(text_of("f"), NEW);
	CHECK(S_ISLNK(mode_of("link")));
	CHECK(outfile_open(&o, "nowhere"));
	fputs(NEW, o.file);
	CHECK(outfile_close(&o));
	CHECK_TEXT(text_of("g"), NEW);
	CHECK(S_ISLNK(mode_of("nowhere")) && names() == 4);
	end();
}

static void no_files(void)
{
	struct outfile o;

	begin();
	CHECK(outfile_open(&o, "/dev/null"));
	CHECK(outfile_close(&o));
	CHECK(S_ISCHR(mode_of("/dev/null")));
	CHECK(outfile_open(&o, "/dev/full"));
	fputs(NEW, o.file);
	CHECK(!outfile_close(&o) && errno == ENOSPC);
	CHECK(outfile_open(&o, "-") && o.file == stdout);
	CHECK(outfile_close(&o));
	CHECK(!outfile_open(&o, "no/such") && errno == ENOENT);
	CHECK(!outfile_open(&o, ".") && errno == EISDIR);
	CHECK(names() == 0);
	end();
}

/* In a process of its own: which signal ended it, 0 none. */
static int killed_by(int signal)
{
	int status = 0;
	struct outfile o;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		outfile_open(&o, "f");
		fputs(NEW, o.file);
		fflush(o.file);
		raise(signal);
		_exit(!outfile_close(&o));
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void killed(void)
{
	/* What began the tests may have been deaf to them. */
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	begin();
	put("f", OLD, 0644);
	CHECK(killed_by(SIGTERM) == SIGTERM);
	CHECK_TEXT(text_of("f"), OLD);
	CHECK(killed_by(SIGINT) == SIGINT);
	CHECK_TEXT(text_of("f"), OLD);
	CHECK(names() == 1);
	signal(SIGHUP, SIG_IGN);
	CHECK(killed_by(SIGHUP) == 0);
	signal(SIGHUP, SIG_DFL);
	CHECK_TEXT(text_of("f"), NEW);
	CHECK(names() == 1);
	end();
}

const struct tap_test outfile_tests[] = {
	{ "outfile: a new one", new_file },
	{ "outfile: takes the place of another", replaced },
	{ "outfile: dropped", dropped },
	{ "outfile: no room for all of it", no_room },
	{ "outfile: links", links },
	{ "outfile: what is no file", no_files },
	{ "outfile: killed while it is written", killed },
	{ NULL, NULL },
};
