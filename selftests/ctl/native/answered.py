#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What tripctl makes of answers that a real kernel gives once in a while.

Usage: answered.py ANSWERED

ANSWERED is tripctl with a kernel that gives the answers of a file. Prints TAP.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "fuzz"))
sys.dont_write_bytecode = True
import seeds  # noqa: E402 (it lies beside)

ANSWERED = sys.argv[1]
INTERRUPTED = 0x10
FROZEN, MISSED = 2, 3


def run(answers, *words):
    """Exit code, output, errors."""
    with tempfile.NamedTemporaryFile() as f:
        f.write(answers)
        f.flush()
        done = subprocess.run([ANSWERED, f.name, *words], capture_output=True, text=True,
                              timeout=60, stdin=subprocess.DEVNULL, check=False)
    return done.returncode, done.stdout, done.stderr


def expect(condition, *seen):
    if not condition:
        raise AssertionError(" ".join(str(s) for s in seen))


# --- events of a report that give way while they are read ---

def report(state):
    likely = {("window", "state"): state, ("window", "events"): 40}
    return seeds.reply("report-get", seeds.every_attr("report", likely)) + seeds.error(0)


def events(flags=0):
    one = seeds.reply("event-get", seeds.every_attr("event"), seeds.MULTI)
    return one * 2 + seeds.answer(seeds.DONE, bytes(4), seeds.MULTI | flags)


def shown(answers):
    """The report in JSON; and in all other forms it is there."""
    for words in (["show", "1", "events"], ["export", "1", "html", "-"],
                  ["export", "1", "perfetto", "-"], ["export", "1", "dot", "-"]):
        rc, out, err = run(answers, "report", *words)
        expect(rc == 0 and out and not err, words, rc, err)
    rc, out, err = run(answers, "-j", "report", "show", "1")
    expect(rc == 0 and not err, rc, err)
    return json.loads(out)


def events_are_there():
    d = shown(report(FROZEN) + events() + seeds.table())
    expect(d["window"]["state"] == "frozen" and len(d["events"]) == 2, d["window"])


def events_give_way():
    d = shown(report(FROZEN) + events(INTERRUPTED) + seeds.table())
    expect(d["window"]["state"] == "missed" and not d.get("events"), d)


def events_are_cleared():
    d = shown(report(FROZEN) + seeds.error(2) + seeds.table())
    expect(d["window"]["state"] == "missed" and not d.get("events"), d)


# Then the kernel has none to tell of, and the report says why.
def events_gave_way_before():
    none = seeds.answer(seeds.DONE, bytes(4), seeds.MULTI)
    d = shown(report(FROZEN) + none + report(MISSED) + seeds.table())
    expect(d["window"]["state"] == "missed" and not d.get("events"), d)


def other_errors_stay():
    rc, _, err = run(report(FROZEN) + seeds.error(12), "report", "show", "1")
    expect(rc == 1 and "ENOMEM" in err, rc, err)


# --- news that come while the listener begins ---

def listens_to_both():
    nothing = seeds.answer(seeds.DONE, bytes(4), seeds.MULTI)
    rc, _, err = run(nothing, "monitor", "timeout", "1")
    expect(rc == 0 and "listening for violations and tables" in err, rc, err)


# --- deeds of one namespace, numbered with those of all ---

def audit(*numbers):
    deeds = (seeds.every_attr("audit", {("audit", "id"): n}) for n in numbers)
    answers = b"".join(seeds.reply("audit-get", d, seeds.MULTI) for d in deeds)
    return run(answers + seeds.answer(seeds.DONE, bytes(4), seeds.MULTI), "audit")


def missing_numbers():
    for numbers, end in (((500,), "499 numbers are missing: of other namespaces, or not kept"),
                         ((1, 3), "1 number is missing: of other namespaces, or not kept")):
        rc, out, err = audit(*numbers)
        expect(rc == 0 and not err and out.splitlines()[-1].startswith(end), rc, out, err)
    rc, out, err = audit(1, 2, 3)
    expect(rc == 0 and not err and "missing" not in out, rc, out, err)


TESTS = (events_are_there, events_give_way, events_are_cleared, events_gave_way_before,
         other_errors_stay, listens_to_both, missing_numbers)


def main():
    failed = 0
    print(f"TAP version 13\n1..{len(TESTS)}")
    for n, test in enumerate(TESTS, 1):
        why = ""
        try:
            test()
        except (AssertionError, KeyError, ValueError, subprocess.SubprocessError) as e:
            why = f"{type(e).__name__}: {e}"
        for line in why.splitlines():
            print(f"# {line}")
        print(f"{'not ' if why else ''}ok {n} answers: {test.__name__.replace('_', ' ')}")
        failed += bool(why)
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
