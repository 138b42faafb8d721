#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Batches: words, comments, where they stop.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

from_a_file()
{
	cat >"$TMP/b" <<-'EOF'
		# a table and two entries
		table add t key str:20 value u32

		set t "two words" 1    # behind
		set t 'single "quotes"' 2
		set t back\ slash 3
		set t "\x41\"\\" 4
		get t "two words"
	EOF
	ok -b "$TMP/b"
	is 1
	ok -j dump t
	json 'sorted(e["key"] for e in d) == ["A\"\\", "back slash", "single \"quotes\"", "two words"]'
}

from_stdin()
{
	printf 'table add t key u8 value u8\nset t 1 2\n' | tripctl -b - || fail "not from stdin"
	ok get t 1
	is 2
}

stops_at_the_first_error()
{
	printf 'table add t key u8 value u8\nset t 1 1\nset t 300 1\nset t 2 2\n' >"$TMP/b"
	refuses 2 "b:3: set: KEY: 300 does not fit into a u8" -b "$TMP/b"
	ok -j dump t
	json 'len(d) == 1'
	printf 'set t 2 2\nset nosuch 1 1\nset t 3 3\n' >"$TMP/b"
	refuses 1 "b:2: set nosuch: no table nosuch" -b "$TMP/b"
}

goes_on_by_force()
{
	ok table add t key u8 value u8
	printf 'set t 300 1\nset t 1 1\nset nosuch 1 1\nset t 2 2\n' >"$TMP/b"
	ctl --force -b "$TMP/b"
	[ "$RC" = 2 ] || fail "exit code $RC, not that of the first failure"
	[[ $ERR == *b:1:*b:3:* ]] || fail "$ERR"
	ok -j dump t
	json 'len(d) == 2'
}

errors_name_file_and_line_in_json()
{
	printf '\nfrobnicate\n' >"$TMP/b"
	ctl -j -b "$TMP/b"
	OUT=$ERR
	json 'd["error"]["line"] == 2 and d["error"]["file"].endswith("/b")'
	printf 'tripmap-save 1\ntable t key u9 value u8\n' >"$TMP/s"
	printf 'restore %s\n' "$TMP/s" >"$TMP/b"
	refuses 1 "b:1: $TMP/s:2: restore: key: no such type" -b "$TMP/b"
}

wrong_words()
{
	printf 'table "show\n' >"$TMP/b"
	refuses 2 "b:1: a quote without its end" -b "$TMP/b"
	refuses 1 "No such file" -b "$TMP/nowhere"
	refuses 2 "exclude each other" -b "$TMP/b" table show
}

run_tests from_a_file from_stdin stops_at_the_first_error goes_on_by_force \
	errors_name_file_and_line_in_json wrong_words
