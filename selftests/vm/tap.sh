# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Results as TAP, with the time since the last one, for scripts that source this.

number=0
failed=0
last=${EPOCHREALTIME/./}	# microseconds

# result STATUS TEXT: which may have a "# SKIP reason" in it
result()
{
	local verdict="ok" now=${EPOCHREALTIME/./} took=""

	number=$((number + 1))
	if [ "$1" -ne 0 ]; then
		failed=1
		verdict="not ok"
	fi
	[[ $2 == *"# SKIP"* ]] || took=" # $(((now - last) / 1000)) ms"
	echo "$verdict $number $2$took"
	last=$now
}

# The plan; fails if a result did, or if there was none.
results_end()
{
	echo "1..$number"
	[ $failed -eq 0 ] && [ $number -gt 0 ]
}
