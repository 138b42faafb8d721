#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Pauses: counted, shown, one by one, for each CPU and table, begun anew, stopped.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

PARAMETERS=/sys/module/tripmap/parameters

# Every write is timed and nothing was counted before.
counting()
{
	echo 1 >"$PARAMETERS/recorder_share"
	trap 'echo 32 >"$PARAMETERS/recorder_share"; tripctl pause off' EXIT
	ok pause off
	ok pause reset
	ok pause on
}

# of KIND EXPRESSION: of that kind's row in the last output, p.
of()
{
	json "[p for p in d if p['kind'] == '$1'] and all($2 for p in d if p['kind'] == '$1')"
}

nothing_counted()
{
	ok pause off
	ok pause reset
	ok pause
	is "no pauses were counted: tripctl pause on begins"
	ok -j pause
	json 'len(d) == 8 and all(p["count"] == 0 and not p["counting"] and "since" not in p and "p50" not in p for p in d)'
	ok pause show recent
	is "no pauses are kept (tripctl pause show says whether they are counted)"
}

every_write_counts()
{
	# A write that finds no room comes in a second time: there is room.
	ok table add t key u32 value u32 bits 4
	counting
	for i in 1 2 3 4 5 6 7; do
		ok set t $i $i
	done
	ok del t 7
	ok -j pause show t
	of write 'p["count"] == 8 and p["table"] == "t" and p["counting"] and p["share"] == 1'
	of write '0 < p["min"] <= p["p25"] <= p["p50"] <= p["p75"] <= p["p99"] <= p["p99.9"] <= p["max"]'
	of write '8 * p["min"] <= p["total"] <= 8 * p["max"] and p["mean"] == p["total"] // 8'
	of write 'p["since_mono"] < p["until_mono"] == p["time_mono"] and p["since"] < p["until"]'
	of odd 'p["count"] >= 8'
	of lock-wait 'p["count"] == 0 and "max" not in p'
	ok pause show t kind write
	has "pauses of table t, all cpus; "
	has "counting goes on"
	has "every write timed"
	[[ $OUT =~ write\ +8\ +[0-9.]+\ [num]s ]] || fail "no line for writes: $OUT"
}

share_is_said()
{
	counting
	echo 16 >"$PARAMETERS/recorder_share"
	ok pause
	has "1 in 16 writes timed"
	ok -j pause
	json 'all(p["share"] == 16 for p in d)'
}

by_table()
{
	ok table add a key u32 value u32
	ok table add b key u32 value u32
	counting
	ok set a 1 1
	ok set b 1 1
	ok set b 2 1
	ok -j pause show a
	of write 'p["count"] == 1'
	ok -j pause show b
	of write 'p["count"] == 2'
	ok -j pause
	of write 'p["count"] == 3'
	refuses 1 "no such table" pause show nosuch
	refuses 1 "not counted for each CPU" pause show a cpu 0
}

by_cpu()
{
	ok table add t key u32 value u32
	counting
	ok set t 1 1
	for cpu in 0 1; do
		[ -d /sys/devices/system/cpu/cpu$cpu ] || continue
		OUT=$(taskset -c $cpu tripctl set t $((cpu + 5)) 1) || fail "set on cpu $cpu"
		ok -j pause show kind write cpu $cpu
		json "len(d) == 1 and d[0]['cpu'] == $cpu and d[0]['count'] >= 1"
	done
	ok -j pause show kind write
	all=$(jq '.[0].count' <<<"$OUT")
	ok -j pause show kind write cpu all
	json "sum(p['count'] for p in d) == $all and len({p['cpu'] for p in d}) == len(d)"
	ok pause show cpu all kind write
	has "all tables, each cpu; "
	refuses 1 "no such CPU" pause show cpu 100000
}

bars()
{
	ok table add t key u32 value u32
	counting
	ok set t 1 1
	ok set t 2 1
	ok -j pause hist kind write
	json 'sum(c["count"] for c in d[0]["histogram"]) == d[0]["count"] == 2'
	json 'd[0]["histogram"][0]["from"] <= d[0]["min"] < d[0]["histogram"][0]["below"]'
	json 'd[0]["histogram"][-1]["from"] <= d[0]["max"] < d[0]["histogram"][-1]["below"]'
	json 'd[0]["violations"].keys() == {"near", "farther", "far"}'
	LC_ALL=C ok pause show hist
	has "write: 2, "
	has "#"
	has "lock-wait: none"
	LC_ALL=C.UTF-8 ok pause show hist kind write
	has "█"
}

most_recent_first()
{
	ok table add t key u32 value u32
	counting
	ok set t 1 1
	ok set t 2 1
	ok set t 3 1
	ok -j pause show recent kind write
	json 'len(d) == 3 and all(p["table"] == "t" and p["kind"] == "write" for p in d)'
	json 'all(a["time"] > b["time"] and a["time_mono"] > b["time_mono"] for a, b in zip(d, d[1:]))'
	OUT=$(jq -c --argjson now "$(date +%s%N)" '[.[] | $now - .time]' <<<"$OUT")
	json 'all(0 < age < 60 * 10**9 for age in d)'
	ok -j pause show t recent limit 2
	json 'len(d) == 2'
	ok table del t
	ok -j pause show recent kind write
	# To destroy it was a write, too.
	json 'len(d) == 4 and all(p["table"] == "" and p["table_id"] for p in d)'
	ok pause show recent limit 1
	has "#"
}

# The quantiles of the histogram against the pauses one by one.
quantiles()
{
	ok table add t key u32 value u32
	counting
	ok load t threads 1 ops 200 bulk 1
	ok -j pause show t kind write
	figures=$OUT
	ok -j pause show recent kind write
	OUT=$(jq -c -n --argjson f "$figures" --argjson r "$OUT" '{f: $f[0], r: [$r[].duration] | sort}')
	json 'len(d["r"]) == d["f"]["count"]'
	for q in 0:min 0.25:p25 0.5:p50 0.75:p75 0.99:p99 0.999:p99.9 1:max; do
		json "(lambda x: abs(d['f']['${q#*:}'] - x) <= x / 8)(d['r'][max(0, -(-len(d['r']) * ${q%:*} // 1) - 1).__int__()])"
	done
	json 'sum(d["r"]) == d["f"]["total"]'
}

stopped_and_begun_anew()
{
	ok table add t key u32 value u32
	counting
	ok set t 1 1
	ok pause off
	ok set t 2 1
	ok -j pause show kind write
	json 'd[0]["count"] == 1 and not d[0]["counting"] and d[0]["until_mono"] < d[0]["time_mono"]'
	ok pause
	has "not counted since"
	ok features
	has "pause stats"
	ok -j features
	json 'd["pause_stats"] is False and "write" in d["pause_kinds"]'
	ok pause on
	ok set t 3 1
	ok -j pause show kind write
	json 'd[0]["count"] == 1 and d[0]["counting"]'
	ok pause reset
	ok -j pause show kind write
	json 'd[0]["count"] == 0 and d[0]["counting"]'
	ok -j features
	json 'd["pause_stats"] is True'
	ok -j audit
	json 'any(a["deed"] == "pause" for a in d)'
}

# There are places for 64 tables; what more there are is said.
more_tables_than_places()
{
	counting
	for i in $(seq 70); do
		echo "table add t$i key u32 value u32"
		echo "set t$i 1 1"
	done | tripctl -b - || fail "cannot make the tables"
	ok -j pause show kind write
	json 'd[0]["count"] == 70 and d[0]["untracked"] > 0'
	ok pause show t70
	has "t70 may have no place of its own: "
	ok pause
	has "of tables that have no place of their own"
}

by_whom()
{
	[ "$(id -u)" = 0 ] || return
	RC=0
	OUT=$(setpriv --reuid 65534 --clear-groups tripctl pause on 2>&1) || RC=$?
	[ "$RC" = 1 ] || fail "exit code $RC: $OUT"
	has "EPERM"
	OUT=$(setpriv --reuid 65534 --clear-groups tripctl pause) || fail "may not look: $OUT"
	OUT=$(setpriv --reuid 65534 --clear-groups tripctl pause show recent 2>&1) && fail "may see tables: $OUT"
	has "EPERM"
}

labels()
{
	ok table add t key u32 value u32 contract owner on all report
	refuses 1 "EPERM" set t 1 1 label store-session parent request
	ok -j report list
	ok -j report show "$(jq '.[-1].id' <<<"$OUT")"
	has store-session
	has request
	refuses 1 "attribute label" set t 1 1 label 12345678901234567
	refuses 1 "parent goes with a label only" get t 1 parent x
	ok table add u key u32 value u32
	printf 'set u 1 2 new label a parent b\nget u 1 label c\ntake u 1 label c\n' >"$TMP/batch"
	ok -b "$TMP/batch"
	is "2"$'\n'"2"
	ok set u 3 3
	ok del u 3 parent p label l
}

wrong_usage()
{
	refuses 2 'what is "frob"' pause frob
	refuses 2 "no such kind" pause show kind nosuch
	refuses 2 "there are write odd read-retry" pause show kind nosuch
	refuses 2 "kind is missing" pause show kind
	refuses 2 "cpu must be a number" pause show cpu x
	refuses 2 "exclude each other" pause show hist recent
	refuses 2 'what is "limit"' pause show t limit 3
	refuses 2 "limit must be a number" pause show recent limit 0
	refuses 2 'what is "more"' pause on more
	refuses 2 'what is "more"' pause reset more
	refuses 2 'what is "u"' pause show t u
	ok table add t key u32 value u32
	refuses 2 "label is missing" set t 1 1 label
	refuses 2 "stands there twice" get t 1 label a label b
	refuses 2 'what is "frob"' take t 1 frob
	ctl -j pause show kind nosuch
	[ "$RC" = 2 ] || fail "exit code $RC"
	OUT=$ERR
	json 'd["error"]["exit"] == 2 and "no such kind" in d["error"]["what"]'
	ctl -j pause show nosuch
	[ "$RC" = 1 ] || fail "exit code $RC"
	OUT=$ERR
	json 'd["error"]["code"] == "ENOENT" and d["error"]["attribute"] == "table"'
}

run_tests nothing_counted every_write_counts share_is_said by_table by_cpu bars \
	most_recent_first quantiles stopped_and_begun_anew more_tables_than_places by_whom labels \
	wrong_usage
