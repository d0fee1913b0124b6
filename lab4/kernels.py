"""Kernels of fixed work, which show how fast the machine is at the moment, and whether something shares its cores."""

import gc
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import perf_counter_ns
from typing import NamedTuple

_BLOCK_32_KIB = bytes(range(256)) * 128
_BLOCK_64_KIB = _BLOCK_32_KIB * 2
#: Cores that are probed at most: of many, a call uses few at a time.
_MOST_CORES = 4
#: Whichever core it was.
_ANY = -1


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


def least_s(work: Callable[[], object], repeats: int = 5) -> float:
    """Seconds that the fastest of some repeats takes."""
    least = 2**63
    with without_gc():
        for _ in range(repeats):
            start = perf_counter_ns()
            work()
            least = min(least, perf_counter_ns() - start)
    return least / 1e9


def frequency_probe_s() -> float:
    """Seconds to hash 64 KiB with SHA-256: the least of five.

    It runs from the cache, in one thread, without Python and without any runtime's thread pool, and each of its steps
    waits for the one before: so that nothing but the core's own speed (its frequency) changes it.
    """
    return least_s(lambda: hashlib.sha256(_BLOCK_64_KIB).digest())


def contention_probe_s() -> float:
    """Seconds to hash 32 KiB with BLAKE2b: the least of five.

    It keeps all of a core's arithmetic units at work, as a matrix product does, so that a co-runner
    on the core's other hardware thread makes it half as long again. The frequency probe waits for its own last step and
    does not change by that: their ratio distinguishes a shared core from a slow one.
    """
    return least_s(lambda: hashlib.blake2b(_BLOCK_32_KIB).digest())


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
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_setaffinity") else {_ANY}
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
