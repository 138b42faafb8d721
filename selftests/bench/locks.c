// SPDX-License-Identifier: GPL-2.0
/*
 * What it costs to keep readers and writers apart, with nobody else there: each
 * way around the same read or write of two words. The lookup and the store beside
 * them show what tripmap's guard is a part of.
 */
#include <linux/err.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/seqlock.h>

#include "../../kmod/core/tripmap.h"
#include "bench.h"
#include "lock.h"
#include "run.h"

#define OPS	65536

/* A reader-writer lock that nobody waits for, as asm-generic/qrwlock.h has it. */
#define READER	0x200	/* _QR_BIAS */

static noinline void reader_lock(atomic_t *lock)
{
	WARN_ON_ONCE(atomic_add_return_acquire(READER, lock) & 0xff);
}

/* Pairs with the acquire in writer_lock(). */
static noinline void reader_unlock(atomic_t *lock)
{
	atomic_sub_return_release(READER, lock);
}

static noinline void writer_lock(atomic_t *lock)
{
	WARN_ON_ONCE(atomic_cmpxchg_acquire(lock, 0, 0xff));
}

/* Pairs with the acquire in reader_lock(). */
static noinline void writer_unlock(atomic_t *lock)
{
	smp_store_release((u8 *)lock, 0);
}

static struct {
	atomic_t	lock;
	seqcount_t	seq;
	u64		a, b;
} shared;

static DECLARE_RWSEM(sem);
static struct tripmap *tables[2];

static u64 look(void)
{
	return READ_ONCE(shared.a) + READ_ONCE(shared.b);
}

static u64 put(u64 i)
{
	WRITE_ONCE(shared.a, i);
	WRITE_ONCE(shared.b, i);
	return i;
}

static __always_inline u64 bare_read(u64 i)
{
	return look();
}

static __always_inline u64 bare_write(u64 i)
{
	return put(i);
}

static __always_inline u64 spin_read(u64 i)
{
	bench_spin_lock(&shared.lock);
	i = look();
	bench_spin_unlock(&shared.lock);
	return i;
}

static __always_inline u64 spin_write(u64 i)
{
	bench_spin_lock(&shared.lock);
	put(i);
	bench_spin_unlock(&shared.lock);
	return i;
}

static __always_inline u64 rwlock_read(u64 i)
{
	reader_lock(&shared.lock);
	i = look();
	reader_unlock(&shared.lock);
	return i;
}

static __always_inline u64 rwlock_write(u64 i)
{
	writer_lock(&shared.lock);
	put(i);
	writer_unlock(&shared.lock);
	return i;
}

static __always_inline u64 rwsem_read(u64 i)
{
	down_read(&sem);
	i = look();
	up_read(&sem);
	return i;
}

static __always_inline u64 rwsem_write(u64 i)
{
	down_write(&sem);
	put(i);
	up_write(&sem);
	return i;
}

static __always_inline u64 seqcount_read(u64 i)
{
	unsigned int seq;

	rcu_read_lock();
	do {
		seq = read_seqcount_begin(&shared.seq);
		i = look();
	} while (read_seqcount_retry(&shared.seq, seq));
	rcu_read_unlock();
	return i;
}

static __always_inline u64 seqcount_write(u64 i)
{
	bench_spin_lock(&shared.lock);
	write_seqcount_begin(&shared.seq);
	put(i);
	write_seqcount_end(&shared.seq);
	bench_spin_unlock(&shared.lock);
	return i;
}

/* Keys 0 to 63: all of it stays in the first cache. */
static __always_inline u64 table_read(struct tripmap *t, u64 i)
{
	u64 value = 0;

	i &= 63;
	tripmap_lookup(t, &i, &value);
	return value;
}

static __always_inline u64 table_write(struct tripmap *t, u64 i)
{
	i &= 63;
	return tripmap_store(t, &i, &i, GFP_KERNEL);
}

static __always_inline u64 single_writer_read(u64 i)
{
	return table_read(tables[0], i);
}

static __always_inline u64 exclusive_read(u64 i)
{
	return table_read(tables[1], i);
}

static __always_inline u64 single_writer_write(u64 i)
{
	return table_write(tables[0], i);
}

static __always_inline u64 exclusive_write(u64 i)
{
	return table_write(tables[1], i);
}

/* A loop of its own for each, inlined as in a user's code; what came out is used. */
#define LOOP(_name)					\
static u64 loop_##_name(void)				\
{							\
	u64 i, sum = 0;					\
							\
	for (i = 0; i < OPS; i++)			\
		sum += _name(i);			\
	return sum;					\
}

LOOP(bare_read)
LOOP(bare_write)
LOOP(spin_read)
LOOP(spin_write)
LOOP(rwlock_read)
LOOP(rwlock_write)
LOOP(rwsem_read)
LOOP(rwsem_write)
LOOP(seqcount_read)
LOOP(seqcount_write)
LOOP(single_writer_read)
LOOP(single_writer_write)
LOOP(exclusive_read)
LOOP(exclusive_write)

static const struct {
	const char	*name, *op;
	u64		(*loop)(void);
} ways[] = {
	{ "bare",		"write",	loop_bare_write },
	{ "bare",		"read",		loop_bare_read },
	{ "spinlock",		"write",	loop_spin_write },
	{ "spinlock",		"read",		loop_spin_read },
	{ "rwlock",		"write",	loop_rwlock_write },
	{ "rwlock",		"read",		loop_rwlock_read },
	{ "rwsem",		"write",	loop_rwsem_write },
	{ "rwsem",		"read",		loop_rwsem_read },
	{ "rcu+seqcount",	"write",	loop_seqcount_write },
	{ "rcu+seqcount",	"read",		loop_seqcount_read },
	{ "single-writer",	"write",	loop_single_writer_write },
	{ "single-writer",	"read",		loop_single_writer_read },
	{ "exclusive",		"write",	loop_exclusive_write },
	{ "exclusive",		"read",		loop_exclusive_read },
};

/* Writes leave the last number in both words; a store says that nothing failed. */
static bool right(unsigned int w, u64 sum)
{
	bool table = ways[w].loop == loop_single_writer_write ||
		     ways[w].loop == loop_exclusive_write ||
		     ways[w].loop == loop_single_writer_read ||
		     ways[w].loop == loop_exclusive_read;
	bool read = ways[w].op[0] == 'r';

	if (table)
		return sum == (read ? OPS / 64 * (63 * 64 / 2) : 0);
	return sum == (read ? 2ULL * OPS * (OPS - 1) : (u64)OPS * (OPS - 1) / 2);
}

static int run_way(unsigned int w, unsigned int round)
{
	u64 begin = bench_clock(), sum = ways[w].loop(), end = bench_clock();

	if (!right(w, sum)) {
		pr_err("tripmap_kbench: %s: wrong at %s\n", ways[w].name, ways[w].op);
		return -EUCLEAN;
	}
	bench_tell(64, ways[w].op, ways[w].name, round, OPS, end - begin);
	return 0;
}

/**
 * bench_locks() - guards, locks and counters, side by side
 * @rounds: how often; one more warms up
 *
 * Context: Task.
 * Return: 0, or an error.
 */
int bench_locks(unsigned int rounds)
{
	unsigned int round, w;
	int err = 0;

	seqcount_init(&shared.seq);
	tables[0] = bench_table(TRIPMAP_HASH_MIX, TRIPMAP_CONTRACT_SINGLE_WRITER);
	tables[1] = bench_table(TRIPMAP_HASH_MIX, TRIPMAP_CONTRACT_EXCLUSIVE);
	if (IS_ERR(tables[0]) || IS_ERR(tables[1]))
		err = -ENOMEM;
	for (round = 0; round <= rounds && !err; round++)
		for (w = 0; w < ARRAY_SIZE(ways) && !err; w++)
			err = run_way(w, round);
	for (w = 0; w < ARRAY_SIZE(tables); w++)
		if (!IS_ERR(tables[w]))
			tripmap_destroy(tables[w]);
	return err;
}
