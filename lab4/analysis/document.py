"""What a report is made of: sections of tables, charts, questions and prose, typed and in base units.

Whoever makes a document (the course form, the general report) knows no output format; whoever renders one knows
nothing of what is in it. Nothing has to be parsed out of a text or a key.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lab4.analysis.tables import Kind, NotMeasured, Quantity, RunSource, Table, Value
from lab4.domain.outcome import Failed
from lab4.domain.profiled import OperatorTime


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with a place ``{}`` for each figure, and the figures with the kinds to print them by."""

    template: str
    figures: tuple[tuple[Value, Kind], ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, its length in the base unit of the chart's kind, and further figures that are printed with it.

    ``strong`` bars are emphasized.
    """

    name: str
    quantity: Quantity
    further: tuple[tuple[Quantity, Kind], ...] = ()
    strong: bool = False


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars of one kind of figure; ``note`` says what the axis and the strong bars mean.

    On a logarithmic axis they may start at ``origin``, a figure of their kind, and go to either side.
    """

    title: str
    note: str
    kind: Kind
    bars: tuple[Bar, ...]
    logarithmic: bool = False
    origin: float | None = None


@dataclass(frozen=True, slots=True)
class Roof:
    """What a machine does at best: operations/s of one arithmetic, and bytes/s of one level of memory."""

    arithmetic: str
    operations_per_s: float
    bytes_per_s: float
    level: str


@dataclass(frozen=True, slots=True)
class RooflinePoint:
    """A cell under the roofs: operations per byte, and operations/s that it attains."""

    name: str
    intensity: float
    attained_per_s: float
    arithmetic: str


@dataclass(frozen=True, slots=True)
class RooflineChart:
    """Cells under the roofs of one device (Williams, Waterman, Patterson, 2009)."""

    title: str
    roofs: tuple[Roof, ...]
    points: tuple[RooflinePoint, ...]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A point of a curve: its name, where it is along the axis, and its figure with the ends of its spread, if any."""

    name: str
    along: Quantity
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class Level:
    """A figure that a curve is compared with, wherever along it."""

    name: str
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class CurveChart:
    """One kind of figure against another: ``points`` in the order in which they are joined, and ``levels``.

    ``along`` and ``upright`` name the axes, ``along_kind`` and ``kind`` are what is on them; ``note`` says what the
    spreads and levels are.
    """

    title: str
    note: str
    along: str
    along_kind: Kind
    upright: str
    kind: Kind
    points: tuple[CurvePoint, ...]
    levels: tuple[Level, ...] = ()


@dataclass(frozen=True, slots=True)
class Treemap:
    """Operators as rectangles whose areas are their shares; ``note`` says what they mean."""

    title: str
    note: str
    operators: tuple[OperatorTime, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question to the reader, and a draft of an answer from the figures; without a draft the reader writes it."""

    text: str
    draft: tuple[Sentence, ...] = ()


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


Block = Table | BarChart | CurveChart | RooflineChart | Treemap | Question | Prose | WritingSpace | Code


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
