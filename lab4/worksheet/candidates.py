"""What Part 5 chooses among: every variant in every format whose accuracy and size were measured."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lab4.analysis.charts.artifacts import pareto_points
from lab4.analysis.distribution import throughput
from lab4.analysis.observations import Observation, Observations
from lab4.domain.catalogue import DeviceTraits, FormatTraits, MissingTraitError, required
from lab4.domain.cell import LATENCY, Cell

#: The target of formats that a phone can run.
_MOBILE = "mobile"

#: A figure by the variant's id and the format that it is of.
_ByArtifact = Mapping[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A variant in a format, with what the rules look at, and the examined cell and the machine that it is from.

    ``correct`` says of each example whether it was predicted rightly, ``right`` how many were. ``latency_s`` is seconds
    per call on the host at the smallest batch size, ``rate`` samples/s at the largest on the fastest device, both by
    the comparison latency; ``None`` where not measured. ``is_mobile`` is whether a phone can run its format.
    """

    key: str
    name: str
    is_original: bool
    is_mobile: bool
    correct: tuple[bool, ...] = field(hash=False)  # thousands; keys differ
    disk_bytes: int
    gzip_bytes: int
    latency_s: float | None = None
    rate: float | None = None
    cell: Cell | None = None
    machine: str = ""
    right: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Count once: rules ask hundreds of times."""
        object.__setattr__(self, "right", self.correct.count(True))

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
    """The candidates. ``smallest`` and ``largest`` are the batch sizes of their latencies and rates.

    Where nothing was timed (``is_timed``), they are those that the form asks for. ``left_out`` were measured on other
    data; ``undeclared`` says which entries lack a trait that a rule looks at.
    """

    candidates: tuple[Candidate, ...]
    smallest: int
    largest: int
    is_timed: bool = True
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


def pool_of(observations: Observations, asked_sizes: Collection[int]) -> Pool:
    """Collect the candidates; those measured on other data than the latest run's are left out, and controls.

    ``asked_sizes`` are the batch sizes that the form asks for.
    """
    catalogue, timed = observations.catalogue, observations.where(LATENCY)
    sizes = [size for each in timed if each.latency and (size := each.cell.batch_size)]
    smallest, largest = min(sizes or asked_sizes), max(sizes or asked_sizes)
    latencies, rates = _host_latencies(observations, smallest), _rates(observations, largest)
    examined = [(each, _candidate(observations, each, latencies, rates)) for each in observations.artifacts()]
    found = [(each, candidate) for each, candidate in examined if candidate is not None]
    used = [source for source in observations.sources if any(each.source is source for each, _ in found)]
    data = {source.run.dataset.sha256 for source in used[-1:]}
    same = [(each, candidate) for each, candidate in found if each.source.run.dataset.sha256 in data]
    undeclared = [
        *_undeclared((catalogue.format(each.cell.format) for each, _ in same), "targets"),
        *_undeclared((catalogue.device(each.cell.device) for each in timed), "is_host"),
    ]
    candidates, left_out = tuple(candidate for _, candidate in same), len(found) - len(same)
    return Pool(candidates, smallest, largest, bool(sizes), left_out, tuple(dict.fromkeys(undeclared)))


def _candidate(
    observations: Observations, found: Observation, latencies: _ByArtifact, rates: _ByArtifact
) -> Candidate | None:
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
        latency_s=latencies.get(_artifact(cell)),
        rate=rates.get(_artifact(cell)),
        cell=cell,
        machine=found.source.machine,
    )


def _artifact(cell: Cell) -> tuple[str, str]:
    return cell.variant.id, cell.format


def _host_latencies(observations: Observations, batch_size: int) -> _ByArtifact:
    """Latencies in seconds on the host of the machine with most: two machines' are not comparable."""
    found = [
        (each.source.machine, _artifact(each.cell), each.latency.comparison_s)
        for each in observations.where(LATENCY, batch_size=batch_size, runtime="")
        if each.latency is not None and observations.catalogue.device(each.cell.device).is_host
    ]
    most = Counter(machine for machine, _, _ in found).most_common(1)
    # Of several numbers of threads, the fastest: a smaller one later in the list wins.
    return {artifact: s for machine, artifact, s in sorted(found, key=lambda each: -each[2]) if machine == most[0][0]}


def _rates(observations: Observations, batch_size: int) -> _ByArtifact:
    found = [
        (_artifact(each.cell), throughput(batch_size, each.latency.comparison_s))
        for each in observations.where(LATENCY, batch_size=batch_size)
        if each.latency is not None and each.latency.comparison_s > 0
    ]
    return dict(sorted(found, key=lambda each: each[1]))


def _undeclared(entries: Iterable[FormatTraits | DeviceTraits], trait: str) -> Iterator[str]:
    """Why a rule cannot look at a trait of these entries."""
    for each in entries:
        try:
            required(each, trait)
        except MissingTraitError as error:  # noqa: PERF203  # a few entries
            yield str(error)


def lost(candidate: Candidate, reference: Candidate) -> float:
    """Accuracy lost against the reference as a fraction, on as many examples; below zero where it gained."""
    return (reference.right - candidate.right) / reference.total


def front_of(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Those that no other beats in accuracy or bytes on disk without being worse in the other."""
    front = pareto_points([(each.disk_bytes, each.right) for each in candidates])
    return tuple(each for each in candidates if (each.disk_bytes, each.right) in front)
