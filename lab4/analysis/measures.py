"""What a table can say of a cell: each measure by name, with its usual heading, its kind and how it is had.

A table is a list of measures and a list of cells. A measure whose traits are not declared says so in its place.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from lab4.analysis.against import gzip_reduction, loss, reduction, relative_size
from lab4.analysis.latency_measures import LATENCY_MEASURES
from lab4.analysis.observations import Observation, Observations
from lab4.analysis.subject import Measure, Subject
from lab4.analysis.tables import Column, NotApplicable, NotMeasured, Quantity, Row, Table, Text, Value
from lab4.analysis.values import (
    accuracy,
    agreement,
    disk_size,
    gzip_size,
    loading,
    observed,
    rate,
    sparsity,
    trained_rate,
    training_time,
)
from lab4.domain.catalogue import MissingTraitError, Promise, TechniqueTraits
from lab4.domain.cell import TRAIN, Cell

__all__ = ["MEASURES", "MeasuredTable", "cell_name", "column", "machine_of", "measured_row", "promise_text"]


def _name(text: Callable[[Subject], str]) -> Callable[[Subject], Value]:
    return lambda subject: Text(text(subject))


def _unless_original(
    value: Callable[[Observation | None, Observation | None], Value],
) -> Callable[[Subject], Value]:
    """A comparison with the original, which has none with itself."""
    return lambda s: NotApplicable() if s.is_original else value(s.observation, s.original)


def _control_loss(subject: Subject) -> Value:
    """The loss against the control of the same model in the same format as the original."""
    catalogue, cell = subject.observations.catalogue, subject.cell
    if not cell.techniques or catalogue.is_control(cell.variant):
        return NotApplicable()
    original = catalogue.model(cell.model).original_format
    controls = (
        each
        for each in subject.observations.where(cell.kind, model=cell.model, format=original)
        if catalogue.is_control(each.cell.variant)
    )
    return loss(subject.observation, next(controls, None), "control")


def _promises(subject: Subject) -> Value:
    """What the cell's techniques promise of its artifact, with what was counted in it where the record says it."""
    catalogue, found = subject.observations.catalogue, subject.observation
    precision = catalogue.format(subject.cell.format).precision
    counts = {} if found is None or found.measured is None else found.measured.verified
    techniques = [catalogue.technique(name) for name in subject.cell.techniques]
    texts = [
        f"{_limits(promise)}{_verified(promise, counts, techniques[index:])}"
        for index, technique in enumerate(techniques, start=1)
        for promise in technique.promises
        if not promise.precisions or precision in promise.precisions
    ]
    return Text("; ".join(texts)) if texts else NotApplicable()


def _verified(promise: Promise, counts: Mapping[str, float], later: Sequence[TechniqueTraits]) -> str:
    """What was counted, or which of the later techniques of the chain gave the promise up."""
    if promise.property in counts:
        return f", counted {counts[promise.property]:.4g}"
    dropped = next((each.label for each in later if promise.property not in each.preserves), None)
    return "" if dropped is None else f", not verified: {dropped} does not preserve it"


def promise_text(promise: Promise) -> str:
    """A promise as people read it.

    >>> promise_text(Promise("sparsity", "share of zero weights", at_least=0.8))
    'share of zero weights: at least 0.8'
    """
    kept_by = f" (in {', '.join(promise.precisions)})" if promise.precisions else ""
    return f"{_limits(promise)}{kept_by}"


def _limits(promise: Promise) -> str:
    limits = (("at least", promise.at_least), ("at most", promise.at_most))
    return f"{promise.label}: {' and '.join(f'{words} {limit:g}' for words, limit in limits if limit is not None)}"


def _batch(subject: Subject) -> str:
    cell = subject.cell
    batch = "any" if cell.batch_size is None else str(cell.batch_size)
    return f"{batch}, {cell.threads} threads" if cell.threads > 1 else batch


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "cell": Measure("Cell", "text", _name(lambda s: cell_name(s.observations, s.cell))),
        "model": Measure("Model", "text", _name(lambda s: s.observations.catalogue.variant_label(s.cell.variant))),
        "format": Measure("Format", "text", _name(lambda s: s.observations.catalogue.format_label(s.cell))),
        "device": Measure("Hardware", "text", _name(lambda s: s.observations.catalogue.device(s.cell.device).label)),
        "batch": Measure("Batch Size", "text", _name(_batch)),
        "promises": Measure("Promises", "text", _promises),
        "training_time": Measure("Training Time", "seconds", lambda s: training_time(s.observation)),
        "first_step": Measure(
            "First Step",
            "seconds",
            lambda s: observed(
                s.observation, lambda m: None if m.training is None else Quantity(m.training.first_step_s)
            ),
        ),
        "rate": Measure(
            "Samples/Second",
            "rate",
            lambda s: trained_rate(s.observation) if s.cell.kind == TRAIN else rate(s.observation),
        ),
        "accuracy": Measure("Accuracy", "share", lambda s: accuracy(s.observation)),
        "loss": Measure("Accuracy Loss", "points", _unless_original(loss)),
        "control_loss": Measure("Loss Against Control", "points", _control_loss),
        "agreement": Measure(
            "Same Predictions", "fraction", lambda s: NotApplicable() if s.is_original else agreement(s.observation)
        ),
        "size": Measure("Size on Disk", "bytes", lambda s: disk_size(s.observation)),
        "reduction": Measure("Size Reduction on Disk", "fraction", _unless_original(reduction)),
        "relative": Measure(
            "Size Relative to the Original", "fraction", lambda s: relative_size(s.observation, s.original)
        ),
        "gzip": Measure("Size Gzipped", "bytes", lambda s: gzip_size(s.observation)),
        "gzip_reduction": Measure("Size Reduction Gzipped", "fraction", _unless_original(gzip_reduction)),
        "sparsity": Measure("Zero Weights", "fraction", lambda s: sparsity(s.observation)),
        "loading": Measure("Loading Time", "milliseconds", lambda s: loading(s.observation)),
        **LATENCY_MEASURES,
    }
)


def column(measure: str, heading: str = "") -> Column:
    """The column of a measure, under its usual heading or another."""
    found = MEASURES[measure]
    return Column(measure, heading or found.heading, found.kind)


def cell_name(observations: Observations, cell: Cell) -> str:
    """A cell as people read it: variant, format, device, batch size, and threads where there are several."""
    catalogue = observations.catalogue
    batch = "" if cell.batch_size is None else f", batch {cell.batch_size}"
    threads = f", {cell.threads} threads" if cell.threads > 1 else ""
    labels = (
        catalogue.variant_label(cell.variant),
        catalogue.format_label(cell),
        catalogue.device(cell.device).label,
    )
    return f"{', '.join(labels)}{batch}{threads}"


def machine_of(observation: Observation | None) -> str:
    """Where it was observed; nowhere if it was not."""
    return "" if observation is None else observation.source.machine


def measured_row(
    observations: Observations,
    cell: Cell,
    columns: Sequence[Column],
    name: str = "",
    measures: Mapping[str, Measure] = MEASURES,
) -> Row:
    """What the measures that the columns are named by say of a cell."""
    subject = Subject(observations, cell)
    values = tuple(_value(measures[each.key], subject) for each in columns)
    machine = machine_of(subject.observation)
    return Row(cell.key, name or cell_name(observations, cell), values, machine, cell)


def _value(measure: Measure, subject: Subject) -> Value:
    try:
        return measure.value(subject)
    except MissingTraitError as error:
        return NotMeasured(str(error))


@dataclass(frozen=True, slots=True)
class MeasuredTable:
    """A table before anything is measured: its columns are named by measures."""

    key: str
    title: str
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = ()

    def of(
        self, observations: Observations, cells: Iterable[Cell], more: Mapping[str, Measure] = MappingProxyType({})
    ) -> Table:
        """The table with a row for each of these cells, and a column for each of ``more`` measures after the first."""
        first, *others = self.columns
        added = [Column(key, measure.heading, measure.kind) for key, measure in more.items()]
        columns, measures = (first, *added, *others), {**MEASURES, **more}
        rows = tuple(measured_row(observations, cell, columns, measures=measures) for cell in cells)
        return Table(self.key, self.title, columns, rows, self.notes, printed=False)
