"""Fixed work that shows whether the core has a co-runner just now."""

import hashlib

from lab4.kernels.timed import least_s

__all__ = ["contention_probe_s"]

_BLOCK = bytes(range(256)) * 128


def contention_probe_s() -> float:
    """Seconds to hash 32 KiB with BLAKE2b: the least of five.

    It keeps all of a core's arithmetic units at work, as a matrix product does, so that a co-runner
    on the core's other hardware thread makes it half as long again. The frequency probe waits for its own last step and
    does not change by that: their ratio distinguishes a shared core from a slow one.
    """
    return least_s(lambda: hashlib.blake2b(_BLOCK).digest())
