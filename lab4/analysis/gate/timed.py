"""Figures that vary between runs of the same code: told apart by how much they do."""

from collections.abc import Mapping
from math import expm1, inf, log1p
from statistics import median
from typing import NamedTuple

from lab4.analysis.gate.likeness import likeness
from lab4.analysis.gate.sides import Sides
from lab4.sampling.student import critical, tail
from lab4.sampling.variances import Spread, prior_of

__all__ = ["Finding", "findings", "fraction"]

#: Where one run a side tells nothing of how runs vary: more than cells did here between runs of unchanged code.
_UNKNOWN = Spread(0.05**2, 4)
#: No two runs are taken as more alike than to a thousandth.
_LEAST_VARIANCE = 0.001**2
_POWER = 0.8
_INTERVAL = 0.025


class Finding(NamedTuple):  # ten thousand are made for a reckoning
    """A cell's change as a logarithm, higher is worse, with what chance alone makes of it.

    ``gap`` lies between the two sides' runs, 0 where they overlap.
    """

    cell: str
    change: float
    gap: float
    error: float
    freedom: float
    tolerance: float
    agreed: bool

    @property
    def chance(self) -> float:
        """How likely chance makes such a change, in its own direction, beyond the tolerance."""
        if not self.agreed:
            return 1.0
        return tail((abs(self.change) - self.tolerance) / self.error, self.freedom)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval of the change."""
        margin = critical(_INTERVAL, self.freedom) * self.error
        return self.change - margin, self.change + margin

    def threshold(self, chance: float) -> float:
        """The least change that chance makes so rarely."""
        return self.tolerance + critical(chance, self.freedom) * self.error

    def detectable(self, chance: float) -> float:
        """The change that would pass the threshold in 80 of 100 runs."""
        return self.threshold(chance) + critical(1 - _POWER, self.freedom) * self.error


def findings(sides: Sides, tolerances: Mapping[str, float], lone_freedom: float) -> list[Finding]:
    """One finding for each cell that has values on both sides and a tolerance, a fraction.

    ``lone_freedom`` is the most degrees of freedom where a side is a single run.
    """
    cells = [cell for cell in sides.cells() if cell in tolerances]
    spreads = {cell: sides.spread(cell) for cell in cells}
    # A lone run is judged by so few degrees of freedom that it does not matter how many the cells lend each other.
    prior = prior_of(list(spreads.values()), 1.0 if sides.is_lone else likeness(sides))
    return [
        _finding(
            cell,
            sides,
            prior.moderated(spreads[cell]) if prior else spreads[cell],
            log1p(tolerances[cell]),
            lone_freedom,
        )
        for cell in cells
    ]


def _finding(cell: str, sides: Sides, spread: Spread, tolerated: float, lone_freedom: float) -> Finding:
    if not spread.freedom:
        spread = _UNKNOWN
    alone = 1 in map(len, sides.of(cell))
    agree = _agree_by_most if sides.paired else _agree
    return Finding(
        cell,
        change=sides.change(cell),
        gap=sides.gap(cell),
        error=sides.error(cell, max(spread.variance, _LEAST_VARIANCE)),
        freedom=min(spread.freedom, lone_freedom) if alone else spread.freedom,
        tolerance=tolerated,
        agreed=agree(sides, cell, tolerated),
    )


def _agree(sides: Sides, cell: str, tolerance: float) -> bool:
    """Whether each run of the shorter side says what all say: a change is in every run, an outlier in one."""
    baseline, candidate = sides.of(cell)
    before, after = sides.means(cell)
    least = min(len(baseline), len(candidate))
    worse = 1.0 if after > before else -1.0
    return all(
        worse * direction * (value - other) > tolerance
        for side, other, direction in ((candidate, before, 1.0), (baseline, after, -1.0))
        if len(side) == least
        for value in side
    )


def _agree_by_most(sides: Sides, cell: str, tolerance: float) -> bool:
    """Whether most pairs say what all say: of many pairs, an outlier moves the mean and not the median."""
    middle = median(after - before for before, after in zip(*sides.of(cell), strict=True))
    return abs(middle) > tolerance and middle * sides.change(cell) > 0


def fraction(change: float, *, higher_is_better: bool) -> float:
    """Return a change of logarithms, higher is worse, as a fraction of the figure: +0.05 is five percent more of it."""
    try:
        return expm1(-change if higher_is_better else change)
    except OverflowError:  # of a threshold where so few runs tell nothing
        return inf
