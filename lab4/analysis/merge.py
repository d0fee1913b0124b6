"""Several runs into one reading a cell: which run fills which blank."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lab4.analysis.distribution import Summary, summarize
from lab4.analysis.judging import usual_reference_s
from lab4.analysis.tables import Source
from lab4.domain.catalogue import Catalogue, merged
from lab4.domain.cell import Cell
from lab4.domain.identity import completeness, distinct, identity
from lab4.domain.marks import has_mark
from lab4.domain.moment import moment
from lab4.domain.outcome import Failed, Measured, Outcome, Unavailable
from lab4.domain.run import Run

__all__ = ["Merged", "Reading", "machine_names", "machine_of", "merge"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A cell's chosen outcome and where it was made. ``latency`` is set where latency samples were taken."""

    cell: Cell
    outcome: Outcome
    source: Source
    latency: Summary | None


@dataclass(frozen=True, slots=True)
class Merged:
    """One reading per cell, by cell key, and the runs they come from in the order they were started."""

    sources: tuple[Source, ...]
    readings: dict[str, Reading]
    catalogue: Catalogue

    def label(self, name: str) -> str:
        """The name that people read, of an entry of any kind."""
        return self.catalogue.any_label(name)

    def of(self, mark: str, model: str | None = None) -> tuple[Reading, ...]:
        """The readings of cells with a mark, and of a model where one is named, in the order of the runs."""
        return tuple(
            reading
            for reading in self.readings.values()
            if model in {None, reading.cell.model} and has_mark(mark, reading.cell, self.catalogue)
        )

    def at(self, cell: Cell) -> Reading | None:
        """The reading of this cell, ``None`` where no run planned it."""
        return self.readings.get(cell.key)


def merge(runs: Sequence[Run]) -> Merged:
    """Choose one reading for every cell that any run planned; the order of ``runs`` does not matter.

    Measured beats failed beats unavailable; among equals the run started later wins. Copies of a run are one source.
    """
    ordered = _in_order(runs)
    names = machine_names(ordered)
    found: dict[str, list[tuple[Run, Source, Cell, Outcome]]] = {}
    usual = {id(run): _usual_reference_s(run) for run in ordered}
    sources = {
        identity(run): Source(replace(run, measurements=()), names[machine_of(run)]) for run in distinct(ordered)
    }
    for run in ordered:
        source = sources[identity(run)]
        for measurement in run.measurements:
            found.setdefault(measurement.cell.key, []).append((run, source, measurement.cell, measurement.outcome))
    readings = {}
    for key, candidates in found.items():
        # ``max`` keeps the first of equals, and later runs come later: so look from the end.
        run, source, cell, outcome = max(reversed(candidates), key=lambda candidate: _rank(candidate[3]))
        readings[key] = Reading(cell, outcome, source, _summary(outcome, usual[id(run)]))
    return Merged(tuple(sources.values()), readings, merged(run.catalogue for run in ordered))


def _rank(outcome: Outcome) -> int:
    match outcome:
        case Measured():
            return 2
        case Failed():
            return 1
        case Unavailable():  # pragma: no branch  # the union ends here
            return 0


def _usual_reference_s(run: Run) -> float | None:
    outcomes = [each.outcome for each in run.measurements]
    return usual_reference_s(
        each.latency for each in outcomes if isinstance(each, Measured) and each.latency is not None
    )


def _summary(outcome: Outcome, usual_s: float | None) -> Summary | None:
    if isinstance(outcome, Measured) and outcome.latency is not None and outcome.latency.calls.samples_s:
        return summarize(outcome.latency, usual_s)
    return None


def _in_order(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Sort by start, copies of a run by how complete they are; of equal ones by all else, the figures last."""
    heads = {
        id(run): (moment(run.started_at), completeness(run), repr((replace(run, measurements=()), run.source)))
        for run in runs
    }
    tied = len(set(heads.values())) < len(runs)
    return tuple(sorted(runs, key=lambda run: (*heads[id(run)], repr(run.measurements) if tied else "")))


def machine_of(run: Run) -> tuple[str, str]:
    """What tells the machine of a run from others: its node and its hardware."""
    return run.machine.node, run.machine.hardware_id


def machine_names(runs: Sequence[Run]) -> dict[tuple[str, str], str]:
    """Name each machine, by `machine_of`, by its node, numbered where two machines have the same."""
    names: dict[tuple[str, str], str] = {}
    for node, hardware in dict.fromkeys(machine_of(run) for run in runs):
        same = sum(1 for other, _ in names if other == node)
        plain = node or "unnamed machine"
        names[node, hardware] = f"{plain} ({same + 1})" if same else plain
    return names
