"""Questions to a table: which figures are there, which is least, do two differ beyond their spread."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from lab4.analysis.tables import Kind, Quantity, Row, Table
from lab4.domain.cell import Cell

Comparison = Literal["lower", "higher", "no clear difference"]

#: A machine may have two speeds so far apart and stay on either for a whole cell (12 to 15% was measured on a
#: virtual one), which the spread within a cell does not show: so much is added to it at either end.
MACHINE_SPEEDS = 1.15
#: How many times the end of the lower spread the beginning of the higher one is, where two times are called different.
APART = MACHINE_SPEEDS**2


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure, its row, and how to print it."""

    row: Row
    quantity: Quantity
    kind: Kind

    @property
    def cell(self) -> Cell:
        """What the figure is of.

        Raises:
            ValueError: if its row is not of one cell.
        """
        if self.row.cell is None:
            msg = f"row {self.row.key!r} belongs to no cell"
            raise ValueError(msg)
        return self.row.cell


def figures(table: Table, column: str, fits: Callable[[Cell], bool] = lambda _: True) -> tuple[Figure, ...]:
    """The measured figures of a column, of rows whose cell fits."""
    kind = table.columns[table.index(column)].kind
    return tuple(
        Figure(row, value, kind)
        for row in table.rows
        if isinstance(value := table.value(row, column), Quantity) and (row.cell is None or fits(row.cell))
    )


def lowest(found: tuple[Figure, ...]) -> Figure:
    """The figure with the lowest value, the first of equals; there must be one."""
    return min(found, key=lambda figure: figure.quantity.value)


def highest(found: tuple[Figure, ...]) -> Figure:
    """The figure with the highest value, the first of equals; there must be one."""
    return max(found, key=lambda figure: figure.quantity.value)


def ratio(one: Quantity, other: Quantity) -> Quantity:
    """How many times ``other`` fits in ``one``, which is above zero, as ``other`` is; from end to end of spreads."""
    value, ends = one.value / other.value, (one.low, one.high, other.low, other.high)
    if None in ends or not other.low or not other.high:
        return Quantity(value)
    return Quantity(value, (one.low or 0.0) / other.high, (one.high or 0.0) / other.low)


def compare(one: Quantity, other: Quantity) -> Comparison:
    """Whether a time or rate is lower or higher than another, beyond both spreads and the machine's two speeds."""
    (one_low, one_high), (other_low, other_high) = _ends(one), _ends(other)
    if one_high < other_low:
        return "lower"
    if one_low > other_high:
        return "higher"
    return "no clear difference"


def _ends(quantity: Quantity) -> tuple[float, float]:
    low, high = (quantity.value if end is None else end for end in (quantity.low, quantity.high))
    return low / MACHINE_SPEEDS, high * MACHINE_SPEEDS
