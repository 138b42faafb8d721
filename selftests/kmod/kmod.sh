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

# ktap MODULE PARAMETER...: load a test module, print the KTAP that it left in
# the log; succeeds when all its tests did. What it prints is no diagnosis of
# another test, but results of its own.
ktap()
{
	local module=$1 mark="tripmap selftest $RANDOM$RANDOM" failed

	shift
	echo "$mark" >/dev/kmsg
	insmod "$KO/$module.ko" "$@" || { echo "not ok 1 insmod $module"; return 1; }
	dmesg -t | sed "1,/^$mark\$/d" | grep -E '^(KTAP|1\.\.|# |ok |not ok )'
	failed=$(<"/sys/module/$module/parameters/failed")
	rmmod "$module"
	[ "$failed" = 0 ]
}
