// SPDX-License-Identifier: GPL-2.0
/*
 * Notifications. Each multicast group of each network namespace numbers its
 * messages, so that a listener knows when it lost some.
 */
#include <linux/mutex.h>
#include <linux/skbuff.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "netlink_util.h"

struct tm_ntf_net {
	struct mutex	lock[TM_NL_GROUPS];	/* numbers go out in their order */
	u64		seq[TM_NL_GROUPS];	/* lock of the group; the last one given */
};

struct tm_ntf {
	tm_nl_fill_ntf	fill;
	u64		seq;
	const void	*what;
};

static unsigned int tm_ntf_id __read_mostly;

static int fill_ntf(struct sk_buff *skb, const void *what)
{
	const struct tm_ntf *ntf = what;

	return ntf->fill(skb, ntf->seq, ntf->what);
}

/* A message that cannot be made is one that the listeners lost. */
static void __send(struct net *net, enum tm_nl_group group, u8 cmd, const struct tm_ntf *ntf,
		   struct sk_buff *skb)
{
	if (!skb)
		return;
	if (tm_nl_put_message(skb, 0, 0, 0, cmd, fill_ntf, ntf))
		nlmsg_free(skb);
	else
		genlmsg_multicast_netns(&tm_nl_family, net, skb, 0, group, GFP_KERNEL);
}

/**
 * tm_nl_notify() - tell the listeners of a group
 * @net: whose listeners
 * @group: the group
 * @cmd: the message's command
 * @fill: puts the attributes
 * @what: for @fill
 *
 * Nothing is done while nobody listens. Reports of all namespaces are told by one work
 * item, and by it alone: it never waits for a request of a namespace, which may be
 * starved.
 *
 * Context: Task; may sleep.
 */
void tm_nl_notify(struct net *net, enum tm_nl_group group, u8 cmd, tm_nl_fill_ntf fill,
		  const void *what)
{
	struct tm_ntf_net *nn = net_generic(net, tm_ntf_id);
	struct tm_ntf ntf = { .fill = fill, .what = what };
	struct sk_buff *skb;

	if (!genl_has_listeners(&tm_nl_family, net, group))
		return;
	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	mutex_lock(&nn->lock[group]);
	ntf.seq = ++nn->seq[group];
	__send(net, group, cmd, &ntf, skb);
	mutex_unlock(&nn->lock[group]);
}

static int __net_init tm_ntf_net_init(struct net *net)
{
	struct tm_ntf_net *nn = net_generic(net, tm_ntf_id);
	unsigned int group;

	for (group = 0; group < TM_NL_GROUPS; group++)
		mutex_init(&nn->lock[group]);
	return 0;
}

static struct pernet_operations tm_ntf_net_ops = {
	.init	= tm_ntf_net_init,
	.id	= &tm_ntf_id,
	.size	= sizeof(struct tm_ntf_net),
};

/**
 * tm_nl_ntf_init() - begin to number notifications
 *
 * Context: Task; may sleep.
 * Return: 0 or -ENOMEM.
 */
int __init tm_nl_ntf_init(void)
{
	return register_pernet_subsys(&tm_ntf_net_ops);
}

/**
 * tm_nl_ntf_exit() - the end of tm_nl_ntf_init()
 *
 * Context: Task; may sleep.
 */
void tm_nl_ntf_exit(void)
{
	unregister_pernet_subsys(&tm_ntf_net_ops);
}
