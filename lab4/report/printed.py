"""A document as texts in their order, for typesetters: nothing in it has to be formatted again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lab4.analysis.document import (
    Block,
    Chart,
    Code,
    Document,
    Prose,
    Question,
    Section,
    Sentence,
    WritingSpace,
)
from lab4.analysis.tables import Table
from lab4.domain.text import printable
from lab4.report import Student
from lab4.report.pages import facts, groups, how_to_read, in_short, missing
from lab4.report.units import NotedTable, ValueView, noted, sentence, spans

#: Of a column, in characters: longer texts are wrapped.
_LEAST_CHARACTERS, _MOST_CHARACTERS = 5, 22


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """A cell of a table over so many columns; ``note`` is the number of its footnote, 0 for none."""

    text: str
    spread: str
    state: str
    span: int
    note: int


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """A table; ``notes`` are below it, and below the last of several its numbered ``footnotes``.

    ``widths`` are how wide its columns are, relative to each other.
    """

    title: str
    headings: tuple[str, ...]
    widths: tuple[float, ...]
    rows: tuple[tuple[PrintedCell, ...], ...]
    notes: tuple[str, ...]
    footnotes: tuple[str, ...]
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class PrintedCharts:
    """Charts that have room next to each other."""

    charts: tuple[Chart, ...]
    kind: str = "charts"


@dataclass(frozen=True, slots=True)
class PrintedQuestion:
    """A question with its number, and the student's answer, or else a draft."""

    number: int
    text: str
    answer: str
    draft: str
    kind: str = "question"


@dataclass(frozen=True, slots=True)
class PrintedProse:
    """A paragraph, or items under a title."""

    title: str
    items: tuple[str, ...]
    kind: str = "prose"


@dataclass(frozen=True, slots=True)
class PrintedSpace:
    """Room to write, what was written there, and the count of its words."""

    prompt: str
    text: str
    words: str
    kind: str = "space"


@dataclass(frozen=True, slots=True)
class PrintedCode:
    """Lines of code under a title."""

    title: str
    lines: tuple[str, ...]
    kind: str = "code"


PrintedBlock = PrintedTable | PrintedCharts | PrintedQuestion | PrintedProse | PrintedSpace | PrintedCode


@dataclass(frozen=True, slots=True)
class PrintedSection:
    """A titled part."""

    title: str
    blocks: tuple[PrintedBlock, ...]


@dataclass(frozen=True, slots=True)
class Printed:
    """A whole document: its head, its parts and what comes after them."""

    title: str
    blanks: tuple[tuple[str, str], ...]
    cautions: tuple[str, ...]
    hint: str
    sections: tuple[PrintedSection, ...]
    endings: tuple[str, ...]


def printed(document: Document, student: Student) -> Printed:
    """Everything of the document in the order in which it is printed."""
    parts = [_section(document, section, student) for section in document.sections if not section.appendix]
    appendix = [_section(document, section, student) for section in document.sections if section.appendix]
    return Printed(
        printable(document.title),
        tuple((printable(title), printable(student.blank(title))) for title in document.blanks),
        tuple(map(_sentence, document.cautions)),
        printable(how_to_read(document)) if document.sources else "",
        (*parts, *_about_runs(document), *appendix),
        tuple(map(printable, document.endings)),
    )


def _about_runs(document: Document) -> Iterator[PrintedSection]:
    if not document.sources:
        return
    if document.is_form:
        lines = tuple(map(printable, in_short(document)))
        yield PrintedSection("Machine, and how to reproduce each number", (PrintedProse("", lines),))
        return
    reasons = tuple(printable(f"{reason}. {where}") for reason, where in missing(document))
    listed = PrintedProse("Reasons", reasons) if reasons else PrintedProse("", ("Everything was measured.",))
    yield PrintedSection("What is not measured, and why", (listed,))
    runs = [
        PrintedProse(printable(title), tuple(printable(f"{name}: {text}") for name, text in pairs.items()))
        for title, pairs in facts(document)
    ]
    yield PrintedSection("Machines, versions and settings", tuple(runs))


def _section(document: Document, section: Section, student: Student) -> PrintedSection:
    blocks = [block for _, found in groups(section) for block in _blocks(document, found, student)]
    return PrintedSection(printable(section.title), tuple(blocks))


def _blocks(document: Document, found: Sequence[Block], student: Student) -> Iterator[PrintedBlock]:
    """Neighbouring blocks of one kind."""
    tables = [block for block in found if isinstance(block, Table)]
    if tables:
        yield from _tables(document, tables)
    charts = tuple(block for block in found if isinstance(block, Chart))
    if charts:
        yield PrintedCharts(charts)
    for number, block in enumerate(found, 1):
        match block:
            case Question(text, draft, key):
                answer = student.answers.get(key, "")
                yield PrintedQuestion(number, printable(text), _lines(answer), " ".join(map(_sentence, draft)))
            case Prose(sentences, title):
                yield PrintedProse(printable(title), tuple(map(_sentence, sentences)))
            case WritingSpace():
                yield _space(block, student)
            case Code(title, lines):
                yield PrintedCode(_sentence(title), tuple(map(printable, lines)))


def _tables(document: Document, tables: Sequence[Table]) -> Iterator[PrintedTable]:
    found, reasons = noted(tables, document)
    for number, each in enumerate(found, 1):
        is_last = number == len(found)
        same_notes = not is_last and found[number].table.notes == each.table.notes
        footnotes = tuple(map(printable, reasons)) if is_last else ()
        yield _table(each, () if same_notes else tuple(map(printable, each.table.notes)), footnotes)


def _table(each: NotedTable, notes: tuple[str, ...], footnotes: tuple[str, ...]) -> PrintedTable:
    rows = tuple(tuple(_cell(value, span) for value, span in spans(row)) for row in each.rows)
    left_out = tuple(printable(f"not measured: {why.reason}: {', '.join(why.names)}") for why in each.table.unmeasured)
    headings = tuple(map(printable, each.headings))
    columns = zip(*(row for row in each.rows), strict=True) if each.rows else [()] * len(headings)
    widths = tuple(
        _width(name, [value for value in column if not value.is_missing])
        for name, column in zip(headings, columns, strict=True)
    )
    return PrintedTable(printable(each.table.title), headings, widths, rows, (*left_out, *notes), footnotes)


def _width(heading: str, values: Sequence[ValueView]) -> float:
    """In characters: room for the longest word, and for texts in a few lines."""
    texts = [*(value.short for value in values), *(f"({value.spread})" for value in values if value.spread)]
    longest_word = max(len(word) for text in (heading, *texts) for word in (text.split() or [""]))
    return max(longest_word, min(max(map(len, texts), default=0), _MOST_CHARACTERS), _LEAST_CHARACTERS)


def _cell(value: ValueView, span: int) -> PrintedCell:
    return PrintedCell(printable(value.short), value.spread, value.state, span, value.note)


def _space(space: WritingSpace, student: Student) -> PrintedSpace:
    wanted = f"{space.least_words or 0} to {space.most_words} words" if space.most_words else ""
    counted = f"{student.words} words; wanted: {wanted}" if student.words and wanted else wanted
    return PrintedSpace(printable(space.prompt), _lines(student.reflection or ""), counted)


def _lines(text: str) -> str:
    """A text of several lines, each printable."""
    return "\n".join(map(printable, text.splitlines()))


def _sentence(given: Sentence) -> str:
    return printable(sentence(given))
