"""What a table can say of a cell: each measure by name, with its usual heading, its kind and how it is had.

A table is a list of measures and a list of cells. A measure whose traits are not declared says so in its place.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import truediv
from types import MappingProxyType

from lab4.analysis.distribution import Summary, throughput
from lab4.analysis.figures import RECORDED, metric_figure
from lab4.analysis.intervals import paired_loss
from lab4.analysis.latency_measures import LATENCY_MEASURES
from lab4.analysis.observations import Observation, Observations
from lab4.analysis.subject import NO_TIME, NOT_OBSERVED, Found, Measure, Subject, observed, of_latency, of_measured
from lab4.analysis.tables import Column, Kind, NotApplicable, NotMeasured, Quantity, Row, Table, Text, Value
from lab4.domain.catalogue import MetricTraits, MissingTraitError, Promise, TechniqueTraits, required
from lab4.domain.cell import TRAIN, Cell
from lab4.domain.observed import Latency, Score, Training
from lab4.domain.outcome import Measured

#: What tables call the share of right examples.
ACCURACY = "Accuracy"


def _training_time(training: Training | None) -> Quantity | None:
    """Seconds of all epochs, and of as many of the fastest and of the slowest; one epoch has no spread."""
    if training is None or not training.epoch_s:
        return None
    epochs = training.epoch_s
    total = sum(epochs)
    if len(epochs) == 1:
        return Quantity(total)
    # Adding in floating point may leave the two ends by one digit: keep the total between them.
    return Quantity(total, min(total, min(epochs) * len(epochs)), max(total, max(epochs) * len(epochs)))


def _training_rate(training: Training | None) -> Value | None:
    """Training examples per second."""
    time = _training_time(training)
    if training is None or time is None:
        return None
    examples = training.samples_per_epoch * len(training.epoch_s)
    if min(training.epoch_s) <= 0:
        return NotMeasured(NO_TIME)
    if time.low is None or time.high is None:
        return Quantity(examples / time.value)
    return Quantity(examples / time.value, examples / time.high, examples / time.low)


def _loop_rate(training: Training | None) -> Value | None:
    """Examples per second by the loop of steps, where another program was compared with it."""
    if training is None or not training.loop_epoch_s:
        return NotApplicable()
    return _training_rate(replace(training, epoch_s=training.loop_epoch_s))


def _program(training: Training | None) -> str | None:
    """What ran the epochs, and why it was not what was asked for."""
    if training is None:
        return None
    return f"{training.program} ({training.refused})" if training.refused else training.program


def _rate(subject: Subject) -> Value:
    """Images per second: of training, or at the median latency, the ends at p75 and p25."""
    if subject.cell.kind == TRAIN:
        return observed(subject.observation, lambda m: _training_rate(m.training))
    batch = subject.cell.batch_size

    def figure(_: Latency, summary: Summary) -> Value:
        if batch is None:
            return NotMeasured(NOT_OBSERVED)
        if summary.p25_s <= 0:
            return NotMeasured(NO_TIME)
        return Quantity(*(throughput(batch, each) for each in (summary.p50_s, summary.p75_s, summary.p25_s)))

    return of_latency(figure, absent=NOT_OBSERVED)(subject)


def _accuracy(subject: Subject) -> Value:
    """The share of right examples, by the metric that artifacts are compared by."""
    found = subject.observation
    return of_measured(lambda _: None if found is None else metric_figure(found.verdicts))(subject)


def _loss(subject: Subject, original: Observation | None, what: str) -> Value:
    """Accuracy lost against ``original`` as a fraction, with its paired 95% interval; below zero where it gained.

    Only the same examples of the same run are compared: another run has trained another model.
    """
    mine, found = MEASURES["accuracy"].value(subject), subject.observation
    if not isinstance(mine, Quantity):
        return mine
    if found is None or found.verdicts is None or original is None or original.verdicts is None:
        return NotMeasured(f"the {what}'s accuracy was not measured")
    if found.source is not original.source:
        return NotMeasured(f"the {what} comes from another run, whose training may differ")
    left, right = original.verdicts.correct, found.verdicts.correct
    if len(left) != len(right):
        return NotMeasured(f"not comparable: {len(right)} examples, the {what} has {len(left)}")
    return paired_loss(left, right)


def _control_loss(subject: Subject) -> Value:
    """The loss against the control of the same model in the same format as the original."""
    catalogue, cell = subject.observations.catalogue, subject.cell
    if not cell.techniques or catalogue.is_control(cell.variant):
        return NotApplicable()
    return _loss(subject, subject.observations.control(cell.model), "control")


def _against_original(name: str, figure: Callable[[float, float], float]) -> Callable[[Subject], Value]:
    """From a figure in bytes and that of the original to a fraction."""

    def value(subject: Subject) -> Value:
        mine, whole = (observed(each, RECORDED[name]) for each in (subject.observation, subject.original))
        if not isinstance(mine, Quantity):
            return mine
        if not isinstance(whole, Quantity) or whole.value <= 0:
            return NotMeasured("the size to compare with was not measured")
        return Quantity(figure(mine.value, whole.value))

    return value


def _unless_original(value: Callable[[Subject], Value]) -> Callable[[Subject], Value]:
    """A comparison with the original, which has none with itself."""
    return lambda s: NotApplicable() if s.is_original else value(s)


def _reduction(mine: float, whole: float) -> float:
    return 1 - mine / whole


def _agreement(measured: Measured) -> Found:
    """Fraction of examples for which the artifact and its original model predict the same class."""
    found = measured.agreement
    if found is None or not found.total:  # outputs that were compared, none of them of class scores
        return NotApplicable() if found is not None and found.outputs else None
    return found.agreeing / found.total


def _arena(subject: Subject) -> Value:
    """The arena; not applicable where the format is not one that runs on microcontrollers, which says no reason."""
    measured = None if subject.observation is None else subject.observation.measured
    if measured is not None and measured.arena is None:
        why = measured.missing.get("arena")
        return NotApplicable() if why is None else NotMeasured(why)
    return observed(subject.observation, RECORDED["arena"])


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


def _batch(cell: Cell) -> str:
    batch = "any" if cell.batch_size is None else str(cell.batch_size)
    return f"{batch}, {cell.threads} threads" if cell.threads > 1 else batch


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "cell": Measure("Cell", "text", lambda s: Text(_cell_name(s))),
        "model": Measure("Model", "text", lambda s: Text(s.observations.catalogue.variant_label(s.cell.variant))),
        "format": Measure("Format", "text", lambda s: Text(s.observations.catalogue.format_label(s.cell))),
        "device": Measure("Hardware", "text", lambda s: Text(s.observations.catalogue.device(s.cell.device).label)),
        "batch": Measure("Batch Size", "text", lambda s: Text(_batch(s.cell))),
        "promises": Measure("Promises", "text", _promises),
        "training_time": Measure("Training Time", "seconds", of_measured(lambda m: _training_time(m.training))),
        "first_step": Measure(
            "First Step", "seconds", of_measured(lambda m: None if m.training is None else m.training.first_step_s)
        ),
        "rate": Measure("Samples/Second", "rate", _rate),
        "loop_rate": Measure("Samples/Second by the Loop", "rate", of_measured(lambda m: _loop_rate(m.training))),
        "program": Measure("Trained By", "text", of_measured(lambda m: _program(m.training))),
        "accuracy": Measure(ACCURACY, "share", _accuracy),
        "loss": Measure("Accuracy Loss", "points", _unless_original(lambda s: _loss(s, s.original, "original"))),
        "control_loss": Measure("Loss Against Control", "points", _control_loss),
        "agreement": Measure("Same Predictions", "fraction", _unless_original(of_measured(_agreement))),
        "size": Measure("Size on Disk", "bytes", of_measured(RECORDED["size"])),
        "reduction": Measure(
            "Size Reduction on Disk", "fraction", _unless_original(_against_original("size", _reduction))
        ),
        "relative": Measure("Size Relative to the Original", "fraction", _against_original("size", truediv)),
        "gzip": Measure("Size Gzipped", "bytes", of_measured(RECORDED["gzip_size"])),
        "brotli": Measure("Size with Brotli", "bytes", of_measured(RECORDED["brotli_size"])),
        "gzip_reduction": Measure(
            "Size Reduction Gzipped", "fraction", _unless_original(_against_original("gzip_size", _reduction))
        ),
        "sparsity": Measure("Zero Weights", "fraction", of_measured(RECORDED["sparsity"])),
        "arena": Measure("Microcontroller Memory", "kilobytes", _arena),
        "loading": Measure("Loading Time", "milliseconds", of_measured(RECORDED["load"])),
        **LATENCY_MEASURES,
    }
)

#: By the unit of a metric; of one that declares none there are no values.
METRIC_KINDS: dict[str | None, Kind] = {"share": "share", "number": "ratio", None: "ratio"}


def metrics_of(observations: Observations) -> tuple[MetricTraits, ...]:
    """The metrics of the runs: those of the catalogue, then those that were observed without an entry in it."""
    outcomes = (each.measured for each in observations.by_key.values())
    seen = (name for measured in outcomes if measured is not None for name in measured.metrics)
    return tuple(map(observations.catalogue.metric, dict.fromkeys((*observations.catalogue.metrics, *seen))))


def metric_measures(observations: Observations) -> dict[str, Measure]:
    """The measure of each metric by a key of its own: a metric may be called as another measure is."""
    return {
        f"metric_{each.name}": Measure(each.label, METRIC_KINDS.get(each.unit, "ratio"), of_measured(_metric(each)))
        for each in metrics_of(observations)
    }


def _metric(traits: MetricTraits) -> Callable[[Measured], Found]:
    def figure(measured: Measured) -> Found:
        found = measured.metrics.get(traits.name)
        if found is None and traits.name in measured.missing:
            return NotMeasured(measured.missing[traits.name])
        if found is None and measured.metrics:  # the model's own: it is of another task
            return NotApplicable()
        if isinstance(found, Score):
            required(traits, "unit")
        return metric_figure(found)

    return figure


def columns(*measures: str) -> tuple[Column, ...]:
    """The columns of measures, under their usual headings."""
    return tuple(map(column, measures))


def column(measure: str, heading: str = "") -> Column:
    """The column of a measure, under its usual heading or another."""
    found = MEASURES[measure]
    return Column(measure, heading or found.heading, found.kind)


def _cell_name(subject: Subject) -> str:
    """A cell as people read it: variant, format, device, batch size, and threads where there are several."""
    catalogue, cell = subject.observations.catalogue, subject.cell
    batch = "" if cell.batch_size is None else f", batch {cell.batch_size}"
    threads = f", {cell.threads} threads" if cell.threads > 1 else ""
    variant, form = catalogue.variant_label(cell.variant), catalogue.format_label(cell)
    return f"{variant}, {form}, {catalogue.device(cell.device).label}{batch}{threads}"


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
    machine = "" if subject.observation is None else subject.observation.source.machine
    return Row(cell.key, name or _cell_name(subject), values, machine, cell)


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
