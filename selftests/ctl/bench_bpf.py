#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""bench_bpf.py ENTRIES: seconds to fill a BPF hash map of 4-byte keys and values by
batches through bpf(2), and to read it back: the calls alone, nothing is parsed."""
import array
import ctypes
import errno
import os
import struct
import sys
import time

BPF = 321  # the system call, on x86-64
MAP_CREATE, LOOKUP_BATCH, UPDATE_BATCH = 0, 24, 26
HASH = 1
BATCH = 4096

libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attr, end=None):
    """The call, and what it left in attr; end is the error that is none."""
    buf = ctypes.create_string_buffer(attr, 128)
    got = libc.syscall(BPF, command, buf, 128)
    if got < 0 and ctypes.get_errno() != end:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return got, buf.raw


def batch(fd, keys, values, count, cursor=0, after=0):
    return struct.pack("=QQQQIIQQ", cursor, after, keys, values, count, fd, 0, 0)


def fill(fd, keys, values, entries):
    for i in range(0, entries, BATCH):
        n = min(BATCH, entries - i)
        bpf(UPDATE_BATCH, batch(fd, keys + 4 * i, values + 4 * i, n))


def read(fd, entries):
    """How many entries there are, and the sum of their values."""
    keys, values = (array.array("I", bytes(4 * entries)) for _ in range(2))
    cursor = ctypes.create_string_buffer(8)
    at, i, more = ctypes.addressof(cursor), 0, 0
    while more >= 0 and i < entries:
        attr = batch(fd, keys.buffer_info()[0] + 4 * i, values.buffer_info()[0] + 4 * i,
                     min(BATCH, entries - i), at if i else 0, at)
        more, attr = bpf(LOOKUP_BATCH, attr, errno.ENOENT)
        i += struct.unpack_from("=I", attr, 32)[0]
    return i, values


def main():
    entries = int(sys.argv[1])
    keys = array.array("I", (0x0A000000 + i for i in range(entries)))
    values = array.array("I", range(entries))
    fd = bpf(MAP_CREATE, struct.pack("=IIIII", HASH, 4, 4, entries, 0))[0]
    begin = time.monotonic()
    fill(fd, keys.buffer_info()[0], values.buffer_info()[0], entries)
    filled = time.monotonic()
    found, seen = read(fd, entries)
    done = time.monotonic()
    if found != entries or sum(seen) != sum(values):
        sys.exit(f"bench_bpf: {found} of {entries} entries came back")
    print(f"{filled - begin:.6f} {done - filled:.6f}")


main()
