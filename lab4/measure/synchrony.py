"""Whether a call that returned had done its work: the check that no asynchronous runner passes."""

from collections.abc import Callable
from time import perf_counter_ns
from typing import Any

from lab4.domain.errors import DisagreementError

__all__ = ["check_synchronous", "unfinished_s"]

_REPEATS = 7
_LOOKS = 4
#: What may be outstanding: a twentieth of the call, and the noise of waiting for something that is done.
_SHARE, _NOISE_S = 0.05, 50e-6


def unfinished_s(call: Callable[[], Any], settle: Callable[[Any], object]) -> float:
    """Seconds of work that are still outstanding when ``call`` returns.

    ``settle`` waits until the result it is given is on the host and every device is idle. Settled at once, a result
    costs what settling costs and what ``call`` left to do; the result of another call, settled after as long a time,
    costs settling alone. The difference of the least of seven of each is what was left. Settling one result twice
    would not show it: the first of two waits and copies to the host costs a GPU 0.1 ms more, with nothing left to do.
    """
    at_once = later = 2**63
    for _ in range(_REPEATS):
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

    Raises:
        DisagreementError: with how long the result took after the call had returned.
    """
    allowed = _NOISE_S + _SHARE * call_s
    outstanding = float("inf")
    for _ in range(_LOOKS):  # a busy machine may hold up one look; work that is left is left every time
        outstanding = min(outstanding, unfinished_s(call, settle))
        if outstanding <= allowed:
            return
    raise DisagreementError(
        f"the runner returns before its work is done: a call of {call_s * 1e3:.3g} ms leaves "
        f"{outstanding * 1e3:.3g} ms of work; wait for the device inside `run`"
    )
