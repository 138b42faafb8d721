// SPDX-License-Identifier: GPL-2.0
/* A table beside a naive model of it. */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../../kmod/core/hash.h"
#include "../../kmod/core/invariant.h"
#include "env.h"
#include "model.h"
#include "test.h"

struct tripmap_config model_config(u16 key_size, u16 value_size)
{
	struct tripmap_config cfg = TRIPMAP_CONFIG(
		.name = "model",
		.key_size = key_size,
		.value_size = value_size,
	);

	memset(cfg.policy, TRIPMAP_ACTION_REPORT, sizeof(cfg.policy));
	return cfg;
}

static void *room(u32 size)
{
	return kzalloc(size ? size : 1, GFP_KERNEL);
}

bool model_init(struct model *m, const struct tripmap_config *cfg, u32 universe, u64 seed)
{
	memset(m, 0, sizeof(*m));
	m->cfg = *cfg;
	m->universe = universe;
	m->rng = seed | 1;
	m->gfp = GFP_KERNEL;
	m->t = tripmap_create(cfg, GFP_KERNEL);
	m->value = kvcalloc(universe, sizeof(*m->value), GFP_KERNEL);
	m->k = room(cfg->key_size);
	m->v = room(cfg->value_size);
	m->expected = room(cfg->value_size);
	m->got = room(cfg->value_size);
	return TM_EXPECT(!IS_ERR(m->t) && m->value && m->k && m->v && m->expected && m->got);
}

void model_exit(struct model *m)
{
	if (!IS_ERR_OR_NULL(m->t))
		TM_EXPECT_EQ(tripmap_destroy(m->t), 0);
	kvfree(m->value);
	kfree(m->k);
	kfree(m->v);
	kfree(m->expected);
	kfree(m->got);
}

/* The number in the last bytes, so that long keys differ only there. */
void model_key(const struct model *m, u32 i, u8 *key)
{
	u32 n = m->cfg.key_size, at;

	memset(key, 0xa5, n);
	for (at = 0; at < 4 && at < n; at++)
		key[n - 1 - at] = i >> (8 * at);
}

/* Each byte depends on the number and on its place. */
void model_value(const struct model *m, u32 n, u8 *value)
{
	u64 x = n * 0x9e3779b97f4a7c15ULL;
	u32 at;

	for (at = 0; at < m->cfg.value_size; at++) {
		if (!(at & 7))
			x = (x ^ (x >> 29)) * 0xbf58476d1ce4e5b9ULL + at;
		value[at] = x >> (8 * (at & 7));
	}
	if (m->cfg.value_size >= sizeof(n))
		memcpy(value, &n, sizeof(n));
}

u32 model_value_number(const struct model *m, const u8 *value, u8 *scratch)
{
	u32 n;

	memcpy(&n, value, sizeof(n));
	model_value(m, n, scratch);
	return memcmp(value, scratch, m->cfg.value_size) ? 0 : n;
}

u32 model_key_number(const struct model *m, const u8 *key, u8 *scratch)
{
	u32 n = m->cfg.key_size, i = 0, at;

	for (at = 0; at < 4 && at < n; at++)
		i |= (u32)key[n - 1 - at] << (8 * at);
	if (i >= m->universe)
		return m->universe;
	model_key(m, i, scratch);
	return memcmp(scratch, key, n) ? m->universe : i;
}

/* xorshift64* */
u32 model_random(struct model *m, u32 n)
{
	m->rng ^= m->rng >> 12;
	m->rng ^= m->rng << 25;
	m->rng ^= m->rng >> 27;
	return (u32)((m->rng * 0x2545f4914f6cdd1dULL) >> 32) % n;
}

static bool same_value(struct model *m, const u8 *got, u32 n)
{
	model_value(m, n, m->expected);
	return !memcmp(got, m->expected, m->cfg.value_size);
}

/* What the model says that op on key i will result in. */
static int predict(struct model *m, enum tripmap_op op, u32 i)
{
	bool there = m->value[i];
	bool full = m->cfg.max_entries && m->count >= m->cfg.max_entries;

	if (m->frozen && op != TRIPMAP_OP_LOOKUP)
		return -EROFS;
	switch (op) {
	case TRIPMAP_OP_INSERT:
		return there ? -EEXIST : full ? -ENOSPC : 0;
	case TRIPMAP_OP_STORE:
		return !there && full ? -ENOSPC : 0;
	case TRIPMAP_OP_REPLACE:
	case TRIPMAP_OP_DELETE:
	case TRIPMAP_OP_TAKE:
	case TRIPMAP_OP_LOOKUP:
		return there ? 0 : -ENOENT;
	default:
		return 0;
	}
}

static int ask(struct model *m, enum tripmap_op op, u32 i, u32 n)
{
	model_key(m, i, m->k);
	model_value(m, n, m->v);
	memset(m->got, 0xee, m->cfg.value_size);
	switch (op) {
	case TRIPMAP_OP_STORE:
		return tripmap_store(m->t, m->k, m->v, m->gfp);
	case TRIPMAP_OP_INSERT:
		return tripmap_insert(m->t, m->k, m->v, m->gfp);
	case TRIPMAP_OP_REPLACE:
		return tripmap_replace(m->t, m->k, m->v, m->gfp);
	case TRIPMAP_OP_DELETE:
		return tripmap_delete(m->t, m->k, m->gfp);
	case TRIPMAP_OP_TAKE:
		return tripmap_take(m->t, m->k, m->got, m->gfp);
	case TRIPMAP_OP_LOOKUP:
		return tripmap_lookup(m->t, m->k, m->got);
	case TRIPMAP_OP_CLEAR:
		return tripmap_clear(m->t, m->gfp);
	case TRIPMAP_OP_RESIZE:
		return tripmap_resize_hint(m->t, n, m->gfp);
	default:
		return -EOPNOTSUPP;
	}
}

static void set(struct model *m, u32 i, u32 n)
{
	m->count += !!n;
	m->count -= !!m->value[i];
	m->value[i] = n;
}

static void follow(struct model *m, enum tripmap_op op, u32 i, u32 n)
{
	switch (op) {
	case TRIPMAP_OP_STORE:
	case TRIPMAP_OP_INSERT:
	case TRIPMAP_OP_REPLACE:
		set(m, i, n);
		break;
	case TRIPMAP_OP_TAKE:
		TM_EXPECT(same_value(m, m->got, m->value[i]));
		fallthrough;
	case TRIPMAP_OP_DELETE:
		set(m, i, 0);
		break;
	case TRIPMAP_OP_LOOKUP:
		TM_EXPECT(same_value(m, m->got, m->value[i]));
		break;
	case TRIPMAP_OP_CLEAR:
		memset(m->value, 0, m->universe * sizeof(*m->value));
		m->count = 0;
		break;
	default:
		break;
	}
}

static bool out_of_memory(struct model *m, int err)
{
	return m->may_fail && err == -ENOMEM;
}

int model_do(struct model *m, enum tripmap_op op, u32 i, u32 n)
{
	int want = predict(m, op, i), err;

	if (!n)
		n = ++m->last_value;
	err = ask(m, op, i, n);
	if (!out_of_memory(m, err) && !TM_EXPECT_EQ(err, want))
		tm_test_note("op %u, key %u", op, i);
	if (!err)
		follow(m, op, i, n);
	if (tripmap_count(m->t) != m->count) {
		TM_EXPECT_EQ(tripmap_count(m->t), m->count);
		tm_test_note("op %u, key %u: %d", op, i, err);
	}
	return err;
}

int model_swap(struct model *m, u32 i, u32 expect)
{
	u32 n = ++m->last_value;
	int want, err;

	model_key(m, i, m->k);
	model_value(m, n, m->v);
	model_value(m, m->value[i], m->got);
	want = m->frozen ? -EROFS : !m->value[i] ? -ENOENT :
	       same_value(m, m->got, expect) ? 0 : -EAGAIN;
	model_value(m, expect, m->expected);
	err = tripmap_compare_swap(m->t, m->k, m->expected, m->v, m->gfp);
	if (!out_of_memory(m, err))
		TM_EXPECT_EQ(err, want);
	if (!err)
		set(m, i, n);
	return err;
}

bool model_check_keys(struct model *m)
{
	unsigned int before = tm_test_failures();
	u32 i;

	for (i = 0; i < m->universe; i++)
		model_do(m, TRIPMAP_OP_LOOKUP, i, 0);
	return tm_test_failures() == before;
}

static void walk(struct model *m, struct tripmap_iter *it, u8 *key, u8 *seen)
{
	u64 n = 0;
	u32 i;
	int err;

	while ((err = tripmap_iter_next(it, key, m->got)) == 1) {
		i = model_key_number(m, key, m->k);
		if (!TM_EXPECT(i < m->universe))
			return;
		TM_EXPECT(m->value[i] && same_value(m, m->got, m->value[i]));
		TM_EXPECT(!seen[i]);
		seen[i] = 1;
		n++;
	}
	TM_EXPECT_EQ(err, 0);
	TM_EXPECT_EQ(n, m->count);
}

/* A walk cannot begin between two seeds: writes must end that. */
static void finish_reseed(struct model *m)
{
	struct tripmap_info info;
	u32 absent = 0;

	while (absent < m->universe - 1 && m->value[absent])
		absent++;
	for (;;) {
		tripmap_info(m->t, &info);
		if (info.resize != TRIPMAP_RESIZE_RESEED || m->may_fail)
			return;
		model_do(m, TRIPMAP_OP_STORE, absent, m->value[absent]);
		if (m->value[absent] == m->last_value)
			model_do(m, TRIPMAP_OP_DELETE, absent, 0);
	}
}

bool model_check_walk(struct model *m)
{
	unsigned int before = tm_test_failures();
	struct tripmap_iter *it;
	u8 *seen, *key;

	finish_reseed(m);
	it = tripmap_iter_open(m->t, GFP_KERNEL);
	seen = kvcalloc(m->universe, 1, GFP_KERNEL);
	key = room(m->cfg.key_size);
	if (TM_EXPECT(!IS_ERR(it) && seen && key))
		walk(m, it, key, seen);
	if (!IS_ERR(it))
		tripmap_iter_close(it);
	kvfree(seen);
	kfree(key);
	return tm_test_failures() == before;
}

bool model_check(struct model *m)
{
	const char *wrong = tm_invariant_check(m->t);

	if (!TM_EXPECT(!wrong))
		tm_test_note("%s", wrong);
	return !wrong && model_check_keys(m) && model_check_walk(m);
}

/* The table's own seed of the present epoch, where cfg.seeded gives the first. */
u64 model_bucket(struct model *m, u32 i, u8 bits)
{
	struct tripmap_info info;
	struct tm_seed seed;

	tripmap_info(m->t, &info);
	memcpy(&seed, m->cfg.seed, sizeof(seed));
	while (--info.epoch)
		tm_seed_next(&seed);
	model_key(m, i, m->k);
	return tm_hash(m->cfg.hash, &seed, m->k, m->cfg.key_size) & ((1ULL << bits) - 1);
}

/* More than are kept before one is used again. */
#define TABLES	70

long model_live_allocs(void)
{
	struct tripmap_config cfg = model_config(1, 0);
	static unsigned int tables;
	struct tripmap *t;

	do {
		t = tripmap_create(&cfg, GFP_KERNEL);
		if (TM_EXPECT(!IS_ERR(t)))
			tripmap_destroy(t);
	} while (++tables < TABLES);
	return tm_env_live_allocs();
}

u64 model_resizes(struct model *m, enum tripmap_resize kind)
{
	struct tripmap_info info;

	tripmap_info(m->t, &info);
	return info.resizes[kind];
}

bool model_resizing(struct model *m)
{
	struct tripmap_info info;

	tripmap_info(m->t, &info);
	return info.resize != TRIPMAP_RESIZE_NONE;
}
