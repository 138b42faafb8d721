#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kselftest.sh [--with PIECE] [--part I/N] KERNEL [TEST...]: run the kselftests (all,
# or those named, such as test_table.sh) in the machine and print their KTAP.  One more
# result line is the rig's: did the kernel stay healthy, and did every test report?
#
# --part I/N: each Nth of the tests, from the Ith on.
#
# Tests that say "# needs: PIECE" are run with that piece (vm.sh --with), and only
# they are then; "memory" is a machine with much of it, and time.
#
# TM_PERCENT=N: of the operations that long tests do, that many (test_core.sh).
# AFTERWARDS="SCRIPT FILE...": the guest runs that script when the tests are over.
#
# The kernel's own framework is taken from Debian's linux-source-6.12.
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"

PIECE=""
PART=1/1
[ "${1-}" != --with ] || { PIECE=$2 && shift 2; }
[ "${1-}" != --part ] || { PART=$2 && shift 2; }
if [[ ! $PART =~ ^([1-9][0-9]?)/([1-9][0-9]?)$ ]] || ((BASH_REMATCH[1] > BASH_REMATCH[2])); then
	die "--part $PART: not one of so many parts, such as 1/3"
fi
KERNEL=${1:?usage: kselftest.sh [--with PIECE] [--part I/N] KERNEL [TEST...]}
shift
WORK=$BUILD/kselftest/$KERNEL${PIECE:+-$PIECE}
IMAGE=$WORK/kselftest

# TARGETS must be a name below the framework's folder: give it a link there.
install_tests()
{
	local src fw=$WORK/framework ksft

	src=$("$VM_DIR/fetch.sh" source 6.12)
	ksft=$fw/tools/testing/selftests
	rm -rf "$fw" "$IMAGE"
	mkdir -p "$fw/scripts" "$ksft"
	cp -r "$src/scripts/subarch.include" "$fw/scripts/"
	cp -r "$src/tools/testing/selftests/." "$ksft/"
	ln -sfn "$TOP/selftests" "$ksft/tripmap"
	make -s -C "$ksft" TARGETS=tripmap KSFT_DIR="$ksft" YNL="$src/tools/net/ynl" \
		O="$WORK/obj" KSFT_INSTALL_PATH="$IMAGE" install >"$WORK/install.log" 2>&1 || {
		tail -n 20 "$WORK/install.log" >&2
		die "the kselftests do not build; log: $WORK/install.log"
	}
}

# Emulation with the kernel's checkers is slow; nothing else about it is different.
machine()
{
	if is_debug_kernel "$KERNEL"; then
		echo "--timeout 7200 --mem 2048"
	else
		echo "--timeout 3000 --append slub_debug=FZPU,tripmap*"
	fi
	case $PIECE in
	"") ;;
	memory) echo "--mem 4096 --timeout 7200" ;;
	*) echo "--with $PIECE" ;;
	esac
}

# The names of the tests that need what this machine has, no less and no more.
tests()
{
	local name needs

	while IFS=: read -r _ name; do
		needs=$(sed -n 's/^# needs: //p' "$IMAGE/tripmap/$name")
		[ "$needs" != "$PIECE" ] || echo "$name"
	done <"$IMAGE/kselftest-list.txt" | awk -v i="${PART%/*}" -v n="${PART#*/}" 'NR % n == i % n'
}

start_script()
{
	echo "#!/bin/sh"
	echo "cd /root/kselftest || exit"
	[ -z "${TM_PERCENT-}" ] || echo "export TM_PERCENT=$TM_PERCENT"
	printf './run_kselftest.sh'
	if [ "$PIECE" = memory ]; then
		printf ' -o 7000'
	elif is_debug_kernel "$KERNEL"; then
		printf ' -o 3000'
	else
		printf ' -o 900'
	fi
	[ $# -eq 0 ] || printf ' -t tripmap:%q' "$@"
	echo
	[ -z "${AFTERWARDS-}" ] || basename "/root/${AFTERWARDS%% *}" | sed 's,^,exec /root/,'
}

main()
{
	local rc=0 ran

	# Two runs at once would tread on each other's files.
	mkdir -p "$WORK"
	exec 8>"$WORK/.lock"
	flock 8
	"$VM_DIR/modules.sh" "$KERNEL"
	make -s -C "$TOP" tool >&2
	install_tests
	# shellcheck disable=SC2046 # names
	[ $# -gt 0 ] || set -- $(tests)
	start_script "$@" >"$WORK/run"
	# shellcheck disable=SC2046 # a list of options
	"$VM_DIR/vm.sh" run --kernel "$KERNEL" $(machine) --files "$IMAGE ${AFTERWARDS-}" "$WORK/run" |
		tee "$WORK/out" || rc=$?
	ran=$(grep -cE '^(not )?ok [0-9]' "$WORK/out" || :)
	if [ "$rc" -ne 0 ]; then
		echo "not ok $(($# + 1)) the rig on $KERNEL (status $rc)"
	elif [ "$ran" -ne $# ]; then
		echo "not ok $(($# + 1)) the rig on $KERNEL ($ran of $# tests reported)"
	else
		echo "ok $(($# + 1)) the rig on $KERNEL"
		grep -q '^not ok' "$WORK/out" || return 0
	fi
	return 1
}

main "$@"
