"""Questions to a table: which figures are there, which is least, do two differ beyond their spread."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lab4.analysis.tables import Kind, NotMeasured, Quantity, Row, Table, Text, Value, Worksheet
from lab4.domain.outcome import Failed

__all__ = [
    "Comparison",
    "Figure",
    "Missing",
    "compare",
    "figures",
    "highest",
    "lowest",
    "missing",
    "ratio",
    "table_of",
    "tables_like",
]

Comparison = Literal["lower", "higher", "no clear difference"]

#: A machine may have two speeds so far apart and stay on either for a whole cell (12 to 15% was measured on a
#: virtual one), which the spread within a cell does not show: so much is added to it at either end.
_MACHINE_SPEEDS = 1.15


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure, the row it stands in, and how to print it."""

    row: Row
    quantity: Quantity
    kind: Kind


@dataclass(frozen=True, slots=True)
class Missing:
    """A reason, whether it is a failure, and the blanks it leaves, as titles of tables with names of rows."""

    reason: str
    failed: bool
    blanks: tuple[tuple[str, tuple[str, ...]], ...]


def table_of(worksheet: Worksheet, key: str) -> Table:
    """The table of this key.

    Raises:
        KeyError: if there is none.
    """
    for table in worksheet.tables:
        if table.key == key:
            return table
    raise KeyError(key)


def tables_like(worksheet: Worksheet, prefix: str) -> tuple[Table, ...]:
    """The tables whose keys begin so: one a model."""
    return tuple(table for table in worksheet.tables if table.key.startswith(prefix))


def figures(table: Table, column: str, **texts: str) -> tuple[Figure, ...]:
    """The measured figures of a column, of the rows that hold these texts in these columns."""
    kind = table.columns[table.index(column)].kind
    found = []
    for row in table.rows:
        value = table.value(row, column)
        fits = all(table.value(row, key) == Text(text) for key, text in texts.items())
        if fits and isinstance(value, Quantity):
            found.append(Figure(row, value, kind))
    return tuple(found)


def lowest(found: tuple[Figure, ...]) -> Figure:
    """The figure with the lowest value, the first of equals; there must be one."""
    return min(found, key=lambda figure: figure.quantity.value)


def highest(found: tuple[Figure, ...]) -> Figure:
    """The figure with the highest value, the first of equals; there must be one."""
    return max(found, key=lambda figure: figure.quantity.value)


def ratio(one: Quantity, other: Quantity) -> Quantity:
    """How many times ``other`` fits in ``one``; ``other`` is above zero."""
    return Quantity(one.value / other.value)


def compare(one: Quantity, other: Quantity) -> Comparison:
    """Whether a time or rate is lower or higher than another, beyond both spreads and the machine's two speeds."""
    (one_low, one_high), (other_low, other_high) = _ends(one), _ends(other)
    if one_high < other_low:
        return "lower"
    if one_low > other_high:
        return "higher"
    return "no clear difference"


def missing(worksheet: Worksheet) -> tuple[Missing, ...]:
    """Why blanks are empty: each reason once, with the rows it concerns."""
    found: dict[tuple[str, bool], dict[str, dict[str, None]]] = {}
    for table in worksheet.tables:
        for row in table.rows:
            for reason, failed in _reasons(row.values):
                found.setdefault((reason, failed), {}).setdefault(table.title, {})[row.name] = None
    return tuple(
        Missing(reason, failed, tuple((title, tuple(rows)) for title, rows in blanks.items()))
        for (reason, failed), blanks in found.items()
    )


def _reasons(values: tuple[Value, ...]) -> Iterator[tuple[str, bool]]:
    for value in values:
        if isinstance(value, NotMeasured):
            yield value.reason, False
        elif isinstance(value, Failed):
            yield value.reason, True


def _ends(quantity: Quantity) -> tuple[float, float]:
    low = quantity.value if quantity.low is None else quantity.low
    high = quantity.value if quantity.high is None else quantity.high
    return low / _MACHINE_SPEEDS, high * _MACHINE_SPEEDS
