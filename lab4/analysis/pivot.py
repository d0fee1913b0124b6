"""A table of cells side by side: the chosen axes give the columns, all other axes the rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lab4.analysis.figures import FigureTraits
from lab4.analysis.intervals import Estimate, estimate, ratio_or_difference
from lab4.analysis.tables import Quantity
from lab4.domain.catalogue import Catalogue, merged
from lab4.domain.cell import LATENCY, Cell
from lab4.domain.errors import CellIdError, Lab4Error, UnknownNameError
from lab4.domain.fields import moment
from lab4.domain.figures import CellFigures, RunFigures

#: The axes by which cells can be compared.
AXES = ("machine", "device", "model", "technique", "format", "runtime", "batch", "threads", "settings")
MACHINE, THREADS = "machine", "threads"
#: The full name of a benchmark that plain pytest-benchmark saved, which has no other axis but the machine.
BENCHMARK = "benchmark"
#: The runtime itself. The axis ``runtime`` is empty for the usual one, so that formats match though theirs differ.
ACTUAL_RUNTIME = "actual runtime"


@dataclass(frozen=True, slots=True)
class ComparedSide:
    """Runs that count as of one machine, under a name."""

    name: str
    runs: Sequence[RunFigures]


@dataclass(frozen=True, slots=True)
class Level:
    """A value on an axis, such as a batch size; cells with equal ``value`` match, whatever their labels."""

    value: str | int | tuple[str, ...]
    label: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class ComparedCell:
    """A cell of a side: its kind, its levels by axis, and its figures in each of the side's runs.

    An axis that says nothing of the cell is left out, such as the threads of a call that no host executes.
    """

    key: str
    kind: str
    levels: Mapping[str, Level]
    runs: tuple[CellFigures, ...]


def compared_cells(sides: Sequence[ComparedSide]) -> Iterator[ComparedCell]:
    """Yield every cell of every side, in the order of the sides and of their runs from the first started on."""
    for side in sides:
        runs = sorted(side.runs, key=lambda run: (moment(run.started_at), run.source))
        catalogue = merged(run.catalogue for run in runs)
        for key in dict.fromkeys(key for run in runs for key in run.cells):
            found = tuple(run.cells[key] for run in runs if key in run.cells)
            machine = {MACHINE: Level(side.name, side.name)}
            try:
                cell = Cell.from_key(key)
            except (CellIdError, UnknownNameError):
                yield ComparedCell(key, "", machine | {BENCHMARK: Level(key, key)}, found)
            else:
                ran_in = next((each.runtime for each in reversed(found) if each.runtime), "")
                yield ComparedCell(key, cell.kind, machine | _levels_of(cell, catalogue, ran_in), found)


def _levels_of(cell: Cell, catalogue: Catalogue, ran_in: str) -> dict[str, Level]:
    """The levels of a cell, whose record says in which runtime it ran, if it says so."""
    device = catalogue.device(cell.device)
    techniques = ", ".join(catalogue.technique(name).label for name in cell.techniques)
    levels = {
        "device": Level(cell.device, device.label),
        "model": Level(cell.model, catalogue.model(cell.model).label),
        "technique": Level(cell.techniques, techniques or "original"),
        "format": Level(cell.format, catalogue.format(cell.format).label),
    }
    usual = next(iter(catalogue.format(cell.format).runtimes), "")
    unusual = "" if cell.runtime == usual else cell.runtime
    levels["runtime"] = Level(unusual, catalogue.runtime(unusual).label if unusual else "usual")
    if actual := ran_in or cell.runtime or usual:
        levels[ACTUAL_RUNTIME] = Level(actual, catalogue.runtime(actual).label)
    if cell.batch_size is not None:
        levels["batch"] = Level(cell.batch_size, str(cell.batch_size))
    if cell.kind == LATENCY and device.is_host is not False:
        levels[THREADS] = Level(cell.threads, str(cell.threads))
    if cell.kind == LATENCY:
        written = tuple(each for pair in cell.settings for each in pair)
        levels["settings"] = Level(written, catalogue.settings_label(cell) or "default")
    return levels


#: Why a column has nothing that none of its runs planned.
NOT_IN_RUN = "not in the run"
_NO_LEVEL = Level("", "")

#: A level on each axis that does not give the columns.
RowKey = tuple[tuple[str, Level], ...]


@dataclass(frozen=True, slots=True)
class PivotColumn:
    """A level on each of the chosen axes, and the label of those that distinguish the columns."""

    levels: tuple[Level, ...]
    label: str


@dataclass(frozen=True, slots=True)
class Compared:
    """The figure of one column in one row.

    ``against`` is how many times as good as the reference column's it is, or how much better, in points, where
    figures have no ratio. ``behind`` says the same of the row's best against this; ``is_near_best`` where its interval
    does not exclude that they are equal. ``reason`` says why nothing is here. ``cell`` is the key of what was measured.
    """

    figure: Quantity | None = None
    runs: int = 0
    against: Quantity | None = None
    behind: Quantity | None = None
    is_best: bool = False
    is_near_best: bool = False
    reason: str = ""
    cell: str = ""


@dataclass(frozen=True, slots=True)
class PivotRow:
    """Its level on each of the other axes, and the value of each column."""

    levels: RowKey
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
    figure: FigureTraits
    rows: tuple[PivotRow, ...]
    left_out: tuple[LeftOut, ...]


def _levels(observation: ComparedCell, by: Sequence[str]) -> tuple[Level, ...] | None:
    """The observation's column; ``None`` where no axis says anything of it, and an empty level where another does."""
    found = [observation.levels.get(ACTUAL_RUNTIME if axis == "runtime" else axis) for axis in by]
    return tuple(level or _NO_LEVEL for level in found) if any(found) else None


def columns_of(observations: Sequence[ComparedCell], by: Sequence[str]) -> tuple[PivotColumn, ...]:
    """Every column, ordered by number where its levels are numbers, else as they come.

    Raises:
        Lab4Error: if there are fewer than two.
    """
    found = list(dict.fromkeys(levels for each in observations if (levels := _levels(each, by)) is not None))
    if len(found) < 2:  # noqa: PLR2004  # one has no other to be compared with
        axes = " and ".join(by)
        there = f"there is one {axes} only ({_joined(found[0])})" if found else f"no cell has {axes}"
        if found and MACHINE in by:
            there = f"there is one run only, with one {axes} ({_joined(found[0])})"
        raise Lab4Error(f"{there}; to compare, name more runs, or another axis with --by: {', '.join(AXES)}")
    ranks = [_ranks([levels[axis] for levels in found]) for axis in range(len(by))]
    found.sort(key=lambda levels: [rank[level] for rank, level in zip(ranks, levels, strict=True)])
    distinguishing = [axis for axis, rank in enumerate(ranks) if len(rank) > 1]
    return tuple(
        PivotColumn(levels, " ".join(_label(by[axis], levels[axis]) for axis in distinguishing).strip())
        for levels in found
    )


def _joined(levels: Sequence[Level]) -> str:
    return " ".join(level.label for level in levels if level.label)


def _label(axis: str, level: Level) -> str:
    return f"{axis} {level.label}" if isinstance(level.value, int) else level.label


def _ranks(levels: Sequence[Level]) -> Mapping[Level, int]:
    distinct = list(dict.fromkeys(levels))
    numbers = [level.value for level in distinct if isinstance(level.value, int)]
    if len(numbers) == len(distinct):
        return {level: sorted(numbers).index(number) for level, number in zip(distinct, numbers, strict=True)}
    return {level: index for index, level in enumerate(distinct)}


def pivot(  # noqa: PLR0913, PLR0917  # what a table is of
    kind: str,
    name: str,
    figure: FigureTraits,
    observations: Sequence[ComparedCell],
    by: Sequence[str],
    columns: Sequence[PivotColumn],
    reference: int,
) -> Pivot:
    """Put the observations of one kind into a table of a figure; others are divided by column ``reference``."""
    inside = [(levels, each) for each in observations if (levels := _levels(each, by)) is not None]
    cells: dict[RowKey, dict[tuple[Level, ...], list[ComparedCell]]] = {}
    keys = [row_key(each, by) for _, each in inside]
    for key, (levels, each) in zip(keys, inside, strict=True):
        for spread in _with_threads(key, keys) if kind else [key]:
            cells.setdefault(spread, {}).setdefault(levels, []).append(each)
    rows = [
        PivotRow(key, _compared([found.get(column.levels, []) for column in columns], name, figure, reference))
        for key, found in cells.items()
    ]
    rows = [row for row in rows if any(value.figure is not None for value in row.values)]
    rows.sort(key=lambda row: -_most(row, reference))
    absent = len(observations) - len(inside)
    left_out = [LeftOut(absent, f"they have no {' or no '.join(by)}")] if absent else []
    return Pivot(kind, name, figure, tuple(rows), tuple(left_out))


def row_key(observation: ComparedCell, by: Sequence[str]) -> RowKey:
    """The observation's level on each axis that does not give the columns."""
    return tuple(
        (axis, observation.levels[axis]) for axis in (*AXES, BENCHMARK) if axis not in by and axis in observation.levels
    )


def _with_threads(key: RowKey, keys: Iterable[RowKey]) -> list[RowKey]:
    """The rows of a cell: its own, or those with any number of threads where it has no threads."""
    if THREADS in dict(key):
        return [key]
    distinct = dict.fromkeys(keys)
    found = [each for each in distinct if each != key and tuple(item for item in each if item[0] != THREADS) == key]
    return found or [key]


def _compared(
    columns: Sequence[Sequence[ComparedCell]], name: str, figure: FigureTraits, reference: int
) -> tuple[Compared, ...]:
    runs = [[run for cell in cells for run in cell.runs] for cells in columns]
    estimates = [_estimate(each, name, figure) for each in runs]
    there = [each for each in estimates if each is not None]
    best = (max if figure.higher_is_better else min)(there, key=lambda each: each.mean, default=None)
    return tuple(
        Compared(reason=_reason(own, name))
        if mine is None or best is None
        else replace(_one(mine, best, estimates[reference], figure), cell=cells[0].key)
        for cells, own, mine in zip(columns, runs, estimates, strict=True)
    )


def _one(mine: Estimate, best: Estimate, reference: Estimate | None, figure: FigureTraits) -> Compared:
    better = figure.higher_is_better
    against = None if reference is None else ratio_or_difference(mine, reference, higher_is_better=better)
    behind = ratio_or_difference(best, mine, higher_is_better=better)
    is_best = mine.mean == best.mean
    is_near = not is_best and behind.low is not None and behind.low <= (1 if figure.has_ratio else 0)
    return Compared(mine.quantity, len(mine.values), against, behind, is_best=is_best, is_near_best=is_near)


def _estimate(cells: Sequence[CellFigures], name: str, figure: FigureTraits) -> Estimate | None:
    there = [cell for cell in cells if cell.state == "measured" and name in cell.values]
    within = there[0].intervals.get(name) if len(there) == 1 else None
    return estimate([cell.values[name] for cell in there], within, has_ratio=figure.has_ratio)


def _reason(cells: Sequence[CellFigures], name: str) -> str:
    if not cells:
        return NOT_IN_RUN
    return cells[-1].reason or cells[-1].missing.get(name, "not measured")


def _most(row: PivotRow, reference: int) -> float:
    """The greatest ratio or difference to the reference; rows with none come last."""
    others = [value.against.value for index, value in enumerate(row.values) if index != reference and value.against]
    return max(others, default=float("-inf"))
