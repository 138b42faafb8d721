#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Make what is generated from the netlink specification anew, with the kernel's
# own generators: the uapi header, the names of its enums, and the protocol
# reference.
#
# Usage: regen.sh [--check]
#   --check	write nothing; fail with a diff where a committed file differs
#
# KSRC, when set, is a kernel source tree (6.12) that is used instead of the
# one that selftests/vm/fetch.sh provides.

set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
family=tripmap
spec=Documentation/netlink/specs/$family.yaml
py=/usr/bin/python3

die() {
	echo "regen: $*" >&2
	exit 2
}

# The generator wants a tree: a MAINTAINERS file above, the schema beside.
prepare_tree() {
	mkdir -p "$1/Documentation/netlink/specs"
	touch "$1/MAINTAINERS"
	cp "$src"/Documentation/netlink/*.yaml "$1/Documentation/netlink/"
	cp "$top/$spec" "$1/$spec"
}

# generate TREE OUT: each file below OUT at its place in the project
generate() {
	local tree=$1 out=$2

	mkdir -p "$out/uapi/linux" "$out/Documentation/netlink"
	"$py" "$src/tools/net/ynl/ynl-gen-c.py" --mode uapi --header \
		--spec "$tree/$spec" -o "$out/uapi/linux/$family.h"
	"$py" "$top/selftests/checks/gen_names.py" "$top/$spec" \
		> "$out/uapi/linux/${family}_names.h"
	"$py" "$src/tools/net/ynl/ynl-gen-rst.py" -i "$tree/$spec" \
		-o "$out/Documentation/netlink/$family.rst" 2> "$tree/rst.log" ||
		die "ynl-gen-rst.py: $(cat "$tree/rst.log")"
	test -s "$out/Documentation/netlink/$family.rst" ||
		die "ynl-gen-rst.py wrote nothing: $(cat "$tree/rst.log")"
}

# compare OUT: every generated file with the committed one
compare() {
	local f same=0

	while read -r f; do
		diff -u --label "$f (committed)" --label "$f (generated)" \
			"$top/$f" "$1/$f" || same=1
	done < <(cd "$1" && find . -type f -printf '%P\n' | sort)
	return $same
}

case ${1-} in
'' | --check) ;;
*) die "usage: regen.sh [--check]" ;;
esac

src=${KSRC:-$("$top/selftests/vm/fetch.sh" source 6.12)}
test -f "$src/tools/net/ynl/ynl-gen-c.py" || die "no ynl generator in '$src'"
for module in yaml jsonschema; do
	"$py" -c "import $module" 2> /dev/null || die "python3-$module is not installed"
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prepare_tree "$work/tree"
generate "$work/tree" "$work/out"
if [ "${1-}" = --check ]; then
	compare "$work/out"
else
	cp -r "$work/out/." "$top/"
fi
