"""Charts of latencies: the original in each format, and under the roofs of the machine that it ran on."""

from lab4.analysis.document import Bar, BarChart, Roof, RooflineChart, RooflinePoint
from lab4.analysis.measures import MEASURES
from lab4.analysis.observations import Observation, Observations
from lab4.analysis.roofline import PeakRates, peak_rates, place_of, places_of
from lab4.analysis.subject import Subject
from lab4.analysis.tables import Quantity, Source, Text
from lab4.domain.cell import LATENCY, Variant

__all__ = ["latency_charts", "roofline_charts"]


def latency_charts(observations: Observations, batch_size: int | None) -> tuple[BarChart, ...]:
    """The median latency of each unmodified model in each format, a chart per model and device."""
    devices = dict.fromkeys(each.cell.device for each in observations.where(LATENCY))
    charts = (
        _latency_chart(observations, model, device, batch_size) for model in observations.models for device in devices
    )
    return tuple(chart for chart in charts if chart.bars)


def _latency_chart(observations: Observations, model: str, device: str, batch_size: int | None) -> BarChart:
    catalogue = observations.catalogue
    found = observations.where(LATENCY, variant=Variant(model), device=device, batch_size=batch_size)
    bars = [
        Bar(catalogue.format_label(each.cell), Quantity(each.latency.p50_s))
        for each in found
        if each.latency is not None and each.latency.p50_s > 0
    ]
    return BarChart(
        f"Latency of the {catalogue.model(model).label} by format, batch {batch_size}, "
        f"{catalogue.device(device).label}",
        "Median of single calls; each line is ten times the one before.",
        "milliseconds",
        tuple(sorted(bars, key=lambda bar: bar.quantity.value)),
        logarithmic=True,
    )


def roofline_charts(observations: Observations) -> tuple[RooflineChart, ...]:
    """Each unmodified model in each format and batch size under the roofs of each device and number of threads."""
    charts = (
        _roofline_chart(observations, source, model, place)
        for source in observations.sources
        for model in observations.models
        for place in places_of(source.run.peaks)
    )
    return tuple(chart for chart in charts if chart.roofs and chart.points)


def _roofline_chart(observations: Observations, source: Source, model: str, place: tuple[str, int]) -> RooflineChart:
    device, threads = place
    points = [
        point
        for each in observations.where(LATENCY, variant=Variant(model))
        if each.source is source and place_of(each.cell.device, each.cell.threads) == place
        for point in _points(observations, each)
    ]
    catalogue = observations.catalogue
    several = len({each.machine for each in observations.sources}) > 1
    placed = f"{catalogue.device(device).label}, {'one thread' if threads == 1 else f'{threads} threads'}"
    where = f" on {source.machine}" if several else ""
    roofs = _roofs(peak_rates(source.run.peaks, threads, device))
    return RooflineChart(f"Roofline of the {catalogue.model(model).label}, {placed}{where}", roofs, tuple(points))


def _roofs(rates: PeakRates) -> tuple[Roof, ...]:
    return tuple(
        Roof(arithmetic, peak, bandwidth, level)
        for arithmetic, peak in (("float32", rates.float32_per_s), ("int8", rates.int8_per_s))
        for level, bandwidth in (("memory", rates.memory_bytes_per_s), ("cache", rates.cache_bytes_per_s))
        if peak is not None and bandwidth is not None
    )


def _points(observations: Observations, each: Observation) -> tuple[RooflinePoint, ...]:
    """The cell's point, if it has one."""
    subject = Subject(observations, each.cell)
    intensity, attained, arithmetic = (
        MEASURES[name].value(subject) for name in ("intensity", "attained", "arithmetic")
    )
    if not (isinstance(intensity, Quantity) and isinstance(attained, Quantity) and isinstance(arithmetic, Text)):
        return ()
    name = f"{observations.catalogue.format_label(each.cell)}, batch {each.cell.batch_size}"
    return (RooflinePoint(name, intensity.value, attained.value, arithmetic.text),)
