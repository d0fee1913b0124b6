"""What tables are made of: rows and values in base units, nothing formatted.

Seconds, bytes, fractions 0..1 and images per second; a column's ``kind`` says which, and in what
unit people expect it. Units for people are `lab4.report`'s business.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from types import MappingProxyType
from typing import Literal

from lab4.domain.cell import Cell
from lab4.domain.outcome import Failed
from lab4.domain.run import Run

#: What a column holds: ``seconds`` and ``milliseconds`` are both stored in s, ``rate`` in images/s,
#: ``share``, ``fraction`` and ``points`` as fractions of 1, ``bytes`` and ``kilobytes`` in B,
#: ``efficiency`` in accuracy per byte, ``operations`` as counted, ``operation_rate`` in operations/s and
#: ``millijoules`` in J; ``percent`` is a fraction of 1 that needs three digits; ``ratio`` has no unit,
#: nor has ``cosine``, which is near 1.
Kind = Literal[
    "text",
    "count",
    "seconds",
    "milliseconds",
    "rate",
    "share",
    "fraction",
    "percent",
    "points",
    "unsigned_points",
    "bytes",
    "kilobytes",
    "efficiency",
    "operations",
    "operation_rate",
    "millijoules",
    "ratio",
    "cosine",
]


#: The kind of a figure by its quantity, as figures of runs and histories name it.
KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "time": "milliseconds",
        "rate": "rate",
        "memory": "bytes",
        "energy": "millijoules",
        "share": "percent",
        "number": "ratio",
    }
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure in the base unit of its column, and the ends of its spread where it has one."""

    value: float
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is not a number: it would be printed as if it were one."""
        for number in (self.value, self.low, self.high):
            if number is not None and not isfinite(number):
                msg = f"{number!r} is not a finite number; a figure that cannot be had is NotMeasured(reason)"
                raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Text:
    """A name or a sentence."""

    text: str


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """A blank that these runs cannot fill; ``reason`` is a plain phrase for people."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """A blank that has no answer by its nature, such as the original's reduction against itself."""


@dataclass(frozen=True, slots=True)
class ToFill:
    """A blank of an empty form, for people to fill in."""


Value = Quantity | Text | NotMeasured | Failed | NotApplicable | ToFill


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``key`` for programs, ``name`` for people (without its unit), ``kind`` of its values.

    ``machine`` is the one whose figures it has, where a table has columns for several.
    """

    key: str
    name: str
    kind: Kind
    machine: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line: ``key`` for programs, ``name`` for people; ``machine`` is where its figures come from, if measured.

    ``cell`` is what its figures are of, where they are of one cell.
    """

    key: str
    name: str
    values: tuple[Value, ...]
    machine: str = ""
    cell: Cell | None = None


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """Why rows or columns were left out of a table, and the names of those that the reason concerns."""

    reason: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns.

    ``printed`` marks the tables that a terminal shows; the others add detail. ``unmeasured`` says
    of rows and columns that were left out, because none of their values is known, why that is.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    printed: bool = True
    unmeasured: tuple[Unmeasured, ...] = ()

    def __post_init__(self) -> None:
        """Refuse rows that do not fit under the columns."""
        for row in self.rows:
            if len(row.values) != len(self.columns):
                have, wanted = len(row.values), len(self.columns)
                msg = f"row {row.key!r} of table {self.key!r} has {have} values for {wanted} columns"
                raise ValueError(msg)

    def index(self, column: str) -> int:
        """The index of the column of this key.

        Raises:
            KeyError: if there is none.
        """
        return {each.key: number for number, each in enumerate(self.columns)}[column]

    def narrowed(self, kept: Sequence[int]) -> "Table":
        """The table with the columns of these indices only."""
        rows = tuple(replace(row, values=tuple(row.values[index] for index in kept)) for row in self.rows)
        return replace(self, columns=tuple(self.columns[index] for index in kept), rows=rows)

    def value(self, row: Row, column: str) -> Value:
        """What ``row`` holds under the column of this key."""
        return row.values[self.index(column)]


@dataclass(frozen=True, slots=True)
class RunSource:
    """Where figures come from: a run without its measurements, the name of its machine here, and what was planned."""

    run: Run
    machine: str
    cells: tuple[Cell, ...] = ()
