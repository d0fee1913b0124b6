"""The one writer of CSV: what it writes as text is text in a spreadsheet too."""

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO

__all__ = ["csv_text", "guarded", "unguarded"]

#: What a spreadsheet takes for the start of a formula, in full width too, whatever white space or apostrophes precede.
_FORMULA = re.compile("'*\\s*[=+\\-@\uff1d\uff0b\uff0d\uff20]|'*[\t\r\n]")


def csv_text(rows: Iterable[Sequence[str | float | None]]) -> str:
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
