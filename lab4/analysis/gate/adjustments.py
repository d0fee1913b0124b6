"""What the machine does to many cells at once, and a cell's change without it: by its peers, or by a latent factor.

Peers are cells that the machine's state affects alike, because they run the same format in the same way.

Co-runners on a shared machine use its caches and its memory bandwidth. That moves some cells by several percent from
run to run, and others not at all. The latent factor is the direction in which the cells vary most: the first principal
component of their values within the sides, each cell in units of its own standard deviation. A cell's change is then
that of an analysis of covariance with the factor as covariate (Fisher, 1932), as Leek and Storey (2007) adjust for
unmeasured common causes.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from math import sqrt
from operator import mul
from statistics import fmean, median
from typing import NamedTuple

from lab4.analysis.gate.sides import Sides
from lab4.domain.cell import Cell
from lab4.domain.errors import CellIdError

#: Peers that a cell needs: the median of fewer depends too much on a single one.
MIN_PEERS = 3
#: Among fewer cells a single one dominates the component; with fewer degrees of freedom the slope is too uncertain.
_MIN_CELLS, _MIN_DEGREES_OF_FREEDOM = 6, 6
#: Cross-fitting: a cell's own values never contribute to the factor removed from it.
_FOLDS = 10
_POWER_ITERATIONS = 30


@cache
def peer_group_of(key: str) -> object:
    """Equal for cells of one kind that run the same format on the same device with as many threads."""
    try:
        cell = Cell.from_key(key)
    except CellIdError:  # a benchmark that plain pytest-benchmark saved
        return key
    return cell.kind, cell.format, cell.device, cell.threads


def _by_peer_group(cells: Iterable[str]) -> dict[object, list[str]]:
    groups: dict[object, list[str]] = {}
    for cell in cells:
        groups.setdefault(peer_group_of(cell), []).append(cell)
    return groups


def with_peer_group(cells: Collection[str], among: Iterable[str]) -> list[str]:
    """These cells and their peers ``among`` the others, where a group has enough of them."""
    groups = _by_peer_group(dict.fromkeys([*cells, *among]))
    chosen = dict.fromkeys(map(peer_group_of, cells))
    return [cell for key in chosen for cell in groups[key] if cell in cells or len(groups[key]) > MIN_PEERS]


def cells_and_peers(cells: int, measured: int) -> str:
    """How many cells are measured, and how many peers with them, in words."""
    counted = "1 cell" if cells == 1 else f"{cells} cells"
    peers = measured - cells
    return f"{counted} and {peers} of {'its' if cells == 1 else 'their'} peers" if peers else counted


def peer_adjusted(sides: Sides) -> Sides:
    """Subtract from each value the movement of the cell's peers in the same run; drop cells with fewer than three.

    Peers run the same format on the same device with as many threads. The machine's state moves all of them, a change
    of the code moves one. The movement of a run's peers is the median of their distances from their own grand means
    (the mean of both sides' means), so that a peer that is missing from one run does not bias the others.
    """
    groups = _by_peer_group(sides.means).values()
    centers = {cell: fmean(means) for cell, means in sides.means.items()}
    baseline, candidate = (
        [_adjusted(run, groups, centers) for run in side] for side in (sides.baseline, sides.candidate)
    )
    return Sides(baseline, candidate, sides.paired)


def _adjusted(
    run: Mapping[str, float], groups: Iterable[Collection[str]], centers: Mapping[str, float]
) -> dict[str, float]:
    adjusted: dict[str, float] = {}
    for cells in groups:
        moved = {cell: run[cell] - centers[cell] for cell in cells if cell in run}
        if len(moved) > MIN_PEERS:
            ordered = sorted(moved.values())
            for cell, own in moved.items():
                others = ordered.copy()
                others.remove(own)
                adjusted[cell] = run[cell] - median(others)
    return adjusted


def mean_squared_correlation(sides: Sides) -> float:
    """The mean squared correlation between two cells' values within the sides, from 0 to 1.

    It is corrected for the squared correlation that independent values of so few runs have, 1 / degrees of freedom.
    Two pairs of runs have one degree of freedom, so that nothing can be estimated: then it is 1, the worst case.
    """
    rows, degrees_of_freedom = [], []
    for cell, (_, freedom) in sides.spreads.items():
        within = sides.within(cell)
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
    for cell, spread in sides.spreads.items():
        if spread.freedom < _MIN_DEGREES_OF_FREEDOM or spread.variance <= 0:
            continue
        deviation, center = sqrt(spread.variance), fmean(sides.means[cell])
        values = [run.get(cell) for run in (*sides.baseline, *sides.candidate)]
        rows[cell] = _Row(
            [None if value is None else (value - center) / deviation for value in values],
            [value / deviation for value in sides.within(cell)],
        )
    return rows


def _scores(rows: Sequence[_Row]) -> list[float]:
    """The factor's score in each run: the least absolute deviations fit, which a few changed cells do not move."""
    products = column_products([row.within for row in rows])
    direction = [1.0 + place for place in range(len(products))]
    for _ in range(_POWER_ITERATIONS):  # to the eigenvector of the largest eigenvalue
        direction = [sum(map(mul, line, direction)) for line in products]
        length = sqrt(sum(map(mul, direction, direction))) or 1.0
        direction = [component / length for component in direction]
    loadings = [sum(map(mul, row.within, direction)) for row in rows]
    return [
        _weighted_median(
            (value / loading, abs(loading))
            for value, loading in zip(values, loadings, strict=True)
            if loading and value is not None
        )
        for values in zip(*(row.values for row in rows), strict=True)
    ]


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
