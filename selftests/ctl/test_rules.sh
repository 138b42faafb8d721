#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Contracts, shards and rules, as a table is given them and shows them.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

features_tell()
{
	ok -j features
	json '"owner" in d["contracts"].split() and "shared" in d["contracts"].split()'
	json '"sharded" in d["syncs"].split() and d["stale_ms"] >= 0'
	json 'len(d["classes"].split()) >= 13'
}

in_shards()
{
	ok table add s key u64 value u64 contract shared sync sharded shards 4 on all report
	ok -j table show s
	json 'd["contract"] == "shared" and d["sync"] == "sharded" and d["shards"] == 4'
	ok table show s
	has "sync              sharded"
	has "shards            4"
	ok -j load s ops 2000 threads 2 verify
	json 'd["refused"] == 0'
	refuses 1 "shards" table add u key u64 value u64 shards 4
	refuses 1 "shards" table add u key u64 value u64 contract shared shards 3
}

behind_a_lock()
{
	ok table add l key u64 value u64 contract shared sync rwlock on all report
	ok -j table show l
	json 'd["contract"] == "shared" and d["sync"] == "rwlock" and d["shards"] == 1'
	ok load l ops 20000 threads 2
	ok -j table show l
	json 'd["violations"] == 0 and d["entries"] > 0'
	ok save l "$TMP/l"
	ok table del l
	ok restore "$TMP/l"
	ok -j table show l
	json 'd["sync"] == "rwlock" and d["entries"] > 0'
	refuses 1 "sync rwlock is about the whole table" \
		table add m key u64 value u64 contract shared sync rwlock shards 2
	refuses 1 "contract owner goes with sync none" \
		table add m key u64 value u64 contract owner sync rwlock
	refuses 1 "contract shared goes with sync sharded, rwlock, snapshot or split" \
		table add m key u64 value u64 contract shared sync none
}

copied_by_each_write()
{
	ok table add c key u64 value u64 contract shared sync snapshot max 300 on all report
	ok -j table show c
	json 'd["sync"] == "snapshot" and d["max_entries"] == 300'
	for i in $(seq 300); do echo "set c $i $i"; done >"$TMP/b"
	ok -b "$TMP/b"
	refuses 1 "the table is full" set c 301 1
	ok set c 300 7
	ok -j dump c
	json 'len(d) == 300 and {"key": 300, "value": 7} in d'
	ok del c 1
	ok set c 301 1
	ok -j table show c
	json 'd["entries"] == 300 and d["violations"] == 0'
	ok -j stats c
	json 'd["deferred-bytes"] > 300 * 300 / 2 * 16 and d["resizes-grow"] > 0'
	ok save c "$TMP/c"
	ok table del c
	ok restore "$TMP/c"
	ok -j table show c
	json 'd["sync"] == "snapshot" and d["entries"] == 300'
	ok table add e key u64 value u64 contract shared sync snapshot
	ok -j table show e
	json 'd["max_entries"] == 4096'
	refuses 1 "sync snapshot copies all entries when it writes: at most 4096" \
		table add f key u64 value u64 contract shared sync snapshot max 4097
	refuses 1 "sync snapshot has at most 2^10 buckets" \
		table add f key u64 value u64 contract shared sync snapshot bits 11
	refuses 1 "sync snapshot takes keys and values of at most 128 bytes" \
		table add f key u64 value bytes:129 contract shared sync snapshot
}

split_in_two()
{
	ok table add p key u64 value u64 contract shared sync split max 300 on all report
	for i in $(seq 300); do echo "set p $i $i"; done >"$TMP/b"
	ok -b "$TMP/b"
	refuses 1 "the table is full" set p 301 1
	for i in $(seq 300); do echo "get p $i"; done >"$TMP/g"
	ok -b "$TMP/g"
	ok -j stats p
	json 'd["split-misses"] == 300 and d["split-promotions"] == 1 and d["split-hits"] == 0'
	ok -b "$TMP/g"
	ok stats p openmetrics
	has 'tripmap_table_split_hits_total{table="p"} 300'
	ok -j stats p
	json 'd["split-misses"] == 300 and d["split-hits"] == 300'
	ok del p 7
	refuses 1 "no such key" get p 7
	ok set p 1000 1
	ok set p 8 80
	ok -j dump p
	json 'len(d) == 300 and {"key": 8, "value": 80} in d and {"key": 1000, "value": 1} in d'
	json 'not any(e["key"] == 7 for e in d)'
	ok -j dump p snapshot
	json 'len(d) == 300'
	ok -j bucket show p key 1000
	ok save p "$TMP/p"
	ok table del p
	ok restore "$TMP/p"
	ok -j table show p
	json 'd["sync"] == "split" and d["entries"] == 300 and d["violations"] == 0'
	refuses 1 "sync split copies all entries when it writes: at most 4096" \
		table add f key u64 value u64 contract shared sync split max 4097
}

buckets_by_shard()
{
	ok table add s key u32 value u32 contract shared shards 2 bits 2
	for key in 1 2 3 4 5 6 7 8; do
		ok set s $key $key
	done
	ok -j bucket show s map
	json '[m["shard"] for m in d] == [0, 1] and sum(m["entries"] for m in d) == 8'
	first=$(jq '.[0].entries' <<<"$OUT")
	ok -j bucket show s map shard 0
	json "len(d) == 1 and d[0]['entries'] == $first"
	ok -j bucket show s key 5
	json 'd["shard"] in (0, 1) and any(s["key"] == 5 for s in d["slots"])'
	place=$(jq -r '"\(.bucket) shard \(.shard)"' <<<"$OUT")
	# shellcheck disable=SC2086 # words
	ok -j bucket show s $place
	json 'any(s["key"] == 5 for s in d["slots"])'
	refuses 1 "shard" bucket show s 0 shard 2
	refuses 2 "from 0 to 255" bucket show s map shard 256
}

# Pieces of a dump put together are the whole, each entry once.
dumped_in_pieces()
{
	local place=begin all=

	ok table add s key u32 value u32 contract shared shards 4
	for key in $(seq 100); do
		echo "set s $key $((key * 2))"
	done | tripctl -b -
	while [ "$place" ]; do
		ctl -j dump s limit 7 from "$place"
		[ "$RC" = 0 ] || fail "$LAST: $ERR"
		[ "$(jq length <<<"$OUT")" -le 7 ] || fail "more than the limit: $OUT"
		all+=$OUT
		place=$(sed -n 's/.*go on from \([0-9:]*\).*/\1/p' <<<"$ERR")
		[ "$place" ] || [[ $ERR == *"that was the end"* ]] || fail "no place: $ERR"
	done
	OUT=$(jq -s 'add' <<<"$all") LAST="all pieces"
	json 'sorted(e["key"] for e in d) == list(range(1, 101))'
	json 'all(e["value"] == 2 * e["key"] for e in d)'
	refuses 2 "from wants SHARD:EPOCH:CURSOR" dump s from 1:2
	refuses 2 "from wants" dump s from 999:1:0
}

whole_rules()
{
	ok table add r key u8 value u8 on all count \
		on foreign-writer report allow escalate warn 5 10s on exiting-writer count refuse
	ok -j table show r
	json 'd["policy"]["foreign-writer"] == "report"'
	rules='{r["class"]: r for r in d["rules"]}'
	json "${rules}['foreign-writer']['action'] == 'report'"
	json "${rules}['foreign-writer']['answer'] == 'allow'"
	json "${rules}['foreign-writer']['escalate_to'] == 'warn'"
	json "${rules}['foreign-writer']['escalate_count'] == 5"
	json "${rules}['foreign-writer']['escalate_ms'] == 10000"
	json "${rules}['exiting-writer']['answer'] == 'refuse'"
	ok table show r
	has "warn from the 5. within 10s on"
	ok table set r on foreign-writer report escalate off
	ok -j table show r
	json "'escalate_to' not in ${rules}['foreign-writer']"
	json "${rules}['foreign-writer']['answer'] == 'allow'"
	# An escalation that stays must stay one, and be one that can be counted.
	ok table set r on foreign-writer report escalate warn 5 10s
	refuses 1 "escalation of foreign-writer to warn" table set r on foreign-writer bug
	refuses 1 "escalation of foreign-writer to warn" table set r on all bug
	refuses 1 "range" table set r on foreign-writer report escalate warn 1048576 10s
	ok table set r on foreign-writer bug escalate off
	ok table set r on foreign-writer report
	refuses 1 "" table set r on write-during-write report allow
	refuses 1 "" table set r on all report allow
}

rules_survive_a_file()
{
	ok table add r key u8 value u8 contract shared shards 2 on all count \
		on foreign-writer report allow escalate warn 5 500ms on exiting-writer count refuse
	ok -j table show r
	before=$(jq -c '[.rules, .shards, .sync, .contract]' <<<"$OUT")
	ok save r "$TMP/r"
	ok table del r
	ok restore "$TMP/r"
	ok -j table show r
	[ "$(jq -c '[.rules, .shards, .sync, .contract]' <<<"$OUT")" = "$before" ] ||
		fail "not as before: $before: $OUT"
}

# Each command has a socket of its own: who is to write takes the table over first.
owned()
{
	ok table add o key u8 value u8 contract owner on foreign-writer report
	refuses 1 "foreign-writer" set o 1 1
	printf '%s\n' "table set o own" "set o 1 2" "get o 1" >"$TMP/b"
	ok -b "$TMP/b"
	is 2
	ok -j report list class foreign-writer
	json 'len(d) == 1'
	ok -j report show "$(jq '.[0].id' <<<"$OUT")"
	json 'd["class"] == "foreign-writer" and d["result"] == -1 and d["found"] == "nobody"'
	json '"owned by" in d["what"] or "does not own" in d["what"]'
}

run_tests features_tell in_shards behind_a_lock copied_by_each_write split_in_two \
	buckets_by_shard dumped_in_pieces whole_rules rules_survive_a_file owned
