/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the operations of the family have in common: requests and their errors,
 * replies, dumps, notifications.
 */
#ifndef TRIPMAP_NETLINK_UTIL_H
#define TRIPMAP_NETLINK_UTIL_H

#include <net/genetlink.h>
#include <net/sock.h>

#include "core/table.h"
#include "registry.h"

#define TM_NL_TEXT	160	/* bytes of an error text */
#define TM_NL_TAG_ENTRY	2	/* tags below are no entries: empty, evacuated */

/* The owner of tables that kernel code made without naming a namespace. */
#define TM_NL_KERNEL_OWNER	0

/* Bytes of a dump's messages; with the skb's own needs eight pages. */
#define TM_NL_DUMP_SIZE	SKB_WITH_OVERHEAD(32768)

extern struct genl_family tm_nl_family;

/* One request that is no dump; tm_nl_doit() has it on its stack. */
struct tm_request {
	struct sk_buff		*skb;
	struct genl_info	*info;
	struct sk_buff		*reply;		/* kept for it, see tm_nl_reply_keep(), or NULL */
	struct tm_verdict	verdict;	/* the worst of the calls made for it */
	char			text[TM_NL_TEXT];	/* extack text, until acknowledged */
};

int tm_nl_answer_error(struct sk_buff *request, const struct nlmsghdr *nlh, int err,
		       const struct netlink_ext_ack *extack);
__printf(4, 5)
int tm_nl_fail(struct tm_request *rq, int err, const struct nlattr *attr, const char *fmt, ...);
struct nlattr *tm_nl_need(struct tm_request *rq, int type, const char *name);
struct tm_named *tm_nl_hold(struct tm_request *rq, int type, const char *name);
int tm_nl_check_size(struct tm_request *rq, const struct nlattr *attr, const char *what,
		     const struct tm_named *n, u16 size);
struct tm_call tm_nl_call(const struct tm_request *rq, enum tripmap_op op, unsigned long caller);
void tm_nl_called(struct tm_request *rq, const struct tm_call *call);
const char *tm_nl_refusal(char *buf, size_t size, int err, const struct tm_call *call);
const char *tm_nl_over_limit(char *buf, size_t size, const struct tm_limit *limit);
u32 tm_nl_pid(struct pid_namespace *pids, u32 pid);
bool tm_nl_sees_all(const struct net *net, const struct sk_buff *request);
bool tm_nl_table_name(struct net *net, u32 id, char name[TRIPMAP_NAME_MAX + 1]);
bool tm_nl_find_report(struct net *net, u64 id, struct tm_report *r);
int tm_nl_put_near(struct sk_buff *skb, int type, int pad, unsigned int kind);
int tm_nl_put_label(struct sk_buff *skb, int type, const char label[TRIPMAP_LABEL_MAX]);
__printf(4, 5)
void tm_nl_audit(const struct tm_request *rq, enum tripmap_deed deed, const char *table,
		 const char *fmt, ...);

/* Puts the attributes of a message; -EMSGSIZE where the room is too small. */
typedef int (*tm_nl_fill)(struct sk_buff *skb, const void *what);

int tm_nl_put_message(struct sk_buff *skb, u32 portid, u32 seq, int flags, u8 cmd,
		      tm_nl_fill fill, const void *what);
int tm_nl_reply_keep(struct tm_request *rq, size_t room);
int tm_nl_reply(struct tm_request *rq, tm_nl_fill fill, const void *what);
int tm_nl_reply_room(struct tm_request *rq, size_t room, tm_nl_fill fill, const void *what);
void tm_nl_trim(struct sk_buff *skb, struct nlattr *nla, size_t len);

/* Dumps. */
static inline struct net *tm_nl_dump_net(const struct netlink_callback *cb)
{
	return sock_net(NETLINK_CB(cb->skb).sk);
}

int tm_nl_dump_fail(struct netlink_callback *cb, int err, const struct nlattr *attr,
		    const char *text);
int tm_nl_dump_miss(struct netlink_callback *cb, int type, const char *text);
void tm_nl_dump_begin(struct netlink_callback *cb);
int tm_nl_dump_plain(struct netlink_callback *cb, const char *text);
struct tm_named *tm_nl_dump_hold(struct netlink_callback *cb, int type, int *err);
int tm_nl_dump_put(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		   tm_nl_fill fill, const void *what);
void tm_nl_dump_interrupt(struct netlink_callback *cb);

/* Notifications. */
enum tm_nl_group { TM_NL_VIOLATIONS, TM_NL_TABLES, TM_NL_GROUPS };

/* As tm_nl_fill, for message number seq of its group. */
typedef int (*tm_nl_fill_ntf)(struct sk_buff *skb, u64 seq, const void *what);

int tm_nl_ntf_init(void);
void tm_nl_ntf_exit(void);
void tm_nl_notify(struct net *net, enum tm_nl_group group, u8 cmd, tm_nl_fill_ntf fill,
		  const void *what);

#endif /* TRIPMAP_NETLINK_UTIL_H */
