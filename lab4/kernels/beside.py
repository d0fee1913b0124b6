"""How the machine is just now, asked before and after a pass."""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from lab4.kernels.contention import contention_s
from lab4.kernels.reference import reference_s

__all__ = ["Look", "beside", "here"]

#: Cores that are asked at most: of many, a call uses few at a time.
_MOST_CORES = 4


@dataclass(frozen=True, slots=True)
class Look:
    """How the machine is just now: the reference kernel's seconds, and the contention kernel's as their multiple."""

    reference_s: float
    contention: float


def here() -> Look:
    """Look at the core that this thread happens to be on: some 0.3 ms."""
    speed_s = reference_s()
    return Look(speed_s, contention_s() / speed_s)


def beside() -> Look:
    """Look at the fastest and at the most shared of the cores that this thread may use.

    A call that spreads over several waits for the last.
    """
    if not hasattr(os, "sched_setaffinity"):
        return here()
    allowed = os.sched_getaffinity(0)
    if len(allowed) == 1:
        return here()
    try:
        found = [_on(core) for core in _some(sorted(allowed))]
    except OSError:  # a container may forbid it
        return here()
    finally:
        with suppress(OSError):
            os.sched_setaffinity(0, allowed)
    return Look(min(each.reference_s for each in found), max(each.contention for each in found))


def _on(core: int) -> Look:
    os.sched_setaffinity(0, {core})
    return here()


def _some(cores: Sequence[int]) -> Sequence[int]:
    """The first, the last and some between."""
    count = min(_MOST_CORES, len(cores))
    return [cores[index * (len(cores) - 1) // (count - 1)] for index in range(count)]
