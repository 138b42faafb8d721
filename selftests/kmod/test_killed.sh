#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The tool is killed at any moment, or reads no more of what it asked for: the module
# is as if nothing had happened, and can be unloaded.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kmod.sh"

HERE=$(dirname "$0")
ROUNDS=5

# same_count TABLE: what it counts is there
same_count()
{
	ok -j table show "$1"
	N=$(jq .entries <<<"$OUT")
	ok save "$1" "$TMP/saved"
	[ "$(tail -n 1 "$TMP/saved")" = "end $N" ] || fail "$N entries, but $(tail -n 1 "$TMP/saved")"
}

more_than()
{
	[ "$(tripctl -j table show t | jq .entries)" -gt "$1" ]
}

killed_in_a_restore()
{
	local i

	{
		printf 'tripmap-save 1\ntable t key u32 value bytes:20\n'
		awk 'BEGIN { for (i = 0; i < 40; i++) v = v "a"
			for (i = 0; i < 50000; i++) print i, v; print "end 50000" }'
	} >"$TMP/f"
	for ((i = 0; i < ROUNDS; i++)); do
		ok table add t key u32 value bytes:20
		tripctl restore "$TMP/f" >/dev/null 2>&1 &
		wait_for 60 more_than $((i * 2000))
		kill -KILL $!
		wait $!
		same_count t
		# Nobody is inside: the next writer is let in.
		ok set t 4000000000 "$(printf '00%.0s' {1..20})"
		ok table del t
	done
}

# Wherever it is when it is killed: the pipe that it writes to is full.
killed_in_a_dump()
{
	local i

	ok table add t key u64 value u64
	ok load t ops 30000 threads 1 bulk 1000
	for ((i = 0; i < ROUNDS; i++)); do
		mkfifo "$TMP/pipe$i"
		tripctl dump t >"$TMP/pipe$i" &
		exec 6<"$TMP/pipe$i"
		read -r _ <&6
		kill -KILL $!
		wait $!
		exec 6<&-
		same_count t
	done
	mkfifo "$TMP/hold"
	exec 6<>"$TMP/hold"
	"$HERE/dump_helper" t <"$TMP/hold" >"$TMP/open" &
	wait_for 60 grep -q open "$TMP/open"
	kill -KILL $!
	wait $!
	exec 6<&-
	same_count t
	ok table del t
	rmmod_soon
	anew
}

killed_in_a_monitor()
{
	local i

	ok table add t key u32 value u32
	for ((i = 0; i < ROUNDS; i++)); do
		tripctl monitor >"$TMP/events" 2>"$TMP/notes" &
		wait_for 60 grep -q listening "$TMP/notes"
		ok table set t on all report
		kill -KILL $!
		wait $!
	done
	ok table del t
	rmmod_soon
	anew
}

# A dump that nobody goes on reading holds the module, and the table its entries.
unread_dump()
{
	local n=0

	ok table add t key u64 value u64
	ok load t ops 30000 threads 1 bulk 1000
	mkfifo "$TMP/hold"
	"$HERE/dump_helper" t <"$TMP/hold" >"$TMP/open" &
	exec 6>"$TMP/hold"
	wait_for 60 grep -q open "$TMP/open"
	ok table del t
	while [ "$n" -lt "$ROUNDS" ]; do
		try_rmmod && fail "unloaded under a dump"
		n=$((n + 1))
	done
	ok table show
	exec 6>&-
	wait $! || fail "dump_helper"
	rmmod_soon
	anew
}

anew
run_tests killed_in_a_restore killed_in_a_dump killed_in_a_monitor unread_dump
rc=$?
anew
exit $rc
