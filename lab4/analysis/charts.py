"""Charts from figures in base units: latency by format, size and quality, cells under the roofs of their machine."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TypeVar

from lab4.analysis.document import Bar, BarChart, Roof, RooflineChart, RooflinePoint
from lab4.analysis.measures import MEASURES, metric_measures, metrics_of
from lab4.analysis.observations import Observation, Observations
from lab4.analysis.roofline import RooflinePlace, peak_rates, place_of, places_of
from lab4.analysis.subject import Measure, Subject
from lab4.analysis.tables import Quantity, RunSource, Text
from lab4.domain.catalogue import MetricTraits, MissingTraitError
from lab4.domain.cell import LATENCY, Cell

T = TypeVar("T")

#: A chart of one bar compares nothing.
_LEAST_BARS = 2
_LATENCY_NOTE = "Median of single calls, lowest first."
_SIZE_NOTE = "Size on disk, with the metric; dark bars are on the Pareto front: nothing is both smaller and better."


def latency_charts(observations: Observations, batch_size: int | None = None) -> tuple[BarChart, ...]:
    """The median latency of each unmodified model in each format.

    A chart for each model, machine, device, batch size and number of threads; of one batch size where that is given.
    """
    timed = [
        each
        for each in observations.where(LATENCY, batch_size=batch_size)
        if each.latency is not None and each.latency.p50_s > 0 and not each.cell.techniques
    ]
    charts = (_latency_chart(observations, group) for group in _grouped(timed, _conditions))
    return tuple(chart for chart in charts if len(chart.bars) >= _LEAST_BARS)


def _conditions(each: Observation) -> tuple[object, ...]:
    cell = each.cell
    return cell.model, each.source.machine, cell.device, cell.batch_size, cell.threads


def _latency_chart(observations: Observations, group: Sequence[Observation]) -> BarChart:
    catalogue, cell = observations.catalogue, group[0].cell
    timed = ((each.cell, each.latency.p50_s) for each in group if each.latency is not None)
    bars = [Bar(catalogue.format_label(each), Quantity(p50_s)) for each, p50_s in timed]
    where = _placed(observations, group[0].source, cell.device, cell.threads if cell.threads > 1 else None)
    title = f"Latency of the {catalogue.model(cell.model).label} by format, batch {cell.batch_size}, {where}"
    ordered = tuple(sorted(bars, key=lambda bar: bar.quantity.value))
    return BarChart(title, _LATENCY_NOTE, "milliseconds", ordered, logarithmic=True)


def size_charts(observations: Observations) -> tuple[BarChart, ...]:
    """The size of each variant in each format with its quality, a chart for each model and metric, without controls.

    Of several datasets, the latest run's: metrics on others are not comparable. A metric that does not declare which
    way is better has no chart.
    """
    latest = {source.run.dataset.sha256 for source in observations.sources[-1:]}
    examined = [
        each
        for each in observations.artifacts()
        if each.source.run.dataset.sha256 in latest and not observations.catalogue.is_control(each.cell.variant)
    ]
    charts = (
        _size_chart(observations, group, metric, measure)
        for group in _grouped(examined, lambda each: each.cell.model)
        for metric, measure in zip(metrics_of(observations), metric_measures(observations).values(), strict=True)
        if metric.higher_is_better is not None
    )
    return tuple(chart for chart in charts if len(chart.bars) >= _LEAST_BARS)


def _size_chart(
    observations: Observations, group: Sequence[Observation], metric: MetricTraits, measure: Measure
) -> BarChart:
    sign = 1 if metric.higher_is_better else -1
    sized = list(_sized(observations, group, measure))
    front = pareto_points([(size.value, sign * quality.value) for _, size, quality in sized])
    bars = tuple(
        Bar(
            _artifact(observations, cell),
            size,
            ((quality, measure.kind),),
            strong=(size.value, sign * quality.value) in front,
        )
        for cell, size, quality in sized
    )
    model = observations.catalogue.model(group[0].cell.model).label
    return BarChart(f"Size and {metric.label} of the {model}", _SIZE_NOTE, "bytes", bars)


def _sized(
    observations: Observations, group: Sequence[Observation], measure: Measure
) -> Iterator[tuple[Cell, Quantity, Quantity]]:
    """Each cell whose size and quality are known, with both."""
    for each in group:
        subject = Subject(observations, each.cell)
        with suppress(MissingTraitError):  # the table says which entry lacks what
            size, quality = MEASURES["size"].value(subject), measure.value(subject)
            if isinstance(size, Quantity) and isinstance(quality, Quantity):
                yield each.cell, size, quality


def _artifact(observations: Observations, cell: Cell) -> str:
    """A variant in a format, without the name of its model."""
    catalogue = observations.catalogue
    return ", ".join([*(catalogue.technique(name).label for name in cell.techniques), catalogue.format_label(cell)])


def pareto_points(points: Sequence[tuple[float, float]]) -> set[tuple[float, float]]:
    """Those of (size, quality) that no other beats in one without being worse in the other.

    >>> sorted(pareto_points([(1.0, 0.9), (2.0, 0.9), (3.0, 0.95)]))
    [(1.0, 0.9), (3.0, 0.95)]
    """
    return {
        mine
        for mine in points
        if not any(other[0] <= mine[0] and other[1] >= mine[1] and other != mine for other in points)
    }


def roofline_charts(observations: Observations) -> tuple[RooflineChart, ...]:
    """Each unmodified model in each format and batch size under the roofs of each device and number of threads."""
    charts = (
        _roofline_chart(observations, source, model, place)
        for source in observations.sources
        for model in observations.models
        for place in places_of(source.run.peaks, source.run.catalogue)
    )
    return tuple(chart for chart in charts if chart.roofs and chart.points)


def _roofline_chart(observations: Observations, source: RunSource, model: str, place: RooflinePlace) -> RooflineChart:
    points = [
        point
        for each in observations.where(LATENCY, model=model)
        if each.source is source and not each.cell.techniques and _place(observations, each.cell) == place
        for point in _points(observations, each)
    ]
    label = observations.catalogue.model(model).label
    title = f"Roofline of the {label}, {_placed(observations, source, place.device, place.threads)}"
    rates = peak_rates(source.run.peaks, place)
    roofs = tuple(
        Roof(arithmetic, operations, bandwidth, level)
        for arithmetic, operations in rates.operations_per_s.items()
        for level, bandwidth in rates.bytes_per_s.items()
    )
    return RooflineChart(title, roofs, tuple(points))


def _place(observations: Observations, cell: Cell) -> RooflinePlace | None:
    """Where the cell ran; ``None`` where its device declares too little, as the table of limits says."""
    try:
        return place_of(observations.catalogue.device(cell.device), cell.threads)
    except MissingTraitError:
        return None


def _placed(observations: Observations, source: RunSource, device: str, threads: int | None) -> str:
    """A device, its threads and, of several, its machine in words."""
    with_threads = "" if threads is None else f", {'one thread' if threads == 1 else f'{threads} threads'}"
    several = len({each.machine for each in observations.sources}) > 1
    return f"{observations.catalogue.device(device).label}{with_threads}{f' on {source.machine}' if several else ''}"


def _points(observations: Observations, each: Observation) -> tuple[RooflinePoint, ...]:
    found = [MEASURES[name].value(Subject(observations, each.cell)) for name in ("intensity", "attained", "arithmetic")]
    match found:
        case [Quantity(intensity), Quantity(attained), Text(arithmetic)]:
            name = f"{observations.catalogue.format_label(each.cell)}, batch {each.cell.batch_size}"
            return (RooflinePoint(name, intensity, attained, arithmetic),)
    return ()


def _grouped(items: Iterable[T], key: Callable[[T], object]) -> list[list[T]]:
    """The items in groups of one key, in the order in which the keys are first met."""
    groups: dict[object, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.values())
