// SPDX-License-Identifier: GPL-2.0
/*
 * Events: what each operation tells, who is told of how much, and labels. Seen
 * by a listener of our own and by a foreign one, as tracing tools are.
 */
#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../../kmod/core/hook.h"
#include "../../kmod/core/invariant.h"
#include "../../kmod/core/map.h"
#include "../../kmod/observe/event.h"
#include "../../kmod/observe/report.h"
#include "../../kmod/observe/trace.h"
#include "env.h"
#include "model.h"
#include "test.h"

#define ALL	(BIT(TRIPMAP_EVENT_MAX + 1) - 1)
#define KEPT	8192

static struct {
	struct tripmap *t;
	u64 owner;
	atomic_t n;
	struct tm_event e[KEPT];	/* by whoever got the number */
} s;

/* Events of the test's own table, in the order in which they come. */
static void probe(void *data, const struct tm_event *e)
{
	unsigned int n;

	if (e->owner != s.owner)
		return;
	n = atomic_inc_return(&s.n) - 1;
	if (n < KEPT)
		s.e[n] = *e;
}

static bool begin_with(struct tripmap_config *cfg)
{
	static u64 owner = 3000000;

	s.owner = ++owner;
	cfg->name = "told";
	cfg->owner = s.owner;
	s.t = tripmap_create(cfg, GFP_KERNEL);
	atomic_set(&s.n, 0);
	return TM_EXPECT(!IS_ERR(s.t));
}

static bool begin(u32 share)
{
	struct tripmap_config cfg = model_config(8, 8);

	tm_event_set_share(share, 0);
	return begin_with(&cfg) && TM_EXPECT_EQ(tm_event_listen(probe, ALL), 0);
}

static void end(void)
{
	tm_event_deafen(probe, ALL);
	tm_event_set_share(1, 0);
	TM_EXPECT_STREQ(tm_invariant_check(s.t) ?: "", "");
	TM_EXPECT_EQ(tripmap_destroy(s.t), 0);
	tm_report_clear(s.owner);
}

static int store(u64 key)
{
	return tripmap_store(s.t, &key, &key, GFP_KERNEL);
}

/* The next event from n on, which it moves behind it, must be this one. */
static const struct tm_event *expect(unsigned int *n, enum tripmap_event event)
{
	static const struct tm_event none;

	if (!TM_EXPECT((int)*n < atomic_read(&s.n)))
		return &none;
	TM_EXPECT_STREQ(tripmap_event_name(s.e[*n].event), tripmap_event_name(event));
	return &s.e[(*n)++];
}

static void expect_pause(unsigned int *n, enum tripmap_pause_kind kind)
{
	TM_EXPECT_EQ(expect(n, TRIPMAP_EVENT_PAUSE)->kind, kind);
}

static void expect_no_more(unsigned int n)
{
	TM_EXPECT_EQ(atomic_read(&s.n), n);
}

static unsigned int count(enum tripmap_event event)
{
	unsigned int i, n = 0;

	for (i = 0; i < min_t(unsigned int, atomic_read(&s.n), KEPT); i++)
		n += s.e[i].event == event;
	return n;
}

static unsigned int count_pauses(enum tripmap_pause_kind kind)
{
	unsigned int i, n = 0;

	for (i = 0; i < min_t(unsigned int, atomic_read(&s.n), KEPT); i++)
		n += s.e[i].event == TRIPMAP_EVENT_PAUSE && s.e[i].kind == kind;
	return n;
}

TM_TEST(write)
{
	const struct tm_event *b, *e;
	unsigned int n = 0;
	u64 key = 0x1122334455667788;

	if (!begin(1))
		return;
	TM_EXPECT_EQ(store(key), 0);
	b = expect(&n, TRIPMAP_EVENT_WRITE_BEGIN);
	e = expect(&n, TRIPMAP_EVENT_WRITE_END);
	expect_pause(&n, TRIPMAP_PAUSE_KIND_WRITE);
	expect_pause(&n, TRIPMAP_PAUSE_KIND_ODD);
	expect_no_more(n);
	TM_EXPECT_EQ(b->op, TRIPMAP_OP_STORE);
	TM_EXPECT_EQ(b->pid, current->pid);
	TM_EXPECT_EQ(b->context, TRIPMAP_CONTEXT_TASK);
	TM_EXPECT_EQ(b->key_size, 8);
	TM_EXPECT(b->caller != 0);
	TM_EXPECT_EQ(b->caller, e->caller);
	TM_EXPECT(!memcmp(b->key, &key, sizeof(key)));
	TM_EXPECT_EQ(b->digest, e->digest);
	TM_EXPECT_EQ(b->bucket, e->bucket);
	TM_EXPECT_EQ(b->bucket, 0);
	TM_EXPECT_EQ(e->time - e->duration, b->time);
	TM_EXPECT_EQ(e->result, 0);
	TM_EXPECT_EQ(s.e[2].duration, e->duration);
	end();
}

/* Refused by the table, not by the guard: it was inside, and has changed nothing. */
TM_TEST(refused)
{
	unsigned int n;
	u64 key = 7;

	if (!begin(1))
		return;
	TM_EXPECT_EQ(store(key), 0);
	n = atomic_read(&s.n);
	TM_EXPECT_EQ(tripmap_insert(s.t, &key, &key, GFP_KERNEL), -EEXIST);
	TM_EXPECT_EQ(expect(&n, TRIPMAP_EVENT_WRITE_BEGIN)->op, TRIPMAP_OP_INSERT);
	TM_EXPECT_EQ(expect(&n, TRIPMAP_EVENT_WRITE_END)->result, -EEXIST);
	expect_pause(&n, TRIPMAP_PAUSE_KIND_WRITE);
	expect_no_more(n);
	/* Another key, another digest; the same one again, the same. */
	TM_EXPECT_EQ(store(8), 0);
	TM_EXPECT(s.e[n].digest != s.e[0].digest);
	TM_EXPECT_EQ(store(7), 0);
	TM_EXPECT_EQ(s.e[n + 4].digest, s.e[0].digest);
	end();
}

/* Who sees the keys of its own tables learns nothing of others'. */
TM_TEST(digests_by_owner)
{
	struct tripmap_config cfg = model_config(8, 8);
	struct tripmap *first;
	u32 digest;

	if (!begin(1))
		return;
	TM_EXPECT_EQ(store(7), 0);
	digest = s.e[0].digest;
	first = s.t;
	if (begin_with(&cfg)) {
		TM_EXPECT_EQ(store(7), 0);
		TM_EXPECT_EQ(s.e[0].owner, s.owner);
		TM_EXPECT(s.e[0].digest != digest);
	}
	TM_EXPECT_EQ(tripmap_destroy(first), 0);
	end();
}

TM_TEST(lookups)
{
	u64 key = 1, value;
	unsigned int n;

	if (!begin(1))
		return;
	TM_EXPECT_EQ(store(key), 0);
	n = atomic_read(&s.n);
	TM_EXPECT_EQ(tripmap_lookup(s.t, &key, &value), 0);
	key = 2;
	TM_EXPECT_EQ(tripmap_lookup(s.t, &key, &value), -ENOENT);
	TM_EXPECT_EQ(expect(&n, TRIPMAP_EVENT_LOOKUP)->result, 0);
	TM_EXPECT_EQ(expect(&n, TRIPMAP_EVENT_LOOKUP)->result, -ENOENT);
	expect_no_more(n);
	/* Who listens to writes alone is not told of reads, and reads pay nothing. */
	tm_event_deafen(probe, BIT(TRIPMAP_EVENT_LOOKUP));
	TM_EXPECT(!static_key_enabled(&tm_event_reads));
	TM_EXPECT(static_key_enabled(&tm_event_writes));
	TM_EXPECT_EQ(tripmap_lookup(s.t, &key, &value), -ENOENT);
	expect_no_more(n);
	TM_EXPECT_EQ(tm_event_listen(probe, BIT(TRIPMAP_EVENT_LOOKUP)), 0);
	end();
}

/* Nobody listens: nothing is told, and the branches are off. */
TM_TEST(deaf)
{
	if (!begin(1))
		return;
	tm_event_deafen(probe, ALL);
	TM_EXPECT_EQ(store(1), 0);
	TM_EXPECT_EQ(atomic_read(&s.n), 0);
	TM_EXPECT(!static_key_enabled(&tm_event_writes));
	TM_EXPECT(!static_key_enabled(&tm_event_walks));
	TM_EXPECT_EQ(tm_event_listen(probe, ALL), 0);
	end();
}

/* Growth to four times the buckets: each bucket of each old array, once. */
TM_TEST(growth)
{
	unsigned int i, steps = 0;
	struct tripmap_info info;
	u64 key, buckets = 0;

	if (!begin(1))
		return;
	for (key = 0; key < 300; key++)
		TM_EXPECT_EQ(store(key), 0);
	/* The old arrays go after a grace period, which is told by whoever frees them. */
	tm_env_settle();
	tripmap_info(s.t, &info);
	TM_EXPECT_EQ(count(TRIPMAP_EVENT_GROW_BEGIN), info.resizes[TRIPMAP_RESIZE_GROW]);
	TM_EXPECT_EQ(count(TRIPMAP_EVENT_GROW_STEP), info.evacuated);
	TM_EXPECT_EQ(count_pauses(TRIPMAP_PAUSE_KIND_EVACUATE), info.evacuated);
	TM_EXPECT(info.evacuated > 8);
	for (i = 0; i < atomic_read(&s.n) && i < KEPT; i++) {
		if (s.e[i].event == TRIPMAP_EVENT_GROW_BEGIN)
			steps = 0;
		if (s.e[i].event == TRIPMAP_EVENT_GROW_STEP)
			TM_EXPECT_EQ(s.e[i].value, ++steps);
		if (s.e[i].event != TRIPMAP_EVENT_GROW_END)
			continue;
		TM_EXPECT_EQ(s.e[i].value, steps);
		buckets += steps;
	}
	TM_EXPECT(buckets > 8);
	TM_EXPECT(count_pauses(TRIPMAP_PAUSE_KIND_GROW) > 0);
	TM_EXPECT_EQ(count_pauses(TRIPMAP_PAUSE_KIND_GRACE), count(TRIPMAP_EVENT_GROW_END));
	end();
}

static void delete_once(struct tripmap *t, enum tripmap_step step, void *arg)
{
	u64 *key = arg;

	if (step != TRIPMAP_STEP_READ || !*key)
		return;
	TM_EXPECT_EQ(tripmap_delete(t, key, GFP_ATOMIC), 0);
	*key = 0;
}

/* A write amid a read of the same bucket: the reader looks again, and says so. */
TM_TEST(retry)
{
	u64 doomed = 5, key = 5, value;
	struct tm_event *e = NULL;
	unsigned int i;

	if (!begin(1))
		return;
	TM_EXPECT_EQ(store(5), 0);
	TM_EXPECT_EQ(tripmap_set_hook(s.t, delete_once, &doomed), 0);
	TM_EXPECT_EQ(tripmap_lookup(s.t, &key, &value), -ENOENT);
	TM_EXPECT_EQ(tripmap_set_hook(s.t, NULL, NULL), 0);
	for (i = 0; i < atomic_read(&s.n) && i < KEPT; i++)
		if (s.e[i].event == TRIPMAP_EVENT_RETRY)
			e = &s.e[i];
	if (TM_EXPECT(e)) {
		TM_EXPECT_EQ(e->value, 2);
		TM_EXPECT_EQ(e->digest, s.e[0].digest);
	}
	TM_EXPECT_EQ(count(TRIPMAP_EVENT_RETRY), 1);
	TM_EXPECT_EQ(count_pauses(TRIPMAP_PAUSE_KIND_READ_RETRY), 1);
	end();
}

TM_TEST(walk)
{
	struct tripmap_iter *it;
	unsigned int n;
	u64 key, iter;

	if (!begin(1))
		return;
	TM_EXPECT_EQ(store(1), 0);
	n = atomic_read(&s.n);
	it = tripmap_iter_open(s.t, GFP_KERNEL);
	if (!TM_EXPECT(!IS_ERR(it)))
		return;
	while (tripmap_iter_next(it, &key, NULL) > 0)
		;
	tripmap_iter_close(it);
	iter = expect(&n, TRIPMAP_EVENT_ITERATE_OPEN)->value;
	TM_EXPECT_EQ(expect(&n, TRIPMAP_EVENT_ITERATE_NEXT)->value, iter);
	expect_pause(&n, TRIPMAP_PAUSE_KIND_DUMP);
	TM_EXPECT_EQ(expect(&n, TRIPMAP_EVENT_ITERATE_DONE)->result, 1);
	TM_EXPECT_EQ(expect(&n, TRIPMAP_EVENT_ITERATE_NEXT)->value, iter);
	expect_pause(&n, TRIPMAP_PAUSE_KIND_DUMP);
	TM_EXPECT_EQ(expect(&n, TRIPMAP_EVENT_ITERATE_DONE)->result, 0);
	TM_EXPECT_EQ(expect(&n, TRIPMAP_EVENT_ITERATE_CLOSE)->value, iter);
	expect_no_more(n);
	/* Who listens to the ends of steps alone is told of them. */
	tm_event_deafen(probe, ALL & ~BIT(TRIPMAP_EVENT_ITERATE_DONE));
	it = tripmap_iter_open(s.t, GFP_KERNEL);
	if (TM_EXPECT(!IS_ERR(it))) {
		TM_EXPECT_EQ(tripmap_iter_next(it, &key, NULL), 1);
		tripmap_iter_close(it);
	}
	TM_EXPECT_EQ(expect(&n, TRIPMAP_EVENT_ITERATE_DONE)->result, 1);
	expect_no_more(n);
	TM_EXPECT_EQ(tm_event_listen(probe, ALL & ~BIT(TRIPMAP_EVENT_ITERATE_DONE)), 0);
	end();
}

/* What is told of a table after its end says so. */
TM_TEST(walk_past_the_end)
{
	struct tripmap_iter *it;
	unsigned int n;
	u64 key;

	if (!begin(1))
		return;
	TM_EXPECT_EQ(store(1), 0);
	it = tripmap_iter_open(s.t, GFP_KERNEL);
	if (!TM_EXPECT(!IS_ERR(it)))
		return;
	TM_EXPECT_EQ(tripmap_destroy(s.t), 0);
	TM_EXPECT_EQ(count(TRIPMAP_EVENT_TABLE_DEL), 1);
	for (n = 0; s.e[n].event != TRIPMAP_EVENT_TABLE_DEL; n++)
		TM_EXPECT(!s.e[n].gone || s.e[n].op == TRIPMAP_OP_DESTROY);
	TM_EXPECT_EQ(tripmap_iter_next(it, &key, NULL), -ESTALE);
	TM_EXPECT_EQ(count_pauses(TRIPMAP_PAUSE_KIND_DUMP), 1);
	for (; n < atomic_read(&s.n); n++)
		TM_EXPECT(s.e[n].gone || s.e[n].event == TRIPMAP_EVENT_VIOLATION);
	tripmap_iter_close(it);
	tm_event_deafen(probe, ALL);
	tm_event_set_share(1, 0);
	tm_report_clear(s.owner);
}

static void write_again(struct tripmap *t, enum tripmap_step step, void *arg)
{
	u64 key = 6;

	if (step == TRIPMAP_STEP_ENTERED)
		*(int *)arg = tripmap_store(t, &key, &key, GFP_KERNEL);
}

TM_TEST(violation)
{
	int inner = 0;
	unsigned int n;

	if (!begin(1))
		return;
	TM_EXPECT_EQ(tripmap_set_hook(s.t, write_again, &inner), 0);
	TM_EXPECT_EQ(store(5), 0);
	TM_EXPECT_EQ(tripmap_set_hook(s.t, NULL, NULL), 0);
	TM_EXPECT_EQ(inner, -EDEADLK);
	TM_EXPECT_EQ(count(TRIPMAP_EVENT_VIOLATION), 1);
	for (n = 0; n < KEPT && s.e[n].event != TRIPMAP_EVENT_VIOLATION; n++)
		;
	if (TM_EXPECT(n < KEPT)) {
		TM_EXPECT_EQ(s.e[n].kind, TRIPMAP_CLASS_REENTRANT_WRITE);
		TM_EXPECT_EQ(s.e[n].result, -EDEADLK);
		TM_EXPECT(s.e[n].value != 0);
	}
	end();
}

TM_TEST(tables_and_rules)
{
	struct tripmap_config cfg = model_config(8, 8);
	unsigned int n = 0;

	s.owner = 0;
	TM_EXPECT_EQ(tm_event_listen(probe, ALL), 0);
	cfg.owner = 2999999;
	s.owner = cfg.owner;
	cfg.name = "told";
	atomic_set(&s.n, 0);
	s.t = tripmap_create(&cfg, GFP_KERNEL);
	if (TM_EXPECT(!IS_ERR(s.t))) {
		tripmap_set_policy(s.t, TRIPMAP_CLASS_DESTROYED, TRIPMAP_ACTION_COUNT);
		expect(&n, TRIPMAP_EVENT_TABLE_NEW);
		TM_EXPECT_EQ(expect(&n, TRIPMAP_EVENT_POLICY)->kind, TRIPMAP_CLASS_DESTROYED);
		TM_EXPECT_EQ(s.e[1].value, TRIPMAP_ACTION_COUNT);
		TM_EXPECT_EQ(tripmap_destroy(s.t), 0);
		TM_EXPECT_EQ(count(TRIPMAP_EVENT_TABLE_DEL), 1);
	}
	tm_event_deafen(probe, ALL);
}

static void listen_now(struct tripmap *t, enum tripmap_step step, void *arg)
{
	if (step == TRIPMAP_STEP_ENTERED)
		TM_EXPECT_EQ(tm_event_listen(probe, ALL), 0);
}

static void deafen_now(struct tripmap *t, enum tripmap_step step, void *arg)
{
	if (step == TRIPMAP_STEP_ENTERED)
		tm_event_deafen(probe, ALL);
}

/* A write that began before anybody listened, or ends after, has no duration. */
TM_TEST(straddles)
{
	if (!begin(1))
		return;
	tm_event_deafen(probe, ALL);
	TM_EXPECT_EQ(tripmap_set_hook(s.t, listen_now, NULL), 0);
	TM_EXPECT_EQ(store(1), 0);
	TM_EXPECT_EQ(atomic_read(&s.n), 0);
	TM_EXPECT_EQ(tripmap_set_hook(s.t, NULL, NULL), 0);
	TM_EXPECT_EQ(tripmap_set_hook(s.t, deafen_now, NULL), 0);
	TM_EXPECT_EQ(store(2), 0);
	TM_EXPECT_EQ(atomic_read(&s.n), 1);
	TM_EXPECT_EQ(count(TRIPMAP_EVENT_WRITE_BEGIN), 1);
	TM_EXPECT_EQ(tripmap_set_hook(s.t, NULL, NULL), 0);
	TM_EXPECT_EQ(tm_event_listen(probe, ALL), 0);
	end();
}

#define WRITES	4000

static unsigned int writes_told(void)
{
	unsigned int i;

	atomic_set(&s.n, 0);
	for (i = 0; i < WRITES; i++)
		store(1);
	return atomic_read(&s.n);
}

static atomic_t overheard;

static void foreign(void *data, const struct tm_event *e)
{
	if (e->owner == s.owner)
		atomic_inc(&overheard);
}

/* Our own listeners make do with a share, all others are told of everything. */
TM_TEST(share)
{
	unsigned int n;

	if (!begin(16))
		return;
	tm_event_deafen(probe, ALL & ~BIT(TRIPMAP_EVENT_WRITE_END));
	n = writes_told();
	tm_test_note("%u of %u at a share of 16", n, WRITES);
	TM_EXPECT(n > WRITES / 16 / 2 && n < WRITES / 16 * 2);
	atomic_set(&overheard, 0);
	TM_EXPECT_EQ(register_trace_tripmap_write_end(foreign, NULL), 0);
	TM_EXPECT_EQ(writes_told(), WRITES);
	TM_EXPECT_EQ(atomic_read(&overheard), WRITES);
	unregister_trace_tripmap_write_end(foreign, NULL);
	tracepoint_synchronize_unregister();
	TM_EXPECT(writes_told() < WRITES / 16 * 2);
	/* After a violation all, for as long as was said. */
	tm_event_set_share(16, 100000);
	tm_event_alert();
	TM_EXPECT_EQ(writes_told(), WRITES);
	tm_event_set_share(16, 0);
	tm_event_alert();
	TM_EXPECT(writes_told() < WRITES / 16 * 2);
	/* A new share holds at once. */
	tm_event_set_share(65536, 0);
	writes_told();
	tm_event_set_share(16, 0);
	TM_EXPECT(writes_told() > WRITES / 16 / 2);
	TM_EXPECT_EQ(tm_event_listen(probe, ALL & ~BIT(TRIPMAP_EVENT_WRITE_END)), 0);
	end();
}

/* A listener that writes into the table it hears of. */
static void write_from_probe(void *data, const struct tm_event *e)
{
	u64 key = 3;

	if (e->owner == s.owner)
		*(int *)data = tripmap_store(s.t, &key, &key, GFP_ATOMIC);
}

static void wait_inside(struct tripmap *t, enum tripmap_step step, void *arg)
{
	atomic_t *inside = arg;

	if (step == TRIPMAP_STEP_ENTERED && atomic_cmpxchg(inside, 0, 1) == 0)
		TM_SPIN_FOR(atomic_read(inside) == 2);
}

static void store_too(void *arg)
{
	atomic_t *inside = arg;

	/* The other one goes on once this one waits for the lock, or soon before. */
	atomic_set(inside, 2);
	TM_EXPECT_EQ(store(2), 0);
}

static void store_first(void *arg)
{
	TM_EXPECT_EQ(store(1), 0);
}

/* Contract shared: whoever finds the lock taken says how long it waited. */
TM_TEST(lock_wait)
{
	struct tripmap_config cfg = model_config(8, 8);
	struct tm_thread a, b;
	unsigned int tries;
	atomic_t inside;
	int inner = 0;

	cfg.contract = TRIPMAP_CONTRACT_SHARED;
	tm_event_set_share(1, 0);
	if (!begin_with(&cfg) || !TM_EXPECT_EQ(tm_event_listen(probe, ALL), 0))
		return;
	TM_EXPECT_EQ(tripmap_set_hook(s.t, wait_inside, &inside), 0);
	TM_EXPECT_EQ(register_trace_tripmap_lock_wait(write_from_probe, &inner), 0);
	/* Whether the second one comes in time is for the scheduler to say. */
	for (tries = 0; tries < 1000 && !count(TRIPMAP_EVENT_LOCK_WAIT); tries++) {
		atomic_set(&inside, 0);
		atomic_set(&s.n, 0);
		if (!tm_thread_start(&a, store_first, NULL, "first"))
			break;
		TM_WAIT_FOR(atomic_read(&inside) == 1);
		if (tm_thread_start(&b, store_too, &inside, "second"))
			tm_thread_join(&b);
		tm_thread_join(&a);
	}
	TM_EXPECT_EQ(count(TRIPMAP_EVENT_LOCK_WAIT), 1);
	TM_EXPECT_EQ(count_pauses(TRIPMAP_PAUSE_KIND_LOCK_WAIT), 1);
	unregister_trace_tripmap_lock_wait(write_from_probe, &inner);
	tracepoint_synchronize_unregister();
	TM_EXPECT_EQ(inner, -EDEADLK);
	TM_EXPECT_EQ(tripmap_set_hook(s.t, NULL, NULL), 0);
	end();
}

static bool is_label(const char *label, const char *name)
{
	return !strncmp(label, name, TRIPMAP_LABEL_MAX);
}

TM_TEST(labels)
{
	struct tripmap_label outer, inner, job;
	const struct tm_event *e;
	unsigned int n = 0;

	if (!begin(1))
		return;
	tripmap_label_begin(&outer, "sync", NULL);
	tripmap_label_begin(&inner, "a name of more than sixteen", NULL);
	TM_EXPECT_EQ(store(1), 0);
	tripmap_label_end(&inner);
	TM_EXPECT_EQ(store(1), 0);
	tripmap_label_end(&outer);
	TM_EXPECT_EQ(store(1), 0);
	/* The parent has ended, and its own parents come along. */
	tripmap_label_begin(&job, "job", &inner);
	TM_EXPECT_EQ(store(1), 0);
	tripmap_label_end(&job);
	e = expect(&n, TRIPMAP_EVENT_WRITE_BEGIN);
	TM_EXPECT(is_label(e->label.own, "a name of more t"));
	TM_EXPECT(is_label(e->label.parent, "sync"));
	TM_EXPECT(is_label(s.e[4].label.own, "sync"));
	TM_EXPECT(is_label(s.e[4].label.parent, ""));
	TM_EXPECT(is_label(s.e[8].label.own, ""));
	TM_EXPECT(is_label(s.e[12].label.own, "job"));
	TM_EXPECT(is_label(s.e[12].label.parent, "a name of more t"));
	TM_EXPECT(is_label(job.name[2], "sync"));
	end();
}

struct above {
	unsigned int context;
	struct tm_event_labels label;
};

static void look_above(struct tripmap *t, enum tripmap_step step, void *arg)
{
	struct above *a = arg;

	if (step != TRIPMAP_STEP_ENTERED)
		return;
	tm_env_play_context(a->context);
	tm_label_get(&a->label);
	tm_env_play_context(TRIPMAP_CONTEXT_TASK);
}

/* What an interrupt does is not what the task that it interrupted does. */
TM_TEST(labels_of_contexts)
{
	struct above a = { .context = TRIPMAP_CONTEXT_HARDIRQ };
	struct tripmap_label l;

	if (!tm_env_can_play())
		TM_SKIP("contexts cannot be played here");
	if (!begin(1))
		return;
	TM_EXPECT_EQ(tripmap_set_hook(s.t, look_above, &a), 0);
	tripmap_label_begin(&l, "task", NULL);
	TM_EXPECT_EQ(store(1), 0);
	TM_EXPECT(is_label(a.label.own, ""));
	a.context = TRIPMAP_CONTEXT_TASK;
	TM_EXPECT_EQ(store(1), 0);
	TM_EXPECT(is_label(a.label.own, "task"));
	tripmap_label_end(&l);
	TM_EXPECT_EQ(tripmap_set_hook(s.t, NULL, NULL), 0);
	end();
}

/* A violation's report has the labels of both parties. */
static void label_above(struct tripmap *t, enum tripmap_step step, void *arg)
{
	struct tripmap_label l;
	u64 key = 6;

	if (step != TRIPMAP_STEP_ENTERED)
		return;
	tripmap_label_begin(&l, "callback", NULL);
	*(int *)arg = tripmap_store(t, &key, &key, GFP_KERNEL);
	tripmap_label_end(&l);
}

static struct tm_report report;

TM_TEST(labels_in_reports)
{
	struct tripmap_label l;
	int inner = 0;

	if (!begin(1))
		return;
	TM_EXPECT_EQ(tripmap_set_hook(s.t, label_above, &inner), 0);
	tripmap_label_begin(&l, "request", NULL);
	TM_EXPECT_EQ(store(5), 0);
	tripmap_label_end(&l);
	TM_EXPECT_EQ(tripmap_set_hook(s.t, NULL, NULL), 0);
	TM_EXPECT_EQ(inner, -EDEADLK);
	if (TM_EXPECT(tm_report_next(s.owner, 0, &report))) {
		TM_EXPECT(is_label(report.v.victim.label[0], "callback"));
		TM_EXPECT(is_label(report.v.victim.label[1], "request"));
		TM_EXPECT(is_label(report.v.holder.label[0], "request"));
		TM_EXPECT(is_label(report.v.holder.label[1], ""));
	}
	end();
}

TM_SUITE(events, TM_CASE(write), TM_CASE(refused), TM_CASE(digests_by_owner),
	 TM_CASE(lookups), TM_CASE(deaf),
	 TM_CASE(growth), TM_CASE(retry), TM_CASE(walk), TM_CASE(walk_past_the_end),
	 TM_CASE(violation), TM_CASE(tables_and_rules), TM_CASE(straddles), TM_CASE(share),
	 TM_CASE(lock_wait), TM_CASE(labels), TM_CASE(labels_of_contexts),
	 TM_CASE(labels_in_reports));
