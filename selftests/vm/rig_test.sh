#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# rig_test.sh [KERNEL]: does the rig see what it is there to see?  Each case
# boots the machine with rig/tripmap.c, a stand-in module that misbehaves on
# command, and compares vm.sh's exit status and words.  Prints TAP.
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/vm/tap.sh
. "$VM_DIR/tap.sh"

KERNEL=${1:-6.1}
WORK=$(mktemp -d "${TMPDIR:-/tmp}/tripmap-rig.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
ACT=/sys/module/tripmap/parameters/act

build_stand_in()
{
	local out=$WORK/build/$KERNEL dir

	mkdir -p "$out"
	cp "$VM_DIR"/rig/* "$out/"
	dir=$(kernel_dir "$KERNEL")
	make -C "$dir/headers" M="$out" modules >"$WORK/log" 2>&1 || {
		tail -n 20 "$WORK/log" >&2
		die "the stand-in module does not build"
	}
}

# Does stderr have each line of WORDS in it?  "" stands for no stderr at all.
said()
{
	local line

	[ -n "$1" ] || { [ ! -s "$WORK/stderr" ] && return; }
	while read -r line; do
		grep -qF -e "$line" "$WORK/stderr" || return
	done <<<"$1"
}

# expect NAME STATUS WORDS SCRIPT [OPTION]...: run SCRIPT in the machine; vm.sh
# must exit with STATUS and say WORDS.
expect()
{
	local name=$1 want=$2 words=$3 script=$4 rc=0

	shift 4
	printf '%s\n' "$script" >"$WORK/script"
	TRIPMAP_BUILD=$WORK/build "$VM_DIR/vm.sh" run --kernel "$KERNEL" --log "$WORK/vm" \
		"$@" "$WORK/script" >"$WORK/stdout" 2>"$WORK/stderr" || rc=$?
	if [ "$rc" = "$want" ] && said "$words"; then
		result 0 "$name"
		return 0
	fi
	result 1 "$name"
	echo "# status $rc, wanted $want and on stderr \"$words\""
	sed 's/^/# stderr: /' "$WORK/stderr"
	tail -n 15 "$WORK/vm/console" 2>/dev/null | sed 's/^/# console: /'
}

stdout_is()
{
	local same=0

	printf '%b' "$2" | cmp -s - "$WORK/stdout" || same=1
	result $same "$1"
	[ $same -eq 0 ] || od -c "$WORK/stdout" | head -n 10 | sed 's/^/# /'
}

# QEMU is stopped as soon as it is there, once.
hang_the_first()
{
	local tries

	for ((tries = 0; tries < 600; tries++)); do
		! pkill -STOP -f "id=console,path=$WORK/vm/console" || return 0
		sleep 0.1
	done
}

ordinary_cases()
{
	echo "1..17"
	echo data >"$WORK/file"
	expect "files, bytes and status pass as they are" 7 "to stderr" \
		'cat file; printf "a\r\nb\tc"; echo to stderr >&2; exit 7' --files "$WORK/file"
	stdout_is "stdout has the script's bytes and no others" 'data\na\r\nb\tc'
	expect "a clean run is silent, whatever it leaves running" 0 "" \
		'sleep 1000 & sleep 1000 & exit 0'
	expect "a warning that was announced, and a line of its stack" 0 "" \
		"echo warn >$ACT; tripmap-expect \"\$(dmesg | tripmap-normalise | grep ^WARNING:)\" ' <TASK>'"
	expect "warning, broken announcement, taint, and what is left behind" 120 \
		"log: WARNING: CPU: N PID: N at
		expected in the log, but missing: WARNING: none
		the kernel is tainted
		left behind: /sys/kernel/slab/tripmap_rig
		1 vmalloc areas" \
		"echo warn >$ACT; tripmap-expect 'WARNING: none'; echo cacheleak >$ACT; echo vleak >$ACT"
	# An option that taints.
	expect "a boot that is spoilt each time" 120 \
		"was tainted (4) by its own boot, try 1
		was tainted (4) by its own boot, try 3
		ended without a verdict" 'echo never' --append "clearcpuid=fsrm"
	expect "a boot that hangs each time" 120 \
		"did not come up, try 1
		did not come up, try 3
		the guest did not end within" 'echo never' --timeout 10 --append "rdinit=/bin/busybox -- cat"
	hang_the_first &
	expect "a boot that hangs once" 0 "did not come up, try 1" 'true' --timeout 60
	wait
	expect "a module that cannot be unloaded" 120 "cannot be unloaded" "echo pin >$ACT"
	expect "a module that cannot be loaded" 120 "cannot load tripmap.ko" 'true' --params "fail=1"
	expect "an oops" 120 "kernel BUG at" "echo bug >$ACT"
	expect "a panic that was expected" 0 "" 'echo c >/proc/sysrq-trigger' \
		--expect-panic "sysrq triggered crash"
	expect "another panic than the expected one" 120 "a panic was expected
		sysrq triggered crash" 'echo c >/proc/sysrq-trigger' --expect-panic "something else"
	expect "a panic that was expected and did not come" 120 "a panic was expected" 'true' \
		--expect-panic ""
	expect "a hang" 120 "did not end within" 'while :; do :; done' --timeout 20
	expect "an end without a verdict" 120 "ended without a verdict" 'poweroff -f'
	rm "$WORK/build/$KERNEL/tripmap.ko"
	expect "no module" 125 "tripmap.ko is missing" 'true'
}

# What only its own checkers see.
debug_cases()
{
	echo "1..4"
	expect "a clean run" 0 "" 'true'
	expect "an allocation that nobody frees" 120 "kmemleak: 1 objects" "echo kleak >$ACT"
	expect "a write to freed memory" 120 "log: BUG: KASAN: " "echo use-after-free >$ACT"
	expect "sleeping in atomic context" 120 \
		"log: BUG: sleeping function called from invalid context" "echo sleep-in-atomic >$ACT"
}

build_stand_in
echo "TAP version 13"
case $KERNEL in
*-debug) debug_cases ;;
*) ordinary_cases ;;
esac
# shellcheck disable=SC2154 # of tap.sh
[ $failed -eq 0 ]
