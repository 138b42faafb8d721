/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The joining of a report's halves (report.c): losers file records, holders file
 * halves, in any order; places of both are used again.
 *
 * Must hold: a record and a half of one stay are joined whichever came first, but
 * where the half's place was used again before the loser came; halves are joined
 * with losers of their own stay; nobody sees a stack that is still being walked, and
 * nobody gets a place that is being filled; all losers are accounted for.
 *
 * RUN: -DRECORDS=3 -DHALVES=2
 * RUN: -DRECORDS=2 -DHALVES=2
 * RUN: -DRECORDS=2 -DHALVES=1
 *
 * Assumed:
 *  - pool.lock is a lock; what is done under it is one step
 *  - who takes a place by an acquire has all that came before its release; without
 *    one the two stores could be seen the other way round, as in the mutants *_EARLY
 *  - each loser has a bug of its own (a pair of call sites), so none stands for
 *    another; and none is an NMI that cannot have the lock
 */
#define FREE	0
#define FILLING	1
#define LIVE	2

#define PENDING	 0
#define COMPLETE 1

#define LOSERS	3
#define STAYS	2
#define BATCH	1	/* TM_SERVE_BATCH */

typedef record {
	byte place, id, stay, half;
	byte victim_stack;	/* id of the violation at which it was walked */
	byte holder_stack;	/* stay of who walked it */
	bool waits;		/* in by_stay */
};

typedef holders_half {
	byte place, stay, stack;
	bool joined
};

record rec[RECORDS];
holders_half half[HALVES];
byte last, next_half, filed, dropped, halves_lost;
bool reused[STAYS + 1];	/* its half's place was given to another */

/* __join() */
inline join(r, h)
{
	assert(half[h].stack == half[h].stay);
	assert(rec[r].stay == half[h].stay);
	rec[r].holder_stack = half[h].stack;
	rec[r].half = COMPLETE;
	rec[r].waits = false;
	half[h].joined = true
}

/* __claim_record() */
inline claim_record()
{
	tries = 0;
	got = false;
	do
	:: tries < RECORDS && !got ->
		last++;
		mine = last % RECORDS;
		if
#ifdef MUTANT_TAKE_FILLING
		:: false -> skip
#else
		:: rec[mine].place == FILLING
#endif
		:: else ->
			assert(rec[mine].place != FILLING);
			rec[mine].waits = false;
			rec[mine].place = FILLING;
			rec[mine].id = last;
			got = true
		fi;
		tries++
	:: else -> break
	od;
	tries = 0
}

/* __find_half() */
inline find_half(s)
{
	i = 0;
	do
	:: i < HALVES ->
		if
		:: half[i].place == LIVE && half[i].stay == s -> break
		:: else -> i++
		fi
	:: else -> break
	od
}

/* __await_half() */
inline await_half(s)
{
	rec[mine].half = PENDING;
#ifndef MUTANT_LATE_WAIT
	rec[mine].waits = true;
#endif
#ifndef MUTANT_NO_LOOK
	find_half(s);
	if
	:: i < HALVES -> join(mine, i)
	:: else
	fi;
#endif
	i = 0
}

/* tm_report_file() */
proctype loser(byte stay)
{
	byte mine, tries, i, id;
	bool got;

	d_step {
		claim_record();
		if
		:: got ->
			id = last;
			rec[mine].stay = stay;
			rec[mine].holder_stack = 0;
			await_half(stay);
			filed++
		:: else -> dropped++
		fi
	}
#ifdef MUTANT_LATE_WAIT
	d_step {
		rec[mine].waits = (rec[mine].half == PENDING)
	}
#endif
	/* fill_record() */
	if
	:: got ->
#ifdef MUTANT_RECORD_EARLY
		rec[mine].place = LIVE;
		rec[mine].victim_stack = id
#else
		rec[mine].victim_stack = id;
		assert(rec[mine].id == id);
		rec[mine].place = LIVE
#endif
	:: else
	fi
}

/* __claim_half() */
inline claim_half(s)
{
	tries = 0;
	got = false;
	do
	:: tries < HALVES && !got ->
		mine = next_half % HALVES;
		next_half = (next_half + 1) % HALVES;
		if
		:: half[mine].place == FILLING
		:: else ->
			if
			:: half[mine].place == LIVE ->
				reused[half[mine].stay] = true;
				halves_lost = halves_lost + !half[mine].joined
			:: else
			fi;
			half[mine].place = FILLING;
			half[mine].joined = false;
			half[mine].stay = s;
			half[mine].stack = 0;
			got = true
		fi;
		tries++
	:: else -> break
	od;
	tries = 0
}

/* __serve(): some of those who wait; true when these were all. */
inline serve(s)
{
	i = 0;
	served = 0;
	all = true;
	do
	:: i < RECORDS ->
		if
#ifdef MUTANT_ANY_STAY
		:: rec[i].waits && rec[i].place != FREE ->
#else
		:: rec[i].waits && rec[i].stay == s ->
#endif
			if
			:: served == BATCH -> all = false; break
			:: else ->
				join(i, mine);
				served++
			fi
		:: else
		fi;
		i++
	:: else -> break
	od;
#ifdef MUTANT_BATCH_FORGETS
	all = true;
#endif
	if
	:: all -> half[mine].place = LIVE
	:: else
	fi;
	i = 0;
	served = 0
}

/* tm_report_half() */
proctype holder(byte stay)
{
	byte mine, tries, i, served;
	bool got, all;

	d_step {
		claim_half(stay);
		if
		:: !got ->
			halves_lost++;
			reused[stay] = true
		:: else
		fi
	}
	if
	:: got ->
#ifdef MUTANT_HALF_EARLY
		half[mine].place = LIVE;
#endif
		half[mine].stack = stay;
#ifdef MUTANT_NO_SERVE
		half[mine].place = LIVE
#else
		do
		:: all -> break
		:: else -> d_step { serve(stay) }
		od
#endif
	:: else
	fi
}

/* tm_report_get() */
proctype reader()
{
	byte r;

	do
	:: r < RECORDS ->
		d_step {
			assert(rec[r].place != LIVE || rec[r].victim_stack == rec[r].id);
			assert(rec[r].half != COMPLETE || rec[r].holder_stack == rec[r].stay)
		}
		r++
	:: else -> break
	od
}

init {
	byte r;

	atomic {
		run loser(1);
		run loser(1);
		run loser(2);
		run holder(1);
		run holder(2);
		run reader()
	}
	_nr_pr == 1;
	assert(filed + dropped == LOSERS);
	do
	:: r < RECORDS ->
		assert(rec[r].place != FILLING);
		assert(rec[r].place == FREE || rec[r].half == COMPLETE || reused[rec[r].stay]);
		assert(rec[r].place == FREE || rec[r].victim_stack == rec[r].id);
		r++
	:: else -> break
	od
}
