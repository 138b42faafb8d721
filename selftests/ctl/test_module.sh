#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module: absent, pinned by its tables, loaded anew.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

KO=/lib/tripmap/tripmap.ko
[ -e "$KO" ] || skip_all "no $KO to load"

# Without the module every command says so, and how to help it.
absent()
{
	rmmod tripmap || fail "cannot unload"
	for command in "table show" "table add t key u8 value u8" "set t 1 1" "dump t" \
			"save t" "bucket show t" stats "report list" features "load t"; do
		# shellcheck disable=SC2086 # words
		refuses 1 "tripmap is not loaded (insmod tripmap.ko or modprobe tripmap)" $command
	done
	refuses 1 "is tripmap loaded" monitor
	refuses 2 "no such type" table add t key u9 value u8
	ok table help
	ctl -j table show
	OUT=$ERR
	json '"not loaded" in d["error"]["message"]'
	insmod "$KO" on_violation=report || fail "cannot load again"
	ok features
}

pinned_by_its_tables()
{
	ok table add t key u8 value u8
	rmmod tripmap 2>/dev/null && fail "unloaded under a table"
	ok set t 1 1
	ok table del t
	rmmod tripmap || fail "cannot unload without tables"
	insmod "$KO" on_violation=report || fail "cannot load again"
}

features_are_told()
{
	ok -j features
	json 'd["family_version"] == d["tool_family_version"] == 1'
	json 'd["contracts"].split() == ["single-writer", "exclusive", "owner", "shared"]'
	json '"write-during-write" in d["classes"] and "siphash" in d["hashes"]'
	[ "$(jq -r .kernel <<<"$OUT")" = "$(uname -r)" ] || fail "another kernel: $OUT"
	[ "$(jq .max_entries <<<"$OUT")" = "$(</sys/module/tripmap/parameters/max_entries)" ] ||
		fail "another max_entries: $OUT"
}

# Each parameter can be read as it was set; a word that is none is refused, and said why.
parameters_are_readable()
{
	local p dir=/sys/module/tripmap/parameters

	for p in "$dir"/*; do
		[ -n "$(cat "$p")" ] || fail "nothing in $p"
	done
	echo reads >$dir/recorder
	[ "$(<$dir/recorder)" = reads ] || fail "recorder: $(<$dir/recorder)"
	echo perhaps 2>/dev/null >$dir/recorder && fail "the recorder may be perhaps"
	[ "$(<$dir/recorder)" = reads ] || fail "after a refusal: $(<$dir/recorder)"
	echo on >$dir/recorder
	[ "$(<$dir/pause_stats)" = N ] || fail "pauses: $(<$dir/pause_stats)"
	ok pause on
	[ "$(<$dir/pause_stats)" = Y ] || fail "pauses: $(<$dir/pause_stats)"
	ok pause off
	echo perhaps 2>/dev/null >$dir/pause_stats && fail "pauses may be perhaps"
	echo 0 2>/dev/null >$dir/stale_ms && fail "stale_ms may be 0"
	echo perhaps 2>/dev/null >$dir/on_violation && fail "on_violation may be perhaps"
	dmesg | tail -n 20 | grep -q "'perhaps' is not one of off, on, reads" || fail "not said why"
}

# The help names what there is.
help_is_complete()
{
	ok -j features
	names=$(jq -r '.contracts, .classes, .actions, .hashes' <<<"$OUT")
	ok table help
	for name in $names; do
		has "$name"
	done
}

counters()
{
	ok table add t key u64 value u64 on all count
	ok load t ops 5000 threads 1
	ok -j stats t
	json 'd["entries"] == 5000 and d["resizes-grow"] >= 1'
	ok stats t
	has "resizes-grow"
	ok -j stats
	json 'd["tables"] == 1 and d["entries"] == 5000'
}

run_tests absent pinned_by_its_tables features_are_told parameters_are_readable \
	help_is_complete counters
