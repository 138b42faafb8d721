/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The measured loops, written once. A peer includes this after it has defined,
 * as functions that the compiler may inline:
 *
 *	peer_name[]			for the results
 *	peer_new(), peer_free(t)	an empty table, as its users make one
 *	peer_insert(t, k, v)		false: it is there
 *	peer_get(t, k, &v)		false: it is not
 *	peer_update(t, k, v)		false: it is not there
 *	peer_delete(t, k)		likewise
 *	peer_iterate(t, &sum)		all values into sum; how many there are
 *	peer_many(t, keys, sum)		MANY keys at once; how many were found
 *	peer_more(t)			further results of a built table
 *	peer_thread_begin(), _end()	around all that a thread does
 *
 * and PEER_THREADS, 1 where more threads than one may use a table, with
 * peer_new_shared() for a table of many writers. Entry i has key bench_key(i)
 * and the key of the entry bench_next(i) as its value, so that the values lead
 * through all entries. What a loop finds is summed, and must be right.
 */
#ifndef BENCH_LOOP_H
#define BENCH_LOOP_H

#include "bench.h"

#define MANY		32
#define ROUNDS_MAX	20

static word value_of(word i)
{
	return bench_key(bench_next(i));
}

static void must(int right, const char *what)
{
	if (!right)
		bench_fail(what);
}

static void *fill(void *t, word from, word n)
{
	word i, end = from + n, added = 0;

	for (i = from; i < end; i++)
		added += peer_insert(t, bench_key(i), value_of(i));
	must(added == n, "insert: not all are new");
	return t;
}

/* Small tables more than once, so that there is something to measure. */
static void *run_insert(void)
{
	word rounds = bench.ops / bench.n, r, ns = 0, heap = 0, t0;
	void *t = 0;

	rounds = rounds < 1 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds;
	for (r = 0; r < rounds; r++) {
		if (t)
			peer_free(t);
		heap = bench_heap();
		t = peer_new();
		t0 = bench_cpu();
		fill(t, 0, bench.n);
		ns += bench_cpu() - t0;
	}
	bench_result(peer_name, "insert", (double)ns / rounds / bench.n, bench.n,
		     "\"bytes\": %.2f", (double)(bench_heap() - heap) / bench.n);
	return t;
}

/* How many are found; their values go into sum. */
static word hits(void *t, const word *keys, word n, word *sum)
{
	word i, v = 0, found = 0;

	for (i = 0; i < n; i++) {
		if (peer_get(t, keys[i], &v)) {
			found++;
			*sum += v;
		}
	}
	return found;
}

static void run_hit(void *t)
{
	word t0, ns, found, sum = 0;

	hits(t, bench.hit, bench.ops / 4, &sum);
	sum = 0;
	t0 = bench_cpu();
	found = hits(t, bench.hit, bench.ops, &sum);
	ns = bench_cpu() - t0;
	must(found == bench.ops, "hit: not all found");
	bench_result(peer_name, "hit", (double)ns / bench.ops, sum, 0);
}

static void run_miss(void *t)
{
	word t0, ns, found, sum = 0;

	found = hits(t, bench.miss, bench.ops / 4, &sum);
	t0 = bench_cpu();
	found += hits(t, bench.miss, bench.ops, &sum);
	ns = bench_cpu() - t0;
	must(found == 0, "miss: found something");
	bench_result(peer_name, "miss", (double)ns / bench.ops, sum, 0);
}

static word chain(void *t, word k, word n)
{
	word i;

	for (i = 0; i < n; i++)
		must(peer_get(t, k, &k), "dependent: lost the way");
	return k;
}

static void run_dependent(void *t)
{
	word t0, ns, k, at = (__uint128_t)bench.ops * bench.step % bench.n;

	chain(t, bench_key(0), bench.ops / 4);
	t0 = bench_cpu();
	k = chain(t, bench_key(0), bench.ops);
	ns = bench_cpu() - t0;
	must(k == bench_key(at), "dependent: arrived somewhere else");
	bench_result(peer_name, "dependent", (double)ns / bench.ops, k, 0);
}

static void run_many(void *t)
{
	word t0, ns, i, sum = 0, found = 0;

	for (i = 0; i < bench.ops / 4; i += MANY)
		peer_many(t, bench.hit + i, &sum);
	sum = 0;
	t0 = bench_cpu();
	for (i = 0; i < bench.ops; i += MANY)
		found += peer_many(t, bench.hit + i, &sum);
	ns = bench_cpu() - t0;
	must(found == bench.ops, "many: not all found");
	bench_result(peer_name, "many", (double)ns / bench.ops, sum, 0);
}

static void run_iterate(void *t)
{
	word rounds = bench.ops / bench.n, r, t0, ns, sum = 0, n = 0;

	rounds = rounds < 1 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds;
	t0 = bench_cpu();
	for (r = 0; r < rounds; r++)
		n += peer_iterate(t, &sum);
	ns = bench_cpu() - t0;
	must(n == rounds * bench.n, "iterate: not all seen");
	bench_result(peer_name, "iterate", (double)ns / n, sum, 0);
}

static void run_update(void *t)
{
	word t0, ns, i, pass, done = 0, sum = 0;

	t0 = bench_cpu();
	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < bench.ops / 2; i++)
			done += peer_update(t, bench.hit[i], bench.hit[i] + pass);
	ns = bench_cpu() - t0;
	must(done == bench.ops / 2 * 2, "update: not all there");
	hits(t, bench.hit, bench.ops, &sum);
	bench_result(peer_name, "update", (double)ns / done, sum, 0);
}

/*
 * Of ten operations one adds an entry, one takes one away, eight look one up,
 * which may be gone; afterwards the first entries are others.
 */
static void run_mixed(void *t)
{
	word t0, ns, i, v = 0, found = 0, sum = 0, done = 0, at = 0;
	word changes = bench.ops / 10 < bench.n / 2 ? bench.ops / 10 : bench.n / 2;
	word n = changes * 10;

	t0 = bench_cpu();
	for (i = 0; i < n; i++) {
		if (i % 10 == 3) {
			done += peer_insert(t, bench_key(bench.n + i / 10), i);
		} else if (i % 10 == 8) {
			done += peer_delete(t, bench_key(at));
			at = bench_next(at);
		} else if (peer_get(t, bench.hit[i], &v)) {
			found++;
			sum += v;
		}
	}
	ns = bench_cpu() - t0;
	must(done == changes * 2, "mixed: a change failed");
	bench_result(peer_name, "mixed", (double)ns / n, found << 40 ^ sum, 0);
	for (i = 0, at = 0; i < changes; i++, at = bench_next(at)) {
		must(peer_delete(t, bench_key(bench.n + i)), "mixed: an entry is gone");
		must(peer_insert(t, bench_key(at), value_of(at)), "mixed: an entry is back");
	}
}

static void run_delete(void *t)
{
	word t0, ns, i, at = 0, done = 0, sum = 0;

	t0 = bench_cpu();
	for (i = 0; i < bench.n; i++) {
		done += peer_delete(t, bench_key(at));
		at = bench_next(at);
	}
	ns = bench_cpu() - t0;
	must(done == bench.n, "delete: not all there");
	must(!hits(t, bench.hit, bench.ops, &sum), "delete: something is left");
	bench_result(peer_name, "delete", (double)ns / bench.n, done, 0);
}

/* Each insert timed, from empty to full. */
static void run_tail(void)
{
	unsigned int *cycles = bench_durations(bench.n);
	word i, begin, took, added = 0;
	void *t = peer_new();

	for (i = 0; i < bench.n; i++) {
		word k = bench_key(i), v = value_of(i);

		begin = bench_cycles();
		added += peer_insert(t, k, v);
		took = bench_cycles() - begin;
		cycles[i] = took > 0xffffffffU ? 0xffffffffU : took;
	}
	must(added == bench.n, "tail: not all are new");
	peer_free(t);
	bench_tail(peer_name, "tail", cycles, bench.n, added);
}

#if PEER_THREADS
static void *read_side(struct bench_side *side)
{
	word t0, found;

	peer_thread_begin();
	hits(side->table, bench.hit, bench.ops / 4, &side->sum);
	side->sum = 0;
	bench_begin_together();
	t0 = bench_now();
	found = hits(side->table, bench.hit, bench.ops, &side->sum);
	side->ns = bench_now() - t0;
	must(found == bench.ops, "readers: not all found");
	peer_thread_end();
	return 0;
}

static void run_readers(void *t)
{
	struct bench_side side[2] = { { read_side, t, 0, 0, 0, 0 }, { read_side, t, 0, 0, 0, 0 } };
	double mops;

	bench_pair(side);
	must(side[0].sum == side[1].sum, "readers: saw different things");
	mops = bench.ops * 1e3 / side[0].ns + bench.ops * 1e3 / side[1].ns;
	bench_result(peer_name, "readers", 1e3 / mops, side[0].sum, "\"mops\": %.3f", mops);
}

static void *beside_reader(struct bench_side *side)
{
	word at = 0, found, v = 0, i;

	peer_thread_begin();
	bench_begin_together();
	while (!bench_time_is_up()) {
		for (i = found = 0; i < MANY; i++)
			found += peer_get(side->table, bench.hit[at + i], &v);
		must(found == MANY, "reader beside a writer: an entry is gone");
		at = at + MANY == bench.ops ? 0 : at + MANY;
		side->ops += MANY;
	}
	peer_thread_end();
	return 0;
}

/* Entries that the reader does not ask for come and go, never the same. */
static void *beside_writer(struct bench_side *side)
{
	word i, done, first = bench.n;

	peer_thread_begin();
	bench_begin_together();
	for (; !bench_time_is_up(); first += MANY / 2) {
		for (i = done = 0; i < MANY / 2; i++)
			done += peer_insert(side->table, bench_key(first + i), i);
		for (i = 0; i < MANY / 2; i++)
			done += peer_delete(side->table, bench_key(first + i));
		must(done == MANY, "writer beside a reader: a change failed");
		side->ops += MANY;
	}
	peer_thread_end();
	return 0;
}

static void run_beside(void *t)
{
	struct bench_side side[2] = {
		{ beside_reader, t, 0, 0, 0, 0 }, { beside_writer, t, 0, 0, 0, 0 },
	};
	word t0 = bench_now(), ns;

	bench_pair(side);
	ns = bench_now() - t0;
	bench_result(peer_name, "beside", (double)ns / (side[0].ops + side[1].ops), 0,
		     "\"reader\": %.3f, \"writer\": %.3f",
		     side[0].ops * 1e3 / ns, side[1].ops * 1e3 / ns);
}

static void *write_side(struct bench_side *side)
{
	word half = bench.n / 2, t0;

	peer_thread_begin();
	bench_begin_together();
	t0 = bench_now();
	fill(side->table, side->id * half, half);
	side->ns = bench_now() - t0;
	peer_thread_end();
	return 0;
}

static void run_writers(void)
{
	word half = bench.n / 2, rounds = bench.ops / bench.n, r, sum = 0;
	double mops = 0;

	rounds = rounds < 1 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds;
	for (r = 0; r < rounds; r++) {
		void *t = peer_new_shared();
		struct bench_side side[2] = {
			{ write_side, t, 0, 0, 0, 0 }, { write_side, t, 0, 0, 0, 0 },
		};

		bench_pair(side);
		mops += (half * 1e3 / side[0].ns + half * 1e3 / side[1].ns) / rounds;
		must(peer_iterate(t, &sum) == half * 2, "writers: entries were lost");
		peer_free(t);
	}
	bench_result(peer_name, "writers", 1e3 / mops, half * 2, "\"mops\": %.3f", mops);
}

static void run_threads(void *t)
{
	if (bench_wants("readers"))
		run_readers(t);
	if (bench_wants("beside"))
		run_beside(t);
}
#endif

int main(int argc, char **argv)
{
	static void (* const run[])(void *t) = {
		run_hit, run_dependent, run_miss, run_many, run_iterate, run_update, run_mixed,
#if PEER_THREADS
		run_threads,
#endif
		run_delete,
	};
	static const char * const name[] = {
		"hit", "dependent", "miss", "many", "iterate", "update", "mixed",
#if PEER_THREADS
		"threads",
#endif
		"delete",
	};
	word i;
	void *t;

	bench_init(argc, argv);
	peer_thread_begin();
	t = run_insert();
	peer_more(t);
	for (i = 0; i < sizeof(run) / sizeof(run[0]); i++)
		if (bench_wants(name[i]) || name[i][0] == 't')
			run[i](t);
	peer_free(t);
	if (bench_wants("tail"))
		run_tail();
#if PEER_THREADS
	if (bench_wants("writers"))
		run_writers();
#endif
	peer_thread_end();
	return 0;
}

#endif /* BENCH_LOOP_H */
