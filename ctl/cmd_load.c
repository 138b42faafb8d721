// SPDX-License-Identifier: GPL-2.0
/*
 * load: processes that write to and read from one table, each with a socket
 * and with keys of its own. Each knows what it stored and what was refused, so
 * that every answer can be held against it.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd.h"
#include "err.h"
#include "out.h"
#include "types.h"

#define WORKERS_MAX	64
#define TRIES		200	/* reads refused under "exclusive" before giving up */
#define ABSENT		0U	/* versions: the key is not there */
#define UNKNOWN		UINT32_MAX	/* it was there before; its value is not ours */

/* What was asked for; the same in all processes. */
struct job {
	struct table	table;
	uint64_t	ops;		/* of each worker */
	uint64_t	workers;
	uint64_t	reads;		/* percent */
	uint64_t	keys;		/* of each worker */
	uint64_t	from;		/* number of the first key */
	uint64_t	bulk;		/* entries in a message */
	uint64_t	seconds;	/* 0: until all ops are done */
	bool		verify;
};

/* One worker's account, in memory shared with the parent, who only reads it. */
struct account {
	pid_t		pid;
	_Atomic uint64_t done;		/* operations */
	_Atomic uint64_t accepted;	/* stores */
	_Atomic uint64_t refused;	/* stores, -EBUSY or -EDEADLK */
	_Atomic uint64_t reads;
	_Atomic uint64_t reads_refused;
	_Atomic uint64_t wrong;		/* reads that were not as they should be */
	struct problem	problem;	/* why it ended early; valid once it has ended */
};

/* One worker's work, private to it. */
struct worker {
	const struct job *job;
	struct account	*account;
	struct wire	*wire;
	uint32_t	*version;	/* of each key, shared with the parent */
	uint64_t	first_key;
	uint64_t	random;		/* state */
	uint64_t	next;		/* key to write */
	uint32_t	round;		/* times that all keys were written, from 1 */
	/* A message being filled: which keys, and what they shall become. */
	uint64_t	*index;
	uint32_t	*becomes;
	uint8_t		*pack;
	uint64_t	packed;
	uint8_t		*values;	/* answers of a read */
	uint8_t		*found;
};

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

/* The value of a key in a version: the same bytes come from nothing else. */
static void make_value(const struct table *t, uint64_t key, uint32_t version, uint8_t *value)
{
	uint64_t state = mix(key * 0x100000001b3 + version);

	if (t->value.type == TRIPMAP_TYPE_STR) {
		for (size_t i = 0; i < t->value.size; i++, state = mix(state))
			value[i] = (uint8_t)('a' + state % 26);
		return;
	}
	for (size_t i = 0; i < t->value.size; i++, state = mix(state))
		value[i] = (uint8_t)state;
}

static size_t entry_size(const struct table *t)
{
	return (size_t)t->key.size + t->value.size;
}

static bool refused(int err)
{
	return err == -EBUSY || err == -EDEADLK;
}

static int give_up(struct worker *w)
{
	w->account->problem = *wire_problem(w->wire);
	return -1;
}

/* The first n entries of the message were taken, or one was refused. */
static void settle(struct worker *w, uint64_t from, uint64_t n, bool taken)
{
	for (uint64_t i = from; taken && i < from + n; i++)
		w->version[w->index[i]] = w->becomes[i];
	*(taken ? &w->account->accepted : &w->account->refused) += n;
	w->account->done += n;
}

/* Of a message that is refused in the middle the rest is sent again. */
static int send_pack(struct worker *w)
{
	const struct table *t = &w->job->table;
	uint64_t at = 0;

	while (at < w->packed) {
		uint32_t done = 0;
		int err = wire_bulk_put(w->wire, t->name, TRIPMAP_MODE_STORE,
					w->pack + at * entry_size(t),
					(w->packed - at) * entry_size(t), &done);

		if (err && !refused(err))
			return give_up(w);
		settle(w, at, err ? done : w->packed - at, true);
		at += err ? done : w->packed - at;
		if (err)
			settle(w, at++, 1, false);
	}
	w->packed = 0;
	return 0;
}

static int write_one(struct worker *w)
{
	const struct table *t = &w->job->table;
	uint8_t *entry = w->pack + w->packed * entry_size(t);
	uint64_t key = w->first_key + w->next;

	field_from_number(&t->key, key, entry);
	make_value(t, key, w->round, entry + t->key.size);
	w->index[w->packed] = w->next;
	w->becomes[w->packed++] = w->round;
	if (++w->next == w->job->keys) {
		w->next = 0;
		w->round++;
	}
	return w->packed < w->job->bulk ? 0 : send_pack(w);
}

/* Is a key's answer as its version wants it? */
static bool as_expected(const struct table *t, uint64_t key, uint32_t version, bool found,
			const uint8_t *value)
{
	uint8_t expected[TRIPMAP_VALUE_MAX];

	if (version == UNKNOWN)
		return true;
	if (version == ABSENT || !found)
		return found == (version != ABSENT);
	make_value(t, key, version, expected);
	return !memcmp(value, expected, t->value.size);
}

/* Look up n keys from index on; fills values and found. */
static int look_up(struct worker *w, const uint64_t *index, uint64_t n)
{
	const struct table *t = &w->job->table;
	uint8_t *keys = w->pack + w->packed * entry_size(t);

	for (uint64_t i = 0; i < n; i++)
		field_from_number(&t->key, w->first_key + index[i], keys + i * t->key.size);
	return wire_bulk_get(w->wire, t, keys, (uint32_t)n, w->values, w->found);
}

static int read_some(struct worker *w)
{
	const struct table *t = &w->job->table;
	uint64_t *index = w->index + w->packed, n = w->job->bulk - w->packed;
	int err;

	for (uint64_t i = 0; i < n; i++)
		index[i] = (w->random = mix(w->random)) % w->job->keys;
	err = look_up(w, index, n);
	if (err && !refused(err))
		return give_up(w);
	for (uint64_t i = 0; !err && i < n; i++)
		w->account->wrong += !as_expected(t, w->first_key + index[i],
						  w->version[index[i]], w->found[i],
						  w->values + i * t->value.size);
	*(err ? &w->account->reads_refused : &w->account->reads) += n;
	w->account->done += n;
	return 0;
}

/* Reads and writes in turn, so that their shares come out as asked. */
static bool is_read(struct worker *w)
{
	const struct account *a = w->account;
	uint64_t reads = a->reads + a->reads_refused;

	return (reads + 1) * 100 <= (a->done + w->packed + 1) * w->job->reads ||
	       w->job->reads == 100;
}

static void work(struct worker *w)
{
	uint64_t end = w->job->seconds ? cmd_now_ms() + 1000 * w->job->seconds : 0;
	int err = 0;

	while (!err && w->account->done + w->packed < w->job->ops) {
		err = is_read(w) ? read_some(w) : write_one(w);
		if (end && cmd_now_ms() >= end)
			break;
	}
	if (!err)
		send_pack(w);
}

static void worker_free(struct worker *w)
{
	wire_destroy(w->wire);
	free(w->index);
	free(w->becomes);
	free(w->pack);
	free(w->values);
	free(w->found);
}

static bool worker_init(struct worker *w, const struct job *job, unsigned int n,
			struct account *account, uint32_t *version)
{
	const struct table *t = &job->table;

	*w = (struct worker){
		.job = job, .account = account, .wire = wire_create(), .round = 1, .random = n,
		.first_key = job->from + n * job->keys, .version = version + n * job->keys,
		.index = calloc(job->bulk, sizeof(uint64_t)),
		.becomes = calloc(job->bulk, sizeof(uint32_t)),
		.pack = calloc(job->bulk, entry_size(t)),
		.values = calloc(job->bulk, t->value.size + 1UL),
		.found = calloc(job->bulk, 1),
	};
	return w->wire && w->index && w->becomes && w->pack && w->values && w->found;
}

/*
 * Before and after the work the parent looks at all keys of a worker, as
 * nothing changes them then; refusals by other writers are waited out.
 */
static int look_at_all(struct worker *w, void (*each)(struct worker *w, uint64_t i, bool found,
						      const uint8_t *value))
{
	const struct job *job = w->job;

	for (uint64_t first = 0; first < job->keys; first += job->bulk) {
		uint64_t n = job->keys - first < job->bulk ? job->keys - first : job->bulk;
		int err = -EBUSY;

		for (uint64_t i = 0; i < n; i++)
			w->index[i] = first + i;
		for (int try = 0; try < TRIES && refused(err); try++)
			err = look_up(w, w->index, n);
		if (err)
			return give_up(w);
		for (uint64_t i = 0; i < n; i++)
			each(w, first + i, w->found[i], w->values + i * job->table.value.size);
	}
	return 0;
}

static void note_before(struct worker *w, uint64_t i, bool found, const uint8_t *value)
{
	(void)value;
	w->version[i] = found ? UNKNOWN : ABSENT;
}

static void check_after(struct worker *w, uint64_t i, bool found, const uint8_t *value)
{
	w->account->wrong += !as_expected(&w->job->table, w->first_key + i, w->version[i], found,
					  value);
}

/* All processes of a load. */
struct crew {
	struct ctl	*ctl;
	struct job	job;
	struct account	*account;	/* shared memory, one a worker */
	uint32_t	*version;	/* shared memory, job.keys a worker */
	size_t		account_size, version_size;
	int		start[2];	/* closed by the parent: go */
	int		alive[2];	/* held open by workers: end of file, all have ended */
	pid_t		parent;
	uint64_t	started;	/* processes */
	uint64_t	ms;		/* that the work took */
};

/* The parent before and after the work: each worker's keys in turn. */
static int survey(struct crew *crew, void (*each)(struct worker *w, uint64_t i, bool found,
						  const uint8_t *value))
{
	for (unsigned int n = 0; n < crew->job.workers; n++) {
		struct worker w;
		int err = -1;

		if (worker_init(&w, &crew->job, n, &crew->account[n], crew->version))
			err = look_at_all(&w, each);
		else
			snprintf(crew->account[n].problem.text,
				 sizeof(crew->account[n].problem.text), "out of memory");
		worker_free(&w);
		if (err)
			return err_failed(&crew->account[n].problem, "load %s",
					  crew->job.table.name);
	}
	return CTL_OK;
}

/* However the parent ends: alone the worker would go on for as long as was asked for. */
static void end_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
}

static void child(struct crew *crew, unsigned int n)
{
	struct worker w;
	char name[16], byte;

	end_with(crew->parent);
	close(crew->start[1]);
	close(crew->alive[0]);
	snprintf(name, sizeof(name), "load-%u", n + 1);
	prctl(PR_SET_NAME, name);
	if (!worker_init(&w, &crew->job, n, &crew->account[n], crew->version))
		snprintf(crew->account[n].problem.text, sizeof(crew->account[n].problem.text),
			 "out of memory");
	else if (read(crew->start[0], &byte, 1) == 0)
		work(&w);
	worker_free(&w);
	_exit(0);
}

static void tell_progress(const struct crew *crew)
{
	uint64_t done = 0, busy = 0;

	for (unsigned int n = 0; n < crew->job.workers; n++) {
		done += crew->account[n].done;
		busy += crew->account[n].refused + crew->account[n].reads_refused;
	}
	err_progress("%llu operations, %llu refused", (unsigned long long)done,
		     (unsigned long long)busy);
}

/* Wait for the end of all workers, telling how far they are. */
static void wait_all(struct crew *crew)
{
	struct pollfd p = { .fd = crew->alive[0], .events = POLLIN };
	uint64_t last = 0;

	while (poll(&p, 1, crew->ctl->progress ? 250 : -1) <= 0)
		if (cmd_progress_due(crew->ctl, &last))
			tell_progress(crew);
	err_progress_end();
	for (uint64_t n = 0; n < crew->started; n++) {
		int status;

		if (waitpid(crew->account[n].pid, &status, 0) > 0 && WIFSIGNALED(status) &&
		    !crew->account[n].problem.text[0])
			snprintf(crew->account[n].problem.text,
				 sizeof(crew->account[n].problem.text), "killed by signal %d",
				 WTERMSIG(status));
	}
}

static int run_crew(struct crew *crew)
{
	uint64_t begun;

	if (pipe(crew->start) || pipe(crew->alive))
		return err_failed(NULL, "load: no pipe: %s", strerror(errno));
	fflush(NULL);
	crew->parent = getpid();
	for (unsigned int n = 0; n < crew->job.workers; n++) {
		pid_t pid = fork();

		if (!pid)
			child(crew, n);
		if (pid < 0)
			break;
		crew->account[n].pid = pid;
		crew->started++;
	}
	close(crew->start[0]);
	close(crew->alive[1]);
	begun = cmd_now_ms();
	close(crew->start[1]);
	wait_all(crew);
	close(crew->alive[0]);
	crew->ms = cmd_now_ms() - begun;
	return crew->started == crew->job.workers ? CTL_OK :
	       err_failed(NULL, "load: only %llu workers could be started",
			  (unsigned long long)crew->started);
}

static void put_account(const struct account *a, unsigned int n)
{
	out_object(NULL);
	if (n)
		out_fmt("worker", "load-%u", n);
	else
		out_str("worker", "all");
	out_num("pid", (uint64_t)a->pid);
	out_num("accepted", a->accepted);
	out_num("refused", a->refused);
	out_num("reads", a->reads);
	out_num("reads_refused", a->reads_refused);
	out_num("wrong", a->wrong);
	out_end();
}

static void add_up(struct account *sum, const struct account *a)
{
	sum->done += a->done;
	sum->accepted += a->accepted;
	sum->refused += a->refused;
	sum->reads += a->reads;
	sum->reads_refused += a->reads_refused;
	sum->wrong += a->wrong;
}

static void put_result(const struct crew *crew, struct account *sum)
{
	out_object(NULL);
	out_list("workers");
	for (unsigned int n = 0; n < crew->job.workers; n++) {
		add_up(sum, &crew->account[n]);
		put_account(&crew->account[n], n + 1);
	}
	if (!out_is_json())
		put_account(sum, 0);
	out_end();
	out_str("table", crew->job.table.name);
	out_num("operations", sum->done);
	out_json_num("accepted", sum->accepted);
	out_json_num("refused", sum->refused);
	out_fmt("seconds", "%.3f", (double)crew->ms / 1000);
	out_num("operations_per_second", sum->done * 1000 / (crew->ms ? crew->ms : 1));
	if (crew->job.verify)
		out_text_fact("verified", "%llu keys: %s",
			      (unsigned long long)(crew->job.keys * crew->job.workers),
			      sum->wrong ? "NOT as they should be" :
			      "every accepted store is there, every refused one is not");
	out_json_num("verified_keys", crew->job.verify ? crew->job.keys * crew->job.workers : 0);
	out_json_num("wrong", sum->wrong);
	out_end();
}

static int conclude(const struct crew *crew)
{
	struct account sum = { 0 };

	put_result(crew, &sum);
	for (unsigned int n = 0; n < crew->job.workers; n++)
		if (crew->account[n].problem.text[0])
			return err_failed(&crew->account[n].problem, "load %s: load-%u",
					  crew->job.table.name, n + 1);
	if (sum.wrong)
		return err_failed(NULL, "load %s: %llu answers were wrong", crew->job.table.name,
				  (unsigned long long)sum.wrong);
	return CTL_OK;
}

static void *shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int load(struct crew *crew)
{
	int rc;

	crew->account_size = crew->job.workers * sizeof(struct account);
	crew->version_size = crew->job.workers * crew->job.keys * sizeof(uint32_t);
	crew->account = shared(crew->account_size);
	crew->version = shared(crew->version_size);
	if (!crew->account || !crew->version)
		return err_failed(NULL, "load: out of memory");
	rc = survey(crew, note_before);
	if (!rc)
		rc = run_crew(crew);
	if (!rc && crew->job.verify)
		rc = survey(crew, check_after);
	if (!rc)
		rc = conclude(crew);
	munmap(crew->account, crew->account_size);
	munmap(crew->version, crew->version_size);
	return rc;
}

/* What was not said follows from the rest. */
static int complete(struct job *job)
{
	uint64_t fit = TRIPMAP_BULK_MAX / entry_size(&job->table);
	uint8_t key[TRIPMAP_KEY_MAX];

	if (!job->keys)
		job->keys = job->seconds || job->ops > 100000 ? 100000 : job->ops;
	if (job->seconds)
		job->ops = UINT64_MAX / 2;
	if (job->bulk > fit)
		return err_usage("load: bulk: at most %llu entries of this table fit into a message",
				 (unsigned long long)fit);
	if (!field_from_number(&job->table.key, job->from + job->workers * job->keys - 1, key))
		return err_usage("load: the table's keys cannot be so many (keys N, from N)");
	return 0;
}

static int run(struct ctl *c, struct args *a)
{
	struct crew crew = { .ctl = c, .job = { .ops = 100000, .workers = 2, .bulk = 64 } };
	struct job *job = &crew.job;
	const struct arg_option options[] = {
		{ .word = "ops", .number = &job->ops, .min = 1, .max = UINT64_MAX / 2 },
		{ .word = "threads", .number = &job->workers, .min = 1, .max = WORKERS_MAX },
		{ .word = "reads", .number = &job->reads, .max = 100 },
		{ .word = "keys", .number = &job->keys, .min = 1, .max = 1 << 28 },
		{ .word = "from", .number = &job->from, .max = UINT64_MAX / 2 },
		{ .word = "bulk", .number = &job->bulk, .min = 1, .max = TRIPMAP_BULK_MAX },
		{ .word = "seconds", .number = &job->seconds, .min = 1, .max = 86400 },
		{ .word = "verify", .flag = &job->verify },
	};
	int rc = cmd_find_table(c, a, &job->table);

	if (!rc)
		rc = args_options(a, options, ARRAY_SIZE(options));
	if (!rc)
		rc = complete(job);
	return rc ? rc : load(&crew);
}

const struct cmd cmd_load = {
	.name = "load",
	.run = run,
	.help =
"load NAME [ops N] [seconds S] [threads N] [reads PERCENT] [keys N] [from K]\n"
"             [bulk N] [verify]\n"
"\n"
"Let processes load-1, load-2, ... write to the table at once and without a lock,\n"
"and count what was accepted and what was refused. Every read is checked.\n"
"\n"
"ops       operations of each process (100000), or\n"
"seconds   how long\n"
"threads   processes (2), each with a socket and keys of its own\n"
"reads     how many of the operations are lookups, in percent (0)\n"
"keys      different keys of each process (as many as ops, at most 100000)\n"
"from      number of the first key (0)\n"
"bulk      entries in one message (64)\n"
"verify    look up all keys at the end: every accepted store must be there, every\n"
"          refused one must not\n",
};
