// SPDX-License-Identifier: GPL-2.0
/*
 * Accounts. A user can make any number of user namespaces, so that a limit on
 * each would limit nothing: what counts is who made the outermost one below
 * the initial namespace.
 *
 * Entries and memory are brought up to date after each operation. They may
 * overshoot by what the operations under way add; memory in all is limited
 * exactly, by the allocator (core/mem.c).
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/math64.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>

#include "params.h"
#include "registry_limits.h"

/* One user may take a quarter, so that a greedy one leaves most to the others. */
#define TM_LIMITS_SHARE	4

struct tm_account {
	struct list_head	node;		/* accounts_lock */
	kuid_t			owner;		/* in the initial namespace; immutable */
	bool			initial;	/* of the initial namespace; immutable */
	u32			tables;		/* accounts_lock; 0: the account goes */
	atomic64_t		entries;
	atomic64_t		memory;
	struct mutex		clearing;	/* held while a table of it is cleared */
};

static DEFINE_MUTEX(accounts_lock);
static LIST_HEAD(accounts);		/* accounts_lock */
static struct tm_account total = { .initial = true };

static struct tm_account *__find_account(bool initial, kuid_t owner)
{
	struct tm_account *a;

	lockdep_assert_held(&accounts_lock);
	list_for_each_entry(a, &accounts, node) {
		if (a->initial == initial && uid_eq(a->owner, owner))
			return a;
	}
	return NULL;
}

static struct tm_account *__new_account(bool initial, kuid_t owner)
{
	struct tm_account *a = kzalloc(sizeof(*a), GFP_KERNEL_ACCOUNT);

	lockdep_assert_held(&accounts_lock);
	if (!a)
		return NULL;
	a->initial = initial;
	a->owner = owner;
	mutex_init(&a->clearing);
	list_add(&a->node, &accounts);
	return a;
}

static void __drop_empty(struct tm_account *a)
{
	lockdep_assert_held(&accounts_lock);
	if (a->tables)
		return;
	list_del(&a->node);
	kfree(a);
}

/**
 * tm_limits_owner() - whose a user namespace is in the end
 * @ns: the user namespace
 *
 * Context: Any; @ns stays.
 * Return: who made the outermost one around it, below the initial one; of that, root.
 */
kuid_t tm_limits_owner(struct user_namespace *ns)
{
	kuid_t owner = GLOBAL_ROOT_UID;

	for (; ns != &init_user_ns; ns = ns->parent)
		owner = ns->owner;
	return owner;
}

static u64 share(const struct tm_account *a, u64 max)
{
	return a->initial ? max : DIV_ROUND_UP_ULL(max, TM_LIMITS_SHARE);
}

/* Is there less left of what than is needed? */
static bool too_little(const struct tm_account *a, u64 used, u64 all, const char *what, u64 max,
		       u64 need, struct tm_limit *limit)
{
	limit->what = what;
	limit->need = need > 1 ? need : 0;
	limit->shared = all + need <= max;
	limit->max = limit->shared ? share(a, max) : max;
	return all + need > max || used + need > limit->max;
}

/* Is there less than one left? */
static bool used_up(const struct tm_account *a, u64 used, u64 all, const char *what, u64 max,
		    struct tm_limit *limit)
{
	return too_little(a, used, all, what, max, 1, limit);
}

/* One at a time on one charge: the sums are never below what is charged. */
static void move_charge(atomic64_t *charge, atomic64_t *of, atomic64_t *of_all, u64 now)
{
	s64 more = now - atomic64_xchg(charge, now);

	atomic64_add(more, of);
	atomic64_add(more, of_all);
}

/**
 * tm_limits_charge() - say what a table takes now
 * @account: the table's account
 * @charge: what the table has on it
 * @entries: entries in the table
 * @memory: bytes that it holds
 *
 * Context: Any.
 */
void tm_limits_charge(struct tm_account *account, struct tm_charge *charge,
		      u64 entries, u64 memory)
{
	move_charge(&charge->entries, &account->entries, &total.entries, entries);
	move_charge(&charge->memory, &account->memory, &total.memory, memory);
}

/* Would one more table of that size be too much? */
static bool table_too_much(const struct tm_account *a, u64 memory, struct tm_limit *limit)
{
	lockdep_assert_held(&accounts_lock);
	return used_up(a, a->tables, total.tables, "max_tables", tm_param_max_tables(), limit) ||
	       too_little(a, atomic64_read(&a->memory), atomic64_read(&total.memory), "max_memory",
			  tm_param_max_memory(), memory, limit);
}

/**
 * tm_limits_open() - put one more table on the account of a namespace
 * @ns: the user namespace
 * @memory: bytes that it will hold at first, more than 0
 * @charge: its first charge, of @memory
 * @limit: where -EDQUOT is returned, the limit
 *
 * Context: Task; may sleep.
 * Return: the account, to be given to tm_limits_close() with the table, or an
 * ERR_PTR: -EDQUOT, -ENOMEM.
 */
struct tm_account *tm_limits_open(struct user_namespace *ns, u64 memory,
				  struct tm_charge *charge, struct tm_limit *limit)
{
	bool initial = ns == &init_user_ns;
	kuid_t owner = tm_limits_owner(ns);
	struct tm_account *a;

	mutex_lock(&accounts_lock);
	a = __find_account(initial, owner) ?: __new_account(initial, owner);
	if (!a) {
		a = ERR_PTR(-ENOMEM);
	} else if (table_too_much(a, memory, limit)) {
		__drop_empty(a);
		a = ERR_PTR(-EDQUOT);
	} else {
		a->tables++;
		total.tables++;
		tm_limits_charge(a, charge, 0, memory);
	}
	mutex_unlock(&accounts_lock);
	return a;
}

/**
 * tm_limits_close() - take a table off an account
 * @account: from tm_limits_open()
 * @charge: what the table has on it
 *
 * Context: Task; may sleep.
 */
void tm_limits_close(struct tm_account *account, struct tm_charge *charge)
{
	tm_limits_charge(account, charge, 0, 0);
	mutex_lock(&accounts_lock);
	account->tables--;
	total.tables--;
	__drop_empty(account);
	mutex_unlock(&accounts_lock);
}

/**
 * tm_limits_entries() - how many entries one table may have at most
 * @account: whose table
 *
 * Context: Any.
 * Return: the account's limit.
 */
u64 tm_limits_entries(const struct tm_account *account)
{
	return share(account, tm_param_max_entries());
}

/**
 * tm_limits_room() - may tables of this account take more?
 * @account: the account
 * @limit: where -EDQUOT is returned, the limit
 *
 * Context: Any.
 * Return: 0 or -EDQUOT.
 */
int tm_limits_room(const struct tm_account *account, struct tm_limit *limit)
{
	if (used_up(account, atomic64_read(&account->entries), atomic64_read(&total.entries),
		    "max_entries", tm_param_max_entries(), limit))
		return -EDQUOT;
	if (used_up(account, atomic64_read(&account->memory), atomic64_read(&total.memory),
		    "max_memory", tm_param_max_memory(), limit))
		return -EDQUOT;
	return 0;
}

/**
 * tm_limits_clear_begin() - begin to clear a table, if no other of its account is being
 * @account: the account
 *
 * A table is cleared by an empty one of its size, or of one shard's, in its place: for
 * that there must be room even where the account is full, but only once. Nobody waits
 * for that: requests have a lock of all netlink families, and a user has any number.
 *
 * Context: Task.
 * Return: true, and tm_limits_clear_end() is to follow.
 */
bool tm_limits_clear_begin(struct tm_account *account)
{
	return mutex_trylock(&account->clearing);
}

/**
 * tm_limits_clear_end() - the next one may be
 * @account: of tm_limits_clear_begin()
 *
 * Context: Task.
 */
void tm_limits_clear_end(struct tm_account *account)
{
	mutex_unlock(&account->clearing);
}

/**
 * tm_limits_counts() - what all accounts have
 * @out: the counts
 *
 * Context: Task; may sleep.
 */
void tm_limits_counts(struct tm_limits_counts *out)
{
	mutex_lock(&accounts_lock);
	out->tables = total.tables;
	mutex_unlock(&accounts_lock);
	out->entries = atomic64_read(&total.entries);
	out->memory = atomic64_read(&total.memory);
}
