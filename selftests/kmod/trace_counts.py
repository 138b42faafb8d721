#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What trace-cmd recorded of tripmap:*, against what the module says.

Usage: trace_counts.py TRACE counts PAUSES	"tripctl -j pause show"
       trace_counts.py TRACE quantiles PAUSES
       trace_counts.py TRACE recent RECENT	"tripctl -j pause show recent"
       trace_counts.py TRACE window REPORT	"tripctl -j report show ID"

TRACE is what "trace-cmd report -R" printed. Says what it compared; fails with what
differs.
"""

import collections
import json
import math
import re
import sys

KINDS = ["write", "odd", "read-retry", "lock-wait", "grow", "evacuate", "grace", "dump"]
QUANTILES = {"p25": 0.25, "p50": 0.5, "p75": 0.75, "p99": 0.99, "p99.9": 0.999}
# What the recorder keeps only where reads were asked for.
READS = {"lookup"}

Event = collections.namedtuple("Event", "name cpu field")


def read_trace(path):
    line = re.compile(r"\[(\d+)\] .*?: tripmap_(\w+): (.*)")
    with open(path, encoding="utf-8", errors="replace") as f:
        for found in filter(None, map(line.search, f)):
            cpu, name, rest = found.groups()
            field = {k: int(v) for k, v in re.findall(r"(\w+)=(-?\d+)(?= |$)", rest)}
            yield Event(name.replace("_", "-"), int(cpu), field)


def durations(trace):
    of = {kind: [] for kind in KINDS}
    for e in trace:
        if e.name == "pause":
            of[KINDS[e.field["kind"]]].append(e.field["duration"])
    return of


def differ(complaints, what, ours, theirs):
    if ours != theirs:
        complaints.append(f"{what}: {ours} in the module, {theirs} in the trace")


def counts(trace, pauses):
    complaints, of = [], durations(trace)
    for p in pauses:
        traced = of[p["kind"]]
        differ(complaints, f"{p['kind']}: count", p["count"], len(traced))
        if traced and p["count"]:
            differ(complaints, f"{p['kind']}: total", p["total"], sum(traced))
            differ(complaints, f"{p['kind']}: min", p["min"], min(traced))
            differ(complaints, f"{p['kind']}: max", p["max"], max(traced))
    differ(complaints, "kinds", sorted(p["kind"] for p in pauses), sorted(KINDS))
    print(", ".join(f"{len(of[k])} {k}" for k in KINDS))
    return complaints


def quantiles(trace, pauses):
    complaints, of, n = [], durations(trace), 0
    for p in pauses:
        traced = sorted(of[p["kind"]])
        for name, part in QUANTILES.items() if traced else ():
            true = traced[max(math.ceil(part * len(traced)), 1) - 1]
            n += 1
            if abs(p[name] - true) > true / 8 + 1:
                complaints.append(f"{p['kind']} {name}: {p[name]}, truly {true}")
    print(f"{n} quantiles")
    if n < 15:
        complaints.append(f"only {n} quantiles")
    return complaints


def recent(trace, pauses):
    traced = {(e.field["time"], e.field["duration"], e.field["kind"], e.field["table"])
              for e in trace if e.name == "pause"}
    print(f"{len(pauses)} recent pauses")
    return [f"not in the trace: {p}" for p in pauses
            if (p["time_mono"] + p["duration"], p["duration"], KINDS.index(p["kind"]),
                p["table_id"]) not in traced and
            (p["time_mono"], p["duration"], KINDS.index(p["kind"]), p["table_id"]) not in traced]


def told(e):
    """An event, such that it can be found in both places."""
    return (e.name, e.field["time"], e.field.get("duration", 0), e.field["table"])


def window(trace, report):
    w, complaints = report["window"], []
    end = report["monotonic"]
    kept = collections.Counter((e["event"], e["monotonic"], e.get("duration", 0), e["table_id"])
                               for e in report["events"])
    traced = collections.Counter(told(e) for e in trace if e.name not in READS)
    within = {k: n for k, n in traced.items() if w["complete_since"] <= k[1] <= end}
    missing = {k: n - kept[k] for k, n in within.items() if n > kept[k]}
    lost = w["lost"] + w["left_out"]
    print(f"{sum(within.values())} events of the trace in the window, {sum(kept.values())} in the"
          f" report, {sum(missing.values())} missing, {lost} counted as lost")
    if sum(missing.values()) > lost:
        complaints.append(f"missing: {sorted(missing.items(), key=lambda k: k[0][1])[:5]}")
    if kept - traced:
        complaints.append(f"not in the trace: {list((kept - traced).items())[:5]}")
    order = [e["monotonic"] for e in report["events"]]
    if order != sorted(order):
        complaints.append("the events are not in order")
    if w["events"] != len(order):
        complaints.append(f"{w['events']} events are announced, {len(order)} are there")
    if not within:
        complaints.append(f"no event in the window: {w}, violation at {end}")
    return complaints


def main():
    path, what, said = sys.argv[1:]
    with open(said, encoding="utf-8") as f:
        complaints = globals()[what](list(read_trace(path)), json.load(f))
    if complaints:
        sys.exit("\n".join(complaints))


if __name__ == "__main__":
    main()
