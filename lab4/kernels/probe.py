"""How the machine is just now, asked before and after a burst of calls."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from lab4.kernels.contention_probe import contention_probe_s
from lab4.kernels.frequency_probe import frequency_probe_s

__all__ = ["Probe", "ProbeTimes", "probe", "probe_here"]

#: Cores that are probed at most: of many, a call uses few at a time.
_MOST_CORES = 4
#: Whichever core it was.
_ANY = -1


class ProbeTimes(NamedTuple):
    """Seconds of the frequency probe, which reports the speed, and of the contention probe."""

    frequency_s: float
    contention_s: float


@dataclass(frozen=True, slots=True)
class Probe:
    """How the machine is just now, by core: under -1 where that could not be chosen."""

    cores: Mapping[int, ProbeTimes]

    @property
    def frequency_s(self) -> float:
        """The frequency probe's seconds on the fastest core."""
        return min(each.frequency_s for each in self.cores.values())

    @property
    def ratios(self) -> dict[int, float]:
        """By core, the contention probe's time as a multiple of the frequency probe's."""
        return {core: each.contention_s / each.frequency_s for core, each in self.cores.items()}


def probe_here() -> ProbeTimes:
    """Probe the core that this thread happens to be on: some 0.3 ms."""
    return ProbeTimes(frequency_probe_s(), contention_probe_s())


def probe() -> Probe:
    """Probe the cores that this thread may use: a call that spreads over several waits for the last."""
    if not hasattr(os, "sched_setaffinity"):
        return Probe({_ANY: probe_here()})
    allowed = os.sched_getaffinity(0)
    if len(allowed) == 1:
        return Probe({next(iter(allowed)): probe_here()})
    try:
        return Probe({core: _on(core) for core in _some(sorted(allowed))})
    except OSError:  # a container may forbid it
        return Probe({_ANY: probe_here()})
    finally:
        with suppress(OSError):
            os.sched_setaffinity(0, allowed)


def _on(core: int) -> ProbeTimes:
    os.sched_setaffinity(0, {core})
    return probe_here()


def _some(cores: Sequence[int]) -> Sequence[int]:
    """The first, the last and some between."""
    count = min(_MOST_CORES, len(cores))
    return [cores[index * (len(cores) - 1) // (count - 1)] for index in range(count)]
