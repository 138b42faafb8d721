#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Dumps beside a writer that makes the table grow, shrink, and be rebuilt at its
# size: entries that are there throughout are in each dump exactly once. The
# values are long, so that a dump goes over many messages.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kmod.sh"

STEADY=60		# keys 0 .. STEADY - 1 are there throughout

# keys FROM TO WORDS: a batch of "WORDS" with the key put in.
batch()
{
	awk -v from="$1" -v to="$2" -v words="$3" 'BEGIN {
		for (key = from; key < to; key++) {
			line = words
			gsub("KEY", key, line)
			print line
		}
	}'
}

resizes()
{
	tripctl -j stats t | jq ".\"resizes-$1\""
}

# The writer in the background, dumps until it is through.
dumps_are_exact()
{
	local dumps=0

	tripctl -b "$TMP/writer" >"$TMP/out" 2>&1 &
	while kill -0 $! 2>/dev/null; do
		ok -j dump t
		json "sorted(e['key'] for e in d if e['key'] < $STEADY) == list(range($STEADY))"
		json "len(set(e['key'] for e in d)) == len(d)"
		dumps=$((dumps + 1))
	done
	wait $! || fail "$(<"$TMP/out")"
	[ $dumps -gt 1 ] || fail "only $dumps dumps beside the writer"
}

growing_and_shrinking()
{
	local value grown shrunk

	value=$(printf '5a%.0s' {1..200})
	ok table add t key u32 value bytes:200
	batch 0 $STEADY "set t KEY $value" | tripctl -b - || fail "cannot fill"
	{
		batch 1000 4000 "set t KEY $value"
		batch 1000 4000 "del t KEY"
	} >"$TMP/writer"
	grown=$(resizes grow)
	shrunk=$(resizes shrink)
	dumps_are_exact
	[ "$(resizes grow)" -gt "$grown" ] || fail "did not grow"
	[ "$(resizes shrink)" -gt "$shrunk" ] || fail "did not shrink"
}

# The bucket of each key, one a line; the table is not resized meanwhile.
buckets_of()
{
	batch "$1" "$2" "bucket show t key KEY" | tripctl -j -b - | jq .bucket
}

# Of a table of 64 buckets 43 are filled to nine entries, one more than fits: more
# overflow buckets than it tolerates, and not yet so many entries that it grows.
at_the_same_size()
{
	local value before

	value=$(printf 'a5%.0s' {1..1000})
	ok table add t key u32 value bytes:1000 bits 6
	{
		buckets_of 0 $STEADY
		buckets_of 1000 1700
	} | awk -v steady=$STEADY '
		{ key = NR <= steady ? NR - 1 : 1000 + NR - steady - 1 }
		key < steady { n[$1]++; next }
		$1 < 43 && n[$1] < 9 { n[$1]++; print key }' >"$TMP/keys"
	batch 0 $STEADY "set t KEY $value" | tripctl -b - || fail "cannot fill"
	for _ in 1 2 3; do
		awk -v value="$value" '{ print "set t", $1, value }' "$TMP/keys"
		awk '{ print "del t", $1 }' "$TMP/keys"
	done >"$TMP/writer"
	before=$(resizes same-size)
	dumps_are_exact
	[ "$(resizes same-size)" -gt "$before" ] || fail "was not rebuilt"
	[ "$(resizes grow)" = 0 ] || fail "grew"
}

run_tests growing_and_shrinking at_the_same_size
