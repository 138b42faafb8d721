# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For the tests of tripctl, which run where tripmap.ko is loaded. A test is a
# function; run_tests FUNCTION... runs them, each in a shell of its own, and
# prints KTAP. A test fails when one of the checks below does, or when it
# returns non-zero.

KSFT_SKIP=4

TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT

# All of a test's output goes into its diagnosis.
fail()
{
	echo "$*"
	exit 1
}

# ctl WORD...: run tripctl; its output, errors and exit code are in OUT, ERR, RC.
ctl()
{
	RC=0
	OUT=$(tripctl "$@" 2>"$TMP/err" </dev/null) || RC=$?
	ERR=$(tr -d '\r' <"$TMP/err")
	LAST="tripctl $*"
}

# Succeeds, and says nothing on stderr.
ok()
{
	ctl "$@"
	[ "$RC" = 0 ] || fail "$LAST: exit code $RC: $ERR"
	[ -z "$ERR" ] || fail "$LAST: unexpected on stderr: $ERR"
}

# refuses CODE TEXT WORD...: fails with that exit code and one line that holds TEXT.
refuses()
{
	local code=$1 text=$2

	shift 2
	ctl "$@"
	[ "$RC" = "$code" ] || fail "$LAST: exit code $RC, not $code: $ERR"
	[ "$(wc -l <"$TMP/err")" = 1 ] || fail "$LAST: not one line: $ERR"
	[[ $ERR == *tripctl:* && $ERR == *"$text"* ]] || fail "$LAST: no \"$text\" in: $ERR"
	[ -z "$OUT" ] || fail "$LAST: printed although it failed: $OUT"
}

# is EXPECTED: all of the last output.
is()
{
	[ "$OUT" = "$1" ] || fail "$LAST: printed \"$OUT\", not \"$1\""
}

# has TEXT: the last output holds it.
has()
{
	[[ $OUT == *"$1"* ]] || fail "$LAST: no \"$1\" in: $OUT"
}

lacks()
{
	[[ $OUT != *"$1"* ]] || fail "$LAST: there is \"$1\" in: $OUT"
}

# Python takes long to start: one serves all of a test's questions, each a line
# with an expression and a line with the JSON that it is about.
coproc PYTHON {
	exec python3 -uc '
import json, sys
for question in sys.stdin:
    try:
        d = json.loads(sys.stdin.readline())
        print("yes" if eval(question) else "no")
    except Exception as e:
        print(e)'
}
exec 7>&"${PYTHON[1]}" 8<&"${PYTHON[0]}"

# json EXPRESSION: true of the last output, as python sees it in the variable d.
json()
{
	local answer

	echo "$1" >&7
	tr '\n' ' ' <<<"$OUT" >&7
	echo >&7
	read -r answer <&8
	[ "$answer" = yes ] || fail "$LAST: $answer, not so: $1: $OUT"
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for()
{
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || fail "waited in vain for: $*"
	done
}

drop_tables()
{
	tripctl -j table show | jq -r '.[] | "table del \(.name)"' | tripctl -b -
	tripctl report clear
}

run_tests()
{
	local n=0 failed=0 test start verdict

	echo "TAP version 13"
	echo "1..$#"
	for test in "$@"; do
		n=$((n + 1))
		start=${EPOCHREALTIME/./}
		verdict="ok"
		if ! ("$test") >"$TMP/log" 2>&1; then
			sed 's/^/# /' "$TMP/log"
			verdict="not ok"
			failed=$((failed + 1))
		fi
		echo "$verdict $n $test # $(((${EPOCHREALTIME/./} - start) / 1000)) ms"
		drop_tables
	done
	[ $failed = 0 ]
}

skip_all()
{
	echo "TAP version 13"
	echo "1..0 # SKIP $*"
	exit $KSFT_SKIP
}
