"""What Part 5 chooses among, what losses refer to, and the Pareto front of accuracy and size."""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Candidate", "lost", "pareto_front", "reference_of"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A variant in a format, with what the rules look at.

    ``latency_s`` is seconds per call on the CPU at batch 1, by the statistic that judges; ``rate`` images per
    second at batch 32 on the fastest device. Either is ``None`` where it was not measured.
    """

    key: str
    name: str
    format: str
    original: bool
    correct: int
    total: int
    disk_bytes: int
    gzip_bytes: int
    latency_s: float | None = None
    rate: float | None = None

    @property
    def tie_break(self) -> tuple[int, int, int, str]:
        """Smaller is better: bytes on disk, images wrong, bytes gzipped, and the key, which is unique."""
        return self.disk_bytes, -self.correct, self.gzip_bytes, self.key


def reference_of(candidates: Sequence[Candidate]) -> Candidate | None:
    """The original Keras model with the highest accuracy, to which losses and reductions refer."""
    originals = [candidate for candidate in candidates if candidate.original]
    return min(originals, key=lambda c: (-c.correct / c.total, *c.tie_break), default=None)


def lost(candidate: Candidate, reference: Candidate) -> float:
    """Accuracy lost against the reference as a fraction, on as many images; below zero where it gained."""
    return (reference.correct - candidate.correct) / reference.total


def pareto_front(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Those that no other beats in accuracy or bytes on disk without being worse in the other."""
    return tuple(mine for mine in candidates if not any(_dominates(other, mine) for other in candidates))


def _dominates(one: Candidate, other: Candidate) -> bool:
    no_worse = one.correct >= other.correct and one.disk_bytes <= other.disk_bytes
    return no_worse and (one.correct, one.disk_bytes) != (other.correct, other.disk_bytes)
