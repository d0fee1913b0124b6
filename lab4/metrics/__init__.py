"""Metrics, one file each: predictions and labels to a figure."""

from collections.abc import Iterable

from lab4.domain.observed import PerExample, Score
from lab4.domain.registry import Registry
from lab4.domain.untyped import Untyped
from lab4.metrics.metric import Metric

__all__ = ["METRICS", "Metric", "computed"]

METRICS: Registry[Metric] = Registry("metric", {"accuracy": "lab4.metrics.accuracy:ACCURACY"}, "lab4.metrics", Metric)


def computed(names: Iterable[str], outputs: Untyped, labels: Untyped) -> dict[str, PerExample | Score]:
    """Compute these metrics of a model's outputs, float (n, ...), and the labels of the same n examples."""
    return {name: METRICS[name].compute(outputs, labels) for name in names}
