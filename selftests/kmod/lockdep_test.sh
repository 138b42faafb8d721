#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# lockdep_test.sh [KERNEL]: on a lockdep kernel, uses of a table that break its
# contract are told of though nothing overlaps, and uses that keep it are not.  After
# its first report lockdep looks no more, so each use that is told of has a machine of
# its own.  Runs on the host, prints TAP.
set -uo pipefail
. "$(dirname "$0")/../vm/lib.sh"
# shellcheck source=selftests/vm/tap.sh
. "$VM_DIR/tap.sh"

KERNEL=${1:-6.1-uml-debug}
WORK=$(mktemp -d "${TMPDIR:-/tmp}/tripmap-lockdep.XXXXXX")
trap 'rm -rf "$WORK"' EXIT

# How it is run, where modules are there, the kernel's log, and the rig's status when the
# kernel has complained.
if is_uml_kernel "$KERNEL"; then
	RUN=in_uml LIB=. LOG=$WORK/vm/log COMPLAINT=125
else
	RUN=in_vm LIB=/lib/tripmap LOG=$WORK/vm/console COMPLAINT=120
fi

# Leaks are looked for elsewhere: that takes longer than all the rest.
in_vm()
{
	"$VM_DIR/vm.sh" run --kernel "$KERNEL" --append kmemleak=off --log "$WORK/vm" \
		"$WORK/script"
}

in_uml()
{
	local dir=$BUILD/$KERNEL

	mkdir "$WORK/vm"
	sed -i '1i insmod tripmap.ko || exit' "$WORK/script"
	"$VM_DIR/uml.sh" --kernel "$KERNEL" --back "$WORK/vm" "$WORK/script" \
		"$dir/tripmap.ko" "$dir/selftests/kmod/tripmap_nesting.ko"
}

# uses NAME...: in one machine; the rig's verdict, its words and the log in $WORK.
uses()
{
	printf "insmod $LIB/tripmap_nesting.ko use=%s || exit\nrmmod tripmap_nesting || exit\n" \
		"$@" >"$WORK/script"
	rm -rf "$WORK/vm"
	$RUN >"$WORK/out" 2>&1
}

# has TEXT...: the log has all of them.
has()
{
	local text

	for text; do
		grep -qF -e "$text" "$LOG" || {
			echo "# not in the log: $text"
			return 1
		}
	done
}

# verdict STATUS TEXT: with the rig's words where it failed
verdict()
{
	result "$@"
	[ "$1" -eq 0 ] || tail -n 20 "$WORK/out" | sed 's/^/# /'
}

# told NAME TEXT...: lockdep says so of the guard, and nothing was counted a violation.
told()
{
	local name=$1

	shift
	uses "$name"
	[ $? -eq $COMPLAINT ] && has tripmap_guard "$@" && ! grep -q 'tripmap: write-' "$LOG"
	verdict $? "lockdep tells of $name"
}

silent()
{
	uses "$@"
	verdict $? "lockdep has nothing to say of: $*"
}

main()
{
	"$VM_DIR/modules.sh" "$KERNEL" || exit
	make -s -C "$TOP" tool >&2 || exit
	echo "TAP version 13"
	silent disabled sharded apart between
	told softirq "inconsistent lock state" "{SOFTIRQ-ON-W} -> {IN-SOFTIRQ-W}"
	told hardirq "inconsistent lock state" "{HARDIRQ-ON-W} -> {IN-HARDIRQ-W}"
	told reader "inconsistent lock state" "{SOFTIRQ-ON-W} -> {IN-SOFTIRQ-R}"
	told inverted "possible circular locking dependency"
	results_end
}

main
