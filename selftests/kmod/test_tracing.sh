#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# needs: tracing
#
# The commands of Documentation/tracing.rst, as they stand there, while something of
# each kind happens; and whether each tracepoint has one.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kmod.sh"

HERE=$(cd "$(dirname "$0")" && pwd)
EVENTS=/sys/kernel/tracing/events/tripmap

command -v bpftrace >/dev/null || skip_all "bpftrace is missing (vm.sh --with tracing)"
command -v trace-cmd >/dev/null || skip_all "trace-cmd is missing (vm.sh --with tracing)"

# What chance decides on: nothing of it need happen.
RARE="tripmap_retry|tripmap_lock_wait"

# Something of each kind.
cat >"$TMP/act" <<ACT
tripctl table add traced key u64 value u64 contract shared shards 2
tripctl load traced ops 150 threads 2 reads 30
tripctl set traced 1 1 new
tripctl set traced 1 1 new
tripctl dump traced
tripctl table set traced on all count
tripctl table del traced
insmod $KO/tripmap_scenario.ko scenario=reentrant-iter.same_iterator
rmmod tripmap_scenario
ACT

# The commands of one kind.
commands()
{
	sed -n "s/^   # \($1 .*\)/\1/p" "$HERE/tracing.rst"
}

# Something is printed for what is not rare.
expect_output()
{
	if ! grep -qE "$RARE" <<<"$1"; then
		grep -qE "$2" "$TMP/out" || fail "$1: nothing was seen: $(cat "$TMP/out" "$TMP/err")"
	fi
}

each_bpftrace()
{
	local command n=0

	while read -r command <&3; do
		eval "timeout 60 $command -c '/bin/bash $TMP/act'" >"$TMP/out" 2>"$TMP/err" </dev/null ||
			fail "$command: $(<"$TMP/err")"
		expect_output "$command" '^@.*: |^@'
		n=$((n + 1))
	done 3< <(commands bpftrace)
	[ $n -ge 10 ] || fail "only $n commands"
}

each_trace_cmd()
{
	local command n=0

	cd "$TMP" || return
	while read -r command <&3; do
		eval "timeout 60 $command /bin/bash $TMP/act" >"$TMP/out" 2>"$TMP/err" </dev/null ||
			fail "$command: $(<"$TMP/err")"
		trace-cmd report >"$TMP/out" 2>/dev/null || fail "$command: no report"
		expect_output "$command" ': tripmap_[a-z_]*: .*table=[0-9]'
		n=$((n + 1))
	done 3< <(commands trace-cmd)
	[ $n -ge 5 ] || fail "only $n commands"
}

# All of them at once.
each_hist()
{
	local command event

	cd $EVENTS || return
	while read -r command; do
		eval "$command" || fail "$command"
	done < <(commands "echo 'hist")
	bash "$TMP/act" >/dev/null 2>&1
	for event in $(commands "echo 'hist" | sed 's/.*> \(.*\)\/trigger/\1/' | sort -u); do
		cat "$event/hist" >"$TMP/out" || fail "$event has no histogram"
		expect_output "$event" 'Hits: [1-9]'
		sed -n 's/^hist:/!hist:/p' "$event/trigger" | while read -r trigger; do
			echo "$trigger" >"$event/trigger"
		done
	done
	cat tripmap_*/trigger | grep '^hist' && fail "a trigger is left"
	return 0
}

# Each tracepoint of the module is described, and each that is described exists.
all_described()
{
	local in_kernel in_text

	in_kernel=$(cd $EVENTS && echo tripmap_* | tr ' ' '\n' | sort)
	in_text=$(grep -o '``tripmap_[a-z_]*``' "$HERE/tracing.rst" | tr -d '`' | grep -vx \
		'tripmap_\(op\|context\|class\|pause_kind\)' | sort -u)
	diff <(echo "$in_kernel") <(echo "$in_text") || fail "the text and the kernel differ"
}

anew report_once_ms=0
run_tests all_described each_hist each_trace_cmd each_bpftrace
