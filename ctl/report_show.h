/* SPDX-License-Identifier: GPL-2.0 */
/* A report, whole: on a terminal or as JSON, and as a page. */
#ifndef TRIPCTL_REPORT_SHOW_H
#define TRIPCTL_REPORT_SHOW_H

#include <stdio.h>

#include "model.h"

/* The table's types only make keys and values more readable: t may be NULL. */
void report_show(const struct report *r, const struct table *t);
/* One self-contained page of HTML; nothing in it is taken from elsewhere. */
void report_html(FILE *f, const struct report *r, const struct table *t);

#endif /* TRIPCTL_REPORT_SHOW_H */
