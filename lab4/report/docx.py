"""A document as DOCX, for those who type into it. Needs the extra ``report``."""

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from lab4.analysis.document import Document
from lab4.domain.untyped import Untyped
from lab4.report import Renderer, Student
from lab4.report.pictures import png, start
from lab4.report.printed import (
    PrintedCell,
    PrintedCharts,
    PrintedCode,
    PrintedProse,
    PrintedQuestion,
    PrintedSpace,
    PrintedTable,
    printed,
)

_CHART_WIDTH = 520
_PICTURE_CM, _MARGIN_CM = 12.0, 1.8
_TABLE_POINTS, _NOTE_POINTS = 8, 8
_DRAFT = "Draft from this run's numbers: rewrite in your own words"


def render(document: Document, student: Student) -> bytes:
    """The whole document; the same document gives the same bytes."""
    import docx
    from docx.shared import Cm

    found, made = printed(document, student), docx.Document()
    for section in made.sections:
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(_MARGIN_CM)
    made.core_properties.title = found.title
    made.add_heading(found.title, level=0)
    for title, text in found.blanks:
        made.add_paragraph().add_run(f"{title}: {text or '_' * 30}")
    for caution in found.cautions:
        made.add_paragraph(caution, style="Intense Quote")
    _small(made, found.hint)
    for part in found.sections:
        made.add_heading(part.title, level=1)
        for block in part.blocks:
            _WRITERS[type(block)](made, block)
    for ending in found.endings:
        made.add_paragraph().add_run(ending).bold = True
        made.add_paragraph()
    content = BytesIO()
    made.save(content)
    return _undated(content)


def _undated(content: BytesIO) -> bytes:
    """The same archive, whose files have no time of their own."""
    found = BytesIO()
    with ZipFile(content) as given, ZipFile(found, "w", ZIP_DEFLATED) as made:
        for name in given.namelist():
            made.writestr(ZipInfo(name), given.read(name), ZIP_DEFLATED)
    return found.getvalue()


def _small(made: Untyped, text: str) -> None:
    from docx.shared import Pt

    if text:
        made.add_paragraph().add_run(text).font.size = Pt(_NOTE_POINTS)


def _table(made: Untyped, block: PrintedTable) -> None:
    made.add_heading(block.title, level=2)
    if block.rows:
        _rows(made, block)
    else:
        _small(made, "Nothing was measured for this table.")
    for note in block.notes:
        _small(made, note)
    for number, reason in enumerate(block.footnotes, 1):
        _small(made, f"[{number}] {reason}")


def _rows(made: Untyped, block: PrintedTable) -> None:
    table = made.add_table(rows=1 + len(block.rows), cols=len(block.headings), style="Light Grid Accent 1")
    for cell, heading in zip(table.rows[0].cells, block.headings, strict=True):
        cell.text = heading
    for line, row in zip(table.rows[1:], block.rows, strict=True):
        _fill(line.cells, row)
    _shrink(table)


def _fill(cells: Untyped, row: Sequence[PrintedCell]) -> None:
    """Put the values of a row into its cells; one over several columns takes as many cells."""
    at = 0
    for value in row:
        cell = cells[at] if value.span == 1 else cells[at].merge(cells[at + value.span - 1])
        spread, note = f" ({value.spread})" if value.spread else "", f" [{value.note}]" if value.note else ""
        cell.text = f"{value.text}{spread}{note}"
        at += value.span


def _shrink(table: Untyped) -> None:
    """Print the texts of a table in the size of tables."""
    from docx.shared import Pt

    cells = [cell for line in table.rows for cell in line.cells]
    for run in (run for cell in cells for paragraph in cell.paragraphs for run in paragraph.runs):
        run.font.size = Pt(_TABLE_POINTS)


def _charts(made: Untyped, block: PrintedCharts) -> None:
    from docx.shared import Cm

    for chart in block.charts:
        made.add_paragraph().add_run(chart.title).bold = True
        made.add_picture(BytesIO(png(chart, _CHART_WIDTH)), width=Cm(_PICTURE_CM))
        _small(made, chart.note)


def _question(made: Untyped, block: PrintedQuestion) -> None:
    made.add_paragraph().add_run(f"{block.number}. {block.text}").bold = True
    if block.draft and not block.answer:
        _small(made, _DRAFT)
    made.add_paragraph(block.answer or block.draft)


def _prose(made: Untyped, block: PrintedProse) -> None:
    if block.title:
        made.add_heading(block.title, level=2)
    for item in block.items:
        made.add_paragraph(item, style="List Bullet" if block.title else None)


def _space(made: Untyped, block: PrintedSpace) -> None:
    made.add_paragraph(block.prompt)
    made.add_paragraph(block.text)
    _small(made, block.words)


def _code(made: Untyped, block: PrintedCode) -> None:
    made.add_paragraph(block.title)
    made.add_paragraph("\n".join(block.lines), style="No Spacing")


_WRITERS: Mapping[type, Callable[[Untyped, Untyped], None]] = {
    PrintedTable: _table,
    PrintedCharts: _charts,
    PrintedQuestion: _question,
    PrintedProse: _prose,
    PrintedSpace: _space,
    PrintedCode: _code,
}

DOCX = Renderer("docx", "docx", render, lambda _: False, modules=("docx", "vl_convert"), extra="report", prepare=start)
