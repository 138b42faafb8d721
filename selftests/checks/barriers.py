#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Every barrier names its partner.

Usage: barriers.py FILE...

A function that uses a barrier, an acquire or a release has a comment, inside or
right above, that says what it pairs with or what it orders.
"""

import re
import sys

from function_length import comment_above, functions

BARRIER = re.compile(r"\b(smp_\w*mb\w*|smp_(load|store)_\w+|smp_acquire__\w+"
                     r"|(atomic|refcount|x?chg|cmpxchg)\w*_(acquire|release)\w*)\s*\(")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
REASON = re.compile(r"\b([Pp]airs?|[Pp]artner|[Oo]rders?|[Rr]elease|[Aa]cquire)\b|see \w+\(\)")


def check(path):
    with open(path, encoding="utf-8") as f:
        lines = f.read().split("\n")
    for name, start, _ in functions(lines):
        # The head may take several lines; the body ends with the first "}".
        end = next(i for i in range(start, len(lines)) if lines[i].startswith("}"))
        text = "\n".join(lines[start:end])
        code = COMMENT.sub("", text)
        comments = comment_above(lines, start) + " ".join(COMMENT.findall(text))
        found = BARRIER.search(code)
        if found and not REASON.search(comments):
            yield f"{path}:{start + 1}: {name}() uses {found.group(1)} and names no partner"


def main():
    complaints = [c for path in sys.argv[1:] for c in check(path)]
    if complaints:
        sys.exit("\n".join(complaints))


if __name__ == "__main__":
    main()
