# SPDX-License-Identifier: GPL-2.0
"""KTAP output for tests written in python."""

import sys
import traceback

SKIP = 4


class Ktap:
    """Runs cases, prints one line for each, keeps the score."""

    def __init__(self, plan):
        self.failed = self.number = 0
        print(f"TAP version 13\n1..{plan}")

    def case(self, name, function, *args):
        """A case fails by an exception; the complaints it returns fail it too."""
        self.number += 1
        try:
            complaints = list(function(*args) or ())
        except Exception:  # pylint: disable=broad-except
            complaints = traceback.format_exc().rstrip().split("\n")
        for line in complaints:
            print(f"# {line}")
        self.failed += bool(complaints)
        print(f"{'not ok' if complaints else 'ok'} {self.number} {name}", flush=True)

    def exit(self):
        sys.exit(bool(self.failed))


def skip_all(reason):
    print(f"TAP version 13\n1..0 # SKIP {reason}")
    sys.exit(SKIP)
