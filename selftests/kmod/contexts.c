// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts: what they may do to a table, alone, and while the task that they
 * interrupted is inside.
 *
 * Each kind of interrupt is raised on this very CPU and has run when raise()
 * returns, so that it stands for one that came at just that moment.
 */
#include <linux/err.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/kconfig.h>
#include <linux/slab.h>
#include <asm/apic.h>
#include <asm/nmi.h>

#include "../../kmod/core/guard.h"
#include "../../kmod/core/hook.h"
#include "scenario.h"

enum kind {
	SOFTIRQ,
	HARDIRQ,
	NMI,
	KINDS,
};

/* What is done in the interrupt. */
struct work {
	enum kind	kind;
	void		(*fn)(struct work *w);
	void		*data;
	bool		done;		/* release/acquire */
	u8		context;	/* as the guard sees it */
};

static struct work *now;	/* of the raise() under way; one at a time */

static void work_here(void)
{
	struct work *w = now;

	w->context = tm_guard_context();
	w->fn(w);
	/* Pairs with the acquire in raise(). */
	smp_store_release(&w->done, true);
}

static void in_tasklet(struct tasklet_struct *tasklet)
{
	work_here();
}

static void in_irq_work(struct irq_work *work)
{
	work_here();
}

/* Other NMIs may come as well. */
static int in_nmi_handler(unsigned int type, struct pt_regs *regs)
{
	struct work *w = READ_ONCE(now);

	if (!w || w->kind != NMI || w->done)
		return NMI_DONE;
	work_here();
	return NMI_HANDLED;
}

static DECLARE_TASKLET(tasklet, in_tasklet);
static struct irq_work irq_work = IRQ_WORK_INIT_HARD(in_irq_work);

static void raise(struct work *w, enum kind kind)
{
	w->kind = kind;
	w->done = false;
	WRITE_ONCE(now, w);
	switch (kind) {
	case SOFTIRQ:
		/* What is raised meanwhile runs, on this stack, when they are on again. */
		local_bh_disable();
		tasklet_schedule(&tasklet);
		local_bh_enable();
		break;
	case HARDIRQ:
		irq_work_queue(&irq_work);
		break;
	default:
		apic->send_IPI_mask(cpumask_of(raw_smp_processor_id()), NMI_VECTOR);
	}
	/* Pairs with the release in work_here(). */
	TM_WAIT_FOR(smp_load_acquire(&w->done));
	WRITE_ONCE(now, NULL);
	TM_EXPECT_EQ(w->context, TRIPMAP_CONTEXT_SOFTIRQ + (u8)kind);
}

/* Pinned, so that what is raised comes to the CPU that the task is on. */
static bool begin(void)
{
	scenario_pin(0);
	return TM_EXPECT_EQ(register_nmi_handler(NMI_LOCAL, in_nmi_handler, 0, "tripmap_test"), 0);
}

static void end(void)
{
	unregister_nmi_handler(NMI_LOCAL, "tripmap_test");
}

#define KEYS	3000
#define BATCH	30

/*
 * Writes from an interrupt into a table that nobody else uses.
 */

struct batch {
	struct tripmap	*t;
	u16		value_size;
	u8		*value;
	u64		first;
	bool		remove;
	unsigned int	ok, nomem, other;
	unsigned int	wrong;	/* not found, or not as stored, at once */
};

static int one_write(struct batch *b, u64 key)
{
	if (b->remove)
		return tripmap_delete(b->t, &key, GFP_ATOMIC);
	value_make(key, 1, b->value, b->value_size);
	return tripmap_store(b->t, &key, b->value, GFP_ATOMIC);
}

static void check_write(struct batch *b, u64 key)
{
	int err = tripmap_lookup(b->t, &key, b->value);

	if (b->remove)
		b->wrong += err != -ENOENT;
	else
		b->wrong += err || !value_good(key, b->value, b->value_size);
}

static void write_batch(struct work *w)
{
	struct batch *b = w->data;
	u64 key;
	int err;

	for (key = b->first; key < b->first + BATCH; key++) {
		err = one_write(b, key);
		b->ok += !err;
		b->nomem += err == -ENOMEM;
		b->other += err && err != -ENOMEM;
		if (!err)
			check_write(b, key);
	}
}

static void write_all(struct batch *b, enum kind kind, bool remove)
{
	struct work w = { .fn = write_batch, .data = b };

	b->remove = remove;
	b->ok = 0;
	b->nomem = 0;
	b->other = 0;
	b->wrong = 0;
	for (b->first = 0; b->first < KEYS; b->first += BATCH) {
		raise(&w, kind);
		cond_resched();
	}
	TM_EXPECT_EQ(b->wrong, 0);
}

/* Nothing can be allocated in a hard interrupt of PREEMPT_RT. */
static bool memory_in(enum kind kind)
{
	return !(IS_ENABLED(CONFIG_PREEMPT_RT) && kind == HARDIRQ);
}

static void write_alone(enum kind kind, u16 value_size)
{
	struct batch b = {
		.t = table_new("interrupts", value_size),
		.value_size = value_size,
		.value = kmalloc(value_size, GFP_KERNEL),
	};
	unsigned int stored;

	if (!b.t || !TM_EXPECT(b.value))
		return;
	write_all(&b, kind, false);
	stored = b.ok;
	TM_EXPECT_EQ(b.other, 0);
	TM_EXPECT_EQ(stored + b.nomem, KEYS);
	if (memory_in(kind))
		TM_EXPECT(stored > KEYS / 10 * 9);
	TM_EXPECT_EQ(tripmap_count(b.t), stored);
	write_all(&b, kind, true);
	TM_EXPECT_EQ(b.ok, stored);
	TM_EXPECT_EQ(b.other, KEYS - stored);	/* -ENOENT */
	TM_EXPECT_EQ(tripmap_count(b.t), 0);
	TM_EXPECT_EQ(table_all_violations(b.t), 0);
	tm_test_note("value_size=%u stored=%u", value_size, stored);
	kfree(b.value);
	table_end(b.t);
}

static void write_alone_sizes(enum kind kind)
{
	if (!begin())
		return;
	write_alone(kind, 8);
	write_alone(kind, 100);
	write_alone(kind, 300);
	end();
}

TM_TEST(softirq_alone)
{
	write_alone_sizes(SOFTIRQ);
}

TM_TEST(hardirq_alone)
{
	write_alone_sizes(HARDIRQ);
}

/* An NMI may look up, and nothing else; alone that is no violation. */
struct refusal {
	struct tripmap	*t;
	int		store, delete, freeze, destroy, lookup;
	u64		value;
};

static void try_all(struct work *w)
{
	struct refusal *r = w->data;
	u64 key = 1, new = 2;

	r->store = tripmap_store(r->t, &new, &new, GFP_ATOMIC);
	r->delete = tripmap_delete(r->t, &key, GFP_ATOMIC);
	r->freeze = tripmap_freeze(r->t);
	r->destroy = tripmap_destroy(r->t);
	r->lookup = tripmap_lookup(r->t, &key, &r->value);
}

#define REFUSALS	4

static void expect_refused(const struct refusal *r, int err)
{
	TM_EXPECT_EQ(r->store, err);
	TM_EXPECT_EQ(r->delete, err);
	TM_EXPECT_EQ(r->freeze, err);
	TM_EXPECT_EQ(r->destroy, err);
	TM_EXPECT_EQ(r->lookup, 0);
	TM_EXPECT_EQ(r->value, 1);
}

TM_TEST(nmi_alone)
{
	struct tripmap *t = table_new("nmi", sizeof(u64));
	struct refusal r = { .t = t };
	struct work w = { .fn = try_all, .data = &r };
	u64 key = 1;

	if (!t || !TM_EXPECT_EQ(tripmap_store(t, &key, &key, GFP_KERNEL), 0) || !begin())
		return;
	raise(&w, NMI);
	expect_refused(&r, -EOPNOTSUPP);
	TM_EXPECT_EQ(tripmap_count(t), 1);
	TM_EXPECT_EQ(table_all_violations(t), 0);
	end();
	table_end(t);
}

/*
 * The interrupted task is inside, at each of a write's steps in turn.
 */

struct interrupted {
	struct task_struct	*task;
	enum kind		kind;
	enum tripmap_step	step;
	struct refusal		refusal;
	unsigned int		times;
	bool			within;
};

static void interrupt_hook(struct tripmap *t, enum tripmap_step step, void *arg)
{
	struct interrupted *in = arg;
	struct work w = { .fn = try_all, .data = &in->refusal };

	if (step != in->step || current != in->task || !in_task() || in->within)
		return;
	in->within = true;
	in->refusal.value = 0;
	raise(&w, in->kind);
	expect_refused(&in->refusal, in->kind == NMI ? -EOPNOTSUPP : -EDEADLK);
	in->times++;
	in->within = false;
}

static void interrupt_at(struct tripmap *t, enum kind kind, enum tripmap_step step)
{
	struct interrupted in = {
		.task = current, .kind = kind, .step = step, .refusal.t = t,
	};
	u64 key = 1;

	if (!t || !TM_EXPECT_EQ(tripmap_store(t, &key, &key, GFP_KERNEL), 0))
		return;
	TM_EXPECT_EQ(tripmap_set_hook(t, interrupt_hook, &in), 0);
	for (key = 10; key < 60; key++)
		TM_EXPECT_EQ(tripmap_store(t, &key, &key, GFP_KERNEL), 0);
	tripmap_set_hook(t, NULL, NULL);
	TM_EXPECT(in.times > 0);
	TM_EXPECT_EQ(tripmap_count(t), 51);
	TM_EXPECT_EQ(table_violations(t, TRIPMAP_CLASS_INTERRUPT_DURING_WRITE),
		     in.times * REFUSALS);
	TM_EXPECT_EQ(table_all_violations(t), in.times * REFUSALS);
	table_end(t);
}

static struct tripmap *under(enum tripmap_sync sync)
{
	return table_by((struct tripmap_config){
		.name = "interrupted", .key_size = sizeof(u64), .value_size = sizeof(u64),
		.contract = sync ? TRIPMAP_CONTRACT_SHARED : TRIPMAP_CONTRACT_SINGLE_WRITER,
		.sync = sync,
	}, NULL);
}

static void interrupt_everywhere(enum kind kind, enum tripmap_sync sync)
{
	static const enum tripmap_step steps[] = {
		TRIPMAP_STEP_ENTERED, TRIPMAP_STEP_CHANGE, TRIPMAP_STEP_EVACUATE,
		TRIPMAP_STEP_LEAVING,
	};
	unsigned int i;

	if (!begin())
		return;
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		/* Where each write makes a copy, nothing is evacuated. */
		if (steps[i] != TRIPMAP_STEP_EVACUATE || sync < TRIPMAP_SYNC_SNAPSHOT)
			interrupt_at(under(sync), kind, steps[i]);
	}
	end();
}

TM_TEST(softirq_during_write)
{
	interrupt_everywhere(SOFTIRQ, TRIPMAP_SYNC_NONE);
}

TM_TEST(hardirq_during_write)
{
	interrupt_everywhere(HARDIRQ, TRIPMAP_SYNC_NONE);
}

TM_TEST(nmi_during_write)
{
	interrupt_everywhere(NMI, TRIPMAP_SYNC_NONE);
}

/* The table locks: of interrupts, none but an NMI can come while it does. */
TM_TEST(nmi_during_locked_write)
{
	interrupt_everywhere(NMI, TRIPMAP_SYNC_SHARDED);
	interrupt_everywhere(NMI, TRIPMAP_SYNC_RWLOCK);
	interrupt_everywhere(NMI, TRIPMAP_SYNC_SNAPSHOT);
	interrupt_everywhere(NMI, TRIPMAP_SYNC_SPLIT);
}

TM_SUITE(contexts, TM_CASE(nmi_alone), TM_CASE(nmi_during_write),
	 TM_CASE(nmi_during_locked_write));

SCENARIO(irq_on_write, "irq-on-write",
	 "a hard interrupt and a tasklet store into a table that the interrupted task is writing",
	 "interrupt-during-write at each step of the write, refused with -EDEADLK",
	 "a deadlock; a word where they interrupt nobody",
	 TM_CASE(softirq_during_write), TM_CASE(hardirq_during_write),
	 TM_CASE(softirq_alone), TM_CASE(hardirq_alone));
