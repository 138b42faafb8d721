#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# top of the real module: lines, JSON, and the screen in a terminal of 80x24.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# A load beside, for as long as the test runs.
load_beside()
{
	tripctl load "$@" seconds 60 >/dev/null 2>&1 &
	BESIDE=$!
	trap 'kill $BESIDE; wait $BESIDE; tripctl pause off; tmux kill-server' EXIT
}

lines()
{
	ok table add t key u32 value u32
	ok table add idle key u32 value u32
	ok pause on
	load_beside t threads 1 keys 100000
	ok top plain count 2 interval 500
	[ "$(grep -c ' t ' <<<"$OUT")" = 2 ] || fail "not two lines of t: $OUT"
	[[ $(head -n 1 <<<"$OUT") =~ ^time\ +table\ +writes/s\ +change/s\ +entries\ +load ]] ||
		fail "no headings: $OUT"
	[[ $OUT =~ idle\ +(-|0)\ +0\ +0\ +0.00 ]] || fail "no idle table: $OUT"
}

# What is counted is what was done: writes of the load between two looks, by its own account.
has_entries()
{
	ok -j table show t
	[ "$(jq .entries <<<"$OUT")" -gt 0 ]
}

json_lines()
{
	ok table add t key u32 value u32
	ok pause on
	echo 1 >/sys/module/tripmap/parameters/recorder_share
	load_beside t threads 1 keys 100000
	wait_for 60 has_entries
	ok -j top count 3 interval 300
	echo 32 >/sys/module/tripmap/parameters/recorder_share
	[ "$(wc -l <<<"$OUT")" = 3 ] || fail "not three lines: $OUT"
	OUT=$(jq -sc . <<<"$OUT")
	json 'all(a["time_mono"] == b["since_mono"] for a, b in zip(d, d[1:]))'
	json 'all(o["tables"][0]["table"] == "t" for o in d)'
	json 'd[1]["tables"][0]["writes_per_second"] > 0'
	json '{"write", "odd"} <= {p["kind"] for p in d[1]["pauses"]}'
	json 'all(p["count"] == 0 or p["min"] <= p["p50"] <= p["max"] for p in d[1]["pauses"])'
	json 'sum(c["pauses_per_second"] for p in d[1]["pauses"] for c in p["cpus"]) > 0'
}

without_tables()
{
	ok top count 1 interval 100
	is "there are no tables"
	ok -j top count 1 interval 100
	json 'd["tables"] == []'
}

screen()
{
	tmux capture-pane -p -t top
}

shows()
{
	screen | grep -qE -- "$1"
}

open_screen()
{
	tmux new-session -d -s top -x 80 -y 24 "TERM=screen tripctl top interval 200; echo status \$?; cat"
}

on_a_screen()
{
	command -v tmux >/dev/null || fail "there is no tmux"
	ok table add sessions key u32 value u32
	ok pause on
	load_beside sessions threads 1 keys 100000
	open_screen || fail "tmux"
	wait_for 30 shows '^tripmap ..:..:.. every 200ms  1 tables'
	wait_for 30 shows '^writes/s [1-9]'
	wait_for 30 shows '^sessions +~?[0-9.]+[kM]? '
	wait_for 30 shows '^write +[0-9.]+k? +[0-9.]+ [num]s'
	tmux send-keys -t top Enter
	wait_for 30 shows '^single-writer  key u32  value u32'
	wait_for 30 shows '^entries +[0-9]+'
	tmux send-keys -t top Escape
	wait_for 30 shows '^TABLE'
	tmux send-keys -t top q
	wait_for 30 shows '^status 0'
}

screen_without_counting()
{
	ok pause off
	ok table add t key u32 value u32
	trap 'tmux kill-server' EXIT
	open_screen || fail "tmux"
	wait_for 30 shows 'pauses are not counted \(tripctl pause on\)'
	tmux send-keys -t top C-c
	wait_for 30 shows '^status 0'
}

wrong_usage()
{
	refuses 2 'what is "frob"' top frob
	refuses 2 "interval must be a number from 50" top interval 1
	refuses 2 "count must be a number" top count 0
	refuses 2 "stands there twice" top plain plain
	ctl -j top interval x
	[ "$RC" = 2 ] || fail "exit code $RC"
}

run_tests lines json_lines without_tables on_a_screen screen_without_counting wrong_usage
