// SPDX-License-Identifier: GPL-2.0
/*
 * Tables by name, per network namespace.
 *
 * A table is found under RCU, by name or by id, and then held by a count.
 * Deleting goes in phases: nobody new may hold it (leaving), those who do are
 * waited for, the table is destroyed, and only then it can be found no more,
 * so that a name never stands for two tables at once.
 *
 * Each table holds the module: rmmod is refused while there are tables.
 */
#include <linux/err.h>
#include <linux/hashtable.h>
#include <linux/instruction_pointer.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/stringhash.h>
#include <linux/wait_bit.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "core/mem.h"
#include "core/table.h"
#include "params.h"
#include "registry.h"

#define TM_NAME_BITS	6	/* for a few hundred tables a namespace */

struct tm_net {
	struct mutex		lock;	/* changes to the other two */
	struct xarray		by_id;	/* struct tm_named; readers under RCU */
	DECLARE_HASHTABLE(by_name, TM_NAME_BITS);	/* the same */
};

static unsigned int tm_net_id __read_mostly;

static struct tm_net *tm_net(const struct net *net)
{
	return net_generic(net, tm_net_id);
}

static u32 hash_name(const char *name)
{
	return full_name_hash(NULL, name, strlen(name));
}

/* Under RCU or tn->lock. */
static struct tm_named *__find_name(struct tm_net *tn, const char *name)
{
	struct tm_named *n;

	hash_for_each_possible_rcu(tn->by_name, n, by_name, hash_name(name),
				   lockdep_is_held(&tn->lock)) {
		if (!strcmp(n->name, name))
			return n;
	}
	return NULL;
}

/* Pairs with set_leaving(): a mere hint, so that deleting does not wait for ever. */
static struct tm_named *hold(struct tm_named *n)
{
	return n && !READ_ONCE(n->leaving) && refcount_inc_not_zero(&n->users) ? n : NULL;
}

/**
 * tm_registry_get() - hold a table by name
 * @net: the namespace
 * @name: the name
 *
 * Context: Any but NMI.
 * Return: the table, to be given to tm_registry_put(), or NULL.
 */
struct tm_named *tm_registry_get(struct net *net, const char *name)
{
	struct tm_named *n;

	rcu_read_lock();
	n = hold(__find_name(tm_net(net), name));
	rcu_read_unlock();
	return n;
}

/**
 * tm_registry_get_id() - hold a table by number
 * @net: the namespace
 * @id: the number
 *
 * Context: Any but NMI.
 * Return: the table, to be given to tm_registry_put(), or NULL.
 */
struct tm_named *tm_registry_get_id(struct net *net, u32 id)
{
	struct tm_named *n;

	rcu_read_lock();
	n = hold(xa_load(&tm_net(net)->by_id, id));
	rcu_read_unlock();
	return n;
}

/**
 * tm_registry_next() - hold the next table in the order of numbers
 * @net: the namespace
 * @after: number of the last one, 0 to begin with
 *
 * Context: Any but NMI.
 * Return: the table, to be given to tm_registry_put(), or NULL.
 */
struct tm_named *tm_registry_next(struct net *net, u32 after)
{
	struct tm_named *n, *held = NULL;
	unsigned long id = after;

	rcu_read_lock();
	do {
		n = xa_find_after(&tm_net(net)->by_id, &id, U32_MAX, XA_PRESENT);
		held = hold(n);
	} while (n && !held);
	rcu_read_unlock();
	return held;
}

/**
 * tm_registry_put() - hold a table no more
 * @n: the table; gone when this returns
 *
 * Context: Any but NMI.
 */
void tm_registry_put(struct tm_named *n)
{
	refcount_t *users = &n->users;

	if (!refcount_dec_and_test(users))
		return;
	/* The count is seen by who sleeps, or its sleep is seen here: see drain(). */
	smp_mb();
	wake_up_var(users);	/* takes the address only, n may be gone */
}

/**
 * tm_registry_charge() - bring the table's account up to date
 * @n: the table, held
 *
 * Context: Task.
 */
void tm_registry_charge(struct tm_named *n)
{
	struct tripmap_info info;

	spin_lock(&n->charging);
	tripmap_info(n->map, &info);
	tm_limits_charge(n->account, &n->charge, info.entries, info.memory);
	spin_unlock(&n->charging);
}

/**
 * tm_registry_memory() - what all tables hold, those of kernel code included
 *
 * Context: Any.
 * Return: bytes.
 */
u64 tm_registry_memory(void)
{
	return tm_mem_used();
}

/**
 * tm_registry_max_action() - what tables of a namespace may do at most
 * @net: the namespace
 *
 * Under a user namespace of its own, root is not root: it must not be able to
 * end the machine by a violation that it made up.
 *
 * Context: Any.
 * Return: the strongest action.
 */
enum tripmap_action tm_registry_max_action(const struct net *net)
{
	return net->user_ns == &init_user_ns ? TRIPMAP_ACTION_BUG : TRIPMAP_ACTION_REPORT;
}

static void fill(struct tm_named *n, const struct tm_spec *spec)
{
	strscpy(n->name, spec->config.name, sizeof(n->name));
	n->id = tm_table_id(n->map);
	n->key_type = spec->key_type;
	n->value_type = spec->value_type;
	n->contract = spec->config.contract;
	n->sync = spec->config.sync;
	n->hash = spec->config.hash;
	n->bits = spec->config.bits;
	n->shards = spec->config.shards;
	n->key_size = spec->config.key_size;
	n->value_size = spec->config.value_size;
	n->max_entries = spec->config.max_entries;
	spin_lock_init(&n->charging);
	mutex_init(&n->setting);
	refcount_set(&n->users, 2);	/* the registry's, and whoever makes it */
}

/*
 * The first step to destroy a table that nobody knows, whoever owns it. Whoever is
 * inside still is not there any more: a forged flag, at most.
 */
static int end_left(struct tripmap *map)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_DESTROY, _THIS_IP_, GFP_KERNEL);
	u32 repaired;
	int err;

	call.self = TM_SELF_SOCKET(0);
	err = tm_table_end(map, &call);
	if (!err)
		return 0;
	/* What is damaged goes, too. */
	tm_table_repair(map, &call, &repaired);
	return tm_table_end(map, &call);
}

static void destroy_new(struct tripmap *map)
{
	if (WARN_ON_ONCE(end_left(map)))
		return;
	tm_table_wait();
	tm_table_free(map, _THIS_IP_);
}

/* Before anybody knows the table; what is not possible was refused before. */
static void set_up(struct tripmap *map, const struct tm_spec *spec)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_OWN, _THIS_IP_, GFP_KERNEL);
	unsigned int class;

	for (class = 0; class <= TRIPMAP_CLASS_MAX; class++)
		WARN_ON_ONCE(tripmap_set_rule(map, class, &spec->rule[class]));
	call.self = spec->self;
	tm_table_own(map, &call);
}

/* The table, which nobody knows yet. */
static struct tm_named *new_named(struct net *net, struct tm_account *account,
				  struct tm_spec *spec)
{
	struct tm_named *n = kzalloc(sizeof(*n), GFP_KERNEL_ACCOUNT);

	if (!n)
		return ERR_PTR(-ENOMEM);
	spec->config.owner = net->net_cookie;
	spec->config.max_action = tm_registry_max_action(net);
	if (!spec->config.max_entries)
		spec->config.max_entries = tm_limits_entries(account);
	n->map = tripmap_create(&spec->config, GFP_KERNEL_ACCOUNT);
	if (IS_ERR(n->map)) {
		struct tripmap *error = n->map;

		kfree(n);
		return ERR_CAST(error);
	}
	n->account = account;
	set_up(n->map, spec);
	fill(n, spec);
	tm_registry_charge(n);
	return n;
}

static int insert(struct tm_net *tn, struct tm_named *n)
{
	int err = -EEXIST;

	mutex_lock(&tn->lock);
	if (!__find_name(tn, n->name)) {
		err = xa_insert(&tn->by_id, n->id, n, GFP_KERNEL_ACCOUNT);
		if (!err)
			hash_add_rcu(tn->by_name, &n->by_name, hash_name(n->name));
	}
	mutex_unlock(&tn->lock);
	return err;
}

static struct tm_named *add(struct net *net, struct tm_account *account,
			    struct tm_charge *first, struct tm_spec *spec)
{
	struct tm_named *n;
	int err;

	n = new_named(net, account, spec);
	if (IS_ERR(n)) {
		tm_limits_close(account, first);
		return n;
	}
	/* It has a charge of its own now. */
	tm_limits_charge(account, first, 0, 0);
	err = insert(tm_net(net), n);
	if (!err)
		return n;
	destroy_new(n->map);
	tm_limits_close(account, &n->charge);
	kfree(n);
	return ERR_PTR(err);
}

/**
 * tm_registry_add() - make a table
 * @net: the namespace
 * @spec: what it is to be; completed here
 * @limit: where -EDQUOT is returned, the limit
 *
 * Context: Task; may sleep.
 * Return: the table, held until tm_registry_put(); or ERR_PTR: -EEXIST, -EDQUOT (a
 * limit), -ENOMEM, -ENODEV (the module is being unloaded).
 */
struct tm_named *tm_registry_add(struct net *net, struct tm_spec *spec, struct tm_limit *limit)
{
	struct tm_account *account;
	struct tm_charge first = {};
	struct tm_named *n;

	if (!try_module_get(THIS_MODULE))
		return ERR_PTR(-ENODEV);
	account = tm_limits_open(net->user_ns, tm_table_bytes(&spec->config), &first, limit);
	n = IS_ERR(account) ? ERR_CAST(account) : add(net, account, &first, spec);
	if (IS_ERR(n))
		module_put(THIS_MODULE);
	return n;
}

static void set_leaving(struct tm_named *n, bool leaving)
{
	WRITE_ONCE(n->leaving, leaving);	/* pairs with hold() */
}

/* Phase 1: nobody new may hold it. */
static struct tm_named *begin_leave(struct tm_net *tn, const char *name)
{
	struct tm_named *n;

	mutex_lock(&tn->lock);
	n = __find_name(tn, name);
	if (!n)
		n = ERR_PTR(-ENOENT);
	else if (n->leaving)
		n = ERR_PTR(-EALREADY);
	else
		set_leaving(n, true);
	mutex_unlock(&tn->lock);
	if (!IS_ERR(n))
		tm_registry_put(n);
	return n;
}

static void cancel_leave(struct tm_net *tn, struct tm_named *n)
{
	mutex_lock(&tn->lock);
	set_leaving(n, false);
	mutex_unlock(&tn->lock);
}

/*
 * Phase 2: who holds it is waited for. Only its own operations keep a table,
 * so that this ends; who cannot wait may kill the task.
 */
static int drain(struct tm_named *n)
{
	/* The waiting pairs with tm_registry_put(). */
	int err = wait_var_event_killable(&n->users, !refcount_read(&n->users));

	/* A last user that goes meanwhile has decided it: nobody holds it. */
	if (err && refcount_inc_not_zero(&n->users))
		return -EINTR;
	/* Pairs with the release in tm_registry_put(): what users did is done. */
	smp_acquire__after_ctrl_dep();
	return 0;
}

/* Phase 3, after the table was destroyed: it can be found no more. */
static void end_leave(struct tm_net *tn, struct tm_named *n)
{
	mutex_lock(&tn->lock);
	hash_del_rcu(&n->by_name);
	xa_erase(&tn->by_id, n->id);
	mutex_unlock(&tn->lock);
	tm_limits_close(n->account, &n->charge);
	kfree_rcu(n, rcu);
	module_put(THIS_MODULE);
}

/**
 * tm_registry_del() - destroy a table, once its users are done
 * @net: the namespace
 * @name: the table's name
 * @call: the call; its verdict is to be acted upon
 * @tell: told of the end, while nobody else can have the name
 * @arg: for @tell
 *
 * Context: Task; may sleep.
 * Return: 0; -ENOENT, -EALREADY (another one is at it), -EINTR (killed), or
 * what tm_table_destroy() says; then the table stays.
 */
int tm_registry_del(struct net *net, const char *name, struct tm_call *call,
		    void (*tell)(const struct tm_named *n, void *arg), void *arg)
{
	struct tm_net *tn = tm_net(net);
	struct tm_named *n = begin_leave(tn, name);
	int err;

	if (IS_ERR(n))
		return PTR_ERR(n);
	err = drain(n);
	if (err) {
		cancel_leave(tn, n);
		return err;
	}
	err = tm_table_destroy(n->map, call);
	if (err) {
		refcount_set(&n->users, 1);
		cancel_leave(tn, n);
		return err;
	}
	tell(n, arg);
	end_leave(tn, n);
	return 0;
}

static int __net_init tm_net_init(struct net *net)
{
	struct tm_net *tn = tm_net(net);

	mutex_init(&tn->lock);
	xa_init(&tn->by_id);
	hash_init(tn->by_name);
	return 0;
}

static void end_all(struct tm_net *tn)
{
	struct tm_named *n;
	unsigned long id;

	xa_for_each(&tn->by_id, id, n) {
		WARN_ON_ONCE(!refcount_dec_and_test(&n->users));
		/* It is left as it is: somebody is inside. */
		if (WARN_ON_ONCE(end_left(n->map)))
			xa_erase(&tn->by_id, id);
	}
}

static void free_all(struct tm_net *tn)
{
	struct tm_named *n;
	unsigned long id;

	xa_for_each(&tn->by_id, id, n) {
		tm_table_free(n->map, _THIS_IP_);
		end_leave(tn, n);
	}
	xa_destroy(&tn->by_id);
}

static bool any_tables(const struct list_head *nets)
{
	struct net *net;

	list_for_each_entry(net, nets, exit_list) {
		if (!xa_empty(&tm_net(net)->by_id))
			return true;
	}
	return false;
}

/*
 * Sockets hold their namespace: nobody uses its tables any more. Others wait for
 * this, so all tables are waited for at once.
 */
static void __net_exit tm_net_exit(struct list_head *nets)
{
	struct net *net;

	if (!any_tables(nets))
		return;
	list_for_each_entry(net, nets, exit_list)
		end_all(tm_net(net));
	tm_table_wait();
	list_for_each_entry(net, nets, exit_list)
		free_all(tm_net(net));
}

static struct pernet_operations tm_net_ops = {
	.init	= tm_net_init,
	.exit_batch = tm_net_exit,
	.id	= &tm_net_id,
	.size	= sizeof(struct tm_net),
};

/**
 * tm_registry_init() - begin to keep tables for each network namespace
 *
 * Context: Task; may sleep.
 * Return: 0 or -ENOMEM.
 */
int __init tm_registry_init(void)
{
	return register_pernet_subsys(&tm_net_ops);
}

/**
 * tm_registry_exit() - destroy what tables there are
 *
 * Context: Task; may sleep.
 */
void tm_registry_exit(void)
{
	unregister_pernet_subsys(&tm_net_ops);
}
