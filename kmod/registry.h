/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables by name, per network namespace. Who uses a table holds it from
 * tm_registry_get() to tm_registry_put(), for one operation and never while
 * user space is waited for: deleting waits for the users.
 */
#ifndef TRIPMAP_REGISTRY_H
#define TRIPMAP_REGISTRY_H

#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/tripmap.h>

#include "core/tripmap.h"
#include "registry_limits.h"

struct net;
struct tm_call;

/* A table with its name. What is not said otherwise is immutable. */
struct tm_named {
	struct tripmap		*map;
	u32			id;		/* of map */
	char			name[TRIPMAP_NAME_MAX + 1];
	u8			key_type;	/* enum tripmap_type */
	u8			value_type;	/* enum tripmap_type */
	u8			contract;	/* enum tripmap_contract */
	u8			sync;		/* enum tripmap_sync */
	u8			hash;		/* enum tripmap_hash */
	u8			bits;
	u16			shards;
	u16			key_size;
	u16			value_size;
	u64			max_entries;
	struct tm_account	*account;
	spinlock_t		charging;	/* from the look at the table on */
	struct tm_charge	charge;		/* atomics */
	struct mutex		setting;	/* one table-set at a time */
	refcount_t		users;		/* the registry's one and one an operation */
	bool			leaving;	/* being deleted; tm_net.lock */
	struct hlist_node	by_name;	/* tm_net.lock; readers under RCU */
	struct rcu_head		rcu;		/* once it can be found no more */
};

/* What a new table is to be; max_entries 0 asks for the limit. */
struct tm_spec {
	struct tripmap_config	config;		/* owner, policy and max_action are filled in */
	u8			key_type;
	u8			value_type;
	u64			self;		/* who owns it, as tm_call.self */
	struct tripmap_rule	rule[TRIPMAP_CLASS_MAX + 1];
};

int tm_registry_init(void);
void tm_registry_exit(void);

enum tripmap_action tm_registry_max_action(const struct net *net);
struct tm_named *tm_registry_add(struct net *net, struct tm_spec *spec, struct tm_limit *limit);
int tm_registry_del(struct net *net, const char *name, struct tm_call *call,
		    void (*tell)(const struct tm_named *n, void *arg), void *arg);

struct tm_named *tm_registry_get(struct net *net, const char *name);
struct tm_named *tm_registry_get_id(struct net *net, u32 id);
struct tm_named *tm_registry_next(struct net *net, u32 after);
void tm_registry_put(struct tm_named *n);

void tm_registry_charge(struct tm_named *n);
u64 tm_registry_memory(void);

#endif /* TRIPMAP_REGISTRY_H */
