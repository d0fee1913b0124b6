"""What Part 5 may choose among: every variant in every format whose accuracy and size were measured."""

from collections import Counter
from dataclasses import dataclass

from lab4.analysis.distribution import throughput
from lab4.analysis.observations import Observation, Observations
from lab4.analysis.pareto import Candidate
from lab4.analysis.parts.shared import is_control, variant_name
from lab4.domain.cell import Cell
from lab4.domain.observed import Accuracy, Size
from lab4.domain.outcome import Measured

__all__ = ["Pool", "pool"]

_PARTS = ("quantization", "pruning", "deployment")
_MOBILE_BATCH = 1
_SERVER_BATCH = 32


@dataclass(frozen=True, slots=True)
class Pool:
    """The candidates, the reading behind each by its key, and how many were measured on other images."""

    candidates: tuple[Candidate, ...]
    readings: dict[str, Observation]
    accuracies: dict[str, Accuracy]
    left_out: int


def pool(merged: Observations) -> Pool:
    """Collect the candidates; those of another dataset than the latest run's are left out."""
    found: dict[str, tuple[Observation, Accuracy, Size]] = {}
    for part in _PARTS:
        for reading in merged.where(mark=part):
            seen = _seen(reading)
            if seen is not None and not is_control(reading.cell.variant):
                found.setdefault(f"{reading.cell.variant.id}/{reading.cell.format}", (reading, *seen))
    dataset = _latest_dataset(merged, [reading for reading, _, _ in found.values()])
    same = {key: entry for key, entry in found.items() if entry[0].source.run.dataset.sha256 == dataset}
    latencies = _latencies(merged)
    candidates = tuple(_candidate(merged, key, latencies, entry) for key, entry in same.items())
    return Pool(
        candidates,
        {key: entry[0] for key, entry in same.items()},
        {key: entry[1] for key, entry in same.items()},
        len(found) - len(same),
    )


def _seen(reading: Observation) -> tuple[Accuracy, Size] | None:
    if not isinstance(reading.outcome, Measured):
        return None
    accuracy, size = reading.outcome.accuracy, reading.outcome.size
    if accuracy is None or not accuracy.correct or size is None or size.disk_bytes <= 0:
        return None
    return accuracy, size


def _latest_dataset(merged: Observations, readings: list[Observation]) -> str:
    used = [source.run.dataset.sha256 for source in merged.sources if any(r.source is source for r in readings)]
    return used[-1] if used else ""


def _latencies(merged: Observations) -> dict[Cell, float]:
    """Batch-1 CPU latencies in seconds of one machine, the one with most: two machines' are not comparable."""
    found = [
        reading
        for reading in merged.where(mark="inference")
        if reading.latency is not None and (reading.cell.device, reading.cell.batch_size) == ("cpu", _MOBILE_BATCH)
    ]
    most = Counter(reading.source.machine for reading in found).most_common(1)
    return {
        reading.cell: reading.latency.judging_s
        for reading in found
        if reading.latency is not None and reading.source.machine == most[0][0]
    }


def _rate(merged: Observations, cell: Cell) -> float | None:
    """Images per second at batch 32 by the judging statistic, on the fastest device."""
    rates = [
        throughput(_SERVER_BATCH, reading.latency.judging_s)
        for reading in merged.where(mark="inference", model=cell.model)
        if reading.latency is not None
        and reading.latency.judging_s > 0
        and (reading.cell.techniques, reading.cell.format) == (cell.techniques, cell.format)
        and reading.cell.batch_size == _SERVER_BATCH
    ]
    return max(rates, default=None)


def _candidate(
    merged: Observations, key: str, latencies: dict[Cell, float], entry: tuple[Observation, Accuracy, Size]
) -> Candidate:
    reading, accuracy, size = entry
    cell = reading.cell
    return Candidate(
        key=key,
        name=f"{variant_name(merged, cell.variant)}, {merged.catalogue.any_label(cell.format)}",
        format=cell.format,
        original=not cell.techniques and cell.format == "keras",
        correct=sum(accuracy.correct),
        total=len(accuracy.correct),
        disk_bytes=size.disk_bytes,
        gzip_bytes=size.gzip_bytes,
        latency_s=latencies.get(Cell("latency", cell.model, cell.techniques, "cpu", _MOBILE_BATCH, cell.format)),
        rate=_rate(merged, cell),
    )
