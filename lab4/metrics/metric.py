"""What a metric's file provides."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lab4.domain.catalogue import MetricTraits
from lab4.domain.observed import PerExample, Score

__all__ = ["Metric"]


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
