// SPDX-License-Identifier: GPL-2.0
/*
 * insmod tripmap_kbench.ko entries=100000 rounds=7
 *
 * tripmap against the kernel's own tables, side by side: all tables are there all
 * the time with the same entries, and take turns at each operation. One line each
 * goes to the log, with how many operations were timed, and the CPU's cycles that
 * all of them took:
 *
 *	tripmap_kbench: ENTRIES OPERATION TABLE ROUND OPERATIONS CYCLES
 *
 * What a table finds is compared with what must be there: counts, and sums or ends
 * of values that follow from the keys. A table that is wrong ends it all.
 */
#include <linux/delay.h>
#include <linux/gcd.h>
#include <linux/gfp.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/random.h>
#include <linux/rcupdate.h>

#include "bench.h"
#include "run.h"

static ulong entries = 1000;
module_param(entries, ulong, 0444);
MODULE_PARM_DESC(entries, "Entries in each table, at least 2");

static uint rounds = 7;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "How often each operation is timed");

static bool others = true;
module_param(others, bool, 0444);
MODULE_PARM_DESC(others, "The kernel's own tables as well");

static char *run = "tables";
module_param(run, charp, 0444);
MODULE_PARM_DESC(run, "tables, locks or paced");

#define PROBE_ORDER	10
#define PROBES_MAX	((PAGE_SIZE << PROBE_ORDER) / sizeof(u64))
#define LEAST_OPS	65536	/* timed together */
#define LEAST_WRITES	4096	/* where there is a grace period to wait for */

static const struct bench_peer * const peers[] = {
	&bench_null, &bench_tripmap, &bench_tripmap_mix, &bench_rhashtable,
	&bench_hlist_spin, &bench_hlist_rcu, &bench_xarray,
};

#define PEERS	ARRAY_SIZE(peers)

/* Keys to look up, of random entries, and what is known of them. */
struct probes {
	u64		*key, *value, *other, *absent;
	u64		sum, other_sum;
};

/* A table under test. */
struct rig {
	const struct bench_peer	*peer;
	struct bench_keys	keys;
	struct probes		*probes;	/* those of dense keys, or of the others */
	void			*map;
	u64			refilled;	/* entries, in so many cycles: */
	u64			refill;
};

struct op {
	const char	*name;
	int		(*run)(struct rig *r, u64 *ops, u64 *cycles);
};

static struct probes probes[2];
static struct rig rigs[PEERS];
static unsigned int nrigs;
static u32 nprobes;

static int wrong(const struct rig *r, const char *what)
{
	if (r->peer->null)
		return 0;
	pr_err("tripmap_kbench: %s: wrong at %s\n", r->peer->name, what);
	return -EUCLEAN;
}

static int op_hit(struct rig *r, u64 *ops, u64 *cycles)
{
	u64 begin = bench_clock(), sum;
	u32 found = r->peer->get(r->map, r->probes->key, nprobes, &sum);

	*cycles = bench_clock() - begin;
	*ops = nprobes;
	return found == nprobes && sum == r->probes->sum ? 0 : wrong(r, "hit");
}

static int op_chain(struct rig *r, u64 *ops, u64 *cycles)
{
	u64 begin = bench_clock(), end = r->peer->chain(r->map, bench_key(&r->keys, 0), nprobes);
	u64 last;

	*cycles = bench_clock() - begin;
	*ops = nprobes;
	div64_u64_rem(r->keys.step * nprobes, r->keys.n, &last);
	return end == bench_key(&r->keys, last) ? 0 : wrong(r, "chain");
}

static int op_miss(struct rig *r, u64 *ops, u64 *cycles)
{
	u64 begin = bench_clock(), sum;
	u32 found = r->peer->get(r->map, r->probes->absent, nprobes, &sum);

	*cycles = bench_clock() - begin;
	*ops = nprobes;
	return found ? wrong(r, "miss") : 0;
}

static int op_many(struct rig *r, u64 *ops, u64 *cycles)
{
	u64 begin, sum;
	u32 found;

	*ops = 0;
	if (!r->peer->many)
		return 0;
	begin = bench_clock();
	found = r->peer->many(r->map, r->probes->key, nprobes, &sum);
	*cycles = bench_clock() - begin;
	*ops = nprobes;
	return found == nprobes && sum == r->probes->sum ? 0 : wrong(r, "many");
}

/* All values that the probes name are changed, and changed back. */
static int op_update(struct rig *r, u64 *ops, u64 *cycles)
{
	const struct probes *p = r->probes;
	u64 begin = bench_clock(), middle, sum;
	int err = r->peer->set(r->map, p->key, p->other, nprobes);

	middle = bench_clock();
	*cycles = middle - begin;
	r->peer->get(r->map, p->key, nprobes, &sum);
	if (err || sum != p->other_sum)
		return wrong(r, "update");
	begin = bench_clock();
	err = r->peer->set(r->map, p->key, p->value, nprobes);
	*cycles += bench_clock() - begin;
	*ops = 2 * nprobes;
	r->peer->get(r->map, p->key, nprobes, &sum);
	return err || sum != p->sum ? wrong(r, "update back") : 0;
}

/* That all of the entries are there. */
static int check_all(struct rig *r)
{
	u64 n = r->keys.n, expected = 0, found = 0, sum = 0, i;

	if (r->peer->null)
		return 0;
	for (i = 0; i < n; i++)
		expected += bench_key(&r->keys, i);
	found = r->peer->walk(r->map, &sum);
	return found == n && sum == expected ? 0 : wrong(r, "walk");
}

/* What was freed waits for its grace period outside of the times. */
static int take_out(struct rig *r, const struct bench_way *way, u64 *deleting, u64 *adding)
{
	u64 begin = bench_clock(), sum;
	int err = r->peer->del(r->map, way);

	*deleting += bench_clock() - begin;
	rcu_barrier();
	if (err || (r->peer->walk && r->peer->walk(r->map, &sum) != r->keys.n - way->n))
		return wrong(r, "delete");
	begin = bench_clock();
	err = r->peer->add(r->map, way);
	*adding += bench_clock() - begin;
	return err ? wrong(r, "refill") : 0;
}

/* Half of the entries at most is deleted, and comes back: that is told next. */
static int op_delete(struct rig *r, u64 *ops, u64 *cycles)
{
	u64 n = min_t(u64, r->keys.n, nprobes) / 2;
	struct bench_way way = { &r->keys, r->keys.step, n };
	int err = 0;

	*cycles = r->refill = r->refilled = 0;
	while (!err && r->refilled < LEAST_WRITES) {
		err = take_out(r, &way, cycles, &r->refill);
		r->refilled += way.n;
	}
	*ops = r->refilled;
	return err ?: check_all(r);
}

static int op_refill(struct rig *r, u64 *ops, u64 *cycles)
{
	*ops = r->refilled;
	*cycles = r->refill;
	return 0;
}

static int op_iterate(struct rig *r, u64 *ops, u64 *cycles)
{
	u64 begin, found, sum, first = 0;

	*ops = *cycles = 0;
	while (r->peer->walk && *ops < LEAST_OPS) {
		begin = bench_clock();
		found = r->peer->walk(r->map, &sum);
		*cycles += bench_clock() - begin;
		first = first ? first : sum;
		if (found != r->keys.n || sum != first)
			return wrong(r, "iterate");
		*ops += found;
	}
	return *ops ? check_all(r) : 0;
}

/* Tables from nothing to all entries, so many that it takes a while. */
static int op_insert(struct rig *r, u64 *ops, u64 *cycles)
{
	struct bench_way way = { &r->keys, 1, r->keys.n };
	void *kept = r->map;
	u64 begin;
	int err = 0;

	*ops = *cycles = 0;
	while (!err && *ops < LEAST_WRITES) {
		r->map = r->peer->make(way.n);
		if (!r->map) {
			err = -ENOMEM;
			break;
		}
		begin = bench_clock();
		err = r->peer->add(r->map, &way);
		*cycles += bench_clock() - begin;
		*ops += way.n;
		err = err ? wrong(r, "insert") : check_all(r);
		r->peer->destroy(r->map);
		rcu_barrier();
	}
	r->map = kept;
	return err;
}

static const struct op ops[] = {
	{ "hit", op_hit },
	{ "chain", op_chain },
	{ "miss", op_miss },
	{ "many", op_many },
	{ "update", op_update },
	{ "delete", op_delete },
	{ "refill", op_refill },
	{ "insert", op_insert },
	{ "iterate", op_iterate },
};

static int run_op(const struct op *op, struct rig *r, unsigned int round)
{
	u64 n, cycles;
	int err = op->run(r, &n, &cycles);

	if (!err && n)
		bench_tell(entries, op->name, r->peer->name, round, n, cycles);
	cond_resched();
	return err;
}

/* In turns, and none is always the first one. */
static int run_round(unsigned int round)
{
	unsigned int o, i;
	int err = 0;

	for (o = 0; o < ARRAY_SIZE(ops) && !err; o++)
		for (i = 0; i < nrigs && !err; i++)
			err = run_op(&ops[o], &rigs[(i + round) % nrigs], round);
	return err;
}

static void fill_probes(struct probes *p, const struct bench_keys *k)
{
	u64 i;
	u32 n;

	p->sum = p->other_sum = 0;
	for (n = 0; n < nprobes; n++) {
		i = mul_u64_u64_shr(get_random_u64(), k->n, 64);
		p->key[n] = bench_key(k, i);
		p->value[n] = bench_value(k, i);
		p->other[n] = p->value[n] ^ 1;
		p->absent[n] = bench_absent(k, i);
		p->sum += p->value[n];
		p->other_sum += p->other[n];
	}
}

static int make_probes(struct probes *p, const struct bench_keys *k)
{
	u64 **array[] = { &p->key, &p->value, &p->other, &p->absent };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(array); i++) {
		*array[i] = (void *)__get_free_pages(GFP_KERNEL, PROBE_ORDER);
		if (!*array[i])
			return -ENOMEM;
	}
	fill_probes(p, k);
	return 0;
}

static void free_probes(struct probes *p)
{
	free_pages((unsigned long)p->key, PROBE_ORDER);
	free_pages((unsigned long)p->value, PROBE_ORDER);
	free_pages((unsigned long)p->other, PROBE_ORDER);
	free_pages((unsigned long)p->absent, PROBE_ORDER);
}

static struct bench_keys keys_of(bool dense)
{
	struct bench_keys k = { .n = entries, .dense = dense };

	/* 0.618 of the way around: neighbours in time are far apart. */
	k.step = max_t(u64, 1, mul_u64_u64_shr(entries, 0x9e3779b97f4a7c15ULL, 64));
	while (gcd(k.step, k.n) != 1)
		k.step++;
	return k;
}

/* Free pages, when workers and grace periods have freed all that they will. */
static long free_now(void)
{
	long before, now = 0;

	do {
		before = now;
		rcu_barrier();
		msleep(100);
		now = global_zone_page_state(NR_FREE_PAGES);
	} while (now != before);
	return now;
}

static int make_rig(struct rig *r, const struct bench_peer *peer)
{
	struct bench_way way = { &r->keys, 1, entries };
	long before;
	int err;

	r->peer = peer;
	r->keys = keys_of(peer->dense);
	r->probes = &probes[peer->dense];
	before = free_now();
	r->map = peer->make(entries);
	if (!r->map)
		return -ENOMEM;
	nrigs++;
	err = peer->add(r->map, &way);
	if (err)
		return err;
	bench_tell(entries, "memory", peer->name, 0, entries, (before - free_now()) * PAGE_SIZE);
	return check_all(r);
}

static int make_rigs(void)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < PEERS && !err; i++) {
		if (!others && i > 2)
			break;
		err = make_rig(&rigs[i], peers[i]);
	}
	return err;
}

static int run_tables(void)
{
	struct bench_keys mixed = keys_of(false), dense = keys_of(true);
	unsigned int i;
	int err;

	/* A power of two, so that it comes out even in batches. */
	nprobes = clamp_t(u64, roundup_pow_of_two(entries), LEAST_OPS, PROBES_MAX);
	err = make_probes(&probes[0], &mixed) ?: make_probes(&probes[1], &dense);
	err = err ?: make_rigs();
	/* Round 0 warms up and is not counted. */
	for (i = 0; i <= rounds && !err; i++)
		err = run_round(i);
	while (nrigs--)
		rigs[nrigs].peer->destroy(rigs[nrigs].map);
	free_probes(&probes[0]);
	free_probes(&probes[1]);
	return err;
}

/* Cycles in a millisecond, over a tenth of a second. */
static void tell_clock(void)
{
	u64 ns = ktime_get_ns(), begin = bench_clock();

	while (ktime_get_ns() - ns < 100000000)
		;
	bench_tell(0, "clock", "null", 0, 100, bench_clock() - begin);
}

static int __init kbench_init(void)
{
	if (entries < 2 || entries > 1UL << 28 || !rounds)
		return -EINVAL;
	tell_clock();
	if (!strcmp(run, "tables"))
		return run_tables();
	if (!strcmp(run, "locks"))
		return bench_locks(rounds);
	if (!strcmp(run, "paced"))
		return bench_paced(rounds);
	return -EINVAL;
}

static void __exit kbench_exit(void)
{
}

module_init(kbench_init);
module_exit(kbench_exit);

MODULE_DESCRIPTION("tripmap: beside the kernel's own tables");
MODULE_AUTHOR("The tripmap authors");
MODULE_LICENSE("GPL");
