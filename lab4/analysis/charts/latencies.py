"""How long calls take in each format, and how throughput grows with the batch size."""

from collections.abc import Sequence

from lab4.analysis.charts.marks import artifact_name, comparing, grouped, latency_facts, place_of, techniques_of
from lab4.analysis.distribution import throughput
from lab4.analysis.document import Axis, Chart, Layer, Mark
from lab4.analysis.observations import Observation, Observations
from lab4.analysis.tables import NotMeasured, Quantity, Text
from lab4.domain.cell import LATENCY

_LATENCY_NOTE = (
    "A point is the median of single calls; its thick line goes from p25 to p75, the thin one from the fastest call to "
    "p90, or to p75 where too few calls were timed for p90."
)
#: One batch size shows no growth.
_LEAST_SIZES = 2
_RATE_NOTE = "Batch size divided by the median latency; lines through the points are from p25 to p75."


def latency_charts(observations: Observations, batch_size: int | None = None) -> tuple[Chart, ...]:
    """The latency of every artifact, a chart for each model, machine, device, batch size and number of threads.

    With ``batch_size`` those of unmodified models at that batch size only.
    """
    timed = [
        each
        for each in observations.where(LATENCY, batch_size=batch_size)
        if each.latency is not None and each.latency.p50_s > 0 and not (batch_size and each.cell.techniques)
    ]
    return comparing(_latency_chart(observations, group) for group in grouped(timed, _conditions))


def _conditions(each: Observation) -> tuple[object, ...]:
    cell = each.cell
    return cell.model, each.source.machine, cell.device, cell.batch_size, cell.threads


def _latency_chart(observations: Observations, group: Sequence[Observation]) -> Chart:
    cell, source = group[0].cell, group[0].source
    # Originals first, so that they have one colour in all charts.
    ordered = sorted(group, key=lambda each: (each.cell.techniques, each.latency.p50_s if each.latency else 0.0))
    where = place_of(observations, source, cell.device, cell.threads if cell.threads > 1 else None)
    return Chart(
        f"Latency of the {observations.catalogue.model(cell.model).label}, batch {cell.batch_size}, {where}",
        _LATENCY_NOTE,
        Axis("Latency", "milliseconds", logarithmic=True),
        Axis("", "text"),
        (
            Layer("range", tuple(_latency_mark(observations, each, is_wide=True) for each in ordered)),
            Layer("point", tuple(_latency_mark(observations, each, is_wide=False) for each in ordered)),
        ),
        groups="Technique",
    )


def _latency_mark(observations: Observations, each: Observation, *, is_wide: bool) -> Mark:
    found = each.latency
    if found is None:
        raise ValueError(f"{each.cell.key} has no latency")
    low, high = found.p25_s, found.p75_s
    if is_wide:
        low, high = found.min_s, high if isinstance(found.p90_s, NotMeasured) else found.p90_s
    return Mark(
        artifact_name(observations, each.cell),
        Quantity(found.p50_s, low, high),
        Text(observations.catalogue.format_label(each.cell)),
        group=techniques_of(observations, each.cell),
        facts=latency_facts(each),
    )


def throughput_charts(observations: Observations) -> tuple[Chart, ...]:
    """Samples per second against the batch size of unmodified models, where several batch sizes were timed."""
    timed = [
        each
        for each in observations.where(LATENCY, settings=())
        if each.latency is not None and each.latency.p25_s > 0 and each.cell.batch_size and not each.cell.techniques
    ]
    groups = grouped(timed, lambda each: (*_conditions(each)[:3], each.cell.threads))
    several = (group for group in groups if len({each.cell.batch_size for each in group}) >= _LEAST_SIZES)
    return comparing(_throughput_chart(observations, group) for group in several)


def _throughput_chart(observations: Observations, group: Sequence[Observation]) -> Chart:
    cell, source = group[0].cell, group[0].source
    marks = [
        Mark(
            artifact_name(observations, each.cell),
            Quantity(each.cell.batch_size),
            Quantity(
                *(throughput(each.cell.batch_size, at) for at in (found.p50_s, found.p75_s, found.p25_s)),
            ),
            group=observations.catalogue.format_label(each.cell),
            facts=latency_facts(each),
        )
        for each in group
        if (found := each.latency) is not None and each.cell.batch_size is not None
    ]
    where = place_of(observations, source, cell.device, cell.threads if cell.threads > 1 else None)
    ordered = tuple(sorted(marks, key=lambda mark: mark.x.value if isinstance(mark.x, Quantity) else 0.0))
    return Chart(
        f"Throughput of the {observations.catalogue.model(cell.model).label} by batch size, {where}",
        _RATE_NOTE,
        Axis("Batch size", "count", logarithmic=True),
        Axis("Throughput", "rate", logarithmic=True),
        (Layer("line", ordered), Layer("point", ordered)),
        groups="Format",
    )
