/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Statistics on pauses: a probe on the tracepoint tripmap_pause and what it
 * counts, per CPU, kind and table. The figures of a table go when it goes.
 */
#ifndef TRIPMAP_OBSERVE_PAUSE_H
#define TRIPMAP_OBSERVE_PAUSE_H

#include <linux/types.h>
#include <linux/tripmap.h>

#define TM_PAUSE_ALL_CPUS	(~0U)
#define TM_PAUSE_ALL_TABLES	0	/* no table has this id */

/* Statistics of one kind. */
struct tm_pause_stats {
	u64			count;
	u64			total;		/* ns, as those below */
	u64			min;		/* 0 where there was none */
	u64			max;
	u64			cell[TRIPMAP_PAUSE_CELLS];
};

/* What they are of. */
struct tm_pause_period {
	u64			now;		/* ns, CLOCK_MONOTONIC, as those below */
	u64			since;		/* 0: never counted */
	u64			until;		/* 0: still counting */
	u64			untracked;	/* pauses of tables without a place of their own */
};

struct tm_pause_recent {
	u64			start;		/* ns, CLOCK_MONOTONIC */
	u64			duration;	/* ns */
	u32			table;		/* id */
	u32			cpu;
	u8			kind;		/* enum tripmap_pause_kind */
};

/* Cells: exact below 8 ns, then 8 to each power of two, the last one open. */
unsigned int tm_pause_cell(u64 ns);

void tm_pause_exit(void);

/*
 * All may sleep, and are serialised. on begins anew where pauses were not being
 * counted: figures are of one period without a hole. Those of the last one stay
 * after off, until then.
 */
int tm_pause_on(void);
void tm_pause_off(void);
int tm_pause_reset(void);
bool tm_pause_is_on(void);

/*
 * May sleep. A CPU or all, a table or all; not one CPU of one table (-EINVAL).
 * Of a table that has no place all is 0 (-ENOENT).
 */
int tm_pause_get(u32 table, u32 cpu, enum tripmap_pause_kind kind,
		 struct tm_pause_stats *stats, struct tm_pause_period *period);

/*
 * The n-th last pause of a CPU and kind, n from 0 to TRIPMAP_PAUSE_RECENT - 1;
 * false when there is no such one, or it is just being written: the next one
 * may be there all the same.
 */
bool tm_pause_recent(u32 cpu, enum tripmap_pause_kind kind, u32 n, struct tm_pause_recent *out);

size_t tm_pause_memory(void);

#endif /* TRIPMAP_OBSERVE_PAUSE_H */
