#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Drives the family with the kernel's own ynl client.

Usage: foreign.py YNL SPEC
  YNL	tools/net/ynl of a kernel source tree
  SPEC	the family's YAML

The client knows the family from the specification alone and shares no code
with tripctl: what works here works for anyone.
"""

import ctypes
import errno
import json
import os
import select
import signal
import struct
import subprocess
import sys
import time

from client import ynl
from ktap import Ktap

TABLE = "ynl-test"
OWNED = "ynl-owned"
THERE = "ynl-there"     # in another namespace
CLONE_NEWNET = 0x40000000
EACH_CPU = 0xffffffff
ENTRIES = 3000      # several messages of a dump, several growths
PATIENCE = 60       # seconds until what should happen counts as missing


def key(n):
    return struct.pack("=I", n)


def value(n):
    return struct.pack("=Q", n * 0x9e3779b97f4a7c15 & (1 << 64) - 1)


def pairs(numbers):
    return b"".join(key(n) + value(n) for n in numbers)


def cells(message):
    """The counts of a histogram."""
    data = message["histogram"]
    return struct.unpack(f"={len(data) // 8}Q", data)


def cell_begin(n):
    """The shortest duration of a cell, as the specification has it."""
    return n if n < 8 else (8 + n % 8) << (n // 8 - 1)


def in_child(function, *args):
    """Run a case in a child; its status says whether there were complaints."""
    pid = os.fork()
    if pid:
        return pid
    complaints = list(function(*args))
    print("".join(f"# {c}\n" for c in complaints), end="", flush=True)
    os._exit(bool(complaints))


class Foreign:
    """The cases; each is a method that yields complaints."""

    def __init__(self, ynl_dir, spec):
        self.error, family = ynl(ynl_dir)
        self.family = lambda: family(spec, "")
        self.ynl = self.family()
        self.cli = [sys.executable, os.path.join(ynl_dir, "cli.py"), "--no-schema",
                    "--spec", spec, "--output-json"]

    def do(self, op, **attrs):
        return self.ynl.do(op, {k.replace("_", "-"): v for k, v in attrs.items()})

    def refused(self, want, op, dump=False, text=None, **attrs):
        """Complaints unless the kernel refuses with this errno and says why."""
        attrs = {k.replace("_", "-"): v for k, v in attrs.items()}
        try:
            reply = self.ynl.dump(op, attrs) if dump else self.ynl.do(op, attrs)
        except self.error as e:
            extack = e.nl_msg.extack or {}
            if e.error != want:
                yield f"{op} {attrs}: {errno.errorcode[e.error]}, not {errno.errorcode[want]}"
            if not extack.get("msg") and "miss-type" not in extack and want != errno.EPERM:
                yield f"{op} {attrs}: no word of why: {e}"
            if text and text not in str(extack):
                yield f"{op} {attrs}: '{text}' is not in {extack}"
        else:
            yield f"{op} {attrs}: done, and answered {reply}"

    # --- the cases, in the order in which they run ---

    def command_line_client(self):
        done = subprocess.run(self.cli + ["--do", "features-get"], capture_output=True,
                              text=True, check=False)
        if done.returncode:
            yield from (done.stdout + done.stderr).split("\n")
            return
        features = json.loads(done.stdout)
        if features["family-version"] != self.ynl.yaml["version"]:
            yield f"family-version {features['family-version']}"
        if features["kernel"] != os.uname().release:
            yield f"kernel {features['kernel']}"
        classes = self.ynl.consts["class"].entries
        if features["classes"] != (1 << len(classes)) - 1:
            yield f"classes {features['classes']:#x}, the specification has {len(classes)}"

    def make_table(self):
        self.do("table-new", name=TABLE, key_type="u32", key_size=4, value_type="u64",
                value_size=8, contract="single-writer", hash="siphash", bits=2,
                policy=[{"class": "write-during-write", "action": "count"}])
        table = self.do("table-get", name=TABLE)
        want = {"name": TABLE, "key-type": "u32", "key-size": 4, "value-type": "u64",
                "value-size": 8, "contract": "single-writer", "hash": "siphash",
                "entries": 0, "buckets": 4, "frozen": 0, "resize": "none", "violations": 0}
        yield from (f"{k}: {table.get(k)}, not {v}" for k, v in want.items() if table.get(k) != v)
        policy = {p["class"]: p["action"] for p in table["policy"]}
        if policy.get("write-during-write") != "count":
            yield f"policy {policy}"
        if TABLE not in [t["name"] for t in self.ynl.dump("table-get", {})]:
            yield "the dump of tables does not name it"

    def fill(self):
        done = self.do("entry-set", table=TABLE, bulk=pairs(range(ENTRIES)))["done"]
        if done != ENTRIES:
            yield f"{done} done of {ENTRIES}"
        table = self.do("table-get", name=TABLE)
        if table["entries"] != ENTRIES:
            yield f"{table['entries']} entries"
        if table["buckets"] <= 4:
            yield f"it did not grow: {table['buckets']} buckets"

    def look_up(self):
        if self.do("entry-get", table=TABLE, key=key(7)).get("value") != value(7):
            yield "one key: wrong value"
        asked = [0, ENTRIES, 5, ENTRIES + 1, 9]
        reply = self.do("entry-get", table=TABLE, bulk=b"".join(map(key, asked)))
        if list(reply["found"]) != [int(n < ENTRIES) for n in asked]:
            yield f"many keys: found {list(reply['found'])}"
        if reply["bulk"] != b"".join(value(n) if n < ENTRIES else bytes(8) for n in asked):
            yield f"many keys: values {reply['bulk'].hex()}"
        yield from self.refused(errno.ENOENT, "entry-get", table=TABLE, key=key(ENTRIES))

    def dump(self):
        seen = b"".join(m.get("bulk", b"")
                        for m in self.ynl.dump("entry-dump", {"table": TABLE}))
        got = sorted(struct.unpack_from("=I8s", seen, i) for i in range(0, len(seen), 12))
        if got != [(n, value(n)) for n in range(ENTRIES)]:
            yield f"{len(got)} entries, {len(set(got))} of them different, of {ENTRIES}"
        part = self.ynl.dump("entry-dump", {"table": TABLE, "limit": 10})
        if sum(m.get("done", 0) for m in part) != 10:
            yield f"limit 10 gave {part}"

    def modes(self):
        def store(mode, n, **more):
            return {"op": "entry-set", "table": TABLE, "mode": mode, "key": key(n),
                    "value": value(n + 1), **more}
        yield from self.refused(errno.EEXIST, **store("insert", 1))
        yield from self.refused(errno.ENOENT, **store("replace", ENTRIES))
        yield from self.refused(errno.EAGAIN, **store("compare-swap", 1, expected=value(9)))
        self.do(**store("compare-swap", 1, expected=value(1)))
        if self.do("entry-take", table=TABLE, key=key(1)).get("value") != value(2):
            yield "take after compare-swap: wrong value"
        yield from self.refused(errno.ENOENT, "entry-take", table=TABLE, key=key(1))
        self.do("entry-del", table=TABLE, key=key(2))
        yield from self.refused(errno.ENOENT, "entry-del", table=TABLE, key=key(2))
        entries = self.do("table-get", name=TABLE)["entries"]
        if entries != ENTRIES - 2:
            yield f"{entries} entries after a take and a delete"

    def buckets(self):
        bucket = self.do("bucket-get", table=TABLE, key=key(7))
        slots = [s for link in bucket["chain"] for s in link.get("slot", [])]
        if (key(7), value(7)) not in [(s["key"], s["value"]) for s in slots]:
            yield f"the bucket of key 7 does not hold it: {bucket}"
        if any(len(link["tophash"]) != 8 for link in bucket["chain"]):
            yield f"not 8 tags a bucket: {bucket}"
        maps = [m for m in self.ynl.dump("bucket-map", {"table": TABLE}) if "map" in m]
        entries = sum(sum(m["map"][0::2]) for m in maps)
        if entries != ENTRIES - 2:
            yield f"the map counts {entries} entries"
        buckets = self.do("table-get", name=TABLE)["buckets"]
        yield from self.refused(errno.ENOENT, "bucket-get", table=TABLE, index=buckets << 8)

    def counters(self):
        for attrs in ({"table": TABLE}, {}):
            counters = self.ynl.do("stats-get", attrs).get("counter", [])
            names = [c["name"] for c in counters]
            if not names or len(set(names)) != len(names):
                yield f"stats-get {attrs}: {names}"

    def counter(self, name):
        counters = self.do("stats-get")["counter"]
        return next(c["value"] for c in counters if c["name"] == name)

    def errors(self):
        missing, table = "no-such-table", {"key_type": "u32", "key_size": 4,
                                           "value_type": "u64", "value_size": 8}
        for op in ("table-get", "table-set", "table-del", "table-flush"):
            yield from self.refused(errno.ENOENT, op, name=missing)
        for op in ("entry-get", "entry-set", "entry-del", "entry-take", "bucket-get",
                   "stats-get"):
            more = {} if op == "stats-get" else {"key": key(1)}
            more.update({"value": value(1)} if op == "entry-set" else {})
            yield from self.refused(errno.ENOENT, op, table=missing, **more)
        for op in ("entry-dump", "bucket-map"):
            yield from self.refused(errno.ENOENT, op, dump=True, table=missing)
        yield from self.refused(errno.EEXIST, "table-new", name=TABLE, **table)
        yield from self.refused(errno.EINVAL, "table-new", name="a b", **table)
        yield from self.refused(errno.EINVAL, "table-new", name="n" * 32, text="name", **table)
        yield from self.refused(errno.ERANGE, "table-new", name="x", text="bits",
                                **{**table, "bits": 29})
        yield from self.refused(errno.ERANGE, "table-new", name="x", text="key-size",
                                **{**table, "key_size": 257})
        yield from self.refused(errno.ERANGE, "table-new", name="x", text="contract",
                                **{**table, "contract": 4})
        yield from self.refused(errno.EINVAL, "table-new", text="name", **table)
        yield from self.refused(errno.EINVAL, "entry-get", table=TABLE, key=b"12345", text="key")
        yield from self.refused(errno.EINVAL, "entry-set", table=TABLE, key=key(1), text="value")
        yield from self.refused(errno.EINVAL, "entry-set", table=TABLE, bulk=b"123")
        yield from self.refused(errno.ENOENT, "report-get", id=1 << 40)
        yield from self.refused(errno.EINVAL, "event-get", dump=True, text="report")
        yield from self.refused(errno.ENOENT, "event-get", dump=True, report=1 << 40,
                                text="no such report")
        for op in ("pause-get", "pause-recent-get"):
            yield from self.refused(errno.ENOENT, op, dump=True, table=missing)
            yield from self.refused(errno.ENOENT, op, dump=True, cpu=1 << 20, text="CPU")
            yield from self.refused(errno.ERANGE, op, dump=True, kind=8, text="kind")
        yield from self.refused(errno.EINVAL, "pause-get", dump=True, table=TABLE, cpu=0,
                                text="each CPU")
        yield from self.refused(errno.EINVAL, "pause-set", text="state or reset")
        yield from self.refused(errno.ERANGE, "pause-set", state=2)
        yield from self.refused(errno.ERANGE, "pause-set", reset=0)

    def labels(self):
        """Any operation on entries may be named; what is no name is refused."""
        ops = {"entry-set": {"value": value(3)}, "entry-get": {}, "entry-del": {},
               "entry-take": {}}
        for op, more in ops.items():
            attrs = {"table": TABLE, "key": key(3), **more}
            self.do(op, **attrs, label="l" * 16, parent="a parent")
            if op == "entry-del":
                self.do("entry-set", table=TABLE, key=key(3), value=value(3), label="back")
            yield from self.refused(errno.EINVAL, op, **attrs, parent="p", text="label")
            yield from self.refused(errno.EINVAL, op, **attrs, label="l" * 17, text="label")
            for bad in ("", "a\tb", "\x7f"):
                yield from self.refused(errno.EINVAL, op, **attrs, label=bad, text="label is")
                yield from self.refused(errno.EINVAL, op, **attrs, label="l", parent=bad,
                                        text="parent is")
        self.do("entry-set", table=TABLE, key=key(3), value=value(3))

    def pauses(self):
        self.do("pause-set", state=1, reset=1)
        for _ in range(8):
            self.do("entry-set", table=TABLE, bulk=pairs(range(3, ENTRIES)))
        of_table = self.ynl.dump("pause-get", {"table": TABLE})
        if [m["table"] for m in of_table] != [TABLE] * 8 or not of_table[0]["count"]:
            yield f"pauses of the table: {of_table}"
        self.do("pause-set", state=0)
        whole = self.ynl.dump("pause-get", {})
        each = self.ynl.dump("pause-get", {"cpu": EACH_CPU})
        one = self.ynl.dump("pause-get", {"kind": "write", "cpu": 0})
        yield from self.check_pauses(whole, each)
        if one != [m | {"time": one[0]["time"]} for m in each
                   if (m["kind"], m["cpu"]) == ("write", 0)]:
            yield f"asked for one kind on one CPU: {one}"
        yield from self.check_recent(whole)
        self.do("pause-set", reset=1)
        if any(m["count"] or m["since"] for m in self.ynl.dump("pause-get", {})):
            yield "figures after they were to be forgotten"
        deeds = [(d["deed"], d["text"]) for d in self.ynl.dump("audit-get", {})]
        if deeds[-2:] != [("pause", "pauses are not counted"), ("pause", "pauses are counted anew")]:
            yield f"noted {deeds[-2:]}"

    def pauses_of_many_tables(self):
        """Tables that are gone take no place of those that are there."""
        self.do("pause-set", state=1)
        for _ in range(100):
            self.do("table-new", name="brief", key_size=4, value_size=8)
            self.do("entry-set", table="brief", bulk=pairs(range(100)))
            pauses = self.ynl.dump("pause-get", {"table": "brief", "kind": "write"})[0]
            self.do("table-del", name="brief")
            if not pauses["count"]:
                yield f"a table has no place: {pauses}"
                break
        self.do("pause-set", state=0, reset=1)

    def check_pauses(self, whole, each):
        kinds = list(self.ynl.consts["pause-kind"].entries)
        if [m["kind"] for m in whole] != kinds:
            yield f"kinds {[m['kind'] for m in whole]}"
        for m in whole:
            counts = cells(m)
            if sum(counts) != m["count"] or (counts and not counts[-1]):
                yield f"histogram of {m['count']} pauses: {sum(counts)} in {len(counts)} cells"
            if counts and not cell_begin(len(counts) - 1) <= m["longest"]:
                yield f"longest {m['longest']}, cell {len(counts) - 1}"
            if not m["shortest"] * m["count"] <= m["total"] <= m["longest"] * m["count"]:
                yield f"{m}"
            if m["state"] or not m["since"] < m["until"] <= m["time"] or len(m["near"]) != 24:
                yield f"period of {m}"
            cpus = [e for e in each if e["kind"] == m["kind"]]
            if sum(e["count"] for e in cpus) != m["count"] or "near" in cpus[0]:
                yield f"{m['kind']}: {m['count']} pauses, by CPU {cpus}"

    def check_recent(self, whole):
        recent = self.ynl.dump("pause-recent-get", {})
        last = {}
        for r in recent:
            end = r["start"] + r["duration"]
            last.setdefault((r["cpu"], r["kind"]), []).append(end)
            if r.get("table") != TABLE and r["kind"] == "write":
                yield f"a pause of nobody: {r}"
        for m in whole:
            rings = [ends for (_, kind), ends in last.items() if kind == m["kind"]]
            if any(len(ends) > 256 or ends != sorted(ends, reverse=True) for ends in rings):
                yield f"{m['kind']}: not the last 256, most recent first"
            if sum(map(len, rings)) != m["count"] and all(len(ends) < 256 for ends in rings):
                yield f"{m['kind']}: {m['count']} pauses, the last ones {rings}"
        if [r for r in recent if r["kind"] == "write"] != \
                self.ynl.dump("pause-recent-get", {"kind": "write", "table": TABLE}):
            yield "the last ones of the table are others"

    def unasked_attributes(self):
        """What the specification does not list for an operation is refused."""
        sets = {s["name"]: [a["name"] for a in s["attributes"] if a["type"] != "pad"]
                for s in self.ynl.yaml["attribute-sets"]}
        for op in self.ynl.yaml["operations"]["list"]:
            if "do" not in op:
                continue
            listed = op["do"].get("request", {}).get("attributes", [])
            stranger = next((a for a in sets[op["attribute-set"]] if a not in listed), None)
            if stranger:
                attrs = {stranger.replace("-", "_"): self.sample(op["attribute-set"], stranger)}
                yield from self.refused(errno.EINVAL, op["name"], **attrs)

    def sample(self, attr_set, name):
        kind = self.ynl.attr_sets[attr_set][name]["type"]
        return {"string": "x", "binary": b"x", "nest": {}}.get(kind, 1)

    def freeze(self):
        self.do("table-set", name=TABLE, frozen=1)
        yield from self.refused(errno.EROFS, "entry-set", table=TABLE, key=key(1),
                                value=value(1))
        self.do("table-set", name=TABLE, frozen=0)
        self.do("entry-set", table=TABLE, key=key(1), value=value(1))

    def notifications(self):
        listener = self.family()
        listener.ntf_subscribe("tables")
        self.do("table-new", name="told", key_type="u8", key_size=1, value_type="bytes",
                value_size=0)
        self.do("table-flush", name="told")
        self.do("table-del", name="told")
        listener.check_ntf()
        told = [(m["name"], m["msg"]["name"], m["msg"]["event"])
                for m in listener.async_msg_queue]
        want = [("table-ntf", "told", e) for e in ("new", "flushed", "deleted")]
        if told != want:
            yield f"told {told}"
        seq = [m["msg"]["seq"] for m in listener.async_msg_queue]
        if seq != list(range(seq[0], seq[0] + len(seq))):
            yield f"sequence numbers {seq}"

    def violation(self):
        """Two processes write one table until one of them is caught."""
        self.do("table-set", name=TABLE, policy=[{"action": "report"}])
        listener = self.family()
        listener.ntf_subscribe("violations")
        writers = {in_child(self.write_until_refused) for _ in range(2)}
        first, status = os.wait()
        for pid in writers - {first}:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        if status:
            yield f"no violation within {PATIENCE} s"
            return
        told = listener.sock in select.select([listener.sock], [], [], PATIENCE)[0]
        listener.check_ntf()
        reports = self.ynl.dump("report-get", {})
        if not told or listener.async_msg_queue[0]["msg"]["id"] != reports[0]["id"]:
            yield f"listeners were told {listener.async_msg_queue}"
        if self.do("report-get", id=reports[0]["id"])["title"] != reports[0]["title"]:
            yield "the report by its number is another one"
        yield from self.check_report(reports[0], writers)

    def write_until_refused(self):
        family, end = self.family(), time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                family.do("entry-set", {"table": TABLE, "label": "writing",
                                        "parent": "violation", "bulk": pairs(range(ENTRIES))})
            except self.error as e:
                if e.error == errno.EBUSY and "report" in e.nl_msg.extack["msg"]:
                    return
                yield f"entry-set: {e}"
                return
        yield "never refused"

    @staticmethod
    def check_report(report, writers):
        victim, holder = report["victim"], report["holder"]
        want = {"table": TABLE, "result": -errno.EBUSY, "action": "report",
                "contract": "single-writer"}
        yield from (f"{k} {report.get(k)}, not {v}" for k, v in want.items()
                    if report.get(k) != v)
        if report["class"] not in ("write-during-write", "write-during-resize"):
            yield f"class {report['class']}"
        if {victim["pid"], holder["pid"]} != writers:
            yield f"pids {victim['pid']} and {holder['pid']}, writers {writers}"
        for name, party in (("victim", victim), ("holder", holder)):
            if party["op"] != "store" or "+0x" not in party["caller"]:
                yield f"{name}: {party}"
        labels = ["writing", "violation"]
        if not victim.get("frame") or len(victim["key"]) != 4 or victim.get("label") != labels:
            yield f"victim: {victim}"
        if report["half"] == "complete" and (not holder.get("frame") or
                                             holder.get("label") != labels):
            yield f"holder: {holder}"

    def report_with_window(self, wanted, there=None):
        """
        The report of a write into a table that another one owns, right after writes of
        the owner's (and some elsewhere), and its window, as soon as that has what is
        wanted: of a machine that stands still in between it has not.
        """
        other, end = self.family(), time.monotonic() + PATIENCE
        write = {"table": OWNED, "label": "writing", "parent": "violation"}
        bulk, one = pairs(range(100)), {"key": key(1), "value": value(1)}
        while time.monotonic() < end:
            self.do("report-clear")
            if there:
                there.do("entry-set", {"table": THERE, "bulk": bulk})
            self.do("entry-set", **write, bulk=bulk)
            try:
                other.do("entry-set", write | one)
            except self.error as e:
                if e.error != errno.EPERM:
                    raise
            report = self.settled(self.ynl.dump("report-get", {})[0]["id"])
            events = self.ynl.dump("event-get", {"report": report["id"]})
            if wanted(events):
                return report, events
        return None, None

    def window_of(self, milliseconds):
        """10 are the default. They pass quickly where a machine is slow."""
        with open("/sys/module/tripmap/parameters/window_ms", "w", encoding="ascii") as f:
            f.write(str(milliseconds))

    def settled(self, number):
        """A report whose window is not pending any more."""
        end = time.monotonic() + PATIENCE
        while True:
            report = self.do("report-get", id=number)
            if report["window"]["state"] != "pending" or time.monotonic() > end:
                return report

    def window(self):
        """What a report keeps of the time before it."""
        def labelled(events):
            return [e for e in events if e["event"] == "write-end" and e.get("label")]
        self.do("table-new", name=OWNED, key_size=4, value_size=8, contract="owner",
                policy=[{"action": "report"}])
        report, events = self.report_with_window(labelled)
        if not report:
            yield f"no window with labelled writes within {PATIENCE} s"
            return
        window, clocks, times = report["window"], report["clock"], [e["time"] for e in events]
        if window["state"] != "frozen" or window["events"] != len(events):
            yield f"{len(events)} events, window {window}"
        if times != sorted(times) or times[-1] > report["time"] or \
                times[0] < report["time"] - window["length"] or window["begin"] > times[-1]:
            yield f"from {times[0]} to {times[-1]}, window {window}, time {report['time']}"
        for e in labelled(events):
            if (e["label"], e.get("parent"), e.get("table")) != ("writing", "violation", OWNED) \
                    or "+0x" not in e["caller"] or len(e["key"]) != 4 or "duration" not in e:
                yield f"{e}"
        if len(clocks) != 2 or not clocks[0]["mono"] <= clocks[1]["mono"] or \
                abs(clocks[0]["mono"] - report["time"]) > 10**9:
            yield f"clocks {clocks}"
        if len([s for s in report["spike"] if "kind" not in s]) != 1:
            yield f"of all pauses: {report['spike']}"
        kept = self.counter("memory-recorder")
        self.do("report-clear")
        yield from self.refused(errno.ENOENT, "event-get", dump=True, report=report["id"])
        if self.counter("memory-recorder") >= kept:
            yield f"the recorder had {kept} bytes and has no less without its windows"

    def elsewhere(self):
        """A client in a network namespace of its own, with a table. Both end with its socket."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/self/ns/net", encoding="ascii") as here:
            if libc.unshare(CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "unshare")
            family = self.family()
            if libc.setns(here.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
        family.do("table-new", {"name": THERE, "key-size": 4, "value-size": 8})
        return family

    def other_namespaces(self):
        """What happens elsewhere is shown to nobody but root of the initial namespace."""
        mine, there = {t["id"] for t in self.ynl.dump("table-get", {})}, self.elsewhere()
        self.window_of(1000)
        report, events = self.report_with_window(
            lambda events: {e["table-id"] for e in events} - mine, there)
        self.window_of(10)
        if not report:
            yield f"no window with events of another namespace within {PATIENCE} s"
            return
        if len(events) != report["window"]["events"]:
            yield f"{len(events)} events, window {report['window']}"
        if os.waitpid(in_child(self.as_nobody_beside, report["id"], mine), 0)[1]:
            yield "see above"
        yield from self.from_there(there, report["id"])
        self.do("table-del", name=OWNED)

    def as_nobody_beside(self, report, mine):
        os.setgroups([])
        os.setuid(65534)
        events = self.family().dump("event-get", {"report": report})
        tables = {e["table-id"] for e in events}
        if not tables or tables - mine:
            yield f"tables {mine} are of this namespace, and nobody sees events of {tables}"
        if any("key" in e for e in events):
            yield "keys are shown"
        if not any("digest" in e and e.get("key-size") == 4 for e in events):
            yield "no event is about a key"

    def from_there(self, there, report):
        self.do("pause-set", state=1)
        self.do("entry-set", table=TABLE, bulk=pairs(range(ENTRIES)))
        here, self.ynl = self.ynl, there
        yield from self.refused(errno.ENOENT, "event-get", dump=True, report=report)
        yield from self.refused(errno.ENOENT, "pause-get", dump=True, table=TABLE)
        # Some growth, and fewer pauses than are kept: they push out none of the other table.
        self.do("entry-set", table=THERE, bulk=pairs(range(200)))
        tables = {r.get("table") for r in self.ynl.dump("pause-recent-get", {})}
        if tables != {THERE}:
            yield f"pauses of {tables} are shown elsewhere"
        self.ynl = here
        numbers = {r["table-id"] for r in self.ynl.dump("pause-recent-get", {})}
        if len(numbers) < 2:
            yield f"pauses of {numbers} only are shown to root"
        self.do("pause-set", state=0)

    def without_privilege(self):
        def nobody():
            os.setgroups([])
            os.setuid(65534)
            yield from self.as_nobody()
        if os.waitpid(in_child(nobody), 0)[1]:
            yield "see above"

    def as_nobody(self):
        self.ynl = self.family()
        for op in self.ynl.yaml["operations"]["list"]:
            if op.get("flags"):
                yield from self.refused(errno.EPERM, op["name"], dump="dump" in op)
        if self.do("table-get", name=TABLE)["name"] != TABLE:
            yield "observing needs privilege"
        self.do("features-get")
        if len(self.ynl.dump("pause-get", {})) != 8:
            yield "the statistics need privilege"
        reports = self.ynl.dump("report-get", {})
        if not reports:
            yield "no report is shown"
        yield from (f"the {party} shows its {what}: {r}" for r in reports
                    for party in ("victim", "holder") for what in ("key",)
                    if what in r[party])

    def last_of_a_buffer(self):
        """What may wait is the last request of its buffer."""
        get = ("stats-get", {}, [])
        for op, attrs in (("table-flush", {"name": TABLE}), ("table-del", {"name": TABLE}),
                          ("table-new", {"name": "x", "key-type": "u32", "key-size": 4,
                                         "value-type": "u32", "value-size": 4})):
            try:
                self.family().do_multi([(op, attrs, []), get])
            except self.error as e:
                if e.error != errno.EINVAL or "last" not in str(e.nl_msg.extack):
                    yield f"{op} before another: {e}"
            else:
                yield f"{op} was done before another"
        if not self.do("table-get", name=TABLE)["entries"]:
            yield "a flush that was refused"
        self.family().do_multi([get, get, ("table-flush", {"name": TABLE}, [])])

    def remove_table(self):
        self.do("table-flush", name=TABLE)
        entries = self.do("table-get", name=TABLE)["entries"]
        if entries:
            yield f"{entries} entries after a flush"
        self.do("table-del", name=TABLE)
        yield from self.refused(errno.ENOENT, "table-get", name=TABLE)
        self.do("report-clear")
        if self.ynl.dump("report-get", {}):
            yield "reports after report-clear"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    foreign = Foreign(*sys.argv[1:])
    cases = ("command_line_client", "make_table", "fill", "look_up", "dump", "modes", "buckets",
             "counters", "errors", "unasked_attributes", "labels", "pauses",
             "pauses_of_many_tables", "freeze", "notifications", "violation", "window",
             "other_namespaces", "without_privilege", "last_of_a_buffer", "remove_table")
    tap = Ktap(len(cases))
    for name in cases:
        tap.case(name.replace("_", " "), getattr(foreign, name))
    tap.exit()


if __name__ == "__main__":
    main()
