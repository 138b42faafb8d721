# SPDX-License-Identifier: GPL-2.0
"""All pictures of a run, on one page that needs nothing from anywhere, or each in a file."""

import html
import math
import os

COLOURS = {
    "tripmap": "#c0392b", "tripmap-mix": "#e67e22", "lfht": "#2980b9", "tbb": "#8e44ad",
    "absl": "#27ae60", "go-rwmutex": "#16a085", "go-sync": "#7f8c8d", "floor": "#000000",
}
WIDTH, HEIGHT = 460, 300
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 28, 40

PICTURES = (
    ("Hit", "hit", "ns", "ns"),
    ("Hit, each depends on the last", "dependent", "ns", "ns"),
    ("Miss", "miss", "ns", "ns"),
    ("32 at once", "many", "ns", "ns"),
    ("Insert with growth", "insert", "ns", "ns"),
    ("Update", "update", "ns", "ns"),
    ("Delete", "delete", "ns", "ns"),
    ("Iterate", "iterate", "ns", "ns"),
    ("Mixed: 8 lookups, 1 insert, 1 delete", "mixed", "ns", "ns"),
    ("Two readers", "readers", "mops", "million/s"),
    ("A reader beside a writer: the reader", "beside", "reader", "million/s"),
    ("A reader beside a writer: the writer", "beside", "writer", "million/s"),
    ("Two writers", "writers", "mops", "million/s"),
    ("Memory", "insert", "bytes", "bytes/entry"),
    ("Insert while growing: median", "tail", "p50", "ns"),
    ("Insert while growing: p99.99", "tail", "p9999", "ns"),
    ("Insert while growing: worst", "tail", "max", "ns"),
)


class Scale:
    """Logarithmic, from data to the picture."""

    def __init__(self, low, high, begin, end):
        self.low, self.high = math.log10(low), math.log10(high)
        if self.high - self.low < 0.3:
            self.low, self.high = self.low - 0.15, self.high + 0.15
        self.begin, self.end = begin, end

    def __call__(self, value):
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.begin + share * (self.end - self.begin)

    def ticks(self):
        """1, 2 and 5 times powers of ten that lie inside, or the powers alone."""
        steps = (1, 2, 5) if self.high - self.low < 2 else (1,)
        for power in range(math.floor(self.low), math.ceil(self.high) + 1):
            for step in steps:
                value = step * 10.0 ** power
                if self.low <= math.log10(value) <= self.high:
                    yield value


def label(value):
    """Short: 1000000 as 1M."""
    for unit, name in ((1e9, "G"), (1e6, "M"), (1e3, "K")):
        if value >= unit:
            return f"{value / unit:g}{name}"
    return f"{value:g}"


def axes(x, y, title, unit):
    """Frame, lines, numbers."""
    yield f'<text x="{LEFT}" y="16" class="t">{html.escape(title)} ({unit})</text>'
    for value in y.ticks():
        at = y(value)
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}" class="g"/>'
        yield f'<text x="{LEFT - 6}" y="{at + 4:.1f}" class="y">{label(value)}</text>'
    for value in x.ticks():
        at = x(value)
        yield f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" class="g"/>'
        yield f'<text x="{at:.1f}" y="{HEIGHT - BOTTOM + 16}" class="x">{label(value)}</text>'
    yield f'<text x="{(LEFT + WIDTH) / 2}" y="{HEIGHT - 6}" class="x">entries</text>'


def curve(peer, points, x, y):
    """Medians joined, minimum to maximum as a stroke."""
    colour = COLOURS[peer]
    path = " ".join(f"{x(n):.1f},{y(mid):.1f}" for n, (_, mid, _) in points)
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>'
    for n, (low, mid, high) in points:
        at = x(n)
        yield (f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{y(low):.1f}" y2="{y(high):.1f}" '
               f'stroke="{colour}" stroke-opacity="0.5" stroke-width="3"/>')
        yield (f'<circle cx="{at:.1f}" cy="{y(mid):.1f}" r="3" fill="{colour}"><title>{peer}, '
               f'{n} entries: {mid:g} ({low:g} to {high:g})</title></circle>')


def picture(results, title, case, name, unit):
    """What is in one SVG, or nothing where nothing was measured."""
    curves = {}
    for peer in results.peers():
        points = [(n, results.get(n, case, peer, name)) for n in results.sizes()]
        points = [(n, got) for n, got in points if got and got[0] > 0]
        if points:
            curves[peer] = points
    if not curves:
        return ""
    values = [v for points in curves.values() for _, got in points for v in (got[0], got[2])]
    sizes = [n for points in curves.values() for n, _ in points]
    x = Scale(min(sizes), max(sizes), LEFT + 8, WIDTH - RIGHT - 8)
    y = Scale(min(values), max(values), HEIGHT - BOTTOM - 6, TOP + 6)
    parts = list(axes(x, y, title, unit))
    for peer, points in curves.items():
        parts += curve(peer, points, x, y)
    return "".join(parts)


def drawing(inside, height=HEIGHT, more=""):
    """An SVG, or nothing."""
    if not inside:
        return ""
    return (f'<svg {more}viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">'
            f"{inside}</svg>\n")


def legend(results):
    """Which colour is whose."""
    return " ".join(f'<span><i style="background:{COLOURS[p]}"></i>{p}</span>'
                    for p in results.peers())


def names(results):
    """Whose curve is whose, below a picture that stands alone."""
    for i, peer in enumerate(results.peers()):
        at, line = LEFT + i % 4 * 100, HEIGHT + 14 + i // 4 * 16
        yield f'<rect x="{at}" y="{line - 9}" width="10" height="10" fill="{COLOURS[peer]}"/>'
        yield f'<text x="{at + 14}" y="{line}" class="n">{peer}</text>'


def write_each(folder, results):
    """Each picture in a file, named by what was measured."""
    os.makedirs(folder, exist_ok=True)
    style = (f"<style>{MARKS} .n{{font:11px sans-serif}}</style>"
             '<rect width="100%" height="100%" fill="#fff"/>')
    for title, case, name, unit in PICTURES:
        inside = picture(results, title, case, name, unit)
        if inside:
            path = os.path.join(folder, f"{case}-{name}.svg")
            with open(path, "w", encoding="utf-8") as out:
                out.write("<!-- SPDX-License-Identifier: GPL-2.0 -->\n")
                out.write(drawing(style + inside + "".join(names(results)), HEIGHT + 40,
                                  'xmlns="http://www.w3.org/2000/svg" '))


def table(verdicts):
    """The goals."""
    rows = "".join(
        f'<tr class="{"" if v.reached else "n"}"><td>{html.escape(v.what)}</td><td>{v.peer}</td>'
        f"<td>{html.escape(v.want)}</td><td>{v.by_min:.2f}</td><td>{v.by_median:.2f}</td>"
        f'<td>{"reached" if v.reached else "not reached"}</td></tr>' for v in verdicts)
    return ("<table><tr><th>ours / theirs</th><th></th><th>goal</th><th>minima</th>"
            f"<th>medians</th><th></th></tr>{rows}</table>")


MARKS = """.g{stroke:#e8e8e8} .t{font:bold 13px sans-serif}
.x{font:11px sans-serif;text-anchor:middle} .y{font:11px sans-serif;text-anchor:end}"""
STYLE = f"""body{{font:14px sans-serif;margin:2em;background:#fff;color:#222}}
svg{{margin:4px;border:1px solid #ddd}} {MARKS}
i{{display:inline-block;width:12px;height:12px;margin:0 4px 0 12px}}
td,th{{padding:2px 10px;text-align:left;border-bottom:1px solid #eee}} .n td{{color:#a00}}"""


def write(path, results, where, verdicts):
    """The page."""
    with open(path, "w", encoding="utf-8") as out:
        out.write("<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\">"
                  f"<title>tripmap: native bench</title><style>{STYLE}</style>\n"
                  "<h1>tripmap: native bench</h1>\n"
                  f"<p>{html.escape(where)}. Dots are medians, strokes go from the minimum to the "
                  f"maximum; both axes are logarithmic.</p>\n<p>{legend(results)}</p>\n")
        for what in PICTURES:
            out.write(drawing(picture(results, *what)))
        out.write(f"<h2>Goals</h2>\n{table(verdicts)}\n</html>\n")
