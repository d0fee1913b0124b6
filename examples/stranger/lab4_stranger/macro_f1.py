"""Macro F1: the mean over classes of the harmonic mean of precision and recall; rare classes count as much."""

import numpy as np

from lab4.domain.catalogue import MetricTraits
from lab4.domain.observed import Score
from lab4.domain.untyped import Untyped
from lab4.metrics import Metric

__all__ = ["MACRO_F1"]


def _macro_f1(probabilities: Untyped, labels: Untyped) -> Score:
    predicted = probabilities.argmax(axis=1)
    scores = []
    for each in np.union1d(labels, predicted):
        hits = ((predicted == each) & (labels == each)).sum()
        scores.append(2 * hits / ((predicted == each).sum() + (labels == each).sum()))
    return Score(float(np.mean(scores)))


MACRO_F1 = Metric(
    MetricTraits("macro_f1", "Macro F1", unit="share", higher_is_better=True, tolerance=0.005, is_per_example=False),
    _macro_f1,
)
