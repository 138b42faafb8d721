// SPDX-License-Identifier: GPL-2.0
/* Reports, and the news of them and of tables. */
#include "wire_call.h"

#include <errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/socket.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

static const struct wire_field report_fields[] = {
	WIRE_FIELD(TRIPMAP_A_REPORT_ID, W_U64, report, id),
	WIRE_FIELD(TRIPMAP_A_REPORT_CLASS, W_U8, report, class),
	WIRE_FIELD(TRIPMAP_A_REPORT_ACTION, W_U8, report, action),
	WIRE_FIELD(TRIPMAP_A_REPORT_CONTRACT, W_U8, report, contract),
	WIRE_FIELD(TRIPMAP_A_REPORT_TABLE, W_STR, report, table),
	WIRE_FIELD(TRIPMAP_A_REPORT_TITLE, W_STR, report, title),
	WIRE_FIELD(TRIPMAP_A_REPORT_TIME, W_U64, report, time),
	WIRE_FIELD(TRIPMAP_A_REPORT_TIME_REAL, W_U64, report, time_real),
	WIRE_FIELD(TRIPMAP_A_REPORT_RESULT, W_U32, report, result),
	WIRE_FIELD(TRIPMAP_A_REPORT_REPEATS, W_U64, report, repeats),
	WIRE_FIELD(TRIPMAP_A_REPORT_RESIZE, W_U8, report, resize),
	WIRE_FIELD(TRIPMAP_A_REPORT_RESIZE_DONE, W_U64, report, resize_done),
	WIRE_FIELD(TRIPMAP_A_REPORT_RESIZE_TOTAL, W_U64, report, resize_total),
	WIRE_FIELD(TRIPMAP_A_REPORT_HALF, W_U8, report, half),
	WIRE_FIELD(TRIPMAP_A_REPORT_WORD, W_U64, report, word),
	WIRE_FIELD(TRIPMAP_A_REPORT_FOUND, W_U8, report, found),
	WIRE_FIELD(TRIPMAP_A_REPORT_GROWING, W_U8, report, growing),
	WIRE_FIELD(TRIPMAP_A_REPORT_ANSWER, W_U8, report, answer),
	WIRE_FIELD(TRIPMAP_A_REPORT_ESCALATED, W_U8, report, escalated),
	WIRE_FIELD(TRIPMAP_A_REPORT_AGE, W_U64, report, age),
	WIRE_FIELD(TRIPMAP_A_REPORT_SHARD, W_U16, report, shard),
	WIRE_FIELD(TRIPMAP_A_REPORT_SHARDS, W_U16, report, shards),
	WIRE_FIELD(TRIPMAP_A_REPORT_KEY_SIZE, W_U16, report, key_size),
	WIRE_FIELD(TRIPMAP_A_REPORT_VALUE_SIZE, W_U16, report, value_size),
	WIRE_FIELD(TRIPMAP_A_REPORT_ENTRIES, W_U64, report, entries),
	WIRE_FIELD(TRIPMAP_A_REPORT_BUCKETS, W_U64, report, buckets),
	WIRE_FIELD(TRIPMAP_A_REPORT_OVERFLOW, W_U64, report, overflow),
	WIRE_FIELD(TRIPMAP_A_REPORT_EPOCH, W_U32, report, epoch),
	WIRE_FIELD(TRIPMAP_A_REPORT_FROZEN, W_U8, report, frozen),
	WIRE_FIELD(TRIPMAP_A_REPORT_CHAIN_LEFT_OUT, W_U32, report, left_out),
	WIRE_FIELD(TRIPMAP_A_REPORT_TORN, W_U8, report, torn),
	WIRE_FIELD(TRIPMAP_A_REPORT_BUCKET, W_U64, report, bucket.index),
	WIRE_FIELD(TRIPMAP_A_REPORT_BUCKET_OLD, W_U8, report, bucket.old),
	WIRE_FIELD(TRIPMAP_A_REPORT_EVACUATED, W_U8, report, bucket.evacuated),
	WIRE_FIELD(TRIPMAP_A_REPORT_VERSION, W_U32, report, bucket.version),
};

static const struct wire_field party_fields[] = {
	WIRE_FIELD(TRIPMAP_A_PARTY_PID, W_U32, party, pid),
	WIRE_FIELD(TRIPMAP_A_PARTY_TGID, W_U32, party, tgid),
	WIRE_FIELD(TRIPMAP_A_PARTY_COMM, W_STR, party, comm),
	WIRE_FIELD(TRIPMAP_A_PARTY_CPU, W_U32, party, cpu),
	WIRE_FIELD(TRIPMAP_A_PARTY_CONTEXT, W_U8, party, context),
	WIRE_FIELD(TRIPMAP_A_PARTY_OP, W_U8, party, op),
	WIRE_FIELD(TRIPMAP_A_PARTY_CALLER, W_STR, party, caller),
	WIRE_FIELD(TRIPMAP_A_PARTY_SINCE, W_U64, party, since),
	WIRE_FIELD(TRIPMAP_A_PARTY_KEY_SIZE, W_U16, party, key_size),
	WIRE_FIELD(TRIPMAP_A_PARTY_BUCKET, W_U64, party, bucket),
	WIRE_FIELD(TRIPMAP_A_PARTY_FLAGS, W_U32, party, flags),
	WIRE_FIELD(TRIPMAP_A_PARTY_WORK, W_STR, party, work),
};

static const struct wire_field origin_fields[] = {
	WIRE_FIELD(TRIPMAP_A_PARTY_PID, W_U32, origin, pid),
	WIRE_FIELD(TRIPMAP_A_PARTY_COMM, W_STR, origin, comm),
	WIRE_FIELD(TRIPMAP_A_PARTY_CPU, W_U32, origin, cpu),
	WIRE_FIELD(TRIPMAP_A_PARTY_CALLER, W_STR, origin, caller),
	WIRE_FIELD(TRIPMAP_A_PARTY_SINCE, W_U64, origin, since),
};

static const struct wire_field window_fields[] = {
	WIRE_FIELD(TRIPMAP_A_WINDOW_STATE, W_U8, window, state),
	WIRE_FIELD(TRIPMAP_A_WINDOW_EVENTS, W_U32, window, events),
	WIRE_FIELD(TRIPMAP_A_WINDOW_LOST, W_U64, window, lost),
	WIRE_FIELD(TRIPMAP_A_WINDOW_LEFT_OUT, W_U32, window, left_out),
	WIRE_FIELD(TRIPMAP_A_WINDOW_BEGIN, W_U64, window, begin),
	WIRE_FIELD(TRIPMAP_A_WINDOW_LENGTH, W_U64, window, length),
	WIRE_FIELD(TRIPMAP_A_WINDOW_RECORDER, W_U8, window, recorder),
	WIRE_FIELD(TRIPMAP_A_WINDOW_SHARE, W_U32, window, share),
};

static const struct wire_field spike_fields[] = {
	WIRE_FIELD(TRIPMAP_A_SPIKE_KIND, W_U8, spike, kind),
	WIRE_FIELD(TRIPMAP_A_SPIKE_COUNT, W_U32, spike, count),
	WIRE_FIELD(TRIPMAP_A_SPIKE_LAST, W_U64, spike, last),
	WIRE_FIELD(TRIPMAP_A_SPIKE_GAP_MAX, W_U64, spike, gap_max),
	WIRE_FIELD(TRIPMAP_A_SPIKE_GAP_MIN, W_U64, spike, gap_min),
	WIRE_FIELD(TRIPMAP_A_SPIKE_LONGEST, W_U64, spike, longest),
	WIRE_FIELD(TRIPMAP_A_SPIKE_SPIKE, W_U8, spike, spike),
	WIRE_FIELD(TRIPMAP_A_SPIKE_CONSECUTIVE, W_U8, spike, consecutive),
	WIRE_FIELD(TRIPMAP_A_SPIKE_SPAN, W_U64, spike, span),
	WIRE_FIELD(TRIPMAP_A_SPIKE_BIN, W_U8, spike, bin),
};

static const struct wire_field clock_fields[] = {
	WIRE_FIELD(TRIPMAP_A_CLOCK_MONO, W_U64, reading, mono),
	WIRE_FIELD(TRIPMAP_A_CLOCK_REAL, W_U64, reading, real),
	WIRE_FIELD(TRIPMAP_A_CLOCK_BOOT, W_U64, reading, boot),
	WIRE_FIELD(TRIPMAP_A_CLOCK_TRACE, W_U64, reading, trace),
	WIRE_FIELD(TRIPMAP_A_CLOCK_ERROR, W_U64, reading, error),
	WIRE_FIELD(TRIPMAP_A_CLOCK_STEP, W_U64, reading, step),
};

static const struct wire_field record_fields[] = {
	WIRE_FIELD(TRIPMAP_A_EVENT_TIME, W_U64, record, time),
	WIRE_FIELD(TRIPMAP_A_EVENT_EVENT, W_U8, record, event),
	WIRE_FIELD(TRIPMAP_A_EVENT_CPU, W_U32, record, cpu),
	WIRE_FIELD(TRIPMAP_A_EVENT_PID, W_U32, record, pid),
	WIRE_FIELD(TRIPMAP_A_EVENT_CONTEXT, W_U8, record, context),
	WIRE_FIELD(TRIPMAP_A_EVENT_OP, W_U8, record, op),
	WIRE_FIELD(TRIPMAP_A_EVENT_TABLE_ID, W_U32, record, table_id),
	WIRE_FIELD(TRIPMAP_A_EVENT_TABLE, W_STR, record, table),
	WIRE_FIELD(TRIPMAP_A_EVENT_SHARD, W_U16, record, shard),
	WIRE_FIELD(TRIPMAP_A_EVENT_BUCKET, W_U32, record, bucket),
	WIRE_FIELD(TRIPMAP_A_EVENT_DIGEST, W_U32, record, digest),
	WIRE_FIELD(TRIPMAP_A_EVENT_KEY_SIZE, W_U16, record, key_size),
	WIRE_FIELD(TRIPMAP_A_EVENT_CALLER, W_STR, record, caller),
	WIRE_FIELD(TRIPMAP_A_EVENT_LABEL, W_STR, record, label),
	WIRE_FIELD(TRIPMAP_A_EVENT_PARENT, W_STR, record, parent),
	WIRE_FIELD(TRIPMAP_A_EVENT_DURATION, W_U64, record, duration),
	WIRE_FIELD(TRIPMAP_A_EVENT_KIND, W_U8, record, kind),
	WIRE_FIELD(TRIPMAP_A_EVENT_CLASS, W_U8, record, class),
	WIRE_FIELD(TRIPMAP_A_EVENT_RESULT, W_U32, record, result),
	WIRE_FIELD(TRIPMAP_A_EVENT_VALUE, W_U64, record, value),
};

static const struct wire_field table_event_fields[] = {
	WIRE_FIELD(TRIPMAP_A_TABLE_SEQ, W_U64, event, seq),
	WIRE_FIELD(TRIPMAP_A_TABLE_EVENT, W_U8, event, what),
	WIRE_FIELD(TRIPMAP_A_TABLE_NAME, W_STR, event, table),
	WIRE_FIELD(TRIPMAP_A_TABLE_ID, W_U32, event, table_id),
};

static const struct wire_field report_event_fields[] = {
	WIRE_FIELD(TRIPMAP_A_REPORT_SEQ, W_U64, event, seq),
	WIRE_FIELD(TRIPMAP_A_REPORT_ID, W_U64, event, report),
	WIRE_FIELD(TRIPMAP_A_REPORT_CLASS, W_U8, event, class),
	WIRE_FIELD(TRIPMAP_A_REPORT_ACTION, W_U8, event, action),
	WIRE_FIELD(TRIPMAP_A_REPORT_TABLE, W_STR, event, table),
	WIRE_FIELD(TRIPMAP_A_REPORT_TITLE, W_STR, event, title),
	WIRE_FIELD(TRIPMAP_A_REPORT_TIME, W_U64, event, time),
};

struct frames {
	char		(*frame)[FRAME_SIZE];
	unsigned int	n, max;
};

static void frame_read(void *arg, const struct nlattr *a)
{
	struct frames *f = arg;

	if (f->n < f->max)
		wire_text(a, f->frame[f->n++], FRAME_SIZE);
}

static unsigned int frames_read(const struct wire_attrs *r, char (*frame)[FRAME_SIZE],
				unsigned int max)
{
	struct frames f = { frame, 0, max };

	wire_each(r, TRIPMAP_A_PARTY_FRAME, frame_read, &f);
	return f.n;
}

static void origin_read(const struct nlattr *a, struct origin *o)
{
	struct wire_attrs nest;

	if (!a || !wire_nest(a, &nest))
		return;
	o->has = wire_fill(origin_fields, ARRAY_SIZE(origin_fields), &nest, o);
	o->nframes = frames_read(&nest, o->frame, ORIGIN_FRAMES);
}

static void label_read(void *arg, const struct nlattr *a)
{
	struct party *p = arg;

	if (p->nlabels < TRIPMAP_LABEL_DEPTH)
		wire_text(a, p->label[p->nlabels++], LABEL_SIZE);
}

static void party_read(const struct nlattr *a, struct party *p)
{
	struct wire_attrs nest;

	if (!a || !wire_nest(a, &nest))
		return;
	p->has = wire_fill(party_fields, ARRAY_SIZE(party_fields), &nest, p);
	p->key_len = (uint16_t)wire_bytes(nest.tb[TRIPMAP_A_PARTY_KEY], p->key, sizeof(p->key));
	p->nframes = frames_read(&nest, p->frame, FRAMES_MAX);
	wire_each(&nest, TRIPMAP_A_PARTY_LABEL, label_read, p);
	origin_read(nest.tb[TRIPMAP_A_PARTY_ORIGIN], &p->origin);
}

static void window_read(const struct nlattr *a, struct window *w)
{
	struct wire_attrs nest;

	if (a && wire_nest(a, &nest))
		w->has = wire_fill(window_fields, ARRAY_SIZE(window_fields), &nest, w);
}

static void spike_read(void *arg, const struct nlattr *a)
{
	struct report *r = arg;
	struct wire_attrs nest;
	struct spike *s;

	if (r->nspikes == SPIKES_MAX || !wire_nest(a, &nest))
		return;
	s = &r->spike[r->nspikes++];
	s->has = wire_fill(spike_fields, ARRAY_SIZE(spike_fields), &nest, s);
	wire_bytes(nest.tb[TRIPMAP_A_SPIKE_NEAR], s->near, sizeof(s->near));
}

static void clock_read(void *arg, const struct nlattr *a)
{
	struct report *r = arg;
	struct wire_attrs nest;
	struct reading *c;

	if (r->nclocks == CLOCKS_MAX || !wire_nest(a, &nest))
		return;
	c = &r->clock[r->nclocks++];
	c->has = wire_fill(clock_fields, ARRAY_SIZE(clock_fields), &nest, c);
}

static void report_read(const struct wire_attrs *r, struct report *to)
{
	memset(to, 0, sizeof(*to));
	to->has = wire_fill(report_fields, ARRAY_SIZE(report_fields), r, to);
	wire_chain(r, TRIPMAP_A_REPORT_CHAIN, &to->bucket);
	party_read(r->tb[TRIPMAP_A_REPORT_VICTIM], &to->victim);
	party_read(r->tb[TRIPMAP_A_REPORT_HOLDER], &to->holder);
	window_read(r->tb[TRIPMAP_A_REPORT_WINDOW], &to->window);
	wire_each(r, TRIPMAP_A_REPORT_SPIKE, spike_read, to);
	wire_each(r, TRIPMAP_A_REPORT_CLOCK, clock_read, to);
}

static int report_reply(struct wire *w, const struct wire_attrs *r, void *arg)
{
	(void)w;
	report_read(r, arg);
	return 0;
}

int wire_report_get(struct wire *w, uint64_t id, struct report *r)
{
	struct wire_msg m;
	int err = wire_begin(w, &m, TRIPMAP_CMD_REPORT_GET, 0, REQUEST_SIZE);

	if (err)
		return err;
	wire_put_u64(&m, TRIPMAP_A_REPORT_ID, id);
	return wire_call(w, &m, report_reply, r, 0);
}

struct records {
	struct report	*r;
	size_t		room;
};

static struct record *record_new(struct records *c)
{
	struct report *r = c->r;

	if (r->nrecords == c->room) {
		size_t room = c->room ? 2 * c->room : 256;
		struct record *new = realloc(r->record, room * sizeof(*new));

		if (!new)
			return NULL;
		r->record = new;
		c->room = room;
	}
	return memset(&r->record[r->nrecords++], 0, sizeof(struct record));
}

static int record_reply(struct wire *w, const struct wire_attrs *r, void *arg)
{
	struct record *e = record_new(arg);

	if (!e)
		return wire_fail(w, ENOMEM, "out of memory");
	e->has = wire_fill(record_fields, ARRAY_SIZE(record_fields), r, e);
	e->key_len = (uint16_t)wire_bytes(r->tb[TRIPMAP_A_EVENT_KEY], e->key, sizeof(e->key));
	return 0;
}

int wire_report_events(struct wire *w, struct report *r)
{
	struct records c = { .r = r };
	struct wire_msg m;
	int err = wire_begin(w, &m, TRIPMAP_CMD_EVENT_GET, NLM_F_DUMP, REQUEST_SIZE);

	if (err)
		return err;
	wire_put_u64(&m, TRIPMAP_A_EVENT_REPORT, r->id);
	return wire_call(w, &m, record_reply, &c, 0);
}

struct list_call {
	void		(*each)(void *arg, const struct report *r);
	void		*arg;
	struct report	report;
};

static int list_reply(struct wire *w, const struct wire_attrs *r, void *arg)
{
	struct list_call *c = arg;

	(void)w;
	report_read(r, &c->report);
	c->each(c->arg, &c->report);
	return 0;
}

int wire_report_list(struct wire *w, uint64_t after,
		     void (*each)(void *arg, const struct report *r), void *arg)
{
	struct list_call c = { .each = each, .arg = arg };
	struct wire_msg m;
	int err = wire_begin(w, &m, TRIPMAP_CMD_REPORT_GET, NLM_F_DUMP, REQUEST_SIZE);

	if (err)
		return err;
	if (after)
		wire_put_u64(&m, TRIPMAP_A_REPORT_AFTER, after);
	return wire_call(w, &m, list_reply, &c, 0);
}

int wire_report_clear(struct wire *w)
{
	return wire_simple(w, TRIPMAP_CMD_REPORT_CLEAR, 0, 0, NULL, NULL, NULL);
}

struct listener {
	struct nl_sock	*sock;
	struct event	queue[64];	/* read with the one before, not yet asked for */
	unsigned int	first, n;	/* of queue */
};

/* A socket buffer may hold several messages: keep those behind the first. */
static int on_event(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *h = nlmsg_data(nlmsg_hdr(msg));
	struct wire_attrs r = { .first = genlmsg_attrdata(h, 0), .len = genlmsg_attrlen(h, 0) };
	struct listener *l = arg;
	struct event *e = &l->queue[l->n];

	if (l->n == ARRAY_SIZE(l->queue) || !genlmsg_valid_hdr(nlmsg_hdr(msg), 0) ||
	    nla_parse(r.tb, ATTRS_MAX, r.first, r.len, NULL))
		return NL_OK;
	memset(e, 0, sizeof(*e));
	e->violation = h->cmd == TRIPMAP_CMD_REPORT_NTF;
	if (e->violation)
		wire_fill(report_event_fields, ARRAY_SIZE(report_event_fields), &r, e);
	else if (h->cmd == TRIPMAP_CMD_TABLE_NTF)
		wire_fill(table_event_fields, ARRAY_SIZE(table_event_fields), &r, e);
	else
		return NL_OK;
	l->n++;
	return NL_OK;
}

static int find_group(struct wire *w, struct nl_sock *s, const char *group, int *id)
{
	*id = genl_ctrl_resolve_grp(s, TRIPMAP_FAMILY_NAME, group);
	if (*id == -NLE_OBJ_NOTFOUND)
		return wire_fail(w, ENOENT,
				 "no group %s: is tripmap loaded (insmod tripmap.ko or modprobe tripmap)?",
				 group);
	return *id < 0 ? wire_fail_nl(w, *id, group) : 0;
}

/* Once the first group is joined its news stand between a request and its answer. */
static int join(struct wire *w, struct nl_sock *s, const bool *wanted)
{
	static const char * const group[] = { TRIPMAP_MCGRP_VIOLATIONS, TRIPMAP_MCGRP_TABLES };
	int id[ARRAY_SIZE(group)], err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(group); i++)
		if (wanted[i])
			err = find_group(w, s, group[i], &id[i]);
	nl_socket_disable_seq_check(s);
	for (size_t i = 0; !err && i < ARRAY_SIZE(group); i++) {
		int nl_error = wanted[i] ? nl_socket_add_membership(s, id[i]) : 0;

		if (nl_error)
			err = wire_fail_nl(w, nl_error, group[i]);
	}
	return err;
}

int wire_listen(struct wire *w, bool violations, bool tables, struct listener **l)
{
	struct listener *new = calloc(1, sizeof(*new));
	int err;

	if (!new)
		return wire_fail(w, ENOMEM, "out of memory");
	err = wire_socket(w, &new->sock);
	if (!err)
		err = join(w, new->sock, (bool[]){ violations, tables });
	if (err) {
		wire_unlisten(new);
		return err;
	}
	nl_socket_modify_cb(new->sock, NL_CB_VALID, NL_CB_CUSTOM, on_event, new);
	*l = new;
	return 0;
}

int wire_next_event(struct wire *w, struct listener *l, int timeout_ms, struct event *e)
{
	struct pollfd p = { .fd = nl_socket_get_fd(l->sock), .events = POLLIN };

	while (l->first == l->n) {
		int err;

		l->first = l->n = 0;
		if (poll(&p, 1, timeout_ms) <= 0)
			return -EAGAIN;
		err = nl_recvmsgs_default(l->sock);
		if (err == -NLE_NOMEM)	/* ENOBUFS: the socket's buffer ran over */
			return wire_fail(w, ENOBUFS, "messages were lost");
		if (err)
			return wire_fail_nl(w, err, "cannot listen");
	}
	*e = l->queue[l->first++];
	return 0;
}

void wire_unlisten(struct listener *l)
{
	if (l)
		nl_socket_free(l->sock);
	free(l);
}
