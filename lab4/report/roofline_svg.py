"""The roofline plot as inline SVG: attained operations/s over operations a byte, under the machine's roofs.

Both axes are logarithmic. Shapes and strokes, not colours, show the arithmetic; each number is a line of the list
beneath the plot, which is also what a screen reader reads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from math import atan2, cos, degrees, sin

from markupsafe import Markup

from lab4.analysis.document import Roof, RooflineChart, RooflinePoint
from lab4.report.label_placement import Box, placed_labels
from lab4.report.log_axes import LogScale, grid, room, spanning
from lab4.report.units import number

__all__ = ["roofline_chart"]

_WIDTH, _HEIGHT = 400, 400
_TOP, _BOTTOM = 20, 36
_UNIT = 1e9
_MARK, _LETTER, _DIGIT, _LINE = 7, 6.3, 8, 12
_FIGURE = Markup(
    '<figure class="chart roofline"><figcaption>{title}</figcaption>'
    '<svg viewBox="0 0 {width} {height}" role="img" aria-label="{title}">'
    "<title>{title}</title><desc>{described}</desc>{drawn}</svg>"
    '<p class="axis">{axis}</p><ol class="notes">{entries}</ol></figure>'
)
_AXIS = (
    "Both axes are logarithmic. Under a slope the bytes are the limit, under a flat roof the arithmetic. "
    "Marks and flat roofs: {}."
)


@dataclass(frozen=True, slots=True)
class _Style:
    """How an arithmetic is drawn: the dashes of its roof, the marks of its cells, and both in words."""

    dashes: str
    mark: Markup
    words: str


_CIRCLE = '<circle cx="{x:.1f}" cy="{y:.1f}" r="{half}" class="strong" stroke="#fff" stroke-width=".5"/>'
_SQUARE = '<rect x="{left:.1f}" y="{top:.1f}" width="{wide}" height="{wide}" class="weak" stroke="currentColor"/>'
_TRIANGLE = (
    '<polygon points="{left:.1f},{bottom:.1f} {right:.1f},{bottom:.1f} {x:.1f},{top:.1f}" fill="#fff" '
    'stroke="currentColor"/>'
)
_STYLES = (
    _Style("none", Markup(_CIRCLE), "circles, solid"),  # noqa: S704  # constants; format escapes what is put in
    _Style("7 4", Markup(_SQUARE), "squares, dashed"),  # noqa: S704
    _Style("2 3", Markup(_TRIANGLE), "triangles, dotted"),  # noqa: S704
)


def roofline_chart(chart: RooflineChart) -> Markup:
    """Draw the roofs, a numbered mark for each point, and the list of the numbers.

    What is not positive has no place on a logarithmic axis: such a point keeps its number and its line in the list.
    """
    roofs = [roof for roof in chart.roofs if roof.operations_per_s > 0 and roof.bytes_per_s > 0]
    seen = [(n, point) for n, point in enumerate(chart.points, 1) if point.intensity > 0 and point.attained_per_s > 0]
    said = [
        f"{roof.arithmetic} {_operations(roof.operations_per_s)}, {roof.level} {_gigabytes(roof.bytes_per_s)}"
        for roof in roofs
    ]
    entry = Markup("<li>{} ({}): {}</li>")
    styles = _styles(roofs, [point for _, point in seen])
    return _FIGURE.format(
        title=chart.title,
        width=_WIDTH,
        height=_HEIGHT,
        described=f"Roofs: {'; '.join(said) or 'none'}. {len(seen)} numbered cells, listed beneath.",
        drawn=_drawing(roofs, seen, styles),
        axis=_AXIS.format("; ".join(f"{name}: {style.words}" for name, style in styles.items())),
        entries=Markup("").join(
            entry.format(each.name, each.arithmetic, _operations(each.attained_per_s)) for each in chart.points
        ),
    )


def _styles(roofs: Sequence[Roof], points: Sequence[RooflinePoint]) -> dict[str, _Style]:
    """A style for each arithmetic, the roofs' first; after as many as there are, they begin anew."""
    arithmetics = dict.fromkeys([*(roof.arithmetic for roof in roofs), *(point.arithmetic for point in points)])
    return dict(zip(arithmetics, cycle(_STYLES), strict=False))


def _drawing(roofs: Sequence[Roof], seen: Sequence[tuple[int, RooflinePoint]], styles: Mapping[str, _Style]) -> Markup:
    """The axes, the roofs with their names, and the marks with their numbers on top."""
    intensities = [point.intensity for _, point in seen] + [roof.operations_per_s / roof.bytes_per_s for roof in roofs]
    rates = [point.attained_per_s for _, point in seen] + [roof.operations_per_s for roof in roofs]
    y = spanning(rates, _HEIGHT - _BOTTOM, _TOP)
    x = spanning(intensities, room(y, _UNIT), _WIDTH - 4)
    marks = [Box(x.at(point.intensity), y.at(point.attained_per_s), _MARK, _MARK) for _, point in seen]
    slopes, labels = _slopes(roofs, x, y)
    flats, above = _flats(roofs, marks, styles, x, y)
    area = Box((x.start + x.end) / 2, (y.start + y.end) / 2, x.end - x.start, y.start - y.end)
    axes = grid(x, y, "operations per byte", "GOP/s", _UNIT)
    return Markup("").join([axes, *slopes, *flats, *_marks(seen, styles, marks, [*labels, *above], area)])


def _operations(rate: float) -> str:
    return f"{number(rate / _UNIT, 'ratio')} GOP/s"


def _gigabytes(rate: float) -> str:
    return f"{number(rate / _UNIT, 'ratio')} GB/s"


def _slopes(roofs: Sequence[Roof], x: LogScale, y: LogScale) -> tuple[list[Markup], list[Box]]:
    """Each bandwidth as one line up to its last ridge, its name along it; and the places of the names."""
    drawn, taken, down_by = list[Markup](), list[Box](), -4
    # The steepest first: its name is above its line, where no cell is; the others' are below theirs.
    for level, rate in sorted({(roof.level, roof.bytes_per_s) for roof in roofs}, key=lambda each: -each[1]):
        enters = max(x.low, y.low / rate)  # by the left or by the lower side of the plot
        top = max(roof.operations_per_s for roof in roofs if (roof.level, roof.bytes_per_s) == (level, rate))
        from_x, from_y, to_x, to_y = x.at(enters), y.at(enters * rate), x.at(top / rate), y.at(top)
        angle, text = atan2(to_y - from_y, to_x - from_x), f"{level} {_gigabytes(rate)}"
        place = Markup('<text class="tick" transform="translate({:.1f} {:.1f}) rotate({:.1f})" x="8" y="{}">{}</text>')
        drawn.append(_stroke(((from_x, from_y), (to_x, to_y)), "none"))
        drawn.append(place.format(from_x, from_y, degrees(angle), down_by, text))
        for along in range(8, 16 + len(text) * 6, 8):
            taken.append(Box(from_x + along * cos(angle), from_y + along * sin(angle) + down_by, 10, 10))
        down_by = _LINE
    return drawn, taken


def _flats(
    roofs: Sequence[Roof], marks: Sequence[Box], styles: Mapping[str, _Style], x: LogScale, y: LogScale
) -> tuple[list[Markup], list[Box]]:
    """Each peak as one line from its first ridge, its name above it next to the marks; and where the names are."""
    drawn, taken = list[Markup](), list[Box]()
    for name, peak in dict.fromkeys((roof.arithmetic, roof.operations_per_s) for roof in roofs):
        rates = [roof.bytes_per_s for roof in roofs if (roof.arithmetic, roof.operations_per_s) == (name, peak)]
        down, text = y.at(peak), f"{name} {_operations(peak)}"
        width = len(text) * _LETTER
        most_left = max(1, int(x.end - width - x.at(peak / min(rates))))  # past the last slope
        places = [Box(x.end - width / 2 - left, down - 9, width, _LINE) for left in range(0, most_left, 2)]
        box = min(places, key=lambda place: sum(place.overlap(mark) for mark in marks))
        drawn.append(_stroke(((x.at(peak / max(rates)), down), (x.end, down)), styles[name].dashes))
        written = Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>')
        drawn.append(written.format(box.x, down - 5, text))
        taken.append(box)
    return drawn, taken


def _stroke(ends: tuple[tuple[float, float], tuple[float, float]], dashes: str) -> Markup:
    corners = " ".join(f"{across:.1f},{down:.1f}" for across, down in ends)
    line = '<polyline points="{}" fill="none" stroke="currentColor" stroke-width="1.5" stroke-dasharray="{}"/>'
    return Markup(line).format(corners, dashes)  # noqa: S704  # a constant; format escapes what is put in


def _marks(
    seen: Sequence[tuple[int, RooflinePoint]],
    styles: Mapping[str, _Style],
    marks: Sequence[Box],
    taken: Sequence[Box],
    area: Box,
) -> list[Markup]:
    """The marks, then their numbers, so that none hides another's number; a line leads to a number that is far."""
    labels = placed_labels(marks, [(len(str(each)) * _DIGIT, float(_LINE)) for each, _ in seen], taken, area)
    shapes = [_shape(styles[point.arithmetic], mark) for (_, point), mark in zip(seen, marks, strict=True)]
    numbers = []
    lead = Markup('<polyline points="{:.1f},{:.1f} {:.1f},{:.1f}" stroke="currentColor" stroke-width=".5"/>')
    text = Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>')
    for (each, _), mark, label in zip(seen, marks, labels, strict=True):
        if abs(label.x - mark.x) > label.width / 2 + _MARK or abs(label.y - mark.y) > _LINE / 2 + _MARK:
            shapes.insert(0, lead.format(mark.x, mark.y, label.x, label.y))
        numbers.append(text.format(label.x, label.y + 4, each))
    return shapes + numbers


def _shape(style: _Style, box: Box) -> Markup:
    half = _MARK / 2
    sides = {"left": box.x - half, "right": box.x + half, "top": box.y - half, "bottom": box.y + half}
    return style.mark.format(x=box.x, y=box.y, half=half, wide=_MARK, **sides)
