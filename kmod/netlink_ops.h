/* SPDX-License-Identifier: GPL-2.0 */
/* The operations of the family: netlink.c has the table of them. */
#ifndef TRIPMAP_NETLINK_OPS_H
#define TRIPMAP_NETLINK_OPS_H

#include <linux/netlink.h>

struct tm_request;
struct tm_report;

int tm_nl_table_new(struct tm_request *rq);
int tm_nl_table_set(struct tm_request *rq);
int tm_nl_table_del(struct tm_request *rq);
int tm_nl_table_flush(struct tm_request *rq);
int tm_nl_table_repair(struct tm_request *rq);
int tm_nl_table_get(struct tm_request *rq);
int tm_nl_table_dump_start(struct netlink_callback *cb);
int tm_nl_table_dump(struct sk_buff *skb, struct netlink_callback *cb);

int tm_nl_entry_set(struct tm_request *rq);
int tm_nl_entry_get(struct tm_request *rq);
int tm_nl_entry_del(struct tm_request *rq);
int tm_nl_entry_take(struct tm_request *rq);
int tm_nl_entry_dump_start(struct netlink_callback *cb);
int tm_nl_entry_dump(struct sk_buff *skb, struct netlink_callback *cb);
int tm_nl_entry_dump_done(struct netlink_callback *cb);

int tm_nl_bucket_get(struct tm_request *rq);
int tm_nl_bucket_map_start(struct netlink_callback *cb);
int tm_nl_bucket_map(struct sk_buff *skb, struct netlink_callback *cb);
int tm_nl_bucket_map_done(struct netlink_callback *cb);

int tm_nl_inject(struct tm_request *rq);

int tm_nl_stats_get(struct tm_request *rq);
int tm_nl_features_get(struct tm_request *rq);

int tm_nl_report_get(struct tm_request *rq);
int tm_nl_report_dump_start(struct netlink_callback *cb);
int tm_nl_report_dump(struct sk_buff *skb, struct netlink_callback *cb);
int tm_nl_report_dump_done(struct netlink_callback *cb);
int tm_nl_report_clear(struct tm_request *rq);
void tm_nl_report_ntf(const struct tm_report *r);

int tm_nl_event_dump_start(struct netlink_callback *cb);
int tm_nl_event_dump(struct sk_buff *skb, struct netlink_callback *cb);
int tm_nl_event_dump_done(struct netlink_callback *cb);

int tm_nl_pause_dump_start(struct netlink_callback *cb);
int tm_nl_pause_dump(struct sk_buff *skb, struct netlink_callback *cb);
int tm_nl_pause_dump_done(struct netlink_callback *cb);
int tm_nl_recent_dump_start(struct netlink_callback *cb);
int tm_nl_recent_dump(struct sk_buff *skb, struct netlink_callback *cb);
int tm_nl_pause_set(struct tm_request *rq);

int tm_nl_audit_start(struct netlink_callback *cb);
int tm_nl_audit_dump(struct sk_buff *skb, struct netlink_callback *cb);
int tm_nl_audit_done(struct netlink_callback *cb);

#endif /* TRIPMAP_NETLINK_OPS_H */
