"""A kernel of fixed work that tells how fast the machine itself is just now."""

import hashlib
from time import perf_counter_ns

from lab4.measure.latency import without_gc

__all__ = ["reference_s"]

_BLOCK = bytes(range(256)) * 256
_REPEATS = 5


def reference_s() -> float:
    """Seconds to hash 64 KiB with SHA-256: the least of five.

    It runs from the cache, in one thread, without Python and without any runtime's thread pool, so that nothing but
    the core's own speed (frequency, a neighbour on the same core, time stolen from a virtual machine) changes it.
    """
    least = 2**63
    with without_gc():
        for _ in range(_REPEATS):
            start = perf_counter_ns()
            hashlib.sha256(_BLOCK).digest()
            least = min(least, perf_counter_ns() - start)
    return least / 1e9
