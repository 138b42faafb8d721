#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Is a file Chrome's trace event format, as strictly as it can be read?

Usage: trace_check.py [--summary] FILE...
       trace_check.py --self-test

Prints what is wrong, a line each, and fails if there is anything; --summary
prints what there is, as key=value. The rules are those of the document "Trace
Event Format": fields and their types for each phase; besides, as readers are
lenient and pictures then wrong, that times do not go back, that stretches of one
track lie behind or within one another, that every arrow begins once and ends
once, later, within stretches that are there, and that all tracks have names.
"""

import copy
import json
import math
import sys

COMMON = {"name": str, "ph": str, "pid": int, "tid": int}
# Phase: the fields it must have, and those that it may have.
PHASES = {
    "X": ({"cat": str, "ts": float, "dur": float}, {"args": dict}),
    "i": ({"cat": str, "ts": float, "s": str}, {"args": dict}),
    "C": ({"cat": str, "ts": float, "args": dict}, {}),
    "M": ({"args": dict}, {}),
    "s": ({"cat": str, "ts": float, "id": int}, {"bp": str, "args": dict}),
    "t": ({"cat": str, "ts": float, "id": int}, {"bp": str, "args": dict}),
    "f": ({"cat": str, "ts": float, "id": int}, {"bp": str, "args": dict}),
}
METADATA = {"process_name": ("name", str), "thread_name": ("name", str),
            "thread_sort_index": ("sort_index", int)}
SCOPES = ("g", "p", "t")
NS = 1000           # in a microsecond: times are compared as whole nanoseconds


def is_a(value, kind):
    if isinstance(value, bool):
        return False
    if kind is float:
        return isinstance(value, (int, float)) and math.isfinite(value)
    return isinstance(value, kind)


def is_count(value):
    """What is above was less than nothing, once."""
    return is_a(value, float) and 0 <= value < 2 ** 53


def check_fields(event):
    """What is wrong with one event by itself."""
    if not isinstance(event, dict):
        yield "is no object"
        return
    phase = event.get("ph")
    if phase not in PHASES:
        yield f"has the phase {phase!r}"
        return
    must, may = PHASES[phase]
    for key, kind in {**COMMON, **must}.items():
        if key not in event:
            yield f"has no {key}"
        elif not is_a(event[key], kind):
            yield f"has {key} = {event[key]!r}"
    for key in event:
        if key not in {**COMMON, **must, **may}:
            yield f"has {key}, which phase {phase} does not"
    yield from check_values(event, phase)


def check_values(event, phase):
    args = event.get("args", {})
    if event.get("name") == "":
        yield "has an empty name"
    if phase == "X" and is_a(event.get("dur"), float) and event["dur"] < 0:
        yield f"lasts {event['dur']}"
    if phase == "i" and event.get("s") not in SCOPES:
        yield f"has the scope {event.get('s')!r}"
    if phase == "C" and (not args or not all(is_count(v) for v in args.values())):
        yield "counts what is no number of things"
    if phase in "stf" and event.get("bp", "e") != "e":
        yield f"is bound by {event['bp']!r}"
    if phase == "M":
        key, kind = METADATA.get(event.get("name"), (None, None))
        if key is None:
            yield "is metadata of an unknown name"
        elif not is_a(args.get(key), kind):
            yield f"has no {key}"


def ns(micros):
    return round(micros * NS)


def where(event):
    return (event["pid"], event["tid"])


def check_order(events):
    """Metadata first, then by time."""
    last, begun = None, False
    for n, event in enumerate(events):
        if event["ph"] == "M":
            if begun:
                yield f"event {n} is metadata behind others"
            continue
        begun = True
        if last is not None and ns(event["ts"]) < last:
            yield f"event {n} goes back in time"
        last = ns(event["ts"])


def check_nesting(events):
    """Stretches of a track: behind, or within, the one before."""
    tracks = {}
    for n, event in enumerate(events):
        if event["ph"] != "X":
            continue
        begin = ns(event["ts"])
        end = begin + ns(event["dur"])
        stack = tracks.setdefault(where(event), [])
        while stack and stack[-1] <= begin:
            stack.pop()
        if stack and end > stack[-1]:
            yield f"event {n} ends after the one that it begins in"
        stack.append(end)


def binds(events, flow):
    """Is there a stretch on the arrow's track, at its time?"""
    at = ns(flow["ts"])
    return any(e["ph"] == "X" and where(e) == where(flow) and
               ns(e["ts"]) <= at <= ns(e["ts"]) + ns(e["dur"]) for e in events)


def check_flows(events):
    flows = {}
    for event in events:
        if event["ph"] in "stf":
            flows.setdefault((event["cat"], event["name"], event["id"]), []).append(event)
            if not binds(events, event):
                yield f"an arrow of flow {event['id']} hangs in the air"
    for (_, _, number), steps in flows.items():
        phases = "".join(e["ph"] for e in steps)
        if len(phases) < 2 or phases != "s" + "t" * (len(phases) - 2) + "f":
            yield f"flow {number} goes {phases}"


def check_names(events):
    named = [where(e) for e in events if e["ph"] == "M" and e["name"] == "thread_name"]
    names = [e["args"]["name"] for e in events if e["ph"] == "M" and e["name"] == "thread_name"]
    if len(set(named)) != len(named) or len(set(names)) != len(names):
        yield "two names for a track, or two tracks of a name"
    # A counter is its process's.
    for track in {where(e) for e in events if e["ph"] not in "MC"} - set(named):
        yield f"track {track} has no name"
    if sum(e["ph"] == "M" and e["name"] == "process_name" for e in events) != 1:
        yield "the process has no name, or several"


def check_marker(events):
    if sum(e["ph"] == "i" and e["s"] == "g" for e in events) != 1:
        yield "there is not one global marker"


def check(trace):
    """All that is wrong with a trace."""
    if not isinstance(trace, dict) or not isinstance(trace.get("traceEvents"), list):
        return ["it is no object with traceEvents"]
    wrong = []
    if trace.get("displayTimeUnit") not in ("ms", "ns"):
        wrong.append(f"displayTimeUnit is {trace.get('displayTimeUnit')!r}")
    events = trace["traceEvents"]
    for n, event in enumerate(events):
        wrong += [f"event {n} {complaint}" for complaint in check_fields(event)]
    if wrong:
        return wrong
    for rule in (check_order, check_nesting, check_flows, check_names, check_marker):
        wrong += rule(events)
    return wrong


def refuse_constant(text):
    raise ValueError(f"{text} is no JSON")


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f, parse_constant=refuse_constant)


def summary(trace):
    events = trace["traceEvents"]
    tracks = [e["args"]["name"] for e in events if e["name"] == "thread_name"]
    return {
        "events": len(events),
        "cpus": sum(t.startswith("CPU ") and "(" not in t for t in tracks),
        "wip": sum(e.get("cat") == "wip" and e["ph"] == "X" for e in events),
        "pauses": sum(e.get("cat") == "pause" and e["ph"] == "X" for e in events),
        "counters": len({e["name"] for e in events if e["ph"] == "C"}),
        "flows": sum(e["ph"] == "s" for e in events),
        "markers": sum(e.get("s") == "g" for e in events),
    }


# --- the checker checked ---

GOOD = {"displayTimeUnit": "ns", "traceEvents": [
    {"name": "process_name", "ph": "M", "pid": 1, "tid": 0, "args": {"name": "p"}},
    {"name": "thread_name", "ph": "M", "pid": 1, "tid": 1, "args": {"name": "CPU 0"}},
    {"name": "a", "cat": "c", "ph": "X", "ts": 1.5, "dur": 4.5, "pid": 1, "tid": 1},
    {"name": "b", "cat": "c", "ph": "X", "ts": 2, "dur": 4, "pid": 1, "tid": 1},
    {"name": "f", "cat": "c", "ph": "s", "ts": 2, "pid": 1, "tid": 1, "id": 1},
    {"name": "n", "cat": "c", "ph": "C", "ts": 2, "pid": 1, "tid": 1, "args": {"v": 1}},
    {"name": "f", "cat": "c", "ph": "f", "ts": 3, "pid": 1, "tid": 1, "id": 1, "bp": "e"},
    {"name": "v", "cat": "c", "ph": "i", "ts": 6, "pid": 1, "tid": 1, "s": "g"},
]}

# A change to the good one: event, field, value (None: gone); part of the complaint.
BAD = (
    (2, "ph", "Y", "the phase"), (2, "dur", None, "has no dur"), (2, "dur", -1, "lasts"),
    (2, "ts", "1", "has ts"), (2, "ts", float("nan"), "has ts"), (2, "pid", True, "has pid"),
    (2, "id", 3, "which phase X does not"), (2, "name", "", "empty name"),
    (2, "cat", None, "has no cat"), (3, "dur", 4.001, "ends after"),
    (3, "ts", 1.4, "goes back"), (7, "s", "x", "the scope"), (7, "s", "t", "global marker"),
    (7, "tid", 2, "has no name"), (5, "args", {"v": "1"}, "no number"),
    (5, "args", {"v": -1}, "no number"), (5, "args", {}, "no number"),
    (4, "ts", 1.4, "goes back"), (4, "id", 2, "flow"), (6, "ph", "t", "flow 1 goes st"),
    (6, "ts", 6.001, "hangs in the air"), (6, "bp", "x", "is bound"),
    (1, "args", {"name": 3}, "has no name"), (1, "name", "frob", "unknown name"),
    (0, "name", "thread_name", "the process has no name"),
)


def self_test():
    assert check(GOOD) == [], check(GOOD)
    assert check([]) and check({"traceEvents": []})
    for n, key, value, part in BAD:
        trace = copy.deepcopy(GOOD)
        if value is None:
            del trace["traceEvents"][n][key]
        else:
            trace["traceEvents"][n][key] = value
        assert any(part in c for c in check(trace)), (n, key, value, check(trace))
    return 0


def main(argv):
    if argv == ["--self-test"]:
        return self_test()
    paths = [a for a in argv if a != "--summary"]
    if not paths:
        sys.exit(__doc__)
    failed = False
    for path in paths:
        trace = load(path)
        for complaint in check(trace):
            print(f"{path}: {complaint}")
            failed = True
        if "--summary" in argv:
            print(" ".join(f"{k}={v}" for k, v in summary(trace).items()))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
