"""Calls before the first that counts, until they no longer become faster."""

from collections.abc import Callable
from time import perf_counter_ns

from lab4.domain.observed import WarmUp
from lab4.kernels.timed import without_gc
from lab4.sampling.quantiles import median
from lab4.sampling.steady import LEAST_CALLS, is_steady

__all__ = ["usual_s", "warm_up"]

_MOST_CALLS = 4096


def warm_up(call: Callable[[], object], limit_s: float) -> tuple[WarmUp, float]:
    """Call until steady (`lab4.sampling.steady.is_steady`, asked whenever the calls have doubled) or for ``limit_s``.

    Two calls are made at least. Returns what was done, and the seconds that a warm call takes.
    """
    durations: list[int] = []
    ask, steady = LEAST_CALLS, False
    with without_gc():
        began = now = perf_counter_ns()
        while len(durations) < 2 or (not steady and now - began < limit_s * 1e9 and len(durations) < _MOST_CALLS):  # noqa: PLR2004
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
