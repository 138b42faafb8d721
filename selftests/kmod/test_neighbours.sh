#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Namespaces beside each other: what is in one is not for another to see or to touch.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kmod.sh"

# A violation in one namespace is none of another's news, and not its to clear.
reports_of_a_namespace()
{
	local foreign="table add t key u32 value u32 contract owner on foreign-writer report"

	ok report clear
	tripctl monitor timeout 60000 >"$TMP/events" 2>"$TMP/notes" &
	wait_for 60 grep -q listening "$TMP/notes"
	unshare -n bash -c "tripctl $foreign && ! tripctl set t 1 1 2>/dev/null &&
		tripctl -j report list" >"$TMP/theirs" || fail "no violation there: $(<"$TMP/theirs")"
	[ "$(jq length <"$TMP/theirs")" = 1 ] || fail "not one report there: $(<"$TMP/theirs")"
	ok -j report list
	json 'd == []'
	refuses 1 "report" report show "$(jq '.[0].id' <"$TMP/theirs")"
	# shellcheck disable=SC2086 # words
	ok table add mine ${foreign#table add t }
	refuses 1 "foreign-writer" set mine 1 1
	wait_for 60 grep -q foreign-writer "$TMP/events"
	kill -TERM $!
	wait $!
	[ "$(grep -c foreign-writer "$TMP/events")" = 1 ] || fail "their news: $(<"$TMP/events")"
	grep -q ' t ' "$TMP/events" && fail "their news: $(<"$TMP/events")"
	unshare -n tripctl report clear || fail "cannot clear"
	ok -j report list
	json 'len(d) == 1 and "mine" in d[0]["title"]'
}

tables_of_a_namespace()
{
	ok table add t key u32 value u32
	ok set t 1 1
	unshare -n bash -c '
		for command in "get t 1" "set t 1 2" "del t 1" "dump t" "table del t" \
				"table flush t" "save t" "bucket show t" "stats t" "repair t" \
				"pause show t" "table set t on all ignore"; do
			tripctl $command >/dev/null 2>&1 && echo "$command" && exit 1
		done
		tripctl table add t key u32 value u32 && tripctl set t 2 2 && tripctl table flush t
	' || fail "done to another namespace's table"
	ok -j dump t
	json 'd == [{"key": 1, "value": 1}]'
}

anew
run_tests reports_of_a_namespace tables_of_a_namespace
rc=$?
anew
exit $rc
