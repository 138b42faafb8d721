/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Scenarios: tripmap.ko, as other modules use it, under kernel threads,
 * interrupts and NMIs. They are tests as in ../core/test.h.
 */
#ifndef TM_SELFTESTS_KMOD_SCENARIO_H
#define TM_SELFTESTS_KMOD_SCENARIO_H

#include <linux/types.h>

#include "../../kmod/core/tripmap.h"
#include "../core/test.h"

/* Module parameters. */
extern unsigned int scenario_seconds;	/* of those that run for a time */
extern unsigned int scenario_action;	/* enum tripmap_action of the tables */

/* When a scenario that began now ends, by ktime_get_ns(). */
u64 scenario_end(void);
/* A CPU for the nth thread of a scenario; the same one only where there are too few. */
void scenario_pin(unsigned int n);
/* May two threads of a scenario run at the same time? */
bool scenario_parallel(void);

/* A single-writer table with u64 keys. */
struct tripmap *table_new(const char *name, u16 value_size);
void table_end(struct tripmap *t);

u64 table_violations(struct tripmap *t, enum tripmap_class class);
u64 table_all_violations(struct tripmap *t);

/*
 * Values that can be told from torn ones: a sequence number in two bytes, and
 * all others follow from it and the key. At least four bytes.
 */
void value_make(u64 key, u16 seq, u8 *value, u16 size);
bool value_good(u64 key, const u8 *value, u16 size);

#endif /* TM_SELFTESTS_KMOD_SCENARIO_H */
