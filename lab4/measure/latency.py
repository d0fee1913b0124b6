"""Seconds per call: the clock's own cost, calls until they are warm, the calls that count, and that they wait."""

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise, repeat
from math import ceil
from time import perf_counter_ns
from typing import Any

from lab4.domain.errors import DisagreementError
from lab4.domain.observed import WarmUp
from lab4.domain.timing import TimingBudget
from lab4.kernels import least_s, without_gc
from lab4.sampling.quantiles import median
from lab4.sampling.steady import LEAST_CALLS, is_steady

#: The clock's cost may be this share of what it times: one percent.
_SHARE = 0.01
_READINGS = 2_000
_MOST_WARM_UP_CALLS = 4096
#: Results that are waited for at once; then measurements of what is left, and results that each of them waits for.
_GLANCES, _LOOKS, _SETTLED = 3, 4, 7
#: What may be outstanding: a twentieth of the call, and the noise of waiting for something that is done.
_OUTSTANDING_SHARE, _NOISE_S = 0.05, 50e-6


@lru_cache(maxsize=1)
def clock_cost_s() -> float:
    """Seconds that two readings of the clock and an empty call take: the least of 2,000."""
    return least_s(lambda: None, _READINGS)


@lru_cache(maxsize=1)
def resolution_s() -> float:
    """Seconds of the smallest step that the clock was seen to take, in 2,000 readings."""
    readings = [perf_counter_ns() for _ in range(_READINGS)]
    return min((after - before for before, after in pairwise(readings) if after > before), default=0) / 1e9


def iterations_for(call_s: float) -> int:
    """How many calls one sample holds, for a call that takes so long: 1, unless the clock's cost would show.

    A sample of several calls is their mean, so that percentiles are of such means: only calls of under a hundred
    times the clock's cost (about 6 us) are timed so.
    """
    return max(1, ceil(clock_cost_s() / _SHARE / max(call_s, 1e-9)))


def warm_up(call: Callable[[], object], limit_s: float) -> tuple[WarmUp, float]:
    """Call until steady (`lab4.sampling.steady.is_steady`, asked whenever the calls have doubled) or for ``limit_s``.

    Two calls are made at least. Returns what was done, and the seconds that a warm call takes.
    """
    durations: list[int] = []
    ask, steady = LEAST_CALLS, False
    with without_gc():
        began = now = perf_counter_ns()
        stop = began + limit_s * 1e9
        while len(durations) < 2 or (not steady and now < stop and len(durations) < _MOST_WARM_UP_CALLS):  # noqa: PLR2004
            start = perf_counter_ns()
            call()
            now = perf_counter_ns()
            durations.append(now - start)
            if len(durations) == ask:
                steady, ask = is_steady(durations), ask * 2
    return WarmUp(len(durations), (now - began) / 1e9, steady), usual_s(durations)


def usual_s(durations_ns: list[int]) -> float:
    """Seconds of a call, from the later half of some durations in nanoseconds."""
    return median(durations_ns[len(durations_ns) // 2 :]) / 1e9


def time_call(call: Callable[[], object]) -> float:
    """Seconds of one call: the first one, which is apart from all others."""
    return time_calls(call, TimingBudget(0, min_calls=1))[0]


def time_calls(call: Callable[[], object], budget: TimingBudget, iterations: int = 1) -> tuple[float, ...]:
    """Time ``call``, which must return only when its result is on the host, again and again; nothing warms up.

    Returns seconds per call, in order; each sample is the mean of ``iterations`` calls. With one iteration it is one
    call between two readings of the clock, so that percentiles are of calls and not of means. The clock's own cost
    (`clock_cost_s`), about 60 ns, is inside every sample.
    """

    def several() -> None:
        for _ in repeat(None, iterations):
            call()

    timed = call if iterations == 1 else several
    samples: list[int] = []
    with without_gc():
        now = perf_counter_ns()
        stop = now + int(budget.seconds * 1e9)
        while len(samples) < budget.min_calls or (now < stop and len(samples) < budget.max_calls):
            start = perf_counter_ns()
            timed()
            now = perf_counter_ns()
            samples.append(now - start)
    return tuple(sample / 1e9 / iterations for sample in samples)


def unfinished_s(call: Callable[[], Any], settle: Callable[[Any], object]) -> float:
    """Seconds of work that are still outstanding when ``call`` returns.

    ``settle`` waits until the result it is given is on the host and every device is idle. Settled at once, a result
    costs what settling costs and what ``call`` left to do; the result of another call, settled after as long a time,
    costs settling alone. The difference of the least of seven of each is what was left. Settling one result twice
    would not show it: the first of two waits and copies to the host costs a GPU 0.1 ms more, with nothing left to do.
    """
    at_once = later = 2**63
    for _ in range(_SETTLED):
        spent = _settling_ns(call, settle, 0)
        at_once = min(at_once, spent)
        later = min(later, _settling_ns(call, settle, spent))
    return max(0, at_once - later) / 1e9


def _settling_ns(call: Callable[[], Any], settle: Callable[[Any], object], pause_ns: int) -> int:
    result = call()
    start = perf_counter_ns()
    while perf_counter_ns() - start < pause_ns:  # not asleep: a core that wakes up is slower
        pass
    start = perf_counter_ns()
    settle(result)
    return perf_counter_ns() - start


def check_synchronous(call: Callable[[], Any], settle: Callable[[Any], object], call_s: float) -> None:
    """Refuse a runner whose calls return before their work is done; ``call_s`` is what one seems to take.

    Raises `DisagreementError` with how long the result took after the call had returned.
    """
    allowed = _NOISE_S + _OUTSTANDING_SHARE * call_s
    # Settling a result at once takes as long as the work that was left, at least: if it is quick, nothing was left.
    if all(_settling_ns(call, settle, 0) <= allowed * 1e9 for _ in range(_GLANCES)):
        return
    outstanding = float("inf")
    for _ in range(_LOOKS):  # a busy machine may hold up one look; work that is left is left every time
        outstanding = min(outstanding, unfinished_s(call, settle))
        if outstanding <= allowed:
            return
    raise DisagreementError(
        f"the runner returns before its work is done: a call of {call_s * 1e3:.3g} ms leaves "
        f"{outstanding * 1e3:.3g} ms of work; wait for the device inside `run`"
    )
