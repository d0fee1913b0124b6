"""The figures of each cell of several runs, with its level on every axis by which cells are compared."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lab4.domain.catalogue import Catalogue, merged
from lab4.domain.cell import LATENCY, Cell
from lab4.domain.errors import CellIdError, UnknownNameError
from lab4.domain.figures import CellFigures, RunFigures
from lab4.domain.moment import moment

#: The axes by which cells can be compared.
AXES = ("machine", "device", "model", "technique", "format", "runtime", "batch", "threads")
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
                yield ComparedCell("", machine | {BENCHMARK: Level(key, key)}, found)
            else:
                yield ComparedCell(cell.kind, machine | _levels(cell, catalogue), found)


def _levels(cell: Cell, catalogue: Catalogue) -> dict[str, Level]:
    device = catalogue.device(cell.device)
    techniques = ", ".join(catalogue.technique(name).label for name in cell.techniques)
    levels = {
        "device": Level(cell.device, device.label),
        "model": Level(cell.model, catalogue.model(cell.model).label),
        "technique": Level(cell.techniques, techniques or "original"),
        "format": Level(cell.format, catalogue.format(cell.format).label),
    } | _runtimes(cell, catalogue)
    if cell.batch_size is not None:
        levels["batch"] = Level(cell.batch_size, str(cell.batch_size))
    if cell.kind == LATENCY and device.is_host is not False:
        levels[THREADS] = Level(cell.threads, str(cell.threads))
    return levels


def _runtimes(cell: Cell, catalogue: Catalogue) -> dict[str, Level]:
    usual = next(iter(catalogue.format(cell.format).runtimes), "")
    name = "" if cell.runtime == usual else cell.runtime
    found = {"runtime": Level(name, catalogue.runtime(name).label if name else "usual")}
    if cell.runtime or usual:
        actual = cell.runtime or usual
        found[ACTUAL_RUNTIME] = Level(actual, catalogue.runtime(actual).label)
    return found
