// SPDX-License-Identifier: GPL-2.0
/* Counters, and what this module can do. */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/stddef.h>
#include <linux/utsname.h>
#include <linux/tripmap_names.h>

#include "core/table.h"
#include "netlink_ops.h"
#include "netlink_util.h"
#include "observe/event.h"
#include "observe/flight.h"
#include "observe/pause.h"
#include "observe/report.h"
#include "params.h"

/* A u64 in some struct of counters. */
struct tm_counter {
	const char	*name;
	size_t		at;
};

#define TM_COUNTER(type, field, name)	{ name, offsetof(struct type, field) }

static const struct tm_counter table_counters[] = {
	TM_COUNTER(tripmap_info, entries, "entries"),
	TM_COUNTER(tripmap_info, buckets, "buckets"),
	TM_COUNTER(tripmap_info, overflow, "overflow"),
	TM_COUNTER(tripmap_info, resize_done, "resize-done"),
	TM_COUNTER(tripmap_info, resize_total, "resize-total"),
	TM_COUNTER(tripmap_info, evacuated, "evacuated"),
	TM_COUNTER(tripmap_info, put_off, "put-off"),
	TM_COUNTER(tripmap_info, memory, "memory"),
	TM_COUNTER(tripmap_info, memory_old, "memory-old"),
	TM_COUNTER(tripmap_info, memory_deferred, "memory-deferred"),
	TM_COUNTER(tripmap_info, deferred_total, "deferred-bytes"),
	TM_COUNTER(tripmap_info, suppressed, "suppressed"),
};

/* Of tables with sync split. */
static const struct tm_counter split_counters[] = {
	TM_COUNTER(tripmap_info, hits, "split-hits"),
	TM_COUNTER(tripmap_info, misses, "split-misses"),
	TM_COUNTER(tripmap_info, promotions, "split-promotions"),
};

static const struct tm_counter limits_counters[] = {
	TM_COUNTER(tm_limits_counts, tables, "tables"),
	TM_COUNTER(tm_limits_counts, entries, "entries"),
	TM_COUNTER(tm_limits_counts, memory, "memory"),
};

static const struct tm_counter report_counters[] = {
	TM_COUNTER(tm_report_counts, filed, "reports-filed"),
	TM_COUNTER(tm_report_counts, suppressed, "reports-suppressed"),
	TM_COUNTER(tm_report_counts, dropped, "reports-dropped"),
	TM_COUNTER(tm_report_counts, halves, "halves"),
	TM_COUNTER(tm_report_counts, halves_late, "halves-late"),
	TM_COUNTER(tm_report_counts, halves_lost, "halves-lost"),
};

static int put_counter(struct sk_buff *skb, const char *name, u64 value)
{
	struct nlattr *nest = nla_nest_start(skb, TRIPMAP_A_STATS_COUNTER);

	if (!nest ||
	    nla_put_string(skb, TRIPMAP_A_COUNTER_NAME, name) ||
	    nla_put_u64_64bit(skb, TRIPMAP_A_COUNTER_VALUE, value, TRIPMAP_A_COUNTER_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_counters(struct sk_buff *skb, const struct tm_counter *c, unsigned int n,
			const void *of)
{
	int err = 0;

	for (; n-- && !err; c++)
		err = put_counter(skb, c->name, *(const u64 *)(of + c->at));
	return err;
}

/* One counter for each value of an enum, from first on. */
static int put_enum(struct sk_buff *skb, const char *prefix, const char *(*name)(unsigned int),
		    unsigned int first, unsigned int last, const u64 *of)
{
	char text[48];
	int err = 0;

	for (; first <= last && !err; first++) {
		snprintf(text, sizeof(text), "%s-%s", prefix, name(first));
		err = put_counter(skb, text, of[first]);
	}
	return err;
}

static int fill_table_stats(struct sk_buff *skb, const void *what)
{
	const struct tm_named *n = what;
	struct tripmap_info info;

	tripmap_info(n->map, &info);
	if (nla_put_string(skb, TRIPMAP_A_STATS_TABLE, n->name) ||
	    put_counters(skb, table_counters, ARRAY_SIZE(table_counters), &info) ||
	    (n->sync == TRIPMAP_SYNC_SPLIT &&
	     put_counters(skb, split_counters, ARRAY_SIZE(split_counters), &info)) ||
	    put_enum(skb, "resizes", tripmap_resize_name, TRIPMAP_RESIZE_NONE + 1,
		     TRIPMAP_RESIZE_MAX, info.resizes) ||
	    put_enum(skb, "violations", tripmap_class_name, 0, TRIPMAP_CLASS_MAX,
		     info.violations))
		return -EMSGSIZE;
	return 0;
}

static int fill_module_stats(struct sk_buff *skb, const void *what)
{
	struct tm_limits_counts limits;
	struct tm_report_counts reports;

	tm_limits_counts(&limits);
	tm_report_counts(&reports);
	if (put_counters(skb, limits_counters, ARRAY_SIZE(limits_counters), &limits) ||
	    put_counter(skb, "memory-all", tm_registry_memory()) ||
	    put_counters(skb, report_counters, ARRAY_SIZE(report_counters), &reports) ||
	    put_counter(skb, "reports-memory", tm_report_memory()) ||
	    put_counter(skb, "events-recorded", tm_flight_recorded()) ||
	    put_counter(skb, "events-lost", tm_flight_lost()) ||
	    put_counter(skb, "memory-recorder", tm_flight_memory()) ||
	    put_counter(skb, "memory-pause", tm_pause_memory()))
		return -EMSGSIZE;
	return 0;
}

int tm_nl_stats_get(struct tm_request *rq)
{
	struct tm_named *n;
	int err;

	if (!rq->info->attrs[TRIPMAP_A_STATS_TABLE])
		return tm_nl_reply(rq, fill_module_stats, NULL);
	n = tm_nl_hold(rq, TRIPMAP_A_STATS_TABLE, "table");
	if (IS_ERR(n))
		return PTR_ERR(n);
	err = tm_nl_reply(rq, fill_table_stats, n);
	tm_registry_put(n);
	return err;
}

static int put_abilities(struct sk_buff *skb)
{
	if (nla_put_u32(skb, TRIPMAP_A_FEATURES_CONTRACTS, GENMASK(TRIPMAP_CONTRACT_MAX, 0)) ||
	    nla_put_u32(skb, TRIPMAP_A_FEATURES_CLASSES, GENMASK(TRIPMAP_CLASS_MAX, 0)) ||
	    nla_put_u32(skb, TRIPMAP_A_FEATURES_ACTIONS, GENMASK(TRIPMAP_ACTION_MAX, 0)) ||
	    nla_put_u32(skb, TRIPMAP_A_FEATURES_HASHES, GENMASK(TRIPMAP_HASH_MAX, 0)) ||
	    nla_put_u32(skb, TRIPMAP_A_FEATURES_SYNCS, GENMASK(TRIPMAP_SYNC_MAX, 0)) ||
	    nla_put_u32(skb, TRIPMAP_A_FEATURES_FAULTS,
			tm_param_allow_inject() ? GENMASK(TRIPMAP_FAULT_MAX, 0) : 0))
		return -EMSGSIZE;
	return 0;
}

/* What watches, and how closely. */
static int put_watch(struct sk_buff *skb)
{
	if (nla_put_u8(skb, TRIPMAP_A_FEATURES_RECORDER, tm_flight_mode()) ||
	    nla_put_u32(skb, TRIPMAP_A_FEATURES_RECORDER_EVENTS, tm_param_recorder_events()) ||
	    nla_put_u32(skb, TRIPMAP_A_FEATURES_RECORDER_SHARE, tm_event_share()) ||
	    nla_put_u32(skb, TRIPMAP_A_FEATURES_WINDOW_MS, tm_param_window_ms()) ||
	    nla_put_u32(skb, TRIPMAP_A_FEATURES_PAUSE_KINDS,
			GENMASK(TRIPMAP_PAUSE_KIND_MAX, 0)) ||
	    nla_put_u8(skb, TRIPMAP_A_FEATURES_PAUSE_STATS, tm_pause_is_on()))
		return -EMSGSIZE;
	return 0;
}

static int fill_features(struct sk_buff *skb, const void *what)
{
	if (nla_put_u32(skb, TRIPMAP_A_FEATURES_FAMILY_VERSION, TRIPMAP_FAMILY_VERSION) ||
	    nla_put_string(skb, TRIPMAP_A_FEATURES_MODULE_VERSION, THIS_MODULE->version) ||
	    nla_put_string(skb, TRIPMAP_A_FEATURES_KERNEL, init_utsname()->release) ||
	    put_abilities(skb) ||
	    nla_put_u32(skb, TRIPMAP_A_FEATURES_MAX_TABLES, tm_param_max_tables()) ||
	    nla_put_u64_64bit(skb, TRIPMAP_A_FEATURES_MAX_ENTRIES, tm_param_max_entries(),
			      TRIPMAP_A_FEATURES_PAD) ||
	    nla_put_u64_64bit(skb, TRIPMAP_A_FEATURES_MAX_MEMORY, tm_param_max_memory(),
			      TRIPMAP_A_FEATURES_PAD) ||
	    nla_put_u32(skb, TRIPMAP_A_FEATURES_MAX_REPORTS, tm_param_max_reports()) ||
	    nla_put_u32(skb, TRIPMAP_A_FEATURES_STALE_MS, tm_param_stale_ms()) ||
	    put_watch(skb))
		return -EMSGSIZE;
	return 0;
}

int tm_nl_features_get(struct tm_request *rq)
{
	return tm_nl_reply(rq, fill_features, NULL);
}
