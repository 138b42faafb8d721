// SPDX-License-Identifier: GPL-2.0
/* Operations on whole tables. */
#include <linux/capability.h>
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/string.h>
#include <linux/tripmap_names.h>
#include <net/net_namespace.h>

#include "core/table.h"
#include "netlink_ops.h"
#include "netlink_util.h"
#include "params.h"

/* Bytes in a key or value of this type; 0: any number. */
static const u8 type_size[] = {
	[TRIPMAP_TYPE_BYTES]	= 0,
	[TRIPMAP_TYPE_STR]	= 0,
	[TRIPMAP_TYPE_U8]	= 1,
	[TRIPMAP_TYPE_U16]	= 2,
	[TRIPMAP_TYPE_U32]	= 4,
	[TRIPMAP_TYPE_U64]	= 8,
	[TRIPMAP_TYPE_IPV4]	= 4,
	[TRIPMAP_TYPE_IPV6]	= 16,
	[TRIPMAP_TYPE_MAC]	= 6,
};

static_assert(ARRAY_SIZE(type_size) == TRIPMAP_TYPE_MAX + 1);

/* --- notifications --- */

struct tm_table_event {
	enum tripmap_table_event	event;
	const char			*name;
	u32				id;
};

static int fill_event(struct sk_buff *skb, u64 seq, const void *what)
{
	const struct tm_table_event *e = what;

	if (nla_put_u64_64bit(skb, TRIPMAP_A_TABLE_SEQ, seq, TRIPMAP_A_TABLE_PAD) ||
	    nla_put_u8(skb, TRIPMAP_A_TABLE_EVENT, e->event) ||
	    nla_put_string(skb, TRIPMAP_A_TABLE_NAME, e->name) ||
	    nla_put_u32(skb, TRIPMAP_A_TABLE_ID, e->id))
		return -EMSGSIZE;
	return 0;
}

/* Of a table that is held, or whose name is still taken: so they come in their order. */
static void tell(struct tm_request *rq, enum tripmap_table_event event, const struct tm_named *n)
{
	struct tm_table_event e = { .event = event, .name = n->name, .id = n->id };

	tm_nl_notify(genl_info_net(rq->info), TM_NL_TABLES, TRIPMAP_CMD_TABLE_NTF,
		     fill_event, &e);
}

/* --- reading what a request asks for --- */

static int parse_name(struct tm_request *rq, const char **name)
{
	const struct nlattr *attr = tm_nl_need(rq, TRIPMAP_A_TABLE_NAME, "name");
	const char *p;

	if (!attr)
		return -EINVAL;
	*name = nla_data(attr);
	if (!**name)
		return tm_nl_fail(rq, -EINVAL, attr, "the name is empty");
	for (p = *name; *p; p++) {
		if (!isascii(*p) || (!isalnum(*p) && !strchr("._:@-", *p)))
			return tm_nl_fail(rq, -EINVAL, attr,
					  "byte %#02x in the name: letters, digits and ._:@- only",
					  (u8)*p);
	}
	return 0;
}

/* The two sides of a table: keys and values. */
struct tm_side {
	const char	*what;
	int		type_attr;
	int		size_attr;
};

static const struct tm_side key_side = {
	"key", TRIPMAP_A_TABLE_KEY_TYPE, TRIPMAP_A_TABLE_KEY_SIZE,
};

static const struct tm_side value_side = {
	"value", TRIPMAP_A_TABLE_VALUE_TYPE, TRIPMAP_A_TABLE_VALUE_SIZE,
};

static int parse_side(struct tm_request *rq, const struct tm_side *side, u8 *type, u16 *size)
{
	struct nlattr **attrs = rq->info->attrs;
	const struct nlattr *attr = attrs[side->size_attr];

	*type = attrs[side->type_attr] ? nla_get_u8(attrs[side->type_attr]) : TRIPMAP_TYPE_BYTES;
	*size = attr ? nla_get_u16(attr) : type_size[*type];
	if (!attr && !type_size[*type]) {
		NL_SET_ERR_ATTR_MISS(rq->info->extack, NULL, side->size_attr);
		return tm_nl_fail(rq, -EINVAL, NULL, "attribute %s-size is missing", side->what);
	}
	if (type_size[*type] && *size != type_size[*type])
		return tm_nl_fail(rq, -EINVAL, attr, "%s-size %u, but a %s has %u bytes",
				  side->what, *size, tripmap_type_name(*type), type_size[*type]);
	return 0;
}

static int need_action(struct tm_request *rq, const struct nlattr *nest, u8 action)
{
	enum tripmap_action most = tm_registry_max_action(genl_info_net(rq->info));

	if (action <= most)
		return 0;
	return tm_nl_fail(rq, -EPERM, nest,
			  "%s needs a namespace of the initial user namespace, here at most %s",
			  tripmap_action_name(action), tripmap_action_name(most));
}

/* What an attribute says of a rule; what it leaves out stays. */
static int parse_rule(struct tm_request *rq, const struct nlattr *nest, struct nlattr **tb,
		      struct tripmap_rule *rule)
{
	const struct nlattr *count = tb[TRIPMAP_A_POLICY_ESCALATE_COUNT];

	rule->action = nla_get_u8(tb[TRIPMAP_A_POLICY_ACTION]);
	if (tb[TRIPMAP_A_POLICY_ANSWER])
		rule->answer = nla_get_u8(tb[TRIPMAP_A_POLICY_ANSWER]);
	if (count) {
		rule->escalate_count = nla_get_u32(count);
		rule->escalate_to = tb[TRIPMAP_A_POLICY_ESCALATE_TO] ?
			nla_get_u8(tb[TRIPMAP_A_POLICY_ESCALATE_TO]) : TRIPMAP_ACTION_IGNORE;
		rule->escalate_ms = tb[TRIPMAP_A_POLICY_ESCALATE_MS] ?
			nla_get_u32(tb[TRIPMAP_A_POLICY_ESCALATE_MS]) : 0;
	}
	return need_action(rq, nest, rule->action) ?: need_action(rq, nest, rule->escalate_to);
}

/* The one that is given, or the one that stays. */
static int check_escalation(struct tm_request *rq, const struct nlattr *nest,
			    unsigned int class, const struct tripmap_rule *rule)
{
	if (!rule->escalate_count ||
	    (rule->escalate_ms && rule->escalate_to > rule->action))
		return 0;
	return tm_nl_fail(rq, -EINVAL, nest,
			  "the escalation of %s to %s needs a time and a weaker action than that, not %s",
			  tripmap_class_name(class), tripmap_action_name(rule->escalate_to),
			  tripmap_action_name(rule->action));
}

static int parse_rule_of(struct tm_request *rq, const struct nlattr *nest, struct nlattr **tb,
			 unsigned int class, struct tripmap_rule *rules)
{
	struct tripmap_rule rule = rules[class];
	int err = parse_rule(rq, nest, tb, &rule) ?: check_escalation(rq, nest, class, &rule);

	if (err)
		return err;
	if (!tripmap_rule_valid(class, &rule))
		return tm_nl_fail(rq, -EINVAL, nest, "a %s cannot be allowed",
				  tripmap_class_name(class));
	rules[class] = rule;
	return 0;
}

/* One policy attribute: the rule of a class, or of all classes. */
static int parse_policy(struct tm_request *rq, const struct nlattr *nest,
			struct tripmap_rule *rules)
{
	struct nlattr *tb[TRIPMAP_A_POLICY_MAX + 1];
	unsigned int class;
	int err;

	/* The content was validated with the request. */
	err = nla_parse_nested(tb, TRIPMAP_A_POLICY_MAX, nest, NULL, NULL);
	if (err)
		return tm_nl_fail(rq, err, nest, "malformed policy");
	if (NL_REQ_ATTR_CHECK(rq->info->extack, nest, tb, TRIPMAP_A_POLICY_ACTION))
		return tm_nl_fail(rq, -EINVAL, nest, "attribute action is missing in policy");
	if (tb[TRIPMAP_A_POLICY_CLASS])
		return parse_rule_of(rq, nest, tb, nla_get_u8(tb[TRIPMAP_A_POLICY_CLASS]), rules);
	for (class = 0; class <= TRIPMAP_CLASS_MAX && !err; class++)
		err = parse_rule_of(rq, nest, tb, class, rules);
	return err;
}

/* All policy attributes of a request in their order. */
static int parse_policies(struct tm_request *rq, struct tripmap_rule *rules)
{
	const struct nlattr *attr;
	int rem, err;

	nlmsg_for_each_attr(attr, rq->info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != TRIPMAP_A_TABLE_POLICY)
			continue;
		err = parse_policy(rq, attr, rules);
		if (err)
			return err;
	}
	return 0;
}

/* What could be turned against the machine needs more than a namespace's root. */
static int check_initial(struct tm_request *rq, const struct nlattr *attr, const char *what)
{
	if (netlink_ns_capable(rq->skb, &init_user_ns, CAP_NET_ADMIN))
		return 0;
	return tm_nl_fail(rq, -EPERM, attr,
			  "%s needs CAP_NET_ADMIN in the initial user namespace", what);
}

static int parse_hash(struct tm_request *rq, struct tripmap_config *c)
{
	const struct nlattr *hash = rq->info->attrs[TRIPMAP_A_TABLE_HASH];
	const struct nlattr *seed = rq->info->attrs[TRIPMAP_A_TABLE_SEED];
	int err = 0;

	c->hash = hash ? nla_get_u8(hash) : TRIPMAP_HASH_SIPHASH;
	if (c->hash != TRIPMAP_HASH_SIPHASH)
		err = check_initial(rq, hash, "another hash than siphash");
	if (err || !seed)
		return err;
	memcpy(c->seed, nla_data(seed), TRIPMAP_SEED_SIZE);
	c->seeded = true;
	return check_initial(rq, seed, "a fixed seed");
}

static int parse_limits(struct tm_request *rq, struct tripmap_config *c)
{
	struct nlattr **attrs = rq->info->attrs;
	const struct nlattr *max = attrs[TRIPMAP_A_TABLE_MAX_ENTRIES];

	c->contract = attrs[TRIPMAP_A_TABLE_CONTRACT] ?
		nla_get_u8(attrs[TRIPMAP_A_TABLE_CONTRACT]) : TRIPMAP_CONTRACT_SINGLE_WRITER;
	c->bits = attrs[TRIPMAP_A_TABLE_BITS] ? nla_get_u8(attrs[TRIPMAP_A_TABLE_BITS]) : 0;
	c->max_entries = max ? nla_get_u64(max) : 0;
	if (c->max_entries > tm_param_max_entries())
		return tm_nl_fail(rq, -EDQUOT, max,
				  "max-entries of %llu, the module parameter max_entries allows %llu",
				  c->max_entries, tm_param_max_entries());
	return 0;
}

/* Writes copy all: each under sync snapshot, some of new keys under sync split. */
static int check_copies(struct tm_request *rq, struct tripmap_config *c)
{
	struct nlattr **attrs = rq->info->attrs;

	if (c->max_entries > TRIPMAP_COPY_MAX)
		return tm_nl_fail(rq, -EINVAL, attrs[TRIPMAP_A_TABLE_MAX_ENTRIES],
				  "sync %s copies all entries when it writes: at most %u",
				  tripmap_sync_name(c->sync), TRIPMAP_COPY_MAX);
	if (c->bits > TRIPMAP_COPY_BITS)
		return tm_nl_fail(rq, -EINVAL, attrs[TRIPMAP_A_TABLE_BITS],
				  "sync %s has at most 2^%u buckets: all of them are copied",
				  tripmap_sync_name(c->sync), TRIPMAP_COPY_BITS);
	if (c->key_size > TRIPMAP_COPY_SIZE || c->value_size > TRIPMAP_COPY_SIZE)
		return tm_nl_fail(rq, -EINVAL, attrs[TRIPMAP_A_TABLE_SYNC],
				  "sync %s takes keys and values of at most %u bytes",
				  tripmap_sync_name(c->sync), TRIPMAP_COPY_SIZE);
	if (!c->max_entries)
		c->max_entries = min_t(u64, TRIPMAP_COPY_MAX, tm_param_max_entries());
	return 0;
}

/* How writers are kept apart. */
static int parse_sync(struct tm_request *rq, struct tripmap_config *c)
{
	const struct nlattr *sync = rq->info->attrs[TRIPMAP_A_TABLE_SYNC];
	bool shared = c->contract == TRIPMAP_CONTRACT_SHARED;

	c->sync = shared ? TRIPMAP_SYNC_SHARDED : TRIPMAP_SYNC_NONE;
	if (!sync)
		return 0;
	if ((nla_get_u8(sync) != TRIPMAP_SYNC_NONE) != shared)
		return tm_nl_fail(rq, -EINVAL, sync, "contract %s goes with sync %s",
				  tripmap_contract_name(c->contract),
				  shared ? "sharded, rwlock, snapshot or split" : "none");
	c->sync = nla_get_u8(sync);
	return c->sync >= TRIPMAP_SYNC_SNAPSHOT ? check_copies(rq, c) : 0;
}

/* In how many parts. */
static int parse_shards(struct tm_request *rq, struct tripmap_config *c)
{
	const struct nlattr *shards = rq->info->attrs[TRIPMAP_A_TABLE_SHARDS];

	c->shards = shards ? nla_get_u16(shards) : 1;
	if (!is_power_of_2(c->shards))
		return tm_nl_fail(rq, -EINVAL, shards, "%u shards: not a power of two",
				  c->shards);
	if (c->shards > 1 && c->contract != TRIPMAP_CONTRACT_SHARED)
		return tm_nl_fail(rq, -EINVAL, shards,
				  "shards need contract shared: a %s promise is about the whole table",
				  tripmap_contract_name(c->contract));
	if (c->shards > 1 && c->sync != TRIPMAP_SYNC_SHARDED)
		return tm_nl_fail(rq, -EINVAL, shards,
				  "shards need sync sharded: sync %s is about the whole table",
				  tripmap_sync_name(c->sync));
	return 0;
}

/* What a table is answered by unless told otherwise. */
static void default_rules(const struct net *net, struct tripmap_rule *rules)
{
	enum tripmap_action action = min(tm_param_on_violation(), tm_registry_max_action(net));
	unsigned int class;

	for (class = 0; class <= TRIPMAP_CLASS_MAX; class++)
		rules[class] = (struct tripmap_rule){ .action = action };
	/* A release at exit is normal for many. */
	rules[TRIPMAP_CLASS_EXITING_WRITER] = (struct tripmap_rule){
		.action = min_t(u8, action, TRIPMAP_ACTION_COUNT),
		.answer = TRIPMAP_ANSWER_ALLOW,
	};
}

static int parse_spec(struct tm_request *rq, struct tm_spec *spec)
{
	struct tripmap_config *c = &spec->config;
	int err;

	default_rules(genl_info_net(rq->info), spec->rule);
	spec->self = TM_SELF_SOCKET(rq->info->snd_portid);
	err = parse_name(rq, &c->name);
	if (!err)
		err = parse_side(rq, &key_side, &spec->key_type, &c->key_size);
	if (!err)
		err = parse_side(rq, &value_side, &spec->value_type, &c->value_size);
	if (!err)
		err = parse_limits(rq, c);
	if (!err)
		err = parse_sync(rq, c);
	if (!err)
		err = parse_shards(rq, c);
	if (!err)
		err = parse_hash(rq, c);
	if (!err)
		err = parse_policies(rq, spec->rule);
	return err;
}

/* --- the operations --- */

static int new_failed(struct tm_request *rq, int err, const struct tm_spec *spec,
		      const struct tm_limit *limit)
{
	const struct nlattr *name = rq->info->attrs[TRIPMAP_A_TABLE_NAME];
	char text[TM_NL_TEXT];

	switch (err) {
	case -EEXIST:
		return tm_nl_fail(rq, err, name, "table %s exists", spec->config.name);
	case -EDQUOT:
		return tm_nl_fail(rq, err, name, "%s",
				  tm_nl_over_limit(text, sizeof(text), limit));
	case -ENOMEM:
		return tm_nl_fail(rq, err, rq->info->attrs[TRIPMAP_A_TABLE_BITS],
				  "no memory for 2^%u buckets, max_memory is %llu bytes",
				  spec->config.bits, tm_param_max_memory());
	case -ENODEV:
		return tm_nl_fail(rq, err, NULL, "the module is being unloaded");
	case -EINVAL:
		return tm_nl_fail(rq, err, rq->info->attrs[TRIPMAP_A_TABLE_BITS],
				  "2^%u buckets of entries of this size, at most 2^%u can be had",
				  spec->config.bits, tm_table_bits_max(&spec->config));
	default:
		return tm_nl_fail(rq, err, name, "no such table can be made");
	}
}

int tm_nl_table_new(struct tm_request *rq)
{
	struct tm_limit limit = {};
	struct tm_spec spec = {};
	struct tm_named *n;
	int err;

	err = parse_spec(rq, &spec);
	if (err)
		return err;
	n = tm_registry_add(genl_info_net(rq->info), &spec, &limit);
	memzero_explicit(spec.config.seed, sizeof(spec.config.seed));
	if (IS_ERR(n))
		return new_failed(rq, PTR_ERR(n), &spec, &limit);
	tell(rq, TRIPMAP_TABLE_EVENT_NEW, n);
	tm_registry_put(n);
	return 0;
}

static void get_rules(const struct tm_named *n, struct tripmap_rule *rules)
{
	unsigned int class;

	for (class = 0; class <= TRIPMAP_CLASS_MAX; class++)
		tripmap_get_rule(n->map, class, &rules[class]);
}

static bool same_rule(const struct tripmap_rule *a, const struct tripmap_rule *b)
{
	return a->action == b->action && a->answer == b->answer &&
	       a->escalate_to == b->escalate_to && a->escalate_count == b->escalate_count &&
	       a->escalate_ms == b->escalate_ms;
}

static void note_rule(struct tm_request *rq, const struct tm_named *n, unsigned int class,
		      const struct tripmap_rule *was, const struct tripmap_rule *is)
{
	char escalation[48] = "";

	if (same_rule(was, is))
		return;
	if (is->escalate_count)
		snprintf(escalation, sizeof(escalation), ", %s from %u in %u ms on",
			 tripmap_action_name(is->escalate_to), is->escalate_count,
			 is->escalate_ms);
	tm_nl_audit(rq, TRIPMAP_DEED_POLICY, n->name, "%s: %s to %s %s%s",
		    tripmap_class_name(class), tripmap_action_name(was->action),
		    tripmap_action_name(is->action), tripmap_answer_name(is->answer), escalation);
}

static int set_rules(struct tm_request *rq, const struct tm_named *n,
		     const struct tripmap_rule *rules)
{
	struct tripmap_rule was;
	unsigned int class;
	int err;

	for (class = 0; class <= TRIPMAP_CLASS_MAX; class++) {
		tripmap_get_rule(n->map, class, &was);
		err = tripmap_set_rule(n->map, class, &rules[class]);
		if (err)
			return tm_nl_fail(rq, err, rq->info->attrs[TRIPMAP_A_TABLE_POLICY],
					  "action not possible for %s", tripmap_class_name(class));
		note_rule(rq, n, class, &was, &rules[class]);
	}
	return 0;
}

/* What a table said to a call, into the request. */
static int table_said(struct tm_request *rq, const struct nlattr *attr, int err,
		      const struct tm_call *call)
{
	char text[TM_NL_TEXT];

	tm_nl_called(rq, call);
	if (!err)
		return 0;
	return tm_nl_fail(rq, err, attr, "%s", tm_nl_refusal(text, sizeof(text), err, call));
}

static int check_set(struct tm_request *rq, const struct tm_named *n)
{
	struct nlattr **attrs = rq->info->attrs;

	if (attrs[TRIPMAP_A_TABLE_OWN] && n->contract != TRIPMAP_CONTRACT_OWNER)
		return tm_nl_fail(rq, -EINVAL, attrs[TRIPMAP_A_TABLE_OWN],
				  "a %s table has no owner", tripmap_contract_name(n->contract));
	if (attrs[TRIPMAP_A_TABLE_POLICY] || attrs[TRIPMAP_A_TABLE_FROZEN] ||
	    attrs[TRIPMAP_A_TABLE_OWN])
		return 0;
	return tm_nl_fail(rq, -EINVAL, NULL, "none of policy, frozen and own is given");
}

static int freeze(struct tm_request *rq, const struct tm_named *n, unsigned long caller)
{
	const struct nlattr *frozen = rq->info->attrs[TRIPMAP_A_TABLE_FROZEN];
	struct tm_call call = tm_nl_call(rq, TRIPMAP_OP_FREEZE, caller);
	int err;

	if (!frozen)
		return 0;
	err = table_said(rq, frozen, tm_table_freeze(n->map, &call, nla_get_u8(frozen)), &call);
	if (!err)
		tm_nl_audit(rq, nla_get_u8(frozen) ? TRIPMAP_DEED_FREEZE : TRIPMAP_DEED_UNFREEZE,
			    n->name, "%s", nla_get_u8(frozen) ? "frozen" : "unfrozen");
	return err;
}

static int own(struct tm_request *rq, const struct tm_named *n, unsigned long caller)
{
	const struct nlattr *attr = rq->info->attrs[TRIPMAP_A_TABLE_OWN];
	struct tm_call call = tm_nl_call(rq, TRIPMAP_OP_OWN, caller);
	int err;

	if (!attr)
		return 0;
	err = table_said(rq, attr, tm_table_own(n->map, &call), &call);
	if (!err)
		tm_nl_audit(rq, TRIPMAP_DEED_OWN, n->name, "taken over");
	return err;
}

/* What can be refused comes first: all or nothing. */
static int set_all(struct tm_request *rq, const struct tm_named *n)
{
	struct tripmap_rule rules[TRIPMAP_CLASS_MAX + 1];
	int err;

	get_rules(n, rules);
	err = parse_policies(rq, rules);
	if (!err)
		err = freeze(rq, n, _THIS_IP_);
	if (!err)
		err = own(rq, n, _THIS_IP_);
	return err ?: set_rules(rq, n, rules);
}

int tm_nl_table_set(struct tm_request *rq)
{
	struct tm_named *n = tm_nl_hold(rq, TRIPMAP_A_TABLE_NAME, "name");
	int err;

	if (IS_ERR(n))
		return PTR_ERR(n);
	err = check_set(rq, n);
	if (!err) {
		/* Rules that are not named stay: nobody else may change them meanwhile. */
		mutex_lock(&n->setting);
		err = set_all(rq, n);
		mutex_unlock(&n->setting);
	}
	if (!err)
		tell(rq, TRIPMAP_TABLE_EVENT_CHANGED, n);
	tm_registry_put(n);
	return err;
}

static void tell_deleted(const struct tm_named *n, void *arg)
{
	tell(arg, TRIPMAP_TABLE_EVENT_DELETED, n);
}

int tm_nl_table_del(struct tm_request *rq)
{
	struct tm_call call = tm_nl_call(rq, TRIPMAP_OP_DESTROY, _THIS_IP_);
	const struct nlattr *attr = tm_nl_need(rq, TRIPMAP_A_TABLE_NAME, "name");
	const char *name;
	int err;

	if (!attr)
		return -EINVAL;
	name = nla_data(attr);
	err = tm_registry_del(genl_info_net(rq->info), name, &call, tell_deleted, rq);
	switch (err) {
	case -ENOENT:
		return tm_nl_fail(rq, err, attr, "no table %s in this network namespace", name);
	case -EALREADY:
		return tm_nl_fail(rq, err, attr, "table %s is being deleted", name);
	case -EINTR:
		return err;
	}
	return table_said(rq, attr, err, &call);
}

/* Bytes of a table whose old arrays are to be free before its maker flushes another. */
#define TM_FLUSH_WAIT	(1 << 20)

int tm_nl_table_flush(struct tm_request *rq)
{
	struct tm_call call = tm_nl_call(rq, TRIPMAP_OP_CLEAR, _THIS_IP_);
	struct tm_named *n = tm_nl_hold(rq, TRIPMAP_A_TABLE_NAME, "name");
	const struct nlattr *attr;
	int err;

	if (IS_ERR(n))
		return PTR_ERR(n);
	attr = rq->info->attrs[TRIPMAP_A_TABLE_NAME];
	if (!tm_limits_clear_begin(n->account)) {
		err = tm_nl_fail(rq, -EAGAIN, attr, "a table of this maker is being flushed just now");
		goto put;
	}
	err = tm_table_clear(n->map, &call);
	if (atomic64_read(&n->charge.memory) > TM_FLUSH_WAIT)
		tm_table_wait();
	tm_limits_clear_end(n->account);
	err = table_said(rq, attr, err, &call);
	tm_registry_charge(n);
	/* Out of memory some shards of several may be empty. */
	if (!err || (err == -ENOMEM && n->shards > 1))
		tell(rq, TRIPMAP_TABLE_EVENT_FLUSHED, n);
put:
	tm_registry_put(n);
	return err;
}

/* --- describing --- */

static int put_u64(struct sk_buff *skb, int type, u64 value)
{
	return nla_put_u64_64bit(skb, type, value, TRIPMAP_A_TABLE_PAD);
}

static int put_escalation(struct sk_buff *skb, const struct tripmap_rule *r)
{
	if (!r->escalate_count)
		return 0;
	if (nla_put_u8(skb, TRIPMAP_A_POLICY_ESCALATE_TO, r->escalate_to) ||
	    nla_put_u32(skb, TRIPMAP_A_POLICY_ESCALATE_COUNT, r->escalate_count) ||
	    nla_put_u32(skb, TRIPMAP_A_POLICY_ESCALATE_MS, r->escalate_ms))
		return -EMSGSIZE;
	return 0;
}

static int put_rule(struct sk_buff *skb, u8 class, const struct tripmap_rule *r)
{
	struct nlattr *nest = nla_nest_start(skb, TRIPMAP_A_TABLE_POLICY);

	if (!nest ||
	    nla_put_u8(skb, TRIPMAP_A_POLICY_CLASS, class) ||
	    nla_put_u8(skb, TRIPMAP_A_POLICY_ACTION, r->action) ||
	    nla_put_u8(skb, TRIPMAP_A_POLICY_ANSWER, r->answer) ||
	    put_escalation(skb, r))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_rules(struct sk_buff *skb, const struct tm_named *n)
{
	struct tripmap_rule rules[TRIPMAP_CLASS_MAX + 1];
	unsigned int class;
	int err = 0;

	get_rules(n, rules);
	for (class = 0; class <= TRIPMAP_CLASS_MAX && !err; class++)
		err = put_rule(skb, class, &rules[class]);
	return err;
}

/* The owner's number in the reader's pid namespace. */
static u32 pid_here(u32 pid)
{
	u32 here;

	rcu_read_lock();
	here = pid ? pid_vnr(find_pid_ns(pid, &init_pid_ns)) : 0;
	rcu_read_unlock();
	return here;
}

static int put_owner(struct sk_buff *skb, const struct tm_named *n,
		     const struct tripmap_info *i)
{
	if (n->contract != TRIPMAP_CONTRACT_OWNER)
		return 0;
	return nla_put_u32(skb, TRIPMAP_A_TABLE_OWNER_PID, pid_here(i->owner_pid));
}

/* What does not change as long as there is the table. */
static int put_fixed(struct sk_buff *skb, const struct tm_named *n)
{
	if (nla_put_string(skb, TRIPMAP_A_TABLE_NAME, n->name) ||
	    nla_put_u32(skb, TRIPMAP_A_TABLE_ID, n->id) ||
	    nla_put_u8(skb, TRIPMAP_A_TABLE_KEY_TYPE, n->key_type) ||
	    nla_put_u16(skb, TRIPMAP_A_TABLE_KEY_SIZE, n->key_size) ||
	    nla_put_u8(skb, TRIPMAP_A_TABLE_VALUE_TYPE, n->value_type) ||
	    nla_put_u16(skb, TRIPMAP_A_TABLE_VALUE_SIZE, n->value_size) ||
	    nla_put_u8(skb, TRIPMAP_A_TABLE_CONTRACT, n->contract) ||
	    nla_put_u8(skb, TRIPMAP_A_TABLE_HASH, n->hash) ||
	    nla_put_u8(skb, TRIPMAP_A_TABLE_BITS, n->bits) ||
	    nla_put_u8(skb, TRIPMAP_A_TABLE_SYNC, n->sync) ||
	    nla_put_u16(skb, TRIPMAP_A_TABLE_SHARDS, n->shards) ||
	    put_u64(skb, TRIPMAP_A_TABLE_MAX_ENTRIES, n->max_entries))
		return -EMSGSIZE;
	return 0;
}

static u64 sum(const u64 *of, unsigned int n)
{
	u64 s = 0;

	while (n--)
		s += of[n];
	return s;
}

static int put_state(struct sk_buff *skb, const struct tripmap_info *i)
{
	if (nla_put_u8(skb, TRIPMAP_A_TABLE_FROZEN, i->frozen) ||
	    put_u64(skb, TRIPMAP_A_TABLE_ENTRIES, i->entries) ||
	    put_u64(skb, TRIPMAP_A_TABLE_BUCKETS, i->buckets) ||
	    put_u64(skb, TRIPMAP_A_TABLE_OVERFLOW, i->overflow) ||
	    nla_put_u8(skb, TRIPMAP_A_TABLE_RESIZE, i->resize) ||
	    put_u64(skb, TRIPMAP_A_TABLE_RESIZE_DONE, i->resize_done) ||
	    put_u64(skb, TRIPMAP_A_TABLE_RESIZE_TOTAL, i->resize_total) ||
	    put_u64(skb, TRIPMAP_A_TABLE_MEMORY, i->memory) ||
	    put_u64(skb, TRIPMAP_A_TABLE_MEMORY_OLD, i->memory_old) ||
	    put_u64(skb, TRIPMAP_A_TABLE_MEMORY_DEFERRED, i->memory_deferred) ||
	    put_u64(skb, TRIPMAP_A_TABLE_VIOLATIONS,
		    sum(i->violations, ARRAY_SIZE(i->violations))))
		return -EMSGSIZE;
	return 0;
}

static int fill_table(struct sk_buff *skb, const void *what)
{
	const struct tm_named *n = what;
	struct tripmap_info info;

	tripmap_info(n->map, &info);
	if (put_fixed(skb, n) || put_rules(skb, n) || put_owner(skb, n, &info) ||
	    put_state(skb, &info))
		return -EMSGSIZE;
	return 0;
}

int tm_nl_table_get(struct tm_request *rq)
{
	struct tm_named *n = tm_nl_hold(rq, TRIPMAP_A_TABLE_NAME, "name");
	int err;

	if (IS_ERR(n))
		return PTR_ERR(n);
	err = tm_nl_reply(rq, fill_table, n);
	tm_registry_put(n);
	return err;
}

int tm_nl_table_dump_start(struct netlink_callback *cb)
{
	return tm_nl_dump_plain(cb, "a dump of all tables takes no name");
}

/* args[0]: number of the last table shown. */
int tm_nl_table_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct net *net = tm_nl_dump_net(cb);
	struct tm_named *n;
	int err;

	while ((n = tm_registry_next(net, cb->args[0]))) {
		err = tm_nl_dump_put(skb, cb, TRIPMAP_CMD_TABLE_GET, fill_table, n);
		if (!err)
			cb->args[0] = n->id;
		tm_registry_put(n);
		if (err)
			break;
	}
	return skb->len;
}
