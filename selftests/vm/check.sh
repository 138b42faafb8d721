#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# check.sh [STAGE...|all]: run the stages of "make check" (those named, or all,
# or all but the LATER ones) and sum up.  A stage is a command that prints TAP;
# its output is kept in build/log/check/STAGE, and of it only failures and skips
# are shown here.
#
# Fails when a test failed, when a stage ran no test, broke off, or skipped one
# without saying why.
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"

# Too slow, or too much at the mercy of how busy the host is, for every run:
# run when named, or with "all".
LATER="rig-debug kselftest-6.1-debug"

# The stages, in order: name, command.
stages()
{
	cat <<-STAGES
		build          build_all
		checks         selftests/checks/run.sh
		model          selftests/model/run.sh
		native         make -s -C selftests/native check
		bench          selftests/native/bench/smoke.sh
		tool           make -s -C selftests/ctl check O=build/ctl-test
		rig            selftests/vm/rig_test.sh 6.1
		rig-debug      selftests/vm/rig_test.sh 6.1-debug
		panic-6.1      selftests/kmod/vm_test.sh 6.1
		crash-6.1      selftests/vm/crash.sh 6.1
		counted-6.1    selftests/kmod/bench_events.sh check 6.1
		tracing-6.1    selftests/vm/kselftest.sh --with tracing 6.1
		kselftest-6.1       selftests/vm/kselftest.sh 6.1
		kselftest-6.12      selftests/vm/kselftest.sh 6.12
		kselftest-6.12-rt   selftests/vm/kselftest.sh 6.12-rt
		kselftest-6.1-debug selftests/vm/kselftest.sh 6.1-debug
	STAGES
}

# Module and tool, without a warning, against the kernels of Debian.
build_all()
{
	local n=0 kernel failed=0 stock=${KERNELS% 6.1-debug}

	echo "1..$(($(wc -w <<<"$stock") + 1))"
	for kernel in $stock; do
		tap "module for $kernel" env WERROR=1 "$VM_DIR/modules.sh" "$kernel"
	done
	tap "tripctl" make -s tool
	return $failed
}

# tap NAME COMMAND...: a command's success as a result; what it said, on failure
tap()
{
	local name=$1 out

	shift
	n=$((n + 1))
	if out=$("$@" 2>&1); then
		echo "ok $n $name"
	else
		failed=1
		echo "not ok $n $name"
		printf '%s\n' "$out" | sed 's/^/# /'
	fi
}

# The lines around each failure, or the last ones where there is none to see.
excerpt()
{
	local failures='^(# |    )*not ok '

	if grep -qE "$failures" "$1"; then
		grep -B 8 -A 8 -E "$failures" "$1" | awk 'NR <= 60'
	else
		tail -n 15 "$1"
	fi
}

# Runs a stage, prints its line, adds to the sums.
run_stage()
{
	local name=$1 log=$LOG/$1 start=$SECONDS rc=0 summary count p f s

	shift
	printf '%-22s' "$name"
	("$@") >"$log" 2>&1 || rc=$?
	summary=$(awk -f "$VM_DIR/ktap.awk" "$log")
	count=$(tail -n 1 <<<"$summary")
	read -r _ p f s <<<"$count"
	if [ $((p + f + s)) -eq 0 ]; then
		f=1
		summary="fail no test ran (status $rc)"$'\n'$summary
	elif [ $rc -ne 0 ] && [ "$f" -eq 0 ]; then
		f=1
		summary="fail the stage ended with status $rc"$'\n'$summary
	fi
	printf '%4d s  %d passed, %d failed, %d skipped\n' $((SECONDS - start)) "$p" "$f" "$s"
	sed -n 's/^skip /    skipped: /p; s/^fail /    FAILED: /p' <<<"$summary"
	if [ "$f" -gt 0 ]; then
		echo "    from ${log#"$PWD"/}:"
		excerpt "$log" | sed 's/^/    | /'
	fi
	PASSED=$((PASSED + p)) FAILED=$((FAILED + f)) SKIPPED=$((SKIPPED + s))
}

main()
{
	local name command known

	cd "$TOP"
	mkdir -p "$LOG"
	known=$(stages | awk '{ print $1 }')
	if [ "${*-}" = all ]; then
		# shellcheck disable=SC2086 # names
		set -- $known
	fi
	for name; do
		grep -qxF -e "$name" <<<"$known" || die "no such stage: $name ($(tr '\n' ' ' <<<"$known"))"
	done
	while read -r name command <&3; do
		if [[ " $* " == *" $name "* || ($# -eq 0 && " $LATER " != *" $name "*) ]]; then
			# shellcheck disable=SC2086 # a command with its arguments
			run_stage "$name" $command
		fi
	done 3< <(stages)
	[ $# -gt 0 ] || echo "left out: $LATER (make check STAGES=all)"
	echo "$PASSED passed, $FAILED failed, $SKIPPED skipped"
	[ $FAILED -eq 0 ] && [ $((PASSED + FAILED + SKIPPED)) -gt 0 ]
}

LOG=$BUILD/log/check
PASSED=0 FAILED=0 SKIPPED=0
main "$@"
