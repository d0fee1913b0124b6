"""What a profiler measured of a model's operators."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from lab4.domain.profiled import OperatorTime

#: Calls before those that are profiled, the least and most that are, and for how long, in seconds.
WARM_UP, LEAST, MOST, LIMIT_S = 3, 5, 100, 2.0


_NARROW = {"int8", "uint8", "int16", "uint16"}
#: Name, type, place and dtype of an operator.
_Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """One operator in one call: for how long it ran, in seconds, less the operators inside it.

    ``dtype`` is as in `OperatorTime`.
    """

    name: str
    type: str
    where: str
    seconds: float
    dtype: str = ""


def dtype_of(inputs: Sequence[str]) -> str:
    """The dtype that says what an operator computes in, of those of its inputs; empty where it has none.

    Matrix products that quantize their first input themselves have weights of 8 bits.

    >>> dtype_of(["float32", "int8", "float32"]), dtype_of(["float32", "int64"]), dtype_of([])
    ('int8', 'float32', '')
    """
    return next((each for each in inputs if each in _NARROW), next(iter(inputs), ""))


def operator_times(calls: Sequence[Sequence[Step]], calls_s: Sequence[float]) -> tuple[OperatorTime, ...]:
    """Put the steps of all calls together by operator; one that did not run in a call took no time there."""
    total = sum(calls_s) or 1.0
    by_call = [_by_operator(steps) for steps in calls]
    keys = dict.fromkeys(key for found in by_call for key in found)
    times = []
    for key in keys:
        name, kind, where, dtype = key
        runs = [found.get(key, (0, 0.0)) for found in by_call]
        seconds = [each for _, each in runs]
        per_call = sum(count for count, _ in runs) / len(runs)
        times.append(OperatorTime(name, kind, where, per_call, median(seconds), sum(seconds) / total, dtype))
    return tuple(sorted(times, key=lambda each: -each.share))


def _by_operator(steps: Iterable[Step]) -> Mapping[_Key, tuple[int, float]]:
    found: dict[_Key, tuple[int, float]] = {}
    for step in steps:
        key = step.name, step.type, step.where, step.dtype
        count, seconds = found.get(key, (0, 0.0))
        found[key] = count + 1, seconds + step.seconds
    return found
