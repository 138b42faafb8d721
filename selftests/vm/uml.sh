#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# uml.sh [--kernel 6.1-uml|6.1-uml-debug] [--mem MIB] [--back DIR] SCRIPT [FILE]...: run a
# script for busybox's shell in User-Mode Linux: a kernel that is a process of this
# machine, at its full speed, with one CPU. It is built first where need be
# (debug-kernel.sh).
#
# The script runs in a folder of the host that holds the FILEs; what it leaves there
# is copied to DIR, the kernel's log among it. What it prints is printed, while it
# runs. It fails when the script does, or when the kernel has warned, or leaked.
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"

# What the kernel says when something is wrong.
TROUBLE='BUG|WARNING|Oops|Call Trace|INFO: |UBSAN'

KERNEL=6.1-uml MEM=2048 BACK=""
while [ $# -ge 2 ]; do
	case $1 in
	--kernel) KERNEL=$2 ;;
	--mem) MEM=$2 ;;
	--back) BACK=$2 ;;
	*) break ;;
	esac
	shift 2
done
[ -e "${1-}" ] || die "usage: uml.sh [--kernel NAME] [--mem MIB] [--back DIR] SCRIPT [FILE]..."
WORK=$(mktemp -d "${TMPDIR:-/tmp}/tripmap-uml.XXXXXX")
mkdir "$WORK/mem"
UML="" TAIL=""

cleanup()
{
	[ -z "$UML" ] || kill -9 "$UML" 2>/dev/null || :
	[ -z "$TAIL" ] || kill "$TAIL" 2>/dev/null || :
	rm -rf "$WORK"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Its own shell, and a way to the folder.
make_initrd()
{
	local root=$WORK/root userland

	userland=$("$VM_DIR/fetch.sh" userland)
	mkdir -p "$root/bin" "$root/host" "$root/proc" "$root/sys" "$root/dev" "$root/tmp"
	cp "$userland/root/bin/busybox" "$root/bin/"
	cat >"$root/init" <<-INIT
		#!/bin/busybox sh
		/bin/busybox --install -s /bin
		export PATH=/bin
		mount -t proc proc /proc
		mount -t sysfs sys /sys
		mount -t devtmpfs dev /dev
		mount -t debugfs debug /sys/kernel/debug
		mount -t hostfs -o "$WORK/share" none /host
		cd /host
		cat /dev/kmsg >log 2>/dev/null &
		leaks=/sys/kernel/debug/kmemleak
		[ ! -e \$leaks ] || echo clear >\$leaks
		# Its own forks walk the memory map without a lock, and lockdep says so, once.
		(:)
		echo "uml: begin of \$\$" >/dev/kmsg
		sh -u ./script >out 2>&1
		status=\$?
		echo "uml: end of \$\$" >/dev/kmsg
		for i in \$(seq 100); do
			grep -q "uml: end of \$\$" log && break
			sleep 0.1
		done
		sed "1,/uml: begin of \$\$/d" log | grep -E '$TROUBLE' >complaints
		# A reader that is too slow has lost some, and reads no more.
		for mark in begin end; do
			grep -q "uml: \$mark of \$\$" log || echo "the log lacks its \$mark" >>complaints
		done
		# It tells of nothing that is younger than five seconds, and a pointer
		# found by chance may hide a leak from one scan.
		if [ -e \$leaks ]; then
			sleep 6
			echo scan >\$leaks
			echo scan >\$leaks
			cat \$leaks >>complaints
		fi
		[ ! -s complaints ] || status=99
		echo \$status >status
		cd / && umount /host 2>/dev/null
		poweroff -f
	INIT
	chmod 755 "$root/init"
	(cd "$root" && find . | cpio --quiet -o -H newc -R 0:0) >"$WORK/initrd"
}

# A kernel sees its memory through large pages; so does this one, where root runs it.
# loglevel: what its devices say at boot is of no interest.
start()
{
	local large=()

	if unshare -m sh -c "mount -t tmpfs -o huge=always memory '$WORK/mem'" 2>/dev/null; then
		large=(unshare -m sh -c
			'mount -t tmpfs -o huge=always memory mem && TMPDIR=$PWD/mem exec "$@"' sh)
	else
		echo "uml: no large pages for its memory" >&2
	fi
	(cd "$WORK" && HOME=$WORK exec "${large[@]}" "$1/boot/linux" "mem=${MEM}M" "uml_dir=$WORK/uml/" \
		"initrd=$WORK/initrd" con=null con0=null,fd:1 ssl=null quiet loglevel=2 \
		log_buf_len=4M panic=-1) </dev/null >"$WORK/console" 2>&1 &
	UML=$!
}

verdict()
{
	local status

	status=$(cat "$WORK/share/status" 2>/dev/null) || :
	[ "$status" = 0 ] && return 0
	tail -n 5 "$WORK/console" >&2
	cat "$WORK/share/complaints" >&2 2>/dev/null || grep -E "$TROUBLE" "$WORK/share/log" >&2 || :
	grep 'tripmap' "$WORK/share/log" 2>/dev/null | grep -v 'tripmap_kbench: [0-9]' | tail -n 5 >&2 || :
	[ -z "$BACK" ] || cp -r "$WORK/share/." "$BACK/"
	die "the script ended with status ${status:-none: the kernel did not come to its end}"
}

script=$1
shift
dir=$("$VM_DIR/debug-kernel.sh" "$KERNEL")
mkdir -p "$WORK/share"
make_initrd
cp "$script" "$WORK/share/script"
[ $# = 0 ] || cp -r "$@" "$WORK/share/"
: >"$WORK/share/out"
tail -n +1 -f "$WORK/share/out" &
TAIL=$!
start "$dir"
wait "$UML" || :
UML=""
sleep 1.1 # tail looks once a second
verdict
[ -z "$BACK" ] || cp -r "$WORK/share/." "$BACK/"
