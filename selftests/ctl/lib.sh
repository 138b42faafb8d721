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
# Nothing else is started: that takes longer than tripctl does.
ctl()
{
	RC=0
	OUT=$(tripctl "$@" 2>"$TMP/err" </dev/null) || RC=$?
	IFS= read -rd '' STDERR <"$TMP/err" || :
	ERR=${STDERR%$'\n'}
	[[ $ERR != *$'\r'* ]] || ERR=${ERR//$'\r'/}
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
	[[ $STDERR == *$'\n' && ${STDERR%$'\n'} != *$'\n'* ]] || fail "$LAST: not one line: $ERR"
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

# Python takes long to start: one serves all of a test's questions, each an
# expression and the JSON that it is about. An answer is one line.
coproc PYTHON {
	exec python3 -uc '
import json, os
def asked():
    begun = []
    while more := os.read(0, 1 << 16):
        *ends, last = more.split(b"\0")
        for end in ends:
            yield b"".join(begun) + end
            begun = []
        begun.append(last)
texts = asked()
for question in texts:
    try:
        d = json.loads(next(texts))
        print(eval(question))
    except Exception as e:
        print(repr(e))'
}
exec 7>&"${PYTHON[1]}" 8<&"${PYTHON[0]}"

# ask EXPRESSION JSON: what it is, as python sees the JSON in the variable d, in ANSWER.
ask()
{
	printf '%s\0%s\0' "$1" "$2" >&7
	read -r ANSWER <&8
}

# json EXPRESSION: true of the last output.
json()
{
	ask "bool($1)" "$OUT"
	[ "$ANSWER" = True ] || fail "$LAST: $ANSWER, not so: $1: $OUT"
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
	local tables

	tables=$(tripctl -j table show) || return 0
	ask '" ".join(t["name"] for t in d)' "$tables"
	{
		# shellcheck disable=SC2086 # names
		[ -z "$ANSWER" ] || printf 'table del %s\n' $ANSWER
		echo "report clear"
	} | tripctl --force -b -
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
