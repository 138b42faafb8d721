#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Metrics of the real module: readable, complete, growing; the two lines that an
# operator needs.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

HERE=$(cd "$(dirname "$0")" && pwd)

# metrics FILE [WORD...]: into that file, and all samples of it as JSON in OUT.
metrics()
{
	local file=$1

	shift
	tripctl stats "$@" openmetrics >"$file" || fail "tripctl stats $* openmetrics"
	OUT=$(python3 "$HERE/openmetrics.py" "$file" 2>&1) || fail "$OUT"
	LAST="tripctl stats $* openmetrics"
}

readable()
{
	ok table add flows key u32 value u32
	ok table add hosts key u32 value u32 contract shared shards 4
	ok pause on
	ok load flows threads 1 ops 2000
	metrics "$TMP/m"
	json 'd["tripmap_table_entries{table=\"flows\"}"] > 0'
	json 'd["tripmap_table_entries{table=\"hosts\"}"] == 0'
	json 'd["tripmap_tables"] == 2 and d["tripmap_pause_statistics_enabled"] == 1'
	json 'd["tripmap_table_violations_total{table=\"flows\",class=\"forged-flag\"}"] == 0'
	json 'len([k for k in d if k.startswith("tripmap_pause_seconds_count")]) == 8'
	json 'd["tripmap_pause_seconds_count{kind=\"write\"}"] > 0'
	json 'd["tripmap_table_pause_seconds_count{table=\"flows\",kind=\"write\"}"] > 0'
	json '0 < d["tripmap_pause_seconds{kind=\"write\",quantile=\"0.5\"}"] < 10'
	json 'any(k.startswith("tripmap_module_info{version=") for k in d)'
	metrics "$TMP/m" hosts
	lacks '"flows'
	has 'tripmap_table_buckets{table=\"hosts\"}'
	ok pause off
}

# Each counter that "stats" knows is told.
complete()
{
	ok table add t key u32 value u32
	metrics "$TMP/m"
	samples=$OUT
	ok -j stats
	n=$(jq length <<<"$OUT")
	OUT=$samples
	json "len([k for k in d if '{' not in k and 'pause_s' not in k]) == $n"
	ok -j stats t
	n=$(jq length <<<"$OUT")
	OUT=$samples
	# what is told beside: is it frozen?
	json "len([k for k in d if 'table=\"t\"' in k and '_pause_' not in k]) == $n + 1"
}

growing()
{
	ok table add t key u32 value u32 on all report
	ok pause on
	ok load t threads 1 ops 500
	metrics "$TMP/before"
	ok load t threads 1 ops 5000 from 1000
	metrics "$TMP/after"
	OUT=$(python3 "$HERE/openmetrics.py" "$TMP/before" "$TMP/after" 2>&1) || fail "$OUT"
	python3 "$HERE/openmetrics.py" "$TMP/after" "$TMP/before" >/dev/null 2>&1 &&
		fail "nothing grew, or it was not seen"
	ok pause off
}

# As the manual has it: the collector never sees half a file.
two_lines()
{
	cd "$TMP" || fail "no place"
	tripctl stats prometheus >tripmap.prom.$$ &&
		mv tripmap.prom.$$ tripmap.prom
	OUT=$(<tripmap.prom)
	has "# TYPE tripmap_reports_filed_total counter"
	lacks "# EOF"
	lacks "# UNIT"
}

wrong_usage()
{
	refuses 1 "no table nosuch" stats nosuch openmetrics
	refuses 2 'what is "more"' stats openmetrics more
	refuses 2 'what is "b"' stats a b
	ctl -j stats openmetrics
	[ "$RC" = 2 ] || fail "exit code $RC"
	[[ $ERR == *"not JSON"* && -z $OUT ]] || fail "said: $ERR, printed: $OUT"
	RC=0
	tripctl stats openmetrics >/dev/full 2>"$TMP/err" || RC=$?
	[ "$RC" = 1 ] || fail "exit code $RC on a full device"
}

run_tests readable complete growing two_lines wrong_usage
