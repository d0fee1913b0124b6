"""CSV with one line a value, in base units, for spreadsheets and programs."""

import csv
from collections.abc import Iterator
from io import StringIO

from lab4.analysis.tables import Kind, NotMeasured, Part, Quantity, Text, Value, Worksheet
from lab4.domain.outcome import Failed
from lab4.report.student import Student
from lab4.report.view import state_of

__all__ = ["COLUMNS", "render"]

COLUMNS = ("part", "table", "row", "column", "value", "low", "high", "unit", "outcome", "reason", "machine")

_BASE_UNITS: dict[Kind, str] = {
    "text": "",
    "count": "1",
    "seconds": "s",
    "milliseconds": "s",
    "rate": "1/s",
    "accuracy": "1",
    "fraction": "1",
    "percent": "1",
    "points": "1",
    "bytes": "B",
    "efficiency": "1/B",
    "operations": "1",
    "operation_rate": "1/s",
    "millijoules": "J",
    "ratio": "1",
}


def render(worksheet: Worksheet, _: Student) -> str:
    """Every value of every table; the student's name is not in it, so that it can be shared."""
    text = StringIO()
    # The line ends of the standard (RFC 4180) are those of the csv module.
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for part in worksheet.parts:
        writer.writerows(_lines(part))
    return text.getvalue()


def _lines(part: Part) -> Iterator[tuple[str, ...]]:
    for table in part.tables:
        for row in table.rows:
            for column, value in zip(table.columns, row.values, strict=True):
                kind = "text" if isinstance(value, Text) else column.kind
                yield (
                    *(str(part.number), table.key, row.key, column.key),
                    *(*_numbers(value), _BASE_UNITS[kind], state_of(value), _reason(value), row.machine),
                )


def _numbers(value: Value) -> tuple[str, str, str]:
    if isinstance(value, Quantity):
        low, high = ("" if end is None else repr(end) for end in (value.low, value.high))
        return repr(value.value), low, high
    return value.text if isinstance(value, Text) else "", "", ""


def _reason(value: Value) -> str:
    return value.reason if isinstance(value, NotMeasured | Failed) else ""
