// SPDX-License-Identifier: GPL-2.0
/*
 * insmod tripmap_bench.ko rounds=1001
 *
 * What single operations cost, in ticks of the CPU's counter, which counts
 * instructions where the machine is emulated with -icount shift=0. Interrupts are
 * off, the seed is fixed, and what the counter's reading costs itself is taken
 * off. One line each goes to the log:
 *
 *	tripmap_bench: NAME least median mean most
 */
#include <linux/err.h>
#include <linux/irqflags.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sort.h>
#include <linux/timex.h>

#include "../../kmod/core/tripmap.h"

#define ENTRIES	1000	/* in the table; far from growing */
#define BITS	8	/* log2 of its buckets */

static uint rounds = 1001;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "How often each operation is measured");

struct bench {
	const char	*name;
	int		(*act)(struct tripmap *t, u64 n);
	int		(*undo)(struct tripmap *t, u64 n);	/* not measured */
};

static int nothing(struct tripmap *t, u64 n)
{
	return 0;
}

/* So that it is seen what a tick is. */
static int hundred_nops(struct tripmap *t, u64 n)
{
	asm volatile(".rept 100; nop; .endr");
	return 0;
}

static int store(struct tripmap *t, u64 n)
{
	return tripmap_store(t, &n, &n, GFP_ATOMIC);
}

static int delete(struct tripmap *t, u64 n)
{
	return tripmap_delete(t, &n, GFP_ATOMIC);
}

static int store_new(struct tripmap *t, u64 n)
{
	return store(t, n + ENTRIES);
}

static int delete_new(struct tripmap *t, u64 n)
{
	return delete(t, n + ENTRIES);
}

static int lookup(struct tripmap *t, u64 n)
{
	u64 value;

	return tripmap_lookup(t, &n, &value);
}

static const struct bench benches[] = {
	{ "hundred-nops", hundred_nops },
	{ "store", store },
	{ "insert", store_new, delete_new },
	{ "delete", delete, store },
	{ "lookup", lookup },
};

/* Not inlined, so that all have the same way there and back. */
static noinline int measure_one(int (*act)(struct tripmap *t, u64 n), struct tripmap *t, u64 n,
				u64 *ticks)
{
	unsigned long flags;
	u64 begin;
	int err;

	local_irq_save(flags);
	begin = get_cycles();
	err = act(t, n);
	*ticks = get_cycles() - begin;
	local_irq_restore(flags);
	return err;
}

static int measure(const struct bench *b, struct tripmap *t, u64 *ticks)
{
	u64 n, empty;
	uint i;
	int err = 0;

	for (i = 0; i < rounds && !err; i++) {
		n = i % ENTRIES;
		/* All that it needs is in place. */
		measure_one(nothing, t, n, &empty);
		measure_one(nothing, t, n, &empty);
		err = measure_one(b->act, t, n, &ticks[i]);
		ticks[i] -= min(empty, ticks[i]);
		if (!err && b->undo)
			err = b->undo(t, n);
		cond_resched();
	}
	return err;
}

static int compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static void tell(const struct bench *b, u64 *ticks)
{
	u64 sum = 0;
	uint i;

	for (i = 0; i < rounds; i++)
		sum += ticks[i];
	sort(ticks, rounds, sizeof(*ticks), compare, NULL);
	pr_info("tripmap_bench: %s %llu %llu %llu %llu\n", b->name, ticks[0], ticks[rounds / 2],
		div_u64(sum, rounds), ticks[rounds - 1]);
}

static int bench_all(struct tripmap *t, u64 *ticks)
{
	unsigned int i;
	u64 n;
	int err = 0;

	for (n = 0; n < ENTRIES && !err; n++)
		err = store(t, n);
	for (i = 0; i < ARRAY_SIZE(benches) && !err; i++) {
		err = measure(&benches[i], t, ticks);
		if (!err)
			tell(&benches[i], ticks);
	}
	return err;
}

static int __init bench_init(void)
{
	struct tripmap_config cfg = TRIPMAP_CONFIG(.name = "bench", .bits = BITS, .seeded = true,
						   .key_size = sizeof(u64),
						   .value_size = sizeof(u64));
	struct tripmap *t;
	u64 *ticks;
	int err;

	if (!rounds)
		return -EINVAL;
	ticks = kvmalloc_array(rounds, sizeof(*ticks), GFP_KERNEL);
	t = ticks ? tripmap_create(&cfg, GFP_KERNEL) : ERR_PTR(-ENOMEM);
	err = PTR_ERR_OR_ZERO(t);
	if (!err) {
		err = bench_all(t, ticks);
		tripmap_destroy(t);
	}
	kvfree(ticks);
	return err;
}

static void __exit bench_exit(void)
{
}

module_init(bench_init);
module_exit(bench_exit);

MODULE_DESCRIPTION("tripmap: what single operations cost");
MODULE_AUTHOR("The tripmap authors");
MODULE_LICENSE("GPL");
