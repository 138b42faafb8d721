#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# needs: tracing
#
# What the module counts and keeps is what trace-cmd records from the same
# tracepoints, to the event. Both begin and end while the tables are quiet, and
# nothing is lost.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kmod.sh"

HERE=$(cd "$(dirname "$0")" && pwd)

command -v trace-cmd >/dev/null || skip_all "trace-cmd is missing (vm.sh --with tracing)"

tracing_on()
{
	trace-cmd start -C mono -b 40000 -e tripmap >/dev/null || fail "trace-cmd start fails"
}

# All that was recorded is in $TMP/trace, and that is all there was.
tracing_off()
{
	trace-cmd stop || fail "trace-cmd stop fails"
	lost=$(cat /sys/kernel/tracing/per_cpu/cpu*/stats |
		awk '/^(overrun|commit overrun|dropped events):/ { n += $NF } END { print n }')
	[ "$lost" = 0 ] || fail "the trace lost $lost events"
	trace-cmd extract -o "$TMP/trace.dat" >/dev/null 2>&1 || fail "trace-cmd extract fails"
	trace-cmd report -R "$TMP/trace.dat" >"$TMP/trace" 2>"$TMP/err" || fail "$(<"$TMP/err")"
	trace-cmd reset >/dev/null 2>&1
	grep -q tripmap_ "$TMP/trace" || fail "there is nothing in the trace"
}

# compare WHAT: the trace with the last output of tripctl
compare()
{
	echo "$OUT" >"$TMP/said"
	python3 "$HERE/trace_counts.py" "$TMP/trace" "$1" "$TMP/said" || fail "$1 differ"
}

nothing_deferred()
{
	ok -j table show "$1"
	[[ $OUT == *'"memory_deferred":0,'* ]]
}

# Pauses of every kind but those that chance decides on, and these too.
many_pauses()
{
	ok table add t key u64 value u64 contract shared shards 2
	ok pause on
	ok pause reset
	tracing_on
	ok load t ops 1500 threads 2 reads 20
	ok dump t
	ok table flush t
	ok load t ops 500 threads 1
	wait_for 60 nothing_deferred t
	tracing_off
	ok -j pause show
}

# One workload, three questions.
pauses()
{
	many_pauses
	compare counts
	compare quantiles
	ok -j pause show recent limit 5000
	compare recent
	ok pause off
}

# Two writers under full load: the window of the report has all that the trace has.
windows()
{
	local id tries

	ok table add t key u64 value u64 on all report
	tracing_on
	for ((tries = 0; tries < 50; tries++)); do
		tripctl load t ops 300 threads 2 >/dev/null 2>&1
		ok -j report list table t
		[ "$OUT" = "[]" ] || break
	done
	tracing_off
	wait_for 10 window_frozen
	compare window
}

window_frozen()
{
	local id

	ok -j report list table t
	id=$(jq '.[-1].id' <<<"$OUT")
	ok -j report show "$id"
	[ "$(jq -r .window.state <<<"$OUT")" = frozen ]
}

anew report_once_ms=0 recorder=on recorder_share=1 recorder_events=32768
run_tests pauses windows
