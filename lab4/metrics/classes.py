"""What metrics of classes have in common: scores and class numbers that belong together, or why they do not."""

from typing import Any

from lab4.domain.errors import UnavailableError
from lab4.domain.untyped import Untyped

_RANK = 2


def class_scores(outputs: Untyped, labels: Untyped) -> tuple[Any, Any]:
    """Scores, float (n, classes), and class numbers, integers (n,) below the number of classes.

    Labels are never renumbered: a shift that is guessed wrong gives a number that looks right.

    Raises:
        UnavailableError: with what the outputs or the labels are instead.
    """
    if outputs.ndim != _RANK or outputs.shape[1] < 2:  # noqa: PLR2004
        raise UnavailableError(f"the output has the shape {outputs.shape}, not a score for each of several classes")
    if labels.ndim != 1 or labels.dtype.kind not in "iub":
        raise UnavailableError(f"the labels are {labels.dtype} of the shape {labels.shape}, not one class number each")
    classes = outputs.shape[1]
    low, high = int(labels.min()), int(labels.max())
    if low == 1 and high == classes:
        raise UnavailableError(
            f"the labels go from 1 to {high} and the output has {classes} classes; number them from 0: subtract 1"
        )
    if low < 0 or high >= classes:
        wrong = low if low < 0 else high
        raise UnavailableError(
            f"the labels go from {low} to {high} and the output has {classes} classes, 0 to {classes - 1}; "
            f"correct the label {wrong}"
        )
    return outputs, labels.astype("int64")
