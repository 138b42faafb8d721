#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh [NAME...]: apply each patch of this folder (or those named) to a copy of the
# tree, and see that what it says kills it does.  Prints TAP.
# run.sh --table: what kills which, as it stands in Documentation/testing.rst.
# run.sh --apply: only see whether all of them still apply.
#
# A patch begins with a line that says what it breaks, and has a line
#
#	Killed-by: VARIANT SUITE	a suite of the native build fails, or does not end
#	Killed-by: model MUTANT		the same mutant of a model is found wrong: for what
#					the processors at hand do not show
set -u
. "$(dirname "$0")/../vm/lib.sh"
# shellcheck source=selftests/vm/tap.sh
. "$VM_DIR/tap.sh"
cd "$TOP" || exit

here=selftests/mutants
# Seconds for a suite; one that a mutant hangs takes all of them.
PATIENCE=120

about()
{
	sed -n 3p "$here/$1.patch"
}

killer()
{
	sed -n 's/^Killed-by: //p' "$here/$1.patch"
}

all()
{
	find "$here" -name '*.patch' -printf '%f\n' | sed 's/\.patch$//' | sort
}

bar()
{
	printf '%*s' "$1" '' | tr ' ' =
}

row()
{
	printf '%-22s  %-30s  %s\n' "$@"
}

table()
{
	local name

	row "$(bar 22)" "$(bar 30)" "$(bar 76)"
	row mutant 'killed by' 'what it breaks'
	row "$(bar 22)" "$(bar 30)" "$(bar 76)"
	for name in $(all); do
		row "$name" "$(killer "$name")" "$(about "$name")"
	done
	row "$(bar 22)" "$(bar 30)" "$(bar 76)"
}

apply()		# apply DIR PATCH OPTION...
{
	local dir=$1 name=$2

	shift 2
	patch -s -p0 -F0 -d "$dir" "$@" < "$here/$name.patch"
}

still_apply()
{
	local name bad=0

	for name in $(all); do
		if ! apply . "$name" --dry-run || [ -z "$(killer "$name")" ]; then
			echo "$name.patch does not apply, or does not say what kills it"
			bad=1
		fi
	done
	return $bad
}

build()		# build VARIANT
{
	nice make -s -C "$scratch/selftests/native" MAKEFLAGS=-j1 "$1" > "$scratch/log" 2>&1
}

# A suite that passes with the mutant in it has not seen it.
suite_fails()	# suite_fails VARIANT SUITE
{
	# In a shell of its own, which says to the log what the suite died of.
	(timeout -k 5 "$PATIENCE" nice "$scratch/build/native/$1/tests" "$2"; echo "status $?") \
		> "$scratch/log" 2>&1
	[ "$(tail -n 2 "$scratch/log" | tr '\n' ' ')" != '# passed status 0 ' ]
}

killed()	# killed VARIANT SUITE|model MUTANT
{
	if [ "$1" = model ]; then
		selftests/model/run.sh "mutant:$2" > "$scratch/log" 2>&1
	else
		suite_fails "$1" "$2"
	fi
}

try()		# try NAME: apply, build, kill, take out again
{
	local name=$1 what variant ok=1

	what=$(killer "$name")
	variant=${what%% *}
	[ "$variant" != model ] || variant=plain
	if ! apply "$scratch" "$name" > "$scratch/log" 2>&1; then
		result 1 "$name applies"
	elif ! build "$variant"; then
		result 1 "$name builds"
	else
		# shellcheck disable=SC2086 # its words
		killed $what
		ok=$?
		result $ok "$name is killed by $what"
	fi
	[ "$ok" = 0 ] || tail -n 5 "$scratch/log" | sed 's/^/# /'
	apply "$scratch" "$name" -R > /dev/null 2>&1
}

# Without a mutant each of the suites passes, or failing would say nothing.
sane()
{
	local variant suite

	while read -r variant suite; do
		build "$variant" && ! suite_fails "$variant" "$suite"
		result $? "without a mutant, $variant $suite passes"
	done < <(for name; do killer "$name"; done | grep -v ^model | sort -u)
}

main()
{
	local name

	case ${1-} in
	--table) table; exit ;;
	--apply) still_apply; exit ;;
	esac
	# shellcheck disable=SC2046 # names
	[ $# -gt 0 ] || set -- $(all)
	for name; do
		[ -e "$here/$name.patch" ] || die "no such mutant: $name ($(all | tr '\n' ' '))"
	done
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	cp -a kmod uapi selftests "$scratch"
	echo "TAP version 13"
	sane "$@"
	for name; do
		try "$name"
	done
	results_end
}

main "$@"
