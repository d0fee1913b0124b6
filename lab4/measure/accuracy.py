"""What follows from predictions over a whole set, and from the weights: one function for every runtime."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from lab4.domain.observed import Sparsity
from lab4.domain.untyped import Untyped


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
