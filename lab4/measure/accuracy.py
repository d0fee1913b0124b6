"""What follows from predictions over a whole set, and from the weights: one function for every runtime."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from lab4.domain.errors import DisagreementError
from lab4.domain.observed import Agreement, Sparsity
from lab4.domain.untyped import Untyped


def finite(outputs: Untyped) -> Untyped:
    """Outputs, float (n, classes), as a float32 array; raises `DisagreementError` where one is not finite."""
    found = np.asarray(outputs, np.float32)
    if not np.isfinite(found).all():
        raise DisagreementError("the model returned values that are not finite (NaN or infinity)")
    return found


def agreement(probabilities: Untyped, reference: Untyped) -> Agreement:
    """Compare probabilities with the original's, both float (n, classes); `DisagreementError` if the shapes differ."""
    if probabilities.shape != reference.shape:
        raise DisagreementError(f"the model returned shape {probabilities.shape}, its original {reference.shape}")
    same = probabilities.argmax(axis=1) == reference.argmax(axis=1)
    return Agreement(float(np.abs(probabilities - reference).max()), int(same.sum()), len(same))


def contradictions(probabilities: Untyped, reference: Untyped, rounding: float) -> int:
    """How many predictions, both float (n, classes), differ by more than ``rounding`` explains.

    Where the two predict different classes, the probabilities of these have moved against each other: by what one puts
    between them, and by what the other puts between them the other way round. Classes that tie need hardly move.
    """
    rows = np.arange(len(reference))
    ours, theirs = probabilities.argmax(axis=1), reference.argmax(axis=1)
    moved = probabilities[rows, ours] - probabilities[rows, theirs] + (reference[rows, theirs] - reference[rows, ours])
    return int((moved > rounding).sum())


def count_zeros(kernels: Iterable[Any]) -> Sparsity:
    """Count zeros among all values of the arrays, as an artifact holds them."""
    counts = [(int(kernel.size - np.count_nonzero(kernel)), int(kernel.size)) for kernel in kernels]
    return Sparsity(sum(zeros for zeros, _ in counts), sum(size for _, size in counts))
