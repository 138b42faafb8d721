#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# rig_test.sh [KERNEL]: does the rig see what it is there to see?  Each case
# boots the machine with rig/tripmap.c, a stand-in module that misbehaves on
# command, and compares vm.sh's exit status and words.  Prints TAP.
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"

KERNEL=${1:-6.1}
WORK=$(mktemp -d "${TMPDIR:-/tmp}/tripmap-rig.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
ACT=/sys/module/tripmap/parameters/act
N=0 FAILED=0

build_stand_in()
{
	local out=$WORK/build/$KERNEL dir

	mkdir -p "$out"
	cp "$VM_DIR"/rig/* "$out/"
	case $KERNEL in
	*-debug) dir=$("$VM_DIR/debug-kernel.sh" "$KERNEL") ;;
	*) dir=$("$VM_DIR/fetch.sh" kernel "$KERNEL") ;;
	esac
	make -C "$dir/headers" M="$out" modules >"$WORK/log" 2>&1 || {
		tail -n 20 "$WORK/log" >&2
		die "the stand-in module does not build"
	}
}

# expect NAME STATUS WORDS SCRIPT [OPTION]...: run SCRIPT in the machine; vm.sh
# must exit with STATUS and say WORDS on stderr ("" for nothing at all).
expect()
{
	local name=$1 want=$2 words=$3 script=$4 rc=0

	shift 4
	N=$((N + 1))
	printf '%s\n' "$script" >"$WORK/script"
	TRIPMAP_BUILD=$WORK/build "$VM_DIR/vm.sh" run --kernel "$KERNEL" --log "$WORK/vm" \
		"$@" "$WORK/script" >"$WORK/stdout" 2>"$WORK/stderr" || rc=$?
	if [ "$rc" = "$want" ] && if [ -n "$words" ]; then
		grep -qF -e "$words" "$WORK/stderr"
	else
		[ ! -s "$WORK/stderr" ]
	fi; then
		echo "ok $N $name"
		return 0
	fi
	FAILED=$((FAILED + 1))
	echo "not ok $N $name"
	echo "# status $rc, wanted $want with \"$words\" on stderr, which was:"
	sed 's/^/# /' "$WORK/stderr"
	tail -n 15 "$WORK/vm/console" 2>/dev/null | sed 's/^/# console: /'
}

stdout_is()
{
	N=$((N + 1))
	if printf "$2" | cmp -s - "$WORK/stdout"; then
		echo "ok $N $1"
	else
		FAILED=$((FAILED + 1))
		echo "not ok $N $1"
		od -c "$WORK/stdout" | head -n 10 | sed 's/^/# /'
	fi
}

build_stand_in
echo "TAP version 13"
echo '1..19'
echo data >"$WORK/file"
expect "files, arguments, bytes and status pass as they are" 7 "to stderr" \
	'cat file; printf "%s\n" "$1"; printf "a\r\nb\tc"; echo to stderr >&2; exit 7' \
	--files "$WORK/file"
stdout_is "stdout has the script's bytes and no others" 'data\n\na\r\nb\tc'
expect "a clean run is silent, whatever it leaves running" 0 "" \
	'sleep 1000 & sleep 1000 & exit 0'
expect "a warning" 120 "log: WARNING: CPU: N PID: N at" "echo warn >$ACT"
expect "a warning that was announced" 0 "" \
	"echo warn >$ACT; tripmap-expect \"\$(dmesg | tripmap-normalise | grep ^WARNING:)\""
expect "an announcement that does not come true" 120 "expected in the log, but missing: WARNING: none" \
	'tripmap-expect "WARNING: none"'
expect "a taint without a word" 120 "the kernel is tainted" \
	'echo 64 >/proc/sys/kernel/tainted'
expect "an oops" 120 "kernel BUG at" "echo bug >$ACT"
expect "a panic" 120 "sysrq triggered crash" 'echo c >/proc/sysrq-trigger'
expect "a panic that was expected" 0 "" 'echo c >/proc/sysrq-trigger' \
	--expect-panic "sysrq triggered crash"
expect "another panic than the expected one" 120 "a panic was expected" \
	'echo c >/proc/sysrq-trigger' --expect-panic "something else"
expect "a panic that was expected and did not come" 120 "a panic was expected" 'true' \
	--expect-panic ""
expect "a hang" 120 "did not end within" 'while :; do :; done' --timeout 20
expect "an object left in a slab cache" 120 "left behind: /sys/kernel/slab/tripmap_rig" \
	"echo cacheleak >$ACT"
expect "a vmalloc area left behind" 120 "vmalloc areas" "echo vleak >$ACT"
expect "a module that cannot be unloaded" 120 "cannot be unloaded" "echo pin >$ACT"
expect "a module that cannot be loaded" 120 "cannot load tripmap.ko" 'true' --params "fail=1"
expect "an end without a verdict" 120 "ended without a verdict" 'poweroff -f'
rm "$WORK/build/$KERNEL/tripmap.ko"
expect "no module" 125 "tripmap.ko is missing" 'true'
[ $FAILED -eq 0 ]
