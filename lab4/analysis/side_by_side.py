"""Cells side by side over any axis, one table per figure.

Cells match by what they measure, so the CPU latency and the GPU latency of a model share a row. Calls on a device that
is no host have no threads of their own: they match calls with any number of threads.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lab4.analysis.answers import ArtifactAnswers, compared_answers
from lab4.analysis.by_kind import ByKind, kinds_compared, sorted_by_kind
from lab4.analysis.figures import FIGURES, FigureTraits, figures_of, figures_of_metrics
from lab4.analysis.machines import differences
from lab4.analysis.observations import machine_names, machine_of
from lab4.analysis.pivot import (
    AXES,
    MACHINE,
    Compared,
    ComparedSide,
    Pivot,
    PivotColumn,
    PivotRow,
    columns_of,
    compared_cells,
    pivot,
)
from lab4.domain.catalogue import Catalogue, MissingTraitError, merged, required
from lab4.domain.cell import KINDS
from lab4.domain.errors import Lab4Error, UnknownNameError
from lab4.domain.fields import moment
from lab4.domain.outcome import Measured
from lab4.domain.run import DatasetInfo, Run

#: What runs a model: the columns unless others are asked for.
PLATFORM = ("machine", "device")
#: What may change the answers of a file.
_PLACES = {"machine", "device", "runtime"}


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Tables of one comparison, all with the same columns; others are divided by column ``reference``.

    ``differences`` says, in phrases, what differs between the reference's side and each other, by its name;
    ``not_compared`` says which figures are left out, and why. ``answers`` says of each artifact whether what gives the
    columns computed the same of it; it is empty where that is no machine, device or runtime, or figures were named.
    ``kinds`` puts machines of one kind together, where machines alone give the columns.
    """

    by: tuple[str, ...]
    sides: tuple[str, ...]
    columns: tuple[PivotColumn, ...]
    reference: int
    differences: tuple[tuple[str, tuple[str, ...]], ...]
    not_compared: tuple[str, ...]
    pivots: tuple[Pivot, ...]
    answers: tuple[ArtifactAnswers, ...] = ()
    kinds: ByKind | None = None


def figure_named(name: str, catalogue: Catalogue) -> FigureTraits:
    """Return what is known of a figure, which may be a metric of the catalogue.

    Raises:
        UnknownNameError: if it is neither.
        MissingTraitError: if the metric does not say which way is better.
    """
    if name in FIGURES:
        return FIGURES[name]
    if name not in catalogue.metrics:
        raise UnknownNameError.among("figure", name, (*FIGURES, *catalogue.metrics))
    required(catalogue.metrics[name], "higher_is_better")
    return figures_of_metrics(catalogue)[name]


def side_by_side(
    sides: Sequence[ComparedSide], by: Sequence[str] = PLATFORM, names: Sequence[str] = (), to: str = ""
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
    by_machine = tuple(by) == (MACHINE,)
    sides = sorted_by_kind(sides) if by_machine else sides
    catalogue = merged(run.catalogue for side in sides for run in side.runs)
    figures, not_compared = _figures(names, catalogue)
    observations = list(compared_cells(sides))
    columns = columns_of(observations, by)
    reference = _reference(columns, to)
    if MACHINE in by:
        other_data = _of_other_data(sides, figures)
        figures = {name: figure for name, figure in figures.items() if name not in other_data}
        not_compared += other_data.values()
    by_kind = {kind: [each for each in observations if each.kind == kind] for kind in (*KINDS, "")}
    pivots = [
        pivot(kind, name, figure, cells, by, columns, reference)
        for kind, cells in by_kind.items()
        for name, figure in figures.items()
    ]
    found = tuple(table for table in pivots if any(row.is_compared for row in table.rows))
    if not found:
        labels = [figure.label for figure in figures.values()] if names else []
        raise Lab4Error("; ".join(not_compared) or _nothing(columns, labels, pivots))
    machine = columns[reference].levels[by.index(MACHINE)].value if MACHINE in by else None
    first = next((side for side in sides if side.name == machine), sides[0])
    return SideBySide(
        tuple(by),
        tuple(side.name for side in sides),
        columns,
        reference,
        tuple((side.name, tuple(differences(first.runs, side.runs, ("", "")))) for side in sides if side is not first),
        tuple(not_compared),
        found,
        () if names or _PLACES.isdisjoint(by) else compared_answers(sides, first),
        kinds_compared(sides, {(each.kind, each.name): each.figure for each in found}, first) if by_machine else None,
    )


def _figures(names: Sequence[str], catalogue: Catalogue) -> tuple[dict[str, FigureTraits], list[str]]:
    """The figures of these names, or without any all that are worth comparing and why others are not."""
    if names:
        return {name: figure_named(name, catalogue) for name in names}, []
    found, not_compared = {name: figure for name, figure in FIGURES.items() if figure.compared}, []
    for name in catalogue.metrics:
        try:
            found.setdefault(name, figure_named(name, catalogue))
        except MissingTraitError as error:  # noqa: PERF203  # a few metrics
            not_compared.append(str(error))
    return found, not_compared


def _of_other_data(sides: Sequence[ComparedSide], figures: Mapping[str, FigureTraits]) -> dict[str, str]:
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
            found[name] = f"the {figure.label} was measured on different datasets: {named}"
    return found


def _nothing(columns: Sequence[PivotColumn], labels: Sequence[str], pivots: Sequence[Pivot]) -> str:
    """Why there is no table: each column that has nothing, with its first reason."""
    figures = " or a ".join(labels) or "figure"
    reasons = {
        column.label: rows[0].values[index].reason
        for index, column in enumerate(columns)
        if (rows := [row for table in pivots for row in table.rows])
        and all(row.values[index].figure is None for row in rows)
    }
    why = "".join(f"; {label}: {reason}" for label, reason in reasons.items())
    return f"no cell has a {figures} in two of {', '.join(column.label for column in columns)}{why}"


def _reference(columns: Sequence[PivotColumn], to: str) -> int:
    if not to:
        return 0
    for index, column in enumerate(columns):
        if to in {column.label, *(text for level in column.levels for text in (level.label, level.value))}:
            return index
    raise UnknownNameError.among("column", to, [column.label for column in columns])


@dataclass(frozen=True, slots=True)
class Ranking:
    """The platforms that measured one thing, the fastest first, each as column and value.

    ``row`` says what was measured, by axis. A value's ``behind`` is how many times as fast the fastest is.
    """

    kind: str
    name: str
    row: PivotRow
    placed: tuple[tuple[PivotColumn, Compared], ...]


def fastest_platforms(runs: Sequence[Run]) -> tuple[Ranking, ...]:
    """Rank machines and devices by training time and by median latency, for everything that two of them measured.

    The ranking is empty where there are no two. Runs of one machine count together.
    """
    runs = sorted(runs, key=lambda run: moment(run.started_at))
    if len({platform for run in runs for platform in _measured_platforms(run)}) <= 1:
        return ()
    names = machine_names(runs)
    sides = [
        ComparedSide(name, [figures_of(run) for run in runs if machine_of(run) == machine])
        for machine, name in names.items()
    ]
    try:
        found = side_by_side(sides, names=("training", "p50"))
    except Lab4Error:
        return ()
    return tuple(_ranking(pivot, row, found.columns) for pivot in found.pivots for row in pivot.rows if row.is_compared)


def _measured_platforms(run: Run) -> Iterator[tuple[tuple[str, str], str]]:
    """The machine with each device on which something was measured."""
    machine = machine_of(run)
    return ((machine, each.cell.device) for each in run.measurements if isinstance(each.outcome, Measured))


def _ranking(pivot: Pivot, row: PivotRow, columns: Sequence[PivotColumn]) -> Ranking:
    placed = [pair for pair in zip(columns, row.values, strict=True) if pair[1].behind is not None]
    placed.sort(key=lambda pair: pair[1].behind.value if pair[1].behind else 0.0)
    return Ranking(pivot.kind, pivot.name, row, tuple(placed))
