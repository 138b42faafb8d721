/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file that is there as a whole or not at all: it is written beside what it
 * replaces, and takes its place, mode and owner when all of it is on the disk.
 * Should the program be killed before, it is removed. Standard output, devices and
 * pipes are written to as they are.
 */
#ifndef TRIPCTL_OUTFILE_H
#define TRIPCTL_OUTFILE_H

#include <stdbool.h>
#include <stdio.h>

struct outfile {
	FILE		*file;		/* to write to */
	const char	*name;		/* for messages */
	char		*path;		/* what it shall become; NULL: it is that */
	char		*temporary;	/* what it is called until then; NULL with path */
};

/* NULL, "-": standard output. False: errno says why. One at a time. */
bool outfile_open(struct outfile *o, const char *name);
/* All was written to it: put it into its place. False: it is not there; errno says why. */
bool outfile_close(struct outfile *o);
/* Leave what was there as it was. */
void outfile_drop(struct outfile *o);

#endif /* TRIPCTL_OUTFILE_H */
