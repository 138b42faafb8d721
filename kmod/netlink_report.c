// SPDX-License-Identifier: GPL-2.0
/*
 * Reports over netlink. A reader sees those on tables of its own network
 * namespace; in the initial one also those on tables that kernel code made
 * without naming a namespace (owner 0).
 */
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
#include "observe/flight.h"
#include "observe/report.h"
#include "observe/report_text.h"

/* The specification's bit of a guard word that says that its holder is resizing. */
#define TM_NL_WORD_GROW	(1ULL << 61)

/*
 * Room for a report's message. A frame is a symbol at most; of what remains,
 * the fixed part is some sixty numbers, names and a title, and of the window two
 * clocks and what tells of the pauses of each kind.
 */
#define TM_NL_FRAME_ROOM	(NLA_HDRLEN + TM_REPORT_SITE)
#define TM_NL_SLOT_ROOM		(NLA_HDRLEN + nla_total_size(sizeof(u8)) +		\
				 nla_total_size(TM_REPORT_KEY_MAX) +			\
				 nla_total_size(TRIPMAP_BUCKET_VALUE_MAX))
#define TM_NL_LINK_ROOM		(NLA_HDRLEN + 2 * nla_total_size_64bit(sizeof(u64)) +	\
				 TRIPMAP_BUCKET_SLOTS * TM_NL_SLOT_ROOM)
#define TM_NL_SPIKE_ROOM	(NLA_HDRLEN + 4 * nla_total_size(sizeof(u32)) +		\
				 6 * nla_total_size_64bit(sizeof(u64)) +		\
				 nla_total_size_64bit(TRIPMAP_NEAR_BINS * sizeof(u64)))
#define TM_NL_CLOCK_ROOM	(NLA_HDRLEN + 6 * nla_total_size_64bit(sizeof(u64)))
#define TM_NL_LABEL_ROOM	(TRIPMAP_LABEL_DEPTH * nla_total_size(TRIPMAP_LABEL_MAX + 1))
#define TM_NL_FIXED_ROOM	(2688 + (TM_SPIKE_ALL + 1) * TM_NL_SPIKE_ROOM +		\
				 2 * TM_NL_CLOCK_ROOM + 2 * TM_NL_LABEL_ROOM)
#define TM_NL_REPORT_ROOM(frames, links)						\
	(TM_NL_FIXED_ROOM + (frames) * TM_NL_FRAME_ROOM + (links) * TM_NL_LINK_ROOM)
#define TM_NL_FRAMES_MAX	(2 * (TM_REPORT_FRAMES + TM_REPORT_ORIGIN))

/* A reader, and the report it is shown. */
struct tm_reader {
	struct net		*net;
	struct pid_namespace	*pids;		/* of the reading task */
	bool			privileged;	/* may see keys, values and tags */
	u64			last;		/* id of the last report shown in a dump */
	struct tm_report	r;
	struct tm_flight_window	window;		/* of r */
	char			title[TM_REPORT_TITLE];
};

static struct tm_reader *new_reader(struct net *net, struct sk_buff *request)
{
	struct tm_reader *reader = kvzalloc(sizeof(*reader), GFP_KERNEL);

	if (!reader)
		return NULL;
	reader->net = net;
	reader->privileged = netlink_ns_capable(request, net->user_ns, CAP_NET_ADMIN);
	return reader;
}

static bool sees_kernel_tables(const struct net *net)
{
	return net_eq(net, &init_net);
}

/**
 * tm_nl_find_report() - copy a report that a namespace may see
 * @net: the namespace
 * @id: the report's number
 * @r: the copy
 *
 * Context: Task.
 * Return: false when there is no such report.
 */
bool tm_nl_find_report(struct net *net, u64 id, struct tm_report *r)
{
	return tm_report_get(net->net_cookie, id, r) ||
	       (sees_kernel_tables(net) && tm_report_get(TM_NL_KERNEL_OWNER, id, r));
}

static bool next_report(struct tm_reader *reader)
{
	u64 mine = reader->net->net_cookie;
	u64 kernels = sees_kernel_tables(reader->net) ? TM_NL_KERNEL_OWNER : mine;

	return tm_report_next_of(mine, kernels, reader->last, &reader->r);
}

/* --- parties --- */

static int put_u64(struct sk_buff *skb, int type, u64 value)
{
	return nla_put_u64_64bit(skb, type, value, TRIPMAP_A_PARTY_PAD);
}

/* A raw address is not shown to anybody. */
static int put_symbol(struct sk_buff *skb, int type, unsigned long address)
{
	char symbol[TM_REPORT_SITE];

	return nla_put_string(skb, type, tm_report_symbol(address, symbol, sizeof(symbol)));
}

static int put_frames(struct sk_buff *skb, const unsigned long *frame, unsigned int n)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < n && !err; i++)
		err = put_symbol(skb, TRIPMAP_A_PARTY_FRAME, frame[i]);
	return err;
}

static int put_task(struct sk_buff *skb, const struct tm_reader *reader, const struct tm_party *p)
{
	if (nla_put_u32(skb, TRIPMAP_A_PARTY_PID, tm_nl_pid(reader->pids, p->pid)) ||
	    nla_put_u32(skb, TRIPMAP_A_PARTY_TGID, tm_nl_pid(reader->pids, p->tgid)) ||
	    (p->comm[0] && nla_put_string(skb, TRIPMAP_A_PARTY_COMM, p->comm)) ||
	    nla_put_u32(skb, TRIPMAP_A_PARTY_CPU, p->cpu) ||
	    nla_put_u8(skb, TRIPMAP_A_PARTY_CONTEXT, p->context) ||
	    nla_put_u32(skb, TRIPMAP_A_PARTY_FLAGS, p->flags))
		return -EMSGSIZE;
	return 0;
}

static int put_operation(struct sk_buff *skb, const struct tm_reader *reader,
			 const struct tm_party *p)
{
	int shown = min_t(int, p->key_size, TM_REPORT_KEY_MAX);

	if (nla_put_u8(skb, TRIPMAP_A_PARTY_OP, p->op) ||
	    (p->caller && put_symbol(skb, TRIPMAP_A_PARTY_CALLER, p->caller)) ||
	    put_u64(skb, TRIPMAP_A_PARTY_SINCE, p->since) ||
	    (p->key_size && nla_put_u16(skb, TRIPMAP_A_PARTY_KEY_SIZE, p->key_size)) ||
	    (shown && reader->privileged && nla_put(skb, TRIPMAP_A_PARTY_KEY, shown, p->key)) ||
	    (p->bucket != TM_NO_BUCKET && put_u64(skb, TRIPMAP_A_PARTY_BUCKET, p->bucket)))
		return -EMSGSIZE;
	return 0;
}

static int put_origin(struct sk_buff *skb, const struct tm_reader *reader,
		      const struct tm_origin *o)
{
	struct nlattr *nest = nla_nest_start(skb, TRIPMAP_A_PARTY_ORIGIN);

	if (!nest ||
	    nla_put_u32(skb, TRIPMAP_A_PARTY_PID, tm_nl_pid(reader->pids, o->pid)) ||
	    nla_put_u32(skb, TRIPMAP_A_PARTY_TGID, tm_nl_pid(reader->pids, o->tgid)) ||
	    (o->comm[0] && nla_put_string(skb, TRIPMAP_A_PARTY_COMM, o->comm)) ||
	    nla_put_u32(skb, TRIPMAP_A_PARTY_CPU, o->cpu) ||
	    (o->caller && put_symbol(skb, TRIPMAP_A_PARTY_CALLER, o->caller)) ||
	    put_u64(skb, TRIPMAP_A_PARTY_SINCE, o->time) ||
	    put_frames(skb, o->frame, o->n))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* What the party works at, and who had it queued. */
static int put_work(struct sk_buff *skb, const struct tm_reader *reader, const struct tm_party *p)
{
	if (p->work && put_symbol(skb, TRIPMAP_A_PARTY_WORK, p->work))
		return -EMSGSIZE;
	return p->origin.pid ? put_origin(skb, reader, &p->origin) : 0;
}

static int put_labels(struct sk_buff *skb, const struct tm_party *p)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < TRIPMAP_LABEL_DEPTH && p->label[i][0] && !err; i++)
		err = tm_nl_put_label(skb, TRIPMAP_A_PARTY_LABEL, p->label[i]);
	return err;
}

static int put_party(struct sk_buff *skb, int type, const struct tm_reader *reader,
		     const struct tm_party *p, const struct tm_stack *stack)
{
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest || put_task(skb, reader, p) || put_operation(skb, reader, p) ||
	    put_frames(skb, stack->frame, stack->n) || put_work(skb, reader, p) ||
	    put_labels(skb, p))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* --- the bucket --- */

static int put_slot(struct sk_buff *skb, const struct tm_reader *reader, u8 index,
		    const struct tm_snap_slot *slot)
{
	const struct tm_violation *v = &reader->r.v;
	struct nlattr *nest = nla_nest_start(skb, TRIPMAP_A_LINK_SLOT);

	if (!nest || nla_put_u8(skb, TRIPMAP_A_SLOT_INDEX, index))
		return -EMSGSIZE;
	if (reader->privileged &&
	    (nla_put(skb, TRIPMAP_A_SLOT_KEY, min_t(int, v->key_size, sizeof(slot->key)),
		     slot->key) ||
	     nla_put(skb, TRIPMAP_A_SLOT_VALUE, min_t(int, v->value_size, sizeof(slot->value)),
		     slot->value)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* Who may not see keys sees which slots are taken; tags are bits of the keys' hashes. */
static int put_link(struct sk_buff *skb, const struct tm_reader *reader,
		    const struct tm_snap_link *link)
{
	struct nlattr *nest = nla_nest_start(skb, TRIPMAP_A_REPORT_CHAIN);
	__le64 tags = cpu_to_le64(link->tags);
	unsigned int i;
	int err = 0;

	if (!nest ||
	    nla_put_u64_64bit(skb, TRIPMAP_A_LINK_INDEX, link->index, TRIPMAP_A_LINK_PAD) ||
	    (reader->privileged &&
	     nla_put(skb, TRIPMAP_A_LINK_TOPHASH, sizeof(tags), &tags)))
		return -EMSGSIZE;
	for (i = 0; i < TRIPMAP_BUCKET_SLOTS && !err; i++) {
		if ((u8)(link->tags >> (8 * i)) >= TM_NL_TAG_ENTRY)
			err = put_slot(skb, reader, i, &link->slot[i]);
	}
	nla_nest_end(skb, nest);
	return err;
}

static int put_snap(struct sk_buff *skb, const struct tm_reader *reader)
{
	const struct tm_snap *snap = &reader->r.snap;
	unsigned int i;
	int err = 0;

	if (!snap->nlinks)
		return 0;
	if (nla_put_u8(skb, TRIPMAP_A_REPORT_BUCKET_OLD, snap->old) ||
	    nla_put_u8(skb, TRIPMAP_A_REPORT_EVACUATED, snap->evacuated) ||
	    nla_put_u32(skb, TRIPMAP_A_REPORT_VERSION, snap->version) ||
	    nla_put_u32(skb, TRIPMAP_A_REPORT_CHAIN_LEFT_OUT, snap->left_out) ||
	    nla_put_u8(skb, TRIPMAP_A_REPORT_TORN, snap->torn))
		return -EMSGSIZE;
	for (i = 0; i < snap->nlinks && !err; i++)
		err = put_link(skb, reader, &snap->link[i]);
	return err;
}

/* --- the window --- */

/* It was copied; its events may have given way since, what was found in them has not. */
static bool was_copied(const struct tm_flight_window *w)
{
	return w->clock[1].mono;
}

/* How much of the past there is. */
static int put_extent(struct sk_buff *skb, const struct tm_flight_window *w)
{
	if (nla_put_u32(skb, TRIPMAP_A_WINDOW_EVENTS, w->events) ||
	    nla_put_u64_64bit(skb, TRIPMAP_A_WINDOW_LOST, w->lost, TRIPMAP_A_WINDOW_PAD) ||
	    nla_put_u32(skb, TRIPMAP_A_WINDOW_LEFT_OUT, w->left_out) ||
	    nla_put_u64_64bit(skb, TRIPMAP_A_WINDOW_BEGIN, w->begin, TRIPMAP_A_WINDOW_PAD) ||
	    nla_put_u64_64bit(skb, TRIPMAP_A_WINDOW_LENGTH, w->length, TRIPMAP_A_WINDOW_PAD) ||
	    nla_put_u8(skb, TRIPMAP_A_WINDOW_RECORDER, w->recorder) ||
	    nla_put_u32(skb, TRIPMAP_A_WINDOW_SHARE, w->share))
		return -EMSGSIZE;
	return 0;
}

static int put_state(struct sk_buff *skb, const struct tm_flight_window *w)
{
	struct nlattr *nest = nla_nest_start(skb, TRIPMAP_A_REPORT_WINDOW);

	if (!nest || nla_put_u8(skb, TRIPMAP_A_WINDOW_STATE, w->state) ||
	    (was_copied(w) && put_extent(skb, w)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_distance(struct sk_buff *skb, int type, u64 ns)
{
	return nla_put_u64_64bit(skb, type, ns, TRIPMAP_A_SPIKE_PAD);
}

/* There is no gap before there are two. */
static int put_pauses(struct sk_buff *skb, const struct tm_spike *s)
{
	if (put_distance(skb, TRIPMAP_A_SPIKE_LAST, s->last) ||
	    put_distance(skb, TRIPMAP_A_SPIKE_LONGEST, s->longest) ||
	    put_distance(skb, TRIPMAP_A_SPIKE_SPAN, s->span) ||
	    nla_put_u8(skb, TRIPMAP_A_SPIKE_BIN, s->bin))
		return -EMSGSIZE;
	if (s->count < 2)
		return 0;
	if (put_distance(skb, TRIPMAP_A_SPIKE_GAP_MAX, s->gap_max) ||
	    put_distance(skb, TRIPMAP_A_SPIKE_GAP_MIN, s->gap_min))
		return -EMSGSIZE;
	return 0;
}

static int put_spike(struct sk_buff *skb, unsigned int kind, const struct tm_spike *s)
{
	struct nlattr *nest = nla_nest_start(skb, TRIPMAP_A_REPORT_SPIKE);

	if (!nest ||
	    (kind != TM_SPIKE_ALL && nla_put_u8(skb, TRIPMAP_A_SPIKE_KIND, kind)) ||
	    nla_put_u32(skb, TRIPMAP_A_SPIKE_COUNT, s->count) ||
	    (s->count && put_pauses(skb, s)) ||
	    nla_put_u8(skb, TRIPMAP_A_SPIKE_SPIKE, s->spike) ||
	    nla_put_u8(skb, TRIPMAP_A_SPIKE_CONSECUTIVE, s->consecutive) ||
	    tm_nl_put_near(skb, TRIPMAP_A_SPIKE_NEAR, TRIPMAP_A_SPIKE_PAD, kind))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_spikes(struct sk_buff *skb, const struct tm_flight_window *w)
{
	unsigned int kind;
	int err = 0;

	for (kind = 0; kind <= TM_SPIKE_ALL && !err; kind++) {
		if (w->spike[kind].count || kind == TM_SPIKE_ALL)
			err = put_spike(skb, kind, &w->spike[kind]);
	}
	return err;
}

static int put_instant(struct sk_buff *skb, int type, u64 ns)
{
	return nla_put_u64_64bit(skb, type, ns, TRIPMAP_A_CLOCK_PAD);
}

static int put_clock(struct sk_buff *skb, const struct tm_clock *c)
{
	struct nlattr *nest = nla_nest_start(skb, TRIPMAP_A_REPORT_CLOCK);

	if (!nest || put_instant(skb, TRIPMAP_A_CLOCK_MONO, c->mono) ||
	    put_instant(skb, TRIPMAP_A_CLOCK_REAL, c->real) ||
	    put_instant(skb, TRIPMAP_A_CLOCK_BOOT, c->boot) ||
	    put_instant(skb, TRIPMAP_A_CLOCK_TRACE, c->trace) ||
	    put_instant(skb, TRIPMAP_A_CLOCK_ERROR, c->error) ||
	    nla_put_s64(skb, TRIPMAP_A_CLOCK_STEP, c->step, TRIPMAP_A_CLOCK_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_window(struct sk_buff *skb, const struct tm_flight_window *w)
{
	if (put_state(skb, w))
		return -EMSGSIZE;
	if (!was_copied(w))
		return 0;
	if (put_spikes(skb, w) || put_clock(skb, &w->clock[0]) || put_clock(skb, &w->clock[1]))
		return -EMSGSIZE;
	return 0;
}

/* --- reports --- */

static int put_head(struct sk_buff *skb, const struct tm_report *r, const char *title)
{
	if (nla_put_u64_64bit(skb, TRIPMAP_A_REPORT_ID, r->id, TRIPMAP_A_REPORT_PAD) ||
	    nla_put_u8(skb, TRIPMAP_A_REPORT_CLASS, r->v.class) ||
	    nla_put_u8(skb, TRIPMAP_A_REPORT_ACTION, r->action) ||
	    nla_put_string(skb, TRIPMAP_A_REPORT_TABLE, r->v.table) ||
	    nla_put_string(skb, TRIPMAP_A_REPORT_TITLE, title) ||
	    nla_put_u64_64bit(skb, TRIPMAP_A_REPORT_TIME, r->time, TRIPMAP_A_REPORT_PAD))
		return -EMSGSIZE;
	return 0;
}

static int put_resize(struct sk_buff *skb, const struct tm_violation *v)
{
	if (nla_put_u8(skb, TRIPMAP_A_REPORT_RESIZE, v->resize))
		return -EMSGSIZE;
	if (v->resize == TRIPMAP_RESIZE_NONE)
		return 0;
	if (nla_put_u64_64bit(skb, TRIPMAP_A_REPORT_RESIZE_DONE, v->resize_done,
			      TRIPMAP_A_REPORT_PAD) ||
	    nla_put_u64_64bit(skb, TRIPMAP_A_REPORT_RESIZE_TOTAL, v->resize_total,
			      TRIPMAP_A_REPORT_PAD))
		return -EMSGSIZE;
	return 0;
}

/* Why it is of its class, and what was made of that. */
static int put_evidence(struct sk_buff *skb, const struct tm_violation *v)
{
	if (nla_put_u8(skb, TRIPMAP_A_REPORT_FOUND, v->found) ||
	    nla_put_u8(skb, TRIPMAP_A_REPORT_GROWING, v->growing) ||
	    nla_put_u8(skb, TRIPMAP_A_REPORT_ANSWER, v->answer) ||
	    nla_put_u8(skb, TRIPMAP_A_REPORT_ESCALATED, v->escalated) ||
	    (v->class == TRIPMAP_CLASS_STALE_WRITER &&
	     nla_put_u64_64bit(skb, TRIPMAP_A_REPORT_AGE, v->age, TRIPMAP_A_REPORT_PAD)))
		return -EMSGSIZE;
	return 0;
}

/* The table's header; a handle that is no table has none. */
static int put_table(struct sk_buff *skb, const struct tm_violation *v)
{
	if (!v->shards)
		return 0;
	if (nla_put_u16(skb, TRIPMAP_A_REPORT_SHARD, v->shard) ||
	    nla_put_u16(skb, TRIPMAP_A_REPORT_SHARDS, v->shards) ||
	    nla_put_u16(skb, TRIPMAP_A_REPORT_KEY_SIZE, v->key_size) ||
	    nla_put_u16(skb, TRIPMAP_A_REPORT_VALUE_SIZE, v->value_size) ||
	    nla_put_u64_64bit(skb, TRIPMAP_A_REPORT_ENTRIES, v->entries, TRIPMAP_A_REPORT_PAD) ||
	    nla_put_u64_64bit(skb, TRIPMAP_A_REPORT_BUCKETS, v->buckets, TRIPMAP_A_REPORT_PAD) ||
	    nla_put_u64_64bit(skb, TRIPMAP_A_REPORT_OVERFLOW, v->overflow, TRIPMAP_A_REPORT_PAD) ||
	    nla_put_u32(skb, TRIPMAP_A_REPORT_EPOCH, v->epoch) ||
	    nla_put_u8(skb, TRIPMAP_A_REPORT_FROZEN, v->frozen))
		return -EMSGSIZE;
	return 0;
}

/* The record keeps the word without what changes while it is held; growth is told beside it. */
static u64 word_of(const struct tm_violation *v)
{
	return v->word | (v->growing ? TM_NL_WORD_GROW : 0);
}

static int put_body(struct sk_buff *skb, const struct tm_reader *reader)
{
	const struct tm_report *r = &reader->r;

	if (nla_put_u8(skb, TRIPMAP_A_REPORT_CONTRACT, r->v.contract) ||
	    nla_put_u64_64bit(skb, TRIPMAP_A_REPORT_TIME_REAL, r->time_real,
			      TRIPMAP_A_REPORT_PAD) ||
	    nla_put_s32(skb, TRIPMAP_A_REPORT_RESULT, r->v.result) ||
	    nla_put_u64_64bit(skb, TRIPMAP_A_REPORT_REPEATS, r->repeats, TRIPMAP_A_REPORT_PAD) ||
	    (r->v.victim.bucket != TM_NO_BUCKET &&
	     nla_put_u64_64bit(skb, TRIPMAP_A_REPORT_BUCKET, r->v.victim.bucket,
			       TRIPMAP_A_REPORT_PAD)) ||
	    nla_put_u8(skb, TRIPMAP_A_REPORT_HALF, r->half))
		return -EMSGSIZE;
	/* The word holds a pid of the initial namespace. */
	if (reader->privileged && reader->pids == &init_pid_ns &&
	    nla_put_u64_64bit(skb, TRIPMAP_A_REPORT_WORD, word_of(&r->v), TRIPMAP_A_REPORT_PAD))
		return -EMSGSIZE;
	return 0;
}

static int fill_report(struct sk_buff *skb, const void *what)
{
	const struct tm_reader *reader = what;
	const struct tm_report *r = &reader->r;

	if (put_head(skb, r, reader->title) || put_body(skb, reader) ||
	    put_resize(skb, &r->v) || put_evidence(skb, &r->v) || put_table(skb, &r->v) ||
	    put_party(skb, TRIPMAP_A_REPORT_VICTIM, reader, &r->v.victim, &r->victim_stack) ||
	    put_snap(skb, reader) || put_window(skb, &reader->window))
		return -EMSGSIZE;
	if (r->v.alone)
		return 0;
	return put_party(skb, TRIPMAP_A_REPORT_HOLDER, reader, &r->v.holder, &r->holder_stack);
}

/* Before each report is put: who reads may change in a dump. */
static void prepare(struct tm_reader *reader)
{
	reader->pids = task_active_pid_ns(current);
	tm_report_title(&reader->r, reader->title, sizeof(reader->title));
	tm_flight_window(reader->r.id, &reader->window);
}

static size_t room_for(const struct tm_report *r)
{
	unsigned int frames = r->victim_stack.n + r->holder_stack.n + r->v.victim.origin.n +
			      r->v.holder.origin.n;

	return TM_NL_REPORT_ROOM(frames, r->snap.nlinks);
}

static int show_report(struct tm_request *rq, struct tm_reader *reader, const struct nlattr *id)
{
	if (!tm_nl_find_report(reader->net, nla_get_u64(id), &reader->r))
		return tm_nl_fail(rq, -ENOENT, id, "no report %llu in this network namespace",
				  nla_get_u64(id));
	prepare(reader);
	return tm_nl_reply_room(rq, room_for(&reader->r), fill_report, reader);
}

int tm_nl_report_get(struct tm_request *rq)
{
	const struct nlattr *after = rq->info->attrs[TRIPMAP_A_REPORT_AFTER];
	const struct nlattr *id = tm_nl_need(rq, TRIPMAP_A_REPORT_ID, "id");
	struct tm_reader *reader;
	int err;

	if (!id)
		return -EINVAL;
	if (after)
		return tm_nl_fail(rq, -EINVAL, after, "after is for dumps");
	reader = new_reader(genl_info_net(rq->info), rq->skb);
	if (!reader)
		return tm_nl_fail(rq, -ENOMEM, NULL, "no memory for a report");
	err = show_report(rq, reader, id);
	kvfree(reader);
	return err;
}

/* args[0]: the struct tm_reader. */
int tm_nl_report_dump_start(struct netlink_callback *cb)
{
	struct nlattr **attrs = tm_dump_attrs(cb);
	const struct nlattr *after = attrs[TRIPMAP_A_REPORT_AFTER];
	struct tm_reader *reader;

	/* One message holds a report, whatever is in it. */
	BUILD_BUG_ON(TM_NL_REPORT_ROOM(TM_NL_FRAMES_MAX, TM_REPORT_LINKS) > TM_NL_DUMP_SIZE);
	if (attrs[TRIPMAP_A_REPORT_ID])
		return tm_nl_dump_fail(cb, -EINVAL, attrs[TRIPMAP_A_REPORT_ID],
				       "a dump of reports takes no id");
	reader = new_reader(tm_nl_dump_net(cb), cb->skb);
	if (!reader)
		return tm_nl_dump_fail(cb, -ENOMEM, NULL, "no memory for a dump");
	reader->last = after ? nla_get_u64(after) : 0;
	cb->min_dump_alloc = TM_NL_DUMP_SIZE;
	cb->args[0] = (long)reader;
	return 0;
}

int tm_nl_report_dump_done(struct netlink_callback *cb)
{
	kvfree((void *)cb->args[0]);
	return 0;
}

int tm_nl_report_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct tm_reader *reader = (struct tm_reader *)cb->args[0];

	while (next_report(reader)) {
		prepare(reader);
		if (tm_nl_dump_put(skb, cb, TRIPMAP_CMD_REPORT_GET, fill_report, reader))
			break;
		reader->last = reader->r.id;
	}
	return skb->len;
}

int tm_nl_report_clear(struct tm_request *rq)
{
	struct net *net = genl_info_net(rq->info);

	tm_report_clear(net->net_cookie);
	if (sees_kernel_tables(net))
		tm_report_clear(TM_NL_KERNEL_OWNER);
	tm_nl_audit(rq, TRIPMAP_DEED_CLEAR_REPORTS, NULL, "reports cleared");
	return 0;
}

/* --- notifications --- */

static int fill_ntf(struct sk_buff *skb, u64 seq, const void *what)
{
	const struct tm_report *r = what;
	char title[TM_REPORT_TITLE];

	tm_report_title(r, title, sizeof(title));
	if (nla_put_u64_64bit(skb, TRIPMAP_A_REPORT_SEQ, seq, TRIPMAP_A_REPORT_PAD))
		return -EMSGSIZE;
	return put_head(skb, r, title);
}

/* With a reference, or NULL when the namespace is gone. */
static struct net *net_of_owner(u64 owner)
{
	struct net *net;

	if (owner == TM_NL_KERNEL_OWNER)
		return get_net(&init_net);
	rcu_read_lock();
	for_each_net_rcu(net) {
		if (net->net_cookie == owner && maybe_get_net(net))
			goto found;
	}
	net = NULL;
found:
	rcu_read_unlock();
	return net;
}

/**
 * tm_nl_report_ntf() - tell the listeners of a report
 * @r: the report
 *
 * Context: Task; may sleep.
 */
void tm_nl_report_ntf(const struct tm_report *r)
{
	struct net *net = net_of_owner(r->v.owner);

	if (!net)
		return;
	tm_nl_notify(net, TM_NL_VIOLATIONS, TRIPMAP_CMD_REPORT_NTF, fill_ntf, r);
	put_net(net);
}
