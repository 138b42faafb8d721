#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The demonstration, within the virtual machine. Whatever fails ends it.
set -euo pipefail
exec 2>&1

MODULES=/lib/tripmap
STEP=0

step()
{
	STEP=$((STEP + 1))
	printf '\n=== %d. %s\n\n' "$STEP" "$*"
}

say()
{
	fold -s -w 80 <<<"$*"
	echo
}

# Show a command, then what it does.
run()
{
	printf '# %s\n' "$*"
	"$@"
	echo
}

# Kernel symbols as a save file: the name, and where it is. Names that do not fit
# (none on most kernels) and repetitions are counted.
symbols_file()
{
	awk -v out="$1" -v room=127 '
		BEGIN {
			print "tripmap-save 1" >out
			print "table symbols key str:128 value bytes:8 on all report" >out
		}
		length($3) > room { long++; next }
		{
			print "\"" $3 "\" " $1 >out
			n++
			if (seen[$3]++)
				again++
		}
		END {
			print "end " n >out
			print n, n - again, again + 0, long + 0
		}' /proc/kallsyms
}

# A report, from an id on: if possible one in which both parties told of
# themselves and came by different functions, the most telling kind.
report_from()
{
	tripctl -j report list | jq "
		def rank: (.other_party == \"complete\"),
			(.title | capture(\" in (?<a>[^ ]+) / (?<b>[^ ,]+)\") | .a != .b);
		[.[] | select(.id >= $1)] | sort_by([rank]) | last | .id"
}

next_report()
{
	tripctl -j report list | jq '([.[].id] | max // 0) + 1'
}

step "Load the module"
say "Its parameters say what follows on a violation (here: a report) and how many" \
	"reports are kept."
run insmod "$MODULES/tripmap.ko" on_violation=report max_reports=64
run tripctl features

step "Put the kernel's symbol table into it"
read -r lines names again long < <(symbols_file /tmp/symbols)
say "/proc/kallsyms of this $(uname -r) has $lines symbols, with $names different names:" \
	"many functions of the same name exist in several files. The name is the key here, so" \
	"of those that come again ($again) the last address stays. Names left out for being" \
	"too long: $long."
run head -n 4 /tmp/symbols
say "The table begins with one bucket and grows while it is filled: nobody waits for" \
	"that, each store moves two buckets at most."
run tripctl --progress restore /tmp/symbols
run tripctl table show symbols
entries=$(tripctl -j table show symbols | jq .entries)
[ "$entries" = "$names" ] || { echo "$entries entries, not $names"; exit 1; }

step "Look symbols up"
run tripctl get symbols schedule
run tripctl get symbols kfree
run grep -w -e schedule -e kfree /proc/kallsyms
run tripctl dump symbols prefix tripmap_ limit 5

step "Look into it"
say "A bucket has eight slots. For each there is a tag, one byte of the hash, so that a" \
	"lookup compares eight of them at once before it looks at a key."
run tripctl bucket show symbols key schedule
say "All buckets, drawn as a map:"
run tripctl bucket show symbols map

step "Two processes, one table, no lock"
say "This table's contract says: one writer at a time. Two processes now break it. Each" \
	"remembers what was accepted and what was refused, and all of it is looked up at" \
	"the end."
run tripctl table add orders key u64 value u64 contract single-writer on all report
first=$(next_report)
run tripctl load orders seconds 3 threads 2 verify
run tripctl report list
say "One of them, told in full:"
run tripctl report show "$(report_from "$first")"

step "Two kernel threads, one table, no lock"
say "The same within the kernel, where such bugs live: a test module starts two threads" \
	"that store into a table through the module's functions."
first=$(next_report)
run insmod "$MODULES/tripmap_scenario.ko" scenario=ww2 seconds=2
run tripctl report show "$(report_from "$first")"
say "The kernel's log has the titles; the same bug has the same title every time:"
echo "# dmesg | grep 'tripmap: write-during-'"
dmesg | grep -o 'tripmap: write-during-.*' | sort -u

step "Away with it"
run rmmod tripmap_scenario
run tripctl table del symbols
run tripctl table del orders
run rmmod tripmap
