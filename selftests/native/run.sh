#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Runs the test programs of the variants, and makes one TAP stream of theirs.
#
#   run.sh BUILD_DIR VARIANT...
#
# A variant passes when its program says so last and exits with 0; anything
# else (a sanitizer's report, a hang, a death) is a failure of the variant.
set -u

: "${TM_TIMEOUT:=600}"		# seconds for one variant; idle ones take 5 to 40
dir=$1
shift
number=0
failed=0

say() {	# say ok|'not ok' TEXT
	number=$((number + 1))
	echo "$1 $number $2"
	[ "$1" = ok ] || failed=$((failed + 1))
}

# suppressions of nobody's: a report is a failure
export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:abort_on_error=1
export UBSAN_OPTIONS=print_stacktrace=1:abort_on_error=1
export TSAN_OPTIONS=halt_on_error=1:abort_on_error=1:second_deadlock_stack=1

# What has one thread is no business of ThreadSanitizer, which is slow, nor of perturb.
# With less than 5 percent nor is what is much work, of one thread, and cannot be scaled.
run() {	# run VARIANT: its stream with its verdict as the last line
	case $1 in
	*tsan) only=-fault percent=4 ;;
	perturb) only=-fault,-model percent=100 ;;
	*) only='' percent=100 ;;
	esac
	TM_PERCENT=${TM_PERCENT:-$percent} timeout -k 5 "$TM_TIMEOUT" \
		"$dir/$1/tests" ${only:+"$only"} 2>&1
	echo "# exit $?"
}

echo "TAP version 13"
for variant; do
	log=$dir/$variant/log
	run "$variant" >"$log"
	while IFS= read -r line; do
		case $line in
		"ok "*|"not ok "*)
			text=${line#*ok }
			say "${line%%ok *}ok" "$variant.${text#* }" ;;
		"KTAP version"*|1..*)
			;;
		"#"*)
			echo "$line" ;;
		*)
			echo "# $line" ;;
		esac
	done <"$log"
	if [ "$(tail -n 2 "$log" | tr '\n' ' ')" = "# passed # exit 0 " ]; then
		say ok "$variant"
	else
		say "not ok" "$variant"
	fi
done
echo "1..$number"
[ "$failed" -eq 0 ] || { echo "# $failed failed"; exit 1; }
