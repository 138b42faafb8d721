/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A report put into words, once for all forms that it is shown in: plain text,
 * JSON and HTML say the same because they take it from here.
 */
#ifndef TRIPCTL_EXPLAIN_H
#define TRIPCTL_EXPLAIN_H

#include "model.h"

#define EXPLAIN_TEXT	900
#define STEPS		3
#define MOMENTS_MAX	8
#define FACTS_MAX	16

/* One step of the classification. */
struct explain_step {
	const char	*question;
	char		answer[EXPLAIN_TEXT];
	char		evidence[EXPLAIN_TEXT];
};

enum explain_lane { LANE_HOLDER, LANE_VICTIM };

/* Something on the time line. */
struct explain_moment {
	int64_t		ns;		/* from the violation on, so mostly negative */
	bool		timed;		/* false: some time after the violation */
	bool		coarse;		/* read from a clock of one tick's resolution */
	bool		clash;		/* the violation itself */
	bool		begins;		/* its party is inside from here on */
	uint8_t		lane;		/* enum explain_lane */
	char		text[300];
};

/* A fact about the table at that instant. */
struct explain_fact {
	const char	*key;
	bool		known;
	bool		number;		/* value is the fact, else text is */
	bool		yes_no;		/* the same: value is, as a truth */
	uint64_t	value;
	char		text[80];
};

struct explanation {
	char			what[2 * EXPLAIN_TEXT];	/* one sentence, and what came of it */
	const char		*victim_head;		/* what the victim is, in two words */
	const char		*holder_head;		/* NULL: there is no other party */
	const char		*other_party;		/* what is known of it */
	struct explain_step	step[STEPS];
	const char		*verdict;		/* what follows from the steps */
	struct explain_fact	fact[FACTS_MAX];
	unsigned int		nfacts;
	struct explain_moment	moment[MOMENTS_MAX];	/* in the order of time */
	unsigned int		nmoments;
	char			contract[EXPLAIN_TEXT];
	const char		*look;			/* what to look at */
};

void explain(const struct report *r, struct explanation *e);

/* "worker kworker/0:1 (pid 12, cpu 0)"; for an interrupt, what it interrupted. */
void explain_party(const struct party *p, char *text, size_t size);
/* "exiting, worker"; empty where there is nothing to say of it. */
void explain_flags(const struct party *p, char *text, size_t size);
/*
 * The key as the table's type has it, where that is known and all of it was
 * kept. A party that has not told of itself may well have had one.
 */
void explain_key(const struct report *r, const struct party *p, const struct field *type,
		 char *text, size_t size);
/* When it came, from the violation's point of view. */
void explain_since(const struct report *r, const struct party *p, char *text, size_t size);
/* Who queued the work; false where nobody told. */
bool explain_origin(const struct party *p, char *text, size_t size);

/* How a slot of the victim's bucket is to be drawn. */
enum explain_slot { SLOT_EMPTY, SLOT_EVACUATED, SLOT_USED };
enum explain_slot explain_slot(const struct slot *s);
/* Does the slot hold the key that this party was about? */
bool explain_holds(const struct slot *s, const struct party *p);
/* What is to be said of the bucket as a whole. */
void explain_bucket(const struct report *r, char *text, size_t size);

/* --- what went before: explain_past.c --- */

/* What is known of the time before the violation, and what is missing of it. */
void explain_window(const struct report *r, char *text, size_t size);
/* "Three evacuation pauses within 4.0 ms, ...": how many, how close, how near. */
void explain_spike(const struct spike *s, char *text, size_t size);
/* The kind's name, "all" for all of them. */
const char *explain_spike_kind(const struct spike *s);
/* Which of the three distances of a last pause: near, further, far. */
const char *explain_bin(unsigned int bin);
/* How far these reach; false where that is not known. */
bool explain_bins(const struct report *r, char *text, size_t size);
/* How exact the wall times are, and whether the wall clock was set. */
void explain_clocks(const struct report *r, char *text, size_t size);
/* "flush, part of sync, part of nightly"; empty where it has no label. */
void explain_labels(const struct party *p, char *text, size_t size);
/* From the outermost cause to the operation; false where none is known. */
bool explain_chain(const struct party *p, char *text, size_t size);

/* What times of events are shown by. */
enum report_clock { CLOCK_VIOLATION, CLOCK_MONO, CLOCK_WALL, CLOCK_BOOT, CLOCK_TRACE };
#define REPORT_CLOCKS	(CLOCK_TRACE + 1)

/* NULL behind the last one. */
const char *explain_clock_name(unsigned int clock);
/* A time on that clock; of CLOCK_VIOLATION what it is on CLOCK_MONO. */
uint64_t explain_clock(const struct report *r, enum report_clock clock, uint64_t mono);
bool explain_clock_known(const struct report *r, enum report_clock clock);

/* Names of enum values, "unknown" for those newer than this tool. */
const char *explain_name(const char *name);
const char *explain_errno(int32_t result);

#endif /* TRIPCTL_EXPLAIN_H */
