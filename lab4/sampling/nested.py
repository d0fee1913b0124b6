"""Values in classes of classes: runs of machines of kinds, and what each level adds to the variance.

The nested analysis of variance with unweighted means (S. R. Searle, G. Casella and C. E. McCulloch, *Variance
components*, 1992): a member's mean is its value, whose variance is that between members and a part of that between
the repeats; so is that of the difference between two classes, with the members as the units.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, variance

from lab4.sampling import chi_squared
from lab4.sampling.student import critical
from lab4.sampling.variances import Spread

_TAIL = 0.025


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its 95% interval; without one where too few values are there."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Nested:
    """The mean of each class over its members' means, and the variances of two levels.

    ``members`` is the variance of members' means in their classes, all classes together, ``repeats`` that of a single
    repeat in its member: both with no degrees of freedom where nothing shows them. ``shares`` is how much of the latter
    is in the former.
    """

    means: Mapping[str, Mapping[str, float]]
    members: Spread
    repeats: Spread
    shares: float

    def mean(self, name: str) -> float:
        """The mean of a class."""
        return fmean(self.means[name].values())

    def spread(self, name: str) -> Interval | None:
        """The standard deviation of members' means in a class; ``None`` for a single one."""
        values = list(self.means[name].values())
        return deviation(Spread(variance(values), len(values) - 1)) if len(values) > 1 else None

    @property
    def between_members(self) -> float:
        """The standard deviation between members without that of repeats: 0 where repeats explain it all."""
        return sqrt(max(0.0, self.members.variance - self.shares * self.repeats.variance))

    def difference(self, name: str, other: str) -> Interval:
        """How much greater the mean of a class is than that of another."""
        value = self.mean(name) - self.mean(other)
        if not self.members.freedom:
            return Interval(value)
        parts = 1 / len(self.means[name]) + 1 / len(self.means[other])
        margin = critical(_TAIL, self.members.freedom) * sqrt(self.members.variance * parts)
        return Interval(value, value - margin, value + margin)


def deviation(spread: Spread) -> Interval:
    """The standard deviation of a variance with at least one degree of freedom, with its 95% interval."""
    low, high = (
        sqrt(spread.freedom * spread.variance / chi_squared.quantile(share, spread.freedom))
        for share in (1 - _TAIL, _TAIL)
    )
    return Interval(sqrt(spread.variance), low, high)


def nested(values: Mapping[str, Mapping[str, Sequence[float]]]) -> Nested:
    """Analyse repeats by member by class; every class has a member, and every member a repeat."""
    means = {name: {member: fmean(found) for member, found in members.items()} for name, members in values.items()}
    repeats = [found for members in values.values() for found in members.values()]
    return Nested(
        means,
        _pooled([list(members.values()) for members in means.values()]),
        _pooled(repeats),
        fmean(1 / len(found) for found in repeats),
    )


def _pooled(groups: Sequence[Sequence[float]]) -> Spread:
    """The variance in groups, of all of them together."""
    freedom = sum(len(group) - 1 for group in groups)
    squares = sum((len(group) - 1) * variance(group) for group in groups if len(group) > 1)
    return Spread(squares / freedom if freedom else 0.0, freedom)
