"""Documents for renderers: an empty one, one with every kind of block, and one whose texts try to break out."""

from lab4.analysis.document import (
    Bar,
    BarChart,
    Block,
    Document,
    Prose,
    Question,
    Roof,
    RooflineChart,
    RooflinePoint,
    Section,
    Sentence,
    WritingSpace,
)
from lab4.analysis.tables import Column, NotApplicable, NotMeasured, Quantity, Row, Table, Text
from lab4.domain.outcome import Failed

__all__ = ["EMPTY", "FULL", "HOSTILE", "document"]

#: A name that anybody could give to a model.
HOSTILE_NAME = 'a|b\n<script src="https://example.org">&amp; *x* `y` "z" \\'


def _table(name: str) -> Table:
    columns = (Column("model", "Model", "text"), Column("size", "Size", "bytes"), Column("loss", "Loss", "points"))
    absent = NotMeasured("no converter")
    rows = (
        Row("first", name, (Text(name), Quantity(1_703_000), Quantity(0.0015, -0.0007, 0.0037)), "lab"),
        Row("second", "Second", (Text("Second"), absent, absent), "lab"),
        Row("third", "Third", (Text("Third"), Failed("it broke"), NotApplicable()), "lab"),
    )
    return Table("sizes", f"Sizes of {name}", columns, rows, ("Sizes are on disk.",), printed=True)


def _blocks(name: str) -> tuple[Block, ...]:
    size = Quantity(1_703_000)
    bars = (Bar(name, size, ((Quantity(0.9745), "share"),), strong=True), Bar("small", Quantity(0.4e6)))
    roofs = (Roof("float32", 222e9, 36.4e9, "memory"),)
    return (
        _table(name),
        BarChart(f"Sizes of {name}", "On disk.", "bytes", bars),
        RooflineChart(f"Roofline of {name}", roofs, (RooflinePoint(name, 5.0, 1e11, "float32"),)),
        Question(f"How large is {name}?", (Sentence("It has {}.", ((size, "bytes"),)),)),
        Question("And why?"),
        Prose((Sentence("{} is a model.", ((Text(name), "text"),)),)),
        Prose((Sentence("One thing."), Sentence("Another.")), "To think about"),
        WritingSpace("What did you learn?", 100, 150),
    )


def document(name: str) -> Document:
    """A document about ``name`` with every kind of block, an appendix and endings."""
    sections = (Section("All kinds of blocks", _blocks(name)), Section("More", (_table(name),), appendix=True))
    return Document(
        "report",
        f"About {name}",
        (),
        sections,
        blanks=("Name", "Date"),
        endings=("Comments:",),
        cautions=(Sentence("{} latencies are unstable.", ((Quantity(3), "count"),)),),
    )


EMPTY = Document("report", "Nothing", (), ())
FULL, HOSTILE = document("CNN"), document(HOSTILE_NAME)
