"""Levels and spreads that a bad value does not move, and what they would be by chance."""

from collections.abc import Iterable, Sequence
from math import pi, sqrt
from statistics import NormalDist, fmean, median

from lab4.sampling.variances import Spread

#: The variance of a median of many normal values, in that of their mean; and of how many more values that of a few is:
#: an even number of values as many as the odd number above it (Hodges and Lehmann, 1967).
_OF_MEDIAN, _MORE = pi / 2, (4 - pi) / 2
#: Of a variance by a quantile of absolute values: the share of the degrees of freedom that they have.
EFFICIENCY = 0.37
#: Values of which the median is the mean.
_FEW = 2
#: The share of values that a trimmed mean leaves out at either end.
_TRIMMED = 0.2


def spread_by_deviations(values: Sequence[float], middle: float, variances: Sequence[float]) -> Spread:
    """The variance of a value that has 1 in ``variances``; by the median deviation from ``middle``, their median.

    That has the efficiency of a third of the values (Rousseeuw and Croux, 1993). Of two values it is by their
    difference.
    """
    if len(values) <= _FEW:
        difference = max(values) - min(values)
        return Spread(difference**2 / sum(variances), len(values) - 1)
    scaled = [abs(each - middle) / sqrt(own) for each, own in zip(values, variances, strict=True)]
    scale = median(scaled) / deviations_within(0.5)
    return Spread(scale**2, EFFICIENCY * (len(values) - 1))


def variance_of_median(variances: Sequence[float]) -> float:
    """The variance of the median of normal values that have one mean and these variances.

    Of many it is 1 / (4 n f**2) with the mean density f of the values at their mean (Lehmann, "Elements of Large-Sample
    Theory", 1999, section 2.4, for one variance), of a few less by as much as of alike ones.
    """
    count = len(variances)
    if count <= _FEW:
        return sum(variances) / count**2
    return variance_of_median_of(count) * (count / sum(1 / sqrt(each) for each in variances)) ** 2


def variance_of_median_of(count: int) -> float:
    """As `variance_of_median`, of so many values whose variance is 1; it is right to 3%."""
    if count <= _FEW:
        return 1 / count
    return _OF_MEDIAN / (count + _MORE + (count % 2 == 0))


def weight_of(counts: Iterable[int], *, paired: bool = False) -> float:
    """The variance of a difference of medians of so many values each, in that of one; if ``paired``, of their means."""
    return sum(1 / count if paired else variance_of_median_of(count) for count in counts)


def shares_apart(before: Sequence[float], after: Sequence[float]) -> float:
    """The share of values that are on their side of the middle between both medians: of that side where it is smaller.

    Where values have one of two modes at random, medians of few may be in different ones, and half of them disagree.
    """
    low, high = sorted((before, after), key=median)
    middle = (median(low) + median(high)) / 2
    return min(fmean(each <= middle for each in low), fmean(each >= middle for each in high))


def trimmed(values: Sequence[float]) -> tuple[float, Spread]:
    """The mean without a fifth of the values at either end, and the variance of one value as it counts in that mean.

    Winsorized, as Yuen (1974) has it. There must be a value.
    """
    ordered = sorted(values)
    cut = int(_TRIMMED * len(ordered))
    kept = ordered[cut : len(ordered) - cut]
    winsorized = [*[kept[0]] * cut, *kept, *[kept[-1]] * cut]
    middle, freedom = fmean(winsorized), len(kept) - 1
    squares = sum((each - middle) ** 2 for each in winsorized) * len(ordered) / len(kept)
    return fmean(kept), Spread(squares / freedom if freedom else 0.0, freedom)


def deviations_within(share: float) -> float:
    """So many standard deviations a normal value does not exceed, either way, in that share of cases."""
    return NormalDist().inv_cdf((1 + share) / 2)


def variance_within(share: float, freedom: float) -> float:
    """The ratio to the true variance that one of so many degrees of freedom does not exceed in that share of cases.

    The quantile of a chi-squared over its degrees of freedom, by the approximation of Wilson and Hilferty (1931).
    """
    part = 2 / (9 * freedom)
    return float((1 - part + NormalDist().inv_cdf(share) * sqrt(part)) ** 3)
