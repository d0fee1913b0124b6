"""How strongly cells vary together from run to run: correlated cells are less evidence than independent ones."""

from collections.abc import Sequence
from math import sqrt
from operator import mul
from statistics import median

from lab4.analysis.gate.sides import Sides

__all__ = ["column_products", "mean_squared_correlation"]


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
