"""What Part 5 chooses among: every variant in every format whose accuracy and size were measured."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lab4.analysis.charts import pareto_points
from lab4.analysis.distribution import throughput
from lab4.analysis.observations import Observation, Observations
from lab4.domain.catalogue import DeviceTraits, FormatTraits, MissingTraitError, required
from lab4.domain.cell import EXAMINE, LATENCY, Cell

__all__ = ["Candidate", "Pool", "front_of", "lost", "pool_of"]

#: The target of formats that a phone can run.
_MOBILE = "mobile"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A variant in a format, with what the rules look at.

    ``correct`` says of each example whether it was predicted rightly. ``latency_s`` is seconds per call on the host at
    the smallest batch size, ``rate`` samples/s at the largest on the fastest device, both by the comparison latency;
    ``None`` where not measured. ``is_mobile`` is whether a phone can run its format.
    """

    key: str
    name: str
    is_original: bool
    is_mobile: bool
    correct: tuple[bool, ...]
    disk_bytes: int
    gzip_bytes: int
    latency_s: float | None = None
    rate: float | None = None

    @property
    def right(self) -> int:
        """How many examples were predicted rightly."""
        return sum(self.correct)

    @property
    def total(self) -> int:
        """How many examples there were."""
        return len(self.correct)

    @property
    def tie_break(self) -> tuple[int, int, int, str]:
        """Smaller is better: bytes on disk, examples wrong, bytes gzipped, and the key, which is unique."""
        return self.disk_bytes, -self.right, self.gzip_bytes, self.key


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
    left_out: int = 0
    undeclared: tuple[str, ...] = ()

    @property
    def reference(self) -> Candidate | None:
        """The original with the highest accuracy, to which losses and reductions refer."""
        originals = [candidate for candidate in self.candidates if candidate.is_original]
        return min(originals, key=lambda c: (-c.right / c.total, *c.tie_break), default=None)

    @property
    def comparable(self) -> tuple[Candidate, ...]:
        """The candidates measured on as many examples as the reference."""
        whole = self.reference
        return tuple(each for each in self.candidates if whole is None or each.total == whole.total)


def pool_of(observations: Observations) -> Pool:
    """Collect the candidates; those measured on other data than the latest run's are left out, and controls."""
    sizes = [size for each in observations.where(LATENCY) if each.latency and (size := each.cell.batch_size)]
    smallest, largest = min(sizes, default=None), max(sizes, default=None)
    host = _host_latencies(observations, smallest)
    found = {}
    for each in observations.where(EXAMINE):
        candidate = _candidate(observations, each, host, largest)
        if candidate is not None:
            found[each.cell.key] = each, candidate
    data = _latest_data(observations, [each for each, _ in found.values()])
    same = {key: pair for key, pair in found.items() if pair[0].source.run.dataset.sha256 == data}
    formats = (_undeclared(observations.catalogue.format(each.cell.format), "targets") for each, _ in same.values())
    timed_on = (observations.catalogue.device(each.cell.device) for each in observations.where(LATENCY))
    reasons = (*formats, *(_undeclared(device, "is_host") for device in timed_on))
    return Pool(
        tuple(candidate for _, candidate in same.values()),
        {key: each for key, (each, _) in same.items()},
        smallest,
        largest,
        len(found) - len(same),
        tuple(dict.fromkeys(reason for reason in reasons if reason)),
    )


def lost(candidate: Candidate, reference: Candidate) -> float:
    """Accuracy lost against the reference as a fraction, on as many examples; below zero where it gained."""
    return (reference.right - candidate.right) / reference.total


def front_of(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Those that no other beats in accuracy or bytes on disk without being worse in the other."""
    front = pareto_points([(each.disk_bytes, each.right) for each in candidates])
    return tuple(each for each in candidates if (each.disk_bytes, each.right) in front)


def _candidate(
    observations: Observations, found: Observation, host: dict[tuple[str, str], float], largest: int | None
) -> Candidate | None:
    """The candidate, if accuracy and size were measured and it is no control."""
    cell, catalogue, accuracy = found.cell, observations.catalogue, found.verdicts
    size = None if found.measured is None else found.measured.size
    if accuracy is None or size is None or size.disk_bytes <= 0 or catalogue.is_control(cell.variant):
        return None
    return Candidate(
        key=cell.key,
        name=f"{catalogue.variant_label(cell.variant)}, {catalogue.format_label(cell)}",
        is_original=catalogue.is_original(cell),
        is_mobile=_MOBILE in (catalogue.format(cell.format).targets or ()),
        correct=accuracy.correct,
        disk_bytes=size.disk_bytes,
        gzip_bytes=size.gzip_bytes,
        latency_s=host.get(_artifact(cell)),
        rate=None if largest is None else _rate(observations, cell, largest),
    )


def _latest_data(observations: Observations, found: Sequence[Observation]) -> str:
    used = [each.run.dataset.sha256 for each in observations.sources if any(o.source is each for o in found)]
    return used[-1] if used else ""


def _artifact(cell: Cell) -> tuple[str, str]:
    return cell.variant.id, cell.format


def _host_latencies(observations: Observations, batch_size: int | None) -> dict[tuple[str, str], float]:
    """Latencies in seconds on the host, by artifact, of the machine with most: two machines' are not comparable."""
    found = [
        (each.source.machine, _artifact(each.cell), each.latency.comparison_s)
        for each in observations.where(LATENCY, batch_size=batch_size, runtime="")
        if each.latency is not None and observations.catalogue.device(each.cell.device).is_host
    ]
    most = Counter(machine for machine, _, _ in found).most_common(1)
    # Of several numbers of threads, the fastest: a smaller one later in the list wins.
    return {artifact: s for machine, artifact, s in sorted(found, key=lambda each: -each[2]) if machine == most[0][0]}


def _rate(observations: Observations, cell: Cell, batch_size: int) -> float | None:
    """Samples per second by the comparison latency, on the fastest device."""
    found = observations.where(LATENCY, variant=cell.variant, format=cell.format, batch_size=batch_size)
    seconds = [
        each.latency.comparison_s for each in found if each.latency is not None and each.latency.comparison_s > 0
    ]
    return throughput(batch_size, min(seconds)) if seconds else None


def _undeclared(traits: FormatTraits | DeviceTraits, name: str) -> str:
    """Why a rule cannot look at a trait; empty where it is declared."""
    try:
        required(traits, name)
    except MissingTraitError as error:
        return str(error)
    return ""
