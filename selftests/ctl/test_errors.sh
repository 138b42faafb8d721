#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Everything that can be asked wrongly: the text, the exit code, and that
# nothing was changed.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

unknown_table()
{
	refuses 1 "no table nosuch" get nosuch k
	refuses 1 "no table nosuch" set nosuch k v
	refuses 1 "no table nosuch" table del nosuch
	refuses 1 "no table nosuch" table flush nosuch
	refuses 1 "no table nosuch" table freeze nosuch
	refuses 1 "no table nosuch" dump nosuch
	refuses 1 "no table nosuch" save nosuch
	refuses 1 "no table nosuch" bucket show nosuch
	refuses 1 "no table nosuch" stats nosuch
	refuses 1 "no table nosuch" load nosuch
}

names()
{
	refuses 1 "attribute name: at most 31 bytes" table add "$(printf '%040d' 1)" key u8 value u8
	refuses 1 "attribute name" table add "a b" key u8 value u8
	ok table add "$(printf '%031d' 1)" key u8 value u8
	refuses 1 "EEXIST" table add "$(printf '%031d' 1)" key u8 value u8
}

types()
{
	refuses 2 'no such type "u9"' table add t key u9 value u8
	refuses 2 'no such type "int"' table add t key u8 value int
	refuses 2 'wants a size' table add t key str value u8
	refuses 2 'wants a size' table add t key str:x value u8
	refuses 2 'size of its own' table add t key u8:4 value u8
	refuses 2 'at most 256 bytes' table add t key str:257 value u8
	refuses 2 'at most 4096 bytes' table add t key u8 value bytes:4097
	refuses 2 'at least 1 byte' table add t key bytes:0 value u8
	ok -j table show
	json 'd == []'
}

numbers_out_of_range()
{
	refuses 1 "attribute bits: at most 28" table add t key u8 value u8 bits 29
	refuses 2 "from 0 to 255" table add t key u8 value u8 bits 256
	refuses 2 "1 or more" table add t key u8 value u8 max 0
	refuses 2 "seed: \"12\" is not 32 bytes" table add t key u8 value u8 seed 12
	ok -j table show
	json 'd == []'
}

words()
{
	refuses 2 "no such contract" table add t key u8 value u8 contract loose
	refuses 2 "there are single-writer exclusive" table add t key u8 value u8 contract loose
	refuses 2 "no such hash" table add t key u8 value u8 hash md5
	refuses 2 "no such class" table add t key u8 value u8 on race warn
	refuses 2 "no such action" table add t key u8 value u8 on all panic
	refuses 2 'what is "colour"' table add t key u8 value u8 colour red
	refuses 2 '"key TYPE" is missing' table add t
	refuses 2 "NAME is missing" table add
	refuses 2 "nothing to set" table set t
	refuses 2 "there is no command" frobnicate
	refuses 2 'what is "frob"' table frob
	refuses 2 'what is "more"' report clear more
	refuses 2 "ID" report show 0
	refuses 2 "stands there twice" monitor tables tables
}

keys_and_values()
{
	ok table add t key str:4 value u8
	refuses 2 "is 5 bytes long, str:4 takes 4 at most" set t abcde 1
	refuses 2 "256 does not fit into a u8" set t a 256
	refuses 2 "is no number" set t a -1
	refuses 2 "is no number" set t a ""
	refuses 2 "is no number" set t a 0x
	refuses 2 "is no number" set t a 99999999999999999999
	refuses 2 "KEY is missing" set t
	refuses 2 "VALUE is missing" set t a
	refuses 2 'what is "newer"' set t a 1 newer
	ok -j dump t
	json 'd == []'
	ok table add u key bytes:2 value ipv4
	refuses 2 "is not 2 bytes in hexadecimal (4 digits)" get u 123
	refuses 2 "is not 2 bytes in hexadecimal (4 digits)" get u 12g4
	refuses 2 "is no ipv4 address" set u 1234 1.2.3
}

table_full()
{
	ok table add t key u32 value u32 max 3
	ok set t 1 1
	ok set t 2 1
	ok set t 3 1
	refuses 1 "E" set t 4 1
	ok set t 3 2
	ok -j dump t
	json 'sorted(e["key"] for e in d) == [1, 2, 3]'
}

more_than_the_module_allows()
{
	max=$(</sys/module/tripmap/parameters/max_entries)
	refuses 1 "attribute max-entries" table add t key u32 value u32 max $((max + 1))
}

no_such_report()
{
	refuses 1 "report" report show 4000000000
}

no_such_bucket()
{
	ok table add t key u32 value u32
	refuses 1 "index" bucket show t 5
	refuses 1 "[ENOENT]" bucket show t 0 old
}

labels()
{
	ok table add t key u32 value u32
	ok set t 1 11
	refuses 1 "parent goes with a label" set t 1 12 parent p
	refuses 1 "parent goes with a label" get t 1 parent p
	refuses 1 "label is not printable ASCII" del t 1 label $'a\tb'
	refuses 1 "label is not printable ASCII" set t 1 12 label Käse
	refuses 1 "parent is not printable ASCII" take t 1 label a parent $'\177'
	refuses 1 "attribute label" take t 1 label 12345678901234567
	ok get t 1
	is 11
	ok take t 1 label 1234567890123456 parent "a b"
}

pauses()
{
	ok table add t key u32 value u32
	refuses 1 "no such table" pause show nosuch
	refuses 1 "no such table" pause show nosuch recent
	refuses 1 "no such CPU" pause show cpu 100000
	refuses 1 "no such CPU" pause show cpu 100000 recent
	refuses 1 "not counted for each CPU" pause show t cpu 0
	refuses 2 "no such kind" pause show kind gc
}

errors_in_json()
{
	ctl -j get nosuch k
	[ "$RC:$OUT" = 1: ] || fail "exit code $RC, output $OUT"
	OUT=$ERR
	json 'd["error"]["code"] == "ENOENT" and d["error"]["errno"] == 2 and d["error"]["exit"] == 1'
	json '"no table nosuch" in d["error"]["message"] and d["error"]["attribute"] == "name"'
	ctl -j table add t key u9 value u8
	[ "$RC" = 2 ] || fail "exit code $RC"
	OUT=$ERR
	json 'd["error"]["exit"] == 2 and "no such type" in d["error"]["what"]'
	ctl -j table add t key u8 value u8 bits 29
	OUT=$ERR
	json 'd["error"]["code"] == "ERANGE" and d["error"]["limit"] == "at most 28"'
}

help_is_there()
{
	for command in table set get del take dump save restore bucket stats report monitor load \
			features pause top; do
		ok "$command" help
		has "usage: tripctl $command"
		ok help "$command"
		has "usage: tripctl $command"
	done
	ok -h
	has "Exit status"
	ok -V
	has "family version 1"
	ctl
	[ "$RC" = 2 ] || fail "no command: exit code $RC"
}

full_output()
{
	ok table add t key u32 value u32
	RC=0
	tripctl table show >/dev/full 2>"$TMP/err" || RC=$?
	[ "$RC" = 1 ] || fail "exit code $RC on a full device"
	grep -q "standard output" "$TMP/err" || fail "$(<"$TMP/err")"
	refuses 1 "/dev/full" save t /dev/full
}

run_tests unknown_table names types numbers_out_of_range words keys_and_values table_full \
	more_than_the_module_allows no_such_report no_such_bucket labels pauses errors_in_json \
	help_is_there full_output
