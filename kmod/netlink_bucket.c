// SPDX-License-Identifier: GPL-2.0
/* Looking into the buckets of a table. */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/slab.h>

#include "compat.h"
#include "core/table.h"
#include "netlink_ops.h"
#include "netlink_util.h"

/* --- bucket-get --- */

struct tm_bucket_reply {
	const struct tm_named		*n;
	const struct tm_bucket_view	*view;
};

static int put_slot(struct sk_buff *skb, const struct tm_named *n, u8 index, const u8 *entry)
{
	struct nlattr *nest = nla_nest_start(skb, TRIPMAP_A_LINK_SLOT);

	if (!nest ||
	    nla_put_u8(skb, TRIPMAP_A_SLOT_INDEX, index) ||
	    nla_put(skb, TRIPMAP_A_SLOT_KEY, n->key_size, entry) ||
	    nla_put(skb, TRIPMAP_A_SLOT_VALUE, min_t(int, n->value_size, TRIPMAP_BUCKET_VALUE_MAX),
		    entry + n->key_size))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_slots(struct sk_buff *skb, const struct tm_bucket_reply *r, unsigned int link)
{
	size_t size = r->n->key_size + r->n->value_size;
	const u8 *entry = r->view->slots + link * TRIPMAP_BUCKET_SLOTS * size;
	u64 tags = r->view->link[link].tags;
	unsigned int i;
	int err = 0;

	for (i = 0; i < TRIPMAP_BUCKET_SLOTS && !err; i++, entry += size, tags >>= 8) {
		if ((u8)tags >= TM_NL_TAG_ENTRY)
			err = put_slot(skb, r->n, i, entry);
	}
	return err;
}

static int put_link(struct sk_buff *skb, const struct tm_bucket_reply *r, unsigned int link)
{
	const struct tm_link_view *l = &r->view->link[link];
	struct nlattr *nest = nla_nest_start(skb, TRIPMAP_A_BUCKET_CHAIN);
	__le64 tags = cpu_to_le64(l->tags);

	if (!nest ||
	    nla_put_u64_64bit(skb, TRIPMAP_A_LINK_INDEX, l->index, TRIPMAP_A_LINK_PAD) ||
	    nla_put(skb, TRIPMAP_A_LINK_TOPHASH, sizeof(tags), &tags) ||
	    put_slots(skb, r, link))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_bucket(struct sk_buff *skb, const void *what)
{
	const struct tm_bucket_reply *r = what;
	unsigned int link;
	int err = 0;

	if (nla_put_string(skb, TRIPMAP_A_BUCKET_TABLE, r->n->name) ||
	    nla_put_u64_64bit(skb, TRIPMAP_A_BUCKET_INDEX, r->view->at.index,
			      TRIPMAP_A_BUCKET_PAD) ||
	    nla_put_u8(skb, TRIPMAP_A_BUCKET_OLD, r->view->at.old) ||
	    nla_put_u16(skb, TRIPMAP_A_BUCKET_SHARD, r->view->at.shard) ||
	    nla_put_u8(skb, TRIPMAP_A_BUCKET_EVACUATED, r->view->evacuated) ||
	    nla_put_u32(skb, TRIPMAP_A_BUCKET_VERSION, r->view->version))
		return -EMSGSIZE;
	for (link = 0; link < r->view->nlinks && !err; link++)
		err = put_link(skb, r, link);
	return err;
}

/* Left out, the first. */
static int which_shard(struct tm_request *rq, const struct tm_named *n, u16 *shard)
{
	const struct nlattr *attr = rq->info->attrs[TRIPMAP_A_BUCKET_SHARD];

	*shard = attr ? nla_get_u16(attr) : 0;
	if (*shard < n->shards)
		return 0;
	return tm_nl_fail(rq, -ENOENT, attr, "no shard %u: the table has %u", *shard, n->shards);
}

/* By key, or by shard, index and array. */
static int which_bucket(struct tm_request *rq, const struct tm_named *n, struct tm_bucket_at *at)
{
	const struct nlattr *by_index = rq->info->attrs[TRIPMAP_A_BUCKET_INDEX];
	const struct nlattr *by_key = rq->info->attrs[TRIPMAP_A_BUCKET_KEY];
	const struct nlattr *in_old = rq->info->attrs[TRIPMAP_A_BUCKET_OLD];
	int err;

	if (by_key && (by_index || in_old || rq->info->attrs[TRIPMAP_A_BUCKET_SHARD]))
		return tm_nl_fail(rq, -EINVAL, by_key, "key excludes index, old and shard");
	if (!by_key) {
		if (!tm_nl_need(rq, TRIPMAP_A_BUCKET_INDEX, "index (or key)"))
			return -EINVAL;
		at->index = nla_get_u64(by_index);
		at->old = in_old && nla_get_u8(in_old);
		return which_shard(rq, n, &at->shard);
	}
	err = tm_nl_check_size(rq, by_key, "key", n, n->key_size);
	if (!err)
		tm_bucket_find(n->map, nla_data(by_key), at);
	return err;
}

static int no_bucket(struct tm_request *rq, const struct tm_named *n, int err,
		     const struct tm_bucket_at *at)
{
	if (err == -ENOMEM)
		return tm_nl_fail(rq, err, NULL, "no memory for a copy of the bucket");
	return tm_nl_fail(rq, err, rq->info->attrs[TRIPMAP_A_BUCKET_INDEX],
			  "no bucket %llu: the array has %llu, overflow buckets apart", at->index,
			  tm_bucket_count(n->map, at));
}

static int show_bucket(struct tm_request *rq, const struct tm_named *n)
{
	struct tm_bucket_view *view;
	struct tm_bucket_at at = {};
	int err;

	err = which_bucket(rq, n, &at);
	if (err)
		return err;
	view = kzalloc(sizeof(*view), GFP_KERNEL);
	if (!view)
		return tm_nl_fail(rq, -ENOMEM, NULL, "no memory for a copy of the bucket");
	err = tm_bucket_view(n->map, &at, view, GFP_KERNEL);
	if (err) {
		err = no_bucket(rq, n, err, &at);
	} else {
		err = tm_nl_reply(rq, fill_bucket, &(struct tm_bucket_reply){ n, view });
		kvfree(view->slots);
	}
	kfree(view);
	return err;
}

int tm_nl_bucket_get(struct tm_request *rq)
{
	struct tm_named *n = tm_nl_hold(rq, TRIPMAP_A_BUCKET_TABLE, "table");
	int err;

	if (IS_ERR(n))
		return PTR_ERR(n);
	err = show_bucket(rq, n);
	tm_registry_put(n);
	return err;
}

/* --- bucket-map --- */

/* Shard by shard, first the old array, if there is one, then the present one. */
struct tm_map_dump {
	u32	id;		/* of the table */
	u64	shape;		/* changes with the arrays; see shape_of() */
	bool	over;
	bool	resized;	/* there is an old array */
	u16	last;		/* shard to be shown */
	struct tm_bucket_at at;	/* the next bucket */
};

/* Each resize begun, each one finished, and each clear make a map a mixture. */
static u64 shape_of(const struct tripmap_info *i)
{
	u64 shape = (u64)i->epoch << 32;
	unsigned int why;

	for (why = 0; why <= TRIPMAP_RESIZE_MAX; why++)
		shape += 2 * i->resizes[why];
	return shape + (i->resize != TRIPMAP_RESIZE_NONE);
}

/* One that was asked for, or all. */
static int map_shards(struct netlink_callback *cb, const struct tm_named *n,
		      struct tm_map_dump *d)
{
	const struct nlattr *attr = tm_dump_attrs(cb)[TRIPMAP_A_BUCKET_SHARD];

	d->last = n->shards - 1;
	if (!attr)
		return 0;
	d->at.shard = nla_get_u16(attr);
	if (d->at.shard > d->last)
		return tm_nl_dump_fail(cb, -ENOENT, attr, "no such shard");
	d->last = d->at.shard;
	return 0;
}

/* args[0]: the struct tm_map_dump. */
int tm_nl_bucket_map_start(struct netlink_callback *cb)
{
	struct tripmap_info info;
	struct tm_map_dump *d;
	struct tm_named *n;
	int err = 0;

	n = tm_nl_dump_hold(cb, TRIPMAP_A_BUCKET_TABLE, &err);
	if (!n)
		return err;
	d = kzalloc(sizeof(*d), GFP_KERNEL);
	if (d) {
		tripmap_info(n->map, &info);
		d->id = n->id;
		d->shape = shape_of(&info);
		d->resized = info.resize != TRIPMAP_RESIZE_NONE;
		err = map_shards(cb, n, d);
		d->at.old = d->resized;
		cb->args[0] = (long)d;
	}
	tm_registry_put(n);
	if (!d)
		return tm_nl_dump_fail(cb, -ENOMEM, NULL, "no memory for a dump");
	if (err)
		kfree(d);
	return err;
}

int tm_nl_bucket_map_done(struct netlink_callback *cb)
{
	kfree((void *)cb->args[0]);
	return 0;
}

struct tm_map_step {
	const struct tm_named	*n;
	struct tm_map_dump	*d;
	unsigned int		count;		/* out: buckets described */
};

static int fill_map(struct sk_buff *skb, const void *what)
{
	struct tm_map_step *s = (void *)what;
	struct nlattr *nla;
	int room;

	if (nla_put_u8(skb, TRIPMAP_A_BUCKET_OLD, s->d->at.old) ||
	    nla_put_u16(skb, TRIPMAP_A_BUCKET_SHARD, s->d->at.shard) ||
	    nla_put_u64_64bit(skb, TRIPMAP_A_BUCKET_FIRST, s->d->at.index, TRIPMAP_A_BUCKET_PAD))
		return -EMSGSIZE;
	room = min(ALIGN_DOWN(skb_tailroom(skb) - nla_total_size(0), NLA_ALIGNTO),
		   TRIPMAP_BULK_MAX);
	nla = room > 0 ? nla_reserve(skb, TRIPMAP_A_BUCKET_MAP, room) : NULL;
	if (!nla)
		return -EMSGSIZE;
	s->count = tm_bucket_map(s->n->map, &s->d->at, nla_data(nla), room / 2);
	if (!s->count)
		return -ENODATA;
	tm_nl_trim(skb, nla, 2 * s->count);
	return 0;
}

static bool next_array(struct tm_map_dump *d)
{
	d->at.index = 0;
	if (d->at.old) {
		d->at.old = false;
		return true;
	}
	d->at.old = d->resized;
	return d->at.shard++ < d->last;
}

/* The next message: of this array, else of the next one. */
static int map_step(struct sk_buff *skb, struct netlink_callback *cb, struct tm_map_dump *d,
		    const struct tm_named *n)
{
	struct tm_map_step s = { .n = n, .d = d };
	int err;

	do {
		err = tm_nl_dump_put(skb, cb, TRIPMAP_CMD_BUCKET_MAP, fill_map, &s);
	} while (err == -ENODATA && next_array(d));
	d->over = err;
	if (err == -ENODATA)
		return 0;
	d->at.index += s.count;
	return err ?: skb->len;
}

static void check_shape(struct netlink_callback *cb, struct tm_map_dump *d,
			const struct tm_named *n)
{
	struct tripmap_info info;

	tripmap_info(n->map, &info);
	if (shape_of(&info) == d->shape)
		return;
	d->shape = shape_of(&info);
	tm_nl_dump_interrupt(cb);
}

int tm_nl_bucket_map(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct tm_map_dump *d = (struct tm_map_dump *)cb->args[0];
	struct tm_named *n;
	int ret;

	if (d->over)
		return 0;
	n = tm_registry_get_id(tm_nl_dump_net(cb), d->id);
	if (!n) {
		d->over = true;
		tm_nl_dump_interrupt(cb);
		NL_SET_ERR_MSG(cb->extack, "the table was deleted during the dump");
		return -ENOENT;
	}
	check_shape(cb, d, n);
	ret = map_step(skb, cb, d, n);
	tm_registry_put(n);
	return ret;
}
