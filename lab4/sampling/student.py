"""Student's t distribution: how likely a ratio of a difference to its standard error is by chance."""

from functools import cache
from math import exp, inf, isinf, lgamma, log, log1p
from statistics import NormalDist

_NORMAL = NormalDist()
#: Steps of the continued fraction (a few dozen are enough) and of the bisection, and what counts as zero.
_STEPS, _TINY, _CLOSE = 500, 1e-300, 1e-15
_MOST = 1e12


def tail(t: float, freedom: float) -> float:
    """Probability that t is this large or larger with so many degrees of freedom (above 0; infinite is the normal).

    By the continued fraction of the incomplete beta function (DLMF 8.17.22), to about 1e-12.
    """
    if isinf(freedom):
        return _NORMAL.cdf(-t)
    if isinf(t):
        return 0.0 if t > 0 else 1.0
    square = t * t
    if square < freedom:  # so that nothing is lost near the middle
        beyond = (1 - _incomplete_beta(0.5, freedom / 2, square / (freedom + square))) / 2
    else:
        beyond = _incomplete_beta(freedom / 2, 0.5, freedom / (freedom + square)) / 2
    return beyond if t >= 0 else 1 - beyond


@cache  # asked for every cell of a run, of which most have the same
def critical(probability: float, freedom: float) -> float:
    """The t whose `tail` is ``probability``, above 0 and below 1; infinite where none below 1e12 is."""
    if probability > 0.5:  # noqa: PLR2004  # the middle
        return -critical(1 - probability, freedom)
    if tail(_MOST, freedom) > probability:
        return inf
    low, high = 0.0, 1.0
    while tail(high, freedom) > probability:
        low, high = high, 2 * high
    while high - low > _CLOSE * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if tail(middle, freedom) > probability else (low, middle)
    return high


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """Return I_x(a, b), the regularised incomplete beta function; x in 0..1."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # there the fraction converges slowly, and fast for the mirrored one
        return 1 - _incomplete_beta(b, a, 1 - x)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    return front * _fraction(a, b, x)


def _fraction(a: float, b: float, x: float) -> float:
    """Lentz's algorithm (1976) for the continued fraction."""
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _STEPS):  # pragma: no branch  # it converges before
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away(1 + numerator * d)
            c = _away(1 + numerator / c)
            value *= c * d
        if abs(c * d - 1) < _CLOSE:
            break
    return value


def _away(value: float) -> float:
    """Keep away from zero, by which it divides."""
    return value if abs(value) > _TINY else _TINY
