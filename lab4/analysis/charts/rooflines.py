"""Cells under the roofs of their machine."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from lab4.analysis.charts.marks import artifact_name, latency_facts
from lab4.analysis.charts.marks import place_of as place_in_words
from lab4.analysis.document import Axis, Chart, Fact, Layer, Mark
from lab4.analysis.measures import MEASURES
from lab4.analysis.observations import Observation, Observations
from lab4.analysis.roofline import PeakRates, RooflinePlace, peak_rates, place_of, places_of
from lab4.analysis.subject import Subject
from lab4.analysis.tables import Quantity, RunSource, Text
from lab4.domain.catalogue import MissingTraitError
from lab4.domain.cell import LATENCY, Cell

_NOTE = (
    "Under a slope the bytes are the limit, under a flat roof the arithmetic (Williams, Waterman, Patterson, 2009). A "
    "point far below its roof is limited by something else, such as the overhead of a call."
)
#: Roofs go so many times beyond the outermost cells.
_BEYOND = 2.0


@dataclass(frozen=True, slots=True)
class _View:
    """What charts show: the title of those of a model, what gives a mark its shape, and which cells have one.

    ``variety`` and ``label`` are of a cell; ``model`` is ``None`` where all models are together.
    """

    title: str
    model: str | None
    varieties: str
    variety: Callable[[Cell], str]
    label: Callable[[Cell], str]
    fits: Callable[[Cell], bool]


def roofline_charts(observations: Observations) -> tuple[Chart, ...]:
    """Each unmodified model in each format and batch size under the roofs of each device and number of threads."""
    catalogue = observations.catalogue
    views = [
        _View(
            f"Roofline of the {catalogue.model(model).label}",
            model,
            "Format",
            catalogue.format_label,
            lambda _: "",
            lambda cell: not cell.techniques,
        )
        for model in observations.models
    ]
    return _under_roofs(observations, views)


def original_rooflines(observations: Observations) -> tuple[Chart, ...]:
    """All original models together, at each batch size, under the roofs of each device and number of threads."""
    catalogue = observations.catalogue
    view = _View(
        "Roofline of the original models",
        None,
        "Model",
        lambda cell: catalogue.model(cell.model).label,
        lambda cell: f"batch {cell.batch_size}",
        lambda cell: catalogue.is_original(cell) and not (cell.runtime or cell.settings),
    )
    return _under_roofs(observations, [view])


def _under_roofs(observations: Observations, views: Sequence[_View]) -> tuple[Chart, ...]:
    return tuple(
        chart
        for source in observations.sources
        for view in views
        for place in places_of(source.run.peaks, source.run.catalogue)
        for chart in _charts(observations, source, place, view)
    )


def _charts(observations: Observations, source: RunSource, place: RooflinePlace, view: _View) -> Iterator[Chart]:
    """The chart of a place, where there are roofs and something under them."""
    points = [
        replace(mark, variety=view.variety(each.cell), label=view.label(each.cell))
        for each in observations.where(LATENCY, model=view.model)
        if each.source is source and view.fits(each.cell) and _place(observations, each.cell) == place
        for mark in _points(observations, each)
    ]
    rates = peak_rates(source.run.peaks, place)
    arithmetics = {mark.group for mark in points}
    intensities = [mark.x.value for mark in points if isinstance(mark.x, Quantity)]
    roofs = tuple(_roofs(rates, arithmetics, intensities))
    if points and roofs:
        yield Chart(
            f"{view.title}, {place_in_words(observations, source, place.device, place.threads)}",
            _NOTE,
            Axis("Operations per byte", "ratio", logarithmic=True),
            Axis("Operations per second", "operation_rate", logarithmic=True),
            (Layer("line", roofs), Layer("point", tuple(points))),
            groups="Arithmetic",
            varieties=view.varieties,
        )


def _roofs(rates: PeakRates, arithmetics: set[str], intensities: Sequence[float]) -> Iterator[Mark]:
    """The corners of each roof of an arithmetic that a cell has; its variety is its level of memory."""
    chosen = {name: peak for name, peak in rates.operations_per_s.items() if name in arithmetics and peak > 0}
    bandwidths = {level: rate for level, rate in rates.bytes_per_s.items() if rate > 0}
    ridges = [peak / rate for peak in chosen.values() for rate in bandwidths.values()]
    if not ridges or not intensities:
        return
    low, high = min(*intensities, *ridges) / _BEYOND, max(*intensities, *ridges) * _BEYOND
    for arithmetic, peak in chosen.items():
        for level, rate in bandwidths.items():
            facts = (
                Fact("Peak", Quantity(peak), "operation_rate"),
                Fact("Bandwidth, GB/s", Quantity(rate / 1e9), "ratio"),
            )
            for at in (low, peak / rate, high):
                reached = Quantity(min(peak, at * rate))
                yield Mark(f"{arithmetic}, {level}", Quantity(at), reached, arithmetic, level, facts=facts)


def _place(observations: Observations, cell: Cell) -> RooflinePlace | None:
    """Where the cell ran; ``None`` where its device declares too little, as the table of limits says."""
    try:
        return place_of(observations.catalogue.device(cell.device), cell.threads)
    except MissingTraitError:
        return None


def _points(observations: Observations, each: Observation) -> Iterator[Mark]:
    """The cell's place, which both logarithmic axes have where it is positive."""
    names = ("intensity", "attained", "arithmetic", "share")
    match [MEASURES[name].value(Subject(observations, each.cell)) for name in names]:
        case [Quantity(intensity), Quantity(attained), Text(arithmetic), share] if intensity > 0 and attained > 0:
            yield Mark(
                artifact_name(observations, each.cell),
                Quantity(intensity),
                Quantity(attained),
                group=arithmetic,
                facts=(Fact("Share of the roof", share, "percent"), *latency_facts(each)),
            )
