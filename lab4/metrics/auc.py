"""Area under the ROC curve: how often an example of a class has a higher score than one that is not of it."""

import numpy as np

from lab4.domain.catalogue import MetricTraits
from lab4.domain.errors import UnavailableError
from lab4.domain.observed import Score
from lab4.domain.untyped import Untyped
from lab4.metrics import Metric
from lab4.metrics.classes import class_scores


def area(scores: Untyped, is_positive: Untyped) -> float:
    """The area for scores, float (n,), and truth values (n,) of which some are true and some false.

    It is the Mann-Whitney statistic over the number of pairs, by ranks, equal scores having their mean rank. Source:
    J. A. Hanley and B. J. McNeil, The meaning and use of the area under a receiver operating characteristic (ROC)
    curve, Radiology 143 (1982), 29-36.
    """
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places.ravel()]
    positives = int(is_positive.sum())
    least = positives * (positives + 1) / 2
    return float((ranks[is_positive].sum() - least) / (positives * (len(scores) - positives)))


def _area(outputs: Untyped, labels: Untyped) -> Score:
    """One column of scores is of class 1. Of several classes it is the mean of each against all others, by class."""
    if outputs.size == len(labels) and labels.ndim == 1:
        if not np.isin(labels, (0, 1)).all():
            raise UnavailableError("the output is one score for each example, and the labels are not all 0 or 1")
        by_class = [(outputs.ravel(), labels == 1)]
    else:
        scores, classes = class_scores(outputs, labels)
        by_class = [(scores[:, each], classes == each) for each in range(scores.shape[1])]
    areas = [area(scores, is_positive) for scores, is_positive in by_class if 0 < is_positive.sum() < len(labels)]
    if not areas:
        raise UnavailableError("all labels are of one class; there must be examples of two")
    return Score(float(np.mean(areas)))


AUC = Metric(
    MetricTraits("auc", "ROC AUC", unit="share", higher_is_better=True, tolerance=0.0025, is_per_example=False),
    _area,
)
