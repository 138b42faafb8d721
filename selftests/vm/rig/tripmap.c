// SPDX-License-Identifier: GPL-2.0
/*
 * A module that misbehaves on command, for rig_test.sh: it bears the real one's
 * name, so that the rig treats it like that, and shares nothing with it.
 *
 *	echo WORD > /sys/module/tripmap/parameters/act
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

static bool fail;
module_param(fail, bool, 0444);
MODULE_PARM_DESC(fail, "refuse to be loaded");

static struct kmem_cache *cache;
static DEFINE_SPINLOCK(lock);

static void act_warn(void)
{
	WARN(1, "tripmap: on purpose\n");
}

static void act_bug(void)
{
	BUG();
}

static void act_pin(void)
{
	__module_get(THIS_MODULE);
}

static void act_cacheleak(void)
{
	if (!kmem_cache_alloc(cache, GFP_KERNEL))
		pr_info("no memory to leak\n");
}

static void act_vleak(void)
{
	if (!vmalloc(2 * PAGE_SIZE))
		pr_info("no memory to leak\n");
}

/* The rest only a debug kernel notices. */

static void act_kleak(void)
{
	if (!kmalloc(333, GFP_KERNEL))
		pr_info("no memory to leak\n");
}

static void act_use_after_free(void)
{
	char *p = kmalloc(64, GFP_KERNEL);

	kfree(p);
	if (p)
		WRITE_ONCE(p[3], 1);
}

static void act_sleep_in_atomic(void)
{
	spin_lock(&lock);
	might_sleep();
	spin_unlock(&lock);
}

static const struct {
	const char *word;
	void (*act)(void);
} acts[] = {
	{ "warn", act_warn },
	{ "bug", act_bug },
	{ "pin", act_pin },
	{ "cacheleak", act_cacheleak },
	{ "vleak", act_vleak },
	{ "kleak", act_kleak },
	{ "use-after-free", act_use_after_free },
	{ "sleep-in-atomic", act_sleep_in_atomic },
};

static int act_set(const char *val, const struct kernel_param *kp)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(acts); i++) {
		if (sysfs_streq(val, acts[i].word)) {
			acts[i].act();
			return 0;
		}
	}
	return -EINVAL;
}

static const struct kernel_param_ops act_ops = { .set = act_set };
module_param_cb(act, &act_ops, NULL, 0200);
MODULE_PARM_DESC(act, "misbehave like this");

static int __init rig_init(void)
{
	if (fail)
		return -EINVAL;
	cache = kmem_cache_create("tripmap_rig", 40, 0, 0, NULL);
	return cache ? 0 : -ENOMEM;
}

static void __exit rig_exit(void)
{
	kmem_cache_destroy(cache);
}

module_init(rig_init);
module_exit(rig_exit);
MODULE_DESCRIPTION("stand-in for tripmap that misbehaves on command");
MODULE_LICENSE("GPL");
