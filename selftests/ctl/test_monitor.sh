#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# monitor: events of tables, in order; losses told and made good.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# listen WORD...: a monitor in the background, its output in $TMP/events.
listen()
{
	tripctl -j monitor "$@" >"$TMP/events" 2>"$TMP/notes" &
	MONITOR=$!
	wait_for 10 grep -q listening "$TMP/notes"
}

events()
{
	wait "$MONITOR" || fail "monitor: $(<"$TMP/notes")"
	OUT=$(<"$TMP/events") LAST=monitor
}

life_of_a_table()
{
	listen tables count 4 timeout 20000
	ok table add t key u32 value u32
	ok table set t on all ignore
	ok table flush t
	ok table del t
	events
	json '[e["event"] for e in d] == ["new", "changed", "flushed", "deleted"]'
	json 'all(e["table"] == "t" and e["group"] == "tables" for e in d)'
	json 'len(set(e["id"] for e in d)) == 1'
	json '[e["seq"] - d[0]["seq"] for e in d] == [0, 1, 2, 3] and d[0]["seq"] > 0'
}

ends_when_told()
{
	listen tables
	ok table add t key u32 value u32
	wait_for 10 grep -q new "$TMP/events"
	kill -TERM "$MONITOR"
	events
	json 'len(d) == 1'
	listen tables timeout 1
	events
	json 'd == []'
}

only_its_own_namespace()
{
	listen tables count 1 timeout 20000
	unshare -n tripctl table add other key u32 value u32
	ok table add t key u32 value u32
	events
	json '[e["table"] for e in d] == ["t"]'
}

# A full socket takes nothing before it has been emptied; then a number is missing.
SENT=0
one_more()
{
	ok table set t on all ignore
	SENT=$((SENT + 1))
	grep -q '"detail":"lost [0-9]' "$TMP/events"
}

# While the listener stands still more is said than its socket holds. What is
# printed and what is told to be lost is together what was said.
losses_are_told()
{
	listen tables
	kill -STOP "$MONITOR"
	for _ in $(seq 20000); do
		echo "table set t on all ignore"
	done >"$TMP/batch"
	ok table add t key u32 value u32
	ok -b "$TMP/batch"
	kill -CONT "$MONITOR"
	wait_for 60 one_more
	ok table del t
	wait_for 30 grep -q deleted "$TMP/events"
	kill -TERM "$MONITOR"
	events
	json 'any(e["detail"].startswith("some messages") for e in d)'
	json 'any(e["event"] == "present" and e["table"] == "t" for e in d)'
	OUT=$(jq '[([.[] | select(.event == "lost").id] | add),
		([.[] | select(.event == "new" or .event == "changed" or .event == "deleted")] | length)
		]' <<<"$OUT")
	json "d[0] > 0 and d[1] > 0 and sum(d) == 20002 + $SENT"
}

run_tests life_of_a_table ends_when_told only_its_own_namespace losses_are_told
