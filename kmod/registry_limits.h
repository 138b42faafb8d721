/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much tables made over netlink may take. What one user took under
 * whatever user namespaces is one account; none but the initial namespace's
 * may take more than a share of the module's limits.
 */
#ifndef TRIPMAP_REGISTRY_LIMITS_H
#define TRIPMAP_REGISTRY_LIMITS_H

#include <linux/types.h>
#include <linux/uidgid.h>

struct tm_account;
struct user_namespace;

/* Which limit stands in the way. */
struct tm_limit {
	const char	*what;		/* name of the module parameter */
	u64		max;		/* what it allows, the share where shared is set */
	u64		need;		/* more than is left, 0 where all is used up */
	bool		shared;		/* of the user's share, not of the whole */
};

/* What a table has on its account; see tm_limits_charge(). */
struct tm_charge {
	atomic64_t	entries;
	atomic64_t	memory;		/* bytes */
};

kuid_t tm_limits_owner(struct user_namespace *ns);

struct tm_account *tm_limits_open(struct user_namespace *ns, u64 memory,
				  struct tm_charge *charge, struct tm_limit *limit);
void tm_limits_close(struct tm_account *account, struct tm_charge *charge);
u64 tm_limits_entries(const struct tm_account *account);
void tm_limits_charge(struct tm_account *account, struct tm_charge *charge,
		      u64 entries, u64 memory);
int tm_limits_room(const struct tm_account *account, struct tm_limit *limit);
bool tm_limits_clear_begin(struct tm_account *account);
void tm_limits_clear_end(struct tm_account *account);

/* Of all accounts together. */
struct tm_limits_counts {
	u64	tables;
	u64	entries;
	u64	memory;		/* bytes */
};

void tm_limits_counts(struct tm_limits_counts *out);

#endif /* TRIPMAP_REGISTRY_LIMITS_H */
