#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# deps.sh GROUP...: install the ordinary Debian packages that a target needs.
#
#   build  the module and the tool
#   vm     the virtual machine (its kernels, QEMU and userland are not
#          installed but unpacked: see fetch.sh)
#   debug  building the debug kernel
#   check  everything that "make check" runs
#   model  the models of the protocol
#   bench  the native bench and the tables that it compares with
#   update nothing, but refresh the machine's package lists
#
# Only what is missing is installed; nothing is said when nothing is missing.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

BUILD_PKGS="build-essential libelf-dev kmod rsync xz-utils zstd pahole
	pkg-config libnl-3-dev libnl-genl-3-dev libjson-c-dev libkmod-dev
	libncurses-dev"
VM_PKGS="$BUILD_PKGS cpio util-linux python3"
DEBUG_PKGS="$VM_PKGS flex bison bc libssl-dev"
BENCH_PKGS="build-essential pkg-config python3 liburcu-dev libtbb-dev libabsl-dev golang-go"
MODEL_PKGS="gcc libc6-dev spin"
CHECK_PKGS="$DEBUG_PKGS $MODEL_PKGS ccache python3-yaml python3-jsonschema sparse shellcheck
	cppcheck coccinelle clang libclang-rt-14-dev perl python3-docutils pyflakes3 mandoc chromium
	graphviz tmux python3-prometheus-client $BENCH_PKGS"

installed()
{
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Package lists older than a week may name versions that are gone.
lists_are_stale()
{
	[ -z "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -mtime -7 -print -quit 2>/dev/null)" ]
}

as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "need root or sudo to run: $*"
	fi
}

# apt talks a lot: keep it for the case of failure.
quiet()
{
	local out

	out=$("$@" 2>&1) || {
		printf '%s\n' "$out" | tail -n 15 >&2
		return 1
	}
}

update_lists()
{
	say "apt-get update"
	quiet as_root apt-get -q update ||
		say "apt-get update had errors; going on with the lists that are there"
}

install_missing()
{
	quiet as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -q -y -o DPkg::Lock::Timeout=300 \
		install --no-install-recommends "$@"
}

main()
{
	local group want="" missing=() p

	[ $# -gt 0 ] || die "usage: deps.sh build|vm|debug|check|model|bench ..."
	for group in "$@"; do
		case $group in
		build) want+=" $BUILD_PKGS" ;;
		vm) want+=" $VM_PKGS" ;;
		debug) want+=" $DEBUG_PKGS" ;;
		check) want+=" $CHECK_PKGS" ;;
		model) want+=" $MODEL_PKGS" ;;
		bench) want+=" $BENCH_PKGS" ;;
		update) update_lists ;;
		*) die "no such group: $group (build, vm, debug, check, model, bench, update)" ;;
		esac
	done
	for p in $want; do
		[[ " ${missing[*]} " == *" $p "* ]] || installed "$p" || missing+=("$p")
	done
	[ ${#missing[@]} -gt 0 ] || return 0

	command -v apt-get >/dev/null ||
		die "these Debian packages are missing and there is no apt-get: ${missing[*]}"
	if lists_are_stale; then
		update_lists
	fi
	say "installing ${missing[*]}"
	install_missing "${missing[@]}" && return 0
	update_lists
	install_missing "${missing[@]}" ||
		die "apt-get could not install: ${missing[*]}"
}

main "$@"
