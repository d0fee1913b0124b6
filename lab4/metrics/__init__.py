"""Metrics, one file each: predictions and labels to a figure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from lab4.domain.catalogue import MetricTraits
from lab4.domain.observed import PerExample, Score
from lab4.domain.registry import Registry
from lab4.domain.untyped import Untyped

__all__ = ["METRICS", "Metric", "computed"]


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure of predictions.

    ``compute(outputs, labels)`` takes a model's outputs, float (n, ...), and the labels of the same n examples, and
    returns whether each example is right, or one number for all. The outputs of a classifier are probabilities,
    float32 (n, classes), its labels integers (n,).
    """

    traits: MetricTraits
    compute: Callable[[Any, Any], PerExample | Score]

    @property
    def name(self) -> str:
        """The name in records."""
        return self.traits.name


METRICS: Registry[Metric] = Registry("metric", {"accuracy": "lab4.metrics.accuracy:ACCURACY"}, "lab4.metrics", Metric)


def computed(names: Iterable[str], outputs: Untyped, labels: Untyped) -> dict[str, PerExample | Score]:
    """Compute these metrics of a model's outputs, float (n, ...), and the labels of the same n examples."""
    return {name: METRICS[name].compute(outputs, labels) for name in names}
