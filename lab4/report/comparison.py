"""A comparison on a terminal, as Markdown and as JSON."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import groupby
from textwrap import wrap
from typing import Any

from lab4.analysis.by_kind import ByKind
from lab4.analysis.pivot import Compared, Pivot
from lab4.analysis.side_by_side import SideBySide
from lab4.report import comparison_words as words
from lab4.report.columns import aligned, column_widths, fitted, rule, total_width
from lab4.report.comparison_words import Detail, ShownPivot, shown_pivots
from lab4.report.kind_words import ShownKinds, kind_lines, shown_kinds
from lab4.report.markdown import template

_BASE_UNITS = {"time": "s", "rate": "examples/s", "memory": "B", "energy": "J", "share": "", "number": ""}
#: Parts of a value that are aligned to the right: the number, its uncertainty, and the ratio or difference.
_NUMBERS = {0, 1, 3}

_Columns = Sequence[Sequence[str]]


def text(found: SideBySide, width: int = 100) -> str:
    """What differs on top, then a table per figure, in lines of at most ``width`` characters where names allow it."""
    shown = list(shown_pivots(found))
    lines = [line for each in words.differences(found.differences) for line in _wrapped(each, width)]
    lines += [] if found.kinds is None else _kinds(found.kinds, width)
    for tables in _by_kind(shown):
        for table in tables:
            detail, drawn = _drawn(table, width)
            lines += ["", *_wrapped(words.heading(table, detail), width), *drawn]
        noted = [line for note in words.notes(tables) for line in _wrapped(note, width)]
        lines += ["", *noted] if noted else []
    lines += _answers(found, width)
    ending = [*(f"not compared: {each}" for each in found.not_compared), words.legend(shown)]
    return "\n".join([*lines, "", *(line for each in ending for line in _wrapped(each, width))]).lstrip("\n")


def _answers(found: SideBySide, width: int) -> list[str]:
    """Whether files computed the same: sentences of two places, and a table of more."""
    table = words.answer_table(found.answers)
    if table is None:
        lines = [line for each in words.answers(found.answers) for line in _wrapped(each, width)]
        return ["", *lines] if lines else []
    lines = ["", *_wrapped(table.heading, width)]
    if table.rows:
        artifact, *places = ([heading, *texts] for heading, *texts in zip(table.headings, *table.rows, strict=True))
        lines += _split([artifact], places, width)
    return [*lines, *(line for note in table.notes for line in _wrapped(note, width))]


def _kinds(found: ByKind, width: int) -> list[str]:
    """Kinds of machines: which they are, and a table of each figure."""
    lines = ["", *(line for each in kind_lines(found) for line in _wrapped(each, width))]
    for layouts in zip(*(shown_kinds(found, detail) for detail in Detail), strict=True):
        drawn = [(table, _kind_table(table)) for table in layouts]
        # The last has the least detail.
        table, own = next((each for each in drawn if max(map(len, each[1])) <= width), drawn[-1])
        lines += ["", *_wrapped(table.heading, width), *own, *_wrapped(table.summary, width)]
    return lines


def _kind_table(table: ShownKinds) -> list[str]:
    columns = [list(column) for column in zip((*table.axes, *table.headings), *table.rows, strict=True)]
    return _joined(columns[: len(table.axes)], columns[len(table.axes) :])


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
    return Detail.SHORT, _split(left, [_column(table, index, Detail.SHORT) for index in table.columns], width)


def _split(left: _Columns, columns: _Columns, width: int) -> list[str]:
    """A table, or several below each other where it is too wide for one; where a single column is, its texts wrap."""
    if max(_width([*left, column]) for column in columns) > width:
        return fitted(list(zip(*left, *columns, strict=True)), width, right=_numbers(left), keys=len(left), ruled=True)
    lines: list[str] = []
    while columns:
        fitting = [count for count in range(1, len(columns) + 1) if _width([*left, *columns[:count]]) <= width]
        count = max(fitting, default=1)
        lines += [*([""] if lines else []), *_joined(left, columns[:count])]
        columns = columns[count:]
    return lines


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
    first, *lines = aligned(rows, right=_numbers(left))
    return [first, rule(column_widths(rows)), *lines]


def _numbers(left: _Columns) -> set[int]:
    """Which columns have names that are numbers."""
    return {number for number, column in enumerate(left) if column[1].isdecimal()}


def as_markdown(found: SideBySide) -> str:
    """The same, for a page; the best of a row is bold."""
    shown = list(shown_pivots(found))
    legend = words.legend(shown, best="bold")
    of_kinds = [] if found.kinds is None else shown_kinds(found.kinds)
    made = template("comparison.md.j2").render(
        found=found,
        kinds=_by_kind(shown),
        words=words,
        legend=legend,
        kind_lines=[] if found.kinds is None else kind_lines(found.kinds),
        kind_tables=of_kinds,
    )
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
        "kinds": None if found.kinds is None else _plain_kinds(found.kinds),
        "tables": [_plain_pivot(found, pivot) for pivot in found.pivots],
    }
    return json.dumps(document, indent=2, allow_nan=False)


def _plain_kinds(found: ByKind) -> dict[str, Any]:
    return {
        "kinds": [asdict(each) for each in found.columns],
        "unusual": [asdict(each) for each in found.unusual],
        "tables": [
            {
                "kind": table.kind,
                "figure": table.name,
                "rows": [
                    {axis: level.value for axis, level in row.levels}
                    | {name: value for name, value in asdict(row).items() if name != "levels"}
                    for row in table.rows
                ],
            }
            for table in found.tables
        ],
    }


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
