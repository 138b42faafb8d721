/* SPDX-License-Identifier: GPL-2.0 */
/* Tells the world of reports: log, WARN, BUG, listeners. Kernel only. */
#ifndef TRIPMAP_OBSERVE_REPORT_EMIT_H
#define TRIPMAP_OBSERVE_REPORT_EMIT_H

struct tm_report;
struct tm_verdict;

int tm_report_emit_init(void);
void tm_report_emit_exit(void);

/* Called from a work item (may sleep) once for each record; NULL ends it and waits. */
void tm_report_emit_listen(void (*fn)(const struct tm_report *r));

/*
 * For requests from user space: as tm_report_act(), but BUG waits for the way
 * back to user space (task_work), where the request holds no lock any more.
 */
void tm_report_act_user(const struct tm_verdict *verdict);

#endif /* TRIPMAP_OBSERVE_REPORT_EMIT_H */
