// SPDX-License-Identifier: GPL-2.0
#include "outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model.h"
#include "when.h"

/* To be removed by whoever ends the program; NULL: there is none. */
static const char *volatile unfinished;

static void on_signal(int signal)
{
	if (unfinished)
		unlink(unfinished);
	raise(signal);
}

/* Those that end the program still do; those that are ignored still are. */
static void remove_on_signals(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM };
	const struct sigaction sa = {
		.sa_handler = on_signal, .sa_flags = SA_RESETHAND | SA_NODEFER,
	};
	struct sigaction old;

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (!sigaction(signals[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &sa, NULL);
}

/* What the new file is to replace, or to be; NULL: that is no file, and is written to. */
static char *place_of(const char *name)
{
	struct stat st;

	if (!stat(name, &st))
		return S_ISREG(st.st_mode) ? realpath(name, NULL) : NULL;
	/* A link that leads nowhere leads to a new file when it is opened. */
	return lstat(name, &st) ? strdup(name) : NULL;
}

/* Only who may write to what is there may replace it, by what looks the same. */
static bool take_after(int fd, const char *path)
{
	struct stat old, new;

	if (stat(path, &old))
		return errno == ENOENT;
	if (euidaccess(path, W_OK) || fstat(fd, &new))
		return false;
	if ((old.st_uid != new.st_uid || old.st_gid != new.st_gid) &&
	    fchown(fd, old.st_uid, old.st_gid))
		return false;
	return !fchmod(fd, old.st_mode & 07777);
}

static void forget(struct outfile *o)
{
	unfinished = NULL;
	free(o->temporary);
	free(o->path);
}

/* Nothing is left of it; errno stays. */
static void discard(struct outfile *o)
{
	int err = errno;

	if (o->temporary)
		unlink(o->temporary);
	forget(o);
	errno = err;
}

static bool open_beside(struct outfile *o)
{
	char *name;
	int fd;

	if (asprintf(&name, "%s.%llx.tmp", o->path, (unsigned long long)mono_ns()) < 0)
		return false;
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0) {
		free(name);
		return false;
	}
	unfinished = o->temporary = name;
	remove_on_signals();
	o->file = take_after(fd, o->path) ? fdopen(fd, "w") : NULL;
	if (!o->file)
		close(fd);
	return o->file;
}

bool outfile_open(struct outfile *o, const char *name)
{
	*o = (struct outfile){ .file = stdout, .name = "standard output" };
	if (!name || !strcmp(name, "-"))
		return true;
	o->name = name;
	o->path = place_of(name);
	if (!o->path) {
		o->file = fopen(name, "w");
		return o->file;
	}
	if (open_beside(o))
		return true;
	discard(o);
	return false;
}

/* A crash shall not bring back what was replaced. Not all file systems need that. */
static void sync_folder(char *path)
{
	int fd = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static bool written(const struct outfile *o)
{
	return !fflush(o->file) && !ferror(o->file) &&
	       (!o->temporary || !fsync(fileno(o->file)));
}

bool outfile_close(struct outfile *o)
{
	bool good = written(o);
	int err = errno;

	if (o->file != stdout && fclose(o->file) && good) {
		good = false;
		err = errno;
	}
	errno = err;
	if (!good || (o->temporary && rename(o->temporary, o->path))) {
		discard(o);
		return false;
	}
	if (o->temporary)
		sync_folder(o->path);
	forget(o);
	return true;
}

void outfile_drop(struct outfile *o)
{
	if (o->file != stdout)
		fclose(o->file);
	discard(o);
}
