/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The events before a violation as stretches of time: what the forms in which a
 * report is shown draw, print and export. Times are from the violation on, in
 * nanoseconds, so mostly negative.
 */
#ifndef TRIPCTL_HISTORY_H
#define TRIPCTL_HISTORY_H

#include "model.h"

enum span_kind {
	SPAN_INSIDE,	/* a writer was inside */
	SPAN_VICTIM,	/* the victim's operation, up to the violation */
	SPAN_PAUSE,	/* see pause */
	SPAN_READ,	/* a lookup */
	SPAN_STEP,	/* an iterator took a step */
	SPAN_RESIZE,	/* there were two arrays of buckets */
	SPAN_MARK,	/* no stretch but a point: end is begin */
};

enum span_party { PARTY_NONE, PARTY_VICTIM, PARTY_HOLDER };

struct span {
	int64_t		begin;
	int64_t		end;
	uint8_t		kind;		/* enum span_kind */
	uint8_t		pause;		/* enum tripmap_pause_kind, of SPAN_PAUSE */
	uint8_t		party;		/* enum span_party: it is the one of the report */
	uint8_t		op;		/* enum tripmap_op */
	uint8_t		context;	/* enum tripmap_context */
	bool		before;		/* it began before what was recorded */
	bool		open;		/* still under way at the end of the window */
	bool		unseen;		/* its end was not seen: it is end at the latest */
	bool		coarse;		/* begin is read from a coarse clock */
	bool		clash;		/* the violation itself */
	uint32_t	cpu;
	uint32_t	pid;
	const struct record *first;	/* that told of it; NULL: the report did */
	const struct record *last;	/* the same where there is but one */
};

struct history {
	struct span	*span;		/* by begin, the longer first */
	size_t		nspans;
	uint32_t	*cpu;		/* those that had a part in it, by number */
	size_t		ncpus;
	int64_t		first;		/* begin of the window, or of what is older of one CPU */
	int64_t		last;		/* end of it all, 0 or a little more */
};

/* Points into the report. False: out of memory. */
bool history_of(const struct report *r, struct history *h);
void history_drop(struct history *h);

/* Takes the holder's time of entry from the events, where they have it. */
void history_refine(struct report *r);

/* From the violation on. */
int64_t history_ns(const struct report *r, uint64_t mono);
/* Does it belong to a CPU? What a resize or a grace period is, is nobody's. */
bool span_on_cpu(const struct span *s);

#endif /* TRIPCTL_HISTORY_H */
