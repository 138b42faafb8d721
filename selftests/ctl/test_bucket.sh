#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# bucket show: every entry is in the bucket that is drawn for its key.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

one_bucket()
{
	ok table add t key str:8 value u32
	ok set t hello 7
	ok bucket show t 0
	has "hello      7"
	has "+--+--+--+--+--+--+--+--+"
	ok -j bucket show t key hello
	json 'd["bucket"] == 0 and d["chain_length"] == 1 and len(d["slots"]) == 1'
	json 'd["slots"][0]["key"] == "hello" and d["slots"][0]["value"] == 7'
	tag=$(jq -r '.slots[0].tag' <<<"$OUT")
	ok bucket show t 0
	has "|$tag|  |  |  |  |  |  |  |"
}

all_buckets_hold_all_entries()
{
	ok table add t key u32 value u32 bits 4 on all report
	ok load t ops 200 threads 1
	ok -j bucket show t map
	for i in $(seq 0 $(($(jq '.[0].buckets' <<<"$OUT") - 1))); do
		tripctl -j bucket show t "$i"
		tripctl -j bucket show t "$i" old 2>/dev/null
	done | jq -s '[.[] | .slots[].key] | sort == [range(200)]' >"$TMP/all"
	[ "$(<"$TMP/all")" = true ] || fail "entries are missing, or more than once there: $OUT"
}

by_key()
{
	ok table add t key u32 value u32 on all report
	ok load t ops 300 threads 1
	for k in 0 17 299; do
		ok -j bucket show t key $k
		json "$k in [s['key'] for s in d['slots']]"
	done
	refuses 2 "KEY is missing" bucket show t key
}

overflow_is_drawn()
{
	ok table add t key u32 value u32 bits 8 on all report
	# Just below growth, by chance some buckets of 256 have more than 8.
	ok load t ops 1600 threads 1
	ok -j bucket show t map
	json 'd[0]["buckets"] == 256 and d[0]["entries"] == 1600'
	json 'sum(c["buckets"] for c in d[0]["chains"]) == 256'
	json 'sum(f["buckets"] * f["entries"] for f in d[0]["fill"]) == 1600'
	json 'any(c["chain_length"] > 1 for c in d[0]["chains"])'
	index=$(jq '[.[0].map[] | select(.longest_chain > 1)][0].first' <<<"$OUT")
	ok bucket show t "$index"
	grep -Eq '^      overflow    [0-9]{3} \|[0-9a-f]{2}\|' <<<"$OUT" || fail "$OUT"
	ok bucket show t map
	has "Longest chain of buckets:"
}

map_fits_80_columns()
{
	ok table add t key u32 value u32 bits 14 on all report
	ok load t ops 3000 threads 1
	ok bucket show t
	[ "$(wc -L <<<"$OUT")" -le 80 ] || fail "$(wc -L <<<"$OUT") columns"
	LC_ALL=C ok bucket show t
	LC_ALL=C grep -q '[^ -~]' <<<"$OUT" && fail "not ASCII"
	return 0
}

run_tests one_bucket all_buckets_hold_all_entries by_key overflow_is_drawn map_fits_80_columns
