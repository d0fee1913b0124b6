"""Documents to render: full ones, empty ones, one with every kind of block, and names that try to break out."""

from dataclasses import replace

from lab4_class import eventful_class
from worksheet_factory import CATALOGUE, machine, realistic, run

from lab4.analysis.classroom.overview import class_document
from lab4.analysis.document import (
    Axis,
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
from lab4.analysis.overview import report
from lab4.analysis.tables import Column, NotApplicable, NotMeasured, Quantity, Row, Table, Text
from lab4.domain.outcome import Failed, Measured
from lab4.domain.run import Commit

HOSTILE = 'a|b\n<script src="https://example.org">&amp; *x* `y` "z" \\'


def catalogue_with(label):
    """The suite's own entries, each under this label."""
    entries = {
        field: {name: replace(traits, label=label) for name, traits in getattr(CATALOGUE, field).items()}
        for field in CATALOGUE.__dataclass_fields__
    }
    return replace(CATALOGUE, **entries)


FULL = report([realistic(700)])
EMPTY = report([])
BROKEN = report([run(*(replace(m, outcome=Failed(HOSTILE)) for m in realistic(70).measurements))])
NAMES = report([realistic(70, catalogue=catalogue_with(HOSTILE))])
ONE_MODEL = report([realistic(70, models=("fcnn",), complete=False, commit=Commit(None, dirty=True))])
NOTHING_OBSERVED = report([run(*(replace(m, outcome=Measured()) for m in realistic(70).measurements))])
MERGED = report(
    [realistic(70), realistic(70, gpu=True, started_at="2026-03-02T00:00:00Z", on=machine("gpu-box", gpu=True))]
)


def table(key="sizes", notes=("Sizes are on disk.",), printed=True, name="CNN"):
    """A table with a value of every type."""
    columns = (Column("model", "Model", "text"), Column("size", "Size", "bytes"), Column("loss", "Loss", "points"))
    rows = (
        Row("cnn", name, (Text(name), Quantity(1_703_000), Quantity(0.0015, -0.0007, 0.0037)), "lab"),
        Row("rnn", "RNN", (Text("RNN"), NotMeasured("no converter"), NotMeasured("no converter")), "lab"),
        Row("gnn", "GNN", (Text("GNN"), Failed("it broke"), NotApplicable()), "lab"),
    )
    return Table(key, f"Sizes of {name}", columns, rows, notes, printed)


def charts(name="CNN"):
    """Bars by name, and points with spreads between two axes of figures."""
    bars = (
        Mark(name, Quantity(1_703_000), Text(name), name, facts=(Fact("Test", Text(f"test_examine[{name}]")),)),
        Mark("small", Quantity(0.4e6), Text("small"), "small"),
    )
    points = (
        Mark(name, Quantity(0.001, 0.0005, 0.002), Quantity(0.97, 0.96, 0.98), name, "one", label=name),
        Mark("b", Quantity(0.8), Quantity(0.96), "b", "two"),
    )
    latency = Axis("Latency", "milliseconds", logarithmic=True)
    accuracy = Axis(f"Accuracy of {name}", "share")
    layers = (Layer("step", points), Layer("point", points), Layer("level", points[:1]))
    return (
        Chart(f"Sizes of {name}", "On disk.", Axis("Size", "bytes"), Axis("", "text"), (Layer("bar", bars),), "Model"),
        Chart(f"Accuracy against latency of {name}", "One seed.", latency, accuracy, layers, "Model", "Technique"),
    )


def blocks(name="CNN"):
    """One block of every kind."""
    return (
        table(name=name),
        *charts(name),
        Question(f"How large is {name}?", (Sentence("It has {}.", ((Quantity(1_703_000), "bytes"),)),), "1.1"),
        Question("And why?", key="1.2"),
        Prose((Sentence("{} is a model.", ((Text(name), "text"),)),)),
        Prose((Sentence("One thing."), Sentence("Another.")), "To think about"),
        WritingSpace("What did you learn?", 100, 150),
        Code(
            Sentence("To open {}:", ((Text(name), "text"),)),
            ("import runtime", f"net = runtime.open(path)  # {name}, [2] `threads`"),
        ),
    )


def form(name="CNN"):
    """A form with a blank head, every kind of block, an appendix and endings."""
    return Document(
        "form",
        f"A form about {name}",
        FULL.sources,
        (
            Section("All kinds of blocks", blocks(name)),
            Section("More", (table("more", printed=False, name=name),), appendix=True),
        ),
        blanks=("Name", "Student ID", "Date", "Team"),
        endings=("Instructor Comments:", "Grade: ______ / ______"),
        cautions=(Sentence("{} latencies are not precise.", ((Quantity(3), "count"),)),),
    )


FORM = form()
ALL = {
    "full": FULL,
    "empty": EMPTY,
    "broken": BROKEN,
    "names": NAMES,
    "one model": ONE_MODEL,
    "nothing observed": NOTHING_OBSERVED,
    "merged": MERGED,
    "form": FORM,
    "hostile form": form(HOSTILE),
    "class": class_document(eventful_class()),
    "hostile class": class_document(eventful_class(HOSTILE)),
}
#: Those whose texts hold what tries to break out.
HOSTILE_ONES = {"names", "broken", "hostile form", "hostile class"}


def quantities(made):
    """Every figure of every table, with the kind of its column."""
    for each in made.tables:
        for row in each.rows:
            for column, value in zip(each.columns, row.values, strict=True):
                if isinstance(value, Quantity):
                    yield value, column.kind
