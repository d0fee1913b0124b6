"""The clock's own cost, and how many calls must be timed together for it not to matter."""

from functools import lru_cache
from itertools import pairwise
from math import ceil
from time import perf_counter_ns

__all__ = ["clock_cost_s", "iterations_for", "resolution_s"]

#: The clock's cost may be this share of what it times: one percent.
_SHARE = 0.01
_READINGS = 2_000


def _nothing() -> None:
    pass


@lru_cache(maxsize=1)
def clock_cost_s() -> float:
    """Seconds that two readings of the clock and an empty call take: the least of 2,000."""
    least = 2**63
    for _ in range(_READINGS):
        start = perf_counter_ns()
        _nothing()
        least = min(least, perf_counter_ns() - start)
    return least / 1e9


@lru_cache(maxsize=1)
def resolution_s() -> float:
    """Seconds of the smallest step that the clock was seen to take, in 2,000 readings."""
    readings = [perf_counter_ns() for _ in range(_READINGS)]
    steps = [after - before for before, after in pairwise(readings) if after > before]
    return min(steps, default=0) / 1e9


def iterations_for(call_s: float) -> int:
    """How many calls one sample holds, for a call that takes so long: 1, unless the clock's cost would show.

    A sample of several calls is their mean, so that percentiles are of such means: only calls of under a hundred
    times the clock's cost (some 10 us) are timed so.
    """
    return max(1, ceil(clock_cost_s() / _SHARE / max(call_s, 1e-9)))
