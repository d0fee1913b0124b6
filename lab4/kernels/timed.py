"""The time of a piece of fixed work."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter_ns

__all__ = ["least_s", "without_gc"]

_REPEATS = 5


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


def least_s(work: Callable[[], object]) -> float:
    """Seconds that the fastest of five takes."""
    least = 2**63
    with without_gc():
        for _ in range(_REPEATS):
            start = perf_counter_ns()
            work()
            least = min(least, perf_counter_ns() - start)
    return least / 1e9
