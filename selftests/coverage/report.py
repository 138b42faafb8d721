#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Which lines and branches of kmod/ ran.

Usage: report.py NAME SOURCE OUT FOLDER...

Asks gcov about all counters below the FOLDERs.  Prints a table of the files of kmod/ and
writes OUT/NAME.json, and OUT/NAME.missed: the lines that never ran, by file, with their
text as it stands below SOURCE.  A line has other branches in another kernel: they are
those of the first folder.
"""

import json
import os
import subprocess
import sys
from collections import defaultdict
from itertools import zip_longest


class File:
    def __init__(self):
        self.lines = defaultdict(int)       # number: how often it ran
        self.branches = defaultdict(list)   # number: how often each was taken

    def add(self, line, with_branches):
        n = line["line_number"]
        self.lines[n] += line["count"]
        if with_branches:
            taken = [b["count"] for b in line["branches"]]
            self.branches[n] = [a + b for a, b in
                                zip_longest(self.branches[n], taken, fillvalue=0)]

    def missed(self):
        return sorted(n for n, count in self.lines.items() if not count)

    def sums(self):
        """(lines that ran, lines, branches taken, branches)"""
        branches = [count for counts in self.branches.values() for count in counts]
        return (sum(1 for n in self.lines.values() if n), len(self.lines),
                sum(1 for n in branches if n), len(branches))


def counters(folder):
    for path, _, names in os.walk(folder):
        yield from (os.path.join(path, name) for name in sorted(names) if name.endswith(".gcda"))


def product(path):
    """The name below kmod/ of a source file of the module, or None."""
    at = path.rfind("/kmod/") + 1 if not path.startswith("kmod/") else 0
    name = path[at:]
    return name if name.startswith("kmod/") and "selftests/" not in path[at - 11:at] else None


def ask_gcov(path):
    out = subprocess.run(["gcov", "--json-format", "--branch-probabilities", "--stdout", path],
                         check=True, capture_output=True, text=True).stdout
    for answer in out.splitlines():
        yield from json.loads(answer)["files"]


def collect(folders):
    files = defaultdict(File)
    for folder in folders:
        for path in counters(folder):
            for source in ask_gcov(path):
                name = product(source["file"])
                if name:
                    for line in source["lines"]:
                        files[name].add(line, folder == folders[0])
    return files


def percent(n, of):
    return f"{100 * n / of:5.1f} %" if of else "    - "


def row(name, sums):
    return (f"{name:34} {sums[0]:6} of {sums[1]:5} {percent(*sums[:2])}   "
            f"{sums[2]:6} of {sums[3]:5} {percent(*sums[2:])}")


def table(files):
    total = [0, 0, 0, 0]
    yield f"{'file':34} {'lines that ran':>22}    {'branches taken':>22}"
    for name in sorted(files):
        sums = files[name].sums()
        total = [a + b for a, b in zip(total, sums)]
        yield row(name, sums)
    yield row("all", total)


def stretches(numbers):
    """[1, 2, 3, 7] as (1, 3), (7, 7)"""
    begin = last = None
    for n in numbers:
        if begin is not None and n != last + 1:
            yield begin, last
            begin = n
        elif begin is None:
            begin = n
        last = n
    if begin is not None:
        yield begin, last


def missed(files, source):
    for name in sorted(files):
        with open(os.path.join(source, name), encoding="utf-8") as f:
            text = f.read().split("\n")
        for begin, end in stretches(files[name].missed()):
            for n in range(begin, end + 1):
                yield f"{name}:{n}: {text[n - 1].strip()}"


def as_json(files):
    keys = ("lines_run", "lines", "branches_taken", "branches")
    return {name: {**dict(zip(keys, f.sums())), "missed": f.missed()}
            for name, f in sorted(files.items())}


def main():
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    name, source, out, *folders = sys.argv[1:]
    files = collect(folders)
    if not files:
        sys.exit(f"report.py: no counters below {' '.join(folders)}")
    print("\n".join(table(files)))
    with open(os.path.join(out, name + ".json"), "w", encoding="utf-8") as f:
        json.dump(as_json(files), f, indent=1)
    with open(os.path.join(out, name + ".missed"), "w", encoding="utf-8") as f:
        f.writelines(line + "\n" for line in missed(files, source))


if __name__ == "__main__":
    main()
