"""Cells side by side over any axis: the chosen axes give the columns, all other axes the rows, a table a figure.

Cells match by what they measure, so a CPU's latency stands beside a GPU's. A call that no host executes has no threads
of its own: it stands beside the calls with any number of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lab4.analysis.figures import FIGURES, Figure, Nature, figures_of
from lab4.analysis.gate.machines import differences
from lab4.analysis.intervals import Estimate, estimate, ratio_or_difference
from lab4.analysis.merge import machine_names, machine_of
from lab4.analysis.observations import ACTUAL_RUNTIME, AXES, BENCHMARK, Level, Observation, Side, observe
from lab4.analysis.tables import Quantity
from lab4.domain.catalogue import Catalogue, merged
from lab4.domain.cell import KINDS
from lab4.domain.errors import Lab4Error, UnknownNameError
from lab4.domain.figures import CellFigures
from lab4.domain.moment import moment
from lab4.domain.run import DatasetInfo, Run

__all__ = [
    "NOT_IN_RUN",
    "PLATFORM",
    "Column",
    "Compared",
    "LeftOut",
    "Pivot",
    "Ranking",
    "Row",
    "Side",
    "SideBySide",
    "fastest_platforms",
    "figure_named",
    "side_by_side",
]

#: What runs a model: the columns unless others are asked for.
PLATFORM = ("machine", "device")
#: Why a column has nothing that none of its runs planned.
NOT_IN_RUN = "not in the run"
_MACHINE, _THREADS = "machine", "threads"
_NO_LEVEL = Level("", "")


@dataclass(frozen=True, slots=True)
class Column:
    """A level on each of the chosen axes, and the label of those that tell the columns apart."""

    levels: tuple[Level, ...]
    label: str


@dataclass(frozen=True, slots=True)
class Compared:
    """The figure of one column in one row.

    ``against`` is how many times as good as the reference column's it is, or how much better, in points, where
    figures have no ratio. ``behind`` says the same of the row's best against this; ``is_near_best`` where its interval
    does not exclude that they are equal. ``reason`` says why nothing is here.
    """

    figure: Quantity | None = None
    runs: int = 0
    against: Quantity | None = None
    behind: Quantity | None = None
    is_best: bool = False
    is_near_best: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Where its cells stand on the other axes, by axis, and what each column has."""

    levels: tuple[tuple[str, Level], ...]
    values: tuple[Compared, ...]

    @property
    def is_compared(self) -> bool:
        """Whether two columns have a figure."""
        return sum(value.figure is not None for value in self.values) > 1

    def level(self, axis: str) -> Level | None:
        """The row's level on an axis; ``None`` where the axis says nothing of it."""
        return dict(self.levels).get(axis)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """So many cells that are in no row, and why."""

    cells: int
    reason: str


@dataclass(frozen=True, slots=True)
class Pivot:
    """A figure of one kind of cell; rows with the greatest ratio or difference to the reference first."""

    kind: str
    name: str
    figure: Figure
    rows: tuple[Row, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Tables of one comparison, all with the same columns; others are divided by column ``reference``.

    ``differences`` says, in phrases, what differs between the reference's side and each other, by its name;
    ``not_compared`` which figures are no question of the machine here, and why.
    """

    by: tuple[str, ...]
    sides: tuple[str, ...]
    columns: tuple[Column, ...]
    reference: int
    differences: tuple[tuple[str, tuple[str, ...]], ...]
    not_compared: tuple[str, ...]
    pivots: tuple[Pivot, ...]


def figure_named(name: str, catalogue: Catalogue) -> Figure:
    """Return what is known of a figure, which may be a metric of the catalogue.

    Raises:
        UnknownNameError: if it is neither.
    """
    if name in FIGURES:
        return FIGURES[name]
    if name not in catalogue.metrics:
        raise UnknownNameError.among("figure", name, (*FIGURES, *catalogue.metrics))
    metric = catalogue.metrics[name]
    quantity = metric.unit if metric.unit == "share" else "number"
    better = bool(metric.higher_is_better)
    return Figure(
        metric.label, quantity, Nature.EXACT, higher_is_better=better, judged=False, compared=True, of_dataset=True
    )


def side_by_side(
    sides: Sequence[Side], by: Sequence[str] = PLATFORM, names: Sequence[str] = (), to: str = ""
) -> SideBySide:
    """Compare cells over the axes ``by`` in the figures ``names``, without any in all that are worth comparing.

    ``to`` names the column that others are divided by: its label, or a level of it; the first without a name.

    Raises:
        UnknownNameError: if there is no such axis, figure or column.
        Lab4Error: where there is one column only, or no cell has a figure in two.
    """
    for axis in by:
        if axis not in AXES:
            raise UnknownNameError.among("axis", axis, AXES)
    catalogue = merged(run.catalogue for side in sides for run in side.runs)
    figures = {name: figure_named(name, catalogue) for name in names or (*FIGURES, *catalogue.metrics)}
    figures = {name: figure for name, figure in figures.items() if names or figure.compared}
    observations = list(observe(sides))
    columns = _columns(observations, by)
    reference = _reference(columns, to)
    other_data = _of_other_data(sides, figures) if _MACHINE in by else {}
    pivots = [
        _pivot(kind, name, figure, [each for each in observations if each.kind == kind], by, columns, reference)
        for kind in (*KINDS, "")
        for name, figure in figures.items()
        if name not in other_data
    ]
    found = tuple(pivot for pivot in pivots if any(row.is_compared for row in pivot.rows))
    if not found:
        labels = [figure.label for figure in figures.values()] if names else []
        raise Lab4Error("; ".join(other_data.values()) or _nothing(columns, labels, pivots))
    machine = columns[reference].levels[by.index(_MACHINE)].value if _MACHINE in by else None
    first = next((side for side in sides if side.name == machine), sides[0])
    return SideBySide(
        tuple(by),
        tuple(side.name for side in sides),
        columns,
        reference,
        tuple((side.name, tuple(differences(first.runs, side.runs, ("", "")))) for side in sides if side is not first),
        tuple(other_data.values()),
        found,
    )


def _of_other_data(sides: Sequence[Side], figures: Mapping[str, Figure]) -> dict[str, str]:
    """Figures, by name, that runs have of different datasets, and a phrase that says so."""
    found = {}
    for name, figure in figures.items():
        data: dict[DatasetInfo, str] = {}
        for side in sides if figure.of_dataset else ():
            for run in side.runs:
                if any(name in cell.values for cell in run.cells.values()):
                    data.setdefault(run.dataset, side.name)
        if len(data) > 1:
            named = ", ".join(f"{dataset.name} {dataset.sha256[:8]} in {side}" for dataset, side in data.items())
            found[name] = f"the {figure.label} is of different datasets: {named}"
    return found


def _nothing(columns: Sequence[Column], labels: Sequence[str], pivots: Sequence[Pivot]) -> str:
    """Why there is no table: each column that has nothing, with its first reason."""
    figures = " or a ".join(labels) or "figure"
    reasons = {
        column.label: rows[0].values[index].reason
        for index, column in enumerate(columns)
        if (rows := [row for pivot in pivots for row in pivot.rows])
        and all(row.values[index].figure is None for row in rows)
    }
    why = "".join(f"; {label}: {reason}" for label, reason in reasons.items())
    return f"no cell has a {figures} in two of {', '.join(column.label for column in columns)}{why}"


def _levels(observation: Observation, by: Sequence[str]) -> tuple[Level, ...] | None:
    """The observation's column; ``None`` where no axis says anything of it, and an empty level where another does."""
    found = [observation.levels.get(ACTUAL_RUNTIME if axis == "runtime" else axis) for axis in by]
    return tuple(level or _NO_LEVEL for level in found) if any(found) else None


def _columns(observations: Sequence[Observation], by: Sequence[str]) -> tuple[Column, ...]:
    """Every column, ordered by number where its levels are numbers, else as they come.

    Raises:
        Lab4Error: if there are fewer than two.
    """
    found = list(dict.fromkeys(levels for each in observations if (levels := _levels(each, by)) is not None))
    if len(found) < 2:  # noqa: PLR2004  # one is beside nothing
        axes = " and ".join(by)
        there = (
            f"there is one {axes} only ({' '.join(level.label for level in found[0]).strip()})"
            if found
            else f"no cell has {axes}"
        )
        raise Lab4Error(f"{there}; to compare, name more runs, or another axis with --by: {', '.join(AXES)}")
    ranks = [_ranks([levels[axis] for levels in found]) for axis in range(len(by))]
    found.sort(key=lambda levels: [rank[level] for rank, level in zip(ranks, levels, strict=True)])
    telling = [axis for axis, rank in enumerate(ranks) if len(rank) > 1]
    return tuple(
        Column(levels, " ".join(_label(by[axis], levels[axis]) for axis in telling).strip()) for levels in found
    )


def _label(axis: str, level: Level) -> str:
    return f"{axis} {level.label}" if isinstance(level.value, int) else level.label


def _ranks(levels: Sequence[Level]) -> Mapping[Level, int]:
    distinct = list(dict.fromkeys(levels))
    numbers = [level.value for level in distinct if isinstance(level.value, int)]
    if len(numbers) == len(distinct):
        return {level: sorted(numbers).index(number) for level, number in zip(distinct, numbers, strict=True)}
    return {level: index for index, level in enumerate(distinct)}


def _reference(columns: Sequence[Column], to: str) -> int:
    if not to:
        return 0
    for index, column in enumerate(columns):
        if to in {column.label, *(text for level in column.levels for text in (level.label, level.value))}:
            return index
    raise UnknownNameError.among("column", to, [column.label for column in columns])


def _pivot(  # noqa: PLR0913, PLR0917  # what a table is of
    kind: str,
    name: str,
    figure: Figure,
    observations: Sequence[Observation],
    by: Sequence[str],
    columns: Sequence[Column],
    reference: int,
) -> Pivot:
    inside = [(levels, each) for each in observations if (levels := _levels(each, by)) is not None]
    cells: dict[tuple[tuple[str, Level], ...], dict[tuple[Level, ...], list[CellFigures]]] = {}
    keys = [_row_key(each, by) for _, each in inside]
    for key, (levels, each) in zip(keys, inside, strict=True):
        for spread in _with_threads(key, keys) if kind else [key]:
            cells.setdefault(spread, {}).setdefault(levels, []).extend(each.runs)
    rows = [
        Row(key, _compared([found.get(column.levels, []) for column in columns], name, figure, reference))
        for key, found in cells.items()
    ]
    rows = [row for row in rows if any(value.figure is not None for value in row.values)]
    rows.sort(key=lambda row: -_most(row, reference))
    absent = len(observations) - len(inside)
    left_out = [LeftOut(absent, f"they have no {' or no '.join(by)}")] if absent else []
    return Pivot(kind, name, figure, tuple(rows), tuple(left_out))


def _row_key(observation: Observation, by: Sequence[str]) -> tuple[tuple[str, Level], ...]:
    return tuple(
        (axis, observation.levels[axis]) for axis in (*AXES, BENCHMARK) if axis not in by and axis in observation.levels
    )


def _with_threads(
    key: tuple[tuple[str, Level], ...], keys: Iterable[tuple[tuple[str, Level], ...]]
) -> list[tuple[tuple[str, Level], ...]]:
    """The rows that a cell stands in: its own, or those with any threads where it has none of its own."""
    if _THREADS in dict(key):
        return [key]
    found = [other for other in dict.fromkeys(keys) if other != key and _without_threads(other) == key]
    return found or [key]


def _without_threads(key: tuple[tuple[str, Level], ...]) -> tuple[tuple[str, Level], ...]:
    return tuple(item for item in key if item[0] != _THREADS)


def _compared(
    columns: Sequence[Sequence[CellFigures]], name: str, figure: Figure, reference: int
) -> tuple[Compared, ...]:
    estimates = [_estimate(cells, name, figure) for cells in columns]
    there = [each for each in estimates if each is not None]
    best = (max if figure.higher_is_better else min)(there, key=lambda each: each.mean, default=None)
    if best is None:
        return tuple(Compared(reason=_reason(cells, name)) for cells in columns)
    return tuple(
        Compared(reason=_reason(cells, name)) if mine is None else _one(mine, best, estimates[reference], figure)
        for cells, mine in zip(columns, estimates, strict=True)
    )


def _one(mine: Estimate, best: Estimate, reference: Estimate | None, figure: Figure) -> Compared:
    behind = ratio_or_difference(best, mine, higher_is_better=figure.higher_is_better)
    is_best = mine.mean == best.mean
    return Compared(
        mine.quantity,
        len(mine.values),
        None if reference is None else ratio_or_difference(mine, reference, higher_is_better=figure.higher_is_better),
        behind,
        is_best=is_best,
        is_near_best=not is_best and behind.low is not None and behind.low <= (1 if figure.has_ratio else 0),
    )


def _estimate(cells: Sequence[CellFigures], name: str, figure: Figure) -> Estimate | None:
    there = [cell for cell in cells if cell.state == "measured" and name in cell.values]
    within = there[0].intervals.get(name) if len(there) == 1 else None
    return estimate([cell.values[name] for cell in there], within, has_ratio=figure.has_ratio)


def _reason(cells: Sequence[CellFigures], name: str) -> str:
    if not cells:
        return NOT_IN_RUN
    return cells[-1].reason or cells[-1].missing.get(name, "not measured")


def _most(row: Row, reference: int) -> float:
    """The greatest ratio or difference to the reference; rows with none come last."""
    others = [value.against.value for index, value in enumerate(row.values) if index != reference and value.against]
    return max(others, default=float("-inf"))


@dataclass(frozen=True, slots=True)
class Ranking:
    """The platforms that measured one thing, the fastest first, each as column and value; and those that did not.

    ``row`` says what was measured, by axis. A value's ``behind`` is how many times as fast the fastest is.
    """

    kind: str
    name: str
    row: Row
    placed: tuple[tuple[Column, Compared], ...]
    missing: tuple[tuple[Column, str], ...]

    @property
    def is_clear(self) -> bool:
        """Whether the interval excludes that another platform is as fast as the fastest."""
        return not any(value.is_near_best for _, value in self.placed)


def fastest_platforms(runs: Sequence[Run]) -> tuple[Ranking, ...]:
    """Rank machines and devices by training time and by median latency, for everything that two of them measured.

    The ranking is empty where there are no two. Runs of one machine count together.
    """
    runs = sorted(runs, key=lambda run: moment(run.started_at))
    names = machine_names(runs)
    sides = [
        Side(name, [figures_of(run) for run in runs if machine_of(run) == machine]) for machine, name in names.items()
    ]
    try:
        found = side_by_side(sides, names=("training", "p50"))
    except Lab4Error:
        return ()
    return tuple(_ranking(pivot, row, found.columns) for pivot in found.pivots for row in pivot.rows if row.is_compared)


def _ranking(pivot: Pivot, row: Row, columns: Sequence[Column]) -> Ranking:
    pairs = list(zip(columns, row.values, strict=True))
    placed = [pair for pair in pairs if pair[1].behind is not None]
    placed.sort(key=lambda pair: pair[1].behind.value if pair[1].behind else 0.0)
    missing = tuple((column, value.reason) for column, value in pairs if value.figure is None)
    return Ranking(pivot.kind, pivot.name, row, tuple(placed), missing)
