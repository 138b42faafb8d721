/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Scenarios: tripmap.ko, as other modules use it, under kernel threads,
 * interrupts and NMIs. They are tests as in ../core/test.h; beside a table's
 * public functions they use its insides where only those can tell (map.h).
 */
#ifndef TM_SELFTESTS_KMOD_SCENARIO_H
#define TM_SELFTESTS_KMOD_SCENARIO_H

#include <linux/types.h>

#include "../../kmod/core/map.h"
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

/* Tables whose reports are those of the first network namespace: tripctl shows them. */
struct tripmap *table_new(const char *name, u16 value_size, enum tripmap_contract contract);
/* The same under a fixed seed, with 2^bits buckets. */
struct tripmap *table_seeded(const char *name, u16 value_size, u8 bits);
void table_end(struct tripmap *t);
void table_config(struct tripmap_config *cfg, const char *name, u16 value_size);

/* Keys are u64. */
u64 table_bucket(u64 key, u8 bits);	/* of table_seeded(), which was not re-seeded */
u64 table_violations(struct tripmap *t, enum tripmap_class class);
u64 table_all_violations(struct tripmap *t);
u64 table_resizes(struct tripmap *t, enum tripmap_resize resize);

/*
 * Values that can be told from torn ones: a sequence number in two bytes, and
 * all others follow from it and the key. At least four bytes.
 */
void value_make(u64 key, u16 seq, u8 *value, u16 size);
bool value_good(u64 key, const u8 *value, u16 size);

/*
 * A writer that stays inside: the first time it comes to a step it waits there
 * until it is let go.
 */
struct parked {
	struct tripmap		*t;
	enum tripmap_step	step;
	int			(*op)(struct parked *p);
	u64			key;
	int			result;		/* of op, after parked_go() */
	struct tm_thread	thread;
	struct task_struct	*task;		/* whose steps count */
	bool			there;		/* release/acquire */
	bool			go;		/* release/acquire */
};

bool parked_start(struct parked *p);	/* false: it did not get there */
void parked_go(struct parked *p);	/* and wait for its end */
int parked_store(struct parked *p);	/* for op */

#endif /* TM_SELFTESTS_KMOD_SCENARIO_H */
