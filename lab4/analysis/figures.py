"""The figures that gates, histories and comparisons use: an entry here adds one to all of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import chain
from math import isfinite
from types import MappingProxyType

from lab4.analysis.distribution import (
    COMPARISON_LATENCY,
    by_probe,
    has_flags,
    has_probe,
    throughput,
    timed_rounds,
    uncontended_rounds,
)
from lab4.analysis.intervals import wilson
from lab4.analysis.tables import Quantity
from lab4.domain.catalogue import Catalogue, merged
from lab4.domain.figures import CellFigures, RunFigures
from lab4.domain.observed import Difference, Latency, PerExample, Score
from lab4.domain.outcome import Failed, Measured, Measurement, Outcome, Unavailable, is_cut_short
from lab4.domain.run import Run
from lab4.sampling.interval import median_interval
from lab4.sampling.quantiles import QUIET, TAILS, median, quantile


class Nature(Enum):
    """How a figure varies when nothing changed, which decides how two values are compared."""

    #: Varies between runs by a factor: its logarithm is judged against the variance between runs.
    TIMED = "timed"
    #: Does not vary: any difference beyond the tolerance is a change.
    EXACT = "exact"
    #: Right or wrong, image by image: judged on the images on which the two sides differ.
    PAIRED = "paired"


@dataclass(frozen=True, slots=True)
class FigureTraits:
    """What a figure is, and how the gate judges it.

    ``tolerance`` is the change that never stops the gate: a fraction of the figure, where two of it are compared by
    their ratio, else a difference in its own unit (of shares: in points of 1); nor does one of less than ``grain``, in
    base units, which is what unchanged code is counted in. What the gate could have seen is said of ``essential``
    figures; it cannot judge where that is too little of a ``demanded`` one.
    ``quantity`` names the unit: time, rate, memory, energy, share, number. ``spread`` says what the interval of a
    single run is, where it has one. ``compared`` are shown side by side unless others are asked for; figures
    ``of_dataset`` only where that is the same. Figures ``of_calls`` vary more between runs where these are few.
    """

    label: str
    quantity: str
    nature: Nature
    higher_is_better: bool = False
    tolerance: float = 0.0
    grain: float = 0.0
    essential: bool = False
    demanded: bool = False
    judged: bool = True
    spread: str = ""
    compared: bool = False
    of_dataset: bool = False
    of_calls: bool = False

    @property
    def has_ratio(self) -> bool:
        """Whether two of it are compared by their ratio; shares and metrics are by their difference."""
        return self.quantity not in {"share", "number"}


_MEDIAN = "95% interval of the median"
#: Where a smaller share of calls is uncontended, co-runners have disturbed these too: they differ by 7% from those of
#: other runs, and from a share of 0.3 on by 0.5% (docs/evidence/gates.md).
_LEAST_UNCONTENDED = 0.2
#: The median latency's name here, and what its interval within a run is called where a chart shows it.
MEDIAN, MEDIAN_INTERVAL = "p50", "Median, 95% interval"
#: Tolerances of timings exceed the variation of a few runs on a noisy machine (docs/evidence/gates.md).
FIGURES: Mapping[str, FigureTraits] = MappingProxyType(
    {
        "latency": FigureTraits(
            COMPARISON_LATENCY,
            "time",
            Nature.TIMED,
            tolerance=0.005,
            essential=True,
            demanded=True,
            of_calls=True,
        ),
        "p50": FigureTraits(  # its inverse is judged: throughput
            "median latency",
            "time",
            Nature.TIMED,
            tolerance=0.02,
            judged=False,
            spread=_MEDIAN,
            compared=True,
            of_calls=True,
        ),
        "throughput": FigureTraits(
            "throughput",
            "rate",
            Nature.TIMED,
            higher_is_better=True,
            tolerance=0.02,
            spread=_MEDIAN,
            compared=True,
            of_calls=True,
        ),
        "p90": FigureTraits("p90", "time", Nature.TIMED, tolerance=0.10, of_calls=True),
        "p99": FigureTraits("p99", "time", Nature.TIMED, tolerance=0.25, of_calls=True),
        "training": FigureTraits(
            "training time",
            "time",
            Nature.TIMED,
            tolerance=0.02,
            essential=True,
            spread="fastest to slowest epoch",
            compared=True,
            of_dataset=True,
        ),
        "load": FigureTraits("load time", "time", Nature.TIMED, judged=False, spread="fastest to slowest load"),
        "energy": FigureTraits("energy per call", "energy", Nature.TIMED, judged=False, compared=True),
        # Allocators take memory in steps of 128 KiB (mallopt(3), M_TOP_PAD), and the kernel counts it in batches of
        # some 100 kB per core (`lab4.measure.memory.peak_memory`).
        "memory": FigureTraits("peak memory", "memory", Nature.TIMED, tolerance=0.1, grain=256 * 1024, compared=True),
        # A collector frees garbage when it likes: between runs of unchanged code it varies by a factor of seven.
        "memory_with_garbage": FigureTraits(
            "peak memory with garbage", "memory", Nature.TIMED, judged=False, compared=True
        ),
        "size": FigureTraits("size", "memory", Nature.EXACT, compared=True),
        "gzip_size": FigureTraits("gzipped size", "memory", Nature.EXACT, judged=False),  # follows the size
        "brotli_size": FigureTraits("size with brotli", "memory", Nature.EXACT, judged=False),  # the same
        # Few have the package that it is measured with: the gate judges it by budgets only.
        "arena": FigureTraits("microcontroller memory", "memory", Nature.EXACT, judged=False),
        "sparsity": FigureTraits("sparsity", "share", Nature.EXACT, higher_is_better=True, tolerance=0.001),
        # Each run compares them with the format's tolerance, so that the gate judges them by budgets only.
        "difference": FigureTraits("difference from the original", "number", Nature.EXACT, judged=False),
        "cosine": FigureTraits("cosine with the original", "number", Nature.EXACT, higher_is_better=True, judged=False),
    }
)


#: The figures that need no statistics of calls, each with its spread within the run (`FigureTraits.spread`).
RECORDED: Mapping[str, Callable[[Measured], Quantity | None]] = MappingProxyType(
    {
        "training": lambda m: None if m.training is None else _spread(m.training.epoch_s),
        "memory": lambda m: None if m.memory is None or m.memory.garbage else Quantity(m.memory.bytes),
        "memory_with_garbage": lambda m: None if m.memory is None or not m.memory.garbage else Quantity(m.memory.bytes),
        "load": lambda m: None if m.loading is None else _spread(m.loading.samples_s),
        "energy": lambda m: None if m.energy is None else Quantity(sum(m.energy.joules.values()) / m.energy.calls),
        "size": lambda m: None if m.size is None else Quantity(m.size.disk_bytes),
        "gzip_size": lambda m: None if m.size is None else Quantity(m.size.gzip_bytes),
        "brotli_size": lambda m: (
            None if m.size is None or m.size.brotli_bytes is None else Quantity(m.size.brotli_bytes)
        ),
        "arena": lambda m: None if m.arena is None else Quantity(m.arena.bytes),
        "sparsity": lambda m: (
            None if m.sparsity is None or not m.sparsity.total else Quantity(m.sparsity.zeros / m.sparsity.total)
        ),
        "difference": lambda m: _of_outputs(m, max, lambda each: each.max_abs / each.scale if each.scale else None),
        "cosine": lambda m: _of_outputs(m, min, lambda each: each.cosine),
    }
)


def peak_memory(measured: Measured) -> Quantity | None:
    """The peak memory, with garbage or without."""
    return None if measured.memory is None else Quantity(measured.memory.bytes)


def _spread(samples_s: Sequence[float]) -> Quantity | None:
    """The median, from the fastest to the slowest."""
    return Quantity(median(samples_s), min(samples_s), max(samples_s)) if samples_s else None


def _of_outputs(
    measured: Measured,
    worst: Callable[[Iterable[float]], float],
    figure: Callable[[Difference], float | None],
) -> Quantity | None:
    """The worst of the outputs; none where no output was compared."""
    outputs = () if measured.agreement is None else measured.agreement.outputs.values()
    known = [value for value in map(figure, outputs) if value is not None]
    return Quantity(worst(known)) if known else None


def metric_figure(metric: PerExample | Score | None) -> Quantity | None:
    """The value of a metric, with its 95% Wilson interval where it is known example by example."""
    if isinstance(metric, Score):
        return Quantity(metric.value)
    return None if metric is None or not metric.correct else wilson(sum(metric.correct), len(metric.correct))


def is_timed(name: str) -> bool:
    """Whether a figure is a time, a rate, a memory or the like; the others are exact, or metrics of predictions."""
    return name in FIGURES and FIGURES[name].nature is Nature.TIMED


def figures_of_metrics(catalogue: Catalogue) -> dict[str, FigureTraits]:
    """The metrics that the catalogue declares, as figures.

    The catalogue's paired metric is judged on the examples on which two sides differ. One that does not say which way
    is better is left out.
    """
    found: dict[str, FigureTraits] = {}
    for name, metric in catalogue.metrics.items():
        if metric.higher_is_better is None:
            continue
        found[name] = FigureTraits(
            _in_a_sentence(metric.label),
            metric.unit if metric.unit == "share" else "number",
            Nature.PAIRED if name == catalogue.paired_metric else Nature.EXACT,
            higher_is_better=metric.higher_is_better,
            tolerance=metric.tolerance or 0.0,
            spread="95% interval" if metric.is_per_example else "",
            compared=True,
            of_dataset=True,
        )
    return found


def _in_a_sentence(label: str) -> str:
    """A label without its capital, unless it is an abbreviation.

    >>> _in_a_sentence("Accuracy"), _in_a_sentence("F1")
    ('accuracy', 'F1')
    """
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def known_figures(runs: Iterable[RunFigures]) -> dict[str, FigureTraits]:
    """Every figure that these runs can have: those above, and the metrics of their catalogues."""
    return {**FIGURES, **figures_of_metrics(merged(run.catalogue for run in runs))}


def figures_of(run: Run) -> RunFigures:
    """Every figure of a run."""
    return RunFigures(
        started_at=run.started_at,
        lab4_version=run.lab4_version,
        settings=run.settings,
        dataset=run.dataset,
        machine=run.machine,
        commit=run.commit,
        complete=run.complete,
        catalogue=run.catalogue,
        cells={each.cell.key: _cell(each, run.catalogue) for each in run.measurements},
        source=run.source,
    )


def _cell(measurement: Measurement, catalogue: Catalogue) -> CellFigures:
    outcome = measurement.outcome
    match outcome:
        case Unavailable(reason):
            return CellFigures("interrupted" if is_cut_short(outcome) else "unavailable", reason=reason)
        case Failed(reason):
            return CellFigures("failed", reason=reason)
        case Measured():  # pragma: no branch  # the union ends here
            return _measured(outcome, measurement.cell.batch_size, paired_examples(outcome, catalogue))


def paired_examples(outcome: Outcome, catalogue: Catalogue) -> PerExample | None:
    """Which examples are right, by the catalogue's paired metric, where any are known."""
    found = outcome.metrics.get(catalogue.paired_metric) if isinstance(outcome, Measured) else None
    return found if isinstance(found, PerExample) and found.correct else None


def _measured(outcome: Measured, batch_size: int | None, examples: PerExample | None) -> CellFigures:
    has_calls = outcome.latency is not None and outcome.latency.calls.samples_s
    calls = latency_figures(outcome.latency, batch_size) if outcome.latency and has_calls else CellFigures("measured")
    found = {name: figure(outcome) for name, figure in RECORDED.items()}
    found |= {name: metric_figure(each) for name, each in outcome.metrics.items() if isfinite(each.value)}
    known = {name: each for name, each in found.items() if each is not None}
    values = {**{name: float(each.value) for name, each in known.items()}, **calls.values}
    spreads = {
        name: (each.low, each.high) for name, each in known.items() if each.low is not None and each.high is not None
    }
    zeros = {name: "too small to measure" for name, value in values.items() if not _is_measurable(name, value)}
    missing = {**outcome.missing, **calls.missing, **zeros}
    return CellFigures(
        "interrupted" if is_cut_short(outcome) else "measured",
        {name: value for name, value in values.items() if name not in zeros},
        {name: value for name, value in calls.corrected.items() if _is_measurable(name, value)},
        {name: why for name, why in missing.items() if name in FIGURES},
        None if examples is None else examples.correct,
        artifact="" if outcome.artifact is None else outcome.artifact.sha256,
        answers=outcome.answers,
        runtime="" if outcome.loading is None else outcome.loading.runtime,
        intervals={
            name: ends
            for name, ends in {**spreads, **calls.intervals}.items()
            if all(_is_measurable(name, end) for end in ends)
        },
        calls=calls.calls,
    )


def _is_measurable(name: str, value: float) -> bool:
    """Whether the value is finite and, for a time, rate or memory, above zero."""
    return isfinite(value) and (value > 0 or not is_timed(name))


def latency_figures(latency: Latency, batch_size: int | None) -> CellFigures:
    """The figures of a latency with at least one sample, from its uncontended calls.

    Corrected figures are those at the machine's usual speed. They are left out where too few calls were uncontended, as
    the figures are then of all calls, or of calls that a co-runner has disturbed as well; and in older records, which
    have no frequency probe or contention flags.
    """
    single = latency.calls.iterations == 1
    uncontended = uncontended_rounds(latency)
    rounds = uncontended or timed_rounds(latency)
    samples = sorted(chain.from_iterable(rounds))
    values = _distribution(samples, batch_size, single=single)
    known = median_interval(rounds, samples)
    intervals = {"p50": (known.low, known.high)}
    if batch_size is not None and known.low > 0:
        intervals["throughput"] = (throughput(batch_size, known.high), throughput(batch_size, known.low))
    missing = {
        name: f"too few single calls were timed ({len(samples)} of {least} uncontended)"
        if single
        else "calls are too short to be timed one by one"
        for name, (_, least) in TAILS.items()
        if name not in values
    }
    is_known = uncontended is not None and has_probe(latency) and has_flags(latency)
    corrected = {}
    if is_known and len(samples) >= _LEAST_UNCONTENDED * len(latency.calls.samples_s):
        corrected = _distribution(sorted(by_probe(rounds, latency.probe_s)), batch_size, single=single)
    return CellFigures("measured", values, corrected, missing, intervals=intervals, calls=len(samples))


def _distribution(ordered: Sequence[float], batch_size: int | None, *, single: bool) -> dict[str, float]:
    """The comparison latency, p50, throughput (its inverse), and the tail percentiles that have enough calls."""
    found = {"latency": quantile(ordered, QUIET), "p50": quantile(ordered, 0.5)}
    for name, (fraction, least) in TAILS.items():
        if single and len(ordered) >= least:
            found[name] = quantile(ordered, fraction)
    if batch_size is not None:
        found["throughput"] = throughput(batch_size, found["p50"])
    return found
