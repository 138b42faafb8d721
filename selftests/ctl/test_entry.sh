#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Entries: every type there and back, the ways to store, take.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# there_and_back TYPE TEXT [AS_PRINTED]
there_and_back()
{
	local type=$1 text=$2 printed=${3-$2}

	ok table add t key "$type" value "$type"
	ok set t "$text" "$text"
	ok get t "$text"
	is "$printed"
	ok -j get t "$text"
	json 'd["key"] == d["value"]'
	ok table del t
}

unsigned_integers()
{
	there_and_back u8 0
	there_and_back u8 255
	there_and_back u16 65535
	there_and_back u32 0xffffffff 4294967295
	there_and_back u64 18446744073709551615
	there_and_back u64 0x10 16
}

numbers_are_numbers_in_json()
{
	ok table add t key u64 value u64
	ok set t 18446744073709551615 9007199254740993
	ok -j get t 18446744073709551615
	json 'd["key"] == 2**64 - 1 and d["value"] == 2**53 + 1'
}

strings()
{
	there_and_back str:8 abcdefgh
	there_and_back str:8 a
	there_and_back str:40 'two words, "quoted" \ and ü'
	there_and_back str:8 ''
	there_and_back str:8 $'a\tb' 'a\x09b'
	there_and_back str:8 $'\xff\xfe' '\xff\xfe'
}

bytes_and_addresses()
{
	there_and_back bytes:4 00ff10a0
	there_and_back bytes:4 0xDEADBEEF deadbeef
	there_and_back ipv4 192.0.2.255
	there_and_back ipv6 2001:db8::1
	there_and_back ipv6 0:0::0:1 ::1
	there_and_back mac 02:00:5e:10:00:ff
}

largest_sizes()
{
	local key value

	key=$(printf '%0512d' 5)
	value=$(printf '%08192d' 6)
	ok table add t key bytes:256 value bytes:4096
	ok set t "$key" "$value"
	ok get t "$key"
	is "$value"
	ok -j dump t
	json 'len(d) == 1 and len(d[0]["value"]) == 8192'
}

sets_have_no_values()
{
	ok table add t key ipv4 value bytes:0
	ok set t 192.0.2.1
	ok set t 192.0.2.2
	ok -j dump t
	json 'sorted(e["key"] for e in d) == ["192.0.2.1", "192.0.2.2"]'
	refuses 2 "what is" set t 192.0.2.1 1
}

ways_to_store()
{
	ok table add t key str:8 value u32
	refuses 1 "ENOENT" set t k 1 replace
	ok set t k 1 new
	refuses 1 "EEXIST" set t k 2 new
	ok get t k
	is 1
	ok set t k 2 replace
	ok set t k 3
	refuses 1 "EAGAIN" set t k 4 expect 2
	ok set t k 4 expect 3
	refuses 1 "ENOENT" set t other 4 expect 3
	ok get t k
	is 4
}

taken_once()
{
	ok table add t key u32 value u32
	ok set t 1 11
	ok take t 1
	is 11
	refuses 1 "ENOENT" take t 1
	refuses 1 "ENOENT" get t 1
	ok set t 1 12
	ok del t 1
	refuses 1 "ENOENT" del t 1
}

run_tests unsigned_integers numbers_are_numbers_in_json strings bytes_and_addresses \
	largest_sizes sets_have_no_values ways_to_store taken_once
