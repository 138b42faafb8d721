// SPDX-License-Identifier: GPL-2.0
/*
 * insmod tripmap_large.ko entries=20000000
 *
 * One large table: filled, looked up, walked, overwritten, half emptied, cleared and
 * destroyed. All of it happens while the module is being loaded, and prints KTAP to
 * the log; loading succeeds when it ran, whatever came of it, and the parameter
 * "failed" says that.
 *
 * What is in the table follows from the key and from how far the test is: keys are
 * the numbers below "entries", and values have a number that each write counts up.
 */
#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/vmalloc.h>

#include "../../kmod/core/invariant.h"
#include "../../kmod/core/tripmap.h"
#include "../core/env.h"
#include "../core/test.h"
#include "value.h"

#define PROGRESS	2000000	/* keys between lines that tell of it */
#define OVERWRITTEN	3	/* one key in so many is written twice */
#define STRIPE		1024	/* keys in a row that stay, and as many that are deleted */

static uint entries = 20000000;
module_param(entries, uint, 0444);
MODULE_PARM_DESC(entries, "Entries in the table (default 20000000)");

static int failed = -1;
module_param(failed, int, 0444);
MODULE_PARM_DESC(failed, "Out: number of failed tests, -1 when none ran");

static struct tripmap *table;
static bool overwritten, halved;	/* it is, by the steps below */

u64 tm_env_seed(void)
{
	static u64 seed;

	if (!seed)
		seed = get_random_u64();
	return seed;
}

/*
 * What must be in the table
 */

static bool is_overwritten(u32 n)
{
	return !(n % OVERWRITTEN);
}

static bool is_deleted(u32 n)
{
	return n / STRIPE % 2;
}

static bool is_there(u64 key)
{
	return key < entries && !(halved && is_deleted(key));
}

static u32 entries_left(void)
{
	u32 whole = entries / (2 * STRIPE) * STRIPE;

	return halved ? whole + min_t(u32, entries % (2 * STRIPE), STRIPE) : entries;
}

static u64 value_of(u32 n, bool second)
{
	u64 value;

	value_make(n, second, (u8 *)&value, sizeof(value));
	return value;
}

static u64 value_there(u32 n)
{
	return value_of(n, overwritten && is_overwritten(n));
}

/*
 * The steps
 */

/* By its own account. */
static struct tripmap_info info_now(void)
{
	struct tripmap_info info;

	tripmap_info(table, &info);
	return info;
}

static void expect_left(void)
{
	struct tripmap_info info = info_now();
	u32 left = entries_left();

	TM_EXPECT_EQ(tripmap_count(table), left);
	TM_EXPECT_EQ(info.entries, left);
	tm_test_note("%u entries in %llu bytes, %llu bytes each; %llu buckets and %llu more", left,
		     info.memory, div_u64(info.memory, left), info.buckets, info.overflow);
}

/* False when the step has failed. The kernel gets to do its own work. */
static bool go_on(u32 n, const char *what)
{
	cond_resched();
	if (n && !(n % PROGRESS))
		tm_test_note("%u million %s, %llu MiB", n / 1000000, what,
			     info_now().memory >> 20);
	return !tm_test_failures();
}

/* fn with each number below "entries". */
static void each(void (*fn)(u32 n), const char *what)
{
	u32 n;

	for (n = 0; n < entries && go_on(n, what); n++)
		fn(n);
	if (tm_test_failures())
		tm_test_note("that was number %u", n - 1);
}

static void store_one(u32 n)
{
	u64 key = n, value = value_of(n, false);

	TM_EXPECT_EQ(tripmap_insert(table, &key, &value, GFP_KERNEL), 0);
}

TM_TEST(fill)
{
	each(store_one, "stored");
	expect_left();
}

TM_TEST(check)
{
	TM_EXPECT_STREQ(tm_invariant_check(table) ?: "", "");
}

static void look_up_one(u32 n)
{
	u64 key = n, value;
	int err = tripmap_lookup(table, &key, &value);

	TM_EXPECT_EQ(err, is_there(n) ? 0 : -ENOENT);
	if (!err)
		TM_EXPECT_EQ(value, value_there(n));
}

TM_TEST(look_up)
{
	each(look_up_one, "looked up");
}

static void miss_two(u32 n)
{
	u64 next = (u64)n + entries, far = ~(u64)n;

	TM_EXPECT(!tripmap_contains(table, &next));
	TM_EXPECT(!tripmap_contains(table, &far));
}

TM_TEST(miss)
{
	each(miss_two, "missed twice");
}

static void see(u64 key, u64 value, unsigned long *seen)
{
	if (!TM_EXPECT(is_there(key)))
		return;
	TM_EXPECT_EQ(value, value_there(key));
	TM_EXPECT(!__test_and_set_bit(key, seen));
}

static void walk_with(unsigned long *seen)
{
	struct tripmap_iter *it = tripmap_iter_open(table, GFP_KERNEL);
	u64 key, value;
	u32 n = 0;
	int rc;

	if (!TM_EXPECT(!IS_ERR(it)))
		return;
	while ((rc = tripmap_iter_next(it, &key, &value)) > 0 && go_on(n, "walked")) {
		see(key, value, seen);
		n++;
	}
	tripmap_iter_close(it);
	TM_EXPECT_EQ(rc, 0);
	TM_EXPECT_EQ(n, entries_left());
	TM_EXPECT_EQ(bitmap_weight(seen, entries), n);
}

/* Each key once. */
TM_TEST(walk)
{
	unsigned long *seen = vzalloc(BITS_TO_LONGS(entries) * sizeof(*seen));

	if (TM_EXPECT(seen))
		walk_with(seen);
	vfree(seen);
}

static void overwrite_one(u32 n)
{
	u64 key = n, value = value_of(n, true);

	if (is_overwritten(n))
		TM_EXPECT_EQ(tripmap_replace(table, &key, &value, GFP_KERNEL), 0);
}

TM_TEST(overwrite)
{
	each(overwrite_one, "passed");
	overwritten = true;
	expect_left();
}

static void delete_one(u32 n)
{
	u64 key = n;

	if (is_deleted(n))
		TM_EXPECT_EQ(tripmap_delete(table, &key, GFP_KERNEL), 0);
}

TM_TEST(halve)
{
	each(delete_one, "passed");
	halved = true;
	expect_left();
}

static void miss_one(u32 n)
{
	u64 key = n;

	TM_EXPECT(!tripmap_contains(table, &key));
}

TM_TEST(clear)
{
	struct tripmap_iter *it;
	u64 key;

	TM_EXPECT_EQ(tripmap_clear(table, GFP_KERNEL), 0);
	TM_EXPECT_EQ(tripmap_count(table), 0);
	each(miss_one, "missed");
	it = tripmap_iter_open(table, GFP_KERNEL);
	if (!TM_EXPECT(!IS_ERR(it)))
		return;
	TM_EXPECT_EQ(tripmap_iter_next(it, &key, NULL), 0);
	tripmap_iter_close(it);
}

TM_TEST(destroy)
{
	struct tripmap_info info = info_now();
	unsigned int class;

	for (class = 0; class <= TRIPMAP_CLASS_MAX; class++)
		TM_EXPECT_EQ(info.violations[class], 0);
	TM_EXPECT_EQ(tripmap_destroy(table), 0);
}

/* In this order. */
TM_SUITE(large, TM_CASE(fill), TM_CASE(check), TM_CASE(look_up), TM_CASE(miss), TM_CASE(walk),
	 TM_CASE(overwrite), { "look_up_overwritten", look_up }, TM_CASE(halve),
	 { "check_halved", check }, { "look_up_halved", look_up }, { "walk_halved", walk },
	 TM_CASE(clear), { "check_cleared", check }, TM_CASE(destroy));

static int __init large_init(void)
{
	static const struct tm_suite * const suites[] = { &tm_suite_large };

	if (!entries)
		return -EINVAL;
	table = tripmap_create(&TRIPMAP_CONFIG(.name = "large", .key_size = sizeof(u64),
					       .value_size = sizeof(u64)), GFP_KERNEL);
	if (IS_ERR(table))
		return PTR_ERR(table);
	failed = tm_test_main(suites, ARRAY_SIZE(suites), NULL);
	return 0;
}

static void __exit large_exit(void)
{
}

module_init(large_init);
module_exit(large_exit);

MODULE_DESCRIPTION("tripmap: one table with millions of entries");
MODULE_AUTHOR("The tripmap authors");
MODULE_LICENSE("GPL");
