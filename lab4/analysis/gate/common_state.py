"""What moves many cells at once is the machine's state: how much of a cell's values it explains.

Neighbours on a shared machine take of its caches and its memory's bandwidth, which moves some cells by several percent
from run to run and others by nothing. The cells tell that state together: it is the direction in which they vary most
(the first principal component of their values within the sides, each cell in units of its own deviation). A cell's
change is then that of an analysis of covariance with the state as covariate (Fisher, 1932), as Leek and Storey (2007)
adjust for common causes that nobody has measured.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from operator import mul
from statistics import fmean

from lab4.analysis.gate.likeness import products
from lab4.analysis.gate.sides import Sides

__all__ = ["without_common_state"]

#: Fewer cells have no direction in common that one of them does not make; fewer degrees of freedom tell no slope.
_LEAST_CELLS, _LEAST_FREEDOM = 6, 6
#: A cell says nothing of the state that it is rid of: each tenth of them by what the others say.
_FOLDS = 10
#: Of power iteration.
_STEPS = 30


@dataclass(frozen=True, slots=True)
class _Row:
    """A cell's values by run, in its deviations: from the middle of both sides, and from its own side's mean."""

    values: list[float | None]
    within: list[float]


def without_common_state(sides: Sides) -> Sides:
    """Take out of each cell's values what the other cells say of the machine's state.

    Cells with too few runs are left out; all are where too few cells tell a state, where a side is a single run, which
    is judged for large changes only, and of runs in turns, whose differences the state has left already.
    """
    rows = {} if sides.paired or sides.is_lone else _rows(sides)
    if len(rows) < _LEAST_CELLS:
        return Sides([], [])
    runs = [*sides.baseline, *sides.candidate]
    slopes: dict[str, float] = {}
    less: list[dict[str, float]] = [{} for _ in runs]
    names = sorted(rows)  # the order in which cells come must not matter
    for fold in range(min(_FOLDS, len(names))):
        own = names[fold::_FOLDS]
        state = _states([row for name, row in rows.items() if name not in own])
        for cell in own:
            told = _slope(sides, cell, state)
            if told is not None:
                slope, slopes[cell] = told
                for run, at, found in zip(runs, state, less, strict=True):
                    if cell in run:
                        found[cell] = run[cell] - slope * at
    return Sides(less[: len(sides.baseline)], less[len(sides.baseline) :], slopes=slopes)


def _rows(sides: Sides) -> dict[str, _Row]:
    rows = {}
    for cell in sides.cells():
        spread = sides.spread(cell)
        if spread.freedom < _LEAST_FREEDOM or spread.variance <= 0:
            continue
        unit, middle = sqrt(spread.variance), fmean(sides.means(cell))
        values = [run.get(cell) for run in (*sides.baseline, *sides.candidate)]
        rows[cell] = _Row(
            [None if value is None else (value - middle) / unit for value in values],
            [each / unit for each in sides.within(cell)],
        )
    return rows


def _states(rows: Sequence[_Row]) -> list[float]:
    """The state in each run: what fits its cells best in absolute terms, so that a few that changed do not move it."""
    direction = _direction(products([row.within for row in rows]))
    loads = [sum(map(mul, row.within, direction)) for row in rows]
    by_run = zip(*(row.values for row in rows), strict=True)
    return [
        _weighted_median(
            (value / load, abs(load)) for value, load in zip(values, loads, strict=True) if load and value is not None
        )
        for values in by_run
    ]


def _direction(matrix: Sequence[Sequence[float]]) -> list[float]:
    """The eigenvector of the largest eigenvalue, of length 1, by power iteration."""
    found = [1.0 + place for place in range(len(matrix))]
    for _ in range(_STEPS):
        found = [sum(map(mul, line, found)) for line in matrix]
        length = sqrt(sum(map(mul, found, found))) or 1.0
        found = [each / length for each in found]
    return found


def _weighted_median(found: Iterable[tuple[float, float]]) -> float:
    """The value below which half of the weight is; 0 of none. ``found`` are values and weights."""
    ordered = sorted(found)
    left = sum(weight for _, weight in ordered) / 2
    for value, weight in ordered:
        left -= weight
        if left <= 0:
            return value
    return 0.0


def _slope(sides: Sides, cell: str, state: Sequence[float]) -> tuple[float, float] | None:
    """The slope of the cell's values over the state, and what it adds to the squared error of their change.

    In units of the variance of a value; ``None`` where the state does not vary.
    """
    count = len(sides.baseline)
    squares = crossed = apart = 0.0
    for side, states, sign in ((sides.baseline, state[:count], -1), (sides.candidate, state[count:], 1)):
        told = [(run[cell], at) for run, at in zip(side, states, strict=True) if cell in run]
        middle = fmean(at for _, at in told)
        squares += sum((at - middle) ** 2 for _, at in told)
        crossed += sum(value * (at - middle) for value, at in told)
        apart += sign * middle
    return (crossed / squares, apart**2 / squares) if squares > 0 else None
