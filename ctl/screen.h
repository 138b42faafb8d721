/* SPDX-License-Identifier: GPL-2.0 */
/* tripctl top on a terminal. */
#ifndef TRIPCTL_SCREEN_H
#define TRIPCTL_SCREEN_H

#include "top.h"

/* Where snapshots come from. */
struct screen_source {
	/* Returns 0 or a negative errno, which ends it. */
	int		(*take)(void *arg, struct snapshot **s);
	/* All counters and pauses of one table; they are freed by the caller. */
	void		(*details)(void *arg, const struct table *t, struct counters *c,
				   struct pauses *p);
	void		*arg;
	uint64_t	interval_ms;
	uint64_t	count;		/* snapshots, 0: no end */
};

/* Until somebody quits. Returns 0, or what take() did; -ENOTTY where no screen can be had. */
int screen_run(const struct screen_source *source);

#endif /* TRIPCTL_SCREEN_H */
