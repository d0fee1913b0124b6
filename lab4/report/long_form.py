"""CSV with one line per value, in base units, for spreadsheets and programs.

A text that a spreadsheet would take for a formula has an apostrophe before it: `lab4.report.spreadsheet.unguarded`
takes it off. Numbers are as they were measured, to the last digit.
"""

from collections.abc import Iterator

from lab4.analysis.document import Document, Section
from lab4.analysis.tables import Kind, NotMeasured, Quantity, Text, Value
from lab4.domain.outcome import Failed
from lab4.report.renderer import Renderer
from lab4.report.spreadsheet import csv_text
from lab4.report.student import Student
from lab4.report.view import state_of

__all__ = ["COLUMNS", "CSV", "render"]

COLUMNS = ("section", "table", "row", "column", "value", "low", "high", "unit", "outcome", "reason", "machine")

_BASE_UNITS: dict[Kind, str] = {
    "text": "",
    "count": "1",
    "seconds": "s",
    "milliseconds": "s",
    "rate": "1/s",
    "share": "1",
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


def render(document: Document, _: Student) -> str:
    """Every value of every table; the student's name is not in it, so that it can be shared."""
    return csv_text([COLUMNS, *(line for section in document.sections for line in _lines(section))])


def _lines(section: Section) -> Iterator[tuple[str | float | None, ...]]:
    for table in section.tables:
        for row in table.rows:
            for column, value in zip(table.columns, row.values, strict=True):
                kind = "text" if isinstance(value, Text) else column.kind
                yield (
                    *(section.title, table.key, row.key, column.key),
                    *(*_numbers(value), _BASE_UNITS[kind], state_of(value), _reason(value), row.machine),
                )


def _numbers(value: Value) -> tuple[str | float, float | None, float | None]:
    if isinstance(value, Quantity):
        return value.value, value.low, value.high
    return value.text if isinstance(value, Text) else "", None, None


def _reason(value: Value) -> str:
    return value.reason if isinstance(value, NotMeasured | Failed) else ""


CSV = Renderer("csv", "csv", render)
