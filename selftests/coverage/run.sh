#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh KERNEL [native|module]...: which lines and branches the tests run; both by
# default. Tables to stdout; JSON and the lines that never ran below build/coverage.
#
#   native   core and observe in userspace, by the native suites
#   module   the module in the virtual machine, by the kselftests and the fuzzer;
#            TESTS="test_table.sh test_fuzz.sh" for some of them
set -Eeuo pipefail

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../vm/lib.sh"
KERNEL=${1:?usage: run.sh KERNEL [native|module]...}
shift
OUT=$BUILD/coverage
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
	"$here/report.py" native "$objects" "$TOP" "$OUT"
}

# A build of its own: other machines' modules are not to have counters.
module()
{
	local objects=$OUT/$KERNEL

	mkdir -p "$objects"
	forget "$objects"
	# shellcheck disable=SC2086 # a list of tests
	BUILD=$OUT TRIPMAP_BUILD=$OUT TRIPMAP_COVERAGE=y AFTERWARDS="$here/guest.sh $here/gcda.py" \
		"$VM_DIR/kselftest.sh" "$KERNEL" ${TESTS-} >"$OUT/module.log" || {
		say "some tests failed; log: $OUT/module.log"
		failed=1
	}
	"$here/gcda.py" receive <"$OUT/module.log"
	echo "The module on $KERNEL, by the kselftests and the fuzzer:"
	"$here/report.py" module "$objects" "$TOP" "$OUT"
}

# BUILD=... of an outer make is not for the builds in here.
unset MAKEFLAGS
mkdir -p "$OUT"
[ $# -gt 0 ] || set -- native module
for what; do
	case $what in
	native | module) "$what" ;;
	*) die "usage: run.sh KERNEL [native|module]..." ;;
	esac
done
echo "What never ran: $OUT/*.missed"
exit $failed
