/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What tests ask of where they run. Natively all of it can be had; in the
 * kernel some of it cannot, and tests that need it are skipped with the reason.
 */
#ifndef TM_SELFTESTS_CORE_ENV_H
#define TM_SELFTESTS_CORE_ENV_H

#include <linux/types.h>

struct work_struct;

/* The run's seed; it is printed before the first test. */
u64 tm_env_seed(void);

/* n scaled down to what this run has time for, at least 1. */
u64 tm_env_ops(u64 n);

/* Is there no time for what is much work and cannot be scaled down? */
static inline bool tm_env_is_short(void)
{
	return tm_env_ops(100) < 5;
}

/* Can contexts, CPUs and task ids be played, and is that all that there is? */
bool tm_env_can_play(void);
/* Can one allocation be failed? All from one on: where things can be played. */
bool tm_env_can_fail(void);

/* Acts on the calling thread. context: enum tripmap_context, over a task. */
void tm_env_play_context(unsigned int context);
void tm_env_play_cpu(unsigned int cpu);
void tm_env_play_pid(u32 pid);
void tm_env_play_flags(unsigned int flags);		/* PF_EXITING and the like, 0 for none */
void tm_env_play_work(struct work_struct *work);	/* that it runs, NULL for none */

/* Global. The clock stands at ns; 0: it runs again. */
void tm_env_play_clock(u64 ns);
/* Global. The wall clock is so far from where it should be. */
void tm_env_play_wall(s64 ns);
/*
 * Global. fn is called at each look at the clock, and at each stack before it
 * is walked, by who does it; NULL: nothing is.
 */
void tm_env_hook_looks(void (*fn)(bool stack));

/* The calling thread's allocation nth from now fails, and all after it. */
void tm_env_fail_alloc(long nth, bool onwards);
/* Ends that; how many have failed. */
unsigned int tm_env_fail_end(void);

/* Pieces of memory in use, once everything deferred has been freed. */
long tm_env_live_allocs(void);
/* Waits until nothing is deferred any more. */
void tm_env_settle(void);

/* How often tm_report_act() was asked for action; natively it does nothing else. */
u64 tm_env_acted(unsigned int action);

/* Once, before all tests and after them: what the module does on load. */
int tm_env_init(void);
void tm_env_exit(void);

#endif /* TM_SELFTESTS_CORE_ENV_H */
