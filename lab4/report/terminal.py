"""The printed tables as plain text, for the end of a run."""

from textwrap import wrap

from lab4.analysis.document import Document
from lab4.domain.text import printable
from lab4.report.columns import GAP, aligned, column_widths
from lab4.report.view import TableView, ValueView, table_view

__all__ = ["tables"]

_LONGEST_WORD = 24
_EMPTY = ("not measured", "failed")


def tables(document: Document, width: int = 110) -> str:
    """The printed tables in at most ``width`` characters per line where their words allow it, and nothing else."""
    blocks = []
    for section in document.sections:
        found = [_block(table_view(table, document), width) for table in section.tables if table.printed]
        blocks += [section.title, *found] if found else []
    return "\n\n".join(blocks) + "\n"


def _block(view: TableView, width: int) -> str:
    reasons = tuple(dict.fromkeys(value.text for row in view.rows for value in row if value.state in _EMPTY))
    texts = [tuple(_text(value, reasons) for value in row) for row in view.rows]
    if _total(column_widths([view.headings, *texts])) > width:
        # Without room for them the spreads stay in the files, and the states in the notes: they would be wrapped.
        texts = [tuple(_short(value, reasons) for value in row) for row in view.rows]
    widths = _fit([view.headings, *texts], width)
    lines = [view.table.title, *_lines(view.headings, widths), GAP.join("-" * size for size in widths)]
    for row in texts:
        lines += _lines(row, widths)
    lines += [f"[{number}] {reason}" for number, reason in enumerate(reasons, 1)]
    return "\n".join(line.rstrip() for line in lines)


def _text(value: ValueView, reasons: tuple[str, ...]) -> str:
    """The value, its reason in a note under the table: a reason is longer than a column is wide."""
    return f"{value.state} [{reasons.index(value.text) + 1}]" if value.state in _EMPTY else value.text


def _short(value: ValueView, reasons: tuple[str, ...]) -> str:
    """The value without its spread, or the number of its note alone."""
    return f"[{reasons.index(value.text) + 1}]" if value.state in _EMPTY else value.short


def _total(widths: list[int]) -> int:
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _fit(rows: list[tuple[str, ...]], width: int) -> list[int]:
    """Widths of the columns: where a line is too long, headings are wrapped, then texts, the widest first.

    ``rows`` begin with the headings. No column is narrower than its longest word.
    """
    widths = column_widths(rows)
    if _total(widths) <= width:
        return widths
    least = [
        min(_LONGEST_WORD, max(len(word) for text in column for word in (text.split() or [""])))
        for column in zip(*rows, strict=True)
    ]
    texts = column_widths(rows[1:]) or least
    widths = [max(each) for each in zip(texts, least, strict=True)]
    while _total(widths) > width and widths != least:
        spare = [size - fewest for size, fewest in zip(widths, least, strict=True)]
        # The widest of those that can still give.
        giver = max(range(len(widths)), key=lambda number: (spare[number] > 0, widths[number]))
        widths[giver] -= 1
    return widths


def _lines(texts: tuple[str, ...], widths: list[int]) -> list[str]:
    """One row on as many lines as its longest wrapped text needs."""
    # A text that was cut may begin with what was harmless within it.
    columns = [[printable(line) for line in wrap(text, size)] or [""] for text, size in zip(texts, widths, strict=True)]
    height = max(len(column) for column in columns)
    padded = [[*column, *[""] * (height - len(column))] for column in columns]
    return aligned(list(zip(*padded, strict=True)), widths)
