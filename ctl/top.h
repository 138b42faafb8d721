/* SPDX-License-Identifier: GPL-2.0 */
/* What tripctl top knows: two snapshots, what came between them, the last minute. */
#ifndef TRIPCTL_TOP_H
#define TRIPCTL_TOP_H

#include "snapshot.h"

#define MINUTE	60		/* seconds that a line of the past holds */

/* A rate over the last minute, second by second. */
struct past {
	uint64_t	last;		/* the newest second, of CLOCK_MONOTONIC */
	double		amount[MINUTE];	/* by second % MINUTE */
	double		span[MINUTE];	/* how much of that second is known, 0 to 1 */
};

struct top_history {
	uint32_t	id;		/* of the table */
	struct past	past;
};

/* A table, and what happened to it between the two snapshots. */
struct top_row {
	const struct snapshot_table *s;
	bool		known;		/* it was there before: there are rates */
	bool		counted;	/* its writes are counted (pause statistics) */
	double		writes;		/* a second, where counted */
	double		change;		/* entries a second, more or fewer */
	double		rate;		/* writes, else how fast entries change */
	double		violations;	/* a second */
	double		load;		/* entries a bucket */
	double		growth;		/* 0 to 1; -1: none */
};

enum top_column {
	TOP_WRITES, TOP_CHANGE, TOP_ENTRIES, TOP_LOAD, TOP_GROWTH, TOP_VIOLATIONS, TOP_MEMORY,
	TOP_NAME, TOP_COLUMNS
};

struct top {
	struct snapshot	*before;	/* NULL until there are two */
	struct snapshot	*now;		/* NULL until there is one */
	struct top_row	*row;		/* sorted */
	size_t		nrows;
	enum top_column	sort;
	bool		reverse;
	struct past	past;		/* of all tables: their rates */
	bool		counted;	/* so was all that went into it last */
	struct top_history *history;
	size_t		nhistory;
	bool		failed;		/* memory ran out */
};

/* Takes over the snapshot. */
void top_add(struct top *t, struct snapshot *s);
void top_sort(struct top *t);
void top_free(struct top *t);

double top_seconds(const struct top *t);	/* between the two, 0 where there are none */
/* NULL: nothing is known of it. */
const struct past *top_past(const struct top *t, uint32_t id);
/* What came between the snapshots; false where it cannot be said. */
bool top_pauses(const struct top *t, unsigned int kind, struct pause *between);
/* The same of one CPU: how many a second; negative where it cannot be said. */
double top_cpu_rate(const struct top *t, unsigned int kind, uint32_t cpu);
/* Highest number of a CPU that there are pauses of, and one more. */
uint32_t top_cpus(const struct top *t);

/* The rate so many seconds ago, negative where it is not known. */
double past_rate(const struct past *p, unsigned int ago);
double past_now(const struct past *p);
double past_most(const struct past *p);
/* Between two points of time (ns) it was so high. */
void past_add(struct past *p, uint64_t from, uint64_t to, double rate);

/* Numbers in at most six columns: "0", "12", "1.5k", "-3.2M". */
#define RATE_TEXT	24
const char *rate_text(double rate, char *buf);
/* "grow 37%", "-". */
const char *growth_text(const struct top_row *r, char *buf, size_t size);
/* How high of most, as one of eight signs from low to high; a blank for nothing. */
const char *spark(double rate, double most, bool utf8);

const char *top_column_name(enum top_column c);

#endif /* TRIPCTL_TOP_H */
