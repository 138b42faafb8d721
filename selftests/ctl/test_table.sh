#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Tables: made, shown, changed, emptied, frozen, removed.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

made_and_removed()
{
	ok table add a key str:16 value u32
	ok table show
	has "single-writer"
	ok -j table show
	json 'len(d) == 1 and d[0]["name"] == "a" and d[0]["key"] == "str:16"'
	ok table del a
	ok -j table show
	json 'd == []'
	ok table show
	is "no tables (tripctl table add makes one)"
}

all_it_was_told()
{
	ok table add b key ipv6 value bytes:100 contract exclusive hash mix bits 5 max 1000 \
		seed "$(printf '%064d' 7)" on all count on write-during-write report
	ok -j table show b
	json 'd["contract"] == "exclusive" and d["hash"] == "mix" and d["bits"] == 5'
	json 'd["buckets"] == 32 and d["max_entries"] == 1000 and d["value"] == "bytes:100"'
	json 'd["policy"]["write-during-write"] == "report"'
	json 'all(v == "count" for k, v in d["policy"].items() if k != "write-during-write")'
	lacks seed
}

text_and_json_agree()
{
	ok table add c key u64 value mac on all ignore
	ok table show c
	has "forged-flag             ignore"
	ok -p table show c
	json 'd["policy"]["forged-flag"] == "ignore" and d["entries"] == 0'
}

policy_changes()
{
	ok table add d key u32 value u32 on all report
	ok table set d on read-during-write count on forged-flag ignore
	ok -j table show d
	json 'd["policy"]["read-during-write"] == "count"'
	json 'd["policy"]["forged-flag"] == "ignore"'
	json 'd["policy"]["write-during-write"] == "report"'
}

# What is made for a name that is taken goes again, without a report, whoever would own it.
made_twice()
{
	local contract

	for contract in single-writer exclusive owner shared; do
		ok table add t key u32 value u32 contract "$contract"
		refuses 1 "table t exists" table add t key u32 value u32 contract "$contract"
		ok table del t
	done
	ok -j report list
	json 'd == []'
}

frozen()
{
	ok table add e key u32 value u32
	ok set e 1 2
	ok table freeze e
	refuses 1 "e" set e 1 3
	refuses 1 "e" del e 1
	ok get e 1
	is 2
	ok -j table show e
	json 'd["frozen"] is True'
	ok table unfreeze e
	ok set e 1 3
	ok get e 1
	is 3
}

flushed()
{
	ok table add f key u32 value u32
	ok load f ops 1000 threads 1
	ok -j table show f
	json 'd["entries"] == 1000'
	ok table flush f
	ok -j table show f
	json 'd["entries"] == 0'
	ok dump f
	is "no entries"
}

ids_are_not_used_again()
{
	ok table add g key u32 value u32
	ok -j table show g
	first=$OUT
	ok table del g
	ok table add g key u32 value u32
	ok -j table show g
	[ "$(jq .id <<<"$first")" -lt "$(jq .id <<<"$OUT")" ] || fail "the id came again"
}

of_a_namespace()
{
	ok table add h key u32 value u32
	unshare -n bash -c '
		tripctl -j table show | grep -qx "\[\]" &&
		tripctl table add h key str:4 value u8 &&
		tripctl set h abcd 1' || fail "the other namespace is not on its own"
	ok -j table show h
	json 'd["key"] == "u32" and d["entries"] == 0'
}

# Is the process in another network namespace?
elsewhere()
{
	[ "$(readlink /proc/self/ns/net)" != "$(readlink "/proc/$1/ns/net")" ]
}

by_netns_name()
{
	ok table add i key u32 value u32
	unshare -n sleep 60 &
	other=$!
	wait_for 10 elsewhere "$other"
	ok -N "/proc/$other/ns/net" -j table show
	kill "$other"
	json 'd == []'
	refuses 1 "No such file" -N no-such-netns table show
}

run_tests made_and_removed made_twice \
	all_it_was_told text_and_json_agree policy_changes frozen flushed \
	ids_are_not_used_again of_a_namespace by_netns_name
