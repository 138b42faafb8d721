#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Entries a second through `tripctl restore` and `ipset restore`, side by side:
#
#   make vm RUN=selftests/ctl/bench_restore.sh MODULES="ip_set ip_set_hash_ip"
#
# The same IPv4 addresses go into a table (value u32) and into a hash:ip set
# with counters off, in turns; each figure is the whole command, parsing of its
# text included.  No verdict: emulated machines show ratios, not speed.
set -euo pipefail

ENTRIES=${ENTRIES:-200000}
ROUNDS=${ROUNDS:-5}
export LC_ALL=C

make_files()
{
	awk -v n="$ENTRIES" 'BEGIN {
		print "tripmap-save 1"
		print "table bench key ipv4 value u32"
		for (i = 0; i < n; i++)
			printf "10.%d.%d.%d %d\n", i / 65536 % 256, i / 256 % 256, i % 256, i
		print "end " n
	}' >/tmp/bench.tripmap
	awk -v n="$ENTRIES" 'BEGIN {
		print "create bench hash:ip maxelem " n
		for (i = 0; i < n; i++)
			printf "add bench 10.%d.%d.%d\n", i / 65536 % 256, i / 256 % 256, i % 256
	}' >/tmp/bench.ipset
}

# seconds COMMAND...: how long it took
seconds()
{
	local start=$EPOCHREALTIME
	"$@" >/dev/null
	awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.6f\n", b - a }'
}

round()
{
	tripctl table del bench 2>/dev/null || true
	ipset destroy bench 2>/dev/null || true
	echo "$(seconds tripctl restore /tmp/bench.tripmap) $(seconds ipset restore -file /tmp/bench.ipset)"
}

# Column $1 of the rounds: min, median, max of entries a second
summary()
{
	awk -v c="$1" -v n="$ENTRIES" '{ print n / $c }' /tmp/bench.rounds | sort -n |
		awk '{ v[NR] = $1 } END { printf "%12d %12d %12d", v[1], v[int((NR + 1) / 2)], v[NR] }'
}

make_files
round >/dev/null
: >/tmp/bench.rounds
for ((i = 1; i <= ROUNDS; i++)); do
	round >>/tmp/bench.rounds
	echo "round $i of $ROUNDS" >&2
done

echo "$ENTRIES entries, $ROUNDS rounds in turns, entries a second"
printf '%-16s %12s %12s %12s\n' "" min median max
printf '%-16s %s\n' "tripctl restore" "$(summary 1)"
printf '%-16s %s\n' "ipset restore" "$(summary 2)"
awk '{ print $2 / $1 }' /tmp/bench.rounds | sort -n |
	awk '{ v[NR] = $1 } END { printf "%-16s %12.2f %12.2f %12.2f\n", "ours / theirs", v[1], v[int((NR + 1) / 2)], v[NR] }'
tripctl table del bench
ipset destroy bench
