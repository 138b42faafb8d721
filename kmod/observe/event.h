/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happens, told as values.
 *
 *	core --tm_event_emit()--> tracepoints tripmap:tripmap_* --> pause, flight,
 *	perf, trace-cmd, bpftrace
 *
 * Nothing is paid on the paths of writes, reads and walks while nobody listens:
 * each asks one static branch, which the tracepoints concerned keep up to date.
 *
 * Reading the clock costs more than the guard does. So while only this module's
 * own recorder and statistics listen, one write in share is observed (timed, and
 * told of) on each CPU, by chance; all of them for a while after the window of a
 * report was copied, and whenever somebody else has attached to one of these
 * tracepoints. All else is rare and always told.
 */
#ifndef TRIPMAP_OBSERVE_EVENT_H
#define TRIPMAP_OBSERVE_EVENT_H

#include <linux/jump_label.h>
#include <linux/types.h>
#include <linux/tripmap.h>

#define TM_EVENT_NO_BUCKET	(~0U)

/* Two strings of up to 16 bytes, ended by 0 where they are shorter. */
struct tm_event_labels {
	char			own[TRIPMAP_LABEL_MAX];
	char			parent[TRIPMAP_LABEL_MAX];
};

/* Words of 8 bytes and no holes: the recorder copies it as it is. */
struct tm_event {
	u64			time;		/* ns, CLOCK_MONOTONIC; of the end */
	u64			duration;	/* ns, 0 for what has none */
	u64			owner;		/* as that of the table's reports */
	u64			caller;		/* call site of the API, 0 where unknown */
	u64			value;		/* see enum tripmap_event */
	u32			bucket;		/* TM_EVENT_NO_BUCKET where unknown */
	u32			digest;		/* of the key, under a seed of its own */
	u32			table;		/* id */
	u32			pid;		/* thread id, initial pid namespace */
	s32			result;
	u16			shard;
	u16			cpu;
	u8			event;		/* enum tripmap_event */
	u8			op;		/* enum tripmap_op */
	u8			context;	/* enum tripmap_context */
	u8			kind;		/* of a pause; class of a violation or rule */
	u16			key_size;	/* of the table; 0 where it is about no key */
	u8			gone;		/* the table was destroyed before this */
	u8			reserved;
	u8			key[TRIPMAP_EVENT_KEY_MAX];
	struct tm_event_labels	label;
};

DECLARE_STATIC_KEY_FALSE(tm_event_writes);
DECLARE_STATIC_KEY_FALSE(tm_event_reads);
DECLARE_STATIC_KEY_FALSE(tm_event_walks);

/* Does anybody listen to writes, reads, walks? A build without is for comparison. */
#ifdef TRIPMAP_NO_EVENTS
#define tm_event_on(_group)	((void)&tm_event_##_group, false)
#else
#define tm_event_on(_group)	static_branch_unlikely(&tm_event_##_group)
#endif

bool tm_event_wanted(unsigned int event);
/* With preemption off since before the event's time was taken. */
void tm_event_emit(const struct tm_event *e);

/* For those who found the branch taken. */
bool tm_event_gate_write(void);
bool tm_event_gate_read(void);
bool tm_event_gate_walk(void);

/* One in share while nothing happens, all for hold_ms after tm_event_alert(). */
void tm_event_set_share(u32 share, u32 hold_ms);
u32 tm_event_share(void);
void tm_event_alert(void);

/* Our own listeners, of which the gate knows that they make do with a share. */
typedef void (*tm_event_probe_t)(void *data, const struct tm_event *e);

int tm_event_listen(tm_event_probe_t probe, u32 events);
void tm_event_deafen(tm_event_probe_t probe, u32 events);

#endif /* TRIPMAP_OBSERVE_EVENT_H */
