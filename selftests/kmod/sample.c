// SPDX-License-Identifier: GPL-2.0
/*
 * A driver that keeps sessions in a single-writer table: whoever writes holds
 * the set's mutex, readers hold nothing. /dev/tripmap_sample is one session for
 * each time that it is opened.
 *
 * Each place where sample_bug is looked at has one bug, if it is that one's turn.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uidgid.h>
#include <net/net_namespace.h>

#include "sample.h"

#define LIFETIME	(60 * HZ)
#define EXPIRE_EVERY	1		/* jiffies */
#define SWEEP_EVERY	(HZ / 50)
#define AUDIT_ID	(~0ULL)		/* the key of the record on changes */

enum sample_bug sample_bug;

static struct session_set *sessions;	/* sessions_mutex */
static DEFINE_MUTEX(sessions_mutex);
static atomic64_t last_id = ATOMIC64_INIT(1000000);

/*
 * Sessions
 */

/* Session id of user begins. */
noinline int session_open(struct session_set *set, u64 id, u32 user)
{
	struct session s = {
		.state = SESSION_ACTIVE, .user = user, .expires = jiffies + LIFETIME,
	};
	int err;

	mutex_lock(&set->lock);
	err = tripmap_insert(set->table, &id, &s, GFP_KERNEL);
	mutex_unlock(&set->lock);
	if (!err)
		WRITE_ONCE(set->due, id);	/* pairs with the READ_ONCE() in make_idle() */
	return err;
}

/* It was used: its life begins anew. */
noinline int session_refresh(struct session_set *set, u64 id)
{
	struct session s;
	bool locked = sample_bug != SEED_FORGOTTEN_LOCK;
	int err;

	if (locked)
		mutex_lock(&set->lock);
	err = tripmap_lookup(set->table, &id, &s);
	if (!err) {
		s.state = SESSION_ACTIVE;
		s.expires = jiffies + LIFETIME;
		err = tripmap_replace(set->table, &id, &s, GFP_KERNEL);
	}
	if (locked)
		mutex_unlock(&set->lock);
	return err;
}

/* It moved so many bytes. */
noinline int session_account(struct session_set *set, u64 id, u64 bytes)
{
	struct mutex *lock = sample_bug == SEED_WRONG_LOCK ? &set->accounts_lock : &set->lock;
	struct session s;
	int err;

	mutex_lock(lock);
	err = tripmap_lookup(set->table, &id, &s);
	if (!err) {
		s.bytes += bytes;
		err = tripmap_replace(set->table, &id, &s, GFP_KERNEL);
	}
	mutex_unlock(lock);
	mutex_lock(&set->accounts_lock);
	set->bytes += bytes;
	mutex_unlock(&set->accounts_lock);
	return err;
}

/* A session of nobody's needs no lock, thinks the bug. */
noinline int session_close(struct session_set *set, u64 id)
{
	struct session s;
	bool locked;
	int err;

	err = tripmap_lookup(set->table, &id, &s);
	if (err)
		return err;
	locked = sample_bug != SEED_BRANCH_LOCK || s.user;
	if (locked)
		mutex_lock(&set->lock);
	err = tripmap_delete(set->table, &id, GFP_KERNEL);
	if (locked)
		mutex_unlock(&set->lock);
	return err;
}

/* The table has changed, says its probe, in the middle of the change. */
noinline void session_audit(struct session_set *set)
{
	struct session s = { .bytes = atomic64_inc_return(&set->audited) };
	u64 id = AUDIT_ID;
	int err = 0;

	/* The caller has the lock: then it may be written, thinks the bug. */
	if (sample_bug == SEED_CALLBACK)
		err = tripmap_store(set->table, &id, &s, GFP_ATOMIC);
	if (err)
		atomic64_dec(&set->audited);
}

/*
 * Expiry and sweeping
 */

/* Who does not refresh it until the next time has left it. */
static __always_inline int make_idle(struct session_set *set, gfp_t gfp)
{
	u64 id = READ_ONCE(set->due);	/* pairs with the WRITE_ONCE() in session_open() */
	struct session s;
	int err = tripmap_lookup(set->table, &id, &s);

	if (err)
		return err;
	s.state = SESSION_IDLE;
	return tripmap_replace(set->table, &id, &s, gfp);
}

static noinline void session_expire_work(struct work_struct *work)
{
	struct session_set *set = container_of(work, struct session_set, expire_work);

	mutex_lock(&set->lock);
	make_idle(set, GFP_KERNEL);
	mutex_unlock(&set->lock);
}

/* A mutex cannot be had in a timer, and one write is quick, thinks the bug. */
static noinline void session_expire_timer(struct timer_list *timer)
{
	struct session_set *set = from_timer(set, timer, expire_timer);

	if (sample_bug == SEED_TIMER)
		make_idle(set, GFP_ATOMIC);
	else
		schedule_work(&set->expire_work);
	mod_timer(timer, jiffies + EXPIRE_EVERY);
}

/* A new period of the accounts. The work item runs alone, thinks the bug. */
static noinline void session_sweep_work(struct work_struct *work)
{
	struct session_set *set = container_of(to_delayed_work(work), struct session_set,
					       sweep_work);
	bool locked = sample_bug != SEED_WORK;
	struct tripmap_iter *it;
	struct session s;
	u64 id;

	if (locked)
		mutex_lock(&set->lock);
	it = tripmap_iter_open(set->table, GFP_KERNEL);
	while (!IS_ERR(it) && tripmap_iter_next(it, &id, &s) == 1) {
		s.bytes = 0;
		tripmap_replace(set->table, &id, &s, GFP_KERNEL);
	}
	if (!IS_ERR(it))
		tripmap_iter_close(it);
	if (locked)
		mutex_unlock(&set->lock);
	schedule_delayed_work(&set->sweep_work, SWEEP_EVERY);
}

void sessions_expire_on(struct session_set *set, unsigned int cpu)
{
	set->expire_timer.expires = jiffies + EXPIRE_EVERY;
	add_timer_on(&set->expire_timer, cpu);
}

void sessions_sweep(struct session_set *set)
{
	schedule_delayed_work(&set->sweep_work, SWEEP_EVERY);
}

/*
 * Sets
 */

static struct tripmap *make_table(void)
{
	struct tripmap_config cfg = TRIPMAP_CONFIG(
		.name = "sessions",
		.owner = init_net.net_cookie,	/* tripctl shows its reports there */
		.key_size = sizeof(u64),
		.value_size = sizeof(struct session),
		.bits = 4,
	);
	unsigned int class;

	for (class = 0; class <= TRIPMAP_CLASS_MAX; class++)
		if (class != TRIPMAP_CLASS_EXITING_WRITER)
			cfg.policy[class] = TRIPMAP_ACTION_REPORT;
	/* No lock class: some of its bugs lockdep would find before tripmap does. */
	return tripmap_create_class(&cfg, GFP_KERNEL, NULL);
}

static struct session_set *set_new(void)
{
	struct session_set *set = kzalloc(sizeof(*set), GFP_KERNEL);

	if (!set)
		return ERR_PTR(-ENOMEM);
	set->table = make_table();
	if (IS_ERR(set->table)) {
		int err = PTR_ERR(set->table);

		kfree(set);
		return ERR_PTR(err);
	}
	kref_init(&set->ref);
	mutex_init(&set->lock);
	mutex_init(&set->accounts_lock);
	timer_setup(&set->expire_timer, session_expire_timer, TIMER_PINNED);
	INIT_WORK(&set->expire_work, session_expire_work);
	INIT_DELAYED_WORK(&set->sweep_work, session_sweep_work);
	sample_watch(set);
	return set;
}

/* The last user has gone. */
static void sessions_free(struct kref *ref)
{
	struct session_set *set = container_of(ref, struct session_set, ref);

	timer_shutdown_sync(&set->expire_timer);
	cancel_work_sync(&set->expire_work);
	cancel_delayed_work_sync(&set->sweep_work);
	if (!set->destroyed) {
		sample_unwatch(set);
		tripmap_destroy(set->table);
	}
	kfree(set);
}

struct session_set *sessions_get(void)
{
	struct session_set *set;

	mutex_lock(&sessions_mutex);
	set = sessions;
	kref_get(&set->ref);
	mutex_unlock(&sessions_mutex);
	return set;
}

void sessions_put(struct session_set *set)
{
	kref_put(&set->ref, sessions_free);
}

/* From now on a new, empty table; the old one goes with its last user. */
noinline int sessions_reset(void)
{
	struct session_set *set = set_new(), *old;

	if (IS_ERR(set))
		return PTR_ERR(set);
	mutex_lock(&sessions_mutex);
	old = sessions;
	sessions = set;
	mutex_unlock(&sessions_mutex);
	/* Nobody finds it any more: then it may go, thinks the bug. */
	if (sample_bug == SEED_DESTROY)
		old->destroyed = !tripmap_destroy(old->table);
	sessions_put(old);
	return 0;
}

/*
 * /dev/tripmap_sample
 */

struct session_file {
	struct session_set	*set;
	u64			id;
};

static int session_file_open(struct inode *inode, struct file *file)
{
	struct session_file *sf = kzalloc(sizeof(*sf), GFP_KERNEL);
	int err;

	if (!sf)
		return -ENOMEM;
	sf->set = sessions_get();
	sf->id = atomic64_inc_return(&last_id);
	err = session_open(sf->set, sf->id, from_kuid(&init_user_ns, current_uid()));
	if (err) {
		sessions_put(sf->set);
		kfree(sf);
		return err;
	}
	file->private_data = sf;
	return 0;
}

/* Also when the last one who had it open exits. */
static noinline int session_release(struct inode *inode, struct file *file)
{
	struct session_file *sf = file->private_data;
	bool locked = sample_bug != SEED_EXIT;

	if (locked)
		mutex_lock(&sf->set->lock);
	tripmap_delete(sf->set->table, &sf->id, GFP_KERNEL);
	if (locked)
		mutex_unlock(&sf->set->lock);
	sessions_put(sf->set);
	kfree(sf);
	return 0;
}

static noinline long session_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct session_file *sf = file->private_data;
	long err;

	switch (cmd) {
	case SAMPLE_REFRESH:
		err = session_refresh(sf->set, sf->id);
		break;
	case SAMPLE_ACCOUNT:
		err = session_account(sf->set, sf->id, arg);
		break;
	case SAMPLE_RESET:
		err = sessions_reset();
		break;
	default:
		err = -ENOTTY;
	}
	return err;
}

static const struct file_operations session_fops = {
	.owner = THIS_MODULE,
	.open = session_file_open,
	.release = session_release,
	.unlocked_ioctl = session_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice session_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "tripmap_sample",
	.fops = &session_fops,
};

int sample_driver_init(void)
{
	int err;

	sessions = set_new();
	if (IS_ERR(sessions))
		return PTR_ERR(sessions);
	err = misc_register(&session_device);
	if (err)
		sessions_put(sessions);
	return err;
}

void sample_driver_exit(void)
{
	misc_deregister(&session_device);
	sessions_put(sessions);
}
