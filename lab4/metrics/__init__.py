"""Metrics, one file each: predictions and labels to a figure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab4.domain.catalogue import MetricTraits
from lab4.domain.errors import UnavailableError
from lab4.domain.observed import PerExample, Score
from lab4.domain.registry import Registry
from lab4.domain.untyped import Untyped
from lab4.functions import is_function

__all__ = ["METRICS", "Metric", "computed", "default_metric", "metric_name", "metric_of"]

_CLASSIFIER_RANK = 2


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure of predictions.

    ``compute(outputs, labels)`` takes a model's outputs, float (n, ...), and the labels of the same n examples, and
    returns whether each example is right, or one number for all. The outputs of a classifier are its scores of the
    classes, float (n, classes), its labels integers (n,). It raises `UnavailableError` with the reason where the
    metric says nothing about such outputs or labels.
    """

    traits: MetricTraits
    compute: Callable[[Any, Any], PerExample | Score]

    @property
    def name(self) -> str:
        """The name in records."""
        return self.traits.name


METRICS: Registry[Metric] = Registry(
    "metric",
    {
        "accuracy": "lab4.metrics.accuracy:ACCURACY",
        "top5": "lab4.metrics.top5:TOP5",
        "mae": "lab4.metrics.mae:MAE",
        "auc": "lab4.metrics.auc:AUC",
    },
    "lab4.metrics",
    Metric,
)


def metric_name(written: str) -> str:
    """What a metric is called in records: its registered name, or that of the user's function.

    >>> metric_name("accuracy"), metric_name("acme/score.py:f1")
    ('accuracy', 'f1')
    """
    return written.rpartition(":")[2] if is_function(written) else written


def metric_of(written: str) -> Metric:
    """A registered metric, or a function of the user's.

    Raises:
        Lab4Error: where there is no such metric or function.
    """
    if not is_function(written):
        return METRICS[written]
    from lab4.metrics.own_function import metric_of_function

    return metric_of_function(written)


def computed(
    names: Iterable[str], outputs: Untyped, labels: Untyped
) -> tuple[dict[str, PerExample | Score], dict[str, str]]:
    """Compute these metrics of a model's outputs, float (n, ...), and the labels of the same n examples.

    Returns the values by name, and for the others the reason why there is none.
    """
    values: dict[str, PerExample | Score] = {}
    missing: dict[str, str] = {}
    for written in names:
        name, metric = metric_name(written), metric_of(written)
        try:
            values[name] = metric.compute(outputs, labels)
        except UnavailableError as error:
            missing[name] = str(error)
    return values, missing


def default_metric(outputs: Untyped, labels: Untyped) -> str:
    """The metric that fits outputs (n, ...) and labels (n, ...) where the user names none.

    Whole numbers and a score per class: accuracy. Labels 0 and 1 and one column: the area under the ROC curve. Other
    labels: the mean absolute error.
    """
    is_whole = labels.ndim == 1 and labels.dtype.kind in "iub"
    if is_whole and outputs.ndim == _CLASSIFIER_RANK and outputs.shape[1] > 1:
        return "accuracy"
    is_binary = labels.ndim == 1 and bool(np.isin(labels, (0, 1)).all())
    return "auc" if is_binary and outputs.size == len(labels) else "mae"
