/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reports in words. Documentation/report.rst has the grammar, which tools parse;
 * the title is in report.h.
 */
#ifndef TRIPMAP_OBSERVE_REPORT_TEXT_H
#define TRIPMAP_OBSERVE_REPORT_TEXT_H

#include <linux/types.h>

#include "flight.h"

struct tm_event;
struct tm_report;

#define TM_REPORT_LINE	512	/* bytes that hold any line */
#define TM_REPORT_SITE	96	/* bytes for a function with offset, size and module; cut */

/* Room for a report's text, a line at a time: whoever tells may have little stack. */
struct tm_report_text {
	const struct tm_report	*r;
	void			(*out)(const char *line);
	size_t			len;		/* of the line so far */
	struct tm_flight_window	w;
	char			line[TM_REPORT_LINE];
};

const char *tm_report_symbol(unsigned long address, char *buf, size_t size);
void tm_report_tell(struct tm_report_text *t, const struct tm_report *r,
		    void (*out)(const char *line));
/* The least that has to survive: who, where, when. Takes no lock. */
void tm_report_digest(struct tm_report_text *t, const struct tm_report *r,
		      void (*out)(const char *line));
/* One line on one event, for the log of a machine that stops. */
void tm_report_tell_event(struct tm_report_text *t, const struct tm_event *e,
			  void (*out)(const char *line));

#endif /* TRIPMAP_OBSERVE_REPORT_TEXT_H */
