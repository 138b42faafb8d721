// SPDX-License-Identifier: GPL-2.0
/*
 * What the rules of this folder must find in the code of a table's users, and what
 * they must not. It is never built. A line that must be found says so: "Found: RULE".
 */
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

#include "../../../kmod/core/tripmap.h"

struct session {
	struct kref		ref;
	u64			packets;
};

static DEFINE_SPINLOCK(lock);

/*
 * refused.cocci
 */
static void keep_unasked(struct tripmap *t, u32 id, struct session *s)
{
	tripmap_store(t, &id, &s, GFP_ATOMIC);			/* Found: refused */
	s->packets++;
}

static void take_unasked(struct tripmap *t, u32 id, struct session **s)
{
	if (id)
		tripmap_take(t, &id, s, GFP_ATOMIC);		/* Found: refused */
}

static int keep_asked(struct tripmap *t, u32 id, struct session *s)
{
	int err = tripmap_store(t, &id, &s, GFP_ATOMIC);

	return err ? err : tripmap_insert(t, &id, &s, GFP_ATOMIC);
}

/* To forget what may not be there is no slip. */
static void forget(struct tripmap *t, u32 id)
{
	tripmap_delete(t, &id, GFP_ATOMIC);
	(void)tripmap_clear(t, GFP_KERNEL);
}

/*
 * walk.cocci
 */
static void walk_in_section(struct tripmap *t)
{
	struct tripmap_iter *it;

	rcu_read_lock();
	it = tripmap_iter_open(t, GFP_KERNEL);			/* Found: walk */
	rcu_read_unlock();
	tripmap_iter_close(it);
}

static int walk_on(struct tripmap_iter *it, u32 *id, struct session **s)
{
	tripmap_iter_close(it);
	return tripmap_iter_next(it, id, s);			/* Found: walk */
}

static int walk_left_open(struct tripmap *t, u32 *id, struct session **s)
{
	struct tripmap_iter *it = tripmap_iter_open(t, GFP_KERNEL);	/* Found: walk */
	int err = tripmap_iter_next(it, id, s);

	if (err < 0)
		return err;
	tripmap_iter_close(it);
	return 0;
}

static int walk(struct tripmap *t, u32 *id, struct session **s)
{
	struct tripmap_iter *it = tripmap_iter_open(t, GFP_KERNEL);
	int err;

	do {
		rcu_read_lock();
		err = tripmap_iter_next(it, id, s);
		rcu_read_unlock();
	} while (err > 0);
	tripmap_iter_close(it);
	it = tripmap_iter_open(t, GFP_KERNEL);
	err = tripmap_iter_next(it, id, s);
	tripmap_iter_close(it);
	return err;
}

/*
 * pointer.cocci
 */
static u64 followed_after(struct tripmap *t, u32 id)
{
	struct session *s;
	int err;

	rcu_read_lock();
	err = tripmap_lookup(t, &id, &s);
	rcu_read_unlock();
	return err ? 0 : s->packets;				/* Found: pointer */
}

static u64 followed_without(struct tripmap *t, u32 id)
{
	struct session *s;

	if (tripmap_lookup(t, &id, &s))
		return 0;
	return s->packets;					/* Found: pointer */
}

static u64 followed_within(struct tripmap *t, u32 id)
{
	struct session *s;
	u64 packets = 0;

	rcu_read_lock();
	if (!tripmap_lookup(t, &id, &s))
		packets = s->packets;
	rcu_read_unlock();
	return packets;
}

static u64 followed_with_reference(struct tripmap *t, u32 id)
{
	struct session *s;
	int err;

	rcu_read_lock();
	err = tripmap_lookup(t, &id, &s);
	if (!err && !kref_get_unless_zero(&s->ref))
		err = -ENOENT;
	rcu_read_unlock();
	return err ? 0 : s->packets;
}

static u64 followed_under_lock(struct tripmap *t, u32 id)
{
	struct session *s;
	u64 packets = 0;

	spin_lock(&lock);
	if (!tripmap_lookup(t, &id, &s))
		packets = s->packets;
	spin_unlock(&lock);
	return packets;
}

/*
 * branch.cocci
 */
static int locked_on_one_branch(struct tripmap *t, u32 id, bool quick)
{
	int err;

	if (!quick)
		spin_lock(&lock);
	err = tripmap_delete(t, &id, GFP_ATOMIC);		/* Found: branch */
	if (!quick)
		spin_unlock(&lock);
	return err;
}

static int locked(struct tripmap *t, u32 id, bool quick)
{
	int err;

	if (quick)
		spin_lock(&lock);
	else
		spin_lock(&lock);
	err = tripmap_delete(t, &id, GFP_ATOMIC);
	spin_unlock(&lock);
	return err;
}
