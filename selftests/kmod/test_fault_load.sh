#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Memory runs out at each allocation in turn, of the module's own while it is loaded:
# it is refused then and nothing of it is left, or it does without and works.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kmod.sh"

FAILING=/sys/module/tripmap_failing/parameters

# A family that was left would not let the next load register its own.
nothing_left()
{
	local f

	for f in /sys/module/tripmap /sys/kernel/slab/tripmap* /sys/kernel/debug/tripmap* \
			/sys/kernel/tracing/events/tripmap /proc/tripmap* /proc/net/tripmap*; do
		[ ! -e "$f" ] || fail "left behind: $f"
	done
}

works()
{
	printf '%s\n' "table add t key u32 value u32" "set t 1 2" "get t 1" "table del t" >"$TMP/use"
	ok -b "$TMP/use"
	is 2
}

# load_failing NTH PARAMETER...: LOADED says whether it was, LEFT what is left of NTH
load_failing()
{
	local nth=$1 result

	shift
	echo "$nth" >"$FAILING/nth"
	echo 1 >"$FAILING/result"
	LOADED=yes
	insmod "$KO/tripmap.ko" "$@" 2>"$TMP/err" || LOADED=no
	LEFT=$(<"$FAILING/left")
	result=$(<"$FAILING/result")
	echo "allocation $nth: loaded: $LOADED, init returned $result"
	if [ "$LOADED" = yes ]; then
		[ "$result" = 0 ] || fail "and nobody asked its init"
		works
		rmmod tripmap || fail "cannot unload"
	else
		[ "$result" = -12 ] || fail "not ENOMEM: $(<"$TMP/err")"
		nothing_left
	fi
}

# Until there is none left to fail.
each_fails()
{
	local nth=0 refused=0

	LEFT=0
	while [ "$LEFT" = 0 ]; do
		nth=$((nth + 1))
		load_failing "$nth" "$@"
		[ "$LOADED" = yes ] || refused=$((refused + 1))
	done
	echo "# $((nth - 1)) allocations failed, $refused times it was not loaded" >&3
	[ "$refused" -gt 0 ] || fail "nothing ever failed"
	[ "$LOADED" = yes ] || fail "refused, though nothing failed"
}

# With all that can be switched on, and little of each: less to fail one by one.
all_switched_on()
{
	each_fails recorder=reads recorder_events=64 pause_stats=1
	echo 0 >"$FAILING/nth"
	anew
}

# The kernel shows the stack where it has no memory for a cache; "lockdep" there is of
# names of functions.
announce_stacks()
{
	local lines

	mapfile -t lines < <(dmesg | tripmap-normalise |
		sed -n '/^kmem_cache_create.*(tripmap_table) failed with error /,/<\/TASK>/p' |
		grep lockdep | sort -u)
	[ ${#lines[@]} = 0 ] || tripmap-expect "${lines[@]}"
}

faults_set_up
rmmod tripmap || fail "cannot unload"
insmod $KO/tripmap_failing.ko || fail "cannot load"
run_tests all_switched_on 3>&1
rc=$?
announce_stacks
rmmod tripmap_failing
anew
exit $rc
