#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh [tables|parts|locks|cost]...: the kernel bench, all of it by default, in
# User-Mode Linux on this machine. Text to stdout, and all figures as JSON to
# build/bench-kernel/results.json.
#
#   tables  tripmap beside rhashtable, hashtable.h and XArray
#   parts   what each part of tripmap costs, by leaving it out
#   locks   the guard beside locks and counters
#   cost    what observation costs at 10 000 operations a second
#
#   SIZES="1000 100000 1000000"   entries of "tables"
#   ROUNDS=7                      how often each is timed, in turns
#   MEM=4096                      MiB
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../vm/lib.sh"
SIZES=${SIZES:-1000 100000 1000000}
ROUNDS=${ROUNDS:-7}
MEM=${MEM:-4096}
OUT=$BUILD/bench-kernel
FIGURES=$OUT/figures

# build NAME [VARIABLE=VALUE]: the module, in a tree of its own unless it is whole
build()
{
	local tree=$BUILD name=$1

	shift
	[ $# = 0 ] || tree=$BUILD/without-$name
	env TRIPMAP_BUILD="$tree" "$@" "$VM_DIR/modules.sh" 6.1-uml
	strip -g -o "$OUT/$name.ko" "$tree/6.1-uml/tripmap.ko"
	strip -g -o "$OUT/tripmap_kbench.ko" "$tree/6.1-uml/selftests/bench/tripmap_kbench.ko"
}

# What each guest begins with: measure VARIANT MODULE "PARAMETERS" BENCH-PARAMETER...
# Figures get the variant's name in front.
guest()
{
	cat <<-'GUEST'
		set -e
		measure()
		{
			local variant=$1 module=$2 params=$3

			shift 3
			insmod "$module" $params
			dmesg -c >/dev/null
			insmod tripmap_kbench.ko "$@" || {
				dmesg
				exit 1
			}
			dmesg -c | sed -n "s/^.*tripmap_kbench: /$variant /p" >>figures
			rmmod tripmap_kbench
			rmmod tripmap
		}
	GUEST
	cat
}

# in_guest NAME MODULE...: runs what stdin says
in_guest()
{
	local name=$1 back=$OUT/back

	shift
	guest >"$OUT/$name.sh"
	rm -rf "$back" && mkdir "$back"
	"$VM_DIR/uml.sh" --mem "$MEM" --back "$back" "$OUT/$name.sh" "$OUT/tripmap_kbench.ko" "$@"
	sed "s/^/$name /" "$back/figures" >>"$FIGURES"
}

run_tables()
{
	build tripmap
	in_guest tables "$OUT/tripmap.ko" <<-GUEST
		for n in $SIZES; do
			echo "tables: \$n entries, $ROUNDS rounds"
			measure tables tripmap.ko "" entries=\$n rounds=$ROUNDS
		done
	GUEST
}

run_parts()
{
	build tripmap
	build events TRIPMAP_EVENTS=n
	build guard TRIPMAP_WITHOUT=guard
	build version TRIPMAP_WITHOUT=version
	in_guest parts "$OUT/"{tripmap,events,guard,version}.ko <<-GUEST
		off="recorder=off pause_stats=off"
		for i in \$(seq $ROUNDS); do
			echo "parts: round \$i of $ROUNDS"
			set -- rounds=5 others=N # the least of them is one figure
			measure off tripmap.ko "\$off" "\$@"
			measure without-events events.ko "\$off" "\$@"
			measure without-guard guard.ko "\$off" "\$@"
			measure without-version version.ko "\$off" "\$@"
			measure statistics-32 tripmap.ko "recorder=off pause_stats=on" "\$@"
			measure recorder-32 tripmap.ko "recorder=on" "\$@"
			measure recorder-1 tripmap.ko "recorder=on recorder_share=1" "\$@"
			measure both-1 tripmap.ko "recorder=reads pause_stats=on recorder_share=1" "\$@"
		done
	GUEST
}

run_locks()
{
	build tripmap
	in_guest locks "$OUT/tripmap.ko" <<-GUEST
		echo "locks: $ROUNDS rounds"
		measure locks tripmap.ko "recorder=off" run=locks rounds=$ROUNDS
	GUEST
}

run_cost()
{
	build tripmap
	in_guest cost "$OUT/tripmap.ko" <<-GUEST
		for i in \$(seq $ROUNDS); do
			echo "cost: round \$i of $ROUNDS"
			measure off tripmap.ko "recorder=off pause_stats=off" run=paced rounds=1
			measure recorder-32 tripmap.ko "recorder=on" run=paced rounds=1
			measure both-32 tripmap.ko "recorder=on pause_stats=on" run=paced rounds=1
			measure both-1 tripmap.ko "recorder=reads pause_stats=on recorder_share=1" \
				run=paced rounds=1
		done
	GUEST
}

mkdir -p "$OUT"
rm -f "$FIGURES"
[ $# -gt 0 ] || set -- tables parts locks cost
for part in "$@"; do
	case $part in
	tables | parts | locks | cost) "run_$part" >&2 ;;
	*) die "no such part: $part (tables, parts, locks, cost)" ;;
	esac
done
"$here/report.py" "$FIGURES" --json "$OUT/results.json"
