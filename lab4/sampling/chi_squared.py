"""The chi-squared distribution: how far a variance of a few values may be from the true one."""

from functools import cache
from math import exp, lgamma, log

_STEPS, _CLOSE = 1000, 1e-15


def below(x: float, freedom: float) -> float:
    """Probability of a value of at most ``x`` with so many degrees of freedom (above 0).

    The regularised lower incomplete gamma function, by its series (DLMF 8.7.1).
    """
    half, scaled = freedom / 2, x / 2
    if scaled <= 0:
        return 0.0
    term = total = 1 / half
    for step in range(1, _STEPS):
        term *= scaled / (half + step)
        total += term
        if term < total * _CLOSE:
            break
    return min(1.0, total * exp(half * log(scaled) - scaled - lgamma(half)))


@cache
def quantile(share: float, freedom: float) -> float:
    """The value that is not exceeded with probability ``share``, above 0 and below 1."""
    low, high = 0.0, max(1.0, freedom)
    while below(high, freedom) < share:
        low, high = high, 2 * high
    while high - low > _CLOSE * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if below(middle, freedom) < share else (low, middle)
    return high
