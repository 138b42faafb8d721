/* SPDX-License-Identifier: GPL-2.0 */
/* Standard error: what went wrong, what to know, how far it is. */
#ifndef TRIPCTL_ERR_H
#define TRIPCTL_ERR_H

#include "model.h"

/* Errors name the line of a file that they are about; of a file within it, both. */
void err_enter(const char *file, unsigned long line);
void err_leave(void);

/*
 * One line (in JSON mode one object) that says what could not be done; p, if
 * any, says why. They return the exit code.
 */
int err_failed(const struct problem *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int err_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

void err_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line on a terminal that the next one overwrites; elsewhere lines. */
void err_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));
void err_progress_end(void);

#endif /* TRIPCTL_ERR_H */
