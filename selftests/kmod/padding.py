#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Is anything of the kernel's memory sent that nobody put there?

Usage: padding.py YNL SPEC
  YNL	tools/net/ynl of a kernel source tree
  SPEC	the family's YAML

Names, keys and values have lengths that leave gaps before the next attribute.
All bytes of all gaps of all replies must be zero. An acknowledgment of success has
the header of the request, and nothing more.
"""

import struct
import subprocess
import sys
import time

import client

TABLE = "odd-sizes"
OWNED = "owned"
LARGE = "large"
BITS = 8            # of its buckets; it has as many entries as go in without growth
PAGE = 4096
NLM_HEADER, GENL_HEADER, NLA_HEADER = 16, 4, 4
NLMSG_ERROR, NLM_MIN_TYPE, NLA_NESTED = 2, 0x10, 0x8000
ACK = struct.Struct("=i")
PATIENCE = 60


def gaps(data):
    """The bytes between the end of each attribute and the next one."""
    at = 0
    while at + NLA_HEADER <= len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        end = at + length
        if kind & NLA_NESTED:
            yield from gaps(data[at + NLA_HEADER:end])
        at = end + 3 & ~3
        yield data[end:at]


def messages(data):
    """Type and payload of each message."""
    at = 0
    while at < len(data):
        length, kind = struct.unpack_from("=IH", data, at)
        yield kind, data[at + NLM_HEADER:at + length]
        at += length + 3 & ~3


def beyond(ack):
    """What an acknowledgment of success has beside the header of the request."""
    return b"" if ACK.unpack_from(ack)[0] else ack[ACK.size + NLM_HEADER:]


class Tapped:
    """A socket that looks at what it receives."""

    def __init__(self, sock):
        self.sock = sock
        self.gaps = 0
        self.longest = 0
        self.dirty = []

    def __getattr__(self, name):
        return getattr(self.sock, name)

    def recv(self, *args):
        data = self.sock.recv(*args)
        self.longest = max(self.longest, len(data))
        for kind, payload in messages(data):
            if kind == NLMSG_ERROR and beyond(payload):
                self.dirty.append("beyond success: " + beyond(payload).hex())
            if kind < NLM_MIN_TYPE:
                continue
            for gap in gaps(payload[GENL_HEADER:]):
                self.gaps += len(gap)
                if any(gap):
                    self.dirty.append("not zero: " + gap.hex())
        return data


def violation(ynl):
    """A report, by two processes that write at the same time."""
    end = time.monotonic() + PATIENCE
    while not ynl.dump("report-get", {}):
        if time.monotonic() > end:
            raise TimeoutError("no violation came about")
        subprocess.run(["tripctl", "load", "clash", "ops", "20000"],
                       stdout=subprocess.DEVNULL, check=True)


def window(ynl, other, refused):
    """A report with events: a write into a table of another one, right after the owner's."""
    table = {"name": OWNED, "key-size": 5, "value-size": 7, "contract": "owner",
             "policy": [{"action": "report"}]}
    write = {"table": OWNED, "label": "five5", "parent": "seven77",
             "bulk": b"".join(b"%05d" % n + b"w" * 7 for n in range(100))}
    end = time.monotonic() + PATIENCE
    ynl.do("table-new", table)
    while time.monotonic() < end:
        ynl.do("report-clear", {})
        ynl.do("entry-set", write)
        try:
            other.do("entry-set", write)
        except refused:
            pass
        report = ynl.dump("report-get", {})[-1]["id"]
        while ynl.do("report-get", {"id": report})["window"]["state"] == "pending":
            pass
        if ynl.dump("event-get", {"report": report}):
            return
    raise TimeoutError("no window was kept")


def large(ynl):
    """All buckets of a table: of some the reply fits into the second buffer only."""
    entries = 25 << BITS >> 2
    ynl.do("table-new", {"name": LARGE, "key-size": 256, "value-size": 64, "bits": BITS})
    for first in range(0, entries, 200):
        ynl.do("entry-set", {"table": LARGE, "bulk": b"".join(
            b"%0256d" % n + b"v" * 64 for n in range(first, min(first + 200, entries)))})
    for index in range(1 << BITS):
        ynl.do("bucket-get", {"table": LARGE, "index": index})


def requests(ynl, other, refused):
    entry = {"table": TABLE, "key": b"k" * 5}
    ynl.do("table-new", {"name": TABLE, "key-size": 5, "value-size": 7})
    ynl.do("entry-set", entry | {"value": b"v" * 7})
    ynl.do("table-get", {"name": TABLE})
    ynl.dump("table-get", {})
    ynl.do("entry-get", entry)
    ynl.dump("entry-dump", {"table": TABLE})
    ynl.do("bucket-get", {"table": TABLE, "index": 0})
    ynl.do("pause-set", {"state": 1})
    ynl.do("entry-set", entry | {"value": b"w" * 7, "label": "five5", "parent": "seven77"})
    violation(ynl)
    ynl.dump("report-get", {})
    window(ynl, other, refused)
    ynl.dump("report-get", {})
    ynl.dump("pause-get", {})
    ynl.dump("pause-get", {"table": TABLE})
    ynl.dump("pause-recent-get", {})
    ynl.do("pause-set", {"state": 0, "reset": 1})
    ynl.do("entry-take", entry)
    ynl.sock.longest = 0
    large(ynl)


def main():
    error, family = client.ynl(sys.argv[1])
    ynl = family(sys.argv[2], "")
    ynl.sock = Tapped(ynl.sock)
    requests(ynl, family(sys.argv[2], ""), error)
    for gap in ynl.sock.dirty:
        print(gap)
    if not ynl.sock.gaps:
        print("there was no gap: nothing was tested")
    if ynl.sock.longest <= PAGE:
        print("no reply needed a second buffer")
    return bool(ynl.sock.dirty) or not ynl.sock.gaps or ynl.sock.longest <= PAGE


if __name__ == "__main__":
    sys.exit(main())
