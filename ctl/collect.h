/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All entries of a table in memory, as they belong together: a dump that is
 * interrupted is begun again, a bounded number of times, and nothing of it is
 * shown before it is whole.
 */
#ifndef TRIPCTL_COLLECT_H
#define TRIPCTL_COLLECT_H

#include "cmd.h"

struct collection {
	struct table	table;
	uint8_t		*entries;	/* key and value side by side */
	uint64_t	n;
	uint64_t	room;		/* of entries, in entries */
	uint64_t	progress_ms;
	struct ctl	*ctl;
	bool		no_memory;
	struct place	from;		/* begin there, if known; unknown: at the begin */
	struct place	next;		/* where what was left out begins; unknown: nothing was */
};

/* All of all->table; returns 0 or the exit code of a failure, which has been told. */
int collect(struct ctl *c, const struct args *a, struct collection *all,
	    const struct dump_wish *wish);
void collect_free(struct collection *all);
const void *collect_entry(const struct collection *all, uint64_t i);

#endif /* TRIPCTL_COLLECT_H */
