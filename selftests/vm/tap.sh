# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Results as TAP, for scripts that source this.

number=0
failed=0

# result STATUS TEXT
result()
{
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $number $2"
	else
		failed=1
		echo "not ok $number $2"
	fi
}

# The plan; fails if a result did, or if there was none.
results_end()
{
	echo "1..$number"
	[ $failed -eq 0 ] && [ $number -gt 0 ]
}
