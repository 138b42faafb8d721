// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family: its operations and what each takes. The truth is
 * Documentation/netlink/specs/tripmap.yaml; the running kernel's policy is held
 * against it by a test.
 *
 * There is no MODULE_ALIAS_GENL_FAMILY, on purpose: with it any user could load
 * the module by naming the family.
 */
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <net/genetlink.h>

#include "netlink.h"
#include "netlink_ops.h"
#include "netlink_util.h"
#include "observe/report_emit.h"

#define TM_NL_NAME	{ .type = NLA_NUL_STRING, .len = TRIPMAP_NAME_MAX }
#define TM_NL_KEY	{ .type = NLA_BINARY, .len = TRIPMAP_KEY_MAX }
#define TM_NL_VALUE	{ .type = NLA_BINARY, .len = TRIPMAP_VALUE_MAX }
#define TM_NL_LABEL	{ .type = NLA_NUL_STRING, .len = TRIPMAP_LABEL_MAX }
#define TM_NL_BULK	{ .type = NLA_BINARY, .len = TRIPMAP_BULK_MAX }

/* For operations without attributes: without a policy nothing would be refused. */
static const struct nla_policy no_attrs[2] = {
	[1] = { .type = NLA_REJECT },
};

/* Not const before 6.6. */
static struct netlink_range_validation escalate_count = { .max = TRIPMAP_ESCALATE_MAX };

static const struct nla_policy policy_nest[TRIPMAP_A_POLICY_MAX + 1] = {
	[TRIPMAP_A_POLICY_CLASS] = NLA_POLICY_MAX(NLA_U8, TRIPMAP_CLASS_MAX),
	[TRIPMAP_A_POLICY_ACTION] = NLA_POLICY_MAX(NLA_U8, TRIPMAP_ACTION_MAX),
	[TRIPMAP_A_POLICY_ANSWER] = NLA_POLICY_MAX(NLA_U8, TRIPMAP_ANSWER_MAX),
	[TRIPMAP_A_POLICY_ESCALATE_TO] = NLA_POLICY_MAX(NLA_U8, TRIPMAP_ACTION_MAX),
	[TRIPMAP_A_POLICY_ESCALATE_COUNT] = NLA_POLICY_FULL_RANGE(NLA_U32, &escalate_count),
	[TRIPMAP_A_POLICY_ESCALATE_MS] = { .type = NLA_U32 },
};

static const struct nla_policy table_new[TRIPMAP_A_TABLE_SHARDS + 1] = {
	[TRIPMAP_A_TABLE_NAME] = TM_NL_NAME,
	[TRIPMAP_A_TABLE_KEY_TYPE] = NLA_POLICY_MAX(NLA_U8, TRIPMAP_TYPE_MAX),
	[TRIPMAP_A_TABLE_KEY_SIZE] = NLA_POLICY_RANGE(NLA_U16, 1, TRIPMAP_KEY_MAX),
	[TRIPMAP_A_TABLE_VALUE_TYPE] = NLA_POLICY_MAX(NLA_U8, TRIPMAP_TYPE_MAX),
	[TRIPMAP_A_TABLE_VALUE_SIZE] = NLA_POLICY_MAX(NLA_U16, TRIPMAP_VALUE_MAX),
	[TRIPMAP_A_TABLE_CONTRACT] = NLA_POLICY_MAX(NLA_U8, TRIPMAP_CONTRACT_MAX),
	[TRIPMAP_A_TABLE_HASH] = NLA_POLICY_MAX(NLA_U8, TRIPMAP_HASH_MAX),
	[TRIPMAP_A_TABLE_BITS] = NLA_POLICY_MAX(NLA_U8, TRIPMAP_BITS_MAX),
	[TRIPMAP_A_TABLE_MAX_ENTRIES] = { .type = NLA_U64 },
	[TRIPMAP_A_TABLE_SEED] = NLA_POLICY_EXACT_LEN(TRIPMAP_SEED_SIZE),
	[TRIPMAP_A_TABLE_POLICY] = NLA_POLICY_NESTED(policy_nest),
	[TRIPMAP_A_TABLE_SYNC] = NLA_POLICY_MAX(NLA_U8, TRIPMAP_SYNC_MAX),
	[TRIPMAP_A_TABLE_SHARDS] = NLA_POLICY_RANGE(NLA_U16, 1, TRIPMAP_SHARDS_MAX),
};

static const struct nla_policy table_set[TRIPMAP_A_TABLE_OWN + 1] = {
	[TRIPMAP_A_TABLE_NAME] = TM_NL_NAME,
	[TRIPMAP_A_TABLE_POLICY] = NLA_POLICY_NESTED(policy_nest),
	[TRIPMAP_A_TABLE_FROZEN] = NLA_POLICY_MAX(NLA_U8, 1),
	[TRIPMAP_A_TABLE_OWN] = NLA_POLICY_RANGE(NLA_U8, 1, 1),
};

static const struct nla_policy table_name[TRIPMAP_A_TABLE_NAME + 1] = {
	[TRIPMAP_A_TABLE_NAME] = TM_NL_NAME,
};

static const struct nla_policy entry_set[TRIPMAP_A_ENTRY_PARENT + 1] = {
	[TRIPMAP_A_ENTRY_TABLE] = TM_NL_NAME,
	[TRIPMAP_A_ENTRY_MODE] = NLA_POLICY_MAX(NLA_U8, TRIPMAP_MODE_MAX),
	[TRIPMAP_A_ENTRY_KEY] = TM_NL_KEY,
	[TRIPMAP_A_ENTRY_VALUE] = TM_NL_VALUE,
	[TRIPMAP_A_ENTRY_EXPECTED] = TM_NL_VALUE,
	[TRIPMAP_A_ENTRY_BULK] = TM_NL_BULK,
	[TRIPMAP_A_ENTRY_LABEL] = TM_NL_LABEL,
	[TRIPMAP_A_ENTRY_PARENT] = TM_NL_LABEL,
};

static const struct nla_policy entry_keys[TRIPMAP_A_ENTRY_PARENT + 1] = {
	[TRIPMAP_A_ENTRY_TABLE] = TM_NL_NAME,
	[TRIPMAP_A_ENTRY_KEY] = TM_NL_KEY,
	[TRIPMAP_A_ENTRY_BULK] = TM_NL_BULK,
	[TRIPMAP_A_ENTRY_LABEL] = TM_NL_LABEL,
	[TRIPMAP_A_ENTRY_PARENT] = TM_NL_LABEL,
};

static const struct nla_policy entry_take[TRIPMAP_A_ENTRY_PARENT + 1] = {
	[TRIPMAP_A_ENTRY_TABLE] = TM_NL_NAME,
	[TRIPMAP_A_ENTRY_KEY] = TM_NL_KEY,
	[TRIPMAP_A_ENTRY_LABEL] = TM_NL_LABEL,
	[TRIPMAP_A_ENTRY_PARENT] = TM_NL_LABEL,
};

static const struct nla_policy entry_dump[TRIPMAP_A_ENTRY_SNAPSHOT + 1] = {
	[TRIPMAP_A_ENTRY_TABLE] = TM_NL_NAME,
	[TRIPMAP_A_ENTRY_CURSOR] = { .type = NLA_U64 },
	[TRIPMAP_A_ENTRY_EPOCH] = { .type = NLA_U32 },
	[TRIPMAP_A_ENTRY_LIMIT] = { .type = NLA_U64 },
	[TRIPMAP_A_ENTRY_SHARD] = { .type = NLA_U16 },
	[TRIPMAP_A_ENTRY_SNAPSHOT] = NLA_POLICY_MAX(NLA_U8, 1),
};

static const struct nla_policy bucket_get[TRIPMAP_A_BUCKET_SHARD + 1] = {
	[TRIPMAP_A_BUCKET_TABLE] = TM_NL_NAME,
	[TRIPMAP_A_BUCKET_INDEX] = { .type = NLA_U64 },
	[TRIPMAP_A_BUCKET_KEY] = TM_NL_KEY,
	[TRIPMAP_A_BUCKET_OLD] = NLA_POLICY_MAX(NLA_U8, 1),
	[TRIPMAP_A_BUCKET_SHARD] = { .type = NLA_U16 },
};

static const struct nla_policy bucket_table[TRIPMAP_A_BUCKET_SHARD + 1] = {
	[TRIPMAP_A_BUCKET_TABLE] = TM_NL_NAME,
	[TRIPMAP_A_BUCKET_SHARD] = { .type = NLA_U16 },
};

static struct netlink_range_validation delay_range = { .max = TRIPMAP_DELAY_MAX };

static const struct nla_policy inject[TRIPMAP_A_INJECT_COUNT + 1] = {
	[TRIPMAP_A_INJECT_TABLE] = TM_NL_NAME,
	[TRIPMAP_A_INJECT_FAULT] = NLA_POLICY_MAX(NLA_U8, TRIPMAP_FAULT_MAX),
	[TRIPMAP_A_INJECT_STEP] = NLA_POLICY_MAX(NLA_U8, TRIPMAP_STEP_MAX),
	[TRIPMAP_A_INJECT_USECS] = NLA_POLICY_FULL_RANGE(NLA_U32, &delay_range),
	[TRIPMAP_A_INJECT_COUNT] = { .type = NLA_U32 },
};

static const struct nla_policy stats_table[TRIPMAP_A_STATS_TABLE + 1] = {
	[TRIPMAP_A_STATS_TABLE] = TM_NL_NAME,
};

static const struct nla_policy report_get[TRIPMAP_A_REPORT_AFTER + 1] = {
	[TRIPMAP_A_REPORT_ID] = { .type = NLA_U64 },
	[TRIPMAP_A_REPORT_AFTER] = { .type = NLA_U64 },
};

static const struct nla_policy event_get[TRIPMAP_A_EVENT_REPORT + 1] = {
	[TRIPMAP_A_EVENT_REPORT] = { .type = NLA_U64 },
};

static const struct nla_policy pause_get[TRIPMAP_A_PAUSE_CPU + 1] = {
	[TRIPMAP_A_PAUSE_TABLE] = TM_NL_NAME,
	[TRIPMAP_A_PAUSE_KIND] = NLA_POLICY_MAX(NLA_U8, TRIPMAP_PAUSE_KIND_MAX),
	[TRIPMAP_A_PAUSE_CPU] = { .type = NLA_U32 },
};

static const struct nla_policy pause_set[TRIPMAP_A_PAUSE_RESET + 1] = {
	[TRIPMAP_A_PAUSE_STATE] = NLA_POLICY_MAX(NLA_U8, 1),
	[TRIPMAP_A_PAUSE_RESET] = NLA_POLICY_RANGE(NLA_U8, 1, 1),
};

static int (* const handlers[])(struct tm_request *rq) = {
	[TRIPMAP_CMD_TABLE_NEW] = tm_nl_table_new,
	[TRIPMAP_CMD_TABLE_SET] = tm_nl_table_set,
	[TRIPMAP_CMD_TABLE_DEL] = tm_nl_table_del,
	[TRIPMAP_CMD_TABLE_FLUSH] = tm_nl_table_flush,
	[TRIPMAP_CMD_TABLE_REPAIR] = tm_nl_table_repair,
	[TRIPMAP_CMD_TABLE_GET] = tm_nl_table_get,
	[TRIPMAP_CMD_ENTRY_SET] = tm_nl_entry_set,
	[TRIPMAP_CMD_ENTRY_GET] = tm_nl_entry_get,
	[TRIPMAP_CMD_ENTRY_DEL] = tm_nl_entry_del,
	[TRIPMAP_CMD_ENTRY_TAKE] = tm_nl_entry_take,
	[TRIPMAP_CMD_BUCKET_GET] = tm_nl_bucket_get,
	[TRIPMAP_CMD_INJECT] = tm_nl_inject,
	[TRIPMAP_CMD_STATS_GET] = tm_nl_stats_get,
	[TRIPMAP_CMD_REPORT_GET] = tm_nl_report_get,
	[TRIPMAP_CMD_REPORT_CLEAR] = tm_nl_report_clear,
	[TRIPMAP_CMD_FEATURES_GET] = tm_nl_features_get,
	[TRIPMAP_CMD_PAUSE_SET] = tm_nl_pause_set,
};

/*
 * All requests of a buffer are done under a lock of all netlink families, and a buffer
 * has room for thousands: one that waits for readers has none behind it.
 */
static int check_place(struct tm_request *rq)
{
	switch (rq->info->genlhdr->cmd) {
	case TRIPMAP_CMD_TABLE_NEW:
	case TRIPMAP_CMD_TABLE_DEL:
	case TRIPMAP_CMD_TABLE_FLUSH:
		if (rq->skb->len > NLMSG_ALIGN(rq->info->nlhdr->nlmsg_len))
			return tm_nl_fail(rq, -EINVAL, NULL,
					  "this request has to be the last one of its buffer");
		return 0;
	default:
		return 0;
	}
}

/*
 * All requests but dumps. The outer edge: the handler has given back all it
 * held, so that here a verdict can be acted upon, after the answer is out.
 */
static int tm_nl_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct tm_request rq = { .skb = skb, .info = info };
	int err;

	/* Requests of one buffer may be thousands. */
	if (fatal_signal_pending(current))
		return -EINTR;
	err = check_place(&rq) ?: handlers[info->genlhdr->cmd](&rq);
	nlmsg_free(rq.reply);
	if (err && err != -EINTR)
		err = tm_nl_answer_error(skb, info->nlhdr, err, info->extack);
	/* The text lies in rq. What succeeds has none, though a try of it may have left one. */
	info->extack->_msg = NULL;
	tm_report_act_user(&rq.verdict);
	return err;
}

#define TM_NL_POLICY(p)	.policy = (p), .maxattr = ARRAY_SIZE(p) - 1

static const struct genl_ops ops[] = {
	{
		.cmd	= TRIPMAP_CMD_TABLE_NEW,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= tm_nl_doit,
		TM_NL_POLICY(table_new),
	}, {
		.cmd	= TRIPMAP_CMD_TABLE_SET,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= tm_nl_doit,
		TM_NL_POLICY(table_set),
	}, {
		.cmd	= TRIPMAP_CMD_TABLE_DEL,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= tm_nl_doit,
		TM_NL_POLICY(table_name),
	}, {
		.cmd	= TRIPMAP_CMD_TABLE_FLUSH,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= tm_nl_doit,
		TM_NL_POLICY(table_name),
	}, {
		.cmd	= TRIPMAP_CMD_TABLE_REPAIR,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= tm_nl_doit,
		TM_NL_POLICY(table_name),
	}, {
		.cmd	= TRIPMAP_CMD_INJECT,
		.flags	= GENL_ADMIN_PERM,
		.doit	= tm_nl_doit,
		TM_NL_POLICY(inject),
	}, {
		.cmd	= TRIPMAP_CMD_TABLE_GET,
		.doit	= tm_nl_doit,
		.start	= tm_nl_table_dump_start,
		.dumpit	= tm_nl_table_dump,
		TM_NL_POLICY(table_name),
	}, {
		.cmd	= TRIPMAP_CMD_ENTRY_SET,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= tm_nl_doit,
		TM_NL_POLICY(entry_set),
	}, {
		.cmd	= TRIPMAP_CMD_ENTRY_GET,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= tm_nl_doit,
		TM_NL_POLICY(entry_keys),
	}, {
		.cmd	= TRIPMAP_CMD_ENTRY_DEL,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= tm_nl_doit,
		TM_NL_POLICY(entry_keys),
	}, {
		.cmd	= TRIPMAP_CMD_ENTRY_TAKE,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= tm_nl_doit,
		TM_NL_POLICY(entry_take),
	}, {
		.cmd	= TRIPMAP_CMD_ENTRY_DUMP,
		.flags	= GENL_UNS_ADMIN_PERM,
		.start	= tm_nl_entry_dump_start,
		.dumpit	= tm_nl_entry_dump,
		.done	= tm_nl_entry_dump_done,
		TM_NL_POLICY(entry_dump),
	}, {
		.cmd	= TRIPMAP_CMD_BUCKET_GET,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= tm_nl_doit,
		TM_NL_POLICY(bucket_get),
	}, {
		.cmd	= TRIPMAP_CMD_BUCKET_MAP,
		.start	= tm_nl_bucket_map_start,
		.dumpit	= tm_nl_bucket_map,
		.done	= tm_nl_bucket_map_done,
		TM_NL_POLICY(bucket_table),
	}, {
		.cmd	= TRIPMAP_CMD_STATS_GET,
		.doit	= tm_nl_doit,
		TM_NL_POLICY(stats_table),
	}, {
		.cmd	= TRIPMAP_CMD_REPORT_GET,
		.doit	= tm_nl_doit,
		.start	= tm_nl_report_dump_start,
		.dumpit	= tm_nl_report_dump,
		.done	= tm_nl_report_dump_done,
		TM_NL_POLICY(report_get),
	}, {
		.cmd	= TRIPMAP_CMD_REPORT_CLEAR,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= tm_nl_doit,
		TM_NL_POLICY(no_attrs),
	}, {
		.cmd	= TRIPMAP_CMD_FEATURES_GET,
		.doit	= tm_nl_doit,
		TM_NL_POLICY(no_attrs),
	}, {
		.cmd	= TRIPMAP_CMD_AUDIT_GET,
		.flags	= GENL_UNS_ADMIN_PERM,
		.start	= tm_nl_audit_start,
		.dumpit	= tm_nl_audit_dump,
		.done	= tm_nl_audit_done,
		TM_NL_POLICY(no_attrs),
	}, {
		.cmd	= TRIPMAP_CMD_EVENT_GET,
		.start	= tm_nl_event_dump_start,
		.dumpit	= tm_nl_event_dump,
		.done	= tm_nl_event_dump_done,
		TM_NL_POLICY(event_get),
	}, {
		.cmd	= TRIPMAP_CMD_PAUSE_GET,
		.start	= tm_nl_pause_dump_start,
		.dumpit	= tm_nl_pause_dump,
		.done	= tm_nl_pause_dump_done,
		TM_NL_POLICY(pause_get),
	}, {
		.cmd	= TRIPMAP_CMD_PAUSE_RECENT_GET,
		.flags	= GENL_UNS_ADMIN_PERM,
		.start	= tm_nl_recent_dump_start,
		.dumpit	= tm_nl_recent_dump,
		.done	= tm_nl_pause_dump_done,
		TM_NL_POLICY(pause_get),
	}, {
		.cmd	= TRIPMAP_CMD_PAUSE_SET,
		.flags	= GENL_ADMIN_PERM,
		.doit	= tm_nl_doit,
		TM_NL_POLICY(pause_set),
	},
};

static const struct genl_multicast_group groups[] = {
	[TM_NL_VIOLATIONS] = { .name = TRIPMAP_MCGRP_VIOLATIONS },
	[TM_NL_TABLES] = { .name = TRIPMAP_MCGRP_TABLES },
};

struct genl_family tm_nl_family __ro_after_init = {
	.name		= TRIPMAP_FAMILY_NAME,
	.version	= TRIPMAP_FAMILY_VERSION,
	.module		= THIS_MODULE,
	.netnsok	= true,
	.parallel_ops	= true,
	.ops		= ops,
	.n_ops		= ARRAY_SIZE(ops),
	.mcgrps		= groups,
	.n_mcgrps	= ARRAY_SIZE(groups),
};

/**
 * tm_netlink_init() - open the door to user space
 *
 * Context: Task; may sleep.
 * Return: 0 or negative errno.
 */
int __init tm_netlink_init(void)
{
	int err = tm_nl_ntf_init();

	if (err)
		return err;
	err = genl_register_family(&tm_nl_family);
	if (err) {
		tm_nl_ntf_exit();
		return err;
	}
	tm_report_emit_listen(tm_nl_report_ntf);
	return 0;
}

/**
 * tm_netlink_exit() - close it again; requests under way are waited for
 *
 * Context: Task; may sleep.
 */
void tm_netlink_exit(void)
{
	tm_report_emit_listen(NULL);
	genl_unregister_family(&tm_nl_family);
	tm_nl_ntf_exit();
}
