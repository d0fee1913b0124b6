"""A comparison on a terminal, as Markdown and as JSON."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import groupby
from textwrap import wrap
from typing import Any

from lab4.analysis.pivot import Compared, Pivot
from lab4.analysis.side_by_side import SideBySide
from lab4.report import comparison_words as words
from lab4.report.columns import aligned, column_widths, rule, total_width
from lab4.report.comparison_words import Detail, ShownPivot, shown_pivots
from lab4.report.markdown import template

_BASE_UNITS = {"time": "s", "rate": "examples/s", "memory": "B", "energy": "J", "share": "", "number": ""}
#: Parts of a value that are aligned to the right: the number, its uncertainty, and the ratio or difference.
_NUMBERS = {0, 1, 3}

_Columns = Sequence[Sequence[str]]


def text(found: SideBySide, width: int = 100) -> str:
    """What differs on top, then a table per figure, in lines of at most ``width`` characters where names allow it."""
    shown = list(shown_pivots(found))
    lines = [line for each in found.differences for line in _wrapped(words.difference(*each), width)]
    for tables in _by_kind(shown):
        for table in tables:
            detail, drawn = _drawn(table, width)
            lines += ["", *_wrapped(words.heading(table, detail), width), *drawn]
        noted = [line for note in words.notes(tables) for line in _wrapped(note, width)]
        lines += ["", *noted] if noted else []
    answered = words.answers(found.answers)
    lines += ["", *(line for each in answered for line in _wrapped(each, width))] if answered else []
    ending = [*(f"not compared: {each}" for each in found.not_compared), words.legend(shown)]
    return "\n".join([*lines, "", *(line for each in ending for line in _wrapped(each, width))]).lstrip("\n")


def _wrapped(line: str, width: int) -> list[str]:
    return wrap(line, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _by_kind(tables: Iterable[ShownPivot]) -> list[list[ShownPivot]]:
    return [list(group) for _, group in groupby(tables, lambda table: table.pivot.kind)]


def _drawn(table: ShownPivot, width: int) -> tuple[Detail, list[str]]:
    """The rows with as much detail as there is room for; without room for the least, in several tables."""
    left = [[axis, *(words.level_text(row, axis) for row in table.rows)] for axis in table.axes]
    for detail in Detail:
        columns = [_column(table, index, detail) for index in table.columns]
        if _width([*left, *columns]) <= width:
            return detail, _joined(left, columns)
    lines: list[str] = []
    columns = [_column(table, index, Detail.SHORT) for index in table.columns]
    while columns:
        fitting = [count for count in range(1, len(columns) + 1) if _width([*left, *columns[:count]]) <= width]
        count = max(fitting, default=1)
        lines += [*([""] if lines else []), *_joined(left, columns[:count])]
        columns = columns[count:]
    return Detail.SHORT, lines


def _column(table: ShownPivot, index: int, detail: Detail) -> list[str]:
    """A column of values under its label, the parts of each below those of the others."""
    parts = zip(*(table.parts(row, index, detail) for row in table.rows), strict=True)
    there = [(number, texts) for number, texts in enumerate(parts) if any(texts)]
    right = {place for place, (number, _) in enumerate(there) if number in _NUMBERS}
    lines = aligned(list(zip(*(texts for _, texts in there), strict=True)), right=right, gap=" ")
    return [table.found.columns[index].label, *lines]


def _width(columns: _Columns) -> int:
    return total_width([max(map(len, column)) for column in columns])


def _joined(left: _Columns, columns: _Columns) -> list[str]:
    """The lines of a table, with a rule under its heading; names that are numbers are aligned to the right."""
    rows = list(zip(*left, *columns, strict=True))
    first, *lines = aligned(rows, right={number for number, column in enumerate(left) if column[1].isdecimal()})
    return [first, rule(column_widths(rows)), *lines]


def as_markdown(found: SideBySide) -> str:
    """The same, for a page; the best of a row is bold."""
    shown = list(shown_pivots(found))
    legend = words.legend(shown, best="bold")
    made = template("comparison.md.j2").render(found=found, kinds=_by_kind(shown), words=words, legend=legend)
    return made.lstrip("\n")


def as_json(found: SideBySide) -> str:
    """Everything, in base units; docs/guide/comparing.md says what each field is."""
    document = {
        "by": found.by,
        "sides": found.sides,
        "reference": found.columns[found.reference].label,
        "columns": [
            {"label": column.label} | {axis: level.value for axis, level in zip(found.by, column.levels, strict=True)}
            for column in found.columns
        ],
        "differences": dict(found.differences),
        "not_compared": found.not_compared,
        "answers": [asdict(each) for each in found.answers],
        "tables": [_plain_pivot(found, pivot) for pivot in found.pivots],
    }
    return json.dumps(document, indent=2, allow_nan=False)


def _plain_pivot(found: SideBySide, pivot: Pivot) -> dict[str, Any]:
    figure, labels = pivot.figure, [column.label for column in found.columns]
    return {
        "kind": pivot.kind,
        "figure": pivot.name,
        "label": figure.label,
        "unit": _BASE_UNITS[figure.quantity],
        "higher_is_better": figure.higher_is_better,
        "compared_by": "ratio" if figure.has_ratio else "difference",
        "spread_of_a_single_run": figure.spread,
        "rows": [
            {axis: level.value for axis, level in row.levels}
            | {"values": dict(zip(labels, map(_plain_value, row.values), strict=True))}
            for row in pivot.rows
        ],
        "left_out": [asdict(each) for each in pivot.left_out],
    }


def _plain_value(value: Compared) -> dict[str, Any]:
    if value.figure is None:
        return {"reason": value.reason}
    return asdict(value.figure) | {
        "runs": value.runs,
        "against_reference": None if value.against is None else asdict(value.against),
        "best_against_this": None if value.behind is None else asdict(value.behind),
        "is_best": value.is_best,
        "is_near_best": value.is_near_best,
    }
