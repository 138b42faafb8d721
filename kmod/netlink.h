/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family; see Documentation/netlink/specs/tripmap.yaml. */
#ifndef TRIPMAP_NETLINK_H
#define TRIPMAP_NETLINK_H

int tm_netlink_init(void);
void tm_netlink_exit(void);

#endif /* TRIPMAP_NETLINK_H */
