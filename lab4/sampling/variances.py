"""Variances of many alike things, each from a few values: each borrows from all.

The empirical Bayes estimate of G. K. Smyth, "Linear models and empirical Bayes methods for assessing differential
expression" (2004): variances are taken as drawn from one scaled inverse chi-squared distribution, whose two
parameters come from the observed ones. A cell whose two runs agree to the nanosecond by chance is not noiseless.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import exp, inf, isinf, log, sqrt
from statistics import fmean
from typing import NamedTuple

#: Below this digamma and trigamma climb by recurrence; above, their asymptotic series (DLMF 5.11.2, 5.15.8) hold.
_SERIES = 10.0
_STEPS = 200


class Spread(NamedTuple):
    """A variance and the degrees of freedom that it has."""

    variance: float
    freedom: float


@dataclass(frozen=True, slots=True)
class Prior:
    """What all variances say together: a variance worth so many degrees of freedom (infinite: all are alike).

    ``pooled`` is how many all of them have: two variances that are alike by chance are worth no more than that.
    """

    variance: float
    freedom: float
    pooled: float = inf

    def moderated(self, own: Spread) -> Spread:
        """The thing's own variance and that of all, weighted by their degrees of freedom: at most those of all."""
        if isinf(self.freedom):
            return Spread(self.variance, self.pooled)
        total = self.freedom + own.freedom
        mixed = (self.freedom * self.variance + own.freedom * own.variance) / total
        return Spread(mixed, min(total, self.pooled))


def prior_of(spreads: Sequence[Spread]) -> Prior | None:
    """The prior by the moments of the logarithms; ``None`` where fewer than two have any degree of freedom."""
    known = [each for each in spreads if each.freedom > 0]
    if len(known) < 2:  # noqa: PLR2004  # one says nothing of how they differ
        return None
    # A variance of zero has no logarithm: it is read as a thousandth of the middle one.
    least = sorted(each.variance for each in known)[len(known) // 2] / 1_000
    if least <= 0:
        return None
    moments = [_of_logarithm(each.freedom) for each in known]
    logs = [log(max(each.variance, least)) - mean for each, (mean, _) in zip(known, moments, strict=True)]
    mean = fmean(logs)
    variance = sum((each - mean) ** 2 for each in logs) / (len(logs) - 1)
    beyond = variance - fmean(each for _, each in moments)
    pooled = sum(each.freedom for each in known)
    if beyond <= 0:
        return Prior(exp(mean), inf, pooled)
    half = _inverse_trigamma(beyond)
    return Prior(exp(mean + _digamma(half) - log(half)), 2 * half, pooled)


@cache  # most things have as many degrees of freedom
def _of_logarithm(freedom: float) -> tuple[float, float]:
    """Mean and variance of the logarithm of a chi-squared divided by its degrees of freedom."""
    half = freedom / 2
    return _digamma(half) - log(half), _trigamma(half)


def _digamma(x: float) -> float:
    below = 0.0
    while x < _SERIES:
        below, x = below - 1 / x, x + 1
    square = 1 / (x * x)
    return below + log(x) - 1 / (2 * x) - square * (1 / 12 - square * (1 / 120 - square / 252))


def _trigamma(x: float) -> float:
    below = 0.0
    while x < _SERIES:
        below, x = below + 1 / (x * x), x + 1
    square = 1 / (x * x)
    return below + 1 / x + square / 2 + square / x * (1 / 6 - square * (1 / 30 - square / 42))


def _inverse_trigamma(y: float) -> float:
    """The x above 0 with ``_trigamma(x) == y``, which falls in x."""
    low, high = 1e-8, 1e8
    for _ in range(_STEPS):  # pragma: no branch  # it converges before
        middle = sqrt(low * high)
        if middle in {low, high}:
            break
        low, high = (middle, high) if _trigamma(middle) > y else (low, middle)
    return sqrt(low * high)
