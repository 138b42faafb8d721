/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reports in words. Documentation/report.rst has the grammar, which tools parse;
 * the title is in report.h.
 */
#ifndef TRIPMAP_OBSERVE_REPORT_TEXT_H
#define TRIPMAP_OBSERVE_REPORT_TEXT_H

#include <linux/types.h>

struct tm_report;

#define TM_REPORT_LINE	512	/* bytes that hold any line */
#define TM_REPORT_SITE	96	/* bytes for a function with offset, size and module; cut */

/* Room for a report's text, a line at a time: whoever tells may have little stack. */
struct tm_report_text {
	const struct tm_report	*r;
	void			(*out)(const char *line);
	size_t			len;		/* of the line so far */
	char			line[TM_REPORT_LINE];
};

const char *tm_report_symbol(unsigned long address, char *buf, size_t size);
void tm_report_tell(struct tm_report_text *t, const struct tm_report *r,
		    void (*out)(const char *line));

#endif /* TRIPMAP_OBSERVE_REPORT_TEXT_H */
