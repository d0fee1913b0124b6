"""Tests of the change of a timed figure, against the variance between runs of the same code."""

from collections.abc import Mapping
from math import expm1, inf, log1p
from statistics import median
from typing import NamedTuple

from lab4.analysis.figures import FigureTraits
from lab4.analysis.gate.covariation import mean_squared_correlation
from lab4.analysis.gate.sides import Sides
from lab4.sampling.student import critical, tail
from lab4.sampling.variances import Spread, prior_of

__all__ = ["ChangeTest", "change_tests", "fraction"]

#: For one run per side, which shows no variance: more than cells varied between runs of unchanged code.
_ASSUMED_SPREAD = Spread(0.05**2, 4)
#: A lower bound of the standard deviation between runs: a thousandth.
_MIN_VARIANCE = 0.001**2
_POWER = 0.8
_INTERVAL = 0.025


class ChangeTest(NamedTuple):  # a self-check makes ten thousand
    """A cell's change as a logarithm, higher is worse, with its sampling error.

    ``gap`` is the distance between the two sides' ranges, 0 where they overlap. ``consistent``: the single runs (or
    most pairs) show the change as well.
    """

    cell: str
    change: float
    gap: float
    standard_error: float
    degrees_of_freedom: float
    tolerance: float
    consistent: bool

    @property
    def p_value(self) -> float:
        """One-sided p-value of the null hypothesis that the change, in its direction, is within the tolerance."""
        if not self.consistent:
            return 1.0
        return tail((abs(self.change) - self.tolerance) / self.standard_error, self.degrees_of_freedom)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval of the change."""
        margin = critical(_INTERVAL, self.degrees_of_freedom) * self.standard_error
        return self.change - margin, self.change + margin

    def threshold(self, p_value: float) -> float:
        """The smallest change that has this p-value."""
        return self.tolerance + critical(p_value, self.degrees_of_freedom) * self.standard_error

    def detectable(self, p_value: float) -> float:
        """The change that passes the threshold in 80 of 100 runs."""
        return self.threshold(p_value) + critical(1 - _POWER, self.degrees_of_freedom) * self.standard_error


def change_tests(sides: Sides, tolerances: Mapping[str, float], single_run_df: float) -> list[ChangeTest]:
    """One test for each cell that has values on both sides and a tolerance, a fraction.

    ``single_run_df`` caps the degrees of freedom where a side is a single run.
    """
    spreads = {cell: sides.spread(cell) for cell in sides.cells() if cell in tolerances}
    # For a single run the cap is so low that the effective number of independent cells does not matter.
    prior = prior_of(list(spreads.values()), 1.0 if sides.is_single_run else mean_squared_correlation(sides))
    return [
        _change_test(cell, sides, prior.moderated(own) if prior else own, log1p(tolerances[cell]), single_run_df)
        for cell, own in spreads.items()
    ]


def _change_test(cell: str, sides: Sides, spread: Spread, tolerance: float, single_run_df: float) -> ChangeTest:
    if not spread.freedom:
        spread = _ASSUMED_SPREAD
    is_single_run = 1 in map(len, sides.values(cell))
    is_consistent = _most_pairs_agree if sides.paired else _every_run_agrees
    return ChangeTest(
        cell,
        change=sides.change(cell),
        gap=sides.gap(cell),
        standard_error=sides.standard_error(cell, max(spread.variance, _MIN_VARIANCE)),
        degrees_of_freedom=min(spread.freedom, single_run_df) if is_single_run else spread.freedom,
        tolerance=tolerance,
        consistent=is_consistent(sides, cell, tolerance),
    )


def _every_run_agrees(sides: Sides, cell: str, tolerance: float) -> bool:
    """Whether each run of the shorter side shows the change: a real one is in every run, an outlier in one."""
    baseline, candidate = sides.values(cell)
    before, after = sides.means(cell)
    shorter = min(len(baseline), len(candidate))
    sign = 1.0 if after > before else -1.0
    return all(
        sign * direction * (value - other) > tolerance
        for side, other, direction in ((candidate, before, 1.0), (baseline, after, -1.0))
        if len(side) == shorter
        for value in side
    )


def _most_pairs_agree(sides: Sides, cell: str, tolerance: float) -> bool:
    """Whether most pairs show the change: an outlier moves the mean of many pairs and not their median."""
    middle = median(after - before for before, after in zip(*sides.values(cell), strict=True))
    return abs(middle) > tolerance and middle * sides.change(cell) > 0


def fraction(change: float, figure: FigureTraits) -> float:
    """Convert a change of logarithms, higher is worse, to a fraction of the figure: +0.05 is 5% more."""
    try:
        return expm1(-change if figure.higher_is_better else change)
    except OverflowError:  # a threshold that so few runs do not determine
        return inf
