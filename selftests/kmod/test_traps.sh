#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What must not be possible: panic the host from a container, load the module
# by asking for its family, read pids of other namespaces.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kmod.sh"

# It may have tables, but none that answers with more than a report.
namespace_root_is_capped()
{
	local action text

	for action in warn bug; do
		text=$(as_ns_root "tripctl table add t key u32 value u32 on all $action" 2>&1) &&
			fail "may have $action"
		[[ $text == *"$action needs a namespace of the initial user namespace"* ]] ||
			fail "$action: $text"
		text=$(as_ns_root "tripctl table add t key u32 value u32 &&
			tripctl table set t on write-during-write $action" 2>&1) &&
			fail "may set $action"
		[[ $text == *"$action needs"* ]] || fail "set $action: $text"
	done
	text=$(as_ns_root "tripctl table add t key u32 value u32 \
		on all report escalate bug 1 1000" 2>&1) && fail "may escalate to bug"
	[[ $text == *"bug needs"* ]] || fail "escalate: $text"
	as_ns_root "tripctl table add t key u32 value u32 on all report" || fail "no report"
}

# Nor may it break tables on purpose, which would be reported as the host's.
namespace_root_injects_nothing()
{
	local param=/sys/module/tripmap/parameters/allow_inject rc=0

	echo Y >$param
	OUT=$(as_ns_root "tripctl table add t key u32 value u32 && tripctl inject t forge" 2>&1) ||
		rc=$?
	echo N >$param
	[ $rc -eq 1 ] || fail "may inject: $rc $OUT"
	[[ $OUT == *EPERM* ]] || fail "another error: $OUT"
}

# Nor may it choose what makes hashes predictable.
namespace_root_chooses_no_hash()
{
	local seed text

	seed=$(printf '00%.0s' {1..32})
	text=$(as_ns_root "tripctl table add t key u32 value u32 seed $seed" 2>&1) &&
		fail "may have a fixed seed"
	[[ $text == *"a fixed seed needs CAP_NET_ADMIN in the initial"* ]] || fail "seed: $text"
	text=$(as_ns_root "tripctl table add t key u32 value u32 hash mix" 2>&1) &&
		fail "may have another hash"
	[[ $text == *"another hash than siphash needs"* ]] || fail "hash: $text"
	ok table add t key u32 value u32 seed "$seed" hash mix
}

# What the module's parameter says is capped, too.
namespace_default_is_capped()
{
	local param=/sys/module/tripmap/parameters/on_violation was most

	was=$(<$param)
	echo bug >$param
	OUT=$(as_ns_root "tripctl table add t key u32 value u32 && tripctl -j table show t") ||
		most=failed
	echo "$was" >$param
	[ -z "${most-}" ] || fail "no table"
	[[ $OUT != *'"bug"'* && $OUT == *'"report"'* ]] || fail "not capped: $OUT"
}

# The kernel asks modprobe for a family that nobody has, whoever names it; no
# alias of this module answers to that.
not_loaded_by_name()
{
	local modprobe=/proc/sys/kernel/modprobe was

	rmmod tripmap || fail "cannot unload"
	was=$(<$modprobe)
	printf '#!/bin/sh\necho "$*" >>%s/asked\n' "$TMP" >"$TMP/modprobe"
	chmod 755 "$TMP" "$TMP/modprobe"
	echo "$TMP/modprobe" >$modprobe
	setpriv --reuid 1000 --regid 1000 --clear-groups tripctl table show >/dev/null 2>&1
	echo "$was" >$modprobe
	grep -q family-tripmap "$TMP/asked" || fail "modprobe was not asked: the test tests nothing"
	modinfo -F alias $KO/tripmap.ko >"$TMP/aliases"
	[ ! -s "$TMP/aliases" ] || fail "aliases: $(<"$TMP/aliases")"
	[ ! -d /sys/module/tripmap ] || fail "loaded"
	anew
}

# ids of processes that the reader cannot see are no news to him.
clash_in()
{
	tripctl load t ops 20000 >/dev/null
	[ "$(tripctl -j report list | jq length)" -gt 0 ]
}

pids_are_the_readers()
{
	local outer inner

	ok table add t key u64 value u64 on all report
	wait_for 60 clash_in
	ok -j report list
	id=$(jq '.[0].id' <<<"$OUT")
	ok -j report show "$id"
	json 'd["victim"]["pid"] > 0 and d["holder"]["pid"] > 0'
	outer=$(jq .victim.pid <<<"$OUT")
	OUT=$(unshare -p -f --mount-proc tripctl -j report show "$id") || fail "cannot read it"
	inner=$(jq .victim.pid <<<"$OUT")
	[ "$inner" = 0 ] || fail "pid $outer of outside is pid $inner inside"
}

# Under load the reader sees pids of his own namespace: who runs there has small
# ones, and other ones outside.
pids_are_translated()
{
	ok table add t key u64 value u64 on all report
	# shellcheck disable=SC2016 # for the inner shell
	OUT=$(timeout 120 unshare -p -f --mount-proc bash -c '
		tripctl load t seconds 100 threads 2 >/dev/null 2>&1 &
		until [ "$(tripctl -j report list | jq length)" -gt 0 ]; do :; done
		id=$(tripctl -j report list | jq ".[0].id")
		tripctl -j report show "$id" | jq "[$id, .victim.pid]"
		kill %1') || fail "no report inside"
	id=$(jq '.[0]' <<<"$OUT")
	inner=$(jq '.[1]' <<<"$OUT")
	ok -j report show "$id"
	outer=$(jq .victim.pid <<<"$OUT")
	[[ $inner -gt 0 && $inner -lt $outer ]] || fail "pid $outer of outside is pid $inner inside"
}

# Replies hold no byte that nobody put there.
gaps_are_zero()
{
	local here

	here=$(dirname "$0")
	ok table add clash key u64 value u64 on all report
	python3 "$here/padding.py" "$here/ynl" "$here/tripmap.yaml" || fail "leaks"
}

run_tests namespace_root_is_capped namespace_root_injects_nothing \
	namespace_root_chooses_no_hash namespace_default_is_capped \
	not_loaded_by_name pids_are_the_readers pids_are_translated gaps_are_zero
