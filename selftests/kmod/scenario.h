/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Scenarios: tripmap.ko, as other modules use it, under kernel threads,
 * interrupts and NMIs. They are tests as in ../core/test.h, with a name and a
 * description that "tripctl scenario list" finds in the module.
 */
#ifndef TM_SELFTESTS_KMOD_SCENARIO_H
#define TM_SELFTESTS_KMOD_SCENARIO_H

#include <linux/module.h>
#include <linux/types.h>

#include "../../kmod/core/tripmap.h"
#include "../../kmod/observe/report.h"
#include "../core/test.h"
#include "value.h"

/* As TM_SUITE(), and: its name, what runs, what must and what must never be seen. */
#define SCENARIO(suite, name, runs, seen, never, ...)			\
	extern const struct tm_suite tm_suite_##suite;			\
	MODULE_INFO(scenario, name ": " runs " | " seen " | " never);	\
	TM_SUITE_NAMED(suite, name, __VA_ARGS__)

/* Module parameters. */
extern unsigned int scenario_seconds;	/* of those that run for a time */
extern bool scenario_unowned;		/* tables are of no network namespace */
extern unsigned int scenario_action;	/* enum tripmap_action of the tables */

/* When a scenario that began now ends, by ktime_get_ns(). */
u64 scenario_end(void);
/* A CPU for the nth thread of a scenario; the same one only where there are too few. */
void scenario_pin(unsigned int n);
/* May two threads of a scenario run at the same time? */
bool scenario_parallel(void);

/*
 * A table by these terms; whose reports it shows and what it answers is filled in. Those
 * whose contract is to be broken have no lock class: lockdep would tell of it first.
 */
struct tripmap *table_by(struct tripmap_config cfg, struct tripmap_lock_class *class);
/* A single-writer table with u64 keys. */
struct tripmap *table_new(const char *name, u16 value_size);
/* A table of u64 to u64. */
struct tripmap *table_under(enum tripmap_contract contract);
void table_end(struct tripmap *t);
u32 table_id(struct tripmap *t);
/* Keys first, first + 1, ...; key n has value n. */
void table_fill(struct tripmap *t, u64 first, u64 n);

u64 table_violations(struct tripmap *t, enum tripmap_class class);
u64 table_all_violations(struct tripmap *t);

/* All that was seen on the table is n violations of this class. */
void expect_only(struct tripmap *t, enum tripmap_class class, u64 n);
/* Nothing was. */
void expect_silence(struct tripmap *t);

/*
 * The newest report of a class on a table, valid until the next call, or NULL. For
 * report_of() that is a failed expectation. Not for tables that only count.
 */
const struct tm_report *find_report(u32 table_id, enum tripmap_class class);
const struct tm_report *report_of(u32 table_id, enum tripmap_class class);
/* There is one, and its title names these two functions. */
const struct tm_report *expect_report(u32 table_id, enum tripmap_class class,
				      const char *one, const char *other);

/*
 * Call sites with names of their own, for key and value n. A walk counts what it
 * finds, and ends with the error that a step of it ends with.
 */
int first_store(struct tripmap *t, u64 n);
int second_store(struct tripmap *t, u64 n);
int second_delete(struct tripmap *t, u64 n);
int second_lookup(struct tripmap *t, u64 n);
int second_walk(struct tripmap *t, u64 n);

/*
 * A task that does one write and stays in it, at a step, until it is let go.
 * All that it needs in between is done by who parked it.
 */
struct parked {
	struct tripmap		*t;
	enum tripmap_step	step;
	int			(*write)(struct tripmap *t, u64 n);
	u64			n;
	bool			asleep;		/* it sleeps there, where it may */
	int			err;		/* what the write came to; after unpark() */
	u32			pid;		/* after park() */
	struct tm_thread	thread;
	struct task_struct	*task;		/* READ_ONCE/WRITE_ONCE: whom the hook is for */
	bool			inside;		/* release/acquire: it is at the step */
	bool			go;		/* release/acquire: it may go on */
};

/* Returns when it is inside; false is a failed expectation, and there is none to unpark. */
bool park(struct parked *p);
void unpark(struct parked *p);

#endif /* TM_SELFTESTS_KMOD_SCENARIO_H */
