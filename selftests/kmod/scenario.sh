#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# scenario.sh [NAME [ROUNDS [SECONDS]]]: run a scenario in the virtual machine
# and show what was seen. "make scenario" calls it; without NAME it lists them.
set -euo pipefail
. "$(dirname "$0")/kmod.sh"

MODULE=$KO/tripmap_scenario.ko
NAME=${1-} ROUNDS=${2:-1} LONG=${3:-2}

list()
{
	modinfo -F scenario "$MODULE" | sort | sed 's/: .*//'
}

# "NAME: what runs | what must be seen | what never"
describe()
{
	local text

	text=$(modinfo -F scenario "$MODULE" | grep "^$NAME: ") || {
		echo "no such scenario: $NAME; there are $(list | tr "\n" " ")" >&2
		exit 2
	}
	IFS='|' read -r runs seen never <<<"${text#*: }"
	printf '%s\n  runs   %s\n  must   %s\n  never  %s\n\n' "$NAME" "$runs" "${seen# }" "${never# }"
}

# Titles with how often each was seen, and the last report of what must be seen.
reports()
{
	local id

	tripctl -j report list | jq -r '.[] | "\(.repeats + 1) \(.title)"' | sort -k 2 |
		awk '{ n = $1; $1 = ""; sum[$0] += n } END { for (t in sum) print sum[t] " x" t }'
	id=$(tripctl -j report list | jq --arg seen "$seen" \
		'[.[] | select(.class as $c | $seen | contains($c)) | .id] | max // 0')
	[ "$id" = 0 ] || { echo; tripctl report show "$id"; }
}

[ -n "$NAME" ] || { list; exit; }
describe
rc=0
stale_for "$NAME"
# Loaded: its functions have names in the reports.
ktap_loaded tripmap_scenario scenario="$NAME" rounds="$ROUNDS" seconds="$LONG" || rc=1
echo
reports
rmmod tripmap_scenario
exit $rc
