# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For the tests that load modules of their own; beside ctl's lib.sh.

KO=/lib/tripmap

# anew [PARAMETER...]: tripmap.ko, loaded again with these parameters
# shellcheck disable=SC2120 # there need not be any
anew()
{
	[ ! -d /sys/module/tripmap ] || rmmod tripmap || fail "cannot unload"
	insmod $KO/tripmap.ko on_violation=report "$@" || fail "cannot load: $*"
}

# ktap_loaded MODULE PARAMETER...: load a test module, print the KTAP that it left
# in the log; succeeds when all its tests did. What it prints is no diagnosis of
# another test, but results of its own. The module stays.
ktap_loaded()
{
	local module=$1 mark="tripmap selftest $RANDOM$RANDOM"

	shift
	echo "$mark" >/dev/kmsg
	insmod "$KO/$module.ko" "$@" || { echo "not ok 1 insmod $module"; return 1; }
	dmesg -t | sed "1,/^$mark\$/d" | grep -E '^(KTAP|1\.\.|# |ok |not ok )'
	[ "$(<"/sys/module/$module/parameters/failed")" = 0 ]
}

# ktap MODULE PARAMETER...: likewise, and unload it.
ktap()
{
	local rc=0

	ktap_loaded "$@" || rc=1
	[ ! -d "/sys/module/$1" ] || rmmod "$1"
	return $rc
}

# stale_for SCENARIO: how long writers may stay inside while it runs. One of them
# waits for that; the others may be slow, on a slow machine.
stale_for()
{
	local ms=10000

	[ "$1" != stale ] || ms=300
	echo $ms >/sys/module/tripmap/parameters/stale_ms
}
