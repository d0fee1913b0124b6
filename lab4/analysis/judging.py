"""The comparison latency: the statistic by which runs, formats and techniques are compared.

Chosen by experiment (docs/evidence/accuracy.md): between repeats of unchanged code nearly all of a low quantile's
variation is the machine's own: its speed, which the frequency probe of each round shows, and co-runners on the same
core, which the contention probe shows.
"""

from collections.abc import Iterable, Sequence

from lab4.domain.observed import Latency
from lab4.sampling.contention import uncontended_samples
from lab4.sampling.interval import in_rounds
from lab4.sampling.quantiles import median, quantile

#: The name of the statistic in headings.
COMPARISON_LATENCY = "comparison latency"

#: The quantile over the calls of a round, and over the rounds.
_CALLS, _ROUNDS = 0.10, 0.25


def relative(latency: Latency) -> float:
    """An uncontended call's time as a multiple of the frequency probe's.

    The lower quartile, over the rounds, of the p10 of a round's uncontended calls divided by the probe's time in that
    round; of all calls where too few were uncontended. It compares one cell between runs on one machine. In a record
    without the probe (schema 1) it is in seconds, and not a ratio.
    """
    rounds = uncontended_rounds(latency) or timed_rounds(latency)
    return lower_quantile(rounds, latency.probe_s if has_probe(latency) else None)


def uncontended_rounds(latency: Latency) -> list[list[float]] | None:
    """The uncontended samples of each round in rising order, without empty rounds; ``None`` if too few."""
    kept = uncontended_samples(latency.calls.samples_s, latency.calls.round_sizes, latency.uncontended)
    if kept is None:
        return None
    return [sorted(each) for each, size in zip(kept, latency.calls.round_sizes, strict=True) if size]


def timed_rounds(latency: Latency) -> list[list[float]]:
    """The samples of each round in rising order, without empty rounds."""
    return [sorted(each) for each in in_rounds(latency.calls.samples_s, latency.calls.round_sizes) if each]


def lower_quantile(rounds: Sequence[Sequence[float]], probe_s: Sequence[float] | None = None) -> float:
    """The statistic of the samples of each round in rising order; in seconds without the probe's times."""
    probes = (1.0,) * len(rounds) if probe_s is None else probe_s
    pairs = zip(rounds, probes, strict=True)
    return quantile(sorted(quantile(each, _CALLS) / reference for each, reference in pairs if each), _ROUNDS)


def comparison_s(latency: Latency, usual_s: float | None = None) -> float:
    """`relative` in seconds, at the machine's usual speed: ``usual_s`` is the frequency probe's time in the run.

    Without it, the probe's time in this latency's rounds.
    """
    if not has_probe(latency):
        return relative(latency)
    return relative(latency) * (median(latency.probe_s) if usual_s is None else usual_s)


def has_probe(latency: Latency) -> bool:
    """Whether every round has the frequency probe's time."""
    rounds = sum(1 for size in latency.calls.round_sizes if size)
    return rounds == len(latency.probe_s) and all(each > 0 for each in latency.probe_s)


def has_flags(latency: Latency) -> bool:
    """Whether the record flags each sample as contended or not."""
    return len(latency.uncontended) == len(latency.calls.samples_s)


def usual_probe_s(latencies: Iterable[Latency]) -> float | None:
    """The frequency probe's median time in all rounds of these, in seconds; ``None`` where no record has it."""
    every = [each for latency in latencies for each in latency.probe_s]
    return median(every) if every else None
