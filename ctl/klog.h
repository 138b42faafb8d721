/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A kernel log as people paste it: with or without time stamps, levels, the
 * prefixes of syslog and journald, mail quotes; wrapped or not.
 */
#ifndef TRIPCTL_KLOG_H
#define TRIPCTL_KLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct klog_line {
	char		*text;		/* what the kernel said, without what stood before */
	unsigned long	number;		/* in the file, from 1 */
};

struct klog {
	struct klog_line *line;
	size_t		n, room;
	bool		no_memory;
};

/* False: it cannot be read, or memory ran out (no_memory). */
bool klog_read(struct klog *log, FILE *f);
void klog_free(struct klog *log);

#define KLOG_SYMBOL	128

/* A frame of a call trace: "symbol+0x1f/0x30 [module]". */
struct klog_frame {
	char		symbol[KLOG_SYMBOL];	/* without the compiler's suffixes */
	char		module[64];		/* empty: the kernel itself */
	bool		unsure;			/* marked ? : may be left over on the stack */
};

/* Is there a frame in the line? */
bool klog_frame(const char *text, struct klog_frame *frame);

#endif /* TRIPCTL_KLOG_H */
