#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh [time|count]...: the netlink bench, both by default, in the virtual machine.
# Text to stdout, all figures to build/bench-netlink/figures.
#
#   time   by the clock, two CPUs
#   count  by executed instructions, one CPU
#
#   ENTRIES=1000000   of the programs, many at once
#   SINGLES=20000     of the programs, one at a time
#   TOOLS=200000      of the commands
#   ROUNDS=5          in turns
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../vm/lib.sh"
ENTRIES=${ENTRIES:-1000000}
SINGLES=${SINGLES:-20000}
TOOLS=${TOOLS:-200000}
ROUNDS=${ROUNDS:-5}
OUT=$BUILD/bench-netlink

# guest NAME OPTION...
guest()
{
	local name=$1

	shift
	"$VM_DIR/vm.sh" run --modules "ip_set ip_set_hash_ip" --files "$OUT/bench_wire" --mem 1536 \
		--timeout 7200 "$@" "$here/guest.sh" "$ENTRIES" "$SINGLES" "$TOOLS" "$ROUNDS" |
		sed "s/^/$name /" >"$OUT/figures.$name"
}

[ $# -gt 0 ] || set -- time count
make -s -C "$here" O="$OUT"
rm -f "$OUT"/figures*
for name; do
	case $name in
	time) guest time ;;
	count) guest count --count ;;
	*) die "usage: run.sh [time|count]..." ;;
	esac
	cat "$OUT/figures.$name" >>"$OUT/figures"
done
"$here/report.py" "$OUT/figures"
