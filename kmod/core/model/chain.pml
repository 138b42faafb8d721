/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One array: a reader against inserts, replacements, removals, moves within a
 * chain, and the reuse of overflow buckets by another chain.
 *
 * Must hold: what a lookup finds was so at some time within it, whole, and never
 * goes back; and who has to start over does so because something changed.
 *
 * RUN: -DOPS=2 -DLOOKUPS=2
 * RUN: -DOPS=3 -DLOOKUPS=1 -DUNTOLD
 *
 * Assumed beside memory.pml: values are of two words, so that nothing is edited
 * in place (resize.pml has that); no resize is under way.
 */
#define ARRAYS		1
#define BUCKETS		4
#define WORDS		2
#define WANTED		1
#define OVER		2
#define over_base(a)	2
#define LOCS		40	/* BUCKETS * WIDTH */
#define STORES		48

#include "memory.pml"
#include "bucket.pml"

/* Keys of the chain that is read, and of the other one. */
#define A	1
#define B	2
#define C	3
#define X	4
#define Y	5
#define Z	6
#define CHAIN(k)	((k) >= X)

byte ops, value = 1, tries, lookups, k, i, way;
bool remove;

/* change_put(): a place first, see have_place(). */
inline put()
{
	if
	:: !holed && used_over[0] == OVER	/* refused: no memory */
	:: else ->
		if
		:: !holed -> grow_room(0)
		:: else
		fi;
		value++;
		if
		:: found -> chain_replace(0, CHAIN(k), k, value)
		:: else -> chain_add(0, k, value)
		fi
	fi
}

/* change_put(), change_remove() */
inline change()
{
	d_step {
		chain_seek(CHAIN(k), k);
		if
		:: !remove -> put()
		:: remove && found -> chain_remove(0, CHAIN(k))
		:: else
		fi;
		forget()
	}
}

/* Nothing of one operation in the next one's state. */
inline forget()
{
	found = 0;
	found_b = 0;
	found_slot = 0;
	holed = 0;
	hole_b = 0;
	hole_slot = 0;
	last_b = 0;
	links = 0;
	qq = 0;
	ss = 0;
	before = 0;
	taken = 0;
	new_tags = 0
}

inline choose()
{
	if
	:: k = A
	:: k = B
	:: k = Z
	fi;
	if
	:: remove = false
	:: remove = true
	fi
}

/* first, if not 0: A behind others or before them, in the first bucket or not, or not there. */
#define PREPARED 5
#define NTH(a, b, c, d, e) (i == 0) * a + (i == 1) * b + (i == 2) * c + (i == 3) * d + (i == 4) * e
inline prepare()
{
	select(way : 0 .. 5);
	do
	:: i < PREPARED ->
		if
		:: way == 0 -> k = NTH(X, Y, A, 0, 0)
		:: way == 1 -> k = NTH(X, Y, B, A, 0)
		:: way == 2 -> k = NTH(X, Y, A, C, B)
		:: way == 3 -> k = NTH(X, Y, B, C, A)
		:: way == 4 -> k = NTH(X, Y, B, C, 0)
		:: way == 5 -> k = NTH(X, Y, B, 0, 0)
		fi;
		if
		:: k -> change()
		:: else
		fi;
		i++
	:: else -> break
	od;
	i = 0
}

inline lookup()
{
	ask();
	tries = 0;
	do
	:: true ->
		scan(0, 0);
		tries++;
		if
		:: result < MOVED -> break
		:: else
		fi;
		assert(tries <= mem[VERSION(0)] - was[VERSION(0)])
	od;
	assert(result == MISS || word0 == word1);
	judge((result == HIT) * word0);
	word0 = 0;
	word1 = 0
}

init {
	d_step {
		mem[SEGMENT(0)] = 1;
		was[SEGMENT(0)] = 1;
		mem[SEGMENT(1)] = 1;
		was[SEGMENT(1)] = 1;
		no_segment(2);
		no_segment(3)
	}
	prepare();
	d_step {
		chain_seek(0, A);
		first_state(found * mem[VALUE(found_b, found_slot, 0)]);
		state_from[0] = 0;
		state = 0;
		forget();
		history = true
	}
	do
	:: ops < OPS ->
		atomic {
			choose();
			change();
			ops++;
#ifndef UNTOLD
			/* Somebody has told the reader of all this. */
			if
			:: floor = n - 1
			:: skip
			fi
#endif
		}
	:: break
	od;
	do
	:: lookups < LOOKUPS ->
		lookup();
		lookups++
	:: else -> break
	od
}
