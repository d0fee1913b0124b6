"""The printed tables as plain text, for the end of a run."""

from textwrap import wrap

from lab4.analysis.tables import Worksheet
from lab4.domain.text import printable
from lab4.report.columns import GAP, aligned, column_widths
from lab4.report.view import TableView, ValueView, table_view

__all__ = ["tables"]

_LONGEST_WORD = 24
_EMPTY = ("not measured", "failed")


def tables(worksheet: Worksheet, width: int = 110) -> str:
    """The form's own tables in at most ``width`` characters a line where their words allow it; no questions."""
    blocks = []
    for part in worksheet.parts:
        blocks.append(f"Part {part.number}: {part.title}")
        blocks += [_block(table_view(table, worksheet), width) for table in part.tables if table.printed]
    return "\n\n".join(blocks) + "\n"


def _block(view: TableView, width: int) -> str:
    reasons = tuple(dict.fromkeys(value.text for row in view.rows for value in row if value.state in _EMPTY))
    texts = [tuple(_text(value, reasons) for value in row) for row in view.rows]
    if _total(column_widths([view.headings, *texts])) > width:
        # Without room for them the spreads stay in the files: wrapped, nobody would read them.
        texts = [
            tuple(value.short if value.state == "measured" else text for value, text in zip(row, shown, strict=True))
            for row, shown in zip(view.rows, texts, strict=True)
        ]
    widths = _fit([view.headings, *texts], width)
    lines = [view.table.title, *_lines(view.headings, widths), GAP.join("-" * size for size in widths)]
    for row in texts:
        lines += _lines(row, widths)
    lines += [f"[{number}] {reason}" for number, reason in enumerate(reasons, 1)]
    return "\n".join(line.rstrip() for line in lines)


def _text(value: ValueView, reasons: tuple[str, ...]) -> str:
    """The value, its reason in a note under the table: a reason is longer than a column is wide."""
    return f"{value.state} [{reasons.index(value.text) + 1}]" if value.state in _EMPTY else value.text


def _total(widths: list[int]) -> int:
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _fit(rows: list[tuple[str, ...]], width: int) -> list[int]:
    """Widths of the columns: the widest narrowed until a line fits, but never below the longest word."""
    widths = column_widths(rows)
    least = [
        min(_LONGEST_WORD, max(len(word) for text in column for word in (text.split() or [""])))
        for column in zip(*rows, strict=True)
    ]
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
