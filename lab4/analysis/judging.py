"""The comparison latency: the statistic by which runs, formats and techniques are compared.

Chosen by experiment (docs/evidence/accuracy.md): between repeats of unchanged code nearly all of a low quantile's
variation is the machine's own: its speed, which the reference kernel beside each pass tells, and neighbours on the same
core, which the contention kernel tells.
"""

from collections.abc import Iterable, Sequence

from lab4.domain.observed import Latency
from lab4.sampling.contention import uncontended_samples
from lab4.sampling.interval import in_passes
from lab4.sampling.quantiles import median, quantile

__all__ = [
    "JUDGING",
    "is_told",
    "is_watched",
    "judging_s",
    "quiet",
    "relative",
    "timed_rounds",
    "uncontended_rounds",
    "usual_probe_s",
]

#: The name of the statistic in headings.
JUDGING = "comparison latency"

#: Of the calls of a pass, and of the passes.
_CALLS, _PASSES = 0.10, 0.25


def relative(latency: Latency) -> float:
    """How many times as long as the reference kernel a call takes when nothing disturbs it.

    The lower quartile, over the passes, of the p10 of a pass's uncontended calls divided by the reference kernel's time
    beside it; of all calls where hardly one was uncontended. For comparing one cell between runs on one machine.
    Seconds, and not a ratio, in a record without the kernel (schema 1).
    """
    return quiet(uncontended_rounds(latency) or timed_rounds(latency), latency.probe_s if is_told(latency) else None)


def uncontended_rounds(latency: Latency) -> list[list[float]] | None:
    """The uncontended samples of each pass in rising order, of passes that were timed at all; ``None`` if too few."""
    kept = uncontended_samples(latency.calls.samples_s, latency.calls.round_sizes, latency.uncontended)
    if kept is None:
        return None
    return [sorted(each) for each, size in zip(kept, latency.calls.round_sizes, strict=True) if size]


def timed_rounds(latency: Latency) -> list[list[float]]:
    """The samples of each round in rising order, without empty rounds."""
    return [sorted(each) for each in in_passes(latency.calls.samples_s, latency.calls.round_sizes) if each]


def quiet(passes: Sequence[Sequence[float]], probe_s: Sequence[float] | None = None) -> float:
    """The statistic of the samples of each round in rising order; in seconds without the probe's times."""
    probes = (1.0,) * len(passes) if probe_s is None else probe_s
    return quantile(
        sorted(quantile(each, _CALLS) / reference for each, reference in zip(passes, probes, strict=True) if each),
        _PASSES,
    )


def judging_s(latency: Latency, usual_s: float | None = None) -> float:
    """`relative` in seconds, at the machine's usual speed: ``usual_s`` is the reference kernel's time in the run.

    Without it, its time beside this latency.
    """
    if not is_told(latency):
        return relative(latency)
    return relative(latency) * (median(latency.probe_s) if usual_s is None else usual_s)


def is_told(latency: Latency) -> bool:
    """Whether every round has the frequency probe's time."""
    passes = sum(1 for size in latency.calls.round_sizes if size)
    return passes == len(latency.probe_s) and all(each > 0 for each in latency.probe_s)


def is_watched(latency: Latency) -> bool:
    """Whether the record flags each sample as contended or not."""
    return len(latency.uncontended) == len(latency.calls.samples_s)


def usual_probe_s(latencies: Iterable[Latency]) -> float | None:
    """The reference kernel's median time beside all passes of these, in seconds; ``None`` where nothing told it."""
    every = [each for latency in latencies for each in latency.probe_s]
    return median(every) if every else None
