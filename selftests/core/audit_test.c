// SPDX-License-Identifier: GPL-2.0
/* The audit ring: order, owners, what is lost, everybody at once. */
#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "../../kmod/observe/audit.h"
#include "env.h"
#include "test.h"

/* The ring is one for the module's life: each test is the owner of its own deeds. */
static u64 owner = 1000;
static struct tm_deed seen;	/* the last one read; the test's own thread */

static void note_on(u64 account, u32 uid, u64 n)
{
	tm_audit_note(owner, TRIPMAP_DEED_POLICY, "sessions", uid, account, "deed %llu", n);
}

static void note(u32 uid, u64 n)
{
	note_on(uid, uid, n);
}

/* The id of the owner's newest deed, 0 for none. */
static u64 newest(void)
{
	u64 id = 0;

	while (tm_audit_next(owner, id, &seen))
		id = seen.id;
	return id;
}

/* The owner's deeds by uid, or by all others. */
static unsigned int kept(u32 uid, bool others)
{
	unsigned int n = 0;
	u64 id = 0;

	for (; tm_audit_next(owner, id, &seen); id = seen.id)
		n += (seen.uid == uid) != others;
	return n;
}

static unsigned int kept_of(u64 account)
{
	unsigned int n = 0;
	u64 id = 0;

	for (; tm_audit_next(owner, id, &seen); id = seen.id)
		n += seen.account == account;
	return n;
}

#define CROWD	100	/* uids from here on are of those who do one thing each */

/* Nothing but the owner's own deeds is left in the ring, each of another uid. */
static void wash(void)
{
	unsigned int n;

	for (n = 0; n < TM_AUDIT_DEEDS; n++)
		note(CROWD + n, n);
}

TM_TEST(noted)
{
	owner++;
	TM_EXPECT_EQ(newest(), 0);
	tm_audit_note(owner, TRIPMAP_DEED_REPAIR, "sessions", 7, 8, "guard of %s, pid %d", "x", 3);
	if (!TM_EXPECT(tm_audit_next(owner, 0, &seen)))
		return;
	TM_EXPECT(seen.id > 0);
	TM_EXPECT_EQ(seen.owner, owner);
	TM_EXPECT_EQ(seen.deed, TRIPMAP_DEED_REPAIR);
	TM_EXPECT_EQ(seen.uid, 7);
	TM_EXPECT_EQ(seen.account, 8);
	TM_EXPECT_EQ(seen.pid, current->pid);
	TM_EXPECT_EQ(seen.tgid, current->tgid);
	TM_EXPECT_STREQ(seen.comm, current->comm);
	TM_EXPECT_STREQ(seen.table, "sessions");
	TM_EXPECT_STREQ(seen.text, "guard of x, pid 3");
	TM_EXPECT(seen.time && seen.time_real > seen.time);
	TM_EXPECT(!tm_audit_next(owner, seen.id, &seen));
}

TM_TEST(cut)
{
	static const char digits[] = "0123456789";
	unsigned int i;

	owner++;
	tm_audit_note(owner, TRIPMAP_DEED_CLEAR_REPORTS, NULL, 0, 0, "%s%s%s%s%s%s%s%s%s%s%s",
		      digits, digits, digits, digits, digits, digits, digits, digits, digits,
		      digits, digits);
	if (!TM_EXPECT(tm_audit_next(owner, 0, &seen)))
		return;
	TM_EXPECT_STREQ(seen.table, "");
	TM_EXPECT_EQ(strlen(seen.text), TM_AUDIT_TEXT - 1);
	for (i = 0; i < TM_AUDIT_TEXT - 1; i++)
		TM_EXPECT_EQ(seen.text[i], digits[i % 10]);
}

/* Others' deeds are not shown, and ids are one row for all. */
TM_TEST(owners)
{
	u64 first;

	owner++;
	note(1, 1);
	first = newest();
	tm_audit_note(owner + 1, TRIPMAP_DEED_FREEZE, "t", 1, 1, "frozen");
	note(1, 2);
	TM_EXPECT_EQ(newest(), first + 2);
	TM_EXPECT(tm_audit_next(owner, first, &seen));
	TM_EXPECT_STREQ(seen.text, "deed 2");
	owner++;
	TM_EXPECT_EQ(newest(), first + 1);
}

/* The oldest go, and the order stays. */
TM_TEST(ring)
{
	u64 id, n;

	owner++;
	for (n = 0; n < 3 * TM_AUDIT_DEEDS; n++)
		note(CROWD + n, n);
	for (id = 0, n = 2 * TM_AUDIT_DEEDS; tm_audit_next(owner, id, &seen); n++) {
		char text[TM_AUDIT_TEXT];

		snprintf(text, sizeof(text), "deed %llu", n);
		TM_EXPECT_STREQ(seen.text, text);
		TM_EXPECT(!id || seen.id == id + 1);
		id = seen.id;
	}
	TM_EXPECT_EQ(n, 3 * TM_AUDIT_DEEDS);
}

#define HALF	(TM_AUDIT_DEEDS / 2)

/* Who fills the ring pushes out others down to half of it, then only its own. */
TM_TEST(share)
{
	unsigned int n;

	owner++;
	wash();
	for (n = 1; n <= HALF + 1; n++) {
		note(2, n);
		TM_EXPECT_EQ(kept(2, false), n);
	}
	for (n = 0; n < 2 * TM_AUDIT_DEEDS; n++)
		note(2, n);
	TM_EXPECT_EQ(kept(2, false), HALF + 1);
	TM_EXPECT_EQ(kept(2, true), HALF - 1);
	/* Of one's own the oldest, too. */
	newest();
	TM_EXPECT(tm_audit_next(owner, seen.id - HALF - 1, &seen) && seen.uid == 2);
	/* Who has less takes from all. */
	note(1, 77);
	TM_EXPECT_EQ(kept(1, false), 1);
	TM_EXPECT_EQ(kept(2, false) + kept(1, false), HALF + 2);
}

/* It helps nobody to have many uids. */
TM_TEST(uids)
{
	unsigned int n;

	owner++;
	wash();
	for (n = 0; n < 2 * TM_AUDIT_DEEDS; n++)
		note_on(2, 2 * CROWD + TM_AUDIT_DEEDS + n, n);
	TM_EXPECT_EQ(kept_of(2), HALF + 1);
}

#define THREADS		4
#define PER_THREAD	2000

static void many(void *arg)
{
	u64 n;

	for (n = 0; n < PER_THREAD; n++)
		note((unsigned long)arg, n);
}

/* Ids are given in order and once; no deed is torn. */
TM_TEST(together)
{
	struct tm_thread thread[THREADS];
	unsigned long i;
	u64 before, id;

	owner++;
	wash();
	before = newest();
	for (i = 0; i < THREADS; i++)
		tm_thread_start(&thread[i], many, (void *)(i + 1), "auditor");
	for (id = before; id < before + THREADS * PER_THREAD;) {
		if (!tm_audit_next(owner, id, &seen)) {
			cond_resched();
			continue;
		}
		TM_EXPECT(seen.id > id);
		TM_EXPECT(seen.uid >= 1 && seen.uid <= THREADS);
		TM_EXPECT_STREQ(seen.comm, "auditor");
		id = seen.id;
	}
	for (i = 0; i < THREADS; i++)
		tm_thread_join(&thread[i]);
	TM_EXPECT_EQ(newest(), before + THREADS * PER_THREAD);
}

TM_SUITE(audit,
	 TM_CASE(noted),
	 TM_CASE(cut),
	 TM_CASE(owners),
	 TM_CASE(ring),
	 TM_CASE(share),
	 TM_CASE(uids),
	 TM_CASE(together));
