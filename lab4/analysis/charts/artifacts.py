"""Quality against size and against latency with the Pareto front, and sizes by format and technique."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from lab4.analysis.charts.marks import artifact_name, comparing, fact_of_test, grouped, latency_facts, techniques_of
from lab4.analysis.document import Axis, Chart, Layer, Mark
from lab4.analysis.measures import MEASURES, metric_measures, metrics_of
from lab4.analysis.observations import Observation, Observations
from lab4.analysis.subject import Measure, Subject
from lab4.analysis.tables import Quantity, Text
from lab4.domain.catalogue import MetricTraits, MissingTraitError
from lab4.domain.cell import LATENCY

_FRONT_NOTE = (
    "The line is the Pareto front: of what is on it, nothing is both {cheaper} and better. Lines through the points "
    "are 95% intervals."
)
_SIZE_NOTE = "Bytes of the exported artifact on disk."

#: What an artifact costs, and the facts that are known of it; none where that was not measured.
_Cost = Callable[[Observation], tuple[Quantity, Observation] | None]


def quality_charts(observations: Observations, *, together: bool = False) -> tuple[Chart, ...]:
    """Each metric against the size and against the latency of each artifact, without controls.

    A chart for each model, or one for all of them ``together``. The latency is that on the device that examined the
    artifact, at the batch size at which most of them were timed. Of several datasets, the latest run's: metrics on
    others are not comparable. A metric that does not declare which way is better has none.
    """
    return comparing(
        chart
        for group in grouped(_examined(observations), lambda each: together or each.cell.model)
        for metric, measure in zip(metrics_of(observations), metric_measures(observations).values(), strict=True)
        if metric.higher_is_better is not None
        for chart in _against_costs(observations, group, metric, measure, together=together)
    )


def _examined(observations: Observations) -> list[Observation]:
    latest = {source.run.dataset.sha256 for source in observations.sources[-1:]}
    return [
        each
        for each in observations.artifacts()
        if each.source.run.dataset.sha256 in latest and not observations.catalogue.is_control(each.cell.variant)
    ]


def _against_costs(
    observations: Observations,
    group: Sequence[Observation],
    metric: MetricTraits,
    measure: Measure,
    *,
    together: bool,
) -> Iterator[Chart]:
    catalogue = observations.catalogue
    of = "" if together else f": {catalogue.model(group[0].cell.model).label}"

    batch = _common_batch(observations, group)

    def variety(each: Observation) -> str:
        return catalogue.variant_label(each.cell.variant) if together else techniques_of(observations, each.cell)

    def size(each: Observation) -> tuple[Quantity, Observation] | None:
        found = _value(observations, each, MEASURES["size"])
        return None if found is None else (found, each)

    def latency(each: Observation) -> tuple[Quantity, Observation] | None:
        call = observations.least_call(each, batch)
        if call is None or call.latency is None or call.latency.p50_s <= 0:
            return None
        return Quantity(call.latency.p50_s, call.latency.interval.low, call.latency.interval.high), call

    costs: tuple[tuple[str, Axis, str, _Cost], ...] = (
        ("size", Axis("Size on disk", "bytes", logarithmic=True), "smaller", size),
        ("latency", Axis(f"Median latency, batch {batch}", "milliseconds", logarithmic=True), "faster", latency),
    )
    for name, axis, cheaper, cost in costs:
        marks = [
            replace(mark, variety=variety(each)) for each, mark in _quality_marks(observations, group, measure, cost)
        ]
        sign = 1 if metric.higher_is_better else -1
        front = _front(marks, sign)
        yield Chart(
            f"{metric.label} against {name}{of}",
            _FRONT_NOTE.format(cheaper=cheaper),
            axis,
            Axis(metric.label, measure.kind),
            (Layer("step", front), Layer("point", tuple(marks))),
            groups="Format",
            varieties="Variant" if together else "Technique",
        )


def _common_batch(observations: Observations, group: Sequence[Observation]) -> int:
    """The batch size at which most of these artifacts were timed, the smallest of several; 0 if none was."""
    sizes = Counter(
        size
        for each in group
        for size in {
            call.cell.batch_size
            for call in observations.of_artifact(each, LATENCY)
            if call.latency is not None and not call.cell.settings and call.cell.batch_size
        }
    )
    return min(sizes, key=lambda size: (-sizes[size], size), default=0)


def _quality_marks(
    observations: Observations, group: Sequence[Observation], measure: Measure, cost: _Cost
) -> Iterator[tuple[Observation, Mark]]:
    for each in group:
        quality, found = _value(observations, each, measure), cost(each)
        if quality is not None and found is not None:
            paid, source = found
            facts = (
                (fact_of_test(each.cell),)
                if source is each
                else (fact_of_test(each.cell, f"Test: {measure.heading}"), *latency_facts(source))
            )
            name, form = artifact_name(observations, each.cell), observations.catalogue.format_label(each.cell)
            yield each, Mark(name, paid, quality, group=form, facts=facts)


def _front(marks: Sequence[Mark], sign: int) -> tuple[Mark, ...]:
    """The marks on the Pareto front, the cheapest first, each place once."""
    places = {
        (mark.x.value, sign * mark.y.value): mark
        for mark in marks
        if isinstance(mark.x, Quantity) and isinstance(mark.y, Quantity)
    }
    return tuple(
        Mark(mark.name, mark.x, mark.y) for mark in (places[each] for each in sorted(pareto_points([*places])))
    )


def _value(observations: Observations, each: Observation, measure: Measure) -> Quantity | None:
    with suppress(MissingTraitError):  # the table says which entry lacks what
        found = measure.value(Subject(observations, each.cell))
        if isinstance(found, Quantity):
            return found
    return None


def pareto_points(points: Sequence[tuple[float, float]]) -> set[tuple[float, float]]:
    """Those of (cost, quality) that no other beats in one without being worse in the other.

    >>> sorted(pareto_points([(1.0, 0.9), (2.0, 0.9), (3.0, 0.95)]))
    [(1.0, 0.9), (3.0, 0.95)]
    """
    return {
        mine
        for mine in points
        if not any(other[0] <= mine[0] and other[1] >= mine[1] and other != mine for other in points)
    }


def size_charts(observations: Observations) -> tuple[Chart, ...]:
    """The size of each artifact by format and technique, a chart for each model, without controls."""
    return comparing(
        _size_chart(observations, group) for group in grouped(_examined(observations), lambda each: each.cell.model)
    )


def _size_chart(observations: Observations, group: Sequence[Observation]) -> Chart:
    catalogue = observations.catalogue
    marks = tuple(
        Mark(
            artifact_name(observations, each.cell),
            size,
            Text(catalogue.format_label(each.cell)),
            group=techniques_of(observations, each.cell),
            facts=(fact_of_test(each.cell),),
        )
        for each in group
        if (size := _value(observations, each, MEASURES["size"])) is not None
    )
    title = f"Size of the {catalogue.model(group[0].cell.model).label} by format and technique"
    return Chart(
        title, _SIZE_NOTE, Axis("Size on disk", "bytes"), Axis("", "text"), (Layer("bar", marks),), "Technique"
    )
