"""How noisy an hour is: how much larger variances are in its runs than those that are known of other hours."""

from collections.abc import Mapping, Sequence
from itertools import chain
from math import exp, inf, log, sqrt
from statistics import median
from types import MappingProxyType
from typing import NamedTuple

from lab4.sampling.quantiles import quantile
from lab4.sampling.robust import EFFICIENCY, deviations_within, variance_within
from lab4.sampling.variances import Spread

#: Standard deviations in a noisy hour, as multiples of the known ones: at most, and at least.
_MOST, _LEAST = 50.0, 0.35
#: What the known variances are worth next to those at hand: degrees of freedom.
_KNOWN_WEIGHT = 2.0
#: A quantile of so few changes says nothing.
_FEW = 3


class Seen(NamedTuple):
    """A change, its variance in those of one value, the spread of one value, and the known standard deviation of it."""

    change: float
    weight: float
    spread: Spread
    known: float


class NoiseOfHour(NamedTuple):
    """How much larger variances are in these runs than known ones: ``ratio`` is that of the ``usual`` deviation.

    ``of_kinds`` are the ratios of cells known by each of these spreads: in a noisy hour calls of a millisecond meet
    more than those of microseconds.
    """

    ratio: float
    usual: float = inf
    of_kinds: Mapping[str, float] = MappingProxyType({})

    def variance(self, known: float, kind: str | None = None) -> float:
        """The variance of what is known by this deviation: what varies more in any case gets no noisier than others.

        Groups have no ``kind``. A calm hour makes none of them calmer: what moves all cells of a group differs between
        hours.
        """
        if kind is not None and kind in self.of_kinds:
            return self.of_kinds[kind] * known**2
        ratio = self.ratio if kind is not None else max(1.0, self.ratio)
        return known**2 + (ratio - 1) * (min(known, self.usual) if ratio > 1 else known) ** 2

    @classmethod
    def seen_in(
        cls, cells: Mapping[str, Sequence[Seen]], share: float, freedom: float, *, paired: bool
    ) -> "NoiseOfHour":
        """By what cells show, which are in kinds: this ``share`` of them does not exceed how noisy it is.

        What all cells show is worth ``freedom`` degrees of freedom of a kind's own. Pairs, which have met the same, are
        taken together.
        """
        every = [*chain.from_iterable(cells.values())]
        ratio, weight = _ratio_seen(every, share, paired=paired)
        ratio = exp(weight * log(ratio) / (weight + _KNOWN_WEIGHT))
        if paired or not every:
            return cls(ratio)
        hour = cls(ratio, median(each.known for each in every))
        of_kinds = {}
        for kind, own in cells.items():
            seen, weight = _ratio_seen(own, share, paired=paired)
            known = median(each.known for each in own)
            expected = hour.variance(known, kind) / known**2
            of_kinds[kind] = exp((freedom * log(expected) + weight * log(seen)) / (freedom + weight))
        return hour._replace(of_kinds=of_kinds)


def _ratio_seen(cells: Sequence[Seen], share: float, *, paired: bool) -> tuple[float, float]:
    """The ratio of the variances that these cells show to the known ones, and the degrees of freedom that it has.

    Seen in the variances within the sides, and in the changes of all cells, few of which are real: both by a quantile.
    Not in changes of several pairs: cells that are still open may all have changed.
    """
    found = []
    within = [each for each in cells if each.spread.freedom > 0]
    if len(cells) > _FEW and not (paired and within):
        scaled = quantile(sorted(abs(each.change) / (each.known * sqrt(each.weight)) for each in cells), share)
        found.append(((scaled / deviations_within(share)) ** 2, EFFICIENCY * len(cells)))
    if within:
        freedom = median(each.spread.freedom for each in within)
        ratio = quantile(sorted(each.spread.variance / each.known**2 for each in within), share)
        found.append((ratio / variance_within(share, freedom), freedom))
    weight = sum(each for _, each in found)
    ratio = sum(each * of for each, of in found) / weight if weight else 1.0
    return min(max(ratio, _LEAST**2), _MOST**2), weight
