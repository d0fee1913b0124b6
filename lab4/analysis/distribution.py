"""Statistics of raw samples. Every figure of the worksheet is derived here, none is stored in a record."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, sqrt

from lab4.analysis.tables import Quantity

__all__ = [
    "JUDGING",
    "P90_LEAST_CALLS",
    "P99_LEAST_CALLS",
    "Summary",
    "TooFewCalls",
    "judging_s",
    "paired_loss",
    "quantile",
    "summarize",
    "throughput",
    "wilson",
]

#: Calls before a percentile may be stated: MLPerf LoadGen's early-stopping bounds for p90 and p99.
P90_LEAST_CALLS = 64
P99_LEAST_CALLS = 662

#: The two-sided 95% point of the normal distribution.
_Z95 = 1.959963984540054

#: What the judging statistic is called in headings.
JUDGING = "fastest call"


@dataclass(frozen=True, slots=True)
class TooFewCalls:
    """A percentile that may not be stated from so few calls."""

    calls: int
    needed: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The distribution of a latency, in seconds per call."""

    calls: int
    judging_s: float
    p25_s: float
    p50_s: float
    p75_s: float
    p90_s: float | TooFewCalls
    p99_s: float | TooFewCalls


def judging_s(samples_s: Sequence[float]) -> float:
    """Return the statistic that judges, in seconds: the minimum.

    Between 16 unchanged runs of eight inference cells on a calm two-core machine the minimum varied by
    0.1 to 0.9%, the median by 2.4 to 6.3% and the mean by 2.0 to 6.0%. Load and frequency steps only ever
    add time, so the minimum is nearest to what the model itself needs; what a user feels is the median.
    """
    return min(samples_s)


def quantile(ordered: Sequence[float], fraction: float) -> float:
    """Return a quantile of values in rising order, interpolated linearly (type 7 of Hyndman and Fan, 1996)."""
    place = (len(ordered) - 1) * fraction
    below = min(floor(place), len(ordered) - 1)
    above = min(below + 1, len(ordered) - 1)
    # The clamp keeps rounding in the last digit from leaving the two neighbours.
    between = ordered[below] + (ordered[above] - ordered[below]) * (place - below)
    return min(max(between, ordered[below]), ordered[above])


def summarize(samples_s: Sequence[float]) -> Summary:
    """Return the distribution of at least one sample, in seconds per call."""
    ordered = sorted(samples_s)
    calls = len(ordered)
    return Summary(
        calls=calls,
        judging_s=judging_s(samples_s),
        p25_s=quantile(ordered, 0.25),
        p50_s=quantile(ordered, 0.5),
        p75_s=quantile(ordered, 0.75),
        p90_s=quantile(ordered, 0.9) if calls >= P90_LEAST_CALLS else TooFewCalls(calls, P90_LEAST_CALLS),
        p99_s=quantile(ordered, 0.99) if calls >= P99_LEAST_CALLS else TooFewCalls(calls, P99_LEAST_CALLS),
    )


def throughput(batch_size: int, latency_s: float) -> float:
    """Return images per second of one call after another; infinite where the clock saw no time pass."""
    return batch_size / latency_s if latency_s > 0 else float("inf")


def wilson(successes: int, total: int) -> Quantity:
    """Return the fraction of successes with its 95% interval (Wilson, 1927); ``total`` is at least 1."""
    share = successes / total
    shrink = 1 + _Z95**2 / total
    centre = (share + _Z95**2 / (2 * total)) / shrink
    margin = _Z95 / shrink * sqrt(share * (1 - share) / total + _Z95**2 / (4 * total**2))
    return Quantity(share, max(0.0, min(share, centre - margin)), min(1.0, max(share, centre + margin)))


def paired_loss(original: Sequence[bool], other: Sequence[bool]) -> Quantity:
    """Return the accuracy lost from ``original`` to ``other`` on the same images, as a fraction, with its 95% interval.

    Only images on which the two differ say anything, which makes the interval much narrower than that of
    either accuracy (Bonett and Price, 2012).
    """
    total = len(original)
    lost = sum(1 for a, b in zip(original, other, strict=True) if a and not b)
    won = sum(1 for a, b in zip(original, other, strict=True) if b and not a)
    p_lost, p_won = (lost + 1) / (total + 2), (won + 1) / (total + 2)
    margin = _Z95 * sqrt((p_lost + p_won - (p_lost - p_won) ** 2) / (total + 2))
    value, centre = (lost - won) / total, p_lost - p_won
    return Quantity(value, min(value, max(-1.0, centre - margin)), max(value, min(1.0, centre + margin)))
