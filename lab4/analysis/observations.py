"""Several runs into one observation per cell, and queries over them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lab4.analysis.distribution import Summary, Uncertainty, summarize, uncertainty, usual_probe_s
from lab4.analysis.figures import paired_examples
from lab4.analysis.tables import RunSource
from lab4.domain.catalogue import Catalogue, has_mark, merged
from lab4.domain.cell import EXAMINE, LATENCY, Cell, Variant
from lab4.domain.fields import moment
from lab4.domain.identity import Identifiable, completeness, distinct, identity
from lab4.domain.observed import PerExample
from lab4.domain.outcome import Failed, Measured, Measurement, Outcome, Unavailable
from lab4.domain.run import Run


@dataclass(frozen=True, slots=True)
class Observation:
    """A cell's chosen outcome and the run it is of.

    ``latency`` is set where latency samples were taken, ``verdicts`` where it is known of each validation image whether
    it is right, by the metric that artifacts are compared by.
    """

    cell: Cell
    outcome: Outcome
    source: RunSource
    latency: Summary | None
    verdicts: PerExample | None

    @property
    def measured(self) -> Measured | None:
        """What was measured, if anything."""
        return self.outcome if isinstance(self.outcome, Measured) else None

    @property
    def uncertainty(self) -> Uncertainty | None:
        """How well the median latency is known, ``None`` without one."""
        if self.latency is None or self.measured is None or self.measured.latency is None:
            return None
        return uncertainty(self.measured.latency, self.latency.interval)


@dataclass(frozen=True, slots=True)
class Observations:
    """One observation per cell, by cell key, and the runs they come from in the order they were started."""

    sources: tuple[RunSource, ...]
    by_key: Mapping[str, Observation]
    catalogue: Catalogue

    def at(self, cell: Cell) -> Observation | None:
        """The observation of this cell, ``None`` where no run planned it."""
        return self.by_key.get(cell.key)

    def where(
        self, kind: str | None = None, *, mark: str | None = None, **axes: str | int | tuple[str, ...] | Variant | None
    ) -> tuple[Observation, ...]:
        """The observations of cells of a kind, with a mark, and with these axes, in the order of the runs.

        ``axes`` are fields of a cell, or ``variant``; ``None`` asks for nothing. ``runtime=""`` asks for the usual
        runtime of each format.
        """
        variant = axes.pop("variant", None)
        if isinstance(variant, Variant):
            axes |= {"model": variant.model, "techniques": variant.techniques}
        found = list(self.by_key.values())
        for axis, value in {"kind": kind, **axes}.items():  # one after the other: a report asks thousands of times
            if value is not None:
                found = [each for each in found if getattr(each.cell, axis) == value]
        return tuple(each for each in found if mark is None or has_mark(mark, each.cell, self.catalogue))

    def artifacts(self, model: str | None = None) -> tuple[Observation, ...]:
        """The examined artifacts, each once: what they compute in other runtimes is left out."""
        return self.where(EXAMINE, model=model, runtime="")

    def of_artifact(self, other: Observation, kind: str) -> tuple[Observation, ...]:
        """The observations of a kind of the same artifact on the same device and in the same runtime and run."""
        cell = other.cell
        found = self.where(kind, variant=cell.variant, format=cell.format, runtime=cell.runtime, device=cell.device)
        return tuple(each for each in found if each.source is other.source)

    def least_call(self, examined: Observation, batch_size: int | None = None) -> Observation | None:
        """The calls of an examined artifact in the same run, at this batch size or the smallest: fewest threads."""
        usual = (
            each
            for each in self.of_artifact(examined, LATENCY)
            if not each.cell.settings and batch_size in {None, each.cell.batch_size}
        )
        return min(usual, key=lambda each: (each.cell.batch_size or 0, each.cell.threads), default=None)

    def original(self, model: str) -> Observation | None:
        """The examined artifact of the unmodified model in the format in which it is given."""
        found = (each for each in self.artifacts(model) if self.catalogue.is_original(each.cell))
        return next(found, None)

    def control(self, model: str) -> Observation | None:
        """The examined artifact of the model's control in the format in which it is given."""
        fmt = self.catalogue.model(model).original_format
        found = (each for each in self.artifacts(model) if each.cell.format == fmt)
        return next((each for each in found if self.catalogue.is_control(each.cell.variant)), None)

    @property
    def models(self) -> tuple[str, ...]:
        """The names of the models, each once, in the order of the runs."""
        return tuple(dict.fromkeys(each.cell.model for each in self.by_key.values()))


def observations_of(runs: Sequence[Run]) -> Observations:
    """Choose one observation for every cell that any run planned; the order of ``runs`` does not matter.

    Measured beats failed beats unavailable; among equals the run started later wins. Copies of a run are one source.
    """
    ordered = in_order(runs)
    names = machine_names(ordered)
    sources = {
        identity(run): RunSource(
            replace(run, measurements=()), names[machine_of(run)], tuple(each.cell for each in run.measurements)
        )
        for run in distinct(ordered)
    }
    chosen: dict[str, tuple[Run, Measurement]] = {}
    for run in ordered:
        for each in run.measurements:
            known = chosen.get(each.cell.key)
            if known is None or rank(each.outcome) >= rank(known[1].outcome):
                chosen[each.cell.key] = (run, each)
    usual = {id(run): _usual_probe_s(run) for run in ordered}
    catalogue = merged(run.catalogue for run in ordered)
    observations = {
        key: Observation(
            each.cell,
            each.outcome,
            sources[identity(run)],
            _summary(each.outcome, usual[id(run)]),
            paired_examples(each.outcome, catalogue),
        )
        for key, (run, each) in chosen.items()
    }
    return Observations(tuple(sources.values()), observations, catalogue)


_RANK: Mapping[type[Outcome], int] = {Unavailable: 0, Failed: 1, Measured: 2}


def rank(outcome: Outcome) -> int:
    """The more an outcome says, the greater: measured, failed, unavailable."""
    return _RANK[type(outcome)]


def _usual_probe_s(run: Run) -> float | None:
    outcomes = [each.outcome for each in run.measurements]
    return usual_probe_s(each.latency for each in outcomes if isinstance(each, Measured) and each.latency is not None)


def _summary(outcome: Outcome, usual_s: float | None) -> Summary | None:
    if isinstance(outcome, Measured) and outcome.latency is not None and outcome.latency.calls.samples_s:
        return summarize(outcome.latency, usual_s)
    return None


def in_order(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Sort by start, copies of a run by how complete they are; of equal ones by all else, the figures last."""
    heads = {
        id(run): (moment(run.started_at), completeness(run), repr((replace(run, measurements=()), run.source)))
        for run in runs
    }
    tied = len(set(heads.values())) < len(runs)
    return tuple(sorted(runs, key=lambda run: (*heads[id(run)], repr(run.measurements) if tied else "")))


def machine_of(run: Identifiable) -> tuple[str, str]:
    """What distinguishes the machine of a run from others: its node and its hardware."""
    return run.machine.node, run.machine.hardware_id


def machine_names(runs: Sequence[Identifiable]) -> dict[tuple[str, str], str]:
    """Name each machine, by `machine_of`, by its node, numbered where two machines have the same."""
    names: dict[tuple[str, str], str] = {}
    for node, hardware in dict.fromkeys(machine_of(run) for run in runs):
        same = sum(1 for other, _ in names if other == node)
        plain = node or "unnamed machine"
        names[node, hardware] = f"{plain} ({same + 1})" if same else plain
    return names
