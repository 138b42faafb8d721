/* SPDX-License-Identifier: GPL-2.0 */
/* All there is to count, at one instant: what top and the metrics are made of. */
#ifndef TRIPCTL_SNAPSHOT_H
#define TRIPCTL_SNAPSHOT_H

#include "model.h"
#include "room.h"

struct counter {
	char		name[64];
	uint64_t	value;
};

struct counters {
	struct counter	*c;
	size_t		n;
	bool		failed;		/* memory ran out: some are missing */
};

struct snapshot_table {
	struct table	t;
	struct counters	counters;	/* where they were asked for */
	struct pauses	pauses;		/* the same; none where it has no place of its own */
};

struct snapshot {
	uint64_t	time;		/* ns, CLOCK_MONOTONIC */
	struct features	features;
	struct snapshot_table *table;
	size_t		ntables;
	struct counters	counters;	/* the module's own, where they were asked for */
	struct pauses	pauses;		/* of all tables, by kind */
	struct pauses	cpu_pauses;	/* the same by kind and CPU, where they were asked for */
	bool		failed;		/* memory ran out: tables are missing */
};

void snapshot_free(struct snapshot *s);

/* arg is a struct counters. */
void counters_add(void *arg, const char *name, uint64_t value);
/* NULL: there is none. */
const struct counter *counters_find(const struct counters *all, const char *name);
const struct pause *pauses_find(const struct pauses *all, unsigned int kind);
/* By its number, as a name may be given again. NULL: there is none. */
const struct snapshot_table *snapshot_find(const struct snapshot *s, uint32_t id);

#endif /* TRIPCTL_SNAPSHOT_H */
