#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Lengths of the functions in C files.

Usage: function_length.py FILE...

Prints median and 90th percentile for each folder. A function of more than 60
lines needs a comment above it with a sentence that begins with "Long:" and
says why it is one thought; one that has none is an error.
"""

import os
import re
import statistics
import sys
from collections import defaultdict

LIMIT = 60
NAME = re.compile(r"(\w+)\s*\([^;]*$")
LABEL = re.compile(r"^(#|[\w ]+:$|\s|$)")


def comment_above(lines, start):
    """The comment that ends right above line start, or ''."""
    end = start - 1
    if end < 0 or not lines[end].rstrip().endswith("*/"):
        return ""
    first = end
    while first > 0 and "/*" not in lines[first]:
        first -= 1
    return "\n".join(lines[first:end + 1])


def head_of(lines, brace):
    """The line where the function whose opening brace is on its own line begins."""
    start = brace - 1
    while start > 0 and lines[start - 1].strip() and not lines[start - 1].startswith(("}", "#")) \
            and not lines[start - 1].rstrip().endswith(("*/", ";", ":")):
        start -= 1
    return start


def functions(lines):
    """Yield (name, first line, lines of the body) in kernel style: braces in column 0."""
    brace = None
    for i, line in enumerate(lines):
        if line.rstrip() == "{":
            brace = i
        elif line.startswith("}") and brace is not None:
            start = head_of(lines, brace)
            name = NAME.search(lines[start]) or NAME.search(" ".join(lines[start:brace]))
            if name:
                yield name.group(1), start, i - brace - 1
            brace = None


def main():
    lengths, wrong = defaultdict(list), []
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as f:
            lines = f.read().split("\n")
        for name, start, length in functions(lines):
            lengths[os.path.dirname(path)].append(length)
            if length > LIMIT and "Long:" not in comment_above(lines, start):
                wrong.append(f"{path}:{start + 1}: {name}() has {length} lines and no 'Long:'")
    for folder in sorted(lengths):
        n = sorted(lengths[folder])
        print(f"{folder}: {len(n)} functions, median {statistics.median(n):g} lines, "
              f"90 % up to {n[int(0.9 * (len(n) - 1))]}, longest {n[-1]}")
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
