#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""report.py FIGURES: tables of the netlink bench's figures.

A line of FIGURES: MEASURE ROUND OPERATION PEER ENTRIES NANOSECONDS. MEASURE is time, or
count, where a nanosecond is an instruction. Ratios are taken round by round; shown are
least, median and most.
"""
import collections
import statistics
import sys

# Operation, ours, theirs.
PAIRS = (
    ("restore", "tripctl", "ipset"),
    ("save", "tripctl", "ipset"),
    ("store-many", "tripmap-sized", "bpf"),
    ("store-many", "tripmap", "bpf-alloc"),
    ("store-many", "tripmap", "bpf"),
    ("read-all", "tripmap", "bpf"),
    ("store-one", "tripmap", "ipset"),
    ("read-one", "tripmap", "ipset"),
    ("delete-one", "tripmap", "ipset"),
    ("store-one", "tripmap", "bpf"),
    ("read-one", "tripmap", "bpf"),
    ("delete-one", "tripmap", "bpf"),
)
UNITS = {"time": "thousand operations a second", "count": "instructions an operation"}
RATIOS = {"time": "times as fast as theirs", "count": "theirs / ours"}


def read(path):
    """measure -> (operation, peer) -> nanoseconds an entry, by round"""
    figures = collections.defaultdict(lambda: collections.defaultdict(list))
    for line in open(path, encoding="ascii"):
        measure, turn, operation, peer, entries, spent = line.split()
        if int(turn):  # round 0 warms up
            figures[measure][operation, peer].append(int(spent) / int(entries))
    return figures


def spread(values, form):
    return "".join(form.format(f(values)) for f in (min, statistics.median, max))


def show(title, rows, width):
    print(f"{title:{width}} {'least':>10} {'median':>10} {'most':>10}")
    for name, text in rows:
        print(f"{name:{width}} {text}")
    print()


def figure(measure, spent):
    if measure == "count":
        return spread(spent, "{:10.0f} ")
    return spread([1e6 / s for s in spent], "{:10.1f} ")


def main():
    for measure, figures in read(sys.argv[1]).items():
        rounds = len(next(iter(figures.values())))
        print(f"{measure}, {rounds} rounds\n")
        show(UNITS[measure],
             [(f"{op}, {peer}", figure(measure, s)) for (op, peer), s in sorted(figures.items())], 34)
        show(RATIOS[measure],
             [(f"{op}, {ours} / {theirs}",
               spread([t / o for o, t in zip(figures[op, ours], figures[op, theirs])],
                      "{:10.2f} "))
              for op, ours, theirs in PAIRS], 34)


main()
