#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# needs: tracing
#
# Advances of an iterator within its own step, as seen from outside by the
# tracepoints alone and as the module says: the same number, and none in walks that
# are legal.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kmod.sh"

HERE=$(cd "$(dirname "$0")" && pwd)

command -v bpftrace >/dev/null || skip_all "bpftrace is missing (vm.sh --with tracing)"

# watch SCENARIO [PARAMETER]...: what reentry.bt prints while it runs
watch()
{
	local failed

	cat >"$TMP/act" <<-ACT
		insmod $KO/tripmap_scenario.ko scenario=$*
		cat /sys/module/tripmap_scenario/parameters/failed >$TMP/failed
	ACT
	bpftrace -c "/bin/bash $TMP/act" "$HERE/reentry.bt" >"$TMP/seen" 2>&1 ||
		fail "bpftrace: $(cat "$TMP/seen")"
	# Not before: bpftrace finds names of functions as it prints them.
	rmmod tripmap_scenario
	failed=$(<"$TMP/failed")
	[ "$failed" = 0 ] || fail "$1: failed=$failed"
	read -r STEPS SEEN SAID < <(sed -n \
		's/^steps \([0-9]*\), within their own iterator \([0-9]*\), said by the module \([0-9]*\)$/\1 \2 \3/p' \
		"$TMP/seen")
	[ -n "${SAID-}" ] || fail "no sum: $(tail "$TMP/seen")"
}

within_its_own_step()
{
	watch reentrant-iter.same_iterator
	[ "$SEEN" -gt 0 ] || fail "nothing was seen in $STEPS steps"
	[ "$SEEN" = "$SAID" ] || fail "seen $SEEN times, said $SAID times"
	[ "$(grep -c 'at depth 2 from inner_step by insmod' "$TMP/seen")" = "$SEEN" ] ||
		fail "not told of each: $(head "$TMP/seen")"
}

within_a_step_of_another()
{
	watch reentrant-iter.another_iterator
	[ "$STEPS" -ge 2500 ] || fail "only $STEPS steps"
	[ "$SEEN $SAID" = "0 0" ] || fail "seen $SEEN times, said $SAID times"
}

# Not "legal": bpftrace hears nothing more from a CPU that went and came again.
legal_walks()
{
	watch resize137
	[ "$STEPS" -gt 0 ] || fail "no walks"
	[ "$SEEN $SAID" = "0 0" ] || fail "seen $SEEN times, said $SAID times"
}

anew report_once_ms=0
run_tests within_its_own_step within_a_step_of_another legal_walks
