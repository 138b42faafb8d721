/* SPDX-License-Identifier: GPL-2.0 */
/* How the pauses before a violation stood: from events in, figures out. */
#ifndef TRIPMAP_OBSERVE_SPIKE_H
#define TRIPMAP_OBSERVE_SPIKE_H

#include <linux/types.h>
#include <linux/tripmap.h>

struct tm_event;

#define TM_SPIKE_ALL	(TRIPMAP_PAUSE_KIND_MAX + 1)	/* index of what is about all kinds */

/*
 * What counts as what. Of kinds write, odd and dump, which are the work itself,
 * only those pauses count that last for min_ns.
 */
struct tm_spike_rule {
	u32			count;		/* so many: high frequency */
	u64			consecutive_ns;	/* a gap of no more: consecutive */
	u64			tight_ns;	/* no gap of more: tightly coupled */
	u64			near_ns;	/* first bin of the distance */
	u64			far_ns;		/* second bin */
	u64			min_ns;
};

struct tm_spike {
	u32			count;
	u64			last;		/* ns from the end of the last one */
	u64			gap_max;	/* ns; 0 where there are no two */
	u64			gap_min;
	u64			longest;	/* ns */
	u64			span;		/* ns from the first's begin to the last's end */
	u8			spike;		/* enum tripmap_spike */
	bool			consecutive;
	u8			bin;		/* of last; of no meaning where count is 0 */
};

void tm_spike_set(const struct tm_spike_rule *rule);

/*
 * Features of each kind and of all in events sorted by time, the violation at
 * the time given. Counts each kind's distance once.
 */
void tm_spike_find(const struct tm_event *e, u32 n, u64 time,
		   struct tm_spike spike[TM_SPIKE_ALL + 1]);

/* Violations so far by the distance of the last pause of a kind. */
void tm_spike_near(unsigned int kind, u64 bins[TRIPMAP_NEAR_BINS]);

#endif /* TRIPMAP_OBSERVE_SPIKE_H */
