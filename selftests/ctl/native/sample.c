// SPDX-License-Identifier: GPL-2.0
#include "sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/tripmap_names.h>

#include "histogram.h"

#define NOW		5000000000000ULL
#define SECOND		1000000000ULL
#define ALL		(~0ULL)

static void add_frame(struct party *p, const char *frame)
{
	snprintf(p->frame[p->nframes++], FRAME_SIZE, "%s", frame);
}

static void party(struct party *p, const char *comm, uint32_t pid, uint8_t op, const char *caller)
{
	p->has = ALL;
	p->pid = p->tgid = pid;
	p->cpu = pid % 2;
	p->op = op;
	snprintf(p->comm, sizeof(p->comm), "%s", comm);
	snprintf(p->caller, sizeof(p->caller), "%s", caller);
	add_frame(p, "tm_violation+0x136/0x1f0 [tripmap]");
	add_frame(p, caller);
	add_frame(p, "kthread+0xda/0x100");
	p->key_size = p->key_len = 16;
	snprintf((char *)p->key, PARTY_KEY_MAX, "%s", comm);
	p->bucket = 4665;
}

static void origin(struct origin *o)
{
	o->has = ALL;
	o->pid = 77;
	o->cpu = 1;
	o->since = NOW - 50000000;
	snprintf(o->comm, sizeof(o->comm), "queuer");
	snprintf(o->caller, sizeof(o->caller), "session_close+0x30/0x50 [sessions]");
	snprintf(o->frame[o->nframes++], FRAME_SIZE, "session_close+0x30/0x50 [sessions]");
	snprintf(o->frame[o->nframes++], FRAME_SIZE, "__x64_sys_close+0x10/0x40");
}

static void slot(struct link *l, unsigned int n, uint8_t tag, const char *key, const char *value)
{
	struct slot *s = &l->slot[n];

	s->used = true;
	s->tag = tag;
	s->key_len = 16;
	snprintf((char *)s->key, sizeof(s->key), "%s", key);
	s->value_len = 24;
	snprintf((char *)s->value, sizeof(s->value), "%s", value);
}

static void chain(struct bucket *b)
{
	b->index = b->link[0].index = 4665;
	b->version = 12;
	b->nlinks = 2;
	b->link[1].index = 70001;
	slot(&b->link[0], 0, 0x5f, "alice", HOSTILE);
	slot(&b->link[0], 3, 0x80, "session_b", "the victim's");
	b->link[0].slot[4].tag = 1;
	slot(&b->link[1], 7, 0x81, "session_a", "the holder's");
}

bool sample_has_holder(uint8_t class)
{
	return class != TRIPMAP_CLASS_UNINITIALISED && class != TRIPMAP_CLASS_EXITING_WRITER &&
	       class != TRIPMAP_CLASS_FORGED_FLAG && class != TRIPMAP_CLASS_REENTRANT_ITERATION;
}

static bool is_absent(uint8_t class)
{
	return class == TRIPMAP_CLASS_FOREIGN_WRITER || class == TRIPMAP_CLASS_DESTROYED ||
	       class == TRIPMAP_CLASS_STALE_WRITER;
}

static void of_class(struct report *r, uint8_t class)
{
	r->class = class;
	r->action = TRIPMAP_ACTION_REPORT;
	r->result = -16;
	r->contract = TRIPMAP_CONTRACT_SINGLE_WRITER;
	r->half = is_absent(class) || !sample_has_holder(class) ? TRIPMAP_HALF_NONE :
		  TRIPMAP_HALF_COMPLETE;
	r->time = NOW;
	r->time_real = 1700000000000000000ULL;
	snprintf(r->table, sizeof(r->table), "sessions");
	snprintf(r->title, sizeof(r->title),
		 "tripmap: %s in session_expire / session_store, table sessions",
		 tripmap_class_name(class));
	party(&r->victim, "session_b", 120, TRIPMAP_OP_DELETE,
	      "session_expire+0x15/0x20 [sessions]");
	r->victim.since = NOW - 1100;
	if (!sample_has_holder(class))
		return;
	party(&r->holder, "session_a", 119, TRIPMAP_OP_STORE, "session_store+0x1f/0x30 [sessions]");
	r->holder.since = NOW - 12001600;
}

static void details(struct report *r)
{
	r->found = sample_has_holder(r->class) && !is_absent(r->class) ? TRIPMAP_FOUND_OTHER :
		   TRIPMAP_FOUND_NOBODY;
	/* Held, asked for, task, pid 119, generation 4711. */
	r->word = 3ULL << 62 | 119ULL << 37 | 4711;
	r->shards = 4;
	r->shard = 2;
	r->key_size = 16;
	r->value_size = 24;
	r->entries = 30000;
	r->buckets = 8192;
	r->overflow = 11;
	r->epoch = 3;
	chain(&r->bucket);
}

static void special(struct report *r)
{
	switch (r->class) {
	case TRIPMAP_CLASS_WRITE_DURING_RESIZE:
		r->resize = TRIPMAP_RESIZE_GROW;
		r->resize_done = 5;
		r->resize_total = 16;
		r->growing = 1;
		r->word |= 1ULL << 61;
		break;
	case TRIPMAP_CLASS_INTERRUPT_DURING_WRITE:
		r->victim.context = TRIPMAP_CONTEXT_SOFTIRQ;
		r->found = TRIPMAP_FOUND_BELOW;
		break;
	case TRIPMAP_CLASS_REENTRANT_WRITE:
		r->found = TRIPMAP_FOUND_SELF;
		break;
	case TRIPMAP_CLASS_EXITING_WRITER:
		r->result = 0;
		r->victim.flags = TRIPMAP_PARTY_FLAG_EXITING | TRIPMAP_PARTY_FLAG_WORKER;
		snprintf(r->victim.work, sizeof(r->victim.work), "session_reap [sessions]");
		origin(&r->victim.origin);
		break;
	case TRIPMAP_CLASS_STALE_WRITER:
		r->age = 5200000000;
		r->result = 0;
		r->victim.op = TRIPMAP_OP_WATCH;
		r->holder.flags = TRIPMAP_PARTY_FLAG_GONE;
		break;
	case TRIPMAP_CLASS_FORGED_FLAG:
		r->result = 0;
		r->frozen = 1;
		break;
	}
}

/* --- what went before --- */

#define RECORDS_MAX	512

struct past {
	struct report	*r;
	struct record	*e;		/* the last one */
};

/* ns before the violation. */
static void happens(struct past *p, uint8_t event, int64_t before, uint32_t cpu, uint32_t pid)
{
	static struct record records[RECORDS_MAX];

	if (p->r->nrecords == RECORDS_MAX)
		abort();
	p->r->record = records;
	p->e = &records[p->r->nrecords++];
	*p->e = (struct record){
		.has = ALL & ~(1ULL << TRIPMAP_A_EVENT_KIND | 1ULL << TRIPMAP_A_EVENT_CLASS |
			       1ULL << TRIPMAP_A_EVENT_BUCKET),
		.time = NOW - (uint64_t)before, .event = event, .cpu = cpu, .pid = pid,
		.table_id = 4, .shard = 2, .op = TRIPMAP_OP_STORE, .digest = 0xbeef,
	};
	snprintf(p->e->table, NAME_SIZE, "sessions");
}

static void paused(struct past *p, uint8_t kind, int64_t before, uint64_t ns, uint32_t cpu,
		   uint32_t pid)
{
	happens(p, TRIPMAP_EVENT_PAUSE, before, cpu, pid);
	SET_HAS(p->e, TRIPMAP_A_EVENT_KIND);
	p->e->kind = kind;
	p->e->duration = ns;
}

static void labelled(struct past *p)
{
	snprintf(p->e->label, LABEL_SIZE, "flush");
	snprintf(p->e->parent, LABEL_SIZE, "sync");
}

/* A write of 3 us. */
static void writes(struct past *p, int64_t before, uint32_t cpu, uint32_t pid, bool evacuates)
{
	happens(p, TRIPMAP_EVENT_WRITE_BEGIN, before, cpu, pid);
	labelled(p);
	if (evacuates) {
		happens(p, TRIPMAP_EVENT_GROW_STEP, before - 2000, cpu, pid);
		p->e->value = 5;
		paused(p, TRIPMAP_PAUSE_KIND_EVACUATE, before - 2100, 1500, cpu, pid);
	}
	paused(p, TRIPMAP_PAUSE_KIND_ODD, before - 2500, 400, cpu, pid);
	paused(p, TRIPMAP_PAUSE_KIND_WRITE, before - 3000, 3000, cpu, pid);
	happens(p, TRIPMAP_EVENT_WRITE_END, before - 3000, cpu, pid);
	labelled(p);
	SET_HAS(p->e, TRIPMAP_A_EVENT_BUCKET);
	p->e->bucket = 17;
	p->e->duration = 3000;
}

/* Another table's writer is preempted amid its write, by one that is not done when it is. */
static void overlap(struct past *p, int64_t before)
{
	static const struct {
		uint8_t		event;
		int64_t		later;
		uint32_t	pid;
	} steps[] = {
		{ TRIPMAP_EVENT_WRITE_BEGIN, 0, 300 }, { TRIPMAP_EVENT_WRITE_BEGIN, 1000, 301 },
		{ TRIPMAP_EVENT_WRITE_END, 2000, 300 }, { TRIPMAP_EVENT_WRITE_END, 3000, 301 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		happens(p, steps[i].event, before - steps[i].later, 3, steps[i].pid);
		p->e->table_id = steps[i].pid;
		snprintf(p->e->table, NAME_SIZE, "other");
		if (steps[i].event == TRIPMAP_EVENT_WRITE_END)
			p->e->duration = 2000;
	}
}

static void happened(struct past *p)
{
	for (int64_t before = 9900000; before > 5000000; before -= 100000)
		writes(p, before, 1, 119, false);
	happens(p, TRIPMAP_EVENT_GROW_BEGIN, 4900000, 1, 119);
	p->e->value = 16384;
	writes(p, 4800000, 1, 119, true);
	overlap(p, 3500000);
	happens(p, TRIPMAP_EVENT_VIOLATION, 3000000, 0, 120);
	SET_HAS(p->e, TRIPMAP_A_EVENT_CLASS);
	p->e->class = TRIPMAP_CLASS_WRITE_DURING_WRITE;
	p->e->value = p->r->id - 1;
	happens(p, TRIPMAP_EVENT_ITERATE_NEXT, 2900000, 0, 301);
	p->e->value = 8;
	happens(p, TRIPMAP_EVENT_ITERATE_DONE, 2890000, 0, 301);
	p->e->value = 8;
	happens(p, TRIPMAP_EVENT_GROW_END, 1500000, 1, 119);
	p->e->value = 8192;
	paused(p, TRIPMAP_PAUSE_KIND_GRACE, 1000000, 5000000, 0, 0);
	paused(p, TRIPMAP_PAUSE_KIND_EVACUATE, 200000, 12000, 1, 119);
	happens(p, TRIPMAP_EVENT_WRITE_BEGIN, 12000, 1, 119);
	labelled(p);
	happens(p, TRIPMAP_EVENT_VIOLATION, 0, 0, 120);
	p->e->class = p->r->class;
	p->e->value = p->r->id;
}

static void window(struct report *r)
{
	struct past p = { .r = r };

	happened(&p);
	r->window = (struct window){
		.has = ALL, .state = TRIPMAP_WINDOW_FROZEN, .recorder = TRIPMAP_RECORDER_ON,
		.share = 1, .events = (uint32_t)r->nrecords, .begin = NOW - 10000000,
		.length = 10000000,
	};
	r->nspikes = 2;
	r->spike[0] = (struct spike){
		.has = ALL, .kind = TRIPMAP_PAUSE_KIND_EVACUATE, .count = 3, .last = 200000,
		.span = 4000000, .gap_max = 3900000, .gap_min = 80000, .longest = 12000,
		.spike = TRIPMAP_SPIKE_HIGH, .consecutive = 1, .bin = 0, .near = { 12, 3, 1 },
	};
	r->spike[1] = r->spike[0];
	r->spike[1].has &= ~(1ULL << TRIPMAP_A_SPIKE_KIND);
	r->spike[1].count = 4;
	r->nclocks = 2;
	r->clock[0] = (struct reading){
		.has = ALL, .mono = NOW + 1000, .real = r->time_real + 1000,
		.boot = NOW + 7000001000, .trace = NOW + 3000, .error = 180,
	};
	r->clock[1] = r->clock[0];
	r->clock[1].mono += 2000000;
	r->clock[1].real += 2000000;
}

static void labels(struct party *p, const char *own, const char *parent, const char *outermost)
{
	snprintf(p->label[0], LABEL_SIZE, "%s", own);
	snprintf(p->label[1], LABEL_SIZE, "%s", parent);
	snprintf(p->label[2], LABEL_SIZE, "%s", outermost);
	p->nlabels = 3;
}

static void past(struct report *r)
{
	window(r);
	labels(&r->victim, "expire", "gc", "nightly");
	if (sample_has_holder(r->class))
		labels(&r->holder, "flush", "sync", "nightly");
}

struct report *sample_full(uint8_t class)
{
	struct report *r = calloc(1, sizeof(*r));

	if (!r)
		abort();
	of_class(r, class);
	r->has = ALL;
	r->id = 7;
	details(r);
	special(r);
	past(r);
	return r;
}

/* What the first kernels of the family sent. */
struct report *sample_bare(uint8_t class)
{
	struct report *r = calloc(1, sizeof(*r));

	if (!r)
		abort();
	of_class(r, class);
	r->has = (1ULL << TRIPMAP_A_REPORT_SEQ) - 1;
	r->has &= ~(1ULL << TRIPMAP_A_REPORT_WORD | 1ULL << TRIPMAP_A_REPORT_BUCKET);
	r->victim.has = r->holder.has = 0;
	r->victim.has = (1ULL << TRIPMAP_A_PARTY_KEY) - 1;
	if (sample_has_holder(class))
		r->holder.has = r->victim.has;
	r->victim.key_len = r->holder.key_len = 0;
	return r;
}

const struct table *sample_table(void)
{
	static const struct table t = {
		.name = "sessions",
		.key = { TRIPMAP_TYPE_STR, 16 },
		.value = { TRIPMAP_TYPE_STR, 24 },
	};

	return &t;
}

/* By search, so that a wrong cell does not agree with itself. */
void sample_count(struct pause *p, uint64_t ns)
{
	unsigned int cell = 0;

	while (cell < TRIPMAP_PAUSE_CELLS - 1 && cell_end(cell) <= ns)
		cell++;
	p->cell[cell]++;
	p->total += ns;
	p->shortest = !p->count || ns < p->shortest ? ns : p->shortest;
	p->longest = ns > p->longest ? ns : p->longest;
	p->count++;
}

struct pause *sample_pauses(size_t *n)
{
	struct pause *p = calloc(NKINDS, sizeof(*p));

	for (unsigned int kind = 0; kind < NKINDS; kind++) {
		p[kind].has = ALL & ~(1ULL << TRIPMAP_A_PAUSE_CPU);
		p[kind].kind = (uint8_t)kind;
		p[kind].time = NOW;
		p[kind].since = NOW - 12000000000;
		p[kind].state = 1;
		p[kind].share = 16;
	}
	for (int i = 0; i < 99; i++)
		sample_count(&p[TRIPMAP_PAUSE_KIND_WRITE], 200);
	sample_count(&p[TRIPMAP_PAUSE_KIND_WRITE], 1000000);
	sample_count(&p[TRIPMAP_PAUSE_KIND_EVACUATE], 3000);
	for (uint64_t bin = 0; bin < TRIPMAP_NEAR_BINS; bin++)
		p[TRIPMAP_PAUSE_KIND_WRITE].near[bin] = bin + 1;
	*n = NKINDS;
	return p;
}

/* Of sessions 100 writes a second are timed, 200 ns each but for one of 1 ms. */
static struct pause *timed_writes(struct pauses *all, unsigned int n)
{
	struct pause p = {
		.has = ALL & ~(1ULL << TRIPMAP_A_PAUSE_CPU), .kind = TRIPMAP_PAUSE_KIND_WRITE,
		.time = NOW + n * SECOND, .since = NOW - SECOND, .state = 1, .share = 16,
	};

	for (unsigned int i = 0; i < 100 * n; i++)
		sample_count(&p, i % 100 ? 200 : 1000000);
	pauses_add(all, &p);
	return &all->p[all->n - 1];
}

struct counters sample_counters(const struct table *t)
{
	struct counters c = { 0 };

	counters_add(&c, "entries", t->entries);
	counters_add(&c, "buckets", t->buckets);
	counters_add(&c, "evacuated", 7);
	counters_add(&c, "memory", t->memory);
	counters_add(&c, "violations-write-during-write", t->violations);
	counters_add(&c, "violations-forged-flag", 0);
	counters_add(&c, "resizes-grow", 4);
	return c;
}

static void fill_table(struct snapshot_table *s, uint32_t id, const char *name, uint64_t entries,
		       uint64_t violations)
{
	s->t = (struct table){
		.has = ALL, .id = id, .entries = entries, .memory = 65536 * id,
		.buckets = entries > 10000 ? 16384 : 256, .violations = violations, .shards = 1,
		.key = { TRIPMAP_TYPE_U32, 4 }, .value = { TRIPMAP_TYPE_U64, 8 },
	};
	snprintf(s->t.name, sizeof(s->t.name), "%s", name);
	s->counters = sample_counters(&s->t);
}

struct snapshot *sample_snapshot(unsigned int n)
{
	struct snapshot *s = calloc(1, sizeof(*s));

	s->time = NOW + n * SECOND;
	s->features.family_version = 1;
	snprintf(s->features.module_version, sizeof(s->features.module_version), "0.1");
	s->ntables = 3;
	s->table = calloc(s->ntables, sizeof(*s->table));
	fill_table(&s->table[0], 1, "idle", 10, 0);
	fill_table(&s->table[1], 2, "routes", 100000 - 5 * n, 2);
	fill_table(&s->table[2], SAMPLE_SESSIONS, "sessions", 1000 + 50 * n, 3 + n);
	s->table[1].t.resize = TRIPMAP_RESIZE_GROW;
	s->table[1].t.resize_done = 37;
	s->table[1].t.resize_total = 100;
	counters_add(&s->counters, "tables", 3);
	counters_add(&s->counters, "reports-filed", n);
	timed_writes(&s->table[2].pauses, n);
	timed_writes(&s->pauses, n);
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		struct pause *p = timed_writes(&s->cpu_pauses, cpu ? n : 0);

		SET_HAS(p, TRIPMAP_A_PAUSE_CPU);
		p->cpu = cpu;
		p->time = s->time;
	}
	return s;
}

void sample_more_tables(struct snapshot *s, unsigned int n)
{
	char name[NAME_SIZE];

	s->table = realloc(s->table, (s->ntables + n) * sizeof(*s->table));
	memset(s->table + s->ntables, 0, n * sizeof(*s->table));
	for (unsigned int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "idle-%u", i);
		fill_table(&s->table[s->ntables++], 100 + i, name, 10, 0);
	}
}
