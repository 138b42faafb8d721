/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What tripctl knows, as plain structs: filled by wire.c, shown by out.c and
 * the commands. Nothing here points into a message; strings are terminated.
 */
#ifndef TRIPCTL_MODEL_H
#define TRIPCTL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/tripmap.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define NAME_SIZE	(TRIPMAP_NAME_MAX + 1)
#define NCLASSES	(TRIPMAP_CLASS_MAX + 1)
#define ENTRY_SIZE_MAX	(TRIPMAP_KEY_MAX + TRIPMAP_VALUE_MAX)

#define FRAMES_MAX	64	/* of a stack, as the kernel keeps them */
#define FRAME_SIZE	160
#define ORIGIN_FRAMES	16	/* the same, of who queued the work */
#define PARTY_KEY_MAX	64	/* of a key in a report, as the kernel keeps it */
#define LINKS_MAX	32	/* of a chain; the kernel caps chains well below */
#define TITLE_SIZE	256

/*
 * What the kernel told: bit n of "has" is attribute n of the struct's set. A
 * member whose attribute did not come is not known, and 0.
 */
#define HAS(s, attr)	((bool)((s)->has >> (attr) & 1))
#define SET_HAS(s, attr) ((void)((s)->has |= 1ULL << (attr)))

/* How a key or a value is written. */
struct field {
	uint8_t		type;		/* enum tripmap_type */
	uint16_t	size;		/* bytes, the type's own where that is fixed */
};

/* Why something could not be done, ready to be printed. */
struct problem {
	int		code;		/* errno, 0 where the kernel was not asked */
	char		text[256];
	char		attr[64];	/* attribute that it is about, or empty */
	char		limit[64];	/* what that attribute may be, or empty */
};

/* What a class of violation is answered by; has: TRIPMAP_A_POLICY_. */
struct rule {
	uint64_t	has;
	uint8_t		action;		/* enum tripmap_action */
	uint8_t		answer;		/* enum tripmap_answer */
	uint8_t		escalate_to;	/* enum tripmap_action */
	uint32_t	escalate_count;	/* 0: never */
	uint32_t	escalate_ms;
};

/* "on CLASS ...", as given: what is not in rule.has stays as it is. */
struct rule_spec {
	bool		all;
	uint8_t		class;		/* unless all */
	struct rule	rule;
};

#define RULES_MAX	32	/* of one command: more than there are classes */

/* What a table shall be; also what is to be changed of it. */
struct table_spec {
	char		name[NAME_SIZE + 1];	/* one too long is the kernel's to refuse */
	struct field	key;
	struct field	value;
	uint8_t		contract;	/* enum tripmap_contract */
	uint8_t		hash;		/* enum tripmap_hash */
	uint8_t		bits;
	uint64_t	max_entries;	/* 0: the module's limit */
	bool		seeded;
	uint8_t		seed[TRIPMAP_SEED_SIZE];	/* valid when seeded */
	int		sync;		/* enum tripmap_sync; -1: what goes with the contract */
	uint16_t	shards;		/* 0: not given */
	struct rule_spec rule[RULES_MAX];	/* a later one overrules the earlier */
	unsigned int	nrules;
	int		frozen;		/* table set only; -1: leave as it is */
	bool		own;		/* table set only: become the owner */
};

/* A table as the kernel describes it; has: TRIPMAP_A_TABLE_. */
struct table {
	uint64_t	has;
	char		name[NAME_SIZE];
	uint32_t	id;
	struct field	key;
	struct field	value;
	uint8_t		contract;
	uint8_t		hash;
	uint8_t		bits;
	uint8_t		frozen;
	uint8_t		resize;		/* enum tripmap_resize */
	uint8_t		sync;
	uint16_t	shards;
	uint32_t	owner_pid;
	struct rule	rule[NCLASSES];
	uint64_t	max_entries;
	uint64_t	entries;
	uint64_t	buckets;
	uint64_t	overflow;
	uint64_t	resize_done;
	uint64_t	resize_total;
	uint64_t	memory;
	uint64_t	memory_old;
	uint64_t	memory_deferred;
	uint64_t	violations;
};

/* What the caller calls an operation, and the one that this is part of; NULL: nothing. */
struct label {
	const char	*name;
	const char	*parent;
};

/* A store: one entry, key and value of the table's sizes. */
struct entry_put {
	const char	*table;
	uint8_t		mode;		/* enum tripmap_mode */
	const void	*key;
	size_t		key_size;
	const void	*value;
	size_t		value_size;
	const void	*expected;	/* compare-swap only, value_size bytes */
	struct label	label;
};

/* Where a dump goes on; an epoch is one of its shard. */
struct place {
	bool		known;
	uint16_t	shard;
	uint32_t	epoch;
	uint64_t	cursor;
};

struct slot {
	bool		used;		/* it was told of, with key and value */
	uint8_t		tag;
	uint16_t	key_len;
	uint16_t	value_len;	/* at most TRIPMAP_BUCKET_VALUE_MAX */
	uint8_t		key[TRIPMAP_KEY_MAX];
	uint8_t		value[TRIPMAP_BUCKET_VALUE_MAX];
};

struct link {
	uint64_t	index;
	struct slot	slot[TRIPMAP_BUCKET_SLOTS];
};

/* A bucket with its overflow buckets; has: TRIPMAP_A_BUCKET_. */
struct bucket {
	uint64_t	has;
	uint64_t	index;
	uint8_t		old;		/* of the array being evacuated */
	uint8_t		evacuated;
	uint16_t	shard;
	uint32_t	version;
	unsigned int	nlinks;
	struct link	link[LINKS_MAX];
};

/* Two bytes a bucket (entries, buckets in its chain) from first on. */
struct bucket_map {
	bool		old;
	uint16_t	shard;		/* 0 where the kernel knows of none */
	uint64_t	first;
	uint64_t	count;
	const uint8_t	*cell;
};

/* Who queued the work; has: TRIPMAP_A_PARTY_. */
struct origin {
	uint64_t	has;		/* 0: nobody told */
	uint32_t	pid;
	uint32_t	cpu;
	char		comm[32];
	char		caller[FRAME_SIZE];
	uint64_t	since;		/* ns, CLOCK_MONOTONIC: when it was queued */
	unsigned int	nframes;
	char		frame[ORIGIN_FRAMES][FRAME_SIZE];
};

#define LABEL_SIZE	(TRIPMAP_LABEL_MAX + 1)

/* One side of a violation; has: TRIPMAP_A_PARTY_. */
struct party {
	uint64_t	has;		/* 0: the kernel did not tell of this party */
	uint32_t	pid;
	uint32_t	tgid;
	uint32_t	cpu;
	uint8_t		context;	/* enum tripmap_context */
	uint8_t		op;		/* enum tripmap_op */
	uint16_t	key_size;	/* 0: the operation has no key */
	uint16_t	key_len;	/* bytes of key[] that were shown */
	uint8_t		key[PARTY_KEY_MAX];
	char		comm[32];
	char		caller[FRAME_SIZE];
	char		work[FRAME_SIZE];	/* function of the work item */
	uint32_t	flags;		/* enum tripmap_party_flag */
	uint64_t	since;		/* ns, CLOCK_MONOTONIC */
	uint64_t	bucket;
	unsigned int	nframes;
	char		frame[FRAMES_MAX][FRAME_SIZE];
	struct origin	origin;
	unsigned int	nlabels;
	char		label[TRIPMAP_LABEL_DEPTH][LABEL_SIZE];	/* own, what that is part of, ... */
};

/* What became of the events before a violation; has: TRIPMAP_A_WINDOW_. */
struct window {
	uint64_t	has;		/* 0: the kernel keeps none */
	uint8_t		state;		/* enum tripmap_window */
	uint8_t		recorder;	/* enum tripmap_recorder */
	uint32_t	share;		/* one in so many writes was observed */
	uint32_t	events;
	uint32_t	left_out;	/* older ones without a place */
	uint64_t	lost;		/* overwritten while they were copied */
	uint64_t	begin;		/* ns, CLOCK_MONOTONIC: complete since */
	uint64_t	length;		/* ns that it was to have */
};

#define NKINDS		(TRIPMAP_PAUSE_KIND_MAX + 1)
#define SPIKES_MAX	(NKINDS + 1)	/* a kind each, and all of them */

/* How the pauses stood; has: TRIPMAP_A_SPIKE_, without _KIND it is about all. */
struct spike {
	uint64_t	has;
	uint8_t		kind;		/* enum tripmap_pause_kind */
	uint8_t		spike;		/* enum tripmap_spike */
	uint8_t		consecutive;
	uint8_t		bin;		/* of near, that the last one falls into */
	uint32_t	count;
	uint64_t	last;		/* ns from its end to the violation */
	uint64_t	gap_max;	/* ns, as those below */
	uint64_t	gap_min;
	uint64_t	longest;
	uint64_t	span;
	uint64_t	near[TRIPMAP_NEAR_BINS];	/* violations so far, by that distance */
};

#define CLOCKS_MAX	2	/* at the violation, when the window was copied */

/* One instant on all clocks, ns; has: TRIPMAP_A_CLOCK_. */
struct reading {
	uint64_t	has;
	uint64_t	mono;
	uint64_t	real;
	uint64_t	boot;
	uint64_t	trace;
	uint64_t	error;		/* how far apart the readings may lie */
	int64_t		step;		/* of the wall clock, since the reading before */
};

/* Something that happened, as the recorder kept it; has: TRIPMAP_A_EVENT_. */
struct record {
	uint64_t	has;
	uint64_t	time;		/* ns, CLOCK_MONOTONIC; of the end */
	uint64_t	duration;	/* ns, 0 for what has none */
	uint64_t	value;
	uint32_t	cpu;
	uint32_t	pid;
	uint32_t	table_id;
	uint32_t	bucket;
	uint32_t	digest;		/* of the key */
	int32_t		result;
	uint16_t	shard;
	uint16_t	key_size;
	uint16_t	key_len;	/* bytes of key[] that were shown */
	uint8_t		event;		/* enum tripmap_event */
	uint8_t		op;		/* enum tripmap_op */
	uint8_t		context;	/* enum tripmap_context */
	uint8_t		kind;		/* of a pause: enum tripmap_pause_kind */
	uint8_t		class;		/* of a violation or rule: enum tripmap_class */
	uint8_t		key[TRIPMAP_EVENT_KEY_MAX];
	char		table[NAME_SIZE];
	char		caller[FRAME_SIZE];
	char		label[LABEL_SIZE];
	char		parent[LABEL_SIZE];
};

/* has: TRIPMAP_A_REPORT_. */
struct report {
	uint64_t	has;
	uint64_t	id;
	uint8_t		class;		/* enum tripmap_class */
	uint8_t		action;		/* enum tripmap_action */
	uint8_t		contract;
	uint8_t		resize;
	uint8_t		half;		/* enum tripmap_half */
	uint8_t		found;		/* enum tripmap_found */
	uint8_t		growing;	/* the holder was at it */
	uint8_t		answer;		/* enum tripmap_answer */
	uint8_t		escalated;
	uint8_t		frozen;
	uint8_t		torn;
	int32_t		result;		/* negative errno */
	char		table[NAME_SIZE];
	char		title[TITLE_SIZE];
	uint64_t	time;		/* ns, CLOCK_MONOTONIC */
	uint64_t	time_real;	/* ns, CLOCK_REALTIME */
	uint64_t	repeats;
	uint64_t	resize_done;
	uint64_t	resize_total;
	uint64_t	word;
	uint64_t	age;		/* ns */
	/* The table, or the shard, at that instant. */
	uint16_t	shard;
	uint16_t	shards;
	uint16_t	key_size;
	uint16_t	value_size;
	uint64_t	entries;
	uint64_t	buckets;
	uint64_t	overflow;
	uint32_t	epoch;
	uint32_t	left_out;	/* buckets of the chain that were not kept */
	struct bucket	bucket;		/* the victim's; no links: not kept */
	struct party	victim;
	struct party	holder;
	/* What went before. */
	struct window	window;
	unsigned int	nspikes;
	struct spike	spike[SPIKES_MAX];
	uint64_t	near_ns;	/* how far the bins of a distance reach now; 0: unknown */
	uint64_t	far_ns;
	unsigned int	nclocks;
	struct reading	clock[CLOCKS_MAX];
	struct record	*record;	/* oldest first; asked for on their own, to be freed */
	size_t		nrecords;
	bool		holder_exact;	/* since is no clock tick's, but that of its event */
};

/* has: TRIPMAP_A_FEATURES_. */
struct features {
	uint64_t	has;
	uint32_t	family_version;
	char		module_version[64];
	char		kernel[96];
	uint32_t	contracts;	/* bit n: contract n; so for the next five */
	uint32_t	classes;
	uint32_t	actions;
	uint32_t	hashes;
	uint32_t	syncs;
	uint32_t	faults;
	uint32_t	max_tables;
	uint64_t	max_entries;
	uint64_t	max_memory;
	uint32_t	max_reports;
	uint32_t	stale_ms;
	uint8_t		recorder;	/* enum tripmap_recorder */
	uint32_t	recorder_events;	/* for each CPU */
	uint32_t	recorder_share;	/* one in so many is observed */
	uint32_t	window_ms;
	uint32_t	pause_kinds;	/* bit n: kind n */
	uint8_t		pause_stats;	/* 1 while pauses are counted */
};

/* What shall go wrong on purpose; has: TRIPMAP_A_INJECT_, of the last three. */
struct injection {
	uint64_t	has;
	uint8_t		fault;		/* enum tripmap_fault */
	uint8_t		step;		/* enum tripmap_step */
	uint32_t	usecs;
	uint32_t	count;
};

/* Something that was changed by hand; has: TRIPMAP_A_AUDIT_. */
struct audit {
	uint64_t	has;
	uint64_t	id;
	uint64_t	time;
	uint64_t	time_real;
	uint8_t		deed;		/* enum tripmap_deed */
	uint32_t	uid;
	uint32_t	pid;
	char		comm[32];
	char		table[NAME_SIZE];
	char		text[256];
};

#define NKINDS		(TRIPMAP_PAUSE_KIND_MAX + 1)

/* Pauses of one kind, as they were counted; has: TRIPMAP_A_PAUSE_. Times: CLOCK_MONOTONIC. */
struct pause {
	uint64_t	has;
	char		table[NAME_SIZE];	/* empty: of all tables */
	uint8_t		kind;		/* enum tripmap_pause_kind */
	uint32_t	cpu;		/* not told: of all CPUs */
	uint64_t	time;		/* ns, when this was read */
	uint64_t	since;		/* 0: never counted */
	uint64_t	until;		/* 0: counting goes on */
	uint8_t		state;		/* 1: counting */
	uint32_t	share;		/* one in so many writes is timed */
	uint64_t	count;
	uint64_t	total;		/* ns, so for the next two */
	uint64_t	shortest;
	uint64_t	longest;
	uint64_t	untracked;	/* of tables without a place of their own */
	uint64_t	cell[TRIPMAP_PAUSE_CELLS];
	uint64_t	near[TRIPMAP_NEAR_BINS];
};

/* One pause; has: TRIPMAP_A_PAUSE_. */
struct pause_recent {
	uint64_t	has;
	uint8_t		kind;
	uint32_t	cpu;
	uint32_t	table_id;
	char		table[NAME_SIZE];	/* empty: it is gone */
	uint64_t	start;		/* ns, CLOCK_MONOTONIC */
	uint64_t	duration;	/* ns */
};

/* Which pauses are meant. */
struct pause_query {
	const char	*table;		/* NULL: of all */
	int		kind;		/* -1: all, each on its own */
	bool		has_cpu;	/* else of all CPUs together */
	uint32_t	cpu;		/* PAUSE_EACH_CPU: of all, each on its own */
};

#define PAUSE_EACH_CPU	UINT32_MAX

/* One message of a multicast group. */
struct event {
	bool		violation;	/* else a table event */
	uint64_t	seq;
	char		table[NAME_SIZE];
	uint8_t		what;		/* table event: enum tripmap_table_event */
	uint32_t	table_id;
	uint64_t	report;		/* violation: id of the report; so for the next four */
	uint8_t		class;
	uint8_t		action;
	char		title[TITLE_SIZE];
	uint64_t	time;
};

#endif /* TRIPCTL_MODEL_H */
