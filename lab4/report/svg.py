"""Charts as inline SVG, readable on a phone and without colour: what all of them need, and bar charts."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import Markup

from lab4.analysis.document import Bar, BarChart
from lab4.analysis.tables import Kind, Quantity
from lab4.report.units import axis_mark, figure, scaled, unit

__all__ = ["FIGURE", "TICK", "WIDTH", "Scale", "bar_chart", "spanning"]

WIDTH = 400
_TOP, _ROW, _TEXT, _BAR, _AXIS = 6, 34, 14, 10, 22

#: A whole chart: ``label`` is what a screen reader says, ``further`` follows the name of the axis.
FIGURE = Markup(
    '<figure class="{classes}"><figcaption>{title}</figcaption>'
    '<svg viewBox="0 0 {width} {height}" role="img" aria-label="{label}">'
    "<title>{title}</title><desc>{described}</desc>{drawn}</svg>"
    '<p class="axis">{axis}</p>{further}</figure>'
)
TICK = Markup('<text class="tick" x="{:.1f}" y="{}" text-anchor="{}">{}</text>')
_LINE = Markup('<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{y}"/>')
#: A bar under its name and its figures.
_NAMED_BAR = Markup(
    '<text x="0" y="{text}">{name}</text><text x="{width}" y="{text}" text-anchor="end">{shown}</text>'
    '<rect x="0" y="{bar}" width="{length:.1f}" height="{thick}" class="{kind}"/>'
)


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


def spanning(values: Sequence[float], start: float, end: float, least: int = 2) -> Scale:
    """Whole decades around the values, so many at ``least``, drawn from ``start`` to ``end``."""
    low, high = floor(log10(min(values, default=1))), ceil(log10(max(values, default=1)))
    return Scale(10.0**low, 10.0 ** max(high, low + least), start, end)


def bar_chart(chart: BarChart) -> Markup:
    """Horizontal bars from 0, or from the power of ten below the least on a logarithmic axis.

    Where no bar is strong, all are drawn alike.
    """
    lengths = [scaled(bar.quantity.value, chart.kind) for bar in chart.bars]
    positive = [length for length in lengths if length > 0] or [1.0]
    scale = Scale(0.0, max(positive), 0, WIDTH, logarithmic=False)
    if chart.logarithmic:
        scale = spanning(positive, 0, WIDTH, least=1)
    height = _TOP + _ROW * len(chart.bars) + _AXIS
    shown = [_shown(bar, chart.kind) for bar in chart.bars]
    described = "; ".join(f"{bar.name}: {text}" for bar, text in zip(chart.bars, shown, strict=True))
    drawn = [_ticks(scale, height)]
    some_stand_out = any(bar.strong for bar in chart.bars)
    for row, (bar, text, length) in enumerate(zip(chart.bars, shown, lengths, strict=True)):
        below, kind = _TOP + _ROW * row + _TEXT, "strong" if bar.strong or not some_stand_out else "weak"
        places = {"text": below - 2, "bar": below + 3, "length": scale.at(max(length, scale.low))}
        drawn.append(_NAMED_BAR.format(**places, width=WIDTH, name=bar.name, shown=text, thick=_BAR, kind=kind))
    return FIGURE.format(
        classes="chart",
        title=chart.title,
        label=f"{chart.title}. {described}",
        width=WIDTH,
        height=height,
        described=described,
        drawn=Markup("").join(drawn),
        axis=_axis(chart),
        further="",
    )


def _shown(bar: Bar, kind: Kind) -> str:
    """The bar's figures as people read them."""
    return ", ".join(figure(Quantity(each.value), of) for each, of in ((bar.quantity, kind), *bar.further))


def _axis(chart: BarChart) -> str:
    name = f"The axis is in {unit(chart.kind)}" if unit(chart.kind) else "The axis starts at 0"
    return f"{chart.note} {name}{'; each line is ten times the one before' if chart.logarithmic else ''}."


def _ticks(scale: Scale, height: int) -> Markup:
    """A line with its number at each mark."""
    first, *others, last = scale.marks
    anchors = {first: "start", **dict.fromkeys(others, "middle"), last: "end"}
    return Markup("").join(
        _LINE.format(x=scale.at(mark), y=height - _AXIS)
        + TICK.format(scale.at(mark), height - 6, anchor, axis_mark(mark))
        for mark, anchor in anchors.items()
    )
