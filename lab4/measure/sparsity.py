"""Zeros, counted."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from lab4.domain.observed import Sparsity

__all__ = ["count_zeros"]


def count_zeros(kernels: Iterable[Any]) -> Sparsity:
    """Count zeros among all values of the arrays, as an artifact holds them."""
    zeros = total = 0
    for kernel in kernels:
        total += int(kernel.size)
        zeros += int(kernel.size - np.count_nonzero(kernel))
    return Sparsity(zeros, total)
