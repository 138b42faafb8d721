// SPDX-License-Identifier: GPL-2.0
/*
 * The write-in-progress guard.
 *
 * What makes it hard: the loser must name the holder, and the holder must give
 * its own stack, at no cost to a writer that meets nobody. So the loser leaves
 * a mark (CLASH) in the holder's word, and the holder, which leaves by a
 * cmpxchg from its own word anyway, cannot miss it. The holder may be gone
 * before the mark is set; then its note (call site, time, CPU, operation) still
 * tells who it was. A note that is overwritten already belongs to somebody who
 * left two writers ago: the look at the word was stale, and is taken again.
 *
 * Conventions: g is the guard, w a guard word, gen a generation.
 */
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "guard.h"

static u64 gen_of(u64 w)
{
	return w & TM_GUARD_GEN_MASK;
}

static u32 pid_of(u64 w)
{
	return (w >> TM_GUARD_PID_SHIFT) & TM_GUARD_PID_MASK;
}

static u8 context_of(u64 w)
{
	return (w >> TM_GUARD_CTX_SHIFT) & 3;
}

/* The same stay inside, whatever was marked meanwhile? */
static bool same_stay(u64 a, u64 b)
{
	return tm_guard_key(a) == tm_guard_key(b);
}

/**
 * tm_guard_context() - what this CPU is doing
 *
 * Context: Any.
 * Return: an &enum tripmap_context.
 */
u8 tm_guard_context(void)
{
	if (in_nmi())
		return TRIPMAP_CONTEXT_NMI;
	if (in_hardirq())
		return TRIPMAP_CONTEXT_HARDIRQ;
	if (in_serving_softirq())
		return TRIPMAP_CONTEXT_SOFTIRQ;
	return TRIPMAP_CONTEXT_TASK;
}

/*
 * Lockdep follows the guard as if it were a lock that waits: wherever that could
 * wait, for itself or for another task, two could be inside, and this one refuses.
 * So it tells of a nesting that breaks the contract before two ever meet: a table
 * that is written with interrupts on and from an interrupt too; or under a lock
 * that is also taken inside. Not of who destroys, repairs or checks a table: that
 * is seldom, and keeps to no rule of its users.
 */
static bool followed(const struct tm_guard *g)
{
#ifdef CONFIG_LOCKDEP
	return g->dep_map.key;
#else
	return false;
#endif
}

static bool is_use(u8 op)
{
	return op != TRIPMAP_OP_DESTROY && op != TRIPMAP_OP_REPAIR && op != TRIPMAP_OP_NONE;
}

static void dep_enter(struct tm_guard *g, u8 op, unsigned long caller)
{
	if (followed(g) && is_use(op))
		lock_acquire(&g->dep_map, 0, 0, 0, 1, NULL, caller);
}

/* A reader only says that it was there. Lockdep cannot be asked in an NMI. */
static void dep_read(struct tm_guard *g)
{
	if (!followed(g) || in_nmi())
		return;
	lock_acquire(&g->dep_map, 0, 0, 2, 1, NULL, _RET_IP_);
	lock_release(&g->dep_map, _RET_IP_);
}

static void dep_leave(struct tm_guard *g)
{
	if (followed(g) && lock_is_held(&g->dep_map))
		lock_release(&g->dep_map, _RET_IP_);
}

/**
 * tm_guard_follow() - let lockdep follow a guard; without, it does not
 * @g: the guard
 * @key: those of one key are used by the same rules; NULL for those that are not
 *	to be told of
 *
 * Context: Any; nobody may be inside.
 */
void tm_guard_follow(struct tm_guard *g, struct lock_class_key *key)
{
	memset(&g->dep_map, 0, sizeof(g->dep_map));
	if (key)
		lockdep_init_map(&g->dep_map, "tripmap_guard", key, 0);
}

static u64 my_word(u64 idle)
{
	return TM_GUARD_HELD |
	       (u64)tm_guard_context() << TM_GUARD_CTX_SHIFT |
	       ((u64)current->pid & TM_GUARD_PID_MASK) << TM_GUARD_PID_SHIFT |
	       ((idle + 1) & TM_GUARD_GEN_MASK);
}

static struct tm_guard_note *note_of(struct tm_guard *g, u64 w)
{
	return &g->note[gen_of(w) & 1];
}

static void write_note(struct tm_guard *g, u64 w, u8 op, unsigned long caller)
{
	struct tm_guard_note *note = note_of(g, w);

	/* Pairs with the smp_rmb() in read_note(): no new field under the old gen. */
	WRITE_ONCE(note->gen, (u32)w ^ 1);
	smp_wmb();
	WRITE_ONCE(note->caller, caller);
	WRITE_ONCE(note->since, jiffies);
	WRITE_ONCE(note->cpu, raw_smp_processor_id());
	WRITE_ONCE(note->op, op);
	/* Pairs with the acquire in read_note(). */
	smp_store_release(&note->gen, (u32)w);
}

/* A tick that this CPU has not seen yet counts as none. */
static u64 since_ns(unsigned long since)
{
	long ticks = jiffies - since;

	return ktime_get_mono_fast_ns() - (u64)max(ticks, 0L) * TICK_NSEC;
}

/* The note of w's stay, if it is there already and still. */
static bool read_note(struct tm_guard *g, u64 w, struct tm_holder *other)
{
	struct tm_guard_note *note = note_of(g, w), seen;

	/* Pairs with the release in write_note(). */
	if (smp_load_acquire(&note->gen) != (u32)w)
		return false;
	seen.caller = READ_ONCE(note->caller);
	seen.since = READ_ONCE(note->since);
	seen.cpu = READ_ONCE(note->cpu);
	seen.op = READ_ONCE(note->op);
	/* Pairs with the smp_wmb() in write_note(). */
	smp_rmb();
	if (READ_ONCE(note->gen) != (u32)w)
		return false;
	other->caller = seen.caller;
	other->since = since_ns(seen.since);
	other->cpu = seen.cpu;
	other->op = seen.op;
	return true;
}

static void describe(u64 w, struct tm_holder *other)
{
	*other = (struct tm_holder){
		.word = tm_guard_key(w) | TM_GUARD_HELD,
		.pid = pid_of(w),
		.cpu = TM_GUARD_NO_CPU,
		.context = context_of(w),
		.growing = w & TM_GUARD_GROW,
	};
}

/*
 * Is the holder we, or what we interrupted? A task is known by its pid,
 * wherever it migrates to; idle tasks share pid 0 and interrupts do not
 * migrate, so those are known by their CPU.
 */
static enum tripmap_found whose(const struct tm_holder *other)
{
	u8 context = tm_guard_context();
	bool by_cpu = !other->pid || other->context != TRIPMAP_CONTEXT_TASK;

	if (other->pid != ((u32)current->pid & TM_GUARD_PID_MASK))
		return TRIPMAP_FOUND_OTHER;
	if (by_cpu && other->cpu != (u16)raw_smp_processor_id())
		return TRIPMAP_FOUND_OTHER;
	if (context == other->context)
		return TRIPMAP_FOUND_SELF;
	return context > other->context ? TRIPMAP_FOUND_BELOW : TRIPMAP_FOUND_OTHER;
}

/*
 * Ask the holder for its half. False when it is gone. Somebody else's CLASH
 * does as well, if the holder has still to leave: hence the new look.
 */
static bool set_clash(struct tm_guard *g, u64 *w)
{
	u64 stay = *w;

	*w = atomic64_read(&g->word);
	while ((*w & TM_GUARD_HELD) && same_stay(*w, stay)) {
		if (*w & TM_GUARD_CLASH)
			return true;
		/* Pairs with the cmpxchg in move(): the holder sees CLASH or we see it gone. */
		if (atomic64_try_cmpxchg(&g->word, (s64 *)w, *w | TM_GUARD_CLASH))
			return true;
	}
	return false;
}

/*
 * Name whoever w speaks of. False when the look is stale: two others have
 * been inside since, and nothing says any more where that one came from.
 */
static bool meet(struct tm_guard *g, u64 w, struct tm_holder *other)
{
	u64 stay = w;
	bool noted;

	describe(w, other);
	noted = read_note(g, w, other);
	if (set_clash(g, &w)) {
		other->growing = w & TM_GUARD_GROW;
		return true;
	}
	other->left = true;
	return noted || read_note(g, stay, other);
}

/**
 * tm_guard_enter() - go in, if nobody is inside
 * @g: the guard
 * @op: what for, &enum tripmap_op
 * @caller: call site, for the other party's report
 * @ticket: out, to leave with
 * @other: out, who is inside
 *
 * The acquire orders what the holder reads, not its plain stores against the
 * word: what it writes to the guarded data is ordered by that data's own
 * barriers (bucket.c).
 *
 * Context: Any.
 * Return: TRIPMAP_FOUND_NOBODY when inside; anything else is a violation, and @other
 * is filled.
 */
enum tripmap_found tm_guard_enter(struct tm_guard *g, u8 op, unsigned long caller,
				  u64 *ticket, struct tm_holder *other)
{
	for (;;) {
		u64 w = atomic64_read(&g->word);
		u64 mine;

		if (w & TM_GUARD_HELD) {
			if (meet(g, w, other))
				return whose(other);
			continue;
		}
		mine = my_word(w);
		/* Pairs with the release in move(). */
		if (atomic64_try_cmpxchg_acquire(&g->word, (s64 *)&w, mine)) {
			dep_enter(g, op, caller);
			write_note(g, mine, op, caller);
			*ticket = mine;
			return TRIPMAP_FOUND_NOBODY;
		}
	}
}

/* From my word, marked or not, to another one. On any other word writes nothing. */
static enum tm_left move(struct tm_guard *g, u64 ticket, u64 to, u64 keep)
{
	u64 w = ticket;

	do {
		/* Pairs with the acquire in enter() and the cmpxchg in set_clash(). */
		if (atomic64_try_cmpxchg_release(&g->word, (s64 *)&w, to | (w & keep)))
			return w & TM_GUARD_CLASH ? TM_LEFT_CLASHED : TM_LEFT_CLEAN;
	} while ((w & ~TM_GUARD_CLASH) == ticket);
	return TM_LEFT_FORGED;
}

/**
 * tm_guard_leave() - go out
 * @g: the guard
 * @ticket: from tm_guard_enter()
 *
 * Context: That of the enter.
 * Return: what was found in the word.
 */
enum tm_left tm_guard_leave(struct tm_guard *g, u64 ticket)
{
	dep_leave(g);
	return move(g, ticket, ticket & ~TM_GUARD_FLAGS, 0);
}

/**
 * tm_guard_mine() - is the caller inside already, or what it interrupted?
 * @g: the guard
 * @other: out, when it is
 *
 * Context: Any.
 * Return: TRIPMAP_FOUND_SELF or TRIPMAP_FOUND_BELOW, else TRIPMAP_FOUND_NOBODY,
 * whoever else is inside.
 */
enum tripmap_found tm_guard_mine(struct tm_guard *g, struct tm_holder *other)
{
	enum tripmap_found found;
	u64 w = atomic64_read(&g->word);

	if (!(w & TM_GUARD_HELD))
		return TRIPMAP_FOUND_NOBODY;
	describe(w, other);
	read_note(g, w, other);
	found = whose(other);
	/* Ours does not go away while we look. */
	if (found == TRIPMAP_FOUND_OTHER || !meet(g, w, other))
		return TRIPMAP_FOUND_NOBODY;
	return found;
}

/**
 * tm_guard_is_mine() - as tm_guard_mine(), for whoever does no wrong
 * @g: the guard
 *
 * Context: Any.
 * Return: true when the caller is inside, or what it interrupted.
 */
bool tm_guard_is_mine(struct tm_guard *g)
{
	struct tm_holder holder;

	return tm_guard_look(g, &holder) && whose(&holder) != TRIPMAP_FOUND_OTHER;
}

/**
 * tm_guard_look() - who is inside, without disturbing
 * @g: the guard
 * @holder: out; caller and since are 0 where it did not get to say
 *
 * Context: Any.
 * Return: false when nobody is.
 */
bool tm_guard_look(struct tm_guard *g, struct tm_holder *holder)
{
	u64 w = atomic64_read(&g->word);

	if (!(w & TM_GUARD_HELD))
		return false;
	describe(w, holder);
	read_note(g, w, holder);
	/* The note may be of somebody who came since. */
	return same_stay(atomic64_read(&g->word), w);
}

/**
 * tm_guard_forge() - set the flag of a writer that there is not
 * @g: the guard
 *
 * For those who want to see the alarm ring: whoever is inside finds on leaving
 * that the word is not its own, and whoever comes meets a writer that never
 * leaves, with the greatest process id that there can be. The field has no room for
 * one that cannot; hardly anybody has it.
 *
 * Context: Any.
 */
void tm_guard_forge(struct tm_guard *g)
{
	u64 w = atomic64_read(&g->word), forged;

	do {
		forged = TM_GUARD_HELD | TM_GUARD_PID_MASK << TM_GUARD_PID_SHIFT |
			 ((w + 1) & TM_GUARD_GEN_MASK);
	} while (!atomic64_try_cmpxchg(&g->word, (s64 *)&w, forged));
	write_note(g, forged, TRIPMAP_OP_NONE, 0);
}

/**
 * tm_guard_seize() - go in over somebody who will not leave any more
 * @g: the guard
 * @word: its stay, as of tm_guard_look()
 * @op: what for
 * @caller: call site
 * @ticket: out, to leave with
 *
 * If it leaves after all, it finds that the word is not its own.
 *
 * Context: Any.
 * Return: false when it is not inside any more.
 */
bool tm_guard_seize(struct tm_guard *g, u64 word, u8 op, unsigned long caller, u64 *ticket)
{
	u64 w = atomic64_read(&g->word);
	u64 mine = my_word(word);

	while ((w & TM_GUARD_HELD) && same_stay(w, word)) {
		/* Acquire: what it wrote is seen, if it ever wrote. Pairs with nothing it does. */
		if (atomic64_try_cmpxchg_acquire(&g->word, (s64 *)&w, mine)) {
			write_note(g, mine, op, caller);
			*ticket = mine;
			return true;
		}
	}
	return false;
}

/**
 * tm_guard_grow() - say that growth or evacuation begins or ends
 * @g: the guard
 * @ticket: from tm_guard_enter(), brought up to date
 * @on: begins
 *
 * A forged word is left alone here; leaving tells.
 *
 * Context: Inside.
 */
void tm_guard_grow(struct tm_guard *g, u64 *ticket, bool on)
{
	u64 to = on ? *ticket | TM_GUARD_GROW : *ticket & ~TM_GUARD_GROW;

	if (move(g, *ticket, to, TM_GUARD_CLASH) != TM_LEFT_FORGED)
		*ticket = to;
}

/**
 * tm_guard_peek() - begin a read that no writer may overlap
 * @g: the guard
 * @word: out, for tm_guard_check()
 * @other: out, who is inside
 *
 * Context: Any.
 * Return: TRIPMAP_FOUND_NOBODY, or who is inside.
 */
enum tripmap_found tm_guard_peek(struct tm_guard *g, u64 *word, struct tm_holder *other)
{
	for (;;) {
		/* Acquire: the read comes after. Pairs with the release in move(). */
		*word = atomic64_read_acquire(&g->word);
		if (!(*word & TM_GUARD_HELD)) {
			dep_read(g);
			return TRIPMAP_FOUND_NOBODY;
		}
		if (meet(g, *word, other))
			return whose(other);
	}
}

/**
 * tm_guard_check() - did a writer begin since tm_guard_peek()?
 * @g: the guard
 * @word: from tm_guard_peek()
 * @other: out, the writer
 *
 * A writer that came and went is found as well: idle words keep who was
 * inside last.
 *
 * Context: That of the peek.
 * Return: TRIPMAP_FOUND_NOBODY, or who is or was inside.
 */
enum tripmap_found tm_guard_check(struct tm_guard *g, u64 word, struct tm_holder *other)
{
	for (;;) {
		u64 now;

		/*
		 * The read comes before. Pairs with the smp_wmb() in write_note():
		 * who has seen a change made inside sees the word that let it in.
		 */
		smp_rmb();
		now = atomic64_read(&g->word);
		if (now == word)
			return TRIPMAP_FOUND_NOBODY;
		if (meet(g, now, other))
			return whose(other);
	}
}
