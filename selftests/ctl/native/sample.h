/* SPDX-License-Identifier: GPL-2.0 */
/* Reports as the kernel might send them, made up. */
#ifndef TRIPCTL_TEST_SAMPLE_H
#define TRIPCTL_TEST_SAMPLE_H

#include "model.h"

/* Names and keys that want to be taken for something else. */
#define HOSTILE		"<script>alert(1)</script>"
#define HOSTILE_SCRIPT	"<script>owned=1</script>"
#define HOSTILE_COMM	"<img src=x>\033[31m\"'&"

/* A report of that class with all that there is to tell. */
struct report *sample_full(uint8_t class);
/* No more than what any kernel sends. */
struct report *sample_bare(uint8_t class);
/* The table that sample_full()'s report is about. */
const struct table *sample_table(void);
/* The other party of no class is there in all of them. */
bool sample_has_holder(uint8_t class);

#endif /* TRIPCTL_TEST_SAMPLE_H */
