"""Evidence of independent sources, combined: p-values as standard normal scores, and estimates by their errors."""

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

_NORMAL = NormalDist()


def score(p_value: float, most: float) -> float:
    """The standard normal score that is exceeded with this probability, between ``-most`` and ``most``."""
    bound = _NORMAL.cdf(-most)
    return -_NORMAL.inv_cdf(min(max(p_value, bound), 1 - bound))


def p_value_of(combined: float) -> float:
    """The probability that a standard normal score is this large or larger."""
    return _NORMAL.cdf(-combined)


def stouffer(scores: Sequence[float], weights: Sequence[float]) -> float:
    """The weighted sum of standard normal scores, as a standard normal score (Stouffer, 1949; Zaykin, 2011).

    Weights are best where they are inverse standard errors of one effect. There must be a score.
    """
    total = sum(weight * each for weight, each in zip(weights, scores, strict=True))
    return total / sqrt(sum(weight**2 for weight in weights))


class Pooled(NamedTuple):
    """A mean effect, its standard error, and the variance of effects between sources beyond their own errors."""

    mean: float
    standard_error: float
    between: float


def pooled(effects: Sequence[float], errors: Sequence[float]) -> Pooled:
    """The mean of effects that may differ between sources: random effects by DerSimonian and Laird (1986).

    ``errors`` are the effects' standard errors, above 0.
    """
    weights = [1 / error**2 for error in errors]
    total = sum(weights)
    fixed = _mean(effects, weights)
    apart = sum(weight * (each - fixed) ** 2 for weight, each in zip(weights, effects, strict=True))
    free = total - sum(weight**2 for weight in weights) / total
    between = max(0.0, (apart - (len(effects) - 1)) / free) if free > 0 else 0.0
    mixed = [1 / (error**2 + between) for error in errors]
    return Pooled(_mean(effects, mixed), 1 / sqrt(sum(mixed)), between)


def _mean(values: Sequence[float], weights: Sequence[float]) -> float:
    return sum(weight * each for weight, each in zip(weights, values, strict=True)) / sum(weights)
