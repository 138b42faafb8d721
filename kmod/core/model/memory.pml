/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory as weakly ordered machines show it: one writer, readers that write
 * nothing.
 *
 * The writer's stores are numbered from 1. A reader may take any store to a
 * place, old or new, but none older than what it must know of. With each store
 * goes the number of the last store that comes along with it: its own for a
 * release, that of the last store before the last smp_wmb() for any other. A
 * reader that takes it must know of all those as well
 *
 *	at once		after an acquire load,
 *	from then on	after an smp_rmb() that follows a plain load,
 *	there only	in a load through the pointer that was loaded (an address
 *			dependency).
 *
 * Of one place it never goes back. That is C11 with release, acquire and
 * fences, and weaker than the kernel's model where stores to different places
 * are concerned: two readers need not agree on their order.
 *
 * As readers do not influence the writer, it goes first, and what readers then
 * pick from its history is all that they could have seen amid it. A reader that
 * took store "top" last may have ended right then; one that began with "floor"
 * had been told of all up to that.
 *
 * Assumed:
 *  - no load is ordered behind a later store of its own (readers store nothing)
 *  - whoever writes next has seen all that was written (see guard.pml)
 *  - a word is loaded and stored in one go
 *
 * Includers define LOCS, places, and STORES, how long a history can be.
 */
byte loc[STORES], val[STORES], att[STORES], prev[STORES];
byte n = 1;		/* the next store */
byte rel;		/* the last store before the last smp_wmb() */
byte last[LOCS];	/* the newest store to a place; 0: none */
byte was[LOCS];		/* what was there before the first one */
byte mem[LOCS];		/* what the writer sees */
bool history;		/* readers may be there */

inline store(x, v, a)
{
	if
	:: !history ->
		was[x] = v
	:: else ->
		assert(n < STORES);
		loc[n] = x;
		val[n] = v;
		att[n] = a;
		prev[n] = last[x];
		last[x] = n;
		n++
	fi;
	mem[x] = v
}

inline write_once(x, v)
{
	store(x, v, rel)
}

inline store_release(x, v)
{
	store(x, v, n)
}

inline smp_wmb()
{
	rel = n - 1
}

#define MAX(a, b)	((a) > (b) -> (a) : (b))

/* The reader. */
byte floor;		/* it knows of all stores up to this one */
byte told;		/* and of those after an smp_rmb() */
byte top;		/* the newest one that it took */
bool seen[STORES];
byte got;		/* what came along with the last load */
byte at;

/* Any store that is not too old, to who knows of all up to f, at least. */
inline pick(x, f)
{
	at = last[x];
	do
	:: at > f && at > floor && !seen[at] -> at = prev[at]
	:: break
	od
}

inline take(x, dst)
{
	if
	:: at ->
		dst = val[at];
		got = att[at];
		top = MAX(top, at);
		seen[at] = true;
		/* What went before it cannot be taken any more anyway. */
		do
		:: prev[at] ->
			at = prev[at];
			seen[at] = false
		:: else -> break
		od
	:: else ->
		dst = was[x];
		got = 0
	fi;
	told = MAX(told, got);
	at = 0
}

inline read_once(x, f, dst)
{
	pick(x, f);
	skip;
	d_step {
		take(x, dst);
		got = 0
	}
}

/* What is known along with the pointer goes to know, for loads through it. */
inline read_pointer(x, f, know, dst)
{
	pick(x, f);
	skip;
	d_step {
		take(x, dst);
		know = MAX(f, got);
		got = 0
	}
}

inline load_acquire(x, f, dst)
{
	pick(x, f);
	skip;
	d_step {
		take(x, dst);
		floor = MAX(floor, got);
		got = 0
	}
}

inline smp_rmb()
{
	floor = MAX(floor, told)
}

/*
 * What was true when, for one key: its states in their order, each with the
 * store that brought it and the one that ended it. 0 is absence.
 */
#define STATES	8
#define NEVER	255
byte state_is[STATES], state_from[STATES], state_to[STATES];
byte state;		/* the present one */
byte copies;		/* of the key that readers can find */

inline first_state(v)
{
	state_is[0] = v;
	state_to[0] = NEVER;
	copies = (v != 0)
}

inline becomes(v)
{
	assert(state + 1 < STATES);
	state++;
	state_is[state] = v;
	state_from[state] = n - 1;
	state_to[state] = NEVER
}

/* An entry can be found from the last store on; the older copy, if any, still can. */
inline appeared(v)
{
	if
	:: !copies -> state_to[state] = n - 1
	:: else
	fi;
	becomes(v);
	copies++
}

/* A copy cannot be found any more from the last store on. */
inline vanished()
{
	copies--;
	if
	:: copies -> state_to[state - 1] = n - 1
	:: else ->
		state_to[state] = n - 1;
		becomes(0)
	fi
}

inline changed(v)
{
	state_to[state] = n - 1;
	becomes(v)
}

/* What a read found was so at some time within it, and not before what an earlier one found. */
byte asked, end;		/* floor when the read began; top when it ended */
byte seen_state;	/* what the earlier read found */

/* Begins a read; forgets what makes no difference any more. */
inline ask()
{
	d_step {
		asked = floor;
		if
		:: top <= floor -> top = 0
		:: else
		fi;
		if
		:: told <= floor -> told = 0
		:: else
		fi;
		at = floor;
		do
		:: at -> seen[at] = false; at--
		:: else -> break
		od
	}
}

inline judge(v)
{
	end = MAX(top, asked);
	do
	:: seen_state > state -> break
	:: seen_state <= state && state_is[seen_state] == v &&
	   state_from[seen_state] <= end && state_to[seen_state] > asked -> break
	:: else -> seen_state++
	od;
	assert(seen_state <= state);
	end = 0
}
