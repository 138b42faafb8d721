#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# load: its counts add up, and it notices what is not as it should be.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

counts_add_up()
{
	ok table add t key u64 value u64 on all count
	ok -j load t ops 20000 threads 3 verify
	json 'all(w["accepted"] + w["refused"] == 20000 for w in d["workers"])'
	json 'len(d["workers"]) == 3 and d["operations"] == 60000 and d["wrong"] == 0'
	json 'd["verified_keys"] == 60000 and d["accepted"] + d["refused"] == 60000'
	accepted=$(jq .accepted <<<"$OUT")
	refused=$(jq .refused <<<"$OUT")
	ok -j table show t
	json "d['entries'] == $accepted and d['violations'] == $refused"
}

one_writer_is_never_refused()
{
	ok table add t key str:12 value bytes:20 on all count
	ok -j load t ops 30000 threads 1 reads 50 keys 1000 verify
	json 'd["refused"] == 0 and d["wrong"] == 0'
	json '14000 < d["workers"][0]["reads"] < 16000'
	ok -j table show t
	json 'd["entries"] == 1000 and d["violations"] == 0'
}

again_over_old_entries()
{
	ok table add t key u64 value u64 on all count
	ok load t ops 3000 threads 1
	ok load t ops 1000 threads 1 keys 3000 reads 30 verify
}

# Somebody else takes entries away: the load must not call that well.
notices_what_is_missing()
{
	ok table add t key u32 value u32 on all ignore
	tripctl -j load t seconds 3 threads 1 reads 50 keys 500 bulk 1 >"$TMP/load" 2>"$TMP/err" &
	while kill -0 $! 2>/dev/null; do
		tripctl table flush t
	done
	wait $! && fail "nothing noticed: $(<"$TMP/load")"
	grep -q "answers were wrong" "$TMP/err" || fail "$(<"$TMP/err")"
}

for_a_time()
{
	ok table add t key u64 value u64 on all count
	ok -j load t seconds 2 threads 2 verify
	json '2 <= float(d["seconds"]) < 30 and d["wrong"] == 0'
}

# Who kills the one that was started does not leave the others behind.
workers()
{
	grep -lsx 'load-[12]' /proc/[0-9]*/comm
}

no_workers()
{
	! workers >/dev/null
}

ends_with_its_parent()
{
	ok table add t key u64 value u64 on all count
	tripctl load t seconds 600 >/dev/null 2>&1 &
	wait_for 60 workers
	kill -KILL $!
	wait $!
	wait_for 60 no_workers
}

what_cannot_be()
{
	ok table add t key u8 value u8
	refuses 2 "the table's keys cannot be so many" load t ops 200 threads 2
	ok load t ops 128 threads 1 verify
	refuses 2 "from 1 to 64" load t threads 65
	refuses 2 "from 0 to 100" load t reads 101
	ok table add big key u64 value bytes:4096
	refuses 2 "at most 15 entries" load big bulk 16
	ok table freeze t
	ctl load t ops 10 threads 1
	[ "$RC" = 1 ] || fail "exit code $RC on a frozen table"
}

run_tests counts_add_up one_writer_is_never_refused again_over_old_entries \
	notices_what_is_missing for_a_time ends_with_its_parent what_cannot_be
