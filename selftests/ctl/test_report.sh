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

# What is known of the table, of the bucket and of how it came to the class.
explained()
{
	caught
	ok -j report show "$ID"
	json '[s["question"][:5] for s in d["classification"]] == ["Who h", "What ", "Was t"]'
	json '"Guard word 0x" in d["classification"][0]["evidence"] and d["found"] == "other"'
	json 'd["table_then"]["entries"] > 0 and d["table_then"]["key_size"] == 8'
	json 'd["table_then"]["shards"] == 1 and d["table_then"]["frozen"] is False'
	json 'd["chain"] and all(len(l["slots"]) == 8 for l in d["chain"])'
	json 'd["chain"][0]["bucket"] == d["bucket"] == d["victim"]["bucket"]'
	json '[m["party"] for m in d["time_line"] if "violation" in m["what"]] == ["victim"]'
	COLUMNS=80 ok report show "$ID"
	has "HOW IT WAS CLASSIFIED"
	has "+- bucket "
	has "TIME LINE"
	[ "$(sed 1,/^$/d <<<"$OUT" | wc -L)" -le 80 ] || fail "wider than 80 columns: $OUT"
}

only_some()
{
	caught
	ok -j report list
	all=$(jq length <<<"$OUT")
	pid=$(tripctl -j report show "$ID" | jq .victim.pid)
	ok -j report list table t since 1h action report
	json "len(d) == $all"
	ok -j report list table other
	json 'd == []'
	ok -j report list class forged-flag
	json 'd == []'
	ok -j report list action bug
	json 'd == []'
	ok -j report list since 2030-01-01\ 00:00:00
	json 'd == []'
	ok -j report list pid "$pid"
	json "any(r['id'] == $ID for r in d)"
	ok -j report list pid 4000000
	json 'd == []'
	ok -j report list limit 1
	json 'len(d) == 1'
	refuses 2 "since wants a time" report list since soon
	refuses 2 "no such class" report list class race
	refuses 2 "pid must be a number" report list pid x
}

# What went before: the events that the kernel kept, in every form.
what_went_before()
{
	recorded
	json 'd["window"]["state"] == "frozen" and d["window"]["events"] == len(d["events"]) > 0'
	json 'all(a["monotonic"] <= b["monotonic"] for a, b in zip(d["events"], d["events"][1:]))'
	json 'all(e["ns"] == e["monotonic"] - d["monotonic"] for e in d["events"])'
	json 'all(e["ns"] <= 1000000 for e in d["events"])'
	json 'any(e["event"] == "write-end" and e["table"] == "t" for e in d["events"])'
	json 'all(e["duration"] > 0 for e in d["events"] if e["event"] == "write-end")'
	json 'all("tm_nl_entry_set" in e["called_from"] for e in d["events"] if e["event"] == "write-end")'
	json 'len(d["clocks"]) == 2 and 0 < d["clocks"][0]["error"] < 10000000'
	json 'abs(d["clocks"][0]["real"] - d["clocks"][0]["monotonic"] - (d["time"] - d["monotonic"])) < 10000000'
	json 'd["spikes"][-1]["kind"] == "all" and len(d["spikes"][-1]["near"]) == 3'
	events=$(jq .window.events <<<"$OUT")
	COLUMNS=80 ok report show "$ID"
	has "BEFORE THE VIOLATION"
	has "Wall times are exact to"
	grep -q "^ *cpu  *[0-9]" <<<"$OUT" || fail "no columns of CPUs: $OUT"
	[ "$(sed 1,/^$/d <<<"$OUT" | wc -L)" -le 80 ] || fail "wider than 80 columns: $OUT"
	lacks "EVENT BY EVENT"
	ok report show "$ID" events clock mono
	[ "$(sed '1,/^EVENT BY EVENT/d; /^$/,$d' <<<"$OUT" | wc -l)" = $((events + 1)) ] ||
		fail "not $events events: $OUT"
	for clock in wall boot trace violation; do
		ok report show "$ID" clock "$clock"
	done
	refuses 2 "no such clock" report show "$ID" clock sundial
	refuses 2 "stands there twice" report show "$ID" events events
}

# ID: a report whose window was kept, with events of the table in it; OUT: the report.
recorded()
{
	ok table add t key u64 value u64 on all report
	wait_for 120 clash_with_events
}

clash_with_events()
{
	local id

	clash t || return
	for id in $(tripctl -j report list | jq '.[].id'); do
		ID=$id
		ok -j report show "$ID"
		[ "$(jq '.window.state == "frozen" and
			([.events[] | select(.event == "write-end")] | length > 0)' <<<"$OUT")" = true ] &&
			return
	done
	return 1
}

exported()
{
	caught
	ok report export "$ID" html "$TMP/page"
	OUT=$(<"$TMP/page")
	has "<!DOCTYPE html>"
	has "began a store on table t while"
	has "</html>"
	ok report export "$ID" html -
	[ "$OUT" = "$(<"$TMP/page")" ] || fail "another page on standard output"
	refuses 2 "what as? (html, perfetto, dot)" report export "$ID" pdf x
	refuses 2 "FILE is missing" report export "$ID" html
	refuses 1 "No such file" report export "$ID" html "$TMP/no/such"
	ok report export "$ID" dot -
	has "digraph report {"
	has "victim_op -> victim_party"
	has "holder_party -> violation"
	ok report export "$ID" perfetto -
	json 'd["displayTimeUnit"] == "ns" and d["otherData"]["report"] == '"$ID"
	json 'sum(e["ph"] == "i" and e["s"] == "g" for e in d["traceEvents"]) == 1'
	json 'any(e["ph"] == "X" and e["cat"] == "wip" for e in d["traceEvents"])'
	refuses 1 "report" report export 999999 html -
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

run_tests every_refusal_is_accounted_for both_parties_in_json in_words explained \
	what_went_before only_some exported cleared counted_only listened_to by_contract
