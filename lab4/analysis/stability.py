"""Whether a latency was measured to its target, and possible causes where it was not."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from lab4.analysis.judging import uncontended_rounds
from lab4.domain.observed import Latency, SystemActivity
from lab4.sampling.interval import MedianInterval
from lab4.sampling.quantiles import quantile

StabilityState = Literal["steady", "unstable", "interrupted"]

#: Above these something has affected a measurement; below them every machine has some of it.
_STEAL = 0.01
_SWITCHES_PER_S = 20.0
_MINOR_FAULTS_PER_S = 1_000.0
_FREQUENCY = 0.05
_OTHERS = 0.75
_SPEED = 0.03
_SHARED = 0.1
#: Rounds with an uncontended call whose interval covers what it says.
_MIN_ROUNDS = 6


@dataclass(frozen=True, slots=True)
class Stability:
    """``steady`` where the interval of the median met the profile's target, ``unstable`` where it did not.

    ``causes`` are possible causes, the most likely first: observed at the same time, not proven.
    """

    state: StabilityState
    causes: tuple[str, ...]


def stability(latency: Latency, interval: MedianInterval) -> Stability:
    """Judge a latency by the interval of its median; without a target (an older record) it is steady if it has one.

    One with few uncontended calls is not steady, however little they vary: they show the co-runner, and an interval of
    fewer rounds covers less than its level (docs/evidence/accuracy.md).
    """
    if latency.ended == "interrupted":
        return Stability("interrupted", ())
    if latency.target is None:
        return Stability("steady", ())
    rounds = uncontended_rounds(latency) or []
    known = sum(map(bool, rounds))
    if interval.relative_half_width <= latency.target and known and known >= min(_MIN_ROUNDS, len(rounds)):
        return Stability("steady", ())
    return Stability("unstable", _causes(latency))


def _causes(latency: Latency) -> tuple[str, ...]:
    found = latency.system_activity
    seen = [] if found is None else [cause for cause, is_seen in _CAUSES.items() if is_seen(found)]
    if found is not None and (found.load_average or 0.0) > (latency.threads or 1) + _OTHERS:
        seen.append("other programs at work")
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
