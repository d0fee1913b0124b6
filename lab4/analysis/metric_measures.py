"""A measure for each metric of predictions that the runs have, whatever it is called."""

from collections.abc import Callable

from lab4.analysis.observations import Observations
from lab4.analysis.proportions import wilson
from lab4.analysis.subject import Measure, Subject
from lab4.analysis.tables import Kind, Quantity, Value
from lab4.analysis.values import observed
from lab4.domain.catalogue import MetricTraits, required
from lab4.domain.observed import PerExample, Score
from lab4.domain.outcome import Measured

__all__ = ["metric_measures", "metrics_of"]

#: By the unit of a metric; of one that declares none there are no values.
_KINDS: dict[str | None, Kind] = {"share": "share", "number": "ratio", None: "ratio"}


def metrics_of(observations: Observations) -> tuple[MetricTraits, ...]:
    """The metrics of the runs: those of the catalogue, then those that were observed without an entry in it."""
    outcomes = (each.measured for each in observations.by_key.values())
    seen = (name for measured in outcomes if measured is not None for name in measured.metrics)
    return tuple(map(observations.catalogue.metric, dict.fromkeys((*observations.catalogue.metrics, *seen))))


def metric_measures(observations: Observations) -> dict[str, Measure]:
    """The measure of each metric by a key of its own: a metric may be called as another measure is."""
    return {
        f"metric_{traits.name}": Measure(traits.label, _KINDS.get(traits.unit, "ratio"), _value(traits))
        for traits in metrics_of(observations)
    }


def _value(traits: MetricTraits) -> Callable[[Subject], Value]:
    """The metric of a cell, with its 95% Wilson interval where it is known example by example.

    Raises:
        MissingTraitError: (of what is returned) where the metric does not declare its unit.
    """

    def figure(measured: Measured) -> Value | None:
        found = measured.metrics.get(traits.name)
        if isinstance(found, Score):
            required(traits, "unit")
            return Quantity(found.value)
        return _share(found)

    return lambda subject: observed(subject.observation, figure)


def _share(found: PerExample | None) -> Quantity | None:
    return None if found is None or not found.correct else wilson(sum(found.correct), len(found.correct))
