/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A writer that drives a table through every kind of resize while some keys,
 * the stable ones, are there throughout. For readers and walks beside it.
 *
 * Value numbers tell their key: n % CHURN_UNIVERSE is the key's number.
 */
#ifndef TM_SELFTESTS_CORE_CHURN_H
#define TM_SELFTESTS_CORE_CHURN_H

#include "model.h"

#define CHURN_BITS	6
#define CHURN_BUCKETS	(1U << CHURN_BITS)
#define CHURN_UNIVERSE	8192
#define CHURN_STABLE	60	/* keys 0 to 59 are there throughout */

struct churn {
	struct model m;
	u32 round;		/* of value numbers */
	void (*pause)(struct churn *c);	/* between two writes; may be NULL */
	void *arg;
};

bool churn_init(struct churn *c, u16 key_size, u16 value_size);
void churn_exit(struct churn *c);

int churn_put(struct churn *c, enum tripmap_op op, u32 i);
void churn_grow(struct churn *c, u32 keys);
void churn_shrink(struct churn *c);
void churn_same_size(struct churn *c);
void churn_reseed(struct churn *c);
/* Each of these has happened. */
void churn_expect(struct churn *c, bool reseed);

#endif /* TM_SELFTESTS_CORE_CHURN_H */
