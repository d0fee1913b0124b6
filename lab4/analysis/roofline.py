"""How near a call comes to what the machine can do, and what holds it back: the roofline model.

After Williams, Waterman and Patterson, "Roofline: an insightful visual performance model for multicore architectures",
Communications of the ACM 52(4), 2009: what is attained is at most the lower of the peak of the arithmetic and of the
operations a byte times the bandwidth. The bandwidth is that of the cache where a call's bytes fit into it, as in the
cache-aware model (Ilic, Pratas, Sousa, IEEE Computer Architecture Letters 13(1), 2014).
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from lab4.analysis.observations import Observation, Observations
from lab4.analysis.tables import NotMeasured
from lab4.domain.catalogue import Catalogue, DeviceTraits, MissingTraitError, required
from lab4.domain.cell import LATENCY
from lab4.domain.observed import Peak, Work

#: What holds a call back.
Bound = Literal["compute", "memory", "call overhead"]
#: Where its bytes come from.
Level = Literal["memory", "cache"]

#: Kinds of peaks that are bytes/s; all others are arithmetics.
_LEVELS: tuple[Level, Level] = ("memory", "cache")

#: Of its time; above it a call is bound by its overhead, as then no faster arithmetic or memory could halve it.
_OVERHEAD_SHARE = 0.5


@dataclass(frozen=True, slots=True, order=True)
class RooflinePlace:
    """Where peaks and cells meet: a device, and the threads of the host; other devices have no number of them."""

    device: str
    threads: int | None = None


@dataclass(frozen=True, slots=True)
class PeakRates:
    """What a place reaches: operations/s by arithmetic, and bytes/s by level of memory, of what was measured.

    ``cached_bytes`` is how many bytes were in use when the bytes/s of the cache were measured.
    """

    place: RooflinePlace
    operations_per_s: Mapping[str, float]
    bytes_per_s: Mapping[Level, float]
    cached_bytes: int = 0

    def level(self, work: Work) -> Level:
        """Where the bytes of such a call come from, call after call."""
        return "cache" if "cache" in self.bytes_per_s and work.bytes <= self.cached_bytes else "memory"


@dataclass(frozen=True, slots=True)
class Roofline:
    """A call under its roof.

    ``attained_per_s`` and ``roof_per_s`` are operations/s, ``intensity`` operations a byte. ``share`` of the roof is a
    fraction, above 1 where the call does better than the kernels that the peaks were measured with. ``overhead_share``
    of the time is a fraction, ``None`` if unknown. ``bound`` is what holds the call back, or the reason why that is
    unknown.
    """

    attained_per_s: float
    intensity: float
    roof_per_s: float
    share: float
    level: Level
    overhead_share: float | None
    bound: Bound | NotMeasured


def peak_rates(peaks: Sequence[Peak], place: RooflinePlace) -> PeakRates:
    """The best rates of these peaks at a place: ``work`` by the fastest sample."""
    here = [each for each in peaks if each.device == place.device and place.threads in {None, each.threads}]
    found = [each for each in here if each.samples_s and min(each.samples_s) > 0]
    rates: dict[str, float] = {}
    for peak in found:
        rates[peak.kind] = max(rates.get(peak.kind, 0.0), peak.work / min(peak.samples_s))
    levels: dict[Level, float] = {level: rates.pop(level) for level in _LEVELS if level in rates}
    cached = max((peak.work for peak in found if peak.kind == "cache"), default=0)
    return PeakRates(place, rates, levels, cached)


def place_of(device: DeviceTraits, threads: int) -> RooflinePlace:
    """The place of a cell.

    Raises:
        MissingTraitError: where the device does not declare whether it is the host.
    """
    return RooflinePlace(device.name, threads if required(device, "is_host") else None)


def places_of(peaks: Sequence[Peak], catalogue: Catalogue) -> list[RooflinePlace]:
    """The places that these peaks are of, the host's first; a device that declares too little has none."""
    found = set()
    for peak in peaks:
        with suppress(MissingTraitError):
            found.add(place_of(catalogue.device(peak.device), peak.threads))
    return sorted(found, key=lambda place: (place.threads is None, place.device, place.threads or 0))


def times_by_batch(observations: Observations, found: Observation) -> list[tuple[int, float]]:
    """Batch size and median seconds of all calls of the run that differ from these in nothing but the batch size."""
    axes = found.cell.axes | {"batch_size": None}
    return [
        (each.cell.batch_size, each.latency.p50_s)
        for each in observations.where(LATENCY, variant=found.cell.variant, device=found.cell.device)
        if each.latency is not None
        and each.cell.batch_size is not None
        and each.source is found.source
        and each.cell.axes | {"batch_size": None} == axes
    ]


def overhead_s(timed: Sequence[tuple[int, float]]) -> float | None:
    """Seconds of a call that do not depend on its batch size, from (batch size, seconds) of two sizes or more.

    The line through the smallest and the largest batch, at no image: ``None`` where there is one size only. Reading the
    weights is part of it, which `judge` takes off. It is an estimate: where larger batches use the machine better, part
    of what they gain is counted too.
    """
    (least, least_s), (most, most_s) = min(timed, default=(0, 0.0)), max(timed, default=(0, 0.0))
    if least == most:
        return None
    per_image = (most_s - least_s) / (most - least)
    # Noise may bend the line either way; the overhead is neither negative nor more than the call.
    return min(max(0.0, least_s - least * per_image), least_s)


def judge(work: Work, latency_s: float, rates: PeakRates, overhead_s: float | None) -> Roofline | NotMeasured:
    """Place a call of ``work`` in ``latency_s`` under the roof of ``rates``, or say why that cannot be.

    It is bound by call overhead where that is more than half of its time, else by memory where its intensity is below
    the ridge point, else by compute. Weights are read once per call whatever the batch, so that the time their bytes
    need at full bandwidth is in ``overhead_s`` but is no overhead. Without ``overhead_s`` the verdict is a reason.
    """
    compute, level = rates.operations_per_s.get(work.arithmetic), rates.level(work)
    bandwidth = rates.bytes_per_s.get(level)
    if not compute or not bandwidth:
        return NotMeasured(f"no peaks in {work.arithmetic} {_where(rates.place)} in this run")
    if latency_s <= 0 or work.bytes <= 0:
        return NotMeasured("shorter than the clock can measure" if work.bytes > 0 else "moves no bytes")
    attained, intensity = work.operations / latency_s, work.operations / work.bytes
    roof, ridge = min(compute, intensity * bandwidth), compute / bandwidth
    # At most the whole call: the overhead is estimated from the smallest batch, and noise may make it too large.
    overhead = None if overhead_s is None else min(1.0, max(0.0, overhead_s - work.bytes / bandwidth) / latency_s)
    bound = _bound("memory" if intensity < ridge else "compute", overhead, level, attained > roof)
    return Roofline(attained, intensity, roof, attained / roof if roof else 0.0, level, overhead, bound)


def _bound(by_roof: Bound, overhead: float | None, level: Level, above: bool) -> Bound | NotMeasured:
    if overhead is None:
        return NotMeasured(f"{by_roof}, if not call overhead: one batch size only")
    if overhead > _OVERHEAD_SHARE:
        return "call overhead"
    if above and by_roof == "memory":
        return NotMeasured(f"neither memory nor call overhead: faster than the {level} peak")
    return by_roof


def _where(place: RooflinePlace) -> str:
    if place.threads is None:
        return f"on the device {place.device}"
    return "with one thread" if place.threads == 1 else f"with {place.threads} threads"
