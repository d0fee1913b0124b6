"""CSV that spreadsheets compute nothing of: one line per value, in base units, to the last digit as measured."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from lab4.analysis.document import Document, Section
from lab4.analysis.tables import NotMeasured, Quantity, Text
from lab4.domain.outcome import Failed
from lab4.report import Renderer, Student
from lab4.report.units import base_unit, state_of

COLUMNS = ("section", "table", "row", "column", "value", "low", "high", "unit", "outcome", "reason", "machine")

#: What a spreadsheet takes for the start of a formula, in full width too, whatever white space or apostrophes precede.
_FORMULA = re.compile("'*\\s*[=+\\-@\uff1d\uff0b\uff0d\uff20]|'*[\t\r\n]")

_Fields = Sequence[str | float | None]


def render(document: Document, _: Student) -> str:
    """Every value of every table; the student's name is not in it, so that it can be shared."""
    return csv_text([COLUMNS, *(line for section in document.sections for line in _lines(section))])


def _lines(section: Section) -> Iterator[_Fields]:
    for table in section.tables:
        for row in table.rows:
            for column, value in zip(table.columns, row.values, strict=True):
                kind = "text" if isinstance(value, Text) else column.kind
                reason = value.reason if isinstance(value, NotMeasured | Failed) else ""
                names = (section.title, table.key, row.key, column.key)
                numbers: _Fields = (value.text if isinstance(value, Text) else "", None, None)
                if isinstance(value, Quantity):
                    numbers = (value.value, value.low, value.high)
                yield (*names, *numbers, base_unit(kind), state_of(value), reason, column.machine or row.machine)
        for left_out in table.unmeasured:
            for name in left_out.names:
                place = (section.title, table.key, name, "")
                yield (*place, "", None, None, "", state_of(NotMeasured("")), left_out.reason, "")


def csv_text(rows: Iterable[_Fields]) -> str:
    """Return rows as CSV (RFC 4180): texts guarded, numbers exact, nothing for ``None``."""
    text = StringIO()
    writer = csv.writer(text)  # its line ends are those of the standard
    writer.writerows([guarded(each) if isinstance(each, str) else each for each in row] for row in rows)
    return text.getvalue()


def guarded(text: str) -> str:
    """Return ``text`` with an apostrophe before what would be a formula; `unguarded` takes it off again.

    >>> guarded("=1+1"), guarded("'=1+1"), guarded("cnn-cpu"), guarded("it's")
    ("'=1+1", "''=1+1", 'cnn-cpu', "it's")
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """Return what `guarded` was given.

    >>> unguarded("'=1+1"), unguarded("'quoted'")
    ('=1+1', "'quoted'")
    """
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


CSV = Renderer("csv", "csv", render)
