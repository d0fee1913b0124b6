"""A kernel that tells whether something else works on the core just now."""

import hashlib

from lab4.kernels.timed import least_s

__all__ = ["contention_s"]

_BLOCK = bytes(range(256)) * 128


def contention_s() -> float:
    """Seconds to hash 32 KiB with BLAKE2b: the least of five.

    It keeps all of a core's arithmetic units at work, as a matrix product does, so that whoever shares them (a
    neighbour on the core's other hardware thread) makes it half as long again. The reference kernel waits for its own
    last step and does not feel that: their ratio tells a shared core from a slow one.
    """
    return least_s(lambda: hashlib.blake2b(_BLOCK).digest())
