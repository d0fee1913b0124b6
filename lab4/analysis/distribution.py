"""Statistics of raw latency samples, and whether a latency was measured to its target.

Every figure of the worksheet is derived here, none is stored in a record. Runs, formats and techniques are compared by
the comparison latency, which was chosen by experiment (docs/evidence/accuracy.md): between repeats of unchanged code
nearly all of a low percentile's variation is the machine's own: its speed, which the frequency probe of each round
shows, and co-runners on the same core, which the contention probe shows.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, repeat
from operator import truediv
from typing import Literal

from lab4.analysis.tables import NotMeasured
from lab4.domain.observed import Latency, SystemActivity
from lab4.sampling.contention import uncontended_samples
from lab4.sampling.interval import QuantileInterval, in_rounds, median_interval
from lab4.sampling.quantiles import QUIET, TAILS, median, quantile

#: Whether the profile's target was reached. A ``contended`` one is of all calls, as too few were uncontended; one of
#: ``few_rounds`` is of uncontended calls, of so few rounds that its interval covers less than it says.
UncertaintyState = Literal["reached", "missed", "contended", "few_rounds", "interrupted"]
#: The name of the statistic in headings.
COMPARISON_LATENCY = "comparison latency"

#: Rounds before a drift is distinguished from noise.
_DRIFT_MIN_ROUNDS = 4
#: Tukey's far fence: so many interquartile ranges above p75.
_FAR = 3.0
#: Above these something has affected a measurement; below them every machine has some of it.
_STEAL = 0.01
_SWITCHES_PER_S = 20.0
_MINOR_FAULTS_PER_S = 1_000.0
_FREQUENCY = 0.05
_OTHERS = 0.75
_SPEED = 0.03
_SHARED = 0.1
#: Rounds with an uncontended call whose interval covers what it says.
MIN_ROUNDS = 6


@dataclass(frozen=True, slots=True)
class Summary:
    """The distribution of a latency's uncontended calls, in seconds per call.

    Of all calls where the record does not flag them, or too few were uncontended. ``samples`` were taken, each the mean
    of ``iterations`` calls; ``contended`` is the share of contended ones, ``slowdown`` by how much longer their median
    is, as a fraction, ``None`` where that is unknown. ``interval`` is the median's; ``drift`` how much the rounds'
    medians changed from the first to the last, as a fraction of the median, ``None`` with too few rounds; ``outliers``
    the samples beyond Tukey's far fence. ``compute_only_s`` is the median without copies, if it was taken.
    """

    samples: int
    iterations: int
    comparison_s: float
    min_s: float
    p25_s: float
    p50_s: float
    p75_s: float
    p90_s: float | NotMeasured
    p99_s: float | NotMeasured
    interval: QuantileInterval
    drift: float | None
    outliers: int
    compute_only_s: float | None
    contended: float | None
    slowdown: float | None


def summarize(latency: Latency, usual_s: float | None = None) -> Summary:
    """Return the distribution of a latency with at least one sample.

    ``usual_s`` is the frequency probe's usual time in the latency's run, `usual_probe_s`.
    """
    flags, uncontended = latency.uncontended, uncontended_rounds(latency)
    rounds = [each for each in uncontended or timed_rounds(latency) if each]
    ordered = sorted(chain.from_iterable(rounds))
    p25_s, p50_s, p75_s = (quantile(ordered, share) for share in (0.25, 0.5, 0.75))
    return Summary(
        samples=len(latency.calls.samples_s),
        iterations=latency.calls.iterations,
        comparison_s=comparison_s(latency, usual_s),
        min_s=ordered[0],
        p25_s=p25_s,
        p50_s=p50_s,
        p75_s=p75_s,
        p90_s=_percentile(ordered, *TAILS["p90"], latency.calls.iterations),
        p99_s=_percentile(ordered, *TAILS["p99"], latency.calls.iterations),
        interval=median_interval(rounds, ordered),
        drift=drift(rounds),
        outliers=outliers(ordered),
        compute_only_s=_compute_only(latency),
        contended=flags.count(False) / len(flags) if flags else None,
        slowdown=None if uncontended is None else _slowdown(latency, p50_s),
    )


def _compute_only(latency: Latency) -> float | None:
    """The median of the uncontended calls without copies."""
    if latency.compute_only is None:
        return None
    samples_s, sizes = latency.compute_only.samples_s, latency.compute_only.round_sizes
    kept = uncontended_samples(samples_s, sizes, latency.compute_only_uncontended)
    return median(samples_s if kept is None else list(chain.from_iterable(kept)))


def _slowdown(latency: Latency, uncontended_s: float) -> float | None:
    """By how much the median of the contended calls exceeds ``uncontended_s``, that of the others."""
    if not has_flags(latency):
        return None
    flagged = zip(latency.calls.samples_s, latency.uncontended, strict=True)
    contended = [sample for sample, is_uncontended in flagged if not is_uncontended]
    return median(contended) / uncontended_s - 1 if contended and uncontended_s > 0 else None


def drift(rounds: Sequence[Sequence[float]]) -> float | None:
    """Change of the rounds' medians over the run, as a fraction of the median: Sen's slope (1968) times the rounds."""
    medians = [median(each) for each in rounds if each]
    middle = median(medians)
    if len(medians) < _DRIFT_MIN_ROUNDS or middle <= 0:
        return None
    slopes = [
        (later - earlier) / (step + 1)
        for index, earlier in enumerate(medians)
        for step, later in enumerate(medians[index + 1 :])
    ]
    return median(slopes) * (len(medians) - 1) / middle


def outliers(ordered: Sequence[float]) -> int:
    """How many of these values, in rising order, lie more than three interquartile ranges above p75."""
    low, high = quantile(ordered, 0.25), quantile(ordered, 0.75)
    fence = high + _FAR * (high - low)
    return sum(1 for value in ordered if value > fence)


def _percentile(ordered: Sequence[float], fraction: float, needed: int, iterations: int) -> float | NotMeasured:
    if iterations > 1:
        return NotMeasured("calls too short to be timed singly")
    return quantile(ordered, fraction) if len(ordered) >= needed else NotMeasured("too few calls")


def throughput(batch_size: int, latency_s: float) -> float:
    """Return images per second of one call after another; infinite where the clock saw no time pass."""
    return batch_size / latency_s if latency_s > 0 else float("inf")


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """How well the median of a latency is known: the half-width of its 95% interval, and what the profile asks.

    Both are fractions of the median; ``target`` is ``None`` in an older record. ``causes`` are possible causes where
    the target was not reached, the most likely first: observed at the same time, not proven. ``rounds`` are those with
    an uncontended call.
    """

    half_width: float
    target: float | None
    state: UncertaintyState
    causes: tuple[str, ...] = ()
    rounds: int = 0

    @property
    def is_reached(self) -> bool:
        """Whether the median is known as well as was asked."""
        return self.state == "reached"

    @property
    def is_wide(self) -> bool:
        """Whether the median is known less precisely than was asked."""
        return self.target is not None and self.half_width > self.target

    @property
    def text(self) -> str:
        """As people read it, with what is lacking.

        >>> Uncertainty(0.041, 0.02, "missed").text
        '± 4.1%, wanted 2%'
        """
        wanted = f", wanted {two_digits(self.target or 0.0)}" if self.is_wide else ""
        lacking: dict[UncertaintyState, str] = {
            "missed": wanted,
            "contended": f"{wanted}, from contended calls",
            "few_rounds": f", from {self.rounds} uncontended round{'' if self.rounds == 1 else 's'}",
            "interrupted": ", interrupted",
        }
        return f"± {two_digits(self.half_width)}{lacking.get(self.state, '')}"


def two_digits(share: float) -> str:
    """A share in percent, with two digits.

    >>> two_digits(0.0413), two_digits(0.02), two_digits(1.5)
    ('4.1%', '2%', '150%')
    """
    percent = float(f"{share * 100:.1e}")
    return f"{percent:,.0f}%" if percent >= 10 else f"{percent:g}%"  # noqa: PLR2004  # digits before the point


def uncertainty(latency: Latency, interval: QuantileInterval) -> Uncertainty:
    """How well the median is known by its interval; without a target (an older record) it is known well enough.

    With too few uncontended calls it is not, however little they vary: the figure is of all calls, and shows the
    co-runner. With uncontended calls of few rounds it is of these, but their interval covers less than its level
    (docs/evidence/accuracy.md).
    """
    width, target = interval.relative_half_width, latency.target
    if latency.ended == "interrupted":
        return Uncertainty(width, target, "interrupted")
    if target is None:
        return Uncertainty(width, target, "reached")
    rounds = uncontended_rounds(latency)
    if rounds is None:
        return Uncertainty(width, target, "contended", _causes(latency))
    if width > target:
        return Uncertainty(width, target, "missed", _causes(latency))
    known = sum(map(bool, rounds))
    if known < min(MIN_ROUNDS, len(rounds)):
        return Uncertainty(width, target, "few_rounds", _causes(latency), known)
    return Uncertainty(width, target, "reached")


def system_causes(latency: Latency) -> tuple[str, ...]:
    """What the system did to the process while it was timed that may have affected its calls."""
    found = latency.system_activity
    if found is None:
        return ()
    seen = [cause for cause, is_seen in _CAUSES.items() if is_seen(found)]
    if (found.load_average or 0.0) > (latency.threads or 1) + _OTHERS:
        seen.append("other programs at work")
    return tuple(seen)


def _causes(latency: Latency) -> tuple[str, ...]:
    seen = list(system_causes(latency))
    shared = latency.uncontended.count(False)
    if shared > _SHARED * len(latency.uncontended):
        seen.append(f"a co-runner on the core ({shared / len(latency.uncontended):.0%} of calls)")
    if _spread(latency.probe_s) > _SPEED:
        seen.append("the machine's speed changed")
    return tuple(seen)


def _share(part: float | None, whole: float) -> float:
    return 0.0 if part is None or whole <= 0 else part / whole


def _frequencies_differ(found: SystemActivity) -> bool:
    least, most = found.least_frequency_hz, found.most_frequency_hz
    return least is not None and most is not None and most > least * (1 + _FREQUENCY)


_CAUSES: dict[str, Callable[[SystemActivity], bool]] = {
    "time stolen by the hypervisor": lambda d: _share(d.steal_s, d.wall_s) > _STEAL,
    "throttled for heat": lambda d: bool(d.throttles),
    "pages read from disk": lambda d: bool(d.major_faults),
    "the core was taken by other threads": lambda d: _share(d.involuntary_switches, d.wall_s) > _SWITCHES_PER_S,
    "memory was asked of the system (page faults)": lambda d: _share(d.minor_faults, d.wall_s) > _MINOR_FAULTS_PER_S,
    "the core's frequency changed": _frequencies_differ,
    "Python collected garbage": lambda d: d.collections > 0,
}


def _spread(values: tuple[float, ...]) -> float:
    """From p10 to p90, as a fraction of the median."""
    if not values:
        return 0.0
    ordered = sorted(values)
    middle = quantile(ordered, 0.5)
    return (quantile(ordered, 0.9) - quantile(ordered, 0.1)) / middle if middle > 0 else 0.0


def relative(latency: Latency) -> float:
    """An uncontended call's time as a multiple of the frequency probe's.

    The 5th percentile of the uncontended calls, each divided by the probe's time in its round; of all calls where too
    few were uncontended. It compares one cell between runs on one machine. In a record without the probe (schema 1) it
    is in seconds, and not a ratio.
    """
    rounds = uncontended_rounds(latency) or timed_rounds(latency)
    return quantile(sorted(by_probe(rounds, latency.probe_s) if has_probe(latency) else chain(*rounds)), QUIET)


def by_probe(rounds: Sequence[Sequence[float]], probe_s: Sequence[float]) -> list[float]:
    """The samples of all rounds, each divided by the frequency probe's time in its round."""
    pairs = zip(rounds, probe_s, strict=True)
    return list(chain.from_iterable(map(truediv, each, repeat(reference)) for each, reference in pairs))


@lru_cache(maxsize=256)  # the cells of a run: tables ask for each several times
def uncontended_rounds(latency: Latency) -> Sequence[Sequence[float]] | None:
    """The uncontended samples of each round in rising order, without empty rounds; ``None`` if too few."""
    kept = uncontended_samples(latency.calls.samples_s, latency.calls.round_sizes, latency.uncontended)
    if kept is None:
        return None
    return tuple(tuple(sorted(each)) for each, size in zip(kept, latency.calls.round_sizes, strict=True) if size)


def timed_rounds(latency: Latency) -> list[list[float]]:
    """The samples of each round in rising order, without empty rounds."""
    return [sorted(each) for each in in_rounds(latency.calls.samples_s, latency.calls.round_sizes) if each]


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
