"""The words of a comparison of kinds of machines, the same in every layout."""

from dataclasses import dataclass

from lab4.analysis.by_kind import ByKind, KindRow, KindTable, KindValue
from lab4.analysis.pivot import MACHINE
from lab4.analysis.tables import Kind, Quantity
from lab4.domain.text import counted, listed
from lab4.report.comparison_words import Detail, distinguishing, level_text, naming, printed_kind
from lab4.report.units import number, unit

#: From here on a spread has no number: so few machines do not show it.
_ENDLESS = 1.0
#: Names of machines in a line; the JSON has all.
_NAMED = 8
_NOTHING = "-"
#: The headings of the last columns.
_SPREADS = ("between runs", "between machines")


@dataclass(frozen=True, slots=True)
class ShownKinds:
    """A table by kind as every layout shows it: a text for each row under each of the headings.

    The first columns are ``axes``, the last the spreads between runs and machines.
    """

    heading: str
    axes: tuple[str, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    summary: str


def kind_lines(found: ByKind) -> list[str]:
    """Which machines are of which kind, and which of them are slower or noisier than the others."""
    lines = [
        f"{_name(number)}: {column.label}: {listed(column.machines, _NAMED)} ({counted(column.runs, 'run')})"
        for number, column in enumerate(found.columns)
    ]
    return [*lines, *(each.reason for each in found.unusual)]


def shown_kinds(found: ByKind, detail: Detail = Detail.FULL) -> list[ShownKinds]:
    """The tables as they are shown: with less detail without intervals of ratios, then without the last columns."""
    return [_shown(table, found, detail) for table in found.tables]


def _shown(table: KindTable, found: ByKind, detail: Detail) -> ShownKinds:
    figure = table.figure
    rows = [row for row in table.rows if row.levels]
    axes = naming(dict.fromkeys(axis for row in rows for axis, _ in row.levels if axis != MACHINE))
    axes = distinguishing(axes, rows) or axes[:1]
    most = max((value.figure or 0.0 for row in rows for value in row.values), default=0.0)
    kind = printed_kind(figure, most)
    words = unit(kind)
    better = "higher" if figure.higher_is_better else "lower"
    heading = (
        f"{table.kind or 'benchmarks'} by kind of machine: {figure.label}{f' ({words})' if words else ''}, {better} is "
        "better; ±: standard deviation between machines of the kind"
    )
    names = tuple(_name(index) for index, _ in enumerate(found.columns))
    shown = tuple(
        (
            *(level_text(row, axis) for axis in axes),
            *(_value(value, kind, detail) for value in row.values),
            *(_parts(row) if detail else ()),
        )
        for row in rows
    )
    (*_, last) = table.rows
    spreads = _SPREADS if detail else ()
    return ShownKinds(heading, axes, (*names, *spreads), shown, _summary(last, table, found))


def _name(index: int) -> str:
    return f"kind {index + 1}"


def _value(value: KindValue, kind: Kind, detail: Detail) -> str:
    if value.figure is None:
        return _NOTHING
    spread = "" if value.spread is None else f" ±{_share(value.spread.value)}"
    return f"{number(value.figure, kind)}{spread}{_times(value.against, detail)}"


def _times(against: Quantity | None, detail: Detail = Detail.FULL) -> str:
    if against is None:
        return ""
    if against.low is None or against.high is None or detail < Detail.FULL:
        return f" {number(against.value, 'ratio')}x"
    ends = f"{number(against.low, 'ratio')} to {number(against.high, 'ratio')}"
    return f" {number(against.value, 'ratio')}x ({ends})"


def _parts(row: KindRow) -> tuple[str, str]:
    """The spreads between runs and between machines: shares of the figure, or a dash where nothing shows them."""
    runs, machines = (
        _NOTHING if each is None else f"±{_share(each)}" for each in (row.between_runs, row.between_machines)
    )
    return runs, machines


def _share(value: float) -> str:
    return f"{value:.1%}" if value < _ENDLESS else f"more than {_ENDLESS:.0%}"


def _summary(row: KindRow, table: KindTable, found: ByKind) -> str:
    """The last row as sentences: how far machines of a kind are apart, and how far the kinds."""
    over = f"over {row.cells} cells (geometric mean)" if not row.levels else "in this cell"
    parts = [
        f"machines of {_name(index)} differ by {_share(value.spread.value)} ({_share(value.spread.low or 0.0)} to "
        f"{_share(value.spread.high or 0.0)})"
        for index, value in enumerate(row.values)
        if value.spread is not None
    ]
    if row.between_runs is not None:
        parts.append(f"runs of one machine by {_share(row.between_runs)}")
    said = [f"{over}, {', '.join(parts)}"] if parts else []
    for index, value in enumerate(row.values):
        if value.against is not None:
            times = _times(value.against).strip().replace("x", " times", 1)
            said.append(f"{_name(index)} is {times} as good as {_name(0)} in {table.figure.label}")
    if found.columns[1:] and row.between_machines is None:
        said.append("no kind has two machines with this figure, so that the difference has no interval")
    return "; ".join(said)
