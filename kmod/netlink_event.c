// SPDX-License-Identifier: GPL-2.0
/*
 * The window of a report over netlink: what happened before the violation, an
 * event a message. A reader sees events on tables of its own network namespace,
 * as it does with reports; only the administrator of the machine sees all.
 */
#include <linux/bits.h>
#include <linux/capability.h>
#include <linux/kernel.h>
#include <linux/netlink.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include "compat.h"
#include "netlink_ops.h"
#include "netlink_util.h"
#include "observe/event.h"
#include "observe/flight.h"
#include "observe/report.h"
#include "observe/report_text.h"

#define TM_EVENT_PAGE	32	/* events fetched at once */

/* Figures that tell something also where they are 0. */
#define TM_HAS_DURATION	(BIT(TRIPMAP_EVENT_WRITE_END) | BIT(TRIPMAP_EVENT_RETRY) |	\
			 BIT(TRIPMAP_EVENT_LOCK_WAIT) | BIT(TRIPMAP_EVENT_PAUSE) |	\
			 BIT(TRIPMAP_EVENT_ITERATE_DONE))
#define TM_HAS_RESULT	(BIT(TRIPMAP_EVENT_WRITE_END) | BIT(TRIPMAP_EVENT_LOOKUP) |	\
			 BIT(TRIPMAP_EVENT_ITERATE_DONE) | BIT(TRIPMAP_EVENT_VIOLATION))
#define TM_HAS_VALUE	(BIT(TRIPMAP_EVENT_GROW_BEGIN) | BIT(TRIPMAP_EVENT_GROW_STEP) |	\
			 BIT(TRIPMAP_EVENT_GROW_END) | BIT(TRIPMAP_EVENT_RETRY) |	\
			 BIT(TRIPMAP_EVENT_VIOLATION) | BIT(TRIPMAP_EVENT_POLICY))
#define TM_HAS_CLASS	(BIT(TRIPMAP_EVENT_VIOLATION) | BIT(TRIPMAP_EVENT_POLICY))

/* A table's number and its name, which is empty where it is not to be had. */
struct tm_nl_known {
	u32	id;
	char	name[TRIPMAP_NAME_MAX + 1];
};

/* Who reads, and where in the window. */
struct tm_window_reader {
	struct net		*net;
	struct pid_namespace	*pids;		/* of the reading task */
	bool			privileged;	/* may see keys */
	bool			all;		/* sees events of other namespaces */
	u64			report;
	u32			left;		/* events that are still to come */
	u32			first;		/* number of page[0] in the window */
	u32			n;		/* events in page */
	u32			at;		/* the next one to be shown */
	struct tm_nl_known	subject;	/* the report's, which may be gone by now */
	struct tm_nl_known	other;		/* of the last event that was about another one */
	struct tm_event		page[TM_EVENT_PAGE];
};

/* --- one event --- */

static bool tells(u32 mask, const struct tm_event *e)
{
	return mask & BIT(e->event);
}

static const char *table_of(struct tm_window_reader *w, const struct tm_event *e)
{
	if (e->table == w->subject.id)
		return w->subject.name;
	if (e->table != w->other.id) {
		w->other.id = e->table;
		tm_nl_table_name(w->net, e->table, w->other.name);
	}
	return w->other.name;
}

static int put_u64(struct sk_buff *skb, int type, u64 value)
{
	return nla_put_u64_64bit(skb, type, value, TRIPMAP_A_EVENT_PAD);
}

static int put_caller(struct sk_buff *skb, unsigned long caller)
{
	char symbol[TM_REPORT_SITE];

	if (!caller)
		return 0;
	return nla_put_string(skb, TRIPMAP_A_EVENT_CALLER,
			      tm_report_symbol(caller, symbol, sizeof(symbol)));
}

/* When, who and by what. */
static int put_actor(struct sk_buff *skb, const struct tm_window_reader *w,
		     const struct tm_event *e)
{
	if (put_u64(skb, TRIPMAP_A_EVENT_TIME, e->time) ||
	    nla_put_u8(skb, TRIPMAP_A_EVENT_EVENT, e->event) ||
	    nla_put_u32(skb, TRIPMAP_A_EVENT_CPU, e->cpu) ||
	    nla_put_u32(skb, TRIPMAP_A_EVENT_PID, tm_nl_pid(w->pids, e->pid)) ||
	    nla_put_u8(skb, TRIPMAP_A_EVENT_CONTEXT, e->context) ||
	    nla_put_u8(skb, TRIPMAP_A_EVENT_OP, e->op) ||
	    put_caller(skb, e->caller) ||
	    tm_nl_put_label(skb, TRIPMAP_A_EVENT_LABEL, e->label.own) ||
	    tm_nl_put_label(skb, TRIPMAP_A_EVENT_PARENT, e->label.parent))
		return -EMSGSIZE;
	return 0;
}

static int put_key(struct sk_buff *skb, const struct tm_window_reader *w,
		   const struct tm_event *e)
{
	if (!e->key_size)
		return 0;
	if (nla_put_u32(skb, TRIPMAP_A_EVENT_DIGEST, e->digest) ||
	    nla_put_u16(skb, TRIPMAP_A_EVENT_KEY_SIZE, e->key_size) ||
	    (w->privileged &&
	     nla_put(skb, TRIPMAP_A_EVENT_KEY, min_t(int, e->key_size, sizeof(e->key)), e->key)))
		return -EMSGSIZE;
	return 0;
}

/* What it is about. */
static int put_place(struct sk_buff *skb, const struct tm_window_reader *w,
		     const struct tm_event *e, const char *table)
{
	if (nla_put_u32(skb, TRIPMAP_A_EVENT_TABLE_ID, e->table) ||
	    (table[0] && nla_put_string(skb, TRIPMAP_A_EVENT_TABLE, table)) ||
	    nla_put_u16(skb, TRIPMAP_A_EVENT_SHARD, e->shard) ||
	    (e->bucket != TM_EVENT_NO_BUCKET &&
	     nla_put_u32(skb, TRIPMAP_A_EVENT_BUCKET, e->bucket)) ||
	    put_key(skb, w, e))
		return -EMSGSIZE;
	return 0;
}

/* What came of it. */
static int put_outcome(struct sk_buff *skb, const struct tm_event *e)
{
	if (((e->duration || tells(TM_HAS_DURATION, e)) &&
	     put_u64(skb, TRIPMAP_A_EVENT_DURATION, e->duration)) ||
	    (e->event == TRIPMAP_EVENT_PAUSE &&
	     nla_put_u8(skb, TRIPMAP_A_EVENT_KIND, e->kind)) ||
	    (tells(TM_HAS_CLASS, e) && nla_put_u8(skb, TRIPMAP_A_EVENT_CLASS, e->kind)) ||
	    ((e->result || tells(TM_HAS_RESULT, e)) &&
	     nla_put_s32(skb, TRIPMAP_A_EVENT_RESULT, e->result)) ||
	    ((e->value || tells(TM_HAS_VALUE, e)) &&
	     put_u64(skb, TRIPMAP_A_EVENT_VALUE, e->value)))
		return -EMSGSIZE;
	return 0;
}

static int fill_event(struct sk_buff *skb, const void *what)
{
	struct tm_window_reader *w = (void *)what;
	const struct tm_event *e = &w->page[w->at];

	if (put_actor(skb, w, e) || put_place(skb, w, e, table_of(w, e)) || put_outcome(skb, e))
		return -EMSGSIZE;
	return 0;
}

/* --- event-get --- */

static bool is_visible(const struct tm_window_reader *w, const struct tm_event *e)
{
	return w->all || e->owner == w->net->net_cookie ||
	       (e->owner == TM_NL_KERNEL_OWNER && net_eq(w->net, &init_net));
}

/* The report must be the reader's; its window says how much there is. */
static int find_window(struct tm_window_reader *w)
{
	struct tm_report *r = kvmalloc(sizeof(*r), GFP_KERNEL);
	struct tm_flight_window window;
	int err = -ENOMEM;

	if (r)
		err = tm_nl_find_report(w->net, w->report, r) ? 0 : -ENOENT;
	if (!err) {
		w->subject.id = r->v.table_id;
		strscpy(w->subject.name, r->v.table, sizeof(w->subject.name));
		tm_flight_window(w->report, &window);
		w->left = window.state == TRIPMAP_WINDOW_FROZEN ? window.events : 0;
	}
	kvfree(r);
	return err;
}

static int begin(struct netlink_callback *cb, struct tm_window_reader *w,
		 const struct nlattr *report)
{
	int err;

	w->net = tm_nl_dump_net(cb);
	w->privileged = netlink_ns_capable(cb->skb, w->net->user_ns, CAP_NET_ADMIN);
	w->all = tm_nl_sees_all(w->net, cb->skb);
	w->report = nla_get_u64(report);
	err = find_window(w);
	if (err == -ENOENT)
		return tm_nl_dump_fail(cb, err, report, "no such report in this network namespace");
	return err ? tm_nl_dump_fail(cb, err, NULL, "no memory for a report") : 0;
}

/* args[0]: the struct tm_window_reader. */
int tm_nl_event_dump_start(struct netlink_callback *cb)
{
	const struct nlattr *report = tm_dump_attrs(cb)[TRIPMAP_A_EVENT_REPORT];
	struct tm_window_reader *w;
	int err;

	if (!report)
		return tm_nl_dump_miss(cb, TRIPMAP_A_EVENT_REPORT, "attribute report is missing");
	w = kvzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return tm_nl_dump_fail(cb, -ENOMEM, NULL, "no memory for a dump");
	err = begin(cb, w, report);
	if (err) {
		kvfree(w);
		return err;
	}
	tm_nl_dump_begin(cb);
	cb->args[0] = (long)w;
	return 0;
}

int tm_nl_event_dump_done(struct netlink_callback *cb)
{
	kvfree((void *)cb->args[0]);
	return 0;
}

/* The page with the next event, if there is one. */
static bool turn_page(struct netlink_callback *cb, struct tm_window_reader *w)
{
	if (w->at < w->n)
		return true;
	if (!w->left)
		return false;
	w->first += w->n;
	w->at = 0;
	w->n = min(tm_flight_events(w->report, w->first, w->page, TM_EVENT_PAGE), w->left);
	w->left -= w->n;
	if (!w->n) {
		/* The window has given way to another one. */
		w->left = 0;
		tm_nl_dump_interrupt(cb);
	}
	return w->n;
}

int tm_nl_event_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct tm_window_reader *w = (struct tm_window_reader *)cb->args[0];

	w->pids = task_active_pid_ns(current);
	for (; turn_page(cb, w); w->at++) {
		if (is_visible(w, &w->page[w->at]) &&
		    tm_nl_dump_put(skb, cb, TRIPMAP_CMD_EVENT_GET, fill_event, w))
			break;
	}
	return skb->len;
}
