/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pieces of a page. Names of tasks, keys, values and labels are other people's
 * choice: every text goes through these, which leave nothing in it that is markup.
 */
#ifndef TRIPCTL_HTML_H
#define TRIPCTL_HTML_H

#include <stdio.h>

#include "model.h"

void html_text(FILE *f, const char *raw);
void html_textf(FILE *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* tag and its attributes are the caller's own. */
void html_element(FILE *f, const char *tag, const char *attributes, const char *raw);

/* --- report_html_past.c: what went before the violation --- */

/* The rules for what the next one draws. */
extern const char html_past_style[];
/* Sections of a page. False: it had no events to draw a time line of. */
bool html_past(FILE *f, const struct report *r);

#endif /* TRIPCTL_HTML_H */
