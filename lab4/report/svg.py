"""Bar charts as inline SVG: one bar under its name, readable on a phone and without colour."""

from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import Markup

from lab4.report.units import axis_mark

__all__ = ["Bar", "bar_chart"]

_WIDTH = 400
_TOP = 6
_ROW = 34
_TEXT = 14
_BAR = 10
_AXIS = 22


@dataclass(frozen=True, slots=True)
class Bar:
    """A name, a length in the unit of the axis, the figure as people read it, and whether it stands out."""

    name: str
    length: float
    shown: str
    strong: bool = True


def bar_chart(title: str, axis: str, bars: tuple[Bar, ...], *, logarithmic: bool = False) -> Markup:
    """Horizontal bars from ``length`` 0, or from the power of ten below the least on a logarithmic axis."""
    start, end = _ends(bars, logarithmic=logarithmic)
    height = _TOP + _ROW * len(bars) + _AXIS
    described = "; ".join(f"{bar.name}: {bar.shown}" for bar in bars)
    drawn = [_ticks(start, end, height, logarithmic=logarithmic)]
    for number, bar in enumerate(bars):
        drawn.append(_bar(bar, _TOP + _ROW * number, _share(bar.length, start, end, logarithmic=logarithmic)))
    return Markup(
        '<figure class="chart"><figcaption>{title}</figcaption>'
        '<svg viewBox="0 0 {width} {height}" role="img" aria-label="{title}. {described}">'
        "<title>{title}</title><desc>{described}</desc>{drawn}</svg>"
        '<p class="axis">{axis}</p></figure>'
    ).format(title=title, axis=axis, width=_WIDTH, height=height, described=described, drawn=Markup("").join(drawn))


def _ends(bars: tuple[Bar, ...], *, logarithmic: bool) -> tuple[float, float]:
    lengths = [bar.length for bar in bars if bar.length > 0] or [1.0]
    if not logarithmic:
        return 0.0, max(lengths)
    low = floor(log10(min(lengths)))
    return 10.0**low, 10.0 ** max(ceil(log10(max(lengths))), low + 1)


def _share(length: float, start: float, end: float, *, logarithmic: bool) -> float:
    """How much of the width a length takes, 0 to 1."""
    if length <= start:
        return 0.0
    return log10(length / start) / log10(end / start) if logarithmic else (length - start) / (end - start)


def _bar(bar: Bar, top: int, share: float) -> Markup:
    return Markup(
        '<text x="0" y="{text}">{name}</text><text x="{width}" y="{text}" text-anchor="end">{shown}</text>'
        '<rect x="0" y="{bar}" width="{length:.1f}" height="{thick}" class="{kind}"/>'
    ).format(
        text=top + _TEXT - 2,
        bar=top + _TEXT + 3,
        width=_WIDTH,
        name=bar.name,
        shown=bar.shown,
        length=share * _WIDTH,
        thick=_BAR,
        kind="strong" if bar.strong else "weak",
    )


def _ticks(start: float, end: float, height: int, *, logarithmic: bool) -> Markup:
    """A line with its number at each power of ten, or at both ends and the middle."""
    if logarithmic:
        first = round(log10(start))
        marks = [10.0**power for power in range(first, round(log10(end)) + 1)]
    else:
        marks = [start, (start + end) / 2, end]
    drawn = []
    for number, mark in enumerate(marks):
        x = _share(mark, start, end, logarithmic=logarithmic) * _WIDTH
        anchor = "start" if number == 0 else "end" if number == len(marks) - 1 else "middle"
        line = '<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{y}"/>'
        label = '<text class="tick" x="{x:.1f}" y="{below}" text-anchor="{anchor}">{mark}</text>'
        drawn.append(
            Markup(line + label).format(  # noqa: S704  # both are constants; format escapes what is put in
                x=x, y=height - _AXIS, below=height - 6, anchor=anchor, mark=axis_mark(mark)
            )
        )
    return Markup("").join(drawn)
