"""How well a quantile is known when samples come in rounds and are not independent.

Samples of one round share the state of the machine: a thousand of them may hold as little information as one. So
rounds are the units that vary independently, and their number, not that of the samples, decides the interval.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from math import sqrt

from lab4.sampling.quantiles import quantile
from lab4.sampling.student import critical

_Z95 = 1.959963984540054
#: Into how many segments a single round is cut, as nothing else shows how its samples are correlated.
_SEGMENTS = 10


@dataclass(frozen=True, slots=True)
class QuantileInterval:
    """A quantile with its 95% interval, in the unit of the samples.

    ``effective_samples`` is how many independent samples would be as informative; at most the number of samples.
    """

    value: float
    low: float
    high: float
    effective_samples: float

    @property
    def relative_half_width(self) -> float:
        """The further end's distance from the value, as a fraction of it; infinite for a value of 0."""
        return max(self.high - self.value, self.value - self.low) / self.value if self.value > 0 else float("inf")


def in_rounds(samples: Sequence[float], sizes: Sequence[int]) -> Iterator[Sequence[float]]:
    """Yield the samples of each round; ``sizes`` are how many each has, in order."""
    start = 0
    for size in sizes:
        yield samples[start : start + size]
        start += size


def median_interval(rounds: Sequence[Sequence[float]], ordered: Sequence[float] | None = None) -> QuantileInterval:
    """Return the median of all samples of all rounds with its 95% interval; there must be a sample."""
    return quantile_interval(rounds, 0.5, ordered)


def quantile_interval(
    rounds: Sequence[Sequence[float]], share: float, ordered: Sequence[float] | None = None
) -> QuantileInterval:
    """Return the quantile at ``share`` of all samples of all rounds with its 95% interval.

    Woodruff's interval (1952): the interval of the share of samples below the quantile, turned into quantiles. The
    share's variance is that between rounds (linearized, as in cluster sampling) with Student's t for their number,
    and never less than that of independent samples. There must be a sample. ``ordered`` are all samples in rising
    order, where the caller has them.
    """
    ordered = sorted(chain.from_iterable(rounds)) if ordered is None else ordered
    value = quantile(ordered, share)
    variance = share * (1 - share)
    independent = variance / len(ordered)
    units = [each for each in rounds if each] if len(rounds) > 1 else _segments(rounds[0])
    if len(units) < 2:  # noqa: PLR2004
        return QuantileInterval(value, ordered[0], ordered[-1], 1.0)
    between = _variance_of_share(units, value, len(ordered))
    margin = max(critical(0.025, len(units) - 1) * sqrt(between), _Z95 * sqrt(independent))
    low, high = (quantile(ordered, min(1.0, max(0.0, share + side * margin))) for side in (-1, 1))
    return QuantileInterval(value, low, high, variance / max(between, independent))


def _share_below(ordered: Sequence[float], value: float) -> float:
    """A sample that equals the value is half below it."""
    return (bisect_left(ordered, value) + bisect_right(ordered, value)) / 2 / len(ordered)


def _segments(samples: Sequence[float]) -> list[Sequence[float]]:
    count = min(_SEGMENTS, len(samples))
    ends = [round(len(samples) * number / count) for number in range(count + 1)]
    return [samples[start:end] for start, end in pairwise(ends) if end > start]


def _variance_of_share(units: Sequence[Sequence[float]], value: float, total: int) -> float:
    """Variance of the share of all samples that lie below ``value``, from how that share differs between units."""
    shares = [_share_below(sorted(unit), value) for unit in units]
    weights = [len(unit) / total for unit in units]
    mean = sum(weight * share for weight, share in zip(weights, shares, strict=True))
    spread = sum((weight * (share - mean)) ** 2 for weight, share in zip(weights, shares, strict=True))
    return spread * len(units) / (len(units) - 1)
