"""Figures with their intervals: shares of examples, and two estimates apart as runs or a single run's spread allow."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import fmean, variance
from sys import float_info

from lab4.analysis.tables import Quantity
from lab4.sampling.student import critical

#: The two-sided 95% point of the normal distribution.
_Z95 = 1.959963984540054
_TAIL = 0.025
_GREATEST = log(float_info.max)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure of one or several runs, and the same on the scale on which it is compared: of logarithms for a ratio.

    ``low`` and ``high`` are the 95% interval of the mean of several runs, or the spread within a single one.
    """

    quantity: Quantity
    values: tuple[float, ...]
    low: float | None
    high: float | None
    is_log: bool

    @property
    def mean(self) -> float:
        """The mean on the scale; of equal values the value itself, without rounding."""
        return fmean(self.values) if self.values[0] < self.values[-1] else self.values[0]


def estimate(values: Sequence[float], within: tuple[float, float] | None, *, has_ratio: bool) -> Estimate | None:
    """Estimate a figure from one value per run; ``None`` without a value, or where a ratio needs one above zero.

    ``within`` is the spread within the run, used where there is one run only.
    """
    scale: Callable[[float], float] = log if has_ratio else float
    kept = tuple(sorted(scale(value) for value in values if value > 0 or not has_ratio))
    if not kept:
        return None
    if kept[0] < kept[-1]:
        return _between(kept, is_log=has_ratio)
    value = next(value for value in values if value > 0 or not has_ratio)
    if len(kept) > 1 or within is None or (has_ratio and within[0] <= 0):
        return Estimate(Quantity(value), kept, None, None, is_log=has_ratio)
    ends = min(within[0], value), max(within[1], value)
    return Estimate(Quantity(value, *ends), kept, scale(ends[0]), scale(ends[1]), is_log=has_ratio)


def _between(kept: tuple[float, ...], *, is_log: bool) -> Estimate:
    """The mean of several runs that differ, with the 95% interval that their differences allow."""
    back = unlog if is_log else float
    mean, margin = fmean(kept), critical(_TAIL, len(kept) - 1) * sqrt(variance(kept) / len(kept))
    low, high = mean - margin, mean + margin
    return Estimate(Quantity(back(mean), back(low), back(high)), kept, low, high, is_log=is_log)


def ratio_or_difference(one: Estimate, other: Estimate, *, higher_is_better: bool) -> Quantity:
    """How many times as good as ``other`` ``one`` is, or how much better where a difference is asked; with 95%.

    Of several runs on both sides the interval is Welch's (1947); else it is made of both estimates' own intervals
    (Zou and Donner, 2008). Without either there is none.
    """
    back = unlog if one.is_log else float
    sign = 1 if higher_is_better else -1
    distance = sign * (one.mean - other.mean)
    below, above = _margins(one, other) if higher_is_better else _margins(other, one)
    if below <= 0 and above <= 0:
        return Quantity(back(distance))
    return Quantity(back(distance), back(distance - below), back(distance + above))


def _margins(one: Estimate, other: Estimate) -> tuple[float, float]:
    """How far the interval of ``one - other`` reaches below and above the difference; zeros where neither is known."""
    if one is other:
        return 0.0, 0.0
    if min(len(one.values), len(other.values)) > 1:
        margin = _welch(one.values, other.values)
        return margin, margin
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return 0.0, 0.0
    below = sqrt((one.mean - one.low) ** 2 + (other.high - other.mean) ** 2)
    above = sqrt((one.high - one.mean) ** 2 + (other.mean - other.low) ** 2)
    return below, above


def _welch(one: Sequence[float], other: Sequence[float]) -> float:
    """Half of the 95% interval of the difference of two means; 0 where neither varies."""
    shares = [variance(values) / len(values) for values in (one, other)]
    total = sum(shares)
    if total <= 0:
        return 0.0
    freedom = total**2 / sum(share**2 / (len(values) - 1) for share, values in zip(shares, (one, other), strict=True))
    return critical(_TAIL, freedom) * sqrt(total)


def unlog(logarithm: float) -> float:
    """A ratio beyond what floats hold is the greatest one."""
    return exp(min(logarithm, _GREATEST))


def wilson(successes: int, total: int) -> Quantity:
    """Return the fraction of successes with its 95% interval (Wilson, 1927); ``total`` is at least 1."""
    share = successes / total
    shrink = 1 + _Z95**2 / total
    centre = (share + _Z95**2 / (2 * total)) / shrink
    margin = _Z95 / shrink * sqrt(share * (1 - share) / total + _Z95**2 / (4 * total**2))
    return Quantity(share, max(0.0, min(share, centre - margin)), min(1.0, max(share, centre + margin)))


def lost_and_won(original: Sequence[bool], other: Sequence[bool]) -> tuple[int, int]:
    """How many examples are right in ``original`` alone, and how many in ``other`` alone."""
    pairs = list(zip(original, other, strict=True))
    return pairs.count((True, False)), pairs.count((False, True))


def paired_loss(original: Sequence[bool], other: Sequence[bool]) -> Quantity:
    """Return the accuracy lost from ``original`` to ``other`` on the same examples, with its 95% interval.

    Only examples on which the two differ say anything, which makes the interval much narrower than that of
    either accuracy (Bonett and Price, 2012).
    """
    total = len(original)
    lost, won = lost_and_won(original, other)
    p_lost, p_won = (lost + 1) / (total + 2), (won + 1) / (total + 2)
    margin = _Z95 * sqrt((p_lost + p_won - (p_lost - p_won) ** 2) / (total + 2))
    value, centre = (lost - won) / total, p_lost - p_won
    return Quantity(value, min(value, max(-1.0, centre - margin)), max(value, min(1.0, centre + margin)))
