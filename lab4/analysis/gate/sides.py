"""The values of a timed figure, run by run, on both sides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from math import log, sqrt
from operator import mul
from statistics import fmean

from lab4.domain.figures import RunFigures
from lab4.sampling.variances import Spread

__all__ = ["Sides", "Values", "logs"]

#: A cell by itself and its logarithm, by run.
Values = Sequence[Mapping[str, float]]


@dataclass(frozen=True)
class Sides:
    """Logarithms of a figure by cell, for each run of the baseline and of the candidate; higher is worse.

    ``paired`` says that the two sides' runs were measured in turns, each beside the other side's of the same number:
    what the machine's state did to one it did to the other, and is left out by their difference. ``slopes`` says of
    cells from whose values a covariate was taken out what that adds to the squared error of a change, in units of the
    variance of a value; it cost a degree of freedom as well.
    """

    baseline: Values
    candidate: Values
    paired: bool = False
    slopes: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def _values(self) -> dict[str, tuple[list[float], list[float]]]:
        if self.paired:
            found: dict[str, tuple[list[float], list[float]]] = {}
            for one, other in zip(self.baseline, self.candidate, strict=False):
                for cell in one:
                    if cell in other:
                        before, after = found.setdefault(cell, ([], []))
                        before.append(one[cell])
                        after.append(other[cell])
            return found
        baseline, candidate = (
            {cell: [run[cell] for run in side if cell in run] for cell in dict.fromkeys(chain.from_iterable(side))}
            for side in (self.baseline, self.candidate)
        )
        return {cell: (baseline.get(cell, []), candidate.get(cell, [])) for cell in {**baseline, **candidate}}

    def of(self, cell: str) -> tuple[list[float], list[float]]:
        """The cell's values on both sides, of the runs (if paired, of the pairs) that have it."""
        return self._values.get(cell, ([], []))

    @cached_property
    def _means(self) -> dict[str, tuple[float, float]]:
        return {
            cell: (fmean(before), fmean(after)) for cell, (before, after) in self._values.items() if before and after
        }

    def means(self, cell: str) -> tuple[float, float]:
        """The mean of each side's values, of a cell that has one on both."""
        return self._means[cell]

    @property
    def is_lone(self) -> bool:
        """Whether a side is a single run."""
        return 1 in {len(self.baseline), len(self.candidate)}

    def within(self, cell: str) -> list[float]:
        """What each run of both sides differs by from its own side's mean; 0 where it lacks the cell.

        Of pairs what each pair's difference differs by from their mean, in units of one value's deviation.
        """
        if self.paired:
            pairs = [
                other[cell] - one[cell] if cell in one and cell in other else None
                for one, other in zip(self.baseline, self.candidate, strict=False)
            ]
            return [each / sqrt(2) for each in _about_their_mean(pairs)]
        return [
            each
            for side in (self.baseline, self.candidate)
            for each in _about_their_mean([run.get(cell) for run in side])
        ]

    def spread(self, cell: str) -> Spread:
        """The variance of one value by chance, and its degrees of freedom; of one of `cells`.

        Within the sides, each about its own mean; of pairs half of their differences' variance.
        """
        return self._spreads[cell]

    @cached_property
    def _spreads(self) -> dict[str, Spread]:
        return {cell: self._spread(cell) for cell in self._means}

    def _spread(self, cell: str) -> Spread:
        baseline, candidate = self.of(cell)
        if self.paired:
            apart, freedom = self.within(cell), len(baseline) - 1
        else:
            apart = [
                value - mean
                for side, mean in zip((baseline, candidate), self.means(cell), strict=True)
                for value in side
            ]
            freedom = len(baseline) + len(candidate) - 2 - (cell in self.slopes)
        return Spread(sum(map(mul, apart, apart)) / freedom if freedom > 0 else 0.0, max(0, freedom))

    def error(self, cell: str, variance_of_one: float) -> float:
        """The standard error of the change, where one value varies by so much by chance."""
        baseline, candidate = self.of(cell)
        return sqrt(variance_of_one * (1 / len(baseline) + 1 / len(candidate) + self.slopes.get(cell, 0.0)))

    def change(self, cell: str) -> float:
        """By how much the candidate's runs are worse, on average."""
        before, after = self.means(cell)
        return after - before

    def gap(self, cell: str) -> float:
        """What lies between the two sides' runs: above zero each is worse than all before, below each is better."""
        baseline, candidate = self.of(cell)
        return max(0.0, min(candidate) - max(baseline)) - max(0.0, min(baseline) - max(candidate))

    def cells(self) -> list[str]:
        """Cells with a value on both sides (if paired, in a pair), in the baseline's order."""
        return list(self._means)

    def unpaired(self) -> list[str]:
        """Cells with a value on both sides and in no pair, in the baseline's order; none where runs are not paired."""
        known = dict.fromkeys(cell for run in self.baseline for cell in run)
        other = {cell for run in self.candidate for cell in run}
        return [cell for cell in known if cell in other and not all(self.of(cell))]


def _about_their_mean(values: Sequence[float | None]) -> list[float]:
    told = [each for each in values if each is not None]
    mean = fmean(told) if told else 0.0
    return [0.0 if each is None else each - mean for each in values]


def logs(run: RunFigures, name: str, *, higher_is_better: bool, corrected: bool) -> dict[str, float]:
    """Logarithms of a figure by cell; of a rate their negatives."""
    sign = -1.0 if higher_is_better else 1.0
    return {
        key: sign * log(value)
        for key, cell in run.cells.items()
        if cell.state == "measured" and (value := (cell.corrected if corrected else cell.values).get(name, 0)) > 0
    }
