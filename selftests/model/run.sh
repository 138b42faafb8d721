#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh [NAME...]: check the models of the protocol (kmod/*/model/*.pml), or those
# named, with spin; then that their mutants are found wrong.  Prints TAP.
# run.sh mutant:MUTANT: only that this one is.
#
# A model says in lines "RUN: DEFINES" how it is run.  Each run must search the
# whole state space and find no error.  A mutant is a name MUTANT_x that a model, or
# what it includes, asks for; each must be found wrong by a run of some model.
set -u
. "$(dirname "$0")/../vm/lib.sh"
# shellcheck source=selftests/vm/tap.sh
. "$VM_DIR/tap.sh"
cd "$TOP" || exit

# The memory that one run may take, in MiB, and its depth.
MEMORY=4000
DEPTH=1000000

# A mutant is found soon: there compiling takes longer than searching.
OPTIMIZE=-O1

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

model_of()
{
	ls kmod/*/model/"$1".pml
}

runs_of()	# runs_of NAME: a line of defines for each run
{
	sed -n 's/^ \* RUN: *//p' "$(model_of "$1")"
}

# The model and what it includes.
sources_of()
{
	local file dir

	file=$(model_of "$1")
	dir=$(dirname "$file")
	echo "$file"
	sed -n 's/^#include "\(.*\)"$/\1/p' "$file" | sed "s|^|$dir/|"
}

# What spin said of a search that came to an end, by a digest of all that it depends on.
KEPT=$CACHE/searched
mkdir -p "$KEPT"
find "$KEPT" -type f -mtime +60 -delete

keep()
{
	cp "$scratch/out" "$1.$$" && mv "$1.$$" "$1"
}

# search NAME DEFINES...: 0: no error in all of the state space, 1: an error, 2:
# neither.  What spin said is in $scratch/out, and in $before that it did so before.
search()
{
	local file kept

	file=$TOP/$(model_of "$1")
	shift
	before=""
	(cd "$scratch" && rm -f -- *.trail pan* && spin "$@" -a "$file") > "$scratch/out" 2>&1 || return 2
	kept=$({ declare -f search && gcc --version && echo "$OPTIMIZE $MEMORY $DEPTH" && cat "$scratch"/pan.?; } |
		sed "s|$TOP/||g" | sha256sum)
	kept=$KEPT/${kept%% *}
	if [ -e "$kept" ]; then
		before=", searched before"
		cp "$kept" "$scratch/out"
	else
		(
			cd "$scratch" &&
				gcc "$OPTIMIZE" -w -DSAFETY -DCOLLAPSE -DNOREDUCE -DVECTORSZ=4096 \
					-DMEMLIM="$MEMORY" -o pan pan.c &&
				nice ./pan -m"$DEPTH" -w22
		) > "$scratch/out" 2>&1 || return 2
	fi
	if grep -qE 'errors: [1-9]' "$scratch/out"; then
		keep "$kept"
		return 1
	fi
	if grep -qE 'search not completed|max search depth|reached -DMEMLIM|out of memory' "$scratch/out"; then
		return 2
	fi
	grep -q 'errors: 0' "$scratch/out" || return 2
	keep "$kept"
}

# The first thing that was wrong, without spin's dressing.
wrong()
{
	sed -n 's/^pan:[0-9]*: \(.*\) (at depth.*/\1/p' "$scratch/out" | head -n 1
}

check()		# check NAME: its runs
{
	local defines status states

	while IFS= read -r defines; do
		# shellcheck disable=SC2086 # several defines
		search "$1" $defines
		status=$?
		states=$(sed -n 's/ *\([0-9e+.]*\) states, stored.*/\1/p' "$scratch/out" | head -n 1)
		result $status "$1${defines:+ ($defines)}, ${states:-no} states$before"
		[ $status = 0 ] || tail -n 25 "$scratch/out" | sed 's/^/# /'
	done < <(runs_of "$1")
}

# kills NAME MUTANT: does a run of it find the mutant wrong?
kills()
{
	local defines

	while IFS= read -r defines; do
		# shellcheck disable=SC2086 # several defines
		search "$1" -D"$2" $defines
		case $? in
		1) return 0 ;;
		2) tail -n 5 "$scratch/out" | sed 's/^/# /' ;;
		esac
	done < <(runs_of "$1")
	return 1
}

mutant()	# mutant MUTANT NAME...: found by one of these models?
{
	local mutant=$1 name

	shift
	for name; do
		if kills "$name" "$mutant"; then
			result 0 "mutant ${mutant#MUTANT_} is found wrong by $name: $(wrong)$before"
			return
		fi
	done
	result 1 "mutant ${mutant#MUTANT_} is found wrong by one of: $*"
}

# A line for each mutant: its name, and the models that have it.
mutants()
{
	local name

	for name; do
		sources_of "$name" | xargs grep -how 'MUTANT_[A-Z_]*' | sort -u | sed "s/\$/ $name/"
	done | awk '{ models[$1] = models[$1] " " $2 } END { for (m in models) print m models[m] }' | sort
}

main()
{
	local name line only=

	case ${1-} in
	mutant:*)
		only="^MUTANT_${1#mutant:} "
		shift
		;;
	esac
	[ $# -gt 0 ] || set -- guard note chain resize report
	echo "TAP version 13"
	for name; do
		[ -n "$only" ] || check "$name"
	done
	OPTIMIZE=-O0
	while IFS= read -r line; do
		# shellcheck disable=SC2086 # a mutant and names
		mutant $line
	done < <(mutants "$@" | grep "$only")
	results_end
}

main "$@"
