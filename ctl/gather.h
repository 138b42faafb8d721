/* SPDX-License-Identifier: GPL-2.0 */
/* Asks the kernel for a snapshot. */
#ifndef TRIPCTL_GATHER_H
#define TRIPCTL_GATHER_H

#include "snapshot.h"
#include "wire.h"

/* What to ask for beyond tables, features and the pauses of all tables. */
struct gather {
	const char	*table;		/* this one only; NULL: all */
	bool		counters;	/* of the module and of each table */
	bool		kinds;		/* each table's pauses of all kinds, else of kind write */
	bool		cpus;		/* pauses by CPU */
};

/*
 * Returns 0 or a negative errno, as told by wire_problem(). A module that does
 * not count pauses is no error, nor is a table that is gone meanwhile.
 */
int gather(struct wire *w, const struct gather *what, struct snapshot **s);

#endif /* TRIPCTL_GATHER_H */
