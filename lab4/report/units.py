"""Figures and tables in the units that people read, with sensible digits. Nothing else converts units."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby
from math import copysign, isfinite
from typing import TYPE_CHECKING

from lab4.analysis.tables import Column, Kind, NotApplicable, NotMeasured, Quantity, Row, Table, Text, ToFill, Value
from lab4.domain.outcome import Failed

if TYPE_CHECKING:
    from lab4.analysis.document import Document, Sentence

#: For each kind the factor from its base unit, the unit in a sentence, the unit in a heading, and the base unit.
_UNITS: dict[Kind, tuple[float, str, str, str]] = {
    "text": (1, "", "", ""),
    "count": (1, "", "", "1"),
    "seconds": (1, " s", " (s)", "s"),
    "milliseconds": (1e3, " ms", " (ms)", "s"),
    "rate": (1, " samples/s", "", "1/s"),
    "share": (1e2, "%", " (%)", "1"),
    "fraction": (1e2, "%", " (%)", "1"),
    "percent": (1e2, "%", " (%)", "1"),
    "points": (1e2, " points", " (% points)", "1"),
    "unsigned_points": (1e2, " points", " (% points)", "1"),
    "bytes": (1e-6, " MB", " (MB)", "B"),
    "kilobytes": (1e-3, " kB", " (kB)", "B"),
    "efficiency": (1e8, "% per MB", " (%)", "1/B"),
    "operations": (1e-6, " MFLOP", " (MFLOP)", "1"),
    "operation_rate": (1e-9, " GFLOP/s", " (GFLOP/s)", "1/s"),
    "millijoules": (1e3, " mJ", " (mJ)", "J"),
    "ratio": (1, "", "", "1"),
    "cosine": (1, "", "", "1"),
}

#: Kinds with a fixed number of decimals; 2,000 images resolve accuracies to 0.05%. The rest have three digits.
_DECIMALS: dict[Kind, int] = {"share": 2, "points": 2, "unsigned_points": 2, "fraction": 1, "count": 0, "cosine": 6}
_DIGITS = 3
#: A digit from here on is known well enough alone.
_ROUND = 3
#: Beyond these a number is written as a power of ten: so many zeros are not readable.
_HUGE, _MOST_DECIMALS = 1e15, 17
#: Figures with so many digits in common are one: arithmetic with floats errs in the digits after them.
_EXACT_DIGITS = 12
_EN_DASH = "\u2013"

#: What a value is, in a word or two, as CSV and style sheets know it.
_STATES: dict[type[Value], str] = {
    Quantity: "measured",
    Text: "text",
    NotMeasured: "not measured",
    Failed: "failed",
    NotApplicable: "not applicable",
    ToFill: "to fill in",
}


@dataclass(frozen=True, slots=True)
class ValueView:
    """A value as text: ``short`` is the number alone, or the state of one that is missing.

    ``note`` is the number of the note with the reason, 0 where there is none. ``figure`` is what rows are sorted by, in
    base units.
    """

    text: str
    short: str
    spread: str
    state: str
    note: int = 0
    figure: float | None = None

    @property
    def is_missing(self) -> bool:
        """Whether the text says why there is no value."""
        return self.state in {"not measured", "failed"}


def unit(kind: Kind) -> str:
    """The unit of a figure in a sentence, without the space before it."""
    return _UNITS[kind][1].strip()


def base_unit(kind: Kind) -> str:
    """The unit in which figures of a kind are stored; 1 where they have none."""
    return _UNITS[kind][3]


def scaled(value: float, kind: Kind) -> float:
    """``value``, in the base unit, in the unit that people read: its place on a chart's axis."""
    return value * _UNITS[kind][0]


def heading(column: Column) -> str:
    """The column's name with its unit, after the machine that it is of, where a table has columns for several."""
    machine = f"{column.machine}: " if column.machine not in {"", column.name} else ""
    return f"{machine}{column.name}{heading_unit(column.kind)}"


def heading_unit(kind: Kind) -> str:
    """The unit of a kind as headings have it, with the space before it; empty where it has none."""
    return _UNITS[kind][2]


def shown_decimals(kind: Kind) -> int | None:
    """The decimals of a kind that has a fixed number of them; ``None`` for three digits."""
    return _DECIMALS.get(kind)


def number(value: float, kind: Kind) -> str:
    """``value``, in base units, as people read it, without its unit.

    >>> number(8.316e-05, "milliseconds"), number(0.99996, "milliseconds"), number(1703000, "bytes")
    ('0.0832', '1,000', '1.70')
    """
    return _rounded(value, kind, _decimals(scaled(value, kind), kind))


def spread(quantity: Quantity, kind: Kind) -> str:
    r"""The ends of the spread, with as many decimals as the figure itself; empty where there is none.

    >>> print(ascii(spread(Quantity(8.3e-05, 8.1e-05, 9e-05), "milliseconds")))
    '0.0810\u20130.0900'
    """
    if quantity.low is None or quantity.high is None:
        return ""
    return _ends(quantity, kind, _decimals(scaled(quantity.value, kind), kind))


def _ends(quantity: Quantity, kind: Kind, decimals: int) -> str:
    if quantity.low is None or quantity.high is None:
        return ""
    ends = [_rounded(end, kind, decimals) for end in (quantity.low, quantity.high)]
    return (" to " if kind == "points" else _EN_DASH).join(ends)


def figure(quantity: Quantity, kind: Kind) -> str:
    r"""A figure for a sentence: number, unit and spread, with as many digits as the spread allows.

    >>> print(ascii(figure(Quantity(8.3e-05, 8.1e-05, 9e-05), "milliseconds")))
    '0.083 ms (0.081\u20130.090)'
    """
    decimals = _decimals_within(quantity, kind)
    ends = _ends(quantity, kind, decimals)
    return f"{_rounded(quantity.value, kind, decimals)}{_UNITS[kind][1]}{f' ({ends})' if ends else ''}"


def _decimals_within(quantity: Quantity, kind: Kind) -> int:
    """One digit of half the spread, two where it begins with 1 or 2; no more than a figure without a spread has.

    One digit less than that at least: a spread to one side only says nothing against the figure. An end that is not
    zero does not read as zero: its sign decides.
    """
    most = _decimals(scaled(quantity.value, kind), kind)
    if quantity.low is None or quantity.high is None:
        return most
    half = scaled(quantity.high - quantity.low, kind) / 2
    if half <= 0 or not isfinite(half):
        return most
    digit, _, exponent = f"{half:.0e}".partition("e")
    fewest = max(most - 1, min(most, (1 if int(digit) < _ROUND else 0) - int(exponent)))
    ends = [scaled(end, kind) for end in (quantity.low, quantity.high)]
    return most if any(_round(end, most) and not _round(end, fewest) for end in ends) else fewest


def state_of(value: Value) -> str:
    """What the value is."""
    return _STATES[type(value)]


def words(value: Value, kind: Kind, *, with_unit: bool = False) -> str:
    """Any value of a table as text: empty for a blank to fill in alone, and never a number that was not measured."""
    match value:
        case Quantity():
            ends = spread(value, kind)
            return figure(value, kind) if with_unit else f"{number(value.value, kind)}{f' ({ends})' if ends else ''}"
        case Text(text):
            return text
        case NotMeasured(reason) | Failed(reason):
            return f"{state_of(value)}: {reason}"
        case NotApplicable():
            return "N/A"
        case ToFill():  # pragma: no branch  # the union ends here
            return ""


def sentence(given: "Sentence") -> str:
    """A sentence with its figures in their places."""
    return given.template.format(*(words(value, kind, with_unit=True) for value, kind in given.figures))


def table_view(table: Table, document: "Document") -> tuple[list[str], list[list[ValueView]]]:
    """A table's headings and its values by row, as texts, with a column for the machine where there are several."""
    headings, rows = [heading(column) for column in table.columns], [_values(table, row) for row in table.rows]
    if len(document.machines) > 1 and not any(column.machine for column in table.columns):
        headings.append("Machine")
        for row, values in zip(table.rows, rows, strict=True):
            machine = row.machine or "none"
            values.append(ValueView(machine, machine, "", "text"))
    return headings, rows


def _values(table: Table, row: Row) -> list[ValueView]:
    views: list[ValueView] = []
    for column, value in zip(table.columns, row.values, strict=True):
        text, state = words(value, column.kind), state_of(value)
        if isinstance(value, Quantity):
            short, ends = number(value.value, column.kind), spread(value, column.kind)
            views.append(ValueView(text, short, ends, state, figure=value.value))
        else:
            views.append(ValueView(text, state if isinstance(value, NotMeasured | Failed) else text, "", state))
    return views


def spans(row: Sequence[ValueView]) -> list[tuple[ValueView, int]]:
    """The values of a row, each with the columns it covers: one reason for adjacent columns is given once."""
    found: list[tuple[ValueView, int]] = []
    for _, group in groupby(row, key=lambda value: (value.text, value.state)):
        values = list(group)
        found += [(values[0], len(values))] if values[0].is_missing else [(value, 1) for value in values]
    return found


@dataclass(frozen=True, slots=True)
class NotedTable:
    """A table as texts, in which what is missing has the number of its reason's note."""

    table: Table
    headings: list[str]
    rows: list[list[ValueView]]


def noted(tables: Sequence[Table], document: "Document") -> tuple[list[NotedTable], list[str]]:
    """Tables that share their notes, and the reasons for what is missing in them, each once, in the notes' order."""
    reasons: dict[str, int] = {}

    def with_note(value: ValueView) -> ValueView:
        return replace(value, note=reasons.setdefault(value.text, len(reasons) + 1)) if value.is_missing else value

    found = []
    for table in tables:
        headings, rows = table_view(table, document)
        found.append(NotedTable(table, headings, [list(map(with_note, row)) for row in rows]))
    return found, list(reasons)


def _decimals(scaled: float, kind: Kind) -> int:
    """Decimals to show; negative where digits before the point are rounded away."""
    if kind in _DECIMALS:
        return _DECIMALS[kind]
    nearly = scaled * (1 + 10.0**-_EXACT_DIGITS)  # as `_round` has it
    if not isfinite(nearly):
        return 0
    # Formatting first, so that 999.96 counts as 1,000 and not as three digits before the point.
    exponent = int(f"{nearly:.{_DIGITS - 1}e}".partition("e")[2])
    return _DIGITS - 1 - exponent if scaled else 0


def _rounded(value: float, kind: Kind, decimals: int) -> str:
    people, sign = scaled(value, kind), "+" if kind == "points" else ""
    if abs(people) >= _HUGE or decimals > _MOST_DECIMALS:  # a float may not hold what Decimal does
        return f"{Decimal(value) * Decimal(_UNITS[kind][0]):{sign}.{_DIGITS - 1}e}"
    shown = _round(people, decimals)
    return f"{shown:{sign if shown > 0 else ''},.{max(0, decimals)}f}"


def _round(people: float, decimals: int) -> float:
    """Halves away from zero, also those that a float holds as somewhat less.

    >>> _round(1.15, 1), _round(-0.125, 2), _round(-0.0001, 2)
    (1.2, -0.13, 0.0)
    """
    # Adding zero turns -0.0 into 0.0, which has no sign.
    return round(people + copysign(10.0 ** (_DIGITS - _EXACT_DIGITS - decimals), people), decimals) + 0.0
