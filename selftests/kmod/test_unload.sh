#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Unloading while the module is in use: refused as long as there are tables,
# clean in the middle of everything else.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kmod.sh"

ROUNDS=10

# loop COMMAND...: in the background, again and again, whatever comes of it, until
# end_loops or the end of the test.
loop()
{
	touch "$TMP/loop"
	trap end_loops EXIT
	while [ -e "$TMP/loop" ]; do
		"$@" >/dev/null 2>&1
	done &
}

end_loops()
{
	rm -f "$TMP/loop"
	wait
}

refused_under_load()
{
	local i

	ok table add t key u64 value u64 on all report
	loop tripctl load t ops 5000
	loop tripctl dump t
	for ((i = 0; i < ROUNDS; i++)); do
		rmmod tripmap 2>/dev/null && fail "unloaded under load"
	done
	end_loops
	ok table del t
	rmmod_soon
	anew
}

table_comes_and_goes()
{
	tripctl table add t key u64 value bytes:300
	tripctl load t ops 2000 threads 1
	tripctl table del t
} >/dev/null 2>&1

stale_changes()
{
	echo 100000 >/sys/module/tripmap/parameters/stale_ms
	echo 4 >/sys/module/tripmap/parameters/stale_ms
}

# Requests and listeners that never end, and a table that does, beside loading and
# unloading.
clean_in_the_middle()
{
	local i

	loop tripctl table show
	loop tripctl stats
	loop tripctl report list
	loop timeout 1 tripctl monitor
	loop stale_changes
	for ((i = 0; i < ROUNDS; i++)); do
		table_comes_and_goes &
		rmmod_soon
		[ ! -e /sys/kernel/slab/tripmap_table ] || fail "its cache is still there"
		wait $!
		anew
	done
	end_loops
}

# Arrays and values that wait for their grace period do not outlive it.
right_after_growth()
{
	local i

	for ((i = 0; i < ROUNDS; i++)); do
		ok table add t key u64 value bytes:300
		ok load t ops 3000 threads 1
		ok load t ops 3000 threads 1
		ok table flush t
		ok table del t
		rmmod tripmap || fail "cannot unload"
		anew
	done
}

# Tables of a namespace go with it, and then nothing holds the module.
after_a_namespace()
{
	unshare -n bash -c '
		tripctl table add t key u64 value u64 && tripctl load t ops 3000 threads 1' \
		>/dev/null || fail "no table in a namespace of its own"
	rmmod_soon
	anew
}

stale_reported()
{
	ok -j report list class stale-writer table t
	[ "$(jq length <<<"$OUT")" = 1 ]
}

# From a day to a moment: nobody waits for the look that was due in a quarter of a day.
looked_for_at_once()
{
	anew stale_ms=86400000 allow_inject=1
	ok table add t key u32 value u32 on all report
	ok inject t forge
	echo 50 >/sys/module/tripmap/parameters/stale_ms
	wait_for 60 stale_reported
	ok repair t
	ok table del t
	anew
}

run_tests refused_under_load clean_in_the_middle right_after_growth after_a_namespace \
	looked_for_at_once
