"""What the HTML and the Markdown templates print of a document."""

from collections.abc import Callable
from itertools import groupby

from jinja2 import Environment, PackageLoader, StrictUndefined

from lab4.analysis.document import BarChart, Block, Document, Prose, Question, RooflineChart, Section, WritingSpace
from lab4.analysis.missing import missing_values
from lab4.analysis.tables import Table
from lab4.report.facts import facts, how_to_read
from lab4.report.units import sentence
from lab4.report.view import table_view

__all__ = ["environment"]

_KINDS: dict[type[Block], str] = {
    Table: "tables",
    BarChart: "charts",
    RooflineChart: "charts",
    Question: "questions",
    Prose: "prose",
    WritingSpace: "spaces",
}
#: Rows that are named for a reason, the rest is a number: a legend is for looking up, the tables hold each.
_NAMED = 4


def environment(*, autoescape: bool, finalize: Callable[[object], object] | None = None) -> Environment:
    """The environment of the templates; ``autoescape`` and ``finalize`` are how a format escapes what is put in."""
    made = Environment(
        loader=PackageLoader("lab4.report"),
        autoescape=autoescape,  # noqa: S701  # each format says how it escapes
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["sentence"] = sentence
    functions = (facts, groups, how_to_read, missing, table_view)
    made.globals |= {function.__name__: function for function in functions}
    return made


def groups(section: Section) -> list[tuple[str, list[Block]]]:
    """The section's neighbouring blocks of one kind together: tables, charts, questions, prose or spaces."""
    found = groupby(section.blocks, key=lambda block: _KINDS[type(block)])
    return [(kind, list(blocks)) for kind, blocks in found]


def missing(document: Document) -> list[tuple[str, str]]:
    """Each reason for missing values, and where they are."""
    return [
        (
            f"{'failed' if each.failed else 'not measured'}: {each.reason}",
            " ".join(f"{title}: {_named(rows)}." for title, rows in each.places),
        )
        for each in missing_values(document)
    ]


def _named(rows: tuple[str, ...]) -> str:
    rest = len(rows) - _NAMED
    return f"{'; '.join(rows[:_NAMED])}{f' and {rest} more' if rest > 0 else ''}"
