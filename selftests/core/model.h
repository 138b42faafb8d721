/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A table beside a naive model of it: an array that says for each key of a
 * small universe whether it is there, and with which value. Each operation is
 * done on both, and result, count and values must be the same.
 *
 * Key number i and value number n are turned into bytes by model_key() and
 * model_value(); the number tells everything about the bytes, and values of 8
 * bytes and more begin with theirs.
 */
#ifndef TM_SELFTESTS_CORE_MODEL_H
#define TM_SELFTESTS_CORE_MODEL_H

#include <linux/gfp.h>

#include "../../kmod/core/tripmap.h"

struct model {
	struct tripmap *t;
	struct tripmap_config cfg;
	u32 universe;		/* keys are 0 to universe - 1 */
	u32 *value;		/* number of each key's value, 0: the key is not there */
	u64 count;
	u64 rng;
	u32 last_value;		/* numbers are given out in turn */
	bool may_fail;		/* -ENOMEM is a result like any other; nothing has changed then */
	bool frozen;		/* -EROFS is what each change gets */
	gfp_t gfp;
	/* Scratch, key_size or value_size bytes each. */
	u8 *k, *v, *expected, *got;
};

struct tripmap_config model_config(u16 key_size, u16 value_size);

bool model_init(struct model *m, const struct tripmap_config *cfg, u32 universe, u64 seed);
void model_exit(struct model *m);

void model_key(const struct model *m, u32 i, u8 *key);
void model_value(const struct model *m, u32 n, u8 *value);

/* The number of a value of 8 bytes or more, 0 when it is torn. */
u32 model_value_number(const struct model *m, const u8 *value, u8 *scratch);
/* The number of a key, universe when it is none. */
u32 model_key_number(const struct model *m, const u8 *key, u8 *scratch);

/* Random numbers below n, from the model's own stream. */
u32 model_random(struct model *m, u32 n);

/*
 * One operation on key i; takes or gives value number n where it has a value
 * (0: the next one). Returns the table's result.
 */
int model_do(struct model *m, enum tripmap_op op, u32 i, u32 n);
/* CAS that expects value number expect, right or wrong. */
int model_swap(struct model *m, u32 i, u32 expect);

/* Everything: invariants, each key, the count, a whole walk. */
bool model_check(struct model *m);
bool model_check_walk(struct model *m);
bool model_check_keys(struct model *m);

/*
 * Pieces of memory in use, with the memory of destroyed tables among them: so
 * many of those are there that the next table takes one.
 */
long model_live_allocs(void);

/* The bucket of an array with so many bits that key i belongs to, as the table stands now. */
u64 model_bucket(struct model *m, u32 i, u8 bits);
/* Resizes of one kind so far, and whether one is under way. */
u64 model_resizes(struct model *m, enum tripmap_resize kind);
bool model_resizing(struct model *m);

#endif /* TM_SELFTESTS_CORE_MODEL_H */
