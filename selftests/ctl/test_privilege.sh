#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Who may do what: anybody looks, CAP_NET_ADMIN operates.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# refuses, but as an ordinary user.
user_refused()
{
	RC=0
	setpriv --reuid 1000 --regid 1000 --clear-groups tripctl "$@" \
		>"$TMP/out" 2>"$TMP/err" </dev/null || RC=$?
	[ "$RC" = 1 ] || fail "as a user: tripctl $*: exit code $RC: $(<"$TMP/err")"
	grep -q "permission denied: this needs CAP_NET_ADMIN" "$TMP/err" || fail "$(<"$TMP/err")"
	[ ! -s "$TMP/out" ] || fail "printed: $(<"$TMP/out")"
}

user_ok()
{
	OUT=$(setpriv --reuid 1000 --regid 1000 --clear-groups tripctl "$@" 2>"$TMP/err") ||
		fail "as a user: tripctl $*: $(<"$TMP/err")"
	LAST="tripctl $*"
}

users_change_nothing()
{
	ok table add t key u32 value u32
	ok set t 1 11
	user_refused table add u key u32 value u32
	user_refused table set t on all ignore
	user_refused table flush t
	user_refused table freeze t
	user_refused table del t
	user_refused set t 1 12
	user_refused del t 1
	user_refused take t 1
	user_refused report clear
	user_refused pause on
	user_refused pause off
	user_refused pause reset
	ok get t 1
	is 11
}

users_read_no_entries()
{
	ok table add t key u32 value u32
	ok set t 1 11
	user_refused get t 1
	user_refused dump t
	user_refused save t
	user_refused bucket show t 0
	user_refused pause show recent
}

users_look()
{
	ok table add t key u32 value u32
	ok load t ops 100 threads 1
	user_ok -j table show t
	json 'd["entries"] == 100'
	user_ok -j stats t
	json 'd["entries"] == 100'
	user_ok -j bucket show t map
	json 'd[0]["entries"] == 100'
	user_ok features
	user_ok report list
	user_ok pause show
	user_ok pause show t
}

users_see_no_keys_in_reports()
{
	ok table add t key u64 value u64 on all report
	wait_for 60 violation t
	user_ok -j report show "$ID"
	lacks '"key":"4242'
	json '"root only" in d["victim"]["key"] and d["victim"]["task"].startswith("load-")'
	ok -j report show "$ID"
	has '"key":"4242'
}

# Keys are recognised by their digits.
violation()
{
	tripctl load "$1" ops 20000 from 4242000000 >/dev/null || fail "load failed"
	ctl -j report list
	ID=$(jq '.[0].id // empty' <<<"$OUT")
	[ -n "$ID" ]
}

root_of_a_user_namespace()
{
	# shellcheck disable=SC2016 # for the inner shell
	setpriv --reuid 1000 --regid 1000 --clear-groups unshare -Urn bash -c '
		tripctl table add t key u32 value u32 &&
		tripctl set t 1 2 && [ "$(tripctl get t 1)" = 2 ] &&
		tripctl pause show recent' || fail "not allowed in its own"
	# shellcheck disable=SC2016 # for the inner shell
	setpriv --reuid 1000 --regid 1000 --clear-groups unshare -Urn bash -c '
		! tripctl pause on && ! tripctl pause off && ! tripctl pause reset' ||
		fail "switches what is not its own"
	ok -j table show
	json 'd == []'
}

run_tests users_change_nothing users_read_no_entries users_look users_see_no_keys_in_reports \
	root_of_a_user_namespace
