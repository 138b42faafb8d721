// SPDX-License-Identifier: GPL-2.0
/* Exclusive tables: readers together, or one writer alone. */
#include <linux/err.h>
#include <linux/slab.h>

#include "scenario.h"

#define KEY	1ULL
#define OTHER	2ULL
#define MANY	3

/* Which of the ways to read, and what it is refused as. */
static enum tripmap_class read_some_way(struct tripmap *t, unsigned int way, int *err)
{
	u64 keys[MANY] = { KEY, OTHER, OTHER + 1 }, values[MANY];
	unsigned long found[1] = { ~0UL };
	struct tripmap_iter *it;

	memset(values, 0xee, sizeof(values));
	switch (way) {
	case 0:
		*err = tripmap_lookup(t, keys, values);
		break;
	case 1:
		*err = tripmap_lookup_many(t, MANY, keys, values, found);
		if (*err < 0)
			TM_EXPECT_EQ(found[0] & 7, 0);
		break;
	case 2:
		*err = tripmap_contains(t, keys) ? 0 : -EBUSY;
		break;
	default:
		it = tripmap_iter_open(t, GFP_KERNEL);
		if (TM_EXPECT(!IS_ERR(it))) {
			*err = tripmap_iter_next(it, keys, values);
			tripmap_iter_close(it);
		}
		return TRIPMAP_CLASS_ITERATE_DURING_WRITE;
	}
	/* Nothing of what was read under a writer gets out. */
	TM_EXPECT(*err != -EBUSY || values[0] != KEY);
	return TRIPMAP_CLASS_READ_DURING_WRITE;
}
#define WAYS	4

static struct tripmap *table(void)
{
	struct tripmap *t = table_new("exclusive", sizeof(u64), TRIPMAP_CONTRACT_EXCLUSIVE);
	u64 key = KEY;

	if (t)
		TM_EXPECT_EQ(tripmap_store(t, &key, &key, GFP_KERNEL), 0);
	return t;
}

/* A writer is inside when the read begins. */
TM_TEST(writer_first)
{
	unsigned int way;
	int err = 0;

	for (way = 0; way < WAYS; way++) {
		struct tripmap *t = table();
		struct parked p = {
			.t = t, .step = TRIPMAP_STEP_CHANGE, .op = parked_store, .key = OTHER,
		};
		enum tripmap_class class = 0;

		if (!t)
			return;
		if (parked_start(&p))
			class = read_some_way(t, way, &err);
		parked_go(&p);
		TM_EXPECT_EQ(err, -EBUSY);
		TM_EXPECT_EQ(p.result, 0);
		TM_EXPECT_EQ(table_violations(t, class), 1);
		TM_EXPECT_EQ(table_all_violations(t), 1);
		table_end(t);
	}
}

/* A writer comes, and goes, under the read. */
struct overtaken {
	bool	within;
	bool	writes;
	int	result;
};

static void overtake_hook(struct tripmap *t, enum tripmap_step step, void *arg)
{
	struct overtaken *o = arg;
	u64 key = OTHER;

	if (step != TRIPMAP_STEP_READ || o->within)
		return;
	o->within = true;
	o->result = o->writes ? tripmap_store(t, &key, &key, GFP_ATOMIC) :
				tripmap_lookup(t, &key, &key);
}

static void overtake(unsigned int way, bool writes)
{
	struct overtaken o = { .writes = writes, .result = 1 };
	struct tripmap *t = table();
	enum tripmap_class class;
	int err = 0;

	if (!t || !TM_EXPECT_EQ(tripmap_set_hook(t, overtake_hook, &o), 0))
		return;
	class = read_some_way(t, way, &err);
	tripmap_set_hook(t, NULL, NULL);
	TM_EXPECT_EQ(o.result, writes ? 0 : -ENOENT);
	TM_EXPECT_EQ(table_violations(t, class), writes);
	TM_EXPECT_EQ(table_all_violations(t), writes);
	if (writes)
		TM_EXPECT_EQ(err, -EBUSY);
	else
		TM_EXPECT(err >= 0);
	table_end(t);
}

TM_TEST(reader_overtaken)
{
	unsigned int way;

	for (way = 0; way < WAYS; way++)
		overtake(way, true);
}

/* Never: readers that overlap with nothing but readers. */
TM_TEST(readers_together)
{
	unsigned int way;

	for (way = 0; way < WAYS; way++)
		overtake(way, false);
}

/* Readers and one writer, unlocked: each read is right or refused, and counted. */
struct reading {
	struct tripmap	*t;
	bool		stop;	/* READ_ONCE/WRITE_ONCE */
	u64		refused;
	u64		wrong;
	u64		reads;
};

static void read_on(void *arg)
{
	struct reading *r = arg;
	u64 key = KEY, value;

	scenario_pin(1);
	while (!READ_ONCE(r->stop)) {
		int err = tripmap_lookup(r->t, &key, &value);

		r->refused += err == -EBUSY;
		r->wrong += err ? err != -EBUSY : value != KEY;
		r->reads++;
		cond_resched();
	}
}

/*
 * A read is a violation, or not; a writer that is refused would be a second
 * kind, and readers never refuse a writer.
 */
TM_TEST(reader_beside_writer)
{
	struct reading r = { .t = table() };
	struct tm_thread thread;
	u64 end = scenario_end(), key;

	if (!r.t || !tm_thread_start(&thread, read_on, &r, "reader"))
		return;
	scenario_pin(0);
	for (key = OTHER; ktime_get_ns() < end; key++) {
		TM_EXPECT_EQ(tripmap_store(r.t, &key, &key, GFP_KERNEL), 0);
		cond_resched();
	}
	WRITE_ONCE(r.stop, true);
	tm_thread_join(&thread);
	TM_EXPECT_EQ(r.wrong, 0);
	TM_EXPECT(r.refused > 0 || !scenario_parallel());
	TM_EXPECT_EQ(table_violations(r.t, TRIPMAP_CLASS_READ_DURING_WRITE), r.refused);
	TM_EXPECT_EQ(table_all_violations(r.t), r.refused);
	tm_test_note("reads=%llu refused=%llu stores=%llu", r.reads, r.refused, key - OTHER);
	table_end(r.t);
}

TM_SUITE(exclusive, TM_CASE(writer_first), TM_CASE(reader_overtaken), TM_CASE(readers_together),
	 TM_CASE(reader_beside_writer));
