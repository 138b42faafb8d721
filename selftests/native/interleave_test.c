// SPDX-License-Identifier: GPL-2.0
/*
 * Interleavings that threads hardly ever come to: strands that take turns at
 * marked accesses. What a reader gets must have been true at some moment of
 * its call: it is held against the history that the writer keeps.
 */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../core/beside.h"
#include "../core/env.h"
#include "../core/model.h"
#include "../core/test.h"
#include "../../kmod/core/guard.h"
#include "shim/shim.h"

#define NEEDS	"only a build with SHIM_PERTURB has places to interleave at"

static bool can(void)
{
#ifdef SHIM_PERTURB
	return true;
#else
	return false;
#endif
}

#define UNIVERSE 2048
#define KEYS	56
#define OPS	64	/* of one run */
#define MANY	8

/* What the writer does; an operation may take effect at any moment between its two. */
static struct {
	struct model m;
	u32 keys;
	u32 number[KEYS];	/* of the keys in the model; the others are absent */
	u32 first[KEYS];	/* values before the run */
	struct {
		u32 key, value;	/* after the operation */
	} op[OPS];
	u32 begun, ended;	/* operations */
	u32 round;		/* of value numbers: n % UNIVERSE is the key's */
	u32 ops;		/* of this run */
	u32 mix;		/* of operations, in turn: see mixes */
} h;

static u32 after(u32 ops, u32 key)
{
	while (ops--)
		if (h.op[ops].key == key)
			return h.op[ops].value;
	return h.first[key];
}

/* Was it so at any moment since the first begin operations had ended? */
static bool was(u32 begin, u32 key, u32 value)
{
	u32 n;

	for (n = begin; n <= h.begun; n++)
		if (after(n, key) == value)
			return true;
	return false;
}

static u32 will_be(enum tripmap_op op, u32 i, u32 n)
{
	u32 was = h.m.value[h.number[i]];

	if (op == TRIPMAP_OP_DELETE || op == TRIPMAP_OP_TAKE || op == TRIPMAP_OP_CLEAR)
		return 0;
	if ((op == TRIPMAP_OP_INSERT && was) || (op == TRIPMAP_OP_REPLACE && !was))
		return was;
	return n;
}

#define MIXED	6

/* Mostly changes, where two thirds of the keys are there; mostly removes; mostly adds. */
static const enum tripmap_op mixes[][MIXED] = {
	{ TRIPMAP_OP_STORE, TRIPMAP_OP_STORE, TRIPMAP_OP_REPLACE, TRIPMAP_OP_REPLACE,
	  TRIPMAP_OP_REPLACE, TRIPMAP_OP_DELETE },
	{ TRIPMAP_OP_DELETE, TRIPMAP_OP_TAKE, TRIPMAP_OP_DELETE, TRIPMAP_OP_TAKE,
	  TRIPMAP_OP_REPLACE, TRIPMAP_OP_INSERT },
	{ TRIPMAP_OP_STORE, TRIPMAP_OP_STORE, TRIPMAP_OP_INSERT, TRIPMAP_OP_INSERT,
	  TRIPMAP_OP_REPLACE, TRIPMAP_OP_DELETE },
};

static void writer(void *arg)
{
	enum tripmap_op op;
	u32 i, n;

	while (h.begun < h.ops) {
		op = mixes[h.mix][model_random(&h.m, MIXED)];
		i = model_random(&h.m, h.keys);
		n = ++h.round * UNIVERSE + h.number[i];
		h.op[h.begun].key = i;
		h.op[h.begun].value = will_be(op, i, n);
		h.begun++;
		model_do(&h.m, op, h.number[i], n);
		h.ended++;
	}
}

/* Keys and values of a reader's own. */
struct view {
	u8 *key, *value, *scratch;	/* MANY of each */
	u64 rng;
};

static bool view_init(struct view *v, u64 seed)
{
	v->rng = seed | 1;
	v->key = kzalloc(MANY * TRIPMAP_KEY_MAX, GFP_KERNEL);
	v->value = kzalloc(MANY * 512, GFP_KERNEL);
	v->scratch = kzalloc(512, GFP_KERNEL);
	return TM_EXPECT(v->key && v->value && v->scratch);
}

static void view_exit(struct view *v)
{
	kfree(v->key);
	kfree(v->value);
	kfree(v->scratch);
}

static u32 view_draw(struct view *v, u32 n)
{
	v->rng = v->rng * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)(v->rng >> 33) % n;
}

static void check(struct view *v, u32 begin, u32 key, int err, const u8 *value)
{
	u32 n = 0;

	/* Of an exclusive table: somebody wrote meanwhile. */
	if (err == -EBUSY && h.m.cfg.contract == TRIPMAP_CONTRACT_EXCLUSIVE) {
		TM_EXPECT(h.begun > begin);
		return;
	}
	if (!err)
		n = model_value_number(&h.m, value, v->scratch);
	TM_EXPECT(err == -ENOENT || (!err && n));
	if (!TM_EXPECT(was(begin, key, n)))
		tm_test_note("key %u: %d, value %u; operations %u to %u", key, err, n, begin,
			     h.begun);
}

static void read_one(struct view *v)
{
	u32 i = view_draw(v, h.keys), begin = h.ended;
	int err;

	model_key(&h.m, h.number[i], v->key);
	err = tripmap_lookup(h.m.t, v->key, v->value);
	check(v, begin, i, err, v->value);
}

static void read_many(struct view *v)
{
	u32 i[MANY], begin = h.ended, k;
	unsigned long found;
	int err;

	for (k = 0; k < MANY; k++) {
		i[k] = view_draw(v, h.keys);
		model_key(&h.m, h.number[i[k]], v->key + k * h.m.cfg.key_size);
	}
	err = tripmap_lookup_many(h.m.t, MANY, v->key, v->value, &found);
	TM_EXPECT(err >= 0 || err == -EBUSY);
	for (k = 0; k < MANY; k++)
		check(v, begin, i[k], err < 0 ? err : found & 1UL << k ? 0 : -ENOENT,
		      v->value + k * h.m.cfg.value_size);
}

/* From the model's numbers to ours; h.keys for one that nobody put in. */
static u32 which(u32 number)
{
	u32 i;

	for (i = 0; i < h.keys && h.number[i] != number; i++)
		;
	return i;
}

/* Keys that were there throughout are seen; what is seen, was there; none twice. */
static void read_all(struct view *v)
{
	struct tripmap_iter *it = tripmap_iter_open(h.m.t, GFP_KERNEL);
	u32 begin = h.ended, i, n;
	u8 seen[KEYS] = { 0 };
	int err;

	if (!TM_EXPECT(!IS_ERR(it)))
		return;
	while ((err = tripmap_iter_next(it, v->key, v->value)) == 1) {
		i = which(model_key_number(&h.m, v->key, v->scratch));
		n = model_value_number(&h.m, v->value, v->scratch);
		if (!TM_EXPECT(i < h.keys) || !TM_EXPECT(n && was(begin, i, n)))
			break;
		TM_EXPECT(!seen[i]++);
	}
	tripmap_iter_close(it);
	if (err == -EBUSY)
		TM_EXPECT(h.m.cfg.contract == TRIPMAP_CONTRACT_EXCLUSIVE);
	if (!err)
		for (i = 0; i < h.keys; i++)
			TM_EXPECT(seen[i] || was(begin, i, 0));
}

static void reader(void *arg)
{
	struct view v;
	u32 r;

	if (!view_init(&v, (unsigned long)arg + h.m.rng))
		return;
	while (h.ended < h.ops && !tm_test_failures()) {
		r = view_draw(&v, 16);
		if (r < 3)
			read_all(&v);
		else if (r < 7)
			read_many(&v);
		else
			read_one(&v);
	}
	view_exit(&v);
}

static void run_once(u64 seed)
{
	static const struct shim_strand strands[] = {
		{ writer, NULL }, { reader, (void *)1 }, { reader, (void *)2 },
	};
	/* Sometimes long stretches, sometimes a switch at every second access. */
	unsigned int rate = 2 << (seed % 5);

	u32 i;

	for (i = 0; i < h.keys; i++)
		h.first[i] = h.m.value[h.number[i]];
	h.begun = 0;
	h.ended = 0;
	h.ops = OPS;
	h.mix = (h.mix + 1) % ARRAY_SIZE(mixes);
	shim_interleave(strands, ARRAY_SIZE(strands), rate, seed);
}

static void histories(void)
{
	u64 runs = tm_env_ops(400), n;

	for (n = 0; n < runs && !tm_test_failures(); n++)
		run_once(tm_env_seed() + n * 0x9e3779b97f4a7c15ULL);
	if (tm_test_failures())
		tm_test_note("run %llu", n - 1);
	model_check(&h.m);
}

/* Few keys: the table grows from one bucket to four and shrinks again. */
static void histories_of(const struct tripmap_config *cfg)
{
	if (!can())
		TM_SKIP(NEEDS);
	memset(&h, 0, sizeof(h));
	if (!model_init(&h.m, cfg, UNIVERSE, tm_env_seed()))
		return;
	for (h.keys = 0; h.keys < 24; h.keys++)
		h.number[h.keys] = h.keys;
	histories();
	TM_EXPECT(model_resizes(&h.m, TRIPMAP_RESIZE_GROW) > 0);
	TM_EXPECT(model_resizes(&h.m, TRIPMAP_RESIZE_SHRINK) > 0);
	model_exit(&h.m);
}

static void histories_small(u16 key_size, u16 value_size, enum tripmap_contract contract)
{
	struct tripmap_config cfg = model_config(key_size, value_size);

	cfg.contract = contract;
	histories_of(&cfg);
}

static void histories_under(u16 key_size, u16 value_size, enum tripmap_sync sync)
{
	struct tripmap_config cfg = model_config(key_size, value_size);

	cfg.contract = TRIPMAP_CONTRACT_SHARED;
	cfg.sync = sync;
	histories_of(&cfg);
}

TM_TEST(words)
{
	histories_small(8, 8, TRIPMAP_CONTRACT_SINGLE_WRITER);
}

TM_TEST(several_words)
{
	histories_small(8, 40, TRIPMAP_CONTRACT_SINGLE_WRITER);
}

TM_TEST(odd_sizes)
{
	histories_small(13, 27, TRIPMAP_CONTRACT_SINGLE_WRITER);
}

TM_TEST(blobs)
{
	histories_small(200, 300, TRIPMAP_CONTRACT_SINGLE_WRITER);
}

TM_TEST(exclusive)
{
	histories_small(8, 40, TRIPMAP_CONTRACT_EXCLUSIVE);
}

TM_TEST(snapshot)
{
	histories_under(8, 8, TRIPMAP_SYNC_SNAPSHOT);
	histories_under(13, 27, TRIPMAP_SYNC_SNAPSHOT);
}

TM_TEST(split)
{
	histories_under(8, 8, TRIPMAP_SYNC_SPLIT);
	histories_under(13, 27, TRIPMAP_SYNC_SPLIT);
}

/*
 * All keys in two of 16 buckets: chains of four, whose overflow buckets come,
 * go, and change over to the other chain; entries move within their chain.
 */
static void histories_crowded(u16 key_size, u16 value_size)
{
	struct tripmap_config cfg = model_config(key_size, value_size);
	u32 i, in[2] = { 0 };
	u64 b;

	if (!can())
		TM_SKIP(NEEDS);
	cfg.bits = 4;
	cfg.seeded = true;
	memset(&h, 0, sizeof(h));
	if (!model_init(&h.m, &cfg, UNIVERSE, tm_env_seed()))
		return;
	for (i = 0; i < UNIVERSE && h.keys < KEYS; i++) {
		b = model_bucket(&h.m, i, 4);
		if (b < 2 && in[b]++ < KEYS / 2)
			h.number[h.keys++] = i;
	}
	TM_EXPECT_EQ(h.keys, KEYS);
	histories();
	model_exit(&h.m);
}

TM_TEST(crowded_words)
{
	histories_crowded(8, 8);
}

TM_TEST(crowded_several_words)
{
	histories_crowded(8, 40);
}

TM_TEST(crowded_blobs)
{
	histories_crowded(200, 20);
}

/* All kinds of resize, with many keys. */
static void resizes(u16 key_size, u16 value_size)
{
	static const struct shim_strand strands[] = {
		{ beside_writer, NULL }, { beside_reader, (void *)0 }, { beside_reader, (void *)1 },
		{ beside_walker, (void *)BESIDE_READERS },
	};

	if (!can())
		TM_SKIP(NEEDS);
	if (!beside_begin(key_size, value_size, 1000, 3))
		return;
	shim_interleave(strands, ARRAY_SIZE(strands), 16, tm_env_seed());
	beside_end();
}

TM_TEST(resizes_words)
{
	resizes(8, 8);
}

TM_TEST(resizes_blobs)
{
	resizes(140, 300);
}

/*
 * The guard: each holder is named right, whoever is met and however long ago
 * it left. caller is the number of the stay, and tells which word it got.
 */
#define STAYS		512
#define WRITERS		3

static struct {
	struct tm_guard g;
	u32 stays;
	u64 word[STAYS + 1];		/* of each stay, once it is known; 0 */
	bool asked[STAYS + 1], told[STAYS + 1];
	bool inside;
	u32 left;			/* met who had left */
} g;

static void met(const struct tm_holder *other)
{
	u32 stay = other->caller;

	/* 0: it had not yet said so. */
	if (stay && TM_EXPECT(stay <= g.stays))
		if (!TM_EXPECT(!g.word[stay] || g.word[stay] == other->word))
			tm_test_note("stay %u: word 0x%llx, met as 0x%llx, left %u", stay,
				     g.word[stay], other->word, other->left);
	if (other->left) {
		g.left++;
		TM_EXPECT(stay);
		return;
	}
	for (stay = 1; stay <= g.stays; stay++)
		if (g.word[stay] == other->word)
			break;
	g.asked[stay <= g.stays ? stay : 0] = true;
}

static void stay(u32 number, u64 ticket)
{
	g.word[number] = tm_guard_key(ticket);
	TM_EXPECT(!g.inside);
	g.inside = true;
	shim_perturb();
	g.inside = false;
	g.told[number] = tm_guard_leave(&g.g, ticket) == TM_LEFT_CLASHED;
}

static void guard_writer(void *arg)
{
	struct tm_holder other;
	u32 number;
	u64 ticket;

	while (g.stays < STAYS && !tm_test_failures()) {
		number = ++g.stays;
		if (tm_guard_enter(&g.g, TRIPMAP_OP_STORE, number, &ticket, &other) ==
		    TRIPMAP_FOUND_NOBODY)
			stay(number, ticket);
		else
			met(&other);
	}
}

static void guard_reader(void *arg)
{
	struct tm_holder other;
	u64 word;

	while (g.stays < STAYS && !tm_test_failures()) {
		if (tm_guard_peek(&g.g, &word, &other) != TRIPMAP_FOUND_NOBODY) {
			met(&other);
			continue;
		}
		shim_perturb();
		if (tm_guard_check(&g.g, word, &other) != TRIPMAP_FOUND_NOBODY)
			met(&other);
	}
}

TM_TEST(guard)
{
	static const struct shim_strand strands[WRITERS + 1] = {
		{ guard_writer }, { guard_writer }, { guard_writer }, { guard_reader },
	};
	u64 runs = tm_env_ops(100), n;
	u32 i, left = 0;

	if (!can())
		TM_SKIP(NEEDS);
	for (n = 0; n < runs && !tm_test_failures(); n++) {
		memset(&g, 0, sizeof(g));
		shim_interleave(strands, ARRAY_SIZE(strands), 2 << (n % 5), tm_env_seed() + n);
		/* Who met a word before its holder had noted it counts as number 0. */
		for (i = 1; i <= STAYS; i++)
			TM_EXPECT(g.told[i] || !g.asked[i]);
		left += g.left;
	}
	TM_EXPECT(left > 0);
}

/* A reader of a handle, and who destroys the table under it. */
static struct tripmap *doomed;

static void handle_reader(void *arg)
{
	u64 key = 5, value;
	int err;

	do {
		value = 0;
		err = tripmap_lookup(doomed, &key, &value);
		TM_EXPECT(err == -ESTALE || (!err && value == 55));
	} while (!err);
}

static void destroyer(void *arg)
{
	cpu_relax();
	TM_EXPECT_EQ(tripmap_destroy(doomed), 0);
}

TM_TEST(destroy)
{
	static const struct shim_strand strands[] = {
		{ handle_reader }, { destroyer }, { handle_reader },
	};
	struct tripmap_config cfg = model_config(8, 8);
	u64 runs = tm_env_ops(500), key = 5, value = 55, n;

	if (!can())
		TM_SKIP(NEEDS);
	for (n = 0; n < runs && !tm_test_failures(); n++) {
		doomed = tripmap_create(&cfg, GFP_KERNEL);
		if (!TM_EXPECT(!IS_ERR(doomed)))
			return;
		TM_EXPECT_EQ(tripmap_store(doomed, &key, &value, GFP_KERNEL), 0);
		shim_interleave(strands, ARRAY_SIZE(strands), 2 << (n % 5), tm_env_seed() + n);
	}
}

TM_SUITE(interleave, TM_CASE(words), TM_CASE(several_words), TM_CASE(odd_sizes), TM_CASE(blobs),
	 TM_CASE(exclusive), TM_CASE(snapshot), TM_CASE(split), TM_CASE(crowded_words),
	 TM_CASE(crowded_several_words),
	 TM_CASE(crowded_blobs), TM_CASE(resizes_words), TM_CASE(resizes_blobs),
	 TM_CASE(guard), TM_CASE(destroy));
