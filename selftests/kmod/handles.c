// SPDX-License-Identifier: GPL-2.0
/*
 * Handles: what never was a table, what is one no more, whose it is, and what
 * can be reached through it.
 */
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "../../kmod/core/hook.h"
#include "../../kmod/core/map.h"
#include "scenario.h"

#define DESTROYED	TRIPMAP_CLASS_DESTROYED
#define UNINITIALISED	TRIPMAP_CLASS_UNINITIALISED

/*
 * uninit
 */

/* What is no table has no number. */
static u64 uninitialised_reports(void)
{
	struct tm_report_counts counts;

	tm_report_counts(&counts);
	return counts.filed + counts.suppressed;
}

/* A store, a delete and a destroy are told of; a lookup and a walk are not. */
static void use_no_table(struct tripmap *t)
{
	u64 before = uninitialised_reports();

	TM_EXPECT_EQ(first_store(t, 1), -EINVAL);
	TM_EXPECT_EQ(second_delete(t, 1), -EINVAL);
	TM_EXPECT_EQ(tripmap_destroy(t), -EINVAL);
	TM_EXPECT_EQ(uninitialised_reports(), before + 3);
}

static void read_no_table(struct tripmap *t, int result)
{
	u64 before = uninitialised_reports();

	TM_EXPECT_EQ(second_lookup(t, 1), result);
	TM_EXPECT_EQ(second_walk(t, 0), -EINVAL);
	TM_EXPECT_EQ(uninitialised_reports(), before);
}

static struct tripmap *failed_create(void)
{
	/* No key. */
	return tripmap_create(&TRIPMAP_CONFIG(.name = "none"), GFP_KERNEL);
}

TM_TEST(stores)
{
	struct tripmap *zeroed = kzalloc(sizeof(*zeroed), GFP_KERNEL);
	struct tripmap *failed = failed_create();

	if (!TM_EXPECT(zeroed) || !TM_EXPECT(IS_ERR(failed)))
		return;
	use_no_table(NULL);
	use_no_table(zeroed);
	use_no_table(failed);
	kfree(zeroed);
}

TM_TEST(lookups)
{
	struct tripmap *zeroed = kzalloc(sizeof(*zeroed), GFP_KERNEL);

	if (!TM_EXPECT(zeroed))
		return;
	read_no_table(NULL, -ENOENT);
	read_no_table(zeroed, -ENOENT);
	kfree(zeroed);
}

SCENARIO(uninit, "uninit",
	 "writes through NULL, a zeroed handle and a failed create's ERR_PTR; lookups through them",
	 "uninitialised for each write, refused with -EINVAL; a lookup finds nothing, silently",
	 "an oops",
	 TM_CASE(stores), TM_CASE(lookups));

/*
 * destroyed
 */

/* Destroys; a name for the reports. */
static noinline int tear_down(struct tripmap *t)
{
	int err = tripmap_destroy(t);

	barrier();
	return err;
}

TM_TEST(use_after_destroy)
{
	struct tripmap *t = table_under(TRIPMAP_CONTRACT_SINGLE_WRITER);
	u32 id;

	if (!t)
		return;
	id = table_id(t);
	table_fill(t, 0, 10);
	TM_EXPECT_EQ(tear_down(t), 0);
	TM_EXPECT_EQ(first_store(t, 1), -ESTALE);
	expect_report(id, DESTROYED, "first_store", "tear_down");
	TM_EXPECT_EQ(second_lookup(t, 1), -ESTALE);
	expect_report(id, DESTROYED, "second_lookup", "tear_down");
	TM_EXPECT_EQ(second_walk(t, 10), -ESTALE);
	expect_report(id, DESTROYED, "second_walk", "tear_down");
	TM_EXPECT_EQ(tear_down(t), -ESTALE);
	expect_only(t, DESTROYED, 4);
}

/* Destroy against a store, a lookup and a walk: each is done or refused, whole. */
struct contest {
	struct tripmap	*t;
	atomic_t	busy;		/* of the three, that have been in */
};

struct contender {
	struct contest	*contest;
	int		(*op)(struct tripmap *t, u64 n);
	u64		n;
	int		err;		/* what it ended with */
	struct tm_thread thread;
};

static void user_main(void *arg)
{
	struct contender *u = arg;

	scenario_pin(1);
	atomic_inc(&u->contest->busy);
	do {
		u->err = u->op(u->contest->t, u->n);
		cond_resched();
	} while ((!u->err || u->err == -EBUSY) && !tm_test_failures());
}

static void destroy_under_users(struct tripmap *t, struct contender *u, unsigned int n)
{
	struct contest contest = { .t = t };
	unsigned int i;
	int err;

	for (i = 0; i < n; i++) {
		u[i].contest = &contest;
		tm_thread_start(&u[i].thread, user_main, &u[i], "session_user");
	}
	TM_WAIT_FOR(atomic_read(&contest.busy) == n);
	scenario_pin(0);
	/* A writer inside keeps the table: that is a violation, and tried again. */
	TM_WAIT_FOR((err = tear_down(t)) != -EBUSY);
	TM_EXPECT_EQ(err, 0);
	for (i = 0; i < n; i++)
		tm_thread_join(&u[i].thread);
}

TM_TEST(destroy_races)
{
	struct contender u[] = {
		{ .op = first_store, .n = 1 }, { .op = second_lookup, .n = 1 },
		{ .op = second_walk, .n = 1 },
	};
	struct tripmap *t = table_under(TRIPMAP_CONTRACT_SINGLE_WRITER);
	unsigned int i;

	if (!t)
		return;
	table_fill(t, 1, 1);
	destroy_under_users(t, u, ARRAY_SIZE(u));
	for (i = 0; i < ARRAY_SIZE(u); i++)
		TM_EXPECT_EQ(u[i].err, -ESTALE);
	/* Each ended with one; a walk that was under way may end without. */
	TM_EXPECT(table_violations(t, DESTROYED) >= 2);
	TM_EXPECT_EQ(table_all_violations(t), table_violations(t, DESTROYED) +
		     table_violations(t, TRIPMAP_CLASS_WRITE_DURING_WRITE));
}

/* Users who are through before it goes. */
TM_TEST(destroy_when_done)
{
	struct tripmap *t = table_under(TRIPMAP_CONTRACT_SINGLE_WRITER);

	if (!t)
		return;
	table_fill(t, 0, 10);
	TM_EXPECT_EQ(second_walk(t, 10), 0);
	TM_EXPECT_EQ(tear_down(t), 0);
	expect_silence(t);
}

SCENARIO(destroyed, "destroyed",
	 "store, lookup and walk after destroy; destroy racing with all three",
	 "destroyed, with who destroyed it; or a clean result",
	 "use after free",
	 TM_CASE(use_after_destroy), TM_CASE(destroy_races), TM_CASE(destroy_when_done));

/*
 * escape: the task that made the table is gone.
 */

struct maker {
	enum tripmap_contract contract;
	bool		destroys;
	struct tripmap	*t;
	u32		pid, id;
	struct tm_thread thread;
};

static void maker_main(void *arg)
{
	struct maker *m = arg;

	m->pid = current->pid;
	m->t = table_under(m->contract);
	if (!m->t)
		return;
	m->id = table_id(m->t);
	TM_EXPECT_EQ(first_store(m->t, 1), 0);
	if (m->destroys)
		TM_EXPECT_EQ(tear_down(m->t), 0);
}

static bool make_and_go(struct maker *m)
{
	tm_thread_start(&m->thread, maker_main, m, "session_maker");
	tm_thread_join(&m->thread);
	return m->t;
}

TM_TEST(destroyed_by_the_gone)
{
	struct maker m = { .destroys = true };
	const struct tm_report *r;

	if (!make_and_go(&m))
		return;
	TM_EXPECT_EQ(second_lookup(m.t, 1), -ESTALE);
	expect_only(m.t, DESTROYED, 1);
	r = expect_report(m.id, DESTROYED, "second_lookup", "tear_down");
	if (r)
		TM_EXPECT_EQ(r->v.holder.pid, m.pid);
}

/* Nobody else's until somebody takes it over. */
TM_TEST(owned_by_the_gone)
{
	struct maker m = { .contract = TRIPMAP_CONTRACT_OWNER };

	if (!make_and_go(&m))
		return;
	TM_EXPECT_EQ(second_store(m.t, 2), -EPERM);
	expect_only(m.t, TRIPMAP_CLASS_FOREIGN_WRITER, 1);
	TM_EXPECT_EQ(tripmap_own(m.t), 0);
	TM_EXPECT_EQ(second_store(m.t, 2), 0);
	expect_only(m.t, TRIPMAP_CLASS_FOREIGN_WRITER, 1);
	table_end(m.t);
}

/* A table is not its maker's but under that contract. */
TM_TEST(shared_by_the_gone)
{
	struct maker m = { .contract = TRIPMAP_CONTRACT_SINGLE_WRITER };

	if (!make_and_go(&m))
		return;
	TM_EXPECT_EQ(second_store(m.t, 2), 0);
	expect_silence(m.t);
	table_end(m.t);
}

SCENARIO(escape, "escape",
	 "a handle is used after the task that made, owned or destroyed it has gone",
	 "destroyed, or foreign-writer until somebody takes it over, naming the gone task",
	 "use after free; a word where the table is nobody's own",
	 TM_CASE(destroyed_by_the_gone), TM_CASE(owned_by_the_gone), TM_CASE(shared_by_the_gone));

/*
 * owner
 */

struct stranger {
	struct tripmap	*t;
	int		err, lookup;
};

static void stranger_main(void *arg)
{
	struct stranger *s = arg;

	s->err = second_store(s->t, 2);
	s->lookup = second_lookup(s->t, 1);
}

static struct stranger send_stranger(struct tripmap *t)
{
	struct stranger s = { .t = t };
	struct tm_thread thread;

	tm_thread_start(&thread, stranger_main, &s, "stranger");
	tm_thread_join(&thread);
	return s;
}

TM_TEST(a_stranger_writes)
{
	struct tripmap *t = table_under(TRIPMAP_CONTRACT_OWNER);
	const struct tm_report *r;
	struct stranger s;

	if (!t)
		return;
	TM_EXPECT_EQ(first_store(t, 1), 0);
	s = send_stranger(t);
	TM_EXPECT_EQ(s.err, -EPERM);
	TM_EXPECT_EQ(s.lookup, 0);
	TM_EXPECT_EQ(second_lookup(t, 2), -ENOENT);
	expect_only(t, TRIPMAP_CLASS_FOREIGN_WRITER, 1);
	r = expect_report(table_id(t), TRIPMAP_CLASS_FOREIGN_WRITER, "second_store", "table_by");
	if (r)
		TM_EXPECT_EQ(r->v.holder.pid, current->pid);
	table_end(t);
}

static void taker_main(void *arg)
{
	struct stranger *s = arg;

	TM_EXPECT_EQ(tripmap_own(s->t), 0);
	stranger_main(s);
}

TM_TEST(owners_write)
{
	struct stranger s = { .t = table_under(TRIPMAP_CONTRACT_OWNER) };
	struct tm_thread thread;

	if (!s.t)
		return;
	TM_EXPECT_EQ(first_store(s.t, 1), 0);
	tm_thread_start(&thread, taker_main, &s, "new_owner");
	tm_thread_join(&thread);
	TM_EXPECT_EQ(s.err, 0);
	TM_EXPECT_EQ(tripmap_own(s.t), 0);
	TM_EXPECT_EQ(first_store(s.t, 3), 0);
	expect_silence(s.t);
	table_end(s.t);
}

SCENARIO(owner, "owner",
	 "contract owner: a task that does not own the table writes, and one that took it over",
	 "foreign-writer with the owner, refused with -EPERM",
	 "a word for the owner's writes, a new owner's, or anybody's reads",
	 TM_CASE(a_stranger_writes), TM_CASE(owners_write));

/*
 * shared-value: a table hands out copies and nothing else, whatever their size.
 */

static void edit_a_copy(u16 size)
{
	struct tripmap *t = table_new("values", size);
	u8 *mine = kmalloc(size, GFP_KERNEL), *other = kmalloc(size, GFP_KERNEL);
	u64 key = 1;

	if (t && TM_EXPECT(mine && other)) {
		value_make(key, 1, mine, size);
		TM_EXPECT_EQ(tripmap_store(t, &key, mine, GFP_KERNEL), 0);
		/* What was stored, and what was read, are edited: nobody else sees it. */
		memset(mine, 0xff, size);
		TM_EXPECT_EQ(tripmap_lookup(t, &key, other), 0);
		TM_EXPECT(value_good(key, other, size));
		memset(other, 0xff, size);
		TM_EXPECT_EQ(tripmap_lookup(t, &key, mine), 0);
		TM_EXPECT(value_good(key, mine, size));
		expect_silence(t);
	}
	kfree(mine);
	kfree(other);
	table_end(t);
}

TM_TEST(copies)
{
	edit_a_copy(8);
	edit_a_copy(128);
	edit_a_copy(TRIPMAP_VALUE_MAX);
}

TM_TEST(too_large_to_copy)
{
	struct tripmap *t = tripmap_create(&TRIPMAP_CONFIG(.name = "values", .key_size = 8,
							   .value_size = TRIPMAP_VALUE_MAX + 1),
					   GFP_KERNEL);

	TM_EXPECT(IS_ERR(t) && PTR_ERR(t) == -EINVAL);
}

SCENARIO(shared_value, "shared-value",
	 "two users hold the value of one key and edit it",
	 "copies of their own; a value that cannot be copied is refused at create",
	 "one's edit seen by the other",
	 TM_CASE(copies), TM_CASE(too_large_to_copy));

/*
 * reentrant-iter: a callback within a step of a walk takes a step as well.
 */

#define ENTRIES	500

struct step_probe {
	struct tripmap_iter	*it;
	bool			within;
	unsigned int		calls;
	int			err;	/* of the inner step; the same each time */
};

/* Keys only: of two functions that do the same the compiler makes one. */
static noinline int inner_step(struct tripmap_iter *it)
{
	u64 key;
	int got = tripmap_iter_next(it, &key, NULL);

	barrier();
	return got;
}

static noinline int outer_step(struct tripmap_iter *it)
{
	u64 key, value;
	int got = tripmap_iter_next(it, &key, &value);

	barrier();
	return got;
}

static void step_hook(struct tripmap *t, enum tripmap_step step, void *arg)
{
	struct step_probe *p = arg;

	if (step != TRIPMAP_STEP_READ || p->within || !p->it)
		return;
	p->within = true;
	p->err = inner_step(p->it);
	p->calls++;
	p->within = false;
}

/* Steps within steps; the outer walk is complete all the same. */
static void walk_within_walk(struct tripmap *t, struct tripmap_iter *it, struct step_probe *p)
{
	unsigned int n = 0;

	TM_EXPECT_EQ(tripmap_set_hook(t, step_hook, p), 0);
	while (n <= ENTRIES && outer_step(it) == 1)
		n++;
	tripmap_set_hook(t, NULL, NULL);
	TM_EXPECT_EQ(n, ENTRIES);
	TM_EXPECT(p->calls > 0);
}

TM_TEST(same_iterator)
{
	struct tripmap *t = table_under(TRIPMAP_CONTRACT_SINGLE_WRITER);
	struct step_probe p = { };

	if (!t)
		return;
	table_fill(t, 0, ENTRIES);
	p.it = tripmap_iter_open(t, GFP_KERNEL);
	if (TM_EXPECT(!IS_ERR(p.it))) {
		walk_within_walk(t, p.it, &p);
		tripmap_iter_close(p.it);
		TM_EXPECT_EQ(p.err, -EINVAL);
		expect_only(t, TRIPMAP_CLASS_REENTRANT_ITERATION, p.calls);
		expect_report(table_id(t), TRIPMAP_CLASS_REENTRANT_ITERATION, "inner_step",
			      "outer_step");
	}
	table_end(t);
}

/* One iterator each: a walk within a walk is legal. */
TM_TEST(another_iterator)
{
	struct tripmap *t = table_under(TRIPMAP_CONTRACT_SINGLE_WRITER);
	struct tripmap_iter *outer;
	unsigned int n = 0;

	if (!t)
		return;
	table_fill(t, 0, 50);
	outer = tripmap_iter_open(t, GFP_KERNEL);
	if (TM_EXPECT(!IS_ERR(outer))) {
		while (outer_step(outer) == 1) {
			TM_EXPECT_EQ(second_walk(t, 50), 0);
			n++;
		}
		tripmap_iter_close(outer);
	}
	TM_EXPECT_EQ(n, 50);
	expect_silence(t);
	table_end(t);
}

SCENARIO(reentrant_iter, "reentrant-iter",
	 "an iterator is advanced from within its own step",
	 "reentrant-iteration, the inner step refused with -EINVAL, the outer walk complete",
	 "an endless walk; a word where each walk has its own iterator",
	 TM_CASE(same_iterator), TM_CASE(another_iterator));
