// SPDX-License-Identifier: GPL-2.0
/* What goes on beside: tables that come and go, hooks, policies, reports, a CPU. */
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>
#include <linux/tripmap_names.h>
#include <net/net_namespace.h>

#include "../../kmod/core/hook.h"
#include "../../kmod/observe/report.h"
#include "plug.h"
#include "torture.h"

#define OPERATOR_MS	20
#define STAY_NS		2000000
#define READ_NS		50000

/* By one thread each; READ_ONCE by the one that waits for them. */
static struct {
	u64	created, destroyed;
	u64	hooked, policies, reports, plugs;
} did;

/*
 * Tables that come and go, under users who are not told.
 */

#define CHURN_KEYS	256
#define CHURN_VALUE	16

static struct tripmap *churned[CHURN_MAX];	/* READ_ONCE/WRITE_ONCE: by the churn */

static struct tripmap *churn_table(struct place *p)
{
	struct tripmap_config cfg = {
		.name = "churn",
		.owner = init_net.net_cookie,
		.key_size = sizeof(u64),
		.value_size = CHURN_VALUE,
		.contract = TRIPMAP_CONTRACT_SHARED,
		.sync = TRIPMAP_SYNC_SHARDED + draw(p, TRIPMAP_SYNC_MAX),
		.max_action = TRIPMAP_ACTION_REPORT,
	};

	if (cfg.sync == TRIPMAP_SYNC_SHARDED)
		cfg.shards = 1 << draw(p, 4);
	memset(cfg.policy, TRIPMAP_ACTION_COUNT, sizeof(cfg.policy));
	return tripmap_create(&cfg, GFP_KERNEL);
}

bool churn_begin(struct place *p)
{
	unsigned int i;

	for (i = 0; i < torture.nchurn; i++) {
		churned[i] = churn_table(p);
		if (!TM_EXPECT(!IS_ERR(churned[i]))) {
			churned[i] = NULL;
			return false;
		}
	}
	return true;
}

/* Any use of one that is gone is told so. */
static void expect_gone(struct tripmap *t, struct place *p)
{
	u64 key = 1;

	TM_EXPECT_EQ(tripmap_lookup(t, &key, p->values), -ESTALE);
	TM_EXPECT_EQ(tripmap_store(t, &key, p->values, GFP_KERNEL), -ESTALE);
	TM_EXPECT_EQ(tripmap_destroy(t), -ESTALE);
}

static void churn_one(struct place *p, unsigned int i)
{
	struct tripmap *new = churn_table(p), *old = churned[i];

	if (IS_ERR(new)) {
		TM_EXPECT_EQ(PTR_ERR(new), -ENOMEM);
		return;
	}
	did.created++;
	/* Pairs with churn_use(), which may have the old one. */
	WRITE_ONCE(churned[i], new);
	if (TM_EXPECT_EQ(tripmap_destroy(old), 0))
		did.destroyed++;
	expect_gone(old, p);
}

void churn_main(void *arg)
{
	struct place *p = arg;

	while (!torture_over()) {
		churn_one(p, draw(p, torture.nchurn));
		schedule_timeout_interruptible(1 + draw(p, 3));
	}
}

static int churn_act(struct tripmap *t, struct place *p, u64 key)
{
	gfp_t gfp = (in_interrupt_of(p) ? GFP_ATOMIC : GFP_KERNEL) | __GFP_NOWARN;
	int err;

	switch (draw(p, 3)) {
	case 0:
		value_make(key, draw(p, U32_MAX), p->values, CHURN_VALUE);
		return tripmap_store(t, &key, p->values, gfp);
	case 1:
		return tripmap_delete(t, &key, gfp);
	default:
		err = tripmap_lookup(t, &key, p->values);
		TM_EXPECT(err || value_good(key, p->values, CHURN_VALUE));
		return err;
	}
}

/* The handle may be one of before, of a table destroyed or of the next one in its place. */
void churn_use(struct place *p)
{
	u64 key = draw(p, CHURN_KEYS);
	struct tripmap *t;
	int i, err;

	if (!torture.nchurn)
		return;
	/* Pairs with churn_one(). */
	t = READ_ONCE(churned[draw(p, torture.nchurn)]);
	for (i = 0; i < 8; i++) {
		err = churn_act(t, p, key + i);
		if (err == -ESTALE)
			count(&p->stale);
		if (!TM_EXPECT(!err || err == -ENOENT || err == -ESTALE || err == -ENOMEM))
			tm_test_note("churn: %d", err);
	}
}

void churn_end(void)
{
	unsigned int i;

	for (i = 0; i < torture.nchurn; i++)
		if (churned[i])
			TM_EXPECT_EQ(tripmap_destroy(churned[i]), 0);
}

/*
 * Hooks. Never are two inside of a table of one shard. And now and then a
 * writer stays inside for longer, where somebody may come who should not.
 *
 * The steps are switched on one by one, by patching: so a hook is heeded only
 * when all of them are.
 */

static unsigned long myself(void)
{
	return (unsigned long)current | (in_hardirq() ? 2 : in_serving_softirq() ? 1 : 0);
}

static void stay_long(struct bed *b)
{
	u64 end = ktime_get_ns() + STAY_NS;
	int known = atomic_read(&b->known);

	/* Never 0. Pairs with the acquire in perform_bare(). */
	b->stays += 2;
	smp_store_release(&b->stay, b->stays | 1);
	while (atomic_read(&b->known) == known && ktime_get_ns() < end && !torture_over()) {
		if (preemptible())
			cond_resched();
		cpu_relax();
	}
	WRITE_ONCE(b->stay, 0);
	/* Before it leaves; pairs with the barrier in perform_bare(). */
	smp_mb();
}

/* Readers are slow now and then: what they look at changes meanwhile. */
static void read_long(void)
{
	u64 end = ktime_get_ns() + READ_NS;

	while (ktime_get_ns() < end)
		cpu_relax();
}

static void bed_hook(struct tripmap *t, enum tripmap_step step, void *arg)
{
	unsigned long me = myself(), found;
	struct bed *b = arg;

	/* Pairs with the release in operate_hook(). */
	if (!smp_load_acquire(&b->heeded))
		return;
	if (step == TRIPMAP_STEP_ENTERED) {
		if (!TM_EXPECT(!xchg(&b->inside, me)))
			tm_test_note("%s: two writers inside", b->kind->name);
		if (b->kind->illegal && in_task() && !(ktime_get_ns() >> 8 & 15))
			stay_long(b);
	} else if (step == TRIPMAP_STEP_LEAVING) {
		/* 0: it came in before there was a hook. */
		found = cmpxchg(&b->inside, me, 0);
		TM_EXPECT(found == me || !found);
	} else if (step == TRIPMAP_STEP_READ && !(ktime_get_ns() >> 8 & 15)) {
		read_long();
	}
}

/* Whoever has entered and not left then has not said that it left. */
static void unhook(struct bed *b)
{
	/* Pairs with bed_hook(); the guard orders who comes after who saw it. */
	WRITE_ONCE(b->heeded, false);
	TM_EXPECT_EQ(tripmap_set_hook(b->t, NULL, NULL), 0);
	b->hooked = false;
}

static void operate_hook(struct bed *b)
{
	if (b->kind->shards > 1)
		return;
	if (b->hooked) {
		unhook(b);
		return;
	}
	b->inside = 0;
	b->hooked = TM_EXPECT_EQ(tripmap_set_hook(b->t, bed_hook, b), 0);
	/* Pairs with the acquire in bed_hook(). */
	smp_store_release(&b->heeded, b->hooked);
	did.hooked++;
}

/*
 * Policies and reports
 */

static void operate_policy(struct bed *b, struct place *p)
{
	enum tripmap_action least =
		b->kind->lenient ? TRIPMAP_ACTION_IGNORE : TRIPMAP_ACTION_COUNT;
	enum tripmap_action action = least + draw(p, TRIPMAP_ACTION_REPORT - least + 1);
	enum tripmap_class class = draw(p, TRIPMAP_CLASS_MAX + 1);
	struct tripmap_rule rule;

	TM_EXPECT_EQ(tripmap_set_policy(b->t, class, action), 0);
	tripmap_get_rule(b->t, class, &rule);
	TM_EXPECT_EQ(rule.action, action);
	/* More than its most is refused. */
	TM_EXPECT_EQ(tripmap_set_policy(b->t, class, TRIPMAP_ACTION_WARN), -EPERM);
	did.policies++;
}

static void read_reports(struct tm_report *report)
{
	char title[TM_REPORT_TITLE];
	u64 id = report->id;

	while (!torture_over() && tm_report_next(TM_ANY_OWNER, id, report)) {
		TM_EXPECT(report->id > id);
		id = report->id;
		TM_EXPECT(tm_report_title(report, title, sizeof(title)) > 0);
		TM_EXPECT(report->v.class <= TRIPMAP_CLASS_MAX);
		TM_EXPECT(report->v.victim.op && report->v.victim.op <= TRIPMAP_OP_MAX);
		did.reports++;
		cond_resched();
	}
	report->id = id;
}

void operator_main(void *arg)
{
	struct tm_report *report = kvzalloc(sizeof(*report), GFP_KERNEL);
	struct place *p = arg;
	unsigned int i;

	while (TM_EXPECT(report) && !torture_over()) {
		if (torture.hooks)
			operate_hook(some_bed(p));
		if (torture.policies)
			operate_policy(some_bed(p), p);
		read_reports(report);
		schedule_timeout_interruptible(msecs_to_jiffies(OPERATOR_MS));
	}
	for (i = 0; i < nbeds; i++)
		if (beds[i]->hooked)
			unhook(beds[i]);
	kvfree(report);
}

/* The last CPU goes and comes. */
void plug_main(void *arg)
{
	unsigned int ticks = msecs_to_jiffies(torture.onoff_interval);

	while (!torture_over()) {
		did.plugs += plug_once(1 + ticks / 4);
		schedule_timeout_interruptible(ticks);
	}
}

void beside_note(void)
{
	tm_test_note("created=%llu destroyed=%llu hooks=%llu policies=%llu reports=%llu hotplugs=%llu",
		     did.created, did.destroyed, did.hooked, did.policies, did.reports, did.plugs);
}

const char *beside_missing(void)
{
	if (torture.nchurn && !READ_ONCE(did.destroyed))
		return "destroy";
	if (torture.hooks && !READ_ONCE(did.hooked))
		return "hooks";
	if (torture.policies && !READ_ONCE(did.policies))
		return "policies";
	return torture.onoff_interval && !READ_ONCE(did.plugs) ? "hotplug" : NULL;
}
