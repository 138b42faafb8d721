/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Three arrays, each in its turn evacuated into the next: a reader against
 * growing, shrinking and re-seeding, with destinations that are live, and
 * overflow buckets in old and new chains.
 *
 * Must hold: what a lookup finds was so at some time within it and never goes
 * back; nobody reaches a segment that is not there, nor an array that nobody has
 * published; and who has to start over does so because something changed.
 *
 * RUN: -DKIND=RESEED -DWRITES=2 -DLOOKUPS=2
 * RUN: -DKIND=SHRINK -DWRITES=2 -DLOOKUPS=2
 * RUN: -DKIND=GROW -DWRITES=2 -DLOOKUPS=2 -DONE_KEY
 * RUN: -DKIND=SHRINK -DWRITES=3 -DLOOKUPS=1 -DUNTOLD -DONE_KEY
 * RUN: -DKIND=GROW -DWRITES=3 -DLOOKUPS=1 -DUNTOLD -DONE_KEY
 *
 * Assumed beside memory.pml: retired arrays stay until readers are gone (RCU);
 * each write moves one bucket (STEP is 2); values are of one word and replaced in
 * place; memory is never short (a resize that waits is one between two writes).
 */
#define GROW	0
#define SHRINK	1
#define RESEED	2

#define ARRAYS		3
#define BUCKETS		9
#define WORDS		1
#define WANTED		1
#define OVER		1
#define over_base(a)	((a) * 3 + 2)
#define LOCS		76	/* BUCKETS * WIDTH, the shard's pointer, those to old arrays */
#define STORES		80
#define ARRAY		72
#define OLD(a)		(73 + (a))

#include "memory.pml"
#include "bucket.pml"

/* The keys hash to 0, 0 and 1, in other arrays the other way round after re-seeding. */
#define A	1
#define B	2
#define C	3
byte mask[ARRAYS];
#define HASH(a, k)	(((k) == C) ^ (KIND == RESEED && (a) == 1))
#define MAIN(a, k)	((a) * 3 + (HASH(a, k) & mask[a]))

#define NOWHERE		7	/* in a pointer that nobody has set */

byte writes, value = 1, tries, k, i, q, s, to, array, cursor, spot_a, spot_q, kk;
bool remove, resized;

#define old_of(a)	mem[OLD(a)]

/* have_main(), for both buckets that a chain can go to */
inline have_main(a)
{
	i = 0;
	do
	:: i <= mask[a] ->
		if
		:: !mem[SEGMENT((a) * 3 + i)] -> add_segment((a) * 3 + i)
		:: else
		fi;
		i++
	:: else -> break
	od;
	i = 0
}

/* move_entry() */
inline move_entry(from, slot)
{
	kk = mem[KEY(from, slot)];
	to = MAIN(array, kk);
	chain_seek(to, 0);
	if
	:: !holed -> grow_room(array)
	:: else
	fi;
	chain_add(array, kk, mem[VALUE(from, slot, 0)])
}

inline mark(first)
{
#ifdef MUTANT_MARK_PLAIN
	write_once(TAGS(first), EVACUATED);
#else
	set_tags(first, EVACUATED);
#endif
	bump(first)
}

/* evacuate(): copy first, mark last. */
inline evacuate(first)
{
	have_main(array);
#ifdef MUTANT_MARK_EARLY
	new_tags = mem[TAGS(first)];
	mark(first);
	mem[TAGS(first)] = new_tags;
#endif
	moving = true;
	q = first;
	do
	:: true ->
		s = 0;
		do
		:: s < SLOTS ->
			if
			:: TAG(mem[TAGS(q)], s) == IN_USE -> move_entry(q, s)
			:: else
			fi;
			s++
		:: else -> break
		od;
		q = mem[NEXT(q)];
		if
		:: q == 0 -> break
		:: else
		fi
	od;
	moving = false;
#ifdef MUTANT_MARK_EARLY
	mem[TAGS(first)] = EVACUATED;
#else
#ifndef MUTANT_NO_MARK
	mark(first);
#else
	mem[TAGS(first)] = EVACUATED;
#endif
#endif
	q = 0;
	s = 0;
	kk = 0;
	to = 0
}

/* tm_grow_begin() */
inline begin()
{
	array++;
	cursor = 0;
#ifdef MUTANT_ARRAY_EARLY
	write_once(ARRAY, array);
#endif
	write_once(OLD(array), array - 1);
#ifndef MUTANT_ARRAY_EARLY
#ifdef MUTANT_ARRAY_PLAIN
	write_once(ARRAY, array);
#else
	store_release(ARRAY, array);
#endif
#endif
}

/*
 * finish(); an array's number is never its own old one's, so that means none. The
 * release has no mutant: the smp_wmb() of the last bump() orders the store as well.
 */
inline finish()
{
	store_release(OLD(array), array)
}

/* tm_grow_work(): begin, move a bucket, finish */
inline grow_work()
{
	if
	:: old_of(array) == array && array < ARRAYS - 1 && resized -> begin()
	:: else
	fi;
	if
	:: old_of(array) != array ->
		/* Scattering kinds also move the very bucket that the write needs. */
		if
		:: KIND == RESEED && mem[TAGS(MAIN(array - 1, k))] != EVACUATED ->
			evacuate(MAIN(array - 1, k))
		:: else
		fi;
		if
		:: cursor <= mask[array - 1] &&
		   mem[TAGS((array - 1) * 3 + cursor)] != EVACUATED ->
			evacuate((array - 1) * 3 + cursor)
		:: else
		fi;
		cursor++;
		if
		:: cursor > mask[array - 1] -> finish()
		:: else
		fi
	:: else
	fi
}

/* tm_map_spot() */
inline spot()
{
	spot_a = array;
	if
	:: old_of(array) != array && mem[TAGS(MAIN(array - 1, k))] != EVACUATED ->
		spot_a = array - 1
	:: else
	fi;
	spot_q = MAIN(spot_a, k)
}

/* change_put(), put_over(): a word is replaced in place. */
inline put()
{
	if
	:: !found && !holed && used_over[spot_a] == OVER	/* no memory */
	:: else ->
		value++;
		if
		:: found ->
			write_once(VALUE(found_b, found_slot, 0), value);
			if
			:: k == WANTED -> changed(value)
			:: else
			fi
		:: else ->
			if
			:: !holed -> grow_room(spot_a)
			:: else
			fi;
			chain_add(spot_a, k, value)
		fi
	fi
}

/* inside() of write.c */
inline write()
{
	d_step {
		grow_work();
		spot();
		chain_seek(spot_q, k);
		if
		:: !remove -> put()
		:: remove && found -> chain_remove(spot_a, spot_q)
		:: else
		fi;
		forget();
		spot_a = 0;
		spot_q = 0
	}
}

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

inline prepare()
{
	d_step {
		mask[0] = (KIND != GROW);
		mask[1] = (KIND != SHRINK);
		mask[2] = (KIND != SHRINK);
		i = 0;
		do
		:: i < BUCKETS -> no_segment(i); i++
		:: else -> break
		od;
		was[OLD(1)] = NOWHERE;
		was[OLD(2)] = NOWHERE;
		was[OLD(0)] = 0;
		mem[OLD(0)] = 0;
		i = 0;
		have_main(0)
	}
	if
	:: k = A; write(); k = B; write(); k = C; write()
	:: k = B; write(); k = C; write(); k = A; write()
	:: k = C; write(); k = A; write()
	:: k = B; write(); k = C; write()
	fi;
	d_step {
		k = A;
		spot();
		chain_seek(spot_q, A);
		first_state(found * mem[VALUE(found_b, found_slot, 0)]);
		state_from[0] = 0;
		state = 0;
		forget();
		spot_a = 0;
		spot_q = 0;
		history = true;
		resized = true
	}
}

/* find_once() and look(); f is known of along with the pointer to the array. */
byte ra, ro, kf, from, turns;

inline old_acquire(x, f, dst)
{
#ifdef MUTANT_READ_OLD_PLAIN
	read_once(x, f, dst)
#else
	load_acquire(x, f, dst)
#endif
}

inline look()
{
	read_pointer(ARRAY, 0, kf, ra);
	old_acquire(OLD(ra), kf, ro);
	assert(ro != NOWHERE);
	result = MOVED;
	if
	:: ro != ra -> from = ro
	:: else -> from = ra
	fi;
	do
	:: true ->
		scan(MAIN(from, WANTED), kf);
		if
		:: result == MOVED && from != ra -> from = ra
		:: else -> break
		fi
	od
}

inline lookup()
{
	ask();
	tries = 0;
	do
	:: true ->
		look();
		tries++;
		if
		:: result < MOVED -> break
		:: else
		fi;
		/* Each time a bump was seen, or a newer array. */
		assert(tries <= 12)
	od;
	judge((result == HIT) * word0);
	word0 = 0;
	from = 0;
	ra = 0;
	ro = 0;
	kf = 0
}

init {
	prepare();
	do
	:: writes < WRITES ->
		if
		:: k = A
#ifndef ONE_KEY
		:: k = B
#endif
		fi;
		if
		:: remove = false
		:: remove = true
		fi;
		write();
		writes++;
#ifndef UNTOLD
		/* Somebody has told the reader of all this. */
		if
		:: floor = n - 1
		:: skip
		fi
#endif
	:: break
	od;
	do
	:: turns < LOOKUPS ->
		lookup();
		turns++
	:: else -> break
	od
}
