# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What every script of the rig needs: where things are, and how to speak.
# Sourced, never run.

# An error inside $( ) ends the script, as it does outside.
shopt -s inherit_errexit

# "VM_DIR" is this directory, "TOP" the top of the source tree.
VM_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(cd "$VM_DIR/../.." && pwd)
# shellcheck disable=SC2034 # used by the scripts that source this file
BUILD=${TRIPMAP_BUILD:-$TOP/build}
CACHE=${TRIPMAP_CACHE:-${HOME:-/root}/.cache/tripmap}

# Where unpacked kernels and tools are found; sbin is not on a user's PATH.
PATH=$PATH:/usr/sbin:/sbin

# The kernels that the project builds for and boots: Debian's, and our own builds
# with KASAN and lockdep, and with KCSAN.
STOCK_KERNELS="6.1 6.12 6.12-rt"
DEBUG_KERNELS="6.1-debug 6.1-kcsan"
# shellcheck disable=SC2034 # used by the scripts that source this file
KERNELS="$STOCK_KERNELS $DEBUG_KERNELS"

# User-Mode Linux: for speed, and with KASAN and lockdep.
UML_KERNELS="6.1-uml 6.1-uml-debug"

is_debug_kernel()
{
	[[ " $DEBUG_KERNELS " == *" $1 "* ]]
}

is_uml_kernel()
{
	[[ " $UML_KERNELS " == *" $1 "* ]]
}

# Prints where the kernel is, fetched or built if need be.
kernel_dir()
{
	if is_debug_kernel "$1" || is_uml_kernel "$1"; then
		"$VM_DIR/debug-kernel.sh" "$1"
	else
		"$VM_DIR/fetch.sh" kernel "$1"
	fi
}

# All that is not a result goes to stderr: stdout belongs to results.
say()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# The rig's own failures end with 125, so that no test's status is mistaken
# for them.
die()
{
	say "$*"
	exit 125
}

# with_lock NAME COMMAND...: one process at a time may fill a place in the
# cache; the others wait for it and then find it filled.
with_lock()
{
	local name=$1

	shift
	mkdir -p "$CACHE/lock"
	(
		flock 9
		"$@" 9>&-
	) 9>"$CACHE/lock/$name"
}
