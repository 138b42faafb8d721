/* SPDX-License-Identifier: GPL-2.0 */
/* Stretches and points of time, in words. */
#ifndef TRIPCTL_WHEN_H
#define TRIPCTL_WHEN_H

#include "model.h"

/* "500ms", "10s", "2m", "1h"; a bare number is milliseconds. */
bool duration_parse(const char *text, uint64_t *ms);
/* The same back, as short as it goes. */
void duration_text(uint64_t ms, char *buf, size_t size);

/*
 * A point of time, ns of CLOCK_REALTIME: "2026-11-21 04:09:24" or "04:09:24"
 * (today) in local time, "@SECONDS" since 1970, or how long ago, "90s".
 */
bool time_parse(const char *text, uint64_t now_ns, uint64_t *real_ns);

/* Local time to the microsecond. */
#define TIME_TEXT	64
const char *time_text(uint64_t real_ns, char *buf);

uint64_t mono_ns(void);		/* CLOCK_MONOTONIC */
/* What the wall clock showed, or will show, by how it stands to CLOCK_MONOTONIC now. */
uint64_t real_of(uint64_t mono_ns);

/* Nanoseconds as people say them: "870 ns", "1.1 us", "12.0 ms", "5.2 s". */
#define SPAN_TEXT	32
const char *span_text(uint64_t ns, char *buf);

#endif /* TRIPCTL_WHEN_H */
