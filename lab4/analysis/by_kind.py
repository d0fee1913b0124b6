"""Machines of one kind as one column: how far they are apart, next to how far the kinds are apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import expm1, log, sqrt
from statistics import fmean

from lab4.analysis.figures import FigureTraits, Nature
from lab4.analysis.intervals import unlog
from lab4.analysis.kinds import UnusualMachine, kind_label, kinds_of, unusual_machines
from lab4.analysis.observations import machine_of
from lab4.analysis.pivot import MACHINE, ComparedSide, Level, RowKey, compared_cells, row_key
from lab4.analysis.tables import Quantity
from lab4.sampling.nested import Interval, Nested, nested

#: The kind that the others are compared with, by its number.
_FIRST = "0"
#: Where two machines do not bound a deviation: e to this power is beyond what is printed.
_MOST = 20.0


@dataclass(frozen=True, slots=True)
class KindColumn:
    """A kind of machine: its hardware in words, the names of its machines, and how many runs they have in all."""

    label: str
    machines: tuple[str, ...]
    runs: int


@dataclass(frozen=True, slots=True)
class KindValue:
    """What a kind has in a row; nothing where it has no figure.

    ``figure`` is the geometric mean over its machines, ``spread`` the standard deviation between them, as a fraction of
    it, and ``against`` how many times as good as the first kind it is.
    """

    figure: float | None = None
    spread: Quantity | None = None
    against: Quantity | None = None


@dataclass(frozen=True, slots=True)
class KindRow:
    """A row of cells that machines have in common; ``levels`` are empty for the geometric mean over ``cells`` of them.

    ``between_runs`` and ``between_machines`` are standard deviations, as fractions of the figure: of one run in its
    machine, and of machines of one kind without that part. ``None``: no machine has two runs, or no kind two machines.
    """

    levels: RowKey
    values: tuple[KindValue, ...]
    between_runs: float | None
    between_machines: float | None
    cells: int = 1

    def level(self, axis: str) -> Level | None:
        """The row's level on an axis; ``None`` where the axis says nothing of it."""
        return dict(self.levels).get(axis)


@dataclass(frozen=True, slots=True)
class KindTable:
    """A figure of one kind of cell; the last row is over all cells that every machine has, where there are several."""

    kind: str
    name: str
    figure: FigureTraits
    rows: tuple[KindRow, ...]


@dataclass(frozen=True, slots=True)
class ByKind:
    """Tables over kinds of machines, and the machines that are slower or noisier than their kind."""

    columns: tuple[KindColumn, ...]
    tables: tuple[KindTable, ...]
    unusual: tuple[UnusualMachine, ...]


def sorted_by_kind(sides: Sequence[ComparedSide]) -> list[ComparedSide]:
    """The sides with machines of one kind next to each other, in the order of the first of each kind."""
    kinds = list(kinds_of({side.name: side.runs for side in sides}))
    return sorted(sides, key=lambda side: kinds.index(side.runs[-1].machine.hardware_id))


def kinds_compared(
    sides: Sequence[ComparedSide], figures: Mapping[tuple[str, str], FigureTraits], first: ComparedSide
) -> ByKind | None:
    """Compare kinds of machines in ``figures``, by kind of cell and name; the sides are machines.

    Others are compared with the kind of the side ``first``. ``None`` where there are no two machines of one kind, or
    sides are runs of one machine.
    """
    machines = {side.name: side.runs for side in sides}
    kinds = kinds_of({first.name: first.runs, **machines})
    places = {machine_of(side.runs[-1]) for side in sides}
    if len(places) < len(sides) or len(kinds) == len(sides):
        return None
    members = list(kinds.values())
    columns = tuple(
        KindColumn(kind_label(machines[names[0]][-1].machine), tuple(names), sum(len(machines[name]) for name in names))
        for names in members
    )
    logs = _logarithms(sides)
    tables = [
        KindTable(kind, name, figure, _rows(logs.get((kind, name), {}), members, figure))
        for (kind, name), figure in figures.items()
        if figure.has_ratio and figure.nature is Nature.TIMED
    ]
    return ByKind(columns, tuple(table for table in tables if table.rows), unusual_machines(machines))


#: By row, the logarithms of each machine's runs.
_Logs = dict[RowKey, dict[str, list[float]]]


def _logarithms(sides: Sequence[ComparedSide]) -> dict[tuple[str, str], _Logs]:
    """By kind of cell and figure, what every run of every machine has."""
    found: dict[tuple[str, str], _Logs] = {}
    for each in compared_cells(sides):
        machine, key = str(each.levels[MACHINE].value), row_key(each, (MACHINE,))
        for cell in each.runs:
            for name, value in cell.values.items() if cell.state == "measured" else ():
                if value > 0:
                    rows = found.setdefault((each.kind, name), {})
                    rows.setdefault(key, {}).setdefault(machine, []).append(log(value))
    return found


def _rows(logs: _Logs, kinds: Sequence[Sequence[str]], figure: FigureTraits) -> tuple[KindRow, ...]:
    """The rows that two machines have, and one over all cells that every machine has."""
    rows = [_row(key, machines, kinds, figure) for key, machines in logs.items() if len(machines) > 1]
    everyone = {name for names in kinds for name in names}
    common = [machines for machines in logs.values() if machines.keys() == everyone]
    if len(common) > 1:
        over = {name: _means([machines[name] for machines in common]) for name in everyone}
        rows.append(_row((), over, kinds, figure, len(common)))
    return tuple(rows)


def _means(of_cells: Sequence[Sequence[float]]) -> list[float]:
    """The mean over cells, run by run; a single one where cells are not in the same runs."""
    if len({len(runs) for runs in of_cells}) == 1:
        return [fmean(values) for values in zip(*of_cells, strict=True)]
    return [fmean(fmean(runs) for runs in of_cells)]


def _row(
    key: RowKey,
    machines: Mapping[str, Sequence[float]],
    kinds: Sequence[Sequence[str]],
    figure: FigureTraits,
    cells: int = 1,
) -> KindRow:
    there = {
        str(number): {name: machines[name] for name in names if name in machines} for number, names in enumerate(kinds)
    }
    found = nested({number: members for number, members in there.items() if members})
    values = tuple(
        _value(found, str(number), figure) if str(number) in found.means else KindValue()
        for number, _ in enumerate(kinds)
    )
    return KindRow(
        key,
        values,
        _fraction(sqrt(found.repeats.variance)) if found.repeats.freedom else None,
        _fraction(found.between_members) if found.members.freedom else None,
        cells,
    )


def _value(found: Nested, name: str, figure: FigureTraits) -> KindValue:
    spread, against = found.spread(name), None
    if name != _FIRST and _FIRST in found.means:
        # How many times as good: less of what is better when it is lower.
        pair = (name, _FIRST) if figure.higher_is_better else (_FIRST, name)
        against = _quantity(found.difference(*pair))
    return KindValue(
        unlog(found.mean(name)),
        None if spread is None else Quantity(*(_fraction(end) for end in _ends(spread))),
        against,
    )


def _ends(interval: Interval) -> tuple[float, float, float]:
    return interval.value, interval.low or 0.0, interval.high or 0.0


def _quantity(interval: Interval) -> Quantity:
    ends = (None if end is None else unlog(end) for end in (interval.low, interval.high))
    return Quantity(unlog(interval.value), *ends)


def _fraction(deviation: float) -> float:
    """The standard deviation of logarithms as a fraction of the figure; one that few values do not bound is huge."""
    return expm1(min(deviation, _MOST))
