"""For a terminal: a cell's main figures while the suite runs, and the printed tables at its end."""

from textwrap import wrap

from lab4.analysis.distribution import summarize, throughput
from lab4.analysis.document import Code, Document, Section
from lab4.analysis.tables import Table
from lab4.domain.cell import Cell
from lab4.domain.outcome import Measured
from lab4.domain.text import printable
from lab4.report.columns import column_widths, fitted, total_width
from lab4.report.units import ValueView, number, sentence, table_view

#: Characters of a line at most, however wide the terminal is.
WIDEST = 110


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
    lines = [*wrap(table.title, width), *fitted(rows, width, ruled=True)]
    lines += [line for number, reason in enumerate(reasons, 1) for line in _note(f"[{number}] {reason}", width)]
    for each in table.unmeasured:
        lines += _note(f"not measured: {each.reason}: {', '.join(each.names)}", width)
    return "\n".join(line.rstrip() for line in lines)


def _text(value: ValueView, reasons: list[str], *, short: bool) -> str:
    """The value, or the number of its reason's note: a reason is longer than a column is wide."""
    if value.is_missing:
        return f"{'' if short else f'{value.state} '}[{reasons.index(value.text) + 1}]"
    return value.short if short else value.text


def _note(text: str, width: int) -> list[str]:
    return [printable(line) for line in wrap(text, width, subsequent_indent="    ")]
