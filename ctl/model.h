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
#define PARTY_KEY_MAX	64	/* of a key in a report, as the kernel keeps it */
#define LINKS_MAX	32	/* of a chain; the kernel caps chains well below */
#define TITLE_SIZE	256

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

#define POLICY_UNSET	0xff

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
	uint8_t		policy[NCLASSES];	/* enum tripmap_action or POLICY_UNSET */
	int		frozen;		/* table set only; -1: leave as it is */
};

/* A table as the kernel describes it. */
struct table {
	char		name[NAME_SIZE];
	uint32_t	id;
	struct field	key;
	struct field	value;
	uint8_t		contract;
	uint8_t		hash;
	uint8_t		bits;
	uint8_t		frozen;
	uint8_t		resize;		/* enum tripmap_resize */
	uint8_t		policy[NCLASSES];
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

/* A store: one entry, key and value of the table's sizes. */
struct entry_put {
	const char	*table;
	uint8_t		mode;		/* enum tripmap_mode */
	const void	*key;
	size_t		key_size;
	const void	*value;
	size_t		value_size;
	const void	*expected;	/* compare-swap only, value_size bytes */
};

struct slot {
	bool		used;
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

/* A bucket with its overflow buckets. */
struct bucket {
	uint64_t	index;
	uint8_t		old;		/* of the array being evacuated */
	uint8_t		evacuated;
	uint32_t	version;
	unsigned int	nlinks;
	struct link	link[LINKS_MAX];
};

/* Two bytes a bucket (entries, buckets in its chain) from first on. */
struct bucket_map {
	bool		old;
	uint64_t	first;
	uint64_t	count;
	const uint8_t	*cell;
};

struct party {
	bool		known;		/* the kernel told of this party at all */
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
	uint64_t	since;		/* ns, CLOCK_MONOTONIC */
	bool		has_bucket;
	uint64_t	bucket;
	unsigned int	nframes;
	char		frame[FRAMES_MAX][FRAME_SIZE];
};

struct report {
	uint64_t	id;
	uint8_t		class;		/* enum tripmap_class */
	uint8_t		action;		/* enum tripmap_action */
	uint8_t		contract;
	uint8_t		resize;
	uint8_t		half;		/* enum tripmap_half */
	int32_t		result;		/* negative errno */
	char		table[NAME_SIZE];
	char		title[TITLE_SIZE];
	uint64_t	time;		/* ns, CLOCK_MONOTONIC */
	uint64_t	time_real;	/* ns, CLOCK_REALTIME */
	uint64_t	repeats;
	bool		has_bucket;
	uint64_t	bucket;
	uint64_t	resize_done;
	uint64_t	resize_total;
	uint64_t	word;
	struct party	victim;
	struct party	holder;
};

struct features {
	uint32_t	family_version;
	char		module_version[64];
	char		kernel[96];
	uint32_t	contracts;	/* bit n: contract n; so for the next three */
	uint32_t	classes;
	uint32_t	actions;
	uint32_t	hashes;
	uint32_t	max_tables;
	uint64_t	max_entries;
	uint64_t	max_memory;
	uint32_t	max_reports;
};

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
