// SPDX-License-Identifier: GPL-2.0
/* Handles that are none, or none any more, and destruction beside readers. */
#include <linux/err.h>

#include "scenario.h"

static void use(struct tripmap *t, int write_err, int read_err)
{
	u64 key = 1, value = 1;

	TM_EXPECT_EQ(tripmap_store(t, &key, &value, GFP_KERNEL), write_err);
	TM_EXPECT_EQ(tripmap_insert(t, &key, &value, GFP_KERNEL), write_err);
	TM_EXPECT_EQ(tripmap_replace(t, &key, &value, GFP_KERNEL), write_err);
	TM_EXPECT_EQ(tripmap_compare_swap(t, &key, &value, &value, GFP_KERNEL), write_err);
	TM_EXPECT_EQ(tripmap_delete(t, &key, GFP_KERNEL), write_err);
	TM_EXPECT_EQ(tripmap_take(t, &key, &value, GFP_KERNEL), write_err);
	TM_EXPECT_EQ(tripmap_clear(t, GFP_KERNEL), write_err);
	TM_EXPECT_EQ(tripmap_resize_hint(t, 100, GFP_KERNEL), write_err);
	TM_EXPECT_EQ(tripmap_freeze(t), write_err);
	TM_EXPECT_EQ(tripmap_unfreeze(t), write_err);
	TM_EXPECT_EQ(tripmap_destroy(t), write_err);
	TM_EXPECT_EQ(tripmap_lookup(t, &key, &value), read_err);
	TM_EXPECT(!tripmap_contains(t, &key));
}

TM_TEST(none)
{
	use(NULL, -EINVAL, -ENOENT);
	use(ERR_PTR(-ENOMEM), -EINVAL, -EINVAL);
	TM_EXPECT_EQ(PTR_ERR(tripmap_iter_open(NULL, GFP_KERNEL)), -EINVAL);
}

TM_TEST(destroyed)
{
	struct tripmap *t = table_new("gone", sizeof(u64), TRIPMAP_CONTRACT_SINGLE_WRITER);

	if (!t)
		return;
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
	use(t, -ESTALE, -ESTALE);
	TM_EXPECT_EQ(PTR_ERR(tripmap_iter_open(t, GFP_KERNEL)), -ESTALE);
}

/* Who walks when the table goes is told. */
TM_TEST(destroyed_under_walk)
{
	struct tripmap *t = table_new("walked", sizeof(u64), TRIPMAP_CONTRACT_SINGLE_WRITER);
	struct tripmap_iter *it;
	u64 key, value;
	int n = 0, r;

	if (!t)
		return;
	for (key = 0; key < 2000; key++)
		TM_EXPECT_EQ(tripmap_store(t, &key, &key, GFP_KERNEL), 0);
	it = tripmap_iter_open(t, GFP_KERNEL);
	if (!TM_EXPECT(!IS_ERR(it)))
		return;
	TM_EXPECT_EQ(tripmap_iter_next(it, &key, &value), 1);
	TM_EXPECT_EQ(tripmap_destroy(t), 0);
	while ((r = tripmap_iter_next(it, &key, &value)) == 1)
		n++;
	TM_EXPECT_EQ(r, -ESTALE);
	TM_EXPECT(n < 2000);
	tripmap_iter_close(it);
}

#define KEYS	500

struct user {
	struct tripmap	*t;
	struct tm_thread thread;
	bool		begun;	/* release/acquire */
	u64		wrong;
};

/* What is there is right until the end, and then the table is gone, for good. */
static void use_until_gone(void *arg)
{
	struct user *u = arg;
	u64 key = 0, value;
	int err;

	scenario_pin(1);
	/* Pairs with the acquire in destroy_beside_readers. */
	smp_store_release(&u->begun, true);
	do {
		err = tripmap_lookup(u->t, &key, &value);
		u->wrong += err ? err != -ESTALE : value != key;
		key = (key + 1) % KEYS;
		cond_resched();
	} while (err != -ESTALE && !u->wrong);
}

TM_TEST(destroy_beside_readers)
{
	unsigned int round;

	for (round = 0; round < 50 && !tm_test_failures(); round++) {
		struct user u = {
			.t = table_new("used", sizeof(u64), TRIPMAP_CONTRACT_SINGLE_WRITER),
		};
		u64 key;

		if (!u.t)
			return;
		for (key = 0; key < KEYS; key++)
			TM_EXPECT_EQ(tripmap_store(u.t, &key, &key, GFP_KERNEL), 0);
		if (!tm_thread_start(&u.thread, use_until_gone, &u, "user"))
			return;
		/* Pairs with the release in use_until_gone(). */
		TM_WAIT_FOR(smp_load_acquire(&u.begun));
		TM_EXPECT_EQ(tripmap_destroy(u.t), 0);
		tm_thread_join(&u.thread);
		TM_EXPECT_EQ(u.wrong, 0);
	}
}

/* What is out of range makes no table. */
TM_TEST(bad_configurations)
{
	struct tripmap_config cfg;
	unsigned int i;

	for (i = 0; i < 8; i++) {
		table_config(&cfg, "bad", sizeof(u64));
		switch (i) {
		case 0:
			cfg.key_size = 0;
			break;
		case 1:
			cfg.key_size = TRIPMAP_KEY_MAX + 1;
			break;
		case 2:
			cfg.value_size = TRIPMAP_VALUE_MAX + 1;
			break;
		case 3:
			cfg.bits = TRIPMAP_BITS_MAX + 1;
			break;
		case 4:
			cfg.contract = TRIPMAP_CONTRACT_MAX + 1;
			break;
		case 5:
			cfg.hash = TRIPMAP_HASH_MAX + 1;
			break;
		case 6:
			cfg.policy[TRIPMAP_CLASS_MAX] = TRIPMAP_ACTION_MAX + 1;
			break;
		default:
			cfg.name = "a-name-that-has-thirty-two-bytes";
		}
		TM_EXPECT_EQ(PTR_ERR(tripmap_create(&cfg, GFP_KERNEL)), -EINVAL);
	}
}

TM_SUITE(handles, TM_CASE(none), TM_CASE(destroyed), TM_CASE(destroyed_under_walk),
	 TM_CASE(destroy_beside_readers), TM_CASE(bad_configurations));
