#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# tool.sh TRIPCTL: what tripctl itself does with files that cannot be read or written, and
# without a library, where no module is loaded. Prints TAP.
set -uo pipefail

TRIPCTL=${1:?usage: tool.sh TRIPCTL}
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT

# run WORD...: its exit code, output and errors are in RC, OUT and ERR.
run()
{
	RC=0
	OUT=$("$TRIPCTL" "$@" 2>"$TMP/err") || RC=$?
	ERR=$(<"$TMP/err")
}

# ends CODE TEXT: it ended so, with TEXT among its errors.
ends()
{
	[ "$RC" = "$1" ] && [[ $ERR == *"$2"* ]] && return
	printf '# exit code %s: %s\n' "$RC" "${ERR//$'\n'/$'\n'# }"
	return 1
}

help_on_a_full_disk()
{
	local words full="standard output: No space left on device"

	for words in --help -V help "help table" "table help" "dump --help"; do
		# shellcheck disable=SC2086 # they are words
		RC=0 ERR=$("$TRIPCTL" $words 2>&1 >/dev/full) || RC=$?
		ends 1 "$full" || return
	done
}

batch_that_cannot_be_read()
{
	run -b "$TMP"
	ends 1 "batch: $TMP: Is a directory" || return
	run --force -b /proc/self/mem
	ends 1 "batch: /proc/self/mem: Input/output error" || return
	run -b - </
	ends 1 "batch: (stdin): Is a directory"
}

# With --force the exit code is that of the first failure still.
batch_with_a_zero_byte()
{
	printf 'help\nhelp table\0frobnicate\nhelp table\n' >"$TMP/batch"
	run -b "$TMP/batch"
	ends 2 "batch:2: a zero byte cannot be part of a line" || return
	[[ $OUT == *"Exit status"* && $OUT != *"table add"* ]] || return
	run --force -b "$TMP/batch"
	ends 2 "batch:2: a zero byte" && [[ $OUT == *"table add"* ]]
}

# The end of the last line may be missing.
batch_to_its_end()
{
	printf 'help table' | "$TRIPCTL" -b - | grep -q "table add" || return
	run -b /dev/null
	ends 0 "" && [ -z "$OUT$ERR" ]
}

# It is loaded for the scenarios, and for nothing else.
without_libkmod()
{
	: >"$TMP/libkmod.so.2"
	LD_LIBRARY_PATH=$TMP run scenario list
	ends 1 "scenario list: $TMP/libkmod.so.2: " || return
	LD_LIBRARY_PATH=$TMP run help
	ends 0 "" && [ -z "$ERR" ]
}

# shellcheck source=selftests/ctl/native/tap.sh
. "$(dirname "$0")/tap.sh"
echo "TAP version 13"
echo "1..5"
result "tool: help that cannot be written" help_on_a_full_disk
result "tool: a batch that cannot be read" batch_that_cannot_be_read
result "tool: a batch with a zero byte" batch_with_a_zero_byte
result "tool: a batch to its end" batch_to_its_end
result "tool: without libkmod" without_libkmod
exit $failed
