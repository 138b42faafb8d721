#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# crash.sh [KERNEL]: does what was seen outlive the machine? A machine panics, and
# another boots with its memory, as after a reset: pstore must have the last report
# and the events before it. Prints TAP.
#
# What ramoops needs is as in Documentation/tracing.rst.
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"

KERNEL=${1:-6.1}
WORK=$(mktemp -d "${TMPDIR:-/tmp}/tripmap-crash.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
N=0 FAILED=0
END="Kernel panic - not syncing"

# What an operator writes on the kernel's command line. panic_print=0: the rig's
# list of tasks would come after the last words.
RAMOOPS="memmap=1M\$512M ramoops.mem_address=0x20000000 ramoops.mem_size=0x100000"
RAMOOPS+=" ramoops.record_size=0x20000 pstore.kmsg_bytes=65536 panic_print=0"

# boot OPTION...: the script on stdin, in a machine whose memory stays
boot()
{
	cat >"$WORK/script"
	rm -rf "$WORK/vm"
	"$VM_DIR/vm.sh" run --kernel "$KERNEL" --ram "$WORK/ram" --modules ramoops \
		--append "$RAMOOPS" --log "$WORK/vm" "$@" "$WORK/script" \
		>"$WORK/out" 2>"$WORK/err"
}

# All that pstore has, in $WORK/kept.
boot_again()
{
	boot --no-module <<-'SCRIPT' || { echo "the second boot: status $?"; return 1; }
		mount -t pstore pstore /sys/fs/pstore || exit
		cat /sys/fs/pstore/dmesg-ramoops-* || exit
	SCRIPT
	sed 's/^<[0-9]*>\[ *[0-9.]*\] //' "$WORK/out" >"$WORK/kept"
}

# kept PATTERN...: pstore has a line with each, in this order.
kept()
{
	local pattern from=1 at

	for pattern; do
		at=$(sed -n "$from,\$p" "$WORK/kept" | grep -n -m 1 -e "$pattern" | cut -d: -f1)
		[ -n "$at" ] || { echo "not kept, or not in this order: $pattern"; return 1; }
		from=$((from + at - 1))
	done
}

# As many events are there as the heading says, and as there should be at least.
kept_events()
{
	local said found

	# Each is a line of its own, and the report comes after them.
	said=$(sed -n 's/^tripmap: the last \([0-9]*\) events:$/\1/p' "$WORK/kept")
	found=$(sed -n '/^tripmap: the last [0-9]* events:$/,/^tripmap: the last report/p' \
		"$WORK/kept" | grep -c '^tripmap: event ' || :)
	[ "${said:-0}" -ge "$1" ] || { echo "events: ${said:-no heading}, not $1"; return 1; }
	[ "$found" = "$said" ] || { echo "$said events are announced, $found are there"; return 1; }
}

# A report with both of its parties, after the events. Either may store or delete.
BOTH=("tripmap: the last " "tripmap: the last report, number" "tripmap: write-during-"
	"tripmap: victim: [a-z]* by session_" "tripmap: other party: [a-z]* by session_"
	"tripmap: time: ")

# The machine dies of the violation itself.
panic_on_warn()
{
	boot --params "recorder_share=1" --expect-panic "tripmap: write-during-" <<-'SCRIPT' || return
		echo 1 >/proc/sys/kernel/panic_on_warn
		tripctl table add load key u64 value u64
		tripctl load load ops 50 threads 1
		insmod /lib/tripmap/tripmap_scenario.ko scenario=writers.parked action=warn
	SCRIPT
	boot_again || return
	kept "$END" "${BOTH[@]}" || return
	kept_events 64
}

# It dies of something else, later: the last of two reports is told of, with both
# parties.
sysrq_after_a_report()
{
	boot --params "on_violation=report recorder_share=1 panic_events=128" \
		--expect-panic "sysrq triggered crash" <<-'SCRIPT' || return
		insmod /lib/tripmap/tripmap_scenario.ko scenario=reentrant-iter.same_iterator
		rmmod tripmap_scenario
		insmod /lib/tripmap/tripmap_scenario.ko scenario=writers.parked action=report
		tripctl table add load key u64 value u64
		tripctl load load ops 200 threads 1
		echo c >/proc/sysrq-trigger
	SCRIPT
	boot_again || return
	kept "$END" "${BOTH[@]}" || return
	! grep -F "number 1:" "$WORK/kept" || return
	kept_events 128
}

# Where nothing was seen nothing is said.
nothing_to_tell()
{
	boot --params "recorder=off" --expect-panic "sysrq triggered crash" <<-'SCRIPT' || return
		echo c >/proc/sysrq-trigger
	SCRIPT
	boot_again || return
	kept "$END" || return
	! grep 'tripmap: the last' "$WORK/kept"
}

check()
{
	N=$((N + 1))
	rm -f "$WORK/ram" "$WORK/kept"
	if "$1" >"$WORK/why"; then
		echo "ok $N $1"
	else
		FAILED=$((FAILED + 1))
		echo "not ok $N $1"
		sed 's/^/# /' "$WORK/why" "$WORK/err"
		tail -n 60 "$WORK/kept" "$WORK/vm/console" 2>/dev/null | sed 's/^/# /'
	fi
}

echo "1..3"
check panic_on_warn
check sysrq_after_a_report
check nothing_to_tell
[ $FAILED = 0 ]
