"""What a profiler measured of a model's operators."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from lab4.domain.profiled import OperatorTime

#: Calls before those that are profiled, the least and most that are, and for how long, in seconds.
WARM_UP, LEAST, MOST, LIMIT_S = 3, 5, 100, 2.0


@dataclass(frozen=True, slots=True)
class Step:
    """One operator in one call: for how long it ran, in seconds, less the operators inside it."""

    name: str
    type: str
    where: str
    seconds: float


def operator_times(calls: Sequence[Sequence[Step]], calls_s: Sequence[float]) -> tuple[OperatorTime, ...]:
    """Put the steps of all calls together by operator; one that did not run in a call took no time there."""
    total = sum(calls_s) or 1.0
    by_call = [_by_operator(steps) for steps in calls]
    keys = dict.fromkeys(key for found in by_call for key in found)
    times = []
    for name, kind, where in keys:
        runs = [found.get((name, kind, where), (0, 0.0)) for found in by_call]
        seconds = [each for _, each in runs]
        per_call = sum(count for count, _ in runs) / len(runs)
        times.append(OperatorTime(name, kind, where, per_call, median(seconds), sum(seconds) / total))
    return tuple(sorted(times, key=lambda each: -each.share))


def _by_operator(steps: Iterable[Step]) -> Mapping[tuple[str, str, str], tuple[int, float]]:
    found: dict[tuple[str, str, str], tuple[int, float]] = {}
    for step in steps:
        count, seconds = found.get((step.name, step.type, step.where), (0, 0.0))
        found[step.name, step.type, step.where] = count + 1, seconds + step.seconds
    return found
