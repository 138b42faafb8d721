#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# torture.sh SECONDS [PARAMETER...]: run the torture in the virtual machine (modinfo
# tripmap_torture names the parameters), with an operator beside it who turns
# everything on and off and reads everything. Prints KTAP. "make torture" calls it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kmod.sh"

PARAMS=/sys/module/tripmap/parameters
FAULTS=/sys/kernel/debug
LONG=${1:?usage: torture.sh SECONDS [PARAMETER...]}
shift

set_param()
{
	echo "$2" >"$PARAMS/$1" || echo "$1=$2 is refused"
}

look()
{
	ctl "$@"
	[ "$RC" = 0 ] || echo "$LAST: exit code $RC: $ERR"
}

# One round; the torture goes on.
operate()
{
	set_param recorder "$1"
	set_param pause_stats Y
	look pause reset
	look -j pause show
	set_param recorder_share $((RANDOM % 32 + 1))
	# Less than what is there: nothing more can be had.
	set_param max_memory 4096
	look -j report list
	look -j stats
	set_param max_memory 0
	set_param window_ms $((RANDOM % 100 + 1))
	look stats prometheus
	set_param pause_stats N
	look report clear
}

running()
{
	[ "$(cat /sys/module/tripmap_torture/parameters/running)" = Y ]
} 2>/dev/null

operator()
{
	local n=0 keeps=(off on reads)

	wait_for 300 running
	while [ $n = 0 ] || running; do
		operate "${keeps[n % 3]}"
		n=$((n + 1))
	done
	set_param recorder on
	echo "# operator: $n rounds" >"$TMP/rounds"
}

# fail_allocs PERCENT: of those of threads that ask for it. False where the kernel
# has no fault injection.
fail_allocs()
{
	local dir

	for dir in $FAULTS/failslab $FAULTS/fail_page_alloc; do
		[ -d "$dir" ] || return
		echo Y >"$dir/task-filter"
		echo -1 >"$dir/times"
		echo 0 >"$dir/verbose"
		echo "$1" >"$dir/probability"
	done
	# Of those that may wait, too.
	echo N >$FAULTS/failslab/ignore-gfp-wait
	echo N >$FAULTS/fail_page_alloc/ignore-gfp-wait
	echo 0 >$FAULTS/fail_page_alloc/min-order
}

torture()
{
	local rc=0

	operator >"$TMP/operator" 2>&1 &
	ktap tripmap_torture seconds="$LONG" "$@" || rc=1
	wait $!
	cat "$TMP/rounds" || rc=1
	[ ! -s "$TMP/operator" ] || { sed 's/^/# operator: /' "$TMP/operator"; rc=1; }
	return $rc
}

anew report_once_ms=10000
! fail_allocs 3 || set -- failing=1 "$@"
torture "$@"
rc=$?
fail_allocs 0
exit $rc
