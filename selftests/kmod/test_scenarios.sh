#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every scenario of tripmap_scenario.ko, a few rounds of each, and those that
# take the tool instead. Each violation is reported.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kmod.sh"

ROUNDS=3

scenarios()
{
	modinfo -F scenario "$KO/tripmap_scenario.ko" | sed 's/: .*//' | sort
}

# Others have tests of their own (ww2), or want to run for longer (legal).
each_scenario()
{
	local name rc=0

	for name in $(scenarios | grep -v -x -e ww2 -e legal); do
		stale_for "$name"
		ktap tripmap_scenario scenario="$name" rounds=$ROUNDS seconds=1 || rc=1
	done
	ktap tripmap_scenario scenario=legal seconds=20 || rc=1
	return $rc
}

# A scenario that is described can be run, and says three things of itself.
all_described()
{
	local text n=0

	while read -r text; do
		[[ $text == *': '*' | '*' | '* ]] || fail "not described: $text"
		n=$((n + 1))
	done < <(modinfo -F scenario "$KO/tripmap_scenario.ko")
	[ "$n" -ge 28 ] || fail "only $n scenarios"
}

unknown_one()
{
	insmod "$KO/tripmap_scenario.ko" scenario=nonsense || fail "does not load"
	failed=$(<"/sys/module/tripmap_scenario/parameters/failed")
	rmmod tripmap_scenario
	[ "$failed" = -1 ] || fail "failed=$failed although nothing ran"
}

# What the guard word said of the holder is in the report: inside, and resizing.
word_says_resizing()
{
	ok report clear
	ktap tripmap_scenario scenario=resize-race >/dev/null || fail "resize-race fails"
	ok -j report list class write-during-resize
	ok -j report show "$(jq '.[-1].id' <<<"$OUT")"
	has "resize bit of the guard word is set"
}

# freeze, with large rings: what copies the windows may come late on a busy machine, but
# not each time.
freeze_whole()
{
	anew report_once_ms=0 recorder_events=65536 recorder_share=1
	ktap tripmap_scenario scenario=freeze rounds=3 >"$TMP/freeze" ||
		fail "freeze fails: $(<"$TMP/freeze")"
	grep ' left out, 0 lost$' "$TMP/freeze" | grep -qv ' 0 writes of the load' ||
		fail "no window had all: $(<"$TMP/freeze")"
}

# create-missing: a restore makes the table that is not there, whole and empty;
# of two at once each finds it or makes it.
create_missing()
{
	local i

	printf 'tripmap-save 1\ntable %s key u64 value u64 on all report\nend 0\n' fresh >"$TMP/empty"
	for ((i = 0; i < 10; i++)); do
		tripctl restore "$TMP/empty" >/dev/null &
		ok restore "$TMP/empty"
		wait $! || fail "of two restores at once one failed"
		ok -j table show fresh
		json 'd["entries"] == 0 and d["frozen"] is False'
		ok set fresh 1 2
		ok get fresh 1
		has 2
		ok table del fresh
	done
	refuses 1 fresh get fresh 1
}

# escape: a namespace goes with its tables and all that is in them.
escape_of_a_namespace()
{
	unshare -n bash -c 'tripctl table add t key u64 value u64 && tripctl load t ops 3000' \
		>/dev/null || fail "no table in a namespace of its own"
	wait_for 60 nothing_left
}

nothing_left()
{
	[ "$(<"/sys/module/tripmap/refcnt")" = 0 ]
}

rc=0
anew report_once_ms=0
each_scenario || rc=1
anew
run_tests all_described unknown_one word_says_resizing freeze_whole create_missing escape_of_a_namespace || rc=1
exit $rc
