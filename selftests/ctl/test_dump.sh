#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dump: exact beside writers, interrupted by a clear, limited.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# Keys 0..4999 stand still, others come in great number meanwhile: the table
# grows while it is dumped.
exact_while_growing()
{
	ok table add t key u32 value u64 on all report
	ok load t ops 5000 threads 1 keys 5000
	tripctl load t ops 60000 threads 1 from 1000000 >"$TMP/load" 2>&1 &
	while kill -0 $! 2>/dev/null; do
		ok -j dump t
		json 'len([e for e in d if e["key"] < 5000]) == 5000'
		json 'len(set(e["key"] for e in d)) == len(d)'
	done
	wait $! || fail "$(<"$TMP/load")"
	ok -j dump t
	json 'len(d) == 65000'
}

# A dump that was begun again; one that gave up has said so.
interrupted()
{
	RC=0
	tripctl dump t >"$TMP/dump" 2>"$TMP/notes" || RC=$?
	[ "$RC" = 0 ] || grep -q "giving up" "$TMP/notes" || fail "$(<"$TMP/notes")"
	grep -q "was interrupted after" "$TMP/notes"
}

interrupted_by_clear()
{
	ok table add t key u32 value bytes:1000 on all ignore
	while :; do
		tripctl load t ops 5000 threads 1
		tripctl table flush t
	done >/dev/null 2>&1 &
	wait_for 60 interrupted
	kill $!
	wait $!
	return 0
}

limited()
{
	ok table add t key str:8 value u32
	ok load t ops 1000 threads 1
	ok -j dump t limit 17
	json 'len(d) == 17'
	ok -j dump t limit 5000
	json 'len(d) == 1000'
	ok -j dump t prefix 99
	json 'sorted(int(e["key"]) for e in d) == [99] + list(range(990, 1000))'
	ok -j dump t prefix 99 limit 4
	json 'len(d) == 4'
	ok dump t prefix nothing
	is "no entries"
	refuses 2 "limit must be a number" dump t limit 0
}

# Places are of all keys: with a prefix those behind the limit would be passed over.
page_by_page()
{
	local n=0 from=begin

	ok table add t key str:8 value u32
	ok load t ops 1000 threads 1
	while [ "$from" ]; do
		ctl -j dump t limit 300 from "$from"
		[ "$RC" = 0 ] || fail "$ERR"
		n=$((n + $(jq length <<<"$OUT")))
		jq -r '.[].key' <<<"$OUT" >>"$TMP/keys"
		from=$(sed -n 's/.*go on from \([0-9:]*\).*/\1/p' <<<"$ERR")
	done
	[ "$n" = 1000 ] || fail "$n entries, not 1000"
	[ "$(sort -u "$TMP/keys" | wc -l)" = 1000 ] || fail "some keys twice"
	refuses 2 "from does not go with it" dump t prefix 9 limit 10 from begin
	refuses 2 "from does not go with it" dump t from begin prefix 9
}

timed_out()
{
	ok table add t key u32 value bytes:4096 on all report
	ok load t ops 8000 threads 1 bulk 15
	refuses 1 "timed out" dump t timeout 1
	ok -j dump t limit 3
	json 'len(d) == 3'
}

# The socket of a batch stays the same when a dump is given up: it owns tables.
timed_out_in_a_batch()
{
	ok table add big key u32 value bytes:4096 on all report
	ok load big ops 8000 threads 1 bulk 15
	ok table add owned key u32 value u32 contract owner on all report
	printf '%s\n' "table set owned own" "dump big timeout 1" "set owned 1 11" >"$TMP/b"
	ctl --force -b "$TMP/b"
	[[ $RC = 1 && $ERR == *"b:2: dump big: timed out"* && $ERR != *b:3:* ]] || fail "$RC: $ERR"
	ok get owned 1
	is 11
	ok -j table show owned
	json 'd["violations"] == 0'
}

# A writer gives all keys one number after the other, in the order of the keys.
# Of one version are entries where some first keys have one number, and all others
# the number before.
count_up()
{
	local round i

	for ((round = 1; round <= 10; round++)); do
		for ((i = 0; i < 300; i++)); do echo "set $1 $i $round"; done
	done >"$TMP/up"
	for ((i = 0; i < 300; i++)); do echo "set $1 $i 0"; done >"$TMP/zero"
	ok -b "$TMP/zero"
	while [ ! -e "$TMP/enough" ] && tripctl -b "$TMP/up" && tripctl -b "$TMP/zero"; do
		:
	done >/dev/null 2>&1 &
}

counted_enough()
{
	touch "$TMP/enough"
	wait $!
	rm "$TMP/enough"
}

of_one_version()
{
	local values='[e["value"] for e in sorted(d, key=lambda e: e["key"])]'
	local up='v == sorted(v, reverse=True) and v[0] - v[-1] <= 1'
	local zero='v == sorted(v) and v[0] == 0 and v[-1] == 10'

	json "(lambda v: len(v) == 300 and ($up or $zero))($values)"
}

snapshot_at_once()
{
	local i

	ok table add t key u32 value u64 contract shared sync snapshot on all report
	count_up t
	for i in $(seq 20); do
		ok -j dump t snapshot
		of_one_version
	done
	counted_enough
	ok -j dump t snapshot limit 17
	json 'len(d) == 17'
	refuses 2 "from does not go with it" dump t snapshot from begin
	ok table flush t
	ok dump t snapshot
	is "no entries"
}

# Whole, or refused; one that gave up has said so.
snapshot_in_steps()
{
	local i whole=0

	ok table add t key u32 value u64 on all report
	count_up t
	for i in $(seq 20); do
		ctl -j dump t snapshot
		if [ "$RC" = 0 ]; then
			of_one_version
			whole=$((whole + 1))
		else
			[[ $ERR == *"giving up"*"is being written to"* ]] || fail "$ERR"
		fi
	done
	counted_enough
	echo "# $whole of 20 were whole"
	ok -j dump t snapshot
	json 'len(d) == 300'
}

run_tests exact_while_growing interrupted_by_clear limited page_by_page timed_out \
	timed_out_in_a_batch snapshot_at_once snapshot_in_steps
