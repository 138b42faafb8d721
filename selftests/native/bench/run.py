#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The native bench: tripmap beside other tables, in one run.

Usage: run.py --dir DIR [--sizes "N ..."] [--cases "C ..."] [--peers "P ..."]
              [--reps N] [--ops N] [--json FILE] [--page FILE] [--pictures DIR]

DIR holds the peers' programs. A size is a number of entries, or around:N, which
is four of them spread over the octave around N. One repetition runs each peer
once, one after another (A, B, C, A, B, C ...), each in a process of its own; what
they computed must be the same for all of them. Shown are medians, minima and
maxima over the repetitions. Without --sizes, --cases and --peers what runs is
PLAN.

Exit status: 0, 1 when a peer failed or found something else than the others, 2
wrong usage. Control-C ends the measuring; what there is by then is shown.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys

import goals
import page

CASES = ("null insert hit dependent miss many iterate update mixed delete readers beside writers "
         "tail work").split()
PEERS = {
    "tripmap": ["tripmap"],
    "tripmap-mix": ["tripmap-mix"],
    "lfht": ["lfht"],
    "tbb": ["tbb"],
    "absl": ["absl"],
    "go-rwmutex": ["gomap", "go-rwmutex"],
    "go-sync": ["gomap", "go-sync"],
    "floor": ["floor"],
}
LOOKUPS = "hit dependent miss many"
# What "make bench" does by itself: size, cases, peers (all of them where nothing is said).
PLAN = (
    ("1000", None, None),
    ("100000", None, None),
    ("1000000", None, None),
    ("around:1000000", LOOKUPS + " null", "tripmap tripmap-mix lfht tbb absl go-rwmutex floor"),
    ("10000000", LOOKUPS + " tail work null", "tripmap tripmap-mix absl floor"),
)
TIMEOUT_S = 300


def sizes_of(word):
    """The numbers of entries that a size stands for."""
    if not word.startswith("around:"):
        return [int(word)]
    n = int(word.removeprefix("around:"))
    return [round(n * 2 ** ((i + 0.5) / 4 - 0.5)) for i in range(4)]


def turned(peers, rep):
    """Another one is first each time: who follows on a process that gave back much memory may pay."""
    first = rep % len(peers)
    return peers[first:] + peers[:first]


def jobs(args):
    """(entries, cases, peers) in the order in which they run."""
    there = [p for p, cmd in PEERS.items() if os.access(f"{args.dir}/{cmd[0]}", os.X_OK)]
    plan = PLAN
    if args.sizes:
        plan = [(size, None, None) for size in args.sizes.split()]
    for size, cases, peers in plan:
        cases = (args.cases or cases or " ".join(CASES)).split()
        peers = (args.peers or peers or " ".join(there)).split()
        for n in sizes_of(size):
            yield n, cases, [p for p in peers if p in there]


def run_peer(args, peer, n, cases):
    """The results of one process, as dictionaries; None when it failed."""
    cmd = PEERS[peer]
    env = dict(os.environ, GLIBC_TUNABLES="glibc.malloc.hugetlb=1")
    argv = [f"{args.dir}/{cmd[0]}", *cmd[1:], str(n), str(args.ops), ",".join(cases)]
    try:
        done = subprocess.run(argv, env=env, stdout=subprocess.PIPE, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        print(f"\n{peer} with {n} entries did not end within {TIMEOUT_S} s", file=sys.stderr)
        return None
    if done.returncode:
        print(f"\n{' '.join(argv)} failed: {done.returncode}", file=sys.stderr)
        return None
    return [json.loads(line) for line in done.stdout.splitlines()]


class Results:
    """What was measured, by (entries, case, peer): a dictionary of lists."""

    def __init__(self):
        self.all = {}

    def add(self, result):
        """One line of a peer's."""
        at = self.all.setdefault((result["n"], result["case"], result["peer"]), {})
        for name, value in result.items():
            if name not in ("n", "case", "peer"):
                at.setdefault(name, []).append(value)

    def get(self, n, case, peer, name="ns"):
        """(minimum, median, maximum), or None."""
        values = self.all.get((n, case, peer), {}).get(name)
        if not values:
            return None
        return min(values), statistics.median(values), max(values)

    def sizes(self):
        """All numbers of entries, ascending."""
        return sorted({n for n, _, _ in self.all})

    def peers(self):
        """All peers, in the order of PEERS."""
        found = {p for _, _, p in self.all}
        return [p for p in PEERS if p in found]

    def disagreements(self):
        """Cases whose sums are not the same everywhere."""
        sums = {}
        for (n, case, peer), at in self.all.items():
            if peer != "floor":
                for check in at["check"]:
                    sums.setdefault((n, case), {}).setdefault(check, set()).add(peer)
        return [(key, found) for key, found in sorted(sums.items()) if len(found) > 1]


def progress(done, total, text):
    """A line that is written over."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K[{done}/{total}] {text}", end="", file=sys.stderr, flush=True)
    elif done % max(1, total // 20) == 0:
        print(f"[{done}/{total}] {text}", file=sys.stderr, flush=True)


def measure(args):
    """All repetitions of all jobs; False as second result when something failed."""
    results, good = Results(), True
    todo = list(jobs(args))
    total, done = args.reps * sum(len(peers) for _, _, peers in todo), 0
    try:
        for rep in range(args.reps):
            for n, cases, peer in [(n, c, p) for n, c, peers in todo for p in turned(peers, rep)]:
                progress(done, total, f"repetition {rep + 1}, {n} entries: {peer}")
                lines = run_peer(args, peer, n, cases)
                good = good and lines is not None
                for line in lines or []:
                    results.add(line)
                done += 1
        progress(done, total, "measured\n")
    except KeyboardInterrupt:
        print(f"\nended after {done} of {total}; of that:", file=sys.stderr)
    return results, good


def number(value):
    """Three digits that count."""
    if value is None:
        return "-"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def rows_of(results, n):
    """(label, case, name) of what there is at n."""
    names = [(case, case, "ns") for case in CASES if case not in ("tail", "work")]
    names += [("readers M/s", "readers", "mops"), ("beside: reader M/s", "beside", "reader"),
              ("beside: writer M/s", "beside", "writer"), ("writers M/s", "writers", "mops"),
              ("bytes/entry", "insert", "bytes"), ("  of the table", "memory", "own"),
              ("  of these old", "memory", "old"), ("  and deferred", "memory", "deferred")]
    names += [(f"insert {q}", "tail", q) for q in ("p50", "p99", "p999", "p9999", "max")]
    names += [("most moved", "work", "moved"), ("most allocated", "work", "allocated")]
    for label, case, name in names:
        if (case, name) in (("readers", "ns"), ("beside", "ns"), ("writers", "ns")):
            continue
        if any(results.get(n, case, p, name) for p in results.peers()):
            yield label, case, name


def text_table(results, n):
    """Medians, and below them minimum and maximum."""
    peers = [p for p in results.peers() if any(k[0] == n and k[2] == p for k in results.all)]
    out = [f"{n} entries (ns an operation where nothing is said; median, minimum..maximum)",
           f"{'':20}" + "".join(f"{p:>16}" for p in peers)]
    for label, case, name in rows_of(results, n):
        got = [results.get(n, case, p, name) for p in peers]
        out.append(f"{label:20}" + "".join(f"{number(g and g[1]):>16}" for g in got))
        out.append(f"{'':20}" + "".join(
            f"{f'{number(g[0])}..{number(g[2])}' if g else '':>16}" for g in got))
    return "\n".join(out)


def noise(results):
    """How much a loop over nothing varied: the machine's own share."""
    all_of = [v for (_, case, _), at in results.all.items() if case == "null" for v in at["ns"]]
    if not all_of:
        return "no null loop was measured"
    low, mid, high = min(all_of), statistics.median(all_of), max(all_of)
    return (f"machine noise: a loop over nothing took {mid:.3f} ns, {low:.3f}..{high:.3f} "
            f"({100 * (high - low) / mid:.0f} % of the median)")


def machine():
    """What it ran on."""
    model = "unknown CPU"
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        for line in info:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
    load = " ".join(f"{x:.1f}" for x in os.getloadavg())
    return f"{model}, {os.cpu_count()} CPUs, Linux {platform.release()}, load {load}"


def save(args, results, where, verdicts):
    """Everything as JSON."""
    with open(args.json, "w", encoding="utf-8") as out:
        json.dump({"machine": where, "reps": args.reps, "ops": args.ops,
                   "goals": [v._asdict() for v in verdicts],
                   "results": [{"n": n, "case": case, "peer": peer, **at}
                               for (n, case, peer), at in sorted(results.all.items())]},
                  out, indent=1)
        out.write("\n")


def arguments():
    """What is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dir", required=True)
    parser.add_argument("--sizes", default="")
    parser.add_argument("--cases", default="")
    parser.add_argument("--peers", default="")
    parser.add_argument("--reps", type=int, default=5)
    parser.add_argument("--ops", type=int, default=1000000)
    parser.add_argument("--json")
    parser.add_argument("--page")
    parser.add_argument("--pictures")
    args = parser.parse_args()
    for case in args.cases.split():
        if case not in CASES:
            parser.error(f"no such case: {case} ({' '.join(CASES)})")
    for peer in args.peers.split():
        if peer not in PEERS:
            parser.error(f"no such peer: {peer} ({' '.join(PEERS)})")
    if args.reps < 1:
        parser.error("at least one repetition")
    return args


def main():
    """Measure, then show."""
    args = arguments()
    where = machine()
    results, good = measure(args)
    for n in results.sizes():
        print(text_table(results, n), end="\n\n")
    for (n, case), found in results.disagreements():
        good = False
        print(f"NOT THE SAME: {case} with {n} entries: " +
              "; ".join(f"{check} by {', '.join(sorted(p))}" for check, p in found.items()))
    print(where)
    print(noise(results), end="\n\n")
    verdicts = goals.judge(results)
    if verdicts:
        print(goals.text(verdicts))
    if args.json:
        save(args, results, where, verdicts)
    if args.page:
        page.write(args.page, results, where + "; " + noise(results), verdicts)
        print(f"pictures: {args.page}")
    if args.pictures:
        page.write_each(args.pictures, results)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
