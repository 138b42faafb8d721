// SPDX-License-Identifier: GPL-2.0
/*
 * Broken contracts: what is refused, as what, with which report; and for each
 * of them what looks alike and is legal.
 *
 * The scene: a holder (a thread of its own) is parked at a step of its
 * operation by a hook, the victim comes along, the holder goes on.
 */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../../kmod/core/hook.h"
#include "../../kmod/core/invariant.h"
#include "../../kmod/core/map.h"
#include "../../kmod/observe/report.h"
#include "env.h"
#include "model.h"
#include "test.h"

#define UNIVERSE	512
#define KEY_HOLDER	101
#define KEY_VICTIM	202
#define KEY_THERE	3

enum { ARMED, PARKED, GO };

/* Parks whoever comes to step first, once. */
struct park {
	enum tripmap_step step;
	atomic_t state;
};

static void park_hook(struct tripmap *t, enum tripmap_step step, void *arg)
{
	struct park *p = arg;

	if (step == p->step && atomic_cmpxchg(&p->state, ARMED, PARKED) == ARMED)
		TM_SPIN_FOR(atomic_read_acquire(&p->state) == GO);
}

static struct scene {
	struct model m;
	struct park park;
	struct tm_thread thread;
	enum tripmap_op op;		/* what the holder does, */
	u32 key;			/* to this key; */
	int result;			/* out */
	u64 after;			/* reports before the scene */
	struct tm_report report;
} s;

/*
 * The two call sites. They are no tail calls, so that they are in the stacks.
 */

noinline int store_session(struct tripmap *t, const void *key, const void *value);
noinline int store_session(struct tripmap *t, const void *key, const void *value)
{
	int err = tripmap_store(t, key, value, GFP_ATOMIC);

	barrier();
	return err;
}

noinline int expire_sessions(struct tripmap *t, enum tripmap_op op, const void *key, void *value);
noinline int expire_sessions(struct tripmap *t, enum tripmap_op op, const void *key, void *value)
{
	int err;

	switch (op) {
	case TRIPMAP_OP_LOOKUP:
		err = tripmap_lookup(t, key, value);
		break;
	case TRIPMAP_OP_DELETE:
		err = tripmap_delete(t, key, GFP_ATOMIC);
		break;
	case TRIPMAP_OP_TAKE:
		err = tripmap_take(t, key, value, GFP_ATOMIC);
		break;
	case TRIPMAP_OP_INSERT:
		err = tripmap_insert(t, key, value, GFP_ATOMIC);
		break;
	case TRIPMAP_OP_REPLACE:
		err = tripmap_replace(t, key, value, GFP_ATOMIC);
		break;
	case TRIPMAP_OP_COMPARE_SWAP:
		err = tripmap_compare_swap(t, key, value, value, GFP_ATOMIC);
		break;
	case TRIPMAP_OP_CLEAR:
		err = tripmap_clear(t, GFP_ATOMIC);
		break;
	case TRIPMAP_OP_RESIZE:
		err = tripmap_resize_hint(t, 4000, GFP_ATOMIC);
		break;
	case TRIPMAP_OP_FREEZE:
		err = tripmap_freeze(t);
		break;
	case TRIPMAP_OP_DESTROY:
		err = tripmap_destroy(t);
		break;
	default:
		err = tripmap_store(t, key, value, GFP_ATOMIC);
	}
	barrier();
	return err;
}

static bool scene_begin(enum tripmap_contract contract)
{
	static u64 owner;
	struct tripmap_config cfg = model_config(8, 8);
	u32 i;

	memset(&s, 0, sizeof(s));
	cfg.name = "sessions";
	cfg.contract = contract;
	cfg.owner = ++owner;	/* reports of this scene only */
	if (!model_init(&s.m, &cfg, UNIVERSE, tm_env_seed()))
		return false;
	for (i = 0; i < 100; i++)
		model_do(&s.m, TRIPMAP_OP_STORE, i, 0);
	return true;
}

static void scene_end(void)
{
	tripmap_set_hook(s.m.t, NULL, NULL);
	model_check(&s.m);
	tm_report_clear(s.m.cfg.owner);
	model_exit(&s.m);
}

static void holder(void *arg)
{
	u64 key, value;

	model_key(&s.m, s.key, (u8 *)&key);
	model_value(&s.m, s.key, (u8 *)&value);
	s.result = s.op == TRIPMAP_OP_STORE ? store_session(s.m.t, &key, &value) :
					      expire_sessions(s.m.t, s.op, &key, &value);
}

/* The holder does op on key and is parked at step. */
static bool holder_park(enum tripmap_step step, enum tripmap_op op, u32 key)
{
	s.park.step = step;
	s.op = op;
	s.key = key;
	atomic_set(&s.park.state, ARMED);
	TM_EXPECT_EQ(tripmap_set_hook(s.m.t, park_hook, &s.park), 0);
	return tm_thread_start(&s.thread, holder, NULL, "holder") &&
	       TM_WAIT_FOR(atomic_read_acquire(&s.park.state) == PARKED);
}

/* The model follows a holder's store that was let through. */
static void holder_go(int want)
{
	atomic_set_release(&s.park.state, GO);
	tm_thread_join(&s.thread);
	tripmap_set_hook(s.m.t, NULL, NULL);
	TM_EXPECT_EQ(s.result, want);
	if (want || s.op != TRIPMAP_OP_STORE)
		return;
	s.m.count += !s.m.value[s.key];
	s.m.value[s.key] = s.key;
}

static int victim(enum tripmap_op op, u32 i)
{
	u64 key, value;

	model_key(&s.m, i, (u8 *)&key);
	model_value(&s.m, i, (u8 *)&value);
	return expire_sessions(s.m.t, op, &key, &value);
}

static u64 seen(enum tripmap_class class)
{
	struct tripmap_info info;

	tripmap_info(s.m.t, &info);
	return info.violations[class];
}

static u64 seen_all(void)
{
	struct tripmap_info info;
	unsigned int i;
	u64 n = 0;

	tripmap_info(s.m.t, &info);
	for (i = 0; i <= TRIPMAP_CLASS_MAX; i++)
		n += info.violations[i];
	return n;
}

static bool is_in(unsigned long addr, const char *function)
{
	char name[64];

	scnprintf(name, sizeof(name), "%ps", (void *)addr);
	return !strncmp(name, function, strlen(function));
}

/* model_do() or what was inlined into it; the model's calls may be tail calls. */
static bool is_model(unsigned long addr)
{
	return is_in(addr, "model_do") || is_in(addr, "ask");
}

static bool stack_has(const struct tm_stack *stack, const char *function)
{
	u32 i;

	for (i = 0; i < stack->n; i++)
		if (is_in(stack->frame[i], function))
			return true;
	return false;
}

static bool next_report(void)
{
	if (!TM_EXPECT(tm_report_next(s.m.cfg.owner, s.after, &s.report)))
		return false;
	s.after = s.report.id;
	return true;
}

static void no_more_reports(void)
{
	static struct tm_report r;	/* too large for a stack */

	TM_EXPECT(!tm_report_next(s.m.cfg.owner, s.after, &r));
}

/* The next report is of class and names expire_sessions() as the victim's site. */
static void check_victim(enum tripmap_class class, enum tripmap_op op, int result)
{
	const struct tm_violation *v = &s.report.v;

	TM_EXPECT_EQ(v->class, class);
	TM_EXPECT_EQ(v->contract, s.m.cfg.contract);
	TM_EXPECT_EQ(v->result, result);
	TM_EXPECT_STREQ(v->table, "sessions");
	TM_EXPECT_EQ(v->victim.pid, current->pid);
	TM_EXPECT_EQ(v->victim.op, op);
	TM_EXPECT_STREQ(v->victim.comm, current->comm);
	TM_EXPECT(is_in(v->victim.caller, "expire_sessions"));
	TM_EXPECT(stack_has(&s.report.victim_stack, "expire_sessions"));
}

static void check_holder(enum tripmap_op op, const char *site)
{
	const struct tm_violation *v = &s.report.v;

	TM_EXPECT(!v->left);
	TM_EXPECT_EQ(s.report.half, TRIPMAP_HALF_COMPLETE);
	TM_EXPECT(v->holder.pid != current->pid);
	TM_EXPECT_STREQ(v->holder.comm, "holder");
	TM_EXPECT_EQ(v->holder.op, op);
	TM_EXPECT(is_in(v->holder.caller, site));
	TM_EXPECT(stack_has(&s.report.holder_stack, site));
}

static void check_key(const struct tm_party *p, u32 i)
{
	struct tm_bucket_at at;
	u64 key;

	model_key(&s.m, i, (u8 *)&key);
	TM_EXPECT(tm_bucket_find(s.m.t, &key, &at));
	TM_EXPECT_EQ(p->key_size, 8);
	TM_EXPECT(!memcmp(p->key, &key, 8));
	TM_EXPECT_EQ(p->bucket, at.index);
}

/* Wherever the holder stands: refused, nothing changed, both named. */
TM_TEST(write_during_write)
{
	static const enum tripmap_step steps[] = {
		TRIPMAP_STEP_ENTERED, TRIPMAP_STEP_CHANGE, TRIPMAP_STEP_LEAVING,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		if (!scene_begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
			return;
		if (holder_park(steps[i], TRIPMAP_OP_STORE, KEY_HOLDER))
			TM_EXPECT_EQ(victim(TRIPMAP_OP_STORE, KEY_VICTIM), -EBUSY);
		holder_go(0);
		TM_EXPECT_EQ(seen(TRIPMAP_CLASS_WRITE_DURING_WRITE), 1);
		TM_EXPECT_EQ(seen_all(), 1);
		if (next_report()) {
			check_victim(TRIPMAP_CLASS_WRITE_DURING_WRITE, TRIPMAP_OP_STORE, -EBUSY);
			check_holder(TRIPMAP_OP_STORE, "store_session");
			check_key(&s.report.v.victim, KEY_VICTIM);
			check_key(&s.report.v.holder, KEY_HOLDER);
		}
		no_more_reports();
		scene_end();
	}
}

/* Each kind of write is refused beside each kind, and changes nothing. */
TM_TEST(all_writes_refused)
{
	static const enum tripmap_op ops[] = {
		TRIPMAP_OP_STORE, TRIPMAP_OP_INSERT, TRIPMAP_OP_REPLACE, TRIPMAP_OP_DELETE,
		TRIPMAP_OP_TAKE, TRIPMAP_OP_COMPARE_SWAP, TRIPMAP_OP_CLEAR, TRIPMAP_OP_RESIZE,
		TRIPMAP_OP_FREEZE, TRIPMAP_OP_DESTROY,
	};
	unsigned int i;

	if (!scene_begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
		return;
	if (holder_park(TRIPMAP_STEP_ENTERED, TRIPMAP_OP_STORE, KEY_HOLDER)) {
		for (i = 0; i < ARRAY_SIZE(ops); i++)
			if (!TM_EXPECT_EQ(victim(ops[i], KEY_THERE), -EBUSY))
				tm_test_note("op %u", ops[i]);
	}
	holder_go(0);
	TM_EXPECT_EQ(seen(TRIPMAP_CLASS_WRITE_DURING_WRITE), ARRAY_SIZE(ops));
	scene_end();
}

/* One half of the holder's serves all who met it. */
TM_TEST(two_losers)
{
	if (!scene_begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
		return;
	if (holder_park(TRIPMAP_STEP_ENTERED, TRIPMAP_OP_DELETE, KEY_THERE)) {
		TM_EXPECT_EQ(victim(TRIPMAP_OP_STORE, KEY_VICTIM), -EBUSY);
		TM_EXPECT_EQ(victim(TRIPMAP_OP_DELETE, KEY_THERE), -EBUSY);
	}
	holder_go(0);
	s.m.value[KEY_THERE] = 0;
	s.m.count--;
	if (next_report()) {
		check_victim(TRIPMAP_CLASS_WRITE_DURING_WRITE, TRIPMAP_OP_STORE, -EBUSY);
		check_holder(TRIPMAP_OP_DELETE, "expire_sessions");
	}
	if (next_report()) {
		check_victim(TRIPMAP_CLASS_WRITE_DURING_WRITE, TRIPMAP_OP_DELETE, -EBUSY);
		check_holder(TRIPMAP_OP_DELETE, "expire_sessions");
	}
	no_more_reports();
	scene_end();
}

TM_TEST(write_during_resize)
{
	u32 i = 100;

	if (!scene_begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
		return;
	while (!model_resizing(&s.m) && i < UNIVERSE)
		model_do(&s.m, TRIPMAP_OP_STORE, i++, 0);
	if (holder_park(TRIPMAP_STEP_EVACUATE, TRIPMAP_OP_STORE, i))
		TM_EXPECT_EQ(victim(TRIPMAP_OP_STORE, i + 1), -EBUSY);
	holder_go(0);
	TM_EXPECT_EQ(seen(TRIPMAP_CLASS_WRITE_DURING_RESIZE), 1);
	TM_EXPECT_EQ(seen_all(), 1);
	if (next_report()) {
		check_victim(TRIPMAP_CLASS_WRITE_DURING_RESIZE, TRIPMAP_OP_STORE, -EBUSY);
		check_holder(TRIPMAP_OP_STORE, "store_session");
		TM_EXPECT_EQ(s.report.v.resize, TRIPMAP_RESIZE_GROW);
		TM_EXPECT(s.report.v.resize_total > 0);
		TM_EXPECT(s.report.v.resize_done < s.report.v.resize_total);
	}
	scene_end();
}

/* The writer was there before the read. */
TM_TEST(read_during_write_before)
{
	u64 keys[2], values[2] = { ~0ULL, ~0ULL };
	unsigned long found = ~0UL;

	if (!scene_begin(TRIPMAP_CONTRACT_EXCLUSIVE))
		return;
	model_key(&s.m, KEY_THERE, (u8 *)&keys[0]);
	model_key(&s.m, KEY_THERE + 1, (u8 *)&keys[1]);
	if (holder_park(TRIPMAP_STEP_ENTERED, TRIPMAP_OP_STORE, KEY_HOLDER)) {
		TM_EXPECT_EQ(victim(TRIPMAP_OP_LOOKUP, KEY_THERE), -EBUSY);
		TM_EXPECT(!tripmap_contains(s.m.t, &keys[0]));
		TM_EXPECT_EQ(tripmap_lookup_many(s.m.t, 2, keys, values, &found), -EBUSY);
		TM_EXPECT_EQ(found & 3, 0);
		TM_EXPECT_EQ(values[0] | values[1], 0);
	}
	holder_go(0);
	TM_EXPECT_EQ(seen(TRIPMAP_CLASS_READ_DURING_WRITE), 3);
	TM_EXPECT_EQ(seen_all(), 3);
	if (next_report()) {
		check_victim(TRIPMAP_CLASS_READ_DURING_WRITE, TRIPMAP_OP_LOOKUP, -EBUSY);
		check_holder(TRIPMAP_OP_STORE, "store_session");
	}
	scene_end();
}

static u64 read_value;
static int read_result;

static void reader(void *arg)
{
	u64 key;

	model_key(&s.m, KEY_THERE, (u8 *)&key);
	read_value = ~0ULL;
	read_result = expire_sessions(s.m.t, TRIPMAP_OP_LOOKUP, &key, &read_value);
}

/* The reader is parked before it looks at the guard again; a write comes and goes. */
static bool overtaken_reader(enum tripmap_contract contract)
{
	if (!scene_begin(contract))
		return false;
	s.park.step = TRIPMAP_STEP_READ;
	atomic_set(&s.park.state, ARMED);
	TM_EXPECT_EQ(tripmap_set_hook(s.m.t, park_hook, &s.park), 0);
	if (tm_thread_start(&s.thread, reader, NULL, "reader") &&
	    TM_WAIT_FOR(atomic_read_acquire(&s.park.state) == PARKED))
		TM_EXPECT_EQ(model_do(&s.m, TRIPMAP_OP_STORE, KEY_THERE, 0), 0);
	atomic_set_release(&s.park.state, GO);
	tm_thread_join(&s.thread);
	return true;
}

/* A write that began and ended under the read is caught as well. */
TM_TEST(read_during_write_after)
{
	if (!overtaken_reader(TRIPMAP_CONTRACT_EXCLUSIVE))
		return;
	TM_EXPECT_EQ(read_result, -EBUSY);
	TM_EXPECT_EQ(read_value, 0);
	TM_EXPECT_EQ(seen(TRIPMAP_CLASS_READ_DURING_WRITE), 1);
	TM_EXPECT_EQ(seen_all(), 1);
	if (next_report()) {
		TM_EXPECT_EQ(s.report.v.class, TRIPMAP_CLASS_READ_DURING_WRITE);
		TM_EXPECT_STREQ(s.report.v.victim.comm, "reader");
		TM_EXPECT_EQ(s.report.half, TRIPMAP_HALF_LEFT);
		TM_EXPECT(s.report.v.left);
		TM_EXPECT_EQ(s.report.v.holder.pid, current->pid);
		TM_EXPECT_EQ(s.report.v.holder.op, TRIPMAP_OP_STORE);
		TM_EXPECT(is_model(s.report.v.holder.caller));
	}
	scene_end();
}

/* Never: readers beside a writer, where the contract allows it. */
TM_TEST(reads_beside_writer)
{
	struct tripmap_iter *it;
	u64 key, value;
	u32 n = 0;

	if (overtaken_reader(TRIPMAP_CONTRACT_SINGLE_WRITER)) {
		TM_EXPECT_EQ(read_result, 0);
		scene_end();
	}
	if (!scene_begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
		return;
	it = tripmap_iter_open(s.m.t, GFP_KERNEL);
	if (holder_park(TRIPMAP_STEP_CHANGE, TRIPMAP_OP_STORE, KEY_HOLDER)) {
		TM_EXPECT_EQ(victim(TRIPMAP_OP_LOOKUP, KEY_THERE), 0);
		while (tripmap_iter_next(it, &key, &value) == 1)
			n++;
		TM_EXPECT_EQ(n, s.m.count);
	}
	tripmap_iter_close(it);
	holder_go(0);
	TM_EXPECT_EQ(seen_all(), 0);
	no_more_reports();
	scene_end();
}

/* Never: readers together, of an exclusive table too. */
TM_TEST(reads_beside_reader)
{
	if (!scene_begin(TRIPMAP_CONTRACT_EXCLUSIVE))
		return;
	s.park.step = TRIPMAP_STEP_READ;
	atomic_set(&s.park.state, ARMED);
	TM_EXPECT_EQ(tripmap_set_hook(s.m.t, park_hook, &s.park), 0);
	if (tm_thread_start(&s.thread, reader, NULL, "reader") &&
	    TM_WAIT_FOR(atomic_read_acquire(&s.park.state) == PARKED))
		model_check_keys(&s.m);
	atomic_set_release(&s.park.state, GO);
	tm_thread_join(&s.thread);
	TM_EXPECT_EQ(read_result, 0);
	TM_EXPECT_EQ(seen_all(), 0);
	scene_end();
}

TM_TEST(iterate_during_write)
{
	struct tripmap_iter *it;
	u64 key, value;

	if (!scene_begin(TRIPMAP_CONTRACT_EXCLUSIVE))
		return;
	it = tripmap_iter_open(s.m.t, GFP_KERNEL);
	if (holder_park(TRIPMAP_STEP_ENTERED, TRIPMAP_OP_STORE, KEY_HOLDER))
		TM_EXPECT_EQ(tripmap_iter_next(it, &key, &value), -EBUSY);
	tripmap_iter_close(it);
	holder_go(0);
	TM_EXPECT_EQ(seen(TRIPMAP_CLASS_ITERATE_DURING_WRITE), 1);
	TM_EXPECT_EQ(seen_all(), 1);
	if (next_report()) {
		TM_EXPECT_EQ(s.report.v.class, TRIPMAP_CLASS_ITERATE_DURING_WRITE);
		TM_EXPECT_EQ(s.report.v.victim.op, TRIPMAP_OP_ITERATE);
		TM_EXPECT(is_in(s.report.v.victim.caller, "iterate_during_write"));
		check_holder(TRIPMAP_OP_STORE, "store_session");
	}
	scene_end();
}

/* What a hook does to the very table whose operation it stands in. */
struct nested {
	enum tripmap_step step;
	unsigned int context;
	enum tripmap_op op;
	int result;
	bool done;
};

static void nested_hook(struct tripmap *t, enum tripmap_step step, void *arg)
{
	struct nested *n = arg;

	if (step != n->step || n->done)
		return;
	n->done = true;
	if (n->context != TRIPMAP_CONTEXT_TASK)
		tm_env_play_context(n->context);
	n->result = victim(n->op, KEY_THERE);
	if (n->context != TRIPMAP_CONTEXT_TASK)
		tm_env_play_context(TRIPMAP_CONTEXT_TASK);
}

static void nest(struct nested *n)
{
	TM_EXPECT_EQ(tripmap_set_hook(s.m.t, nested_hook, n), 0);
	TM_EXPECT_EQ(model_do(&s.m, TRIPMAP_OP_STORE, KEY_HOLDER, 0), 0);
	TM_EXPECT(n->done);
	tripmap_set_hook(s.m.t, NULL, NULL);
}

static void check_nested(enum tripmap_class class, unsigned int context)
{
	TM_EXPECT_EQ(seen(class), 1);
	TM_EXPECT_EQ(seen_all(), 1);
	if (!next_report())
		return;
	check_victim(class, TRIPMAP_OP_DELETE, -EDEADLK);
	TM_EXPECT_EQ(s.report.v.victim.context, context);
	TM_EXPECT_EQ(s.report.half, TRIPMAP_HALF_COMPLETE);
	TM_EXPECT_EQ(s.report.v.holder.context, TRIPMAP_CONTEXT_TASK);
	TM_EXPECT_EQ(s.report.v.holder.op, TRIPMAP_OP_STORE);
	TM_EXPECT_EQ(s.report.v.holder.pid, current->pid);
	TM_EXPECT(is_model(s.report.v.holder.caller));
	TM_EXPECT(stack_has(&s.report.holder_stack, "model_do"));
}

TM_TEST(reentrant_write)
{
	struct nested n = {
		.step = TRIPMAP_STEP_CHANGE, .op = TRIPMAP_OP_DELETE,
	};

	if (!scene_begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
		return;
	nest(&n);
	TM_EXPECT_EQ(n.result, -EDEADLK);
	check_nested(TRIPMAP_CLASS_REENTRANT_WRITE, TRIPMAP_CONTEXT_TASK);
	scene_end();
}

static void interrupt_during_write(unsigned int context)
{
	struct nested n = {
		.step = TRIPMAP_STEP_CHANGE, .op = TRIPMAP_OP_DELETE, .context = context,
	};

	if (!scene_begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
		return;
	nest(&n);
	TM_EXPECT_EQ(n.result, -EDEADLK);
	check_nested(TRIPMAP_CLASS_INTERRUPT_DURING_WRITE, context);
	scene_end();
}

TM_TEST(softirq_during_write)
{
	if (!tm_env_can_play())
		TM_SKIP("contexts cannot be played here");
	interrupt_during_write(TRIPMAP_CONTEXT_SOFTIRQ);
}

TM_TEST(hardirq_during_write)
{
	if (!tm_env_can_play())
		TM_SKIP("contexts cannot be played here");
	interrupt_during_write(TRIPMAP_CONTEXT_HARDIRQ);
}

/* Refused for what it is; into another's write it is classified as well. */
TM_TEST(nmi_write)
{
	struct nested n = {
		.step = TRIPMAP_STEP_CHANGE, .op = TRIPMAP_OP_DELETE,
		.context = TRIPMAP_CONTEXT_NMI,
	};

	if (!tm_env_can_play())
		TM_SKIP("contexts cannot be played here");
	if (!scene_begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
		return;
	tm_env_play_context(TRIPMAP_CONTEXT_NMI);
	TM_EXPECT_EQ(victim(TRIPMAP_OP_DELETE, KEY_THERE), -EOPNOTSUPP);
	tm_env_play_context(TRIPMAP_CONTEXT_TASK);
	TM_EXPECT_EQ(seen_all(), 0);
	nest(&n);
	TM_EXPECT_EQ(n.result, -EOPNOTSUPP);
	TM_EXPECT_EQ(seen(TRIPMAP_CLASS_INTERRUPT_DURING_WRITE), 1);
	scene_end();
}

/* Looks all keys up in an interrupt that came over the writer, at every step. */
static void nmi_reader(struct tripmap *t, enum tripmap_step step, void *arg)
{
	unsigned int *steps = arg;
	u64 key, value, want;
	u32 i;

	if (step == TRIPMAP_STEP_READ || step == TRIPMAP_STEP_CLASHED)
		return;
	*steps |= 1U << step;
	tm_env_play_context(TRIPMAP_CONTEXT_NMI);
	for (i = 0; i < 100; i++) {
		model_key(&s.m, i, (u8 *)&key);
		model_value(&s.m, s.m.value[i], (u8 *)&want);
		TM_EXPECT_EQ(tripmap_lookup(t, &key, &value), 0);
		TM_EXPECT_EQ(value, want);
	}
	tm_env_play_context(TRIPMAP_CONTEXT_TASK);
}

/* A reader does not wait for the writer that it interrupted: it would for ever. */
TM_TEST(nmi_reader_over_writer)
{
	unsigned int steps = 0;
	u32 i;

	if (!tm_env_can_play())
		TM_SKIP("contexts cannot be played here");
	if (!scene_begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
		return;
	TM_EXPECT_EQ(tripmap_set_hook(s.m.t, nmi_reader, &steps), 0);
	for (i = 100; i < UNIVERSE; i++)
		model_do(&s.m, TRIPMAP_OP_STORE, i, 0);
	for (i = 100; i < UNIVERSE; i++)
		model_do(&s.m, TRIPMAP_OP_DELETE, i, 0);
	tripmap_set_hook(s.m.t, NULL, NULL);
	TM_EXPECT_EQ(steps, 1U << TRIPMAP_STEP_ENTERED | 1U << TRIPMAP_STEP_CHANGE |
			    1U << TRIPMAP_STEP_EVACUATE | 1U << TRIPMAP_STEP_LEAVING);
	TM_EXPECT_EQ(seen_all(), 0);
	scene_end();
}

static void forge_hook(struct tripmap *t, enum tripmap_step step, void *arg)
{
	if (step == TRIPMAP_STEP_LEAVING)
		atomic64_set(&t->shard->guard.word, *(u64 *)arg);
}

/* Somebody overwrote the word: the table is frozen, the word is left alone. */
TM_TEST(forged_flag)
{
	u64 forged = 0x1234;

	if (!scene_begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
		return;
	TM_EXPECT_EQ(tripmap_set_hook(s.m.t, forge_hook, &forged), 0);
	TM_EXPECT_EQ(model_do(&s.m, TRIPMAP_OP_STORE, KEY_THERE, 0), 0);
	tripmap_set_hook(s.m.t, NULL, NULL);
	TM_EXPECT_EQ(atomic64_read(&s.m.t->shard->guard.word), forged);
	TM_EXPECT_EQ(seen(TRIPMAP_CLASS_FORGED_FLAG), 1);
	if (next_report()) {
		TM_EXPECT_EQ(s.report.v.class, TRIPMAP_CLASS_FORGED_FLAG);
		TM_EXPECT_EQ(s.report.half, TRIPMAP_HALF_NONE);
		TM_EXPECT_EQ(s.report.v.word, forged);
		TM_EXPECT(s.report.v.alone);
	}
	s.m.frozen = true;
	TM_EXPECT_EQ(model_do(&s.m, TRIPMAP_OP_STORE, KEY_VICTIM, 0), -EROFS);
	TM_EXPECT_EQ(model_do(&s.m, TRIPMAP_OP_CLEAR, 0, 0), -EROFS);
	s.m.frozen = false;
	scene_end();
}

/* What the policy says: refused all the same. */
TM_TEST(policies_followed)
{
	static const struct {
		enum tripmap_action action;
		bool reported;
	} cases[] = {
		{ TRIPMAP_ACTION_IGNORE, false }, { TRIPMAP_ACTION_COUNT, false },
		{ TRIPMAP_ACTION_REPORT, true }, { TRIPMAP_ACTION_WARN, true },
		{ TRIPMAP_ACTION_BUG, true },
	};
	enum tripmap_action action;
	unsigned int i;
	u64 acted;

	if (!tm_env_can_play())
		TM_SKIP("WARN and BUG are real here");
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		action = cases[i].action;
		if (!scene_begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
			return;
		tripmap_set_policy(s.m.t, TRIPMAP_CLASS_WRITE_DURING_WRITE, action);
		acted = tm_env_acted(action);
		if (holder_park(TRIPMAP_STEP_ENTERED, TRIPMAP_OP_STORE, KEY_HOLDER))
			TM_EXPECT_EQ(victim(TRIPMAP_OP_STORE, KEY_VICTIM), -EBUSY);
		holder_go(0);
		TM_EXPECT_EQ(seen_all(), action != TRIPMAP_ACTION_IGNORE);
		if (cases[i].reported && next_report())
			TM_EXPECT_EQ(s.report.action, action);
		no_more_reports();
		TM_EXPECT_EQ(tm_env_acted(action) - acted, cases[i].reported);
		scene_end();
	}
}

/* The same pair of call sites again within three seconds is counted, not kept. */
TM_TEST(repeats_suppressed)
{
	struct tripmap_info info;
	unsigned int i;

	if (!scene_begin(TRIPMAP_CONTRACT_SINGLE_WRITER))
		return;
	if (holder_park(TRIPMAP_STEP_ENTERED, TRIPMAP_OP_STORE, KEY_HOLDER))
		for (i = 0; i < 5; i++)
			TM_EXPECT_EQ(victim(TRIPMAP_OP_STORE, KEY_VICTIM), -EBUSY);
	holder_go(0);
	TM_EXPECT_EQ(seen_all(), 5);
	tripmap_info(s.m.t, &info);
	TM_EXPECT_EQ(info.suppressed, 4);
	if (next_report())
		TM_EXPECT_EQ(s.report.repeats, 4);
	no_more_reports();
	scene_end();
}

/*
 * Two writers without a lock, for real. What was accepted is there, what was
 * refused is not, and each refusal has its report or is counted.
 */
#define STORM_KEYS	20000

static struct storm {
	struct tripmap *t;
	u64 refused[2];
	u8 *accepted[2];	/* of each thread's own keys */
	atomic_t started;
	u32 patience;		/* of who is inside, until they meet */
} storm;

/*
 * Gives the CPU away inside now and then: they meet on one CPU too. Whoever comes first
 * stays for the other one.
 */
static void storm_hook(struct tripmap *t, enum tripmap_step step, void *arg)
{
	if (step != TRIPMAP_STEP_ENTERED)
		return;
	if (!(tripmap_count(t) % 64))
		cpu_relax();
	/* Pairs with the WRITE_ONCE() in storm_writer(). */
	while (!READ_ONCE(storm.refused[0]) && !READ_ONCE(storm.refused[1]) && storm.patience) {
		storm.patience--;
		cpu_relax();
	}
}

static void storm_writer(void *arg)
{
	unsigned long me = (unsigned long)arg;
	u64 key, value;
	u32 i;
	int err;

	atomic_inc(&storm.started);
	TM_WAIT_FOR(atomic_read(&storm.started) == 2);
	for (i = 0; i < STORM_KEYS; i++) {
		key = i << 1 | me;
		value = ~key;
		err = store_session(storm.t, &key, &value);
		storm.accepted[me][i] = !err;
		if (err) {
			/* Pairs with the READ_ONCE() in storm_hook(). */
			WRITE_ONCE(storm.refused[me], storm.refused[me] + 1);
			TM_EXPECT_EQ(err, -EBUSY);
		}
	}
}

static void storm_check(unsigned long me)
{
	u64 key, value;
	u32 i;

	for (i = 0; i < STORM_KEYS; i++) {
		key = i << 1 | me;
		TM_EXPECT_EQ(tripmap_lookup(storm.t, &key, &value),
			     storm.accepted[me][i] ? 0 : -ENOENT);
		TM_EXPECT(!storm.accepted[me][i] || value == ~key);
	}
}

TM_TEST(storm_of_writers)
{
	struct tripmap_config cfg = model_config(8, 8);
	struct tripmap_info info;
	struct tm_thread a, b;
	u64 seen;

	memset(&storm, 0, sizeof(storm));
	storm.patience = 1000000;
	cfg.owner = ~0ULL;
	storm.t = tripmap_create(&cfg, GFP_KERNEL);
	storm.accepted[0] = kvzalloc(STORM_KEYS, GFP_KERNEL);
	storm.accepted[1] = kvzalloc(STORM_KEYS, GFP_KERNEL);
	tripmap_set_hook(storm.t, storm_hook, NULL);
	tm_thread_start(&a, storm_writer, (void *)0UL, "storm-0");
	tm_thread_start(&b, storm_writer, (void *)1UL, "storm-1");
	tm_thread_join(&a);
	tm_thread_join(&b);
	tripmap_set_hook(storm.t, NULL, NULL);
	storm_check(0);
	storm_check(1);
	TM_EXPECT(!tm_invariant_check(storm.t));
	tripmap_info(storm.t, &info);
	seen = info.violations[TRIPMAP_CLASS_WRITE_DURING_WRITE] +
	       info.violations[TRIPMAP_CLASS_WRITE_DURING_RESIZE];
	TM_EXPECT_EQ(seen, storm.refused[0] + storm.refused[1]);
	TM_EXPECT(seen > 0);
	tm_test_note("%llu refused of %u", seen, 2 * STORM_KEYS);
	tm_report_clear(cfg.owner);
	tripmap_destroy(storm.t);
	kvfree(storm.accepted[0]);
	kvfree(storm.accepted[1]);
}

TM_SUITE(contract, TM_CASE(write_during_write), TM_CASE(all_writes_refused), TM_CASE(two_losers),
	 TM_CASE(write_during_resize), TM_CASE(read_during_write_before),
	 TM_CASE(read_during_write_after), TM_CASE(reads_beside_writer),
	 TM_CASE(reads_beside_reader), TM_CASE(iterate_during_write), TM_CASE(reentrant_write),
	 TM_CASE(softirq_during_write), TM_CASE(hardirq_during_write), TM_CASE(nmi_write),
	 TM_CASE(nmi_reader_over_writer), TM_CASE(forged_flag), TM_CASE(policies_followed),
	 TM_CASE(repeats_suppressed), TM_CASE(storm_of_writers));
