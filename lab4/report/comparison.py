"""A comparison on a terminal and as Markdown."""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from textwrap import wrap

from lab4.analysis.pivot import Pivot, PivotRow
from lab4.analysis.side_by_side import SideBySide
from lab4.report.comparison_words import (
    BEST,
    DETAILS,
    FULL,
    SHORT,
    Detail,
    axes_of,
    compared_rows,
    difference,
    heading,
    legend,
    level_text,
    notes,
    shown_columns,
    value_parts,
)
from lab4.report.markdown import escape

__all__ = ["as_markdown", "text"]

_GAP = "  "


def text(found: SideBySide, width: int = 100) -> str:
    """What differs on top, then a table per figure, in lines of at most ``width`` characters where names allow it."""
    lines = [line for each in found.differences for line in _wrapped(difference(*each), width)]
    for pivots in _by_kind(found):
        for pivot in pivots:
            detail, table = _table(found, pivot, width)
            lines += ["", *_wrapped(heading(pivot, detail), width), *table]
        noted = [line for note in notes(found, pivots) for line in _wrapped(note, width)]
        lines += ["", *noted] if noted else []
    ending = [*(f"not compared: {each}" for each in found.not_compared), legend(found)]
    return "\n".join([*lines, "", *(line for each in ending for line in _wrapped(each, width))]).lstrip("\n")


def as_markdown(found: SideBySide) -> str:
    """The same, for a page; the best of a row is bold."""
    lines = [f"- {escape(difference(*each))}" for each in found.differences]
    for pivots in _by_kind(found):
        for pivot in pivots:
            lines += ["", f"### {escape(heading(pivot))}", "", *_markdown_table(found, pivot)]
        lines += ["", *(f"{escape(note)}\n" for note in notes(found, pivots))]
    lines += [f"not compared: {escape(each)}\n" for each in found.not_compared]
    return "\n".join([*lines, escape(legend(found, best="bold"))]).strip("\n") + "\n"


def _markdown_table(found: SideBySide, pivot: Pivot) -> list[str]:
    axes, shown = axes_of(pivot), shown_columns(found, pivot)
    heading = [*axes, *(found.columns[index].label for index in shown)]
    lines = [_markdown_row(map(escape, heading)), _markdown_row(["---"] * len(axes) + ["---:"] * len(shown))]
    for row in compared_rows(pivot):
        values = (_markdown_value(row, index, found.reference, pivot) for index in shown)
        lines.append(_markdown_row([*(escape(level_text(row, axis)) for axis in axes), *values]))
    return lines


def _by_kind(found: SideBySide) -> list[list[Pivot]]:
    return [list(pivots) for _, pivots in groupby(found.pivots, lambda pivot: pivot.kind)]


def _table(found: SideBySide, pivot: Pivot, width: int) -> tuple[Detail, list[str]]:
    """The rows with as much detail as there is room for; without room for the least, in several tables."""
    shown, rows = shown_columns(found, pivot), compared_rows(pivot)
    left = _left(pivot, rows)
    for detail in DETAILS:
        columns = [_column(found, pivot, rows, index, detail) for index in shown]
        if _width([*left, *columns]) <= width:
            return detail, _joined([*left, *columns])
    lines: list[str] = []
    columns = [_column(found, pivot, rows, index, SHORT) for index in shown]
    while columns:
        fitting = [count for count in range(1, len(columns) + 1) if _width([*left, *columns[:count]]) <= width]
        count = max(fitting, default=1)
        lines += [*([""] if lines else []), *_joined([*left, *columns[:count]])]
        columns = columns[count:]
    return SHORT, lines


def _width(columns: Sequence[Sequence[str]]) -> int:
    return sum(len(column[0]) for column in columns) + len(_GAP) * (len(columns) - 1)


def _joined(columns: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table, with a rule under its heading."""
    heading, *rows = (_GAP.join(parts).rstrip() for parts in zip(*columns, strict=True))
    return [heading, _GAP.join("-" * len(column[0]) for column in columns), *rows]


def _left(pivot: Pivot, rows: Sequence[PivotRow]) -> list[list[str]]:
    """The names of the rows, one column per axis, aligned: numbers to the right."""
    columns = []
    for axis in axes_of(pivot):
        texts = [axis, *(level_text(row, axis) for row in rows)]
        columns.append(_aligned(texts, str.rjust if texts[1].isdecimal() else str.ljust))
    return columns


def _aligned(texts: Sequence[str], side: Callable[[str, int], str]) -> list[str]:
    width = max(map(len, texts))
    return [side(each, width) for each in texts]


def _column(found: SideBySide, pivot: Pivot, rows: Sequence[PivotRow], index: int, detail: Detail) -> list[str]:
    """A column of values, each in four parts that are aligned: number, uncertainty, mark, and ratio or difference."""
    parts = [value_parts(row, index, found.reference, pivot, detail) for row in rows]
    sides = (str.rjust, str.rjust, str.ljust, str.rjust, str.ljust)
    aligned = [
        _aligned(texts, side)
        for texts, side in zip(zip(*parts, strict=True), sides, strict=True)
        if any(text for text in texts)
    ]
    lines = [" ".join(cells).rstrip() for cells in zip(*aligned, strict=True)]
    return _aligned([found.columns[index].label, *lines], str.ljust)


def _markdown_row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _markdown_value(row: PivotRow, index: int, reference: int, pivot: Pivot) -> str:
    value, uncertainty, mark, *against = value_parts(row, index, reference, pivot, FULL)
    figure = escape(" ".join(filter(None, (value, uncertainty))))
    shown = f"**{figure}**" if mark == BEST else f"{figure} {mark}".rstrip()
    return " ".join([shown, *(escape(each) for each in against if each)])


def _wrapped(line: str, width: int) -> list[str]:
    return wrap(line, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
