"""The values of a timed figure on both sides, run by run."""

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

#: For each run, the figure's logarithm by cell.
Values = Sequence[Mapping[str, float]]


@dataclass(frozen=True)
class Sides:
    """Logarithms of a figure by cell, for each run of the baseline and of the candidate; higher is worse.

    ``paired``: the sides' runs were interleaved, the n-th of one next to the n-th of the other. The machine's state is
    common to both, and cancels in their difference. ``covariate_error_terms`` has cells from whose values a covariate
    was removed: what that adds to the squared error of the change, in units of the variance of one value. It also costs
    one degree of freedom.
    """

    baseline: Values
    candidate: Values
    paired: bool = False
    covariate_error_terms: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def _values_by_cell(self) -> dict[str, tuple[list[float], list[float]]]:
        if self.paired:
            pairs: dict[str, tuple[list[float], list[float]]] = {}
            for one, other in zip(self.baseline, self.candidate, strict=False):
                for cell in one:
                    if cell in other:
                        before, after = pairs.setdefault(cell, ([], []))
                        before.append(one[cell])
                        after.append(other[cell])
            return pairs
        baseline, candidate = (
            {cell: [run[cell] for run in side if cell in run] for cell in dict.fromkeys(chain.from_iterable(side))}
            for side in (self.baseline, self.candidate)
        )
        return {cell: (baseline.get(cell, []), candidate.get(cell, [])) for cell in {**baseline, **candidate}}

    def values(self, cell: str) -> tuple[list[float], list[float]]:
        """The cell's values on both sides, from the runs (if paired: from the pairs) that have it."""
        return self._values_by_cell.get(cell, ([], []))

    @cached_property
    def _means(self) -> dict[str, tuple[float, float]]:
        return {
            cell: (fmean(before), fmean(after))
            for cell, (before, after) in self._values_by_cell.items()
            if before and after
        }

    def means(self, cell: str) -> tuple[float, float]:
        """The mean of each side's values; the cell must have values on both sides."""
        return self._means[cell]

    @property
    def is_single_run(self) -> bool:
        """Whether a side is a single run."""
        return 1 in {len(self.baseline), len(self.candidate)}

    def within(self, cell: str) -> list[float]:
        """The deviation of each run from its own side's mean; 0 where the run lacks the cell.

        For pairs: the deviation of each pair's difference from their mean, in units of one value's deviation.
        """
        if self.paired:
            pairs = [
                other[cell] - one[cell] if cell in one and cell in other else None
                for one, other in zip(self.baseline, self.candidate, strict=False)
            ]
            return [deviation / sqrt(2) for deviation in _deviations(pairs)]
        return [
            deviation
            for side in (self.baseline, self.candidate)
            for deviation in _deviations([run.get(cell) for run in side])
        ]

    def spread(self, cell: str) -> Spread:
        """The variance of one value between runs, and its degrees of freedom, for one of `cells`.

        It is that within the sides; for pairs half the variance of their differences.
        """
        return self._spreads[cell]

    @cached_property
    def _spreads(self) -> dict[str, Spread]:
        return {cell: self._spread(cell) for cell in self._means}

    def _spread(self, cell: str) -> Spread:
        baseline, candidate = self.values(cell)
        if self.paired:
            deviations, freedom = self.within(cell), len(baseline) - 1
        else:
            deviations = [
                value - mean
                for side, mean in zip((baseline, candidate), self.means(cell), strict=True)
                for value in side
            ]
            freedom = len(baseline) + len(candidate) - 2 - (cell in self.covariate_error_terms)
        return Spread(sum(map(mul, deviations, deviations)) / freedom if freedom > 0 else 0.0, max(0, freedom))

    def standard_error(self, cell: str, variance: float) -> float:
        """The standard error of the change, where one value has this ``variance`` between runs."""
        baseline, candidate = self.values(cell)
        return sqrt(variance * (1 / len(baseline) + 1 / len(candidate) + self.covariate_error_terms.get(cell, 0.0)))

    def change(self, cell: str) -> float:
        """The candidate's mean minus the baseline's: above zero is worse."""
        before, after = self.means(cell)
        return after - before

    def gap(self, cell: str) -> float:
        """The distance between the two sides' ranges: above zero every candidate run is worse, 0 where they overlap."""
        baseline, candidate = self.values(cell)
        return max(0.0, min(candidate) - max(baseline)) - max(0.0, min(baseline) - max(candidate))

    def cells(self) -> list[str]:
        """Cells with a value on both sides (if paired: in a pair), in the baseline's order."""
        return list(self._means)

    def cells_without_pairs(self) -> list[str]:
        """Cells with a value on both sides and in no pair, in the baseline's order; none unless paired."""
        known = dict.fromkeys(cell for run in self.baseline for cell in run)
        other = {cell for run in self.candidate for cell in run}
        return [cell for cell in known if cell in other and not all(self.values(cell))]


def _deviations(values: Sequence[float | None]) -> list[float]:
    known = [value for value in values if value is not None]
    mean = fmean(known) if known else 0.0
    return [0.0 if value is None else value - mean for value in values]


def logs(run: RunFigures, name: str, *, higher_is_better: bool, corrected: bool) -> dict[str, float]:
    """Logarithms of a figure by cell; negative ones for a rate."""
    sign = -1.0 if higher_is_better else 1.0
    return {
        key: sign * log(value)
        for key, cell in run.cells.items()
        if cell.state == "measured" and (value := (cell.corrected if corrected else cell.values).get(name, 0)) > 0
    }
