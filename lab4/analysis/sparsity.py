"""Quality against sparsity: what zeroing more and more weights costs, over all runs of a kind, one a seed.

Techniques are on the curve by what they promise, never by their names.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, variance

from lab4.analysis.charts.marks import comparing, fact_of_test
from lab4.analysis.document import Axis, Chart, Layer, Mark, Section
from lab4.analysis.figures import RECORDED
from lab4.analysis.intervals import paired_loss
from lab4.analysis.measures import METRIC_KINDS, metrics_of
from lab4.analysis.observations import Observations, machine_names, machine_of
from lab4.analysis.subject import NOT_OBSERVED
from lab4.analysis.tables import Column, Kind, NotApplicable, NotMeasured, Quantity, Row, Table, Text, Value
from lab4.domain.catalogue import Catalogue, MetricTraits
from lab4.domain.cell import EXAMINE, Cell
from lab4.domain.fields import moment
from lab4.domain.identity import distinct
from lab4.domain.observed import PerExample, Score
from lab4.domain.outcome import Measured
from lab4.domain.run import Run
from lab4.sampling.student import critical

#: The property that techniques on the curve promise.
SPARSITY = "sparsity"
_TAIL = 0.025
_SEVERAL = (
    "{} seeds, a run each. A figure is the mean over the seeds, its spread from the lowest to the highest: how much "
    "trainings vary. A loss is the mean of the losses of each seed, with its 95% interval (Student, 1908)."
)
_ONE = (
    "One seed: how much trainings vary is not measured. A loss has the 95% interval that these examples allow for this "
    "one training (Bonett and Price, 2012). For the spread over seeds, run the same again with another --lab4-seed and "
    "--lab4-output each time, and give all run files to lab4 report."
)
_OTHERS = "Left out are {} runs with other data or epochs than the latest run's."
_RANGES = "Upright lines are from the lowest to the highest seed."
_NO_RANGES = "One seed, so that there is no spread."

_COLUMNS = (
    Column("cell", "Variant", "text"),
    Column("promised", "Promised Zeros", "fraction"),
    Column("sparsity", "Zero Weights", "fraction"),
)


@dataclass(frozen=True, slots=True)
class _Step:
    """A variant on the curve: the share of zeros that it promises, ``None`` for a control, and what each seed gave."""

    cell: Cell
    promised: float | None
    by_seed: Mapping[int, Measured]
    machines: tuple[str, ...]

    @property
    def zeros(self) -> Value:
        """The share of zeros, counted in the artifacts: the mean over the seeds."""
        counted = [each for each in map(RECORDED[SPARSITY], self.by_seed.values()) if each is not None]
        return Quantity(_mean([each.value for each in counted])) if counted else NotMeasured(NOT_OBSERVED)


@dataclass(frozen=True, slots=True)
class _Curve:
    """The steps of a model in the format in which it is given: the original, its controls, then ever more zeros."""

    catalogue: Catalogue
    steps: tuple[_Step, ...]

    @property
    def original(self) -> _Step:
        return self.steps[0]

    @property
    def controls(self) -> tuple[_Step, ...]:
        return tuple(step for step in self.steps if step.promised is None)

    def name(self, step: _Step) -> str:
        """A step as people read it, without its model."""
        return ", ".join(self.catalogue.technique(each).label for each in step.cell.techniques) or "Original"


def sparsity_section(runs: Iterable[Run], found: Observations) -> Section | None:
    """A table and charts for each metric that says which way is better; ``None`` where nothing pruned was examined.

    Only runs with the data and the epochs of the latest are compared; of two runs of one seed, the later counts.
    """
    known = sorted(distinct(runs), key=lambda run: moment(run.started_at))
    alike = [run for run in known if _conditions(run) == _conditions(known[-1])]
    machines = machine_names(known)
    curves = [curve for model in found.models if (curve := _curve(alike, model, found.catalogue, machines)) is not None]
    seeds = {seed for curve in curves for step in curve.steps for seed in step.by_seed}
    notes = [_SEVERAL.format(len(seeds)) if len(seeds) > 1 else _ONE]
    if len(alike) < len(known):
        notes.append(_OTHERS.format(len(known) - len(alike)))
    metrics = [metric for metric in metrics_of(found) if metric.higher_is_better is not None]
    if not curves or not metrics:
        return None
    tables = [_table(metric, curves, tuple(notes)) for metric in metrics]
    charts = comparing(_chart(metric, curve) for metric in metrics for curve in curves)
    return Section("Quality against sparsity", (*tables, *charts))


def _conditions(run: Run) -> tuple[object, ...]:
    return run.dataset.sha256, run.settings.epochs, run.settings.finetune_epochs


def _curve(
    runs: Sequence[Run], model: str, catalogue: Catalogue, machines: Mapping[tuple[str, str], str]
) -> _Curve | None:
    """The curve of a model; none where its original or everything pruned is missing."""
    seen: dict[Cell, dict[int, tuple[Measured, str]]] = {}
    for run in runs:
        for cell, measured in _examined(run, model, catalogue):
            seen.setdefault(cell, {})[run.settings.seed] = measured, machines[machine_of(run)]
    steps = [
        _Step(
            cell,
            _promised(cell, catalogue),
            {seed: measured for seed, (measured, _) in of.items()},
            tuple(dict.fromkeys(machine for _, machine in of.values())),
        )
        for cell, of in seen.items()
    ]
    original = [step for step in steps if not step.cell.techniques]
    controls = [step for step in steps if catalogue.is_control(step.cell.variant)]
    pruned = sorted((step for step in steps if step.promised), key=lambda step: step.promised or 0)
    return _Curve(catalogue, (*original, *controls, *pruned)) if original and pruned else None


def _examined(run: Run, model: str, catalogue: Catalogue) -> Iterator[tuple[Cell, Measured]]:
    """The artifacts of a model in the format in which it is given."""
    wanted = EXAMINE, model, catalogue.model(model).original_format, ""
    for each in run.measurements:
        cell = each.cell
        if (cell.kind, cell.model, cell.format, cell.runtime) == wanted and isinstance(each.outcome, Measured):
            yield cell, each.outcome


def _promised(cell: Cell, catalogue: Catalogue) -> float | None:
    """The share of zeros that is promised after the last technique; ``None`` where another than pruning was applied.

    An unmodified model promises none.
    """
    promised: float | None = 0.0
    for name in cell.techniques:
        limits = [each.at_least for each in catalogue.technique(name).promises if each.property == SPARSITY]
        promised = limits[0] if limits and promised is not None else None
    return promised


def _table(metric: MetricTraits, curves: Sequence[_Curve], notes: tuple[str, ...]) -> Table:
    kind = METRIC_KINDS.get(metric.unit, "ratio")
    lost: Kind = "points" if kind == "share" else kind
    columns = (
        *_COLUMNS,
        Column(metric.name, metric.label, kind),
        Column("loss", f"{metric.label} Loss", lost),
        Column("control_loss", "Loss Against Control", lost),
        Column("seeds", "Seeds", "count"),
    )
    rows = tuple(_row(metric, curve, step) for curve in curves for step in curve.steps)
    return Table(f"{SPARSITY}_{metric.name}", f"{metric.label} against sparsity", columns, rows, notes, printed=False)


def _row(metric: MetricTraits, curve: _Curve, step: _Step) -> Row:
    variant = curve.catalogue.variant_label(step.cell.variant)
    is_original, is_control = step is curve.original, step in curve.controls
    control = next(iter(curve.controls), None)
    values = (
        Text(variant),
        NotApplicable() if step.promised is None else Quantity(step.promised),
        step.zeros,
        _over_seeds(metric, step),
        NotApplicable() if is_original else _loss(metric, curve.original, step),
        NotApplicable() if is_original or is_control else _loss(metric, control, step),
        Quantity(len(step.by_seed)),
    )
    return Row(step.cell.key, variant, values, " and ".join(step.machines), step.cell)


def _over_seeds(metric: MetricTraits, step: _Step) -> Value:
    """The mean over the seeds, from the lowest to the highest."""
    found = [each.value for each in _of_metric(metric, step).values()]
    if not found:
        return NotMeasured(NOT_OBSERVED)
    return Quantity(found[0]) if len(found) == 1 else Quantity(_mean(found), min(found), max(found))


def _mean(values: Sequence[float]) -> float:
    """The mean, within the values: of equal ones it is theirs, without rounding."""
    return min(max(fmean(values), min(values)), max(values))


def _of_metric(metric: MetricTraits, step: _Step) -> dict[int, PerExample | Score]:
    by_seed = {seed: measured.metrics.get(metric.name) for seed, measured in step.by_seed.items()}
    return {seed: each for seed, each in by_seed.items() if each is not None}


def _loss(metric: MetricTraits, other: _Step | None, step: _Step) -> Value:
    """How much worse than ``other`` at the same seed, on average over the seeds, with the 95% interval of the mean.

    Two trainings of one seed see the same examples in the same order, so that their losses are paired.
    """
    if other is None:
        return NotMeasured("no control was measured")
    theirs, ours = _of_metric(metric, other), _of_metric(metric, step)
    pairs = [(theirs[seed], ours[seed]) for seed in ours if seed in theirs]
    if not pairs:
        return NotMeasured("no seed has both")
    sign = 1 if metric.higher_is_better else -1
    losses = [sign * (one.value - two.value) for one, two in pairs]
    if len(losses) > 1:
        margin = critical(_TAIL, len(losses) - 1) * sqrt(variance(losses) / len(losses))
        return Quantity(_mean(losses), _mean(losses) - margin, _mean(losses) + margin)
    match pairs:
        case [(PerExample(one), PerExample(two))] if len(one) == len(two) and metric.higher_is_better:
            return paired_loss(one, two)
    return Quantity(losses[0])


def _chart(metric: MetricTraits, curve: _Curve) -> Chart:
    """The figure of each step against the share of zeros in its artifact; a control is a level."""
    points = [
        Mark(curve.name(step), step.zeros, figure, facts=(fact_of_test(step.cell),))
        for step in curve.steps
        if step.promised is not None
        and isinstance(step.zeros, Quantity)
        and isinstance(figure := _over_seeds(metric, step), Quantity)
    ]
    levels = [
        Mark(curve.name(step), Quantity(0.0), figure, label=curve.name(step), facts=(fact_of_test(step.cell),))
        for step in curve.controls
        if isinstance(figure := _over_seeds(metric, step), Quantity)
    ]
    ranges = (
        _RANGES if any(isinstance(point.y, Quantity) and point.y.low is not None for point in points) else _NO_RANGES
    )
    ordered = tuple(sorted(points, key=lambda point: point.x.value if isinstance(point.x, Quantity) else 0.0))
    return Chart(
        f"{metric.label} of the {curve.catalogue.model(curve.original.cell.model).label} against sparsity",
        ranges,
        Axis("Zero weights", "fraction"),
        Axis(metric.label, METRIC_KINDS.get(metric.unit, "ratio")),
        (Layer("level", tuple(levels)), Layer("line", ordered), Layer("point", ordered)),
    )
