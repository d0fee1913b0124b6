"""The figures that gates, histories and comparisons use: an entry here adds one to all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import chain, repeat
from math import isfinite
from operator import truediv
from types import MappingProxyType

from lab4.analysis.distribution import P90_LEAST_CALLS, P99_LEAST_CALLS, throughput
from lab4.analysis.judging import is_told, is_watched, quiet, timed_passes, undisturbed_passes
from lab4.domain.figures import CellFigures, RunFigures
from lab4.domain.observed import Latency
from lab4.domain.outcome import Failed, Measured, Measurement, Unavailable, is_cut_short
from lab4.domain.run import Run
from lab4.sampling.quantiles import median, quantile

__all__ = ["FIGURES", "TAILS", "FigureTraits", "Nature", "figures_of", "latency_figures"]


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

    ``tolerance`` is the change that never stops the gate: a fraction of the figure, or, where it is a fraction itself
    (accuracy, sparsity), in points of it. ``min_detectable_effect`` is the change that a verdict *same* excludes; where
    they cannot detect it and the figure is ``essential``, the gate cannot judge. ``weight`` is the figure's share of
    the false alarms. With a single run the error is modelled by Student's t with ``single_run_df`` degrees of freedom,
    whose tails are heavier than the normal's. ``quantity`` names the unit: time, rate, memory, share.
    """

    label: str
    quantity: str
    nature: Nature
    higher_is_better: bool = False
    tolerance: float = 0.0
    min_detectable_effect: float = 0.5
    weight: float = 1.0
    essential: bool = False
    single_run_df: float = 3.0
    judged: bool = True


#: Tolerances of timings exceed the variation of a few runs on a noisy machine (docs/evidence/gates.md).
FIGURES: Mapping[str, FigureTraits] = MappingProxyType(
    {
        "latency": FigureTraits(
            "latency",
            "time",
            Nature.TIMED,
            tolerance=0.005,
            min_detectable_effect=0.5,
            weight=4.0,
            essential=True,
        ),
        "throughput": FigureTraits(
            "throughput", "rate", Nature.TIMED, higher_is_better=True, tolerance=0.02, min_detectable_effect=1.0
        ),
        "p50": FigureTraits(
            "p50", "time", Nature.TIMED, tolerance=0.02, judged=False
        ),  # its inverse is judged: throughput
        "p90": FigureTraits("p90", "time", Nature.TIMED, tolerance=0.10, min_detectable_effect=1.0),
        "p99": FigureTraits("p99", "time", Nature.TIMED, tolerance=0.25, min_detectable_effect=2.0),
        "training": FigureTraits(
            "training time", "time", Nature.TIMED, tolerance=0.02, min_detectable_effect=1.0, essential=True
        ),
        "memory": FigureTraits("peak memory", "memory", Nature.TIMED, tolerance=0.05, min_detectable_effect=1.0),
        "size": FigureTraits("size", "memory", Nature.EXACT),
        "gzip_size": FigureTraits("gzipped size", "memory", Nature.EXACT, judged=False),  # follows the size
        "sparsity": FigureTraits("sparsity", "share", Nature.EXACT, higher_is_better=True, tolerance=0.001),
        "accuracy": FigureTraits("accuracy", "share", Nature.PAIRED, higher_is_better=True, tolerance=0.0025),
    }
)

#: Why a time, a rate or a memory of zero is missing.
_ZERO = "too small to measure"
#: Tail percentiles, and how many single calls each needs.
TAILS = {"p90": (0.9, P90_LEAST_CALLS), "p99": (0.99, P99_LEAST_CALLS)}


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
        cells={each.cell.key: _cell(each) for each in run.measurements},
        source=run.source,
    )


def _cell(measurement: Measurement) -> CellFigures:
    outcome = measurement.outcome
    match outcome:
        case Unavailable(reason):
            return CellFigures("interrupted" if is_cut_short(outcome) else "unavailable", reason=reason)
        case Failed(reason):
            return CellFigures("failed", reason=reason)
        case Measured():
            values = _plain(outcome)
            corrected: dict[str, float] = {}
            missing = dict(outcome.missing)
            if outcome.latency is not None and outcome.latency.calls.samples_s:
                found = latency_figures(outcome.latency, measurement.cell.batch_size)
                values |= found.values
                corrected |= found.corrected
                missing |= found.missing
            missing |= {name: _ZERO for name, value in values.items() if not _is_measurable(name, value)}
            return CellFigures(
                "interrupted" if is_cut_short(outcome) else "measured",
                {name: value for name, value in values.items() if _is_measurable(name, value)},
                {name: value for name, value in corrected.items() if _is_measurable(name, value)},
                {name: why for name, why in missing.items() if name in FIGURES},
                None if outcome.accuracy is None else outcome.accuracy.correct,
            )


def _is_measurable(name: str, value: float) -> bool:
    """Whether the value is finite and, for a time, rate or memory, above zero."""
    return isfinite(value) and (value > 0 or FIGURES[name].nature is not Nature.TIMED)


def latency_figures(latency: Latency, batch_size: int | None) -> CellFigures:
    """The figures of a latency with at least one sample, from its uncontended calls.

    Corrected figures are those at the machine's usual speed. They are left out where too few calls were uncontended, so
    that the figures are of all calls, and in older records, which have no frequency probe or contention flags.
    """
    single = latency.calls.iterations == 1
    alone = undisturbed_passes(latency)
    passes = alone or timed_passes(latency)
    samples = list(chain.from_iterable(passes))
    values = {"latency": quiet(passes)} | _distribution(samples, batch_size, single=single)
    missing = {
        name: f"too few single calls were timed ({len(samples)} of {least} uncontended)"
        if single
        else "calls are too short to be timed one by one"
        for name, (_, least) in TAILS.items()
        if name not in values
    }
    if alone is None or not (is_told(latency) and is_watched(latency)):
        return CellFigures("measured", values, {}, missing)
    relative = list(
        chain.from_iterable(
            map(truediv, each, repeat(reference)) for each, reference in zip(passes, latency.reference_s, strict=True)
        )
    )
    corrected = {"latency": quiet(passes, latency.reference_s)} | _distribution(relative, batch_size, single=single)
    return CellFigures("measured", values, corrected, missing)


def _distribution(samples: Sequence[float], batch_size: int | None, *, single: bool) -> dict[str, float]:
    """p50, throughput (its inverse), and the tail percentiles that have enough calls."""
    ordered = sorted(samples)
    found = {"p50": quantile(ordered, 0.5)}
    for name, (fraction, least) in TAILS.items():
        if single and len(ordered) >= least:
            found[name] = quantile(ordered, fraction)
    if batch_size is not None:
        found["throughput"] = throughput(batch_size, found["p50"])
    return found


def _plain(outcome: Measured) -> dict[str, float]:
    values: dict[str, float] = {}
    if outcome.training is not None and outcome.training.epoch_s:
        values["training"] = median(outcome.training.epoch_s)
    if outcome.memory is not None:
        values["memory"] = float(outcome.memory.bytes)
    if outcome.size is not None:
        values["size"] = float(outcome.size.disk_bytes)
        values["gzip_size"] = float(outcome.size.gzip_bytes)
    if outcome.sparsity is not None and outcome.sparsity.total:
        values["sparsity"] = outcome.sparsity.zeros / outcome.sparsity.total
    if outcome.accuracy is not None and outcome.accuracy.correct:
        values["accuracy"] = sum(outcome.accuracy.correct) / len(outcome.accuracy.correct)
    return values
