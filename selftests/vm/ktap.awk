# SPDX-License-Identifier: GPL-2.0
#
# Count the results in (K)TAP.  Prints a line "fail NAME" or "skip NAME" for
# each that failed or was skipped, and "count PASSED FAILED SKIPPED" at the end.
#
# Results nest: a line that sums up deeper ones, prefixed with "# " (kselftest)
# or four blanks (KUnit), is no result of its own, unless it failed and they did
# not.  A skip without a reason is a failure, and so is a plan unfulfilled, or none.

function result(depth, ok, name,    d, below, below_failed)
{
	for (d = depth + 1; d <= deepest; d++) {
		below += results[d]
		below_failed += failures[d]
		results[d] = failures[d] = 0
	}
	if (depth > deepest)
		deepest = depth
	results[depth]++
	if (below && (ok || below_failed)) {
		failures[depth] += !ok
		return
	}
	if (!ok) {
		failures[depth]++
		failed++
		print "fail " name
	} else if (match(name, /# *SKIP/)) {
		at = RSTART
		reason = substr(name, at + RLENGTH)
		sub(/^[: ]+/, "", reason)
		if (reason == "")
			reason = whole_skip
		if (reason == "") {
			failed++
			print "fail " name ": skipped without a reason"
		} else {
			skipped++
			name = substr(name, 1, at - 1)
			sub(/ +$/, "", name)
			print "skip " name ": " reason
		}
	} else {
		passed++
	}
	whole_skip = ""
}

{
	sub(/\r$/, "")
	depth = 0
	while (sub(/^(# |    )/, ""))
		depth++
}

/^1\.\.[0-9]+/ {
	if (match($0, /# *SKIP[: ]*/))
		whole_skip = substr($0, RSTART + RLENGTH)
	if (depth == 0)
		planned += substr($1, 4)
}

/^ok [0-9]+/ {
	name = $0
	sub(/^ok [0-9]+ *-? */, "", name)
	top += depth == 0
	result(depth, 1, name)
}

/^not ok [0-9]+/ {
	name = $0
	sub(/^not ok [0-9]+ *-? */, "", name)
	top += depth == 0
	result(depth, 0, name)
}

END {
	if (top < planned || !planned) {
		failed++
		print "fail " planned + 0 " results were planned, " top " came"
	}
	print "count " passed + 0 " " failed + 0 " " skipped + 0
}
