// SPDX-License-Identifier: GPL-2.0
/*
 * Operations on entries, one or many a request, and dumps. Many entries travel
 * packed: key and value of each side by side, no padding.
 *
 * A request with many ends at the first entry that fails. It is answered with
 * the number of those done (the index of the failing one), and then with the
 * error.
 */
#include <linux/bitmap.h>
#include <linux/instruction_pointer.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "compat.h"
#include "core/table.h"
#include "netlink_ops.h"
#include "netlink_util.h"
#include "observe/report_emit.h"

#define TM_ENTRY_ACCOUNT	256	/* entries between two looks at the limits */
#define TM_ENTRY_CHUNK		64	/* keys looked up at once */

/* What the operations of a request are called, while it is carried out. */
struct tm_names {
	bool			given;
	bool			part;		/* of what parent names */
	struct tripmap_label	parent;		/* stands outside of own */
	struct tripmap_label	own;
};

/* The part of a request that all entry operations share. */
struct tm_entries {
	struct tm_named		*n;		/* held */
	unsigned long		caller;		/* in the operation's function */
	const struct nlattr	*key;		/* one entry, or */
	const struct nlattr	*bulk;		/* many */
	u32			size;		/* bytes of one in bulk */
	u32			count;		/* entries in bulk */
	u32			done;
	struct tm_names		names;
};

/* --- labels --- */

static int check_label(struct tm_request *rq, const struct nlattr *attr, const char *what)
{
	const char *c = nla_data(attr);

	if (!*c)
		return tm_nl_fail(rq, -EINVAL, attr, "%s is empty", what);
	for (; *c; c++) {
		if (*c < ' ' || *c > '~')
			return tm_nl_fail(rq, -EINVAL, attr, "%s is not printable ASCII", what);
	}
	return 0;
}

static int check_labels(struct tm_request *rq)
{
	const struct nlattr *label = rq->info->attrs[TRIPMAP_A_ENTRY_LABEL];
	const struct nlattr *parent = rq->info->attrs[TRIPMAP_A_ENTRY_PARENT];
	int err = 0;

	if (parent && !label)
		return tm_nl_fail(rq, -EINVAL, parent, "parent goes with a label only");
	if (label)
		err = check_label(rq, label, "label");
	if (!err && parent)
		err = check_label(rq, parent, "parent");
	return err;
}

static void begin_names(const struct tm_request *rq, struct tm_names *names)
{
	const struct nlattr *label = rq->info->attrs[TRIPMAP_A_ENTRY_LABEL];
	const struct nlattr *parent = rq->info->attrs[TRIPMAP_A_ENTRY_PARENT];

	names->given = label;
	names->part = parent;
	if (parent)
		tripmap_label_begin(&names->parent, nla_data(parent), NULL);
	if (label)
		tripmap_label_begin(&names->own, nla_data(label), NULL);
}

static void end_names(struct tm_names *names)
{
	if (names->given)
		tripmap_label_end(&names->own);
	if (names->part)
		tripmap_label_end(&names->parent);
}

/* --- requests --- */

static int parse_bulk(struct tm_request *rq, struct tm_entries *e, const char *what)
{
	u32 len = nla_len(e->bulk);

	if (e->key)
		return tm_nl_fail(rq, -EINVAL, e->key, "key and bulk exclude each other");
	if (len % e->size)
		return tm_nl_fail(rq, -EINVAL, e->bulk,
				  "bulk of %u bytes is no multiple of the %s's %u", len, what,
				  e->size);
	e->count = len / e->size;
	return 0;
}

/* The table is held where this succeeds, and who works has its names. */
static int parse(struct tm_request *rq, struct tm_entries *e, bool values, unsigned long caller)
{
	struct nlattr **attrs = rq->info->attrs;
	int err;

	*e = (struct tm_entries){
		.n = tm_nl_hold(rq, TRIPMAP_A_ENTRY_TABLE, "table"),
		.caller = caller,
		.key = attrs[TRIPMAP_A_ENTRY_KEY],
		.bulk = attrs[TRIPMAP_A_ENTRY_BULK],
	};
	if (IS_ERR(e->n))
		return PTR_ERR(e->n);
	e->size = e->n->key_size + (values ? e->n->value_size : 0);
	if (e->bulk)
		err = parse_bulk(rq, e, values ? "entry" : "key");
	else if (!tm_nl_need(rq, TRIPMAP_A_ENTRY_KEY, "key"))
		err = -EINVAL;
	else
		err = tm_nl_check_size(rq, e->key, "key", e->n, e->n->key_size);
	err = err ?: check_labels(rq);
	if (err)
		tm_registry_put(e->n);
	else
		begin_names(rq, &e->names);
	return err;
}

static void finish(struct tm_entries *e)
{
	end_names(&e->names);
	tm_registry_charge(e->n);
	tm_registry_put(e->n);
}

/* Names the failing entry, where there are many. */
static int fail(struct tm_request *rq, const struct tm_entries *e, int err, const char *text)
{
	if (e->bulk)
		return tm_nl_fail(rq, err, e->bulk, "entry %u: %s", e->done, text);
	return tm_nl_fail(rq, err, e->key, "%s", text);
}

static int refused(struct tm_request *rq, const struct tm_entries *e, int err,
		   const struct tm_call *call)
{
	char text[TM_NL_TEXT];

	return fail(rq, e, err, tm_nl_refusal(text, sizeof(text), err, call));
}

#define TM_DONE_ROOM	nla_total_size(sizeof(u32))

static int fill_done(struct sk_buff *skb, const void *what)
{
	const struct tm_entries *e = what;

	return nla_put_u32(skb, TRIPMAP_A_ENTRY_DONE, e->done);
}

/* Many are answered also when one failed; the error itself follows. */
static int answer_done(struct tm_request *rq, const struct tm_entries *e, int err)
{
	int sent = 0;

	if (!err || e->bulk)
		sent = tm_nl_reply_room(rq, TM_DONE_ROOM, fill_done, e);
	return err ?: sent;
}

/* --- entry-set --- */

struct tm_set {
	struct tm_entries	e;
	enum tripmap_op		op;
	bool			room;		/* as of the last look at the limits */
	struct tm_limit		limit;		/* which one, where there is no room */
};

static const enum tripmap_op op_of_mode[] = {
	[TRIPMAP_MODE_STORE]		= TRIPMAP_OP_STORE,
	[TRIPMAP_MODE_INSERT]		= TRIPMAP_OP_INSERT,
	[TRIPMAP_MODE_REPLACE]		= TRIPMAP_OP_REPLACE,
	[TRIPMAP_MODE_COMPARE_SWAP]	= TRIPMAP_OP_COMPARE_SWAP,
};

static_assert(ARRAY_SIZE(op_of_mode) == TRIPMAP_MODE_MAX + 1);

/* Whoever changed a table has put that on its account, this request as it goes on. */
static void look_at_limits(struct tm_set *s)
{
	const struct tm_account *account = s->e.n->account;

	s->room = !s->e.done && !tm_limits_room(account, &s->limit);
	if (s->room)
		return;
	/* What waited to be freed when it was charged may be free by now. */
	tm_registry_charge(s->e.n);
	s->room = !tm_limits_room(account, &s->limit);
}

static int over_limit(struct tm_request *rq, const struct tm_set *s)
{
	char text[TM_NL_TEXT];

	return fail(rq, &s->e, -EDQUOT, tm_nl_over_limit(text, sizeof(text), &s->limit));
}

static int set_entry(struct tm_request *rq, struct tm_set *s, const void *key, const void *value,
		     const void *expected)
{
	bool only_old = !s->room && s->op == TRIPMAP_OP_STORE;
	enum tripmap_op op = only_old ? TRIPMAP_OP_REPLACE : s->op;
	struct tm_call call = tm_nl_call(rq, op, s->e.caller);
	int err;

	if (!s->room && s->op == TRIPMAP_OP_INSERT)
		return over_limit(rq, s);
	err = tm_table_put(s->e.n->map, &call, key, value, expected);
	tm_nl_called(rq, &call);
	if (err == -ENOENT && only_old)
		return over_limit(rq, s);
	return err ? refused(rq, &s->e, err, &call) : 0;
}

static int set_one(struct tm_request *rq, struct tm_set *s)
{
	const struct nlattr *value = tm_nl_need(rq, TRIPMAP_A_ENTRY_VALUE, "value");
	const struct nlattr *expected = rq->info->attrs[TRIPMAP_A_ENTRY_EXPECTED];
	struct tm_named *n = s->e.n;
	int err;

	if (!value)
		return -EINVAL;
	err = tm_nl_check_size(rq, value, "value", n, n->value_size);
	if (!err && expected)
		err = tm_nl_check_size(rq, expected, "value", n, n->value_size);
	if (!err)
		err = set_entry(rq, s, nla_data(s->e.key), nla_data(value),
				expected ? nla_data(expected) : NULL);
	s->e.done = !err;
	return err;
}

static int set_many(struct tm_request *rq, struct tm_set *s)
{
	const u8 *entry = nla_data(s->e.bulk);
	int err = 0;

	for (; s->e.done < s->e.count; s->e.done++, entry += s->e.size) {
		if (s->e.done % TM_ENTRY_ACCOUNT == TM_ENTRY_ACCOUNT - 1)
			look_at_limits(s);
		err = set_entry(rq, s, entry, entry + s->e.n->key_size, NULL);
		if (err)
			break;
		cond_resched();
	}
	return err;
}

/* Which of the attributes go together. */
static int check_set(struct tm_request *rq, const struct tm_set *s)
{
	struct nlattr **attrs = rq->info->attrs;

	if (s->e.bulk && attrs[TRIPMAP_A_ENTRY_VALUE])
		return tm_nl_fail(rq, -EINVAL, attrs[TRIPMAP_A_ENTRY_VALUE],
				  "value and bulk exclude each other");
	if (s->e.bulk && s->op == TRIPMAP_OP_COMPARE_SWAP)
		return tm_nl_fail(rq, -EINVAL, s->e.bulk, "compare-swap takes one entry");
	if (s->op == TRIPMAP_OP_COMPARE_SWAP)
		return tm_nl_need(rq, TRIPMAP_A_ENTRY_EXPECTED, "expected") ? 0 : -EINVAL;
	if (attrs[TRIPMAP_A_ENTRY_EXPECTED])
		return tm_nl_fail(rq, -EINVAL, attrs[TRIPMAP_A_ENTRY_EXPECTED],
				  "expected is for compare-swap only");
	return 0;
}

int tm_nl_entry_set(struct tm_request *rq)
{
	const struct nlattr *mode = rq->info->attrs[TRIPMAP_A_ENTRY_MODE];
	struct tm_set s = { .op = op_of_mode[mode ? nla_get_u8(mode) : TRIPMAP_MODE_STORE] };
	int err;

	err = parse(rq, &s.e, true, _THIS_IP_);
	if (err)
		return err;
	look_at_limits(&s);
	err = check_set(rq, &s) ?: tm_nl_reply_keep(rq, TM_DONE_ROOM);
	if (!err)
		err = answer_done(rq, &s.e, s.e.bulk ? set_many(rq, &s) : set_one(rq, &s));
	finish(&s.e);
	return err;
}

/* --- entry-del --- */

static int del_one(struct tm_request *rq, struct tm_entries *e)
{
	struct tm_call call = tm_nl_call(rq, TRIPMAP_OP_DELETE, e->caller);
	int err = tm_table_delete(e->n->map, &call, nla_data(e->key));

	tm_nl_called(rq, &call);
	e->done = !err;
	return err ? refused(rq, e, err, &call) : 0;
}

/* Those not there are passed over; done counts the deleted, but names a failing one. */
static int del_many(struct tm_request *rq, struct tm_entries *e)
{
	const u8 *key = nla_data(e->bulk);
	u32 i, gone = 0;
	int err;

	for (i = 0; i < e->count; i++, key += e->size) {
		struct tm_call call = tm_nl_call(rq, TRIPMAP_OP_DELETE, e->caller);

		err = tm_table_delete(e->n->map, &call, key);
		tm_nl_called(rq, &call);
		if (err && err != -ENOENT) {
			e->done = i;
			return refused(rq, e, err, &call);
		}
		gone += !err;
		cond_resched();
	}
	e->done = gone;
	return 0;
}

int tm_nl_entry_del(struct tm_request *rq)
{
	struct tm_entries e;
	int err;

	err = parse(rq, &e, false, _THIS_IP_);
	if (err)
		return err;
	err = tm_nl_reply_keep(rq, TM_DONE_ROOM);
	if (!err)
		err = answer_done(rq, &e, e.bulk ? del_many(rq, &e) : del_one(rq, &e));
	finish(&e);
	return err;
}

/* --- entry-get and entry-take of one key --- */

struct tm_found {
	const struct tm_entries	*e;
	const void		*value;
};

static int fill_found(struct sk_buff *skb, const void *what)
{
	const struct tm_found *f = what;

	if (nla_put(skb, TRIPMAP_A_ENTRY_KEY, f->e->n->key_size, nla_data(f->e->key)) ||
	    nla_put(skb, TRIPMAP_A_ENTRY_VALUE, f->e->n->value_size, f->value))
		return -EMSGSIZE;
	return 0;
}

static int get_one(struct tm_request *rq, struct tm_entries *e, enum tripmap_op op)
{
	struct tm_call call = tm_nl_call(rq, op, e->caller);
	void *value = kmalloc(e->n->value_size, GFP_KERNEL);
	struct tm_found f = { .e = e, .value = value };
	size_t room = nla_total_size(e->n->key_size) + nla_total_size(e->n->value_size);
	int err;

	if (!value)
		return tm_nl_fail(rq, -ENOMEM, NULL, "no memory for the value");
	err = tm_nl_reply_keep(rq, room);
	if (err)
		goto out;
	if (op == TRIPMAP_OP_TAKE)
		err = tm_table_take(e->n->map, &call, nla_data(e->key), value);
	else
		err = tm_table_lookup(e->n->map, &call, nla_data(e->key), value);
	tm_nl_called(rq, &call);
	err = err ? refused(rq, e, err, &call) : tm_nl_reply_room(rq, room, fill_found, &f);
out:
	kfree(value);
	return err;
}

int tm_nl_entry_take(struct tm_request *rq)
{
	struct tm_entries e;
	int err;

	err = parse(rq, &e, false, _THIS_IP_);
	if (err)
		return err;
	err = get_one(rq, &e, TRIPMAP_OP_TAKE);
	finish(&e);
	return err;
}

/* --- entry-get of many --- */

/*
 * The reply: for each key asked for a value, zero where there is none, and a byte.
 * Both are found right into the message.
 */
struct tm_got {
	struct tm_request	*rq;
	struct tm_entries	*e;
	u8			*values;
	u8			*found;
};

static int get_chunk(struct tm_got *g)
{
	struct tm_entries *e = g->e;
	const u8 *keys = nla_data(e->bulk) + e->done * e->size;
	u8 *value = g->values + e->done * e->n->value_size;
	u32 i, n = min_t(u32, e->count - e->done, TM_ENTRY_CHUNK);
	struct tm_call call = tm_nl_call(g->rq, TRIPMAP_OP_LOOKUP_MANY, e->caller);
	DECLARE_BITMAP(found, TM_ENTRY_CHUNK);
	int err;

	err = tm_table_lookup_many(e->n->map, &call, n, keys, value, found);
	tm_nl_called(g->rq, &call);
	if (err < 0)
		return refused(g->rq, e, err, &call);
	for (i = 0; i < n; i++, value += e->n->value_size) {
		g->found[e->done++] = test_bit(i, found);
		if (!test_bit(i, found))
			memset(value, 0, e->n->value_size);
	}
	return 0;
}

static int fill_got(struct sk_buff *skb, const void *what)
{
	struct tm_got *g = (void *)what;
	struct tm_entries *e = g->e;
	struct nlattr *values = nla_reserve(skb, TRIPMAP_A_ENTRY_BULK,
					    e->count * e->n->value_size);
	struct nlattr *found = nla_reserve(skb, TRIPMAP_A_ENTRY_FOUND, e->count);
	int err = 0;

	if (!values || !found)
		return -EMSGSIZE;
	g->values = nla_data(values);
	g->found = nla_data(found);
	while (e->done < e->count && !err) {
		err = get_chunk(g);
		cond_resched();
	}
	return err;
}

static int get_many(struct tm_request *rq, struct tm_entries *e)
{
	struct tm_got g = { .rq = rq, .e = e };
	u32 values = e->count * e->n->value_size;

	if (values > TRIPMAP_BULK_MAX)
		return tm_nl_fail(rq, -EMSGSIZE, e->bulk,
				  "%u keys, values of %u bytes: at most %u fit into the reply",
				  e->count, e->n->value_size, TRIPMAP_BULK_MAX / e->n->value_size);
	return tm_nl_reply_room(rq, nla_total_size(values) + nla_total_size(e->count), fill_got,
				&g);
}

int tm_nl_entry_get(struct tm_request *rq)
{
	struct tm_entries e;
	int err;

	err = parse(rq, &e, false, _THIS_IP_);
	if (err)
		return err;
	err = e.bulk ? get_many(rq, &e) : get_one(rq, &e, TRIPMAP_OP_LOOKUP);
	end_names(&e.names);
	tm_registry_put(e.n);
	return err;
}

/* --- entry-dump --- */

/* Between two messages nothing is held but the cursor, or the entries themselves. */
struct tm_dump {
	u32		id;		/* of the table */
	bool		over;
	u64		left;		/* entries still wanted */
	struct tm_walk	walk;
	u8		*all;		/* of one version, where they were to be had at once */
	u32		n;		/* of them, */
	u32		sent;		/* and so many went already */
};

static struct tm_dump *new_dump(const struct netlink_callback *cb, const struct tm_named *n)
{
	struct nlattr **attrs = tm_dump_attrs(cb);
	const struct nlattr *limit = attrs[TRIPMAP_A_ENTRY_LIMIT];
	struct tm_dump *d = kzalloc(sizeof(*d), GFP_KERNEL);

	if (!d)
		return NULL;
	if (tm_walk_init(&d->walk, GFP_KERNEL)) {
		kfree(d);
		return NULL;
	}
	d->id = n->id;
	d->left = limit ? nla_get_u64(limit) : U64_MAX;
	if (attrs[TRIPMAP_A_ENTRY_CURSOR])
		d->walk.cursor = nla_get_u64(attrs[TRIPMAP_A_ENTRY_CURSOR]);
	if (attrs[TRIPMAP_A_ENTRY_EPOCH])
		d->walk.epoch = nla_get_u32(attrs[TRIPMAP_A_ENTRY_EPOCH]);
	if (attrs[TRIPMAP_A_ENTRY_SHARD])
		d->walk.shard = nla_get_u16(attrs[TRIPMAP_A_ENTRY_SHARD]);
	if (attrs[TRIPMAP_A_ENTRY_SNAPSHOT])
		d->walk.whole = nla_get_u8(attrs[TRIPMAP_A_ENTRY_SNAPSHOT]);
	return d;
}

static void free_dump(struct tm_dump *d)
{
	tm_walk_exit(&d->walk);
	kvfree(d->all);
	kfree(d);
}

/* All entries at once, where they can be had so. */
static int take_all(struct netlink_callback *cb, const struct tm_named *n, struct tm_dump *d)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_ITERATE, _THIS_IP_, GFP_KERNEL);
	size_t size = d->walk.whole ? tm_walk_whole_size(n->map) : 0;
	int count;

	if (d->walk.whole && tm_dump_attrs(cb)[TRIPMAP_A_ENTRY_CURSOR])
		return tm_nl_dump_fail(cb, -EINVAL, tm_dump_attrs(cb)[TRIPMAP_A_ENTRY_CURSOR],
				       "a snapshot has no place to begin at");
	if (!size)
		return 0;
	d->all = kvmalloc(size, GFP_KERNEL_ACCOUNT);
	if (!d->all)
		return tm_nl_dump_fail(cb, -ENOMEM, NULL, "no memory for a snapshot");
	count = tm_walk_fill(n->map, &call, &d->walk, d->all, size, UINT_MAX);
	tm_report_act_user(&call.verdict);
	if (count < 0)
		return tm_nl_dump_fail(cb, count, NULL, "the table refused to be dumped");
	d->n = count;
	return 0;
}

/* args[0]: the struct tm_dump. */
int tm_nl_entry_dump_start(struct netlink_callback *cb)
{
	struct tm_named *n;
	struct tm_dump *d;
	int err = 0;

	n = tm_nl_dump_hold(cb, TRIPMAP_A_ENTRY_TABLE, &err);
	if (!n)
		return err;
	d = new_dump(cb, n);
	err = d ? take_all(cb, n, d) : tm_nl_dump_fail(cb, -ENOMEM, NULL, "no memory for a dump");
	tm_registry_put(n);
	if (err && d)
		free_dump(d);
	if (!err)
		cb->args[0] = (long)d;
	return err;
}

int tm_nl_entry_dump_done(struct netlink_callback *cb)
{
	free_dump((struct tm_dump *)cb->args[0]);
	return 0;
}

struct tm_step_of_dump {
	struct tm_dump		*d;
	const struct tm_named	*n;
	struct tm_call		*call;
	int			count;		/* out, of tm_walk_fill() */
};

/* What goes behind the entries; at the end of the table there is no next place. */
static int put_cursor(struct sk_buff *skb, const struct tm_walk *w, u32 done)
{
	if (nla_put_u32(skb, TRIPMAP_A_ENTRY_DONE, done) ||
	    nla_put_u32(skb, TRIPMAP_A_ENTRY_EPOCH, w->epoch) ||
	    nla_put_u16(skb, TRIPMAP_A_ENTRY_SHARD, w->shard) ||
	    (!w->done && nla_put_u64_64bit(skb, TRIPMAP_A_ENTRY_CURSOR, w->cursor,
					   TRIPMAP_A_ENTRY_PAD)))
		return -EMSGSIZE;
	return 0;
}

/* From those taken at once. */
static int send_some(struct tm_step_of_dump *s, void *to, size_t room)
{
	size_t size = s->n->key_size + s->n->value_size;
	struct tm_dump *d = s->d;
	u32 count = min3((u64)(room / size), d->left, (u64)(d->n - d->sent));

	memcpy(to, d->all + d->sent * size, count * size);
	d->sent += count;
	return count;
}

/* The walk packs entries right into the message. */
static int fill_entries(struct sk_buff *skb, const void *what)
{
	struct tm_step_of_dump *s = (void *)what;
	int behind = 2 * nla_total_size(sizeof(u32)) + nla_total_size(sizeof(u16)) +
		     nla_total_size_64bit(sizeof(u64));
	int room = skb_tailroom(skb) - behind - nla_total_size(0);
	struct nlattr *nla;

	room = min(ALIGN_DOWN(room, NLA_ALIGNTO), TRIPMAP_BULK_MAX);
	nla = room > 0 ? nla_reserve(skb, TRIPMAP_A_ENTRY_BULK, room) : NULL;
	if (!nla)
		return -EMSGSIZE;
	if (s->d->all)
		s->count = send_some(s, nla_data(nla), room);
	else
		s->count = tm_walk_fill(s->n->map, s->call, &s->d->walk, nla_data(nla), room,
					min_t(u64, s->d->left, UINT_MAX));
	if (s->count <= 0)
		return s->count ?: -ENODATA;
	tm_nl_trim(skb, nla, (size_t)s->count * (s->n->key_size + s->n->value_size));
	return put_cursor(skb, &s->d->walk, s->count);
}

/* Why there was no message. */
static int dump_ends(struct netlink_callback *cb, struct tm_dump *d, int err)
{
	d->over = true;
	switch (err) {
	case -ENODATA:
		return 0;
	case -ESTALE:
		tm_nl_dump_interrupt(cb);
		return 0;
	case -EBUSY:
		tm_nl_dump_interrupt(cb);
		NL_SET_ERR_MSG(cb->extack,
			       "iterate-during-write: a writer is in the table, see the reports");
		return err;
	case -EAGAIN:
		if (d->walk.whole)
			NL_SET_ERR_MSG(cb->extack, "the table is being written to, try again");
		else
			NL_SET_ERR_MSG(cb->extack, "the table is changing its seed, try again");
		return err;
	default:
		NL_SET_ERR_MSG(cb->extack, "the table refused to be dumped");
		return err;
	}
}

static int dump_step(struct sk_buff *skb, struct netlink_callback *cb, struct tm_dump *d,
		     const struct tm_named *n, struct tm_call *call)
{
	struct tm_step_of_dump s = { .d = d, .n = n, .call = call };
	int err;

	err = tm_nl_dump_put(skb, cb, TRIPMAP_CMD_ENTRY_DUMP, fill_entries, &s);
	if (err)
		return dump_ends(cb, d, err);
	d->left -= s.count;
	d->over = !d->left || (d->all ? d->sent == d->n : d->walk.done);
	return skb->len;
}

int tm_nl_entry_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_ITERATE, _THIS_IP_, GFP_KERNEL);
	struct tm_dump *d = (struct tm_dump *)cb->args[0];
	struct tm_named *n;
	int ret;

	if (d->over || !d->left)
		return 0;
	n = tm_registry_get_id(tm_nl_dump_net(cb), d->id);
	if (!n) {
		d->over = true;
		tm_nl_dump_interrupt(cb);
		NL_SET_ERR_MSG(cb->extack, "the table was deleted during the dump");
		return -ENOENT;
	}
	ret = dump_step(skb, cb, d, n, &call);
	tm_registry_put(n);
	tm_report_act_user(&call.verdict);
	return ret;
}
