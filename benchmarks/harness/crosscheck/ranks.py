"""How well a median is known from independent values: an interval of two of the values themselves, by their ranks.

Nothing is assumed of the distribution: the number of values below the true median is binomial with one half
(Thompson, 1936). For values that are correlated in rounds see `lab4.sampling.interval`.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import comb

__all__ = ["median_interval", "reaches"]


def median_interval(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float]:
    """Return the ends of the interval for the median, in the unit of the values, which may come in any order.

    It covers the true median with at least this confidence. Where there are too few values for it, fewer than 6 at
    95%, it is the whole range of the values, which covers less: `reaches` says so.

    Raises:
        ValueError: without a value, or for a confidence that is not between 0 and 1.
    """
    if not values:
        raise ValueError("no values have no median; give at least one")
    ordered = sorted(values)
    rank = max(1, _rank(len(ordered), confidence))
    return ordered[rank - 1], ordered[-rank]


def reaches(count: int, confidence: float = 0.95) -> bool:
    """Whether so many values are enough for an interval of this confidence.

    >>> reaches(5), reaches(6)
    (False, True)
    """
    return _rank(count, confidence) > 0


def _rank(count: int, confidence: float) -> int:
    """Which value from either end is the interval's: the highest rank that keeps the confidence; 0 for none."""
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence of {confidence} is not between 0 and 1; give a fraction such as 0.95")
    # Fractions, as 2**count is no float where there are many values.
    allowed = (1 - Fraction(confidence)) / 2 * 2**count
    rank, below = 0, 0
    while rank < count and below + comb(count, rank) <= allowed:
        below += comb(count, rank)
        rank += 1
    return rank
