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

/* Their reports are those of the first network namespace: tripctl shows them. */
struct tripmap *table_new(const char *name, u16 value_size)
{
	struct tripmap_config cfg = TRIPMAP_CONFIG(
		.name = name,
		.owner = init_net.net_cookie,
		.key_size = sizeof(u64),
		.value_size = value_size,
	);
	struct tripmap *t;

	memset(cfg.policy, scenario_action, sizeof(cfg.policy));
	t = tripmap_create(&cfg, GFP_KERNEL);
	return TM_EXPECT(!IS_ERR(t)) ? t : NULL;
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

/*
 * Values
 */

static u8 value_byte(u64 key, u16 seq, unsigned int i)
{
	u64 a = key * 0x9e3779b97f4a7c15ULL, b = (seq * 0x1000193ULL + i) * 0xff51afd7ed558ccdULL;

	return (a ^ b) >> 56;
}

void value_make(u64 key, u16 seq, u8 *value, u16 size)
{
	unsigned int i;

	value[0] = seq;
	value[1] = seq >> 8;
	for (i = 2; i < size; i++)
		value[i] = value_byte(key, seq, i);
}

bool value_good(u64 key, const u8 *value, u16 size)
{
	u16 seq = value[0] | value[1] << 8;
	unsigned int i;

	for (i = 2; i < size; i++)
		if (value[i] != value_byte(key, seq, i))
			return false;
	return true;
}
