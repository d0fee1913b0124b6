"""What a report must do: make a file's content of any document, the same each time, and never raise."""

from lab4.analysis.document import (
    Axis,
    Block,
    Chart,
    Code,
    Document,
    Fact,
    Layer,
    Mark,
    Prose,
    Question,
    Section,
    Sentence,
    WritingSpace,
)
from lab4.analysis.tables import Column, NotApplicable, NotMeasured, Quantity, Row, Table, Text, ToFill
from lab4.domain.outcome import Failed
from lab4.report import REPORTS, Renderer, Student
from lab4.testing.conformance import Conformance, require

#: A name that anybody could give to a model.
_HOSTILE_NAME = 'a|b\n<script src="https://example.org">&amp; *x* `y` "z" \\'


def _table(name: str) -> Table:
    columns = (Column("model", "Model", "text"), Column("size", "Size", "bytes"), Column("loss", "Loss", "points"))
    absent = NotMeasured("no converter")
    rows = (
        Row("first", name, (Text(name), Quantity(1_703_000), Quantity(0.0015, -0.0007, 0.0037)), "lab"),
        Row("second", "Second", (Text("Second"), absent, absent), "lab"),
        Row("third", "Third", (Text("Third"), Failed("it broke"), NotApplicable()), "lab"),
        Row("fourth", "Fourth", (Text("Fourth"), ToFill(), ToFill())),
    )
    return Table("sizes", f"Sizes of {name}", columns, rows, ("Sizes are on disk.",), printed=True)


def _charts(name: str) -> tuple[Chart, ...]:
    """A chart of each shape, with names, spreads, groups and labels."""
    size, seconds = Axis("Size", "bytes"), Axis("Latency", "milliseconds", logarithmic=True, origin=1e-3)
    named, facts = Axis("", "text"), (Fact("Test", Text(name)),)
    bars = (Mark(name, Quantity(1_703_000), Text(name), name, facts=facts), Mark("b", Quantity(4e5), Text("b"), "b"))
    timed = (
        Mark(name, Quantity(2e-3, 1e-3, 3e-3), Quantity(0.97, 0.96, 0.98), name, name, name, facts),
        Mark("b", Quantity(4e-3), Quantity(0.95), "b", "b"),
    )
    quality = Axis(name, "share")
    layers = tuple(Layer(shape, timed) for shape in ("range", "line", "step", "point", "level", "moment"))
    return (
        Chart(f"Sizes of {name}", "On disk.", size, named, (Layer("bar", bars),), "Technique"),
        Chart(f"Quality of {name}", name, seconds, quality, layers, "Format", name),
        Chart(f"Nothing of {name}", "No marks.", size, quality, (Layer("point", ()),)),
    )


def _blocks(name: str) -> tuple[Block, ...]:
    size = Quantity(1_703_000)
    return (
        _table(name),
        *_charts(name),
        Question(f"How large is {name}?", (Sentence("It has {}.", ((size, "bytes"),)),)),
        Question("And why?"),
        Prose((Sentence("{} is a model.", ((Text(name), "text"),)),)),
        Prose((Sentence("One thing."), Sentence("Another.")), "To think about"),
        WritingSpace("What did you learn?", 100, 150),
        Code(
            Sentence("To open {}:", ((Text(name), "text"),)),
            ("import runtime", f"session = runtime.open({name!r}, threads=2)  # `quoted`"),
        ),
    )


def _document(name: str) -> Document:
    """A document about ``name`` with every kind of block, an appendix and endings."""
    sections = (Section("All kinds of blocks", _blocks(name)), Section("More", (_table(name),), appendix=True))
    return Document(
        "report",
        f"About {name}",
        (),
        sections,
        blanks=("Name", "Date"),
        endings=("Comments:",),
        cautions=(Sentence("{} latencies are not precise.", ((Quantity(3), "count"),)),),
    )


_EMPTY = Document("report", "Nothing", (), ())
_FULL, _HOSTILE = _document("CNN"), _document(_HOSTILE_NAME)


def _rendered(name: str, made: Document, student: Student | None = None) -> bytes:
    content = REPORTS[name].render(made, student or Student())
    require(isinstance(content, str | bytes), f"{name} renders a {type(content).__name__}, not str or bytes")
    return content.encode() if isinstance(content, str) else content


class ReportConformance(Conformance):
    """The suite of reports; each renders documents that are empty, full and hostile."""

    kind = "report"

    def test_it_is_a_renderer_of_its_name(self, name: str) -> None:
        """It is chosen by its name, and its file has its ending."""
        entry = REPORTS[name]
        require(isinstance(entry, Renderer), f"{name} is a {type(entry).__name__}, not a Renderer")
        require(entry.name == name, f"{name} calls itself {entry.name!r}")

    def test_it_renders_a_document_with_nothing_in_it(self, name: str) -> None:
        """A run whose cells all failed has a report too."""
        _rendered(name, _EMPTY)

    def test_it_renders_every_kind_of_block(self, name: str) -> None:
        """Tables, charts, questions, prose, what was not measured, and room for one's own words."""
        full = _rendered(name, _FULL)
        require(len(full) > 0, f"{name} renders a full document to nothing")
        require(full != _rendered(name, _EMPTY), f"{name} renders a full document as an empty one")

    def test_it_renders_texts_of_others(self, name: str) -> None:
        """Names of models are anybody's: they may have signs of markup, and several lines."""
        _rendered(name, _HOSTILE)

    def test_it_renders_what_it_is_given(self, name: str) -> None:
        """Another document is another file, and the same one the same."""
        require(_rendered(name, _FULL) == _rendered(name, _document("CNN")), f"{name} differs each time")
        require(_rendered(name, _FULL) != _rendered(name, _document("RNN")), f"{name} does not show a table's rows")

    def test_it_takes_a_student(self, name: str) -> None:
        """Who hands the form in is printed where there is room for it."""
        _rendered(name, _FULL, Student(name="Ada", student_id="1", date="2026-01-01"))
