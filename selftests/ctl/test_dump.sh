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

timed_out()
{
	ok table add t key u32 value bytes:4096 on all report
	ok load t ops 8000 threads 1 bulk 15
	refuses 1 "timed out" dump t timeout 1
	ok -j dump t limit 3
	json 'len(d) == 3'
}

run_tests exact_while_growing interrupted_by_clear limited timed_out
