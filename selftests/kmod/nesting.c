// SPDX-License-Identifier: GPL-2.0
/*
 * Uses of a table that break its contract, or keep it, without ever overlapping: on
 * a lockdep kernel the former are found all the same. One is run when the module is
 * loaded; lockdep_test.sh reads the log.
 */
#include <linux/bottom_half.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "../../kmod/core/hook.h"
#include "../../kmod/core/tripmap.h"

static char *use = "";
module_param(use, charp, 0444);
MODULE_PARM_DESC(use, "softirq, hardirq, reader, inverted; or by the rules: disabled, sharded, apart, between");

static struct tripmap *table;
static DEFINE_SPINLOCK(lock);
static struct completion done;
static int result;			/* of what an interrupt did, before done */

static int store(void)
{
	u64 n = 7;

	return tripmap_store(table, &n, &n, GFP_ATOMIC);
}

static int look(void)
{
	u64 n = 7;

	return tripmap_lookup(table, &n, &n);
}

/*
 * From an interrupt, and only one thing at a time.
 */

static int (*what)(void);		/* before the interrupt is asked for */

static void in_tasklet(struct tasklet_struct *unused)
{
	result = what();
	complete(&done);
}

static void in_irq_work(struct irq_work *unused)
{
	result = what();
	complete(&done);
}

static DECLARE_TASKLET(tasklet, in_tasklet);
static struct irq_work work = IRQ_WORK_INIT_HARD(in_irq_work);

static int from_softirq(int (*fn)(void))
{
	what = fn;
	init_completion(&done);
	tasklet_schedule(&tasklet);
	wait_for_completion(&done);
	tasklet_kill(&tasklet);
	return result;
}

static int from_hardirq(int (*fn)(void))
{
	what = fn;
	init_completion(&done);
	irq_work_queue(&work);
	wait_for_completion(&done);
	irq_work_sync(&work);
	return result;
}

/*
 * The uses
 */

static struct tripmap *make(enum tripmap_contract contract)
{
	return tripmap_create(&TRIPMAP_CONFIG(.name = "nesting", .key_size = 8, .value_size = 8,
					      .bits = 4, .contract = contract), GFP_KERNEL);
}

/* A table is written with interrupts on, and from an interrupt too. */
static int softirq(void)
{
	table = make(TRIPMAP_CONTRACT_SINGLE_WRITER);
	return store() ?: from_softirq(store);
}

static int hardirq(void)
{
	table = make(TRIPMAP_CONTRACT_SINGLE_WRITER);
	return store() ?: from_hardirq(store);
}

/* Where readers must not overlap with writers either, that goes for them as well. */
static int reader(void)
{
	table = make(TRIPMAP_CONTRACT_EXCLUSIVE);
	return store() ?: from_softirq(look);
}

/* What is called inside takes a lock, which elsewhere is held around writes. */
static void take_lock(struct tripmap *t, enum tripmap_step step, void *arg)
{
	if (step == TRIPMAP_STEP_ENTERED) {
		spin_lock(&lock);
		spin_unlock(&lock);
	}
}

static int inverted(void)
{
	int err;

	table = make(TRIPMAP_CONTRACT_SINGLE_WRITER);
	spin_lock(&lock);
	err = store();
	spin_unlock(&lock);
	if (err)
		return err;
	err = tripmap_set_hook(table, take_lock, NULL);
	if (err)
		return err;
	err = store();
	tripmap_set_hook(table, NULL, NULL);
	return err;
}

/* As softirq(), but those who write in tasks keep softirqs out. */
static int disabled(void)
{
	int err;

	table = make(TRIPMAP_CONTRACT_SINGLE_WRITER);
	local_bh_disable();
	err = store();
	local_bh_enable();
	return err ?: from_softirq(store);
}

/* A table that keeps its writers apart itself is written from wherever it pleases. */
static int sharded(void)
{
	table = make(TRIPMAP_CONTRACT_SHARED);
	return store() ?: from_softirq(store) ?: from_hardirq(store);
}

/* Tables made in two places have rules of their own. */
static int apart(void)
{
	struct tripmap *tasks = make(TRIPMAP_CONTRACT_SINGLE_WRITER);
	int err;

	table = tasks;
	err = store();
	table = tripmap_create(&TRIPMAP_CONFIG(.name = "apart", .key_size = 8, .value_size = 8),
			       GFP_KERNEL);
	err = err ?: from_softirq(store);
	return tripmap_destroy(tasks) ?: err;
}

/* Under single-writer readers may come in at any time. */
static int between(void)
{
	table = make(TRIPMAP_CONTRACT_SINGLE_WRITER);
	return store() ?: from_softirq(look) ?: from_hardirq(look);
}

static const struct {
	const char *name;
	int (*run)(void);
} uses[] = {
	{ "softirq", softirq }, { "hardirq", hardirq }, { "reader", reader },
	{ "inverted", inverted }, { "disabled", disabled }, { "sharded", sharded },
	{ "apart", apart }, { "between", between },
};

static int __init nesting_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(uses); i++)
		if (!strcmp(use, uses[i].name))
			return uses[i].run() ?: tripmap_destroy(table);
	return -EINVAL;
}

static void __exit nesting_exit(void)
{
}

module_init(nesting_init);
module_exit(nesting_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("tripmap selftest: uses that break a contract without overlapping");
