"""How cells vary together from run to run: their correlation, and the latent factor of the machine's state.

Co-runners on a shared machine use its caches and its memory bandwidth. That moves some cells by several percent from
run to run, and others not at all. The factor is the direction in which the cells vary most: the first principal
component of their values within the sides, each cell in units of its own standard deviation. A cell's change is then
that of an analysis of covariance with the factor as covariate (Fisher, 1932), as Leek and Storey (2007) adjust for
unmeasured common causes.
"""

from collections.abc import Iterable, Sequence
from math import sqrt
from operator import mul
from statistics import fmean, median
from typing import NamedTuple

from lab4.analysis.gate.sides import Sides

__all__ = ["column_products", "mean_squared_correlation", "without_latent_factor"]

#: Among fewer cells a single one dominates the component; with fewer degrees of freedom the slope is too uncertain.
_MIN_CELLS, _MIN_DEGREES_OF_FREEDOM = 6, 6
#: Cross-fitting: a cell's own values never contribute to the factor removed from it.
_FOLDS = 10
_POWER_ITERATIONS = 30


def mean_squared_correlation(sides: Sides) -> float:
    """The mean squared correlation between two cells' values within the sides, from 0 to 1.

    It is corrected for the squared correlation that independent values of so few runs have, 1 / degrees of freedom.
    Two pairs of runs have one degree of freedom, so that nothing can be estimated: then it is 1, the worst case.
    """
    rows, degrees_of_freedom = [], []
    for cell in sides.cells():
        within, freedom = sides.within(cell), sides.spread(cell).freedom
        length = sqrt(sum(map(mul, within, within)))
        if freedom > 0 and length > 0:
            rows.append([value / length for value in within])
            degrees_of_freedom.append(freedom)
    if len(rows) < 2:  # noqa: PLR2004  # a single cell correlates with nothing
        return 0.0
    expected = 1 / median(degrees_of_freedom)
    if expected >= 1:
        return 1.0
    # The sum over all pairs of cells equals that over all pairs of runs, which are fewer.
    squares = sum(sum(map(mul, line, line)) for line in column_products(rows))
    mean = (squares - len(rows)) / (len(rows) * (len(rows) - 1))
    return min(1.0, max(0.0, (mean - expected) / (1 - expected)))


def column_products(rows: Sequence[Sequence[float]]) -> list[list[float]]:
    """The products of every two columns, summed over the rows; all rows have one length."""
    columns = list(zip(*rows, strict=True))
    return [[sum(map(mul, one, other)) for other in columns] for one in columns]


class _Row(NamedTuple):
    """A cell's values by run, in its standard deviations: from its grand mean, and from its own side's mean."""

    values: list[float | None]
    within: list[float]


def without_latent_factor(sides: Sides) -> Sides:
    """Remove from each cell's values what the factor, estimated from other cells, explains of them.

    Cells with too few runs are left out. No cell is left where there are too few cells, where a side is a single run
    (which is judged for large changes only), and for paired runs, whose differences hold little of the factor.
    """
    rows = {} if sides.paired or sides.is_single_run else _rows(sides)
    if len(rows) < _MIN_CELLS:
        return Sides([], [])
    runs = [*sides.baseline, *sides.candidate]
    error_terms: dict[str, float] = {}
    adjusted: list[dict[str, float]] = [{} for _ in runs]
    names = sorted(rows)  # the result must not depend on the order of the cells
    for fold in range(min(_FOLDS, len(names))):
        own = names[fold::_FOLDS]
        scores = _scores([row for name, row in rows.items() if name not in own])
        for cell in own:
            fit = _slope(sides, cell, scores)
            if fit is not None:
                slope, error_terms[cell] = fit
                for run, score, values in zip(runs, scores, adjusted, strict=True):
                    if cell in run:
                        values[cell] = run[cell] - slope * score
    return Sides(adjusted[: len(sides.baseline)], adjusted[len(sides.baseline) :], covariate_error_terms=error_terms)


def _rows(sides: Sides) -> dict[str, _Row]:
    rows = {}
    for cell in sides.cells():
        spread = sides.spread(cell)
        if spread.freedom < _MIN_DEGREES_OF_FREEDOM or spread.variance <= 0:
            continue
        deviation, center = sqrt(spread.variance), fmean(sides.means(cell))
        values = [run.get(cell) for run in (*sides.baseline, *sides.candidate)]
        rows[cell] = _Row(
            [None if value is None else (value - center) / deviation for value in values],
            [value / deviation for value in sides.within(cell)],
        )
    return rows


def _scores(rows: Sequence[_Row]) -> list[float]:
    """The factor's score in each run: the least absolute deviations fit, which a few changed cells do not move."""
    direction = _leading_eigenvector(column_products([row.within for row in rows]))
    loadings = [sum(map(mul, row.within, direction)) for row in rows]
    by_run = zip(*(row.values for row in rows), strict=True)
    return [
        _weighted_median(
            (value / loading, abs(loading))
            for value, loading in zip(values, loadings, strict=True)
            if loading and value is not None
        )
        for values in by_run
    ]


def _leading_eigenvector(matrix: Sequence[Sequence[float]]) -> list[float]:
    """The eigenvector of the largest eigenvalue, of length 1, by power iteration."""
    vector = [1.0 + place for place in range(len(matrix))]
    for _ in range(_POWER_ITERATIONS):
        vector = [sum(map(mul, line, vector)) for line in matrix]
        length = sqrt(sum(map(mul, vector, vector))) or 1.0
        vector = [component / length for component in vector]
    return vector


def _weighted_median(weighted: Iterable[tuple[float, float]]) -> float:
    """The median of pairs of a value and its weight; 0 where there are none."""
    ordered = sorted(weighted)
    left = sum(weight for _, weight in ordered) / 2
    for value, weight in ordered:
        left -= weight
        if left <= 0:
            return value
    return 0.0


def _slope(sides: Sides, cell: str, scores: Sequence[float]) -> tuple[float, float] | None:
    """The cell's slope over the factor, and what the slope adds to the squared error of the cell's change.

    The latter is in units of the variance of one value. ``None`` where the factor does not vary.
    """
    count = len(sides.baseline)
    squares = products = difference = 0.0
    for side, side_scores, sign in ((sides.baseline, scores[:count], -1), (sides.candidate, scores[count:], 1)):
        points = [(run[cell], score) for run, score in zip(side, side_scores, strict=True) if cell in run]
        mean = fmean(score for _, score in points)
        squares += sum((score - mean) ** 2 for _, score in points)
        products += sum(value * (score - mean) for value, score in points)
        difference += sign * mean
    return (products / squares, difference**2 / squares) if squares > 0 else None
