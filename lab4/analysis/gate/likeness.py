"""How alike cells vary from run to run: what moves them all is seen once, however many they are."""

from collections.abc import Sequence
from math import sqrt
from operator import mul
from statistics import median

from lab4.analysis.gate.sides import Sides

__all__ = ["likeness", "products"]


def likeness(sides: Sides) -> float:
    """The mean squared correlation between two cells' values within the sides, from 0 to 1.

    Less what chance alone makes of so few values; of two pairs nothing else is left, and 1 is said: the cells may all
    vary as one.
    """
    rows, freedoms = [], []
    for cell in sides.cells():
        within, freedom = sides.within(cell), sides.spread(cell).freedom
        length = sqrt(sum(map(mul, within, within)))
        if freedom > 0 and length > 0:
            rows.append([each / length for each in within])
            freedoms.append(freedom)
    if len(rows) < 2:  # noqa: PLR2004  # one is like nothing
        return 0.0
    chance = 1 / median(freedoms)
    if chance >= 1:
        return 1.0
    # Of all pairs of cells, by way of all pairs of runs, which are fewer.
    squares = sum(sum(map(mul, line, line)) for line in products(rows))
    mean = (squares - len(rows)) / (len(rows) * (len(rows) - 1))
    return min(1.0, max(0.0, (mean - chance) / (1 - chance)))


def products(rows: Sequence[Sequence[float]]) -> list[list[float]]:
    """The products of each two columns, summed over the rows; rows are of one length."""
    columns = list(zip(*rows, strict=True))
    return [[sum(map(mul, one, other)) for other in columns] for one in columns]
