#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# cocci_kernel.sh [RULE...]: the kernel's own coccinelle rules (those that report; all,
# or those whose paths contain one of the words) on the module and its test modules.
# Prints TAP, a result a rule.  Minutes.
set -uo pipefail
. "$(dirname "$0")/../vm/lib.sh"
# shellcheck source=selftests/vm/tap.sh
. "$VM_DIR/tap.sh"
cd "$TOP" || exit

SRC=$("$VM_DIR/fetch.sh" source-full 6.1) || exit
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

rules()
{
	grep -rl --include='*.cocci' '^virtual.*report' "$SRC/scripts/coccinelle" |
		grep -v /tests/ | sort | grep -F "$(printf '%s\n' "${@:-.cocci}")"
}

# What a rule reports; its own failure is told of as well.
judge()		# judge RULE OUT
{
	nice spatch -D report --very-quiet --no-show-diff --include-headers --cocci-file "$1" \
		-I uapi -I kmod --dir kmod >"$2" 2>"$2.err" ||
		tail -n 3 "$2.err" >>"$2"
	nice spatch -D report --very-quiet --no-show-diff --cocci-file "$1" \
		-I uapi -I kmod --dir selftests/kmod >>"$2" 2>"$2.err" ||
		tail -n 3 "$2.err" >>"$2"
	sed -i '/^$/d' "$2"
}

has_ocaml()
{
	command -v ocamlopt >/dev/null
}

main()
{
	local rule out name

	command -v spatch >/dev/null || die "coccinelle is not installed"
	echo "TAP version 13"
	while read -r rule; do
		out=$WORK/out
		name=${rule#"$SRC"/scripts/coccinelle/}
		if grep -q script:ocaml "$rule" && ! has_ocaml; then
			result 0 "coccinelle: $name # SKIP it needs a compiler for OCaml"
			continue
		fi
		judge "$rule" "$out"
		[ ! -s "$out" ]
		result $? "coccinelle: $name"
		sed 's/^/# /' "$out"
	done < <(rules "$@")
	results_end
}

main "$@"
