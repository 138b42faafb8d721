# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For the tests that load modules of their own; beside ctl's lib.sh.

KO=/lib/tripmap

try_rmmod()
{
	rmmod tripmap 2>/dev/null
}

# What is just ending may hold the module for a moment.
rmmod_soon()
{
	wait_for 60 try_rmmod
}

# anew [PARAMETER...]: tripmap.ko, loaded again with these parameters
# shellcheck disable=SC2120 # there need not be any
anew()
{
	[ ! -d /sys/module/tripmap ] || rmmod_soon
	insmod $KO/tripmap.ko on_violation=report "$@" || fail "cannot load: $*"
}

# ktap_loaded MODULE PARAMETER...: load a test module, print the KTAP that it left
# in the log; succeeds when all its tests did, and prints what tripmap had to say
# where not. What it prints is no diagnosis of another test, but results of its own.
# The module stays.
ktap_loaded()
{
	local module=$1 mark="tripmap selftest $RANDOM$RANDOM" log

	shift
	echo "$mark" >/dev/kmsg
	insmod "$KO/$module.ko" "$@" || { echo "not ok 1 insmod $module"; return 1; }
	log=$(dmesg -t | sed "1,/^$mark\$/d")
	grep -E '^(KTAP|1\.\.|# |ok |not ok )' <<<"$log"
	[ "$(<"/sys/module/$module/parameters/failed")" != 0 ] || return 0
	grep '^tripmap: ' <<<"$log" | sed 's/^/# /'
	return 1
}

# ktap MODULE PARAMETER...: likewise, and unload it.
ktap()
{
	local rc=0

	ktap_loaded "$@" || rc=1
	[ ! -d "/sys/module/$1" ] || rmmod "$1"
	return $rc
}

# A process that has ended, and that nobody asks after.
leave_unreaped()
{
	bash -c 'true & exec sleep 100000' >/dev/null 2>&1 &
}

# stale_for SCENARIO: how long writers may stay inside while it runs. One of them
# waits for that. In the others a writer is charged for each moment in which the host
# keeps its CPU waiting, and comes after all tasks of that CPU then.
stale_for()
{
	local ms=60000

	if [ "$1" = stale ]; then
		leave_unreaped
		ms=300
	fi
	echo $ms >/sys/module/tripmap/parameters/stale_ms
}

# as_ns_root COMMAND: root of a user namespace and its network namespace, made by
# a user.
as_ns_root()
{
	setpriv --reuid 1000 --regid 1000 --clear-groups unshare -Urn bash -c "$1"
}

# numbered FROM TO WORD...: the words, once for each number, which stands for @.
numbered()
{
	local from=$1 to=$2

	shift 2
	awk -v from="$from" -v to="$to" -v words="$*" 'BEGIN {
		for (n = from; n <= to; n++) { line = words; gsub(/@/, n, line); print line } }'
}

# counter NAME: of all tables, in N
counter()
{
	ok -j stats
	N=$(jq ".[\"$1\"]" <<<"$OUT")
}

# held BYTES: that is what all tables hold
held()
{
	counter memory-all
	[ "$N" = "$1" ]
}

# Tables hold no memory any more.
nothing_held()
{
	held 0
}

# Allocations can be failed one by one, also those that may wait and single pages;
# nothing is said of it. Where the kernel cannot, all tests are skipped.
faults_set_up()
{
	local kind debug=/sys/kernel/debug

	[ -e /proc/thread-self/fail-nth ] ||
		skip_all "the kernel has no fail-nth (CONFIG_FAULT_INJECTION_DEBUG_FS)"
	for kind in failslab fail_page_alloc; do
		[ -d $debug/$kind ] || skip_all "the kernel has no $kind"
		echo N >$debug/$kind/ignore-gfp-wait
		echo 0 >$debug/$kind/verbose
	done
	echo 0 >$debug/fail_page_alloc/min-order
}
