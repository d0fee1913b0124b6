"""Multiply-accumulates of the operators that do nearly all of them, from shapes; the same rules for every container."""

from collections.abc import Sequence
from math import prod

#: A shape whose sizes are all known; ``None`` where any is not.
Shape = Sequence[int] | None


def convolution(output: Shape, weights_per_value: Sequence[int]) -> int | None:
    """Each value of the output is a sum over so many weights.

    >>> convolution((1, 32, 28, 28), (1, 3, 3))
    225792
    """
    return None if output is None else prod(output) * prod(weights_per_value)


def transposed_convolution(inputs: Shape, weights_per_value: Sequence[int]) -> int | None:
    """Each value of the input is multiplied with so many weights."""
    return convolution(inputs, weights_per_value)


def matrix_product(output: Shape, inner: int | None) -> int | None:
    """Each value of the output is a sum over the inner dimension.

    >>> matrix_product((1, 128), 3136)
    401408
    """
    return None if output is None or inner is None else prod(output) * inner


def recurrent(steps: int | None, batch: int | None, *kernels: Sequence[int]) -> int | None:
    """Each step multiplies with every weight of the kernels once per example."""
    return None if steps is None or batch is None else steps * batch * sum(map(prod, kernels))
