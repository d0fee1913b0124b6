"""Two logarithmic axes: the place of a value, and the lines and numbers behind a plot."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import Markup

from lab4.report.units import axis_mark

__all__ = ["LogScale", "grid", "room", "spanning"]

_LINE = 12
#: Of a number next to an axis: how far it is from the axis, and how wide a digit is.
_GAP, _DIGIT = 4, 6.8


@dataclass(frozen=True, slots=True)
class LogScale:
    """A logarithmic axis from ``low`` to ``high``, both powers of ten, drawn from ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The place of ``value``, which is positive, in the drawing."""
        return self.start + (self.end - self.start) * log10(value / self.low) / log10(self.high / self.low)

    @property
    def decades(self) -> list[float]:
        """The powers of ten from end to end."""
        return [10.0**power for power in range(round(log10(self.low)), round(log10(self.high)) + 1)]


def spanning(values: Sequence[float], start: float, end: float) -> LogScale:
    """Whole decades around the values, two at least, drawn from ``start`` to ``end``."""
    low, high = floor(log10(min(values, default=1))), ceil(log10(max(values, default=1)))
    return LogScale(10.0**low, 10.0 ** max(high, low + 2), start, end)


def room(y: LogScale, unit: float) -> float:
    """The room that the numbers at the left of this axis need."""
    return _GAP + _DIGIT * max(len(axis_mark(mark / unit)) for mark in y.decades)


def grid(x: LogScale, y: LogScale, below: str, above: str, unit: float) -> Markup:
    """A line with its number at each power of ten, those of ``y`` in ``unit``; the axes' names below and above."""
    line = Markup('<line x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>')
    tick = Markup('<text class="tick" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>')
    drawn = [tick.format(0, y.end - _LINE + 2, "start", above)]
    for mark in y.decades:
        drawn.append(line.format(x.start, x.end, y.at(mark), y.at(mark)))
        drawn.append(tick.format(x.start - _GAP, y.at(mark) + 4, "end", axis_mark(mark / unit)))
    for mark in x.decades:
        drawn.append(line.format(x.at(mark), x.at(mark), y.start, y.end))
        anchor = "end" if mark == x.high else "middle"
        drawn.append(tick.format(x.at(mark), y.start + _LINE + 2, anchor, axis_mark(mark)))
    drawn.append(tick.format((x.start + x.end) / 2, y.start + 2.5 * _LINE, "middle", below))
    return Markup("").join(drawn)
