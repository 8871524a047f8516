"""The results of the programs as two charts in SVG, on a scale of doublings."""
import math
from xml.sax.saxutils import escape

from . import suite

COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#666666", "#a6761d"]
ROW, LEFT, RIGHT, TOP, WIDTH = 26, 170, 30, 76, 860


class Chart:
    """Rows with a name each, on an axis of multiples from `least` to `most`."""

    def __init__(self, title, subtitle, rows, least, most):
        self.low, self.high = math.floor(math.log2(least)), math.ceil(math.log2(most))
        self.high = max(self.high, self.low + 1)
        self.height = TOP + ROW * rows + 44
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height}" '
            'font-family="system-ui, sans-serif" font-size="13">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{WIDTH}" height="{self.height}" fill="#ffffff"/>',
            f'<text x="16" y="26" font-size="17" font-weight="600" fill="#1a1a1a">'
            f"{escape(title)}</text>",
            f'<text x="16" y="46" fill="#555555">{escape(subtitle)}</text>']
        for power in range(self.low, self.high + 1):
            self.axis(2.0 ** power)

    def x(self, value):
        part = (math.log2(value) - self.low) / (self.high - self.low)
        return LEFT + part * (WIDTH - LEFT - RIGHT)

    def y(self, row):
        return TOP + ROW * (row + 0.5)

    def axis(self, value):
        x, bottom = self.x(value), self.height - 36
        one = value == 1
        self.parts.append(f'<line x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{bottom}" '
                          f'stroke="{"#1a1a1a" if one else "#dddddd"}" '
                          f'stroke-width="{1.5 if one else 1}"/>')
        text = f"{value:g}" if value >= 1 else f"1/{1 / value:g}"
        self.text(x, bottom + 18, text + ("×" if not one else "× Waxwing"), "middle", "#555555")

    def text(self, x, y, text, anchor="start", fill="#1a1a1a"):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}">'
                          f"{escape(text)}</text>")

    def name(self, row, text):
        self.text(LEFT - 12, self.y(row) + 4.5, text, "end")

    def dot(self, row, value, colour, about):
        self.parts.append(f'<circle cx="{self.x(value):.1f}" cy="{self.y(row):.1f}" r="5" '
                          f'fill="{colour}" fill-opacity="0.85"><title>{escape(about)}</title>'
                          "</circle>")

    def line(self, row, begin, end, colour, width):
        self.parts.append(f'<line x1="{self.x(begin):.1f}" y1="{self.y(row):.1f}" '
                          f'x2="{self.x(end):.1f}" y2="{self.y(row):.1f}" stroke="{colour}" '
                          f'stroke-width="{width}"/>')

    def done(self):
        return "\n".join([*self.parts, "</svg>", ""])


def programs(results, peers):
    """A row a program, a dot an engine. None if nothing can be compared."""
    by_peer = {peer: {**suite.ratios(results, peer), **suite.ratios(results, peer, later=True)}
               for peer in peers}
    by_peer = {peer: found for peer, found in by_peer.items() if found}
    every = [value for found in by_peer.values() for value in found.values()]
    if not every:
        return None
    rows = sorted({name for found in by_peer.values() for name in found})
    chart = Chart("Time by program", "User time as a multiple of Waxwing's; to the right of 1, "
                  "Waxwing is faster", len(rows), min(every + [1]), max(every + [1]))
    for row, name in enumerate(rows):
        chart.name(row, name)
        for number, (peer, found) in enumerate(by_peer.items()):
            if name in found:
                chart.dot(row, found[name], COLOURS[number % len(COLOURS)],
                          f"{name}, {peer}: {found[name]:.2f}")
    x = WIDTH - RIGHT
    for number, peer in reversed(list(enumerate(by_peer))):
        chart.text(x, 62, peer, "end")
        x -= 8.2 * len(peer) + 13
        chart.parts.append(f'<circle cx="{x:.1f}" cy="58" r="5" '
                           f'fill="{COLOURS[number % len(COLOURS)]}"/>')
        x -= 16
    return chart.done()


def summary(results, peers):
    """A row an engine: the geometric mean, and a line from the least to the most."""
    found = {peer: suite.summary(results, peer) for peer in peers}
    found = {peer: one for peer, one in found.items() if one}
    if not found:
        return None
    ends = [one[end][1] for one in found.values() for end in ("worst", "best")] + [1]
    chart = Chart("Time of other engines", "Geometric mean (dot) and range over the programs, as "
                  "a multiple of Waxwing's user time", len(found), min(ends), max(ends))
    for row, (peer, one) in enumerate(sorted(found.items(), key=lambda pair: pair[1]["mean"])):
        chart.name(row, peer)
        chart.line(row, one["worst"][1], one["best"][1], "#9ec9e2", 6)
        chart.dot(row, one["mean"], COLOURS[0], f"{peer}: {one['mean']:.2f}")
        chart.text(chart.x(one["mean"]), chart.y(row) - 7, f"{one['mean']:.2f}", "middle",
                   COLOURS[0])
    return chart.done()
