"""How often a model is called under a profiler."""

from collections.abc import Callable
from statistics import median
from time import perf_counter

from lab4.profiling.operators import LEAST, LIMIT_S, MOST, WARM_UP


def timed(call: Callable[[], object]) -> float:
    """The seconds of one call."""
    start = perf_counter()
    call()
    return perf_counter() - start


def plain_call_s(call: Callable[[], object]) -> tuple[float, int]:
    """The median seconds of a call after a warm-up, and how many calls fit into the time of a profile."""
    for _ in range(WARM_UP):
        call()
    seconds = median(timed(call) for _ in range(LEAST))
    return seconds, max(LEAST, min(MOST, int(LIMIT_S / seconds) if seconds else MOST))
