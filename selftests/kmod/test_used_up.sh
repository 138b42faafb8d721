#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Limits used up, by the administrator and by users: what is refused says which limit
# it was, what goes gives all of it back, and who does not listen holds up nobody.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kmod.sh"

tables_used_up()
{
	anew max_tables=20
	numbered 1 20 "table add t@ key u32 value u32" >"$TMP/tables"
	ok -b "$TMP/tables"
	refuses 1 "max_tables: the whole of 20 is used up" table add more key u32 value u32
	ok table del t7
	ok table add more key u32 value u32
	refuses 1 "max_tables: the whole of 20 is used up" table add again key u32 value u32
	ok set more 1 1
}

# A user has a quarter, in however many namespaces.
tables_of_a_user()
{
	local said

	anew max_tables=20
	numbered 1 6 "table add t@ key u32 value u32" >"$TMP/tables"
	chmod 755 "$TMP"
	said=$(as_ns_root "tripctl -b $TMP/tables" 2>&1) && fail "more than a quarter"
	[[ $said == *:6:*max_tables* ]] || fail "refused otherwise: $said"
	numbered 1 15 "table add t@ key u32 value u32" >"$TMP/tables"
	ok -b "$TMP/tables"
}

entries_used_up()
{
	anew max_entries=1000
	ok table add a key u32 value u32
	ok table add b key u32 value u32
	ok load a ops 600 threads 1
	numbered 1 400 "set b @ 1" >"$TMP/entries"
	ok -b "$TMP/entries"
	refuses 1 "max_entries: the whole of 1000 is used up" set a 4000000000 1
	ok set b 7 2
	ok del b 8
	ok set a 4000000000 1
	counter entries
	[ "$N" = 1000 ] || fail "$N entries"
}

# What is refused takes no memory, and what goes gives all of it back.
memory_used_up()
{
	anew max_memory=$((4 << 20))
	ok table add t key u64 value bytes:4000
	ctl load t ops 2000 keys 2000 threads 1 bulk 10
	[ "$RC" = 1 ] || fail "2000 values of 4000 bytes fit into 4 MiB: $OUT"
	[[ $ERR == *max_memory* || $ERR == *ENOMEM* ]] || fail "refused otherwise: $ERR"
	ok -j table show t
	json '500 < d["entries"] < 1050 and d["memory"] <= 4 << 20'
	ok -j dump t
	[ "$(jq length <<<"$OUT")" -gt 500 ] || fail "the entries are not there"
	ok table flush t
	ok set t 1 "$(printf '00%.0s' {1..4000})"
	ok table del t
	wait_for 60 nothing_held
}

# A table takes its memory when it is made; a user's have a quarter of what there is.
memory_of_new_tables()
{
	local said

	anew max_memory=$((64 << 20))
	refuses 1 "max_memory: the whole of $((64 << 20)) has no room for" table add t \
		key u64 value u64 bits 22
	nothing_held || fail "what was refused holds memory"
	numbered 1 2 "table add t@ key u64 value u64 contract shared shards 4 bits 16" >"$TMP/large"
	chmod 755 "$TMP"
	said=$(as_ns_root "tripctl -b $TMP/large" 2>&1) && fail "more than a quarter"
	[[ $said == *:2:*max_memory:\ this\ user* ]] || fail "refused otherwise: $said"
	wait_for 60 nothing_held
	ok -b "$TMP/large"
}

# Four tables of this size fit into max_memory. Flushed is one of a user's at a time, which
# takes the room of another until the old one is free: there is always one left. Who comes
# meanwhile may try again.
flushes_of_a_user()
{
	local size=(key u64 value bytes:16 bits 16)

	anew max_memory=$((64 << 20))
	ok table add a "${size[@]}"
	numbered 1 40 "table flush t" >"$TMP/flushes"
	chmod 755 "$TMP"
	as_ns_root "tripctl table add t ${size[*]} || exit
		for i in 1 2 3 4; do tripctl --force -b $TMP/flushes & done
		wait; tripctl table flush t" 2>"$TMP/said" || fail "not flushed: $(<"$TMP/said")"
	grep -v "a table of this maker is being flushed.*EAGAIN" "$TMP/said" && fail "refused otherwise"
	[ "$(wc -l <"$TMP/said")" -lt 160 ] || fail "each was refused"
	ok table add b "${size[@]}"
	ok table del b
	ok table del a
	wait_for 60 nothing_held
}

# How many reports of that table the log has.
logged()
{
	dmesg | grep -c "tripmap: foreign-writer .*, table $1\$" || :
}

more_logged()
{
	[ "$(logged "$1")" -gt "$2" ]
}

# However many reports a user makes, half of all stay as they are.
reports_of_a_user()
{
	local id said

	anew report_once_ms=0
	ok table add a key u64 value u64 contract owner on foreign-writer report
	refuses 1 "" set a 1 1
	ok -j report list
	id=$(jq '.[0].id' <<<"$OUT")
	numbered 1 300 "set x @ 1" >"$TMP/writes"
	chmod 755 "$TMP"
	said=$(as_ns_root "tripctl table add x key u64 value u64 contract owner on foreign-writer report
		tripctl --force -b $TMP/writes; tripctl -j report list" 2>/dev/null)
	[ "$(jq length <<<"$said")" = 63 ] || fail "not 63 reports of theirs: $said"
	ok report show "$id"
}

# While a user's reports come faster than the log takes them, it takes others'.
log_of_others()
{
	local i before

	anew report_once_ms=0
	ok table add a key u64 value u64 contract owner on foreign-writer report
	numbered 1 500 "set x @ 1" >"$TMP/writes"
	chmod 755 "$TMP"
	before=$(logged x)
	as_ns_root "tripctl table add x key u64 value u64 contract owner on foreign-writer report
		while [ -e $TMP/writes ]; do tripctl --force -b $TMP/writes; done" >/dev/null 2>&1 &
	wait_for 60 more_logged x "$((before + 9))"
	before=$(logged a)
	for i in 1 2 3 4 5; do
		refuses 1 "" set a "$i" 1
	done
	wait_for 60 more_logged a "$((before + 4))"
	rm "$TMP/writes"
	wait $! || :
}

repairs_logged()
{
	dmesg | grep -c "tripmap: repair of table $1 by" || :
}

# What a user repairs, however often, the log has a few lines of.
log_of_repairs()
{
	local before

	anew
	ok table add a key u64 value u64
	numbered 1 1000 "repair x" >"$TMP/repairs"
	chmod 755 "$TMP"
	before=$(repairs_logged x)
	as_ns_root "tripctl table add x key u64 value u64; tripctl -b $TMP/repairs" >/dev/null ||
		fail "not repaired"
	[ $(($(repairs_logged x) - before)) -lt 200 ] || fail "$(repairs_logged x) lines"
	before=$(repairs_logged a)
	ok repair a
	[ "$(repairs_logged a)" = $((before + 1)) ] || fail "another's repair is not in the log"
}

# Listeners that do not listen hold up nobody, and nothing when they are gone.
deaf_listeners()
{
	local i pids=()

	anew report_once_ms=0
	ok table add t key u64 value u64 contract owner on foreign-writer report
	for ((i = 0; i < 40; i++)); do
		tripctl monitor >"$TMP/events$i" 2>"$TMP/notes$i" &
		pids+=($!)
	done
	for ((i = 0; i < 40; i++)); do
		wait_for 60 grep -q listening "$TMP/notes$i"
	done
	kill -STOP "${pids[@]}"
	numbered 1 300 "set t @ 1" >"$TMP/writes"
	ctl --force -b "$TMP/writes"
	numbered 1 2000 "table set t on all report" >"$TMP/news"
	ok -b "$TMP/news"
	ok -j report list
	[ "$(jq length <<<"$OUT")" = 64 ] || fail "$(jq length <<<"$OUT") reports, not all that are kept"
	kill -KILL "${pids[@]}"
	wait
	ok table del t
	rmmod_soon
	anew
}

run_tests tables_used_up tables_of_a_user entries_used_up memory_used_up \
	memory_of_new_tables flushes_of_a_user reports_of_a_user log_of_others log_of_repairs \
	deaf_listeners
rc=$?
anew
exit $rc
