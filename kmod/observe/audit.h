/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What was changed by hand, by whom and when. Knows no table and no namespace,
 * only plain values.
 */
#ifndef TRIPMAP_OBSERVE_AUDIT_H
#define TRIPMAP_OBSERVE_AUDIT_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <linux/tripmap.h>

#define TM_AUDIT_DEEDS	256	/* that are kept */
#define TM_AUDIT_COMM	16
#define TM_AUDIT_TEXT	96

/* A deed as readers see it: always a copy. */
struct tm_deed {
	u64			id;		/* from 1, never used twice */
	u64			time;		/* ns, CLOCK_MONOTONIC */
	u64			time_real;	/* ns, CLOCK_REALTIME */
	u64			owner;		/* as that of the table's reports */
	u64			account;	/* on which it takes a place of the ring */
	u32			uid;		/* initial user namespace */
	u32			pid;		/* thread id, initial pid namespace */
	u32			tgid;
	u8			deed;		/* enum tripmap_deed */
	char			comm[TM_AUDIT_COMM];
	char			table[TRIPMAP_NAME_MAX + 1];	/* empty where it is about none */
	char			text[TM_AUDIT_TEXT];
};

void __printf(6, 7) tm_audit_note(u64 owner, u8 deed, const char *table, u32 uid, u64 account,
				  const char *fmt, ...);
bool tm_audit_next(u64 owner, u64 after, struct tm_deed *out);

#endif /* TRIPMAP_OBSERVE_AUDIT_H */
