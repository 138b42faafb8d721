#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Counters of a module that was built for coverage.

Usage: gcda.py send FILE...	add up what FILEs hold; print it, packed as text
       gcda.py receive < LOG	unpack that into .gcda files beside the objects

Each time the module is unloaded, begin.c writes such a file; in the guest they are
added up, and what was printed there is unpacked on the host.
"""

import base64
import struct
import sys
import zlib

MAGIC, FUNCTION, ARCS = 0x67636461, 0x01000000, 0x01a10000
MARK = "coverage: "


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def bytes(self, size):
        self.at += size
        return self.data[self.at - size:self.at]

    def words(self, n):
        return struct.unpack(f"<{n}I", self.bytes(4 * n))


def read_functions(r):
    """{(ident, checksums): counters}, up to the word that is 0."""
    out = {}
    while r.words(1)[0] == FUNCTION:
        size, *function = r.words(4)
        tag, length = r.words(2)
        if size != 12 or tag != ARCS:
            sys.exit("gcda.py: not what begin.c writes")
        out[tuple(function)] = struct.unpack(f"<{length // 8}q", r.bytes(length))
    return out


def add_up(sums, data):
    """sums: {name: (head, {function: counters})}"""
    r = Reader(data)
    while r.at < len(data):
        name = r.bytes(r.words(1)[0])
        head = r.words(4)
        functions = read_functions(r)
        was = sums.get(name)
        if was:
            if was[0] != head:
                sys.exit(f"gcda.py: {name.decode()}: counters of two builds")
            functions = {f: tuple(map(sum, zip(n, was[1][f]))) for f, n in functions.items()}
        sums[name] = (head, functions)


def gcda(head, functions):
    out = struct.pack("<4I", *head)
    for function, counters in functions.items():
        out += struct.pack("<5I", FUNCTION, 12, *function)
        out += struct.pack(f"<2I{len(counters)}q", ARCS, 8 * len(counters), *counters)
    return out + struct.pack("<I", 0)


def send(paths):
    sums = {}
    for path in paths:
        with open(path, "rb") as f:
            add_up(sums, f.read())
    data = b"".join(struct.pack("<I", len(name)) + name + gcda(*what)
                    for name, what in sums.items())
    text = base64.b64encode(zlib.compress(data, 9)).decode()
    print(f"# coverage of {len(paths)} times that the module was loaded")
    for i in range(0, len(text), 1000):
        print(MARK + text[i:i + 1000])


def receive(log):
    text = "".join(line[len(MARK):].strip() for line in log if line.startswith(MARK))
    sums = {}
    add_up(sums, zlib.decompress(base64.b64decode(text)))
    for name, what in sums.items():
        with open(name, "wb") as f:
            f.write(gcda(*what))


def main():
    if sys.argv[1:2] == ["send"] and sys.argv[2:]:
        send(sys.argv[2:])
    elif sys.argv[1:] == ["receive"]:
        receive(sys.stdin)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
