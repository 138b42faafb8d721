# SPDX-License-Identifier: GPL-2.0
"""What tripmap wants to reach beside its peers, and what a run reached."""

from typing import NamedTuple

OURS = ("tripmap", "tripmap-mix")
LOW, MID = 0, 1


class Verdict(NamedTuple):
    """One goal: of minima and of medians; want is at least or at most."""
    what: str
    peer: str
    want: str
    by_min: float
    by_median: float
    reached: bool


def at_least(what, peer, want, values):
    """A verdict on a ratio that should be large."""
    return Verdict(what, peer, f">= {want:g}", *values, min(values) >= want)


def at_most(what, peer, want, values):
    """A verdict on a ratio that should be small."""
    return Verdict(what, peer, f"<= {want:g}", *values, max(values) <= want)


def ratio(results, over, under):
    """over / under, by minima and by medians, each (sizes, case, peer, name); None without both."""
    sums = []
    for sizes, *what in (over, under):
        got = [results.get(n, *what) for n in sizes]
        if not got or None in got:
            return None
        sums.append([sum(g[which] for g in got) / len(got) for which in (LOW, MID)])
    return tuple(a / b if b else 0.0 for a, b in zip(*sums))


def octave(results):
    """The sizes around a million, or a million; none in a run of other sizes."""
    sizes = [n for n in results.sizes() if 700000 <= n <= 1420000]
    return [n for n in sizes if n != 1000000] or sizes


def peers_at(results, ours):
    """Lookups and inserts beside peers."""
    around = octave(results)
    for peer, want in (("go-rwmutex", 3), ("go-sync", 12), ("lfht", 4), ("tbb", 4.5)):
        sizes = around
        if not all(results.get(n, "hit", peer) for n in sizes):
            sizes = [n for n in results.sizes() if n == 1000000]
        yield at_least, f"hit, against {peer}", want, ratio(
            results, (sizes, "hit", peer, "ns"), (sizes, "hit", ours, "ns"))
    yield at_most, "miss, of absl's", 1.3, ratio(
        results, (around, "miss", ours, "ns"), (around, "miss", "absl", "ns"))
    for n in results.sizes():
        if n in (1000000, 10000000):
            yield at_least, f"insert with growth, {n}, against absl", 2, ratio(
                results, ([n], "insert", "absl", "ns"), ([n], "insert", ours, "ns"))


def memory(results, ours):
    """Against the floor."""
    sizes = [n for n in results.sizes() if n in (1000000, 10000000)]
    for n in sizes:
        yield at_most, f"dependent hit, {n}, of the floor", 1.15, ratio(
            results, ([n], "dependent", ours, "ns"), ([n], "dependent", "floor", "ns"))
    for n in sizes:
        yield at_least, f"32 at once, {n}, against one by one", 2, ratio(
            results, ([n], "hit", ours, "ns"), ([n], "many", ours, "ns"))
    for n in sizes[-1:]:
        yield at_most, f"32 at once, {n}, of the floor", 1.5, ratio(
            results, ([n], "many", ours, "ns"), ([n], "many", "floor", "ns"))
    low, high = min(results.sizes()), max(results.sizes())
    if high < 1000 * low:
        return
    small = ratio(results, ([low], "dependent", ours, "ns"), ([low], "dependent", "floor", "ns"))
    large = ratio(results, ([high], "dependent", ours, "ns"), ([high], "dependent", "floor", "ns"))
    if small and large:
        spread = tuple(max(a, b) / min(a, b) for a, b in zip(small, large))
        yield at_most, f"dependent hit to floor, {low} against {high}", 1.3, spread


def bytes_of(results, ours):
    """Bytes an entry, without the array that is being evacuated: the most, and the mean over fills."""
    sizes = octave(results)
    parts = [[results.get(n, "memory", ours, name) for n in sizes] for name in ("own", "old")]
    if not sizes or None in parts[0] + parts[1]:
        return
    own = [[all_of[i] - old[i] for all_of, old in zip(*parts)] for i in (LOW, MID)]
    yield at_most, f"bytes an entry without the old array, most of {len(sizes)} fills", 46, tuple(
        max(bytes_at) for bytes_at in own)
    yield at_most, f"bytes an entry without the old array, mean of {len(sizes)} fills", 40, tuple(
        sum(bytes_at) / len(bytes_at) for bytes_at in own)


def threads(results, ours):
    """Two cores against one."""
    for n in [n for n in results.sizes() if n >= 1000000 and results.get(n, "readers", ours)][-1:]:
        got = ratio(results, ([n], "hit", ours, "ns"), ([n], "readers", ours, "ns"))
        yield at_least, f"readers on two CPUs, {n}, against one", 1.9, got
        got = ratio(results, ([n], "insert", ours, "ns"), ([n], "writers", ours, "ns"))
        yield at_least, f"two writers sharded, {n}, against one", 1.8, got


def tail(results, ours):
    """p99.99 of an insert beyond the clock's own, in medians."""
    for n in [n for n in results.sizes() if n >= 1000000 and results.get(n, "tail", ours)][-1:]:
        parts = [results.get(n, "tail", peer, q)
                 for peer, q in ((ours, "p9999"), ("floor", "p9999"), (ours, "p50"), ("floor", "p50"))]
        if None in parts:
            return
        yield at_most, f"insert p99.99 to median, {n}, beyond a null loop's", 10, tuple(
            (high[i] - null_high[i]) / max(mid[i] - null_mid[i], 1)
            for i in (LOW, MID)
            for high, null_high, mid, null_mid in [parts])


def judge(results):
    """All goals that this run can tell of."""
    out = []
    for ours in OURS:
        if ours not in results.peers():
            continue
        for group in (peers_at, memory, bytes_of, threads, tail):
            out += [verdict(what, ours, want, got)
                    for verdict, what, want, got in group(results, ours) if got]
    return out


def text(verdicts):
    """As a table; by minima and by medians."""
    out = [f"{'ours / theirs':60}{'':14}{'goal':>8}{'minima':>9}{'medians':>9}"]
    for v in verdicts:
        out.append(f"{v.what:60}{v.peer:14}{v.want:>8}{v.by_min:9.2f}{v.by_median:9.2f}  "
                   f"{'reached' if v.reached else 'NOT reached'}")
    return "\n".join(out)
