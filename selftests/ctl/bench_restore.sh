#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Entries a second through `tripctl` and `ipset`, restore and save, and through a BPF
# hash map's batches, side by side:
#
#   make vm RUN=selftests/ctl/bench_restore.sh MODULES="ip_set ip_set_hash_ip" \
#           FILES=selftests/ctl/bench_bpf.py
#
# The same IPv4 addresses go into a table (value u32), into a hash:ip set with
# counters off, and into the map (value u32), in turns; each figure of a tool is the
# whole command, parsing of its text included, and what came back has to be all of
# it.  BPF's are the calls alone.  No verdict: emulated machines show ratios, not
# speed.
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

# Seconds of the six, in the order of the table below.
round()
{
	tripctl table del bench 2>/dev/null || true
	ipset destroy bench 2>/dev/null || true
	echo "$(seconds tripctl restore /tmp/bench.tripmap) $(seconds ipset restore -file /tmp/bench.ipset)" \
		"$(seconds tripctl save bench /tmp/bench.saved) $(seconds ipset save bench -file /tmp/bench.ipsaved)" \
		"$(python3 /root/bench_bpf.py "$ENTRIES")"
	[ "$(wc -l </tmp/bench.saved)" = $((ENTRIES + 3)) ]
	[ "$(wc -l </tmp/bench.ipsaved)" = $((ENTRIES + 1)) ]
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
names=("tripctl restore" "ipset restore" "tripctl save" "ipset save" "bpf update" "bpf lookup")
for c in "${!names[@]}"; do
	printf '%-16s %s\n' "${names[c]}" "$(summary $((c + 1)))"
done

# ratio OTHER OURS: columns; how many times as fast the second one is
ratio()
{
	awk -v a="$1" -v b="$2" '{ print $a / $b }' /tmp/bench.rounds | sort -n |
		awk '{ v[NR] = $1 } END { printf "%12.2f %12.2f %12.2f", v[1], v[int((NR + 1) / 2)], v[NR] }'
}

echo "ours / theirs"
printf '%-16s %s\n' "restore, ipset" "$(ratio 2 1)" "save, ipset" "$(ratio 4 3)" \
	"restore, bpf" "$(ratio 5 1)" "save, bpf" "$(ratio 6 3)"
tripctl table del bench
ipset destroy bench
