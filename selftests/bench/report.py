#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""report.py FIGURES [--json FILE]: tables of the kernel bench's figures.

A line of FIGURES: PART VARIANT ENTRIES OPERATION TABLE ROUND OPERATIONS CYCLES.
What was timed one after the other, in one round, is compared round by round; of
these ratios and differences least, median and most are shown. Of "parts" each
variant's turn has several rounds, and counts by the least of them: who interrupts
so short a measurement only adds to it.
"""
import argparse
import collections
import json
import statistics

OURS = ("tripmap", "tripmap-mix")
TEXTS = {
    "hit": "lookup, found",
    "chain": "lookup, each depends on the last",
    "miss": "lookup, not found",
    "many": "32 lookups at once (theirs: one by one)",
    "update": "change a value",
    "delete": "delete",
    "refill": "insert what was deleted",
    "insert": "insert from nothing",
    "iterate": "walk, an entry",
}


class Figures:
    """Cycles an operation: part -> (variant, entries, op, table) -> list by round."""

    def __init__(self, path):
        self.part = collections.defaultdict(lambda: collections.defaultdict(list))
        self.memory = {}
        self.per_ns = []
        for line in open(path, encoding="ascii"):
            part, variant, entries, op, table, turn, ops, cycles = line.split()
            self.add(part, (variant, int(entries), op, table), int(turn), int(ops), int(cycles))

    def add(self, part, key, turn, ops, cycles):
        if key[2] == "clock":
            self.per_ns.append(cycles / ops / 1e6)
        elif key[2] == "memory":
            self.memory[key[1], key[3]] = cycles / ops
        elif part == "parts" and turn > 1:
            self.part[part][key][-1] = min(self.part[part][key][-1], cycles / ops)
        elif turn:  # round 0 warms up
            self.part[part][key].append(cycles / ops)

    def ns(self, cycles):
        return cycles / statistics.median(self.per_ns)


def spread(values):
    return min(values), statistics.median(values), max(values)


def columns(part, index):
    """What stands at that place of the keys, in the order of the figures."""
    return list(dict.fromkeys(key[index] for key in part))


def shown(values, digits=1):
    low, mid, high = spread(values)
    return f"{mid:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def print_row(name, cells, width=24):
    print(f"{name:<42}" + "".join(f" {c:>{width - 1}}" for c in cells))


def print_times(figures, entries, part):
    tables = [t for t in columns(part, 3) if ("tables", entries, "hit", t) in part]
    print(f"\n{entries} entries: ns an operation, median (least to most)\n")
    print_row("", tables)
    for op in columns(part, 2):
        cells = [part.get(("tables", entries, op, t)) for t in tables]
        print_row(TEXTS[op], [shown([figures.ns(c) for c in v]) if v else "-" for v in cells])
    if entries >= 100000:
        print_row("bytes an entry", [f"{figures.memory[entries, t]:.0f}" for t in tables])


def ratios(part, entries, op, ours, theirs):
    mine = part.get(("tables", entries, op, ours))
    other = part.get(("tables", entries, "hit" if op == "many" else op, theirs))
    return [b / a for a, b in zip(mine, other)] if mine and other else None


def print_ratios(part, result):
    others = [t for t in columns(part, 3) if t not in OURS + ("null",)]
    for ours in OURS:
        print(f"\nTheir time / that of {ours}: above 1 is in our favour\n")
        print_row("", others)
        for entries in columns(part, 1):
            for op in columns(part, 2):
                cells = [ratios(part, entries, op, ours, t) for t in others]
                print_row(f"{entries:>9} {op}", [shown(c, 2) if c else "-" for c in cells])
                for theirs, cell in zip(others, cells):
                    if cell:
                        result.append([entries, op, ours, theirs, *spread(cell)])


def report_tables(figures, result):
    part = figures.part["tables"]
    for entries in columns(part, 1):
        print_times(figures, entries, part)
    print_ratios(part, result)


def less(a, b):
    return [x - y for x, y in zip(a, b)]


PARTS = {  # what is switched off or on: minuend, subtrahend
    "guard": ("off", "without-guard"),
    "version check": ("off", "without-version"),
    "events, nobody listens": ("off", "without-events"),
    "statistics, 1 in 32": ("statistics-32", "off"),
    "recorder, 1 in 32": ("recorder-32", "off"),
    "recorder, every write": ("recorder-1", "off"),
    "both, every write and read": ("both-1", "off"),
}


def print_parts(figures, part, entries, table, result):
    ops = [op for op in columns(part, 2) if op not in ("chain", "many", "iterate")]
    whole = {op: part["off", entries, op, table] for op in ops}
    print(f"\n{table}, {entries} entries: ns that each part adds, median (least to most)\n")
    print_row("", ops, 23)
    print_row("all of it, nothing observed",
              [shown([figures.ns(c) for c in whole[op]]) for op in ops], 23)
    for name, (more, fewer) in PARTS.items():
        cells = [less(part[more, entries, op, table], part[fewer, entries, op, table])
                 for op in ops]
        cells = [[figures.ns(c) for c in cell] for cell in cells]
        print_row(name, [shown(c) for c in cells], 23)
        result.extend([entries, table, op, name, *spread(c)] for op, c in zip(ops, cells))


def report_parts(figures, result):
    part = figures.part["parts"]
    for entries in columns(part, 1):
        for table in OURS:
            print_parts(figures, part, entries, table, result)


def report_locks(figures, result):
    part = figures.part["locks"]
    print("\nOne task, nobody else: ns for a read, a write of two words (the tables':"
          "\nof one of 64 entries)\n")
    print_row("", ["read", "write"])
    for name in columns(part, 3):
        cells = [[figures.ns(c) for c in part["locks", 64, op, name]] for op in ("read", "write")]
        print_row(name, [shown(c) for c in cells])
        result.append([name, *spread(cells[0]), *spread(cells[1])])


def report_cost(figures, result):
    part = figures.part["cost"]
    share = {}
    for variant in columns(part, 0):
        busy, whole = (part[variant, 1000, op, "tripmap"] for op in ("busy", "all"))
        share[variant] = [100 * b / w for b, w in zip(busy, whole)]
    print("\n10 000 operations a second, half of them stores: % of a CPU\n")
    print_row("", ["inside of tripmap", "more than off"])
    for variant, values in share.items():
        more = less(values, share["off"])
        print_row(variant, [shown(values, 3), shown(more, 3)])
        result.append([variant, *spread(values), *spread(more)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("figures")
    parser.add_argument("--json")
    args = parser.parse_args()
    figures = Figures(args.figures)
    reports = {"tables": report_tables, "parts": report_parts, "locks": report_locks,
               "cost": report_cost}
    result = {name: [] for name in reports}
    for name, report in reports.items():
        if name in figures.part:
            report(figures, result[name])
    result["cycles_per_ns"] = statistics.median(figures.per_ns)
    result["bytes_per_entry"] = [[*key, value] for key, value in figures.memory.items()]
    result["cycles"] = {name: [[*key, values] for key, values in part.items()]
                        for name, part in figures.part.items()}
    if args.json:
        with open(args.json, "w", encoding="ascii") as out:
            json.dump(result, out, indent=1)


main()
