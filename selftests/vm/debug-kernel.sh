#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# debug-kernel.sh 6.1-debug|6.1-kcsan|6.1-uml|6.1-uml-debug: build a kernel of our own into the
# cache and print its directory, laid out as "fetch.sh kernel" lays out Debian's own:
# boot/bzImage (boot/linux, the program, for User-Mode Linux) instead of
# boot/vmlinux, headers/ (to build modules against), release.  Ten minutes (five),
# once per source version and configuration (configs/NAME.config).
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"
# shellcheck disable=SC2154 # status: set right here
trap 'status=$?; [ $status -eq 125 ] || say "line $LINENO failed: $BASH_COMMAND"' ERR

# Change this when the build below changes: it names the result.
RECIPE=1

# Lines of the fragment that .config does not honour; "is not set" also means
# that the option does not exist in this configuration.
dropped_lines()
{
	local line option

	while read -r line; do
		case $line in
		"# CONFIG_"*" is not set")
			option=${line#\# }
			option=${option%% *}
			grep -q "^$option=" "$2" && echo "$line"
			;;
		CONFIG_*)
			grep -qxF "$line" "$2" || echo "$line"
			;;
		esac
	done <"$1"
	return 0
}

# What is asked of the kernel: its own lines, on top of those in common.
fragment()
{
	case $1 in
	*-uml) cat "$VM_DIR/configs/$1.config" ;;
	*-uml-*) cat "$VM_DIR/configs/${1%-uml-*}-uml.config" "$VM_DIR/configs/$1.config" ;;
	*) cat "$VM_DIR/configs/debug-base.config" "$VM_DIR/configs/$1.config" ;;
	esac
}

configure()
{
	local src=$1 out=$2 fragment=$3 dropped

	make -s -C "$src" O="$out" tinyconfig
	cd "$out"
	"$src/scripts/kconfig/merge_config.sh" -m -O "$out" "$out/.config" "$fragment"
	make -s -C "$src" O="$out" olddefconfig
	dropped=$(dropped_lines "$fragment" "$out/.config")
	if [ -n "$dropped" ]; then
		echo "not in .config in the end: $(tr '\n' ' ' <<<"$dropped")"
		return 1
	fi
}

compile()
{
	# KCSAN is to watch our modules, not the rest: see configs/6.1-kcsan.config.
	# It is kept as a whole, not by its objects.
	CCACHE_DISABLE=1 nice -n 10 make -C "$1" O="$2" -j"$(nproc)" KCSAN_SANITIZE=n "${IMAGE##*/}" modules
}

# Modules need the tree, not the objects of the kernel in it.
keep_what_is_needed()
{
	cp "$1/headers/$IMAGE" "$1/boot/"
	cp "$1/headers/.config" "$1/boot/config"
	make -s --no-print-directory -C "$1/headers" kernelrelease >"$1/release"
	find "$1/headers" \( -name '*.o' -o -name '*.a' -o -name 'vmlinux*' \) \
		-not -path '*/scripts/*' -not -path '*/tools/*' -delete
}

# kbuild writes absolute paths into its tree: built in place, and a stamp,
# written last, says that it is complete.
build()
{
	local name=$1 src key dir log

	[ -e "$VM_DIR/configs/$name.config" ] || die "no such kernel: $name"
	case $name in
	*-uml*) export ARCH=um IMAGE=linux ;;
	*) IMAGE=arch/x86/boot/bzImage ;;
	esac
	src=$("$VM_DIR/fetch.sh" source-full "${name%%-*}")
	key=$( (
		echo "$RECIPE"
		fragment "$name" | grep -v '^# [^C]' | grep .
	) | sha256sum | cut -c1-8)
	dir=$CACHE/kernel-$name-${src##*-"${name%%-*}"-}-$key
	if [ ! -e "$dir/.complete" ]; then
		"$VM_DIR/deps.sh" debug
		rm -rf "$dir"
		mkdir -p "$dir/headers" "$dir/boot"
		log=$dir/build.log
		say "building kernel $name: minutes, once; log in $log"
		trap 'tail -n 3 "$log" >&2; die "kernel $name did not build; see $log"' ERR
		(
			fragment "$name" >"$dir/fragment"
			configure "$src" "$dir/headers" "$dir/fragment"
			compile "$src" "$dir/headers"
			keep_what_is_needed "$dir"
		) >"$log" 2>&1
		touch "$dir/.complete"
		# Trees of older recipes: half a gigabyte each.  One may still
		# be in use, so leave those of today.
		find "$CACHE" -maxdepth 1 -name "kernel-$name-*" -not -path "$dir" \
			-mtime +1 -exec rm -rf {} +
		say "kernel $name: ready"
	fi
	echo "$dir"
}

with_lock "kernel-${1-}" build "${1-}"
