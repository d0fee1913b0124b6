"""Mean absolute error: how far outputs are from labels, in the labels' own unit."""

import numpy as np

from lab4.domain.catalogue import MetricTraits
from lab4.domain.errors import UnavailableError
from lab4.domain.observed import Score
from lab4.domain.untyped import Untyped
from lab4.metrics import Metric
from lab4.metrics.classes import class_scores


def _error(outputs: Untyped, labels: Untyped) -> Score:
    """Scores of classes are compared with 1 for the label's class and 0 for the others."""
    if outputs.dtype.kind not in "iufb" or labels.dtype.kind not in "iufb":
        raise UnavailableError(f"the output is {outputs.dtype} and the labels are {labels.dtype}, not numbers")
    if outputs.size == labels.size:
        expected = labels.reshape(outputs.shape)
    elif labels.ndim == 1 and labels.dtype.kind in "iub":
        scores, classes = class_scores(outputs, labels)
        expected = np.eye(scores.shape[1])[classes]
    else:
        raise UnavailableError(f"the output has the shape {outputs.shape} and the labels {labels.shape}")
    return Score(float(np.abs(outputs.astype(np.float64) - expected).mean()))


MAE = Metric(
    # In the labels' unit, of which nothing is known: any change counts.
    MetricTraits(
        "mae", "Mean Absolute Error", unit="number", higher_is_better=False, tolerance=0.0, is_per_example=False
    ),
    _error,
)
