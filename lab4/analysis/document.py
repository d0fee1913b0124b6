"""What a report is made of: sections of tables, charts, questions and prose, typed and in base units.

Whoever makes a document (the course form, the general report) knows no output format; whoever renders one knows
nothing of what is in it. Nothing has to be parsed out of a text or a key.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lab4.analysis.tables import Kind, NotMeasured, Quantity, RunSource, Table, Text, Value
from lab4.domain.outcome import Failed

#: A value with the kind to print it by.
Printable = tuple[Value, Kind]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with a place ``{}`` for each figure, and the figures with the kinds to print them by."""

    template: str
    figures: tuple[Printable, ...] = ()


def count_of(number: int) -> Printable:
    """A number of things, to be printed as such."""
    return Quantity(number), "count"


#: How the marks of a layer are drawn. A ``point`` has its spread as a line through it, where it has one; a ``range`` is
#: that line alone, and thin. ``line`` joins the points of a group in order, and ``step`` by right angles. A ``level``
#: goes along the whole of the first axis, at the mark's place on the second, and a ``moment`` the other way round.
Shape = Literal["bar", "point", "range", "line", "step", "level", "moment"]


@dataclass(frozen=True, slots=True)
class Axis:
    """What is along an axis of a chart, and the kind of its figures; one of kind ``text`` has names, in their order.

    ``origin``, in base units, is where a line crosses the axis to compare with.
    """

    name: str
    kind: Kind
    logarithmic: bool = False
    origin: float | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """Something else that is known of a mark, for whoever points at it."""

    name: str
    value: Value
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Mark:
    """A thing in a chart: its full name, and where it is on both axes.

    Marks of one ``group`` have one colour, of one ``variety`` one shape; a ``label`` is printed next to it.
    """

    name: str
    x: Quantity | Text
    y: Quantity | Text
    group: str = ""
    variety: str = ""
    label: str = ""
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Layer:
    """Marks that are drawn alike; later layers are above earlier ones."""

    shape: Shape
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Figures as marks between two axes. ``note`` says what marks and spreads mean.

    ``groups`` and ``varieties`` say what the groups and the varieties of its marks are, such as formats.
    """

    title: str
    note: str
    x: Axis
    y: Axis
    layers: tuple[Layer, ...]
    groups: str = ""
    varieties: str = ""

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks of all layers."""
        return tuple(mark for layer in self.layers for mark in layer.marks)


@dataclass(frozen=True, slots=True)
class Question:
    """A question to the reader, and a draft of an answer from the figures; without a draft the reader writes it.

    Answers are known by its ``key``.
    """

    text: str
    draft: tuple[Sentence, ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph, or under a title a list of sentences."""

    sentences: tuple[Sentence, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class WritingSpace:
    """Room for the reader's own words; ``prompt`` is what to write, within so many words where that is said."""

    prompt: str
    least_words: int | None = None
    most_words: int | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """Lines of code for the reader to copy; ``title`` says what they are for."""

    title: Sentence
    lines: tuple[str, ...]


Block = Table | Chart | Question | Prose | WritingSpace | Code


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of a document. Those of the appendix come last, after the machine and how to read the figures."""

    title: str
    blocks: tuple[Block, ...]
    appendix: bool = False

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables of the section, in order."""
        return tuple(block for block in self.blocks if isinstance(block, Table))


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report: ``name`` is that of its files, ``sources`` are the runs behind it in the order they started.

    ``blanks`` are what the reader fills in at the head, such as a name and a date; ``endings`` at the end.
    ``cautions`` are reasons to read it with care, which are shown at its head.
    """

    name: str
    title: str
    sources: tuple[RunSource, ...]
    sections: tuple[Section, ...]
    blanks: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    cautions: tuple[Sentence, ...] = ()

    @property
    def is_form(self) -> bool:
        """Whether somebody fills it in and hands it in, and it is no longer than that needs."""
        return bool(self.blanks)

    @property
    def tables(self) -> Iterator[Table]:
        """The tables of all sections, in order."""
        return (table for section in self.sections for table in section.tables)

    @property
    def machines(self) -> tuple[str, ...]:
        """The machines' names, each once, in the order of the runs."""
        return tuple(dict.fromkeys(source.machine for source in self.sources))


@dataclass(frozen=True, slots=True)
class Missing:
    """A reason, whether it is a failure, and where values are missing: titles of tables with names of rows."""

    reason: str
    failed: bool
    places: tuple[tuple[str, tuple[str, ...]], ...]


def missing_values(document: Document) -> tuple[Missing, ...]:
    """Each reason once, with the rows that it concerns."""
    found: dict[tuple[str, bool], dict[str, dict[str, None]]] = {}
    for table in document.tables:
        for row in table.rows:
            for value in row.values:
                if isinstance(value, NotMeasured | Failed):
                    places = found.setdefault((value.reason, isinstance(value, Failed)), {})
                    places.setdefault(table.title, {})[row.name] = None
        for left_out in table.unmeasured:
            places = found.setdefault((left_out.reason, False), {})
            places.setdefault(table.title, {}).update(dict.fromkeys(left_out.names))
    return tuple(
        Missing(reason, failed, tuple((title, tuple(rows)) for title, rows in places.items()))
        for (reason, failed), places in found.items()
    )
