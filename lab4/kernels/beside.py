"""How the machine is just now, asked before and after a pass."""

import os
from collections.abc import Sequence

from lab4.kernels.contention import contention_s
from lab4.kernels.reference import reference_s

__all__ = ["beside"]

#: Cores that are asked at most: of many, a call uses few at a time.
_MOST_CORES = 4


def beside() -> tuple[float, float]:
    """The reference kernel's time in seconds, and the contention kernel's as a multiple of it.

    Of the fastest and of the most shared of the cores that this thread may use: a call that spreads over several waits
    for the last.
    """
    if not hasattr(os, "sched_setaffinity"):
        return _here()
    allowed = os.sched_getaffinity(0)
    if len(allowed) == 1:
        return _here()
    try:
        found = [_on(core) for core in _some(sorted(allowed))]
    except OSError:  # a container may forbid it
        return _here()
    finally:
        os.sched_setaffinity(0, allowed)
    return min(speed_s for speed_s, _ in found), max(contention for _, contention in found)


def _on(core: int) -> tuple[float, float]:
    os.sched_setaffinity(0, {core})
    return _here()


def _here() -> tuple[float, float]:
    speed_s = reference_s()
    return speed_s, contention_s() / speed_s


def _some(cores: Sequence[int]) -> Sequence[int]:
    """The first, the last and some between."""
    count = min(_MOST_CORES, len(cores))
    return [cores[index * (len(cores) - 1) // (count - 1)] for index in range(count)]
