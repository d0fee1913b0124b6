"""From the runs of a history to what a site shows of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import exp, log
from statistics import median

from lab4.analysis.figures import FigureTraits, Nature, is_timed, known_figures
from lab4.analysis.trend import TrendSample
from lab4.domain.catalogue import Catalogue, merged
from lab4.domain.cell import Cell
from lab4.domain.errors import CellIdError, HistoryError, UnknownNameError
from lab4.domain.figures import CellFigures, RunFigures
from lab4.domain.identity import utc
from lab4.domain.machine import is_identified_id
from lab4.domain.text import printable

#: By what a reader filters, in this order.
AXES = ("model", "technique", "format", "device", "machine")
#: The name of the axis' value where a cell has none, as a benchmark of plain pytest-benchmark.
NONE = ""
#: What a level is the median of: so many of a machine's newest runs that measured the cell.
LEVEL_RUNS = 5
#: No figure in base units is greater, and none that is timed smaller than its inverse.
_GREATEST = 1e30
#: Digits of the name of a machine by which those of one name are distinguished.
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Named:
    """A value of an axis: its name in records, by which links choose it, and its label."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class SiteRun:
    """A run by its number in the history. ``machine`` is the key of its machine, ``moment`` its start in UTC."""

    number: int
    figures: RunFigures
    machine: str
    moment: str


@dataclass(frozen=True, slots=True)
class SiteMachine:
    """A machine: hardware, whatever it is called. ``names`` are all that its runs give it, the newest last.

    ``key`` is the identifier of its hardware, ``label`` distinguishes it from every other, ``runs`` are oldest first.
    """

    key: str
    label: str
    names: tuple[str, ...]
    runs: tuple[SiteRun, ...]

    @property
    def newest(self) -> SiteRun:
        """The run that started last."""
        return self.runs[-1]

    @property
    def is_identified(self) -> bool:
        """Whether its runs name the CPU model and the number of cores."""
        return is_identified_id(self.key)


@dataclass(frozen=True, slots=True)
class SiteCell:
    """A cell: its values on the axes but the machine, and its figures in every run that has it, oldest first.

    ``followed`` are the names of the figures that it has, ``main`` that which a reader wants first; it is empty where
    nothing was measured.
    """

    key: str
    kind: str
    label: str
    axes: Mapping[str, Named]
    points: tuple[tuple[SiteRun, CellFigures], ...]
    followed: tuple[str, ...]
    main: str

    def on(self, machine: str) -> list[tuple[SiteRun, CellFigures]]:
        """The points on one machine."""
        return [each for each in self.points if each[0].machine == machine]


@dataclass(frozen=True, slots=True)
class Selection:
    """The runs, machines and cells of a history, what is known of its figures, and the labels of its names."""

    runs: tuple[SiteRun, ...]
    machines: tuple[SiteMachine, ...]
    cells: tuple[SiteCell, ...]
    figures: Mapping[str, FigureTraits]
    catalogue: Catalogue
    speeds: Mapping[int, float] = field(default_factory=dict)

    @property
    def models(self) -> tuple[Named, ...]:
        """Every model, in the order of the cells."""
        return tuple(dict.fromkeys(each.axes["model"] for each in self.cells))


def selection_of(numbered: Iterable[tuple[int, RunFigures]]) -> Selection:
    """What a site shows of these runs, each with its number in the history.

    Raises:
        HistoryError: where there is no run, or the start of one is no time.
    """
    runs = sorted((_run(*each) for each in numbered), key=lambda run: (run.moment, run.number))
    if not runs:
        raise HistoryError("the history is empty; add a run with: lab4 history add run.json")
    figures = known_figures(run.figures for run in runs)
    catalogue = merged(run.figures.catalogue for run in runs)
    cells = _cells(runs, figures, catalogue)
    return Selection(tuple(runs), _machines(runs), cells, figures, catalogue, _speeds(runs, cells, figures))


def _run(number: int, figures: RunFigures) -> SiteRun:
    try:
        moment = utc(figures.started_at).isoformat(timespec="seconds")
    except (ValueError, TypeError, OverflowError):
        raise HistoryError(
            f"run {number} began at {figures.started_at!r}, which is no time; add the other runs to a new history"
        ) from None
    figures = possible(figures)
    return SiteRun(number, figures, printable(figures.machine.hardware_id), moment)


def possible(run: RunFigures) -> RunFigures:
    """The run without values that no clock or meter gives: a damaged or hostile history may hold any."""
    return replace(run, cells={printable(key): _possible(cell) for key, cell in run.cells.items()})


def _possible(cell: CellFigures) -> CellFigures:
    ends = [(name, end) for name, both in cell.intervals.items() for end in both]
    if all(_is_possible(*each) for each in (*cell.values.items(), *cell.corrected.items(), *ends)):
        return cell
    values = {name: value for name, value in cell.values.items() if _is_possible(name, value)}
    corrected = {name: value for name, value in cell.corrected.items() if name in values and _is_possible(name, value)}
    intervals = {
        name: both
        for name, both in cell.intervals.items()
        if name in values and all(_is_possible(name, end) for end in both)
    }
    return replace(cell, values=values, corrected=corrected, intervals=intervals)


def _is_possible(name: str, value: float) -> bool:
    """Whether a value can be computed with; what is timed must have a logarithm."""
    return abs(value) <= _GREATEST and (value >= 1 / _GREATEST or not is_timed(name))


def _machines(runs: Sequence[SiteRun]) -> tuple[SiteMachine, ...]:
    own: dict[str, list[SiteRun]] = {}
    for run in runs:
        own.setdefault(run.machine, []).append(run)
    names = {
        key: tuple(dict.fromkeys(printable(run.figures.machine.node) for run in reversed(of_it)))[::-1]
        for key, of_it in own.items()
    }
    called = {key: found[-1] or "unnamed machine" for key, found in names.items()}
    shared = [*called.values()]
    labels = {key: name if shared.count(name) == 1 else f"{name} ({key[:_DIGITS]})" for key, name in called.items()}
    distinct = len(set(labels.values())) == len(labels)
    return tuple(
        SiteMachine(key, labels[key] if distinct else f"{called[key]} ({key})", names[key], tuple(of_it))
        for key, of_it in own.items()
    )


def _cells(runs: Sequence[SiteRun], figures: Mapping[str, FigureTraits], catalogue: Catalogue) -> tuple[SiteCell, ...]:
    points: dict[str, list[tuple[SiteRun, CellFigures]]] = {}
    for run in runs:
        for key, cell in run.figures.cells.items():
            points.setdefault(key, []).append((run, cell))
    found = []
    for key, own in points.items():
        kind, label, axes = _axes(key, catalogue)
        has = {name for _, cell in own if cell.state == "measured" for name in cell.values}
        followed = tuple(name for name in figures if name in has)
        main = next((name for name in followed if figures[name].judged), next(iter(followed), ""))
        found.append(SiteCell(key, kind, label, axes, tuple(own), followed, main))
    return tuple(found)


def _axes(key: str, catalogue: Catalogue) -> tuple[str, str, dict[str, Named]]:
    """The kind of a cell, its label, and its values on the axes."""
    try:
        cell = Cell.from_key(key)
    except (CellIdError, UnknownNameError):
        return "benchmark", key, {axis: Named(NONE, "none") for axis in AXES[:-1]}
    techniques = ", ".join(catalogue.technique(name).label for name in cell.techniques)
    axes = {
        "model": Named(cell.model, catalogue.model(cell.model).label),
        "technique": Named(str(cell.axes["technique"]), techniques or "original"),
        "format": Named(cell.format, catalogue.format(cell.format).label),
        "device": Named(cell.device, catalogue.device(cell.device).label),
    }
    return cell.kind, cell.id, {axis: Named(each.name, printable(each.label)) for axis, each in axes.items()}


def samples_of(cells: Iterable[SiteCell]) -> dict[str, list[TrendSample]]:
    """The cells through their runs, as trends take them."""
    return {
        cell.key: [
            TrendSample(run.number, run.figures.started_at, run.machine, run.figures.commit.revision, figures)
            for run, figures in cell.points
        ]
        for cell in cells
    }


def level(cell: SiteCell, machine: str, figure: str) -> float | None:
    """The median of a figure over the newest runs of a machine that have it; ``None`` without any."""
    values = [own.values[figure] for _, own in cell.on(machine) if own.state == "measured" and figure in own.values]
    return median(values[-LEVEL_RUNS:]) if values else None


def _speeds(
    runs: Sequence[SiteRun], cells: Sequence[SiteCell], figures: Mapping[str, FigureTraits]
) -> dict[int, float]:
    """For each run the median, over its cells, of the main time against its median on the machine; 1 is the usual.

    A machine that slows down, or a change that many cells feel, shows in it.
    """
    logs: dict[int, list[float]] = {}
    for cell in cells:
        name = next((each for each in cell.followed if _is_main_time(figures[each])), None)
        if name is None:
            continue
        timed: dict[str, list[tuple[SiteRun, float]]] = {}
        for run, own in cell.points:
            if own.state == "measured" and own.values.get(name, 0.0) > 0:
                timed.setdefault(run.machine, []).append((run, log(own.values[name])))
        for values in timed.values():
            usual = median(value for _, value in values)
            for run, value in values:
                logs.setdefault(run.number, []).append(value - usual)
    return {run.number: exp(median(logs[run.number])) for run in runs if run.number in logs}


def _is_main_time(figure: FigureTraits) -> bool:
    return figure.nature is Nature.TIMED and figure.essential and figure.quantity == "time"
