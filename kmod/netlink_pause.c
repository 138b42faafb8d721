// SPDX-License-Identifier: GPL-2.0
/*
 * Pauses over netlink: counted by kind, CPU and table, and the last ones of each
 * CPU one by one.
 */
#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat.h"
#include "netlink_ops.h"
#include "netlink_util.h"
#include "observe/event.h"
#include "observe/pause.h"

/* --- which ones --- */

/* What a dump goes through: CPUs (or all at once), and of each the kinds. */
struct tm_pause_scan {
	u32	table;			/* TM_PAUSE_ALL_TABLES, or this one */
	char	name[TRIPMAP_NAME_MAX + 1];
	u32	cpu;			/* or TM_PAUSE_ALL_CPUS */
	bool	each;			/* CPUs one after the other */
	u8	kind;
	u8	first;
	u8	last;			/* kind */
	bool	over;
};

static void next_place(struct tm_pause_scan *s)
{
	if (s->kind < s->last) {
		s->kind++;
		return;
	}
	s->kind = s->first;
	if (s->each)
		s->cpu = cpumask_next(s->cpu, cpu_possible_mask);
	s->over = !s->each || s->cpu >= nr_cpu_ids;
}

static void choose_each(struct tm_pause_scan *s)
{
	s->each = true;
	s->cpu = cpumask_first(cpu_possible_mask);
}

static int choose_cpu(struct netlink_callback *cb, struct tm_pause_scan *s)
{
	const struct nlattr *cpu = tm_dump_attrs(cb)[TRIPMAP_A_PAUSE_CPU];

	s->cpu = cpu ? nla_get_u32(cpu) : TM_PAUSE_ALL_CPUS;
	if (cpu && s->cpu == TM_PAUSE_ALL_CPUS)
		choose_each(s);
	else if (cpu && (s->cpu >= nr_cpu_ids || !cpu_possible(s->cpu)))
		return tm_nl_dump_fail(cb, -ENOENT, cpu, "there is no such CPU");
	return 0;
}

static int choose_table(struct netlink_callback *cb, struct tm_pause_scan *s)
{
	struct tm_named *n;
	int err = 0;

	if (!tm_dump_attrs(cb)[TRIPMAP_A_PAUSE_TABLE])
		return 0;
	n = tm_nl_dump_hold(cb, TRIPMAP_A_PAUSE_TABLE, &err);
	if (!n)
		return err;
	s->table = n->id;
	strscpy(s->name, n->name, sizeof(s->name));
	tm_registry_put(n);
	return 0;
}

static int choose(struct netlink_callback *cb, struct tm_pause_scan *s)
{
	const struct nlattr *kind = tm_dump_attrs(cb)[TRIPMAP_A_PAUSE_KIND];
	int err = choose_cpu(cb, s);

	s->first = kind ? nla_get_u8(kind) : 0;
	s->last = kind ? s->first : TRIPMAP_PAUSE_KIND_MAX;
	s->kind = s->first;
	return err ?: choose_table(cb, s);
}

/*
 * Room for a dump whose state begins with its struct tm_pause_scan; args[0].
 * Null, and *err is what start has to return.
 */
static void *new_dump(struct netlink_callback *cb, size_t size, int *err)
{
	struct tm_pause_scan *s = kvzalloc(size, GFP_KERNEL);

	if (!s) {
		*err = tm_nl_dump_fail(cb, -ENOMEM, NULL, "no memory for a dump");
		return NULL;
	}
	*err = choose(cb, s);
	if (*err) {
		kvfree(s);
		return NULL;
	}
	tm_nl_dump_begin(cb);
	cb->args[0] = (long)s;
	return s;
}

int tm_nl_pause_dump_done(struct netlink_callback *cb)
{
	kvfree((void *)cb->args[0]);
	return 0;
}

/* --- pause-get --- */

struct tm_pause_dump {
	struct tm_pause_scan	scan;		/* first */
	u64			since;		/* of the first figures shown */
	struct tm_pause_period	period;
	struct tm_pause_stats	stats;
};

static int put_u64(struct sk_buff *skb, int type, u64 value)
{
	return nla_put_u64_64bit(skb, type, value, TRIPMAP_A_PAUSE_PAD);
}

static int put_subject(struct sk_buff *skb, const struct tm_pause_scan *s)
{
	if ((s->table != TM_PAUSE_ALL_TABLES &&
	     nla_put_string(skb, TRIPMAP_A_PAUSE_TABLE, s->name)) ||
	    nla_put_u8(skb, TRIPMAP_A_PAUSE_KIND, s->kind) ||
	    (s->cpu != TM_PAUSE_ALL_CPUS && nla_put_u32(skb, TRIPMAP_A_PAUSE_CPU, s->cpu)))
		return -EMSGSIZE;
	return 0;
}

static int put_period(struct sk_buff *skb, const struct tm_pause_period *p)
{
	if (put_u64(skb, TRIPMAP_A_PAUSE_TIME, p->now) ||
	    put_u64(skb, TRIPMAP_A_PAUSE_SINCE, p->since) ||
	    put_u64(skb, TRIPMAP_A_PAUSE_UNTIL, p->until) ||
	    nla_put_u8(skb, TRIPMAP_A_PAUSE_STATE, p->since && !p->until) ||
	    nla_put_u32(skb, TRIPMAP_A_PAUSE_SHARE, tm_event_share()) ||
	    put_u64(skb, TRIPMAP_A_PAUSE_UNTRACKED, p->untracked))
		return -EMSGSIZE;
	return 0;
}

/* Up to the last cell that is not empty. */
static int put_histogram(struct sk_buff *skb, const struct tm_pause_stats *stats)
{
	unsigned int n = TRIPMAP_PAUSE_CELLS;

	while (n && !stats->cell[n - 1])
		n--;
	return nla_put_64bit(skb, TRIPMAP_A_PAUSE_HISTOGRAM, n * sizeof(stats->cell[0]),
			     stats->cell, TRIPMAP_A_PAUSE_PAD);
}

static int put_stats(struct sk_buff *skb, const struct tm_pause_stats *stats)
{
	if (put_u64(skb, TRIPMAP_A_PAUSE_COUNT, stats->count) ||
	    put_u64(skb, TRIPMAP_A_PAUSE_TOTAL, stats->total) ||
	    put_u64(skb, TRIPMAP_A_PAUSE_SHORTEST, stats->min) ||
	    put_u64(skb, TRIPMAP_A_PAUSE_LONGEST, stats->max) ||
	    put_histogram(skb, stats))
		return -EMSGSIZE;
	return 0;
}

/* The distances to violations are not kept by CPU or table. */
static int fill_pause(struct sk_buff *skb, const void *what)
{
	const struct tm_pause_dump *d = what;
	const struct tm_pause_scan *s = &d->scan;

	if (put_subject(skb, s) || put_period(skb, &d->period) || put_stats(skb, &d->stats))
		return -EMSGSIZE;
	if (s->table != TM_PAUSE_ALL_TABLES || s->cpu != TM_PAUSE_ALL_CPUS)
		return 0;
	return tm_nl_put_near(skb, TRIPMAP_A_PAUSE_NEAR, TRIPMAP_A_PAUSE_PAD, s->kind);
}

int tm_nl_pause_dump_start(struct netlink_callback *cb)
{
	const struct nlattr *cpu = tm_dump_attrs(cb)[TRIPMAP_A_PAUSE_CPU];
	int err;

	if (cpu && tm_dump_attrs(cb)[TRIPMAP_A_PAUSE_TABLE])
		return tm_nl_dump_fail(cb, -EINVAL, cpu,
				       "pauses of a table are not counted for each CPU");
	new_dump(cb, sizeof(struct tm_pause_dump), &err);
	return err;
}

/* A table without a place of its own has none to show: its figures are 0. */
static int read_stats(struct netlink_callback *cb, struct tm_pause_dump *d)
{
	const struct tm_pause_scan *s = &d->scan;
	int err = tm_pause_get(s->table, s->cpu, s->kind, &d->stats, &d->period);

	if (err && err != -ENOENT)
		return err;
	if (!d->since)
		d->since = d->period.since;
	else if (d->since != d->period.since)
		tm_nl_dump_interrupt(cb);	/* begun anew meanwhile */
	return 0;
}

int tm_nl_pause_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct tm_pause_dump *d = (struct tm_pause_dump *)cb->args[0];
	int err;

	for (; !d->scan.over; next_place(&d->scan)) {
		err = read_stats(cb, d);
		if (err) {
			NL_SET_ERR_MSG(cb->extack, "the statistics cannot be read");
			return err;
		}
		if (tm_nl_dump_put(skb, cb, TRIPMAP_CMD_PAUSE_GET, fill_pause, d))
			break;
	}
	return skb->len;
}

/* --- pause-recent-get --- */

struct tm_recent_dump {
	struct tm_pause_scan	scan;		/* first */
	struct net		*net;
	bool			all;		/* sees pauses of other namespaces' tables */
	u32			named;		/* the table that name is of */
	char			name[TRIPMAP_NAME_MAX + 1];
	u32			n;		/* pauses in ring */
	u32			at;		/* the next one to be shown */
	struct tm_pause_recent	ring[TRIPMAP_PAUSE_RECENT];	/* of scan's CPU and kind */
};

static bool is_same(const struct tm_pause_recent *a, const struct tm_pause_recent *b)
{
	return a->start == b->start && a->duration == b->duration && a->table == b->table;
}

/* Pauses that end while the ring is copied move what was copied farther back. */
static bool is_copied(const struct tm_recent_dump *d, const struct tm_pause_recent *r)
{
	u32 i;

	for (i = d->n; i; i--) {
		const struct tm_pause_recent *c = &d->ring[i - 1];

		if (is_same(c, r))
			return true;
		if (c->start + c->duration > r->start + r->duration)
			break;
	}
	return false;
}

static void copy_ring(struct tm_recent_dump *d)
{
	struct tm_pause_recent r;
	u32 i;

	d->n = 0;
	d->at = 0;
	for (i = 0; i < TRIPMAP_PAUSE_RECENT; i++) {
		if (tm_pause_recent(d->scan.cpu, d->scan.kind, i, &r) && !is_copied(d, &r))
			d->ring[d->n++] = r;
	}
}

static bool is_visible(struct tm_recent_dump *d, const struct tm_pause_recent *r)
{
	if (d->scan.table != TM_PAUSE_ALL_TABLES && d->scan.table != r->table)
		return false;
	if (d->named != r->table) {
		d->named = r->table;
		tm_nl_table_name(d->net, r->table, d->name);
	}
	return d->all || d->name[0];
}

static int fill_recent(struct sk_buff *skb, const void *what)
{
	const struct tm_recent_dump *d = what;
	const struct tm_pause_recent *r = &d->ring[d->at];

	if (nla_put_u8(skb, TRIPMAP_A_PAUSE_KIND, r->kind) ||
	    nla_put_u32(skb, TRIPMAP_A_PAUSE_CPU, r->cpu) ||
	    nla_put_u32(skb, TRIPMAP_A_PAUSE_TABLE_ID, r->table) ||
	    (d->name[0] && nla_put_string(skb, TRIPMAP_A_PAUSE_TABLE, d->name)) ||
	    put_u64(skb, TRIPMAP_A_PAUSE_START, r->start) ||
	    put_u64(skb, TRIPMAP_A_PAUSE_DURATION, r->duration))
		return -EMSGSIZE;
	return 0;
}

int tm_nl_recent_dump_start(struct netlink_callback *cb)
{
	struct tm_recent_dump *d;
	int err;

	d = new_dump(cb, sizeof(*d), &err);
	if (!d)
		return err;
	if (d->scan.cpu == TM_PAUSE_ALL_CPUS)
		choose_each(&d->scan);
	d->net = tm_nl_dump_net(cb);
	d->all = tm_nl_sees_all(d->net, cb->skb);
	copy_ring(d);
	return 0;
}

/* The next pause that the reader may see, if there is one. */
static bool next_recent(struct tm_recent_dump *d)
{
	while (!d->scan.over) {
		for (; d->at < d->n; d->at++) {
			if (is_visible(d, &d->ring[d->at]))
				return true;
		}
		next_place(&d->scan);
		if (!d->scan.over)
			copy_ring(d);
	}
	return false;
}

int tm_nl_recent_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct tm_recent_dump *d = (struct tm_recent_dump *)cb->args[0];

	for (; next_recent(d); d->at++) {
		if (tm_nl_dump_put(skb, cb, TRIPMAP_CMD_PAUSE_RECENT_GET, fill_recent, d))
			break;
	}
	return skb->len;
}

/* --- pause-set --- */

static int set_state(struct tm_request *rq, const struct nlattr *state)
{
	bool on = nla_get_u8(state);
	int err = 0;

	if (on)
		err = tm_pause_on();
	else
		tm_pause_off();
	if (err)
		return tm_nl_fail(rq, err, state, "pauses cannot be counted now");
	tm_nl_audit(rq, TRIPMAP_DEED_PAUSE, NULL, "pauses are %s", on ? "counted" : "not counted");
	return 0;
}

static int reset(struct tm_request *rq, const struct nlattr *attr)
{
	int err = tm_pause_reset();

	if (err)
		return tm_nl_fail(rq, err, attr, "pauses cannot be counted anew now");
	tm_nl_audit(rq, TRIPMAP_DEED_PAUSE, NULL, "pauses are counted anew");
	return 0;
}

int tm_nl_pause_set(struct tm_request *rq)
{
	const struct nlattr *state = rq->info->attrs[TRIPMAP_A_PAUSE_STATE];
	const struct nlattr *anew = rq->info->attrs[TRIPMAP_A_PAUSE_RESET];
	int err = 0;

	if (!state && !anew)
		return tm_nl_fail(rq, -EINVAL, NULL, "attribute state or reset is missing");
	if (state)
		err = set_state(rq, state);
	if (!err && anew)
		err = reset(rq, anew);
	return err;
}
