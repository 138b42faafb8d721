// SPDX-License-Identifier: GPL-2.0
/* What scenarios share: tables, values, threads that stay inside. */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>
#include <net/net_namespace.h>

#include "../../kmod/core/hash.h"
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

static const struct tm_seed fixed_seed = { { 3, 1, 4, 159 } };

void table_config(struct tripmap_config *cfg, const char *name, u16 value_size)
{
	*cfg = (struct tripmap_config){
		.name = name,
		.owner = init_net.net_cookie,
		.key_size = sizeof(u64),
		.value_size = value_size,
		.contract = TRIPMAP_CONTRACT_SINGLE_WRITER,
		.hash = TRIPMAP_HASH_SIPHASH,
		.max_action = TRIPMAP_ACTION_BUG,
	};
	memset(cfg->policy, scenario_action, sizeof(cfg->policy));
}

static struct tripmap *make(const struct tripmap_config *cfg)
{
	struct tripmap *t = tripmap_create(cfg, GFP_KERNEL);

	return TM_EXPECT(!IS_ERR(t)) ? t : NULL;
}

struct tripmap *table_new(const char *name, u16 value_size, enum tripmap_contract contract)
{
	struct tripmap_config cfg;

	table_config(&cfg, name, value_size);
	cfg.contract = contract;
	return make(&cfg);
}

struct tripmap *table_seeded(const char *name, u16 value_size, u8 bits)
{
	struct tripmap_config cfg;

	table_config(&cfg, name, value_size);
	cfg.bits = bits;
	cfg.seeded = true;
	memcpy(cfg.seed, &fixed_seed, sizeof(fixed_seed));
	return make(&cfg);
}

void table_end(struct tripmap *t)
{
	if (t)
		TM_EXPECT_EQ(tripmap_destroy(t), 0);
}

u64 table_bucket(u64 key, u8 bits)
{
	return tm_hash(TRIPMAP_HASH_SIPHASH, &fixed_seed, &key, sizeof(key)) & ((1ULL << bits) - 1);
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

u64 table_resizes(struct tripmap *t, enum tripmap_resize resize)
{
	struct tripmap_info info;

	tripmap_info(t, &info);
	return info.resizes[resize];
}

/*
 * Values
 */

static u8 value_byte(u64 key, u16 seq, unsigned int i)
{
	u64 x = (key * 0x9e3779b97f4a7c15ULL) ^ ((seq * 0x1000193ULL + i) * 0xff51afd7ed558ccdULL);

	return x >> 56;
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

/*
 * Parked writers
 */

static void parked_hook(struct tripmap *t, enum tripmap_step step, void *arg)
{
	struct parked *p = arg;

	if (step != p->step || current != p->task || !in_task() || p->there)
		return;
	/* Pairs with the acquire in parked_start(). */
	smp_store_release(&p->there, true);
	/* Pairs with the release in parked_go(). */
	TM_WAIT_FOR(smp_load_acquire(&p->go));
}

static void parked_main(void *arg)
{
	struct parked *p = arg;

	scenario_pin(1);
	p->task = current;
	p->result = p->op(p);
}

bool parked_start(struct parked *p)
{
	if (!p->t || !TM_EXPECT_EQ(tripmap_set_hook(p->t, parked_hook, p), 0))
		return false;
	scenario_pin(0);
	if (!tm_thread_start(&p->thread, parked_main, p, "parked"))
		return false;
	/* Pairs with the release in parked_hook(). */
	return TM_WAIT_FOR(smp_load_acquire(&p->there));
}

void parked_go(struct parked *p)
{
	/* Pairs with the acquire in parked_hook(). */
	smp_store_release(&p->go, true);
	tm_thread_join(&p->thread);
	tripmap_set_hook(p->t, NULL, NULL);
}

int parked_store(struct parked *p)
{
	u64 value = p->key;

	return tripmap_store(p->t, &p->key, &value, GFP_KERNEL);
}
