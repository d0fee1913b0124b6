"""What the Markdown and the HTML template are given: everything as texts, nothing left to compute."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from lab4.analysis.document import (
    BarChart,
    Block,
    Document,
    Prose,
    Question,
    RooflineChart,
    Section,
    Sentence,
    WritingSpace,
    missing_values,
)
from lab4.analysis.tables import Table
from lab4.report.facts import Facts, facts, how_to_read
from lab4.report.student import Student
from lab4.report.units import sentence
from lab4.report.view import TableView, table_view

__all__ = ["Group", "MissingView", "Page", "ProseView", "QuestionView", "SectionView", "page"]


@dataclass(frozen=True, slots=True)
class MissingView:
    """A reason for missing values, and where they are."""

    reason: str
    where: str


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question, and a draft of its answer; an empty one leaves the answer to the reader."""

    text: str
    draft: str


@dataclass(frozen=True, slots=True)
class ProseView:
    """Sentences; a list under a title, or one paragraph."""

    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring blocks of one kind: ``tables``, ``charts``, ``questions``, ``prose`` or ``spaces``."""

    kind: str
    blocks: tuple[TableView | BarChart | RooflineChart | QuestionView | ProseView | WritingSpace, ...]


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section, its neighbouring blocks of one kind together."""

    title: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A document as texts; ``blanks`` are pairs of title and text."""

    title: str
    blanks: tuple[tuple[str, str], ...]
    student: Student
    cautions: tuple[str, ...]
    how_to_read: str
    sections: tuple[SectionView, ...]
    missing: tuple[MissingView, ...]
    facts: tuple[Facts, ...]
    appendix: tuple[SectionView, ...]
    endings: tuple[str, ...]


def page(document: Document, student: Student) -> Page:
    """Everything that a template prints."""
    return Page(
        title=document.title,
        blanks=tuple((title, student.blank(title)) for title in document.blanks),
        student=student,
        cautions=_sentences(document.cautions),
        how_to_read=how_to_read(document),
        sections=tuple(_section(each, document) for each in document.sections if not each.appendix),
        missing=_missing(document),
        facts=facts(document),
        appendix=tuple(_section(each, document) for each in document.sections if each.appendix),
        endings=document.endings,
    )


_KINDS: dict[type[Any], str] = {
    Table: "tables",
    BarChart: "charts",
    RooflineChart: "charts",
    Question: "questions",
    Prose: "prose",
    WritingSpace: "spaces",
}


def _section(section: Section, document: Document) -> SectionView:
    groups = groupby(section.blocks, key=lambda block: _KINDS[type(block)])
    return SectionView(
        section.title, tuple(Group(kind, tuple(_view(block, document) for block in blocks)) for kind, blocks in groups)
    )


def _view(block: Block, document: Document) -> Any:  # noqa: ANN401  # one of the types of `Group.blocks`
    views: dict[type[Any], Callable[[Any], object]] = {
        Table: lambda table: table_view(table, document),
        Question: lambda question: QuestionView(question.text, " ".join(_sentences(question.draft))),
        Prose: lambda prose: ProseView(prose.title, _sentences(prose.sentences)),
    }
    view = views.get(type(block))
    return block if view is None else view(block)


def _sentences(sentences: Sequence[Sentence]) -> tuple[str, ...]:
    return tuple(sentence(each) for each in sentences)


def _missing(document: Document) -> tuple[MissingView, ...]:
    return tuple(
        MissingView(
            f"{'failed' if each.failed else 'not measured'}: {each.reason}",
            " ".join(f"{title}: {_rows(rows)}." for title, rows in each.places),
        )
        for each in missing_values(document)
    )


def _rows(rows: tuple[str, ...], most: int = 4) -> str:
    """The first few rows by name, the rest as a number: a legend is for looking up, the tables hold each."""
    rest = len(rows) - most
    return f"{'; '.join(rows[:most])}{f' and {rest} more' if rest > 0 else ''}"
