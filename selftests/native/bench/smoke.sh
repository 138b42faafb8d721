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

# Each cell is there; what counts say is said where it must be, and nowhere else.
ways()
{
	"$build/bench/sync" --json --rounds 2 --ms 1 >"$tmp/sync"
	python3 - "$tmp/sync" <<-'EOF'
		import json
		import sys

		seen = {}
		for line in map(json.loads, open(sys.argv[1], encoding="utf-8")):
		    if "column" in line:
		        assert 0 <= line["min"] <= line["median"] <= line["max"], line
		        name, row, column = line["scenario"], list(line.values())[1], line["column"]
		        seen[name, row, column] = line["max"]
		    else:
		        assert line["ahead"] != line["of"] and 50 < line["from"] <= 99.9, line
		for reads in 50, 75, 90, 95, 99, 99.9:
		    for method in "single-writer sharded rwlock snapshot split".split():
		        assert seen["sweep", reads, method] > 0
		assert all(seen["shards", n, "ns"] > 0 for n in (1, 2, 4, 8, 16, 64))
		assert seen["storm", 0, "hits %"] == 100 and not seen["storm", 0, "promotions/s"]
		assert any(seen["storm", n, "promotions/s"] for n in (100, 1000, 5000))
		assert all(seen["storm", n, "changes/s"] for n in (100, 1000, 5000))
		kept = [key for key in seen if key[2].endswith("KB/s") and not seen[key]]
		assert sorted(kept) == [("snapshot", 0, "rwlock KB/s"), ("snapshot", 0, "snapshot KB/s"),
		                        ("snapshot", 1000, "rwlock KB/s")], kept
		assert len(seen) == 30 + 16 + 8 + 6, len(seen)
	EOF
}

echo 1..5
ok "the bench builds" make -s -C "$here" O="$build"
ok "all peers find the same" run "$build/bench"
ok "results and pictures are whole" whole
ok "a peer that finds something else is noticed" liar
ok "the ways to keep writers apart find what was written" ways
exit $failed
