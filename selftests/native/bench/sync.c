// SPDX-License-Identifier: GPL-2.0
/*
 * Ways to keep writers apart, measured side by side with two threads.
 *
 * Entry i has the key bench_key(i) and as its value that key, in whose lowest
 * byte there is how often it was replaced: so each read is checked by itself, and
 * at the end of a run each entry is what was last written.
 *
 * A round measures every cell of a grid once, one after another.
 */
#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shim/thread.h"
#include "sync.h"

#define ENTRIES		1000
#define SMALL		64	/* 1 KB of entries */
#define SHARDS		8
#define ABSENT		(1UL << 40)	/* indices from here on are never in a table */
#define CHUNK		256	/* lookups between two looks at the clock */
#define NEWEST		16	/* half of the lookups of storm are for these */
#define TRIAL_NS	2000000UL

static int rounds = 5, json;
static word target_ns = 100000000UL;

static const char * const method_name[SYNC_METHODS] = {
	[SYNC_SINGLE_WRITER] = "single-writer", [SYNC_SHARDED] = "sharded", [SYNC_RWLOCK] = "rwlock",
	[SYNC_SNAPSHOT] = "snapshot", [SYNC_SPLIT] = "split",
};

/* What two threads do with a table. */
struct job {
	void *t;
	word n;				/* entries */
	word ops;			/* of each of the two */
	word reads;			/* of a thousand operations */
	word rate;			/* changes a second, 0 for none */
	pthread_spinlock_t *lock;	/* around writes, or NULL */
	void (*read)(struct job *job, word random);
	void (*change)(struct job *job);
	unsigned char *version[2];	/* of entries 2 * i + id, by thread id alone */
	word changes;			/* by the one that makes changes */
	_Atomic word oldest, newest;	/* storm: entries, set by its writer */
};

static void must(int ok, const char *what)
{
	if (!ok)
		bench_fail(what);
}

static word next_random(word *state)
{
	*state += 0x9e3779b97f4a7c15UL;
	return bench_key(*state);
}

static word below(word n, word random)
{
	return (random >> 32) * n >> 32;
}

/*
 * Tables
 */

static void read_one(struct job *job, word i)
{
	word k = bench_key(i), v;

	must(sync_get(job->t, k, &v) && (v ^ k) < 256, "read: not there, or another one's value");
}

static void check(struct job *job)
{
	struct sync_info info;
	word i, k, v;

	for (i = 0; i < job->n; i++) {
		k = bench_key(i);
		must(sync_get(job->t, k, &v) && (v ^ k) == job->version[i & 1][i / 2],
		     "an entry is not what was last written");
	}
	sync_info(job->t, &info);
	must(info.entries == job->n, "entries were lost, or are left");
}

/* The first check makes the new keys of sync split a part that is read without locks. */
static void job_begin(struct job *job, enum sync_method method, int shards)
{
	static unsigned char version[2][ENTRIES / 2] __attribute__((aligned(64)));
	static pthread_spinlock_t lock;
	word i;

	memset(version, 0, sizeof(version));
	job->version[0] = version[0];
	job->version[1] = version[1];
	if (method == SYNC_SINGLE_WRITER) {
		pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
		job->lock = &lock;
	}
	job->t = sync_new(method, shards);
	for (i = 0; i < job->n; i++)
		must(sync_insert(job->t, bench_key(i), bench_key(i)), "fill");
	atomic_store(&job->newest, job->n - 1);
	check(job);
	check(job);
}

/* Both begin at once; the longer one's time in ns. */
static word job_run(struct job *job, void *(*fn0)(struct bench_side *),
		    void *(*fn1)(struct bench_side *), struct bench_side *side)
{
	side[0] = (struct bench_side){ .fn = fn0, .table = job };
	side[1] = (struct bench_side){ .fn = fn1, .table = job };
	bench_pair(side);
	return side[0].ns > side[1].ns ? side[0].ns : side[1].ns;
}

/*
 * Both read and write: sweep and shards
 */

struct writer {
	struct job *job;
	int id;
	word turn;
};

/* Entry 2 * i + id of all that are not there from the beginning. */
static word passing(const struct writer *w)
{
	return bench_key(w->job->n + w->turn / 4 * 2 + w->id);
}

/* Every other write replaces; between those a new key comes, and goes. */
static int write_unlocked(struct writer *w, word random)
{
	word i = below(w->job->n / 2, random), k = bench_key(2 * i + w->id);

	switch (w->turn & 3) {
	case 1:
		return sync_insert(w->job->t, passing(w), 0);
	case 3:
		return sync_delete(w->job->t, passing(w));
	default:
		return sync_replace(w->job->t, k, k ^ ++w->job->version[w->id][i]);
	}
}

static void write_one(struct writer *w, word random)
{
	pthread_spinlock_t *lock = w->job->lock;
	int done;

	if (lock)
		pthread_spin_lock(lock);
	done = write_unlocked(w, random);
	if (lock)
		pthread_spin_unlock(lock);
	must(done, "a write failed");
	w->turn++;
}

/* One read of 16 is for what is not there. */
static void read_some(struct job *job, word random)
{
	word v;

	if (random & 15)
		read_one(job, below(job->n, random));
	else
		must(!sync_get(job->t, bench_key(ABSENT + (random >> 32)), &v), "read: not so");
}

static void *mixed_side(struct bench_side *side)
{
	struct writer w = { .job = side->table, .id = side->id };
	word i, t0, random, state = side->id;

	shim_thread_begin();
	bench_begin_together();
	t0 = bench_now();
	for (i = 0; i < w.job->ops; i++) {
		random = next_random(&state);
		if ((random >> 8 & 0xffffff) % 1000 < w.job->reads)
			read_some(w.job, random);
		else
			write_one(&w, random);
	}
	side->ns = bench_now() - t0;
	while (w.turn & 3)
		write_one(&w, random);
	shim_thread_end();
	return NULL;
}

/* ns an operation, two threads taken together; how many is found out by the first round. */
static double mixed(word *ops, word reads, enum sync_method method, int shards)
{
	struct job job = { .n = ENTRIES, .reads = reads, .ops = *ops ? *ops : 32 };
	struct bench_side side[2];
	word ns;

	job_begin(&job, method, shards);
	ns = job_run(&job, mixed_side, mixed_side, side);
	while (!*ops) {
		if (ns >= TRIAL_NS || ns >= target_ns)
			*ops = job.ops = 1 + job.ops * ((double)target_ns / ns);
		else
			job.ops *= 2;
		ns = job_run(&job, mixed_side, mixed_side, side);
	}
	check(&job);
	sync_free(job.t);
	return ns / 2.0 / job.ops;
}

/*
 * One reads, one changes something so many times a second: storm and snapshot
 */

static void *reading_side(struct bench_side *side)
{
	struct job *job = side->table;
	word i, state = 0, t0;

	shim_thread_begin();
	bench_begin_together();
	t0 = bench_cpu();
	do {
		for (i = 0; i < CHUNK; i++)
			job->read(job, next_random(&state));
		side->ops += CHUNK;
	} while (!bench_time_is_up());
	side->ns = bench_cpu() - t0;
	shim_thread_end();
	return NULL;
}

static void sleep_until(word ns)
{
	struct timespec ts = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

/* Who came too late makes up for it. */
static void *changing_side(struct bench_side *side)
{
	struct job *job = side->table;
	word t0;

	shim_thread_begin();
	bench_begin_together();
	t0 = bench_now();
	while (job->rate && (!side->ops || !bench_time_is_up())) {
		job->change(job);
		side->ops++;
		sleep_until(t0 + side->ops * 1000000000 / job->rate);
	}
	side->ns = bench_now() - t0;
	shim_thread_end();
	return NULL;
}

/* Half of the lookups are for the newest entries; what was not found was deleted meanwhile. */
static void storm_read(struct job *job, word random)
{
	word age = below(random & 1 ? NEWEST : job->n, random), v;
	word i = atomic_load(&job->newest) - age, k = bench_key(i);

	if (sync_get(job->t, k, &v))
		must(v == k, "storm: another one's value");
	else
		must(i < atomic_load(&job->oldest), "storm: an entry is gone");
}

static void storm_change(struct job *job)
{
	word added = atomic_load(&job->newest) + 1, gone = atomic_load(&job->oldest);

	must(sync_insert(job->t, bench_key(added), bench_key(added)), "storm: not new");
	atomic_store(&job->newest, added);
	atomic_store(&job->oldest, gone + 1);
	must(sync_delete(job->t, bench_key(gone)), "storm: not there");
}

static void snapshot_read(struct job *job, word random)
{
	read_one(job, below(job->n, random));
}

static void snapshot_change(struct job *job)
{
	word i = job->changes++ % job->n, k = bench_key(i);

	must(sync_replace(job->t, k, k ^ ++job->version[i & 1][i / 2]), "snapshot: not there");
}

/*
 * What is shown
 */

#define ROWS_MAX	6
#define COLUMNS_MAX	5
#define ROUNDS_MAX	99

/* Rows are what is varied. */
struct grid {
	const char *name, *what, *row_name;
	const char *row[ROWS_MAX + 1], *column[COLUMNS_MAX + 1];
	double v[ROWS_MAX][COLUMNS_MAX][ROUNDS_MAX];	/* sorted by grid_show() */
	void (*measure)(struct grid *g, int row, int round);	/* all of the row */
	void (*after)(struct grid *g);
};

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int digits(double v)
{
	return v < 10 ? 2 : v < 100;
}

static void cell_show(const struct grid *g, int row, int column, const double *v)
{
	double min = v[0], median = v[rounds / 2], max = v[rounds - 1];
	char text[64];

	snprintf(text, sizeof(text), "%.*f (%.*f-%.*f)", digits(median), median,
		 digits(min), min, digits(max), max);
	if (json)
		printf("{\"scenario\": \"%s\", \"%s\": %s, \"column\": \"%s\", "
		       "\"min\": %.4f, \"median\": %.4f, \"max\": %.4f}\n", g->name, g->row_name,
		       g->row[row], g->column[column], min, median, max);
	else
		printf(" %17s", text);
}

static void head_show(const struct grid *g)
{
	int column;

	printf("%s: %s; median (min-max) of %d\n%10s", g->name, g->what, rounds, g->row_name);
	for (column = 0; g->column[column]; column++)
		printf(" %17s", g->column[column]);
	printf("\n");
}

static void grid_show(struct grid *g)
{
	const char *line = json ? "" : "\n";
	int row, column;

	if (!json)
		head_show(g);
	for (row = 0; g->row[row]; row++) {
		if (!json)
			printf("%10s", g->row[row]);
		for (column = 0; g->column[column]; column++) {
			qsort(g->v[row][column], rounds, sizeof(double), by_value);
			cell_show(g, row, column, g->v[row][column]);
		}
		fputs(line, stdout);
	}
	if (g->after)
		g->after(g);
	fputs(line, stdout);
	fflush(stdout);
}

static void grid_run(struct grid *g)
{
	int round, row;

	for (round = 0; round < rounds; round++)
		for (row = 0; g->row[row]; row++)
			g->measure(g, row, round);
	grid_show(g);
}

static void sweep_measure(struct grid *g, int row, int round)
{
	static word ops[ROWS_MAX][SYNC_METHODS];
	word reads = strtod(g->row[row], NULL) * 10 + 0.5;
	int m;

	for (m = 0; m < SYNC_METHODS; m++)
		g->v[row][m][round] = 1e3 / mixed(&ops[row][m], reads, m,
						  m == SYNC_SHARDED ? SHARDS : 0);
}

/* Is a ahead of b, by medians, as it was not at the share before? */
static int passes(struct grid *g, int row, int a, int b)
{
	int m = rounds / 2;

	return g->v[row][a][m] > g->v[row][b][m] && g->v[row - 1][a][m] <= g->v[row - 1][b][m];
}

static void crossing_show(struct grid *g, int row, int a, int b)
{
	int overlap = g->v[row][a][0] <= g->v[row][b][rounds - 1];

	if (json)
		printf("{\"scenario\": \"%s\", \"ahead\": \"%s\", \"of\": \"%s\", "
		       "\"from\": %s, \"overlap\": %s}\n", g->name, g->column[a], g->column[b],
		       g->row[row], overlap ? "true" : "false");
	else
		printf("%s passes %s at %s %% reads%s\n", g->column[a], g->column[b],
		       g->row[row], overlap ? " (their ranges overlap)" : "");
}

static void sweep_after(struct grid *g)
{
	int row, a, b;

	for (row = 1; g->row[row]; row++)
		for (a = 0; a < SYNC_METHODS; a++)
			for (b = 0; b < SYNC_METHODS; b++)
				if (passes(g, row, a, b))
					crossing_show(g, row, a, b);
}

static void storm_measure(struct grid *g, int row, int round)
{
	struct job job = { .n = ENTRIES, .rate = strtoul(g->row[row], NULL, 10),
			   .read = storm_read, .change = storm_change };
	struct sync_info from, to;
	struct bench_side side[2];
	double seconds, v[4];
	word hits;
	int column;

	job_begin(&job, SYNC_SPLIT, 0);
	sync_info(job.t, &from);
	seconds = job_run(&job, reading_side, changing_side, side) / 1e9;
	sync_info(job.t, &to);
	must(to.entries == ENTRIES, "storm: entries were lost, or are left");
	hits = to.hits - from.hits;
	must(hits + to.misses - from.misses == side[0].ops, "storm: lookups were not counted");
	v[0] = hits * 100.0 / side[0].ops;
	v[1] = (double)side[0].ns / side[0].ops;
	v[2] = (to.promotions - from.promotions) / seconds;
	v[3] = side[1].ops / seconds;
	for (column = 0; column < 4; column++)
		g->v[row][column][round] = v[column];
	sync_free(job.t);
}

static void snapshot_measure(struct grid *g, int row, int round)
{
	static const enum sync_method method[] = { SYNC_SNAPSHOT, SYNC_RWLOCK };
	struct sync_info from, to;
	struct bench_side side[2];
	word ns;
	int i;

	for (i = 0; i < 2; i++) {
		struct job job = { .n = SMALL, .rate = strtoul(g->row[row], NULL, 10),
				   .read = snapshot_read, .change = snapshot_change };

		job_begin(&job, method[i], 0);
		sync_info(job.t, &from);
		ns = job_run(&job, reading_side, changing_side, side);
		sync_info(job.t, &to);
		g->v[row][2 * i][round] = (double)side[0].ns / side[0].ops;
		g->v[row][2 * i + 1][round] = (to.deferred - from.deferred) * 1e6 / ns;
		check(&job);
		sync_free(job.t);
	}
}

static void shards_measure(struct grid *g, int row, int round)
{
	static word ops[ROWS_MAX];

	g->v[row][0][round] = mixed(&ops[row], 0, SYNC_SHARDED, atoi(g->row[row]));
}

static struct grid grids[] = {
	{ .name = "sweep", .what = "million operations a second by two threads",
	  .row_name = "reads %", .row = { "50", "75", "90", "95", "99", "99.9" },
	  .measure = sweep_measure, .after = sweep_after },
	{ .name = "storm", .what = "sync split, one reader, new keys by one writer",
	  .row_name = "new keys/s", .row = { "0", "100", "1000", "5000" },
	  .column = { "hits %", "ns a lookup", "promotions/s", "changes/s" },
	  .measure = storm_measure },
	{ .name = "snapshot", .what = "1 KB of entries, ns a read, KB/s handed to RCU",
	  .row_name = "writes/s", .row = { "0", "1000" },
	  .column = { "snapshot ns", "snapshot KB/s", "rwlock ns", "rwlock KB/s" },
	  .measure = snapshot_measure },
	{ .name = "shards", .what = "ns an operation, of two writers together",
	  .row_name = "shards", .row = { "1", "2", "4", "8", "16", "64" }, .column = { "ns" },
	  .measure = shards_measure },
};

#define GRIDS	(sizeof(grids) / sizeof(grids[0]))

static void usage(void)
{
	bench_fail("usage: sync [--json] [--rounds N] [--ms N] [SCENARIO...]");
}

static void read_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, &json, 1 }, { "rounds", required_argument, NULL, 'r' },
		{ "ms", required_argument, NULL, 'm' }, { 0 },
	};
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o == 'r')
			rounds = atoi(optarg);
		else if (o == 'm')
			target_ns = strtoul(optarg, NULL, 10) * 1000000;
		else if (o)
			usage();
	}
	if (rounds < 1 || rounds > ROUNDS_MAX || !target_ns)
		usage();
}

int main(int argc, char **argv)
{
	word i, ran = 0;
	int a;

	read_options(argc, argv);
	memcpy(grids[0].column, method_name, sizeof(method_name));
	bench_init(3, (char *[]){ "sync", "1000", "1024" });
	shim_thread_begin();
	sync_init();
	for (i = 0; i < GRIDS; i++)
		for (a = optind; a < argc || optind == argc; a++)
			if (optind == argc || !strcmp(argv[a], grids[i].name)) {
				grid_run(&grids[i]);
				ran++;
				break;
			}
	shim_thread_end();
	if (!ran || (optind < argc && ran < (word)(argc - optind)))
		usage();
	return 0;
}
