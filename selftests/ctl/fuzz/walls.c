// SPDX-License-Identifier: GPL-2.0
/*
 * tripctl's calls of what would reach the machine end here: no file is opened, no
 * process begun, no module loaded, and waiting takes no time. The Makefile gives its
 * objects these names.
 */
#include "walls.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include "kernel.h"
#include "stop.h"

#define WORDS_MAX	16
#define SECOND		1000000000

int tripctl_main(int argc, char **argv);
FILE *walls_fopen(const char *path, const char *mode);
int walls_open(const char *path, int flags, ...);
pid_t walls_fork(void);
int walls_poll(struct pollfd *fds, nfds_t n, int timeout);
void *walls_dlopen(const char *file, int mode);
uint64_t __wrap_mono_ns(void);
void __wrap_stop_on_signals(void);

static uint64_t now;

void walls_reset(void)
{
	now = 1000 * (uint64_t)SECOND;
	stopped = 0;
}

FILE *walls_fopen(const char *path, const char *mode)
{
	(void)path;
	(void)mode;
	errno = EACCES;
	return NULL;
}

int walls_open(const char *path, int flags, ...)
{
	(void)path;
	(void)flags;
	errno = EACCES;
	return -1;
}

pid_t walls_fork(void)
{
	errno = EAGAIN;
	return -1;
}

/* Whoever waits for news in vain is stopped, as by ctrl-C. */
int walls_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	(void)timeout;
	if (!n)
		return 0;
	if (fds->fd >= 0)
		return poll(fds, n, 0);
	if (kernel_has_news())
		return 1;
	stopped = 1;
	return 0;
}

void *walls_dlopen(const char *file, int mode)
{
	(void)file;
	(void)mode;
	return NULL;
}

uint64_t __wrap_mono_ns(void)
{
	now += SECOND / 20;
	return now;
}

void __wrap_stop_on_signals(void)
{
}

void run_tripctl(const char * const *words, const uint8_t *input, size_t n)
{
	char *argv[WORDS_MAX + 2] = { (char *)"tripctl" };
	FILE *real = stdin;
	int argc = 1;

	while (argc <= WORDS_MAX && words[argc - 1]) {
		argv[argc] = (char *)words[argc - 1];
		argc++;
	}
	walls_reset();
	optind = 0;
	stdin = n ? fmemopen((void *)input, n, "r") : NULL;
	if (!stdin)
		stdin = fmemopen((char[]){ 0 }, 1, "w+");
	tripctl_main(argc, argv);
	fclose(stdin);
	stdin = real;
}
