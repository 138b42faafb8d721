#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# export.sh CTL_TEST: are the forms that a report is passed on in what others take?
# A trace is held against the rules of its format, a graph is drawn by graphviz,
# with names that want to be taken for something else. Prints TAP.
set -uo pipefail

TEST=${1:?usage: export.sh CTL_TEST}
HERE=$(cd "$(dirname "$0")" && pwd)
PY=/usr/bin/python3
CLASSES="0 1 2 3 4 5 6 7 8 9 10 11 12"
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT

quiet()
{
	"$@" >"$TMP/said" 2>&1 || { sed 's/^/# /' "$TMP/said"; return 1; }
}

traces()
{
	local class

	for class in $CLASSES; do
		"$TEST" trace "$class" >"$TMP/trace.json" || return
		quiet "$PY" "$HERE/trace_check.py" "$TMP/trace.json" || return
	done
}

# Of class 0 all is there: three CPUs of four, one writer of several that was preempted.
whole_trace()
{
	"$TEST" trace 0 >"$TMP/trace.json" || return
	"$PY" "$HERE/trace_check.py" --summary "$TMP/trace.json" >"$TMP/said"
	grep -qx 'events=[0-9]* cpus=3 wip=53 pauses=103 counters=2 flows=3 markers=1' "$TMP/said" || {
		sed 's/^/# /' "$TMP/said"
		return 1
	}
	grep -q '"name":"CPU 3 (2)"' "$TMP/trace.json"
}

drawn()
{
	"$TEST" graph "$1" >"$TMP/report.dot" || return
	quiet dot -Tsvg -o "$TMP/report.svg" "$TMP/report.dot" || return
	[ ! -s "$TMP/said" ] || { sed 's/^/# /' "$TMP/said"; return 1; }
	"$PY" -c 'import sys, xml.etree.ElementTree as t; t.parse(sys.argv[1])' "$TMP/report.svg"
}

graphs()
{
	local class

	for class in $CLASSES; do
		drawn "$class" || { echo "# class $class"; return 1; }
	done
}

# What graphviz makes of it: the texts as they are, and the chain in its order.
svg_says()
{
	"$PY" - "$TMP/report.svg" "$@" <<-'PYTHON'
		import sys
		import xml.etree.ElementTree as tree

		svg = tree.parse(sys.argv[1])
		name = "{http://www.w3.org/2000/svg}%s"
		texts = [e.text.strip() for e in svg.iter(name % "text")]
		edges = [e.findtext(name % "title") for e in svg.iter(name % "g") if e.get("class") == "edge"]
		wrong = [want for want in sys.argv[2:] if want not in texts + edges]
		for want in wrong:
		    print("# no", repr(want), "in", texts + edges)
		sys.exit(bool(wrong) or any(True for _ in svg.iter(name % "script")))
	PYTHON
}

causes_drawn()
{
	drawn 0 || return
	svg_says nightly gc 'victim_label2->victim_label1' 'victim_label1->victim_label0' \
		'victim_label0->victim_op' 'victim_op->victim_party' 'victim_party->violation' \
		'holder_label0->holder_op' 'holder_party->violation' write-during-write INSIDE
}

# An exiting task's work was queued by another; a destroyed table has a destroyer.
parts_drawn()
{
	drawn 10 || return
	svg_says 'victim_origin->victim_op' 'queued the work' || return
	drawn 9 && svg_says 'holder_party->violation' 'DESTROYED BY'
}

hostile_drawn()
{
	drawn 0 || return
	svg_says '<b>"\\N&lt;\x1b\x0a' '<script>owned=1</script> (pid 120, cpu 0)'
}

# shellcheck source=selftests/ctl/native/tap.sh
. "$(dirname "$0")/tap.sh"
echo "TAP version 13"
if ! command -v dot >/dev/null; then
	echo "1..0 # SKIP graphviz is not installed"
	exit 0
fi
echo "1..7"
result "the checker of traces checks" quiet "$PY" "$HERE/trace_check.py" --self-test
result "traces of all classes" traces
result "all that a trace has" whole_trace
result "graphs of all classes" graphs
result "causes in a graph" causes_drawn
result "who queued, who destroyed" parts_drawn
result "hostile names in a graph" hostile_drawn
exit $failed
