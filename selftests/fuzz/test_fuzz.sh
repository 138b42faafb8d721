#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The netlink fuzzer, for a moment (make fuzz lets it run longer): right and wrong
# messages from all kinds of senders, and what must come back.
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/kmod/kmod.sh
. "$(dirname "$0")/kmod.sh"
# shellcheck source=selftests/fuzz/params.sh
. "$(dirname "$0")/params.sh"

here=$(dirname "$0")

messages()
{
	# shellcheck disable=SC2086 # a list of parameters
	anew $FUZZ_PARAMS
	"$here/fuzz" --seed 1 --count 20000 >"$here/fuzz.out" || fail "$(<"$here/fuzz.out")"
	repair_tables
}

# What a number says is not a matter of the run.
the_same_again()
{
	local n

	for n in 0 77 4096 12345 77/4096/12345; do
		"$here/fuzz" --seed 7 --replay "$n" >"$TMP/first"
		"$here/fuzz" --seed 7 --replay "$n" >"$TMP/second"
		cmp "$TMP/first" "$TMP/second" || fail "message $n is made in two ways"
		grep -q "^hex: [0-9a-f]" "$TMP/first" || fail "$(<"$TMP/first")"
	done
	"$here/fuzz" --seed 8 --replay 77 >"$TMP/other"
	"$here/fuzz" --seed 7 --replay 77 | cmp -s "$TMP/other" && fail "the seed does not matter"
	:
}

run_tests messages the_same_again
rc=$?
sed 's/^/# /' "$here/fuzz.out"
exit $rc
