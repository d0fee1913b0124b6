"""Top-5 accuracy: the share of examples whose label is among the five likeliest classes."""

import numpy as np

from lab4.domain.catalogue import MetricTraits
from lab4.domain.errors import UnavailableError
from lab4.domain.observed import PerExample
from lab4.domain.untyped import Untyped
from lab4.metrics import Metric
from lab4.metrics.classes import class_scores

_PLACES = 5


def _correct(outputs: Untyped, labels: Untyped) -> PerExample:
    """Of equal scores the lower class number comes first, as it does in accuracy; int8 outputs have many of them."""
    scores, classes = class_scores(outputs, labels)
    if scores.shape[1] <= _PLACES:
        raise UnavailableError(f"any label is among the first {_PLACES} of {scores.shape[1]} classes")
    own = np.take_along_axis(scores, classes[:, None], axis=1)
    is_earlier = np.arange(scores.shape[1]) < classes[:, None]
    place = (scores > own).sum(axis=1) + ((scores == own) & is_earlier).sum(axis=1)
    return PerExample(tuple((place < _PLACES).tolist()))


TOP5 = Metric(
    MetricTraits("top5", "Top-5 Accuracy", unit="share", higher_is_better=True, tolerance=0.0025, is_per_example=True),
    _correct,
)
