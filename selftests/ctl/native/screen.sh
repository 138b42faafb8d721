#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# screen.sh CTL_TEST: tripctl top in a terminal of 80x24, over made-up tables, with
# tmux to press the keys and to read the screen. Prints TAP.
set -uo pipefail

TEST=${1:?usage: screen.sh CTL_TEST}
TMP=$(mktemp -d)
trap 'tmux -S "$TMP/tmux" kill-server 2>/dev/null; rm -rf "$TMP"' EXIT

# The server stays while there is no session, so that none begins where it ends.
tm()
{
	tmux -S "$TMP/tmux" -f "$TMP/tmux.conf" "$@"
}

# open [COLUMNS LINES [VARIABLE=VALUE...]]: a screen in a terminal of that size.
open()
{
	local columns=${1:-80} lines=${2:-24}

	shift $(($# < 2 ? $# : 2))
	rm -f "$TMP/status" "$TMP/said"
	tm new-session -d -s top -x "$columns" -y "$lines" \
		"${FIRST:-:}; env LC_ALL=C.UTF-8 TERM=screen $* '$TEST' screen ${MORE_TABLES:-0} 2>'$TMP/said'; echo \$? >'$TMP/status'"
}

# By hand: with the signals of a hang-up LeakSanitizer never comes to its end.
close()
{
	[ -s "$TMP/status" ] || { press C-c && until_so [ -s "$TMP/status" ]; }
	tm kill-session -t top 2>/dev/null
	return 0
}

screen()
{
	tm capture-pane -p -t top 2>/dev/null
}

press()
{
	tm send-keys -t top "$@"
}

# until COMMAND...: it succeeds within ten seconds.
until_so()
{
	local end=$((SECONDS + 10))

	until "$@"; do
		[ "$SECONDS" -lt "$end" ] && continue
		echo "# waited in vain for: $*"
		screen | sed 's/^/# |/'
		return 1
	done
}

# A line of the screen matches.
shows()
{
	screen | grep -qE -- "$1"
}

hides()
{
	! screen | grep -qE -- "$1"
}

# line N matches.
line()
{
	screen | sed -n "$1p" | grep -qE -- "$2"
}

ended()
{
	[ "$(cat "$TMP/status" 2>/dev/null)" = "$1" ]
}

tables()
{
	open
	until_so line 1 '^tripmap ..:..:.. every 100ms  3 tables  [0-9]+ entries  [0-9]+ violations \(\+1\.0/s\)' &&
		until_so line 2 '^writes/s 1\.6k \(most 1\.6k\) .*█' &&
		line 3 '^TABLE +WRITES/Sv *CHANGE/S +ENTRIES +LOAD +RESIZE +VIOL' &&
		line 4 '^sessions +~1\.6k +50 +[0-9]+ +[0-9]+\.[0-9][0-9] +- +[0-9]+$' &&
		line 5 '^routes +- +-5\.0 +9[0-9]+ +6\.[0-9]+ +grow 37% +2$' &&
		line 6 '^idle +- +0 +10 +0\.04 +- +0$' &&
		line 15 '^PAUSES +/S +HALF +99% +MOST +CPU0 +CPU1' &&
		line 16 '^write +100 +200 ns +200 ns +1\.0 ms +0 +100$' &&
		line 17 '^odd +0 +- +- +-' && line 24 'q quit'
}

sorted_by_key()
{
	open
	until_so line 4 '^sessions' && press s s && until_so line 4 '^routes' &&
		line 3 'ENTRIESv' && press r && until_so line 4 '^idle' && line 3 'ENTRIES\^' &&
		press S && until_so line 3 'CHANGE/S\^'
}

picked_and_back()
{
	open
	until_so line 4 '^sessions' && press Down Enter && until_so line 2 '^routes$' &&
		line 3 '^single-writer  key u32  value u64  1 shard$' && shows 'resize grow 37%' &&
		shows '^evacuated +7 ' && hides 'forged-flag' && press k &&
		until_so line 2 '^sessions$' && shows 'violations-write-during-wr' &&
		shows '^write +[0-9.k]+ +200 ns' && press Escape && until_so line 3 '^TABLE'
}

# The seconds go on, then stand still, then go on.
frozen()
{
	local before end

	open
	until_so line 4 '^sessions' && press p && until_so line 1 FROZEN || return
	before=$(screen | sed -n 1p)
	# Keys are taken, and time passes: several times what a second takes here.
	end=$((${EPOCHREALTIME/./} + 500000))
	while [ "${EPOCHREALTIME/./}" -lt "$end" ]; do
		press S s
	done
	press s
	until_so line 3 'CHANGE/Sv' || return
	if differs "$before"; then
		echo "# it went on while it was frozen"
		return 1
	fi
	press p
	until_so hides FROZEN && before=$(screen | sed -n 1p) && until_so differs "$before"
}

# More tables than lines: the one that is picked is always there to see.
scrolled()
{
	MORE_TABLES=40 open
	until_so line 4 '^sessions' && hides '^idle-30' && tm send-keys -t top -N 35 Down &&
		until_so shows '^idle-37' && hides '^sessions' && line 15 '^PAUSES' &&
		tm send-keys -t top -N 35 Up && until_so line 4 '^sessions'
}

differs()
{
	[ "$(screen | sed -n 1p)" != "$1" ]
}

help_page()
{
	open
	until_so line 4 '^sessions' && press h && until_so shows 'turn the order round' &&
		press x && until_so line 3 '^TABLE'
}

resized()
{
	open
	until_so line 24 'q quit' && tm resize-window -t top -x 120 -y 40 &&
		until_so line 40 'q quit' && line 3 'MEMORY' && line 31 '^PAUSES' &&
		tm resize-window -t top -x 50 -y 10 && until_so line 1 '60 columns and 14 lines' &&
		tm resize-window -t top -x 80 -y 24 && until_so line 24 'q quit'
}

without_utf8()
{
	open 80 24 LC_ALL=C
	until_so line 2 '^writes/s 1\.6k \(most 1\.6k\) +#'
}

quits()
{
	open
	until_so line 24 'q quit' && press q && until_so ended 0 || return
	close
	open
	until_so line 24 'q quit' && press C-c && until_so ended 0 || return
	close
	open
	until_so line 24 'q quit' && press p && until_so shows FROZEN && press C-c &&
		until_so ended 0 || return
	close
	open
	until_so line 24 'q quit' && press "C-\\" && until_so ended 0
}

# Under nohup it is not told that the terminal is gone, but sees it.
terminal_gone()
{
	local pid

	FIRST="trap '' HUP" open 80 24 ASAN_OPTIONS=detect_leaks=0
	until_so line 24 'q quit' && press p && until_so shows FROZEN || return
	pid=$(pgrep -P "$(tm list-panes -t top -F '#{pane_pid}')" -x ctl_test)
	tm kill-session -t top
	until_so [ -s "$TMP/status" ] && return
	kill -KILL "$pid"
	return 1
}

# ncurses keeps some memory of a terminal that it could not find.
no_such_terminal()
{
	open 80 24 TERM=nosuch ASAN_OPTIONS=detect_leaks=0
	until_so ended 1
}

# A test on a screen of its own: what it and the screen said, where it failed.
on_screen()
{
	local rc=0

	if ! "$@" || [ -s "$TMP/said" ]; then
		sed 's/^/# /' "$TMP/said"
		screen | sed 's/^/# |/'
		rc=1
	fi
	close
	return "$rc"
}

# shellcheck source=selftests/ctl/native/tap.sh
. "$(dirname "$0")/tap.sh"
echo "TAP version 13"
if ! command -v tmux >/dev/null; then
	echo "1..0 # SKIP tmux is not installed"
	exit 0
fi
echo "set -g exit-empty off" >"$TMP/tmux.conf"
echo "1..11"
result "screen: tables and pauses in 80x24" on_screen tables
result "screen: sorted by key" on_screen sorted_by_key
result "screen: a table picked, and back" on_screen picked_and_back
result "screen: frozen" on_screen frozen
result "screen: more tables than lines" on_screen scrolled
result "screen: help" on_screen help_page
result "screen: resized" on_screen resized
result "screen: without UTF-8" on_screen without_utf8
result "screen: quits" on_screen quits
result "screen: its terminal is gone" terminal_gone
result "screen: a terminal that nobody knows" on_screen no_such_terminal
exit $failed
