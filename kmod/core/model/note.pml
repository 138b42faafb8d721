/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is read beside the guard's word (guard.c): the holder's note, and data that
 * no writer may overlap (contract exclusive).
 *
 * Must hold: a note that a loser takes for that of a stay is of that stay, all of
 * it; and a read between tm_guard_peek() and tm_guard_check() that finds the word
 * as it was has read what the last stay left.
 *
 * RUN:
 *
 * Assumed beside memory.pml: the stays follow upon one another, as guard.pml shows,
 * so that one writer stands for all.
 */
#define STORES		40
#define LOCS		8
#define WORD		0
#define DATA		1
#define NOTE_GEN(g)	(2 + ((g) & 1) * 3)
#define NOTE_CALLER(g)	(3 + ((g) & 1) * 3)
#define NOTE_SINCE(g)	(4 + ((g) & 1) * 3)
#define STAYS		4

#include "memory.pml"

#define HELD(w)		((w) & 1)
#define GEN(w)		((w) >> 1)

byte gen, w, seen_gen, caller, since, again, data;

inline write_note(g)
{
#ifndef MUTANT_NOTE_UNMARKED
	write_once(NOTE_GEN(g), (g) ^ 1);
#endif
#ifndef MUTANT_NOTE_NO_WMB
	smp_wmb();
#endif
	write_once(NOTE_CALLER(g), g);
	write_once(NOTE_SINCE(g), g);
#ifdef MUTANT_NOTE_PLAIN
	write_once(NOTE_GEN(g), g)
#else
	store_release(NOTE_GEN(g), g)
#endif
}

/* tm_guard_enter(), a change, tm_guard_leave() */
inline stay()
{
	d_step {
		gen++;
		write_once(WORD, gen * 2 + 1);
		write_note(gen);
		write_once(DATA, gen);
#ifdef MUTANT_WORD_PLAIN
		write_once(WORD, gen * 2)
#else
		store_release(WORD, gen * 2)
#endif
	}
}

/* read_note(), of the stay that the word speaks of */
inline read_note()
{
	read_once(WORD, 0, w);
#ifdef MUTANT_READ_NOTE_PLAIN
	read_once(NOTE_GEN(GEN(w)), 0, seen_gen);
#else
	load_acquire(NOTE_GEN(GEN(w)), 0, seen_gen);
#endif
	if
	:: seen_gen == GEN(w) && w ->
		read_once(NOTE_CALLER(GEN(w)), 0, caller);
		read_once(NOTE_SINCE(GEN(w)), 0, since);
#ifndef MUTANT_NOTE_NO_RMB
		smp_rmb();
#endif
#ifdef MUTANT_NOTE_NO_RECHECK
		again = seen_gen;
#else
		read_once(NOTE_GEN(GEN(w)), 0, again);
#endif
		assert(again != GEN(w) || (caller == GEN(w) && since == GEN(w)))
	:: else
	fi
}

/* tm_guard_peek(), a read, tm_guard_check() */
inline exclusive_read()
{
#ifdef MUTANT_PEEK_PLAIN
	read_once(WORD, 0, w);
#else
	load_acquire(WORD, 0, w);
#endif
	if
	:: HELD(w)		/* a violation */
	:: else ->
		read_once(DATA, 0, data);
#ifndef MUTANT_CHECK_NO_RMB
		smp_rmb();
#endif
		read_once(WORD, 0, again);
		assert(again != w || data == GEN(w))
	fi
}

init {
	history = true;
	do
	:: gen < STAYS -> stay()
	:: break
	od;
	if
	:: read_note()
	:: exclusive_read()
	fi
}
