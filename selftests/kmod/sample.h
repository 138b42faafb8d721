/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sample: a driver that keeps sessions in a table, with one locking bug that
 * can be chosen, so that reports can be judged on code as people write it.
 *
 * sample.c is the driver. sample_load.c uses it, as its users would.
 */
#ifndef TM_SELFTESTS_KMOD_SAMPLE_H
#define TM_SELFTESTS_KMOD_SAMPLE_H

#include <linux/ioctl.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/timer.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "../../kmod/core/tripmap.h"

enum sample_bug {
	SEED_NONE,
	SEED_FORGOTTEN_LOCK,	/* session_refresh() takes no lock */
	SEED_BRANCH_LOCK,	/* session_close() takes it for active sessions only */
	SEED_WRONG_LOCK,		/* session_account() takes the one of the accounts */
	SEED_CALLBACK,		/* session_audit() writes the table whose change it is told of */
	SEED_TIMER,		/* session_expire_timer() writes where it can have no mutex */
	SEED_WORK,		/* session_sweep_work() thinks that it runs alone */
	SEED_DESTROY,		/* sessions_reset() does not wait for who still uses the table */
	SEED_EXIT,		/* session_release() thinks that nobody else knows it */
	SEEDS,
};

extern enum sample_bug sample_bug;	/* constant once the module is loaded */

/* A table of sessions, for as long as somebody uses it. */
struct session_set {
	struct kref		ref;
	struct tripmap		*table;
	bool			destroyed;	/* the table is, by SEED_DESTROY; sessions_mutex */
	struct mutex		lock;		/* around each write of the table */
	struct mutex		accounts_lock;	/* bytes */
	u64			bytes;		/* accounts_lock; of all sessions together */
	atomic64_t		audited;	/* changes told of */
	u64			due;		/* READ_ONCE/WRITE_ONCE: the one that may be idle */
	struct timer_list	expire_timer;
	struct work_struct	expire_work;
	struct delayed_work	sweep_work;
};

enum session_state {
	SESSION_IDLE,
	SESSION_ACTIVE,
};

struct session {
	u32	state;		/* enum session_state */
	u32	user;
	u64	expires;	/* jiffies */
	u64	bytes;
};

struct session_set *sessions_get(void);
void sessions_put(struct session_set *set);
int sessions_reset(void);

int session_open(struct session_set *set, u64 id, u32 user);
int session_refresh(struct session_set *set, u64 id);
int session_account(struct session_set *set, u64 id, u64 bytes);
int session_close(struct session_set *set, u64 id);
void session_audit(struct session_set *set);

void sessions_expire_on(struct session_set *set, unsigned int cpu);
void sessions_sweep(struct session_set *set);

int sample_driver_init(void);
void sample_driver_exit(void);

/* What an open /dev/tripmap_sample, which is a session, understands. */
#define SAMPLE_REFRESH	_IO('t', 1)
#define SAMPLE_ACCOUNT	_IO('t', 2)	/* argument: bytes */
#define SAMPLE_RESET	_IO('t', 3)

/* A set is new, or about to go. */
void sample_watch(struct session_set *set);
void sample_unwatch(struct session_set *set);

#endif /* TM_SELFTESTS_KMOD_SAMPLE_H */
