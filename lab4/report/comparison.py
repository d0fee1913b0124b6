"""A comparison on a terminal, as Markdown and as JSON."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from textwrap import wrap
from typing import Any

from lab4.analysis.side_by_side import NOT_IN_RUN, Column, Compared, Pivot, Row, SideBySide
from lab4.analysis.tables import Kind, Quantity
from lab4.report.gate.words import KINDS
from lab4.report.markdown import escape
from lab4.report.units import number, unit

__all__ = ["as_json", "as_markdown", "text"]

#: Differences of each side that are shown, and rows that are named; the JSON has all.
_MOST, _NAMED = 12, 3
_GAP = "  "
_FORMAT, _RUNTIME = "format", "runtime"
_BEST, _NEAR, _ABSENT = "*", "=", "-"
_BASE_UNITS = {"time": "s", "rate": "examples/s", "memory": "B", "energy": "J", "share": "", "number": ""}
#: From here on an uncertainty has no number.
_ENDLESS = 10.0
#: Below it a share has a decimal; it is what rounds to 1%.
_PERCENT = 0.0095


@dataclass(frozen=True, slots=True)
class _Detail:
    """How much of each value is shown."""

    spread: bool = True
    against_spread: bool = True


_FULL, _SHORT = _Detail(), _Detail(against_spread=False)
_DETAILS = (_FULL, _SHORT, _Detail(spread=False, against_spread=False))


def text(found: SideBySide, width: int = 100) -> str:
    """What differs on top, then a table a figure, in at most ``width`` characters a line where the names allow it."""
    lines = [line for each in found.differences for line in _wrapped(_difference(*each), width)]
    for pivots in _by_kind(found):
        for pivot in pivots:
            detail, table = _table(found, pivot, width)
            lines += ["", *_wrapped(_heading(pivot, detail), width), *table]
        if notes := _notes(found, pivots):
            lines += ["", *(line for note in notes for line in _wrapped(note, width))]
    ending = [*(f"not compared: {each}" for each in found.not_compared), _legend(found)]
    return "\n".join([*lines, "", *(line for each in ending for line in _wrapped(each, width))]).lstrip("\n")


def as_markdown(found: SideBySide) -> str:
    """The same, for a page; the best of a row is bold."""
    lines = [f"- {escape(_difference(*each))}" for each in found.differences]
    for pivots in _by_kind(found):
        for pivot in pivots:
            lines += ["", f"### {escape(_heading(pivot))}", "", *_markdown_table(found, pivot)]
        lines += ["", *(f"{escape(note)}\n" for note in _notes(found, pivots))]
    lines += [f"not compared: {escape(each)}\n" for each in found.not_compared]
    return "\n".join([*lines, escape(_legend(found, best="bold"))]).strip("\n") + "\n"


def _markdown_table(found: SideBySide, pivot: Pivot) -> list[str]:
    axes, shown = _axes(pivot), _shown(found, pivot)
    heading = [*axes, *(found.columns[index].label for index in shown)]
    lines = [_markdown_row(map(escape, heading)), _markdown_row(["---"] * len(axes) + ["---:"] * len(shown))]
    for row in _compared_rows(pivot):
        values = (_markdown_value(row, index, found.reference, pivot) for index in shown)
        lines.append(_markdown_row([*(escape(_level(row, axis)) for axis in axes), *values]))
    return lines


def _by_kind(found: SideBySide) -> list[list[Pivot]]:
    return [list(pivots) for _, pivots in groupby(found.pivots, lambda pivot: pivot.kind)]


def as_json(found: SideBySide) -> str:
    """Everything, in base units; docs/comparing.md says what each field is."""
    document = {
        "by": found.by,
        "sides": found.sides,
        "reference": found.columns[found.reference].label,
        "columns": [_plain_column(found, column) for column in found.columns],
        "differences": dict(found.differences),
        "not_compared": found.not_compared,
        "tables": [_plain_pivot(found, pivot) for pivot in found.pivots],
    }
    return json.dumps(document, indent=2, allow_nan=False)


def _plain_column(found: SideBySide, column: Column) -> dict[str, Any]:
    levels = zip(found.by, column.levels, strict=True)
    return {"label": column.label} | {axis: level.value for axis, level in levels}


def _plain_pivot(found: SideBySide, pivot: Pivot) -> dict[str, Any]:
    figure = pivot.figure
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
            | {
                "values": {
                    column.label: _plain_value(value) for column, value in zip(found.columns, row.values, strict=True)
                }
            }
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


def _difference(name: str, differences: Sequence[str]) -> str:
    shown = list(differences[:_MOST])
    if len(differences) > _MOST:
        shown.append(f"and {len(differences) - _MOST} more")
    return f"{name}: {'; '.join(shown) or 'nothing differs in hardware, software and settings'}"


def _heading(pivot: Pivot, detail: _Detail = _FULL) -> str:
    """Kind, figure and unit, which way is better, what an interval is, and what all rows share."""
    words = unit(_kind(pivot))
    better = "higher" if pivot.figure.higher_is_better else "lower"
    values = [value for row in pivot.rows for value in row.values]
    runs = {value.runs for value in values if value.figure is not None and value.figure.low is not None}
    spreads = [pivot.figure.spread] if 1 in runs and pivot.figure.spread else []
    spreads += ["95% interval between runs"] if max(runs, default=0) > 1 else []
    told = [f"{pivot.figure.label}{f' ({words})' if words else ''}, {better} is better"]
    told += [f"±: {' or '.join(spreads)}"] if spreads and detail.spread else []
    shared = _shared(pivot)
    told += [f"all: {', '.join(shared)}"] if shared else []
    return f"{pivot.kind or 'benchmarks'}: {'; '.join(told)}"


def _kind(pivot: Pivot) -> Kind:
    kind = KINDS[pivot.figure.quantity]
    if kind == "percent":
        return "accuracy"  # two decimals: small differences count
    most = max((value.figure.value for row in pivot.rows for value in row.values if value.figure), default=0.0)
    return "seconds" if kind == "milliseconds" and most >= 1 else kind


def _compared_rows(pivot: Pivot) -> list[Row]:
    return [row for row in pivot.rows if row.is_compared]


def _all_axes(pivot: Pivot) -> list[str]:
    """The axes of all rows; a runtime is named with its format where that is one of them."""
    axes = list(dict.fromkeys(axis for row in pivot.rows for axis, _ in row.levels))
    return [axis for axis in axes if axis != _RUNTIME or _FORMAT not in axes]


def _axes(pivot: Pivot) -> list[str]:
    """The axes in which compared rows differ: at least one, so that a row has a name."""
    return _telling(pivot, _compared_rows(pivot)) or _all_axes(pivot)[:1]


def _telling(pivot: Pivot, rows: Sequence[Row]) -> list[str]:
    return [axis for axis in _all_axes(pivot) if len({_level(row, axis) for row in rows}) > 1]


def _shared(pivot: Pivot) -> list[str]:
    """What all compared rows have in common."""
    shown, row = _axes(pivot), _compared_rows(pivot)[0]
    phrases = [_phrase(axis, row) for axis in _all_axes(pivot) if axis not in shown]
    return [phrase for phrase in phrases if phrase]


def _phrase(axis: str, row: Row) -> str:
    """A level by itself, where nothing above it names its axis; empty where it is no news."""
    level = row.level(axis)
    if level is None or level.value == "":
        return ""
    return f"{axis} {_level(row, axis)}" if isinstance(level.value, int) else _level(row, axis)


def _level(row: Row, axis: str) -> str:
    level, runtime = row.level(axis), row.level(_RUNTIME)
    if level is None:
        return ""
    return f"{level.label}, {runtime.label}" if axis == _FORMAT and runtime and runtime.value else level.label


def _shown(found: SideBySide, pivot: Pivot) -> list[int]:
    """The columns with a figure in a compared row, and the reference's where it has one."""
    rows = _compared_rows(pivot)
    return [index for index, _ in enumerate(found.columns) if any(row.values[index].figure is not None for row in rows)]


def _table(found: SideBySide, pivot: Pivot, width: int) -> tuple[_Detail, list[str]]:
    """The rows with as much detail as there is room for; without room for the least, in several tables."""
    shown, rows = _shown(found, pivot), _compared_rows(pivot)
    left = _left(pivot, rows)
    for detail in _DETAILS:
        columns = [_column(found, pivot, rows, index, detail) for index in shown]
        if _width([*left, *columns]) <= width:
            return detail, _joined([*left, *columns])
    lines: list[str] = []
    columns = [_column(found, pivot, rows, index, _SHORT) for index in shown]
    while columns:
        fitting = [count for count in range(1, len(columns) + 1) if _width([*left, *columns[:count]]) <= width]
        count = max(fitting, default=1)
        lines += [*([""] if lines else []), *_joined([*left, *columns[:count]])]
        columns = columns[count:]
    return _SHORT, lines


def _width(columns: Sequence[Sequence[str]]) -> int:
    return sum(len(column[0]) for column in columns) + len(_GAP) * (len(columns) - 1)


def _joined(columns: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table, with a rule under its heading."""
    heading, *rows = (_GAP.join(parts).rstrip() for parts in zip(*columns, strict=True))
    return [heading, _GAP.join("-" * len(column[0]) for column in columns), *rows]


def _left(pivot: Pivot, rows: Sequence[Row]) -> list[list[str]]:
    """The names of the rows, a column an axis, aligned: numbers to the right."""
    columns = []
    for axis in _axes(pivot):
        texts = [axis, *(_level(row, axis) for row in rows)]
        columns.append(_aligned(texts, str.rjust if texts[1].isdecimal() else str.ljust))
    return columns


def _aligned(texts: Sequence[str], side: Callable[[str, int], str]) -> list[str]:
    width = max(map(len, texts))
    return [side(each, width) for each in texts]


def _column(found: SideBySide, pivot: Pivot, rows: Sequence[Row], index: int, detail: _Detail) -> list[str]:
    """A column of values, each in four parts that are aligned: number, uncertainty, mark, and ratio or difference."""
    parts = [_parts(row, index, found.reference, pivot, detail) for row in rows]
    sides = (str.rjust, str.rjust, str.ljust, str.rjust, str.ljust)
    aligned = [
        _aligned(texts, side)
        for texts, side in zip(zip(*parts, strict=True), sides, strict=True)
        if any(text for text in texts)
    ]
    lines = [" ".join(cells).rstrip() for cells in zip(*aligned, strict=True)]
    return _aligned([found.columns[index].label, *lines], str.ljust)


def _parts(row: Row, index: int, reference: int, pivot: Pivot, detail: _Detail) -> tuple[str, str, str, str, str]:
    value = row.values[index]
    if value.figure is None:
        return _ABSENT, "", "", "", ""
    against, spread = _against(value, pivot) if index != reference else ("", "")
    return (
        number(value.figure.value, _kind(pivot)),
        _uncertainty(value.figure, pivot) if detail.spread else "",
        _mark(row, value),
        against,
        spread if detail.against_spread else "",
    )


def _mark(row: Row, value: Compared) -> str:
    """What is best; nothing where all are equally good."""
    if all(each.is_best for each in row.values if each.figure is not None):
        return ""
    return _BEST if value.is_best else _NEAR if value.is_near_best else ""


def _uncertainty(figure: Quantity, pivot: Pivot) -> str:
    """The further end of the interval: in percent of the figure, or in the figure's own unit."""
    if figure.low is None or figure.high is None:
        return ""
    further = max(figure.high - figure.value, figure.value - figure.low)
    if not pivot.figure.has_ratio:
        return f"±{number(further, _kind(pivot))}"
    if further >= _ENDLESS * figure.value:
        return f"±>{_ENDLESS:.0%}"
    share = further / figure.value
    return f"±{share:.1%}" if share < _PERCENT else f"±{share:.0%}"


def _against(value: Compared, pivot: Pivot) -> tuple[str, str]:
    """How many times as good as the reference, or how much better, and its interval."""
    found = value.against
    if found is None:
        return "", ""
    written = _times if pivot.figure.has_ratio else lambda each: _signed(each, pivot)
    whole = f"{written(found.value)}x" if pivot.figure.has_ratio else written(found.value)
    if found.low is None or found.high is None:
        return whole, ""
    return whole, f"({written(found.low)} to {written(found.high)})"


def _times(value: float) -> str:
    return number(value, "ratio")


def _signed(value: float, pivot: Pivot) -> str:
    shown = number(value, "points" if pivot.figure.quantity == "share" else _kind(pivot))
    return shown if shown.startswith(("+", "-")) or not value else f"+{shown}"


def _markdown_row(cells: Any) -> str:  # noqa: ANN401  # any iterable of texts
    return f"| {' | '.join(cells)} |"


def _markdown_value(row: Row, index: int, reference: int, pivot: Pivot) -> str:
    value, uncertainty, mark, *against = _parts(row, index, reference, pivot, _FULL)
    figure = escape(" ".join(filter(None, (value, uncertainty))))
    shown = f"**{figure}**" if mark == _BEST else f"{figure} {mark}".rstrip()
    return " ".join([shown, *(escape(each) for each in against if each)])


def _notes(found: SideBySide, pivots: Sequence[Pivot]) -> list[str]:
    """What has no figure and why, what stands in one column only, and what is in no row: each once, of one kind."""
    return list(dict.fromkeys(note for pivot in pivots for note in _own_notes(found, pivot)))


def _own_notes(found: SideBySide, pivot: Pivot) -> list[str]:
    absent: dict[tuple[str, str], int] = {}
    shown = {found.columns[index].label for index in _shown(found, pivot)}
    for row in _compared_rows(pivot):
        for column, value in zip(found.columns, row.values, strict=True):
            if value.figure is None and (column.label in shown or value.reason != NOT_IN_RUN):
                absent[column.label, value.reason] = absent.get((column.label, value.reason), 0) + 1
    notes = [f"not measured in {name}, {_rows(count)}: {reason}" for (name, reason), count in absent.items()]
    alone: dict[str, list[Row]] = {}
    for row in pivot.rows:
        if not row.is_compared:
            alone.setdefault(_only(found, row), []).append(row)
    axes = _telling(pivot, pivot.rows)
    for why, rows in alone.items():
        named = "; ".join(_named(row, axes or _all_axes(pivot)) for row in rows[:_NAMED])
        more = f"; and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
        notes.append(f"not compared: {_rows(len(rows))} {why}: {named}{more}")
    return notes + [f"left out, {each.cells} cells: {each.reason}" for each in pivot.left_out]


def _named(row: Row, axes: Sequence[str]) -> str:
    return ", ".join(filter(None, (_phrase(axis, row) for axis in axes)))


def _rows(count: int) -> str:
    return f"{count} row{'s' if count > 1 else ''}"


def _only(found: SideBySide, row: Row) -> str:
    """Where a row's only figure is, and why the other columns have none, where they say more than that."""
    pairs = list(zip(found.columns, row.values, strict=True))
    has = next(column.label for column, value in pairs if value.figure is not None)
    reasons = dict.fromkeys(value.reason for _, value in pairs if value.figure is None)
    return f"in {has} only (elsewhere {'; '.join(reasons)})"


def _legend(found: SideBySide, best: str = _BEST) -> str:
    rows = [(pivot, row) for pivot in found.pivots for row in _compared_rows(pivot)]
    marks = {_mark(row, value) for _, row in rows for value in row.values}
    reference = found.columns[found.reference].label
    notes = [f"{best}: best of its row"] if _BEST in marks else []
    notes += [f"{_NEAR}: not distinguished from the best by the intervals"] if _NEAR in marks else []
    if any(pivot.figure.has_ratio for pivot, _ in rows):
        notes.append(f"x: times as good as {reference}")
    if not all(pivot.figure.has_ratio for pivot, _ in rows):
        notes.append(f"+ and -: better and worse than {reference}")
    if any(value.against and value.against.low is not None for _, row in rows for value in row.values):
        notes.append("in brackets, where there is room: what the intervals of both allow (all are in --json)")
    return "; ".join(notes)


def _wrapped(line: str, width: int) -> list[str]:
    return wrap(line, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
