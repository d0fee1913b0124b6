"""Accuracy: the share of examples whose likeliest class is the label."""

import numpy as np

from lab4.domain.catalogue import MetricTraits
from lab4.domain.observed import PerExample
from lab4.domain.untyped import Untyped
from lab4.metrics import Metric
from lab4.metrics.classes import class_scores


def _correct(outputs: Untyped, labels: Untyped) -> PerExample:
    """One column of probabilities is of class 1, which is predicted from 0.5 on."""
    if outputs.size == len(labels) and labels.ndim == 1 and _are_binary(outputs, labels):
        return PerExample(tuple(((outputs.ravel() >= 0.5) == labels).tolist()))  # noqa: PLR2004
    scores, classes = class_scores(outputs, labels)
    return PerExample(tuple((scores.argmax(axis=1) == classes).tolist()))


def _are_binary(outputs: Untyped, labels: Untyped) -> bool:
    return bool(np.isin(labels, (0, 1)).all() and outputs.min() >= 0 and outputs.max() <= 1)


ACCURACY = Metric(
    MetricTraits("accuracy", "Accuracy", unit="share", higher_is_better=True, tolerance=0.0025, is_per_example=True),
    _correct,
)
