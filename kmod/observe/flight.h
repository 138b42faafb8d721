/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The flight recorder: the last events of each CPU, and the windows that were
 * kept for reports.
 *
 *	violation --tm_flight_mark()--> where each CPU's ring stands
 *	work item --tm_flight_freeze()--> the window, sorted, with its spikes
 *
 * Whoever marks allocates nothing. The work item may, within a budget; windows
 * of older reports give way.
 */
#ifndef TRIPMAP_OBSERVE_FLIGHT_H
#define TRIPMAP_OBSERVE_FLIGHT_H

#include <linux/types.h>
#include <linux/tripmap.h>

#include "clock.h"
#include "event.h"
#include "spike.h"

#define TM_FLIGHT_EVENTS_MAX	4096	/* in a window */

struct tm_flight_window {
	u8			state;		/* enum tripmap_window */
	u8			recorder;	/* enum tripmap_recorder */
	u32			share;
	u32			events;
	u32			left_out;	/* older ones without a place */
	u64			lost;		/* overwritten between mark and copy */
	u64			begin;		/* ns; complete after that, on all CPUs */
	u64			length;		/* ns that it was to have */
	struct tm_clock		clock[2];	/* at the violation, at the copy */
	struct tm_spike		spike[TM_SPIKE_ALL + 1];
};

int tm_flight_init(u32 events, u32 reports, u32 window_ms);
void tm_flight_exit(void);

/* May sleep. Events are recorded from then on; nothing that was is forgotten. */
int tm_flight_set(enum tripmap_recorder mode);
enum tripmap_recorder tm_flight_mode(void);
void tm_flight_set_window_ms(u32 window_ms);

/* Any context: report id was filed just now. */
void tm_flight_mark(u64 id, u64 time, bool confined);

/* Task: copy what is marked. Then no window is pending any more. */
void tm_flight_freeze(void);
/* Task, whatever it holds: the same, if nobody else is at it. */
void tm_flight_try_freeze(void);
bool tm_flight_pending(u64 id);

/* Any context. The state is NONE where nothing is known of that report, or can be in an NMI. */
void tm_flight_window(u64 id, struct tm_flight_window *w);

/* Up to n events from number first on; how many. Any context but NMI. */
u32 tm_flight_events(u64 id, u32 first, struct tm_event *e, u32 n);

/* Forget the window of a report, or all of them. Task. */
#define TM_FLIGHT_ALL	0	/* no report has this number */
void tm_flight_clear(u64 id);

/*
 * For a machine that stops: the newest event before that time, or before the
 * one told last. Takes no lock. cursor is nr_cpu_ids numbers, 0 to begin.
 */
bool tm_flight_before(u64 *cursor, u64 time, struct tm_event *e);

/* Bytes, now. Events since load, and how many of these were overwritten. */
size_t tm_flight_memory(void);
u64 tm_flight_recorded(void);
u64 tm_flight_lost(void);

#endif /* TRIPMAP_OBSERVE_FLIGHT_H */
