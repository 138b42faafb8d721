#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# bench_events.sh [check] [KERNEL]: what observation costs an operation, in
# instructions that a virtual machine counts. Runs on the host.
#
# Four times in one machine: a build without events (TRIPMAP_EVENTS=n); the usual
# one with recorder and statistics off; with both on and one write in 16 observed;
# with both on and every write observed. Each operation runs 1001 times: least,
# median, mean and most, and the mean and the spread as ratios to what is off.
#
# check: print TAP instead. Off costs a store, an insert, a delete and a lookup less
# than 1 % over the build without events. On, at the usual share, a store costs
# less than 15 % over off.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../vm/lib.sh"
CHECK=""
[ "${1-}" != check ] || { CHECK=yes && shift; }
KERNEL=${1:-6.1}
WORK=$(mktemp -d "${TMPDIR:-/tmp}/tripmap-bench.XXXXXX")
trap 'rm -rf "$WORK"' EXIT

build()
{
	"$VM_DIR/modules.sh" "$KERNEL"
	TRIPMAP_BUILD=$BUILD/no-events TRIPMAP_EVENTS=n "$VM_DIR/modules.sh" "$KERNEL"
	strip -g -o "$WORK/without.ko" "$BUILD/no-events/$KERNEL/tripmap.ko"
}

# In the machine: "CASE OPERATION LEAST MEDIAN MEAN MOST", a line each.
measure()
{
	cat >"$WORK/guest" <<-'GUEST'
		measure()
		{
			local name=$1 module=$2 mark="measures $1"

			shift 2
			insmod "$module" "$@" || exit
			echo "$mark" >/dev/kmsg
			insmod /lib/tripmap/tripmap_bench.ko && rmmod tripmap_bench || exit
			dmesg -t | sed "1,/^$mark\$/d" | sed -n "s/^tripmap_bench: /$name /p"
			rmmod tripmap
		}
		measure without ./without.ko
		measure off /lib/tripmap/tripmap.ko recorder=off pause_stats=off
		measure on-32 /lib/tripmap/tripmap.ko recorder=on pause_stats=on recorder_share=32
		measure on-1 /lib/tripmap/tripmap.ko recorder=on pause_stats=on recorder_share=1
	GUEST
	"$VM_DIR/vm.sh" run --kernel "$KERNEL" --count --no-module --files "$WORK/without.ko" \
		"$WORK/guest" >"$WORK/figures"
}

table()
{
	awk '
		{ line[NR] = $0 }
		$1 == "off" { off[$2] = $5 }
		END {
			printf "%-10s %-14s %7s %7s %7s %7s   %s\n", "observed", "operation",
				"least", "median", "mean", "most", "of off"
			for (i = 1; i <= NR; i++) {
				split(line[i], f, " ")
				if (f[2] == "hundred-nops") continue
				o = off[f[2]]
				printf "%-10s %-14s %7d %7d %7d %7d   %.3f (%.3f to %.3f)\n", f[1], f[2],
					f[3], f[4], f[5], f[6], f[5] / o, f[3] / o, f[6] / o
			}
		}' "$WORK/figures"
}

figure()
{
	awk -v c="$1" -v o="$2" -v n="$3" '$1 == c && $2 == o { print $n }' "$WORK/figures"
}

# at_most CASE OPERATION COLUMN OTHER-CASE PERMILLE: no more than that over it
at_most()
{
	local a b

	N=$((N + 1))
	a=$(figure "$1" "$2" "$3") b=$(figure "$4" "$2" "$3")
	[ $((a * 1000)) -le $((b * (1000 + $5))) ] || { FAILED=$((FAILED + 1)) && printf 'not '; }
	echo "ok $N $2 $1: $a instructions, $b $4"
}

# The counter counts instructions, or all of this is about something else.
counts_instructions()
{
	N=$((N + 1))
	[ "$(awk '$2 == "hundred-nops" { print $3, $6 }' "$WORK/figures" | sort -u)" = "100 100" ] ||
		{ FAILED=$((FAILED + 1)) && printf 'not '; }
	echo "ok $N a hundred instructions are counted as such"
}

# share_of_a_cpu CASE OPERATION PER-SECOND PPM: what observing costs, at most
share_of_a_cpu()
{
	local ppm

	N=$((N + 1))
	ppm=$((($(figure "$1" "$2" 5) - $(figure off "$2" 5)) * $3 / 1000))
	[ $ppm -le "$4" ] || { FAILED=$((FAILED + 1)) && printf 'not '; }
	echo "ok $N $3 x $2 $1 a second: $ppm millionths of a CPU"
}

judge()
{
	local op

	N=0 FAILED=0
	echo "1..7"
	table | sed 's/^/# /'
	counts_instructions
	for op in store insert delete lookup; do
		at_most off $op 4 without 10
	done
	at_most on-32 store 5 off 150
	share_of_a_cpu on-32 store 10000 12000
	[ $FAILED = 0 ]
}

build
measure
if [ -n "$CHECK" ]; then
	judge
else
	table
fi
