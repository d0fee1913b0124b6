"""Bar charts as inline SVG: one bar under its name, readable on a phone and without colour."""

from collections.abc import Sequence
from math import ceil, floor, log10

from markupsafe import Markup

from lab4.analysis.document import Bar, BarChart
from lab4.analysis.tables import Kind, Quantity
from lab4.report.units import axis_mark, figure, scaled, unit

__all__ = ["bar_chart"]

_WIDTH = 400
_TOP = 6
_ROW = 34
_TEXT = 14
_BAR = 10
_AXIS = 22


def bar_chart(chart: BarChart) -> Markup:
    """Horizontal bars from 0, or from the power of ten below the least on a logarithmic axis.

    Where no bar is strong, all are drawn alike.
    """
    lengths = [scaled(bar.quantity.value, chart.kind) for bar in chart.bars]
    start, end = _ends(lengths, logarithmic=chart.logarithmic)
    height = _TOP + _ROW * len(chart.bars) + _AXIS
    shown = [_shown(bar, chart.kind) for bar in chart.bars]
    described = "; ".join(f"{bar.name}: {text}" for bar, text in zip(chart.bars, shown, strict=True))
    title, axis = chart.title, _axis(chart)
    drawn = [_ticks(start, end, height, logarithmic=chart.logarithmic)]
    some_stand_out = any(bar.strong for bar in chart.bars)
    for row, (bar, text, length) in enumerate(zip(chart.bars, shown, lengths, strict=True)):
        share = _share(length, start, end, logarithmic=chart.logarithmic)
        style = "strong" if bar.strong or not some_stand_out else "weak"
        drawn.append(_bar(bar.name, text, style, _TOP + _ROW * row, share))
    return Markup(
        '<figure class="chart"><figcaption>{title}</figcaption>'
        '<svg viewBox="0 0 {width} {height}" role="img" aria-label="{title}. {described}">'
        "<title>{title}</title><desc>{described}</desc>{drawn}</svg>"
        '<p class="axis">{axis}</p></figure>'
    ).format(title=title, axis=axis, width=_WIDTH, height=height, described=described, drawn=Markup("").join(drawn))


def _shown(bar: Bar, kind: Kind) -> str:
    """The bar's figures as people read them."""
    figures = ((bar.quantity, kind), *bar.further)
    return ", ".join(figure(Quantity(each.value), of) for each, of in figures)


def _axis(chart: BarChart) -> str:
    name = f"The axis is in {unit(chart.kind)}" if unit(chart.kind) else "The axis starts at 0"
    return f"{chart.note} {name}{'; each line is ten times the one before' if chart.logarithmic else ''}."


def _ends(lengths: Sequence[float], *, logarithmic: bool) -> tuple[float, float]:
    lengths = [length for length in lengths if length > 0] or [1.0]
    if not logarithmic:
        return 0.0, max(lengths)
    low = floor(log10(min(lengths)))
    return 10.0**low, 10.0 ** max(ceil(log10(max(lengths))), low + 1)


def _share(length: float, start: float, end: float, *, logarithmic: bool) -> float:
    """How much of the width a length takes, 0 to 1."""
    if length <= start:
        return 0.0
    return log10(length / start) / log10(end / start) if logarithmic else (length - start) / (end - start)


def _bar(name: str, shown: str, style: str, top: int, share: float) -> Markup:
    return Markup(
        '<text x="0" y="{text}">{name}</text><text x="{width}" y="{text}" text-anchor="end">{shown}</text>'
        '<rect x="0" y="{bar}" width="{length:.1f}" height="{thick}" class="{kind}"/>'
    ).format(
        text=top + _TEXT - 2,
        bar=top + _TEXT + 3,
        width=_WIDTH,
        name=name,
        shown=shown,
        length=share * _WIDTH,
        thick=_BAR,
        kind=style,
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
