/* SPDX-License-Identifier: GPL-2.0 */
/* Reports and pauses as the kernel might send them, made up. */
#ifndef TRIPCTL_TEST_SAMPLE_H
#define TRIPCTL_TEST_SAMPLE_H

#include "model.h"
#include "snapshot.h"

/* Names and keys that want to be taken for something else. */
#define HOSTILE		"<script>alert(1)</script>"
#define HOSTILE_SCRIPT	"<script>owned=1</script>"
#define HOSTILE_COMM	"<img src=x>\033[31m\"'&"
/* No more bytes than a label has. */
#define HOSTILE_LABEL	"<b>\"\\\\N&lt;\033\n"

/* A report of that class with all that there is to tell. */
struct report *sample_full(uint8_t class);
/* No more than what any kernel sends. */
struct report *sample_bare(uint8_t class);
/* The table that sample_full()'s report is about. */
const struct table *sample_table(void);
/* The other party of no class is there in all of them. */
bool sample_has_holder(uint8_t class);

/* One more pause of that length, counted as the kernel does. */
void sample_count(struct pause *p, uint64_t ns);
/* One of each kind, of all tables; writes at [0], and no lock-wait. */
struct pause *sample_pauses(size_t *n);

/*
 * The n-th of one a second. Table sessions: 1600 writes and 50 more entries a
 * second, 1 in 16 timed, a violation a second; routes: growing, 5 fewer entries a
 * second, not counted; idle. Two CPUs, the second of which had all the pauses.
 */
#define SAMPLE_SESSIONS	3	/* its id */
struct snapshot *sample_snapshot(unsigned int n);
/* So many more tables like idle, called idle-0 and so on. */
void sample_more_tables(struct snapshot *s, unsigned int n);
struct counters sample_counters(const struct table *t);

#endif /* TRIPCTL_TEST_SAMPLE_H */
