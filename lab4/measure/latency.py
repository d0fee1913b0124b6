"""Seconds per call."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import repeat
from time import perf_counter_ns

from lab4.domain.timing import TimingBudget
from lab4.kernels.timed import without_gc

__all__ = ["Timing", "time_call", "time_calls"]


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds per call, in order; each sample is the mean of ``iterations`` calls."""

    samples_s: tuple[float, ...]
    iterations: int = 1


def time_call(call: Callable[[], object]) -> float:
    """Seconds of one call: the first one, which is apart from all others."""
    with without_gc():
        start = perf_counter_ns()
        call()
        return (perf_counter_ns() - start) / 1e9


def _several(call: Callable[[], object], iterations: int) -> Callable[[], object]:
    def calls() -> None:
        for _ in repeat(None, iterations):
            call()

    return calls


def time_calls(call: Callable[[], object], budget: TimingBudget, iterations: int = 1) -> Timing:
    """Time ``call``, which must return only when its result is on the host, again and again; nothing warms up.

    With one iteration each sample is one call between two readings of the clock, so that percentiles are of calls
    and not of means. The clock's own cost (`lab4.measure.clock`), about 0.1 us, is inside every sample.
    """
    timed = call if iterations == 1 else _several(call, iterations)
    with without_gc():
        samples: list[int] = []
        now = perf_counter_ns()
        stop = now + int(budget.seconds * 1e9)
        while len(samples) < budget.min_calls or (now < stop and len(samples) < budget.max_calls):
            start = perf_counter_ns()
            timed()
            now = perf_counter_ns()
            samples.append(now - start)
    return Timing(tuple(sample / 1e9 / iterations for sample in samples), iterations)
