#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A driver with a locking bug: the report alone is to say which functions are at
# fault, in its first two lines. Without one, the same load gives no report.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kmod.sh"

HERE=$(dirname "$0")
MARK="tripmap sample"

# with_bug BUG: load the driver; its load begins.
with_bug()
{
	echo "$MARK $1" >/dev/kmsg
	insmod $KO/tripmap_sample.ko bug="$1" || fail "cannot load"
}

without()
{
	rmmod tripmap_sample || fail "cannot unload"
	[ ! -e /dev/tripmap_sample ] || fail "its device is still there"
}

# The kernel's log since the driver was loaded.
log_of()
{
	dmesg -t | sed "1,/^$MARK $1\$/d"
}

reported()
{
	[ "$(tripctl -j report list | jq length)" -gt 0 ]
}

logged()
{
	log_of "$1" | grep -q '^tripmap: .*tripctl report show'
}

# The first two lines of the log name both functions; all other reports, if there
# are any, the one at fault.
names_both()
{
	local bug=$1 class=$2 fault=$3 other=$4 first second title

	{ read -r first; read -r second; } < <(log_of "$bug" | grep -m 1 -A 1 '^tripmap: [a-z-]* in ')
	printf '%s\n' "$first" "$second"
	title=$(printf '%s\n' "$fault" "$other" | sort | paste -sd/ | sed 's,/, / ,')
	[ "$first" = "tripmap: $class in $title, table sessions" ] || fail "not $class in $title"
	[[ $second == *"$fault"* && $second == *"$other"* ]] || fail "not both in the second line"
	ok -j report list
	json "d[0]['title'] == '$first' and d[0]['class'] == '$class'"
	json "all('$fault' in t['title'] for t in d)"
}

# caught BUG CLASS FUNCTION-AT-FAULT FUNCTION: within a minute
caught()
{
	wait_for 60 reported
	wait_for 60 logged "$1"
	names_both "$@"
}

# watched BUG COMMAND...: the command's verdict on the driver with that bug
watched()
{
	with_bug "$1"
	("${@:2}")
	local rc=$?
	without
	return $rc
}

# bug_is BUG CLASS FUNCTION-AT-FAULT FUNCTION
bug_is()
{
	watched "$1" caught "$@"
}

start_user()
{
	python3 "$HERE/sample_user.py" &
	USER_PID=$!
}

stop_user()
{
	kill "$USER_PID"
	wait "$USER_PID"
}

# Processes that open the device and exit with it open.
open_and_exit()
{
	while [ -e "$TMP/go" ]; do
		bash -c 'exec 9<>/dev/tripmap_sample'
	done
}

start_exits()
{
	touch "$TMP/go"
	open_and_exit &
	EXITS_PID=$!
}

stop_exits()
{
	rm "$TMP/go"
	wait "$EXITS_PID"
}

forgotten_lock()
{
	bug_is forgotten-lock write-during-write session_refresh session_account
}

lock_on_one_branch()
{
	bug_is branch-lock write-during-write session_close session_refresh
}

wrong_lock()
{
	bug_is wrong-lock write-during-write session_account session_refresh
}

callback()
{
	bug_is callback reentrant-write session_audit session_refresh
}

# A timer that runs in a thread interrupts nobody: in one of its own on PREEMPT_RT, in
# ksoftirqd where it comes after much else.
timer_class()
{
	local class=interrupt-during-write

	ok -j report list
	ask "d[0]['id']" "$OUT"
	ok -j report show "$ANSWER"
	ask "d['victim']['task'][:9]" "$OUT"
	if [ -e /sys/kernel/realtime ] || [ "$ANSWER" = ksoftirqd ]; then
		class=write-during-write
	fi
	echo $class
}

timer_caught()
{
	local class

	wait_for 60 reported
	class=$(timer_class) || fail "$class"
	caught timer "$class" session_expire_timer session_refresh
}

timer_against_task()
{
	watched timer timer_caught
}

work_against_ioctl()
{
	with_bug work
	start_user
	(caught work write-during-write session_sweep_work session_refresh)
	local rc=$?
	stop_user
	without
	return $rc
}

destroy_against_use()
{
	bug_is destroy destroyed sessions_reset session_refresh
}

exit_path()
{
	with_bug exit
	start_exits
	(caught exit write-during-write session_release session_refresh)
	local rc=$?
	stop_exits
	without
	return $rc
}

# All of the load at once, beside a process that keeps its session alive and a
# hundred that exit.
no_bug()
{
	local i

	with_bug none
	start_user
	for ((i = 0; i < 100; i++)); do
		bash -c 'exec 9<>/dev/tripmap_sample' || fail "cannot open the device"
	done
	stop_user
	without
	ok -j report list
	json "d == []"
	! log_of none | grep '^tripmap: .* in ' || fail "the log has a report"
}

if [ "$(nproc)" -lt 2 ]; then
	skip_all "needs two CPUs"
fi
anew report_once_ms=3000
run_tests forgotten_lock lock_on_one_branch wrong_lock callback timer_against_task \
	work_against_ioctl destroy_against_use exit_path no_bug
