"""How the machine is just now, asked before and after a pass."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from lab4.kernels.contention import contention_s
from lab4.kernels.reference import reference_s

__all__ = ["Kernels", "Look", "beside", "here"]

#: Cores that are asked at most: of many, a call uses few at a time.
_MOST_CORES = 4
#: Whichever core it was.
_ANY = -1


class Kernels(NamedTuple):
    """Seconds of the reference kernel, which tells the speed, and of the contention kernel."""

    reference_s: float
    contention_s: float


@dataclass(frozen=True, slots=True)
class Look:
    """How the machine is just now, by core: under -1 where that could not be chosen."""

    cores: Mapping[int, Kernels]

    @property
    def reference_s(self) -> float:
        """The reference kernel's seconds on the fastest core."""
        return min(each.reference_s for each in self.cores.values())

    @property
    def ratios(self) -> dict[int, float]:
        """By core, the contention kernel's time as a multiple of the reference kernel's."""
        return {core: each.contention_s / each.reference_s for core, each in self.cores.items()}


def here() -> Kernels:
    """Look at the core that this thread happens to be on: some 0.3 ms."""
    return Kernels(reference_s(), contention_s())


def beside() -> Look:
    """Look at the cores that this thread may use: a call that spreads over several waits for the last."""
    if not hasattr(os, "sched_setaffinity"):
        return Look({_ANY: here()})
    allowed = os.sched_getaffinity(0)
    if len(allowed) == 1:
        return Look({next(iter(allowed)): here()})
    try:
        return Look({core: _on(core) for core in _some(sorted(allowed))})
    except OSError:  # a container may forbid it
        return Look({_ANY: here()})
    finally:
        with suppress(OSError):
            os.sched_setaffinity(0, allowed)


def _on(core: int) -> Kernels:
    os.sched_setaffinity(0, {core})
    return here()


def _some(cores: Sequence[int]) -> Sequence[int]:
    """The first, the last and some between."""
    count = min(_MOST_CORES, len(cores))
    return [cores[index * (len(cores) - 1) // (count - 1)] for index in range(count)]
