"""A report in plain text that shows what a document holds: its cautions, sections, tables and their rows."""

from collections.abc import Iterator

from lab4.analysis.document import Document
from lab4.analysis.tables import Table
from lab4.report import Renderer, Student

__all__ = ["OUTLINE"]


def _lines(document: Document) -> Iterator[str]:
    yield document.title
    for section in document.sections:
        yield f"* {section.title}"
        for block in section.blocks:
            yield f"  - {getattr(block, 'title', '') or type(block).__name__}"
            if isinstance(block, Table):
                yield from (f"    {' '.join(row.name.split())}" for row in block.rows)


def _render(document: Document, student: Student) -> str:
    by = f"by {student.name}\n" if student.name else ""
    return by + "\n".join(_lines(document)) + "\n"


OUTLINE = Renderer("outline", "txt", _render)
