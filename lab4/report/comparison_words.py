"""The words and numbers of a comparison: headings, values, marks and notes, the same in every layout."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab4.analysis.pivot import NOT_IN_RUN, Compared, Pivot, PivotRow
from lab4.analysis.side_by_side import SideBySide
from lab4.analysis.tables import Kind, Quantity
from lab4.report.gate.words import KINDS
from lab4.report.units import number, unit

__all__ = [
    "BEST",
    "DETAILS",
    "FULL",
    "SHORT",
    "Detail",
    "axes_of",
    "compared_rows",
    "difference",
    "heading",
    "legend",
    "level_text",
    "notes",
    "shown_columns",
    "value_parts",
]

#: Differences of each side that are shown, and rows that are named; the JSON has all.
_MOST, _NAMED = 12, 3
_FORMAT, _RUNTIME = "format", "runtime"
BEST, _NEAR, _ABSENT = "*", "=", "-"
#: From here on an uncertainty has no number.
_ENDLESS = 10.0
#: Below it a share has a decimal; it is what rounds to 1%.
_PERCENT = 0.0095


@dataclass(frozen=True, slots=True)
class Detail:
    """How much of each value is shown."""

    spread: bool = True
    against_spread: bool = True


FULL, SHORT = Detail(), Detail(against_spread=False)
DETAILS = (FULL, SHORT, Detail(spread=False, against_spread=False))


def difference(name: str, differences: Sequence[str]) -> str:
    """What differs in one side, as one line."""
    shown = list(differences[:_MOST])
    if len(differences) > _MOST:
        shown.append(f"and {len(differences) - _MOST} more")
    return f"{name}: {'; '.join(shown) or 'nothing differs in hardware, software and settings'}"


def heading(pivot: Pivot, detail: Detail = FULL) -> str:
    """Kind, figure and unit, which way is better, what an interval is, and what all rows share."""
    words = unit(_kind(pivot))
    better = "higher" if pivot.figure.higher_is_better else "lower"
    values = [value for row in pivot.rows for value in row.values]
    runs = {value.runs for value in values if value.figure is not None and value.figure.low is not None}
    spreads = [pivot.figure.spread] if 1 in runs and pivot.figure.spread else []
    spreads += ["95% interval between runs"] if max(runs, default=0) > 1 else []
    facts = [f"{pivot.figure.label}{f' ({words})' if words else ''}, {better} is better"]
    facts += [f"±: {' or '.join(spreads)}"] if spreads and detail.spread else []
    shared = _shared(pivot)
    facts += [f"all: {', '.join(shared)}"] if shared else []
    return f"{pivot.kind or 'benchmarks'}: {'; '.join(facts)}"


def _kind(pivot: Pivot) -> Kind:
    kind = KINDS[pivot.figure.quantity]
    if kind == "percent":
        return "share"  # two decimals: small differences count
    most = max((value.figure.value for row in pivot.rows for value in row.values if value.figure), default=0.0)
    return "seconds" if kind == "milliseconds" and most >= 1 else kind


def compared_rows(pivot: Pivot) -> list[PivotRow]:
    """The rows of the table; those with one figure are notes."""
    return [row for row in pivot.rows if row.is_compared]


def _all_axes(pivot: Pivot) -> list[str]:
    """The axes of all rows; a runtime is named with its format where that is one of them."""
    axes = list(dict.fromkeys(axis for row in pivot.rows for axis, _ in row.levels))
    return [axis for axis in axes if axis != _RUNTIME or _FORMAT not in axes]


def axes_of(pivot: Pivot) -> list[str]:
    """The axes in which compared rows differ: at least one, so that a row has a name."""
    return _distinguishing(pivot, compared_rows(pivot)) or _all_axes(pivot)[:1]


def _distinguishing(pivot: Pivot, rows: Sequence[PivotRow]) -> list[str]:
    return [axis for axis in _all_axes(pivot) if len({level_text(row, axis) for row in rows}) > 1]


def _shared(pivot: Pivot) -> list[str]:
    """What all compared rows have in common."""
    shown, row = axes_of(pivot), compared_rows(pivot)[0]
    phrases = [_phrase(axis, row) for axis in _all_axes(pivot) if axis not in shown]
    return [phrase for phrase in phrases if phrase]


def _phrase(axis: str, row: PivotRow) -> str:
    """A level by itself, where nothing above it names its axis; empty where it is no news."""
    level = row.level(axis)
    if level is None or level.value == "":
        return ""
    return f"{axis} {level_text(row, axis)}" if isinstance(level.value, int) else level_text(row, axis)


def level_text(row: PivotRow, axis: str) -> str:
    """The label of a row's level; a format with its runtime, where that is not the usual one."""
    level, runtime = row.level(axis), row.level(_RUNTIME)
    if level is None:
        return ""
    return f"{level.label}, {runtime.label}" if axis == _FORMAT and runtime and runtime.value else level.label


def shown_columns(found: SideBySide, pivot: Pivot) -> list[int]:
    """The columns with a figure in a compared row, and the reference's where it has one."""
    rows = compared_rows(pivot)
    return [index for index, _ in enumerate(found.columns) if any(row.values[index].figure is not None for row in rows)]


def value_parts(
    row: PivotRow, index: int, reference: int, pivot: Pivot, detail: Detail
) -> tuple[str, str, str, str, str]:
    """A value in its parts: number, uncertainty, mark, ratio or difference, and the interval of that."""
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


def _mark(row: PivotRow, value: Compared) -> str:
    """What is best; nothing where all are equally good."""
    if all(each.is_best for each in row.values if each.figure is not None):
        return ""
    return BEST if value.is_best else _NEAR if value.is_near_best else ""


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


def notes(found: SideBySide, pivots: Sequence[Pivot]) -> list[str]:
    """What is missing and why, what only one column has, and what is left out: each once for a kind of cell."""
    return list(dict.fromkeys(note for pivot in pivots for note in _own_notes(found, pivot)))


def _own_notes(found: SideBySide, pivot: Pivot) -> list[str]:
    absent: dict[tuple[str, str], int] = {}
    shown = {found.columns[index].label for index in shown_columns(found, pivot)}
    for row in compared_rows(pivot):
        for column, value in zip(found.columns, row.values, strict=True):
            if value.figure is None and (column.label in shown or value.reason != NOT_IN_RUN):
                absent[column.label, value.reason] = absent.get((column.label, value.reason), 0) + 1
    notes = [f"not measured in {name}, {_rows(count)}: {reason}" for (name, reason), count in absent.items()]
    alone: dict[str, list[PivotRow]] = {}
    for row in pivot.rows:
        if not row.is_compared:
            alone.setdefault(_only(found, row), []).append(row)
    axes = _distinguishing(pivot, pivot.rows)
    for why, rows in alone.items():
        named = "; ".join(_named(row, axes or _all_axes(pivot)) for row in rows[:_NAMED])
        more = f"; and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
        notes.append(f"not compared: {_rows(len(rows))} {why}: {named}{more}")
    return notes + [f"left out, {each.cells} cells: {each.reason}" for each in pivot.left_out]


def _named(row: PivotRow, axes: Sequence[str]) -> str:
    return ", ".join(filter(None, (_phrase(axis, row) for axis in axes)))


def _rows(count: int) -> str:
    return f"{count} row{'s' if count > 1 else ''}"


def _only(found: SideBySide, row: PivotRow) -> str:
    """Where a row's only figure is, and why the other columns have none, where they say more than that."""
    pairs = list(zip(found.columns, row.values, strict=True))
    has = next(column.label for column, value in pairs if value.figure is not None)
    reasons = dict.fromkeys(value.reason for _, value in pairs if value.figure is None)
    return f"in {has} only (elsewhere {'; '.join(reasons)})"


def legend(found: SideBySide, best: str = BEST) -> str:
    """What the marks and ratios mean; ``best`` is how the best is marked."""
    rows = [(pivot, row) for pivot in found.pivots for row in compared_rows(pivot)]
    marks = {_mark(row, value) for _, row in rows for value in row.values}
    reference = found.columns[found.reference].label
    notes = [f"{best}: best of its row"] if BEST in marks else []
    notes += [f"{_NEAR}: not distinguished from the best by the intervals"] if _NEAR in marks else []
    if any(pivot.figure.has_ratio for pivot, _ in rows):
        notes.append(f"x: times as good as {reference}")
    if not all(pivot.figure.has_ratio for pivot, _ in rows):
        notes.append(f"+ and -: better and worse than {reference}")
    if any(value.against and value.against.low is not None for _, row in rows for value in row.values):
        notes.append("in brackets, where there is room: the interval of that (--json has all)")
    single = [value.figure for _, row in rows for value in row.values if value.runs == 1 and value.figure]
    if any(figure.low is not None for figure in single):
        notes.append("the interval of a single run does not include run-to-run noise")
    return "; ".join(notes)
