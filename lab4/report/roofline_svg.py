"""The roofline plot as inline SVG: attained operations/s over operations a byte, under the machine's roofs.

Both axes are logarithmic. Shapes and strokes, not colours, show the arithmetic; each number is a line of the list
beneath the plot, which is also what a screen reader reads.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from math import atan2, cos, degrees, sin

from markupsafe import Markup

from lab4.analysis.document import Roof, RooflineChart, RooflinePoint
from lab4.report.label_placement import Box, placed_labels
from lab4.report.svg import FIGURE, TICK, WIDTH, Scale, spanning
from lab4.report.units import axis_mark, number

__all__ = ["roofline_chart"]

_HEIGHT, _TOP, _BOTTOM = 400, 20, 36
_UNIT = 1e9
_MARK, _LETTER, _DIGIT, _LINE = 7, 6.3, 8, 12
#: Of a number next to an axis: how far it is from the axis, and how wide a digit is.
_GAP, _TICK_DIGIT = 4, 6.8
_AXIS = (
    "Both axes are logarithmic. Under a slope the bytes are the limit, under a flat roof the arithmetic. "
    "Marks and flat roofs: {}."
)
_GRID = Markup('<line x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>')
_STROKE = Markup(
    '<polyline points="{:.1f},{:.1f} {:.1f},{:.1f}" fill="none" stroke="currentColor" stroke-width="1.5" '
    'stroke-dasharray="{}"/>'
)
_LEAD = Markup('<polyline points="{:.1f},{:.1f} {:.1f},{:.1f}" stroke="currentColor" stroke-width=".5"/>')
_LABEL = Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>')
_ALONG = Markup('<text class="tick" transform="translate({:.1f} {:.1f}) rotate({:.1f})" x="8" y="{}">{}</text>')
_ENTRY = Markup("<li>{} ({}): {}</li>")


@dataclass(frozen=True, slots=True)
class _Style:
    """How an arithmetic is drawn: the dashes of its roof, the marks of its cells, and both in words."""

    dashes: str
    mark: Markup
    words: str


_STYLES = (
    _Style(
        "none",
        Markup('<circle cx="{x:.1f}" cy="{y:.1f}" r="{half}" class="strong" stroke="#fff" stroke-width=".5"/>'),
        "circles, solid",
    ),
    _Style(
        "7 4",
        Markup(
            '<rect x="{left:.1f}" y="{top:.1f}" width="{wide}" height="{wide}" class="weak" stroke="currentColor"/>'
        ),
        "squares, dashed",
    ),
    _Style(
        "2 3",
        Markup(
            '<polygon points="{left:.1f},{bottom:.1f} {right:.1f},{bottom:.1f} {x:.1f},{top:.1f}" fill="#fff" '
            'stroke="currentColor"/>'
        ),
        "triangles, dotted",
    ),
)


def roofline_chart(chart: RooflineChart) -> Markup:
    """Draw the roofs, a numbered mark for each point, and the list of the numbers.

    What is not positive has no place on a logarithmic axis: such a point keeps its number and its line in the list.
    """
    roofs = [roof for roof in chart.roofs if roof.operations_per_s > 0 and roof.bytes_per_s > 0]
    seen = {n: point for n, point in enumerate(chart.points, 1) if point.intensity > 0 and point.attained_per_s > 0}
    said = [
        f"{roof.arithmetic} {_rate(roof.operations_per_s, 'OP')}, {roof.level} {_rate(roof.bytes_per_s, 'B')}"
        for roof in roofs
    ]
    # A style for each arithmetic, the roofs' first; after as many as there are, they begin anew.
    arithmetics = dict.fromkeys([*(roof.arithmetic for roof in roofs), *(point.arithmetic for point in seen.values())])
    styles = dict(zip(arithmetics, cycle(_STYLES), strict=False))
    entries = (_ENTRY.format(each.name, each.arithmetic, _rate(each.attained_per_s, "OP")) for each in chart.points)
    return FIGURE.format(
        classes="chart roofline",
        title=chart.title,
        label=chart.title,
        width=WIDTH,
        height=_HEIGHT,
        described=f"Roofs: {'; '.join(said) or 'none'}. {len(seen)} numbered cells, listed beneath.",
        drawn=_drawing(roofs, seen, styles),
        axis=_AXIS.format("; ".join(f"{name}: {style.words}" for name, style in styles.items())),
        further=Markup('<ol class="notes">{}</ol>').format(Markup("").join(entries)),
    )


def _rate(rate: float, what: str) -> str:
    return f"{number(rate / _UNIT, 'ratio')} G{what}/s"


def _drawing(roofs: Sequence[Roof], seen: Mapping[int, RooflinePoint], styles: Mapping[str, _Style]) -> Markup:
    """The axes, the roofs with their names, and the marks with their numbers on top."""
    points = seen.values()
    intensities = [point.intensity for point in points] + [roof.operations_per_s / roof.bytes_per_s for roof in roofs]
    rates = [point.attained_per_s for point in points] + [roof.operations_per_s for roof in roofs]
    y = spanning(rates, _HEIGHT - _BOTTOM, _TOP)
    x = spanning(intensities, _GAP + _TICK_DIGIT * max(len(axis_mark(mark / _UNIT)) for mark in y.marks), WIDTH - 4)
    marks = [Box(x.at(point.intensity), y.at(point.attained_per_s), _MARK, _MARK) for point in points]
    slopes, labels = _slopes(roofs, x, y)
    flats, above = _flats(roofs, marks, styles, x, y)
    sizes = [(len(str(each)) * _DIGIT, float(_LINE)) for each in seen]
    area = Box((x.start + x.end) / 2, (y.start + y.end) / 2, x.end - x.start, y.start - y.end)
    numbers = placed_labels(marks, sizes, [*labels, *above], area)
    # The marks come before their numbers, so that none hides another's number; a line leads to a number that is far.
    leads = [
        _LEAD.format(mark.x, mark.y, label.x, label.y)
        for mark, label in zip(marks, numbers, strict=True)
        if _is_far(mark, label)
    ]
    shapes = [_shape(styles[point.arithmetic], mark) for point, mark in zip(points, marks, strict=True)]
    texts = [_LABEL.format(label.x, label.y + 4, each) for each, label in zip(seen, numbers, strict=True)]
    return Markup("").join([*_grid(x, y), *slopes, *flats, *reversed(leads), *shapes, *texts])


def _is_far(mark: Box, label: Box) -> bool:
    return abs(label.x - mark.x) > label.width / 2 + _MARK or abs(label.y - mark.y) > _LINE / 2 + _MARK


def _shape(style: _Style, box: Box) -> Markup:
    half = _MARK / 2
    sides = {"left": box.x - half, "right": box.x + half, "top": box.y - half, "bottom": box.y + half}
    return style.mark.format(x=box.x, y=box.y, half=half, wide=_MARK, **sides)


def _grid(x: Scale, y: Scale) -> Iterator[Markup]:
    """A line with its number at each power of ten; the axes' names above and below."""

    def tick(across: float, down: float, anchor: str, text: str) -> Markup:
        return TICK.format(across, f"{down:.1f}", anchor, text)

    yield tick(0, y.end - _LINE + 2, "start", "GOP/s")
    for mark in y.marks:
        yield _GRID.format(x.start, x.end, y.at(mark), y.at(mark))
        yield tick(x.start - _GAP, y.at(mark) + 4, "end", axis_mark(mark / _UNIT))
    for mark in x.marks:
        yield _GRID.format(x.at(mark), x.at(mark), y.start, y.end)
        yield tick(x.at(mark), y.start + _LINE + 2, "end" if mark == x.high else "middle", axis_mark(mark))
    yield tick((x.start + x.end) / 2, y.start + 2.5 * _LINE, "middle", "operations per byte")


def _slopes(roofs: Sequence[Roof], x: Scale, y: Scale) -> tuple[list[Markup], list[Box]]:
    """Each bandwidth as one line up to its last ridge, its name along it; and the places of the names."""
    drawn, taken, down_by = list[Markup](), list[Box](), -4
    # The steepest first: its name is above its line, where no cell is; the others' are below theirs.
    for level, rate in sorted({(roof.level, roof.bytes_per_s) for roof in roofs}, key=lambda each: -each[1]):
        enters = max(x.low, y.low / rate)  # by the left or by the lower side of the plot
        top = max(roof.operations_per_s for roof in roofs if (roof.level, roof.bytes_per_s) == (level, rate))
        from_x, from_y, to_x, to_y = x.at(enters), y.at(enters * rate), x.at(top / rate), y.at(top)
        angle, text = atan2(to_y - from_y, to_x - from_x), f"{level} {_rate(rate, 'B')}"
        drawn.append(_STROKE.format(from_x, from_y, to_x, to_y, "none"))
        drawn.append(_ALONG.format(from_x, from_y, degrees(angle), down_by, text))
        taken += [
            Box(from_x + along * cos(angle), from_y + along * sin(angle) + down_by, 10, 10)
            for along in range(8, 16 + len(text) * 6, 8)
        ]
        down_by = _LINE
    return drawn, taken


def _flats(
    roofs: Sequence[Roof], marks: Sequence[Box], styles: Mapping[str, _Style], x: Scale, y: Scale
) -> tuple[list[Markup], list[Box]]:
    """Each peak as one line from its first ridge, its name above it next to the marks; and where the names are."""
    drawn, taken = list[Markup](), list[Box]()
    for name, peak in dict.fromkeys((roof.arithmetic, roof.operations_per_s) for roof in roofs):
        rates = [roof.bytes_per_s for roof in roofs if (roof.arithmetic, roof.operations_per_s) == (name, peak)]
        down, text = y.at(peak), f"{name} {_rate(peak, 'OP')}"
        width = len(text) * _LETTER
        most_left = max(1, int(x.end - width - x.at(peak / min(rates))))  # past the last slope
        places = [Box(x.end - width / 2 - left, down - 9, width, _LINE) for left in range(0, most_left, 2)]
        box = min(places, key=lambda place: sum(place.overlap(mark) for mark in marks))
        drawn.append(_STROKE.format(x.at(peak / max(rates)), down, x.end, down, styles[name].dashes))
        drawn.append(_LABEL.format(box.x, down - 5, text))
        taken.append(box)
    return drawn, taken
