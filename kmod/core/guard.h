/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The write-in-progress guard: one word that says whether somebody writes, and
 * who. It knows no table; it can guard anything that has an enter and a leave.
 *
 *  63   62    61   60 59  58            37 36                               0
 * +----+-----+----+-----+-----------------+----------------------------------+
 * |HELD|CLASH|GROW| ctx |       pid       |            generation            |
 * +----+-----+----+-----+-----------------+----------------------------------+
 *
 * HELD	  somebody is inside. Idle words keep pid, context and generation of
 *	  whoever was inside last.
 * CLASH  somebody else wanted in meanwhile: the holder owes its half of the
 *	  report when it leaves.
 * GROW	  the holder is growing or evacuating.
 *
 * The generation goes up by one with each enter. At 37 bits it cannot wrap
 * within an operation: 2^37 writes of 10 ns each take 23 minutes.
 */
#ifndef TRIPMAP_CORE_GUARD_H
#define TRIPMAP_CORE_GUARD_H

#include <linux/atomic.h>
#include <linux/lockdep.h>
#include <linux/types.h>
#include <linux/tripmap.h>

#define TM_GUARD_HELD		(1ULL << 63)
#define TM_GUARD_CLASH		(1ULL << 62)
#define TM_GUARD_GROW		(1ULL << 61)
#define TM_GUARD_FLAGS		(TM_GUARD_HELD | TM_GUARD_CLASH | TM_GUARD_GROW)
#define TM_GUARD_CTX_SHIFT	59
#define TM_GUARD_PID_SHIFT	37
#define TM_GUARD_PID_MASK	0x3fffffULL
#define TM_GUARD_NO_CPU		0xffffffff	/* holder did not get to say */
#define TM_GUARD_GEN_MASK	((1ULL << 37) - 1)

/*
 * What the holder says of itself. Two of them, taken in turns by generation,
 * so that a loser can still read whom it met when the next one is already in.
 */
struct tm_guard_note {
	unsigned long		caller;
	unsigned long		since;		/* jiffies */
	u32			gen;		/* low bits; the other parity while being written */
	u16			cpu;
	u8			op;
};

/* All that a writer dirties stands together, and apart from what readers load. */
struct tm_guard {
	atomic64_t		word;
	struct tm_guard_note	note[2];	/* written by the holder of that generation */
	struct lockdep_map	dep_map;	/* of the size 0 but on lockdep kernels */
};

/* The other party, decoded. */
struct tm_holder {
	u64			word;		/* as found, without CLASH and GROW */
	unsigned long		caller;		/* 0 where it was too early to tell */
	u64			since;		/* ns, CLOCK_MONOTONIC, to one tick */
	u32			pid;
	u32			cpu;		/* of its entry; TM_GUARD_NO_CPU */
	u8			context;
	u8			op;
	bool			growing;
	bool			left;		/* it had left before CLASH could be set */
};

enum tm_left {
	TM_LEFT_CLEAN,
	TM_LEFT_CLASHED,	/* somebody waits for the holder's half */
	TM_LEFT_FORGED,		/* the word was not ours any more; it was left alone */
};

u8 tm_guard_context(void);

void tm_guard_follow(struct tm_guard *g, struct lock_class_key *key);

enum tripmap_found tm_guard_enter(struct tm_guard *g, u8 op, unsigned long caller,
				  u64 *ticket, struct tm_holder *other);
enum tm_left tm_guard_leave(struct tm_guard *g, u64 ticket);
void tm_guard_grow(struct tm_guard *g, u64 *ticket, bool on);

enum tripmap_found tm_guard_mine(struct tm_guard *g, struct tm_holder *other);
bool tm_guard_is_mine(struct tm_guard *g);
bool tm_guard_look(struct tm_guard *g, struct tm_holder *holder);
void tm_guard_forge(struct tm_guard *g);
bool tm_guard_seize(struct tm_guard *g, u64 word, u8 op, unsigned long caller, u64 *ticket);

enum tripmap_found tm_guard_peek(struct tm_guard *g, u64 *word, struct tm_holder *other);
enum tripmap_found tm_guard_check(struct tm_guard *g, u64 word, struct tm_holder *other);

/* What joins the halves of a report: the word without what changes while held. */
static inline u64 tm_guard_key(u64 word)
{
	return word & ~(TM_GUARD_CLASH | TM_GUARD_GROW);
}

#endif /* TRIPMAP_CORE_GUARD_H */
