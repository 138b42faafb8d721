// SPDX-License-Identifier: GPL-2.0
/* What scenarios share. */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>
#include <net/net_namespace.h>

#include "scenario.h"

u64 scenario_end(void)
{
	return ktime_get_ns() + scenario_seconds * 1000000000ULL;
}

void scenario_pin(unsigned int n)
{
	unsigned int cpu = cpumask_first(cpu_online_mask);

	for (n %= num_online_cpus(); n; n--)
		cpu = cpumask_next(cpu, cpu_online_mask);
	set_cpus_allowed_ptr(current, cpumask_of(cpu));
}

bool scenario_parallel(void)
{
	return num_online_cpus() > 1;
}

/*
 * Tables
 */

static struct tm_report report;	/* too large for a stack; one scenario at a time */
static u64 reports_before;	/* id of the newest report when the last table was made */

static void pass_reports(void)
{
	while (tm_report_next(TM_ANY_OWNER, reports_before, &report))
		reports_before = report.id;
}

/* Their reports are those of the first network namespace, if they are not the kernel's. */
struct tripmap *table_by(struct tripmap_config cfg, struct tripmap_lock_class *class)
{
	struct tripmap *t;

	cfg.owner = scenario_unowned ? 0 : init_net.net_cookie;
	cfg.max_action = TRIPMAP_ACTION_BUG;
	memset(cfg.policy, scenario_action, sizeof(cfg.policy));
	pass_reports();
	t = tripmap_create_class(&cfg, GFP_KERNEL, class);
	return TM_EXPECT(!IS_ERR(t)) ? t : NULL;
}

struct tripmap *table_new(const char *name, u16 value_size)
{
	return table_by((struct tripmap_config){
		.name = name, .key_size = sizeof(u64), .value_size = value_size,
	}, NULL);
}

struct tripmap *table_under(enum tripmap_contract contract)
{
	return table_by((struct tripmap_config){
		.name = "sessions", .contract = contract,
		.key_size = sizeof(u64), .value_size = sizeof(u64),
	}, NULL);
}

u32 table_id(struct tripmap *t)
{
	struct tripmap_info info;

	tripmap_info(t, &info);
	return info.id;
}

void table_fill(struct tripmap *t, u64 first, u64 n)
{
	u64 key;

	for (key = first; key < first + n; key++) {
		TM_EXPECT_EQ(tripmap_store(t, &key, &key, GFP_KERNEL), 0);
		cond_resched();
	}
}

void table_end(struct tripmap *t)
{
	if (t)
		TM_EXPECT_EQ(tripmap_destroy(t), 0);
}

u64 table_violations(struct tripmap *t, enum tripmap_class class)
{
	struct tripmap_info info;

	tripmap_info(t, &info);
	return info.violations[class];
}

u64 table_all_violations(struct tripmap *t)
{
	struct tripmap_info info;
	unsigned int class;
	u64 sum = 0;

	tripmap_info(t, &info);
	for (class = 0; class <= TRIPMAP_CLASS_MAX; class++)
		sum += info.violations[class];
	return sum;
}

void expect_only(struct tripmap *t, enum tripmap_class class, u64 n)
{
	TM_EXPECT_EQ(table_violations(t, class), n);
	TM_EXPECT_EQ(table_all_violations(t), n);
}

void expect_silence(struct tripmap *t)
{
	TM_EXPECT_EQ(table_all_violations(t), 0);
}

/*
 * Reports
 */

const struct tm_report *find_report(u32 table_id, enum tripmap_class class)
{
	u64 id = reports_before, found = 0;

	while (tm_report_next(TM_ANY_OWNER, id, &report)) {
		id = report.id;
		if (report.v.table_id == table_id && report.v.class == class)
			found = id;
	}
	return found && tm_report_next(TM_ANY_OWNER, found - 1, &report) ? &report : NULL;
}

const struct tm_report *report_of(u32 table_id, enum tripmap_class class)
{
	const struct tm_report *r = find_report(table_id, class);

	TM_EXPECT(r);
	return r;
}

const struct tm_report *expect_report(u32 table_id, enum tripmap_class class,
				      const char *one, const char *other)
{
	const struct tm_report *r = report_of(table_id, class);
	char title[TM_REPORT_TITLE];

	if (!r)
		return NULL;
	tm_report_title(r, title, sizeof(title));
	if (!TM_EXPECT(strstr(title, one)) || !TM_EXPECT(strstr(title, other)))
		tm_test_note("report %llu: %s, not %s and %s", r->id, title, one, other);
	return r;
}
