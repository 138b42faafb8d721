#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two processes write to one table without a lock: what is told of it.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

CLASHED=

# Two loads at once: was one refused? How often is in CLASHED.
clash()
{
	tripctl -j load "$1" ops 10000 threads 1 verify >"$TMP/one" 2>&1 &
	tripctl -j load "$1" ops 10000 threads 1 verify from 1000000 >"$TMP/two" 2>&1 ||
		fail "$(<"$TMP/two")"
	wait $! || fail "$(<"$TMP/one")"
	CLASHED=$(($(jq .refused "$TMP/one") + $(jq .refused "$TMP/two")))
	[ "$CLASHED" -gt 0 ]
}

# ID: a report in which both parties told of themselves.
caught()
{
	ok table add t key u64 value u64 on all report
	wait_for 120 clash_with_both
	ok -j report list
	json 'all("table t" in r["title"] for r in d)'
	json 'all(r["title"].startswith("tripmap: write-during-") for r in d)'
}

clash_with_both()
{
	clash t || return
	ID=$(tripctl -j report list | jq '[.[] | select(.other_party == "complete")][0].id // empty')
	[ -n "$ID" ]
}

every_refusal_is_accounted_for()
{
	local refused=0

	ok table add t key u64 value u64 on all report
	for _ in 1 2 3 4 5; do
		clash t
		refused=$((refused + CLASHED))
	done
	ok -j table show t
	json "d['violations'] == $refused > 0"
	violations=$(jq .violations <<<"$OUT")
	# Each has a report, or is a repeat of one.
	ok -j report list
	json "sum(1 + r['repeats'] for r in d) == $violations"
}

both_parties_in_json()
{
	caught
	ok -j report show "$ID"
	json 'd["class"] in ("write-during-write", "write-during-resize")'
	json 'd["victim"]["task"] == d["holder"]["task"] == "load-1"'
	json 'd["victim"]["pid"] != d["holder"]["pid"]'
	json 'd["victim"]["operation"] == d["holder"]["operation"] == "store"'
	json 'd["victim"]["key"] != d["holder"]["key"] and d["result"] == -16'
	json 'all("tm_nl_entry_set" in p["called_from"] for p in (d["victim"], d["holder"]))'
	json 'any("tm_nl_entry_set" in f for f in d["victim"]["stack"])'
	json 'any("tm_nl_entry_set" in f for f in d["holder"]["stack"])'
	json 'd["victim"]["since"] <= d["monotonic"]'
}

in_words()
{
	caught
	ok report show "$ID"
	OUT=$(tr '\n' ' ' <<<"$OUT")
	has "began a store on table t while"
	has "was refused (EBUSY) and changed nothing."
	has "REFUSED"
	has "INSIDE"
	has "The contract of t is single-writer: one writer at a time"
	has "What to look at:"
	# Side by side: pid on one line, both of them.
	grep -Eq '  *pid +[0-9]+ +\| [0-9]+ *cpu ' <<<"$OUT" || fail "not side by side: $OUT"
}

cleared()
{
	caught
	ok report clear
	ok report list
	is "no reports"
	refuses 1 "report" report show "$ID"
}

counted_only()
{
	ok table add t key u64 value u64 on all count
	wait_for 60 clash t
	ok report list
	is "no reports"
	ok -j table show t
	json 'd["violations"] > 0'
}

listened_to()
{
	ok table add t key u64 value u64 on all report
	timeout 120 tripctl -j monitor violations count 1 >"$TMP/events" 2>"$TMP/notes" &
	wait_for 10 grep -q listening "$TMP/notes"
	wait_for 60 clash t
	wait $! || fail "$(<"$TMP/notes")"
	OUT=$(<"$TMP/events") LAST=monitor
	json 'len(d) == 1 and d[0]["group"] == "violations" and d[0]["table"] == "t"'
	event=$(jq -r '.[0].detail' <<<"$OUT")
	ok -j report show "$(jq '.[0].id' <<<"$OUT")"
	[ "$(jq -r .title <<<"$OUT")" = "$event" ] || fail "other titles: $event: $OUT"
}

# Readers may run beside a writer here, and not there.
by_contract()
{
	ok table add single key u64 value u64 on all report
	ok -j load single ops 20000 threads 1
	tripctl load single ops 20000 threads 1 keys 100 from 900000 >/dev/null 2>&1 &
	ok -j load single ops 20000 threads 1 reads 100
	wait $!
	json 'd["workers"][0]["reads_refused"] == 0'
	ok -j report list
	json 'd == []'
	ok table add excl key u64 value u64 contract exclusive on all report
	wait_for 60 read_clash
	ok -j report list
	json 'any("read-during-write" in r["title"] for r in d)'
}

read_clash()
{
	ctl -j load excl threads 2 reads 50 ops 10000 bulk 256
	[ "$RC" = 0 ] || fail "$ERR"
	[ "$(jq '[.workers[].reads_refused] | add' <<<"$OUT")" -gt 0 ]
}

run_tests every_refusal_is_accounted_for both_parties_in_json in_words cleared counted_only \
	listened_to by_contract
