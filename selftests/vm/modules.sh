#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# modules.sh KERNEL: build tripmap.ko and the test modules for one of the rig's
# kernels, in build/KERNEL, out of a copy of the sources that is kept up to
# date.  So each kernel has its own objects, and the source tree stays clean.
#
#   KERNEL      6.1, 6.12, 6.12-rt, 6.1-debug, 6.1-kcsan, 6.1-uml (User-Mode Linux, with the
#               bench instead of the test modules), 6.1-uml-debug (with those test modules
#               that it can run), or "host": the running kernel, or the one whose build
#               tree KDIR names, without test modules
#   WERROR=1    warnings are errors
#   SPARSE=1    run sparse, too
#   TRIPMAP_COVERAGE=y  with counters (selftests/coverage)
#
# Says nothing but warnings and errors.
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"

kernel=${1:?usage: modules.sh KERNEL}
out=$BUILD/$kernel
log=$out/build.log

headers()
{
	local dir

	case $kernel in
	host)
		dir=${KDIR:-/lib/modules/$(uname -r)/build}
		[ -e "$dir/Makefile" ] ||
			die "$dir: no kernel headers (apt install linux-headers-$(uname -r), or set KDIR)"
		echo "$dir"
		;;
	*)
		dir=$(kernel_dir "$kernel")
		echo "$dir/headers"
		;;
	esac
}

# Copies what changed, and removes what is gone; built files stay. What is copied
# is new to make, however long ago it was edited.
sync_sources()
{
	local what=() f

	for f in Kbuild kmod uapi selftests/core selftests/native selftests/kmod \
		selftests/bench selftests/coverage; do
		[ ! -e "$TOP/$f" ] || what+=("$TOP/./$f")
	done
	rsync -rlpR --checksum --delete --filter='P selftests/kmod/*/' --exclude='*.o' --exclude='*.ko' --exclude='.*' \
		--exclude='*.mod' --exclude='*.mod.c' --exclude=modules.order \
		--exclude=Module.symvers --exclude='*.gcno' --exclude='*.gcda' --exclude=__pycache__ "${what[@]}" "$out/"
}

build()
{
	local dir args=("W=1" "TRIPMAP_SELFTESTS=")

	mkdir -p "$out"
	dir=$(headers)
	if [[ $kernel == *-uml ]]; then
		args+=("ARCH=um" "TRIPMAP_BENCH=y")
	elif [[ $kernel == *-uml-* ]]; then
		args+=("ARCH=um" "TRIPMAP_SELFTESTS=y")
	elif [ "$kernel" != host ] && [ -e "$TOP/selftests/kmod/Kbuild" ]; then
		args+=("TRIPMAP_SELFTESTS=y")
	fi
	# The fuzzer builds on what it reaches there.
	[[ $kernel != *-debug ]] || args+=("TRIPMAP_KCOV=y")
	[ -z "${WERROR-}" ] || args+=("KCFLAGS=-Werror")
	[ -z "${SPARSE-}" ] || args+=("C=2" "CF=-Wsparse-error")
	sync_sources
	if make -C "$dir" M="$out" -j"$(nproc)" "${args[@]}" modules >"$log" 2>&1; then
		# without vmlinux there is no BTF, and that is all right
		grep -A 6 -E 'warning: |^WARNING' "$log" >&2 || :
		return 0
	fi
	grep -A 6 -E 'error: |warning: |ERROR: |No rule|fatal|[Ee]rror [0-9]' "$log" | head -n 60 >&2 || :
	say "the modules do not build for $kernel; log: ${log#"$PWD"/}"
	return 1
}

case " $KERNELS $UML_KERNELS host " in
*" $kernel "*) ;;
*) die "no such kernel: $kernel ($KERNELS $UML_KERNELS host)" ;;
esac
# Two makes at once would tread on each other's objects.
mkdir -p "$out"
exec 9>"$out/.lock"
flock 9
build 9>&-
