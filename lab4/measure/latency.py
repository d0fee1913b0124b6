"""Seconds per call."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter_ns

__all__ = ["Budget", "Timing", "time_call", "time_calls", "without_gc"]


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a cell is measured: for ``seconds``, but at least ``min_calls`` and at most ``max_calls`` calls."""

    seconds: float
    min_calls: int = 10
    max_calls: int = 5_000


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of each call, in order, after ``warmup_calls`` that were not kept."""

    warmup_calls: int
    samples_s: tuple[float, ...]


@contextmanager
def without_gc() -> Iterator[None]:
    """Keep Python's garbage collector out of the clock."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def time_call(call: Callable[[], object]) -> float:
    """Seconds of one call: the first one, which is apart from all others."""
    with without_gc():
        start = perf_counter_ns()
        call()
        return (perf_counter_ns() - start) / 1e9


def _warm_up(call: Callable[[], object], seconds: float) -> int:
    """Call for ``seconds``, at least twice; returns how often."""
    stop = perf_counter_ns() + int(seconds * 1e9)
    calls = 0
    while calls < 2 or perf_counter_ns() < stop:  # noqa: PLR2004
        call()
        calls += 1
    return calls


def time_calls(call: Callable[[], object], budget: Budget) -> Timing:
    """Time single calls of ``call``, which must return only when its result is on the host.

    Each sample is one call between two readings of the clock, so that percentiles are of calls and not of
    means. The clock's own cost, about 50 ns, is inside every sample. A quarter of the budget warms up.
    """
    with without_gc():
        warmup = _warm_up(call, budget.seconds / 4)
        samples: list[int] = []
        stop = perf_counter_ns() + int(budget.seconds * 1e9)
        now = perf_counter_ns()
        while len(samples) < budget.min_calls or (now < stop and len(samples) < budget.max_calls):
            start = perf_counter_ns()
            call()
            now = perf_counter_ns()
            samples.append(now - start)
    return Timing(warmup, tuple(sample / 1e9 for sample in samples))
