#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The torture, a short time of each of some mixes; "make torture" has as much of it
# as one likes.
. "$(dirname "$0")/lib.sh"

LONG=20

torture()
{
	bash "$(dirname "$0")/torture.sh" $LONG "$@"
}

# What is wrong is said, and nothing runs.
wrong_parameters()
{
	local given all=(seconds=0 keys=1 nwriters=33 tables=nonsense "tables=raced,nonsense")

	for given in "${all[@]}"; do
		insmod /lib/tripmap/tripmap_torture.ko "$given" 2>/dev/null && fail "takes $given"
	done
	dmesg | grep -o "tripmap-torture: [a-z]*=" | tail -n ${#all[@]} >"$TMP/said"
	printf 'tripmap-torture: %s=\n' "${all[@]%%=*}" | cmp - "$TMP/said" ||
		fail "does not say what was wrong: $(<"$TMP/said")"
}

rc=0
torture || rc=1
# Most of the writers should not be there.
torture tables=raced,raced-irq,exclusive-raced,owner-raced nillegal=4 nwriters=2 nchurn=0 || rc=1
# Only tables that keep their writers apart themselves, small, so that they meet.
torture tables=sharded,sharded-clear,one-shard,rwlock,snapshot,split keys=128 nwriters=6 \
	nillegal=0 phase_ms=300 || rc=1
run_tests wrong_parameters || rc=1
exit $rc
