"""The roofline plot as inline SVG: attained operations/s over operations a byte, under the machine's roofs.

Both axes are logarithmic. Shapes and strokes, not colours, tell the arithmetic; each number is a line of the list
beneath the plot, which is also what a screen reader reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, degrees, sin

from markupsafe import Markup

from lab4.report.log_axes import LogScale, grid, room, spanning
from lab4.report.nudge import Box, nudged
from lab4.report.units import number

__all__ = ["Point", "Roof", "roofline_chart"]

_WIDTH, _HEIGHT = 400, 400
_TOP, _BOTTOM = 20, 36
_UNIT = 1e9
_MARK, _LETTER, _DIGIT, _LINE = 7, 6.3, 8, 12
#: Stroke of a roof and shape of a cell by arithmetic; others have the first.
_DASHES = {"float32": "none", "int8": "7 4"}
_UNITS = {"int8": "GOP/s"}
_FIGURE = Markup(
    '<figure class="chart roofline"><figcaption>{title}</figcaption>'
    '<svg viewBox="0 0 {width} {height}" role="img" aria-label="{title}">'
    "<title>{title}</title><desc>{described}</desc>{drawn}</svg>"
    '<p class="axis">{axis}</p><ol class="notes">{entries}</ol></figure>'
)
_AXIS = (
    "Both axes are logarithmic. Circles and the solid flat roof are float32, squares and the dashed one int8. Under a "
    "slope the bytes are the limit, under a flat roof the arithmetic."
)


@dataclass(frozen=True, slots=True)
class Roof:
    """What the machine reaches in the arithmetic ``name``: operations/s, and bytes/s from ``level``."""

    name: str
    peak_per_s: float
    bytes_per_s: float
    level: str = "memory"


@dataclass(frozen=True, slots=True)
class Point:
    """A cell: operations a byte, operations/s, and what the list says of it beside its name."""

    name: str
    intensity: float
    attained_per_s: float
    shown: str
    arithmetic: str


def roofline_chart(title: str, roofs: Sequence[Roof], points: Sequence[Point]) -> Markup:
    """Draw the roofs, a numbered mark for each point, and the list of the numbers.

    What is not positive has no place on a logarithmic axis: such a point keeps its number and its line in the list.
    """
    roofs = [roof for roof in roofs if roof.peak_per_s > 0 and roof.bytes_per_s > 0]
    seen = [(n, point) for n, point in enumerate(points, 1) if point.intensity > 0 and point.attained_per_s > 0]
    said = [
        f"{roof.name} {_peak(roof.name, roof.peak_per_s)}, {roof.level} {_gigabytes(roof.bytes_per_s)}"
        for roof in roofs
    ]
    entry = Markup("<li>{} ({}): {}</li>")
    return _FIGURE.format(
        title=title,
        width=_WIDTH,
        height=_HEIGHT,
        described=f"Roofs: {'; '.join(said) or 'none'}. {len(seen)} numbered cells, listed beneath.",
        drawn=_drawing(roofs, seen),
        axis=_AXIS,
        entries=Markup("").join(entry.format(each.name, each.arithmetic, each.shown) for each in points),
    )


def _drawing(roofs: Sequence[Roof], seen: Sequence[tuple[int, Point]]) -> Markup:
    """The axes, the roofs with their names, and the marks with their numbers on top."""
    intensities = [point.intensity for _, point in seen] + [roof.peak_per_s / roof.bytes_per_s for roof in roofs]
    rates = [point.attained_per_s for _, point in seen] + [roof.peak_per_s for roof in roofs]
    y = spanning(rates, _HEIGHT - _BOTTOM, _TOP)
    x = spanning(intensities, room(y, _UNIT), _WIDTH - 4)
    marks = [Box(x.at(point.intensity), y.at(point.attained_per_s), _MARK, _MARK) for _, point in seen]
    slopes, beside = _slopes(roofs, x, y)
    flats, above = _flats(roofs, marks, x, y)
    area = Box((x.start + x.end) / 2, (y.start + y.end) / 2, x.end - x.start, y.start - y.end)
    axes = grid(x, y, "operations per byte", "GFLOP/s (int8: GOP/s)", _UNIT)
    return Markup("").join([axes, *slopes, *flats, *_marks(seen, marks, [*beside, *above], area)])


def _peak(name: str, rate: float) -> str:
    return f"{number(rate / _UNIT, 'ratio')} {_UNITS.get(name, 'GFLOP/s')}"


def _gigabytes(rate: float) -> str:
    return f"{number(rate / _UNIT, 'ratio')} GB/s"


def _slopes(roofs: Sequence[Roof], x: LogScale, y: LogScale) -> tuple[list[Markup], list[Box]]:
    """Each bandwidth as one line up to its last ridge, its name along it; and where the names stand."""
    drawn, taken, down_by = list[Markup](), list[Box](), -4
    # The steepest first: its name stands above its line, where no cell is; the others' stand below theirs.
    for level, rate in sorted({(roof.level, roof.bytes_per_s) for roof in roofs}, key=lambda each: -each[1]):
        enters = max(x.low, y.low / rate)  # by the left or by the lower side of the plot
        top = max(roof.peak_per_s for roof in roofs if (roof.level, roof.bytes_per_s) == (level, rate))
        from_x, from_y, to_x, to_y = x.at(enters), y.at(enters * rate), x.at(top / rate), y.at(top)
        angle, text = atan2(to_y - from_y, to_x - from_x), f"{level} {_gigabytes(rate)}"
        place = Markup('<text class="tick" transform="translate({:.1f} {:.1f}) rotate({:.1f})" x="8" y="{}">{}</text>')
        drawn.append(_stroke(((from_x, from_y), (to_x, to_y)), "none"))
        drawn.append(place.format(from_x, from_y, degrees(angle), down_by, text))
        for along in range(8, 16 + len(text) * 6, 8):
            taken.append(Box(from_x + along * cos(angle), from_y + along * sin(angle) + down_by, 10, 10))
        down_by = _LINE
    return drawn, taken


def _flats(roofs: Sequence[Roof], marks: Sequence[Box], x: LogScale, y: LogScale) -> tuple[list[Markup], list[Box]]:
    """Each peak as one line from its first ridge, its name above it beside the marks; and where the names stand."""
    drawn, taken = list[Markup](), list[Box]()
    for name, peak in dict.fromkeys((roof.name, roof.peak_per_s) for roof in roofs):
        rates = [roof.bytes_per_s for roof in roofs if (roof.name, roof.peak_per_s) == (name, peak)]
        down, text = y.at(peak), f"{name} {_peak(name, peak)}"
        width = len(text) * _LETTER
        most_left = max(1, int(x.end - width - x.at(peak / min(rates))))  # past the last slope
        places = [Box(x.end - width / 2 - left, down - 9, width, _LINE) for left in range(0, most_left, 2)]
        box = min(places, key=lambda place: sum(place.overlap(mark) for mark in marks))
        drawn.append(_stroke(((x.at(peak / max(rates)), down), (x.end, down)), _DASHES.get(name, "none")))
        written = Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>')
        drawn.append(written.format(box.x, down - 5, text))
        taken.append(box)
    return drawn, taken


def _stroke(ends: tuple[tuple[float, float], tuple[float, float]], dashes: str) -> Markup:
    corners = " ".join(f"{across:.1f},{down:.1f}" for across, down in ends)
    line = '<polyline points="{}" fill="none" stroke="currentColor" stroke-width="1.5" stroke-dasharray="{}"/>'
    return Markup(line).format(corners, dashes)  # noqa: S704  # a constant; format escapes what is put in


def _marks(seen: Sequence[tuple[int, Point]], marks: Sequence[Box], taken: Sequence[Box], area: Box) -> list[Markup]:
    """The marks, then their numbers, so that none hides another's number; a line leads to a number that is far."""
    labels = nudged(marks, [(len(str(each)) * _DIGIT, float(_LINE)) for each, _ in seen], taken, area)
    shapes = [_shape(point.arithmetic, mark) for (_, point), mark in zip(seen, marks, strict=True)]
    numbers = []
    lead = Markup('<polyline points="{:.1f},{:.1f} {:.1f},{:.1f}" stroke="currentColor" stroke-width=".5"/>')
    text = Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>')
    for (each, _), mark, label in zip(seen, marks, labels, strict=True):
        if abs(label.x - mark.x) > label.width / 2 + _MARK or abs(label.y - mark.y) > _LINE / 2 + _MARK:
            shapes.insert(0, lead.format(mark.x, mark.y, label.x, label.y))
        numbers.append(text.format(label.x, label.y + 4, each))
    return shapes + numbers


def _shape(arithmetic: str, mark: Box) -> Markup:
    if arithmetic == "int8":
        return Markup(
            '<rect x="{:.1f}" y="{:.1f}" width="{w}" height="{w}" class="weak" stroke="currentColor"/>'
        ).format(mark.x - _MARK / 2, mark.y - _MARK / 2, w=_MARK)
    return Markup('<circle cx="{:.1f}" cy="{:.1f}" r="{r}" class="strong" stroke="#fff" stroke-width=".5"/>').format(
        mark.x, mark.y, r=_MARK / 2
    )
