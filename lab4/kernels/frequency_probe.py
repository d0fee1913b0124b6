"""Fixed work that shows how fast the machine itself is just now."""

import hashlib

from lab4.kernels.timed import least_s

__all__ = ["frequency_probe_s"]

_BLOCK = bytes(range(256)) * 256


def frequency_probe_s() -> float:
    """Seconds to hash 64 KiB with SHA-256: the least of five.

    It runs from the cache, in one thread, without Python and without any runtime's thread pool, and each of its steps
    waits for the one before: so that nothing but the core's own speed (its frequency) changes it.
    """
    return least_s(lambda: hashlib.sha256(_BLOCK).digest())
