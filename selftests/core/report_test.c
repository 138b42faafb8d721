// SPDX-License-Identifier: GPL-2.0
/* Reports: joining of halves, suppression, the ring, titles, and all of it at once. */
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "../../kmod/observe/event.h"
#include "../../kmod/observe/flight.h"
#include "../../kmod/observe/report.h"
#include "../../kmod/observe/report_text.h"
#include "env.h"
#include "test.h"

#define OWNER		5
#define START_NS	(1000 * (u64)NSEC_PER_SEC)
#define HALVES		64	/* that the pool keeps */
#define BLIND_LOOK	64	/* records that a loser looks at which cannot tell its pair */

static struct tm_report seen;	/* the last one read; the test's own thread */

static tm_snap_fn snap_fn;	/* copies the bucket; constant while other threads file */
static u64 snap_word;		/* its argument, likewise */

/* Every test has a pool of its own, and leaves one as the module would. */
static void begin(u32 max_reports, u32 once_ms)
{
	tm_report_exit();
	TM_EXPECT_EQ(tm_report_init(max_reports, once_ms), 0);
}

static void end(void)
{
	snap_fn = NULL;
	tm_env_play_clock(0);
	begin(256, 3000);
}

/* Two users of a table; their names come into titles and stacks. */
static noinline struct tm_verdict store_session(struct tm_violation *v, enum tripmap_action wish)
{
	struct tm_verdict verdict = tm_report_file(v, wish, snap_fn, &snap_word);

	barrier();
	return verdict;
}

static noinline void expire_sessions(u64 word, const struct tm_party *holder)
{
	tm_report_half(false, 1, word, holder);
	barrier();
}

#define STORE	((unsigned long)store_session)
#define EXPIRE	((unsigned long)expire_sessions)

static struct tm_violation violation(u64 word)
{
	return (struct tm_violation){
		.class = TRIPMAP_CLASS_WRITE_DURING_WRITE,
		.result = -EBUSY,
		.table_id = 3,
		.table = "sessions",
		.owner = OWNER,
		.guard = 1,
		.word = word,
		.victim = { .pid = 11, .op = TRIPMAP_OP_STORE, .caller = STORE, .bucket = 17 },
		.holder = { .pid = 22, .op = TRIPMAP_OP_DELETE, .caller = EXPIRE, .since = 77,
			    .bucket = TM_NO_BUCKET },
	};
}

static struct tm_verdict file(u64 word, enum tripmap_action wish)
{
	struct tm_violation v = violation(word);

	return store_session(&v, wish);
}

/* What the holder knows better than the loser, and a call site that it does not know. */
static void half(u64 word)
{
	struct tm_party me = { .pid = 22, .op = TRIPMAP_OP_DELETE, .key_size = 2,
			       .key = { 0xab, 0xcd }, .bucket = 18 };

	expire_sessions(word, &me);
}

static bool get(u64 id)
{
	return tm_report_get(OWNER, id, &seen);
}

/*
 * The half of report id, -1: there is no such report. A busy machine may take
 * its time: whether it is waited for still, or no longer, is looked at only
 * where the clock is played.
 */
static int half_of(u64 id)
{
	if (!get(id))
		return -1;
	return seen.half == TRIPMAP_HALF_TIMEOUT ? TRIPMAP_HALF_PENDING : seen.half;
}

static struct tm_report_counts counts(void)
{
	struct tm_report_counts c;

	tm_report_counts(&c);
	return c;
}

/* Without the module, which the kernel adds. */
static const char *function(unsigned long address)
{
	static char name[64];
	char *space;

	snprintf(name, sizeof(name), "%ps", (void *)address);
	space = strchr(name, ' ');
	if (space)
		*space = '\0';
	return name;
}

static void expect_joined(u64 id)
{
	TM_EXPECT_EQ(half_of(id), TRIPMAP_HALF_COMPLETE);
	TM_EXPECT_EQ(seen.v.victim.bucket, 17);
	TM_EXPECT_STREQ(seen.v.victim.comm, current->comm);
	TM_EXPECT_EQ(seen.v.victim.tgid, current->tgid);
	TM_EXPECT_STREQ(function(seen.victim_stack.frame[0]), "store_session");
	TM_EXPECT_EQ(seen.v.holder.bucket, 18);
	TM_EXPECT_EQ(seen.v.holder.key_size, 2);
	TM_EXPECT_EQ(seen.v.holder.key[1], 0xcd);
	TM_EXPECT_STREQ(seen.v.holder.comm, current->comm);
	TM_EXPECT_EQ(seen.v.holder.tgid, current->tgid);
	TM_EXPECT_STREQ(function(seen.holder_stack.frame[0]), "expire_sessions");
	/* The half lacked these; the loser had seen them. */
	TM_EXPECT_EQ(seen.v.holder.caller, EXPIRE);
	TM_EXPECT_EQ(seen.v.holder.since, 77);
}

TM_TEST(loser_first)
{
	begin(8, 0);
	TM_EXPECT_EQ(file(100, TRIPMAP_ACTION_REPORT).report, 1);
	TM_EXPECT_EQ(half_of(1), TRIPMAP_HALF_PENDING);
	TM_EXPECT_EQ(seen.holder_stack.n, 0);
	half(101);
	TM_EXPECT_EQ(half_of(1), TRIPMAP_HALF_PENDING);
	half(100);
	TM_EXPECT(!tm_report_pending(1));
	expect_joined(1);
	TM_EXPECT_EQ(counts().halves, 2);
	end();
}

TM_TEST(holder_first)
{
	begin(8, 0);
	half(100);
	file(101, TRIPMAP_ACTION_REPORT);
	file(100, TRIPMAP_ACTION_REPORT);
	TM_EXPECT_EQ(half_of(1), TRIPMAP_HALF_PENDING);
	expect_joined(2);
	end();
}

/* A call site that the half does know goes before what the loser saw. */
TM_TEST(half_knows_better)
{
	struct tm_party me = { .caller = STORE, .since = 78, .bucket = TM_NO_BUCKET };

	begin(8, 0);
	file(100, TRIPMAP_ACTION_REPORT);
	expire_sessions(100, &me);
	TM_EXPECT_EQ(half_of(1), TRIPMAP_HALF_COMPLETE);
	TM_EXPECT_EQ(seen.v.holder.caller, STORE);
	TM_EXPECT_EQ(seen.v.holder.since, 78);
	end();
}

TM_TEST(one_half_for_all)
{
	struct tm_violation other = violation(100);
	u64 id;

	begin(8, 0);
	other.guard = 2;
	for (id = 1; id <= 3; id++)
		file(100, TRIPMAP_ACTION_REPORT);
	store_session(&other, TRIPMAP_ACTION_REPORT);
	half(100);
	for (id = 5; id <= 6; id++)
		file(100, TRIPMAP_ACTION_REPORT);
	for (id = 1; id <= 6; id++)
		TM_EXPECT_EQ(half_of(id),
			     id == 4 ? TRIPMAP_HALF_PENDING : TRIPMAP_HALF_COMPLETE);
	TM_EXPECT_EQ(counts().halves, 1);
	end();
}

/* More losers than are served in one go. */
TM_TEST(one_half_for_many)
{
	u64 id;

	begin(128, 0);
	for (id = 1; id <= 100; id++)
		file(100, TRIPMAP_ACTION_REPORT);
	half(100);
	for (id = 1; id <= 100; id++)
		TM_EXPECT_EQ(half_of(id), TRIPMAP_HALF_COMPLETE);
	TM_EXPECT_EQ(counts().halves, 1);
	end();
}

/* Guards and words that meet in one hash chain are still not the same stay. */
TM_TEST(strangers)
{
	struct tm_violation v = violation(100);
	u64 id = 0;

	begin(1, 0);
	for (v.guard = 2; v.guard < 20; v.guard++) {
		store_session(&v, TRIPMAP_ACTION_REPORT);
		half(v.word);
		TM_EXPECT_EQ(half_of(++id), TRIPMAP_HALF_PENDING);
	}
	for (v.guard = 1, v.word = 200; v.word < 220; v.word++) {
		store_session(&v, TRIPMAP_ACTION_REPORT);
		half(v.word + 100);
		TM_EXPECT_EQ(half_of(++id), TRIPMAP_HALF_PENDING);
	}
	end();
}

TM_TEST(late_half)
{
	if (!tm_env_can_play())
		TM_SKIP("the clock cannot be set here");
	begin(8, 0);
	tm_env_play_clock(START_NS);
	file(100, TRIPMAP_ACTION_REPORT);
	file(101, TRIPMAP_ACTION_REPORT);
	tm_env_play_clock(START_NS + TM_REPORT_HALF_NS);
	TM_EXPECT(get(1) && seen.half == TRIPMAP_HALF_PENDING);
	TM_EXPECT(tm_report_pending(1));
	half(101);
	TM_EXPECT_EQ(half_of(2), TRIPMAP_HALF_COMPLETE);
	TM_EXPECT_EQ(counts().halves_late, 0);
	tm_env_play_clock(START_NS + TM_REPORT_HALF_NS + 1);
	TM_EXPECT(get(1) && seen.half == TRIPMAP_HALF_TIMEOUT);
	TM_EXPECT(!tm_report_pending(1));
	half(100);
	/* One half completes it; a second one of the same stay has nothing to add. */
	half(100);
	expect_joined(1);
	TM_EXPECT_EQ(counts().halves_late, 1);
	TM_EXPECT_EQ(seen.time, START_NS);
	TM_EXPECT(seen.time_real > seen.time);
	end();
}

TM_TEST(holder_left)
{
	struct tm_violation v = violation(100);

	begin(8, 0);
	v.left = true;
	store_session(&v, TRIPMAP_ACTION_REPORT);
	TM_EXPECT_EQ(half_of(1), TRIPMAP_HALF_LEFT);
	TM_EXPECT_EQ(seen.v.holder.caller, EXPIRE);
	TM_EXPECT(!tm_report_pending(1));
	/* Another loser had asked for it in time. */
	half(100);
	expect_joined(1);
	end();
}

TM_TEST(nobody_else)
{
	struct tm_violation v = violation(100);

	begin(8, 0);
	v.alone = true;
	half(100);
	store_session(&v, TRIPMAP_ACTION_REPORT);
	half(100);
	TM_EXPECT_EQ(half_of(1), TRIPMAP_HALF_NONE);
	TM_EXPECT_EQ(seen.holder_stack.n, 0);
	TM_EXPECT(!tm_report_pending(1));
	end();
}

/* Known, but not inside: shown, and not waited for. */
TM_TEST(not_inside)
{
	struct tm_violation v = violation(100);

	begin(8, 0);
	v.absent = true;
	strscpy(v.holder.comm, "creator", sizeof(v.holder.comm));
	half(100);
	store_session(&v, TRIPMAP_ACTION_REPORT);
	half(100);
	TM_EXPECT_EQ(half_of(1), TRIPMAP_HALF_NONE);
	TM_EXPECT_EQ(seen.holder_stack.n, 0);
	TM_EXPECT_EQ(seen.v.holder.caller, EXPIRE);
	TM_EXPECT_STREQ(seen.v.holder.comm, "creator");
	TM_EXPECT(!tm_report_pending(1));
	end();
}

/* Who is part of what it met cannot wait for its end. */
TM_TEST(part_of_the_other)
{
	struct tm_violation v = violation(100);

	begin(8, 0);
	for (v.found = TRIPMAP_FOUND_OTHER; v.found <= TRIPMAP_FOUND_MAX; v.found++) {
		u64 id = store_session(&v, TRIPMAP_ACTION_REPORT).report;

		TM_EXPECT_EQ(half_of(id), TRIPMAP_HALF_PENDING);
		TM_EXPECT_EQ(tm_report_pending(id), v.found == TRIPMAP_FOUND_OTHER);
	}
	half(100);
	TM_EXPECT_EQ(half_of(2), TRIPMAP_HALF_COMPLETE);
	end();
}

/* All that the violation says comes out again. */
TM_TEST(carried_through)
{
	struct tm_violation v = violation(100);

	begin(8, 0);
	v.absent = true;
	memset(&v.victim.origin, 0x5a, sizeof(v.victim.origin));
	memset(&v.holder.origin, 0xa5, sizeof(v.holder.origin));
	v.victim.flags = TRIPMAP_PARTY_FLAG_WORKER;
	v.victim.work = STORE;
	v.holder.flags = TRIPMAP_PARTY_FLAG_GONE;
	v.age = 1;
	v.entries = 2;
	v.buckets = 3;
	v.overflow = 4;
	v.epoch = 5;
	v.shard = 6;
	v.shards = 7;
	v.escalated = true;
	v.growing = true;
	v.answer = TRIPMAP_ANSWER_ALLOW;
	store_session(&v, TRIPMAP_ACTION_REPORT);
	TM_EXPECT(get(1));
	TM_EXPECT(!memcmp(&seen.v, &v, sizeof(v)));
	end();
}

/* The half says of its work what the loser could not see. */
TM_TEST(half_with_work)
{
	struct tm_party me = { .flags = TRIPMAP_PARTY_FLAG_WORKER, .work = EXPIRE,
			       .origin = { .pid = 9, .caller = STORE }, .bucket = TM_NO_BUCKET };

	begin(8, 0);
	file(100, TRIPMAP_ACTION_REPORT);
	expire_sessions(100, &me);
	TM_EXPECT_EQ(half_of(1), TRIPMAP_HALF_COMPLETE);
	TM_EXPECT_EQ(seen.v.holder.flags, TRIPMAP_PARTY_FLAG_WORKER);
	TM_EXPECT_EQ(seen.v.holder.work, EXPIRE);
	TM_EXPECT_EQ(seen.v.holder.origin.pid, 9);
	TM_EXPECT_EQ(seen.v.holder.origin.caller, STORE);
	end();
}

static unsigned int snaps;	/* the test's own thread */

/* While it runs nobody sees the record, and no lock is held: the half can come. */
static void snap_two(struct tm_snap *to, void *arg)
{
	u64 *word = arg;

	snaps++;
	TM_EXPECT(!to->nlinks && !to->old && !to->evacuated && !to->torn && !to->left_out);
	TM_EXPECT_EQ(half_of(snaps), -1);
	half(*word);
	to->nlinks = 2;
	to->left_out = 3;
	to->version = *word;
	to->evacuated = true;
	to->link[1].index = 77;
	to->link[1].slot[7].value[TRIPMAP_BUCKET_VALUE_MAX - 1] = 0xee;
}

static void snap_with_half(u64 word)
{
	snap_fn = snap_two;
	snap_word = word;
	snaps = 0;
}

TM_TEST(snapped)
{
	struct tm_violation v = violation(100);

	begin(1, 3000);
	snap_with_half(100);
	memset(&seen, 0x77, sizeof(seen));
	TM_EXPECT_EQ(store_session(&v, TRIPMAP_ACTION_REPORT).report, 1);
	expect_joined(1);
	TM_EXPECT_EQ(seen.snap.nlinks, 2);
	TM_EXPECT_EQ(seen.snap.left_out, 3);
	TM_EXPECT_EQ(seen.snap.version, 100);
	TM_EXPECT(seen.snap.evacuated && !seen.snap.torn);
	TM_EXPECT_EQ(seen.snap.link[1].index, 77);
	TM_EXPECT_EQ(seen.snap.link[1].slot[7].value[TRIPMAP_BUCKET_VALUE_MAX - 1], 0xee);
	/* No more is copied than there is. */
	TM_EXPECT_EQ(seen.snap.link[2].index, 0x7777777777777777ULL);
	/* One that only counts has no bucket; nor has the next in this place, unless given. */
	store_session(&v, TRIPMAP_ACTION_REPORT);
	store_session(&v, TRIPMAP_ACTION_COUNT);
	TM_EXPECT_EQ(snaps, 1);
	snap_fn = NULL;
	TM_EXPECT_EQ(store_session(&v, TRIPMAP_ACTION_BUG).report, 2);
	TM_EXPECT(get(2));
	TM_EXPECT(!seen.snap.nlinks && !seen.snap.left_out && !seen.snap.evacuated);
	TM_EXPECT_STREQ(function(seen.victim_stack.frame[0]), "store_session");
	end();
}

/* The oldest are overwritten; ids go on, and nobody joins what is gone. */
TM_TEST(ring)
{
	u64 id, after = 0;

	begin(4, 0);
	for (id = 1; id <= 10; id++)
		TM_EXPECT_EQ(file(id, TRIPMAP_ACTION_REPORT).report, id);
	for (id = 1; id <= 10; id++) {
		half(id);
		TM_EXPECT_EQ(half_of(id), id > 6 ? (int)TRIPMAP_HALF_COMPLETE : -1);
	}
	for (id = 7; tm_report_next(OWNER, after, &seen); id++) {
		TM_EXPECT_EQ(seen.id, id);
		TM_EXPECT_EQ(seen.v.word, id);
		after = seen.id;
	}
	TM_EXPECT_EQ(after, 10);
	TM_EXPECT(!get(0) && !get(11) && !get(14));
	TM_EXPECT_EQ(counts().filed, 10);
	end();
}

/* Halves that serve nobody go in their turn, and are counted. */
TM_TEST(halves_ring)
{
	u64 word;

	begin(8, 0);
	for (word = 1; word <= HALVES + 2; word++)
		half(word);
	TM_EXPECT_EQ(counts().halves, HALVES + 2);
	TM_EXPECT_EQ(counts().halves_lost, 2);
	file(2, TRIPMAP_ACTION_REPORT);
	file(3, TRIPMAP_ACTION_REPORT);
	TM_EXPECT_EQ(half_of(1), TRIPMAP_HALF_PENDING);
	TM_EXPECT_EQ(half_of(2), TRIPMAP_HALF_COMPLETE);
	/* The place of 3, which has served, goes to one that will not. */
	half(HALVES + 3);
	TM_EXPECT_EQ(counts().halves_lost, 2);
	for (word++; word <= 2 * HALVES + 3; word++)
		half(word);
	TM_EXPECT_EQ(counts().halves_lost, HALVES + 2);
	end();
}

/* Those of confined tables have places of their own, and take none of others. */
TM_TEST(halves_confined)
{
	struct tm_violation v = violation(1);
	u64 word;

	begin(8, 0);
	half(1);
	for (word = 100; word <= 100 + HALVES; word++)
		tm_report_half(true, 1, word, &v.holder);
	TM_EXPECT_EQ(counts().halves_lost, 1);
	file(1, TRIPMAP_ACTION_REPORT);
	TM_EXPECT_EQ(half_of(1), TRIPMAP_HALF_COMPLETE);
	v.confined = true;
	v.word = 100 + HALVES;
	store_session(&v, TRIPMAP_ACTION_REPORT);
	TM_EXPECT_EQ(half_of(2), TRIPMAP_HALF_COMPLETE);
	end();
}

static void expect_new(struct tm_violation *v, enum tripmap_action wish, u64 id)
{
	struct tm_verdict verdict = store_session(v, wish);

	TM_EXPECT_EQ(verdict.report, id);
	TM_EXPECT_EQ(verdict.class, v->class);
	TM_EXPECT_EQ(verdict.action, wish);
	TM_EXPECT(get(id));
	TM_EXPECT_EQ(seen.action, wish);
	TM_EXPECT_EQ(seen.repeats, 0);
}

static void expect_repeat(struct tm_violation *v, enum tripmap_action wish, u64 id, u64 repeats)
{
	struct tm_verdict verdict = store_session(v, wish);

	TM_EXPECT_EQ(verdict.report, id);
	TM_EXPECT_EQ(verdict.class, v->class);
	TM_EXPECT_EQ(verdict.action, TRIPMAP_ACTION_IGNORE);
	TM_EXPECT(get(id));
	TM_EXPECT_EQ(seen.repeats, repeats);
}

/* The pair, whoever of the two lost; but not another class, table or call site. */
TM_TEST(pair)
{
	struct tm_violation v = violation(100), other = v;

	begin(8, 3000);
	expect_new(&v, TRIPMAP_ACTION_WARN, 1);
	expect_repeat(&v, TRIPMAP_ACTION_WARN, 1, 1);
	other.victim.caller = EXPIRE;
	other.holder.caller = STORE;
	expect_repeat(&other, TRIPMAP_ACTION_WARN, 1, 2);
	other = v;
	other.class = TRIPMAP_CLASS_WRITE_DURING_RESIZE;
	expect_new(&other, TRIPMAP_ACTION_WARN, 2);
	other = v;
	other.table_id = 4;
	expect_new(&other, TRIPMAP_ACTION_WARN, 3);
	other = v;
	other.victim.caller++;
	expect_new(&other, TRIPMAP_ACTION_WARN, 4);
	other = v;
	other.holder.caller++;
	expect_new(&other, TRIPMAP_ACTION_WARN, 5);
	expect_repeat(&v, TRIPMAP_ACTION_WARN, 1, 3);
	TM_EXPECT_EQ(counts().filed, 5);
	TM_EXPECT_EQ(counts().suppressed, 3);
	end();
}

/* Nor where all of them meet in one hash chain. */
TM_TEST(pairs_meet)
{
	struct tm_violation v = violation(100);
	u64 id = 0;

	begin(1, 3000);
	for (v.table_id = 1; v.table_id < 20; v.table_id++)
		expect_new(&v, TRIPMAP_ACTION_WARN, ++id);
	for (v.class = 1; v.class <= TRIPMAP_CLASS_MAX; v.class++)
		expect_new(&v, TRIPMAP_ACTION_WARN, ++id);
	for (v.class = 0, v.victim.caller = 1; v.victim.caller < 20; v.victim.caller++)
		expect_new(&v, TRIPMAP_ACTION_WARN, ++id);
	for (v.holder.caller = 50; v.holder.caller < 70; v.holder.caller++)
		expect_new(&v, TRIPMAP_ACTION_WARN, ++id);
	end();
}

/* A holder that had no time to write down its call site: the pair may be any. */
TM_TEST(pair_unknown)
{
	struct tm_violation v = violation(100), blind = v;

	begin(8, 3000);
	blind.holder.caller = 0;
	expect_new(&v, TRIPMAP_ACTION_WARN, 1);
	expect_repeat(&blind, TRIPMAP_ACTION_WARN, 1, 1);
	blind.victim.caller = EXPIRE;
	expect_repeat(&blind, TRIPMAP_ACTION_WARN, 1, 2);
	blind.victim.caller = STORE + 1;
	expect_new(&blind, TRIPMAP_ACTION_WARN, 2);
	expect_repeat(&blind, TRIPMAP_ACTION_WARN, 2, 1);
	blind.class = TRIPMAP_CLASS_WRITE_DURING_RESIZE;
	expect_new(&blind, TRIPMAP_ACTION_WARN, 3);
	blind.table_id++;
	expect_new(&blind, TRIPMAP_ACTION_WARN, 4);
	end();
}

/* The half brings the call site: from then on the pair is known. */
TM_TEST(pair_completed)
{
	struct tm_violation v = violation(100), blind = v;
	struct tm_party me = { .caller = EXPIRE, .bucket = TM_NO_BUCKET };

	begin(8, 3000);
	blind.holder.caller = 0;
	expect_new(&blind, TRIPMAP_ACTION_WARN, 1);
	expect_new(&v, TRIPMAP_ACTION_WARN, 2);
	blind.word = 101;
	blind.table_id = 4;
	v.table_id = 4;
	expect_new(&blind, TRIPMAP_ACTION_WARN, 3);
	expire_sessions(101, &me);
	expect_repeat(&v, TRIPMAP_ACTION_WARN, 3, 1);
	/* One that is known late does not push a newer one aside. */
	expire_sessions(100, &me);
	v.table_id = 3;
	expect_repeat(&v, TRIPMAP_ACTION_WARN, 2, 1);
	end();
}

/* The window begins with the first, not with the last one counted on it. */
TM_TEST(window)
{
	const u64 ms = NSEC_PER_MSEC;
	struct tm_violation v = violation(100);

	if (!tm_env_can_play())
		TM_SKIP("the clock cannot be set here");
	begin(8, 3000);
	tm_env_play_clock(START_NS);
	expect_new(&v, TRIPMAP_ACTION_REPORT, 1);
	tm_env_play_clock(START_NS + 2999 * ms);
	expect_repeat(&v, TRIPMAP_ACTION_REPORT, 1, 1);
	/* The other CPU's clock is a little behind. */
	tm_env_play_clock(START_NS - 1000);
	expect_repeat(&v, TRIPMAP_ACTION_REPORT, 1, 2);
	tm_env_play_clock(START_NS + 3000 * ms);
	expect_new(&v, TRIPMAP_ACTION_REPORT, 2);
	expect_repeat(&v, TRIPMAP_ACTION_REPORT, 2, 1);
	tm_report_set_once_ms(0);
	expect_new(&v, TRIPMAP_ACTION_REPORT, 3);
	tm_env_play_clock(START_NS + 2999 * ms);
	expect_new(&v, TRIPMAP_ACTION_REPORT, 4);
	tm_report_set_once_ms(10);
	expect_repeat(&v, TRIPMAP_ACTION_REPORT, 4, 1);
	end();
}

TM_TEST(actions)
{
	struct tm_violation v = violation(100);
	struct tm_verdict none;

	begin(8, 3000);
	none = store_session(&v, TRIPMAP_ACTION_IGNORE);
	TM_EXPECT(!none.report && none.action == TRIPMAP_ACTION_IGNORE);
	none = store_session(&v, TRIPMAP_ACTION_COUNT);
	TM_EXPECT(!none.report && none.action == TRIPMAP_ACTION_IGNORE);
	TM_EXPECT_EQ(counts().filed, 0);
	expect_new(&v, TRIPMAP_ACTION_REPORT, 1);
	expect_repeat(&v, TRIPMAP_ACTION_REPORT, 1, 1);
	/* What was only reported does not stand for a WARN. */
	expect_new(&v, TRIPMAP_ACTION_WARN, 2);
	expect_repeat(&v, TRIPMAP_ACTION_WARN, 2, 1);
	expect_repeat(&v, TRIPMAP_ACTION_REPORT, 2, 2);
	expect_new(&v, TRIPMAP_ACTION_BUG, 3);
	expect_new(&v, TRIPMAP_ACTION_BUG, 4);
	end();
}

/* A pair is warned of once, then reported; another pair is another matter. */
TM_TEST(warned_once)
{
	const u64 ms = NSEC_PER_MSEC;
	struct tm_violation v = violation(100), other = v;

	if (!tm_env_can_play())
		TM_SKIP("the clock cannot be set here");
	begin(8, 3000);
	other.victim.caller++;
	tm_env_play_clock(START_NS);
	expect_new(&v, TRIPMAP_ACTION_WARN, 1);
	tm_env_play_clock(START_NS + 3000 * ms);
	TM_EXPECT_EQ(store_session(&v, TRIPMAP_ACTION_WARN).action, TRIPMAP_ACTION_REPORT);
	TM_EXPECT(get(2) && seen.action == TRIPMAP_ACTION_REPORT);
	expect_repeat(&v, TRIPMAP_ACTION_WARN, 2, 1);
	expect_new(&other, TRIPMAP_ACTION_WARN, 3);
	tm_env_play_clock(START_NS + 6000 * ms);
	TM_EXPECT_EQ(store_session(&v, TRIPMAP_ACTION_WARN).action, TRIPMAP_ACTION_REPORT);
	TM_EXPECT(get(4));
	/* Nothing is known of it any more. */
	tm_report_clear(OWNER);
	expect_new(&v, TRIPMAP_ACTION_WARN, 5);
	end();
}

/* An action that was raised is taken, whatever stands for the pair. */
TM_TEST(escalated)
{
	const u64 ms = NSEC_PER_MSEC;
	struct tm_violation v = violation(100), raised = v;

	if (!tm_env_can_play())
		TM_SKIP("the clock cannot be set here");
	begin(8, 3000);
	raised.escalated = true;
	tm_env_play_clock(START_NS);
	expect_new(&v, TRIPMAP_ACTION_REPORT, 1);
	expect_repeat(&v, TRIPMAP_ACTION_REPORT, 1, 1);
	expect_new(&raised, TRIPMAP_ACTION_WARN, 2);
	TM_EXPECT(seen.v.escalated);
	expect_repeat(&raised, TRIPMAP_ACTION_WARN, 2, 1);
	expect_repeat(&v, TRIPMAP_ACTION_REPORT, 2, 2);
	expect_new(&raised, TRIPMAP_ACTION_BUG, 3);
	/* The pair has been warned of; an escalation that goes on says so again. */
	tm_env_play_clock(START_NS + 3000 * ms);
	expect_new(&raised, TRIPMAP_ACTION_WARN, 4);
	TM_EXPECT_EQ(counts().filed, 4);
	TM_EXPECT_EQ(counts().suppressed, 3);
	end();
}

/* One without another party is one more only of its own kind. */
TM_TEST(pair_of_one)
{
	struct tm_violation v = violation(100), other = v;

	begin(8, 3000);
	expect_new(&v, TRIPMAP_ACTION_WARN, 1);
	other.alone = true;
	other.holder.caller = 0;
	expect_new(&other, TRIPMAP_ACTION_WARN, 2);
	expect_repeat(&other, TRIPMAP_ACTION_WARN, 2, 1);
	/* A watch found what the other did. */
	other = v;
	other.absent = true;
	other.victim.caller = 0;
	expect_new(&other, TRIPMAP_ACTION_WARN, 3);
	expect_repeat(&other, TRIPMAP_ACTION_WARN, 3, 1);
	end();
}

/* One that cannot tell its pair looks at late records only: that is bounded work. */
TM_TEST(pair_unknown_far)
{
	struct tm_violation v = violation(100), blind = v;
	u64 id;

	begin(256, 3000);
	blind.holder.caller = 0;
	for (id = 1; id <= BLIND_LOOK; id++, v.table_id++)
		expect_new(&v, TRIPMAP_ACTION_WARN, id);
	expect_repeat(&blind, TRIPMAP_ACTION_WARN, 1, 1);
	expect_new(&v, TRIPMAP_ACTION_WARN, id);
	expect_new(&blind, TRIPMAP_ACTION_WARN, id + 1);
	end();
}

/* What would have stood for it is gone: overwritten, or cleared. */
TM_TEST(pair_forgotten)
{
	struct tm_violation v = violation(100), other = v;

	begin(2, 3000);
	other.table_id++;
	expect_new(&v, TRIPMAP_ACTION_WARN, 1);
	expect_new(&other, TRIPMAP_ACTION_WARN, 2);
	expect_new(&v, TRIPMAP_ACTION_BUG, 3);
	expect_repeat(&v, TRIPMAP_ACTION_WARN, 3, 1);
	expect_new(&v, TRIPMAP_ACTION_BUG, 4);
	expect_new(&other, TRIPMAP_ACTION_WARN, 5);
	tm_report_clear(OWNER);
	expect_new(&v, TRIPMAP_ACTION_WARN, 6);
	TM_EXPECT(!get(4) && !get(5));
	end();
}

TM_TEST(owners)
{
	struct tm_violation mine = violation(100), yours = violation(101);

	begin(8, 0);
	yours.owner = OWNER + 1;
	store_session(&mine, TRIPMAP_ACTION_REPORT);
	store_session(&yours, TRIPMAP_ACTION_REPORT);
	store_session(&mine, TRIPMAP_ACTION_REPORT);
	TM_EXPECT(get(1) && !get(2) && get(3));
	TM_EXPECT(tm_report_get(TM_ANY_OWNER, 2, &seen));
	TM_EXPECT(tm_report_next(OWNER, 1, &seen) && seen.id == 3);
	TM_EXPECT(!tm_report_next(OWNER + 1, 2, &seen));
	TM_EXPECT(tm_report_next(TM_ANY_OWNER, 1, &seen) && seen.id == 2);
	TM_EXPECT(tm_report_next_of(OWNER + 1, OWNER, 1, &seen) && seen.id == 2);
	TM_EXPECT(tm_report_next_of(OWNER + 1, OWNER, 2, &seen) && seen.id == 3);
	TM_EXPECT(!tm_report_next_of(OWNER + 1, OWNER + 2, 2, &seen));
	tm_report_clear(OWNER);
	TM_EXPECT(!get(1) && !get(3));
	TM_EXPECT(!tm_report_next(OWNER, 0, &seen));
	TM_EXPECT(tm_report_next(OWNER + 1, 0, &seen) && seen.id == 2);
	/* Numbers are not used again, and what was cleared is not joined. */
	half(100);
	TM_EXPECT_EQ(store_session(&mine, TRIPMAP_ACTION_REPORT).report, 4);
	TM_EXPECT(tm_report_next(OWNER, 0, &seen) && seen.id == 4);
	tm_report_clear(TM_ANY_OWNER);
	TM_EXPECT(!tm_report_next(TM_ANY_OWNER, 0, &seen));
	end();
}

static const char *title(unsigned long victim, unsigned long holder, bool alone)
{
	static char buf[TM_REPORT_TITLE];

	seen.v = violation(1);
	seen.v.victim.caller = victim;
	seen.v.holder.caller = holder;
	seen.v.alone = alone;
	TM_EXPECT_EQ(tm_report_title(&seen, buf, sizeof(buf)), strlen(buf));
	return buf;
}

#define TITLE(who)	"tripmap: write-during-write in " who ", table sessions"

TM_TEST(titles)
{
	const char *both = TITLE("expire_sessions / store_session");
	char cut[24], whole[TM_REPORT_TITLE];

	TM_EXPECT_STREQ(title(STORE, EXPIRE, false), both);
	TM_EXPECT_STREQ(title(EXPIRE, STORE, false), both);
	TM_EXPECT_STREQ(title(EXPIRE + 1, STORE + 2, false), both);
	TM_EXPECT_STREQ(title(STORE, STORE, false), TITLE("store_session / store_session"));
	TM_EXPECT_STREQ(title(STORE, 0, false), TITLE("store_session / unknown"));
	/* An address that is nobody's is not shown. */
	TM_EXPECT_STREQ(title(16, STORE, false), TITLE("store_session / unknown"));
	TM_EXPECT_STREQ(title(STORE, EXPIRE, true), TITLE("store_session"));
	/* A watch is not at fault. */
	title(0, EXPIRE, false);
	seen.v.victim.op = TRIPMAP_OP_WATCH;
	TM_EXPECT_EQ(tm_report_title(&seen, whole, sizeof(whole)), strlen(whole));
	TM_EXPECT_STREQ(whole, TITLE("expire_sessions"));
	title(STORE, 0, true);
	seen.v.class = TRIPMAP_CLASS_UNINITIALISED;
	tm_report_title(&seen, whole, sizeof(whole));
	TM_EXPECT_STREQ(whole, "tripmap: uninitialised in store_session, no table");
	title(STORE, EXPIRE, false);
	TM_EXPECT_EQ(tm_report_title(&seen, cut, sizeof(cut)), strlen(both));
	TM_EXPECT_STREQ(cut, "tripmap: write-during-w");
}

static void no_line(const char *line)
{
}

static atomic_t news;

static void count_news(void)
{
	atomic_inc(&news);
}

TM_TEST(upward_news)
{
	begin(8, 3000);
	atomic_set(&news, 0);
	tm_report_on_ready(count_news);
	file(100, TRIPMAP_ACTION_REPORT);
	TM_EXPECT_EQ(atomic_read(&news), 1);
	file(100, TRIPMAP_ACTION_REPORT);
	file(100, TRIPMAP_ACTION_COUNT);
	TM_EXPECT_EQ(atomic_read(&news), 1);
	half(100);
	TM_EXPECT_EQ(atomic_read(&news), 2);
	/* One that serves nobody is none. */
	half(101);
	TM_EXPECT_EQ(atomic_read(&news), 2);
	tm_report_on_ready(NULL);
	file(102, TRIPMAP_ACTION_BUG);
	TM_EXPECT_EQ(atomic_read(&news), 2);
	end();
}

TM_TEST(no_memory)
{
	unsigned int nth, failed = 1;
	size_t records;
	long live;
	int err = -ENOMEM;

	if (!tm_env_can_play())
		TM_SKIP("allocations cannot be failed here");
	tm_report_exit();
	live = tm_env_live_allocs();
	TM_EXPECT_EQ(tm_report_init(0, 0), -EINVAL);
	for (nth = 0; failed; nth++) {
		tm_env_fail_alloc(nth, false);
		err = tm_report_init(16, 0);
		failed = tm_env_fail_end();
		if (!failed)
			break;
		TM_EXPECT_EQ(err, -ENOMEM);
		TM_EXPECT_EQ(tm_env_live_allocs(), live);
	}
	TM_EXPECT_EQ(err, 0);
	TM_EXPECT(nth > 0);
	records = tm_report_memory();
	begin(32, 0);
	TM_EXPECT(tm_report_memory() - records >= 16 * sizeof(struct tm_report));
	end();
}

/* Not one allocation from the clash to the text. */
/* Whoever has a record of its own has the events before it kept; all is observed for a while. */
TM_TEST(events_before)
{
	struct tm_flight_window w;
	unsigned int n, observed = 0;

	begin(8, 3000);
	tm_event_set_share(64, 100000);
	TM_EXPECT_EQ(tm_flight_set(TRIPMAP_RECORDER_ON), 0);
	tm_flight_clear(TM_FLIGHT_ALL);
	TM_EXPECT_EQ(file(1, TRIPMAP_ACTION_REPORT).report, 1);
	TM_EXPECT_EQ(file(2, TRIPMAP_ACTION_REPORT).report, 1);
	tm_flight_window(1, &w);
	TM_EXPECT_EQ(w.state, TRIPMAP_WINDOW_PENDING);
	tm_flight_freeze();
	tm_flight_window(1, &w);
	TM_EXPECT_EQ(w.state, TRIPMAP_WINDOW_FROZEN);
	tm_flight_window(2, &w);
	TM_EXPECT_EQ(w.state, TRIPMAP_WINDOW_NONE);
	for (n = 0; n < 100; n++)
		observed += tm_event_gate_write();
	TM_EXPECT_EQ(observed, 100);
	tm_report_clear(OWNER + 1);
	tm_flight_window(1, &w);
	TM_EXPECT_EQ(w.state, TRIPMAP_WINDOW_FROZEN);
	tm_report_clear(OWNER);
	tm_flight_window(1, &w);
	TM_EXPECT_EQ(w.state, TRIPMAP_WINDOW_NONE);
	TM_EXPECT_EQ(tm_flight_set(TRIPMAP_RECORDER_OFF), 0);
	tm_event_set_share(1, 0);
	tm_event_alert();
	end();
}

/* What a machine that stops can tell of. */
TM_TEST(newest)
{
	begin(4, 0);
	TM_EXPECT(!tm_report_last(&seen));
	for (u64 n = 1; n <= 6; n++) {
		file(n, TRIPMAP_ACTION_REPORT);
		TM_EXPECT(tm_report_last(&seen));
		TM_EXPECT_EQ(seen.id, n);
		TM_EXPECT_EQ(seen.v.victim.pid, 11);
	}
	tm_report_clear(OWNER);
	TM_EXPECT(!tm_report_last(&seen));
	end();
}

/* The holder's own labels, or those that the loser has seen. */
TM_TEST(labels_joined)
{
	struct tm_party me = { .pid = 22 };
	struct tm_violation v = violation(1);

	begin(8, 0);
	strscpy(v.holder.label[0], "seen", TRIPMAP_LABEL_MAX);
	strscpy(v.victim.label[0], "victim's", TRIPMAP_LABEL_MAX);
	store_session(&v, TRIPMAP_ACTION_REPORT);
	expire_sessions(1, &me);
	TM_EXPECT(get(1));
	TM_EXPECT_STREQ(seen.v.holder.label[0], "seen");
	TM_EXPECT_STREQ(seen.v.victim.label[0], "victim's");
	strscpy(me.label[0], "own", TRIPMAP_LABEL_MAX);
	v.word = 2;
	store_session(&v, TRIPMAP_ACTION_REPORT);
	expire_sessions(2, &me);
	TM_EXPECT(get(2));
	TM_EXPECT_STREQ(seen.v.holder.label[0], "own");
	end();
}

TM_TEST(no_allocation)
{
	static struct tm_report_text text;
	struct tm_violation v = violation(100);

	if (!tm_env_can_play())
		TM_SKIP("allocations cannot be failed here");
	begin(2, 0);
	snap_with_half(101);
	tm_env_fail_alloc(0, true);
	store_session(&v, TRIPMAP_ACTION_WARN);
	half(100);
	file(100, TRIPMAP_ACTION_WARN);
	tm_report_half(false, 2, 102, &v.holder);
	TM_EXPECT(get(1));
	tm_report_tell(&text, &seen, no_line);
	TM_EXPECT_EQ(tm_env_fail_end(), 0);
	expect_joined(1);
	end();
}

/*
 * Another thread is stopped where it looks at the clock, holding the lock, or
 * before it walks its stack, with a place that it has to itself.
 */
#define STOPPED_PID	4711

enum { GOING, STOPPED, OVER };

static struct {
	bool stack;		/* where to stop */
	void (*fn)(u64 word);	/* what it does */
	atomic_t stage;
	struct tm_thread thread;
} stop;

static void stop_here(bool stack)
{
	if (current->pid != STOPPED_PID || stack != stop.stack)
		return;
	if (atomic_cmpxchg(&stop.stage, GOING, STOPPED) == GOING)
		TM_SPIN_FOR(atomic_read(&stop.stage) == OVER);
}

static void run_until_stopped(void *arg)
{
	tm_env_play_pid(STOPPED_PID);
	stop.fn(1);
}

static bool stop_another(void (*fn)(u64 word), bool stack)
{
	stop.stack = stack;
	stop.fn = fn;
	atomic_set(&stop.stage, GOING);
	tm_env_hook_looks(stop_here);
	return tm_thread_start(&stop.thread, run_until_stopped, NULL, "stopped") &&
	       TM_WAIT_FOR(atomic_read(&stop.stage) == STOPPED);
}

static void let_go(void)
{
	atomic_set(&stop.stage, OVER);
}

static void join_stopped(void)
{
	tm_thread_join(&stop.thread);
	tm_env_hook_looks(NULL);
}

static void warn(u64 word)
{
	file(word, TRIPMAP_ACTION_WARN);
}

static void expect_dropped(void)
{
	struct tm_verdict verdict = file(2, TRIPMAP_ACTION_WARN);

	TM_EXPECT(!verdict.report && verdict.action == TRIPMAP_ACTION_IGNORE);
	TM_EXPECT_EQ(counts().dropped, 1);
	/* Nothing is in the way of a BUG. */
	verdict = file(2, TRIPMAP_ACTION_BUG);
	TM_EXPECT(!verdict.report && verdict.action == TRIPMAP_ACTION_BUG);
	TM_EXPECT_EQ(counts().dropped, 2);
}

/* An NMI may have interrupted who holds the lock: it does not wait. */
TM_TEST(nmi)
{
	if (!tm_env_can_play())
		TM_SKIP("an NMI cannot be played here");
	begin(8, 3000);
	if (stop_another(warn, false)) {
		tm_env_play_context(TRIPMAP_CONTEXT_NMI);
		expect_dropped();
		TM_EXPECT(!get(1));
		half(1);
		TM_EXPECT_EQ(counts().halves, 0);
		TM_EXPECT_EQ(counts().halves_lost, 1);
		tm_env_play_context(TRIPMAP_CONTEXT_TASK);
	}
	let_go();
	join_stopped();
	tm_env_play_context(TRIPMAP_CONTEXT_NMI);
	TM_EXPECT_EQ(file(2, TRIPMAP_ACTION_WARN).report, 1);
	half(1);
	TM_EXPECT_EQ(half_of(1), TRIPMAP_HALF_COMPLETE);
	tm_env_play_context(TRIPMAP_CONTEXT_TASK);
	TM_EXPECT_EQ(counts().filed, 1);
	TM_EXPECT_EQ(counts().suppressed, 1);
	end();
}

/* A record whose stack is being walked: it counts, it joins, nobody sees or takes it. */
TM_TEST(record_being_filled)
{
	if (!tm_env_can_play())
		TM_SKIP("nobody can be stopped here");
	begin(2, 3000);
	if (stop_another(warn, true)) {
		TM_EXPECT_EQ(file(1, TRIPMAP_ACTION_WARN).report, 1);
		TM_EXPECT_EQ(half_of(1), -1);
		half(1);
		TM_EXPECT(!tm_report_pending(1));
		TM_EXPECT_EQ(file(2, TRIPMAP_ACTION_BUG).report, 2);
		TM_EXPECT(get(2));
		TM_EXPECT(!tm_report_next(OWNER, 0, &seen));
		TM_EXPECT(!tm_report_next(TM_ANY_OWNER, 0, &seen));
		TM_EXPECT(tm_report_next(OWNER, 1, &seen) && seen.id == 2);
		tm_report_clear(OWNER);
		/* Number 3 would take its place. */
		TM_EXPECT_EQ(file(3, TRIPMAP_ACTION_BUG).report, 4);
	}
	let_go();
	join_stopped();
	TM_EXPECT_EQ(file(5, TRIPMAP_ACTION_BUG).report, 5);
	TM_EXPECT_EQ(counts().filed, 4);
	end();
}

/* All places are being filled: nothing is waited for. */
TM_TEST(no_place)
{
	if (!tm_env_can_play())
		TM_SKIP("nobody can be stopped here");
	begin(1, 0);
	if (stop_another(warn, true))
		expect_dropped();
	let_go();
	/* Nothing but the report itself says that the other's stack is there. */
	TM_WAIT_FOR(half_of(1) == TRIPMAP_HALF_PENDING);
	TM_EXPECT_STREQ(function(seen.victim_stack.frame[0]), "store_session");
	join_stopped();
	end();
}

/* A half whose stack is being walked: it serves when it is there, and keeps its place. */
TM_TEST(half_being_filled)
{
	u64 word;

	if (!tm_env_can_play())
		TM_SKIP("nobody can be stopped here");
	begin(8, 0);
	if (stop_another(half, true)) {
		file(1, TRIPMAP_ACTION_REPORT);
		for (word = 100; word < 100 + 2 * HALVES; word++)
			half(word);
		TM_EXPECT_EQ(half_of(1), TRIPMAP_HALF_PENDING);
	}
	let_go();
	join_stopped();
	TM_EXPECT_EQ(half_of(1), TRIPMAP_HALF_COMPLETE);
	TM_EXPECT_STREQ(seen.v.holder.comm, "stopped");
	TM_EXPECT_STREQ(function(seen.holder_stack.frame[0]), "expire_sessions");
	TM_EXPECT_EQ(counts().halves, 2 * HALVES + 1);
	TM_EXPECT_EQ(counts().halves_lost, HALVES + 1);
	end();
}

/*
 * Everybody at once. Each thread files and serves under words of all threads;
 * what a word says of its parties must hold in every record that is read.
 */
#define THREADS		8
#define WORDS		16
#define SITES		8

static struct {
	u32 once_ms;
	atomic64_t violations;
	atomic64_t halves;
	atomic64_t read;
	atomic_t running;
} storm;

static struct tm_party party(u64 word, unsigned long site)
{
	struct tm_party p = { .pid = word * 3, .key_size = TM_REPORT_KEY_MAX, .caller = site };

	memset(p.key, word, sizeof(p.key));
	return p;
}

/* Not torn, and not of another stay. */
static void expect_whole(const struct tm_report *r)
{
	const struct tm_party *p = &r->v.holder;

	TM_EXPECT_EQ(p->pid, r->v.word * 3);
	TM_EXPECT(p->key[0] == (u8)r->v.word && !memcmp(p->key, p->key + 1, p->key_size - 1));
	TM_EXPECT(r->victim_stack.n > 0);
	TM_EXPECT_EQ(r->snap.version, r->v.word);
	TM_EXPECT(r->snap.nlinks == 1 && !memcmp(r->snap.link[0].slot[0].key, p->key, p->key_size));
	TM_EXPECT_EQ(!!r->holder_stack.n, r->half == TRIPMAP_HALF_COMPLETE);
}

/* The copy takes its time: others join, look and wait meanwhile. */
static void storm_snap(struct tm_snap *to, void *arg)
{
	const struct tm_violation *v = arg;

	to->version = v->word;
	memcpy(to->link[0].slot[0].key, v->holder.key, TM_REPORT_KEY_MAX);
	cpu_relax();
	to->nlinks = 1;
}

static void storm_file(u64 x)
{
	struct tm_violation v = violation(x % WORDS);

	v.holder = party(v.word, 1 + x / WORDS % SITES);
	v.victim.caller = 100 + x / WORDS / SITES % SITES;
	tm_report_file(&v, TRIPMAP_ACTION_REPORT, storm_snap, &v);
	atomic64_inc(&storm.violations);
}

static void storm_half(u64 word)
{
	struct tm_party me = party(word, 0);

	tm_report_half(false, 1, word, &me);
	atomic64_inc(&storm.halves);
}

static void storm_thread(void *arg)
{
	u64 x = tm_env_seed() + (unsigned long)arg, n = tm_env_ops(20000);

	while (n--) {
		x = x * 6364136223846793005ULL + 1442695040888963407ULL;
		if (x >> 62)
			storm_file(x >> 33);
		else
			storm_half((x >> 33) % WORDS);
	}
	atomic_dec(&storm.running);
}

/* Goes on from the last one seen, as a listener does. */
static void storm_reader(void *arg)
{
	static struct tm_report r;
	u64 after = 0;
	bool last;

	do {
		last = !atomic_read(&storm.running);
		while (tm_report_next(OWNER, after, &r)) {
			TM_EXPECT(r.id > after);
			after = r.id;
			expect_whole(&r);
			atomic64_inc(&storm.read);
		}
		cond_resched();
	} while (!last);
}

static void run_storm(u32 max_reports, u32 once_ms)
{
	struct tm_thread thread[THREADS + 1];
	unsigned long i;

	begin(max_reports, once_ms);
	atomic64_set(&storm.violations, 0);
	atomic64_set(&storm.halves, 0);
	atomic64_set(&storm.read, 0);
	atomic_set(&storm.running, THREADS);
	for (i = 0; i < THREADS; i++)
		tm_thread_start(&thread[i], storm_thread, (void *)i, "storm");
	tm_thread_start(&thread[THREADS], storm_reader, NULL, "reader");
	for (i = 0; i <= THREADS; i++)
		tm_thread_join(&thread[i]);
	TM_EXPECT_EQ(counts().filed + counts().suppressed + counts().dropped,
		     atomic64_read(&storm.violations));
	TM_EXPECT(counts().halves + counts().halves_lost >= atomic64_read(&storm.halves));
	TM_EXPECT(counts().halves <= atomic64_read(&storm.halves));
}

/* A ring that is overrun all the time. */
TM_TEST(storm_small)
{
	run_storm(16, 0);
	TM_EXPECT(atomic64_read(&storm.read) > 0);
	end();
}

static u64 file_of(bool confined, u64 word)
{
	struct tm_violation v = violation(word);

	v.confined = confined;
	return store_session(&v, TRIPMAP_ACTION_REPORT).report;
}

/* How many reports are read, in their order. */
static u32 read_all(u32 *confined)
{
	u64 after = 0;
	u32 n = 0;

	*confined = 0;
	for (; tm_report_next(OWNER, after, &seen); n++) {
		TM_EXPECT(seen.id > after);
		after = seen.id;
		*confined += seen.v.confined;
	}
	return n;
}

/* Those of confined tables push out each other; of the rest only as many as are half. */
TM_TEST(confined)
{
	u32 i, few;
	u64 first;

	begin(16, 0);
	first = file_of(false, 1);
	for (i = 0; i < 15; i++)
		file_of(false, i);
	for (i = 0; i < 1000; i++)
		TM_EXPECT(file_of(true, i));
	TM_EXPECT_EQ(read_all(&few), 16);
	TM_EXPECT_EQ(few, 8);
	/* The oldest were pushed out, the newest ones are there. */
	TM_EXPECT(!get(first));
	TM_EXPECT(get(first + 15));
	for (i = 0; i < 16; i++)
		TM_EXPECT(file_of(false, i));
	TM_EXPECT_EQ(read_all(&few), 16);
	TM_EXPECT_EQ(few, 0);
	for (i = 0; i < 3; i++)
		file_of(true, i);
	tm_report_clear(OWNER);
	TM_EXPECT_EQ(read_all(&few), 0);
	/* Where there is nothing else, all places are theirs. */
	for (i = 0; i < 16; i++)
		TM_EXPECT(file_of(true, i));
	TM_EXPECT_EQ(read_all(&few), 16);
	TM_EXPECT_EQ(few, 16);
	end();
}

/* Less room than there are threads: some find every place being filled. */
TM_TEST(storm_tiny)
{
	run_storm(2, 0);
	end();
}

/* A ring with room for all: the reader misses none, the pairs are filed once. */
TM_TEST(storm_pairs)
{
	run_storm(1024, 3600 * 1000);
	TM_EXPECT_EQ(counts().dropped, 0);
	TM_EXPECT_EQ(counts().filed, SITES * SITES);
	TM_EXPECT_EQ(atomic64_read(&storm.read), counts().filed);
	end();
}

TM_SUITE(report,
	 TM_CASE(loser_first),
	 TM_CASE(holder_first),
	 TM_CASE(half_knows_better),
	 TM_CASE(one_half_for_all),
	 TM_CASE(one_half_for_many),
	 TM_CASE(strangers),
	 TM_CASE(late_half),
	 TM_CASE(holder_left),
	 TM_CASE(nobody_else),
	 TM_CASE(not_inside),
	 TM_CASE(part_of_the_other),
	 TM_CASE(carried_through),
	 TM_CASE(half_with_work),
	 TM_CASE(snapped),
	 TM_CASE(ring),
	 TM_CASE(confined),
	 TM_CASE(halves_ring), TM_CASE(halves_confined),
	 TM_CASE(pair),
	 TM_CASE(pairs_meet),
	 TM_CASE(pair_unknown),
	 TM_CASE(pair_completed),
	 TM_CASE(window),
	 TM_CASE(actions),
	 TM_CASE(warned_once),
	 TM_CASE(escalated),
	 TM_CASE(pair_of_one),
	 TM_CASE(pair_unknown_far),
	 TM_CASE(pair_forgotten),
	 TM_CASE(owners),
	 TM_CASE(titles),
	 TM_CASE(upward_news),
	 TM_CASE(no_memory),
	 TM_CASE(events_before),
	 TM_CASE(newest),
	 TM_CASE(labels_joined),
	 TM_CASE(no_allocation),
	 TM_CASE(nmi),
	 TM_CASE(record_being_filled),
	 TM_CASE(no_place),
	 TM_CASE(half_being_filled),
	 TM_CASE(storm_small),
	 TM_CASE(storm_tiny),
	 TM_CASE(storm_pairs));
