"""For a terminal: a cell's main figures while the suite runs, and the printed tables at its end."""

from itertools import zip_longest
from textwrap import wrap

from lab4.analysis.distribution import summarize, throughput
from lab4.analysis.document import Code, Document, Section
from lab4.analysis.tables import Table
from lab4.domain.cell import Cell
from lab4.domain.outcome import Measured
from lab4.domain.text import printable
from lab4.report.columns import aligned, column_widths, rule, total_width
from lab4.report.units import ValueView, number, sentence, table_view

#: Characters of a line at most, however wide the terminal is.
WIDEST = 110
#: Lines of a row at most.
_MOST_LINES = 4
_LONGEST_WORD = 24


def cell_figures(cell: Cell, measured: Measured) -> str:
    """Latency and throughput, training time, or accuracy and size: what the cell is about."""
    if measured.latency is not None:
        p50_s = summarize(measured.latency).p50_s
        rate = throughput(cell.batch_size or 1, p50_s)
        return f"{number(p50_s, 'milliseconds')} ms, {number(rate, 'rate')} samples/s"
    words = []
    if measured.training is not None:
        words.append(f"{number(sum(measured.training.epoch_s), 'seconds')} s")
    if measured.per_example is not None:
        words.append(f"{number(measured.per_example.value, 'share')}%")
    if measured.size is not None:
        words.append(f"{number(measured.size.disk_bytes, 'bytes')} MB")
    return ", ".join(words)


def tables(document: Document, width: int = WIDEST) -> str:
    """The printed tables in at most ``width`` characters per line where their words allow it, and code to copy.

    Where the columns of a table have no room next to one another, each of its rows is a list of its values.
    """
    blocks = []
    for section in document.sections:
        found = [_block(table, document, width) for table in section.tables if table.printed]
        blocks += ["\n".join(wrap(section.title, width)), *found, *_code(section)] if found else []
    return "\n\n".join(blocks) + "\n"


def _code(section: Section) -> list[str]:
    """The section's code, each in a line that can be copied, however long it is."""
    blocks = (block for block in section.blocks if isinstance(block, Code))
    return [printable(sentence(each.title)) + "\n" + printable("; ".join(each.lines)) for each in blocks]


def _block(table: Table, document: Document, width: int) -> str:
    headings, values = table_view(table, document)
    reasons = list(dict.fromkeys(value.text for row in values for value in row if value.is_missing))

    def texts(*, short: bool) -> list[list[str]]:
        return [headings, *([_text(value, reasons, short=short) for value in row] for row in values)]

    rows = texts(short=False)
    if total_width(column_widths(rows)) > width:
        # Without room for them the spreads stay in the files, and the states in the notes: they would be wrapped.
        rows = texts(short=True)
    lines = [*wrap(table.title, width), *_laid_out(rows, width)]
    lines += [line for number, reason in enumerate(reasons, 1) for line in _note(f"[{number}] {reason}", width)]
    for each in table.unmeasured:
        lines += _note(f"not measured: {each.reason}: {', '.join(each.names)}", width)
    return "\n".join(line.rstrip() for line in lines)


def _text(value: ValueView, reasons: list[str], *, short: bool) -> str:
    """The value, or the number of its reason's note: a reason is longer than a column is wide."""
    if value.is_missing:
        return f"{'' if short else f'{value.state} '}[{reasons.index(value.text) + 1}]"
    return value.short if short else value.text


def _fit(rows: list[list[str]], width: int) -> list[int]:
    """Widths of the columns: where a line is too long, headings are wrapped, then texts, the widest first.

    ``rows`` begin with the headings. No column is narrower than its longest word.
    """
    widths = column_widths(rows)
    if total_width(widths) <= width:
        return widths
    least = [
        min(_LONGEST_WORD, max(len(word) for text in column for word in (text.split() or [""])))
        for column in zip(*rows, strict=True)
    ]
    texts = column_widths(rows[1:]) or least
    widths = [max(each) for each in zip(texts, least, strict=True)]
    while total_width(widths) > width and widths != least:
        # The widest of those that can still give.
        giver = max(range(len(widths)), key=lambda number: (widths[number] > least[number], widths[number]))
        widths[giver] -= 1
    return widths


def _note(text: str, width: int) -> list[str]:
    return [printable(line) for line in wrap(text, width, subsequent_indent="    ")]


def _laid_out(rows: list[list[str]], width: int) -> list[str]:
    """The rows as columns; else in two parts, each with the first column; else as lists. ``rows`` begin with headings.

    Columns that fit only with texts of many lines are not read as columns.
    """
    if (whole := _columns(rows, width)) is not None:
        return whole
    for count in range(len(rows[0]) - 1, 2, -1):
        parts = [
            _columns([row[:count] for row in rows], width),
            _columns([row[:1] + row[count:] for row in rows], width),
        ]
        if None not in parts:
            return [*(parts[0] or ()), "", *(parts[1] or ())]
    return [line for row in rows[1:] for line in _listed(rows[0], row, width)]


def _columns(rows: list[list[str]], width: int) -> list[str] | None:
    """The headings, a rule and the rows; ``None`` where they have no room."""
    widths = _fit(rows, width)
    found = [_wrapped(row, widths) for row in rows[1:]]
    if total_width(widths) > width or max(map(len, found), default=0) > _MOST_LINES:
        return None
    return [*_wrapped(rows[0], widths), rule(widths), *(line for lines in found for line in lines)]


def _listed(headings: list[str], row: list[str], width: int) -> list[str]:
    """One row as a list: the first value, and each of the others after its column's heading."""
    values = [f"{heading}: {text}" for heading, text in zip(headings[1:], row[1:], strict=True)]
    lines = wrap(row[0], width) + [
        line for value in values for line in wrap(value, width, initial_indent="  ", subsequent_indent="    ")
    ]
    return [printable(line) for line in lines]


def _wrapped(texts: list[str], widths: list[int]) -> list[str]:
    """One row on as many lines as its longest wrapped text needs."""
    # A text that was cut may begin with what was harmless within it.
    columns = [[printable(line) for line in wrap(text, size)] for text, size in zip(texts, widths, strict=True)]
    return aligned(list(zip_longest(*columns, fillvalue="")) or [("",) * len(widths)], widths)
