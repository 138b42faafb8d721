// SPDX-License-Identifier: GPL-2.0
/*
 * Readers and walks beside a writer: a violation under exclusive, none under
 * single-writer, and never a wrong answer.
 */
#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/spinlock.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "../../kmod/core/hook.h"
#include "scenario.h"

#define RDW	TRIPMAP_CLASS_READ_DURING_WRITE
#define IDW	TRIPMAP_CLASS_ITERATE_DURING_WRITE

/* A writer inside of an exclusive table; what comes meanwhile is refused. */
static void meet_writer(int (*op)(struct tripmap *t, u64 n), u64 n, enum tripmap_class class,
			const char *name)
{
	struct tripmap *t = table_under(TRIPMAP_CONTRACT_EXCLUSIVE);
	struct parked p = {
		.t = t, .step = TRIPMAP_STEP_ENTERED, .write = first_store, .n = 1,
	};

	if (!t)
		return;
	table_fill(t, 1, 3);
	if (park(&p)) {
		TM_EXPECT_EQ(op(t, n), -EBUSY);
		unpark(&p);
		TM_EXPECT_EQ(p.err, 0);
		expect_only(t, class, 1);
		expect_report(table_id(t), class, "first_store", name);
		/* The same beside nobody. */
		TM_EXPECT_EQ(op(t, n), 0);
		expect_only(t, class, 1);
	}
	table_end(t);
}

/*
 * rw1000
 */

#define RW_KEYS	1000

struct readers {
	struct tripmap	*t;
	rwlock_t	lock;		/* around each operation, where locked */
	bool		locked;
	bool		writes;		/* READ_ONCE/WRITE_ONCE: go on */
	u64		end;
	u64		wrong;		/* reader: values that are not twice the key */
	u64		refused;	/* reader */
	u64		reads;
};

static noinline int store_double(struct tripmap *t, u64 n)
{
	u64 value = 2 * n;
	int err = tripmap_store(t, &n, &value, GFP_ATOMIC);

	barrier();
	return err;
}

/* m[i] = 2i; a reader inside of an operation of its own never refuses a writer. */
static void double_main(void *arg)
{
	struct readers *r = arg;
	u64 n;

	scenario_pin(1);
	for (n = 0; READ_ONCE(r->writes); n = (n + 1) % RW_KEYS) {
		if (r->locked)
			write_lock(&r->lock);
		TM_EXPECT_EQ(store_double(r->t, n), 0);
		if (r->locked)
			write_unlock(&r->lock);
		cond_resched();
	}
}

static noinline int read_one(struct readers *r, u64 n)
{
	u64 value = 0;
	int err;

	if (r->locked)
		read_lock(&r->lock);
	err = tripmap_lookup(r->t, &n, &value);
	if (r->locked)
		read_unlock(&r->lock);
	r->reads++;
	r->refused += err == -EBUSY;
	r->wrong += value != (err ? 0 : 2 * n);
	return err;
}

/* 1000 lookups at a time. */
static void read_all(struct readers *r)
{
	u64 n;

	for (n = 0; n < RW_KEYS; n++) {
		read_one(r, n);
		cond_resched();
	}
}

static void readers_begin(struct readers *r)
{
	u64 n;

	rwlock_init(&r->lock);
	r->t = table_under(TRIPMAP_CONTRACT_EXCLUSIVE);
	for (n = 0; r->t && n < RW_KEYS; n++)
		TM_EXPECT_EQ(store_double(r->t, n), 0);
	r->end = scenario_end();
}

/* Until an overlap was seen (bounded), or without one for as long as asked. */
static void read_beside_writer(struct readers *r)
{
	struct tm_thread writer;

	r->writes = true;
	tm_thread_start(&writer, double_main, r, "doubles");
	scenario_pin(0);
	if (r->locked)
		while (ktime_get_ns() < r->end)
			read_all(r);
	else
		TM_WAIT_FOR(({ read_all(r); r->refused; }));
	WRITE_ONCE(r->writes, false);
	tm_thread_join(&writer);
	TM_EXPECT_EQ(r->wrong, 0);
	TM_EXPECT_EQ(table_violations(r->t, RDW), r->refused);
	TM_EXPECT_EQ(table_all_violations(r->t), r->refused);
	tm_test_note("refused %llu of %llu lookups", r->refused, r->reads);
}

TM_TEST(until_overlap)
{
	struct readers r = { };

	if (!scenario_parallel())
		TM_SKIP("needs two CPUs");
	readers_begin(&r);
	if (!r.t)
		return;
	read_beside_writer(&r);
	TM_EXPECT(r.refused > 0);
	expect_report(table_id(r.t), RDW, "store_double", "read_one");
	table_end(r.t);
}

TM_TEST(reader_meets_writer)
{
	meet_writer(second_lookup, 2, RDW, "second_lookup");
}

static void read_main(void *arg)
{
	struct readers *r = arg;

	scenario_pin(1);
	while (ktime_get_ns() < r->end)
		read_all(r);
}

TM_TEST(two_readers)
{
	struct readers a = { }, b;
	struct tm_thread thread;

	readers_begin(&a);
	if (!a.t)
		return;
	b = a;
	tm_thread_start(&thread, read_main, &a, "reader");
	while (ktime_get_ns() < b.end)
		read_all(&b);
	tm_thread_join(&thread);
	TM_EXPECT(a.reads && b.reads && !a.wrong && !b.wrong);
	expect_silence(a.t);
	table_end(a.t);
}

TM_TEST(under_an_rwlock)
{
	struct readers r = { .locked = true };

	readers_begin(&r);
	if (!r.t)
		return;
	read_beside_writer(&r);
	expect_silence(r.t);
	table_end(r.t);
}

SCENARIO(rw1000, "rw1000",
	 "contract exclusive: one writer of m[i] = 2i, one reader, 1000 keys, until they overlap",
	 "read-during-write with both parties",
	 "a torn value; anything with two readers only, or under an rwlock",
	 TM_CASE(until_overlap), TM_CASE(reader_meets_writer), TM_CASE(two_readers),
	 TM_CASE(under_an_rwlock));

/*
 * iter10: ten walks beside a million stores. Keys below ALWAYS are there
 * throughout, the writer's are above and come and go.
 */

#define WALKERS		10
#define ALWAYS		2000
#define STORES		1000000
#define STORES_MIN	600	/* even where the time was over before it began */

struct walker;

struct walks {
	struct tripmap	*t;
	u64		end;
	u64		stores;
	u64		failed;		/* writer: errors */
	bool		done;		/* READ_ONCE/WRITE_ONCE: the writer is through */
	unsigned int	hint_every;	/* stores; 0: growth is left to the table */
	struct walker	*walker;
};

struct walker {
	struct walks	*w;
	unsigned int	n;
	struct tm_thread thread;
	u64		complete, refused;
	u64		wrong;		/* entries missed, repeated, or with another's value */
	DECLARE_BITMAP(seen, ALWAYS);
};

static void saw(struct walker *me, u64 key, u64 value)
{
	me->wrong += value != key;
	if (key < ALWAYS)
		me->wrong += test_and_set_bit(key, me->seen);
}

static noinline int walk_step(struct tripmap_iter *it, u64 *key, u64 *value)
{
	int got = tripmap_iter_next(it, key, value);

	barrier();
	return got;
}

static void walk_once(struct walker *me)
{
	struct tripmap_iter *it = tripmap_iter_open(me->w->t, GFP_KERNEL);
	u64 key, value;
	int got;

	if (!TM_EXPECT(!IS_ERR(it)))
		return;
	bitmap_zero(me->seen, ALWAYS);
	while ((got = walk_step(it, &key, &value)) == 1)
		saw(me, key, value);
	tripmap_iter_close(it);
	if (got == -EBUSY) {
		me->refused++;
	} else if (TM_EXPECT_EQ(got, 0)) {
		me->complete++;
		me->wrong += !bitmap_full(me->seen, ALWAYS);
	}
}

static void walker_main(void *arg)
{
	struct walker *me = arg;

	scenario_pin(me->n);
	do {
		walk_once(me);
		cond_resched();
	} while (!READ_ONCE(me->w->done));
}

/* What it stored 500 stores ago goes again. */
static noinline int come_and_go(struct walks *w)
{
	u64 key = ALWAYS + w->stores, old = key - 500;
	int err = tripmap_store(w->t, &key, &key, GFP_KERNEL);

	if (!err && w->stores >= 500)
		err = tripmap_delete(w->t, &old, GFP_KERNEL);
	return err;
}

/* Twice the buckets; deletes, which find too many of them then, shrink it again. */
static int grow_now(struct walks *w)
{
	struct tripmap_info info;

	tripmap_info(w->t, &info);
	return tripmap_resize_hint(w->t, 13 * info.buckets, GFP_KERNEL);
}

static void come_and_go_main(void *arg)
{
	struct walks *w = arg;

	scenario_pin(1);
	for (; w->stores < STORES && (w->stores < STORES_MIN || ktime_get_ns() < w->end);
	     w->stores++) {
		w->failed += !!come_and_go(w);
		if (w->hint_every && w->stores % w->hint_every == 0)
			w->failed += !!grow_now(w);
		cond_resched();
	}
	WRITE_ONCE(w->done, true);
}

static struct walks *walks_new(enum tripmap_contract contract)
{
	struct walks *w = kzalloc(sizeof(*w), GFP_KERNEL);
	unsigned int n;

	if (!TM_EXPECT(w))
		return NULL;
	w->walker = kcalloc(WALKERS, sizeof(*w->walker), GFP_KERNEL);
	w->t = table_under(contract);
	if (!TM_EXPECT(w->walker) || !w->t) {
		kfree(w);
		return NULL;
	}
	for (n = 0; n < WALKERS; n++)
		w->walker[n] = (struct walker){ .w = w, .n = n };
	table_fill(w->t, 0, ALWAYS);
	return w;
}

static void walks_run(struct walks *w)
{
	struct tm_thread writer;
	unsigned int n;

	w->end = scenario_end();
	for (n = 0; n < WALKERS; n++)
		tm_thread_start(&w->walker[n].thread, walker_main, &w->walker[n], "walker");
	tm_thread_start(&writer, come_and_go_main, w, "comes_and_goes");
	tm_thread_join(&writer);
	for (n = 0; n < WALKERS; n++)
		tm_thread_join(&w->walker[n].thread);
}

/* Returns how many steps were refused. */
static u64 walks_judge(struct walks *w)
{
	u64 complete = 0, refused = 0, wrong = 0;
	struct tripmap_info info;
	unsigned int n;

	for (n = 0; n < WALKERS; n++) {
		complete += w->walker[n].complete;
		refused += w->walker[n].refused;
		wrong += w->walker[n].wrong;
	}
	tripmap_info(w->t, &info);
	TM_EXPECT(w->stores > 0);
	TM_EXPECT_EQ(w->failed, 0);
	TM_EXPECT_EQ(wrong, 0);
	tm_test_note("stores=%llu walks=%llu refused=%llu growths=%llu shrinks=%llu", w->stores,
		     complete, refused, info.resizes[TRIPMAP_RESIZE_GROW],
		     info.resizes[TRIPMAP_RESIZE_SHRINK]);
	return refused;
}

static void walks_free(struct walks *w)
{
	table_end(w->t);
	kfree(w->walker);
	kfree(w);
}

TM_TEST(exclusive_walks)
{
	struct walks *w;
	u64 refused;

	if (!scenario_parallel())
		TM_SKIP("needs two CPUs");
	w = walks_new(TRIPMAP_CONTRACT_EXCLUSIVE);
	if (!w)
		return;
	walks_run(w);
	refused = walks_judge(w);
	TM_EXPECT(refused > 0);
	expect_only(w->t, IDW, refused);
	expect_report(table_id(w->t), IDW, "come_and_go", "walk_step");
	walks_free(w);
}

TM_TEST(walk_meets_writer)
{
	meet_writer(second_walk, 3, IDW, "second_walk");
}

static u64 complete_walks(struct walks *w)
{
	u64 sum = 0;
	unsigned int n;

	for (n = 0; n < WALKERS; n++)
		sum += w->walker[n].complete;
	return sum;
}

/* Every walk is complete, whatever the table does meanwhile. */
static void walks_beside_writer(unsigned int hint_every)
{
	struct walks *w = walks_new(TRIPMAP_CONTRACT_SINGLE_WRITER);

	if (!w)
		return;
	w->hint_every = hint_every;
	walks_run(w);
	TM_EXPECT_EQ(walks_judge(w), 0);
	TM_EXPECT(complete_walks(w) > 0);
	expect_silence(w->t);
	walks_free(w);
}

TM_TEST(single_writer_walks)
{
	walks_beside_writer(0);
}

SCENARIO(iter10, "iter10",
	 "one writer, up to a million stores and deletes; ten walks beside it",
	 "iterate-during-write under exclusive; complete walks under single-writer",
	 "an entry missed or repeated that was there throughout",
	 TM_CASE(exclusive_walks), TM_CASE(walk_meets_writer), TM_CASE(single_writer_walks));

/*
 * resize137
 */

TM_TEST(every_137_stores)
{
	walks_beside_writer(137);
}

SCENARIO(resize137, "resize137",
	 "a forced growth every 137 stores while ten walks run",
	 "every walk exact: what was there throughout, once",
	 "a violation; use after free, torn geometry",
	 TM_CASE(every_137_stores));

/*
 * walk-and-delete
 */

#define HERD	3000	/* keys */
#define CULL	4	/* of so many keys one is deleted, or by another task ... */
#define CULL_BY	64	/* ... one of so many: each time it is a task of its own */

struct herd {
	struct tripmap	*t;
	bool		by_other;	/* who deletes */
	u64		deleted;
	u64		seen;
	u64		wrong;
	DECLARE_BITMAP(met, HERD);
};

struct errand {
	struct tripmap	*t;
	u64		n;
	int		err;
};

static void delete_main(void *arg)
{
	struct errand *e = arg;

	e->err = second_delete(e->t, e->n);
}

/* By a task of its own, while the walk stands still between two steps. */
static int delete_by_other(struct tripmap *t, u64 n)
{
	struct errand e = { .t = t, .n = n };
	struct tm_thread thread;

	tm_thread_start(&thread, delete_main, &e, "session_b");
	tm_thread_join(&thread);
	return e.err;
}

/* Some of what it meets is deleted, by itself or by somebody else. */
static void walk_and_delete(struct herd *h)
{
	unsigned int every = h->by_other ? CULL_BY : CULL;
	struct tripmap_iter *it = tripmap_iter_open(h->t, GFP_KERNEL);
	u64 key, value;

	if (!TM_EXPECT(!IS_ERR(it)))
		return;
	while (tripmap_iter_next(it, &key, &value) == 1) {
		h->seen++;
		h->wrong += test_and_set_bit(key, h->met) || key != value;
		if (key % every)
			continue;
		TM_EXPECT_EQ((h->by_other ? delete_by_other : second_delete)(h->t, key), 0);
		h->deleted++;
	}
	tripmap_iter_close(it);
}

static void run_herd(enum tripmap_contract contract, bool by_other)
{
	struct herd *h = kzalloc(sizeof(*h), GFP_KERNEL);

	if (!TM_EXPECT(h))
		return;
	h->t = table_under(contract);
	h->by_other = by_other;
	if (h->t) {
		table_fill(h->t, 0, HERD);
		walk_and_delete(h);
		TM_EXPECT_EQ(h->seen, HERD);
		TM_EXPECT_EQ(h->wrong, 0);
		TM_EXPECT(h->deleted >= HERD / CULL_BY);
		TM_EXPECT_EQ(tripmap_count(h->t), HERD - h->deleted);
		expect_silence(h->t);
		table_end(h->t);
	}
	kfree(h);
}

/* Between two steps nobody is inside: legal under both contracts. */
TM_TEST(by_itself)
{
	run_herd(TRIPMAP_CONTRACT_SINGLE_WRITER, false);
	run_herd(TRIPMAP_CONTRACT_EXCLUSIVE, false);
}

TM_TEST(by_another)
{
	run_herd(TRIPMAP_CONTRACT_SINGLE_WRITER, true);
}

/* In a step, though, a delete by another is what exclusive forbids. */
static void walk_meets_delete(enum tripmap_contract contract, int result)
{
	struct tripmap *t = table_under(contract);
	struct parked p = {
		.t = t, .step = TRIPMAP_STEP_LEAVING, .write = second_delete, .n = 3,
	};

	if (!t)
		return;
	table_fill(t, 0, 4);
	if (park(&p)) {
		TM_EXPECT_EQ(second_walk(t, 3), result);
		unpark(&p);
		TM_EXPECT_EQ(p.err, 0);
		expect_only(t, IDW, !!result);
		if (result)
			expect_report(table_id(t), IDW, "second_delete", "second_walk");
	}
	table_end(t);
}

TM_TEST(in_a_step)
{
	walk_meets_delete(TRIPMAP_CONTRACT_EXCLUSIVE, -EBUSY);
	walk_meets_delete(TRIPMAP_CONTRACT_SINGLE_WRITER, 0);
}

SCENARIO(walk_delete, "walk-and-delete",
	 "entries are deleted during a walk, by its own task and by another one",
	 "iterate-during-write when another one deletes within a step under exclusive",
	 "a skipped or repeated neighbour; a word under single-writer or between two steps",
	 TM_CASE(by_itself), TM_CASE(by_another), TM_CASE(in_a_step));
