"""How training went: the loss and the metrics on the validation set after each epoch."""

from collections.abc import Sequence

from lab4.analysis.charts.marks import comparing, fact_of_test, grouped, place_of
from lab4.analysis.document import Axis, Chart, Layer, Mark
from lab4.analysis.measures import METRIC_KINDS
from lab4.analysis.observations import Observation, Observations
from lab4.analysis.tables import Quantity
from lab4.domain.cell import TRAIN

_NOTE = "On the validation set, after each epoch; that is not part of the training time."


def training_charts(observations: Observations) -> tuple[Chart, ...]:
    """A chart for each score that training has kept after each epoch, and device, with a line for each model."""
    trained = [
        (name, each)
        for each in observations.where(TRAIN)
        if each.measured is not None and each.measured.training is not None
        for name in each.measured.training.scores
    ]
    groups = grouped(trained, lambda pair: (pair[0], pair[1].cell.device, pair[1].source.machine))
    return comparing(_chart(observations, group[0][0], [each for _, each in group]) for group in groups)


def _chart(observations: Observations, name: str, group: Sequence[Observation]) -> Chart:
    catalogue = observations.catalogue
    known = {each.name: each for each in catalogue.metrics.values()}
    label = known[name].label if name in known else name.capitalize()
    marks = tuple(mark for each in group for mark in _marks(observations, name, each))
    where = place_of(observations, group[0].source, group[0].cell.device)
    kind = METRIC_KINDS.get(known[name].unit, "ratio") if name in known else "ratio"
    return Chart(
        f"{label} by epoch, {where}",
        _NOTE,
        Axis("Epoch", "count"),
        Axis(label, kind),
        (Layer("line", marks), Layer("point", marks)),
        groups="Model",
    )


def _marks(observations: Observations, name: str, each: Observation) -> list[Mark]:
    training = None if each.measured is None else each.measured.training
    if training is None:
        return []
    batch = f", batch {training.batch_size}" if each.cell.batch_size else ""
    label = f"{observations.catalogue.model(each.cell.model).label}{batch}"
    return [
        Mark(
            f"{label}, epoch {epoch}",
            Quantity(epoch),
            Quantity(score),
            group=label,
            facts=(fact_of_test(each.cell),),
        )
        for epoch, score in enumerate(training.scores[name], 1)
    ]
