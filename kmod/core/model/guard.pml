/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guard's word (guard.c): entering, the hand-over by CLASH, growth, leaving,
 * a forged flag, a guard that is taken from its holder.
 *
 * Must hold: two are never inside, but over one from whom the guard was taken; who
 * is inside sees what those before wrote; who is refused names somebody who was
 * inside since it came, and "not left" is said of nobody who had left by then;
 * whoever is named as inside files its half; no stay has another's key; a word that
 * is not the leaver's stays as it is, and that is reported.
 *
 * RUN: -DSTAYS=2
 * RUN: -DSTAYS=1 -DFORGE
 * RUN: -DSTAYS=1 -DSEIZE
 *
 * Assumed:
 *  - operations on one word take place in one order, as the kernel says of atomics;
 *    to load an old value of it is to have loaded it earlier
 *  - the note is there at once (note.pml has what readers make of it)
 *  - generations do not come round within a stay
 *  - nothing is promised of what somebody wrote from whom the guard was taken: a
 *    repair looks at all buckets
 *  - one word stands for the guarded data (chain.pml has the rest)
 */
#define HELD	1
#define CLASH	2
#define GROW	4
#define FLAGS	7
#define PID(w)	(((w) >> 3) & 7)
#define GEN(w)	((w) >> 6)
#define KEY(w)	((w) & ~(CLASH | GROW))
#define FORGER	7
#define SEIZER	6
#define GENS	16

int word;		/* gen, pid, flags */
byte note[2];		/* gen whose call site it holds */
byte inside;
byte robbed;		/* inside, but the guard is another's by now */
byte gone;		/* the newest generation that has left */
bool used[GENS], filed[GENS], wanted[GENS], taken_from[GENS];
byte data;		/* how often it was written */
byte data_told;		/* what whoever acquires the word is told of */
byte forged_reports, frozen;
bool forged, seized;

/* my_word() */
#ifdef MUTANT_GEN_STUCK
#define MY_WORD(w, pid)	(HELD | ((pid) << 3) | (GEN(w) << 6))
#else
#define MY_WORD(w, pid)	(HELD | ((pid) << 3) | ((GEN(w) + 1) << 6))
#endif

inline come_in()
{
	assert(!used[GEN(ticket)]);
	used[GEN(ticket)] = true;
	inside++;
	assert(inside - robbed == 1);
#ifndef MUTANT_ENTER_RELAXED
	if
	:: data_told > knows -> knows = data_told
	:: else
	fi
#endif
}

/*
 * set_clash(): does the holder of stay owe its half? A failed cmpxchg is a look.
 */
inline set_clash()
{
	atomic {
		gone_then = gone;
#ifndef MUTANT_NO_RELOOK
		w = word
#endif
	}
	owes = false;
	do
	:: !(w & HELD) || KEY(w) != stay -> break
	:: (w & HELD) && KEY(w) == stay && (w & CLASH) ->
		owes = true;
		break
	:: (w & HELD) && KEY(w) == stay && !(w & CLASH) ->
#ifdef MUTANT_CLASH_STORE
		word = w | CLASH;
		owes = true;
		break
#else
		atomic {
			if
			:: word == w -> word = w | CLASH; owes = true; break
			:: else -> w = word
			fi
		}
#endif
	od;
	/* Not of somebody who had left before the look. */
	assert(!owes || GEN(stay) > gone_then)
}

/* meet(): refused, if somebody can be named */
inline meet()
{
	stay = KEY(w);
	noted = (note[GEN(stay) & 1] == GEN(stay));
	set_clash();
	if
	:: owes ->
		refused = true;
		wanted[GEN(stay)] = true
	:: else ->
		refused = noted || note[GEN(stay) & 1] == GEN(stay)
	fi;
	if
	:: refused ->
		assert(PID(stay) && PID(stay) != me);
		assert(GEN(stay) > gone_first)
	:: else
	fi;
	w = 0;
	stay = 0;
	noted = false;
	owes = false;
	gone_then = 0
}

/* tm_guard_enter() */
inline enter()
{
	gone_first = gone;
	refused = false;
	ticket = 0;
	do
	:: refused || ticket -> break
	:: else ->
		w = word;
		if
		:: w & HELD -> meet()
		:: else ->
#ifdef MUTANT_ENTER_STORE
			ticket = MY_WORD(w, me);
			atomic {
				word = ticket;
				come_in()
			}
#else
			atomic {
				if
				:: word == w ->
					ticket = MY_WORD(w, me);
					word = ticket;
					come_in()
				:: else
				fi
			}
#endif
			if
			:: ticket -> note[GEN(ticket) & 1] = GEN(ticket)
			:: else
			fi
		fi
	od;
	gone_first = 0;
	w = 0
}

#define CLEAN	0
#define CLASHED	1
#define FORGED	2

/* move(): from my word, marked or not, to another one */
inline move(to, keep, leaving)
{
	w = ticket;
	left = FORGED;
	do
	:: true ->
		atomic {
			if
			:: word == w ->
				word = (to) | (w & (keep));
				left = (w & CLASH) / CLASH;
				if
				:: leaving -> go_out()
				:: else
				fi;
				break
			:: else -> w = word
			fi
		}
#ifdef MUTANT_LEAVE_ONCE
		break
#endif
		if
		:: (w & ~CLASH) != ticket -> break
		:: else
		fi
	od;
	w = 0
}

inline go_out()
{
	inside--;
	gone = GEN(ticket);
#ifndef MUTANT_LEAVE_RELAXED
	if
	:: knows > data_told -> data_told = knows
	:: else
	fi
#endif
}

/* tm_guard_leave(), and what the leaver does then: tm_violation_half(), _forged() */
inline leave()
{
#ifdef MUTANT_LEAVE_STORE
	w = word;
	left = (w & CLASH) / CLASH;
	atomic {
		word = ticket & ~FLAGS;
		go_out()
	}
	w = 0;
#else
	move(ticket & ~FLAGS, 0, true);
#endif
	if
	:: left == CLASHED -> filed[GEN(ticket)] = true
	:: left == FORGED ->
		atomic {
			assert(forged || taken_from[GEN(ticket)]);
			inside--;
			if
			:: taken_from[GEN(ticket)] -> robbed--
			:: else
			fi;
#ifdef MUTANT_FORGED_WIPED
			word = ticket & ~FLAGS;
#endif
			forged_reports++;
			frozen = true
		}
	:: else -> assert(!taken_from[GEN(ticket)])
	fi
}

/* tm_guard_grow() */
#ifdef MUTANT_CLASH_EARLY
#define KEEP	0
#else
#define KEEP	CLASH
#endif

inline grow()
{
	move(ticket | GROW, KEEP, false);
	if
	:: left != FORGED ->
		ticket = ticket | GROW;
		move(ticket & ~GROW, KEEP, false);
		if
		:: left != FORGED -> ticket = ticket & ~GROW
		:: else
		fi
	:: else
	fi
}

/* What is loaded is anything since what one knows of. Of no use to who was robbed. */
inline write_data()
{
	atomic {
		if
		:: taken_from[GEN(ticket)] || forged || seized
		:: else ->
			loaded = knows;
			do
			:: loaded < data -> loaded++
			:: break
			od;
			assert(loaded == data);
			data++;
			knows = data
		fi;
		loaded = 0
	}
}

proctype writer(byte me)
{
	int w, stay, ticket;
	byte knows, gone_first, gone_then, left, stays, loaded;
	bool noted, owes, refused;

	do
	:: stays == (me == 1) * (STAYS - 1) + 1 || (frozen && stays) -> break
	:: else ->
		enter();
		if
		:: ticket ->
			write_data();
			if
			:: me == 1 -> grow()
			:: else
			fi;
			leave()
		:: else
		fi;
		stays++;
		ticket = 0;
		left = 0
	od
}

/* tm_guard_forge() */
proctype forger()
{
	atomic {
		forged = true;
		word = HELD | (FORGER << 3) | ((GEN(word) + 1) << 6);
		note[GEN(word) & 1] = GEN(word)
	}
}

/* tm_guard_look(), tm_guard_seize(), and a repair */
proctype seizer()
{
	int w, looked, ticket;
	byte knows, left, loaded, me = SEIZER;

	looked = word;
	if
	:: !(looked & HELD) -> goto out
	:: else
	fi;
	w = word;
	do
#ifdef MUTANT_SEIZE_ANY
	:: !(w & HELD) -> goto out
#else
	:: !(w & HELD) || KEY(w) != KEY(looked) -> goto out
#endif
	:: else ->
		atomic {
			if
			:: word == w ->
				assert(KEY(word) == KEY(looked));
				taken_from[GEN(word)] = true;
				robbed++;
				seized = true;
				ticket = MY_WORD(looked, me);
				word = ticket;
				come_in();
				break
			:: else -> w = word
			fi
		}
	od;
		note[GEN(ticket) & 1] = GEN(ticket);
	w = 0;
	leave();
out:
	skip
}

init {
	byte g;

	atomic {
		run writer(1);
		run writer(2);
#if STAYS > 1
		run writer(3);
#endif
#ifdef FORGE
		run forger();
#endif
#ifdef SEIZE
		run seizer();
#endif
	}
	_nr_pr == 1;
	/* All have left. */
	g = 1;
	do
	:: g < GENS ->
		/* Somebody who was robbed, or met a forged flag, has other worries. */
		assert(!wanted[g] || filed[g] || forged || taken_from[g]);
		g++
	:: else -> break
	od;
	if
	:: forged -> assert(PID(word) == FORGER && (word & HELD))
	:: else -> assert(!(word & FLAGS) && inside == 0)
	fi;
	if
	:: seized -> assert(forged_reports == 1)
	:: else
	fi
}
