/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A history in so many lines that a person reads them: what belongs together
 * is one line, what repeats itself is one line, and the rest gives way to what
 * is nearest to the violation.
 */
#ifndef TRIPCTL_TIMELINE_H
#define TRIPCTL_TIMELINE_H

#include "history.h"

#define TIMELINE_LINES	40	/* that are drawn at most, those on what is left out included */

struct line {
	int64_t		ns;		/* where it stands */
	int64_t		end;		/* of the last one in it */
	const struct span *span;	/* the first one in it */
	uint32_t	count;		/* spans in it */
	uint32_t	events;		/* that it stands for */
	uint8_t		weight;		/* how much it matters */
	bool		shown;
	bool		closing;	/* the end of a stretch that has a line at its begin */
	char		text[320];
};

struct timeline {
	struct line	*line;		/* in the order of time */
	size_t		n;
};

/* False: out of memory. */
bool timeline_of(const struct report *r, const struct history *h, struct timeline *t);
void timeline_drop(struct timeline *t);

/* "session_b (pid 120)", "softirq above pid 7". */
void timeline_who(const struct report *r, const struct span *s, char *text, size_t size);
/* One span in words, without its time. */
void timeline_span(const struct report *r, const struct span *s, char *text, size_t size);

#endif /* TRIPCTL_TIMELINE_H */
