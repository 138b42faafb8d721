// SPDX-License-Identifier: GPL-2.0
/* What each key of a bed must be. */
#include <linux/compiler.h>

#include "torture.h"

#define BUSY	1ULL
#define THERE	(1ULL << 32)

static u32 begun(u64 word)
{
	return (u32)word >> 1;
}

static bool there(u64 word)
{
	return word & THERE;
}

static u32 standing(u64 word)
{
	return word >> 33;
}

static u64 pack(u32 number, bool is_there, u32 last)
{
	return (u64)number << 33 | (is_there ? THERE : 0) | (u64)last << 1;
}

/*
 * Keys: bytes that follow from their number, so that an alien one is found.
 */

#define KEYS_OF	0x746f7274	/* what they are values of */

void key_make(const struct bed *b, u32 k, u8 *key)
{
	value_make(KEYS_OF, k, key, b->kind->key_size);
}

u32 key_number(const struct bed *b, const u8 *key)
{
	u32 all = b->keys + CONTESTED, k = value_number(key);

	return k < all && value_good(KEYS_OF, key, b->kind->key_size) ? k : all;
}

/*
 * Who writes the key.
 */

void turn_begin(struct bed *b, u32 k, struct turn *turn)
{
	struct cell *key = &b->cell[k];

	turn->word = key->word;
	turn->number = begun(key->word) + 1;
	/* Pairs with the stores of steward_clear(): done before ended. */
	turn->ended = smp_load_acquire(&b->clears.ended);
	turn->done = READ_ONCE(b->clears.done);
	/* Pairs with the loads of look_begin() and look_end(). */
	WRITE_ONCE(key->word, (key->word & ~(u64)U32_MAX) | (u64)turn->number << 1 | BUSY);
	/* Before all that the write does. */
	smp_mb();
}

u32 turn_standing(const struct turn *turn)
{
	return standing(turn->word);
}

/* Did a clear come between, so that the key may be there, and may be not? */
static bool may_be_cleared(const struct cell *key, u32 clears)
{
	return key->unsure || clears != key->clear;
}

static void expect_seen(const struct bed *b, u32 k, const struct turn *turn, u32 clears,
			enum seen seen)
{
	const struct cell *key = &b->cell[k];
	bool gone = !there(turn->word) || turn->done > key->clear;

	if (seen == SEEN_THERE && !TM_EXPECT(!gone))
		tm_test_note("%s: key %u is there, and should not be", b->kind->name, k);
	if (seen == SEEN_ABSENT && !TM_EXPECT(gone || may_be_cleared(key, clears)))
		tm_test_note("%s: key %u is not there, and should be", b->kind->name, k);
}

void turn_end(struct bed *b, u32 k, const struct turn *turn, enum effect effect, enum seen seen)
{
	struct cell *key = &b->cell[k];
	u64 word = pack(standing(turn->word), there(turn->word), turn->number);
	u32 clears;

	/* After all that the write did; pairs with the barrier of steward_clear(). */
	smp_mb();
	clears = READ_ONCE(b->clears.begun);
	expect_seen(b, k, turn, clears, seen);
	if (effect != EFFECT_NONE) {
		word = pack(turn->number, effect == EFFECT_THERE, turn->number);
		/* Pair with the loads of look_begin(), which sees the word change. */
		WRITE_ONCE(key->clear, clears);
		WRITE_ONCE(key->unsure, clears != turn->ended);
	}
	/* Pairs with the acquire of look_begin(). */
	smp_store_release(&key->word, word);
}

/*
 * Who reads it.
 */

void look_begin(struct bed *b, u32 k, struct look *look)
{
	struct cell *key = &b->cell[k];

	*look = (struct look){};
	/* Pairs with the release of steward_clear(). */
	look->done = smp_load_acquire(&b->clears.done);
	if (k >= b->keys) {
		look->floor = atomic_read(&b->contested[k - b->keys].done);
	} else {
		/* Pairs with the release of turn_end(). */
		look->word = smp_load_acquire(&key->word);
		look->clear = READ_ONCE(key->clear);
		look->unsure = READ_ONCE(key->unsure);
	}
	/* Before all that the lookup does; pairs with turn_begin() and turn_end(). */
	smp_mb();
}

static void complain(const struct bed *b, u32 k, const struct look *look, u64 now, bool found,
		     u32 number)
{
	tm_test_note("%s: key %u: found %u number %u; word 0x%llx, then 0x%llx; clear %u%s of %u %u",
		     b->kind->name, k, found, number, look->word, now, look->clear,
		     look->unsure ? "?" : "", look->done, READ_ONCE(b->clears.begun));
}

/* A counter is always there, and only goes up. */
static void look_end_contested(struct bed *b, u32 k, const struct look *look, bool found,
			       u32 number)
{
	struct contested *c = &b->contested[k - b->keys];
	u32 most = atomic_read(&c->tries);

	if (k - b->keys >= COUNTERS)
		return;
	if (!TM_EXPECT(found) || !TM_EXPECT(number >= look->floor) || !TM_EXPECT(number <= most))
		tm_test_note("%s: counter %u: found %u number %u, from %u to %u", b->kind->name,
			     k - b->keys, found, number, look->floor, most);
}

/* Nobody wrote it meanwhile: the model says what is there. */
static bool as_it_stands(struct bed *b, const struct look *look, bool found, u32 number)
{
	if (!there(look->word) || look->done > look->clear)
		return !found;
	if (found)
		return number == standing(look->word);
	/* Pairs with the barrier of steward_clear(); after the lookup. */
	return look->unsure || READ_ONCE(b->clears.begun) != look->clear;
}

/* Somebody did: not older than what stood before, and not of the future. */
static bool within_bounds(const struct look *look, u64 now, bool found, u32 number)
{
	u32 oldest = standing(look->word) + !there(look->word);

	return !found || (number >= oldest && number <= begun(now));
}

void look_end(struct bed *b, u32 k, const struct look *look, bool found, u32 number)
{
	bool right;
	u64 now;

	/* After all that the lookup did; pairs with turn_begin() and turn_end(). */
	smp_mb();
	if (k >= b->keys) {
		look_end_contested(b, k, look, found, number);
		return;
	}
	now = READ_ONCE(b->cell[k].word);
	if (now == look->word && !(now & BUSY))
		right = as_it_stands(b, look, found, number);
	else
		right = within_bounds(look, now, found, number);
	if (!TM_EXPECT(right))
		complain(b, k, look, now, found, number);
}
