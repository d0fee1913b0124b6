"""Accuracy: the share of examples whose likeliest class is the label."""

from lab4.domain.catalogue import MetricTraits
from lab4.domain.observed import PerExample
from lab4.domain.untyped import Untyped
from lab4.metrics import Metric


def _correct(probabilities: Untyped, labels: Untyped) -> PerExample:
    return PerExample(tuple((probabilities.argmax(axis=1) == labels).tolist()))


ACCURACY = Metric(
    MetricTraits("accuracy", "Accuracy", unit="share", higher_is_better=True, tolerance=0.0025, is_per_example=True),
    _correct,
)
