#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What an operator does by hand: let things go wrong, repair, look who did what.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

PARAMETERS=/sys/module/tripmap/parameters
declare -A WAS

# parameter NAME VALUE: until the test ends.
parameter()
{
	WAS[$1]=${WAS[$1]-$(<"$PARAMETERS/$1")}
	trap put_back EXIT
	echo "$2" >"$PARAMETERS/$1" || fail "cannot set $1"
}

put_back()
{
	local name

	for name in "${!WAS[@]}"; do
		echo "${WAS[$name]}" >"$PARAMETERS/$name"
	done
}

forged_and_repaired()
{
	parameter allow_inject 1
	parameter stale_ms 50
	ok table add t key u32 value u32 on all report
	ok set t 1 1
	ok inject t forge
	refuses 1 "EBUSY" set t 2 2
	wait_for 20 stale_reported
	ok -j report show "$(jq '.[0].id' <<<"$OUT")"
	json '"has been inside" in d["what"] and "watch" in d["what"]'
	ok -j repair t
	json 'd["repaired"] == 1'
	ok set t 2 2
	ok repair t
	is "repaired  0 guards taken from writers that are gone"
}

stale_reported()
{
	ok -j report list class stale-writer table t
	[ "$(jq length <<<"$OUT")" = 1 ]
}

# The guard is not taken from who is late, but there. It keeps its CPU while it is inside:
# who looks has another one.
late_and_there()
{
	taskset -p 1 $BASHPID || fail "no CPU to look from"
	parameter allow_inject 1
	parameter stale_ms 50
	ok table add t key u32 value u32 on all report
	ok inject t delay entered 1000000 60
	printf 'set t %d 1\n' {1..60} >"$TMP/sets"
	taskset 2 tripctl -b "$TMP/sets" &
	wait_for 30 refused_as_there
	ok inject t none
	wait $!
	ok -j table show t
	json 'd["entries"] == 60'
}

refused_as_there()
{
	ctl repair t
	[ "$RC" = 1 ] && [[ $ERR == *"a writer that still exists is inside"*EBUSY* ]]
}

grown()
{
	parameter allow_inject 1
	ok table add t key u32 value u32 bits 2
	ok inject t grow
	ok -j table show t
	json 'd["resize"] == "grow" or d["buckets"] == 8'
}

delayed_and_failing()
{
	parameter allow_inject 1
	ok table add t key u32 value u32
	ok inject t delay entered 1000 2
	ok set t 1 1
	ok inject t fail-alloc 3
	ok inject t none
	ok set t 2 2
}

only_where_allowed()
{
	parameter allow_inject 0
	ok table add t key u32 value u32
	refuses 1 "allow_inject" inject t grow
	ok features
	has "none (module parameter allow_inject)"
	refuses 1 "" inject nosuch forge
	refuses 1 "" repair nosuch
}

wrong_usage()
{
	refuses 2 "NAME is missing" inject
	refuses 2 "fault is missing" inject t
	refuses 2 "there are none forge delay grow fail-alloc" inject t frob
	refuses 2 "step is missing" inject t delay
	refuses 2 "there are entered change evacuate leaving clashed read" inject t delay x 1
	refuses 2 "from 1 to 1000000" inject t delay read 1000001
	refuses 2 "COUNT must be a number" inject t fail-alloc x
	refuses 2 'what is "1"' inject t grow 1
	refuses 2 "NAME is missing" repair
	refuses 2 'what is "more"' repair t more
	refuses 2 'what is "list"' audit list
}

audited()
{
	parameter allow_inject 1
	ok -j audit
	last=$(jq 'if length > 0 then .[-1].id else 0 end' <<<"$OUT")
	ok table add t key u32 value u32
	ok table set t on forged-flag count
	ok table freeze t
	ok table unfreeze t
	ok inject t grow
	ok repair t
	ok report clear
	ok -j audit show
	OUT=$(jq -c "[.[] | select(.id > $last)]" <<<"$OUT")
	json '[a["deed"] for a in d[:3]] == ["policy", "freeze", "unfreeze"]'
	json '[a["deed"] for a in d[3:]] == ["inject", "repair", "clear-reports"]'
	json 'all(a["uid"] == 0 and a["task"] == "tripctl" and a["pid"] > 0 for a in d)'
	json 'all(a["table"] == "t" for a in d[:5]) and all(a["what"] for a in d[:5])'
	json 'all(a["time"] <= b["time"] for a, b in zip(d, d[1:]))'
	ok audit
	has "inject"
}

run_tests forged_and_repaired late_and_there grown delayed_and_failing only_where_allowed wrong_usage audited
