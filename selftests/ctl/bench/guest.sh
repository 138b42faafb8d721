#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# guest.sh ENTRIES SINGLES TOOLS ROUNDS: the rounds of the netlink bench, in the
# virtual machine. Figures to stdout, how far it is to stderr:
#
#	ROUND OPERATION PEER ENTRIES NANOSECONDS
#
# First a warm-up, round 0. What bench_wire measures is said in its main.c. After it
# TOOLS entries go through the commands, their text included: the same IPv4 addresses
# for a table (value u32) and for a hash:ip set, which has no values.
set -euo pipefail
cd "$(dirname "$0")"

ENTRIES=$1 SINGLES=$2 TOOLS=$3 ROUNDS=$4
export LC_ALL=C

make_files()
{
	awk -v n="$TOOLS" 'BEGIN {
		print "tripmap-save 1"
		print "table bench key ipv4 value u32"
		for (i = 0; i < n; i++)
			printf "10.%d.%d.%d %d\n", i / 65536 % 256, i / 256 % 256, i % 256, i
		print "end " n
	}' >bench.tripmap
	awk -v n="$TOOLS" 'BEGIN {
		print "create bench hash:ip maxelem " n
		for (i = 0; i < n; i++)
			printf "add bench 10.%d.%d.%d\n", i / 65536 % 256, i / 256 % 256, i % 256
	}' >bench.ipset
}

# timed OPERATION PEER COMMAND...
timed()
{
	local what="$1 $2" begin=$EPOCHREALTIME end

	shift 2
	"$@" >/dev/null 2>error || { cat error >&2 && return 1; }
	end=$EPOCHREALTIME
	echo "$what $TOOLS $(((${end/./} - ${begin/./}) * 1000))"
}

# All of it came back.
lines()
{
	[ "$(wc -l <"$1")" = "$2" ] || { echo "$1 has $(wc -l <"$1") lines, not $2" >&2 && exit 1; }
}

tools()
{
	timed restore tripctl tripctl restore bench.tripmap
	timed restore ipset ipset restore -file bench.ipset
	timed save tripctl tripctl save bench saved.tripmap
	timed save ipset ipset save bench -file saved.ipset
	lines saved.tripmap $((TOOLS + 3))
	lines saved.ipset $((TOOLS + 1))
	tripctl table del bench
	ipset destroy bench
	rm saved.*
}

make_files
for ((i = 0; i <= ROUNDS; i++)); do
	{ ./bench_wire "$ENTRIES" "$SINGLES" && tools; } | sed "s/^/$i /"
	echo "round $i of $ROUNDS" >&2
done
