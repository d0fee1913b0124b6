"""What the Markdown and the HTML template are given: everything as texts, nothing left to compute."""

from dataclasses import dataclass

from lab4.analysis.findings import cautions, findings
from lab4.analysis.query import missing
from lab4.analysis.tables import Worksheet
from lab4.report.drafts import Answer, answers
from lab4.report.facts import HOW_TO_READ, REFLECTION, Facts, facts
from lab4.report.student import Student
from lab4.report.units import sentence
from lab4.report.view import TableView, table_view

__all__ = ["Gap", "Page", "PartView", "page"]


@dataclass(frozen=True, slots=True)
class Gap:
    """A reason for blanks, and where they are."""

    reason: str
    where: str


@dataclass(frozen=True, slots=True)
class PartView:
    """A part with the form's own tables, and its questions."""

    number: int
    title: str
    tables: tuple[TableView, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The worksheet as texts; ``details`` are the tables that the form does not have, for the appendix."""

    student: Student
    facts: tuple[Facts, ...]
    cautions: tuple[str, ...]
    how_to_read: str
    gaps: tuple[Gap, ...]
    parts: tuple[PartView, ...]
    details: tuple[TableView, ...]
    reflection: str
    findings: tuple[str, ...]


def page(worksheet: Worksheet, student: Student) -> Page:
    """Everything that a template prints."""
    return Page(
        student=student,
        facts=facts(worksheet),
        cautions=cautions(worksheet),
        how_to_read=HOW_TO_READ,
        gaps=_gaps(worksheet),
        parts=tuple(
            PartView(
                part.number,
                part.title,
                tuple(table_view(table, worksheet) for table in part.tables if not table.appendix),
                answers(worksheet, part.number),
            )
            for part in worksheet.parts
        ),
        details=tuple(
            table_view(table, worksheet) for part in worksheet.parts for table in part.tables if table.appendix
        ),
        reflection=REFLECTION,
        findings=tuple(sentence(finding) for finding in findings(worksheet)),
    )


def _gaps(worksheet: Worksheet) -> tuple[Gap, ...]:
    return tuple(
        Gap(
            f"{'failed' if gap.failed else 'not measured'}: {gap.reason}",
            " ".join(f"{title}: {_rows(rows)}." for title, rows in gap.blanks),
        )
        for gap in missing(worksheet)
    )


def _rows(rows: tuple[str, ...], most: int = 4) -> str:
    """The first few rows by name, the rest as a number: a legend is for looking up, the tables hold each."""
    rest = len(rows) - most
    return f"{'; '.join(rows[:most])}{f' and {rest} more' if rest > 0 else ''}"
