#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""OpenMetrics text, read strictly, where nobody else's parser is at hand.

Usage: openmetrics.py FILE [LATER]

Prints all samples as one object of JSON, name{labels} to value. With LATER, a
reading of the same later on, no counter of it may be less than in FILE. What is
wrong ends it with a message and status 1.
"""

import json
import re
import sys

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\n"])*"'
SAMPLE = re.compile(rf"({NAME})(\{{{LABEL}(?:,{LABEL})*\}})? (-?[0-9.e+-]+|\+Inf|NaN)")
META = re.compile(rf"# (HELP|TYPE|UNIT) ({NAME}) (.+)")
SUFFIXES = {"gauge": ("",), "counter": ("_total", "_created"),
            "summary": ("", "_count", "_sum", "_created"),
            "histogram": ("_bucket", "_count", "_sum", "_created")}
# Samples that may only grow.
GROWING = ("_total", "_count", "_sum", "_bucket")


def wrong(number, line, what):
    sys.exit(f"line {number}: {what}: {line}")


class Page:
    """One reading: samples by name and labels, types by family."""

    def __init__(self, text):
        self.samples, self.types, self.family, self.meta = {}, {}, None, {}
        lines = text.split("\n")
        if lines[-2:] != ["# EOF", ""]:
            sys.exit("the last line is not # EOF")
        for number, line in enumerate(lines[:-2], 1):
            (self.metadata if line.startswith("#") else self.sample)(number, line)
        self.check_histograms()

    def metadata(self, number, line):
        found = META.fullmatch(line)
        if not found:
            wrong(number, line, "no metadata")
        what, name, text = found.groups()
        if name != self.family:
            if name in self.types:
                wrong(number, line, "the family was there before")
            self.family, self.meta = name, {}
        if what in self.meta:
            wrong(number, line, "stands there twice")
        self.meta[what] = text
        if what == "TYPE":
            if text not in SUFFIXES:
                wrong(number, line, "no such type")
            self.types[name] = text
        if what == "UNIT" and not name.endswith("_" + text):
            wrong(number, line, "the name does not end in the unit")

    def sample(self, number, line):
        found = SAMPLE.fullmatch(line)
        if not found:
            wrong(number, line, "no sample")
        name, labels, value = found.groups()
        if not {"HELP", "TYPE"} <= set(self.meta):
            wrong(number, line, "no help or no type before it")
        if name not in [self.family + s for s in SUFFIXES[self.types[self.family]]]:
            wrong(number, line, "it is not of the family before it")
        key = name + (labels or "")
        if key in self.samples:
            wrong(number, line, "stands there twice")
        self.samples[key] = float(value)

    def check_histograms(self):
        last = {}
        for key, value in self.samples.items():
            if "_bucket{" not in key:
                continue
            series = re.sub(r',?le="[^"]*"', "", key)
            if value < last.get(series, 0):
                sys.exit(f"{key} is less than the bucket before it")
            last[series] = value
            if 'le="+Inf"' in key and value != self.samples[series.replace("_bucket", "_count")]:
                sys.exit(f"{key} is not the count")

    def growing(self):
        return {k: v for k, v in self.samples.items()
                if k.partition("{")[0].endswith(GROWING)}


def read(path):
    with open(path, encoding="utf-8", newline="") as f:
        return Page(f.read())


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    page = read(sys.argv[1])
    if len(sys.argv) == 3:
        later = read(sys.argv[2])
        for key, value in page.growing().items():
            if later.samples.get(key, -1) < value:
                sys.exit(f"{key} was {value} and is {later.samples.get(key)}")
        page = later
    print(json.dumps(page.samples))


if __name__ == "__main__":
    main()
