#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# fetch.sh WHAT: fetch Debian packages, unpack them below the cache folder and
# print the resulting directory.  Nothing is installed, and the machine's apt
# configuration and package lists stay as they are.
#
#   kernel 6.1|6.12|6.12-rt  boot/vmlinux (ELF), config, lib/modules, and
#                            headers/ to build modules against
#   promtool                 DIR/usr/bin/promtool, Prometheus' own check of metrics
#   qemu                     run with: DIR/run [arguments of qemu-system-x86_64]
#   userland                 root file system of the guest, without our files
#   tracing                  what trace-cmd and bpftrace need beside that
#   source 6.1|6.12          the small part of the kernel source used by tests:
#                            kselftest framework, ynl, checkpatch, kernel-doc
#   source-full 6.1          all of it, for the debug kernel
#
# TRIPMAP_CACHE (default ~/.cache/tripmap) holds everything; each piece is made
# aside and moved into place when complete, so it may be interrupted any time.
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"
# shellcheck disable=SC2154 # status: set right here
trap 'status=$?; [ $status -eq 125 ] || say "line $LINENO failed: $BASH_COMMAND"' ERR

CODENAME=bookworm
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
STAMP_DAYS=7

#
# apt, with lists and configuration of its own below the cache folder
#

apt_dir=$CACHE/apt
apt_opts=(
	-o "Dir::Etc::sourcelist=$apt_dir/sources.list"
	-o "Dir::Etc::sourceparts=-"
	-o "Dir::Etc::preferencesparts=-"
	-o "Dir::Etc::preferences=-"
	-o "Dir::State::lists=$apt_dir/lists"
	-o "Dir::Cache=$apt_dir/cache"
	-o "APT::Sandbox::User="
	-o "APT::Get::List-Cleanup=0"
	-o "Acquire::Languages=none"
	-o "Acquire::Retries=3"
)

# "no package is installed": makes apt resolve the whole closure
nothing_installed=(-o "Dir::State::status=/dev/null")

# One "URI SUITE COMPONENT" a line: Debian's own archives, as this machine's
# apt knows them.  Only used to learn which mirror to ask.
machine_sources()
{
	# shellcheck disable=SC2016 # apt's variables, not the shell's
	apt-get indextargets 'Created-By: Packages' 'Origin: Debian' \
		--format '$(REPO_URI) $(RELEASE) $(COMPONENT)'
	echo
}

write_sources()
{
	local uri suite comp opt="" sources mirror=""

	[ -e "$KEYRING" ] && opt="[signed-by=$KEYRING] "
	sources=$(machine_sources)
	if [ -z "$sources" ]; then
		# A fresh machine may have sources, but no lists yet.
		"$VM_DIR/deps.sh" update
		sources=$(machine_sources)
	fi
	while read -r uri suite comp; do
		case $suite in
		"$CODENAME" | "$CODENAME"-security | "$CODENAME"-updates) ;;
		*) continue ;;
		esac
		[ "$comp" = main ] || continue
		echo "deb $opt$uri $suite main"
		if [ "$suite" = "$CODENAME" ] && [ -z "$mirror" ]; then
			mirror=$uri
			echo "deb $opt$uri $CODENAME-backports main"
		fi
	done <<<"$sources" >"$apt_dir/sources.list.new"
	grep -q "$CODENAME-backports" "$apt_dir/sources.list.new" ||
		die "this machine's apt knows no Debian 12 ($CODENAME) archive; see apt-get indextargets"
	mv "$apt_dir/sources.list.new" "$apt_dir/sources.list"
}

# The lists are refreshed once in a while, so that security updates are seen.
ready_apt()
{
	with_lock apt refresh_lists
}

refresh_lists()
{
	command -v apt-get >/dev/null || die "apt-get is needed to fetch Debian packages"
	mkdir -p "$apt_dir/lists/partial" "$apt_dir/cache/archives/partial"
	[ -n "$(find "$apt_dir/stamp" -mtime "-$STAMP_DAYS" 2>/dev/null)" ] && return 0
	write_sources
	say "refreshing package lists"
	if run_apt update -q; then
		touch "$apt_dir/stamp"
	elif [ -e "$apt_dir/stamp" ]; then
		say "no fresh lists; going on with the old ones"
	else
		die "cannot fetch Debian's package lists"
	fi
}

# apt's chatter is kept for the case of failure.
run_apt()
{
	local out

	out=$(apt-get "${apt_opts[@]}" "$@" 2>&1) || {
		printf '%s\n' "$out" | tail -n 10 >&2
		return 1
	}
}

# The name of the newest package that matches the whole of REGEX.
newest_package()
{
	apt-cache "${apt_opts[@]}" pkgnames | grep -Ex "$1" | sort -V | tail -n 1
}

package_version()
{
	apt-cache "${apt_opts[@]}" madison "$1" | awk 'NR == 1 { print $3 }'
}

# download DIR PACKAGE[=VERSION]...: exactly these packages
download()
{
	local dir=$1

	shift
	mkdir -p "$dir"
	say "fetching $*"
	(cd "$dir" && run_apt download "$@") || die "cannot fetch: $*"
}

# download_closure DIR APT-ARGUMENT...: these packages and all they depend on
download_closure()
{
	local dir=$1

	shift
	mkdir -p "$dir/partial"
	run_apt "${nothing_installed[@]}" -o "Dir::Cache::archives=$dir" \
		-o "Debug::NoLocking=1" -y -q --no-install-recommends \
		--download-only install "$@" || die "cannot fetch: $*"
}

unpack_all()
{
	local from=$1 to=$2 deb

	mkdir -p "$to"
	for deb in "$from"/*.deb; do
		dpkg-deb -x "$deb" "$to"
	done
}

# publish WHAT TMP FINAL: rename is atomic, a half-made directory never shows
publish()
{
	rm -rf "$2/deb"
	touch "$2/.complete"
	rm -rf "$3"
	mv "$2" "$3"
	say "$1: ready"
}

# The cache folder may hold what an interrupted run left behind.
scratch()
{
	mkdir -p "$CACHE/tmp"
	find "$CACHE/tmp" -mindepth 1 -maxdepth 1 -mtime +2 -exec rm -rf {} + 2>/dev/null || :
	mktemp -d "$CACHE/tmp/$1.XXXXXX"
}

#
# kernels
#

le32()
{
	od -An -tu4 -j "$2" -N 4 "$1" | tr -d ' '
}

# extract_elf VMLINUZ OUT: the ELF image inside a bzImage, found by the boot
# protocol's setup header (payload_offset, payload_length).  Booting it saves
# the guest the decompression, which is most of the boot under emulation.
extract_elf()
{
	local sects at len magic

	sects=$(od -An -tu1 -j $((0x1f1)) -N 1 "$1" | tr -d ' ')
	at=$(($(le32 "$1" $((0x248))) + (sects + 1) * 512))
	len=$(le32 "$1" $((0x24c)))
	magic=$(od -An -tx1 -j "$at" -N 4 "$1" | tr -d ' ')
	# The build appends the uncompressed size: 4 bytes that are not
	# part of the compressed stream.
	case $magic in
	fd377a58) payload "$1" "$at" $((len - 4)) | xz -dc >"$2" ;;
	28b52ffd) payload "$1" "$at" $((len - 4)) | zstd -qdc >"$2" ;;
	1f8b*) payload "$1" "$at" "$len" | gzip -dc >"$2" ;;
	*) die "$1: unknown compression ($magic)" ;;
	esac
	[ "$(od -An -tx1 -N 4 "$2" | tr -d ' ')" = 7f454c46 ] || die "$1: no ELF image inside"
}

payload()
{
	dd if="$1" iflag=skip_bytes,count_bytes skip="$2" count="$3" bs=64K status=none
}

# Where the archive keeps each kernel: image package, suffix of its headers
kernel_packages()
{
	local image base flavour abi

	case $1 in
	6.1) base='6\.1\.0-[0-9]+' flavour=amd64 ;;
	6.12) base='6\.12\.[0-9.]+\+deb12' flavour=amd64 ;;
	6.12-rt) base='6\.12\.[0-9.]+\+deb12' flavour=rt-amd64 ;;
	*) die "no such kernel: $1 (6.1, 6.12, 6.12-rt)" ;;
	esac
	# Signed or not, it is the same kernel; the signed package may be late.
	image=$(newest_package "linux-image-$base-$flavour(-unsigned)?")
	[ -n "$image" ] || die "Debian has no kernel $1 for $CODENAME at present"
	abi=${image%-unsigned}
	abi=${abi#linux-image-}
	abi=${abi%-"$flavour"}
	echo "$image"
	echo "linux-headers-$abi-$flavour"
	case $flavour in
	rt-*) echo "linux-headers-$abi-common-rt" ;;
	*) echo "linux-headers-$abi-common" ;;
	esac
	newest_package "linux-kbuild-(${abi//[.+]/.}|${1%%-*})"
}

# The headers package finds its common half by an absolute path.
relocate_headers()
{
	local arch=$1/headers common

	common=$(sed -n 's/^include //p' "$arch/Makefile")
	[ -n "$common" ] || die "headers: unexpected Makefile"
	sed -i "s|^include .*|include $2${common}|" "$arch/Makefile"
}

fetch_kernel()
{
	local name=$1 pkgs image version dir tmp kver

	ready_apt
	pkgs=$(kernel_packages "$name")
	image=$(head -n 1 <<<"$pkgs")
	version=$(package_version "$image")
	dir=$CACHE/kernel-$name-${version//[^A-Za-z0-9.+-]/_}
	if [ ! -e "$dir/.complete" ]; then
		tmp=$(scratch kernel)
		# shellcheck disable=SC2086 # a list
		download "$tmp/deb" $pkgs
		say "unpacking kernel $name"
		unpack_all "$tmp/deb" "$tmp"
		kver=$(basename "$tmp"/lib/modules/*)
		extract_elf "$tmp/boot/vmlinuz-$kver" "$tmp/boot/vmlinux"
		ln -s "usr/src/linux-headers-$kver" "$tmp/headers"
		relocate_headers "$tmp" "$dir"
		echo "$kver" >"$tmp/release"
		depmod -b "$tmp" "$kver"
		publish "kernel $name ($kver)" "$tmp" "$dir"
	fi
	echo "$dir"
}

#
# QEMU and the guest's userland
#

# QEMU of Debian 12 itself (7.2) crashes guests that patch their own code, as
# tracepoints and static keys do: take the backport.  With all its libraries,
# so that it runs on any machine.
fetch_qemu()
{
	local version dir tmp

	ready_apt
	version=$(package_version qemu-system-x86)
	case $version in
	[0-7].* | 1:[0-7].*) die "QEMU $version is too old for this: 8.1 or later is needed" ;;
	esac
	dir=$CACHE/qemu-${version//[^A-Za-z0-9.+-]/_}
	if [ ! -e "$dir/.complete" ]; then
		tmp=$(scratch qemu)
		say "fetching QEMU $version"
		download_closure "$tmp/deb" -t "$CODENAME-backports" \
			qemu-system-x86 qemu-system-common qemu-system-data seabios
		unpack_all "$tmp/deb" "$tmp/root"
		cat >"$tmp/run" <<-'RUN'
			#!/bin/sh
			r=$(dirname "$(readlink -f "$0")")/root
			l=/lib/x86_64-linux-gnu
			exec "$r$l/ld-linux-x86-64.so.2" --library-path "$r$l:$r/usr$l" \
				"$r/usr/bin/qemu-system-x86_64" \
				-L "$r/usr/share/qemu" -L "$r/usr/share/seabios" "$@"
		RUN
		chmod +x "$tmp/run"
		"$tmp/run" --version >/dev/null || die "QEMU does not run here"
		publish "QEMU $version" "$tmp" "$dir"
	fi
	echo "$dir"
}

# Unpacked, not installed: the package would start a server.
fetch_promtool()
{
	local version dir tmp

	ready_apt
	version=$(package_version prometheus)
	[ -n "$version" ] || die "Debian has no prometheus for $CODENAME at present"
	dir=$CACHE/promtool-${version//[^A-Za-z0-9.+-]/_}
	if [ ! -e "$dir/.complete" ]; then
		tmp=$(scratch promtool)
		download "$tmp/deb" prometheus
		unpack_all "$tmp/deb" "$tmp/all"
		install -D "$tmp/all/usr/bin/promtool" "$tmp/usr/bin/promtool"
		rm -rf "$tmp/all"
		publish promtool "$tmp" "$dir"
	fi
	echo "$dir"
}

USERLAND_PKGS="busybox-static bash dash coreutils grep sed mawk findutils diffutils
	util-linux mount procps iproute2 ipset kmod gojq
	python3 python3-yaml python3-jsonschema
	libnl-3-200 libnl-genl-3-200 libjson-c5 libelf1 libncursesw6
	ncurses-base libc-bin tmux"

# Change this when the recipe below changes: it names the cached result.
USERLAND_RECIPE=4

fetch_userland()
{
	local key dir tmp

	ready_apt
	# shellcheck disable=SC2086 # a list
	key=$( (
		echo "$USERLAND_RECIPE"
		for p in $USERLAND_PKGS; do
			package_version "$p"
		done
	) | sha256sum | cut -c1-12)
	dir=$CACHE/userland-$key
	if [ ! -e "$dir/.complete" ]; then
		tmp=$(scratch userland)
		say "fetching the guest's userland"
		# shellcheck disable=SC2086 # a list
		download_closure "$tmp/deb" $USERLAND_PKGS
		unpack_all "$tmp/deb" "$tmp/root"
		trim_userland "$tmp/root"
		compile_python "$tmp/root"
		publish userland "$tmp" "$dir"
	fi
	echo "$dir"
}

# Everything here is copied into the guest's memory at each boot.  The first two links
# are what the packages' own scripts would have made.  jq itself compiles its library
# each time it starts, which takes it half a second there.
trim_userland()
{
	(
		cd "$1"
		rm -rf usr/share/doc usr/share/man usr/share/locale usr/share/info \
			usr/share/lintian usr/share/bash-completion usr/share/i18n \
			usr/share/common-licenses usr/share/pixmaps usr/lib/debug var/lib \
			usr/share/perl* usr/bin/perl* usr/bin/dpkg* usr/bin/rdma usr/sbin/arpd
		(cd usr/lib/x86_64-linux-gnu && rm -rf perl* gconv libperl.* libdb-* \
			libgdbm* libsqlite3.* libgssapi* libkrb5* krb5 libk5crypto* libnsl*)
		(cd usr/lib/python3.*/ && rm -rf test idlelib lib2to3 tkinter ensurepip \
			pydoc_data turtledemo distutils sqlite3 dbm \
			lib-dynload/{_sqlite3,_dbm,_gdbm,nis,_codecs_,_test,_xx}*)
		ln -sf dash bin/sh && ln -sf mawk usr/bin/awk && ln -sf gojq usr/bin/jq
	)
}

# The guest would otherwise compile what it imports, slowly, at every boot.  The
# sources of the library are then of no use there.
compile_python()
{
	local root=$1 py lib=/lib/x86_64-linux-gnu

	py=$(cd "$root" && echo usr/bin/python3.[0-9]*)
	PYTHONHOME=$root/usr "$root$lib/ld-linux-x86-64.so.2" \
		--library-path "$root$lib:$root/usr$lib" "$root/$py" -E -s \
		-m compileall -q -b -s "$root" -p / "$root"/usr/lib/python3* ||
		die "Python's library could not be compiled for the guest"
	find "$root"/usr/lib/python3* -name '*.py' -delete
	find "$root" -name __pycache__ -exec rm -rf {} +
}

# Only for those who ask: bpftrace brings a compiler.
TRACING_PKGS="trace-cmd bpftrace"

# Change this when the recipe below changes, as above.
TRACING_RECIPE=1

fetch_tracing()
{
	local userland key dir tmp

	userland=$(fetch_userland)
	# shellcheck disable=SC2086 # a list
	key=$( (
		echo "$TRACING_RECIPE $userland"
		for p in $TRACING_PKGS; do
			package_version "$p"
		done
	) | sha256sum | cut -c1-12)
	dir=$CACHE/tracing-$key
	if [ ! -e "$dir/.complete" ]; then
		tmp=$(scratch tracing)
		say "fetching the tracing tools"
		# shellcheck disable=SC2086 # a list
		download_closure "$tmp/deb" $TRACING_PKGS
		unpack_all "$tmp/deb" "$tmp/root"
		trim_tracing "$tmp/root" "$userland/root"
		publish "tracing tools" "$tmp" "$dir"
	fi
	echo "$dir"
}

# Of the rest of the closure only the libraries are needed, and only those that
# the userland has not got.
trim_tracing()
{
	(
		cd "$1"
		find . -path './usr/lib/x86_64-linux-gnu/*.so*' -o -path './lib/x86_64-linux-gnu/*.so*' \
			-o -path './usr/lib/x86_64-linux-gnu/traceevent/*' \
			-o -path './usr/lib/llvm-*/lib/*.so*' \
			-o -path ./usr/bin/trace-cmd -o -path ./usr/bin/bpftrace
	) >"$1.wanted"
	(
		cd "$1"
		find . ! -type d | grep -vxFf "$1.wanted" | xargs -d '\n' rm -f
		(cd "$2" && find . ! -type d) | xargs -d '\n' rm -f
		find . -depth -type d -empty -delete
	)
	rm -f "$1.wanted"
}

#
# kernel source
#

SOURCE_PARTS="
	scripts/checkpatch.pl scripts/spelling.txt scripts/const_structs.checkpatch
	scripts/kernel-doc scripts/extract-vmlinux scripts/subarch.include
	scripts/get_maintainer.pl
	tools/testing/selftests/Makefile tools/testing/selftests/lib.mk
	tools/testing/selftests/kselftest.h
	tools/testing/selftests/kselftest_harness.h
	tools/testing/selftests/kselftest_install.sh
	tools/testing/selftests/kselftest_deps.sh
	tools/testing/selftests/run_kselftest.sh
	tools/testing/selftests/kselftest
	tools/net/ynl Documentation/netlink"

fetch_source()
{
	local version=$1 full=$2 pkg debver dir tmp part patterns=()

	case $version in
	6.1 | 6.12) ;;
	*) die "no such source: $version (6.1, 6.12)" ;;
	esac
	ready_apt
	pkg=linux-source-$version
	debver=$(package_version "$pkg")
	dir=$CACHE/source$full-$version-${debver//[^A-Za-z0-9.+-]/_}
	if [ ! -e "$dir/.complete" ]; then
		tmp=$(scratch source)
		download "$tmp/deb" "$pkg"
		say "unpacking $pkg"
		dpkg-deb -x "$tmp"/deb/*.deb "$tmp/deb/x"
		if [ -z "$full" ]; then
			for part in $SOURCE_PARTS; do
				patterns+=("$pkg/$part")
			done
		fi
		# A part that this version has not got is no error (6.1 has
		# no ynl): tests say what they need.
		if ! tar -C "$tmp" --strip-components=1 -xf "$tmp/deb/x/usr/src/$pkg.tar.xz" \
			"${patterns[@]}" 2>"$tmp/tar.err" &&
			grep -v 'Not found in archive\|previous errors' "$tmp/tar.err" >&2; then
			die "cannot unpack $pkg"
		fi
		rm -f "$tmp/tar.err"
		# What some of its scripts look for to know the top of a tree.
		touch "$tmp/MAINTAINERS"
		publish "$pkg" "$tmp" "$dir"
	fi
	echo "$dir"
}

#
# To ask apt takes a second or more, and every boot needs three answers: an
# answer holds until the lists are refreshed or this script changes.
#

remembered()
{
	local file=$1 dir

	[ "$file" -nt "$apt_dir/stamp" ] && [ "$file" -nt "$VM_DIR/fetch.sh" ] || return 1
	[ -n "$(find "$apt_dir/stamp" -mtime "-$STAMP_DAYS" 2>/dev/null)" ] || return 1
	dir=$(<"$file")
	[ -e "$dir/.complete" ] || return 1
	echo "$dir"
}

fetch()
{
	local file=$CACHE/resolved/$1${2:+-$2} dir

	remembered "$file" && return 0
	case $1 in
	kernel) dir=$(fetch_kernel "$2") ;;
	promtool) dir=$(fetch_promtool) ;;
	qemu) dir=$(fetch_qemu) ;;
	userland) dir=$(fetch_userland) ;;
	tracing) dir=$(fetch_tracing) ;;
	source) dir=$(fetch_source "$2" "") ;;
	source-full) dir=$(fetch_source "$2" -full) ;;
	esac
	mkdir -p "$CACHE/resolved"
	echo "$dir" >"$file.new"
	mv "$file.new" "$file"
	echo "$dir"
}

case ${1-} in
promtool) [ $# -eq 1 ] || die "usage: fetch.sh $1" ;;
kernel | source | source-full) [ $# -eq 2 ] || die "usage: fetch.sh $1 VERSION" ;;
qemu | userland | tracing) [ $# -eq 1 ] || die "usage: fetch.sh $1" ;;
*) die "usage: fetch.sh kernel 6.1|6.12|6.12-rt | qemu | userland | tracing | source[-full] 6.1|6.12" ;;
esac
with_lock "$1${2:+-$2}" fetch "$@"
