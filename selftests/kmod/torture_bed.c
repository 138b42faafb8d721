// SPDX-License-Identifier: GPL-2.0
/*
 * Beds: tables of each contract and sync, and who may do what to them.
 *
 *	lock	writers			readers
 *	none	anybody, bare		anybody, bare
 *	raw	under the spinlock	anybody, bare
 *	sem	tasks, under the rwsem	anybody, bare; if exclusive: as writers
 *
 * Where it is illegal, some come without the lock: tasks of that role, and
 * interrupts where the lock is a rwsem. Each of them, and each that they are in
 * the way of, is let in or refused; the refused are counted, and the table must
 * have counted as many.
 */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/tripmap_names.h>
#include <net/net_namespace.h>

#include "../../kmod/core/invariant.h"
#include "torture.h"

static const struct bed_kind kinds[] = {
	{ .name = "single", .lock = LOCK_RAW, .key_size = 8, .value_size = 8 },
	/* Few and large: that somebody reads what somebody else frees. */
	{ .name = "blobs", .lock = LOCK_SEM, .key_size = 200, .value_size = 2000, .keys = 48 },
	{ .name = "raced", .lock = LOCK_SEM, .key_size = 8, .value_size = 16, .illegal = true },
	{ .name = "raced-irq", .lock = LOCK_RAW, .key_size = 16, .value_size = 100,
	  .illegal = true, .clears = true, .lenient = true },
	{ .name = "exclusive", .contract = TRIPMAP_CONTRACT_EXCLUSIVE, .lock = LOCK_SEM,
	  .key_size = 8, .value_size = 40 },
	{ .name = "exclusive-raced", .contract = TRIPMAP_CONTRACT_EXCLUSIVE, .lock = LOCK_SEM,
	  .key_size = 8, .value_size = 200, .illegal = true },
	{ .name = "owner", .contract = TRIPMAP_CONTRACT_OWNER, .lock = LOCK_SEM,
	  .hash = TRIPMAP_HASH_MIX, .key_size = 8, .value_size = 16, .clears = true },
	{ .name = "owner-raced", .contract = TRIPMAP_CONTRACT_OWNER, .lock = LOCK_SEM,
	  .key_size = 8, .value_size = 8, .illegal = true },
	{ .name = "sharded", .contract = TRIPMAP_CONTRACT_SHARED, .sync = TRIPMAP_SYNC_SHARDED,
	  .hash = TRIPMAP_HASH_MIX, .shards = 8, .key_size = 8, .value_size = 8 },
	{ .name = "sharded-clear", .contract = TRIPMAP_CONTRACT_SHARED,
	  .sync = TRIPMAP_SYNC_SHARDED, .shards = 4, .key_size = 12, .value_size = 260,
	  .clears = true },
	{ .name = "one-shard", .contract = TRIPMAP_CONTRACT_SHARED, .sync = TRIPMAP_SYNC_SHARDED,
	  .shards = 1, .key_size = 140, .value_size = 24 },
	{ .name = "rwlock", .contract = TRIPMAP_CONTRACT_SHARED, .sync = TRIPMAP_SYNC_RWLOCK,
	  .key_size = 8, .value_size = 48 },
	{ .name = "snapshot", .contract = TRIPMAP_CONTRACT_SHARED, .sync = TRIPMAP_SYNC_SNAPSHOT,
	  .key_size = 8, .value_size = 64, .keys = 128, .clears = true },
	{ .name = "split", .contract = TRIPMAP_CONTRACT_SHARED, .sync = TRIPMAP_SYNC_SPLIT,
	  .key_size = 8, .value_size = 32, .keys = 512 },
};

static_assert(ARRAY_SIZE(kinds) <= BEDS_MAX);

/* For lockdep, of those that are used by their rules. */
static struct tripmap_lock_class classes[ARRAY_SIZE(kinds)];

struct bed *beds[BEDS_MAX];
unsigned int nbeds;

struct bed *some_bed(struct place *p)
{
	return beds[draw(p, nbeds)];
}

/* They fill and empty in turns, not all at the same time. */
bool bed_filling(const struct bed *b)
{
	return !((jiffies / (msecs_to_jiffies(torture.phase_ms) + 1) + b->n) & 1);
}

/*
 * Who may do what, and how.
 */

static bool bare(const struct bed *b, const struct place *p)
{
	if (b->kind->lock == LOCK_NONE || !b->kind->illegal)
		return b->kind->lock == LOCK_NONE;
	return p->role == ROLE_ILLEGAL || (b->kind->lock == LOCK_SEM && in_interrupt_of(p));
}

bool bed_may_write(const struct bed *b, const struct place *p)
{
	if (bare(b, p))
		return true;
	return p->role != ROLE_ILLEGAL && !(b->kind->lock == LOCK_SEM && in_interrupt_of(p));
}

bool bed_may_read(const struct bed *b, const struct place *p)
{
	return b->kind->contract != TRIPMAP_CONTRACT_EXCLUSIVE || bed_may_write(b, p);
}

bool bed_read_begin(struct bed *b, struct place *p)
{
	bool locked = b->kind->contract == TRIPMAP_CONTRACT_EXCLUSIVE && !bare(b, p);

	if (locked)
		down_read(&b->sem);
	return locked;
}

void bed_read_end(struct bed *b, bool locked)
{
	if (locked)
		up_read(&b->sem);
}

/*
 * The books
 */

static void refuse(struct bed *b, struct place *p, enum refusal refusal)
{
	count(&p->refused);
	atomic64_inc(&b->refused[refusal]);
	if (!TM_EXPECT(b->kind->illegal))
		tm_test_note("%s: a legal use was refused (%u)", b->kind->name, refusal);
}

void bed_account(struct bed *b, struct place *p, enum tripmap_op op, int err)
{
	switch (err) {
	case -EBUSY:
		refuse(b, p, REFUSED_BUSY);
		break;
	case -EDEADLK:
		refuse(b, p, REFUSED_DEADLOCK);
		break;
	case -EPERM:
		refuse(b, p, REFUSED_FOREIGN);
		break;
	case -EROFS:
		count(&p->frozen);
		break;
	case -ENOMEM:
		count(&p->nomem);
		break;
	case -ENOENT:
	case -EEXIST:
	case -EAGAIN:
		count(&p->missed);
		break;
	case -ESTALE:
		/* A walk over a new seed; a write has no such excuse. */
		count(&p->missed);
		TM_EXPECT_EQ(op, TRIPMAP_OP_ITERATE);
		break;
	default:
		if (TM_EXPECT(err >= 0))
			count(&p->did[op]);
		else
			tm_test_note("%s: %s: %d", b->kind->name, tripmap_op_name(op), err);
	}
}

/*
 * Writes
 */

static gfp_t gfp_of(const struct bed *b, const struct place *p)
{
	bool atomic = in_interrupt_of(p) || b->kind->lock == LOCK_RAW;

	return (atomic ? GFP_ATOMIC : GFP_KERNEL) | __GFP_NOWARN;
}

static int perform(struct tripmap *t, const struct act *a, gfp_t gfp)
{
	switch (a->op) {
	case TRIPMAP_OP_STORE:
		return tripmap_store(t, a->key, a->value, gfp);
	case TRIPMAP_OP_INSERT:
		return tripmap_insert(t, a->key, a->value, gfp);
	case TRIPMAP_OP_REPLACE:
		return tripmap_replace(t, a->key, a->value, gfp);
	case TRIPMAP_OP_COMPARE_SWAP:
		return tripmap_compare_swap(t, a->key, a->old, a->value, gfp);
	case TRIPMAP_OP_DELETE:
		return tripmap_delete(t, a->key, gfp);
	case TRIPMAP_OP_TAKE:
		return tripmap_take(t, a->key, a->value, gfp);
	case TRIPMAP_OP_CLEAR:
		return tripmap_clear(t, gfp);
	case TRIPMAP_OP_RESIZE:
		return tripmap_resize_hint(t, a->arg, gfp);
	default:
		return a->arg ? tripmap_freeze(t) : tripmap_unfreeze(t);
	}
}

/*
 * Without the lock. If somebody stayed inside from before until after, it must
 * have been refused; nobody but an owner's table knows foreigners, and it lets
 * none of them in.
 */
static int perform_bare(struct bed *b, struct place *p, const struct act *a)
{
	/* Pairs with the release in stay_long(). */
	u32 stay = smp_load_acquire(&b->stay);
	int err = perform(b->t, a, gfp_of(b, p));

	if (b->kind->contract == TRIPMAP_CONTRACT_OWNER && b->kind->illegal)
		TM_EXPECT_EQ(err, -EPERM);
	/* After the write; pairs with the barrier in stay_long(). */
	smp_mb();
	if (stay && READ_ONCE(b->stay) == stay && err != -ENOMEM && err != -EPERM) {
		TM_EXPECT(err == -EBUSY || err == -EDEADLK);
		atomic_inc(&b->known);
	}
	return err;
}

/* By whoever is the owner now. */
static void own(struct bed *b, struct place *p)
{
	if (b->kind->contract != TRIPMAP_CONTRACT_OWNER || b->owner == current)
		return;
	b->owner = current;
	bed_account(b, p, TRIPMAP_OP_OWN, tripmap_own(b->t));
}

static int perform_legally(struct bed *b, struct place *p, const struct act *a)
{
	unsigned long flags;
	int err;

	if (b->kind->lock == LOCK_RAW) {
		raw_spin_lock_irqsave(&b->raw, flags);
		err = perform(b->t, a, gfp_of(b, p));
		raw_spin_unlock_irqrestore(&b->raw, flags);
		return err;
	}
	down_write(&b->sem);
	own(b, p);
	err = perform(b->t, a, gfp_of(b, p));
	up_write(&b->sem);
	return err;
}

int bed_write(struct bed *b, struct place *p, const struct act *a)
{
	int err = bare(b, p) ? perform_bare(b, p, a) : perform_legally(b, p, a);

	bed_account(b, p, a->op, err);
	atomic64_inc(&b->writes[p->role]);
	return err;
}

/*
 * Reads
 */

int bed_lookup(struct bed *b, struct place *p, const void *key, void *value)
{
	bool locked = bed_read_begin(b, p);
	int err = tripmap_lookup(b->t, key, value);

	bed_read_end(b, locked);
	bed_account(b, p, TRIPMAP_OP_LOOKUP, err);
	atomic64_inc(&b->reads);
	return err;
}

int bed_lookup_many(struct bed *b, struct place *p, unsigned long *found)
{
	bool locked = bed_read_begin(b, p);
	int n = tripmap_lookup_many(b->t, MANY, p->keys, p->values, found);

	bed_read_end(b, locked);
	bed_account(b, p, TRIPMAP_OP_LOOKUP_MANY, n);
	return n;
}

/*
 * Making them
 */

/* Is the name one of these, with commas between? All are, if there are none. */
static bool among(const char *name, const char *names)
{
	size_t len = strlen(name);

	for (; names; names = strchr(names, ',')) {
		names += *names == ',';
		if (!strncmp(names, name, len) && (!names[len] || names[len] == ','))
			return true;
	}
	return false;
}

/* Are all of these names of beds? */
bool beds_named(const char *names)
{
	unsigned int i, known = 0, n = 1;
	const char *c;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		known += among(kinds[i].name, names);
	for (c = names; *c; c++)
		n += *c == ',';
	return !*names || known == n;
}

static struct tripmap *table_of(const struct bed_kind *kind)
{
	struct tripmap_config cfg = {
		.name = kind->name,
		.owner = init_net.net_cookie,
		.key_size = kind->key_size,
		.value_size = kind->value_size,
		.contract = kind->contract,
		.sync = kind->sync,
		.hash = kind->hash,
		.shards = kind->shards,
		.max_action = TRIPMAP_ACTION_REPORT,
	};

	memset(cfg.policy, TRIPMAP_ACTION_REPORT, sizeof(cfg.policy));
	return tripmap_create_class(&cfg, GFP_KERNEL,
				    kind->illegal ? NULL : &classes[kind - kinds]);
}

static bool bed_make(struct bed *b, const struct bed_kind *kind)
{
	b->kind = kind;
	b->n = nbeds;
	b->keys = kind->keys ? min(kind->keys, torture.keys) : torture.keys;
	raw_spin_lock_init(&b->raw);
	init_rwsem(&b->sem);
	b->owner = current;
	b->cell = kvcalloc(b->keys, sizeof(*b->cell), GFP_KERNEL);
	b->t = table_of(kind);
	if (!TM_EXPECT(!IS_ERR(b->t)))
		b->t = NULL;
	return TM_EXPECT(b->cell) && b->t;
}

/* Before there are interrupts; lockdep holds it to the same rules as all that comes. */
static int put_first(struct bed *b, const u8 *key, const u8 *value)
{
	unsigned long flags;
	int err;

	if (b->kind->lock != LOCK_RAW)
		return tripmap_insert(b->t, key, value, GFP_KERNEL);
	raw_spin_lock_irqsave(&b->raw, flags);
	err = tripmap_insert(b->t, key, value, GFP_ATOMIC);
	raw_spin_unlock_irqrestore(&b->raw, flags);
	return err;
}

/* Counters are there from the beginning. */
static bool set_counters(struct bed *b)
{
	u8 key[KEY_BYTES], *value = kmalloc(VALUE_BYTES, GFP_KERNEL);
	u32 i;

	if (!TM_EXPECT(value))
		return false;
	for (i = 0; i < COUNTERS && !b->kind->clears; i++) {
		key_make(b, b->keys + i, key);
		value_make(b->keys + i, 0, value, b->kind->value_size);
		TM_EXPECT_EQ(put_first(b, key, value), 0);
	}
	kfree(value);
	return true;
}

bool beds_make(const char *names)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (*names && !among(kinds[i].name, names))
			continue;
		beds[nbeds] = kzalloc(sizeof(**beds), GFP_KERNEL);
		if (!TM_EXPECT(beds[nbeds]))
			return false;
		if (!bed_make(beds[nbeds++], &kinds[i]) || !set_counters(beds[nbeds - 1]))
			return false;
	}
	return true;
}

/*
 * The verdict: when nobody uses them any more.
 */

static u64 tokens_left(struct bed *b)
{
	u64 sum = 0;
	u32 i;
	int left;

	for (i = COUNTERS; i < CONTESTED; i++) {
		left = atomic_read(&b->contested[i].in) - atomic_read(&b->contested[i].out);
		TM_EXPECT(left == 0 || left == 1);
		sum += left;
	}
	return sum;
}

/* Every key as the model has it, and nothing else. */
static void check_contents(struct bed *b, struct place *p)
{
	u64 before = p->did[TRIPMAP_OP_LOOKUP], walks = p->clean_walks;
	u64 there = b->kind->clears ? 0 : COUNTERS + tokens_left(b);
	struct tripmap_info info;
	const char *wrong;
	u32 k;

	for (k = 0; k < b->keys; k++)
		read_key(b, p, k);
	there += p->did[TRIPMAP_OP_LOOKUP] - before;
	for (k = 0; k < COUNTERS && !b->kind->clears; k++)
		read_key(b, p, b->keys + k);
	if (!TM_EXPECT_EQ(tripmap_count(b->t), there))
		tm_test_note("%s: entries", b->kind->name);
	tripmap_info(b->t, &info);
	walk(b, p, false);
	/* One cannot be, as long as nobody writes, while there are two seeds. */
	TM_EXPECT(p->clean_walks > walks || info.resize == TRIPMAP_RESIZE_RESEED);
	own(b, p);
	wrong = tm_invariant_check(b->t);
	if (!TM_EXPECT(!wrong))
		tm_test_note("%s: %s", b->kind->name, wrong);
}

void beds_check_contents(struct place *p)
{
	unsigned int i;

	for (i = 0; i < nbeds; i++)
		check_contents(beds[i], p);
}

static u64 violations(const struct tripmap_info *info, enum tripmap_class first,
		      enum tripmap_class last)
{
	u64 sum = 0;

	for (; first <= last; first++)
		sum += info->violations[first];
	return sum;
}

/* What was ignored was not counted; all else was, each once. */
static void expect_counted(const struct bed *b, u64 counted, enum refusal refusal)
{
	u64 refused = atomic64_read(&b->refused[refusal]);

	if (b->kind->lenient ? !TM_EXPECT(counted <= refused) :
			       !TM_EXPECT_EQ(counted, refused))
		tm_test_note("%s: refused (%u) %llu, counted %llu", b->kind->name, refusal,
			     refused, counted);
}

static void check_books(struct bed *b)
{
	u64 busy, deadlock, foreign;
	struct tripmap_info info;

	tripmap_info(b->t, &info);
	busy = violations(&info, TRIPMAP_CLASS_WRITE_DURING_WRITE,
			  TRIPMAP_CLASS_ITERATE_DURING_WRITE);
	deadlock = violations(&info, TRIPMAP_CLASS_REENTRANT_WRITE,
			      TRIPMAP_CLASS_INTERRUPT_DURING_WRITE);
	foreign = info.violations[TRIPMAP_CLASS_FOREIGN_WRITER];
	expect_counted(b, busy, REFUSED_BUSY);
	expect_counted(b, deadlock, REFUSED_DEADLOCK);
	expect_counted(b, foreign, REFUSED_FOREIGN);
	TM_EXPECT_EQ(violations(&info, 0, TRIPMAP_CLASS_MAX), busy + deadlock + foreign);
	TM_EXPECT(b->kind->lenient || atomic_read(&b->known) <= busy + deadlock);
	tm_test_note("%s: writes=%lld illegal=%lld irq=%lld reads=%lld busy=%llu deadlk=%llu foreign=%llu known=%d grow=%llu shrink=%llu same=%llu reseed=%llu put_off=%llu",
		     b->kind->name, atomic64_read(&b->writes[ROLE_WRITER]),
		     atomic64_read(&b->writes[ROLE_ILLEGAL]),
		     atomic64_read(&b->writes[ROLE_TIMER]) +
		     atomic64_read(&b->writes[ROLE_IRQ_WORK]) +
		     atomic64_read(&b->writes[ROLE_TASKLET]),
		     atomic64_read(&b->reads), busy, deadlock, foreign, atomic_read(&b->known),
		     info.resizes[TRIPMAP_RESIZE_GROW], info.resizes[TRIPMAP_RESIZE_SHRINK],
		     info.resizes[TRIPMAP_RESIZE_SAME_SIZE], info.resizes[TRIPMAP_RESIZE_RESEED],
		     info.put_off);
}

void beds_check_books(void)
{
	unsigned int i;

	for (i = 0; i < nbeds; i++)
		check_books(beds[i]);
}

/* Has everybody written who may, and somebody been refused who must not? */
static bool used_by(const struct bed *b, const struct place *p)
{
	if (p->role <= ROLE_TASKLET && bed_may_write(b, p) && !atomic64_read(&b->writes[p->role]))
		return false;
	return p->role != ROLE_ILLEGAL || !b->kind->illegal ||
	       atomic64_read(&b->refused[REFUSED_BUSY]) ||
	       atomic64_read(&b->refused[REFUSED_FOREIGN]);
}

static bool resized(void)
{
	u64 grown = 0, shrunk = 0;
	struct tripmap_info info;
	unsigned int i;

	for (i = 0; i < nbeds; i++) {
		tripmap_info(beds[i]->t, &info);
		grown += info.resizes[TRIPMAP_RESIZE_GROW];
		shrunk += info.resizes[TRIPMAP_RESIZE_SHRINK];
	}
	return grown && shrunk;
}

const char *beds_missing(struct place * const *places, unsigned int n)
{
	unsigned int i, k;

	for (i = 0; i < nbeds; i++) {
		if (!atomic64_read(&beds[i]->reads))
			return beds[i]->kind->name;
		for (k = 0; k < n; k++)
			if (!used_by(beds[i], places[k]))
				return beds[i]->kind->name;
	}
	return resized() ? NULL : "growth and shrinking";
}

void beds_end(void)
{
	unsigned int i;

	for (i = 0; i < nbeds; i++) {
		if (beds[i]->t) {
			/* Only the owner may. */
			TM_EXPECT_EQ(tripmap_own(beds[i]->t), 0);
			TM_EXPECT_EQ(tripmap_destroy(beds[i]->t), 0);
		}
		kvfree(beds[i]->cell);
		kfree(beds[i]);
	}
	nbeds = 0;
}
