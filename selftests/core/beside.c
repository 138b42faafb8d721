// SPDX-License-Identifier: GPL-2.0
/* Who looks at a table while a churn drives it through its resizes. */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/slab.h>

#include "../../kmod/core/table.h"
#include "beside.h"
#include "env.h"
#include "test.h"

#define MANY		16

static struct {
	struct churn c;
	u64 lookups_min, walks_min;
	atomic_t stop;
	atomic64_t lookups[BESIDE_READERS];
	atomic64_t walks, stale, views;
} r;

struct reader {
	unsigned int number;
	u64 rng;
	u8 *key, *value, *scratch;	/* room for MANY */
	u32 last[CHURN_STABLE];		/* highest value number seen of each */
};

static u32 draw(struct reader *me, u32 n)
{
	me->rng = me->rng * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)(me->rng >> 33) % n;
}

static void check_value(struct reader *me, u32 i, const u8 *value)
{
	u32 n = model_value_number(&r.c.m, value, me->scratch);

	TM_EXPECT(n && n % CHURN_UNIVERSE == i);
	if (i >= CHURN_STABLE)
		return;
	/* Numbers wrap. */
	if (!TM_EXPECT(!me->last[i] || (s32)(n - me->last[i]) >= 0))
		tm_test_note("key %u: value of round %u after that of round %u", i,
			     n / CHURN_UNIVERSE, me->last[i] / CHURN_UNIVERSE);
	me->last[i] = n;
}

static void read_one(struct reader *me)
{
	u32 i = draw(me, 2) ? draw(me, CHURN_STABLE) : draw(me, CHURN_UNIVERSE);
	int err;

	model_key(&r.c.m, i, me->key);
	err = tripmap_lookup(r.c.m.t, me->key, me->value);
	if (!err)
		check_value(me, i, me->value);
	else
		TM_EXPECT(err == -ENOENT && i >= CHURN_STABLE);
}

static void read_many(struct reader *me)
{
	unsigned long found;
	u32 i[MANY], k;

	for (k = 0; k < MANY; k++) {
		i[k] = draw(me, 2 * CHURN_STABLE);
		model_key(&r.c.m, i[k], me->key + k * r.c.m.cfg.key_size);
	}
	TM_EXPECT(tripmap_lookup_many(r.c.m.t, MANY, me->key, me->value, &found) >= 0);
	for (k = 0; k < MANY; k++) {
		if (found & 1UL << k)
			check_value(me, i[k], me->value + k * r.c.m.cfg.value_size);
		else
			TM_EXPECT(i[k] >= CHURN_STABLE);
	}
}

static bool reader_init(struct reader *me, void *arg)
{
	memset(me, 0, sizeof(*me));
	me->number = (unsigned long)arg;
	me->rng = tm_env_seed() + me->number;
	me->key = kvmalloc(MANY * r.c.m.cfg.key_size, GFP_KERNEL);
	me->value = kvmalloc(MANY * r.c.m.cfg.value_size, GFP_KERNEL);
	me->scratch = kvmalloc(r.c.m.cfg.key_size + r.c.m.cfg.value_size, GFP_KERNEL);
	return TM_EXPECT(me->key && me->value && me->scratch);
}

static void reader_exit(struct reader *me)
{
	kvfree(me->key);
	kvfree(me->value);
	kvfree(me->scratch);
}

void beside_reader(void *arg)
{
	struct reader me;

	if (reader_init(&me, arg)) {
		while (!atomic_read(&r.stop) && !tm_test_failures()) {
			if (draw(&me, 8))
				read_one(&me);
			else
				read_many(&me);
			if (!(atomic64_inc_return(&r.lookups[me.number]) % 64))
				cond_resched();
		}
	}
	reader_exit(&me);
}

static int walk(struct reader *me, struct tripmap_iter *it, u8 *seen)
{
	u32 i, n;
	int err;

	while ((err = tripmap_iter_next(it, me->key, me->value)) == 1) {
		i = model_key_number(&r.c.m, me->key, me->scratch);
		if (!TM_EXPECT(i < CHURN_UNIVERSE))
			return -EINVAL;
		n = model_value_number(&r.c.m, me->value, me->scratch);
		TM_EXPECT(n && n % CHURN_UNIVERSE == i);
		TM_EXPECT(!seen[i]++);
	}
	for (i = 0; !err && i < CHURN_STABLE; i++)
		TM_EXPECT_EQ(seen[i], 1);
	return err;
}

static void walk_once(struct reader *me, u8 *seen)
{
	struct tripmap_iter *it = tripmap_iter_open(r.c.m.t, GFP_KERNEL);
	int err;

	if (!TM_EXPECT(!IS_ERR(it)))
		return;
	memset(seen, 0, CHURN_UNIVERSE);
	err = walk(me, it, seen);
	tripmap_iter_close(it);
	if (!err)
		atomic64_inc(&r.walks);
	else if (TM_EXPECT(err == -ESTALE || err == -EAGAIN))
		atomic64_inc(&r.stale);
}

/* A bucket as a whole, wherever it is: only that it can be looked at. */
static void view_once(struct reader *me)
{
	struct tm_bucket_view view;
	u8 map[2 * 8];
	struct tm_bucket_at at = { .index = draw(me, CHURN_BUCKETS), .old = draw(me, 2) };
	int err = tm_bucket_view(r.c.m.t, &at, &view, GFP_KERNEL);

	if (!err) {
		TM_EXPECT(view.nlinks >= 1 && view.nlinks <= TM_CHAIN_MAX);
		kvfree(view.slots);
		atomic64_inc(&r.views);
	}
	at = (struct tm_bucket_at){ .index = draw(me, CHURN_BUCKETS), .old = draw(me, 2) };
	tm_bucket_map(r.c.m.t, &at, map, 8);
}

void beside_walker(void *arg)
{
	u8 *seen = kvmalloc(CHURN_UNIVERSE, GFP_KERNEL);
	struct reader me;

	if (reader_init(&me, arg) && TM_EXPECT(seen)) {
		while (!atomic_read(&r.stop) && !tm_test_failures()) {
			walk_once(&me, seen);
			view_once(&me);
			cond_resched();
		}
	}
	reader_exit(&me);
	kvfree(seen);
}

static bool all_had_their_share(void)
{
	unsigned int i;

	for (i = 0; i < BESIDE_READERS; i++)
		if (atomic64_read(&r.lookups[i]) < r.lookups_min)
			return false;
	return atomic64_read(&r.walks) >= r.walks_min;
}

static void write_all(struct churn *c)
{
	churn_grow(c, min_t(u64, tm_env_ops(80000), 4000));
	churn_shrink(c);
	churn_same_size(c);
	churn_grow(c, 300);
	churn_reseed(c);
}

/* Readers must come along, or one sees a key so late that its numbers have wrapped. */
static void pace(struct churn *c)
{
	if (!(c->round % 64))
		cond_resched();
}

/*
 * Through everything some times, then on until all others had their share:
 * without new seeds, which end walks, and slowly, as the machine may be busy.
 */
void beside_writer(void *arg)
{
	struct tm_patience patience = { 0 };
	struct churn *c = &r.c;
	u64 rounds = tm_env_ops(4);

	while (rounds-- && !tm_test_failures())
		write_all(c);
	while (!tm_test_failures() && !all_had_their_share() && tm_test_patient(&patience)) {
		churn_grow(c, 10);
		churn_shrink(c);
		cond_resched();
	}
	TM_EXPECT(tm_test_failures() || all_had_their_share());
	atomic_set(&r.stop, 1);
}

bool beside_begin(u16 key_size, u16 value_size, u64 lookups, u64 walks)
{
	memset(&r, 0, sizeof(r));
	r.lookups_min = lookups;
	r.walks_min = walks;
	if (!churn_init(&r.c, key_size, value_size))
		return false;
	r.c.pause = pace;
	return true;
}

void beside_end(void)
{
	unsigned int i;
	u64 lookups = 0;

	for (i = 0; i < BESIDE_READERS; i++)
		lookups += atomic64_read(&r.lookups[i]);
	churn_expect(&r.c, true);
	model_check(&r.c.m);
	tm_test_note("%llu lookups, %llu walks, %llu ended, %llu views", lookups,
		     (u64)atomic64_read(&r.walks), (u64)atomic64_read(&r.stale),
		     (u64)atomic64_read(&r.views));
	churn_exit(&r.c);
}
