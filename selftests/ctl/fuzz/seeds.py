#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Seeds for the fuzz targets, out of what the project has already.

Usage: seeds.py DIRECTORY

A folder for each target: commands and files from the tests of the tool, logs from
the corpus of classify, answers of the kernel from the specification of the family.
PAST is what a kernel should not say; most of it was found by fuzzing.
"""

import pathlib
import re
import struct
import sys

import yaml

HERE = pathlib.Path(__file__).resolve().parent
CTL = HERE.parent
TOP = CTL.parent.parent
SPEC = yaml.safe_load((TOP / "Documentation/netlink/specs/tripmap.yaml").read_text())
SETS = {s["name"]: s["attributes"] for s in SPEC["attribute-sets"]}
OPS = SPEC["operations"]["list"]

# Kinds of an answer: see kernel.h.
REPLY, ERROR, DONE, RAW = range(4)
CAPPED, ACK_TLVS = 0x100, 0x200
MULTI = 2

# --- answers of the kernel ---

SIZES = {"u8": "B", "u16": "<H", "u32": "<I", "u64": "<Q", "s32": "<i", "s64": "<q"}

# A table of u64 and u32; what is told of it fits.
LIKELY = {
    ("table", "key-type"): 5, ("table", "key-size"): 8, ("table", "value-type"): 4,
    ("table", "value-size"): 4, ("entry", "bulk"): bytes(range(24)), ("entry", "key"): bytes(8),
    ("entry", "value"): bytes(4), ("bucket", "map"): bytes([3, 1, 8, 2, 0, 1]),
    ("report", "class"): 0, ("report", "key-size"): 8, ("report", "value-size"): 4,
    ("event", "event"): 3, ("bucket", "first"): 0,
}
LIKELY_NUMBER = {"u8": 1, "u16": 1, "u32": 5, "u64": 1000, "s32": -16, "s64": 0}


def attr(number, data):
    length = 4 + len(data)
    return struct.pack("<HH", length, number) + data + bytes(-length % 4)


def number_of(attr_set, name):
    return next(i for i, a in enumerate(SETS[attr_set], 1) if a["name"] == name)


def value_of(attr_set, a, likely, within):
    kind = a["type"]
    value = likely.get((attr_set, a["name"]))
    if kind == "nest":
        return every_attr(a["nested-attributes"], likely, within + (attr_set,))
    if kind in SIZES:
        return struct.pack(SIZES[kind], LIKELY_NUMBER[kind] if value is None else value)
    if kind == "string":
        return b"sessions\0"
    return bytes(16) if value is None else value


def every_attr(attr_set, likely=None, within=()):
    """All that a set has, nests included, but none twice in itself; what may come twice does."""
    likely = {**LIKELY, **(likely or {})}
    out = b""
    for a in SETS[attr_set]:
        if a["type"] not in ("pad", "flag") and within.count(attr_set) < 2:
            one = attr(number_of(attr_set, a["name"]), value_of(attr_set, a, likely, within))
            out += one * (2 if a.get("multi-attr") else 1)
    return out


def answer(kind, payload, flags=0):
    return bytes([kind | flags >> 8 << 2, flags & 0xff]) + struct.pack("<H", len(payload)) + payload


def reply(op, attrs, flags=0):
    cmd = next(i for i, o in enumerate(OPS, 1) if o["name"] == op)
    return answer(REPLY, struct.pack("<BBH", cmd, 1, 0) + attrs, flags)


def error(code, tlvs=b"", flags=CAPPED):
    return answer(ERROR, struct.pack("<i", -code) + bytes(16) + tlvs,
                  flags | (ACK_TLVS if tlvs else 0))


def good(op, likely=None):
    """The reply to a request, or two of a dump, and their end."""
    known = next(o for o in OPS if o["name"] == op)
    attrs = every_attr(known["attribute-set"], likely)
    if "dump" in known:
        return reply(op, attrs, MULTI) * 2 + answer(DONE, bytes(4), MULTI)
    return reply(op, attrs) + error(0)


def table(**other):
    """The one table that a command asks for by its name."""
    likely = {("table", name.replace("_", "-")): value for name, value in other.items()}
    return reply("table-get", every_attr("table", likely)) + error(0)


# What each command asks for, one after the other.
ASKS = {
    "table": ["table-get"], "get": ["table", "entry-get"], "take": ["table", "entry-take"],
    "dump": ["table", "entry-dump"], "save": ["table", "features-get", "entry-dump"],
    "stats": ["stats-get"],
    "features": ["features-get"], "audit": ["audit-get"], "repair": ["table-repair"],
    "report": ["report-get", "table", "event-get", "pause-get"], "set": ["table", "entry-set"],
    "pause": ["pause-get"], "monitor": ["report-get", "table-ntf", "report-ntf"],
    "top": (["features-get", "table-get"] + ["pause-get"] * 4) * 3,
}


def asks(words):
    if words[0] == "bucket":
        return ["table", "bucket-map" if "map" in words else "bucket-get"]
    if words[:2] == ["pause", "recent"]:
        return ["pause-recent-get"]
    if words[:2] == ["stats", "prometheus"]:
        return (["features-get", "table-get", "stats-get", "pause-get"] +
                ["stats-get", "pause-get"] * 2)
    return ASKS[words[0]]


def commands():
    """Those of the target, in their order, without options."""
    text = (HERE / "wire_fuzz.c").read_text()
    for line in re.findall(r"^\t\{ (\".*\") \},$", text, re.M):
        yield [w for w in re.findall(r'"([^"]*)"', line) if w != "-j"]


# What a kernel should not say, and for the most part got away with once: command, answers.
PAST = {
    "key-too-large": ("get t 1", table(key_type=1, key_size=60000) + error(0)),
    "value-too-large": ("get t 1", table(value_type=0, value_size=60000) + error(0)),
    "no-bytes": ("dump t", table(key_type=0, key_size=0, value_type=0, value_size=0) +
                 good("entry-dump")),
    "type-of-another-size": ("dump t", table(key_type=5, key_size=2, value_size=1) +
                             good("entry-dump", {("entry", "bulk"): bytes(3)})),
    "map-out-of-bounds": ("bucket show t map", table() +
                          good("bucket-map", {("bucket", "first"): 2 ** 63})),
    "map-too-far": ("bucket show t map", table() +
                    good("bucket-map", {("bucket", "first"): 2 ** 40})),
    "no-reply": ("get t 1", error(0) + error(0)),
    "short-tlvs": ("features", error(22, attr(2, b"\1") + attr(6, b"") + attr(4, b"\1\2"))),
    "positive-error": ("features", error(-22) + error(-22)),
    "least-error": ("features", answer(ERROR, struct.pack("<i", -2 ** 31) + bytes(16), CAPPED)),
    "least-dump-error": ("audit", answer(DONE, struct.pack("<i", -2 ** 31), MULTI)),
    "short-error": ("features", answer(ERROR, b"\1")),
    "reply-without-head": ("features", answer(REPLY, b"\1")),
    "news-without-head": ("monitor", answer(DONE, bytes(4)) + answer(REPLY, b"\1")),
    "old-is-5": ("bucket show t map", table() + good("bucket-map", {("bucket", "old"): 5})),
    "report-of-nothing": ("report export 1 perfetto -", reply("report-get", b"") + error(0) +
                          answer(DONE, bytes(4))),
    "raw": ("features", answer(RAW, struct.pack("<IHHII", 16, 30, 0, 0, 0))),
}


def wire():
    known = list(commands())
    for i, words in enumerate(known):
        answers = b"".join(table() if ask == "table" else good(ask) for ask in asks(words))
        yield f"good-{i:02}", bytes([i]) + answers
        yield f"refused-{i:02}", bytes([i]) + error(
            16, attr(1, b"a reason\0") + attr(2, b"\x14\0\0\0"))
    for name, (words, answers) in PAST.items():
        yield name, bytes([known.index(words.split())]) + answers


# --- texts ---

def batch():
    """Commands as the tests of the tool give them."""
    for script in sorted(CTL.glob("test_*.sh")):
        lines = re.findall(r"^\t(?:ok|ctl|refuses \d \"[^\"]*\"|tripctl) (.*)$",
                           script.read_text(), re.M)
        if lines:
            yield script.stem, "\n".join(lines).encode() + b"\n"
            yield script.stem + "-json", b"{\n" + "\n".join(lines).encode() + b"\n"


def strings_of(name):
    """The strings of a test in C, one list a statement."""
    text = (CTL / "native" / name).read_text()
    for statement in text.split(";"):
        found = re.findall(r'"((?:[^"\\]|\\.)*)"', statement)
        if found:
            yield [s.encode().decode("unicode_escape") for s in found]


def savefile():
    text = (CTL / "test_save.sh").read_text()
    for n, body in enumerate(re.findall(r"<<-'EOF'\n(.*?)\n\s*EOF", text, re.S)):
        yield f"file-{n}", re.sub(r"^\t+", "", body, flags=re.M).encode() + b"\n"
    head = "tripmap-save 1\ntable t key u8 value str:4\n"
    for n, strings in enumerate(strings_of("savefile_test.c")):
        yield f"test-{n}", "".join(strings).encode()
        yield f"headed-{n}", (head + "".join(strings)).encode()
    yield "all-words", (
        b"tripmap-save 1\ntable t key ipv6 value mac contract shared hash mix bits 3 max 9 "
        b"sync sharded shards 4 on all report on write-during-write warn escalate bug 3 10s\n"
        b"2001:db8::1 00:11:22:33:44:55\nend 1\n")


def types():
    for test in ("types_test.c", "args_test.c", "words_test.c", "when_test.c"):
        for n, strings in enumerate(strings_of(test)):
            yield f"{test}-{n}", "\n".join(strings).encode("latin-1", "replace") + b"\n"
    for kind in ("u8", "u64", "str:300", "bytes:9", "bytes:0", "ipv4", "ipv6", "mac"):
        yield f"random-{kind.replace(':', '-')}", kind.encode() + b"\n" + bytes(range(256))


def classify():
    for log in sorted((CTL / "native/corpus").glob("*.log")):
        yield log.stem, log.read_bytes()


def main():
    top = pathlib.Path(sys.argv[1])
    for target in (batch, classify, savefile, types, wire):
        folder = top / target.__name__
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in target():
            (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
