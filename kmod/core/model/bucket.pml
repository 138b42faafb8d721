/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Chains as bucket.c writes them and as lookup.c reads them.
 *
 * A bucket has two slots here. All keys have the same tag, so that each slot in
 * use is looked into. q numbers the buckets of all arrays; bucket 0 is a main
 * one, so that 0 ends a chain. Each bucket is a segment of its own: there is
 * none until SEGMENT is set, and then what lay in that memory before it was
 * zeroed may still be seen by who does not know better. The names are those of
 * bucket.c, array.c and lookup.c.
 *
 * Includers define BUCKETS, of all arrays, WORDS, of a value, the key that readers look for (WANTED), and
 * over_base(a), an array's first overflow bucket, of which there are OVER.
 */
#define SLOTS		2
#define WIDTH		(4 + SLOTS * (1 + WORDS))
#define VERSION(q)	((q) * WIDTH)
#define TAGS(q)		((q) * WIDTH + 1)
#define NEXT(q)		((q) * WIDTH + 2)
#define SEGMENT(q)	((q) * WIDTH + 3)
#define KEY(q, s)	((q) * WIDTH + 4 + (s) * (1 + WORDS))
#define VALUE(q, s, w)	((q) * WIDTH + 5 + (s) * (1 + WORDS) + (w))

#if LOCS < BUCKETS * WIDTH
#error "too few places"
#endif

/* A tag takes two bits: empty, in use. */
#define EVACUATED	5
#define IN_USE		2
#define TAG(t, s)	(((t) >> (2 * (s))) & 3)
#define WITH(t, s, tag)	(((t) & ~(3 << (2 * (s)))) | ((tag) << (2 * (s))))

byte free_over[ARRAYS], fresh_over[ARRAYS], used_over[ARRAYS];
bool moving;		/* copies that readers do not see yet */

/* struct tm_seek */
hidden byte found, found_b, found_slot, holed, hole_b, hole_slot, last_b, links;
hidden byte qq, ss, before, taken, new_tags;

inline set_tags(q, t)
{
#ifdef MUTANT_TAGS_PLAIN
	write_once(TAGS(q), t)
#else
	store_release(TAGS(q), t)
#endif
}

inline bump(first)
{
#ifdef MUTANT_NO_BUMP
	skip
#else
#ifdef MUTANT_BUMP_PLAIN
	write_once(VERSION(first), mem[VERSION(first)] + 1);
#else
	store_release(VERSION(first), mem[VERSION(first)] + 1);
#endif
#ifndef MUTANT_BUMP_NO_WMB
	smp_wmb()
#endif
#endif
}

inline fill_slot(q, s, k, v)
{
	write_once(KEY(q, s), k);
	write_once(VALUE(q, s, 0), v);
#if WORDS == 2
	write_once(VALUE(q, s, 1), v);
#endif
}

/* tm_chain_seek() */
inline chain_seek(first, k)
{
	found = 0;
	holed = 0;
	links = 0;
	qq = first;
	do
	:: true ->
		ss = 0;
		do
		:: ss < SLOTS ->
			if
			:: TAG(mem[TAGS(qq)], ss) == 0 && !holed ->
				holed = 1;
				hole_b = qq;
				hole_slot = ss
			:: TAG(mem[TAGS(qq)], ss) == IN_USE && !found && k &&
			   mem[KEY(qq, ss)] == k ->
				found = 1;
				found_b = qq;
				found_slot = ss
			:: else
			fi;
			ss++
		:: else -> break
		od;
		last_b = qq;
		links++;
		qq = mem[NEXT(qq)];
		if
		:: qq == 0 -> break
		:: else
		fi
	od
}

/* A segment that is not there yet: garbage, the wanted key in it. */
#define GARBAGE	99
inline no_segment(q)
{
	was[TAGS(q)] = IN_USE;
	was[KEY(q, 0)] = WANTED;
	was[VALUE(q, 0, 0)] = GARBAGE;
#if WORDS == 2
	was[VALUE(q, 0, 1)] = GARBAGE;
#endif
	mem[SEGMENT(q)] = 0;
	was[SEGMENT(q)] = 0
}

/* tm_seg_new(), publish() */
inline add_segment(q)
{
	write_once(TAGS(q), 0);
	write_once(VERSION(q), 0);
	write_once(NEXT(q), 0);
	write_once(KEY(q, 0), 0);
	store_release(SEGMENT(q), 1)
}

/* tm_grow_room(): there is a segment for the next overflow bucket. */
inline grow_room(a)
{
	taken = over_base(a) + fresh_over[a];
	if
	:: !free_over[a] && !mem[SEGMENT(taken)] -> add_segment(taken)
	:: else
	fi
}

/* tm_array_over_take(), tm_array_over_put() */
inline over_take(a)
{
	if
	:: free_over[a] ->
		taken = free_over[a];
		free_over[a] = mem[NEXT(taken)]
	:: else ->
		taken = over_base(a) + fresh_over[a];
		fresh_over[a]++
	fi;
	used_over[a]++
}

inline over_put(a, q)
{
	write_once(NEXT(q), free_over[a]);
	free_over[a] = q;
	used_over[a]--
}

inline append(a, k, v)
{
	over_take(a);
	fill_slot(taken, 0, k, v);
	write_once(NEXT(taken), 0);
	set_tags(taken, WITH(0, 0, IN_USE));
#ifdef MUTANT_LINK_PLAIN
	write_once(NEXT(last_b), taken)
#else
	store_release(NEXT(last_b), taken)
#endif
}

/* tm_chain_add(); after chain_seek(), where there is a place */
inline chain_add(a, k, v)
{
	if
	:: !holed -> append(a, k, v)
	:: else ->
#ifdef MUTANT_TAG_BEFORE_BYTES
		set_tags(hole_b, WITH(mem[TAGS(hole_b)], hole_slot, IN_USE));
		fill_slot(hole_b, hole_slot, k, v)
#else
		fill_slot(hole_b, hole_slot, k, v);
		set_tags(hole_b, WITH(mem[TAGS(hole_b)], hole_slot, IN_USE))
#endif
	fi;
	if
	:: k == WANTED && !moving -> appeared(v)
	:: else
	fi
}

inline unlink_bucket(first, q)
{
	before = first;
	do
	:: mem[NEXT(before)] == q -> break
	:: else -> before = mem[NEXT(before)]
	od;
	store_release(NEXT(before), mem[NEXT(q)])
}

/* tm_chain_remove(); of the entry that was found */
inline chain_remove(a, first)
{
	new_tags = WITH(mem[TAGS(found_b)], found_slot, 0);
	set_tags(found_b, new_tags);
	if
	:: mem[KEY(found_b, found_slot)] == WANTED -> vanished()
	:: else
	fi;
	if
	:: !new_tags && found_b != first ->
		unlink_bucket(first, found_b);
#ifdef MUTANT_REUSE_NO_BUMP
		over_put(a, found_b)
#else
		bump(first);
		over_put(a, found_b)
#endif
	:: else -> bump(first)
	fi
}

/* tm_chain_replace() */
inline chain_replace(a, first, k, v)
{
	if
	:: TAG(mem[TAGS(found_b)], 0) == 0 || TAG(mem[TAGS(found_b)], 1) == 0 ->
		ss = 1 - found_slot;
		fill_slot(found_b, ss, k, v);
#ifdef MUTANT_SWAP_IN_TWO
		set_tags(found_b, WITH(mem[TAGS(found_b)], found_slot, 0));
		set_tags(found_b, WITH(mem[TAGS(found_b)], ss, IN_USE));
#else
		set_tags(found_b, WITH(WITH(mem[TAGS(found_b)], ss, IN_USE), found_slot, 0));
#endif
		if
		:: k == WANTED ->
			appeared(v);
			vanished()
		:: else
		fi;
		bump(first)
	:: else ->
#ifndef MUTANT_COPY_NO_BUMP
		bump(first);
#endif
		chain_add(a, k, v);
#ifndef MUTANT_MOVE_NO_BUMP
		bump(first);
#endif
		chain_remove(a, first)
	fi
}

/* The reader's side: in_bucket() and scan() of lookup.c. */
#define MISS	0
#define HIT	1
#define MOVED	2
#define AGAIN	3
#define CHAIN_MAX 3

byte known;		/* along with the pointer to a segment */
byte version, again_version, tags, slot, key, word0, word1, result, steps, b, there;
bool going;

/* tm_array_head(), tm_array_slot() */
inline locate(q, f)
{
	read_pointer(SEGMENT(q), f, known, there);
	assert(there);
	there = 0
}

inline begin_acquire(x, f, dst)
{
#ifdef MUTANT_BEGIN_PLAIN
	read_once(x, f, dst)
#else
	load_acquire(x, f, dst)
#endif
}

inline tags_acquire(x, f, dst)
{
#ifdef MUTANT_READ_TAGS_PLAIN
	read_once(x, f, dst)
#else
	load_acquire(x, f, dst)
#endif
}

inline next_acquire(x, f, dst)
{
#ifdef MUTANT_READ_NEXT_PLAIN
	read_once(x, f, dst)
#else
	load_acquire(x, f, dst)
#endif
}

inline in_bucket(q, t, f)
{
	slot = 0;
	do
	:: slot == SLOTS || result == HIT -> break
	:: else ->
		if
		:: TAG(t, slot) == IN_USE ->
			read_once(KEY(q, slot), f, key);
			if
			:: key == WANTED ->
				read_once(VALUE(q, slot, 0), f, word0);
#if WORDS == 2
				read_once(VALUE(q, slot, 1), f, word1);
#endif
				result = HIT
			:: else
			fi
		:: else
		fi;
		slot++
	od;
	slot = 0;
	key = 0
}

inline look_at(q, f)
{
	locate(q, f);
	tags_acquire(TAGS(q), known, tags)
}

inline go_on(f)
{
	next_acquire(NEXT(b), known, b);
	steps++;
	if
	:: b && steps <= CHAIN_MAX -> look_at(b, f)
	:: else -> going = false
	fi
}

inline check(first)
{
#ifndef MUTANT_NO_RMB
	smp_rmb();
#endif
#ifndef MUTANT_NO_RECHECK
	read_once(VERSION(first), known, again_version);
	if
	:: again_version != version -> result = AGAIN
	:: else
	fi;
	again_version = 0
#endif
}

inline forget_scan()
{
	version = 0;
	going = false;
	tags = 0;
	steps = 0;
	b = 0;
	known = 0
}

/* Chain first, known of as far as f. One atomic step for what others cannot tell apart. */
inline scan(first, f)
{
	atomic {
		result = MISS;
		going = true;
		b = first;
		locate(b, f);
		begin_acquire(VERSION(b), known, version);
		tags_acquire(TAGS(b), known, tags);
	}
	if
	:: tags == EVACUATED -> result = MOVED
	:: else ->
		do
		:: going ->
			atomic {
				in_bucket(b, tags, known);
				if
				:: result == HIT -> going = false
				:: else -> go_on(f)
				fi
			}
		:: else -> break
		od;
		atomic {
			locate(first, f);
			check(first)
		}
	fi;
	forget_scan()
}
