"""Quantiles of samples."""

from collections.abc import Sequence
from math import floor

#: The percentile of calls that nothing else has slowed, by which runs are compared.
QUIET = 0.05
#: Tail percentiles: the fraction, and the single calls that it needs (MLPerf LoadGen's early-stopping bounds).
TAILS = {"p90": (0.9, 64), "p99": (0.99, 662)}


def quantile(ordered: Sequence[float], fraction: float) -> float:
    """Return a quantile of values in rising order, interpolated linearly (type 7 of Hyndman and Fan, 1996)."""
    place = (len(ordered) - 1) * fraction
    below = min(floor(place), len(ordered) - 1)
    above = min(below + 1, len(ordered) - 1)
    # The clamp keeps rounding in the last digit from leaving the two values.
    between = ordered[below] + (ordered[above] - ordered[below]) * (place - below)
    return min(max(between, ordered[below]), ordered[above])


def median(values: Sequence[float]) -> float:
    """Return the median of at least one value, in any order."""
    return quantile(sorted(values), 0.5)
