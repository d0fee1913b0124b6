"""What a contender's process does: make calls, keep them, and time them a window at a time."""

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter
from typing import Any

from lab4.domain.timing import TimingBudget
from lab4.kernels import without_gc
from lab4.measure.cores import pinned
from lab4.measure.latency import iterations_for, time_calls, warm_up

__all__ = ["Calls", "keep_calls", "keep_epoch", "timed_calls", "timed_epochs"]

#: A call by what its clock contains: ``whole`` with the copies of input and output, ``compute`` without.
Calls = Mapping[str, Callable[[], Any]]
_WARMUP_S = 0.3
_MOST_CALLS = 10**6

_CALLS: dict[str, dict[str, tuple[Callable[[], Any], int]]] = {}
_EPOCHS: dict[str, Callable[[], None]] = {}


def keep_calls(key: str, threads: int | None, make: Callable[..., tuple[Calls, Any]], *arguments: Any) -> Any:
    """Make the calls, warm them up and keep them; returns the outputs of one, to be compared."""
    with pinned(threads):
        calls, outputs = make(*arguments)
        _CALLS[key] = {}
        for content, call in calls.items():
            _, call_s = warm_up(call, _WARMUP_S)
            _CALLS[key][content] = call, iterations_for(call_s)
    return outputs


def timed_calls(key: str, threads: int | None, seconds: float) -> dict[str, float]:
    """Time each kept call for so long, as the suite times its own; returns median seconds per call."""
    budget = TimingBudget(seconds, 3, _MOST_CALLS)
    with pinned(threads), without_gc():
        kept = _CALLS[key].items()
        return {content: median(time_calls(call, budget, iterations)) for content, (call, iterations) in kept}


def keep_epoch(key: str, make: Callable[..., Callable[[], None]], *arguments: Any) -> None:
    """Make what trains an epoch and waits for its end; run one, which compiles, and keep it."""
    _EPOCHS[key] = make(*arguments)
    _EPOCHS[key]()


def timed_epochs(key: str, seconds: float) -> float:
    """Train whole epochs for so long, one at least; returns median seconds per epoch."""
    found: list[float] = []
    with without_gc():
        end = perf_counter()
        stop = end + seconds
        while end < stop or not found:
            start = perf_counter()
            _EPOCHS[key]()
            end = perf_counter()
            found.append(end - start)
    return median(found)
