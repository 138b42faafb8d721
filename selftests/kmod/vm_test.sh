#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# vm_test.sh KERNEL: what ends the machine, or takes a process with it, so that
# each case has a machine of its own. Runs on the host, prints TAP.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
KERNEL=${1:?usage: vm_test.sh KERNEL}
WORK=$(mktemp -d "${TMPDIR:-/tmp}/tripmap-vm-test.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
N=0 FAILED=0

# run WANTED-STATUS OPTION...: the script on stdin; its output is in $WORK/out,
# the rig's words in $WORK/err, the console's in $WORK/vm/console.
run()
{
	local wanted=$1 rc=0

	shift
	cat >"$WORK/script"
	rm -rf "$WORK/vm"
	"$here/../vm/vm.sh" run --kernel "$KERNEL" --log "$WORK/vm" "$@" "$WORK/script" \
		>"$WORK/out" 2>"$WORK/err" || rc=$?
	[ $rc = "$wanted" ] || { echo "status $rc, not $wanted"; return 1; }
}

# has FILE TEXT: the file has it.
has()
{
	grep -qF -e "$2" "$WORK/$1" || { echo "not in $1: $2"; return 1; }
}

# precedes FIRST SECOND: so stand the first lines that have them in the console.
precedes()
{
	local first second

	first=$(grep -nF -m 1 -e "$1" "$WORK/vm/console" | cut -d: -f1)
	second=$(grep -nF -m 1 -e "$2" "$WORK/vm/console" | cut -d: -f1)
	if [ -z "$first" ] || [ -z "$second" ] || [ "$first" -ge "$second" ]; then
		echo "not in this order in the log: $1; $2"
		return 1
	fi
}

# Under panic_on_warn nothing follows the WARN: both halves must be there before.
panic_on_warn()
{
	local end="Kernel panic - not syncing" part named

	run 0 --expect-panic "tripmap: write-during-" <<-'SCRIPT' || return
		echo 8 >/proc/sys/kernel/printk
		echo 1 >/proc/sys/kernel/panic_on_warn
		insmod /lib/tripmap/tripmap_scenario.ko scenario=writers.parked action=warn
	SCRIPT
	for part in "table sessions" "stack of the victim:" "stack of the other party:" \
			session_store; do
		precedes "$part" "$end" || return
	done
	# Both call sites, and each in its stack.
	named=$(sed "/$end/q" "$WORK/vm/console" | grep -c 'session_store.*\[tripmap_scenario\]')
	[ "$named" -ge 4 ] || { echo "session_store is named $named times only"; return 1; }
}

# A BUG over netlink ends the process and nothing else: families come and go as
# before, and this one answers. The module stays, and the kernel is tainted.
bug_over_netlink()
{
	run 120 --modules team <<-'SCRIPT' || return
		echo 0 >/proc/sys/kernel/panic_on_oops
		tripctl table add t key u64 value u64 on all bug || exit
		for i in 1 2 3 4 5 6 7 8 9 10; do
			tripctl load t ops 20000 >/dev/null 2>&1
			dmesg | grep -q 'kernel BUG at' && break
		done
		dmesg | grep -c 'kernel BUG at' >/dev/null && echo bugged
		timeout 20 tripctl features >/dev/null && echo answers
		timeout 20 tripctl -j table show t | grep -q '"violations"' && echo shows
		timeout 20 rmmod team && timeout 20 insmod /lib/stock/team.ko && echo families
		tripctl table set t on all report
		timeout 60 tripctl load t ops 100 threads 1 >/dev/null && echo writes
		timeout 20 tripctl table del t && echo deletes
	SCRIPT
	[ "$(tr '\n' ' ' <"$WORK/out")" = "bugged answers shows families writes deletes " ] ||
		{ echo "did only: $(tr '\n' ' ' <"$WORK/out")"; return 1; }
	has err "kernel BUG at kmod/observe/report_emit.c" || return
	has err "tripmap cannot be unloaded" || return
	if grep -E 'complains: log: .*(KASAN|lockdep|INFO: |WARNING|stall)' "$WORK/err"; then
		return 1
	fi
}

check()
{
	N=$((N + 1))
	if "$1" >"$WORK/why"; then
		echo "ok $N $1"
	else
		FAILED=$((FAILED + 1))
		echo "not ok $N $1"
		sed 's/^/# /' "$WORK/why" "$WORK/err"
		tail -n 40 "$WORK/vm/console" 2>/dev/null | sed 's/^/# console: /'
	fi
}

echo "1..2"
check panic_on_warn
check bug_over_netlink
[ $FAILED = 0 ]
