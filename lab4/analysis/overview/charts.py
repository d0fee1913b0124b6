"""The charts of a report, from figures in base units: latency by format, size and quality, cells under the roofs."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TypeVar

from lab4.analysis.document import Bar, BarChart, Roof, RooflineChart, RooflinePoint
from lab4.analysis.observations import Observation, Observations
from lab4.analysis.roofline import PeakRates, Place, peak_rates, place_of, places_of
from lab4.analysis.tables import Quantity, Source
from lab4.analysis.values import accuracy
from lab4.domain.catalogue import MissingTraitError
from lab4.domain.cell import EXAMINE, LATENCY, Cell

__all__ = ["latency_charts", "pareto_front", "roofline_charts", "size_charts"]

T = TypeVar("T")
#: A chart of one bar compares nothing.
_LEAST_BARS = 2


def latency_charts(found: Observations) -> tuple[BarChart, ...]:
    """Median latency by variant and format: a chart for each model, machine, device, batch size and threads."""
    timed = [each for each in found.where(LATENCY) if each.latency is not None and each.latency.p50_s > 0]
    charts = []
    for group in _grouped(timed, _conditions):
        ordered = sorted(group, key=lambda each: each.latency.p50_s if each.latency else 0.0)
        bars = tuple(
            Bar(_artifact(found, each.cell), Quantity(each.latency.p50_s), strong=not each.cell.techniques)
            for each in ordered
            if each.latency is not None
        )
        if len(bars) >= _LEAST_BARS:
            title = f"Latency of the {_circumstances(found, group[0])}"
            charts.append(BarChart(title, _LATENCY_NOTE, "milliseconds", bars, logarithmic=True))
    return tuple(charts)


_LATENCY_NOTE = "Median of single calls, lowest first; dark bars are the unmodified model."


def size_charts(found: Observations) -> tuple[BarChart, ...]:
    """Size on disk with quality, a chart for each model; what no other beats in both stands out."""
    latest = _latest_dataset(found)
    charts = []
    for group in _grouped(
        (each for each in found.where(EXAMINE) if each.source.run.dataset.sha256 == latest),
        lambda each: each.cell.model,
    ):
        sized = [
            (each, Quantity(each.measured.size.disk_bytes), quality)
            for each in group
            if each.measured is not None
            and each.measured.size is not None
            and isinstance(quality := accuracy(each), Quantity)
            and not found.catalogue.is_control(each.cell.variant)
        ]
        front = pareto_front([(size.value, quality.value) for _, size, quality in sized])
        bars = tuple(
            Bar(
                _artifact(found, each.cell), size, ((quality, "accuracy"),), strong=(size.value, quality.value) in front
            )
            for each, size, quality in sized
        )
        if len(bars) >= _LEAST_BARS:
            title = f"Size and accuracy of the {found.catalogue.model(group[0].cell.model).label}"
            charts.append(BarChart(title, _SIZE_NOTE, "bytes", bars))
    return tuple(charts)


_SIZE_NOTE = "Size on disk, with accuracy; dark bars are on the Pareto front: nothing is both smaller and better."


def pareto_front(points: Sequence[tuple[float, float]]) -> set[tuple[float, float]]:
    """Those of (size, quality) that no other beats in one without being worse in the other.

    >>> sorted(pareto_front([(1.0, 0.9), (2.0, 0.9), (3.0, 0.95)]))
    [(1.0, 0.9), (3.0, 0.95)]
    """
    return {
        (size, quality)
        for size, quality in points
        if not any(
            other_size <= size and other >= quality and (other_size, other) != (size, quality)
            for other_size, other in points
        )
    }


def roofline_charts(found: Observations) -> tuple[RooflineChart, ...]:
    """The unmodified model in each format and batch size under the roofs of each place, a chart for each model."""
    charts = []
    for source in found.sources:
        for place in places_of(source.run.peaks, source.run.catalogue):
            roofs = tuple(_roofs(peak_rates(source.run.peaks, place)))
            for model in found.models:
                points = tuple(_points(found, source, place, model))
                if roofs and points:
                    charts.append(RooflineChart(_roofline_title(found, source, place, model), roofs, points))
    return tuple(charts)


def _roofs(rates: PeakRates) -> Iterator[Roof]:
    for arithmetic, operations in rates.operations_per_s.items():
        for level, bandwidth in rates.bytes_per_s.items():
            yield Roof(arithmetic, operations, bandwidth, level)


def _points(found: Observations, source: Source, place: Place, model: str) -> Iterator[RooflinePoint]:
    for each in found.where(LATENCY, model=model):
        cell, work = each.cell, each.measured and each.measured.work
        if each.source is not source or cell.techniques or each.latency is None or not work or work.bytes <= 0:
            continue
        with suppress(MissingTraitError):  # the table of what limits each latency says which entry lacks what
            if place_of(found.catalogue.device(cell.device), cell.threads) == place and each.latency.p50_s > 0:
                name = f"{found.catalogue.format_label(cell)}, batch {cell.batch_size}"
                rate = work.operations / each.latency.p50_s
                yield RooflinePoint(name, work.operations / work.bytes, rate, work.arithmetic)


def _roofline_title(found: Observations, source: Source, place: Place, model: str) -> str:
    if place.threads is None:
        placed = found.catalogue.device(place.device).label
    else:
        placed = "one thread" if place.threads == 1 else f"{place.threads} threads"
    return f"Roofline of the {found.catalogue.model(model).label}, {placed}{_on_machine(found, source)}"


def _conditions(each: Observation) -> tuple[object, ...]:
    cell = each.cell
    return cell.model, each.source.machine, cell.device, cell.batch_size, cell.threads


def _circumstances(found: Observations, each: Observation) -> str:
    """The conditions in words."""
    cell, catalogue = each.cell, found.catalogue
    threads = f", {cell.threads} threads" if cell.threads > 1 else ""
    labels = (
        f"{catalogue.model(cell.model).label} by format, batch {cell.batch_size}, {catalogue.device(cell.device).label}"
    )
    return f"{labels}{threads}{_on_machine(found, each.source)}"


def _on_machine(found: Observations, source: Source) -> str:
    return f" on {source.machine}" if len({each.machine for each in found.sources}) > 1 else ""


def _artifact(found: Observations, cell: Cell) -> str:
    """A variant in a format, without the name of its model."""
    techniques = [found.catalogue.technique(name).label for name in cell.techniques]
    return ", ".join([*techniques, found.catalogue.format_label(cell)])


def _latest_dataset(found: Observations) -> str:
    return found.sources[-1].run.dataset.sha256 if found.sources else ""


def _grouped(items: Iterable[T], key: Callable[[T], object]) -> list[list[T]]:
    """The items in groups of one key, in the order in which the keys are first met."""
    groups: dict[object, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.values())
