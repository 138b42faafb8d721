/* SPDX-License-Identifier: GPL-2.0 */
/* A report, whole, in all the forms that it is told in. */
#ifndef TRIPCTL_REPORT_SHOW_H
#define TRIPCTL_REPORT_SHOW_H

#include <stdio.h>

#include "explain.h"
#include "model.h"

/* What of a report is shown as text; JSON has all. */
struct report_view {
	bool		events;		/* each of them, below the time line */
	enum report_clock clock;	/* by which events are told */
};

/*
 * On a terminal, or as JSON. The table's types only make keys and values more
 * readable: t may be NULL.
 */
void report_show(const struct report *r, const struct table *t, const struct report_view *v);
/* Of that, what went before the violation. False: as text it had no time line. */
bool report_past(const struct report *r, const struct table *t, const struct report_view *v);
/* The forms to pass on; false when memory ran out and nothing of use was written. */
/* One self-contained page of HTML; nothing in it is taken from elsewhere. */
bool report_html(FILE *f, const struct report *r, const struct table *t);
/* What happened as Chrome's trace format has it, for Perfetto. */
bool report_perfetto(FILE *f, const struct report *r, const struct table *t);
/* What came of what, as a graph for graphviz. */
bool report_dot(FILE *f, const struct report *r, const struct table *t);

#endif /* TRIPCTL_REPORT_SHOW_H */
