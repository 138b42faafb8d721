#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Reports and the audit ring as a foreign client sees them: all evidence for the
# privileged, no bytes of anybody's for the others, to each namespace its own.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kmod.sh"

HERE=$(cd "$(dirname "$0")" && pwd)
ANYBODY=(setpriv --reuid 1000 --regid 1000 --clear-groups)

# dump [AS...] -- OPERATION [ATTRIBUTES]: the replies are in OUT.
dump()
{
	local as=()

	while [ "$1" != -- ]; do
		as+=("$1")
		shift
	done
	shift
	LAST="$1 ${2-}"
	OUT=$("${as[@]}" python3 "$HERE/family.py" "$HERE/ynl" "$HERE/tripmap.yaml" "$@" 2>&1) ||
		return 1
}

no_scenario()
{
	[ ! -d /sys/module/tripmap_scenario ] || rmmod tripmap_scenario
}

# Two kernel threads, parked within each other's way, each clash with its report.
# The module stays, as names are looked up when a report is read.
clashes()
{
	no_scenario
	anew report_once_ms=0
	insmod "$KO/tripmap_scenario.ko" scenario=writers.parked action=report seconds=1 ||
		fail "no scenario"
}

evidence_is_there()
{
	clashes
	dump -- report-get || fail "$OUT"
	json 'len(d) > 1 and all(r["class"].startswith("write-during-") for r in d)'
	json 'all(r["found"] == "other" and r["answer"] == "refuse" and r["shards"] == 1 for r in d)'
	json 'all(r["growing"] == (r["class"] == "write-during-resize") for r in d)'
	json 'all(r[p]["flags"] == ["kthread"] for r in d for p in ("victim", "holder"))'
	json 'all(r["key-size"] == 8 and r["value-size"] == 8 and r["buckets"] > 0 for r in d)'
	# Growth may have moved it before it was copied.
	json 'all(r["bucket"] == i or r["resize"] == "grow" and r["bucket"] == i % (r["buckets"] // 2) for r in d for i in [r["chain"][0]["index"]])'
	json 'all(len(l["tophash"]) == 16 for r in d for l in r["chain"])'
	OUT=$(jq '[.[].chain[].slot[]?]' <<<"$OUT")
	json 'd and all(len(s["key"]) == 16 and len(s["value"]) == 16 for s in d)'
}

# Which slots are taken, but not by what.
structure_for_all()
{
	local slots

	clashes
	dump -- report-get || fail "$OUT"
	slots=$(jq '[.[].chain[].slot[]?.index]' <<<"$OUT")
	dump "${ANYBODY[@]}" -- report-get || fail "$OUT"
	[ "$(jq '[.[].chain[].slot[]?.index]' <<<"$OUT")" = "$slots" ] || fail "other slots: $OUT"
	json 'all("tophash" not in l for r in d for l in r["chain"])'
	json 'all("word" not in r and "key" not in r["victim"] and "key" not in r["holder"] for r in d)'
	json 'all(r["victim"]["caller"].startswith("session_") for r in d)'
	[[ $OUT != *0xffff* ]] || fail "an address: $OUT"
	OUT=$(jq '[.[].chain[].slot[]?]' <<<"$OUT")
	json 'd and all(set(s) == {"index"} for s in d)'
}

# In the first network namespace those of kernel code stand with its own, in their
# order, and they are in no other. The scenario leaves no older ones.
of_kernel_code()
{
	no_scenario
	anew report_once_ms=0
	ok table add t key u64 value u64 contract owner on foreign-writer report
	insmod "$KO/tripmap_scenario.ko" scenario=writers.parked action=report seconds=1 unowned=1 ||
		fail "no scenario"
	refuses 1 "" set t 1 1
	refuses 1 "" set t 1 2
	dump -- report-get || fail "$OUT"
	json '[r["id"] for r in d] == list(range(d[0]["id"], d[0]["id"] + len(d)))'
	json '[r["table"] for r in d] == ["sessions"] * (len(d) - 2) + ["t"] * 2 and len(d) > 3'
	ok -j report show "$(jq '.[0].id' <<<"$OUT")"
	json '"session_" in d["title"]'
	dump unshare -n -- report-get || fail "$OUT"
	is "[]"
	ok report clear
	dump -- report-get || fail "$OUT"
	is "[]"
}

# Who queued the work that wrote, with the stack of it.
origin_of_work()
{
	local id

	no_scenario
	anew report_once_ms=0
	insmod "$KO/tripmap_scenario.ko" scenario=exit-kinds.normal_exit action=report seconds=1 ||
		fail "no scenario"
	dump -- report-get || fail "$OUT"
	json 'd and all(r["class"] == "exiting-writer" for r in d)'
	OUT=$(jq '[.[] | select(.victim.origin)]' <<<"$OUT")
	json 'd and all(r["victim"]["origin"]["pid"] == r["victim"]["pid"] for r in d)'
	json 'all(r["victim"]["origin"]["caller"].startswith("queue_writes+") for r in d)'
	json 'all(0 < r["victim"]["origin"]["since"] < r["victim"]["since"] for r in d)'
	json 'all(len(r["victim"]["origin"]["frame"]) > 1 for r in d)'
	id=$(jq '.[0].id' <<<"$OUT")
	ok -j report show "$id"
	json '" in queue_writes+" in d["victim"]["queued_by"]'
	json 'd["victim"]["queued_at"][0].startswith("queue_writes+")'
	ok report show "$id"
	has "the work was queued by"
}

goes_on_after()
{
	local ids last

	clashes
	dump -- report-get || fail "$OUT"
	ids=$(jq -c '[.[].id]' <<<"$OUT")
	dump -- report-get "{\"after\": $(jq '.[0]' <<<"$ids")}" || fail "$OUT"
	[ "$(jq -c '[.[].id]' <<<"$OUT")" = "$(jq -c '.[1:]' <<<"$ids")" ] || fail "not the rest: $OUT"
	last=$(jq '.[-1]' <<<"$ids")
	dump -- report-get "{\"after\": $last}" || fail "$OUT"
	is "[]"
	dump -- report-get "{\"id\": $last}" && fail "an id for a dump"
	has "a dump of reports takes no id"
}

deeds_are_kept()
{
	local before

	ok table add t key u32 value u32
	dump -- audit-get || fail "$OUT"
	before=$(jq '[.[].id] | max // 0' <<<"$OUT")
	ok table set t on write-during-write count
	ok table freeze t
	ok report clear
	dump -- audit-get || fail "$OUT"
	OUT=$(jq "[.[] | select(.id > $before)]" <<<"$OUT")
	json '[e["deed"] for e in d] == ["policy", "freeze", "clear-reports"]'
	json '[e.get("table") for e in d] == ["t", "t", None]'
	json 'all(e["uid"] == 0 and e["pid"] > 0 and e["comm"] == "tripctl" for e in d)'
	json 'd[0]["time"] < d[1]["time"] and d[0]["time-real"] > d[0]["time"]'
	json '"count" in d[0]["text"]'
	dump "${ANYBODY[@]}" -- audit-get && fail "shown to anybody"
	has "-1"
}

# Root of a namespace sees what was done there, under the ids that it knows.
deeds_of_a_namespace()
{
	local own

	ok table add t key u32 value u32
	ok table freeze t
	# shellcheck disable=SC2016 # for the inner shell
	OUT=$("${ANYBODY[@]}" unshare -Urnpf --mount-proc bash -c '
		tripctl table add mine key u32 value u32 && tripctl table freeze mine &&
		python3 "$0/family.py" "$0/ynl" "$0/tripmap.yaml" audit-get' "$HERE" 2>&1) ||
		fail "$OUT"
	LAST="audit-get in a namespace"
	json '[e["table"] for e in d] == ["mine"]'
	json 'd[0]["uid"] == 0 and d[0]["deed"] == "freeze"'
	own=$(jq '.[0].id' <<<"$OUT")
	dump -- audit-get || fail "$OUT"
	json "all(e['id'] != $own for e in d)"
}

rc=0
run_tests evidence_is_there structure_for_all of_kernel_code origin_of_work \
	goes_on_after deeds_are_kept deeds_of_a_namespace || rc=1
no_scenario
exit $rc
