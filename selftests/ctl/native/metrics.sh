#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# metrics.sh CTL_TEST: do Prometheus' own programs take tripctl's metrics? The
# strict parser is the one of its Python client, the check of the older format, and
# of names, promtool's. Prints TAP.
set -uo pipefail

TEST=${1:?usage: metrics.sh CTL_TEST}
HERE=$(cd "$(dirname "$0")" && pwd)
PYTHON=/usr/bin/python3

# Every family has a type and a help, and what it says comes out as it went in.
strict_parser()
{
	"$TEST" metrics openmetrics | "$PYTHON" -c '
import sys
from prometheus_client.openmetrics.parser import text_fd_to_metric_families
families = {f.name: f for f in text_fd_to_metric_families(sys.stdin)}
assert all(f.type != "unknown" and f.documentation for f in families.values())
samples = {(s.name, tuple(sorted(s.labels.items()))): s.value
           for f in families.values() for s in f.samples}
assert samples["tripmap_table_entries", (("table", "sessions"),)] == 1250
assert samples["tripmap_table_violations_total",
               (("class", "write-during-write"), ("table", "sessions"))] == 8
assert samples["tripmap_pause_seconds_sum", (("kind", "write"),)] == 0.005099
assert samples["tripmap_pause_seconds", (("kind", "write"), ("quantile", "1.0"))] == 0.001
assert samples["tripmap_pause_duration_seconds_bucket", (("kind", "write"), ("le", "+Inf"))] == 500
assert families["tripmap_table_memory_bytes"].unit == "bytes"
' 2>&1 | sed 's/^/# /'
}

own_parser()
{
	"$TEST" metrics openmetrics >"$TMP/metrics" || return
	"$PYTHON" "$HERE/../openmetrics.py" "$TMP/metrics" 2>&1 >/dev/null | sed 's/^/# /'
}

# No complaints but those that match; others are shown. promtool's exit code counts
# them all.
no_complaints()
{
	local others

	others=$("$TEST" metrics "$1" | "$PROMTOOL" check metrics 2>&1 | grep -vE "$2")
	[ -z "$others" ] || { echo "# ${others//$'\n'/$'\n'# }" && return 1; }
}

older_format()
{
	no_complaints prometheus '^$'
}

# The collector reads OpenMetrics too, but takes counters for what has no type.
as_older_format()
{
	no_complaints openmetrics '_(total|created) no help text$'
}

# The check sees what is wrong: a sample that is no number, a counter without its end.
sees_what_is_wrong()
{
	[ -n "$(printf 'tripmap_x{a="b} 1\n' | "$PROMTOOL" check metrics 2>&1)" ] &&
		[ -n "$(printf '# HELP x x.\n# TYPE x counter\nx 1\n' | "$PROMTOOL" check metrics 2>&1)" ]
}

# shellcheck source=selftests/ctl/native/tap.sh
. "$(dirname "$0")/tap.sh"
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT
echo "TAP version 13"
if ! "$PYTHON" -c 'import prometheus_client.openmetrics.parser' 2>/dev/null; then
	echo "1..0 # SKIP python3-prometheus-client is not installed"
	exit 0
fi
PROMTOOL=$("$HERE/../../vm/fetch.sh" promtool)/usr/bin/promtool || {
	echo "1..0 # SKIP promtool cannot be had"
	exit 0
}
echo "1..5"
result "metrics: the strict parser of OpenMetrics" strict_parser
result "metrics: the parser that the machine's test uses" own_parser
result "metrics: promtool, older format" older_format
result "metrics: promtool, OpenMetrics" as_older_format
result "metrics: promtool sees what is wrong" sees_what_is_wrong
exit $failed
