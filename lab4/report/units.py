"""Figures in the units that people read, with sensible digits. Nothing else in the project converts units."""

from decimal import Decimal
from math import isfinite

from lab4.analysis.document import Sentence
from lab4.analysis.tables import Column, Kind, NotApplicable, NotMeasured, Quantity, Text, Value
from lab4.domain.outcome import Failed

__all__ = ["axis_mark", "figure", "heading", "number", "scaled", "sentence", "spread", "unit", "words"]

#: For each kind the factor from its base unit, the unit in a sentence and the unit in a heading.
_UNITS: dict[Kind, tuple[float, str, str]] = {
    "text": (1, "", ""),
    "count": (1, "", ""),
    "seconds": (1, " s", " (s)"),
    "milliseconds": (1e3, " ms", " (ms)"),
    "rate": (1, " samples/s", ""),
    "share": (1e2, "%", " (%)"),
    "fraction": (1e2, "%", " (%)"),
    "percent": (1e2, "%", " (%)"),
    "points": (1e2, " points", " (% points)"),
    "bytes": (1e-6, " MB", " (MB)"),
    "efficiency": (1e8, "% per MB", " (%)"),
    "operations": (1e-6, " MFLOP", " (MFLOP)"),
    "operation_rate": (1e-9, " GFLOP/s", " (GFLOP/s)"),
    "millijoules": (1e3, " mJ", " (mJ)"),
    "ratio": (1, "", ""),
}

#: Kinds with a fixed number of decimals; 2,000 images resolve accuracies to 0.05%. The rest have three digits.
_DECIMALS: dict[Kind, int] = {"share": 2, "points": 2, "fraction": 1, "count": 0}
_DIGITS = 3
#: Beyond these a number is written as a power of ten: so many zeros are not readable.
_HUGE, _MOST_DECIMALS = 1e15, 17
_EN_DASH = "\u2013"


def unit(kind: Kind) -> str:
    """The unit of a figure in a sentence, without the space before it."""
    return _UNITS[kind][1].strip()


def scaled(value: float, kind: Kind) -> float:
    """``value``, in the base unit, in the unit that people read: its place on a chart's axis."""
    return value * _UNITS[kind][0]


def heading(column: Column) -> str:
    """The column's name with its unit."""
    return f"{column.name}{_UNITS[column.kind][2]}"


def number(value: float, kind: Kind) -> str:
    """``value``, in base units, as people read it, without its unit.

    >>> number(8.316e-05, "milliseconds"), number(0.99996, "milliseconds"), number(1703000, "bytes")
    ('0.0832', '1,000', '1.70')
    """
    factor = _UNITS[kind][0]
    return _rounded(value, factor, _decimals(value * factor, kind), signed=kind == "points")


def spread(quantity: Quantity, kind: Kind) -> str:
    r"""The ends of the spread, with as many decimals as the figure itself; empty where there is none.

    >>> print(ascii(spread(Quantity(8.3e-05, 8.1e-05, 9e-05), "milliseconds")))
    '0.0810\u20130.0900'
    """
    if quantity.low is None or quantity.high is None:
        return ""
    factor, signed = _UNITS[kind][0], kind == "points"
    decimals = _decimals(quantity.value * factor, kind)
    ends = [_rounded(end, factor, decimals, signed=signed) for end in (quantity.low, quantity.high)]
    return (" to " if signed else _EN_DASH).join(ends)


def figure(quantity: Quantity, kind: Kind) -> str:
    r"""A figure for a sentence: number, unit and spread.

    >>> print(ascii(figure(Quantity(8.3e-05, 8.1e-05, 9e-05), "milliseconds")))
    '0.0830 ms (0.0810\u20130.0900)'
    """
    ends = spread(quantity, kind)
    return f"{number(quantity.value, kind)}{_UNITS[kind][1]}{f' ({ends})' if ends else ''}"


def words(value: Value, kind: Kind, *, with_unit: bool = False) -> str:
    """Any value of a table as text: never empty, and never a number that was not measured."""
    match value:
        case Quantity():
            if with_unit:
                return figure(value, kind)
            ends = spread(value, kind)
            return f"{number(value.value, kind)}{f' ({ends})' if ends else ''}"
        case Text(text):
            return text
        case NotMeasured(reason):
            return f"not measured: {reason}"
        case Failed(reason):
            return f"failed: {reason}"
        case NotApplicable():  # pragma: no branch  # the union ends here
            return "N/A"


def sentence(given: Sentence) -> str:
    """A sentence with its figures in their places."""
    return given.template.format(*(words(value, kind, with_unit=True) for value, kind in given.figures))


def axis_mark(value: float) -> str:
    """A round number next to an axis, without an exponent: three digits, or all before the point.

    >>> axis_mark(1e6), axis_mark(0.001), axis_mark(2.5)
    ('1,000,000', '0.001', '2.5')
    """
    return f"{value:,.0f}" if abs(value) >= 10**_DIGITS else f"{value:,.{_DIGITS}g}"


def _decimals(scaled: float, kind: Kind) -> int:
    """Decimals to show; negative where digits before the point are rounded away."""
    if kind in _DECIMALS:
        return _DECIMALS[kind]
    if not isfinite(scaled):
        return 0
    # Formatting first, so that 999.96 counts as 1,000 and not as three digits before the point.
    exponent = int(f"{scaled:.{_DIGITS - 1}e}".partition("e")[2])
    return _DIGITS - 1 - exponent if scaled else 0


def _rounded(value: float, factor: float, decimals: int, *, signed: bool) -> str:
    scaled = value * factor
    if abs(scaled) >= _HUGE or decimals > _MOST_DECIMALS:  # a float may not hold what Decimal does
        exact = Decimal(value) * Decimal(factor)
        return f"{exact:{'+' if signed else ''}.{_DIGITS - 1}e}"
    # Adding zero turns -0.0 into 0.0, which has no sign.
    shown = round(scaled, decimals) + 0.0
    text = f"{shown:,.{max(0, decimals)}f}"
    return f"+{text}" if signed and shown > 0 else text
