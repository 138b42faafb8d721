// SPDX-License-Identifier: GPL-2.0
/* A writer that drives a table through every kind of resize. */
#include "churn.h"
#include "env.h"
#include "test.h"

bool churn_init(struct churn *c, u16 key_size, u16 value_size)
{
	struct tripmap_config cfg = model_config(key_size, value_size);
	u64 seed = tm_env_seed();
	u32 i;

	memset(c, 0, sizeof(*c));
	cfg.bits = CHURN_BITS;
	cfg.seeded = true;
	for (i = 0; i < sizeof(cfg.seed); i++)
		cfg.seed[i] = (seed * (2 * i + 3)) >> 56;
	if (!model_init(&c->m, &cfg, CHURN_UNIVERSE, seed))
		return false;
	for (i = 0; i < CHURN_STABLE; i++)
		churn_put(c, TRIPMAP_OP_INSERT, i);
	return true;
}

void churn_exit(struct churn *c)
{
	model_exit(&c->m);
}

int churn_put(struct churn *c, enum tripmap_op op, u32 i)
{
	u32 n = ++c->round * CHURN_UNIVERSE + i;
	int err;

	/* They wrap, and 0 is no number. */
	if (!n)
		n = ++c->round * CHURN_UNIVERSE + i;
	err = model_do(&c->m, op, i, n);
	if (c->pause)
		c->pause(c);
	return err;
}

static u32 some_stable(struct churn *c)
{
	return model_random(&c->m, CHURN_STABLE);
}

void churn_grow(struct churn *c, u32 keys)
{
	u32 i;

	for (i = CHURN_STABLE; i < CHURN_STABLE + keys && !tm_test_failures(); i++) {
		churn_put(c, TRIPMAP_OP_STORE, i);
		if (!model_random(&c->m, 3))
			churn_put(c, TRIPMAP_OP_REPLACE, some_stable(c));
	}
}

static bool small(struct churn *c)
{
	struct tripmap_info info;

	tripmap_info(c->m.t, &info);
	return info.resize == TRIPMAP_RESIZE_NONE && info.buckets == CHURN_BUCKETS;
}

/* All but the stable ones go, and then on until the table is at its smallest. */
void churn_shrink(struct churn *c)
{
	u32 i;

	for (i = CHURN_UNIVERSE - 1; i >= CHURN_STABLE && !tm_test_failures(); i--) {
		if (!c->m.value[i])
			continue;
		churn_put(c, TRIPMAP_OP_DELETE, i);
		if (!model_random(&c->m, 3))
			churn_put(c, TRIPMAP_OP_STORE, some_stable(c));
	}
	for (i = 0; i < 4 * CHURN_UNIVERSE && !small(c) && !tm_test_failures(); i++) {
		churn_put(c, TRIPMAP_OP_INSERT, CHURN_STABLE);
		churn_put(c, TRIPMAP_OP_DELETE, CHURN_STABLE);
	}
	TM_EXPECT(small(c));
}

/* Up to each keys in each of the first buckets, until a resize of kind begins. */
static void crowd(struct churn *c, u32 buckets, u32 each, enum tripmap_resize kind)
{
	u64 before = model_resizes(&c->m, kind), b;
	u8 in[CHURN_BUCKETS] = { 0 };
	u32 i;

	for (i = 0; i < CHURN_UNIVERSE && model_resizes(&c->m, kind) == before; i++) {
		b = model_bucket(&c->m, i, CHURN_BITS);
		if (b >= buckets || in[b] == each || tm_test_failures())
			continue;
		in[b]++;
		if (i >= CHURN_STABLE)
			churn_put(c, TRIPMAP_OP_STORE, i);
	}
	TM_EXPECT(model_resizes(&c->m, kind) > before);
}

void churn_same_size(struct churn *c)
{
	churn_shrink(c);
	crowd(c, 20, 9, TRIPMAP_RESIZE_SAME_SIZE);
	churn_shrink(c);
}

void churn_reseed(struct churn *c)
{
	churn_shrink(c);
	crowd(c, 1, 200, TRIPMAP_RESIZE_RESEED);
	churn_shrink(c);
}

void churn_expect(struct churn *c, bool reseed)
{
	TM_EXPECT(model_resizes(&c->m, TRIPMAP_RESIZE_GROW) > 0);
	TM_EXPECT(model_resizes(&c->m, TRIPMAP_RESIZE_SHRINK) > 0);
	TM_EXPECT(model_resizes(&c->m, TRIPMAP_RESIZE_SAME_SIZE) > 0);
	TM_EXPECT(!reseed || model_resizes(&c->m, TRIPMAP_RESIZE_RESEED) > 0);
}
