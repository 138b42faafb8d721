#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# check.sh [STAGE...|turn|all]: run the stages of "make check", or those named, or
# with one of today's turn besides, or all, and sum up.  A stage is a command that
# prints TAP; its output is kept in build/log/check/STAGE, and of it only failures
# and skips are shown here, when the stage ends.
#
# Stages begin in their order, as many at a time as there are processors, four at
# most, or TRIPMAP_JOBS: few of them keep more than one busy all the time.
#
# Fails when a test failed, when a stage ran no test, broke off, or skipped one
# without saying why.
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"

# The stages, in order: when, name, command.  "check": always; "turn" and "part": one of
# them each day, the next one tomorrow, where asked for; "all": only with all, which
# has the parts in one.  What takes longest begins early.
#
# Half an hour of CPU hotplug, once a second, makes 6.12's deadline server warn of its
# own books (inactive_task_timer(), sched_cpu_dying()), so the long torture on RT is
# without; kselftest-6.12-rt has a minute of it.
stages()
{
	cat <<-STAGES
		check build          build_all
		check kselftest-6.1  env TM_PERCENT=$PERCENT selftests/vm/kselftest.sh 6.1
		part  kselftest-6.12-1    env TM_PERCENT=$PERCENT selftests/vm/kselftest.sh --part 1/3 6.12
		part  kselftest-6.12-rt-1 env TM_PERCENT=$PERCENT selftests/vm/kselftest.sh --part 1/3 6.12-rt
		turn  mutants             selftests/mutants/run.sh
		part  kselftest-6.12-2    env TM_PERCENT=$PERCENT selftests/vm/kselftest.sh --part 2/3 6.12
		part  kselftest-6.12-rt-2 env TM_PERCENT=$PERCENT selftests/vm/kselftest.sh --part 2/3 6.12-rt
		turn  coccinelle          selftests/checks/cocci_kernel.sh
		part  kselftest-6.12-3    env TM_PERCENT=$PERCENT selftests/vm/kselftest.sh --part 3/3 6.12
		part  kselftest-6.12-rt-3 env TM_PERCENT=$PERCENT selftests/vm/kselftest.sh --part 3/3 6.12-rt
		turn  fuzz-6.1-uml-debug  one_test make -s fuzz KERNEL=6.1-uml-debug COUNT=300000
		check checks         selftests/checks/run.sh
		check model          selftests/model/run.sh
		check native         make -s -C selftests/native check
		check bench          selftests/native/bench/smoke.sh
		check tool           make -s -C selftests/ctl check O=$BUILD/ctl-test
		check fuzz-tool      selftests/ctl/fuzz/run.sh
		check lockdep        selftests/kmod/lockdep_test.sh 6.1-uml-debug
		check short-6.1-debug     env TM_PERCENT=1 selftests/vm/kselftest.sh 6.1-debug test_core.sh test_torture.sh
		check short-6.1-kcsan     selftests/vm/kselftest.sh 6.1-kcsan test_ww2.sh test_torture.sh
		check tracing-6.1    selftests/vm/kselftest.sh --with tracing 6.1
		check rig            selftests/vm/rig_test.sh 6.1
		check counted-6.1    selftests/kmod/bench_events.sh check 6.1
		check crash-6.1      selftests/vm/crash.sh 6.1
		check panic-6.1      selftests/kmod/vm_test.sh 6.1
		all   kselftest-6.12      selftests/vm/kselftest.sh 6.12
		all   kselftest-6.12-rt   selftests/vm/kselftest.sh 6.12-rt
		all   kselftest-6.1-debug selftests/vm/kselftest.sh 6.1-debug
		all   kselftest-6.1-kcsan selftests/vm/kselftest.sh 6.1-kcsan
		all   lockdep-6.1-debug   selftests/kmod/lockdep_test.sh 6.1-debug
		all   large-6.1           selftests/vm/kselftest.sh --with memory 6.1
		all   rig-debug           selftests/vm/rig_test.sh 6.1-debug
		all   torture-6.1-debug   make -s torture KERNEL=6.1-debug MINUTES=30
		all   torture-6.1-kcsan   make -s torture KERNEL=6.1-kcsan MINUTES=30
		all   torture-6.12-rt     make -s torture KERNEL=6.12-rt MINUTES=30 PARAMS=onoff_interval=0
		all   fuzz-million        one_test make -s fuzz KERNEL=6.1-uml-debug
		all   fuzz-6.1-debug      one_test make -s fuzz KERNEL=6.1-debug COUNT=100000
	STAGES
}

# Module and tool, without a warning, against the kernels of Debian.
build_all()
{
	local n=0 kernel failed=0

	echo "1..$(($(wc -w <<<"$STOCK_KERNELS") + 1))"
	for kernel in $STOCK_KERNELS; do
		tap "module for $kernel" "$VM_DIR/modules.sh" "$kernel"
	done
	tap "tripctl" make -s tool
	return $failed
}

# A command that prints no TAP, as the only test of its stage.
one_test()
{
	local n=0 failed=0

	echo "1..1"
	tap "$*" "$@"
	return $failed
}

# tap NAME COMMAND...: a command's success as a result, with what it said
tap()
{
	local name=$1 out rc=0

	shift
	n=$((n + 1))
	out=$("$@" 2>&1) || rc=$?
	if [ $rc -eq 0 ]; then
		echo "ok $n $name"
	else
		failed=1
		echo "not ok $n $name"
	fi
	[ -z "$out" ] || printf '%s\n' "$out" | sed 's/^/# /'
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

# Runs a stage; how long it took, and its status, are in a file beside its log.
run_stage()
{
	local name=$1 start=$SECONDS rc=0

	shift
	("$@") >"$LOG/$name" 2>&1 </dev/null 3<&- || rc=$?
	echo "$((SECONDS - start)) $rc" >"$LOG/$name.end"
}

# Prints the line of a stage that has ended, adds to the sums.
report_stage()
{
	local name=$1 log=$LOG/$1 seconds rc summary p f s

	# Who was killed has not written it.
	[ -e "$log.end" ] || echo "0 killed" >"$log.end"
	read -r seconds rc <"$log.end"
	summary=$(awk -f "$VM_DIR/ktap.awk" "$log")
	read -r _ p f s < <(tail -n 1 <<<"$summary")
	if [ $((p + f + s)) -eq 0 ]; then
		f=1
		summary="fail no test ran (status $rc)"$'\n'$summary
	elif [ "$rc" != 0 ] && [ "$f" -eq 0 ]; then
		f=1
		summary="fail the stage ended with status $rc"$'\n'$summary
	fi
	printf '%-22s%4d s  %d passed, %d failed, %d skipped\n' "$name" "$seconds" "$p" "$f" "$s"
	sed -n 's/^skip /    skipped: /p; s/^fail /    FAILED: /p' <<<"$summary"
	if [ "$f" -gt 0 ]; then
		echo "    from ${log#"$PWD"/}:"
		excerpt "$log" | sed 's/^/    | /'
	fi
	PASSED=$((PASSED + p)) FAILED=$((FAILED + f)) SKIPPED=$((SKIPPED + s))
}

# Waits until a stage ends, and reports it.
one_ends()
{
	local pid

	wait -n -p pid "${!RUNNING[@]}" || :
	report_stage "${RUNNING[$pid]}"
	unset "RUNNING[$pid]"
}

# Nobody waits for what runs yet.
end_all()
{
	local pid

	for pid in "${!RUNNING[@]}"; do
		kill -- "-$pid" 2>/dev/null || :
	done
}

# How many stages at a time.
jobs_of()
{
	local n

	n=$(nproc)
	echo $((n < 4 ? n : 4))
}

# Names of the stages that are run then, or then: WHEN|WHEN...
those()
{
	stages | awk -v when="^($1)$" '$1 ~ when { print $2 }'
}

# The one whose turn it is.
turn()
{
	those 'turn|part' | awk -v day=$(($(date +%s) / 86400)) '
		{ stage[NR - 1] = $0 }
		END { print stage[day % NR] }'
}

main()
{
	local when name command known chosen left="" start=$SECONDS jobs

	cd "$TOP"
	mkdir -p "$LOG"
	jobs=${TRIPMAP_JOBS:-$(jobs_of)}
	[[ $jobs =~ ^[1-9][0-9]*$ ]] || die "TRIPMAP_JOBS=$jobs: not a number of stages"
	known=$(stages | awk '{ print $2 }')
	case ${*-} in
	"") chosen=$(those check) ;;
	turn) chosen="$(those check) $(turn)" ;;
	all)
		PERCENT=100
		chosen=$(those 'check|turn|all')
		;;
	*) chosen=$* ;;
	esac
	for name in $chosen; do
		grep -qxF -e "$name" <<<"$known" || die "no such stage: $name ($(tr '\n' ' ' <<<"$known"))"
	done
	while read -r when name command <&3; do
		if [[ " ${chosen//$'\n'/ } " == *" $name "* ]]; then
			[ ${#RUNNING[@]} -lt "$jobs" ] || one_ends
			rm -f "$LOG/$name.end"
			# In a process group of its own, which is not deaf to SIGINT.
			set -m
			# shellcheck disable=SC2086 # a command with its arguments
			run_stage "$name" $command &
			set +m
			RUNNING[$!]=$name
		elif [ "$when" != part ]; then
			left+=" $name"
		fi
	done 3< <(stages)
	while [ ${#RUNNING[@]} -gt 0 ]; do
		one_ends
	done
	[ -z "$left" ] || echo "left out:$left (make check-all)"
	echo "$((SECONDS - start)) seconds, $jobs stages at a time"
	echo "$PASSED passed, $FAILED failed, $SKIPPED skipped"
	[ $FAILED -eq 0 ] && [ $((PASSED + FAILED + SKIPPED)) -gt 0 ]
}

# Built once, the same way for all stages; and what a compiler has seen before, with
# the same options, it does not compile again.
export WERROR=1
export PATH=/usr/lib/ccache:$PATH CCACHE_DIR=$CACHE/ccache CCACHE_MAXSIZE=2G
export CCACHE_BASEDIR=$TOP CCACHE_NOHASHDIR=1
LOG=$BUILD/log/check
# Of the operations of long tests on the kernels that check nothing themselves.
PERCENT=25
declare -A RUNNING=()
PASSED=0 FAILED=0 SKIPPED=0
trap 'end_all; exit 130' INT
trap 'end_all; exit 143' TERM
main "$@"
