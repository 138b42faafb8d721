#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh KERNEL [native|module|faults]...: which lines and branches the tests run; the
# first two by default. Tables to stdout; JSON and the lines that never ran below
# build/coverage.
#
#   native   core and observe in userspace, by the native suites
#   module   the module in the virtual machine, by the kselftests and the fuzzer;
#            TESTS="test_table.sh test_fuzz.sh" for some of them
#   faults   the same by the tests that make allocations fail, which need 6.1-debug;
#            with module, lines that either runs have run
set -Eeuo pipefail

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../vm/lib.sh"
KERNEL=${1:?usage: run.sh KERNEL [native|module|faults]...}
shift
OUT=$BUILD/coverage
MACHINES=()
failed=0

forget()
{
	find "$1" -name '*.gcda' -delete
}

native()
{
	local objects=$TOP/build/native/cov

	mkdir -p "$objects"
	forget "$objects"
	make -s -C "$TOP/selftests/native" check V=cov >"$OUT/native.log" 2>&1 || {
		say "the native suites failed; log: $OUT/native.log"
		failed=1
	}
	echo "The core in userspace, by the native suites:"
	"$here/report.py" native "$TOP" "$OUT" "$objects"
}

# count KERNEL TEST...: on a build of its own, as other machines' modules are not to
# have counters.
count()
{
	local kernel=$1 objects=$OUT/$1 log=$OUT/module-$1.log

	shift
	mkdir -p "$objects"
	forget "$objects"
	BUILD=$OUT TRIPMAP_BUILD=$OUT TRIPMAP_COVERAGE=y AFTERWARDS="$here/guest.sh $here/gcda.py" \
		"$VM_DIR/kselftest.sh" "$kernel" "$@" >"$log" || {
		say "some tests failed; log: $log"
		failed=1
	}
	"$here/gcda.py" receive <"$log"
	MACHINES+=("$objects")
}

# BUILD=... of an outer make is not for the builds in here.
unset MAKEFLAGS
mkdir -p "$OUT"
[ $# -gt 0 ] || set -- native module
# shellcheck disable=SC2086 # a list of tests
for what; do
	case $what in
	native) native ;;
	module) count "$KERNEL" ${TESTS-} ;;
	faults) count 6.1-debug test_fault.sh test_fault_core.sh test_fault_load.sh ;;
	*) die "usage: run.sh KERNEL [native|module|faults]..." ;;
	esac
done
if [ ${#MACHINES[@]} -gt 0 ]; then
	echo "The module on ${MACHINES[*]##*/}, by the kselftests and the fuzzer:"
	"$here/report.py" module "$TOP" "$OUT" "${MACHINES[@]}"
fi
echo "What never ran: $OUT/*.missed"
exit $failed
