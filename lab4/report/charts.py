"""What the templates of charts draw: the places of bars, roofs, cells and their numbers, on 400 by 400 units.

Charts are readable on a phone and without colour: shapes and strokes show the arithmetic of a roofline plot, and each
of its numbers is a line of the list beneath the plot, which is also what a screen reader reads.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import atan2, ceil, cos, degrees, floor, log10, pi, sin
from typing import Any

from lab4.analysis.document import BarChart, CurveChart, Roof, RooflineChart
from lab4.analysis.tables import Quantity
from lab4.report.units import axis_mark, figure, number, scaled

_WIDTH, _TOP, _BOTTOM = 400, 20, 364
_UNIT = 1e9
_MARK, _LETTER, _DIGIT, _LINE = 7, 6.3, 8, 12
#: Of a number next to an axis: how far it is from the axis, and how wide a digit is.
_GAP, _TICK_DIGIT = 4, 6.8
#: Places tried around a mark, steps outwards, and dots along the line to it.
_DIRECTIONS, _STEPS, _DOTS = 16, 12, 5


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from ``low`` to ``high``, drawn from ``start`` to ``end``; logarithmic ones end at powers of ten."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = True

    def at(self, value: float) -> float:
        """The place of ``value``, on a logarithmic axis above zero, in the drawing."""
        reach, whole = value - self.low, self.high - self.low
        if self.logarithmic:
            reach, whole = log10(value / self.low), log10(self.high / self.low)
        return self.start + (self.end - self.start) * reach / whole

    @property
    def marks(self) -> list[float]:
        """The values that have a line: powers of ten, or both ends and the middle."""
        if not self.logarithmic:
            return [self.low, (self.low + self.high) / 2, self.high]
        return [10.0**power for power in range(round(log10(self.low)), round(log10(self.high)) + 1)]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its centre and its size, in the units of the drawing; ``y`` grows downwards."""

    x: float
    y: float
    width: float
    height: float

    def overlap(self, other: "Box") -> float:
        """The area that both cover."""
        wide = (self.width + other.width) / 2 - abs(self.x - other.x)
        high = (self.height + other.height) / 2 - abs(self.y - other.y)
        return max(0.0, wide) * max(0.0, high)

    def inside(self, area: "Box") -> bool:
        """Whether nothing of it is outside ``area``."""
        wide = abs(self.x - area.x) + self.width / 2 <= area.width / 2
        return wide and abs(self.y - area.y) + self.height / 2 <= area.height / 2


def spanning(values: Sequence[float], start: float, end: float, least: int = 2) -> Scale:
    """Whole decades around the values, so many at ``least``, drawn from ``start`` to ``end``."""
    low, high = floor(log10(min(values, default=1))), ceil(log10(max(values, default=1)))
    return Scale(10.0**low, 10.0 ** max(high, low + least), start, end)


def bar_chart(chart: BarChart) -> dict[str, Any]:
    """Horizontal bars from 0; on a logarithmic axis from the origin, or the power of ten below the least.

    Each is under its name. Where no bar is strong, all are drawn alike, unless they have an origin.
    """
    lengths = [scaled(bar.quantity.value, chart.kind) for bar in chart.bars]
    positive = [length for length in lengths if length > 0] or [1.0]
    origin = None if chart.origin is None else scaled(chart.origin, chart.kind)
    scale = Scale(0.0, max(positive), 0, _WIDTH, logarithmic=False)
    if chart.logarithmic:
        scale = spanning([*positive, *([] if origin is None else [origin])], 0, _WIDTH, least=1)
    start = scale.start if origin is None else scale.at(origin)
    all_alike = origin is None and not any(bar.strong for bar in chart.bars)
    bars = [
        (
            bar.name,
            ", ".join(figure(Quantity(each.value), of) for each, of in ((bar.quantity, chart.kind), *bar.further)),
            *sorted((start, scale.at(max(length, scale.low)))),
            bar.strong or all_alike,
        )
        for bar, length in zip(chart.bars, lengths, strict=True)
    ]
    return {"chart": chart, "scale": scale, "origin": origin, "bars": bars}


def curve_chart(chart: CurveChart) -> dict[str, Any]:
    """The points joined and numbered, each with its spread, and the levels; axes are linear, in people's units."""
    figures = [*(point.quantity for point in chart.points), *(level.quantity for level in chart.levels)]
    ends = [scaled(end, chart.kind) for each in figures for end in _ends(each)]
    y = _around_all(ends, _BOTTOM, _TOP)
    left = _GAP + _TICK_DIGIT * max(len(axis_mark(mark)) for mark in y.marks)
    along = [scaled(each.along.value, chart.along_kind) for each in chart.points]
    x = _around_all(along, left, _WIDTH - _GAP)
    places = [
        (x.at(at), *(y.at(scaled(end, chart.kind)) for end in _ends(each.quantity)))
        for at, each in zip(along, chart.points, strict=True)
    ]
    boxes = [Box(at, middle, _MARK, _MARK) for at, _, middle, _ in places]
    spreads = [Box(at, (low + high) / 2, 2, low - high) for at, low, _, high in places]
    area = Box((x.start + x.end) / 2, (y.start + y.end) / 2, x.end - x.start, y.start - y.end)
    sizes = [(len(str(each)) * _DIGIT, float(_LINE)) for each in range(1, len(boxes) + 1)]
    return {
        "chart": chart,
        "x": x,
        "y": y,
        "marks": list(zip(boxes, spreads, placed_labels(boxes, sizes, spreads, area), strict=True)),
        "named": [
            (each.name, f"{figure(each.along, chart.along_kind)}: {figure(each.quantity, chart.kind)}")
            for each in chart.points
        ],
        "levels": [
            (each.name, figure(each.quantity, chart.kind), y.at(scaled(each.quantity.value, chart.kind)))
            for each in chart.levels
        ],
    }


def _ends(quantity: Quantity) -> tuple[float, float, float]:
    """The low end, the figure and the high end; the figure itself where there is no spread."""
    low, high = (quantity.value if end is None else end for end in (quantity.low, quantity.high))
    return low, quantity.value, high


def _around_all(values: Sequence[float], start: float, end: float) -> Scale:
    """A linear axis with all of the values on it, and a twentieth more at both ends, but none below 0 for a margin."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    margin = (high - low) / 20 or abs(high) / 20 or 1.0
    return Scale(low - margin if low < 0 else max(0.0, low - margin), high + margin, start, end, logarithmic=False)


def giga(rate: float) -> str:
    """A rate in 1e9/s, without what is counted."""
    return f"{number(rate / _UNIT, 'ratio')} G"


def roofline_chart(chart: RooflineChart) -> dict[str, Any]:
    """The roofs, a numbered mark for each point, both axes logarithmic.

    What is not positive has no place on a logarithmic axis: such a point keeps its number and its line in the list.
    """
    roofs = [roof for roof in chart.roofs if roof.operations_per_s > 0 and roof.bytes_per_s > 0]
    seen = {n: point for n, point in enumerate(chart.points, 1) if point.intensity > 0 and point.attained_per_s > 0}
    points = seen.values()
    intensities = [point.intensity for point in points] + [roof.operations_per_s / roof.bytes_per_s for roof in roofs]
    rates = [point.attained_per_s for point in points] + [roof.operations_per_s for roof in roofs]
    y = spanning(rates, _BOTTOM, _TOP)
    x = spanning(intensities, _GAP + _TICK_DIGIT * max(len(axis_mark(mark / _UNIT)) for mark in y.marks), _WIDTH - 4)
    boxes = [Box(x.at(point.intensity), y.at(point.attained_per_s), _MARK, _MARK) for point in points]
    slopes, flats = list(_slopes(roofs, x, y)), list(_flats(roofs, boxes, x, y))
    taken = [*(box for slope in slopes for box in slope["boxes"]), *(flat["box"] for flat in flats)]
    area = Box((x.start + x.end) / 2, (y.start + y.end) / 2, x.end - x.start, y.start - y.end)
    labels = placed_labels(boxes, [(len(str(each)) * _DIGIT, float(_LINE)) for each in seen], taken, area)
    return {
        "chart": chart,
        "roofs": roofs,
        "arithmetics": list(dict.fromkeys([*(roof.arithmetic for roof in roofs), *(p.arithmetic for p in points)])),
        "x": x,
        "y": y,
        "slopes": slopes,
        "flats": flats,
        "marks": list(zip(seen.items(), boxes, labels, strict=True)),
    }


def _slopes(roofs: Sequence[Roof], x: Scale, y: Scale) -> Iterator[dict[str, Any]]:
    """Each bandwidth as a line up to its last ridge, with its name along it, and what that covers."""
    # The steepest first: its name is above its line, where no cell is; the others' are below theirs.
    below = -4
    for level, rate in sorted({(roof.level, roof.bytes_per_s) for roof in roofs}, key=lambda each: -each[1]):
        enters = max(x.low, y.low / rate)  # by the left or by the lower side of the plot
        top = max(roof.operations_per_s for roof in roofs if (roof.level, roof.bytes_per_s) == (level, rate))
        x1, y1, x2, y2 = x.at(enters), y.at(enters * rate), x.at(top / rate), y.at(top)
        angle, name = atan2(y2 - y1, x2 - x1), f"{level} {giga(rate)}B/s"
        letters = range(8, 16 + len(name) * 6, 8)
        boxes = [Box(x1 + along * cos(angle), y1 + along * sin(angle) + below, 10, 10) for along in letters]
        ends = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
        yield {"name": name, "angle": degrees(angle), "below": below, "boxes": boxes, **ends}
        below = _LINE


def _flats(roofs: Sequence[Roof], marks: Sequence[Box], x: Scale, y: Scale) -> Iterator[dict[str, Any]]:
    """Each peak as a line from its first ridge to the right, with its name in a box above it, next to the marks."""
    for arithmetic, peak in dict.fromkeys((roof.arithmetic, roof.operations_per_s) for roof in roofs):
        rates = [roof.bytes_per_s for roof in roofs if (roof.arithmetic, roof.operations_per_s) == (arithmetic, peak)]
        down, name = y.at(peak), f"{arithmetic} {giga(peak)}OP/s"
        width = len(name) * _LETTER
        most_left = max(1, int(x.end - width - x.at(peak / min(rates))))  # past the last slope
        places = [Box(x.end - width / 2 - left, down - 9, width, _LINE) for left in range(0, most_left, 2)]
        box = min(places, key=lambda place: sum(place.overlap(mark) for mark in marks))
        ends = {"x1": x.at(peak / max(rates)), "x2": x.end, "y": down}
        yield {"name": name, "arithmetic": arithmetic, "box": box, **ends}


def placed_labels(
    marks: Sequence[Box], labels: Sequence[tuple[float, float]], taken: Sequence[Box], area: Box
) -> list[Box]:
    """A box for the label (width, height) of each mark: near it, within ``area``, over as little else as can be.

    Else are all marks, the boxes ``taken``, the labels placed before and the lines that lead to them. The order of
    ``marks`` decides.
    """
    others, placed = [*taken, *marks], list[Box]()
    for mark, (width, height) in zip(marks, labels, strict=True):
        candidates = _around(mark, width, height)
        inside = [candidate for candidate in candidates if candidate.inside(area)] or candidates
        uncovered = (each for each in inside if not _covered(mark, each, others, placed))
        best = next(uncovered, None) or min(inside, key=lambda each: _covered(mark, each, others, placed))
        others += [best, *_lead(mark, best)]
        placed.append(best)
    return placed


def _covered(mark: Box, label: Box, others: Sequence[Box], labels: Sequence[Box]) -> float:
    """How much of ``others`` a label covers; a line to it shall not run behind a label either."""
    lines = sum(dot.overlap(other) for dot in _lead(mark, label) for other in labels)
    return sum(label.overlap(other) for other in others) + lines


def _lead(mark: Box, label: Box) -> list[Box]:
    """Dots along the line from a mark to its label, without its ends."""
    steps = [number / _DOTS for number in range(1, _DOTS)]
    return [Box(mark.x + (label.x - mark.x) * step, mark.y + (label.y - mark.y) * step, 2, 2) for step in steps]


def _around(mark: Box, width: float, height: float) -> list[Box]:
    """Places from near to far: right of the mark first, then clockwise, then a step further out."""
    wide, high = (mark.width + width) / 2 + 2, (mark.height + height) / 2 + 1
    rings = [(wide + step * height / 2, high + step * height / 2) for step in range(_STEPS)]
    angles = [2 * pi * turn / _DIRECTIONS for turn in range(_DIRECTIONS)]
    return [Box(mark.x + x * cos(a), mark.y + y * sin(a), width, height) for (x, y), a in product(rings, angles)]
