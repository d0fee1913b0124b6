"""What Part 5 chooses among: every variant in every format whose accuracy and size were measured."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lab4.analysis.distribution import throughput
from lab4.analysis.observations import Observation, Observations
from lab4.analysis.pareto import pareto_front
from lab4.analysis.values import verdicts
from lab4.domain.catalogue import MissingTraitError, required
from lab4.domain.cell import EXAMINE, LATENCY, Cell

__all__ = ["Candidate", "Pool", "front_of", "lost", "pool_of", "reference_of"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A variant in a format, with what the rules look at.

    ``latency_s`` is seconds per call on the host at the smallest batch size, ``rate`` samples per second at the largest
    on the fastest device, both by the judging statistic; ``None`` where not measured. ``is_mobile`` is whether its
    format can be deployed on a phone.
    """

    key: str
    name: str
    is_original: bool
    is_mobile: bool
    correct: int
    total: int
    disk_bytes: int
    gzip_bytes: int
    latency_s: float | None = None
    rate: float | None = None

    @property
    def tie_break(self) -> tuple[int, int, int, str]:
        """Smaller is better: bytes on disk, examples wrong, bytes gzipped, and the key, which is unique."""
        return self.disk_bytes, -self.correct, self.gzip_bytes, self.key


@dataclass(frozen=True, slots=True)
class Pool:
    """The candidates, and the observation behind each by its key.

    ``smallest`` and ``largest`` are the batch sizes of their latencies and rates, ``None`` where nothing was timed.
    ``left_out`` were measured on other data; ``undeclared`` says which entries lack a trait that a rule looks at.
    """

    candidates: tuple[Candidate, ...]
    observations: dict[str, Observation]
    smallest: int | None
    largest: int | None
    left_out: int
    undeclared: tuple[str, ...]


def pool_of(observations: Observations) -> Pool:
    """Collect the candidates; those measured on other data than the latest run's are left out, and controls."""
    found = [each for each in observations.where(EXAMINE) if _is_candidate(observations, each)]
    data = _latest_data(observations, found)
    same = {each.cell.key: each for each in found if each.source.run.dataset.sha256 == data}
    timed = _timed_batches(observations)
    smallest, largest = min(timed, default=None), max(timed, default=None)
    host = _host_latencies(observations, smallest)
    candidates = tuple(
        _candidate(observations, each, host.get(_artifact(each.cell)), _rate(observations, each.cell, largest))
        for each in same.values()
    )
    undeclared = dict.fromkeys(
        reason for each in same.values() if isinstance(reason := _mobile(observations, each.cell), str)
    )
    return Pool(candidates, same, smallest, largest, len(found) - len(same), tuple(undeclared))


def reference_of(candidates: Sequence[Candidate]) -> Candidate | None:
    """The original with the highest accuracy, to which losses and reductions refer."""
    originals = [candidate for candidate in candidates if candidate.is_original]
    return min(originals, key=lambda c: (-c.correct / c.total, *c.tie_break), default=None)


def lost(candidate: Candidate, reference: Candidate) -> float:
    """Accuracy lost against the reference as a fraction, on as many examples; below zero where it gained."""
    return (reference.correct - candidate.correct) / reference.total


def front_of(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Those that no other beats in accuracy or bytes on disk without being worse in the other."""
    return pareto_front(candidates, lambda candidate: (-candidate.correct, candidate.disk_bytes))


def _is_candidate(observations: Observations, found: Observation) -> bool:
    is_sized = found.measured is not None and found.measured.size is not None and found.measured.size.disk_bytes > 0
    return is_sized and verdicts(found) is not None and not observations.catalogue.is_control(found.cell.variant)


def _latest_data(observations: Observations, found: Sequence[Observation]) -> str:
    used = [each.run.dataset.sha256 for each in observations.sources if any(o.source is each for o in found)]
    return used[-1] if used else ""


def _timed_batches(observations: Observations) -> set[int]:
    return {
        each.cell.batch_size
        for each in observations.where(LATENCY)
        if each.latency is not None and each.cell.batch_size is not None
    }


def _artifact(cell: Cell) -> tuple[str, str]:
    return cell.variant.id, cell.format


def _host_latencies(observations: Observations, batch_size: int | None) -> dict[tuple[str, str], float]:
    """Latencies in seconds on the host, by artifact, of the machine with most: two machines' are not comparable."""
    found = [
        (each.source.machine, _artifact(each.cell), each.latency.judging_s)
        for each in observations.where(LATENCY, batch_size=batch_size, runtime="")
        if each.latency is not None and observations.catalogue.device(each.cell.device).is_host
    ]
    most = Counter(machine for machine, _, _ in found).most_common(1)
    latencies: dict[tuple[str, str], float] = {}
    for machine, artifact, seconds in found:
        if machine == most[0][0]:
            latencies[artifact] = min(seconds, latencies.get(artifact, seconds))
    return latencies


def _rate(observations: Observations, cell: Cell, batch_size: int | None) -> float | None:
    """Samples per second by the judging statistic, on the fastest device."""
    if batch_size is None:
        return None
    rates = (
        throughput(batch_size, each.latency.judging_s)
        for each in observations.where(LATENCY, variant=cell.variant, format=cell.format, batch_size=batch_size)
        if each.latency is not None and each.latency.judging_s > 0
    )
    return max(rates, default=None)


def _mobile(observations: Observations, cell: Cell) -> bool | str:
    """Whether the cell's format is for phones, or which trait would say so."""
    try:
        return "mobile" in required(observations.catalogue.format(cell.format), "targets")
    except MissingTraitError as error:
        return str(error)


def _candidate(
    observations: Observations, found: Observation, latency_s: float | None, rate: float | None
) -> Candidate:
    cell, catalogue = found.cell, observations.catalogue
    accuracy, measured = verdicts(found), found.measured
    assert accuracy is not None and measured is not None and measured.size is not None  # noqa: S101, PT018  # a candidate
    return Candidate(
        key=cell.key,
        name=f"{catalogue.variant_label(cell.variant)}, {catalogue.format_label(cell)}",
        is_original=catalogue.is_original(cell),
        is_mobile=_mobile(observations, cell) is True,
        correct=sum(accuracy.correct),
        total=len(accuracy.correct),
        disk_bytes=measured.size.disk_bytes,
        gzip_bytes=measured.size.gzip_bytes,
        latency_s=latency_s,
        rate=rate,
    )
