#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# smoke.sh: the bench builds, runs over a small table, and is honest. Not how
# fast anything is. TAP.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=${TRIPMAP_BUILD:-$here/../../../build}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0 failed=0

# ok NAME COMMAND...: what it said is shown where it failed
ok()
{
	local name=$1

	shift
	n=$((n + 1))
	if "$@" >"$tmp/said" 2>&1; then
		echo "ok $n $name"
	else
		failed=1
		echo "not ok $n $name"
		sed 's/^/# /' "$tmp/said"
	fi
}

run()
{
	"$here/run.py" --dir "$1" --sizes 1000 --reps 1 --ops 20000 --json "$tmp/json" \
		--page "$tmp/page"
}

# A peer that answers as tripmap does, but for one bit of one sum.
liar()
{
	mkdir "$tmp/liar"
	cp "$build/bench/tripmap" "$tmp/liar/tripmap"
	cat >"$tmp/liar/lfht" <<-EOF
		#!/bin/sh
		"$build/bench/tripmap" "\$@" |
			sed 's/"tripmap"/"lfht"/; /"case": "hit"/s/"check": "/&1/'
	EOF
	chmod +x "$tmp/liar/lfht"
	! run "$tmp/liar" >"$tmp/liar/said" || return
	cat "$tmp/liar/said"
	grep -q '^NOT THE SAME: hit' "$tmp/liar/said"
}

# Each peer's results and each picture are there.
whole()
{
	python3 - "$tmp/json" "$tmp/page" <<-'EOF'
		import json
		import sys

		run = json.load(open(sys.argv[1], encoding="utf-8"))
		seen = {(r["peer"], r["case"]) for r in run["results"]}
		for peer in ("tripmap", "tripmap-mix", "lfht", "tbb", "absl"):
		    for case in "insert hit dependent miss many iterate update mixed delete tail".split():
		        assert (peer, case) in seen, (peer, case)
		assert ("tripmap", "work") in seen and ("floor", "dependent") in seen
		page = open(sys.argv[2], encoding="utf-8").read()
		assert page.count("<svg") == page.count("</svg>") >= 17, page.count("<svg")
		assert "http:" not in page and "https:" not in page
	EOF
}

echo 1..4
ok "the bench builds" make -s -C "$here" O="$build"
ok "all peers find the same" run "$build/bench"
ok "results and pictures are whole" whole
ok "a peer that finds something else is noticed" liar
exit $failed
