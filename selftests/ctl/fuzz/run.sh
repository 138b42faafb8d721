#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh [SECONDS]: fuzz what of tripctl reads files, words, logs and answers of the
# kernel, with libFuzzer. Each target runs for so long, and goes on where it was the
# last time; without SECONDS each has the same few inputs whenever it runs. Prints TAP.
#
# What made one fail is kept in build/fuzz/found, named after the target: to see it
# again, build/fuzz/TARGET FILE.
set -u
. "$(dirname "$0")/../../vm/lib.sh"
# shellcheck source=selftests/vm/tap.sh
. "$VM_DIR/tap.sh"

HERE=$TOP/selftests/ctl/fuzz
OUT=$BUILD/fuzz
SECONDS_EACH=${1-}
RUNS=20000		# of each where no time is given
LARGEST=8192		# bytes of an input
SLOW=20			# seconds that none may take: time enough for a busy machine

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

targets()
{
	find "$HERE" -name '*_fuzz.c' -printf '%f\n' | sed 's/_fuzz\.c$//' | sort
}

# Why there is nothing to fuzz with; nothing where there is.
missing()
{
	if ! command -v clang >/dev/null; then
		echo "there is no clang"
	elif ! echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' |
			clang -w -fsanitize=fuzzer,address -x c -o "$scratch/try" - 2>/dev/null; then
		echo "clang has no libFuzzer (package libclang-rt-14-dev)"
	fi
}

skip_all()
{
	local name

	for name in $(targets); do
		result 0 "fuzz $name # SKIP $1"
	done
	results_end
	exit
}

# fuzz NAME: its seeds first, then what it makes of them
fuzz()
{
	local name=$1 limit=(-runs="$RUNS" -seed=1) own=$scratch/corpus/$1

	if [ -n "$SECONDS_EACH" ]; then
		limit=(-max_total_time="$SECONDS_EACH")
		own=$OUT/corpus/$name
	fi
	mkdir -p "$own" "$OUT/found"
	"$OUT/$name" "${limit[@]}" -max_len="$LARGEST" -timeout="$SLOW" -close_fd_mask=3 \
		-artifact_prefix="$OUT/found/$name-" "$own" "$scratch/seeds/$name" \
		>"$scratch/log" 2>&1
}

# How often it ran, from its last words.
runs()
{
	sed -n 's/^Done \([0-9]*\) runs.*/: \1 inputs/p' "$scratch/log"
}

why=$(missing)
[ -z "$why" ] || skip_all "$why"
if ! make -s -j"$(nproc)" -C "$HERE" O="$OUT" all >"$scratch/log" 2>&1 ||
		! "$HERE/seeds.py" "$scratch/seeds" >>"$scratch/log" 2>&1; then
	sed 's/^/# /' "$scratch/log"
	result 1 "the targets and their seeds"
	results_end
	exit
fi
for name in $(targets); do
	if fuzz "$name"; then
		result 0 "fuzz $name$(runs)"
	else
		grep -vE '^(#|INFO)' "$scratch/log" | head -n 60 | sed 's/^/# /'
		result 1 "fuzz $name"
	fi
done
results_end
